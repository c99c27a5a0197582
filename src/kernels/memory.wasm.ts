/*
 * The memory of the kernels in WebAssembly. The build puts this file in the place of memory.ts; both export the same
 * functions, and no other file knows what memory is.
 */
import { SET_TABLES } from "./layout.ts";

export function get8(address: i32): i32 {
  return load<u8>(address);
}

export function set8(address: i32, value: i32): void {
  store<u8>(address, value);
}

export function get16(address: i32): i32 {
  return load<u16>(address);
}

export function set16(address: i32, value: i32): void {
  store<u16>(address, value);
}

export function get32(address: i32): i32 {
  return load<i32>(address);
}

export function set32(address: i32, value: i32): void {
  store<i32>(address, value);
}

/** Copies bytes; the stretches may overlap. */
export function copy(to: i32, from: i32, length: i32): void {
  memory.copy(to, from, length);
}

export function fill(to: i32, value: i32, length: i32): void {
  memory.fill(to, value as u8, length);
}

/** The first byte `c` in [at, end), or `end`. Up to 15 bytes behind `end` may be looked at. */
export function findByte(at: i32, end: i32, c: i32): i32 {
  const wanted = i8x16.splat(c as i8);
  while (at < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (found !== 0) return least(at + ctz(found), end);
    at += 16;
  }
  return end;
}

/** For each of sixteen bytes whether it is in the set: not zero if it is. */
function areMembers(sixteen: v128, set: i32): v128 {
  const low = i8x16.swizzle(v128.load(set + SET_TABLES), v128.and(sixteen, i8x16.splat(15)));
  const high = i8x16.swizzle(v128.load(set + SET_TABLES + 16), i8x16.shr_u(sixteen, 4));
  return i8x16.ne(v128.and(low, high), i8x16.splat(0));
}

/** The first byte in [at, end) that is in the set (`characters.ts`), or `end`; as `findByte`. */
export function findMember(at: i32, end: i32, set: i32): i32 {
  while (at < end) {
    const found = i8x16.bitmask(areMembers(v128.load(at), set));
    if (found !== 0) return least(at + ctz(found), end);
    at += 16;
  }
  return end;
}

/** As `findMember`, but stops at the first of two spaces, too. */
export function findMemberOrSpaces(at: i32, end: i32, set: i32): i32 {
  const space = i8x16.splat(32);
  while (at < end) {
    const sixteen = v128.load(at);
    const spaces = v128.and(i8x16.eq(sixteen, space), i8x16.eq(v128.load(at + 1), space));
    const found = i8x16.bitmask(v128.or(areMembers(sixteen, set), spaces));
    if (found !== 0) return least(at + ctz(found), end);
    at += 16;
  }
  return end;
}

function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

/** The first byte in [at, end) that is no ASCII letter, or `end`. Up to 15 bytes behind `end` may be looked at. */
export function skipLetters(at: i32, end: i32): i32 {
  while (at < end) {
    const places = i8x16.sub(v128.or(v128.load(at), i8x16.splat(32)), i8x16.splat(97));
    const others = i8x16.bitmask(i8x16.gt_u(places, i8x16.splat(25)));
    if (others !== 0) return least(at + ctz(others), end);
    at += 16;
  }
  return end;
}

/** The lower 32 bits of a product. */
export function multiply(a: i32, b: i32): i32 {
  return a * b;
}

/** How many of `n` equal shares of all numbers of 32 bits lie wholly below `a`, without sign; `n` is below 2^24. */
export function shareOf(a: i32, n: i32): i32 {
  return (((a as u32 as u64) * (n as u64)) >> 32) as i32;
}

/** The first `length` bytes at `at`, and zeros. */
function beginningOf(at: i32, length: i32): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.gt_s(i8x16.splat((length < 16 ? length : 16) as i8), places));
}

/** Hash of the first `length` bytes at `at`, at most 16, and the length; 16 bytes are looked at. */
export function hashSixteen(at: i32, length: i32): i32 {
  const products = i32x4.mul(beginningOf(at, length), i32x4(0x1e3779b1, 0x5f356495, 0x2c9277b5, 0x7a1bb3ad));
  const a = i32x4.extract_lane(products, 0) + i32x4.extract_lane(products, 1);
  const b = i32x4.extract_lane(products, 2) + i32x4.extract_lane(products, 3);
  return length * 0x45ebca6b + a + b;
}

/**
 * The first of the four slots of 16 bytes at `line` that hold the `length` bytes at `from`, at most 11, then zeros, and in
 * byte 11 the length plus one; 4 if none does. 16 bytes are looked at.
 */
export function findText(line: i32, from: i32, length: i32): i32 {
  const wanted = i8x16.replace_lane(beginningOf(from, length), 11, (length + 1) as i8);
  const found =
    isText(line, wanted) |
    (isText(line + 16, wanted) << 1) |
    (isText(line + 32, wanted) << 2) |
    (isText(line + 48, wanted) << 3);
  return ctz(found | 16);
}

function isText(slot: i32, wanted: v128): i32 {
  return (~i8x16.bitmask(i8x16.eq(v128.load(slot), wanted)) & 0xfff) === 0 ? 1 : 0;
}

/** The first of the 16-bit numbers `k` to `count` - 1 of those at `at` that is the lower half of `wanted`; `count`, at most 8, if none is. */
export function findHalf(at: i32, k: i32, count: i32, wanted: i32): i32 {
  const same = i16x8.bitmask(i16x8.eq(v128.load(at), i16x8.splat(wanted as i16)));
  return ctz((same & ~((1 << k) - 1)) | (1 << count));
}

/** Makes addresses below `end` usable; false if there is no more memory. */
export function reserve(end: i32): boolean {
  const missing = ((end + 65535) >>> 16) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}
