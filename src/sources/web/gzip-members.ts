/** Gzip files of a member for each record, as web archives are, so that reading can begin at any of them. */
import type { FileHandle } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { constants, crc32, createInflateRaw, gunzipSync, inflateRawSync } from "node:zlib";

/** What to do with members. */
export interface MemberUser {
  /** A member begins at a place in the file. */
  start(offset: number): void;
  /** Its next bytes, decompressed; they do not change later. */
  push(bytes: Buffer): void;
  /** It is over, and what it held is as its checksum says. */
  end(): void;
  /**
   * All of several members that follow each other from a place on, at once. False if nothing was taken of it, so that they
   * are given again, one by one; that is done always if this is absent.
   */
  run?(offset: number, bytes: Buffer): boolean;
  /** What stands at a place is no member that can be read; called in place of `end`, or of all three. */
  damaged(offset: number): void;
}

/** An open file. */
export interface GzipFile {
  readonly handle: FileHandle;
  readonly size: number;
}

/** Bytes that are read at once. */
const WINDOW_BYTES = 4 << 20;
/** Bytes that are looked at first for the next member. */
const FIRST_BYTES = 1 << 16;
/**
 * Members are decompressed together in runs of at least so many bytes, which takes two thirds of the time that one by one
 * takes.
 */
const RUN_BYTES = 1 << 19;
/** A member of more bytes, compressed or not, is not held in memory whole. */
const MAX_MEMBER_BYTES = 64 << 20;
/** Output is made in pieces of so many bytes; nearly every record fits into one. */
const CHUNK_BYTES = 1 << 15;
const RUN_CHUNK_BYTES = 4 << 20;
/** Bytes that go into and out of the decompression of a member that is read as it comes. */
const STREAM_BYTES = 1 << 17;
/** How many compressed bytes tell how a member's content begins. */
const BEGINNING_BYTES = 1 << 10;
/**
 * A block that deflate stores without compressing has at most this many bytes: so members that stand in an archived
 * archive, as they are, cannot pass for those of the file over more than that.
 */
const STORED_BYTES = 65_535;
/** Checksum and length behind a member. */
const TRAILER_BYTES = 8;
const MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

/** A stretch of a file. */
interface Window {
  readonly offset: number;
  readonly bytes: Buffer;
}

async function readWindow({ handle, size }: GzipFile, offset: number, length: number): Promise<Window> {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { offset, bytes: bytes.subarray(0, filled) };
}

async function* readChunks(file: GzipFile, from: number): AsyncGenerator<Buffer> {
  for (let offset = from; offset < file.size; ) {
    const { bytes } = await readWindow(file, offset, STREAM_BYTES);
    if (bytes.length === 0) return;
    yield bytes;
    offset += bytes.length;
  }
}

/** A member, or why there is none: it ends behind the bytes, is damaged, too long to be held, or does not begin here. */
type Inflated =
  | { readonly content: Buffer; readonly end: number }
  | { readonly content: undefined; readonly why: "cut" | "damaged" | "long" | "none" };

/** What zlib gives with the option `info`. */
interface Output {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflateMember(bytes: Buffer, at: number): Inflated {
  const data = findData(bytes, at);
  if (typeof data !== "number") return { content: undefined, why: data };
  let content: Buffer;
  let end: number;
  try {
    // `info` gives the engine too, which knows how far it has read.
    const options = { info: true, chunkSize: CHUNK_BYTES, maxOutputLength: MAX_MEMBER_BYTES };
    const inflated = inflateRawSync(bytes.subarray(data), options) as unknown as Output;
    content = inflated.buffer;
    end = data + inflated.engine.bytesWritten;
  } catch (error) {
    return { content: undefined, why: whyNot(error) };
  }
  if (end + TRAILER_BYTES > bytes.length) return { content: undefined, why: "cut" };
  const isRight =
    bytes.readUInt32LE(end) === crc32(content) && bytes.readUInt32LE(end + 4) === content.length % 2 ** 32;
  return isRight ? { content, end: end + TRAILER_BYTES } : { content: undefined, why: "damaged" };
}

function whyNot(error: unknown): "cut" | "damaged" | "long" {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "Z_BUF_ERROR") return "cut";
  if (code === "ERR_BUFFER_TOO_LARGE") return "long";
  if (code === "Z_DATA_ERROR" || code === "Z_NEED_DICT") return "damaged";
  throw error;
}

/** Where a member's compressed data begin (RFC 1952, section 2.3). */
function findData(bytes: Buffer, at: number): number | "cut" | "none" {
  for (const [i, byte] of MAGIC.entries()) {
    if (at + i >= bytes.length) return "cut";
    if (bytes[at + i] !== byte) return "none";
  }
  const flags = bytes[at + 3];
  if (flags === undefined) return "cut";
  if (flags > 0x1f) return "none";
  let data = at + 10;
  if ((flags & 4) !== 0) {
    if (data + 2 > bytes.length) return "cut";
    data += 2 + bytes.readUInt16LE(data);
  }
  // A name and a comment, each of which a zero ends.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = data < bytes.length ? bytes.indexOf(0, data) : -1;
    if (zero < 0) return "cut";
    data = zero + 1;
  }
  if ((flags & 2) !== 0) data += 2;
  return data < bytes.length ? data : "cut";
}

/** False for most bytes that are none of deflate's (RFC 1951, section 3.2.3), which saves setting up to read them. */
function mayBeDeflate(bytes: Buffer, data: number): boolean {
  const type = (bytes[data]! >> 1) & 3;
  if (type === 0)
    return data + 5 <= bytes.length && bytes.readUInt16LE(data + 1) + bytes.readUInt16LE(data + 3) === 0xffff;
  return type !== 3;
}

/** True if a member begins at a place whose content begins like a record of a web archive. */
function beginsRecord(bytes: Buffer, at: number): boolean {
  const data = findData(bytes, at);
  if (typeof data !== "number" || !mayBeDeflate(bytes, data)) return false;
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: BEGINNING_BYTES };
    const content = inflateRawSync(bytes.subarray(data, data + BEGINNING_BYTES), options);
    return content.toString("latin1", 0, 16).trimStart().startsWith("WARC/");
  } catch {
    return false;
  }
}

/** What a file's first member holds, as far as so many compressed bytes tell. */
export interface FirstMember {
  readonly content: Buffer;
  /** False if it goes on. */
  readonly isWhole: boolean;
}

/** Reads the first member; undefined if it is damaged, or none. */
export async function readFirstMember(file: GzipFile, length: number): Promise<FirstMember | undefined> {
  const { bytes } = await readWindow(file, 0, length);
  const inflated = inflateMember(bytes, 0);
  if (inflated.content !== undefined) return { content: inflated.content, isWhole: true };
  const data = findData(bytes, 0);
  if (typeof data !== "number" || inflated.why === "damaged") return undefined;
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_BYTES };
    // Of a member that is too long for memory its beginning will do.
    const end = inflated.why === "long" ? data + length / LEAST_RATIO : bytes.length;
    return { content: inflateRawSync(bytes.subarray(data, end), options), isWhole: false };
  } catch {
    return undefined;
  }
}

/** Deflate makes no more than so many bytes of one. */
const LEAST_RATIO = 1032;

/**
 * The first place from `from` on where a member with a record begins; the file's size if there is none.
 *
 * @param isProven asks that members follow from there, one after the other and all sound, for longer than any could that
 * are themselves the content of a record; or up to the end of the file
 */
export async function findMember(file: GzipFile, from: number, isProven: boolean): Promise<number> {
  // Mostly it is near.
  let length = FIRST_BYTES;
  for (let offset = from; offset < file.size; ) {
    const { bytes } = await readWindow(file, offset, length);
    if (bytes.length === 0) break;
    for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
      const isWhole = bytes.length - at > 2 * BEGINNING_BYTES || offset + bytes.length >= file.size;
      // One at the end of the window is looked at with the next.
      if (!isWhole) break;
      if (beginsRecord(bytes, at) && (!isProven || (await areSound(file, offset + at)))) return offset + at;
    }
    if (offset + bytes.length >= file.size) break;
    offset += Math.max(1, bytes.length - 2 * BEGINNING_BYTES);
    length = WINDOW_BYTES;
  }
  return file.size;
}

async function areSound(file: GzipFile, from: number): Promise<boolean> {
  let offset = from;
  const user: MemberUser = { start() {}, push() {}, end() {}, damaged() {} };
  let window = await readWindow(file, offset, 4 * STORED_BYTES);
  while (offset < file.size && offset - from <= STORED_BYTES) {
    const inflated = inflateMember(window.bytes, offset - window.offset);
    if (inflated.content !== undefined) {
      offset = window.offset + inflated.end;
      continue;
    }
    const isCut = inflated.why === "cut" && window.offset + window.bytes.length < file.size;
    if (!isCut && inflated.why !== "long") return false;
    const end = await readLongMember(file, offset, user);
    if (end === undefined) return false;
    offset = end;
    window = await readWindow(file, offset, 4 * STORED_BYTES);
  }
  return true;
}

/** Where a run of members that begins at a place ends; undefined if it does not within the window. */
function findRun(
  { offset, bytes }: Window,
  from: number,
  { to, size }: { readonly to: number; readonly size: number },
): number | undefined {
  const limit = offset + bytes.length;
  if (to <= limit && to - from < 2 * RUN_BYTES) return to;
  for (let at = bytes.indexOf(MAGIC, from - offset + RUN_BYTES); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    if (limit - (offset + at) < 2 * BEGINNING_BYTES && limit < size) return undefined;
    if (offset + at <= to && beginsRecord(bytes, at)) return offset + at;
  }
  return undefined;
}

/** The content of members that fill the bytes; undefined if they do not, are damaged, or hold too much. */
function inflateRun(bytes: Buffer): Buffer | undefined {
  try {
    const options = { info: true, chunkSize: RUN_CHUNK_BYTES, maxOutputLength: MAX_MEMBER_BYTES };
    const { buffer, engine } = gunzipSync(bytes, options) as unknown as Output;
    // Zeros behind a member end the reading without an error.
    return engine.bytesWritten === bytes.length ? buffer : undefined;
  } catch (error) {
    whyNot(error);
    return undefined;
  }
}

/**
 * Reads the members of a file that begin from `from` on and before `to`; both are places where a member begins, or 0, or
 * the file's end. Gives, some members at a time, the place up to which they have been read. Where what follows a member is
 * none, or is damaged, reading goes on at the next that holds a record. Zeros at the end of the file mean nothing.
 */
export async function* readMembers(
  file: GzipFile,
  { from, to }: { readonly from: number; readonly to: number },
  user: MemberUser,
): AsyncGenerator<number> {
  let window: Window = { offset: from, bytes: Buffer.alloc(0) };
  let given = 0;
  /** Up to there members are read one by one. */
  let single = from;
  for (let offset = from; offset < to; ) {
    if (user.run !== undefined && offset >= single) {
      const end = findRun(window, offset, { to, size: file.size });
      if (end === undefined && window.offset < offset && window.offset + window.bytes.length < file.size) {
        window = await readWindow(file, offset, WINDOW_BYTES);
        continue;
      }
      const run = end === undefined ? undefined : window.bytes.subarray(offset - window.offset, end - window.offset);
      const content = run === undefined ? undefined : inflateRun(run);
      if (content !== undefined && user.run(offset, content)) {
        offset = end!;
        yield offset;
        continue;
      }
      single = end ?? offset + 1;
    }
    const inflated = inflateMember(window.bytes, offset - window.offset);
    if (inflated.content !== undefined) {
      user.start(offset);
      user.push(inflated.content);
      user.end();
      offset = window.offset + inflated.end;
      given += inflated.content.length;
      if (given < RUN_BYTES) continue;
      given = 0;
      yield offset;
      continue;
    }
    const isWhole = window.offset + window.bytes.length >= file.size;
    if (inflated.why === "cut" && !isWhole && (window.offset < offset || window.bytes.length === 0)) {
      window = await readWindow(file, offset, WINDOW_BYTES);
      continue;
    }
    if (inflated.why === "long" || (inflated.why === "cut" && !isWhole)) {
      // Longer than a window: read as it comes.
      const end = await readLongMember(file, offset, user);
      offset = end ?? (await findMember(file, offset + 1, false));
    } else if (inflated.why === "none" && (await isPadding(file, offset))) {
      offset = file.size;
    } else {
      user.damaged(offset);
      offset = await findMember(file, offset + 1, false);
    }
    if (offset >= window.offset + window.bytes.length) window = await readWindow(file, offset, WINDOW_BYTES);
  }
  yield to;
}

/** True if nothing but zeros follows. */
async function isPadding(file: GzipFile, from: number): Promise<boolean> {
  for (let offset = from; offset < file.size; ) {
    const { bytes } = await readWindow(file, offset, WINDOW_BYTES);
    if (bytes.length === 0 || bytes.some((byte) => byte !== 0)) return bytes.length === 0;
    offset += bytes.length;
  }
  return true;
}

/** Reads a member as it comes, in bounded memory; gives its end, or undefined, and says so, where it is damaged or cut off. */
async function readLongMember(file: GzipFile, offset: number, user: MemberUser): Promise<number | undefined> {
  const { bytes } = await readWindow(file, offset, 2 * STORED_BYTES);
  const data = findData(bytes, 0);
  const inflate = createInflateRaw({ chunkSize: STREAM_BYTES });
  let sum = 0;
  let length = 0;
  let end: number | undefined;
  user.start(offset);
  try {
    if (typeof data === "number") {
      // The callback only keeps the error from being unhandled: the loop below meets it as well.
      pipeline(Readable.from(readChunks(file, offset + data)), inflate, () => {});
      for await (const chunk of inflate as AsyncIterable<Buffer>) {
        sum = crc32(chunk, sum);
        length += chunk.length;
        user.push(chunk);
      }
      const trailer = await readWindow(file, offset + data + inflate.bytesWritten, TRAILER_BYTES);
      const isRight =
        trailer.bytes.length === TRAILER_BYTES &&
        trailer.bytes.readUInt32LE(0) === sum &&
        trailer.bytes.readUInt32LE(4) === length % 2 ** 32;
      if (isRight) end = trailer.offset + TRAILER_BYTES;
    }
  } catch (error) {
    whyNot(error);
  } finally {
    inflate.destroy();
  }
  if (end === undefined) user.damaged(offset);
  else user.end();
  return end;
}
