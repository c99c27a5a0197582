/* What stands in braces: templates, tables, variants of the language converter. */
import {
  APOSTROPHE,
  BAR,
  CLOSE_BRACE,
  COLON,
  HYPHEN,
  isLetter,
  isLower,
  isWhite,
  OPEN_BRACE,
  PLUS,
  SEMICOLON,
  SPACE,
  skipWhite,
} from "./characters.ts";
import { continueLine, currentLine, EMPTY, setLine, stateAt, TEXT } from "./line-state.ts";
import {
  addMark,
  barOf,
  CUT,
  closeAround,
  closeWhole,
  kindOf,
  lineNumberOf,
  lineStateOf,
  nearest,
  openMark,
  restOf,
  setBar,
  setEnd,
  setKind,
  setRest,
  startOf,
  TABLE,
  TEMPLATE,
  topMark,
  VARIANT,
} from "./marks.ts";
import { get8 } from "./memory.ts";

/** Reads a run of `{` at `at`; returns where to go on. */
export function openBraces(at: i32, end: i32): i32 {
  let stop = at + 1;
  while (stop < end && get8(stop) === OPEN_BRACE) stop++;
  const length = stop - at;
  let open = at;
  // -{{{template}}}- is a template inside a language converter.
  if (get8(at - 1) === HYPHEN && (length & 1) === 1) {
    openMark(VARIANT, at - 1, TEXT, currentLine());
    open = at + 1;
  } else if (length === 1) {
    if (get8(stop) === BAR && stateAt(at) !== TEXT) {
      openMark(TABLE, at, stateAt(at), currentLine());
      return stop + 1;
    }
    return stop;
  }
  while (open + 2 <= stop) {
    openMark(TEMPLATE, open, stateAt(open), currentLine());
    open += 2;
  }
  return stop;
}

/** Reads a run of `}` at `at`; returns where to go on. */
export function closeBraces(at: i32, end: i32): i32 {
  let stop = at + 1;
  while (stop < end && get8(stop) === CLOSE_BRACE) stop++;
  let last = stop;
  const isConverter = ((stop - at) & 1) === 1 && get8(stop) === HYPHEN && nearest(VARIANT) !== 0;
  if (isConverter) last--;
  let closed = 0;
  let state = TEXT;
  for (let left = last - at; left >= 2 && nearest(TEMPLATE) !== 0; left -= 2) {
    closed = nearest(TEMPLATE);
    state = lineStateOf(closed);
    setLine(lineNumberOf(closed));
    closeWhole(closed, last);
  }
  if (closed !== 0) {
    if (last === at + 2 && isApostrophe(startOf(closed) + 2, at)) {
      setKind(closed, CUT);
      setEnd(closed, startOf(closed) + 2);
      addMark(CUT, at, last);
      continueLine(TEXT, last, end);
    } else continueLine(state, last, end);
  }
  // Braces that close nothing go.
  if (closed === 0 && last - at >= 2) {
    state = stateAt(at);
    addMark(CUT, at, last);
    continueLine(state, last, end);
  }
  if (!isConverter) return stop;
  const variant = nearest(VARIANT);
  if (variant > nearest(TEMPLATE) && variant > nearest(TABLE)) closeVariant(variant, last);
  return stop + 1;
}

/** Whether [start, end) is `'` or `'s`: templates of these names keep an apostrophe from a mark of italics before it. */
function isApostrophe(start: i32, end: i32): boolean {
  if (get8(start) !== APOSTROPHE) return false;
  return end === start + 1 || (end === start + 2 && get8(start + 1) === 115);
}

/** Reads `|}` at `at` if it ends a table; returns where to go on, or 0. */
export function closeTable(at: i32, end: i32): i32 {
  const table = nearest(TABLE);
  if (table === 0 || stateAt(at) !== EMPTY) return 0;
  let after = at + 2;
  const template = nearest(TEMPLATE);
  if (get8(after) === CLOSE_BRACE && template > table) return 0;
  if (template === 0) while (after < end && get8(after) === CLOSE_BRACE) after++;
  closeWhole(table, after);
  setLine(lineNumberOf(table));
  continueLine(EMPTY, after, end);
  return after;
}

/** Reads `;` at `at`: between the variants of a language converter it ends the first one. */
export function scanSemicolon(at: i32, end: i32): void {
  const variant = topMark();
  if (variant === 0 || kindOf(variant) !== VARIANT || restOf(variant) !== 0) return;
  if (!isRestStart(at + 1, end)) return;
  // The rest goes; where it ends is known when the converter does, and until then its mark does nothing.
  const rest = addMark(CUT, at, at);
  setRest(variant, rest);
}

function isRestStart(at: i32, end: i32): boolean {
  const next = skipWhite(at, end);
  return (get8(next) === CLOSE_BRACE && get8(next + 1) === HYPHEN) || variantNameEnd(next, end) !== 0;
}

/** The place after the colon of `zh-hans:` at `at`, or 0. */
function variantNameEnd(at: i32, end: i32): i32 {
  let stop = at;
  while (stop < end && isLower(get8(stop))) stop++;
  if (stop - at < 2 || stop - at > 3) return 0;
  while (get8(stop) === HYPHEN && isLower(get8(stop + 1))) {
    stop++;
    while (stop < end && isLower(get8(stop))) stop++;
  }
  stop = skipWhite(stop, end);
  return get8(stop) === COLON && stop < end ? stop + 1 : 0;
}

/** Of `-{flags|zh-hans:a; zh-hant:b}-` keeps `a`; the mark's bar is where that begins. */
function closeVariant(variant: i32, close: i32): void {
  const after = close + 2;
  let from = startOf(variant) + 2;
  const bar = barOf(variant);
  if (bar !== 0) {
    const flags = readFlags(from, bar);
    if (flags === HIDDEN) {
      closeWhole(variant, after);
      setKind(variant, CUT);
      return;
    }
    if (flags === SHOWN) from = bar + 1;
  }
  const name = variantNameEnd(skipWhite(from, close), close);
  const rest = restOf(variant);
  setBar(variant, name === 0 ? from : name);
  if (name !== 0 && rest !== 0) setEnd(rest, after);
  else addMark(CUT, close, after);
  closeAround(variant, after);
}

/** What stands before a converter's bar. */
const NO_FLAGS: i32 = 0;
const SHOWN: i32 = 1;
const HIDDEN: i32 = 2;

function readFlags(from: i32, bar: i32): i32 {
  let at = skipWhite(from, bar);
  const isName = isLower(get8(at)) && isLower(get8(at + 1));
  let isHidden = false;
  while (at < bar) {
    const c = get8(at);
    if (!isLetter(c) && c !== PLUS && c !== HYPHEN && c !== SEMICOLON && c !== SPACE && !isWhite(c)) return NO_FLAGS;
    // H defines a rule, T sets the title, N names a language, - takes a rule back: none shows its text.
    if (c === 72 || c === 84 || c === 78 || c === HYPHEN) isHidden = true;
    at++;
  }
  return isHidden && !isName ? HIDDEN : SHOWN;
}
