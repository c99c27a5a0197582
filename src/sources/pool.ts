/** Pools of captions: files to rows. */
import { isUtf8 } from "node:buffer";
import { basename } from "node:path";
import { UserError } from "../errors.ts";
import type { Problems } from "../problems.ts";
import { openInput, readBeginning } from "./input.ts";
import { CSV, TSV } from "./pool-columns.ts";
import { JSONL } from "./pool-jsonl.ts";
import type {
  OpenPool,
  PoolBatch,
  PoolFields,
  PoolFormat,
  PoolHead,
  PoolKind,
  PoolLayout,
  PoolRow,
  PoolShare,
} from "./pool-kind.ts";
import { PARQUET } from "./pool-parquet.ts";
import { PLAIN } from "./pool-plain.ts";
import { WARC } from "./pool-warc.ts";

export {
  MAX_TEXT_BYTES,
  POOL_FORMATS,
  type PoolBatch,
  type PoolFields,
  type PoolFormat,
  type PoolLayout,
  type PoolRow,
  type PoolShare,
} from "./pool-kind.ts";

/** How to look at a pool. */
export interface PoolFileOptions {
  /**
   * Names of the fields as the file has them: a column's name, its number from 1 (where columns have no names, or their
   * names are no numbers), a key of JSON or a path of keys (`a.b`). What is not given is looked for under its usual names:
   * `text` (also `texts`, `caption`, `alt`, …), `id` (`key`, …), `lang` (`language`, …), `url` (`image_url`, …), in small
   * or large letters; another name than the default is taken only if it is the only one of them.
   */
  readonly fields: PoolFields;
  /** The file's format; told by its content if not given. */
  readonly format?: PoolFormat | undefined;
  /** What to call files in messages, by their paths. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

/** How to read a pool. */
export interface PoolReading extends PoolFileOptions {
  /** The part of the file to read, for several threads; all of it if not given. */
  readonly share?: PoolShare | undefined;
  /**
   * Where faults are counted: rows that cannot be read (E501); texts that are no strings (E502), binary (E503: they hold
   * NUL, or at least half of their characters are control characters or U+FFFD), data (E504: `data:` addresses, and runs
   * of 256 and more letters, digits and signs of base64), empty (W501: nothing that can be seen) or longer than
   * `MAX_TEXT_BYTES` (W502), which are left out; other fields that are no text (W503), left out too; and rows with bytes
   * that are not valid in their encoding (W103), which become U+FFFD; of web archives parts and pages that cannot be read
   * (E511, E512, W513) and images without an address that can be fetched (W511, W512). Text that was decoded by a wrong
   * encoding before (`Ã©`) stays.
   */
  readonly problems: Problems;
  /** Called with a number of compressed bytes each time some were read, for progress; all shares together tell all. */
  onBytes?(count: number): void;
}

/**
 * Reads the rows of a pool, some at a time, in the order of the file, in bounded memory.
 *
 * The file is JSON lines, TSV, CSV or plain text with a caption a line, or a web archive (WARC, WAT), compressed (gzip,
 * bzip2, Zstandard) or not, or Parquet. Which of them, and where the fields are, its first bytes or lines tell, or its
 * footer, the same for every share. Texts that are left out are counted, and their row stays, with the texts that it has
 * left or none; rows that cannot be read are counted and left out. A file may hold no row at all: callers count them.
 *
 * Every share decompresses the whole file and parses only its own groups of rows; of web archives with a gzip member for
 * each record, and of row groups of Parquet, it reads no more than its own. The shares together give every row once.
 *
 * Throws `UserError` for a file that cannot be read or is no pool, and where a field that is asked for, or any text, is not
 * in it.
 */
export async function* readPool(path: string, options: PoolReading): AsyncGenerator<PoolRow[]> {
  for await (const { rows } of readPoolPieces(path, options)) if (rows.length > 0) yield rows;
}

/**
 * Reads the rows of a pool as `readPool`, and tells of which piece of the file they are: pieces of `share.groups` groups,
 * which are the same whatever the share. Faults of a batch are counted before it is given.
 */
export async function* readPoolPieces(path: string, options: PoolReading): AsyncGenerator<PoolBatch> {
  const { share = { index: 0, of: 1 }, problems, onBytes } = options;
  const { pool } = await openPool(path, options);
  yield* pool.read({ share, problems, ...(onBytes && { onBytes }) });
}

/** Tells how a pool would be read, without reading it. Throws as `readPool`. */
export async function inspectPool(path: string, options: PoolFileOptions): Promise<PoolLayout> {
  const { pool, format } = await openPool(path, options);
  return { format, fields: pool.fields };
}

/** Kinds of files that are no lines of text; their first bytes tell. */
const BINARY: readonly PoolKind[] = [WARC, PARQUET];
/** All kinds, the most particular first; the last one takes everything. */
const KINDS: readonly PoolKind[] = [...BINARY, JSONL, TSV, CSV, PLAIN];

async function openPool(
  path: string,
  { fields, format, names }: PoolFileOptions,
): Promise<{ readonly pool: OpenPool; readonly format: PoolFormat }> {
  const name = names?.get(path) ?? path;
  const magic = Buffer.from(await readBeginning(path, MAGIC_BYTES)).toString("latin1");
  const plainName = basename(name)
    .toLowerCase()
    .replace(/\.(?:gz|bz2|zst)$/, "");
  const bare: PoolHead = { path, name, plainName, magic, lines: [], firstLine: undefined };
  const binary = BINARY.find((each) => each.matches(bare, fields));
  if (binary !== undefined) {
    if (format !== undefined && format !== binary.format) {
      throw new UserError(`${name}: is of format ${binary.format}, not ${format}`);
    }
    return { pool: await binary.open(bare, fields), format: binary.format };
  }
  const bytes = await readHead(path);
  checkBytes(bytes, { name, magic });
  const lines = bytes.map((line) => DECODER.decode(line));
  const firstLine = lines.find((line) => /\S/.test(line));
  const head: PoolHead = { ...bare, lines, firstLine };
  if (format === undefined) checkJson(head);
  const kind =
    KINDS.find((each) => (format === undefined ? each.matches(head, fields) : each.format === format)) ?? PLAIN;
  return { pool: await kind.open(head, fields), format: kind.format };
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** What is read to tell a file's format and fields: so many lines or bytes, but at least one whole line. */
const MAGIC_BYTES = 8;
const HEAD_LINES = 128;
const HEAD_BYTES = 1 << 20;
const MAX_HEAD_BYTES = 16 << 20;

const LF = 0x0a;
const CR = 0x0d;

/** The first lines of a file, without byte order mark and carriage returns. */
async function readHead(path: string): Promise<Uint8Array[]> {
  const lines: Uint8Array[] = [];
  let rest = Buffer.alloc(0);
  let length = 0;
  let some = false;
  const add = (line: Uint8Array) => {
    lines.push(line[line.length - 1] === CR ? line.subarray(0, -1) : line);
    some ||= line.some((byte) => byte > 0x20);
  };
  for await (const chunk of openInput(path)) {
    length += chunk.length;
    rest = Buffer.concat([rest, chunk]);
    if (length === rest.length && hasByteOrderMark(rest)) rest = rest.subarray(3);
    let start = 0;
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF, start)) {
      add(rest.subarray(start, end));
      start = end + 1;
      if (lines.length >= HEAD_LINES && some) return lines;
    }
    rest = rest.subarray(start);
    if (length >= (some ? HEAD_BYTES : MAX_HEAD_BYTES)) break;
  }
  if (rest.length > 0 && (length < HEAD_BYTES || !some)) add(rest);
  return lines;
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Beginnings of files that are no lines of text, and what a person can do about them. */
const NO_TEXT: readonly (readonly [magic: string, what: string, advice: string])[] = [
  ["filedesc", "an ARC file", "convert it to WARC first, e.g. with warcio recompress"],
  ["\xff\xfe", "UTF-16 text", "convert it first, e.g. iconv -f UTF-16 -t UTF-8"],
  ["\xfe\xff", "UTF-16 text", "convert it first, e.g. iconv -f UTF-16 -t UTF-8"],
];

/** Of the first lines, how many that are not text make a file no text: these, and at least a quarter. */
const NO_TEXT_LINES = 20;

function checkBytes(lines: readonly Uint8Array[], { name, magic }: Pick<PoolHead, "name" | "magic">): void {
  for (const [start, what, advice] of NO_TEXT) {
    if (magic.startsWith(start)) throw new UserError(`${name}: is ${what}; ${advice}`);
  }
  const bad = lines.filter((line) => !isUtf8(line) || line.includes(0)).length;
  if (bad > NO_TEXT_LINES && bad * 4 > lines.length) {
    throw new UserError(
      `${name}: is no UTF-8 text (${bad} of the first ${lines.length} lines are not); convert it first, e.g. with iconv`,
    );
  }
}

/** JSON that is not one object a line would pass for plain text. */
function checkJson({ name, firstLine = "" }: PoolHead): void {
  if (/^\s*(?:\{\s*|\[\s*(?:\{.*)?)$/s.test(firstLine)) {
    throw new UserError(`${name}: is one JSON document; write one object a line first, e.g. with jq -c '.[]'`);
  }
}
