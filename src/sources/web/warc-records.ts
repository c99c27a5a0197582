/** Records of web archives, WARC 0.17 to 1.1 (ISO 28500), cut out of bytes that may be damaged. */

/** One record. */
export interface WarcRecord {
  /** `WARC-Type`, in small letters: `response`, `metadata`, … */
  readonly type: string;
  /** `Content-Type` of the block; empty if there is none. */
  readonly contentType: string;
  /** `WARC-Target-URI`, without angle brackets around it; undefined if there is none. */
  readonly target: string | undefined;
  /** What follows the header; of a record beyond the limit, its first bytes. Valid until the next bytes are given. */
  readonly block: Buffer;
  /** Where the record begins, in bytes. */
  readonly offset: number;
}

/** Why a stretch of bytes gave no record: it is damaged, or the record is longer than allowed. */
export type RecordFault = "damaged" | "long";

/** What to do with records. */
export interface RecordUser {
  /** Longest block that is held in memory, in bytes. */
  readonly limit: number;
  take(record: WarcRecord): void;
  /** Whether a record beyond the limit would have been of use; of others nothing is told. */
  isWanted(record: WarcRecord): boolean;
  /** Told once for each stretch of bytes that gave no record. */
  fault(fault: RecordFault, offset: number): void;
}

/** Cuts records out of bytes that come in chunks. */
export interface RecordCutter {
  /** Begin anew, at the start of a file or of a gzip member, with bytes that stand at `offset`. */
  start(offset: number): void;
  /** The next bytes; they must not change later. */
  push(chunk: Buffer): void;
  /** No more bytes come. */
  end(): void;
}

/** Longest header. */
const MAX_HEADER_BYTES = 1 << 16;
/** So many bytes of a block tell what is in it. */
const BEGINNING_BYTES = 1 << 14;
/** Bytes that tell whether a record starts: `WARC/1.1`, `WARC/0.17`, and the end of the line. */
const START_BYTES = 11;
const MAGIC = Buffer.from("WARC/");
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** What is being passed over: damaged bytes, or a record beyond the limit. */
interface Passed {
  readonly start: number;
  /** Where the record should end; undefined for what has been told already. */
  readonly end?: number;
  readonly isWanted?: boolean;
}

/**
 * Cuts bytes into records. A record is given when it is seen what follows it: two line ends, the start of another record or
 * nothing. Where that is not so, because a header is damaged or a length wrong, everything up to the next `WARC/1.0` that
 * ends a line is passed over and told as one fault; so is a block beyond the limit, of which only the beginning is looked at,
 * and a record that is cut off.
 */
export function createRecordCutter({ limit, take, isWanted, fault }: RecordUser): RecordCutter {
  let bytes: Buffer = EMPTY;
  /** Chunks that wait until there are as many bytes as it takes to go on. */
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let wanted = 0;
  /** Place of `bytes[0]`. */
  let base = 0;
  let passed: Passed | undefined;
  let isLast = false;

  const damaged = (start: number): Passed => {
    fault("damaged", start);
    return { start };
  };

  /** Ends passing over at the place of a record's start, or of the end of all. */
  const endPassing = ({ start, end, isWanted }: Passed, place: number) => {
    // Found before the record's own end, a start means that its length was wrong.
    if (end !== undefined && place < end) fault("damaged", start);
    else if (isWanted === true) fault("long", start);
    passed = undefined;
  };

  /** From one place to another there is no empty line, but for one that ends at the second if `isEnd`. */
  let lines = { from: 0, to: 0, isEnd: false };
  /**
   * Where the block of the record at `start` begins; -1 if it has none, or not yet. Bytes are looked at once, however many
   * starts stand in them.
   */
  const findBlock = (start: number): number => {
    const place = base + start;
    const isKnown = place >= lines.from && place < lines.to;
    if (!isKnown || !lines.isEnd) {
      // An empty line may have been cut off.
      const found = findEmptyLine(bytes, isKnown ? Math.max(start, lines.to - base - 2) : start);
      const to = base + (found < 0 ? bytes.length : found);
      lines = { from: isKnown ? lines.from : place, to, isEnd: found >= 0 };
    }
    const block = lines.to - base;
    return lines.isEnd && block <= start + MAX_HEADER_BYTES ? block : -1;
  };

  /** Takes the records that are whole; gives how many bytes are done with. `wanted` says how many it takes to go on. */
  const cut = (): number => {
    let at = 0;
    wanted = 0;
    const wait = (from: number, until: number) => {
      wanted = until - from;
      return from;
    };
    while (at < bytes.length) {
      if (passed !== undefined) {
        const found = findRecord(bytes, at, isLast);
        if (found < 0 && !isLast) return Math.max(at, bytes.length - START_BYTES);
        endPassing(passed, base + (found < 0 ? bytes.length : found));
        if (found < 0) return bytes.length;
        at = found;
      }
      const start = skipLineEnds(bytes, at);
      if (bytes.length < start + START_BYTES && !isLast) return wait(start, start + START_BYTES);
      if (start === bytes.length) return start;
      if (!startsRecord(bytes, start)) {
        passed = damaged(base + start);
        at = start;
        continue;
      }
      const block = findBlock(start);
      if (block < 0 && !isLast && bytes.length < start + MAX_HEADER_BYTES) return wait(start, bytes.length + 1);
      const header = block < 0 ? undefined : readHeader(bytes, start, block);
      if (header === undefined) {
        passed = damaged(base + start);
        at = start + MAGIC.length;
        continue;
      }
      const { type, contentType, target, length } = header;
      const end = block + length;
      if (length > limit) {
        if (bytes.length < block + BEGINNING_BYTES && !isLast) return wait(start, block + BEGINNING_BYTES);
        const beginning = bytes.subarray(block, block + BEGINNING_BYTES);
        const isOfUse = isWanted({ type, contentType, target, block: beginning, offset: base + start });
        passed = { start: base + start, end: base + end, isWanted: isOfUse };
        at = block;
        continue;
      }
      // Two line ends part records, and the start of the next one must be seen too.
      if (bytes.length < end + 4 + START_BYTES && !isLast) return wait(start, end + 4 + START_BYTES);
      const next = skipLineEnds(bytes, end);
      const isSound = next === bytes.length || startsRecord(bytes, next) || isParted(bytes, end);
      if (end > bytes.length || !isSound) {
        passed = damaged(base + start);
        at = block;
        continue;
      }
      take({ type, contentType, target, block: bytes.subarray(block, end), offset: base + start });
      at = next;
    }
    return at;
  };

  const go = () => {
    bytes = waiting.length === 0 ? bytes : bytes.length === 0 && waiting.length === 1 ? waiting[0]! : join();
    waiting = [];
    waitingBytes = 0;
    const done = cut();
    bytes = bytes.subarray(done);
    base += done;
  };
  const join = () => Buffer.concat([bytes, ...waiting]);

  return {
    start(offset) {
      bytes = EMPTY;
      waiting = [];
      waitingBytes = 0;
      wanted = 0;
      base = offset;
      lines = { from: 0, to: 0, isEnd: false };
      passed = undefined;
      isLast = false;
    },
    push(chunk) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (bytes.length + waitingBytes >= wanted) go();
    },
    end() {
      isLast = true;
      go();
      if (passed !== undefined) endPassing(passed, base + bytes.length);
    },
  };
}

const EMPTY = Buffer.alloc(0);

/** True if a record's first line stands at a place: `WARC/`, a version, and the line's end. */
function startsRecord(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < MAGIC.length; i += 1) if (bytes[at + i] !== MAGIC[i]) return false;
  for (let i = at + MAGIC.length; i < at + START_BYTES; i += 1) {
    const byte = bytes[i];
    if (byte === CR || byte === LF) return i > at + MAGIC.length;
    // Digits and points.
    if (byte === undefined || byte === 0x2f || byte < 0x2e || byte > 0x39) return false;
  }
  return false;
}

/** The next place from `from` on where a record starts, if only where one was cut off; -1 if none, or not yet seen whole. */
function findRecord(bytes: Buffer, from: number, isLast: boolean): number {
  for (let at = bytes.indexOf(MAGIC, from); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    if (bytes.length < at + START_BYTES && !isLast) return -1;
    if (startsRecord(bytes, at)) return at;
  }
  return -1;
}

function skipLineEnds(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === CR || bytes[at] === LF) at += 1;
  return at;
}

/** True if the two line ends stand at a place that are to part records: so the block ends there, whatever follows. */
function isParted(bytes: Buffer, at: number): boolean {
  if (bytes[at] === LF) return bytes[at + 1] === LF;
  return bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF;
}

/** Where the first empty line from a place on ends, which CR LF or LF ends; -1 if there is none. */
function findEmptyLine(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] !== LF) continue;
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

interface Header extends Pick<WarcRecord, "type" | "contentType" | "target"> {
  /** Length of the block. */
  readonly length: number;
}

/** What a header says; undefined if it lacks the record's type or the block's length. */
function readHeader(bytes: Buffer, start: number, end: number): Header | undefined {
  let type: string | undefined;
  let length: string | undefined;
  let contentType: string | undefined;
  let target: string | undefined;
  for (let line = start; line < end; ) {
    let next = findLine(bytes, line, end);
    // A line that begins with white space goes on with the one before it.
    while (bytes[next] === SPACE || bytes[next] === TAB) next = findLine(bytes, next, end);
    // No two of the names that are read are of the same length.
    if (isField(bytes, line, "warc-type:")) type ??= readValue(bytes, line + 10, next).toLowerCase();
    else if (isField(bytes, line, "content-type:")) contentType ??= readValue(bytes, line + 13, next).toLowerCase();
    else if (isField(bytes, line, "content-length:")) length ??= readValue(bytes, line + 15, next);
    else if (isField(bytes, line, "warc-target-uri:")) {
      target ??= readValue(bytes, line + 16, next).replace(/^<(.*)>$/, "$1");
    }
    line = next;
  }
  if (type === undefined || length === undefined || !/^\d{1,15}$/.test(length)) return undefined;
  return { type, contentType: contentType ?? "", target: target || undefined, length: Number(length) };
}

/** The start of the next line. */
function findLine(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== LF) at += 1;
  return at + 1;
}

/** True if a line begins with a name and colon, in letters of any size. */
function isField(bytes: Buffer, line: number, name: string): boolean {
  if (bytes[line + name.length - 1] !== COLON) return false;
  for (let i = 0; i < name.length - 1; i += 1) {
    // Small letters; of the other characters that names have none changes.
    if ((bytes[line + i]! | 0x20) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function readValue(bytes: Buffer, from: number, to: number): string {
  const value = bytes.toString("utf8", from, to).trim();
  return value.includes("\n") ? value.replace(/\r?\n[ \t]+/g, " ") : value;
}
