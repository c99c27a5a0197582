/** Images of the pages of WAT records: JSON that Common Crawl's and the Internet Archive's extractor writes of a page. */
import { isUtf8 } from "node:buffer";
import { decodeEntities } from "./html-images.ts";
import { IMAGE_TEXTS, type ImagePage, type PageImage } from "./images.ts";

/**
 * Attributes of `<img>` that hold the address of the image. The extractor also writes `longdesc`, which leads to a page,
 * and others.
 */
const ADDRESSES: ReadonlySet<string> = new Set(["src", "data-src", "data-original", "data-lazy-src"]);

const PATH = "IMG@/";

/**
 * Finds the images in the JSON of a WAT record, without parsing what is not about images: most of it is other links. Only
 * where an object of an image is not as the extractor writes it, or the page says what addresses are relative to, all of it
 * is parsed; then alone the page's own address is told.
 *
 * The extractor leaves entities in attributes as the page has them; they are decoded here. It tells of the links of an image
 * one by one, not which of them belong together, so that each gives an image, with the texts that stand beside it.
 *
 * @param json UTF-8
 * @returns undefined if the JSON is damaged where it was looked at, or at its end
 */
export function findWatImages(json: Buffer): ImagePage | undefined {
  let last = json.length - 1;
  while (last >= 0 && json[last]! <= 0x20) last -= 1;
  if (json[0] !== 0x7b || json[last] !== BRACE) return undefined;
  const images: PageImage[] = [];
  let link: LinkReader | undefined;
  for (let at = json.indexOf(NEEDLE); at >= 0; at = json.indexOf(NEEDLE, at + 1)) {
    if (json[at - 1] !== QUOTE || json[at - 2] === BACKSLASH) continue;
    const start = at - BEFORE.length;
    link ??= createLink(json);
    if (!stands(json, start, BEFORE) || !link.read(start)) return findByParsing(json);
    const image = link.toImage();
    if (image !== undefined) images.push(image);
    at = link.end();
  }
  if (images.length > 0 && hasBase(json)) return findByParsing(json);
  return { address: undefined, base: undefined, images, isExact: link?.isWide() !== true || isExact(images, json) };
}

/** True if bytes stand at a place. */
function stands(json: Buffer, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) if (json[at + i] !== bytes[i]) return false;
  return true;
}

/**
 * What stands in the bytes of an image's object, and of a page with a base. Inside of strings quotes are escaped. What is
 * searched for begins with a letter that is rare in JSON: with a quote the search is seven times as slow.
 */
const NEEDLE = Buffer.from("IMG@");
const BEFORE = Buffer.from('{"path":"');
const SOURCE = Buffer.from("IMG@/src");
const BASE = Buffer.from('Base":');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;

function hasBase(json: Buffer): boolean {
  for (let at = json.indexOf(BASE); at >= 0; at = json.indexOf(BASE, at + 1)) if (json[at - 1] === QUOTE) return true;
  return false;
}

/** U+FFFD may stand in the JSON itself, where the extractor could not decode the page. */
function isExact(images: readonly PageImage[], json: Buffer): boolean {
  const isDoubtful = images.some((image) => IMAGE_TEXTS.some((name) => image[name]?.includes("\uFFFD")));
  return !isDoubtful || isUtf8(json);
}

/** Names of the values that are read. */
const VALUES = ["path", "url", ...IMAGE_TEXTS] as const;
const KEYS: readonly Buffer[] = VALUES.map((name) => Buffer.from(name));

/** How a value stands in the bytes. */
const ABSENT = 0;
const ASCII = 1;
const WIDE = 2;
const ESCAPED = 3;

/** Reads the objects of links of one record: strings alone, as the extractor writes them, without white space. */
interface LinkReader {
  /** Read the object that begins at a place; false if it is another kind of object. */
  read(start: number): boolean;
  /** Where the object that was read ends. */
  end(): number;
  /** True if an object that was read has characters beyond ASCII. */
  isWide(): boolean;
  /** The image of the link; undefined if it leads to none. */
  toImage(): PageImage | undefined;
}

function createLink(json: Buffer): LinkReader {
  const starts = [0, 0, 0, 0, 0];
  const ends = [0, 0, 0, 0, 0];
  const kinds = [ABSENT, ABSENT, ABSENT, ABSENT, ABSENT];
  let end = 0;
  let scanned = 0;
  let isWide = false;
  /** Finds the end of the string that begins at a quote; what is in it, or -1 if it does not end. */
  const scan = (quote: number): number => {
    let kind = ASCII;
    for (let at = quote + 1; at < json.length; at += 1) {
      const byte = json[at]!;
      if (byte === QUOTE) {
        scanned = at;
        return kind;
      }
      if (byte === BACKSLASH) {
        kind = ESCAPED;
        at += 1;
      } else if (byte >= 0x80 && kind === ASCII) kind = WIDE;
    }
    return -1;
  };
  const textOf = (index: number): string | undefined => {
    const from = starts[index]!;
    const to = ends[index]!;
    switch (kinds[index]) {
      case ABSENT:
        return undefined;
      case ASCII:
        return json.toString("latin1", from, to);
      case WIDE:
        return json.toString("utf8", from, to);
      default:
        return JSON.parse(json.toString("utf8", from - 1, to + 1)) as string;
    }
  };
  return {
    read(start) {
      kinds.fill(ABSENT);
      for (let at = start + 1; ; at += 1) {
        if (json[at] !== QUOTE || scan(at) !== ASCII) return false;
        const key = findKey(json, at + 1, scanned);
        const quote = scanned + 2;
        if (json[quote - 1] !== COLON || json[quote] !== QUOTE) return false;
        const kind = scan(quote);
        if (kind < 0) return false;
        if (key >= 0) {
          starts[key] = quote + 1;
          ends[key] = scanned;
          kinds[key] = kind;
          if (kind !== ASCII) isWide = true;
        }
        at = scanned + 1;
        if (json[at] === BRACE) {
          end = at + 1;
          return true;
        }
        if (json[at] !== COMMA) return false;
      }
    },
    end: () => end,
    isWide: () => isWide,
    toImage() {
      const isSource = ends[0]! - starts[0]! === SOURCE.length && stands(json, starts[0]!, SOURCE);
      if (!isSource && !isImagePath(textOf(0))) return undefined;
      return makeImage(textOf(1), textOf(2), textOf(3), textOf(4));
    },
  };
}

/** Which value a key names; -1 for another. */
function findKey(json: Buffer, from: number, to: number): number {
  for (let index = 0; index < KEYS.length; index += 1) {
    const key = KEYS[index]!;
    if (key.length === to - from && stands(json, from, key)) return index;
  }
  return -1;
}

/** The same by parsing all of the JSON. */
export function findByParsing(json: Buffer): ImagePage | undefined {
  const record = parse(json.toString());
  if (record === undefined) return undefined;
  const envelope = record.Envelope as Envelope | null | undefined;
  const html = envelope?.["Payload-Metadata"]?.["HTTP-Response-Metadata"]?.["HTML-Metadata"];
  const links = Array.isArray(html?.Links) ? (html.Links as readonly unknown[]) : [];
  const images: PageImage[] = [];
  for (const link of links) {
    if (typeof link !== "object" || link === null) continue;
    const [path, url, ...texts] = VALUES.map((name) => toText((link as Record<string, unknown>)[name]));
    if (isImagePath(path)) images.push(makeImage(url, ...texts));
  }
  return {
    address: toText(envelope?.["WARC-Header-Metadata"]?.["WARC-Target-URI"]),
    base: decode(toText(html?.Head?.Base)),
    images,
    isExact: isExact(images, json),
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
  return typeof value === "string" ? value : undefined;
}

function decode(value: string | undefined): string | undefined {
  return value === undefined ? undefined : decodeEntities(value);
}

function isImagePath(path: string | undefined): boolean {
  return path?.startsWith(PATH) === true && ADDRESSES.has(path.slice(PATH.length));
}

function makeImage(address?: string, alt?: string, title?: string, imageTitle?: string): PageImage {
  return {
    address: decode(address),
    alt: decode(alt),
    title: decode(title),
    "data-image-title": decode(imageTitle),
  };
}
