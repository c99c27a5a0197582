/*
 * A page of a dump, from its XML to its fields. Only the shape that exports have is taken: elements that nest, attributes
 * in double quotes, the five references that XML knows and references by number. Whatever else it meets, be it right or
 * wrong, it declines, and the host's parser of XML judges. What it takes has no fault that a parser would report.
 */
import {
  AMPERSAND,
  APOSTROPHE,
  addToSet,
  CARRIAGE_RETURN,
  CLOSE_BRACKET,
  COLON,
  clearSet,
  EQUALS,
  FULL_STOP,
  GREATER,
  HYPHEN,
  isBlank,
  isDigit,
  isLetter,
  LESS,
  LINE_FEED,
  NUMBER_SIGN,
  QUOTE,
  SEMICOLON,
  SLASH,
  SPACE,
  TAB,
  UNDERSCORE,
} from "./characters.ts";
import { OPEN_ELEMENTS, PAGE_RECORD, PAGE_STOPS, pageStart, TAG_ATTRIBUTES } from "./layout.ts";
import { copy, fill, findByte, findMember, get8, get32, set8, set32 } from "./memory.ts";
import {
  ID,
  kindOf,
  MODEL,
  meaningOf,
  NS,
  PAGE,
  REDIRECT,
  REDIRECT_TITLE,
  REVISION,
  TEXT,
  TEXT_BYTES,
  TEXT_DELETED,
  TITLE,
} from "./page-names.ts";

/** Bytes of a page's tag without attributes. */
const BARE_TAG: i32 = 6;
/** Deepest nesting; exports have four levels, five with slots. */
const MAX_DEPTH: i32 = 32;
/** Bytes of an open element: what it is, where its name begins, the name's length. */
const ELEMENT: i32 = 12;
const MAX_ATTRIBUTES: i32 = 16;
/** Bytes of an attribute: where its name begins, the name's length. */
const ATTRIBUTE: i32 = 8;

/*
 * The record that the host reads (`src/sources/page-scan.ts`), four bytes each: the number of bytes and of line feeds that
 * were taken; then start and end of title, namespace, id, redirect, model and text, the start 0 for what is not there; last
 * where the text's first reference stands, its end if it has none.
 */
const TAKEN: i32 = PAGE_RECORD;
const LINES: i32 = PAGE_RECORD + 4;
const TITLE_RANGE: i32 = PAGE_RECORD + 8;
const NS_RANGE: i32 = PAGE_RECORD + 16;
const ID_RANGE: i32 = PAGE_RECORD + 24;
const REDIRECT_RANGE: i32 = PAGE_RECORD + 32;
const MODEL_RANGE: i32 = PAGE_RECORD + 40;
const TEXT_RANGE: i32 = PAGE_RECORD + 48;
const TEXT_REFERENCE: i32 = PAGE_RECORD + 56;
const RECORD_BYTES: i32 = 60;

/** Line feeds so far. */
let lines: i32 = 0;
/** Number of open elements. */
let depth: i32 = 0;
/** The character of the last reference read. */
let character: i32 = 0;
/** The first reference in the text that was scanned last, or its end. */
let firstReference: i32 = 0;
/** Whether the last tag closes itself. */
let closesItself: boolean = false;

/**
 * Scans the `length` bytes of valid UTF-8 that stand where `prepare` said: a page's element and what follows it. Returns
 * the address of the record of its fields, or 0 if this is for a parser to judge. Of what follows, white space is taken.
 *
 * The references of all fields but the text are resolved; `resolveReferences` is for the text.
 */
export function scanPage(length: i32): i32 {
  initPageStops();
  fill(PAGE_RECORD, 0, RECORD_BYTES);
  const start = pageStart();
  const end = start + length;
  // Of no class that is taken, so that no loop needs to look for the end; reading on a few bytes is allowed.
  set8(end, 0);
  lines = 0;
  depth = 0;
  if (get8(start) !== LESS) return 0;
  let at = openElement(start + 1);
  if (at !== start + BARE_TAG || openKind() !== PAGE) return 0;
  while (depth > 0) {
    const from = at;
    at = scanText(at);
    if (at === 0) return 0;
    if (get8(at + 1) === SLASH) {
      const close = closeElement(at + 2);
      if (close === 0) return 0;
      takeContent(from, at);
      at = close;
      depth--;
    } else {
      at = openElement(at + 1);
      if (at === 0 || openKind() === PAGE) return 0;
      if (closesItself) {
        takeContent(at, at);
        depth--;
      }
    }
  }
  at = skipWhiteLines(at);
  set32(TAKEN, at - start);
  set32(LINES, lines);
  for (let range = TITLE_RANGE; range < TEXT_RANGE; range += 8) {
    const to = get32(range + 4);
    set32(range + 4, resolveReferences(get32(range), to));
  }
  return PAGE_RECORD;
}

/** Puts characters in the place of references in [from, to), which the scan has found to be right; returns the new end. */
export function resolveReferences(from: i32, to: i32): i32 {
  let at = findByte(from, to, AMPERSAND);
  let out = at;
  while (at < to) {
    at = readReference(at);
    out = putCharacter(out);
    const run = at;
    at = findByte(at, to, AMPERSAND);
    copy(out, run, at - run);
    out += at - run;
  }
  return out;
}

/** No page reaches so far; the zero behind it is a stop. */
const NO_END: i32 = 0x7fffffff;

function initPageStops(): void {
  if (get8(PAGE_STOPS + LESS) !== 0) return;
  clearSet(PAGE_STOPS);
  for (let c = 0; c < SPACE; c++) if (c !== TAB) addToSet(PAGE_STOPS, c);
  addToSet(PAGE_STOPS, LESS);
  addToSet(PAGE_STOPS, GREATER);
  addToSet(PAGE_STOPS, AMPERSAND);
  // May begin U+FFFE or U+FFFF.
  addToSet(PAGE_STOPS, 0xef);
}

/** The next tag at or after `at`, or 0 if the text before it is not to be taken. */
function scanText(at: i32): i32 {
  firstReference = 0;
  while (true) {
    at = findMember(at, NO_END, PAGE_STOPS);
    const c = get8(at);
    if (c === LESS) break;
    if (c === LINE_FEED) {
      lines++;
      at++;
    } else if (c === AMPERSAND) {
      if (firstReference === 0) firstReference = at;
      at = readReference(at);
      if (at === 0) return 0;
    } else if (c === GREATER) {
      if (get8(at - 1) === CLOSE_BRACKET && get8(at - 2) === CLOSE_BRACKET) return 0;
      at++;
    } else if (c === 0xef && !isNoCharacter(at)) at++;
    else return 0;
  }
  if (firstReference === 0) firstReference = at;
  return at;
}

/** Whether U+FFFE or U+FFFF stands at `at`, which XML does not allow. */
function isNoCharacter(at: i32): boolean {
  return get8(at) === 0xef && get8(at + 1) === 0xbf && get8(at + 2) >= 0xbe;
}

/** Puts the element whose name begins at `at` on the stack; returns the end of its tag, or 0. */
function openElement(at: i32): i32 {
  const name = at;
  at = skipName(at);
  if (at === name || depth === MAX_DEPTH) return 0;
  const kind = kindOf(name, at - name);
  const parent = depth === 0 ? 0 : openKind();
  // These hold text alone.
  if (parent === TITLE || parent === NS || parent === MODEL || parent === TEXT) return 0;
  const element = OPEN_ELEMENTS + depth * ELEMENT;
  set32(element, kind);
  set32(element + 4, name);
  set32(element + 8, at - name);
  depth++;
  let isAbsent = false;
  let attributes = 0;
  if (kind === REDIRECT && parent === PAGE) setRange(REDIRECT_RANGE, at, at);
  while (true) {
    const before = at;
    at = skipWhiteLines(at);
    const c = get8(at);
    if (c === GREATER || c === SLASH) break;
    const attribute = at;
    at = skipName(at);
    const nameLength = at - attribute;
    if (nameLength === 0 || attribute === before || get8(at) !== EQUALS || get8(at + 1) !== QUOTE) return 0;
    if (attributes === MAX_ATTRIBUTES || !addAttribute(attributes, attribute, nameLength)) return 0;
    attributes++;
    const value = at + 2;
    at = scanValue(value);
    if (at === 0) return 0;
    const meaning = meaningOf(kind, attribute, nameLength);
    if (meaning === REDIRECT_TITLE && parent === PAGE) setRange(REDIRECT_RANGE, value, at);
    else if (meaning === TEXT_DELETED) isAbsent = true;
    else if (meaning === TEXT_BYTES) {
      // Deleted revisions may have -1. Numbers of other forms are for the parser.
      const isNegative = get8(value) === HYPHEN;
      for (let k = isNegative ? value + 1 : value; k < at; k++) {
        if (!isDigit(get8(k))) return 0;
        if (get8(k) !== 48 && !isNegative) isAbsent = true;
      }
    }
    at++;
  }
  closesItself = get8(at) === SLASH;
  if (closesItself) at++;
  if (get8(at) !== GREATER) return 0;
  at++;
  if (kind === REVISION) {
    setRange(MODEL_RANGE, 0, 0);
    setRange(TEXT_RANGE, 0, 0);
  } else if (kind === TEXT && parent === REVISION && !isAbsent) {
    setRange(TEXT_RANGE, at, at);
    set32(TEXT_REFERENCE, at);
  }
  return at;
}

/** The end of a closing tag whose name begins at `at`, or 0 if it does not close the nearest open element. */
function closeElement(at: i32): i32 {
  const element = OPEN_ELEMENTS + (depth - 1) * ELEMENT;
  const name = get32(element + 4);
  const length = get32(element + 8);
  for (let k = 0; k < length; k++) if (get8(at + k) !== get8(name + k)) return 0;
  at += length;
  return get8(at) === GREATER ? at + 1 : 0;
}

/** Notes what stands between the last tag, at `from`, and the closing tag of the nearest open element, at `to`. */
function takeContent(from: i32, to: i32): void {
  if (depth < 2) return;
  const kind = openKind();
  const parent = get32(OPEN_ELEMENTS + (depth - 2) * ELEMENT);
  if (parent === PAGE) {
    if (kind === TITLE) setRange(TITLE_RANGE, from, to);
    else if (kind === NS) setRange(NS_RANGE, from, to);
    else if (kind === ID) setRange(ID_RANGE, from, to);
  } else if (parent === REVISION) {
    if (kind === MODEL) setRange(MODEL_RANGE, from, to);
    else if (kind === TEXT && to > from) {
      setRange(TEXT_RANGE, from, to);
      set32(TEXT_REFERENCE, firstReference);
    }
  }
}

function setRange(range: i32, from: i32, to: i32): void {
  set32(range, from);
  set32(range + 4, to);
}

/** What the nearest open element is. */
function openKind(): i32 {
  return get32(OPEN_ELEMENTS + (depth - 1) * ELEMENT);
}

/** Notes the name of a tag's next attribute; false if the tag has one of that name. */
function addAttribute(count: i32, name: i32, length: i32): boolean {
  for (let k = 0; k < count; k++) {
    const other = get32(TAG_ATTRIBUTES + k * ATTRIBUTE);
    if (get32(TAG_ATTRIBUTES + k * ATTRIBUTE + 4) !== length) continue;
    let same = 0;
    while (same < length && get8(name + same) === get8(other + same)) same++;
    if (same === length) return false;
  }
  set32(TAG_ATTRIBUTES + count * ATTRIBUTE, name);
  set32(TAG_ATTRIBUTES + count * ATTRIBUTE + 4, length);
  return true;
}

/** The quote that ends the attribute's value at `at`, or 0 if the value is not to be taken. */
function scanValue(at: i32): i32 {
  while (true) {
    const c = get8(at);
    if (c === QUOTE) return at;
    if (c === AMPERSAND) {
      at = readReference(at);
      if (at === 0) return 0;
      // Tabs would have to become spaces.
    } else if (c < SPACE || c === LESS || isNoCharacter(at)) return 0;
    else at++;
  }
}

function skipWhiteLines(at: i32): i32 {
  while (isBlank(get8(at)) || get8(at) === LINE_FEED) {
    if (get8(at) === LINE_FEED) lines++;
    at++;
  }
  return at;
}

/** The end of the name at `at`, which is `at` if there is none; names in other scripts are none. */
function skipName(at: i32): i32 {
  const first = get8(at);
  if (!isLetter(first) && first !== UNDERSCORE && first !== COLON) return at;
  while (isNameByte(get8(at))) at++;
  return at;
}

function isNameByte(c: i32): boolean {
  return isLetter(c) || isDigit(c) || c === HYPHEN || c === UNDERSCORE || c === FULL_STOP || c === COLON;
}

const LT: i32 = 0x3b746c;
const GT: i32 = 0x3b7467;
const AMP: i32 = 0x3b706d61;
const QUOT: i32 = 0x746f7571;
const APOS: i32 = 0x736f7061;

/** Reads the reference at `at` into `character`; returns its end, or 0 if it is none. */
function readReference(at: i32): i32 {
  const word = get32(at + 1);
  if ((word & 0xffffff) === LT) {
    character = LESS;
    return at + 4;
  }
  if ((word & 0xffffff) === GT) {
    character = GREATER;
    return at + 4;
  }
  if (word === AMP) {
    character = AMPERSAND;
    return at + 5;
  }
  if (word === QUOT && get8(at + 5) === SEMICOLON) {
    character = QUOTE;
    return at + 6;
  }
  if (word === APOS && get8(at + 5) === SEMICOLON) {
    character = APOSTROPHE;
    return at + 6;
  }
  return (word & 0xff) === NUMBER_SIGN ? readNumber(at + 2) : 0;
}

/** Most digits of a number that is read; longer ones begin with zeros or are no character. */
const MAX_DIGITS: i32 = 7;

/** Reads the number of a reference at `at`, and `;`; returns its end, or 0 if it is none of a character of XML. */
function readNumber(at: i32): i32 {
  const isHex = get8(at) === 120;
  if (isHex) at++;
  const digits = at;
  let code = 0;
  while (at - digits < MAX_DIGITS) {
    const c = get8(at);
    const letter = c | 32;
    if (isDigit(c)) code = isHex ? (code << 4) + c - 48 : code * 10 + c - 48;
    else if (isHex && letter >= 97 && letter <= 102) code = (code << 4) + letter - 87;
    else break;
    at++;
  }
  if (at === digits || get8(at) !== SEMICOLON) return 0;
  if (code < SPACE && code !== TAB && code !== LINE_FEED && code !== CARRIAGE_RETURN) return 0;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) return 0;
  character = code;
  return at + 1;
}

/** Writes `character` as UTF-8, which is never longer than a reference to it; returns its end. */
function putCharacter(out: i32): i32 {
  const code = character;
  if (code < 0x80) {
    set8(out, code);
    return out + 1;
  }
  if (code < 0x800) {
    set8(out, 0xc0 | (code >> 6));
    set8(out + 1, 0x80 | (code & 63));
    return out + 2;
  }
  if (code < 0x10000) {
    set8(out, 0xe0 | (code >> 12));
    set8(out + 1, 0x80 | ((code >> 6) & 63));
    set8(out + 2, 0x80 | (code & 63));
    return out + 3;
  }
  set8(out, 0xf0 | (code >> 18));
  set8(out + 1, 0x80 | ((code >> 12) & 63));
  set8(out + 2, 0x80 | ((code >> 6) & 63));
  set8(out + 3, 0x80 | (code & 63));
  return out + 4;
}
