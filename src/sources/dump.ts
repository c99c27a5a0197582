import { SaxesParser } from "saxes";
import { UserError } from "../errors.ts";
import { foldNamespace } from "../namespace-name.ts";
import type { Problems } from "../problems.ts";
import type { RangeChecksum } from "./bzip2.ts";
import { createDecoder, createUtf8Decoder, readHead, skipDeclaration } from "./dump-text.ts";
import { openInput, openRange, type Segment } from "./input.ts";

/** What a dump says about its wiki; exports differ in how much they say. */
export interface SiteInfo {
  /** Version of the export format, e.g. `0.11`. */
  readonly version?: string;
  /** Database name, e.g. `ltgwiki`; not before export 0.9. */
  readonly database?: string;
  readonly siteName?: string;
  /** Address of the main page. */
  readonly base?: string;
  /** `xml:lang` of the export. */
  readonly language?: string;
  /** Title of the main page, from `base`. */
  readonly mainPage?: string;
  /** Names of the namespaces by number; empty if the dump has no site information. */
  readonly namespaces: ReadonlyMap<number, string>;
}

/** One page of a dump, with the text of its last revision. */
export interface Page {
  readonly title: string;
  readonly namespace: number;
  readonly id: number | undefined;
  /** Title of the page that this one redirects to, "" if it is not told; undefined if this is no redirect. */
  readonly redirect: string | undefined;
  /** Content model, e.g. `wikitext`; undefined in exports that do not tell it. */
  readonly model: string | undefined;
  /** Wikitext; undefined if there is none: a deleted revision, or a dump of stubs. */
  readonly text: string | undefined;
}

/** How to read dumps. */
export interface ReadDumpOptions {
  /**
   * Where faults are counted: E101 (page left out), W103 (replaced characters), and of the pages in namespace 0 that are
   * no redirects E102 (no text) and W101 (another content model).
   */
  readonly problems: Problems;
  /** Longest text between two tags, in UTF-16 units; 2^26 if not given. */
  readonly maxText?: number | undefined;
  /** Called once for each file, before its first page. */
  onSiteInfo?(info: SiteInfo, path: string): void;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

/**
 * Longest text between two tags, in UTF-16 units: what is longer is no wiki page, and would exhaust the memory. MediaWiki
 * keeps texts to 2 MiB ($wgMaxArticleSize), where a wiki does not raise that.
 */
const MAX_TEXT = 1 << 26;
/** Units given to the parser at once, so that few pages wait in memory. */
const PARSE_UNITS = 1 << 16;

/** A part of a dump that is read by itself, as JSON. */
export interface DumpRange {
  readonly path: string;
  /** Undefined for a whole file. */
  readonly cut?: DumpCut;
}

/** Which part of a file: the pages whose tag begins in these compressed bytes. */
export interface DumpCut {
  readonly format: "plain" | "bzip2";
  readonly from: number;
  readonly to: number;
  /** What stands open before the file's first page, as `RangeReport` tells it; "" for the range that begins the file. */
  readonly head: string;
}

/** How a range fits to the ranges around it. */
export interface RangeReport {
  /** Place of the range's first page, if a page begins in it; not told where the range begins the file. */
  readonly first?: string;
  /** Place of the page before which the range ended; undefined if it was read to the end of the file. */
  readonly next?: string;
  /** What stood open there: the element around the pages, and the site information. */
  readonly head?: string;
  readonly checksum?: RangeChecksum;
}

/** How to read a range of a dump. */
export interface ReadDumpRangeOptions extends ReadDumpOptions {
  /** Called when the range has been read. */
  onEnd?(report: RangeReport): void;
}

/**
 * Reads the pages of MediaWiki XML exports (versions 0.3 to 0.11, whole or bare `<page>` elements), compressed or not,
 * several files as one.
 *
 * Of a page's revisions the last one counts, of its slots the main one. Memory is bounded by one page. Throws `UserError`
 * that names the file if it cannot be read, is no MediaWiki export, is not well-formed or ends too early; the pages
 * before that place have been yielded.
 */
export async function* readDump(paths: readonly string[], options: ReadDumpOptions): AsyncGenerator<Page> {
  for (const path of paths) yield* readDumpRange({ path }, options);
}

/**
 * Reads the pages of a file whose tag begins in a range of it, the last one to its end beyond the range; everything else
 * as `readDump`.
 *
 * A range behind the file's start guesses: it takes the first `<page` for one. What it yields is right if its first page
 * is the one before which the range before it ended, with the same head (`rangesFit` says so); else, and where it
 * throws, the file is to be read in one piece. A cut file in another encoding than UTF-8 yields nothing and ends
 * without `next`.
 */
export async function* readDumpRange(range: DumpRange, options: ReadDumpRangeOptions): AsyncGenerator<Page> {
  const { path, cut } = range;
  const { problems } = options;
  const report: { -readonly [Key in keyof RangeReport]: RangeReport[Key] } = {};
  const parser = createPageParser(path, options, cut?.head ?? "");
  const segments = openSegments(range, options, (checksum) => {
    report.checksum = checksum;
  });
  const begins = cut === undefined || cut.from === 0;
  let decode = begins ? undefined : createUtf8Decoder((count) => problems.add("W103", parser.place(), count));
  try {
    let rest: AsyncIterable<Segment> = segments;
    if (begins) {
      const head = await readHead(segments, path);
      if (cut !== undefined && head.encoding !== "utf-8") return;
      decode = skipDeclaration(
        createDecoder(head.encoding, path, (count) => problems.add("W103", parser.place(), count)),
        head.prefix,
      );
      rest = chain(head.segments, segments);
    }
    let started = begins;
    for await (const { bytes, page, owned } of cutAtPages(rest)) {
      if (!started) {
        if (!owned) break;
        if (page === undefined) continue;
        report.first = page;
        started = true;
      }
      let from = 0;
      if (page !== undefined && !owned) {
        // Whether this is a tag between pages the parser finds out by being given the name and what ends it.
        from = PAGE_TAG.length + 1;
        for (const text of decode!(bytes.subarray(0, from), false)) parser.write(text);
        parser.check();
        const head = parser.headAtPage();
        if (head !== undefined) {
          report.next = page;
          report.head = head;
          return;
        }
      }
      for (const text of decode!(bytes.subarray(from), false)) {
        for (let at = 0; at < text.length; at += PARSE_UNITS) {
          parser.write(text.slice(at, at + PARSE_UNITS));
          for (const raw of parser.take()) {
            const finished = finishPage(raw, path, problems);
            if (finished !== undefined) yield finished;
          }
          parser.check();
        }
      }
    }
    if (!started) return;
    for (const text of decode!(new Uint8Array(0), true)) parser.write(text);
    for (const raw of parser.take()) {
      const finished = finishPage(raw, path, problems);
      if (finished !== undefined) yield finished;
    }
    parser.end();
  } finally {
    await segments.return(undefined);
    options.onEnd?.(report);
  }
}

async function* openSegments(
  { path, cut }: DumpRange,
  options: ReadDumpOptions,
  onChecksum: (checksum: RangeChecksum) => void,
): AsyncGenerator<Segment> {
  if (cut !== undefined) {
    yield* openRange(path, { ...cut, onChecksum, ...(options.onBytes !== undefined && { onBytes: options.onBytes }) });
    return;
  }
  for await (const bytes of openInput(path, options)) yield { block: 0, offset: 0, bytes, owned: true };
}

async function* chain(first: readonly Segment[], rest: AsyncIterable<Segment>): AsyncGenerator<Segment> {
  yield* first;
  yield* rest;
}

/** What a page's tag begins with; white space, `/` or `>` follows. */
const PAGE_TAG = "<page";
const PAGE_TAG_BYTES = Buffer.from(PAGE_TAG);
const NAME_ENDS = new Set(Buffer.from(" \t\r\n/>"));

/** Bytes of one segment. */
interface Piece {
  readonly bytes: Uint8Array;
  /** If they begin with what looks like a page's tag: its place in the file. */
  readonly page: string | undefined;
  readonly owned: boolean;
}

/** The bytes of segments, cut before everything that looks like a page's tag, also where two segments meet. */
async function* cutAtPages(segments: AsyncIterable<Segment>): AsyncGenerator<Piece> {
  // The end of a segment that may begin a tag: at most `<page`.
  let held: { readonly bytes: Uint8Array; readonly place: string; readonly owned: boolean } | undefined;
  for await (const { block, offset, bytes, owned } of segments) {
    const before = held?.bytes.length ?? 0;
    const all = held === undefined ? asBuffer(bytes) : Buffer.concat([held.bytes, bytes]);
    const placeOf = (at: number) => (at < before ? held!.place : `${block}+${offset + at - before}`);
    const ownedAt = (at: number) => (at < before ? held!.owned : owned);
    const pieces: Piece[] = [];
    let start = 0;
    let page: string | undefined;
    const end = all.length - countHeld(all);
    const push = (to: number) => {
      // What was held back and is no tag belongs to the segment before.
      if (start < before && page === undefined && to > before) {
        pieces.push({ bytes: all.subarray(start, before), page, owned: ownedAt(start) });
        start = before;
      }
      if (to > start) pieces.push({ bytes: all.subarray(start, to), page, owned: ownedAt(start) });
      start = to;
    };
    for (let at = all.indexOf(PAGE_TAG); at >= 0 && at < end; at = all.indexOf(PAGE_TAG, at + 1)) {
      if (!NAME_ENDS.has(all[at + PAGE_TAG.length]!)) continue;
      push(at);
      page = placeOf(at);
    }
    push(end);
    const next = end < all.length ? { bytes: all.subarray(end), place: placeOf(end), owned: ownedAt(end) } : undefined;
    yield* pieces;
    held = next;
  }
  if (held !== undefined) yield { bytes: held.bytes, page: undefined, owned: held.owned };
}

/** Number of bytes at the end that may begin a page's tag. */
function countHeld(bytes: Buffer): number {
  const from = bytes.lastIndexOf(0x3c);
  const count = from < 0 ? 0 : bytes.length - from;
  return count <= PAGE_TAG.length && PAGE_TAG_BYTES.subarray(0, count).equals(bytes.subarray(bytes.length - count))
    ? count
    : 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether a page is an article: namespace 0, no redirect, wikitext (or no model told); its text may be undefined. */
export function isArticle(page: Page): boolean {
  return page.namespace === 0 && page.redirect === undefined && (page.model ?? "wikitext") === "wikitext";
}

/** A page as the XML gives it. */
interface RawPage {
  title?: string;
  namespace?: string;
  id?: string;
  redirect?: string;
  model?: string;
  text?: string;
  site: Site;
}

/** The site information of a file, while it is read. */
interface Site {
  version?: string;
  database?: string;
  siteName?: string;
  base?: string;
  language?: string;
  readonly namespaces: Map<number, string>;
  /** Numbers of the namespaces by folded name. */
  readonly numbers: Map<string, number>;
}

function createSite(): Site {
  return { namespaces: new Map(), numbers: new Map() };
}

/** A site's information as JSON. */
type SiteJson = Omit<Site, "namespaces" | "numbers"> & {
  readonly namespaces: readonly (readonly [number, string])[];
  readonly numbers: readonly (readonly [string, number])[];
};

function writeSite({ namespaces, numbers, ...rest }: Site): SiteJson {
  return { ...rest, namespaces: [...namespaces], numbers: [...numbers] };
}

function readSite(json: SiteJson): Site {
  return { ...json, namespaces: new Map(json.namespaces), numbers: new Map(json.numbers) };
}

function tellSite(site: Site): SiteInfo {
  const { numbers: _, ...told } = site;
  const mainPage = told.base === undefined ? undefined : readMainPage(told.base);
  return mainPage === undefined ? told : { ...told, mainPage };
}

/** The title in a page's address, e.g. `Main Page` of `https://en.wikipedia.org/wiki/Main_Page`. */
function readMainPage(base: string): string | undefined {
  const name =
    /[?&]title=([^&#]+)/.exec(base)?.[1] ?? /^\w*:?\/\/[^/]+\/(?:.*?index\.php\/|[^/]+\/)?([^?#]+)$/.exec(base)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name).replaceAll("_", " ");
  } catch {
    return undefined;
  }
}

/** Complete a page and count what is wrong with it; undefined for a page without a title. */
function finishPage(raw: RawPage, path: string, problems: Problems): Page | undefined {
  // Line ends and tabs, which no title has, part titles in the files that counting leaves.
  const title = raw.title?.trim().replace(/[\t\n]+/g, " ") ?? "";
  const id = raw.id === undefined || !/^\d+$/.test(raw.id.trim()) ? undefined : Number(raw.id);
  if (title === "") {
    problems.add("E101", `${path}: ${id === undefined ? "a page without id" : `page with id ${id}`}`);
    return undefined;
  }
  const page: Page = {
    title,
    namespace: readNamespace(raw, title),
    id,
    redirect: readRedirect(raw),
    model: raw.model?.trim(),
    text: raw.text,
  };
  if (page.namespace === 0 && page.redirect === undefined) {
    if (!isArticle(page)) problems.add("W101", `${path}: ${title} (${page.model})`);
    else if (page.text === undefined || page.text.trim() === "") problems.add("E102", `${path}: ${title}`);
  }
  return page;
}

/** The namespace told, or for exports that tell none the one that the site information gives for the title's prefix. */
function readNamespace(raw: RawPage, title: string): number {
  const told = raw.namespace?.trim();
  if (told !== undefined && /^-?\d+$/.test(told)) return Number(told);
  const colon = title.indexOf(":");
  return colon < 0 ? 0 : (raw.site.numbers.get(foldNamespace(title.slice(0, colon))) ?? 0);
}

/**
 * `#WORD [[Target]]` at the start of a text, as MediaWiki reads a redirect: the word follows the sign at once, a colon may
 * follow the word. A list item has white space after its sign or more than one word before its link.
 */
const REDIRECT = /^\s*[#＃](\p{L}[\p{L}\p{M}\p{N}_\-\u200c]*)[ \t]*:?[ \t]*\[\[([^\]|\n]+)[^\n]*(\n\s*#)?/u;

/** The target told by the export, or by the wikitext where the export tells none. */
function readRedirect(raw: RawPage): string | undefined {
  if (raw.redirect !== undefined && raw.redirect !== "") return raw.redirect.trim().replace(/[\t\n]+/g, " ");
  const target = raw.text === undefined ? undefined : readRedirectText(raw.text, raw.site.version);
  return target ?? raw.redirect;
}

function readRedirectText(text: string, version: string | undefined): string | undefined {
  const match = REDIRECT.exec(text);
  if (match === null) return undefined;
  const [, word = "", link = "", nextItem] = match;
  if (!/^redirect$/i.test(word)) {
    // Since 0.4 the export tells redirects itself, so that another word begins a list; a list goes on with its next item.
    if (version !== undefined && Number(version.split(".")[1]) >= 4) return undefined;
    if (nextItem !== undefined) return undefined;
  }
  return link.replace(/^\s*:/, "").replace(/#.*$/, "").replaceAll("_", " ").trim();
}

interface PageParser {
  /** Parse a stretch of XML. */
  write(text: string): void;
  /** The pages completed since the last call. */
  take(): RawPage[];
  /** Throw what was found to be wrong. */
  check(): void;
  /** If what was written last is the name of a page's tag between pages: what stands open around it, as JSON. */
  headAtPage(): string | undefined;
  /** The place reached, for a person; the same however the file is cut. */
  place(): string;
  /** The file has ended: throw if it ended too early or held no export. */
  end(): void;
}

/** Faults of the XML that do not shift its structure. */
const HARMLESS =
  /disallowed character\.|undefined entity|malformed character entity|is disallowed in char data|malformed comment/;
/** What says nothing that is needed, though a fragment has no place for it: of several exports each may have it. */
const IGNORED = /doctype|XML declaration must be at the start/;
/** Elements that hold text alone: another one in them is markup that should have been escaped, and would cut the text. */
const TEXTS: ReadonlySet<string> = new Set(["title", "ns", "text", "model"]);
/** Exports nest six elements at most; damaged or made-up ones must not fill the memory. */
const MAX_DEPTH = 100;

function createPageParser(path: string, options: ReadDumpOptions, head: string): PageParser {
  // A fragment may have several roots: bare pages, or exports written one after the other.
  const maxText = options.maxText ?? MAX_TEXT;
  const parser = new SaxesParser({ fragment: true, xmlns: false as const });
  const stack: string[] = [];
  let pages: RawPage[] = [];
  let failure: UserError | undefined;
  let site = createSite();
  let siteTold = false;
  let page: RawPage | undefined;
  let key = "";
  let text = "";
  let unitsSinceTag = 0;
  let hasStrayText = false;
  /** The element around the page whose tag has just begun, "" if there is none. */
  let rootAtPage: string | undefined;
  let lastTitle: string | undefined;

  const fail = (what: string) => {
    failure ??= new UserError(`${path}: ${what}`);
  };
  const inPage = () => (page?.title === undefined ? "" : ` in page '${page.title.trim()}'`);
  const failAtLine = (reason: string) =>
    fail(`the XML is damaged at line ${parser.line}${inPage()} (${reason}); download or export the file again`);
  const place = () => {
    if (page !== undefined)
      return `${path}: in ${page.title === undefined ? "a page before its title" : `page '${page.title.trim()}'`}`;
    return `${path}: ${lastTitle === undefined ? "before the first page" : `after page '${lastTitle}'`}`;
  };
  const tell = () => {
    if (siteTold) return;
    siteTold = true;
    options.onSiteInfo?.(tellSite(site), path);
  };

  parser.on("error", (error) => {
    if (IGNORED.test(error.message)) return;
    if (HARMLESS.test(error.message)) {
      options.problems.add("W103", place());
      return;
    }
    failAtLine(error.message.replace(/^\d+:\d+: /, "").replace(/\.$/, ""));
  });
  parser.on("opentagstart", ({ name }) => {
    const isBetweenPages = stack.length === 0 || (stack.length === 1 && stack[0] === "mediawiki");
    rootAtPage = name === "page" && isBetweenPages ? (stack[0] ?? "") : undefined;
  });
  parser.on("opentag", ({ name, attributes }) => {
    unitsSinceTag = 0;
    if (failure !== undefined) return;
    const parent = stack.at(-1);
    stack.push(name);
    text = "";
    if (parent === undefined) {
      if (name === "mediawiki") {
        site = createSite();
        siteTold = false;
        if (attributes.version !== undefined) site.version = attributes.version;
        if (attributes["xml:lang"] !== undefined) site.language = attributes["xml:lang"];
      } else if (name !== "page" && name !== "siteinfo") {
        fail(`is no MediaWiki export: it begins with <${name}>; give a pages-articles dump`);
      }
    }
    if (stack.length > MAX_DEPTH) failAtLine(`elements nested more than ${MAX_DEPTH} deep`);
    else if (page !== undefined && name === "page") failAtLine("another page begins before its end");
    else if (page !== undefined && TEXTS.has(parent ?? "")) failAtLine(`<${name}> inside <${parent}>`);
    else if (name === "page") {
      tell();
      page = { site };
    } else if (name === "namespace") {
      key = attributes.key ?? "";
    } else if (page !== undefined) {
      if (name === "redirect" && parent === "page") page.redirect = attributes.title ?? "";
      else if (name === "revision") {
        delete page.model;
        delete page.text;
      } else if (name === "text" && parent === "revision") {
        // A deleted text, and one that a dump of stubs leaves out, have no content but would read as empty.
        const absent = attributes.deleted !== undefined || Number(attributes.bytes ?? 0) > 0;
        if (!absent) page.text = "";
      }
    }
  });
  parser.on("text", (data) => {
    if (stack.length === 0) {
      if (/[^\s\uFEFF]/.test(data)) {
        hasStrayText = true;
        fail(`is no XML, or has text outside of its elements at line ${parser.line}; give a MediaWiki XML export`);
      }
    } else text += data;
  });
  parser.on("cdata", (data) => {
    text += data;
  });
  parser.on("closetag", ({ name }) => {
    unitsSinceTag = 0;
    if (failure !== undefined) return;
    stack.pop();
    const parent = stack.at(-1);
    if (name === "page" && page !== undefined) {
      pages.push(page);
      lastTitle = page.title?.trim() ?? "";
      page = undefined;
    } else if (page !== undefined) {
      if (parent === "page") {
        if (name === "title") page.title = text;
        else if (name === "ns") page.namespace = text;
        else if (name === "id") page.id = text;
      } else if (parent === "revision") {
        if (name === "model") page.model = text;
        else if (name === "text" && text !== "") page.text = text;
      }
    } else if (parent === "siteinfo") {
      if (name === "sitename") site.siteName = text;
      else if (name === "dbname") site.database = text;
      else if (name === "base") site.base = text;
    } else if (name === "namespace" && /^-?\d+$/.test(key)) {
      site.namespaces.set(Number(key), text);
      site.numbers.set(foldNamespace(text), Number(key));
    } else if (name === "siteinfo") tell();
    text = "";
  });

  if (head !== "") {
    const { root, site: told } = JSON.parse(head) as { root: string; site: SiteJson };
    if (root !== "") parser.write(`<${root}>`);
    site = readSite(told);
  }

  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    place,
    headAtPage: () =>
      rootAtPage === undefined ? undefined : JSON.stringify({ root: rootAtPage, site: writeSite(site) }),
    write(units) {
      rootAtPage = undefined;
      unitsSinceTag += units.length;
      if (unitsSinceTag > maxText)
        fail(
          `a text of more than ${maxText} characters up to line ${parser.line}${inPage()}; is this a wiki's export?`,
        );
      else parser.write(units);
    },
    take() {
      const taken = pages;
      pages = [];
      return taken;
    },
    check,
    end() {
      const endsEarly = () => {
        const where =
          page?.title !== undefined
            ? `in the middle of page '${page.title.trim()}'`
            : page !== undefined
              ? "in the middle of a page"
              : `before </${stack[0] ?? "mediawiki"}>`;
        return new UserError(`${path}: the XML ends ${where} (line ${parser.line}); download or export the file again`);
      };
      if (stack.length > 0) throw endsEarly();
      parser.close();
      // Only now the parser tells a tag that is cut off, and text behind the last tag.
      if (failure !== undefined) throw hasStrayText ? failure : endsEarly();
      tell();
    },
  };
}
