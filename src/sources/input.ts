import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { UserError } from "../errors.ts";
import { type Bzip2Block, Bzip2Error, type Bzip2Range, decompressBzip2, type RangeChecksum } from "./bzip2.ts";
import { decompressZstd, ZstdError } from "./zstd.ts";

/** How to read a file. */
export interface InputOptions {
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

/** How to read the lines of a file. */
export interface LinesOptions extends InputOptions {
  /** Longest line in bytes; 16 MiB if not given. */
  readonly maxLineBytes?: number;
  /** True if a UTF-8 byte order mark at the start of the file is part of its first line; else it is dropped. */
  readonly keepByteOrderMark?: boolean;
  /** Called with the length in bytes of each line that is longer and is left out; without it such a line throws. */
  onLongLine?(bytes: number): void;
}

const CHUNK_BYTES = 1 << 18;
const MAX_LINE_BYTES = 16 << 20;
const LF = 0x0a;
const CR = 0x0d;

/** What a file is by its first bytes. */
export type Format = "gzip" | "bzip2" | "zstd" | "plain";

const ZSTD_FRAME = [0x28, 0xb5, 0x2f, 0xfd] as const;

/** The first bytes of formats that are told but not read, and what a person can do about them. */
const UNREAD: readonly (readonly [magic: readonly number[], name: string, advice: string])[] = [
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz", "convert it first, e.g. xz -dc FILE.xz | gzip > FILE.gz"],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "7z", "convert it first, e.g. 7z x -so FILE.7z | gzip > FILE.gz"],
  [[0x50, 0x4b, 0x03, 0x04], "zip", "unpack it first, e.g. unzip FILE.zip"],
];
/** Bytes that tell a format: a bzip2 header with the magic number behind it. */
const MAGIC_BYTES = 10;
const BZIP2_BLOCK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59] as const;
const BZIP2_END = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90] as const;

/**
 * Reads a file as bytes, decompressed as its content (not its name) says: gzip of one member or several, bzip2 of one
 * stream or several, Zstandard of one frame or several, or as it is.
 *
 * Throws `UserError` that names the file, the place in the compressed bytes where it is known, and what to do: no such
 * file, a directory, damaged or truncated data, a compression that is not read.
 */
export async function* openInput(path: string, options: InputOptions = {}): AsyncGenerator<Uint8Array> {
  const raw = readChunks(path, { ...options, from: 0 });
  try {
    const { first, format } = await readMagicBytes(raw, path);
    const all = prepend(first, raw);
    switch (format) {
      case "gzip":
        yield* gunzip(all, path);
        break;
      case "bzip2":
        for await (const { bytes } of bunzip2(all, path)) yield bytes;
        break;
      case "zstd":
        yield* unzstd(all, path);
        break;
      case "plain":
        yield* all;
    }
  } finally {
    await raw.return(undefined);
  }
}

/**
 * Reads a file's first bytes, decompressed, at most so many. Throws `UserError` as `openInput` does, but for damage further
 * on in gzip data than it takes to tell them.
 */
export async function readBeginning(path: string, length: number): Promise<Uint8Array> {
  const raw = readChunks(path, { from: 0 });
  try {
    const { first, format } = await readMagicBytes(raw, path);
    if (format === "gzip") {
      for (let size = LEAST_BYTES; size < 2 * first.length; size *= 2) {
        const bytes = inflateBeginning(first.subarray(0, size));
        if (bytes.length >= length) return bytes.subarray(0, length);
      }
    }
  } finally {
    await raw.return(undefined);
  }
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of openInput(path)) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Compressed bytes that may tell the first bytes of the content; what is damaged behind them is not looked at. */
const LEAST_BYTES = 32;

function inflateBeginning(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Tells a file's format. Throws `UserError` as `openInput` does. */
export async function findFormat(path: string): Promise<Format> {
  const raw = readChunks(path, { from: 0 });
  try {
    return (await readMagicBytes(raw, path)).format;
  } finally {
    await raw.return(undefined);
  }
}

/** A part of a file that can be read by itself. */
export interface InputRange extends InputOptions {
  readonly format: "plain" | "bzip2";
  /** Place of the first byte in the file, and that behind the last one. */
  readonly from: number;
  readonly to: number;
  /** Called with the checksum of the range's blocks once they have been read. */
  onChecksum?(checksum: RangeChecksum): void;
}

/** A stretch of a file's decompressed bytes. */
export interface Segment {
  /** Where the bytes stand, the same for whoever reads them: the block's first bit, and the byte within the block. */
  readonly block: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** True if they belong to the range, false if they follow it. */
  readonly owned: boolean;
}

/**
 * Reads a range of a file and, for as long as the caller asks, what follows it. The bytes of a bzip2 block belong to the
 * range in which its magic number begins. Only bytes of the range are told to `onBytes`. Throws as `openInput` does.
 */
export async function* openRange(path: string, range: InputRange): AsyncGenerator<Segment> {
  const { format, from, to, onChecksum } = range;
  const chunks = readChunks(path, range);
  if (format === "bzip2") {
    const blocks = bunzip2(chunks, path, { from, to, ...(onChecksum !== undefined && { onChecksum }) });
    for await (const { bit, bytes } of blocks) yield { block: bit, offset: 0, bytes, owned: bit < to * 8 };
    return;
  }
  let offset = from;
  for await (const chunk of chunks) {
    const inside = Math.max(0, Math.min(to - offset, chunk.length));
    if (inside > 0) yield { block: 0, offset, bytes: chunk.subarray(0, inside), owned: true };
    if (inside < chunk.length) yield { block: 0, offset: offset + inside, bytes: chunk.subarray(inside), owned: false };
    offset += chunk.length;
  }
}

async function readMagicBytes(
  raw: AsyncGenerator<Uint8Array>,
  path: string,
): Promise<{ first: Uint8Array; format: Format }> {
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < MAGIC_BYTES) {
    const next = await raw.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const first = head.length === 1 ? head[0]! : Buffer.concat(head);
  return { first, format: detectFormat(first, path) };
}

/**
 * Reads a file's lines as bytes, in groups of those that lie in one chunk; decompressed as `openInput` does.
 *
 * A line carries neither its LF nor a CR before it; the last line counts also without an LF. Lines are views that stay
 * valid. A line beyond `maxLineBytes` is left out and told to `onLongLine`, or throws `UserError` if that is not given;
 * memory is bounded by that limit.
 */
export async function* readLineGroups(path: string, options: LinesOptions = {}): AsyncGenerator<Uint8Array[]> {
  const limit = options.maxLineBytes ?? MAX_LINE_BYTES;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let lineNumber = 1;
  let first = options.keepByteOrderMark !== true;

  const take = (end: Uint8Array): Uint8Array | undefined => {
    const bytes = pendingBytes + end.length;
    const line = pending.length === 0 ? end : pendingBytes <= limit ? Buffer.concat([...pending, end]) : end;
    pending = [];
    pendingBytes = 0;
    lineNumber += 1;
    if (bytes > limit) {
      if (options.onLongLine === undefined) throw tooLong(path, lineNumber - 1, limit);
      options.onLongLine(bytes);
      return undefined;
    }
    let from = 0;
    if (first) {
      first = false;
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) from = 3;
    }
    const to = line[line.length - 1] === CR ? line.length - 1 : line.length;
    return from === 0 && to === line.length ? line : line.subarray(from, to);
  };

  for await (const chunk of openInput(path, options)) {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const line = take(chunk.subarray(start, end));
      if (line !== undefined) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) {
      pendingBytes += chunk.length - start;
      // Of a line that is too long only the length is kept.
      if (pendingBytes <= limit) pending.push(chunk.subarray(start));
      else if (options.onLongLine === undefined) throw tooLong(path, lineNumber, limit);
      else pending = [];
    }
    if (lines.length > 0) yield lines;
  }
  if (pendingBytes > 0) {
    const line = take(new Uint8Array(0));
    if (line !== undefined) yield [line];
  }
}

/** Reads a file's lines as bytes, one at a time; everything else as `readLineGroups`, which is faster. */
export async function* readLines(path: string, options: LinesOptions = {}): AsyncGenerator<Uint8Array> {
  for await (const lines of readLineGroups(path, options)) yield* lines;
}

function tooLong(path: string, line: number, limit: number): UserError {
  return new UserError(`${path}: line ${line} is longer than ${limit} bytes; is this a file of lines?`);
}

/** The bytes of a file from a place on; of those behind `to` `onBytes` is not told. */
async function* readChunks(
  path: string,
  options: InputOptions & { readonly from: number; readonly to?: number },
): AsyncGenerator<Uint8Array> {
  const { from, to = Number.POSITIVE_INFINITY } = options;
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES, start: from });
  let offset = from;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (offset < to) options.onBytes?.(Math.min(chunk.length, to - offset));
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw explainReadError(error, path);
  } finally {
    stream.destroy();
  }
}

/** What is to be thrown where reading a file failed: `UserError` that names the file, if the system says why. */
export function explainReadError(error: unknown, path: string): unknown {
  const reason = describeSystemError(error);
  return reason === undefined ? error : new UserError(`${path}: ${reason}`);
}

/** What a failed read means to a person. */
function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return "no such file; check the path";
    case "EISDIR":
      return "is a directory; give the files in it";
    case "EACCES":
    case "EPERM":
      return "may not be read; check its permissions";
    case "EMFILE":
      return "too many open files; raise the limit (ulimit -n)";
    case "EIO":
      return "the disk reports an error; copy the file again";
    default:
      return `cannot be read (${String(error.code)})`;
  }
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  yield* rest;
}

function detectFormat(head: Uint8Array, path: string): Format {
  const startsWith = (magic: readonly number[]) => magic.every((byte, i) => head[i] === byte);
  for (const [magic, name, advice] of UNREAD) {
    if (startsWith(magic)) throw new UserError(`${path}: ${name} compression is not supported; ${advice}`);
  }
  if (startsWith([0x1f, 0x8b])) return "gzip";
  if (startsWith(ZSTD_FRAME)) return "zstd";
  // "BZh9" alone could begin a text; of a shorter file what is there must fit.
  const level = head[3] ?? 0;
  const isBzip2 =
    startsWith([0x42, 0x5a, 0x68]) &&
    level >= 0x31 &&
    level <= 0x39 &&
    [BZIP2_BLOCK, BZIP2_END].some((magic) => head.subarray(4, MAGIC_BYTES).every((byte, i) => byte === magic[i]));
  return isBzip2 ? "bzip2" : "plain";
}

async function* gunzip(chunks: AsyncGenerator<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  // The callback only keeps the error from being unhandled: the loop below meets it as well.
  let given = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      given += chunk.length;
      yield chunk;
    }
  };
  pipeline(Readable.from(counted(), { objectMode: false, highWaterMark: CHUNK_BYTES }), stream, () => {});
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_")) throw error;
    const place = `near byte ${given}`;
    throw error.code === "Z_BUF_ERROR"
      ? new UserError(`${path}: the gzip data ends too early (${place}); download or copy the file again`)
      : new UserError(`${path}: damaged gzip data (${place}: ${error.message}); download or copy the file again`);
  } finally {
    stream.destroy();
  }
}

async function* bunzip2(
  chunks: AsyncGenerator<Uint8Array>,
  path: string,
  range: Bzip2Range = {},
): AsyncGenerator<Bzip2Block> {
  try {
    yield* decompressBzip2(chunks, range);
  } catch (error) {
    if (!(error instanceof Bzip2Error)) throw error;
    throw new UserError(`${path}: bzip2: ${error.message} (byte ${error.offset}); download or copy the file again`);
  }
}

async function* unzstd(chunks: AsyncGenerator<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* decompressZstd(chunks);
  } catch (error) {
    if (!(error instanceof ZstdError)) throw error;
    throw new UserError(`${path}: Zstandard: ${error.message} (byte ${error.offset}); download or copy the file again`);
  }
}
