/* What stands in brackets: links, files, categories, interlanguage links, external links. */
import {
  APOSTROPHE,
  BAR,
  CLOSE_BRACKET,
  COLON,
  FULL_STOP,
  foldToScratch,
  GREATER,
  isWhite,
  LESS,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SLASH,
  SPACE,
  skipWhite,
  UNDERSCORE,
} from "./characters.ts";
import { CATEGORY_NAME, FILE_NAME, findName, IMAGE, LANGUAGE, PROTOCOL } from "./dictionary.ts";
import { SCRATCH, SCRATCH_BYTES } from "./layout.ts";
import { continueLine, currentLine, stateAt } from "./line-state.ts";
import {
  addMark,
  barOf,
  CUT,
  closeAround,
  closeWhole,
  kindOf,
  LINK,
  lineNumberOf,
  lineStateOf,
  nearest,
  openMark,
  popMark,
  SITE,
  setBar,
  setKind,
  startOf,
  TABLE,
  TEMPLATE,
  topMark,
} from "./marks.ts";
import { findByte, get8, set8 } from "./memory.ts";

/** What the part before a link's first colon says. */
const OTHER: i32 = 0;
const FILE: i32 = 1;
const GONE: i32 = 2;

const MAX_PREFIX: i32 = 240;
/** Bytes of a target that may be an image; MediaWiki's titles have at most 255. */
const MAX_TARGET: i32 = 300;

/** Reads `[` at `at`; returns where to go on. */
export function openBracket(at: i32, end: i32): i32 {
  if (get8(at + 1) === OPEN_BRACKET) {
    // In [[[ the first bracket is text.
    if (get8(at + 2) === OPEN_BRACKET && get8(at + 3) !== OPEN_BRACKET) return at + 1;
    openMark(LINK, at, stateAt(at), currentLine());
    return at + 2;
  }
  const address = protocolEnd(at + 1, end);
  if (address === 0 || isAddressEnd(get8(address))) return at + 1;
  openMark(SITE, at, stateAt(at), currentLine());
  return address;
}

/** Reads `]` at `at`; returns where to go on. */
export function closeBracket(at: i32, end: i32): i32 {
  const wall = innermostWall();
  const link = nearest(LINK);
  const site = nearest(SITE);
  const isDouble = get8(at + 1) === CLOSE_BRACKET;
  if (site > wall && (!isDouble || site > link) && lineNumberOf(site) === currentLine()) {
    addMark(CUT, at, at + 1);
    closeAround(site, at + 1);
    return at + 1;
  }
  if (!isDouble) return at + 1;
  if (link > wall) closeLink(link, at, end);
  else addMark(CUT, at, at + 2);
  return at + 2;
}

/** Links do not end outside the template or table in which they begin. */
function innermostWall(): i32 {
  const template = nearest(TEMPLATE);
  const table = nearest(TABLE);
  return template > table ? template : table;
}

function closeLink(link: i32, close: i32, end: i32): void {
  const start = startOf(link) + 2;
  const bar = barOf(link);
  const after = close + 2;
  if (readPrefix(start, close) !== OTHER || (bar !== 0 && isImage(start, bar))) {
    const state = lineStateOf(link);
    closeWhole(link, after);
    setKind(link, CUT);
    continueLine(state, after, end);
    return;
  }
  const content = skipWhite(start, close);
  const address = protocolEnd(content, end);
  if (address > content + 2 && address < close) {
    // An external link in one pair of brackets too many.
    addMark(CUT, close, after);
    closeAround(link, after);
    setKind(link, SITE);
    return;
  }
  if (bar !== 0 && skipWhite(bar + 1, close) === close) {
    // An empty label: the target shows.
    setBar(link, 0);
    addMark(CUT, bar, after);
  } else addMark(CUT, close, after);
  closeAround(link, after);
}

/** At an empty line links end that have no label so far, and at the end of each line external ones. */
export function endLine(isParagraphEnd: boolean): void {
  while (true) {
    const mark = topMark();
    if (mark === 0) return;
    const kind = kindOf(mark);
    if (kind === SITE || (kind === LINK && isParagraphEnd && barOf(mark) === 0)) popMark(mark);
    else return;
  }
}

/** Whether the link whose target begins at `start` would be a file's; for links that do not end. */
export function isFile(start: i32, end: i32): boolean {
  return readPrefix(start, end) === FILE;
}

/** Whether a target in [start, end) has a prefix, of a namespace unknown here, and the ending of an image's name. */
function isImage(start: i32, end: i32): boolean {
  if (end - start > MAX_TARGET) return false;
  let stop = end;
  while (stop > start && isWhite(get8(stop - 1))) stop--;
  let dot = stop;
  while (dot > start && stop - dot < 5 && get8(dot - 1) !== FULL_STOP) dot--;
  if (dot === start || get8(dot - 1) !== FULL_STOP) return false;
  foldToScratch(dot, stop - dot);
  if (findName(IMAGE, SCRATCH, stop - dot) === 0) return false;
  const colon = findByte(start, stop, COLON);
  return colon > start && colon < stop && findByte(colon + 1, stop, COLON) === stop;
}

/** What kind of link it is, by its namespace or language. */
function readPrefix(start: i32, end: i32): i32 {
  let at = start;
  let length = 0;
  const limit = start + MAX_PREFIX < end ? start + MAX_PREFIX : end;
  while (at < limit) {
    const c = get8(at);
    if (c === COLON || c === BAR || c === OPEN_BRACKET || c === CLOSE_BRACKET || c === OPEN_BRACE || c === LINE_FEED)
      break;
    // Direction marks around a name do not count.
    if (c === 0xe2 && get8(at + 1) === 0x80 && (get8(at + 2) === 0x8e || get8(at + 2) === 0x8f)) {
      at += 3;
      continue;
    }
    if ((c !== SPACE && c !== UNDERSCORE) || length > 0) {
      if (length === SCRATCH_BYTES - 16) return OTHER;
      set8(SCRATCH + length, c === UNDERSCORE ? SPACE : c);
      length++;
    }
    at++;
  }
  if (at >= limit || get8(at) !== COLON || length === 0) return OTHER;
  while (length > 0 && get8(SCRATCH + length - 1) === SPACE) length--;
  foldToScratch(SCRATCH, length);
  if (findName(LANGUAGE, SCRATCH, length) !== 0) return GONE;
  if (findName(FILE_NAME, SCRATCH, length) !== 0) return FILE;
  if (findName(CATEGORY_NAME, SCRATCH, length) !== 0) return GONE;
  return OTHER;
}

/** The end of a protocol as `https://` at `at`, or 0. */
export function protocolEnd(at: i32, end: i32): i32 {
  let stop = at;
  while (stop < end && stop < at + 8 && isProtocolLetter(get8(stop))) stop++;
  if (get8(stop) === COLON) stop++;
  if (get8(stop) === SLASH && get8(stop + 1) === SLASH) stop += 2;
  const length = stop - at;
  if (length < 2 || stop >= end) return 0;
  foldToScratch(at, length);
  return findName(PROTOCOL, SCRATCH, length) === 0 ? 0 : stop;
}

function isProtocolLetter(c: i32): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
}

/** Whether an address in brackets ends at `at`: also where quotes begin, which MediaWiki reads before links. */
export function endsSite(at: i32): boolean {
  const c = get8(at);
  return isAddressEnd(c) || (c === APOSTROPHE && get8(at + 1) === APOSTROPHE);
}

/** Whether a byte ends an address in brackets. */
export function isAddressEnd(c: i32): boolean {
  return isWhite(c) || c === LESS || c === GREATER || c === OPEN_BRACKET || c === CLOSE_BRACKET || c === QUOTE;
}
