/**
 * The counts of one file as one small value. Before it is deflated (zlib, RFC 1950, so that damage is noticed) it is a
 * row of numbers, each in as many bytes of seven bits as it needs, lowest first, the highest bit set in all but the last
 * (LEB128): how many ids there are; then for each id, ascending, the distance from the one before it, the first from -1;
 * then the count of each.
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
  const bytes = Buffer.allocUnsafe(LONGEST * (1 + 2 * ids.length));
  let at = 0;
  const write = (value: number) => {
    let rest = value;
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  };
  write(ids.length);
  let last = -1;
  for (const id of ids) {
    if (id <= last) throw new Error(`id ${id} follows ${last}; ids must ascend`);
    write(id - last);
    last = id;
  }
  for (const [index, count] of counts.entries()) {
    if (count === 0) throw new Error(`the count of id ${ids[index]} is 0; leave it out`);
    write(count);
  }
  return deflateSync(bytes.subarray(0, at));
}

/** The counts that `packCounts` made a value of; throws if the value is damaged. */
export function unpackCounts(value: Uint8Array): SparseCounts {
  const bytes = inflateSync(value);
  let at = 0;
  const read = (): number => {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("the counts of a file are cut short");
      number |= (byte & 127) << shift;
      if (byte < 128) return number >>> 0;
    }
  };
  const length = read();
  const ids = new Uint32Array(length);
  const counts = new Uint32Array(length);
  let last = -1;
  for (let index = 0; index < length; index++) {
    last += read();
    ids[index] = last;
  }
  for (let index = 0; index < length; index++) counts[index] = read();
  return { ids, counts };
}
