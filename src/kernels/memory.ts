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
