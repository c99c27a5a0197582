/* What AssemblyScript has and TypeScript lacks, as far as the kernels use it; for the type checker only. */

/** A 32-bit integer; where a parameter is a place in memory, its address. */
declare type i32 = number;
declare type u8 = number;
declare type u16 = number;

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
