/**
 * The wanted fields of a JSON object on a line, taken from its bytes: most lines are plain, and of these nothing else need be
 * made. What is not plain is declined, and `JSON.parse`, which takes three times as long, has the last word.
 */
import { isUtf8 } from "node:buffer";

/** A value of a plain line: a string, a whole number of at most 15 digits, or null. */
export type PlainValue = string | number | null;

/** Takes fields of lines of UTF-8. */
export interface LineScanner {
  /**
   * The values of the wanted keys, in their order, undefined for those that are not there; they hold until the next call. False
   * if the line has to be parsed: it may be no JSON at all, or have bytes that are no UTF-8; a wanted value may be an array,
   * an object, a truth value or another number, or a key be written with escapes.
   */
  scan(bytes: Buffer, from: number, to: number): readonly (PlainValue | undefined)[] | false;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What may follow a backslash, beside \\u with four hexadecimal digits. */
const ESCAPES = Buffer.from('"\\/bfnrt');
const HEX = Buffer.from("0123456789abcdefABCDEF");
const NULL = Buffer.from("null");
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** Values within values are looked through to this depth. */
const MAX_DEPTH = 32;
/** Every number of so many digits is exact. */
const MAX_DIGITS = 15;
/** Strings up to this length come again and again (labels of languages), and are compared with the last one. */
const REPEATED_BYTES = 12;

/** Creates a scanner for keys, each of which it finds under its own name only. */
export function createLineScanner(keys: readonly string[]): LineScanner {
  const wanted = keys.map((key) => Buffer.from(key));
  const values: (PlainValue | undefined)[] = keys.map(() => undefined);
  const last = keys.map(() => "");
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  let end = 0;
  // Of the last string: whether it has escapes, and whether any byte of the line was beyond ASCII.
  let escaped = false;
  let beyond = 0;

  const skipSpace = () => {
    while (at < end) {
      const byte = bytes[at]!;
      if (byte !== SPACE && byte !== TAB && byte !== CR && byte !== LF) return;
      at++;
    }
  };
  /** Goes from behind an opening quote to the closing one; false if there is none, or what JSON does not allow. */
  const skipString = (): boolean => {
    const source = bytes;
    let all = 0;
    escaped = false;
    while (at < end) {
      // Variables of its own, which need not be written back for each byte.
      let index = at;
      let byte = 0;
      for (; index < end; index++) {
        byte = source[index]!;
        if (byte === QUOTE || byte === BACKSLASH || byte < SPACE) break;
        all |= byte;
      }
      at = index;
      if (index === end || byte < SPACE) return false;
      if (byte === QUOTE) {
        beyond |= all;
        return true;
      }
      escaped = true;
      at++;
      if (!skipEscape()) return false;
    }
    return false;
  };
  const skipEscape = (): boolean => {
    if (at >= end) return false;
    const byte = bytes[at++]!;
    if (byte !== LETTER_U) return ESCAPES.includes(byte);
    for (const to = at + 4; at < to; at++) if (at >= end || !HEX.includes(bytes[at]!)) return false;
    return true;
  };
  const isDigit = () => at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE;
  const skipDigits = (): boolean => {
    const from = at;
    while (isDigit()) at++;
    return at > from;
  };
  const skipNumber = (): boolean => {
    if (bytes[at] === MINUS) at++;
    if (at < end && bytes[at] === ZERO) at++;
    else if (!skipDigits()) return false;
    if (at < end && bytes[at] === POINT) {
      at++;
      if (!skipDigits()) return false;
    }
    if (at < end && (bytes[at]! | 0x20) === LETTER_E) {
      at++;
      if (at < end && (bytes[at] === MINUS || bytes[at] === PLUS)) at++;
      if (!skipDigits()) return false;
    }
    return true;
  };
  const skipWord = (word: Uint8Array): boolean => {
    for (let index = 0; index < word.length; index++, at++) if (at >= end || bytes[at] !== word[index]) return false;
    return true;
  };
  const skipValue = (depth: number): boolean => {
    if (at >= end || depth > MAX_DEPTH) return false;
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at++;
      if (!skipString()) return false;
      at++;
      return true;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return skipItems(byte === OPEN_OBJECT, depth);
    const word = byte === NULL[0] ? NULL : byte === TRUE[0] ? TRUE : byte === FALSE[0] ? FALSE : undefined;
    return word === undefined ? skipNumber() : skipWord(word);
  };
  const skipItems = (isObject: boolean, depth: number): boolean => {
    const close = isObject ? CLOSE_OBJECT : CLOSE_ARRAY;
    at++;
    skipSpace();
    if (at < end && bytes[at] === close) {
      at++;
      return true;
    }
    while (at < end) {
      if (isObject) {
        if (bytes[at++] !== QUOTE || !skipString()) return false;
        at++;
        skipSpace();
        if (at >= end || bytes[at++] !== COLON) return false;
        skipSpace();
      }
      if (!skipValue(depth + 1)) return false;
      skipSpace();
      if (at >= end) return false;
      const byte = bytes[at++];
      if (byte === close) return true;
      if (byte !== COMMA) return false;
      skipSpace();
    }
    return false;
  };
  /** Which key stands in the bytes from `from` to `to`; -1 if it is not wanted. */
  const findKey = (from: number, to: number): number => {
    for (let key = 0; key < wanted.length; key++) {
      const name = wanted[key]!;
      if (name.length !== to - from) continue;
      let index = 0;
      while (index < name.length && bytes[from + index] === name[index]) index++;
      if (index === name.length) return key;
    }
    return -1;
  };
  const takeString = (key: number, from: number, to: number, isAscii: boolean): string => {
    if (!isAscii) return bytes.toString("utf8", from, to);
    if (to - from > REPEATED_BYTES) return bytes.toString("latin1", from, to);
    const before = last[key]!;
    if (before.length === to - from) {
      let index = 0;
      while (index < before.length && bytes[from + index] === before.charCodeAt(index)) index++;
      if (index === before.length) return before;
    }
    last[key] = bytes.toString("latin1", from, to);
    return last[key]!;
  };
  const takeValue = (key: number): boolean => {
    if (at >= end) return false;
    const from = at;
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at++;
      const before = beyond;
      beyond = 0;
      if (!skipString()) return false;
      values[key] = escaped
        ? (JSON.parse(bytes.toString("utf8", from, at + 1)) as string)
        : takeString(key, from + 1, at, beyond < 0x80);
      beyond |= before;
      at++;
      return true;
    }
    if (byte === NULL[0]) {
      values[key] = null;
      return skipWord(NULL);
    }
    // Minus zero is none of the whole numbers.
    if (byte < ZERO || byte > NINE || !skipDigits() || at - from > MAX_DIGITS) return false;
    if (byte === ZERO && at - from > 1) return false;
    if (at < end && (bytes[at] === POINT || (bytes[at]! | 0x20) === LETTER_E)) return false;
    values[key] = Number(bytes.toString("latin1", from, at));
    return true;
  };
  const scanLine = (): boolean => {
    skipSpace();
    if (at >= end || bytes[at++] !== OPEN_OBJECT) return false;
    skipSpace();
    if (at < end && bytes[at] === CLOSE_OBJECT) {
      at++;
      return true;
    }
    while (at < end) {
      if (bytes[at++] !== QUOTE) return false;
      const from = at;
      if (!skipString() || escaped) return false;
      const key = findKey(from, at);
      at++;
      skipSpace();
      if (at >= end || bytes[at++] !== COLON) return false;
      skipSpace();
      if (!(key < 0 ? skipValue(1) : takeValue(key))) return false;
      skipSpace();
      if (at >= end) return false;
      const byte = bytes[at++];
      if (byte === CLOSE_OBJECT) return true;
      if (byte !== COMMA) return false;
      skipSpace();
    }
    return false;
  };
  return {
    scan(source, from, to) {
      bytes = source;
      at = from;
      end = to;
      beyond = 0;
      values.fill(undefined);
      if (!scanLine()) return false;
      skipSpace();
      if (at < end) return false;
      return beyond < 0x80 || isUtf8(bytes.subarray(from, to)) ? values : false;
    },
  };
}
