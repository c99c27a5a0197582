/*
 * Words that came lately, with the numbers of their rows. A hash has a line of the processor's caches for two words, of
 * which the one that came last stands first. A word's slot is its key (`isKey`), up to seven numbers, and how many.
 */
import { CACHE, CACHE_BYTES } from "./fasttext-layout.ts";
import { copySixteen, get16, isKey, set16, setKey } from "./memory.ts";

/** Longer words, and those with more rows, are not kept. */
export const KEPT_LENGTH: i32 = 15;
export const KEPT_ROWS: i32 = 7;
const LINE: i32 = 64;
const SLOT: i32 = 32;
const ROWS_FIELD: i32 = 16;
const COUNT_FIELD: i32 = 30;

function lineOf(hash: i32): i32 {
  return CACHE + ((hash >>> 4) & (CACHE_BYTES - LINE));
}

/** The slot of the word of `length` bytes at `at`, whose hash is given; 0 if it is not kept. */
export function findKept(hash: i32, at: i32, length: i32): i32 {
  const line = lineOf(hash);
  if (isKey(line, at, length)) return line;
  return isKey(line + SLOT, at, length) ? line + SLOT : 0;
}

/** Copies a slot's numbers to `to`, where 16 bytes are written; the end of them. */
export function copyKept(slot: i32, to: i32): i32 {
  copySixteen(to, slot + ROWS_FIELD);
  return to + (get16(slot + COUNT_FIELD) << 1);
}

/** Keeps a word with the numbers in [from, end); 16 bytes are read. */
export function keep(hash: i32, at: i32, length: i32, from: i32, end: i32): void {
  const line = lineOf(hash);
  copySixteen(line + SLOT, line);
  copySixteen(line + SLOT + ROWS_FIELD, line + ROWS_FIELD);
  setKey(line, at, length);
  copySixteen(line + ROWS_FIELD, from);
  set16(line + COUNT_FIELD, (end - from) >> 1);
}
