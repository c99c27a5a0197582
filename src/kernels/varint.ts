/* Numbers in as few bytes as they need: seven bits a byte, the lowest first; the highest bit says that more follow. */
import { set8 } from "./memory.ts";

/** Bytes that a number takes at most. */
export const VARINT_BYTES: i32 = 5;

/** Writes a number of at least 0; returns where it ends. */
export function writeVarint(to: i32, value: i32): i32 {
  while (value > 127) {
    set8(to, (value & 127) | 128);
    value = value >>> 7;
    to++;
  }
  set8(to, value);
  return to + 1;
}
