/*
 * The tables that the host hands over: names of several kinds, each with a value of a few bytes. Open addressing; a slot
 * holds the address of a record: kind, length of the name, length of the value (a byte each), name, value.
 */
import { DICTIONARY, DICTIONARY_SLOTS, RECORDS, RECORDS_END } from "./layout.ts";
import { copy, fill, get8, get32, set8, set32 } from "./memory.ts";

/** Kinds of names; `src/text/fast.ts` uses the same numbers. */
/** A character reference without & and ;, its value the character; `#128` to `#159` too. */
export const ENTITY: i32 = 1;
/** A tag in lower case; its value is its role and its number. */
export const TAG: i32 = 2;
/** A file namespace. */
export const FILE_NAME: i32 = 3;
/** A category namespace. */
export const CATEGORY_NAME: i32 = 4;
/** The prefix of an interlanguage link. */
export const LANGUAGE: i32 = 5;
/** A magic word between its underscores, in lower case. */
export const MAGIC_WORD: i32 = 6;
/** What comes before the address of an external link: `https://`, `//`, `mailto:`. */
export const PROTOCOL: i32 = 7;
/** The ending of an image's name, in lower case. */
export const IMAGE: i32 = 8;

const HEAD: i32 = 3;
/** Of the slots at most this many are taken, so that a search soon meets a free one. */
const MAX_NAMES: i32 = 6000;

let count: i32 = 0;
let recordsEnd: i32 = RECORDS;

export function clearDictionary(): void {
  fill(DICTIONARY, 0, DICTIONARY_SLOTS * 4);
  count = 0;
  recordsEnd = RECORDS;
}

/** The slot that holds the name, or the free one where it belongs. */
function findSlot(kind: i32, name: i32, length: i32): i32 {
  let hash = kind;
  for (let k = 0; k < length; k++) hash = ((hash << 5) + hash + get8(name + k)) | 0;
  let slot = (hash ^ (hash >>> 13)) & (DICTIONARY_SLOTS - 1);
  while (true) {
    const record = get32(DICTIONARY + slot * 4);
    if (record === 0) break;
    if (get8(record) === kind && get8(record + 1) === length) {
      let k = 0;
      while (k < length && get8(record + HEAD + k) === get8(name + k)) k++;
      if (k === length) break;
    }
    slot = (slot + 1) & (DICTIONARY_SLOTS - 1);
  }
  return DICTIONARY + slot * 4;
}

/** Adds a name of up to 255 bytes whose value follows it in memory; false if the dictionary is full. */
export function addName(kind: i32, name: i32, length: i32, valueLength: i32): boolean {
  const slot = findSlot(kind, name, length);
  if (get32(slot) !== 0) return true;
  const size = HEAD + length + valueLength;
  if (count === MAX_NAMES || recordsEnd + size > RECORDS_END) return false;
  set32(slot, recordsEnd);
  set8(recordsEnd, kind);
  set8(recordsEnd + 1, length);
  set8(recordsEnd + 2, valueLength);
  copy(recordsEnd + HEAD, name, length + valueLength);
  recordsEnd += size;
  count++;
  return true;
}

/** The record of a name, or 0. */
export function findName(kind: i32, name: i32, length: i32): i32 {
  return length > 255 ? 0 : get32(findSlot(kind, name, length));
}

/** Address and length of a record's value. */
export function valueAt(record: i32): i32 {
  return record + HEAD + get8(record + 1);
}

export function valueLength(record: i32): i32 {
  return get8(record + 2);
}
