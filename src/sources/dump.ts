import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { SaxesParser } from "saxes";
import { UserError } from "../errors.ts";
import { foldNamespace } from "../namespace-name.ts";
import type { Problems } from "../problems.ts";
import { openInput } from "./input.ts";

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
  /** Position among all pages of all files given, from 0. */
  readonly sequence: number;
}

/** How to read dumps. */
export interface ReadDumpOptions {
  /**
   * Where faults are counted: E101 (page left out), W103 (replaced characters), and of the pages in namespace 0 that are
   * no redirects E102 (no text) and W101 (another content model).
   */
  readonly problems: Problems;
  /** Called once for each file, before its first page. */
  onSiteInfo?(info: SiteInfo, path: string): void;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

/** Longest text between two tags, in UTF-16 units: what is longer is no wiki page, and would exhaust the memory. */
const MAX_TEXT = 1 << 28;
/** Units given to the parser at once, so that few pages wait in memory. */
const PARSE_UNITS = 1 << 16;
/** Bytes looked at to tell the encoding. */
const HEAD_BYTES = 256;

/**
 * Reads the pages of MediaWiki XML exports (versions 0.3 to 0.11, whole or bare `<page>` elements), compressed or not,
 * several files as one.
 *
 * Of a page's revisions the last one counts, of its slots the main one. Memory is bounded by one page. Throws `UserError`
 * that names the file if it cannot be read, is no MediaWiki export, is not well-formed or ends too early; the pages
 * before that place have been yielded.
 */
export async function* readDump(paths: readonly string[], options: ReadDumpOptions): AsyncGenerator<Page> {
  let sequence = 0;
  for (const path of paths) {
    const parser = createPageParser(path, options);
    for await (const text of readXml(path, options)) {
      for (let at = 0; at < text.length; at += PARSE_UNITS) {
        parser.write(text.slice(at, at + PARSE_UNITS));
        for (const page of parser.take()) {
          const finished = finishPage(page, { path, sequence, problems: options.problems });
          sequence += 1;
          if (finished !== undefined) yield finished;
        }
        parser.check();
      }
    }
    parser.end();
  }
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
function finishPage(raw: RawPage, place: { path: string; sequence: number; problems: Problems }): Page | undefined {
  const { path, sequence, problems } = place;
  const title = raw.title?.trim() ?? "";
  const id = raw.id === undefined || !/^\d+$/.test(raw.id.trim()) ? undefined : Number(raw.id);
  if (title === "") {
    problems.add("E101", `${path}: page number ${sequence + 1}${id === undefined ? "" : `, id ${id}`}`);
    return undefined;
  }
  const page: Page = {
    title,
    namespace: readNamespace(raw, title),
    id,
    redirect: readRedirect(raw),
    model: raw.model?.trim(),
    text: raw.text,
    sequence,
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
  if (raw.redirect !== undefined && raw.redirect !== "") return raw.redirect;
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
  /** The file has ended: throw if it ended too early or held no export. */
  end(): void;
}

/** Faults of the XML that do not shift its structure. */
const HARMLESS = /disallowed character\.|undefined entity|malformed character entity|is disallowed in char data/;

function createPageParser(path: string, options: ReadDumpOptions): PageParser {
  // A fragment may have several roots: bare pages, or exports written one after the other.
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

  const fail = (what: string) => {
    failure ??= new UserError(`${path}: ${what}`);
  };
  const inPage = () => (page?.title === undefined ? "" : ` in page '${page.title.trim()}'`);
  const tell = () => {
    if (siteTold) return;
    siteTold = true;
    options.onSiteInfo?.(tellSite(site), path);
  };

  parser.on("error", (error) => {
    // A fragment has no place for a document type; it says nothing that is needed.
    if (error.message.includes("doctype")) return;
    if (HARMLESS.test(error.message)) {
      options.problems.add("W103", `${path}: line ${parser.line}${inPage()}`);
      return;
    }
    const reason = error.message.replace(/^\d+:\d+: /, "").replace(/\.$/, "");
    fail(`the XML is damaged at line ${parser.line}${inPage()} (${reason}); download or export the file again`);
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
    if (name === "page") {
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
        fail("is no XML, or has text outside of its elements; give a MediaWiki XML export");
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

  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    write(units) {
      unitsSinceTag += units.length;
      if (unitsSinceTag > MAX_TEXT)
        fail(`a text of more than ${MAX_TEXT} characters${inPage()}; is this a wiki's export?`);
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

/** The characters of an XML file, without byte order mark and XML declaration. */
async function* readXml(path: string, options: ReadDumpOptions): AsyncGenerator<string> {
  let decode: ((bytes: Uint8Array, last: boolean) => string) | undefined;
  let head: Uint8Array = new Uint8Array(0);
  let begun = false;
  let start = "";

  // The first characters are held back until they tell whether this is XML.
  const begin = (text: string, last: boolean): string => {
    if (begun) return text;
    start += text;
    const body = start.replace(/^\uFEFF?\s*/, "");
    const declared = body.startsWith("<?xml");
    if (!last && (body.length < 5 || (declared && !body.includes("?>") && body.length < 4096))) return "";
    begun = true;
    if (body === "") throw new UserError(`${path}: the file is empty; give a MediaWiki XML export`);
    if (!body.startsWith("<")) throw new UserError(`${path}: is no XML; give a MediaWiki XML export`);
    return declared ? body.replace(/^<\?xml[^>]*\?>/, (declaration) => declaration.replace(/[^\n]/g, "")) : body;
  };

  for await (const chunk of openInput(path, options)) {
    let bytes = chunk;
    if (decode === undefined) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      decode = createDecoder(head, path, options.problems);
      bytes = head;
    }
    const text = begin(decode(bytes, false), false);
    if (text !== "") yield text;
  }
  const bytes = decode === undefined ? head : new Uint8Array(0);
  decode ??= createDecoder(head, path, options.problems);
  const text = begin(decode(bytes, true), true);
  if (text !== "") yield text;
}

/** The encoding that the first bytes tell: a byte order mark, zero bytes beside `<`, or the XML declaration. */
function detectEncoding(head: Uint8Array): string {
  const [a, b] = head;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0x3c && b === 0) return "utf-16le";
  if (a === 0 && b === 0x3c) return "utf-16be";
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)/.exec(
    Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1"),
  )?.[1];
  // Bytes that read as ASCII so far are no UTF-16, whatever the declaration says.
  return declared === undefined || /^(utf-?16|ucs-?2|iso-10646)/i.test(declared) ? "utf-8" : declared.toLowerCase();
}

function createDecoder(
  head: Uint8Array,
  path: string,
  problems: Problems,
): (bytes: Uint8Array, last: boolean) => string {
  const encoding = detectEncoding(head);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { ignoreBOM: true });
  } catch {
    throw new UserError(`${path}: the encoding '${encoding}' is not known; convert the file to UTF-8`);
  }
  if (decoder.encoding !== "utf-8") return (bytes, last) => decoder.decode(bytes, { stream: !last });

  // Each chunk is cut at the end of a character, so that it can be checked by itself.
  let rest: Uint8Array = new Uint8Array(0);
  let offset = 0;
  return (chunk, last) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = last ? bytes.length : findCharacterEnd(bytes);
    const whole = bytes.subarray(0, end);
    rest = bytes.slice(end);
    const text = decoder.decode(whole);
    if (!isUtf8(whole)) {
      const replaced = countReplacements(text) - countReplacementBytes(whole);
      if (replaced > 0) problems.add("W103", `${path}: near byte ${offset + findInvalid(whole)} of the XML`, replaced);
    }
    offset += end;
    return text;
  };
}

/** Where the last character that may be incomplete begins. */
function findCharacterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function countReplacements(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) count += 1;
  return count;
}

/** How often the bytes hold U+FFFD itself, which is no fault. */
function countReplacementBytes(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf("\uFFFD"); at >= 0; at = buffer.indexOf("\uFFFD", at + 3)) count += 1;
  return count;
}

/** About where (to 4 kB) the first invalid bytes are. */
function findInvalid(bytes: Uint8Array): number {
  let from = 0;
  for (let to = 4096; from < bytes.length; to = from + 4096) {
    const piece = bytes.subarray(from, to);
    const end = to >= bytes.length ? piece.length : findCharacterEnd(piece);
    if (!isUtf8(piece.subarray(0, end))) return from;
    from += end;
  }
  return from;
}
