/**
 * How the index of a build's entries lies in the table `entry_gram`.
 *
 * A list is cut into parts. In a part, the texts of its entries as searches see them (`foldForSearch`) stand one after the
 * other, each between the marks U+0002 and U+0003; places are code points of that from 0, and entries of a part count from
 * 0 too. Numbers take as many bytes of seven bits as they need, lowest first, the highest bit set in all but the last
 * (LEB128). The rows of a part:
 *
 * - two characters, marks among them: the places where the first stands before the second, each as its distance from the
 *   one before it, the first from -1;
 * - one character: the entries that hold it, in the same way;
 * - `LENGTHS`: of each entry how many places it takes, marks among them;
 * - U+0001 and the name of a flag, a script or a source: the entries that have it, as runs: how many lack it, how many
 *   have it, in turns;
 * - U+0001 and the name of a score: the entries that have it, the greatest first, ties by id; each as its distance d from
 *   the one before it, the first from 0, written as 2d, or -2d - 1 if it is negative.
 */
import { foldForSearch } from "../entries/search-text.ts";
import type { Flag, Source } from "../entries/types.ts";
import type { Score } from "./entry-query.ts";

/** Mark before a text. */
export const BEGIN = 2;
/** Mark after a text. */
export const END = 3;

/** A text as the index has it: folded, and without characters that are taken for the marks, which no entry has. */
export function toIndexed(text: string): string {
  return foldForSearch(text).replaceAll("\u0002", "\u0001").replaceAll("\u0003", "\u0001");
}

export const LENGTHS = "\u0001lengths";
export const flagGram = (flag: Flag): string => `\u0001flag:${flag}`;
export const SCRIPT_GRAM = "\u0001script:";
export const scriptGram = (script: string): string => SCRIPT_GRAM + script;
export const sourceGram = (source: Source): string => `\u0001source:${source}`;
export const scoreGram = (score: Score): string => `\u0001score:${score}`;

/** Bytes that numbers are written to. */
export interface NumberWriter {
  write(value: number): void;
  /** What was written. */
  written(): Buffer;
}

/** A writer whose bytes grow. */
export function createNumberWriter(): NumberWriter {
  let bytes = Buffer.allocUnsafe(1024);
  let at = 0;
  return {
    write(value) {
      if (at + LONGEST > bytes.length) {
        const longer = Buffer.allocUnsafe(2 * bytes.length);
        bytes.copy(longer);
        bytes = longer;
      }
      at = writeNumber(bytes, at, value);
    },
    written: () => bytes.subarray(0, at),
  };
}

/** A number below 2^32 takes five bytes at most. */
export const LONGEST = 5;

/** Writes a number at a place and returns the place after it. */
export function writeNumber(bytes: Uint8Array, place: number, value: number): number {
  let at = place;
  let rest = value;
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Ascending numbers of a row of one or two characters. */
export function readAscending(bytes: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(countNumbers(bytes));
  let last = -1;
  for (let at = 0, index = 0; at < bytes.length; index++) {
    let byte = bytes[at++]!;
    let distance = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      distance |= (byte & 127) << shift;
    }
    last += distance;
    numbers[index] = last;
  }
  return numbers;
}

/**
 * The first beginning after a place, as an index of `beginnings`, which is at least `from`: in steps that double, then halve,
 * since the next place is mostly near.
 */
export function entryAfter(beginnings: Uint32Array, place: number, from: number): number {
  let step = 1;
  while (from + step < beginnings.length && beginnings[from + step]! <= place) step *= 2;
  let low = from + (step >>> 1);
  let high = Math.min(from + step, beginnings.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (beginnings[middle]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The first entries of a row, at most so many and only those above one: of one character, whose row holds entries, or with
 * `beginnings` of two, whose row holds places.
 */
export function readFirst(
  bytes: Uint8Array,
  {
    beginnings,
    above,
    most,
  }: { readonly beginnings: Uint32Array | undefined; readonly above: number; readonly most: number },
): number[] {
  const entries: number[] = [];
  let last = -1;
  let next = 0;
  for (let at = 0; at < bytes.length && entries.length < most; ) {
    let byte = bytes[at++]!;
    let distance = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      distance |= (byte & 127) << shift;
    }
    last += distance;
    if (beginnings !== undefined) {
      if (next > 0 && last < beginnings[next]!) continue;
      next = entryAfter(beginnings, last, next);
    }
    const entry = beginnings === undefined ? last : next - 1;
    if (entry > above) entries.push(entry);
  }
  return entries;
}

/**
 * Keeps of the first `count` of ascending places those that, moved by `distance`, are in a row of two characters: they come
 * first, and it returns how many they are.
 */
export function keepPlaces(places: Uint32Array, count: number, bytes: Uint8Array, distance: number): number {
  let kept = 0;
  let next = 0;
  let last = -1;
  for (let at = 0; at < bytes.length && next < count; ) {
    let byte = bytes[at++]!;
    let step = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      step |= (byte & 127) << shift;
    }
    last += step;
    while (next < count && places[next]! + distance < last) next++;
    if (next < count && places[next]! + distance === last) places[kept++] = places[next++]!;
  }
  return kept;
}

/** Where each entry of a part begins, and, last, where the part ends; from the row `LENGTHS`. */
export function readBeginnings(bytes: Uint8Array): Uint32Array {
  const beginnings = new Uint32Array(countNumbers(bytes) + 1);
  readEach(bytes, (length, index) => {
    beginnings[index + 1] = beginnings[index]! + length;
  });
  return beginnings;
}

/** Sets a bit for each entry of a row of runs. */
export function markRuns(bytes: Uint8Array, marks: Uint8Array, bit: number): void {
  let entry = 0;
  readEach(bytes, (length, index) => {
    if (index % 2 > 0) for (let each = entry; each < entry + length; each++) marks[each]! |= bit;
    entry += length;
  });
}

/** Entries of the row of a score, in its order. */
export function readOrder(bytes: Uint8Array): Uint32Array {
  const order = new Uint32Array(countNumbers(bytes));
  let last = 0;
  readEach(bytes, (step, index) => {
    last += (step & 1) > 0 ? -(step >>> 1) - 1 : step >>> 1;
    order[index] = last;
  });
  return order;
}

/** The number that `readOrder` takes for a distance. */
export function toStep(distance: number): number {
  return distance < 0 ? -2 * distance - 1 : 2 * distance;
}

function readEach(bytes: Uint8Array, each: (number: number, index: number) => void): void {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    let byte = bytes[at++]!;
    let number = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      number |= (byte & 127) << shift;
    }
    each(number >>> 0, index);
  }
}

function countNumbers(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! < 128) count++;
  return count;
}
