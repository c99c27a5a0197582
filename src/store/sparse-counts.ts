/**
 * Ids, and counts of ids, as small values. Both are rows of numbers, each in as many bytes of seven bits as it needs,
 * lowest first, the highest bit set in all but the last (LEB128). The ids of a caption: for each, ascending, the distance
 * from the one before it, the first from -1. The counts of a file: how many ids there are; the ids like those of a
 * caption; then the count of each; all of it deflated (zlib, RFC 1950, so that damage is noticed).
 */
import { deflateSync, inflateSync } from "node:zlib";

/** Counts of some ids; those of all others are 0. */
export interface SparseCounts {
  /** Ascending, each once. */
  readonly ids: Uint32Array;
  /** For each of `ids`; none is 0. */
  readonly counts: Uint32Array;
}

/** A number below 2^32 takes five bytes at most. */
const LONGEST = 5;

/**
 * Counts as a value to keep.
 *
 * @throws Error if ids do not ascend, a count is 0 or there is not one for each id
 */
export function packCounts({ ids, counts }: SparseCounts): Buffer {
  if (ids.length !== counts.length) throw new Error(`${ids.length} ids have ${counts.length} counts`);
  const { write, writeIds, written } = createWriter(1 + 2 * ids.length);
  write(ids.length);
  writeIds(ids);
  for (const [index, count] of counts.entries()) {
    if (count === 0) throw new Error(`the count of id ${ids[index]} is 0; leave it out`);
    write(count);
  }
  return deflateSync(written());
}

/** The counts that `packCounts` made a value of; throws if the value is damaged. */
export function unpackCounts(value: Uint8Array): SparseCounts {
  const { read, readIds } = createReader(inflateSync(value), "the counts of a file");
  const length = read();
  const ids = readIds(length);
  const counts = new Uint32Array(length);
  for (let index = 0; index < length; index++) counts[index] = read();
  return { ids, counts };
}

/** Ids as a value to keep; throws if they do not ascend. */
export function packIds(ids: Uint32Array): Buffer {
  const { writeIds, written } = createWriter(ids.length);
  writeIds(ids);
  return Buffer.from(written());
}

/** The ids that `packIds` made a value of; throws if the value is damaged. */
export function unpackIds(value: Uint8Array): Uint32Array {
  let length = 0;
  for (const byte of value) if (byte < 128) length++;
  const { readIds, atEnd } = createReader(value, "the entries of a drawn caption");
  const ids = readIds(length);
  if (!atEnd()) throw new Error("the entries of a drawn caption are cut short");
  return ids;
}

function createWriter(numbers: number) {
  const bytes = Buffer.allocUnsafe(LONGEST * numbers);
  let at = 0;
  const write = (value: number): void => {
    let rest = value;
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  };
  const writeIds = (ids: Uint32Array): void => {
    let last = -1;
    for (const id of ids) {
      if (id <= last) throw new Error(`id ${id} follows ${last}; ids must ascend`);
      write(id - last);
      last = id;
    }
  };
  return { write, writeIds, written: () => bytes.subarray(0, at) };
}

function createReader(bytes: Uint8Array, what: string) {
  let at = 0;
  const read = (): number => {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error(`${what} are cut short`);
      number |= (byte & 127) << shift;
      if (byte < 128) return number >>> 0;
    }
  };
  const readIds = (length: number): Uint32Array => {
    const ids = new Uint32Array(length);
    let last = -1;
    for (let index = 0; index < length; index++) {
      last += read();
      ids[index] = last;
    }
    return ids;
  };
  return { read, readIds, atEnd: () => at === bytes.length };
}
