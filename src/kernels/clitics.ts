/*
 * Words that lean on another one: where an apostrophe between two letters parts two words (`languages/apostrophes.ts`).
 * The list has, for each, a byte that tells its kind, its length in bytes, and it in lower case; a zero ends it.
 */
import { before, classAt, codePointAt, EXTENDER, HEBREW_LETTER, LETTER, lengthOf } from "./code-points.ts";
import { CLITICS, LOWER_CASE, SCRATCH, SCRATCH_BYTES } from "./layout.ts";
import { get8, get16, set8 } from "./memory.ts";

/** Leans on the next word (l'). */
export const PROCLITIC: i32 = 1;
/** Leans on the word before ('s). */
export const ENCLITIC: i32 = 2;

/** Sides of an apostrophe. */
export const NO_SIDE: i32 = 0;
export const BEFORE: i32 = 1;
export const AFTER: i32 = 2;

/** Code points below this have a lower case in the table; no clitic has others. */
const LOWER_CASE_END: i32 = 0x600;

/** The side of the apostrophe at [at, next), between letters of the line [start, end), on which a boundary lies. */
export function cliticSide(at: i32, next: i32, start: i32, end: i32): i32 {
  if (get8(CLITICS) === 0) return NO_SIDE;
  let stop = next;
  while (stop < end && isOfLetters(stop)) stop += lengthOf(get8(stop));
  if (isListed(ENCLITIC, next, stop)) return BEFORE;
  let first = at;
  let from = at;
  while (from > start) {
    from = before(from);
    const value = classAt(from);
    if (value === LETTER || value === HEBREW_LETTER) first = from;
    else if (value !== EXTENDER) break;
  }
  return isListed(PROCLITIC, first, at) ? AFTER : NO_SIDE;
}

function isOfLetters(at: i32): boolean {
  const value = classAt(at);
  return value === LETTER || value === HEBREW_LETTER || value === EXTENDER;
}

/** Whether the word [from, to), in lower case, is in the list. */
function isListed(kind: i32, from: i32, to: i32): boolean {
  if (to - from > SCRATCH_BYTES - 4) return false;
  let length = 0;
  for (let at = from; at < to; at += lengthOf(get8(at))) {
    const code = codePointAt(at);
    if (code >= LOWER_CASE_END) return false;
    const lower = get16(LOWER_CASE + code * 2);
    if (lower < 0x80) {
      set8(SCRATCH + length, lower);
      length++;
    } else {
      set8(SCRATCH + length, 0xc0 | (lower >> 6));
      set8(SCRATCH + length + 1, 0x80 | (lower & 63));
      length += 2;
    }
  }
  let item = CLITICS;
  while (get8(item) !== 0) {
    const bytes = get8(item + 1);
    if (get8(item) === kind && bytes === length) {
      let k = 0;
      while (k < length && get8(item + 2 + k) === get8(SCRATCH + k)) k++;
      if (k === length) return true;
    }
    item += 2 + bytes;
  }
  return false;
}
