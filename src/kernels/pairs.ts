/*
 * Pairs of words as they come: the records of the first and the second word, eight bytes in all, one after the other.
 * Equal ones meet when they are sorted; that costs less than looking each of them up in a table larger than the caches.
 */
import { CHUNK, CHUNK_BYTES, DIGITS, DIGITS_BYTES } from "./layout.ts";
import { fill, get32, set32 } from "./memory.ts";
import { VARINT_BYTES, writeVarint } from "./varint.ts";
import { RANK_FIELD } from "./word-table.ts";

const PAIR: i32 = 8;
const SECOND: i32 = 4;
/** Pairs are sorted by eleven bits at a time. */
const DIGIT_BITS: i32 = 11;
const DIGIT_MASK: i32 = 2047;

/** Where the pairs are, and as much room again to sort them. */
let pairs: i32 = 0;
let spare: i32 = 0;
let most: i32 = 0;
let count: i32 = 0;

/** Where the next pair to write stands, and the last one written. */
let at: i32 = 0;
let lastFirst: i32 = 0;
let lastSecond: i32 = 0;

/** Puts pairs into [start, end), of which one half is for sorting. */
export function openPairs(start: i32, end: i32): void {
  most = ((end - start) >> 1) >> 3;
  pairs = start;
  spare = start + most * PAIR;
  count = 0;
}

export function clearPairs(): void {
  count = 0;
}

export function hasRoomForPairs(bytes: i32): boolean {
  return count + (bytes >> 1) + 1 <= most;
}

export function addPair(first: i32, second: i32): void {
  const pair = pairs + count * PAIR;
  set32(pair, first);
  set32(pair + SECOND, second);
  count++;
}

/** The room for sorting, which words may use while pairs do not. */
export function sortingRoom(): i32 {
  return spare;
}

/** Puts ranks, below `ranks`, in the place of records and sorts by them. */
export function sortPairs(ranks: i32): void {
  for (let k = 0; k < count * 2; k++) {
    const place = pairs + k * 4;
    set32(place, get32(get32(place) + RANK_FIELD));
  }
  sortBy(SECOND, ranks);
  sortBy(0, ranks);
  at = pairs;
  lastFirst = 0;
  lastSecond = 0;
}

/** Sorts by one of the two numbers, all below `limit`; equal ones stay in their order (radix sort, least digit first). */
function sortBy(field: i32, limit: i32): void {
  let shift = 0;
  while (limit > 1) {
    sortByDigit(field, shift);
    shift += DIGIT_BITS;
    limit = (limit + DIGIT_MASK) >> DIGIT_BITS;
  }
}

function sortByDigit(field: i32, shift: i32): void {
  fill(DIGITS, 0, DIGITS_BYTES);
  const end = pairs + count * PAIR;
  for (let pair = pairs; pair < end; pair += PAIR) {
    const digit = DIGITS + ((get32(pair + field) >> shift) & DIGIT_MASK) * 4;
    set32(digit, get32(digit) + 1);
  }
  // From how many pairs have a digit to where the first of them goes.
  let place = spare;
  for (let digit = DIGITS; digit < DIGITS + DIGITS_BYTES; digit += 4) {
    const next = place + get32(digit) * PAIR;
    set32(digit, place);
    place = next;
  }
  for (let pair = pairs; pair < end; pair += PAIR) {
    const digit = DIGITS + ((get32(pair + field) >> shift) & DIGIT_MASK) * 4;
    const to = get32(digit);
    set32(digit, to + PAIR);
    set32(to, get32(pair));
    set32(to + SECOND, get32(pair + SECOND));
  }
  const sorted = spare;
  spare = pairs;
  pairs = sorted;
}

/**
 * Writes as many sorted pairs as fit to the chunk; returns how many bytes, 0 after the last. For each pair: how far its
 * second rank is from that of the pair before, doubled; or, where the first rank is another, how far that is, doubled and
 * one more, then the second rank; then how often it occurs.
 */
export function writePairs(): i32 {
  const end = pairs + count * PAIR;
  let to = CHUNK;
  while (at < end && to + 3 * VARINT_BYTES <= CHUNK + CHUNK_BYTES) {
    const first = get32(at);
    const second = get32(at + SECOND);
    let times = 0;
    while (at < end && get32(at) === first && get32(at + SECOND) === second) {
      times++;
      at += PAIR;
    }
    if (first === lastFirst) to = writeVarint(to, (second - lastSecond) << 1);
    else {
      to = writeVarint(to, ((first - lastFirst) << 1) | 1);
      to = writeVarint(to, second);
    }
    to = writeVarint(to, times);
    lastFirst = first;
    lastSecond = second;
  }
  return to - CHUNK;
}
