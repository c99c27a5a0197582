/*
 * A list of entries as matching reads it: one stretch of memory in which everything is told by its distance from the
 * beginning, so that it can be moved. It is a trie over atoms.
 *
 * A **token** is a distinct atom, a **step** a token and whether a space stands before it. Tokens that are one code point of
 * three bytes, as are letters of scripts without spaces, have cells in **pages** of 64 code points; all others lie in a hash
 * table. Each tells what begins with it. All that goes on is told by a **value**: nothing, the entry that ends here and is not continued,
 * or a **block**. A block holds the entry that ends here, if one does, and what follows: a **path**, steps of which one
 * follows the other and then a value; or a **row**, steps of which any may follow, each with its value. A row of many steps
 * is a hash table of **buckets**. Steps and their values lie side by side, so that a step costs one or two lines of the caches.
 *
 * Of a step the lower 16 bits are compared first, eight at a time. What is left of it stands above the value, so that
 * three or four bytes hold both.
 */
import { findHalf, findText, get8, get16, get32, hashSixteen, multiply, set8, set32, shareOf } from "./memory.ts";

/** Fields of the head, each of four bytes; the tables' places are distances from it. */
export const HEAD_BYTES: i32 = 64;
export const SIZE: i32 = 0;
/** 1 for the published rule, else 0; and whether an apostrophe between letters is a quotation mark. */
export const RULE: i32 = 4;
export const QUOTES: i32 = 8;
export const ENTRIES: i32 = 12;
export const TOKEN_SLOTS: i32 = 16;
export const TOKENS: i32 = 20;
export const BLOCKS: i32 = 24;
export const TEXTS: i32 = 28;
export const CLITICS_OF_LIST: i32 = 32;
/** Bytes of a value, and how many bits of them tell it; those above are of the step. */
export const VALUE_BYTES: i32 = 36;
export const VALUE_BITS: i32 = 40;
export const PAGES: i32 = 44;
/** Steps there can be. */
export const STEPS: i32 = 48;

/**
 * A token: its bytes, at most 11, or the hash and the place of a longer one; its length plus one (0: the slot is free); its
 * value.
 */
export const TOKEN: i32 = 16;
const TOKEN_TEXT: i32 = 4;
const TOKEN_LENGTH: i32 = 11;
export const TOKEN_VALUE: i32 = 12;
export const INLINE: i32 = 11;
const LONG: i32 = 13;
/** Slots that share a line of the caches: a search begins at the first of them. */
const TOKENS_A_LINE: i32 = 4;

/** For each 64 code points their page, in 16 bits; then the pages, of which the first is of those that have none. */
export const PAGE_NUMBERS_BYTES: i32 = 2048;
export const PAGE_BYTES: i32 = 256;

/** The first byte of a block: whether an entry follows, and what comes then: a row of so many steps, buckets, or a path. */
export const HAS_ENTRY: i32 = 128;
export const MOST_IN_ROW: i32 = 16;
export const BUCKETS: i32 = 17;
export const PATH: i32 = 32;
export const MOST_IN_PATH: i32 = 64;
/** A bucket: the lower halves of eight steps, then their values, 0 where it is free. */
export const IN_BUCKET: i32 = 8;

let tokens: i32 = 0;
let tokenLines: i32 = 0;
let tokensEnd: i32 = 0;
let pageNumbers: i32 = 0;
let cells: i32 = 0;
/** What is added to the number of a cell to make it that of a token. */
let firstCell: i32 = 0;
let blocks: i32 = 0;
let texts: i32 = 0;
/** Values up to this one are entries. */
let entries: i32 = 0;
let valueBytes: i32 = 0;
let valueMask: i32 = 0;
let valueBits: i32 = 0;
/** Whether there are steps of more than 16 bits. */
let isWide: boolean = false;

/** Lets the list at `list` be the one that is searched. */
export function openTables(list: i32): void {
  tokens = list + get32(list + TOKENS);
  tokenLines = get32(list + TOKEN_SLOTS) >> 2;
  tokensEnd = tokens + get32(list + TOKEN_SLOTS) * TOKEN;
  pageNumbers = list + get32(list + PAGES);
  cells = pageNumbers + PAGE_NUMBERS_BYTES;
  firstCell = get32(list + TOKEN_SLOTS);
  blocks = list + get32(list + BLOCKS);
  texts = list + get32(list + TEXTS);
  entries = get32(list + ENTRIES);
  valueBytes = get32(list + VALUE_BYTES);
  valueMask = valueBytes === 3 ? 0xffffff : -1;
  valueBits = get32(list + VALUE_BITS);
  isWide = get32(list + STEPS) > 65536;
}

/** Hash of the bytes; up to 16 behind the beginning, and three behind the end, are looked at. */
function hashOfAtom(from: i32, length: i32): i32 {
  let hash = hashSixteen(from, length);
  const end = from + length;
  for (let at = from + 16; at < end; at += 4) {
    const left = end - at;
    const word = left < 4 ? get32(at) & ((1 << (left << 3)) - 1) : get32(at);
    hash = multiply(hash ^ word, 0x2c1b3c6d);
    hash ^= hash >>> 15;
  }
  hash = multiply(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return multiply(hash ^ (hash >>> 13), 0x297a2d39);
}

function lineOf(hash: i32): i32 {
  return tokens + shareOf(hash, tokenLines) * (TOKENS_A_LINE * TOKEN);
}

function isLongToken(slot: i32, hash: i32, from: i32, length: i32): boolean {
  if (get32(slot) !== hash) return false;
  const own = texts + get32(slot + TOKEN_TEXT);
  if (get32(own) !== length) return false;
  let k = 0;
  while (k < length && get8(own + 4 + k) === get8(from + k)) k++;
  return k === length;
}

/**
 * The token of the bytes, or 0. In which slot of its line a token lies is as good as chance, so no branch depends on it.
 */
export function findToken(from: i32, length: i32): i32 {
  const hash = hashOfAtom(from, length);
  let line = lineOf(hash);
  while (true) {
    if (length <= INLINE) {
      const k = findText(line, from, length);
      if (k < TOKENS_A_LINE) return line + k * TOKEN;
    } else {
      for (let slot = line; slot < line + TOKENS_A_LINE * TOKEN; slot += TOKEN) {
        if (get8(slot + TOKEN_LENGTH) === LONG && isLongToken(slot, hash, from, length)) return slot;
      }
    }
    if (get8(line + (TOKENS_A_LINE - 1) * TOKEN + TOKEN_LENGTH) === 0) return 0;
    line += TOKENS_A_LINE * TOKEN;
    if (line === tokensEnd) line = tokens;
  }
}

/** Puts a new token into the table; if it is longer than 11 bytes, they lie behind their number at `text` in the texts. */
export function addToken(from: i32, length: i32, text: i32): i32 {
  const hash = hashOfAtom(from, length);
  let slot = lineOf(hash);
  while (get8(slot + TOKEN_LENGTH) !== 0) {
    slot += TOKEN;
    if (slot === tokensEnd) slot = tokens;
  }
  if (length > INLINE) {
    set32(slot, hash);
    set32(slot + TOKEN_TEXT, text);
    set8(slot + TOKEN_LENGTH, LONG);
  } else {
    for (let k = 0; k < length; k++) set8(slot + k, get8(from + k));
    set8(slot + TOKEN_LENGTH, length + 1);
  }
  return slot;
}

/** The step to a token; `gap` is 1 after a space, else 0. */
export function stepTo(token: i32, gap: i32): i32 {
  return (((token - tokens) >> 4) << 1) | gap;
}

/** Whether the atom is one code point of three bytes. */
export function isLetter(from: i32, length: i32): boolean {
  return length === 3 && get8(from) >= 0xe0;
}

/** Place of the number of the page of such a code point. */
export function pageNumberAt(from: i32): i32 {
  return pageNumbers + (((get8(from) & 15) << 6) | (get8(from + 1) & 63)) * 2;
}

/** The cell of such a code point; if the list does not have it, one that tells nothing and that no step leads to. */
export function cellOf(from: i32): i32 {
  return cells + get16(pageNumberAt(from)) * PAGE_BYTES + (get8(from + 2) & 63) * 4;
}

/** The step to a cell; `gap` as above. */
export function stepToCell(cell: i32, gap: i32): i32 {
  return ((firstCell + ((cell - cells) >> 2)) << 1) | gap;
}

/** Whether the value tells a block, not an entry or nothing. */
export function isBlock(value: i32): boolean {
  return value > entries;
}

/** Blocks begin at even addresses. */
export function blockOf(value: i32): i32 {
  return blocks + ((value - entries - 1) << 1);
}

export function valueOfBlock(block: i32): i32 {
  return ((block - blocks) >> 1) + entries + 1;
}

function getValue(at: i32): i32 {
  return get32(at) & valueMask;
}

/** Writes a value with the upper half of the step to it. */
export function setValue(at: i32, value: i32, step: i32): void {
  const word = value | ((step >>> 16) << valueBits);
  for (let k = 0; k < valueBytes; k++) set8(at + k, word >>> (k << 3));
}

/** The entry, plus one, that ends at a block, or 0. */
export function entryAt(block: i32): i32 {
  return (get8(block) & HAS_ENTRY) !== 0 ? getValue(block + 1) : 0;
}

/** What follows the entry of a block. */
export function kindOf(block: i32): i32 {
  return get8(block) & ~HAS_ENTRY;
}

/** Where steps begin in a block. */
export function stepsOf(block: i32): i32 {
  return block + 1 + (get8(block) >>> 7) * valueBytes;
}

/** The value of the step in the row or the buckets of this kind that begin at `at`; 0 if it is not there. */
export function findStep(kind: i32, at: i32, step: i32): i32 {
  if (kind !== BUCKETS) {
    for (let k = 0; k < kind; k += IN_BUCKET) {
      const left = kind - k;
      const value = findAmong(at + k * 2, left < IN_BUCKET ? left : IN_BUCKET, at + kind * 2 + k * valueBytes, step);
      if (value !== 0) return value;
    }
    return 0;
  }
  const count = get32(at);
  const size = bucketBytes();
  const first = at + 4;
  const end = first + count * size;
  let bucket = first + bucketOf(step, count) * size;
  while (true) {
    const values = bucket + IN_BUCKET * 2;
    const value = findAmong(bucket, IN_BUCKET, values, step);
    if (value !== 0 || getValue(values + (IN_BUCKET - 1) * valueBytes) === 0) return value;
    bucket += size;
    if (bucket === end) bucket = first;
  }
}

export function bucketBytes(): i32 {
  return IN_BUCKET * (2 + valueBytes);
}

/** The bucket in which the search for a step begins. */
export function bucketOf(step: i32, count: i32): i32 {
  const hash = multiply(step, 0x1e3779b1);
  return shareOf(multiply(hash ^ (hash >>> 15), 0x2c1b3c6d), count);
}

/** The value of the step among at most eight. */
function findAmong(halves: i32, count: i32, values: i32, step: i32): i32 {
  let k = findHalf(halves, 0, count, step);
  while (k < count) {
    const word = getValue(values + k * valueBytes);
    if (word >>> valueBits === step >>> 16) return word & ((1 << valueBits) - 1);
    k = findHalf(halves, k + 1, count, step);
  }
  return 0;
}

/** Whether step `k` of the path of `count` steps at `at` is this one. */
export function isStepOfPath(at: i32, count: i32, k: i32, step: i32): boolean {
  if (get16(at + k * 2) !== (step & 0xffff)) return false;
  return !isWide || get16(at + (count + k) * 2) === step >>> 16;
}

/** Bytes of the steps of a path. */
export function pathBytes(count: i32): i32 {
  return isWide ? count * 4 : count * 2;
}

/** The value that follows a path. */
export function valueBehindPath(at: i32, count: i32): i32 {
  return getValue(at + pathBytes(count));
}
