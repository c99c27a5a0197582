import wtf from "wtf_wikipedia";
import { listEditions } from "../../languages/index.ts";
import { foldNamespace } from "../namespace-name.ts";
import { decodeEntities } from "./entities.ts";
import type { Extractor } from "./extractor.ts";
import {
  BLOCK_TAGS,
  CATEGORY_NAMES,
  DROPPED_TAGS,
  FILE_NAMES,
  IMAGE_ENDINGS,
  INLINE_TAGS,
  LANGUAGE_ALIASES,
} from "./markup.ts";

/*
 * Wikitext is prepared here and then read by wtf_wikipedia. The preparation takes out what wtf_wikipedia would keep or
 * cannot find the end of, and writes each block as a paragraph of its own, since wtf_wikipedia drops headings and some list
 * items; wtf_wikipedia reads links, external links, bold and italics. Every step runs in time linear in the page.
 *
 * Characters that must not be read as markup, and marks of the preparation itself, are written as noncharacters
 * (U+FDD0 to U+FDEF), which no text holds; they are removed from the input first.
 */

/** Characters that are markup somewhere, or that wtf_wikipedia rewrites; the nth is shielded as U+FDD0 + n. */
const SHIELDED = "[]{}<>&|'=*#:;~-_!()。\".,";
const SHIELD_BASE = 0xfdd0;
/** Stands for nothing, between apostrophes that belong to different marks, and as a link's label. */
const NOTHING = "\uFDE9";
/** Ends a line that wikitext does not end: `<br>` and block tags. */
const BREAK = "\uFDEF";
/** Begins a template that is not closed. */
const UNCLOSED = "\uFDEE";
/** Around a link, and around an external link, that wtf_wikipedia is to read. */
const LINK_OPEN = "\uFDED";
const LINK_CLOSE = "\uFDEC";
const SITE_OPEN = "\uFDEB";
const SITE_CLOSE = "\uFDEA";

const SHIELDS = new Map([...SHIELDED].map((character, i) => [character, String.fromCharCode(SHIELD_BASE + i)]));
const SHIELDS_PATTERN = /[\uFDD0-\uFDE9]/g;
const MARKUP_PATTERN = /[[\]{}<>&|'=*#:;~\-_!()。"]/g;

/** Blocks beyond this length in UTF-16 units do not go through wtf_wikipedia, whose time grows with their square. */
const MAX_WTF_BLOCK = 5000;

const DROPPED = new Set(DROPPED_TAGS);
const BLOCK = new Set(BLOCK_TAGS);
const INLINE = new Set(INLINE_TAGS);
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[\s/][^<>]*)?)>/y;

/** White space that is collapsed: not U+FEFF, which joins. */
const WHITE = /[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+/g;

/**
 * Creates the extractor over wtf_wikipedia.
 *
 * `extract` throws what wtf_wikipedia throws.
 */
export function createWtfExtractor(): Extractor {
  const languages = new Set([...LANGUAGE_ALIASES, ...listEditions().map(({ pageviewCode }) => pageviewCode)]);
  return {
    id: "wtf-10.4.2-2",
    extract(wikitext, context) {
      const files = new Set([...FILE_NAMES, ...context.fileNames.map(foldNamespace)]);
      const dropped = new Set([...files, ...CATEGORY_NAMES, ...context.categoryNames.map(foldNamespace)]);
      const blocks = cutBlocks(prepare(wikitext, { files, dropped, languages }));
      return readBlocks(blocks).join("\n");
    },
  };
}

/** Prefixes of links, folded: those of files, those of links that go (files and categories), those of other languages. */
interface LinkPrefixes {
  readonly files: ReadonlySet<string>;
  readonly dropped: ReadonlySet<string>;
  readonly languages: ReadonlySet<string>;
}

/** Wikitext of which only line markup, and inline markup that wtf_wikipedia reads, is left. */
function prepare(wikitext: string, prefixes: LinkPrefixes): string {
  let text = wikitext.replace(/\r\n?/g, "\n").replace(/[\uFDD0-\uFDEF\uFEFF]/g, "");
  text = dropTags(text);
  // Templates of these names keep an apostrophe from a mark of italics before it.
  text = dropTemplates(text.replace(/(?<!\{)\{\{'(s?)\}\}(?!\})/g, (_, s: string) => shield("'") + s));
  text = decodeEntities(text, shield);
  text = readVariants(text);
  text = dropTables(text);
  text = readLinks(text, prefixes);
  text = readSites(text);
  // wtf_wikipedia would drop the space.
  return dropMagicWords(text).replace(/(?<=\s)[.,]/g, shield);
}

function shield(character: string): string {
  return SHIELDS.get(character) ?? character;
}

/** Literal text: nothing in it is markup. */
function shieldAll(text: string): string {
  return decodeEntities(text).replace(MARKUP_PATTERN, shield);
}

function unshield(text: string): string {
  return text.replace(SHIELDS_PATTERN, (character) => SHIELDED[character.charCodeAt(0) - SHIELD_BASE] ?? "");
}

/** Take out comments and tags; write literal what `nowiki` and `pre` hold. */
function dropTags(text: string): string {
  let out = "";
  let from = 0;
  // Whether the current line held only white space and comments up to the last comment or tag.
  let blankSoFar = true;
  // Names whose closing tag does not come any more: searched for once, not for each opening tag.
  const unclosed = new Set<string>();
  const findClose = (name: string, start: number): { start: number; end: number } | undefined => {
    if (unclosed.has(name)) return undefined;
    const pattern = new RegExp(name === "table" ? "<(/?)table\\b[^<>]*>" : `<(/)${name}\\s*>`, "gi");
    pattern.lastIndex = start;
    let depth = 1;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      depth += match[1] === "/" ? -1 : 1;
      if (depth === 0) return { start: match.index, end: pattern.lastIndex };
    }
    unclosed.add(name);
    return undefined;
  };

  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) {
      const close = text.indexOf("-->", at + 4);
      let end = close < 0 ? text.length : close + 3;
      const piece = text.slice(from, at);
      const lineStart = piece.lastIndexOf("\n") + 1;
      if (lineStart > 0 || piece.trim() !== "") blankSoFar = lineStart > 0 && piece.slice(lineStart).trim() === "";
      out += piece;
      // A comment alone on its line goes with the line.
      if (blankSoFar) {
        const rest = /[ \t]*\n/y;
        rest.lastIndex = end;
        if (rest.test(text)) end = rest.lastIndex;
      }
      from = at = end;
      continue;
    }
    TAG.lastIndex = at;
    const match = TAG.exec(text);
    if (match === null) {
      at += 1;
      continue;
    }
    const [whole, slash, rawName = "", attributes = ""] = match;
    const name = rawName.toLowerCase();
    const isKnown = DROPPED.has(name) || BLOCK.has(name) || INLINE.has(name);
    if (!isKnown) {
      at += whole.length;
      continue;
    }
    out += text.slice(from, at);
    blankSoFar = false;
    from = at = at + whole.length;
    const isOpening = slash === "" && !attributes.endsWith("/");
    const close =
      isOpening && (DROPPED.has(name) || name === "nowiki" || name === "pre" || name === "poem")
        ? findClose(name, at)
        : undefined;
    if (close !== undefined) {
      const content = text.slice(at, close.start);
      if (name === "nowiki") out += shieldAll(content);
      else if (name === "pre")
        out += BREAK + shieldAll(content.replace(/<\/?nowiki>/gi, "")).replaceAll("\n", BREAK) + BREAK;
      else if (name === "poem") out += BREAK + dropTags(content).replaceAll("\n", BREAK) + BREAK;
      else if (BLOCK.has(name)) out += BREAK;
      from = at = close.end;
    } else if (BLOCK.has(name)) out += BREAK;
  }
  return out + text.slice(from);
}

/** Take out what stands between double braces, innermost pairs first, and the paragraph after braces that do not close. */
function dropTemplates(text: string): string {
  if (!text.includes("{{") && !text.includes("}}")) return text;
  const opened: number[] = [];
  // Pairs that lie in no other pair found so far.
  const pairs: { start: number; end: number }[] = [];
  const strays: { start: number; end: number }[] = [];
  let converters = 0;
  for (const match of text.matchAll(/\{{2,}|\}{2,}|-\{(?!\{)|\}-/g)) {
    const run = match[0];
    const at = match.index;
    const end = at + run.length;
    if (run === "-{") converters += 1;
    else if (run === "}-") converters = Math.max(0, converters - 1);
    else if (run[0] === "{") {
      // -{{{template}}}- is a template inside a language converter.
      const inConverter = text[at - 1] === "-" && run.length % 2 === 1;
      if (inConverter) converters += 1;
      const first = inConverter ? at + 1 : at;
      for (let i = 0; i < Math.floor(run.length / 2); i += 1) opened.push(first + 2 * i);
    } else {
      const closesConverter = run.length % 2 === 1 && text[end] === "-" && converters > 0;
      if (closesConverter) converters -= 1;
      const last = closesConverter ? end - 1 : end;
      let start: number | undefined;
      for (let i = 0; i < Math.floor(run.length / 2) && opened.length > 0; i += 1) start = opened.pop();
      if (start === undefined) strays.push({ start: at, end: last });
      else {
        while (pairs.length > 0 && pairs.at(-1)!.start > start) pairs.pop();
        while (strays.length > 0 && strays.at(-1)!.start > start) strays.pop();
        pairs.push({ start, end: last });
      }
    }
  }
  const cuts = [...pairs, ...strays, ...opened.map((start) => ({ start, end: start + 2, unclosed: true }))];
  cuts.sort((a, b) => a.start - b.start);
  let out = "";
  let from = 0;
  for (const cut of cuts) {
    if (cut.start < from) continue;
    const before = text[cut.start - 1];
    const isBetweenMarks = before === "'" ? text[cut.end] === "'" : before === "|" && text.startsWith("]]", cut.end);
    out += text.slice(from, cut.start) + ("unclosed" in cut ? UNCLOSED : isBetweenMarks ? NOTHING : "");
    from = cut.end;
  }
  out += text.slice(from);
  return opened.length === 0 ? out : out.replace(/\uFDEE[\s\S]*?(?=\n[ \t]*(?:\n|=)|$)/g, "");
}

/** Of `-{zh-hans:a; zh-hant:b}-` keep `a`, of `-{a}-` keep `a`; rules that only define variants go. */
function readVariants(text: string): string {
  let out = text;
  for (let depth = 0; depth < 8 && out.includes("-{"); depth += 1) {
    const next = out.replace(/-\{((?:(?!-\{|\}-)[\s\S])*)\}-/g, (_, content: string) => readVariant(content));
    if (next === out) break;
    out = next;
  }
  return out;
}

function readVariant(content: string): string {
  const bar = /^\s*([A-Za-z+\-; ]*)\|/.exec(content);
  const flags = bar?.[1] ?? "";
  // H defines a rule, T sets the title, - takes a rule back, N names a language: none shows its text.
  if (/[HTN-]/.test(flags) && !/^[a-z]{2,}(-[a-z]+)*/.test(flags)) return "";
  const body = bar === null ? content : content.slice(bar[0].length);
  const variant = /^\s*[a-z]{2,3}(?:-[a-z]+)*\s*:(.*?)(?:;\s*(?=$|[a-z]{2,3}(?:-[a-z]+)*\s*:)|$)/s.exec(body);
  return variant === null ? body : variant[1]!.trim();
}

const TABLE_START = /^[\s\uFDEF:*#;]*\{\|/;
const TABLE_END = /^[\s\uFDEF]*\|\}+/;
const HEADING = /^\s*=.*=\s*$/;

/** Take out wikitext tables; of one that does not end, what still looks like a table. */
function dropTables(text: string): string {
  if (!text.includes("{|")) return text;
  const lines = text.split("\n");
  const opened: number[] = [];
  const tables: { start: number; end: number; rest: string }[] = [];
  for (const [i, line] of lines.entries()) {
    if (TABLE_START.test(line)) opened.push(i);
    const end = opened.length === 0 ? null : TABLE_END.exec(line);
    if (end !== null) {
      const start = opened.pop()!;
      while (tables.length > 0 && tables.at(-1)!.start > start) tables.pop();
      tables.push({ start, end: i, rest: line.slice(end[0].length) });
    }
  }
  const out: string[] = [];
  const unclosed = new Set(opened);
  let table = 0;
  let inTable = false;
  for (let i = 0; i < lines.length; i += 1) {
    const next = tables[table];
    if (next !== undefined && next.start === i) {
      out.push(inTable ? "" : next.rest);
      i = next.end;
      table += 1;
      continue;
    }
    const line = lines[i]!;
    if (unclosed.has(i)) inTable = true;
    else if (inTable) {
      const isText = lines[i - 1]!.trim() === "" && line.trim() !== "" && !/^\s*[|!{]/.test(line);
      if (isText || HEADING.test(line)) inTable = false;
    }
    out.push(inTable ? "" : line);
  }
  return out.join("\n");
}

/** Read double brackets: files, categories and interlanguage links go, unusual links become their label. */
function readLinks(text: string, prefixes: LinkPrefixes): string {
  const open: string[] = [];
  let out = "";
  let from = 0;
  for (const match of text.matchAll(/\[\[|\]\]/g)) {
    const at = match.index;
    if (at < from) continue;
    out += text.slice(from, at);
    from = at + 2;
    if (match[0] === "[[") {
      // In [[[ the first bracket is text or begins an external link.
      if (text[from] === "[" && text[from + 1] !== "[") {
        out += "[";
        from += 1;
      }
      open.push(out);
      out = "";
    } else {
      const before = open.pop();
      if (before !== undefined) out = before + readLink(out, prefixes);
    }
  }
  out += text.slice(from);
  // Links that do not end: the brackets go; of a file the rest of its line goes too.
  const parts = [...open, out];
  let flat = parts[0]!;
  let inFile = false;
  for (const part of parts.slice(1)) {
    const name = /^([^:|\n]{1,100}):/.exec(part)?.[1];
    inFile ||= name !== undefined && prefixes.files.has(foldNamespace(name));
    const end = inFile ? part.indexOf("\n") : 0;
    if (end >= 0) {
      flat += part.slice(end);
      inFile = false;
    }
  }
  return flat;
}

/** A namespace's name for comparison; direction marks around it do not count. */

/** A link whose text wtf_wikipedia finds: a target of two characters or more and without signs it reads in its own way. */
const PLAIN_LINK = /^[^:|$#/\\\n\uFDEA-\uFDEF]{2,200}(?:\|[^|$\n\uFDEA-\uFDEF]{1,500})?$/;

/** A target with a prefix, of a namespace unknown here, and the ending of an image's name. */
const IMAGE = new RegExp(`^[^:]+:[^:]*\\.(?:${IMAGE_ENDINGS.join("|")})\\s*$`, "i");

function readLink(content: string, prefixes: LinkPrefixes): string {
  const flat = content.replace(/[\n\uFDEF]+/g, " ");
  // An external link in one pair of brackets too many.
  if (/^\s*https?:\/\//i.test(flat)) return `[${flat.trim()}]`;
  if (PLAIN_LINK.test(flat)) return LINK_OPEN + flat + LINK_CLOSE;
  const bar = flat.indexOf("|");
  const target = bar < 0 ? flat : flat.slice(0, bar);
  const colon = target.indexOf(":");
  if (colon > 0) {
    const prefix = target.slice(0, colon);
    const isLanguage = prefixes.languages.has(prefix.trim().toLowerCase());
    const isImage = bar >= 0 && IMAGE.test(target);
    if (isLanguage || isImage || prefixes.dropped.has(foldNamespace(prefix))) return "";
  }
  const label = bar < 0 ? "" : flat.slice(bar + 1);
  return shieldLabel(label.trim() === "" ? target.replace(/^\s*:/, "") : label);
}

/** A label without addresses, as text that makes no list item, definition, heading or row of its line. */
function shieldLabel(label: string): string {
  return label.replace(ADDRESS, readAddress).replace(/[:;*#=!]|^\|/g, shield);
}

/** A bare address; ideographic marks and brackets end it. */
const ADDRESS = /\b(?:https?|ftps?):\/\/[^\s<>[\]"|\u3000。、，；）」』】》\uFDD0-\uFDEF]+/gi;
/** As <https://example.org/>. */
const ANGLED_ADDRESS = /[<\uFDD4](?:https?|ftps?):\/\/[^\s<>[\]"|\u3000\uFDD0-\uFDEF]+[>\uFDD5]/gi;
const SITE =
  /\[((?:(?:https?|ftps?|sftp|ircs?|gopher|news|svn|git):)?\/\/(?:(?!'')[^\s<>[\]"\uFDEA-\uFDEF])+|mailto:[^\s<>[\]"]+)((?:\uFDED[^\uFDEC]*\uFDEC|[^[\]\n\uFDEF])*)\]/gi;
const PLAIN_SITE = /^(?:https?|ftp):\/\/[^\s|\uFDD0-\uFDEF]{4,1000}$/i;

/** Read external links: a bare address goes, a label stays. */
function readSites(text: string): string {
  const labelled = text.replace(SITE, (_, address: string, label: string) => {
    const shown = label.trim();
    if (shown === "") return "";
    // wtf_wikipedia cuts a link where a sentence seems to end.
    const isPlain =
      PLAIN_SITE.test(address) &&
      !address.includes("$") &&
      !/[.!?]$/.test(address) &&
      !/[$|.!?\uFDED]|:\/\//.test(shown);
    return isPlain ? `${SITE_OPEN}${address.replace(":", shield)} ${shown}${SITE_CLOSE}` : shieldLabel(shown);
  });
  return labelled.replace(ANGLED_ADDRESS, "").replace(ADDRESS, readAddress);
}

/** Of an address the marks at its end, which belong to the sentence. */
function readAddress(address: string): string {
  return /[.,:;!?)]*$/.exec(address)![0];
}

/** Magic words in capitals or in a script without case, as localised ones are, and the English ones in any case. */
const MAGIC_WORD = /__(?!_)(?:(?!\p{Ll})[\p{L}\p{M}_]){2,40}?__/gu;
const ENGLISH_MAGIC_WORD =
  /__(?:(?:no|force)?toc|no(?:editsection|newsectionlink|gallery|index|tc|cc|titleconvert|contentconvert)|index|newsectionlink|hiddencat|expectunusedcategory|disambig|staticredirect|archivedtalk)__/gi;

function dropMagicWords(text: string): string {
  return text.includes("__") ? text.replace(ENGLISH_MAGIC_WORD, "").replace(MAGIC_WORD, "") : text;
}

/** The text's blocks in order; no block holds a line end. */
function cutBlocks(text: string): string[] {
  const blocks: string[] = [];
  let paragraph: string[] = [];
  const add = (block: string) => {
    for (const line of block.replace(WHITE, " ").split(BREAK)) if (line.trim() !== "") blocks.push(line.trim());
  };
  const flush = () => {
    if (paragraph.length > 0) add(paragraph.join(" "));
    paragraph = [];
  };
  for (const raw of text.split("\n")) {
    let line = raw.replace(/^[\s\uFDEF]+(?==)/, "").trimEnd();
    if (line.trim() === "") {
      flush();
      continue;
    }
    const heading = readHeading(line);
    if (heading !== undefined) {
      flush();
      add(heading);
      continue;
    }
    const list = /^[*#:;]+/.exec(line)?.[0];
    if (list !== undefined) {
      flush();
      const item = line.slice(list.length);
      const colon = list.endsWith(";") ? findDefinition(item) : -1;
      if (colon >= 0) {
        add(item.slice(0, colon));
        add(item.slice(colon + 1));
      } else add(item);
      continue;
    }
    if (/^-{4,}/.test(line)) {
      flush();
      line = line.replace(/^-+/, "");
    }
    // A row of a table that a template begins.
    if (/^[\s\uFDEF]*(?:\||!.*(?:!!|\|))/.test(line)) flush();
    else paragraph.push(line.trim());
  }
  flush();
  return blocks;
}

/** The text of a heading, or undefined if the line is none. */
function readHeading(line: string): string | undefined {
  let end = line.length;
  while (end > 0 && (line[end - 1] === BREAK || line[end - 1]!.trim() === "")) end -= 1;
  const trimmed = line.slice(0, end);
  if (!trimmed.startsWith("=") || !trimmed.endsWith("=")) return undefined;
  // A heading that held only a template.
  if (/^=+$/.test(trimmed)) return "";
  const left = /^=+/.exec(trimmed)![0].length;
  const right = /[^=](=+)$/.exec(trimmed)?.[1]?.length ?? 0;
  const level = Math.min(left, right, 6);
  return level === 0 ? undefined : trimmed.slice(level, -level);
}

/** The colon between a term and its definition: the first outside brackets. */
function findDefinition(item: string): number {
  let depth = 0;
  for (let i = 0; i < item.length; i += 1) {
    const character = item[i]!;
    if (character === "[" || character === LINK_OPEN || character === SITE_OPEN) depth += 1;
    else if (character === "]" || character === LINK_CLOSE || character === SITE_CLOSE) depth -= 1;
    else if (character === ":" && depth <= 0) return i;
  }
  return -1;
}

/** The blocks' text, by wtf_wikipedia as far as they are not too long for it; blocks without text are left out. */
function readBlocks(blocks: readonly string[]): string[] {
  const lines: string[] = [];
  let short: string[] = [];
  const add = (text: string) => {
    const line = unshield(text.replace(/'{2,}/g, "")).replace(WHITE, " ").trim();
    if (line !== "") lines.push(line);
  };
  const flush = () => {
    if (short.length === 0) return;
    for (const paragraph of [wtf(short.join("\n\n")).paragraphs()].flat()) {
      for (const line of (paragraph as { text(): string }).text().split("\n")) add(line);
    }
    short = [];
  };
  for (const block of blocks) {
    if (block.length <= MAX_WTF_BLOCK) short.push(writeWtf(block));
    else {
      flush();
      add(readInline(block));
    }
  }
  flush();
  return lines;
}

/** A block as wtf_wikipedia is to read it: what is left of other markup is text. */
function writeWtf(block: string): string {
  return block
    .replace(/[[\]{}<>&~(。]|^[#*:;|=! ]|-(?=-)|(?<=-)-/g, shield)
    .replaceAll(LINK_OPEN, "[[")
    .replaceAll(LINK_CLOSE, "]]")
    .replace(/\uFDEB([a-z]+)[\uFDD0-\uFDE9]/gi, "[$1:")
    .replaceAll(SITE_CLOSE, "]");
}

/** A block's text without wtf_wikipedia. */
function readInline(block: string): string {
  return block
    .replace(/\uFDED([^\uFDEC|]*)(?:\|([^\uFDEC]*))?\uFDEC/g, (_, target: string, label?: string) => label ?? target)
    .replace(/\uFDEB\S+ ([^\uFDEA]*)\uFDEA/g, "$1");
}
