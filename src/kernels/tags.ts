/* Comments and HTML tags: what goes with its content, what stays literal, what ends a line. */
import {
  EXCLAMATION,
  foldToScratch,
  GREATER,
  HYPHEN,
  isDigit,
  isLetter,
  isWhite,
  LESS,
  SLASH,
  skipWhite,
  toLower,
} from "./characters.ts";
import { findName, TAG, valueAt } from "./dictionary.ts";
import { SCRATCH, SPENT_TAGS } from "./layout.ts";
import { continueLine, stateAt } from "./line-state.ts";
import { addMark, BREAK, COMMENT, CUT, LITERAL, LITERAL_LINES, POEM, setBar } from "./marks.ts";
import { fill, findByte, get8, set8 } from "./memory.ts";

/* Roles of tags; `src/text/fast.ts` uses the same numbers. */
/** Goes, its text stays. */
const INLINE: i32 = 1;
/** Goes and ends the line. */
export const BLOCK: i32 = 2;
/** Goes with its content. */
const DROPPED: i32 = 3;
/** As DROPPED, and ends the line; may hold itself. */
const DROPPED_BLOCK: i32 = 4;
const NOWIKI: i32 = 5;
const PRE: i32 = 6;
const VERSE: i32 = 7;

const MAX_NAME: i32 = 40;

/** Where the closing tag stands that ends the verse begun last, or any begun inside it: none stands before. */
let verseClose: i32 = 0;

export function clearTags(): void {
  verseClose = 0;
  fill(SPENT_TAGS, 0, 256);
}

/** Reads what `<` at `at` begins; returns where to go on. */
export function scanTag(at: i32, end: i32): i32 {
  if (get8(at + 1) === EXCLAMATION && get8(at + 2) === HYPHEN && get8(at + 3) === HYPHEN) return scanComment(at, end);
  const isClosing = get8(at + 1) === SLASH;
  const name = isClosing ? at + 2 : at + 1;
  if (name >= end || !isLetter(get8(name))) return at + 1;
  let nameEnd = name + 1;
  while (nameEnd < end && (isLetter(get8(nameEnd)) || isDigit(get8(nameEnd)))) nameEnd++;
  const length = nameEnd - name;
  const follows = get8(nameEnd);
  if (length > MAX_NAME || !(follows === GREATER || follows === SLASH || isWhite(follows))) return nameEnd;
  let close = nameEnd;
  while (close < end && get8(close) !== GREATER && get8(close) !== LESS) close++;
  if (close >= end || get8(close) === LESS) return nameEnd;
  foldToScratch(name, length);
  const record = findName(TAG, SCRATCH, length);
  if (record === 0) return nameEnd;
  const role = get8(valueAt(record));
  const state = stateAt(at);
  let after = close + 1;
  if (role >= DROPPED && !isClosing && get8(close - 1) !== SLASH) {
    after = scanElement(record, at, close + 1, end);
  } else addMark(role === INLINE || role === DROPPED || role === NOWIKI ? CUT : BREAK, at, after);
  if (role !== NOWIKI && role !== PRE) continueLine(state, after, end);
  return after;
}

function scanComment(at: i32, end: i32): i32 {
  const state = stateAt(at);
  let close = at + 4;
  while (close < end) {
    close = findByte(close, end, HYPHEN);
    if (close < end && get8(close + 1) === HYPHEN && get8(close + 2) === GREATER) break;
    close++;
  }
  const after = close >= end ? end : close + 3;
  addMark(COMMENT, at, after);
  continueLine(state, after, end);
  return after;
}

/** Reads an element whose closing tag matters; without one only the opening tag goes. */
function scanElement(record: i32, at: i32, content: i32, end: i32): i32 {
  const value = valueAt(record);
  const role = get8(value);
  const close = role === VERSE && verseClose >= content ? verseClose : findClosingTag(record, content, end);
  if (close === 0) {
    addMark(role === DROPPED || role === NOWIKI ? CUT : BREAK, at, content);
    return content;
  }
  const after = findByte(close, end, GREATER) + 1;
  if (role === DROPPED || role === DROPPED_BLOCK) {
    addMark(role === DROPPED ? CUT : BREAK, at, after);
    return after;
  }
  if (role === VERSE) {
    verseClose = close;
    setBar(addMark(POEM, at, content), close);
    return content;
  }
  const isPre = role === PRE;
  addMark(isPre ? BREAK : CUT, at, content);
  if (isPre) addPre(content, close);
  else addMark(LITERAL, content, close);
  addMark(isPre ? BREAK : CUT, close, after);
  return after;
}

/** Literal lines without the nowiki tags among them. */
function addPre(from: i32, close: i32): void {
  let at = from;
  while (true) {
    at = findByte(at, close, LESS);
    if (at >= close) break;
    const name = get8(at + 1) === SLASH ? at + 2 : at + 1;
    const after = name + 7;
    if (after <= close && isNowiki(name)) {
      addMark(LITERAL_LINES, from, at);
      addMark(CUT, at, after);
      from = after;
      at = after;
    } else at++;
  }
  addMark(LITERAL_LINES, from, close);
}

/** Whether `nowiki>` stands at `at`. */
function isNowiki(at: i32): boolean {
  return (
    toLower(get8(at)) === 110 &&
    toLower(get8(at + 1)) === 111 &&
    toLower(get8(at + 2)) === 119 &&
    toLower(get8(at + 3)) === 105 &&
    toLower(get8(at + 4)) === 107 &&
    toLower(get8(at + 5)) === 105 &&
    get8(at + 6) === GREATER
  );
}

/** Place of the closing tag of a name, or 0. A name without one is not searched for again in the page. */
function findClosingTag(record: i32, from: i32, end: i32): i32 {
  const value = valueAt(record);
  const spent = SPENT_TAGS + get8(value + 1);
  if (get8(spent) !== 0) return 0;
  const nests = get8(value) === DROPPED_BLOCK;
  const name = record + 3;
  const length = value - name;
  let depth = 1;
  let at = from;
  while (true) {
    at = findByte(at, end, LESS);
    if (at >= end) break;
    const isClosing = get8(at + 1) === SLASH;
    const start = isClosing ? at + 2 : at + 1;
    if ((isClosing || nests) && start + length < end && equalsFolded(start, name, length)) {
      const next = skipWhite(start + length, end);
      const isWhole = get8(next) === GREATER || (!isClosing && next > start + length);
      if (next < end && isWhole) {
        depth += isClosing ? -1 : 1;
        if (depth === 0) return at;
      }
      at = next;
    } else at++;
  }
  set8(spent, 1);
  return 0;
}

function equalsFolded(at: i32, name: i32, length: i32): boolean {
  for (let k = 0; k < length; k++) if (toLower(get8(at + k)) !== get8(name + k)) return false;
  return true;
}
