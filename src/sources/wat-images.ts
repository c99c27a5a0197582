/** Images of the pages of WAT records: JSON that Common Crawl's and the Internet Archive's extractor writes of a page. */
import { decodeEntities } from "./html-images.ts";
import { IMAGE_TEXTS, type ImagePage, type PageImage } from "./web-images.ts";

/** A link as the extractor writes it: `{"path":"IMG@/src","alt":"…","url":"…"}`. */
type Link = Readonly<Record<string, unknown>>;

/**
 * Attributes of `<img>` that hold the address of the image. The extractor also writes `longdesc`, which leads to a page,
 * and others.
 */
const ADDRESSES: ReadonlySet<string> = new Set(["src", "data-src", "data-original", "data-lazy-src"]);

const PATH = "IMG@/";

/**
 * Finds the images in the JSON of a WAT record, without parsing what is not about images: most of it is other links. Only
 * where an object of an image does not begin as the extractor writes it, or the page says what addresses are relative to,
 * all of it is parsed.
 *
 * The extractor leaves entities in attributes as the page has them; they are decoded here. It tells of links of an image
 * one by one, not which of them belong together, so that each gives an image, with the texts that stand beside it.
 *
 * @param json UTF-8
 * @returns undefined if the JSON is damaged where it was looked at, or at its end
 */
export function findWatImages(json: Buffer): ImagePage | undefined {
  let last = json.length - 1;
  while (last >= 0 && json[last]! <= 0x20) last -= 1;
  if (json[0] !== 0x7b || json[last] !== 0x7d) return undefined;
  const images: PageImage[] = [];
  for (let at = json.indexOf(NEEDLE); at >= 0; at = json.indexOf(NEEDLE, at + 1)) {
    if (json[at - 1] !== QUOTE || json[at - 2] === BACKSLASH) continue;
    const start = at - BEFORE.length;
    if (start < 0 || BEFORE.compare(json, start, at) !== 0) return findByParsing(json);
    const end = findEnd(json, start);
    if (end < 0) return undefined;
    const link = parse(json.toString("utf8", start, end));
    if (link === undefined) return findByParsing(json);
    const image = toImage(link);
    if (image !== undefined) images.push(image);
    at = end;
  }
  if (images.length > 0 && json.indexOf(BASE) >= 0) return findByParsing(json);
  return { address: undefined, base: undefined, images };
}

/** What stands in the bytes of an image's object, and of a page with a base. Inside of strings quotes are escaped. */
const NEEDLE = Buffer.from("IMG@");
const BEFORE = Buffer.from('{"path":"');
const BASE = Buffer.from('"Base":');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7d;

/** Where an object without objects in it ends; -1 if it does not. */
function findEnd(json: Buffer, start: number): number {
  let isString = false;
  for (let at = start; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) isString = !isString;
    else if (byte === BACKSLASH) at += 1;
    else if (byte === BRACE && !isString) return at + 1;
  }
  return -1;
}

/** The same by parsing all of the JSON. */
export function findByParsing(json: Buffer): ImagePage | undefined {
  const record = parse(json.toString("utf8"));
  if (record === undefined) return undefined;
  const envelope = record.Envelope as Envelope | null | undefined;
  const html = envelope?.["Payload-Metadata"]?.["HTTP-Response-Metadata"]?.["HTML-Metadata"];
  const links = Array.isArray(html?.Links) ? (html.Links as readonly unknown[]) : [];
  return {
    address: toText(envelope?.["WARC-Header-Metadata"]?.["WARC-Target-URI"]),
    base: toText(html?.Head?.Base),
    images: links.flatMap((link) => (typeof link === "object" && link !== null ? (toImage(link as Link) ?? []) : [])),
  };
}

interface Envelope {
  readonly "WARC-Header-Metadata"?: { readonly "WARC-Target-URI"?: unknown };
  readonly "Payload-Metadata"?: {
    readonly "HTTP-Response-Metadata"?: {
      readonly "HTML-Metadata"?: { readonly Links?: unknown; readonly Head?: { readonly Base?: unknown } };
    };
  };
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? decodeEntities(value) : undefined;
}

/** The image of a link; undefined if it leads to none. */
function toImage(link: Link): PageImage | undefined {
  const { path } = link;
  if (typeof path !== "string" || !path.startsWith(PATH) || !ADDRESSES.has(path.slice(PATH.length))) return undefined;
  const texts: Record<string, string | undefined> = {};
  for (const name of IMAGE_TEXTS) texts[name] = toText(link[name]);
  return { address: toText(link.url), texts };
}
