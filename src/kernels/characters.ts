/* Bytes by name, and the sets of bytes that the passes stop at. */
import { SCRATCH, SET_BYTES, SET_TABLES, STRUCTURE, TEXT_CLASSES, TEXT_STOPS } from "./layout.ts";
import { fill, get8, set8 } from "./memory.ts";

export const TAB: i32 = 9;
export const LINE_FEED: i32 = 10;
export const CARRIAGE_RETURN: i32 = 13;
export const SPACE: i32 = 32;
export const EXCLAMATION: i32 = 33;
export const QUOTE: i32 = 34;
export const NUMBER_SIGN: i32 = 35;
export const AMPERSAND: i32 = 38;
export const APOSTROPHE: i32 = 39;
export const CLOSE_PARENTHESIS: i32 = 41;
export const ASTERISK: i32 = 42;
export const PLUS: i32 = 43;
export const COMMA: i32 = 44;
export const HYPHEN: i32 = 45;
export const FULL_STOP: i32 = 46;
export const SLASH: i32 = 47;
export const COLON: i32 = 58;
export const SEMICOLON: i32 = 59;
export const LESS: i32 = 60;
export const EQUALS: i32 = 61;
export const GREATER: i32 = 62;
export const QUESTION: i32 = 63;
export const OPEN_BRACKET: i32 = 91;
export const CLOSE_BRACKET: i32 = 93;
export const UNDERSCORE: i32 = 95;
export const OPEN_BRACE: i32 = 123;
export const BAR: i32 = 124;
export const CLOSE_BRACE: i32 = 125;

/** Classes of bytes in running text. */
export const PLAIN: i32 = 0;
export const WHITE: i32 = 1;
export const NEW_LINE: i32 = 2;
/** May begin white space of more than one byte, or U+FEFF. */
export const LEAD: i32 = 3;
/** Means something where it stands: ' & _ : */
export const SIGN: i32 = 4;

export function initClasses(): void {
  fill(TEXT_CLASSES, PLAIN, 256);
  fill(TEXT_CLASSES + 1, WHITE, 32);
  set8(TEXT_CLASSES + LINE_FEED, NEW_LINE);
  for (let c = 1; c < 32; c++) if (c < TAB || c > CARRIAGE_RETURN) set8(TEXT_CLASSES + c, PLAIN);
  set8(TEXT_CLASSES + 0xc2, LEAD);
  set8(TEXT_CLASSES + 0xe1, LEAD);
  set8(TEXT_CLASSES + 0xe2, LEAD);
  set8(TEXT_CLASSES + 0xe3, LEAD);
  set8(TEXT_CLASSES + 0xef, LEAD);
  set8(TEXT_CLASSES + APOSTROPHE, SIGN);
  set8(TEXT_CLASSES + AMPERSAND, SIGN);
  set8(TEXT_CLASSES + UNDERSCORE, SIGN);
  set8(TEXT_CLASSES + COLON, SIGN);

  clearSet(TEXT_STOPS);
  for (let c = 0; c < 256; c++) if (c !== SPACE && get8(TEXT_CLASSES + c) !== PLAIN) addToSet(TEXT_STOPS, c);

  clearSet(STRUCTURE);
  addToSet(STRUCTURE, LINE_FEED);
  addToSet(STRUCTURE, LESS);
  addToSet(STRUCTURE, OPEN_BRACKET);
  addToSet(STRUCTURE, CLOSE_BRACKET);
  addToSet(STRUCTURE, OPEN_BRACE);
  addToSet(STRUCTURE, CLOSE_BRACE);
  addToSet(STRUCTURE, BAR);
  addToSet(STRUCTURE, SEMICOLON);
}

export function clearSet(set: i32): void {
  fill(set, 0, SET_BYTES);
}

/**
 * Puts a byte into a set. For SIMD each value of the upper four bits that occurs in the set has a bit of its own, so at
 * most eight of them may; the second table tells it, and the first one, by the lower four bits, for which it is set.
 */
export function addToSet(set: i32, c: i32): void {
  set8(set + c, 1);
  const low = set + SET_TABLES + (c & 15);
  const high = set + SET_TABLES + 16 + (c >> 4);
  if (get8(high) === 0) {
    let bit = 1;
    for (let k = 0; k < 16; k++) if (get8(set + SET_TABLES + 16 + k) >= bit) bit = get8(set + SET_TABLES + 16 + k) << 1;
    set8(high, bit);
  }
  set8(low, get8(low) | get8(high));
}

export function textClass(c: i32): i32 {
  return get8(TEXT_CLASSES + c);
}

/** Spaces and tabs. */
export function isBlank(c: i32): boolean {
  return c === SPACE || c === TAB;
}

export function isWhite(c: i32): boolean {
  return c === SPACE || (c >= TAB && c <= CARRIAGE_RETURN);
}

/** The first place in [at, end) that is no ASCII white space, or `end`. */
export function skipWhite(at: i32, end: i32): i32 {
  while (at < end && isWhite(get8(at))) at++;
  return at;
}

export function skipBlanks(at: i32, end: i32): i32 {
  while (at < end && isBlank(get8(at))) at++;
  return at;
}

export function isLetter(c: i32): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
}

export function isLower(c: i32): boolean {
  return c >= 97 && c <= 122;
}

export function isDigit(c: i32): boolean {
  return c >= 48 && c <= 57;
}

export function toLower(c: i32): i32 {
  return c >= 65 && c <= 90 ? c + 32 : c;
}

/** Writes [from, from + length) to the scratch area with the capitals of ASCII in lower case. */
export function foldToScratch(from: i32, length: i32): void {
  for (let k = 0; k < length; k++) set8(SCRATCH + k, toLower(get8(from + k)));
}

/** Length in bytes of white space of more than one byte at `at`: U+0085, U+00A0, U+1680, U+2000–200A, 2028, 2029, 202F, 205F, 3000. */
export function wideSpace(at: i32): i32 {
  const first = get8(at);
  const second = get8(at + 1);
  if (first === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0;
  const third = get8(at + 2);
  if (first === 0xe2) {
    if (second === 0x80)
      return (third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf ? 3 : 0;
    return second === 0x81 && third === 0x9f ? 3 : 0;
  }
  if (first === 0xe3) return second === 0x80 && third === 0x80 ? 3 : 0;
  if (first === 0xe1) return second === 0x9a && third === 0x80 ? 3 : 0;
  return 0;
}

/** Whether U+FEFF, which shows nothing, stands at `at`. */
export function isByteOrderMark(at: i32): boolean {
  return get8(at) === 0xef && get8(at + 1) === 0xbb && get8(at + 2) === 0xbf;
}
