/** What every kind of pool file has in common: its rows, its fields, and how a row is made of what a file holds. */
import { toUSVString } from "node:util";
import type { Problems } from "../problems.ts";

/** One row of a pool: an image, or whatever its texts belong to. */
export interface PoolRow {
  /** Undefined where the row has none. */
  readonly id: string | undefined;
  /** True where a file of JSON has the id as a number; its digits are those of `id`. */
  readonly numericId?: true;
  readonly url: string | undefined;
  /** The language's label, as it stands in the file. */
  readonly lang: string | undefined;
  /** Texts as they stand in the file, without those that are left out; may be empty. */
  readonly texts: readonly string[];
}

/** The formats of pools, by the names that a user gives. */
export const POOL_FORMATS = ["jsonl", "tsv", "csv", "txt", "warc", "parquet"] as const;
export type PoolFormat = (typeof POOL_FORMATS)[number];

/** What is read of a row. */
export type PoolField = "text" | "id" | "lang" | "url";

/** Names of fields that a user gives; what is not given is looked for under its usual names. */
export type PoolFields = Readonly<Partial<Record<PoolField, string | undefined>>>;

/** How a file is read. */
export interface PoolLayout {
  readonly format: PoolFormat;
  /** Where each field is taken from: a column's or field's name, a column's number; undefined where there is none. */
  readonly fields: Readonly<Record<PoolField, string | undefined>>;
}

/** Longest text, in bytes of UTF-8. No caption is that long; what is, is a page, or data. */
export const MAX_TEXT_BYTES = 64 << 10;

/** How a file's name and its first lines look. */
export interface PoolHead {
  readonly path: string;
  /** What messages call the file. */
  readonly name: string;
  /** The file's name without its folder and without the ending of a compression, in small letters. */
  readonly plainName: string;
  /** The first bytes, decompressed, a character each: what tells a file that is no lines of text. */
  readonly magic: string;
  /** The first lines, at least one if the file has any, without the byte order mark. */
  readonly lines: readonly string[];
  /** The first line that is more than white space; undefined if there is none. */
  readonly firstLine: string | undefined;
}

/** One thread's part of a file: pieces, which follow one another in the file, go round the threads. */
export interface PoolShare {
  /** From 0. */
  readonly index: number;
  readonly of: number;
  /**
   * How many groups make a piece; 1 if not given. Where pieces end does not depend on the share. A group is up to 512 rows;
   * of a web archive a range of bytes, and no more than 4 of them make a piece; of Parquet a piece is a row group, or as
   * many small ones as have the rows of that number of groups together (`PARQUET`).
   */
  readonly groups?: number;
  /** Numbers of pieces, from 0, that are not to be read. */
  readonly without?: readonly number[];
}

/** Rows of one piece. */
export interface PoolBatch {
  /** Number of the piece in the file, from 0. */
  readonly piece: number;
  /** In the order of the file; none where a group has nothing but faults. */
  readonly rows: PoolRow[];
}

/** How rows are read once a file's kind is known. */
export interface RowsOptions {
  readonly share: PoolShare;
  readonly problems: Problems;
  onBytes?(count: number): void;
}

/** A file whose fields are known. */
export interface OpenPool {
  readonly fields: PoolLayout["fields"];
  /** The rows of one share in the order of the file, some at a time; what is wrong with them is told before them. */
  read(options: RowsOptions): AsyncGenerator<PoolBatch>;
}

/** A file without a line. */
export function emptyPool({ text = "text", id, lang, url }: PoolFields): OpenPool {
  return { fields: { text, id, lang, url }, async *read() {} };
}

/** A kind of file that pools come in, a module each. */
export interface PoolKind {
  readonly format: PoolFormat;
  /** True if a file is of this kind. The kinds are asked in turn, the most particular first. */
  matches(head: PoolHead, fields: PoolFields): boolean;
  /** Find the fields in a file's head, the same for every share. Throws `UserError` if they are not there. */
  open(head: PoolHead, fields: PoolFields): OpenPool | Promise<OpenPool>;
}

/** What a file says of a row, before it is checked. */
export interface RawRow {
  readonly id?: unknown;
  readonly numericId?: boolean;
  readonly url?: unknown;
  readonly lang?: unknown;
  /** A string, an array of strings, or null for none. */
  readonly text: unknown;
}

/** Make a row of what the file says; `where` names the place for people. Faults are counted. */
export function makeRow(raw: RawRow, problems: Problems, where: () => string): PoolRow {
  const texts = takeTexts(raw.text, problems, where);
  const id = toLabel(raw.id, problems, where);
  const url = toLabel(raw.url, problems, where);
  const lang = toLabel(raw.lang, problems, where);
  return raw.numericId === true && id !== undefined
    ? { id, numericId: true, url, lang, texts }
    : { id, url, lang, texts };
}

function takeTexts(value: unknown, problems: Problems, where: () => string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => takeText(item, problems, where) ?? []);
  const text = takeText(value, problems, where);
  return text === undefined ? [] : [text];
}

/** A text that can be matched; undefined, and counted, if it cannot be. */
export function takeText(value: unknown, problems: Problems, where: () => string): string | undefined {
  if (value === undefined || value === null) problems.add("W501", where());
  else if (typeof value !== "string") problems.add("E502", where());
  else if (!VISIBLE.test(value)) problems.add("W501", where());
  // No UTF-16 unit takes more than three bytes.
  else if (value.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(value) > MAX_TEXT_BYTES) {
    problems.add("W502", where());
  } else if (ODD.test(value) && isBinary(value)) problems.add("E503", where());
  else if (isData(value)) problems.add("E504", where());
  else {
    const text = toUSVString(value);
    // Half a character, which JSON can write, has become U+FFFD.
    if (text !== value) problems.add("W103", where());
    return text;
  }
  return undefined;
}

/**
 * A character that can be seen, or is at least none of these: white space, and what Unicode has displays ignore: soft
 * hyphen, zero-width spaces and joiners, marks of direction, variation selectors, fillers, byte order mark.
 */
const VISIBLE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: U+034F is meant by itself
  /[^\u034F\s\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFFA0\uFFF0-\uFFFB]/;
/** What in great number makes a text none: control characters but white space, halves of pairs and U+FFFD. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ODD = /[\0-\x08\x0E-\x1F\x7F-\x9F\uD800-\uDFFF\uFFFD]/;

/** True if a text holds NUL, or if at least half of its characters, white space aside, are odd. */
function isBinary(text: string): boolean {
  if (text.includes("\0")) return true;
  let odd = 0;
  let all = 0;
  for (const character of text) {
    if (/\s/.test(character)) continue;
    all += 1;
    // Two halves are a character.
    if (character.length === 1 && ODD.test(character)) odd += 1;
  }
  return odd * 2 >= all;
}

const DATA_ADDRESS = /^\s*data:[\w.+-]+\/[\w.+-]+[;,]/i;
/** Long enough for no word, address or file name; base64 of an image is longer. */
const DATA_UNITS = 256;
const DATA_RUN = new RegExp(`(?<![\\w+/=-])[\\w+/=-]{${DATA_UNITS},}`, "g");

/** True of an address with the data in it (`data:image/png;base64,…`), and where a text holds a long run of base64 or the like. */
function isData(text: string): boolean {
  if (DATA_ADDRESS.test(text)) return true;
  if (text.length < DATA_UNITS) return false;
  // Lines are drawn with such signs as well, but not with letters and digits.
  return [...text.matchAll(DATA_RUN)].some(([run]) => /\d/.test(run) && /[a-z]/i.test(run));
}

/** An id, an address or a language: a number becomes its text, an empty string is none. */
export function toLabel(value: unknown, problems: Problems, where: () => string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value === "" ? undefined : value;
  // JSON's 1e999 is infinite here.
  if (Number.isFinite(value)) return String(value);
  problems.add("W503", where());
  return undefined;
}

/** Bytes of a buffer, which holds others as well: to make a view of each line takes as long as to read it. */
export interface ByteRange {
  readonly source: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Decode a line; bytes that are not valid UTF-8 become U+FFFD and are counted. */
export function decodeLine({ source, from, to }: ByteRange, problems: Problems, where: () => string): string {
  const text = source.toString("utf8", from, to);
  // U+FFFD may stand in the file itself; only then are the bytes looked at again.
  if (text.includes("\uFFFD") && !Buffer.from(text).equals(source.subarray(from, to))) problems.add("W103", where());
  return text;
}
