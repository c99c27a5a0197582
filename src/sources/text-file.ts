import { UserError } from "../errors.ts";
import type { Problems } from "../problems.ts";
import { decodeEntities } from "../text/entities.ts";
import { type LinesOptions, readLineGroups } from "./input.ts";

/** How to read text files. */
export interface ReadTextFileOptions {
  /** Where lines that cannot be read are counted (E401), and characters that are not valid UTF-8 (W103). */
  readonly problems: Problems;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

/** Lines that are not valid UTF-8, and their share, beyond which a file is taken for no text at all. */
const MAX_INVALID_LINES = 20;
const MAX_INVALID_SHARE = 0.1;
/** Length in UTF-16 units after which a document is yielded in pieces, cut at a line end. */
const PIECE_UNITS = 1 << 20;

/**
 * Reads documents of plain text from files of extracted articles; what a file is, its first line tells:
 *
 * - `<doc id=… url=… title=…>` to `</doc>`, as WikiExtractor writes;
 * - JSON lines with a `text` field, whose text may be such a block itself;
 * - anything else is plain text, the file one document.
 *
 * The title that a text repeats in its first line is left out. In the first two, character references are decoded and
 * tags and placeholders that WikiExtractor leaves are dropped. Several files are read as one, compressed or not. A
 * document longer than 1 MiB comes in several pieces, cut at line ends; a line longer than 16 MiB is left out and
 * counted. Throws `UserError` for a file that cannot be read.
 */
export async function* readTextFile(paths: readonly string[], options: ReadTextFileOptions): AsyncGenerator<string> {
  for (const path of paths) yield* readOne(path, options);
}

/** A piece of a file's text as it stands. */
export interface RawText {
  /** True if it begins a file, or a document of JSON lines. */
  readonly begins: boolean;
  readonly text: string;
}

/**
 * Reads text files as they stand, tags and titles included, as the `reference` profile counts them: the lines of each
 * file, or the `text` of each JSON line. Several files are read as one, compressed or not. Bad lines are counted as in
 * `readTextFile`.
 */
export async function* readRawText(paths: readonly string[], options: ReadTextFileOptions): AsyncGenerator<RawText> {
  for (const path of paths) {
    let begins = true;
    let json = false;
    for await (const { text, number } of readDecoded(path, options, { keepByteOrderMark: true })) {
      if (begins) json = isJson(text);
      const row = json ? parseRow(text) : undefined;
      if (row !== undefined) yield { begins: true, text: row.text.replace(/\r\n?/g, "\n") };
      else if (!json) yield { begins, text: text.replaceAll("\r", "\n") };
      else if (text.trim() !== "") options.problems.add("E401", `${path}: line ${number}`);
      begins = false;
    }
  }
}

interface Line {
  readonly text: string;
  /** Counts from 1. */
  readonly number: number;
}

async function* readOne(path: string, options: ReadTextFileOptions): AsyncGenerator<string> {
  let reader: ((line: Line) => string | undefined) | undefined;
  const document = createDocument();
  for await (const line of readDecoded(path, options)) {
    if (reader === undefined) {
      if (line.text.trim() === "") continue;
      reader = DOC_START.test(line.text)
        ? createDocReader(document)
        : isJson(line.text)
          ? createJsonReader(path, options.problems)
          : createPlainReader(document);
    }
    const text = reader(line);
    if (text !== undefined && text !== "") yield text;
  }
  const rest = document.take();
  if (rest !== "") yield rest;
}

/** The lines of a file as strings. */
async function* readDecoded(path: string, options: ReadTextFileOptions, more: LinesOptions = {}): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let number = 0;
  let invalid = 0;
  const { problems, onBytes } = options;
  const onLongLine = () => problems.add("E401", `${path}: a line beyond 16 MiB, near line ${number + 1}`);
  const how = { ...more, onLongLine, ...(onBytes !== undefined && { onBytes }) };
  for await (const lines of readLineGroups(path, how)) {
    for (const bytes of lines) {
      number += 1;
      const text = decoder.decode(bytes);
      // U+FFFD may stand in the file itself; only then are the bytes looked at again.
      if (text.includes("\uFFFD") && !Buffer.from(text).equals(bytes)) {
        problems.add("W103", `${path}: line ${number}`);
        invalid += 1;
        if (invalid > MAX_INVALID_LINES && invalid > MAX_INVALID_SHARE * number) {
          throw new UserError(`${path}: is no UTF-8 text (${invalid} of the first ${number} lines are not)`);
        }
      }
      yield { text, number };
    }
  }
}

/** Collects the lines of a document. */
interface Document {
  /** Begin a document; its first line with text is left out if it is the title. */
  begin(title: string | undefined): void;
  /** Add a line; gives the text so far when it has become long. */
  add(line: string): string | undefined;
  /** The text so far. */
  take(): string;
}

function createDocument(): Document {
  let lines: string[] = [];
  let units = 0;
  let title: string | undefined;
  const take = () => {
    const text = lines.join("\n");
    lines = [];
    units = 0;
    return text;
  };
  return {
    begin(given) {
      take();
      title = given;
    },
    add(line) {
      const text = line.trim();
      if (text === "") return undefined;
      const repeatsTitle = title !== undefined && text === title.trim();
      title = undefined;
      if (repeatsTitle) return undefined;
      lines.push(text);
      units += text.length;
      return units >= PIECE_UNITS ? take() : undefined;
    },
    take,
  };
}

const DOC_START = /^\s*<doc\s[^>]*>/;
const DOC_END = /<\/doc>\s*$/;

/** The title that `<doc …>` tells; it may hold quotes that are not escaped. */
function readDocTitle(line: string): string | undefined {
  const match = /\stitle="(.*?)"(?=\s+[a-z]+="|\s*\/?>)/.exec(line);
  return match === null ? undefined : decodeEntities(match[1]!);
}

function createDocReader(document: Document): (line: Line) => string | undefined {
  return ({ text }) => {
    if (DOC_START.test(text)) {
      const before = document.take();
      document.begin(readDocTitle(text));
      return before;
    }
    // What stands before </doc> on its line is text as well.
    const end = DOC_END.exec(text);
    const piece = document.add(cleanLine(end === null ? text : text.slice(0, end.index)));
    return end === null
      ? piece
      : [piece, document.take()].filter((part) => part !== undefined && part !== "").join("\n");
  };
}

/** Placeholders that WikiExtractor writes for formulas and code, also right behind a word. */
const PLACEHOLDER = /(?:formula|codice)_\d+/g;
/** Tags that WikiExtractor leaves, mostly escaped: those that wikitext knows, so that `vector<int>` stays. */
const LEFT_TAGS =
  /<\/?(?:a|b|big|blockquote|br|center|code|dd|div|dl|dt|em|font|gallery|hr|html|i|includeonly|li|math|noinclude|nowiki|ol|onlyinclude|p|poem|pre|ref|references|s|section|small|span|strong|sub|sup|syntaxhighlight|table|td|th|tr|tt|u|ul)(?:[\s/][^<>]*)?>/gi;

/** A line without what WikiExtractor leaves over; it escapes `<`, `>` and `&` of the text. */
function cleanLine(line: string): string {
  return decodeEntities(line).replace(LEFT_TAGS, "").replace(PLACEHOLDER, "");
}

function isJson(line: string): boolean {
  if (!line.trimStart().startsWith("{")) return false;
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    // A first line that is cut off is still JSON if it begins like an object's.
    return /^\s*\{\s*"/.test(line);
  }
}

/** Head of a text that tells its title and address before itself: `title:`, `url:` and `text:` on lines of their own. */
const TEXT_HEAD = /^\s*title:\n(.*)\n+(?:url:\n.*\n+)?text:\n/;

function createJsonReader(path: string, problems: Problems): (line: Line) => string | undefined {
  return ({ text: line, number }) => {
    if (line.trim() === "") return undefined;
    const row = parseRow(line);
    if (row === undefined) {
      problems.add("E401", `${path}: line ${number}`);
      return undefined;
    }
    const document = createDocument();
    const parts: (string | undefined)[] = [];
    const text = row.text.replace(/\r\n?/g, "\n");
    const head = TEXT_HEAD.exec(text);
    if (head !== null) document.begin(undefined);
    else document.begin(row.title);
    const lines = (head === null ? text : text.slice(head[0].length)).split("\n");
    const isDoc = DOC_START.test(lines[0] ?? "");
    const add = isDoc ? createDocReader(document) : ({ text }: Line) => document.add(cleanLine(text));
    for (const text of lines) parts.push(add({ text, number }));
    parts.push(document.take());
    return parts.filter((part) => part !== undefined && part !== "").join("\n");
  };
}

function parseRow(line: string): { text: string; title: string | undefined } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") {
    return undefined;
  }
  return { text: value.text, title: "title" in value && typeof value.title === "string" ? value.title : undefined };
}

function createPlainReader(document: Document): (line: Line) => string | undefined {
  return ({ text }) => document.add(text);
}
