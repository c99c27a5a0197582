/*
 * What the scan finds, in the order of the page: marks. A mark says where a construct begins and, once that is known, where
 * it ends; the renderer goes through them once. Constructs that are still open form a stack inside the list, so that no
 * place is looked at twice for the end of anything.
 */
import { NEAREST } from "./layout.ts";
import { fill, get32, reserve, set32 } from "./memory.ts";

/* Kinds of marks. Those that a bracket opens come first, since only they are ever open. */
/** `{{…}}`; goes. */
export const TEMPLATE: i32 = 0;
/** `{|…|}`; goes. */
export const TABLE: i32 = 1;
/** `-{…}-`; one variant stays. */
export const VARIANT: i32 = 2;
/** `[[…]]`; its label stays. */
export const LINK: i32 = 3;
/** `[https://… …]`; its label stays. */
export const SITE: i32 = 4;
/** Goes. */
export const CUT: i32 = 5;
/** Goes, with its line if it is alone there. */
export const COMMENT: i32 = 6;
/** Goes and ends the line. */
export const BREAK: i32 = 7;
/** Stays as it is. */
export const LITERAL: i32 = 8;
/** Stays as it is, each line a line. */
export const LITERAL_LINES: i32 = 9;
/** As BREAK; up to the mark's `bar` each line is a line. */
export const POEM: i32 = 10;
const OPENING_KINDS: i32 = 5;

/* Fields of a mark; addresses in the page are never 0. */
const START: i32 = 0;
/** 0 while the construct is open, and for good if it never ends. */
const END: i32 = 4;
const KIND: i32 = 8;
/** Place of the first `|` of its own; 0 if there is none. */
const BAR: i32 = 12;
/** State of the source line before the construct (`lines.ts`). */
const LINE_STATE: i32 = 16;
/** Of a converter the mark of what follows its first variant, 0 if none: in the place of the line's state. */
const REST: i32 = LINE_STATE;
/** Number of the source line in which it begins. */
const LINE_NUMBER: i32 = 20;
/** The mark below it on the stack, and the nearest below it of its kind; 0 if none. */
const BELOW: i32 = 24;
const SAME_BELOW: i32 = 28;
const MARK_BYTES: i32 = 32;
/** Memory for marks grows by this many bytes. */
const STEP: i32 = 1048576;

let first: i32 = 0;
let marksEnd: i32 = 0;
let reserved: i32 = 0;
let top: i32 = 0;
/** Whether there was no memory for a mark. */
let isFull: boolean = false;

/** Begins an empty list at an address. */
export function clearMarks(address: i32): void {
  first = address;
  marksEnd = address;
  reserved = address;
  top = 0;
  isFull = false;
  fill(NEAREST, 0, OPENING_KINDS * 4);
}

export function firstMark(): i32 {
  return first;
}

export function nextMark(mark: i32): i32 {
  return mark + MARK_BYTES;
}

/** Address after the last mark. */
export function endOfMarks(): i32 {
  return marksEnd;
}

/** Whether marks are missing for want of memory. */
export function lacksMarks(): boolean {
  return isFull;
}

export function startOf(mark: i32): i32 {
  return get32(mark + START);
}

export function endOf(mark: i32): i32 {
  return get32(mark + END);
}

export function kindOf(mark: i32): i32 {
  return get32(mark + KIND);
}

export function barOf(mark: i32): i32 {
  return get32(mark + BAR);
}

export function setBar(mark: i32, bar: i32): void {
  set32(mark + BAR, bar);
}

export function lineStateOf(mark: i32): i32 {
  return get32(mark + LINE_STATE);
}

export function lineNumberOf(mark: i32): i32 {
  return get32(mark + LINE_NUMBER);
}

export function restOf(mark: i32): i32 {
  return get32(mark + REST);
}

export function setRest(mark: i32, rest: i32): void {
  set32(mark + REST, rest);
}

export function setEnd(mark: i32, end: i32): void {
  set32(mark + END, end);
}

export function setKind(mark: i32, kind: i32): void {
  set32(mark + KIND, kind);
}

/** Appends a mark. Without memory for it the last one is written over, and the page given up in the end. */
export function addMark(kind: i32, start: i32, end: i32): i32 {
  if (marksEnd + MARK_BYTES > reserved) {
    if (reserve(marksEnd + STEP)) reserved = marksEnd + STEP;
    else {
      isFull = true;
      marksEnd -= MARK_BYTES;
    }
  }
  const mark = marksEnd;
  set32(mark + START, start);
  set32(mark + END, end);
  set32(mark + KIND, kind);
  set32(mark + BAR, 0);
  marksEnd += MARK_BYTES;
  return mark;
}

/** Appends a mark for a construct that begins here and puts it on the stack. */
export function openMark(kind: i32, start: i32, lineState: i32, lineNumber: i32): void {
  const mark = addMark(kind, start, 0);
  if (isFull) return;
  set32(mark + LINE_STATE, lineState);
  set32(mark + LINE_NUMBER, lineNumber);
  set32(mark + BELOW, top);
  set32(mark + SAME_BELOW, nearest(kind));
  set32(NEAREST + kind * 4, mark);
  top = mark;
}

/** The construct opened last, or 0. */
export function topMark(): i32 {
  return top;
}

/** The construct of a kind that was opened last, or 0. Of two marks the one opened later has the higher address. */
export function nearest(kind: i32): i32 {
  return get32(NEAREST + kind * 4);
}

/** Takes an open construct, and all that were opened in it, off the stack. */
export function popMark(mark: i32): void {
  while (top >= mark && top !== 0) {
    set32(NEAREST + kindOf(top) * 4, get32(top + SAME_BELOW));
    top = get32(top + BELOW);
  }
}

/** Ends an open construct that goes with all it holds: marks inside are forgotten. */
export function closeWhole(mark: i32, end: i32): void {
  popMark(mark);
  set32(mark + END, end);
  marksEnd = mark + MARK_BYTES;
}

/** Ends an open construct whose inside stays. */
export function closeAround(mark: i32, end: i32): void {
  popMark(mark);
  set32(mark + END, end);
}
