/** Files of lines, shared among threads: each cuts the whole file, keeps its own groups of rows, and parses only these. */
import { openInput } from "./input.ts";
import type { ByteRange, RowsOptions } from "./pool-kind.ts";

/** A group ends with so many rows, or behind so many bytes. */
const GROUP_ROWS = 512;
const GROUP_BYTES = 4 << 20;
/** Longest line. */
const MAX_LINE_BYTES = 16 << 20;
const LF = 0x0a;
const CR = 0x0d;

/** The bytes of a row, without the line end: those of `source` from `from` to before `to`. */
export interface RowBytes extends ByteRange {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** True if the row ends where its quotes say; false if it is a line whose quotes are open at its end. */
  readonly whole: boolean;
}

/** Rows of a share that follow one another. */
export interface RowGroup {
  readonly piece: number;
  readonly rows: readonly RowBytes[];
}

/** Takes the next row. */
export type TakeRow = (bytes: Uint8Array, line: number, whole: boolean) => void;

/** Puts lines together to rows. */
export interface RowCutter {
  /** The byte without which a line is a row, unless a row is open. */
  readonly mark: number;
  isOpen(): boolean;
  add(line: Uint8Array, number: number, take: TakeRow): void;
  /** Give what is left at the end of the file. */
  end(take: TakeRow): void;
}

/**
 * Reads a share's groups of rows, in the order of the file; without `cutter` every line is a row. Together the shares give
 * every row once, and what they count and tell adds up to what a single reader counts and tells. Lines longer than 16 MiB
 * are left out and counted (E501).
 *
 * Pieces of one or more groups go round the shares. Where groups are cut depends on the rows alone, so that all agree. Of rows of other
 * shares only the ends are looked for: 10 to 30 times as many a second as are parsed (over `readLineGroups`, which makes
 * each line, it was a third of that).
 */
export async function* readOwnRows(
  file: { readonly path: string; readonly name: string },
  { share, problems, onBytes }: RowsOptions,
  cutter?: RowCutter,
): AsyncGenerator<RowGroup> {
  const groupsAPiece = share.groups ?? 1;
  const without = new Set(share.without);
  const owns = (piece: number) => piece % share.of === share.index && !without.has(piece);
  let groups = 0;
  let piece = 0;
  let isOwn = owns(piece);
  let groupRows = 0;
  let groupBytes = 0;
  let own: RowBytes[] = [];
  let faults: string[] = [];
  let ready: (RowGroup & { readonly faults: readonly string[] })[] = [];
  const endGroup = () => {
    if (own.length > 0 || faults.length > 0) ready.push({ piece, rows: own, faults });
    own = [];
    faults = [];
  };
  const countRow = (bytes: number) => {
    groupRows += 1;
    groupBytes += bytes;
    if (groupRows < GROUP_ROWS && groupBytes < GROUP_BYTES) return;
    endGroup();
    groups += 1;
    piece = Math.floor(groups / groupsAPiece);
    isOwn = owns(piece);
    groupRows = 0;
    groupBytes = 0;
  };
  const giveReady = function* (): Generator<RowGroup> {
    // A fault is told when its group is taken, so that whoever takes it knows of which piece it is.
    for (const { faults, ...group } of ready) {
      for (const fault of faults) problems.add("E501", fault);
      yield group;
    }
    ready = [];
  };
  const take: TakeRow = (bytes, line, whole) => {
    if (isOwn) own.push({ source: toBuffer(bytes), from: 0, to: bytes.length, line, whole });
    countRow(bytes.length);
  };

  let number = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const addLine = (end: Uint8Array) => {
    const length = pendingBytes + end.length;
    const line = pending.length === 0 ? end : Buffer.concat([...pending, end]);
    pending = [];
    pendingBytes = 0;
    number += 1;
    if (length > MAX_LINE_BYTES) {
      if (isOwn) faults.push(`${file.name}: line ${number}, which is longer than 16 MiB`);
      return;
    }
    const from = number === 1 && isByteOrderMark(line.subarray(0, 3)) ? 3 : 0;
    const to = line[line.length - 1] === CR ? line.length - 1 : line.length;
    const row = from === 0 && to === line.length ? line : line.subarray(from, to);
    if (cutter !== undefined && (cutter.isOpen() || row.indexOf(cutter.mark) >= 0)) cutter.add(row, number, take);
    else take(row, number, true);
  };

  let chunks = 0;
  const options = {
    onBytes(count: number) {
      if (chunks++ % share.of === share.index) onBytes?.(count);
    },
  };
  for await (const bytes of openInput(file.path, options)) {
    const chunk = toBuffer(bytes);
    let start = 0;
    let mark = findMark(chunk, 0, cutter);
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      if (mark < start) mark = findMark(chunk, start, cutter);
      const isRow = pendingBytes === 0 && end - start <= MAX_LINE_BYTES && end < mark && cutter?.isOpen() !== true;
      // Where a group ends must not depend on whose it is: a row is as long as it is without its carriage return.
      if (isRow && number > 0) {
        number += 1;
        const to = end > start && chunk[end - 1] === CR ? end - 1 : end;
        if (isOwn) own.push({ source: chunk, from: start, to, line: number, whole: true });
        countRow(to - start);
      } else addLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) {
      pendingBytes += chunk.length - start;
      // Of a line that is too long only the length is kept.
      if (pendingBytes <= MAX_LINE_BYTES) pending.push(chunk.subarray(start));
      else pending = [];
    }
    yield* giveReady();
  }
  // A byte order mark alone is no line.
  if (pendingBytes > 0 && !(number === 0 && isByteOrderMark(Buffer.concat(pending)))) addLine(new Uint8Array(0));
  cutter?.end(take);
  endGroup();
  yield* giveReady();
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The next byte in a chunk that may change where rows end. */
function findMark(chunk: Uint8Array, from: number, cutter: RowCutter | undefined): number {
  const index = cutter === undefined ? -1 : chunk.indexOf(cutter.mark, from);
  return index < 0 ? Number.POSITIVE_INFINITY : index;
}

function isByteOrderMark(bytes: Uint8Array): boolean {
  return bytes.length === 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
