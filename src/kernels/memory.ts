/*
 * The memory of the kernels as one array of bytes. The build for WebAssembly puts memory.wasm.ts in its place; both export
 * the same functions, and no other file knows what memory is.
 */

/** A grown array is this many times as long as is asked for, so that growing in small steps takes linear time. */
const SPARE = 1.5;
/** Addresses are signed 32-bit integers. */
const MAX_BYTES = 0x7fff0000;

let bytes = new Uint8Array(0);

export function get8(address: i32): i32 {
  return bytes[address]!;
}

export function set8(address: i32, value: i32): void {
  bytes[address] = value;
}

export function get16(address: i32): i32 {
  return bytes[address]! | (bytes[address + 1]! << 8);
}

export function set16(address: i32, value: i32): void {
  bytes[address] = value;
  bytes[address + 1] = value >> 8;
}

export function get32(address: i32): i32 {
  return bytes[address]! | (bytes[address + 1]! << 8) | (bytes[address + 2]! << 16) | (bytes[address + 3]! << 24);
}

export function set32(address: i32, value: i32): void {
  bytes[address] = value;
  bytes[address + 1] = value >> 8;
  bytes[address + 2] = value >> 16;
  bytes[address + 3] = value >> 24;
}

/** Copies bytes; the stretches may overlap. */
export function copy(to: i32, from: i32, length: i32): void {
  bytes.copyWithin(to, from, from + length);
}

export function fill(to: i32, value: i32, length: i32): void {
  bytes.fill(value, to, to + length);
}

/** The first byte `c` in [at, end), or `end`. Up to 15 bytes behind `end` may be looked at. */
export function findByte(at: i32, end: i32, c: i32): i32 {
  while (at < end && bytes[at] !== c) at++;
  return at;
}

/** The first byte in [at, end) that is in the set (`characters.ts`), or `end`; as `findByte`. */
export function findMember(at: i32, end: i32, set: i32): i32 {
  while (at < end && bytes[set + bytes[at]!] === 0) at++;
  return at;
}

/** As `findMember`, but stops at the first of two spaces, too. */
export function findMemberOrSpaces(at: i32, end: i32, set: i32): i32 {
  while (at < end && bytes[set + bytes[at]!] === 0 && (bytes[at] !== 32 || bytes[at + 1] !== 32)) at++;
  return at;
}

/** The first byte in [at, end) that is no ASCII letter, or `end`. Up to 15 bytes behind `end` may be looked at. */
export function skipLetters(at: i32, end: i32): i32 {
  while (at < end && ((bytes[at]! | 32) - 97) >>> 0 < 26) at++;
  return at;
}

/** The lower 32 bits of a product. */
export function multiply(a: i32, b: i32): i32 {
  return Math.imul(a, b);
}

/** How many of `n` equal shares of all numbers of 32 bits lie wholly below `a`, without sign; `n` is below 2^24. */
export function shareOf(a: i32, n: i32): i32 {
  const low = a & 0xffff;
  return Math.floor(((a >>> 16) * n + Math.floor((low * n) / 65536)) / 65536);
}

/** Hash of the first `length` bytes at `at`, at most 16, and the length; 16 bytes are looked at. */
export function hashSixteen(at: i32, length: i32): i32 {
  let hash = Math.imul(length, 0x45ebca6b);
  for (let k = 0; k < 4; k++) {
    const left = length - k * 4;
    const word = get32(at + k * 4) & (left >= 4 ? -1 : left > 0 ? (1 << (left << 3)) - 1 : 0);
    hash = (hash + Math.imul(word, FACTORS[k]!)) | 0;
  }
  return hash;
}

const FACTORS = [0x1e3779b1, 0x5f356495, 0x2c9277b5, 0x7a1bb3ad] as const;

/**
 * The first of the four slots of 16 bytes at `line` that hold the `length` bytes at `from`, at most 11, then zeros, and in
 * byte 11 the length plus one; 4 if none does. 16 bytes are looked at.
 */
export function findText(line: i32, from: i32, length: i32): i32 {
  for (let slot = 0; slot < 4; slot++) {
    const at = line + slot * 16;
    if (bytes[at + 11] !== length + 1) continue;
    let k = 0;
    while (k < length && bytes[at + k] === bytes[from + k]) k++;
    if (k === length) return slot;
  }
  return 4;
}

/** The first of the 16-bit numbers `k` to `count` - 1 of those at `at` that is the lower half of `wanted`; `count`, at most 8, if none is. */
export function findHalf(at: i32, k: i32, count: i32, wanted: i32): i32 {
  while (k < count && get16(at + k * 2) !== (wanted & 0xffff)) k++;
  return k;
}

/** Whether at `slot` lie the `length` bytes at `at`, at most 15, then zeros, and in byte 15 the length plus one. 16 bytes are looked at. */
export function isKey(slot: i32, at: i32, length: i32): boolean {
  return bytes[slot + 15] === length + 1 && isSame(slot, at, length);
}

/** Puts a key, as `isKey` asks for. */
export function setKey(slot: i32, at: i32, length: i32): void {
  bytes.fill(0, slot, slot + 16);
  bytes.copyWithin(slot, at, at + length);
  bytes[slot + 15] = length + 1;
}

/** Whether the `length` bytes at two places are the same. Up to 15 bytes behind them may be looked at. */
export function isSame(a: i32, b: i32, length: i32): boolean {
  let k = 0;
  while (k < length && bytes[a + k] === bytes[b + k]) k++;
  return k === length;
}

/** Copies sixteen bytes. */
export function copySixteen(to: i32, from: i32): void {
  bytes.copyWithin(to, from, from + 16);
}

/** The first byte in [at, end) that fastText cuts words at, white space of ASCII and NUL, or `end`. Up to 15 bytes behind `end` may be looked at. */
export function findSpace(at: i32, end: i32): i32 {
  while (at < end && bytes[at] !== 32 && (bytes[at]! - 9) >>> 0 >= 5 && bytes[at] !== 0) at++;
  return at;
}

/** Remainder of a number of 32 bits without sign. */
export function remainderOf(a: i32, n: i32): i32 {
  return (a >>> 0) % n;
}

/** How many bits are set. */
export function countBits(a: i32): i32 {
  let count = 0;
  for (let left = a; left !== 0; left &= left - 1) count++;
  return count;
}

function getFloat(address: i32): number {
  return new DataView(bytes.buffer).getFloat32(address, true);
}

/** Makes the row of 16 numbers in float32 at `row` zeros. */
export function clearRow(row: i32): void {
  bytes.fill(0, row, row + 64);
}

/** Adds to the row at `sum` those whose numbers, 16 bits each, lie in [from, end), one after the other; row 0 lies at `rows`. */
export function addRows(sum: i32, from: i32, end: i32, rows: i32): void {
  for (; from < end; from += 2) {
    const row = rows + (get16(from) << 6);
    for (let k = 0; k < 64; k += 4) setFloat(sum + k, getFloat(sum + k) + getFloat(row + k));
  }
}

/**
 * Adds 64 bytes of rows, each to its own number of 32 bits at `sums`; the rows' addresses, at most 256, lie in [from, end), and
 * the bytes `offset` behind them.
 */
export function addBlocks(sums: i32, from: i32, end: i32, offset: i32): void {
  for (; from < end; from += 4) {
    const block = get32(from) + offset;
    for (let k = 0; k < 64; k++) set32(sums + (k << 2), get32(sums + (k << 2)) + bytes[block + k]!);
  }
}

/** Multiplies the numbers of a row by 1 / `count`, rounded to float32 before. */
export function divideRow(row: i32, count: i32): void {
  const share = Math.fround(1 / count);
  for (let k = 0; k < 64; k += 4) setFloat(row + k, getFloat(row + k) * share);
}

/** The product of two rows, its 16 terms added one after the other in float32. */
export function dotRows(a: i32, b: i32): f64 {
  let sum = 0;
  for (let k = 0; k < 64; k += 4) sum = Math.fround(sum + Math.fround(getFloat(a + k) * getFloat(b + k)));
  return sum;
}

export function getDouble(address: i32): f64 {
  return new DataView(bytes.buffer).getFloat64(address, true);
}

export function setDouble(address: i32, value: f64): void {
  new DataView(bytes.buffer).setFloat64(address, value, true);
}

export function setFloat(address: i32, value: f64): void {
  new DataView(bytes.buffer).setFloat32(address, value, true);
}

/** The nearest float32. */
export function roundFloat(value: f64): f64 {
  return Math.fround(value);
}

/** 2^n, for -1022 <= n <= 1023. */
export function powerOfTwo(n: i32): f64 {
  return 2 ** n;
}

/** Makes addresses below `end` usable; false if there is no more memory. */
export function reserve(end: i32): boolean {
  if (end <= bytes.length) return true;
  if (end > MAX_BYTES) return false;
  const grown = new Uint8Array(Math.min(MAX_BYTES, Math.ceil(end * SPARE)));
  grown.set(bytes);
  bytes = grown;
  return true;
}

/** The memory itself, for the host; not a kernel's business. Growing replaces it. */
export function view(): Uint8Array<ArrayBuffer> {
  return bytes;
}

/** Lets the memory be another one, for hosts that have several of the twin; returns the one before. */
export function exchange(other: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const before = bytes;
  bytes = other;
  return before;
}

/** Gives the memory back; what was in it is lost. */
export function release(): void {
  bytes = new Uint8Array(0);
}
