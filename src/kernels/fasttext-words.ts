/*
 * Texts to the mean of the rows that stand for them, as fastText adds them: of each word its own row, if it is known, and
 * those of its n-grams; of the end of the line one more. Sums in float32 depend on the order, so it is fastText's.
 */
import { copyKept, findKept, KEPT_LENGTH, KEPT_ROWS, keep } from "./fasttext-cache.ts";
import {
  BUCKET_BITS,
  BUCKET_RANKS,
  BUCKETS,
  HIDDEN,
  NGRAMS,
  NGRAMS_BYTES,
  ROWS,
  WAITING,
  WAITING_BYTES,
  WORD_COUNT,
  WORD_SLOTS,
  WORD_SLOTS_BYTES,
} from "./fasttext-layout.ts";
import {
  addRows,
  clearRow,
  copy,
  countBits,
  divideRow,
  findSpace,
  get8,
  get16,
  get32,
  hashSixteen,
  isSame,
  multiply,
  remainderOf,
  set8,
  set16,
  set32,
} from "./memory.ts";

const SPACE: i32 = 0x20;
/** What stands before and behind a word in its n-grams: `<` and `>`. */
const OPENING: i32 = 0x3c;
const CLOSING: i32 = 0x3e;
/** What labels begin with, `__label__`, lower bytes first. */
const LABEL_BEGINS: i32 = 0x616c5f5f;
const LABEL_GOES_ON: i32 = 0x5f6c6562;
const LABEL_ENDS: i32 = 0x5f;
const LABEL_LENGTH: i32 = 9;
/** The end of a line, `</s>`, is the first word of the model. */
const END_OF_LINE: i32 = 0;
const UNKNOWN: i32 = -1;
/** A word's record: its row, its length, its bytes. */
const LENGTH_FIELD: i32 = 2;
const TEXT_FIELD: i32 = 4;
const HASH_START: i32 = 0x811c9dc5 | 0;
const HASH_FACTOR: i32 = 0x01000193;
/** Of each character the buckets of two, three and four characters from it on. */
const PAIR: i32 = 0;
const TRIPLE: i32 = 4;
const FOUR: i32 = 8;
const CHARACTER: i32 = 12;
/** No word whose rows are kept makes the numbers that wait more than there is room for. */
const WAITING_LIMIT: i32 = WAITING + WAITING_BYTES - NGRAMS_BYTES - 64;

let waitingEnd: i32 = 0;
let rowCount: i32 = 0;

/** Takes the record of a known word; 16 bytes behind it may be looked at. */
export function addWord(record: i32): void {
  let slot = slotOf(hashSixteen(record + TEXT_FIELD, get16(record + LENGTH_FIELD)));
  while (get32(slot) !== 0) slot = slotAfter(slot);
  set32(slot, record);
}

function slotOf(hash: i32): i32 {
  return WORD_SLOTS + ((hash >>> 8) & (WORD_SLOTS_BYTES - 4));
}

function slotAfter(slot: i32): i32 {
  return WORD_SLOTS + ((slot - WORD_SLOTS + 4) & (WORD_SLOTS_BYTES - 1));
}

/** Leaves at `HIDDEN` the mean of the rows of the text in [at, end), before and behind which there is a space. */
export function readText(at: i32, end: i32): void {
  clearRow(HIDDEN);
  waitingEnd = WAITING;
  rowCount = 0;
  while (at < end) {
    const wordEnd = findSpace(at, end);
    if (wordEnd > at && !readWord(at, wordEnd)) break;
    at = wordEnd + 1;
  }
  addRow(END_OF_LINE);
  flush();
  divideRow(HIDDEN, rowCount);
}

function addRow(row: i32): void {
  set16(waitingEnd, row);
  waitingEnd += 2;
}

function flush(): void {
  addRows(HIDDEN, WAITING, waitingEnd, ROWS);
  rowCount += (waitingEnd - WAITING) >> 1;
  waitingEnd = WAITING;
}

/** Adds a word's rows; false if it ends the line. */
function readWord(at: i32, end: i32): boolean {
  const length = end - at;
  const hash = hashSixteen(at, length);
  if (waitingEnd > WAITING_LIMIT) flush();
  if (length > KEPT_LENGTH) return listRows(hash, at, end);
  const slot = findKept(hash, at, length);
  if (slot !== 0) {
    waitingEnd = copyKept(slot, waitingEnd);
    return true;
  }
  const from = waitingEnd;
  if (!listRows(hash, at, end)) return false;
  if (waitingEnd - from <= KEPT_ROWS << 1) keep(hash, at, length, from, waitingEnd);
  return true;
}

function listRows(hash: i32, at: i32, end: i32): boolean {
  const row = findWord(hash, at, end - at);
  if (row === END_OF_LINE) return false;
  if (row !== UNKNOWN) addRow(row);
  else if (isLabel(at, end)) return true;
  // What stands around a word is white space, and spaces are as good as any.
  set8(at - 1, OPENING);
  set8(end, CLOSING);
  listNgrams(at - 1, end + 1);
  set8(at - 1, SPACE);
  set8(end, SPACE);
  return true;
}

function findWord(hash: i32, at: i32, length: i32): i32 {
  let slot = slotOf(hash);
  let record = get32(slot);
  while (record !== 0) {
    if (get16(record + LENGTH_FIELD) === length && isSame(record + TEXT_FIELD, at, length)) return get16(record);
    slot = slotAfter(slot);
    record = get32(slot);
  }
  return UNKNOWN;
}

function isLabel(at: i32, end: i32): boolean {
  if (end - at < LABEL_LENGTH || get32(at) !== LABEL_BEGINS) return false;
  return get32(at + 4) === LABEL_GOES_ON && get8(at + 8) === LABEL_ENDS;
}

/** FNV-1a, but of signed bytes, as fastText's models were trained with. */
function hashOn(hash: i32, at: i32): i32 {
  return multiply(hash ^ ((get8(at) << 24) >> 24), HASH_FACTOR);
}

function isContinuation(at: i32): boolean {
  return (get8(at) & 0xc0) === 0x80;
}

/**
 * Adds the rows of the n-grams of a word with its signs around: by their first character, then by length.
 *
 * Each byte is read once, for the hashes of all lengths that are open there. So n-grams are found by their last character;
 * their buckets go to where their turn is.
 */
function listNgrams(at: i32, end: i32): void {
  let one: i32 = 0;
  let two: i32 = 0;
  let three: i32 = 0;
  let place = NGRAMS;
  while (at < end) {
    let next = hashOn(HASH_START, at);
    let pair = hashOn(one, at);
    let triple = hashOn(two, at);
    let four = hashOn(three, at);
    at++;
    while (at < end && isContinuation(at)) {
      next = hashOn(next, at);
      pair = hashOn(pair, at);
      triple = hashOn(triple, at);
      four = hashOn(four, at);
      at++;
    }
    // At the word's beginning there are no such n-grams: this goes before all others and is not read.
    set32(place - CHARACTER + PAIR, remainderOf(pair, BUCKETS));
    set32(place - 2 * CHARACTER + TRIPLE, remainderOf(triple, BUCKETS));
    set32(place - 3 * CHARACTER + FOUR, remainderOf(four, BUCKETS));
    one = next;
    two = pair;
    three = triple;
    place += CHARACTER;
    if (place > NGRAMS + NGRAMS_BYTES - CHARACTER) {
      addNgrams(place - 3 * CHARACTER);
      copy(NGRAMS, place - 3 * CHARACTER, 3 * CHARACTER);
      place = NGRAMS + 3 * CHARACTER;
    }
  }
  // Those that would go on behind the word: no bit is set there.
  set32(place - 2 * CHARACTER + TRIPLE, BUCKETS);
  set32(place - 2 * CHARACTER + FOUR, BUCKETS);
  set32(place - 3 * CHARACTER + FOUR, BUCKETS);
  addNgrams(place - CHARACTER);
}

/** Adds the rows of the buckets up to `end`, of which nine in ten have none: first those that have are moved together. */
function addNgrams(end: i32): void {
  let found = NGRAMS;
  for (let k = NGRAMS; k < end; k += 4) {
    const bucket = get32(k);
    set32(found, bucket);
    found += ((bitsOf(bucket) >>> (bucket & 31)) & 1) << 2;
  }
  if (waitingEnd > WAITING + WAITING_BYTES - NGRAMS_BYTES) flush();
  for (let k = NGRAMS; k < found; k += 4) {
    const bucket = get32(k);
    const before = bitsOf(bucket) & ((1 << (bucket & 31)) - 1);
    addRow(get32(WORD_COUNT) + get16(BUCKET_RANKS + ((bucket >> 5) << 1)) + countBits(before));
  }
}

/** The bits of 32 buckets, of which this is one. */
function bitsOf(bucket: i32): i32 {
  return get32(BUCKET_BITS + ((bucket >> 5) << 2));
}
