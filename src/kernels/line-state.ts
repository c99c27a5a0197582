/*
 * While the page is scanned: how far the current source line is still at its beginning, where tables may open and close.
 * Constructs that go do not count, so a line may begin after the end of a template.
 */
import { ASTERISK, COLON, NUMBER_SIGN, SEMICOLON, skipBlanks } from "./characters.ts";
import { get8 } from "./memory.ts";

/** Something stands in the line. */
export const TEXT: i32 = 0;
/** Only list markers. */
export const MARKED: i32 = 1;
/** Nothing. */
export const EMPTY: i32 = 2;

/** Ends of what is empty, and of what holds list markers at most. */
let emptyEnd: i32 = 0;
let markedEnd: i32 = 0;
let lineNumber: i32 = 0;

function isMarker(c: i32): boolean {
  return c === ASTERISK || c === NUMBER_SIGN || c === COLON || c === SEMICOLON;
}

function skipMarkers(at: i32, end: i32): i32 {
  while (at < end && isMarker(get8(at))) at = skipBlanks(at + 1, end);
  return at;
}

export function beginPage(at: i32, end: i32): void {
  lineNumber = 0;
  continueLine(EMPTY, at, end);
}

/** A line begins. Returns where its first character is that is no blank. */
export function beginLine(at: i32, end: i32): i32 {
  lineNumber++;
  continueLine(EMPTY, at, end);
  return emptyEnd;
}

export function currentLine(): i32 {
  return lineNumber;
}

/** The line's state before `at`. */
export function stateAt(at: i32): i32 {
  return at === emptyEnd ? EMPTY : at === markedEnd ? MARKED : TEXT;
}

/** After a construct that goes the line has the state that it had before, and the number. */
export function continueLine(state: i32, at: i32, end: i32): void {
  emptyEnd = state === EMPTY ? skipBlanks(at, end) : 0;
  markedEnd = state === TEXT ? 0 : skipMarkers(state === EMPTY ? emptyEnd : skipBlanks(at, end), end);
}

export function setLine(number: i32): void {
  lineNumber = number;
}
