/* The words of the table in the order of their bytes, which is that of their code points; as a list, and as a run. */
import { CHUNK, CHUNK_BYTES } from "./layout.ts";
import { copy, get8, get32, set32 } from "./memory.ts";
import { VARINT_BYTES, writeVarint } from "./varint.ts";
import {
  COUNT_FIELD,
  endOfRecords,
  firstRecord,
  HEAD,
  LENGTH_FIELD,
  nextRecord,
  RANK_FIELD,
  wordCount,
} from "./word-table.ts";

/** An item of the list: the first four bytes of a word, and its record. */
const ITEM: i32 = 8;
const RECORD: i32 = 4;

let list: i32 = 0;
/** Where the next item to write stands, and how much of its word has been written. */
let next: i32 = 0;
let written: i32 = 0;

/** Sorts the words and tells each its rank, from 0 on; uses two items a word from `room` on. */
export function sortWords(room: i32): void {
  const bytes = wordCount() * ITEM;
  let item = room;
  for (let record = firstRecord(); record < endOfRecords(); record = nextRecord(record)) {
    set32(item, prefixOf(record));
    set32(item + RECORD, record);
    item += ITEM;
  }
  list = mergeSort(room, room + bytes, bytes);
  let rank = 0;
  for (item = list; item < list + bytes; item += ITEM) {
    set32(get32(item + RECORD) + RANK_FIELD, rank);
    rank++;
  }
  next = list;
  written = 0;
}

/** The first four bytes, as a number that is the larger the later they come. */
function prefixOf(record: i32): i32 {
  const length = get32(record + LENGTH_FIELD);
  let prefix = 0;
  for (let k = 0; k < 4; k++) prefix = (prefix << 8) | (k < length ? get8(record + HEAD + k) : 0);
  return prefix ^ (1 << 31);
}

/** Merges ever longer stretches from one place to the other and back; returns where the sorted list is. */
function mergeSort(from: i32, to: i32, bytes: i32): i32 {
  for (let stretch = ITEM; stretch < bytes; stretch = stretch << 1) {
    for (let start = 0; start < bytes; start += stretch << 1) {
      const middle = start + stretch < bytes ? start + stretch : bytes;
      const end = middle + stretch < bytes ? middle + stretch : bytes;
      mergeStretches(from + start, from + middle, from + end, to + start);
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}

function mergeStretches(left: i32, middle: i32, end: i32, to: i32): void {
  let right = middle;
  while (left < middle && right < end) {
    if (comesFirst(right, left)) {
      set32(to, get32(right));
      set32(to + RECORD, get32(right + RECORD));
      right += ITEM;
    } else {
      set32(to, get32(left));
      set32(to + RECORD, get32(left + RECORD));
      left += ITEM;
    }
    to += ITEM;
  }
  copy(to, left, middle - left);
  copy(to + middle - left, right, end - right);
}

function comesFirst(a: i32, b: i32): boolean {
  const prefix = get32(a);
  const other = get32(b);
  if (prefix !== other) return prefix < other;
  const word = get32(a + RECORD);
  const against = get32(b + RECORD);
  const length = get32(word + LENGTH_FIELD);
  const most = get32(against + LENGTH_FIELD);
  let k = 0;
  while (k < length && k < most) {
    const c = get8(word + HEAD + k);
    const d = get8(against + HEAD + k);
    if (c !== d) return c < d;
    k++;
  }
  return length < most;
}

/**
 * Writes as many sorted words as fit to the chunk; returns how many bytes, 0 after the last. For each word: its length in
 * bytes, how often it occurs, and it.
 */
export function writeWords(): i32 {
  const end = list + wordCount() * ITEM;
  let to = CHUNK;
  while (next < end && to + 2 * VARINT_BYTES < CHUNK + CHUNK_BYTES) {
    const record = get32(next + RECORD);
    const length = get32(record + LENGTH_FIELD);
    if (written === 0) {
      to = writeVarint(to, length);
      to = writeVarint(to, get32(record + COUNT_FIELD));
    }
    const room = CHUNK + CHUNK_BYTES - to;
    const part = length - written < room ? length - written : room;
    copy(to, record + HEAD + written, part);
    to += part;
    written += part;
    if (written < length) break;
    written = 0;
    next += ITEM;
  }
  return to - CHUNK;
}
