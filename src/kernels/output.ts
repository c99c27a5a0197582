/* The text as it is written: lines without white space around them, one space for any white space in them. */
import { EQUALS, LINE_FEED, SPACE } from "./characters.ts";
import { copy, get8, set8 } from "./memory.ts";

const MAX_LEVEL: i32 = 6;

let first: i32 = 0;
let end: i32 = 0;
/** Where the current line begins. */
let line: i32 = 0;
/** Whether white space came since the last character. */
let hasSpace: boolean = false;

export function beginOutput(address: i32): void {
  first = address;
  end = address;
  line = address;
  hasSpace = false;
}

export function outputLength(): i32 {
  return end - first;
}

export function writeSpace(): void {
  hasSpace = true;
}

/** Writes bytes that begin and end with no white space and have single spaces at most. */
export function writeRun(from: i32, to: i32): void {
  if (to <= from) return;
  flushSpace();
  const length = to - from;
  if (length > 32) copy(end, from, length);
  else for (let k = 0; k < length; k++) set8(end + k, get8(from + k));
  end += length;
}

export function writeByte(c: i32): void {
  flushSpace();
  set8(end, c);
  end++;
}

/** Writes a code point that is no surrogate. */
export function writeCodePoint(code: i32): void {
  if (code < 0x80) {
    writeByte(code);
    return;
  }
  if (code < 0x800) writeByte(0xc0 | (code >> 6));
  else {
    if (code < 0x10000) writeByte(0xe0 | (code >> 12));
    else {
      writeByte(0xf0 | (code >> 18));
      writeByte(0x80 | ((code >> 12) & 63));
    }
    writeByte(0x80 | ((code >> 6) & 63));
  }
  writeByte(0x80 | (code & 63));
}

function flushSpace(): void {
  if (hasSpace && end > line) {
    set8(end, SPACE);
    end++;
  }
  hasSpace = false;
}

/** Ends the current line, if there is anything in it. */
export function endOutputLine(): void {
  hasSpace = false;
  if (end === line) return;
  set8(end, LINE_FEED);
  end++;
  line = end;
}

/** Where the next character goes, with the space before it. */
export function outputEnd(): i32 {
  return hasSpace && end > line ? end + 1 : end;
}

/** Puts a byte before what was written at `place`. */
export function insertByte(place: i32, c: i32): void {
  if (place > end) return;
  copy(place + 1, place, end - place);
  set8(place, c);
  end++;
  if (line > place) line++;
}

/** Takes the equals signs off a line that is a heading; false if it is none. */
export function finishHeading(): boolean {
  let left = line;
  while (left < end && get8(left) === EQUALS) left++;
  let right = end;
  while (right > left && get8(right - 1) === EQUALS) right--;
  // Nothing but signs: the heading held only a template.
  if (left === end) {
    end = line;
    hasSpace = false;
    return true;
  }
  if (right === end) return false;
  let level = left - line < end - right ? left - line : end - right;
  if (level > MAX_LEVEL) level = MAX_LEVEL;
  let from = line + level;
  let to = end - level;
  while (from < to && get8(from) === SPACE) from++;
  while (to > from && get8(to - 1) === SPACE) to--;
  copy(line, from, to - from);
  end = line + to - from;
  endOutputLine();
  return true;
}

/** Makes the current line a part of the one before. */
export function joinLine(previous: i32): void {
  if (end > line && line > first) set8(line - 1, SPACE);
  line = previous;
}

/** Where the current line begins. */
export function outputLine(): i32 {
  return line;
}
