/* Extraction as the host calls it. Names go in first, then pages, one at a time. */
import { CARRIAGE_RETURN, initClasses, LINE_FEED } from "./characters.ts";
import { addName, clearDictionary } from "./dictionary.ts";
import { CAPITALS, CHUNK, pageStart, SLACK } from "./layout.ts";
import { clearMarks, lacksMarks } from "./marks.ts";
import { copy, fill, findByte, get8, reserve, set8 } from "./memory.ts";
import { beginOutput, outputLength } from "./output.ts";
import { render } from "./render.ts";
import { scan } from "./scan.ts";

/** Pages of more bytes are refused: their marks might not fit. */
const MAX_PAGE: i32 = 0x8000000;
/** Memory for the first marks. */
const MARKS: i32 = 1048576;
/** Bytes of the table of capitals. */
const CAPITALS_BYTES: i32 = 8192;

let textStart: i32 = 0;

/** Makes room for a page of `length` bytes; returns the address to write it to, or 0 if it is too long. */
export function prepare(length: i32): i32 {
  if (length > MAX_PAGE) return 0;
  return reserve(pageStart() + 2 * (length + SLACK) + MARKS) ? pageStart() : 0;
}

/** Forgets all names and takes the table of capitals, 8192 bytes, from the chunk. */
export function reset(): void {
  initClasses();
  clearDictionary();
  copy(CAPITALS, CHUNK, CAPITALS_BYTES);
}

/** Adds a name and its value, which stand one after the other in the chunk; false if there is no room. */
export function define(kind: i32, nameLength: i32, valueLength: i32): boolean {
  return addName(kind, CHUNK, nameLength, valueLength);
}

/**
 * Extracts the wikitext of `length` bytes at `from`, within what `prepare` made room for; returns the length of its text,
 * or -1. What follows the wikitext is overwritten.
 */
export function extract(from: i32, length: i32): i32 {
  const end = unifyLineEnds(from, from + length);
  fill(end, 0, SLACK);
  textStart = from + length + SLACK;
  clearMarks(textStart + length + SLACK);
  scan(from, end);
  if (lacksMarks()) return -1;
  beginOutput(textStart);
  render(from, end);
  return outputLength();
}

/** Where the text of the last page begins. */
export function textAddress(): i32 {
  return textStart;
}

/** Writes CR LF and CR as LF, in place; returns the new end. */
function unifyLineEnds(start: i32, end: i32): i32 {
  let from = findByte(start, end, CARRIAGE_RETURN);
  let to = from;
  while (from < end) {
    const c = get8(from);
    from++;
    if (c === CARRIAGE_RETURN) {
      set8(to, LINE_FEED);
      if (from < end && get8(from) === LINE_FEED) from++;
    } else set8(to, c);
    to++;
  }
  return to;
}
