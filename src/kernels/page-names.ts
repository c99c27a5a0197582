/* The elements and attributes of a page that mean something. */
import { get8, get32 } from "./memory.ts";

/* Elements that mean something; all others are 0. */
export const PAGE: i32 = 1;
export const TITLE: i32 = 2;
export const NS: i32 = 3;
export const ID: i32 = 4;
export const REDIRECT: i32 = 5;
export const REVISION: i32 = 6;
export const MODEL: i32 = 7;
export const TEXT: i32 = 8;

/* Attributes that mean something. */
export const REDIRECT_TITLE: i32 = 1;
export const TEXT_DELETED: i32 = 2;
export const TEXT_BYTES: i32 = 3;

/* Names are told by their first four bytes as a number, the first one lowest, and what remains of them. */
const PAGE_4: i32 = 0x65676170;
const TITL: i32 = 0x6c746974;
const REDI: i32 = 0x69646572;
const RECT: i32 = 0x74636572;
const REVI: i32 = 0x69766572;
const SION: i32 = 0x6e6f6973;
const MODE: i32 = 0x65646f6d;
const TEXT_4: i32 = 0x74786574;
const DELE: i32 = 0x656c6564;
const BYTE: i32 = 0x65747962;

/** Which element the name [name, name + length) is. */
export function kindOf(name: i32, length: i32): i32 {
  if (length === 2) {
    if (get8(name) === 110 && get8(name + 1) === 115) return NS;
    return get8(name) === 105 && get8(name + 1) === 100 ? ID : 0;
  }
  const first = get32(name);
  if (length === 4) {
    if (first === TEXT_4) return TEXT;
    return first === PAGE_4 ? PAGE : 0;
  }
  if (length === 5) {
    if (first === TITL && get8(name + 4) === 101) return TITLE;
    return first === MODE && get8(name + 4) === 108 ? MODEL : 0;
  }
  if (length === 8) {
    if (first === REVI && get32(name + 4) === SION) return REVISION;
    return first === REDI && get32(name + 4) === RECT ? REDIRECT : 0;
  }
  return 0;
}

/** Which attribute of an element the name is. */
export function meaningOf(kind: i32, name: i32, length: i32): i32 {
  const first = get32(name);
  if (kind === REDIRECT) return length === 5 && first === TITL && get8(name + 4) === 101 ? REDIRECT_TITLE : 0;
  if (kind !== TEXT) return 0;
  if (length === 5 && first === BYTE && get8(name + 4) === 115) return TEXT_BYTES;
  return length === 7 && first === DELE && get8(name + 4) === 116 && get8(name + 5) === 101 && get8(name + 6) === 100
    ? TEXT_DELETED
    : 0;
}
