/*
 * The memory of the kernels in WebAssembly. The build puts this file in the place of memory.ts; both export the same
 * functions, and no other file knows what memory is.
 */

export function get8(address: i32): i32 {
  return load<u8>(address);
}

export function set8(address: i32, value: i32): void {
  store<u8>(address, value);
}

export function get16(address: i32): i32 {
  return load<u16>(address);
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

/** The lower 32 bits of a product. */
export function multiply(a: i32, b: i32): i32 {
  return a * b;
}

/** Makes addresses below `end` usable; false if there is no more memory. */
export function reserve(end: i32): boolean {
  const missing = ((end + 65535) >>> 16) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}
