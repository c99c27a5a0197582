/*
 * Code points in UTF-8, and what each of them is to words: in the lower four bits its class under the boundary rule, in
 * the upper four how it may stand in normalized text. The host makes the table of `languages/`; `src/ngrams/counter.ts`
 * puts the two together.
 */
import { CODE_POINTS } from "./layout.ts";
import { get8 } from "./memory.ts";

/** Classes: `languages/boundary-classes.ts` uses the same numbers. */
export const SPACE_CLASS: i32 = 1;
export const SEPARATOR: i32 = 2;
export const LETTER: i32 = 3;
export const HEBREW_LETTER: i32 = 4;
export const DIGIT: i32 = 5;
export const NO_SPACE_LETTER: i32 = 6;
export const EXTENDER: i32 = 7;
export const APOSTROPHE_CLASS: i32 = 8;
export const DOUBLE_QUOTE: i32 = 9;
export const MIDDLE_DOT: i32 = 10;

/** Forms: `languages/forms.ts`, four bits further up; what changes, and all letters without spaces, are the host's. */
export const MARK: i32 = 16;
export const SECOND: i32 = 32;
export const FIRST: i32 = 64;
export const FOR_HOST: i32 = 128;

/** Length in bytes of the code point that begins with the byte `c`. */
export function lengthOf(c: i32): i32 {
  if (c < 0x80) return 1;
  if (c < 0xe0) return 2;
  return c < 0xf0 ? 3 : 4;
}

/** The code point at `at`; the text is valid UTF-8. */
export function codePointAt(at: i32): i32 {
  const c = get8(at);
  if (c < 0x80) return c;
  if (c < 0xe0) return ((c & 0x1f) << 6) | (get8(at + 1) & 0x3f);
  if (c < 0xf0) return ((c & 0x0f) << 12) | ((get8(at + 1) & 0x3f) << 6) | (get8(at + 2) & 0x3f);
  return ((c & 0x07) << 18) | ((get8(at + 1) & 0x3f) << 12) | ((get8(at + 2) & 0x3f) << 6) | (get8(at + 3) & 0x3f);
}

/** The table's byte for a code point. */
export function traitsOf(code: i32): i32 {
  return get8(CODE_POINTS + code);
}

export function classAt(at: i32): i32 {
  return get8(CODE_POINTS + codePointAt(at)) & 15;
}

/** Where the code point that ends before `at` begins. */
export function before(at: i32): i32 {
  at--;
  while ((get8(at) & 0xc0) === 0x80) at--;
  return at;
}
