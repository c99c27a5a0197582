/*
 * The words met: a table of slots (hash, address of the record) over records that follow each other in memory: hash,
 * count, rank, length in bytes, then the word, up to a multiple of four bytes. A word is known by its record's address.
 */
import { copy, fill, get8, get32, multiply, set32 } from "./memory.ts";

export const COUNT_FIELD: i32 = 4;
export const RANK_FIELD: i32 = 8;
export const LENGTH_FIELD: i32 = 12;
export const HEAD: i32 = 16;

const SLOT: i32 = 8;
const LEAST_SLOTS: i32 = 4096;
/** Of 64 slots so many may be taken before the table doubles. */
const LOAD: i32 = 41;

let slots: i32 = 0;
let slotCount: i32 = 0;
let maxSlots: i32 = 0;
let records: i32 = 0;
let recordsEnd: i32 = 0;
let recordsLimit: i32 = 0;
let words: i32 = 0;

/** Puts slots, a power of two of at most `most`, at `start`, and records after them up to `end`. */
export function openWords(start: i32, most: i32, end: i32): void {
  slots = start;
  maxSlots = most;
  slotCount = LEAST_SLOTS;
  records = start + most * SLOT;
  recordsLimit = end;
  clearWords();
}

export function clearWords(): void {
  slotCount = LEAST_SLOTS;
  fill(slots, 0, slotCount * SLOT);
  recordsEnd = records;
  words = 0;
}

export function wordCount(): i32 {
  return words;
}

export function firstRecord(): i32 {
  return records;
}

/** The record after this one; `endOfRecords` after the last. */
export function nextRecord(record: i32): i32 {
  return record + HEAD + ((get32(record + LENGTH_FIELD) + 3) & ~3);
}

export function endOfRecords(): i32 {
  return recordsEnd;
}

/** Whether there is room for all words that so many bytes of text can hold. */
export function hasRoomForWords(bytes: i32): boolean {
  // Two bytes make a word and what parts it from the next; its record then takes 20, and 3/64 is just below 1/20.
  const most = (bytes >> 1) + 1;
  return words + most <= (maxSlots >> 6) * LOAD && most <= ((recordsLimit - recordsEnd) >> 6) * 3;
}

export function hashOf(from: i32, length: i32): i32 {
  let hash = length;
  const end = from + length;
  let at = from;
  while (at + 4 <= end) {
    hash = multiply(hash ^ get32(at), 0x2c1b3c6d);
    hash ^= hash >>> 15;
    at += 4;
  }
  while (at < end) {
    hash = multiply(hash ^ get8(at), 0x01000193);
    at++;
  }
  hash = multiply(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 15);
}

function isWord(record: i32, from: i32, length: i32): boolean {
  if (get32(record + LENGTH_FIELD) !== length) return false;
  let k = 0;
  const own = record + HEAD;
  while (k + 4 <= length) {
    if (get32(own + k) !== get32(from + k)) return false;
    k += 4;
  }
  while (k < length) {
    if (get8(own + k) !== get8(from + k)) return false;
    k++;
  }
  return true;
}

/** Brings the slot where a word of this hash is looked for into the caches. */
export function fetchSlot(hash: i32): i32 {
  return get32(slots + (hash & (slotCount - 1)) * SLOT + 4);
}

/** Brings the record that the slot tells into the caches. */
export function fetchRecord(hash: i32): i32 {
  const record = fetchSlot(hash);
  return record === 0 ? 0 : get32(record + LENGTH_FIELD);
}

/** Counts a word, whose hash is given, once more; returns its record. There must be room for it. */
export function countWord(from: i32, length: i32, hash: i32): i32 {
  let slot = hash & (slotCount - 1);
  while (true) {
    const record = get32(slots + slot * SLOT + 4);
    if (record === 0) break;
    if (get32(slots + slot * SLOT) === hash && isWord(record, from, length)) {
      set32(record + COUNT_FIELD, get32(record + COUNT_FIELD) + 1);
      return record;
    }
    slot = (slot + 1) & (slotCount - 1);
  }
  const record = recordsEnd;
  set32(record, hash);
  set32(record + COUNT_FIELD, 1);
  set32(record + LENGTH_FIELD, length);
  copy(record + HEAD, from, length);
  recordsEnd = nextRecord(record);
  words++;
  set32(slots + slot * SLOT, hash);
  set32(slots + slot * SLOT + 4, record);
  if (words > (slotCount >> 6) * LOAD && slotCount < maxSlots) growSlots();
  return record;
}

function growSlots(): void {
  slotCount = slotCount << 1;
  fill(slots, 0, slotCount * SLOT);
  for (let record = records; record < recordsEnd; record = nextRecord(record)) {
    const hash = get32(record);
    let slot = hash & (slotCount - 1);
    while (get32(slots + slot * SLOT + 4) !== 0) slot = (slot + 1) & (slotCount - 1);
    set32(slots + slot * SLOT, hash);
    set32(slots + slot * SLOT + 4, record);
  }
}
