/*
 * Counting as the host calls it: texts and cut words go in, sorted runs come out. The tables lie before the page; where
 * they have no room left for what comes, the host takes the run and clears them.
 */
import { setQuotes } from "./boundaries.ts";
import { LINE_FEED, SPACE } from "./characters.ts";
import {
  CLITICS,
  CLITICS_BYTES,
  CODE_POINTS,
  CODE_POINTS_BYTES,
  FIXED_END,
  LOWER_CASE,
  LOWER_CASE_BYTES,
  movePage,
  pageStart,
  SLACK,
} from "./layout.ts";
import { copy, get8, reserve } from "./memory.ts";
import { clearPairs, hasRoomForPairs, openPairs, sortingRoom, sortPairs } from "./pairs.ts";
import { addWord, clearWaiting, countWaiting, waitingBytes } from "./waiting.ts";
import { sortWords } from "./word-order.ts";
import { clearWords, hasRoomForWords, openWords, wordCount } from "./word-table.ts";
import { cutLine, inspectLine, isAlwaysForHost, lineEnd } from "./words.ts";

/** Why `countText` came back. */
export const DONE: i32 = 0;
/** A line for the host to cut; `lineEnd` tells where it ends. */
export const FOR_HOST: i32 = 1;
/** No room for the next line. */
export const FULL: i32 = 2;

/** Words of the smallest table (`word-table.ts`). */
const LEAST_SLOTS: i32 = 4096;
const SLOT: i32 = 8;

let reason: i32 = DONE;

/** Lays tables out in `bytes` before the page, which begins behind them from now on; false if there is no memory. */
export function openCounts(bytes: i32): boolean {
  const end = FIXED_END + bytes;
  if (!reserve(end + SLACK)) return false;
  let slots = LEAST_SLOTS;
  while (slots <= bytes >> 7) slots = slots << 1;
  // An eighth to a sixteenth for slots; what they leave: nine parts of 32 for words, the rest for pairs.
  const words = FIXED_END + slots * SLOT;
  const middle = (words + ((end - words) >> 5) * 9) & ~7;
  openWords(FIXED_END, slots, middle);
  openPairs(middle, end);
  movePage(end + SLACK);
  clearCounts();
  return true;
}

/** Gives the place of the tables back to pages. */
export function closeCounts(): void {
  movePage(FIXED_END);
}

/** Takes the tables that stand one after the other where `prepare` said: code points, lower case, clitics. */
export function setLanguage(isQuote: boolean): void {
  let from = pageStart();
  copy(CODE_POINTS, from, CODE_POINTS_BYTES);
  from += CODE_POINTS_BYTES;
  copy(LOWER_CASE, from, LOWER_CASE_BYTES);
  from += LOWER_CASE_BYTES;
  copy(CLITICS, from, CLITICS_BYTES);
  setQuotes(isQuote);
}

/** Whether there is room for all that so many bytes of text can hold, beside the words that wait. */
function hasRoom(bytes: i32): boolean {
  const all = bytes + waitingBytes();
  return hasRoomForWords(all) && hasRoomForPairs(all);
}

/** Counts the lines of [at, end) up to one that the host must look at; returns where that one begins, or `end`. */
export function countText(at: i32, end: i32): i32 {
  reason = DONE;
  while (at < end) {
    const isForHost = inspectLine(at, end);
    const stop = lineEnd();
    if (isForHost) reason = FOR_HOST;
    else if (!hasRoom(stop - at)) reason = wordCount() > 0 || waitingBytes() > 0 ? FULL : FOR_HOST;
    if (reason !== DONE) break;
    cutLine(at, stop);
    at = stop + 1;
  }
  countWaiting();
  return at < end ? at : end;
}

/**
 * Counts a line that the host has normalized. Nothing is counted if it holds letters without spaces (FOR_HOST) or if there
 * is no room (FULL, or FOR_HOST if there never will be); else DONE.
 */
export function countLine(at: i32, end: i32): i32 {
  inspectLine(at, end);
  if (isAlwaysForHost()) return FOR_HOST;
  if (!hasRoom(end - at)) return wordCount() > 0 ? FULL : FOR_HOST;
  cutLine(at, end);
  countWaiting();
  return DONE;
}

/** Why the last call of `countText` ended. */
export function stopReason(): i32 {
  return reason;
}

/**
 * Counts the words in [at, end), before each of which stands a space if it makes a pair with the one before, else a line
 * feed; false, and nothing counted, if there is no room for them.
 */
export function countWords(at: i32, end: i32): boolean {
  if (!hasRoom(end - at)) return false;
  while (at < end) {
    const makesPair = get8(at) === SPACE;
    const from = at + 1;
    at = from;
    while (at < end && get8(at) !== SPACE && get8(at) !== LINE_FEED) at++;
    addWord(from, at, makesPair, false);
  }
  countWaiting();
  return true;
}

/** Sorts the words, for `writeWords`; not to be followed by counting. */
export function beginWords(): void {
  sortWords(sortingRoom());
}

/** Sorts the pairs, for `writePairs`; after `beginWords`. */
export function beginPairs(): void {
  sortPairs(wordCount());
}

export function clearCounts(): void {
  clearWords();
  clearPairs();
  clearWaiting();
}
