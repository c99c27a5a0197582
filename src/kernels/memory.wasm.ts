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

/** Whether at `slot` lie the `length` bytes at `at`, at most 15, then zeros, and in byte 15 the length plus one. 16 bytes are looked at. */
export function isKey(slot: i32, at: i32, length: i32): boolean {
  return i8x16.bitmask(i8x16.eq(v128.load(slot), keyOf(at, length))) === 0xffff;
}

/** Puts a key, as `isKey` asks for. */
export function setKey(slot: i32, at: i32, length: i32): void {
  v128.store(slot, keyOf(at, length));
}

function keyOf(at: i32, length: i32): v128 {
  return i8x16.replace_lane(beginningOf(at, length), 15, (length + 1) as i8);
}

/** Whether the `length` bytes at two places are the same. Up to 15 bytes behind them may be looked at. */
export function isSame(a: i32, b: i32, length: i32): boolean {
  while (length > 0) {
    const others = ~i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) & 0xffff;
    if ((length < 16 ? others & ((1 << length) - 1) : others) !== 0) return false;
    a += 16;
    b += 16;
    length -= 16;
  }
  return true;
}

/** Copies sixteen bytes. */
export function copySixteen(to: i32, from: i32): void {
  v128.store(to, v128.load(from));
}

/** The first byte in [at, end) that fastText cuts words at, white space of ASCII and NUL, or `end`. Up to 15 bytes behind `end` may be looked at. */
export function findSpace(at: i32, end: i32): i32 {
  while (at < end) {
    const sixteen = v128.load(at);
    const controls = i8x16.gt_u(i8x16.splat(5), i8x16.sub(sixteen, i8x16.splat(9)));
    const others = v128.or(i8x16.eq(sixteen, i8x16.splat(32)), i8x16.eq(sixteen, i8x16.splat(0)));
    const found = i8x16.bitmask(v128.or(controls, others));
    if (found !== 0) return least(at + ctz(found), end);
    at += 16;
  }
  return end;
}

/** Remainder of a number of 32 bits without sign. */
export function remainderOf(a: i32, n: i32): i32 {
  return ((a as u32) % (n as u32)) as i32;
}

/** How many bits are set. */
export function countBits(a: i32): i32 {
  return popcnt(a);
}

/** Makes the row of 16 numbers in float32 at `row` zeros. */
export function clearRow(row: i32): void {
  memory.fill(row, 0, 64);
}

/** Adds to the row at `sum` those whose numbers, 16 bits each, lie in [from, end), one after the other; row 0 lies at `rows`. */
export function addRows(sum: i32, from: i32, end: i32, rows: i32): void {
  let a = v128.load(sum);
  let b = v128.load(sum, 16);
  let c = v128.load(sum, 32);
  let d = v128.load(sum, 48);
  while (from < end) {
    const row = rows + ((load<u16>(from) as i32) << 6);
    a = f32x4.add(a, v128.load(row));
    b = f32x4.add(b, v128.load(row, 16));
    c = f32x4.add(c, v128.load(row, 32));
    d = f32x4.add(d, v128.load(row, 48));
    from += 2;
  }
  v128.store(sum, a);
  v128.store(sum, b, 16);
  v128.store(sum, c, 32);
  v128.store(sum, d, 48);
}

/**
 * Adds 64 bytes of rows, each to its own number of 32 bits at `sums`; the rows' addresses, at most 256, lie in [from, end), and
 * the bytes `offset` behind them.
 */
export function addBlocks(sums: i32, from: i32, end: i32, offset: i32): void {
  let a = i16x8.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  while (from < end) {
    const block = load<i32>(from) + offset;
    const first = v128.load(block);
    a = i16x8.add(a, i16x8.extend_low_i8x16_u(first));
    b = i16x8.add(b, i16x8.extend_high_i8x16_u(first));
    const second = v128.load(block, 16);
    c = i16x8.add(c, i16x8.extend_low_i8x16_u(second));
    d = i16x8.add(d, i16x8.extend_high_i8x16_u(second));
    const third = v128.load(block, 32);
    e = i16x8.add(e, i16x8.extend_low_i8x16_u(third));
    f = i16x8.add(f, i16x8.extend_high_i8x16_u(third));
    const fourth = v128.load(block, 48);
    g = i16x8.add(g, i16x8.extend_low_i8x16_u(fourth));
    h = i16x8.add(h, i16x8.extend_high_i8x16_u(fourth));
    from += 4;
  }
  addEight(sums, a);
  addEight(sums + 32, b);
  addEight(sums + 64, c);
  addEight(sums + 96, d);
  addEight(sums + 128, e);
  addEight(sums + 160, f);
  addEight(sums + 192, g);
  addEight(sums + 224, h);
}

/** Adds eight numbers of 16 bits without sign to as many of 32 bits. */
function addEight(sums: i32, eight: v128): void {
  v128.store(sums, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_u(eight)));
  v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_u(eight)), 16);
}

/** Multiplies the numbers of a row by 1 / `count`, rounded to float32 before. */
export function divideRow(row: i32, count: i32): void {
  const share = f32x4.splat((1.0 / (count as f64)) as f32);
  v128.store(row, f32x4.mul(v128.load(row), share));
  v128.store(row, f32x4.mul(v128.load(row, 16), share), 16);
  v128.store(row, f32x4.mul(v128.load(row, 32), share), 32);
  v128.store(row, f32x4.mul(v128.load(row, 48), share), 48);
}

/** The product of two rows, its 16 terms added one after the other in float32. */
export function dotRows(a: i32, b: i32): f64 {
  let sum: f32 = 0;
  for (let k = 0; k < 64; k += 4) sum += load<f32>(a + k) * load<f32>(b + k);
  return sum as f64;
}

export function getDouble(address: i32): f64 {
  return load<f64>(address);
}

export function setDouble(address: i32, value: f64): void {
  store<f64>(address, value);
}

export function setFloat(address: i32, value: f64): void {
  store<f32>(address, value as f32);
}

/** The nearest float32. */
export function roundFloat(value: f64): f64 {
  return value as f32 as f64;
}

/** 2^n, for -1022 <= n <= 1023. */
export function powerOfTwo(n: i32): f64 {
  return reinterpret<f64>(((n + 1023) as i64) << 52);
}

/** Makes addresses below `end` usable; false if there is no more memory. */
export function reserve(end: i32): boolean {
  const missing = ((end + 65535) >>> 16) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}
