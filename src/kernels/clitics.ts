/*
 * Words that lean on another one: where an apostrophe between two letters parts two words (`languages/apostrophes.ts`).
 * The list has, for each, a byte that tells its kind, its length in bytes, and it in lower case; a zero ends it.
 */
import { before, classAt, codePointAt, EXTENDER, HEBREW_LETTER, LETTER, lengthOf } from "./code-points.ts";
import { CLITICS, LOWER_CASE } from "./layout.ts";
import { get8, get16 } from "./memory.ts";

/** Leans on the next word (l'). */
export const PROCLITIC: i32 = 1;
/** Leans on the word before ('s). */
export const ENCLITIC: i32 = 2;

/** Sides of an apostrophe. */
export const NO_SIDE: i32 = 0;
export const BEFORE: i32 = 1;
export const AFTER: i32 = 2;

let clitics: i32 = CLITICS;

/** Lets the list of clitics be another one. */
export function moveClitics(address: i32): void {
  clitics = address;
}

/** Code points below this have a lower case in the table; no clitic has others. */
const LOWER_CASE_END: i32 = 0x600;

/** The side of the apostrophe at [at, next), between letters of the line [start, end), on which a boundary lies. */
export function cliticSide(at: i32, next: i32, start: i32, end: i32): i32 {
  if (get8(clitics) === 0) return NO_SIDE;
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
  let item = clitics;
  while (get8(item) !== 0) {
    const bytes = get8(item + 1);
    if (get8(item) === kind && isLowerCase(from, to, item + 2, item + 2 + bytes)) return true;
    item += 2 + bytes;
  }
  return false;
}

/** Whether the word [from, to) in lower case is that of the list in [own, end). */
function isLowerCase(from: i32, to: i32, own: i32, end: i32): boolean {
  let at = from;
  while (at < to) {
    const code = codePointAt(at);
    if (own >= end || code >= LOWER_CASE_END || get16(LOWER_CASE + code * 2) !== codePointAt(own)) return false;
    at += lengthOf(get8(at));
    own += lengthOf(get8(own));
  }
  return own === end;
}
