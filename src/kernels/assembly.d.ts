/* What AssemblyScript has and TypeScript lacks, as far as the kernels use it; for the type checker only. */

/** A 32-bit integer; where a parameter is a place in memory, its address. */
declare type i32 = number;
declare type u8 = number;
declare type u16 = number;
declare type i8 = number;
declare type i16 = number;
declare type u32 = number;
declare type u64 = number;
declare type i64 = number;
declare type f32 = number;
declare type f64 = number;
/** Sixteen bytes. */
declare type v128 = object;

declare function load<T extends number>(address: i32): T;
declare function store<T extends number>(address: i32, value: i32): void;
declare const memory: {
  copy(to: i32, from: i32, length: i32): void;
  fill(to: i32, value: i32, length: i32): void;
  /** Size in pages of 64 KiB. */
  size(): i32;
  /** Grow by pages; -1 if that fails. */
  grow(pages: i32): i32;
};
declare const v128: {
  load(address: i32, offset?: i32): v128;
  store(address: i32, value: v128, offset?: i32): void;
  and(a: v128, b: v128): v128;
  or(a: v128, b: v128): v128;
};
declare const i16x8: {
  splat(value: i16): v128;
  eq(a: v128, b: v128): v128;
  bitmask(a: v128): i32;
  add(a: v128, b: v128): v128;
  extend_low_i8x16_u(a: v128): v128;
  extend_high_i8x16_u(a: v128): v128;
};
declare const f32x4: {
  splat(value: f32): v128;
  add(a: v128, b: v128): v128;
  mul(a: v128, b: v128): v128;
};
interface Words {
  (a: i32, b: i32, c: i32, d: i32): v128;
  add(a: v128, b: v128): v128;
  mul(a: v128, b: v128): v128;
  extend_low_i16x8_u(a: v128): v128;
  extend_high_i16x8_u(a: v128): v128;
  extract_lane(a: v128, place: i32): i32;
}
declare const i32x4: Words;
interface Bytes {
  (...bytes: readonly i8[]): v128;
  gt_s(a: v128, b: v128): v128;
  gt_u(a: v128, b: v128): v128;
  sub(a: v128, b: v128): v128;
  replace_lane(a: v128, place: i32, value: i8): v128;
  splat(value: i8): v128;
  eq(a: v128, b: v128): v128;
  ne(a: v128, b: v128): v128;
  swizzle(a: v128, places: v128): v128;
  shr_u(a: v128, bits: i32): v128;
  /** A bit for each byte whose highest bit is set. */
  bitmask(a: v128): i32;
}
declare const i8x16: Bytes;
/** Number of bits that are set. */
declare function popcnt(value: i32): i32;
/** The same bits as a number of another type. */
declare function reinterpret<T extends number>(value: i64): T;
/** Number of zeros below the lowest bit that is set. */
declare function ctz(value: i32): i32;
