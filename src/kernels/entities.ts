/* Character references. */
import { AMPERSAND, isDigit, isLetter, isWhite, NUMBER_SIGN, SEMICOLON, SPACE, wideSpace } from "./characters.ts";
import { ENTITY, findName, valueAt, valueLength } from "./dictionary.ts";
import { SCRATCH } from "./layout.ts";
import { get8, set8 } from "./memory.ts";
import { writeCodePoint, writeRun, writeSpace } from "./output.ts";

const MAX_NAME: i32 = 31;
const MAX_DECIMALS: i32 = 7;
const MAX_HEXADECIMALS: i32 = 6;
const INVALID: i32 = -1;

/** Writes the character that a reference at `at` stands for; returns its end, or 0 if it is none. */
export function readEntity(at: i32, end: i32): i32 {
  if (get8(at) !== AMPERSAND) return 0;
  return get8(at + 1) === NUMBER_SIGN ? readNumber(at + 2, end) : readName(at + 1, end);
}

function readName(from: i32, end: i32): i32 {
  let stop = from;
  while (stop < end && stop - from < MAX_NAME && (isLetter(get8(stop)) || isDigit(get8(stop)))) stop++;
  if (stop >= end || get8(stop) !== SEMICOLON) return 0;
  const record = findName(ENTITY, from, stop - from);
  if (record === 0) return 0;
  writeValue(record);
  return stop + 1;
}

function writeValue(record: i32): void {
  const value = valueAt(record);
  if (wideSpace(value) !== 0) writeSpace();
  else writeRun(value, value + valueLength(record));
}

function readNumber(from: i32, end: i32): i32 {
  const isHexadecimal = (get8(from) | 32) === 120;
  const base = isHexadecimal ? 16 : 10;
  const first = isHexadecimal ? from + 1 : from;
  const limit = first + (isHexadecimal ? MAX_HEXADECIMALS : MAX_DECIMALS);
  let code = 0;
  let stop = first;
  while (stop < end && stop < limit) {
    const digit = digitOf(get8(stop));
    if (digit >= base || digit === INVALID) break;
    code = code * base + digit;
    stop++;
  }
  if (stop === first || stop >= end || get8(stop) !== SEMICOLON) return 0;
  return writeNumber(code) ? stop + 1 : 0;
}

function digitOf(c: i32): i32 {
  if (isDigit(c)) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : INVALID;
}

/** Writes the character of a number; false if it is none. */
function writeNumber(code: i32): boolean {
  if (code === SPACE || (code < SPACE && isWhite(code))) {
    if (code !== SPACE && code !== 9 && code !== 10 && code !== 13) return false;
    writeSpace();
    return true;
  }
  if (code < SPACE || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  if (code >= 0x80 && code <= 0x9f) {
    // What browsers read there: Windows-1252. The dictionary has them as three digits.
    set8(SCRATCH, NUMBER_SIGN);
    set8(SCRATCH + 1, 49);
    const tens = code >= 150 ? 5 : code >= 140 ? 4 : code >= 130 ? 3 : 2;
    set8(SCRATCH + 2, 48 + tens);
    set8(SCRATCH + 3, 48 + code - 100 - tens * 10);
    const record = findName(ENTITY, SCRATCH, 4);
    if (record !== 0) writeValue(record);
    return true;
  }
  if (isWideSpace(code)) writeSpace();
  else writeCodePoint(code);
  return true;
}

function isWideSpace(code: i32): boolean {
  return (
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}
