/* Bare addresses as https://example.org/a. */
import {
  APOSTROPHE,
  BAR,
  CLOSE_PARENTHESIS,
  COLON,
  COMMA,
  EXCLAMATION,
  FULL_STOP,
  isDigit,
  isLetter,
  OPEN_BRACE,
  QUESTION,
  SEMICOLON,
  SLASH,
  UNDERSCORE,
  wideSpace,
} from "./characters.ts";
import { isAddressEnd } from "./links.ts";
import { get8 } from "./memory.ts";

/** Where the address begins whose `:` is at `colon`, no earlier than `from`; 0 if there is none. */
export function addressStart(colon: i32, from: i32): i32 {
  if (get8(colon + 1) !== SLASH || get8(colon + 2) !== SLASH) return 0;
  let start = colon;
  while (start > from && colon - start < 6 && isLetter(get8(start - 1))) start--;
  const length = colon - start;
  if (start > from && (isDigit(get8(start - 1)) || get8(start - 1) === UNDERSCORE || isLetter(get8(start - 1))))
    return 0;
  const last = get8(colon - 1) | 32;
  const plain = last === 115 ? length - 1 : length;
  if (plain === 4 && word4(start, 104, 116, 116, 112)) return start;
  return plain === 3 && (get8(start) | 32) === 102 && (get8(start + 1) | 32) === 116 && (get8(start + 2) | 32) === 112
    ? start
    : 0;
}

function word4(at: i32, a: i32, b: i32, c: i32, d: i32): boolean {
  return (get8(at) | 32) === a && (get8(at + 1) | 32) === b && (get8(at + 2) | 32) === c && (get8(at + 3) | 32) === d;
}

/** The end of an address whose `:` is at `colon`; marks at its end belong to the sentence. Equal to `colon` if it is none. */
export function addressEnd(colon: i32, end: i32): i32 {
  const first = colon + 3;
  let stop = first;
  while (stop < end && !endsAddress(stop)) stop++;
  if (stop <= first) return colon;
  while (stop > first && isSentenceMark(get8(stop - 1))) stop--;
  return stop;
}

function endsAddress(at: i32): boolean {
  const c = get8(at);
  if (c < 0x80)
    return isAddressEnd(c) || c === BAR || c === OPEN_BRACE || (c === APOSTROPHE && get8(at + 1) === APOSTROPHE);
  if (c === 0xe3) {
    // U+3000, 、 。 》 」 』 】
    const last = get8(at + 2);
    if (get8(at + 1) !== 0x80) return false;
    return last <= 0x82 || last === 0x8b || last === 0x8d || last === 0x8f || last === 0x91;
  }
  if (c === 0xef) {
    // ， ； ）
    const last = get8(at + 2);
    return get8(at + 1) === 0xbc && (last === 0x8c || last === 0x9b || last === 0x89);
  }
  return wideSpace(at) !== 0;
}

function isSentenceMark(c: i32): boolean {
  return (
    c === FULL_STOP ||
    c === COMMA ||
    c === COLON ||
    c === SEMICOLON ||
    c === EXCLAMATION ||
    c === QUESTION ||
    c === CLOSE_PARENTHESIS
  );
}
