/** WAT files of realistic size for measurements, grown from real pages and real captions. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { Parser } from "htmlparser2";
import { readHttpResponse } from "../src/sources/web/http-message.ts";
import { createRecordCutter } from "../src/sources/web/warc-records.ts";
import { createRandom } from "./random.ts";

/** What a file that was made holds. */
export interface WatFile {
  readonly pages: number;
  /** Links of images, with and without text. */
  readonly images: number;
  /** Bytes of the file, and of what is in it. */
  readonly compressed: number;
  readonly bytes: number;
}

type Fields = Readonly<Record<string, string>>;

/** What of a real page goes into made ones. */
interface PageSample {
  readonly headers: Fields;
  readonly title: string;
  readonly metas: readonly Fields[];
  readonly links: readonly Fields[];
}

const ARCHIVES = ["webarchive/aut/example.warc.gz", "webarchive/whirlwind/whirlwind.warc.gz"] as const;
const ALTS = "captions/web-alts/alts.tsv.gz";
/** Longest text of a link that the extractor keeps. */
const MAX_TEXT = 100;
/** Most links of a page that are not images, and images. */
const MAX_LINKS = 300;
const MAX_IMAGES = 40;

/**
 * Makes a WAT file of at least so many decompressed bytes, a gzip member for each record: of each page its request, response and metadata record,
 * as Common Crawl has them. Records have the fields and the order of fields that the extractor (ia-web-commons 1.1.9)
 * writes. Headers, titles and `<meta>` are those of a page of the real archives of `data`, links are 1 to 300 consecutive ones
 * of all these pages, and images 0 to 40 consecutive ones of the real `alt` attributes of `data`, with their addresses, two
 * of five without a text. Ids, hashes, dates and addresses of pages are made up.
 */
export function makeWat(path: string, { data, bytes }: { readonly data: string; readonly bytes: number }): WatFile {
  const pages = ARCHIVES.flatMap((name) => listPages(`${data}/${name}`));
  const others = pages.flatMap(({ links }) => links);
  const alts = gunzipSync(readFileSync(`${data}/${ALTS}`))
    .toString()
    .split("\n")
    .map((line) => line.split("\t"))
    .flatMap(([, , , url, alt]) => (url !== undefined && alt !== undefined ? [{ url, alt }] : []));
  const random = createRandom();
  const below = (limit: number) => random() % limit;
  const file = openSync(path, "w");
  const sum = { pages: 0, images: 0, compressed: 0, bytes: 0 };
  const write = (target: string, json: unknown) => {
    const body = `${JSON.stringify(json)}\r\n\r\n`;
    const head = [
      ...["WARC/1.0", "WARC-Type: metadata", `WARC-Target-URI: ${target}`, "WARC-Date: 2026-01-01T00:00:00Z"],
      ...[
        `WARC-Record-ID: ${makeId(random())}`,
        `WARC-Refers-To: ${makeId(random())}`,
        "Content-Type: application/json",
      ],
      ...[`Content-Length: ${Buffer.byteLength(body) - 4}`, `WARC-Payload-Digest: ${makeDigest(random())}`, "", ""],
    ];
    const record = Buffer.from(head.join("\r\n") + body);
    const member = gzipSync(record);
    writeSync(file, member);
    sum.compressed += member.length;
    sum.bytes += record.length;
  };
  while (sum.bytes < bytes) {
    const page = pages[below(pages.length)]!;
    const target = `https://site-${below(50_000)}.example/${below(1e9).toString(36)}/page-${below(1e6)}.html`;
    const from = below(others.length - MAX_LINKS);
    const links = others.slice(from, from + 1 + below(MAX_LINKS));
    const images = below(MAX_IMAGES + 1);
    const first = below(alts.length - images);
    for (const { url, alt } of alts.slice(first, first + images)) {
      const link = below(5) < 2 ? { path: "IMG@/src", url } : { path: "IMG@/src", alt, url };
      links.splice(below(links.length + 1), 0, link);
    }
    for (const kind of ["request", "response", "metadata"] as const) {
      write(target, makeEnvelope(kind, { page, target, links, random }));
    }
    sum.pages += 1;
    sum.images += links.filter((link) => link.path === "IMG@/src").length;
  }
  closeSync(file);
  return sum;
}

const makeId = (seed: number) => {
  const hex = createHash("md5").update(String(seed)).digest("hex");
  return `<urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}>`;
};
const makeDigest = (seed: number) =>
  `sha1:${createHash("sha1").update(String(seed)).digest("hex").slice(0, 32).toUpperCase()}`;

interface EnvelopeParts {
  readonly page: PageSample;
  readonly target: string;
  readonly links: readonly Fields[];
  random(): number;
}

function makeEnvelope(
  kind: "request" | "response" | "metadata",
  { page, target, links, random }: EnvelopeParts,
): unknown {
  const number = (limit: number) => String(random() % limit);
  const isMetadata = kind === "metadata";
  const type = isMetadata ? "application/warc-fields" : `application/http; msgtype=${kind}`;
  const http =
    kind === "request"
      ? {
          "HTTP-Request-Metadata": {
            "Request-Message": { Method: "GET", Path: new URL(target).pathname, Version: "HTTP/1.1" },
            "Headers-Length": "263",
            Headers: {
              "User-Agent": "CCBot/2.0 (https://commoncrawl.org/faq/)",
              Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
              "Accept-Language": "en-US,en;q=0.5",
              "Accept-Encoding": "br,gzip",
              Host: new URL(target).host,
              Connection: "Keep-Alive",
            },
            "Entity-Length": "0",
            "Entity-Digest": makeDigest(random()),
          },
        }
      : {
          "HTTP-Response-Metadata": {
            "Headers-Length": number(1000),
            Headers: page.headers,
            "Response-Message": { Status: "200", Version: "HTTP/1.1", Reason: "OK" },
            "HTML-Metadata": { Head: { Metas: page.metas, Title: page.title }, Links: links },
            "Entity-Digest": makeDigest(random()),
          },
        };
  const fields = {
    "WARC-Metadata-Metadata": {
      "Metadata-Records": [
        { Name: "fetchTimeMs", Value: number(1000) },
        { Name: "charset-detected", Value: "UTF-8" },
        { Name: "languages-cld2", Value: `{"reliable":true,"text-bytes":${number(9000)},"languages":[{"code":"en"}]}` },
      ],
    },
  };
  return {
    Container: {
      Filename: "CC-MAIN-20260101000000-20260101030000-00000.warc.gz",
      Compressed: true,
      Offset: number(1e9),
      "Gzip-Metadata": {
        "Inflated-Length": number(1e5),
        "Footer-Length": "8",
        "Inflated-CRC": number(2 ** 31),
        "Deflate-Length": number(1e5),
        "Header-Length": "10",
      },
    },
    Envelope: {
      Format: "WARC/1.0",
      "WARC-Header-Length": "370",
      "WARC-Header-Metadata": {
        "WARC-Payload-Digest": makeDigest(random()),
        "WARC-IP-Address": `${number(256)}.${number(256)}.${number(256)}.${number(256)}`,
        "WARC-Target-URI": target,
        "WARC-Date": "2026-01-01T00:00:00Z",
        "Content-Length": number(1e5),
        "WARC-Record-ID": makeId(random()),
        "WARC-Type": kind,
        "Content-Type": type,
      },
      "Payload-Metadata": {
        "Actual-Content-Type": type,
        ...(isMetadata ? fields : http),
        "Actual-Content-Length": number(1e5),
        "Trailing-Slop-Length": "4",
        "Block-Digest": makeDigest(random()),
      },
    },
  };
}

/** The pages of an archive that have links. */
function listPages(path: string): PageSample[] {
  const pages: PageSample[] = [];
  const cutter = createRecordCutter({
    ...{ limit: 1 << 26, isWanted: () => false, fault() {} },
    take({ type, block }) {
      const response = type === "response" ? readHttpResponse(block) : undefined;
      if (!response?.headers.get("content-type")?.startsWith("text/html")) return;
      const page = readPage(response.body.toString());
      if (page.links.length > 0) pages.push({ ...page, headers: Object.fromEntries(response.headers) });
    },
  });
  cutter.push(gunzipSync(readFileSync(path)));
  cutter.end();
  return pages;
}

/** A page's links as the extractor writes them, but images. */
function readPage(html: string): Omit<PageSample, "headers"> {
  const metas: Fields[] = [];
  const links: Fields[] = [];
  let title = "";
  let isTitle = false;
  let open: Record<string, string> | undefined;
  const pick = (attributes: Fields, names: readonly string[]): Fields =>
    Object.fromEntries(names.flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]]])));
  const add = (path: string, url: string | undefined, rest: Fields = {}) => {
    if (url !== undefined) links.push({ path, ...rest, url });
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === "title") isTitle = true;
      else if (name === "meta") metas.push(pick(attributes, ["http-equiv", "name", "property", "content"]));
      else if (name === "a") open = { ...attributes, text: "" };
      else if (name === "form") add("FORM@/action", attributes.action, pick(attributes, ["method", "target"]));
      else if (name === "input") add("INPUT@/src", attributes.src);
      else if (name === "iframe") add("IFRAME@/src", attributes.src);
    },
    ontext(text) {
      if (isTitle) title += text;
      if (open !== undefined) open.text += text;
    },
    onclosetag(name) {
      if (name === "title") isTitle = false;
      if (name !== "a" || open === undefined) return;
      const text = open.text!.replace(/\s+/g, " ").trim().slice(0, MAX_TEXT);
      add("A@/href", open.href, { ...pick(open, ["target", "title"]), ...(text !== "" && { text }) });
      open = undefined;
    },
  });
  parser.end(html);
  return { title: title.trim(), metas, links };
}
