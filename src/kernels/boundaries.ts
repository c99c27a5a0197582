/*
 * The two parts of the boundary rule (`languages/boundary.ts`) that look further than the code points on both sides of a
 * place: ambiguous marks, and digits that stand alone.
 */
import { AFTER, BEFORE, cliticSide } from "./clitics.ts";
import {
  APOSTROPHE_CLASS,
  classAt,
  DOUBLE_QUOTE,
  EXTENDER,
  HEBREW_LETTER,
  LETTER,
  lengthOf,
  MIDDLE_DOT,
  SEPARATOR,
  SPACE_CLASS,
} from "./code-points.ts";
import { get8 } from "./memory.ts";

/** Whether an apostrophe between letters is a quotation mark (Korean). */
let apostropheIsQuote: boolean = false;

export function setQuotes(isQuote: boolean): void {
  apostropheIsQuote = isQuote;
}

/** Sides of the ambiguous mark [at, next) on which it makes a boundary: both unless it joins letters. */
export function sideOf(value: i32, left: i32, at: i32, next: i32, start: i32, end: i32): i32 {
  let after = next;
  while (after < end && classAt(after) === EXTENDER) after += lengthOf(get8(after));
  const right = after < end ? classAt(after) : SPACE_CLASS;
  if (value === DOUBLE_QUOTE) return left === HEBREW_LETTER && right === HEBREW_LETTER ? 0 : BEFORE | AFTER;
  if (!isLetter(left) || !isLetter(right)) return BEFORE | AFTER;
  if (value === MIDDLE_DOT) return 0;
  return apostropheIsQuote ? BEFORE | AFTER : cliticSide(at, next, start, end);
}

function isLetter(value: i32): boolean {
  return value === LETTER || value === HEBREW_LETTER;
}

/** Whether digits that end before `to` are a number by themselves. */
export function digitsStandAlone(to: i32, end: i32, classBefore: i32): boolean {
  if (classBefore !== SPACE_CLASS) return false;
  if (to >= end) return true;
  const mark = classAt(to);
  if (mark === SPACE_CLASS) return true;
  if (mark !== SEPARATOR && mark < APOSTROPHE_CLASS) return false;
  const next = to + lengthOf(get8(to));
  return next >= end || classAt(next) === SPACE_CLASS;
}
