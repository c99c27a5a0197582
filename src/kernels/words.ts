/*
 * The words of scripts with spaces, one line at a time: the boundary rule of `languages/boundary.ts` and the pairs of
 * `src/ngrams/counter.ts` in one pass over bytes. A line that holds anything else is left to the host.
 */
import { digitsStandAlone, sideOf } from "./boundaries.ts";
import { isLetter as isAsciiLetter, isWhite, LINE_FEED } from "./characters.ts";
import { AFTER, BEFORE } from "./clitics.ts";
import {
  APOSTROPHE_CLASS,
  codePointAt,
  DIGIT,
  EXTENDER,
  FIRST,
  FOR_HOST,
  HEBREW_LETTER,
  LETTER,
  lengthOf,
  MARK,
  SECOND,
  SEPARATOR,
  SPACE_CLASS,
  traitsOf,
} from "./code-points.ts";
import { get8 } from "./memory.ts";
import { addWord } from "./waiting.ts";

const ZERO_WIDTH_SPACE: i32 = 0x200b;

/** What stands between two words, so far. */
const NOTHING: i32 = 0;
/** White space within a line: an entry of the two words would have it, too. */
const WHITE_SPACE: i32 = 1;
const ANYTHING: i32 = 2;

let gap: i32 = NOTHING;

/** The end of the line that begins at `at`: a line feed, or `end`. */
let lineStop: i32 = 0;

export function lineEnd(): i32 {
  return lineStop;
}

/** Whether the line inspected last holds a code point that is always for the host. */
let holdsHosts: boolean = false;

export function isAlwaysForHost(): boolean {
  return holdsHosts;
}

/** Finds the end of the line and tells whether it is for the host: normalizing may change it, or words lack spaces. */
export function inspectLine(at: i32, end: i32): boolean {
  let isForHost = false;
  let before = 0;
  holdsHosts = false;
  while (at < end) {
    const c = get8(at);
    let traits = 0;
    if (c < 0x80) {
      if (c === LINE_FEED) break;
      traits = traitsOf(c);
      at++;
      // No character of ASCII is a mark or a second.
      if (traits < FOR_HOST) {
        before = traits;
        continue;
      }
    } else {
      traits = traitsOf(codePointAt(at));
      at += lengthOf(c);
    }
    // Bits of marks and seconds alone, or of what is always for the host, are rare.
    if (traits >= FOR_HOST) holdsHosts = true;
    else if ((traits & (MARK | SECOND)) !== 0) {
      if ((traits & MARK) !== 0 && (before & MARK) !== 0) isForHost = true;
      if ((traits & SECOND) !== 0 && (before & (MARK | FIRST)) !== 0) isForHost = true;
    }
    before = traits;
  }
  lineStop = at;
  return isForHost || holdsHosts;
}

/** Counts the words and pairs of the line [start, end), which is not for the host. */
export function cutLine(start: i32, end: i32): void {
  gap = ANYTHING;
  let at = start;
  // The segment: where it begins, the class of its first code point and of the one before it, and what it holds.
  let from = start;
  let firstClass = SPACE_CLASS;
  let classBefore = SPACE_CLASS;
  let hasWord = false;
  let hasOther = false;
  // Class of the code point before, and of the last one that is no combining mark.
  let last = SPACE_CLASS;
  let base = SPACE_CLASS;
  // Whether a boundary follows the ambiguous mark that is the base.
  let parts = false;
  while (at < end) {
    const c = get8(at);
    const code = c < 0x80 ? c : codePointAt(at);
    let next = c < 0x80 ? at + 1 : at + lengthOf(c);
    const value = traitsOf(code) & 15;
    let isBoundary = false;
    let partsAfter = false;
    if (value === LETTER) isBoundary = base === SPACE_CLASS || base === SEPARATOR || parts;
    else if (value === EXTENDER) isBoundary = last === SPACE_CLASS;
    else if (value === SPACE_CLASS) isBoundary = last !== SPACE_CLASS;
    else {
      isBoundary = value === SEPARATOR || base === SPACE_CLASS || base === SEPARATOR || parts;
      if (value >= APOSTROPHE_CLASS) {
        const side = sideOf(value, base, at, next, start, end);
        isBoundary = isBoundary || (side & BEFORE) !== 0;
        partsAfter = (side & AFTER) !== 0;
      }
    }
    if (isBoundary && at > from) {
      endSegment(from, at, end, firstClass, classBefore, last, hasWord, hasOther);
      classBefore = last;
      from = at;
      hasWord = false;
      hasOther = false;
    }
    if (at === from) firstClass = value;
    if (value === LETTER || value === HEBREW_LETTER) {
      hasWord = true;
      hasOther = true;
      // No boundary lies between letters.
      if (value === LETTER) while (next < end && isAsciiLetter(get8(next))) next++;
    } else if (value === DIGIT) hasWord = true;
    else hasOther = true;
    last = value;
    if (value !== EXTENDER) {
      base = value;
      parts = partsAfter;
    }
    at = next;
  }
  if (at > from) endSegment(from, at, end, firstClass, classBefore, last, hasWord, hasOther);
}

/** Takes the segment [from, to) for a word, or for a part of what stands between words. */
function endSegment(
  from: i32,
  to: i32,
  end: i32,
  firstClass: i32,
  classBefore: i32,
  lastClass: i32,
  hasWord: boolean,
  hasOther: boolean,
): void {
  if (hasWord && (hasOther || digitsStandAlone(to, end, classBefore))) {
    // A word that only leans on another makes no pair.
    const isClitic = firstClass === APOSTROPHE_CLASS || lastClass === APOSTROPHE_CLASS;
    addWord(from, to, gap === WHITE_SPACE && !isClitic, isClitic);
    gap = NOTHING;
  } else if (firstClass === SPACE_CLASS && lastClass === SPACE_CLASS) {
    if (gap === NOTHING) gap = WHITE_SPACE;
    if (!isWithinLine(from, to)) gap = ANYTHING;
  } else if (!(to - from === 3 && codePointAt(from) === ZERO_WIDTH_SPACE)) gap = ANYTHING;
}

/** Whether white space is none that ends a line: U+000D, U+0085, U+2028, U+2029. */
function isWithinLine(from: i32, to: i32): boolean {
  let at = from;
  while (at < to) {
    const c = get8(at);
    if (c < 0x80) {
      if (!isWhite(c) || c === 13) return false;
      at++;
      continue;
    }
    const code = codePointAt(at);
    if (code === 0x85 || code === 0x2028 || code === 0x2029) return false;
    at += lengthOf(c);
  }
  return true;
}
