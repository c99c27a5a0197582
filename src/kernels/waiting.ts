/*
 * Words on their way to the table, and the pairs that they make. They wait until some are together: then their places in
 * the table, which is larger than the caches, are fetched side by side, and not one after the other.
 */
import { WAITING } from "./layout.ts";
import { get8, get32, set32 } from "./memory.ts";
import { addPair } from "./pairs.ts";
import { COUNT_FIELD, countWord, fetchRecord, fetchSlot, hashOf } from "./word-table.ts";

/** A word of more bytes is known by its first ones: it can be no entry, but is counted. */
const MAX_WORD: i32 = 8192;

/** A word that waits: where it begins, its length, its hash, what it does. */
const ITEM: i32 = 16;
const LENGTH: i32 = 4;
const HASH: i32 = 8;
const ROLE: i32 = 12;
const MOST: i32 = 64;

/** Roles: makes a pair with the word before, makes none with the next. */
const AFTER_WORD: i32 = 1;
const LAST: i32 = 2;

let count: i32 = 0;
/** Bytes of text that the words may have taken. */
let bytes: i32 = 0;
let words: i32 = 0;
/** The record of the last word counted, if the next one may make a pair with it, or 0. */
let previous: i32 = 0;
/** Words since the last call of `clearWaiting`. */
export function tokenCount(): i32 {
  return words;
}

/** Bytes of text whose words wait. */
export function waitingBytes(): i32 {
  return bytes;
}

/** Forgets what waits and what was before. */
export function clearWaiting(): void {
  count = 0;
  bytes = 0;
  words = 0;
  previous = 0;
}

function keptLength(from: i32, to: i32): i32 {
  if (to - from <= MAX_WORD) return to - from;
  let length = MAX_WORD;
  while ((get8(from + length) & 0xc0) === 0x80) length--;
  return length;
}

/** Adds the word [from, to), which must stay where it is until `countWaiting`; there must be room for it in the table. */
export function addWord(from: i32, to: i32, makesPair: boolean, isLast: boolean): void {
  if (count === MOST) countWaiting();
  const length = keptLength(from, to);
  const item = WAITING + count * ITEM;
  set32(item, from);
  set32(item + LENGTH, length);
  set32(item + HASH, hashOf(from, length));
  set32(item + ROLE, (makesPair ? AFTER_WORD : 0) | (isLast ? LAST : 0));
  count++;
  words++;
  bytes += to - from + 1;
}

/** Counts the words that wait, and their pairs. */
export function countWaiting(): void {
  const end = WAITING + count * ITEM;
  let fetched = 0;
  for (let item = WAITING; item < end; item += ITEM) fetched ^= fetchSlot(get32(item + HASH));
  for (let item = WAITING; item < end; item += ITEM) fetched ^= fetchRecord(get32(item + HASH));
  // Kept, behind the last item, so that no compiler leaves the fetching out.
  set32(end, fetched);
  for (let item = WAITING; item < end; item += ITEM) {
    const word = countWord(get32(item), get32(item + LENGTH), get32(item + HASH));
    const role = get32(item + ROLE);
    if ((role & AFTER_WORD) !== 0 && previous !== 0) addPair(previous, word);
    previous = (role & LAST) === 0 ? word : 0;
  }
  count = 0;
  bytes = 0;
}

/** Lets the next word make a pair with [from, to), which was counted before the tables were cleared. */
export function recallWord(from: i32, to: i32): void {
  const length = keptLength(from, to);
  previous = countWord(from, length, hashOf(from, length));
  set32(previous + COUNT_FIELD, get32(previous + COUNT_FIELD) - 1);
}
