/*
 * Finds the entries that texts match. A thread has room of its own for what it works on (`openRoom`); lists lie elsewhere
 * in the memory, which threads share, and are only read.
 */
import {
  ATOM,
  BEGINS,
  cutReferenceText,
  cutText,
  ENDS,
  endOfAtoms,
  firstAtom,
  flagsOf,
  GAP,
  lengthOfAtom,
  openAtoms,
  PART_OF_NUMBER,
  placeOf,
} from "./atoms.ts";
import { setQuotes } from "./boundaries.ts";
import { moveClitics } from "./clitics.ts";
import { SLACK } from "./layout.ts";
import {
  blockOf,
  CLITICS_OF_LIST,
  cellOf,
  ENTRIES,
  entryAt,
  findStep,
  findToken,
  isBlock,
  isLetter,
  isStepOfPath,
  kindOf,
  openTables,
  PATH,
  QUOTES,
  RULE,
  stepsOf,
  stepTo,
  stepToCell,
  TOKEN_VALUE,
  valueBehindPath,
} from "./match-list.ts";
import { fill, get32, set32 } from "./memory.ts";

/** Texts that are handed over at once. */
export const BATCH: i32 = 1024;
/** What is known of an atom once its token is looked up: the token's value, 0 if there is none, and the step to it, or -1. */
const VALUE: i32 = 0;
const STEP: i32 = 4;

/** Room for matches beside those that a single text may have. */
const SPARE_MATCHES: i32 = 65536;

/** The room: ends of texts, ends of their matches, a stamp for each entry, matches, atoms, texts, and one by itself. */
let textEnds: i32 = 0;
let matchEnds: i32 = 0;
let stamps: i32 = 0;
let stampsEnd: i32 = 0;
let matches: i32 = 0;
let matchesLimit: i32 = 0;
let texts: i32 = 0;
let single: i32 = 0;

let matchesEnd: i32 = 0;
/** What the entries that the present text has matched are stamped with. */
let stamp: i32 = 0;

let list: i32 = 0;
let isReference: boolean = false;

/** Bytes of a room for texts of so many bytes together, one of at most `longest`, and lists of so many entries. */
export function roomBytes(bytes: i32, longest: i32, entries: i32): i32 {
  return (BATCH * 8 + entries * 8 + SPARE_MATCHES + (2 * longest + 4) * ATOM + bytes + longest + 2 * SLACK + 63) & ~63;
}

/** Lays a room out; it holds no list yet. */
export function openRoom(address: i32, bytes: i32, longest: i32, entries: i32): void {
  textEnds = address;
  matchEnds = textEnds + BATCH * 4;
  stamps = matchEnds + BATCH * 4;
  stampsEnd = stamps + entries * 4;
  matches = stampsEnd;
  matchesLimit = matches + entries * 4 + SPARE_MATCHES;
  openAtoms(matchesLimit);
  texts = matchesLimit + (2 * longest + 4) * ATOM;
  single = texts + bytes + SLACK;
  fill(stamps, 0, entries * 4);
  stamp = 0;
  list = 0;
}

/** Where the host puts a text by itself. */
export function singleAddress(): i32 {
  return single;
}

/** Where the host puts the texts one behind the other, the end of each, and where it finds the matches and their ends. */
export function textsAddress(): i32 {
  return texts;
}

export function textEndsAddress(): i32 {
  return textEnds;
}

export function matchesAddress(): i32 {
  return matches;
}

export function matchEndsAddress(): i32 {
  return matchEnds;
}

/** Lets the list at `address` be the one that is matched; another one may have been there before. */
export function useList(address: i32): void {
  list = address;
  openTables(list);
  isReference = get32(list + RULE) === 1;
  setQuotes(get32(list + QUOTES) === 1);
  moveClitics(list + get32(list + CLITICS_OF_LIST));
}

/**
 * Matches texts `first` to `count` - 1 and returns the first that it did not come to: one that the host has to normalize, if
 * it is `first`, or one whose matches might not find room. The matches of what it came to stand one behind the other.
 */
export function matchTexts(first: i32, count: i32): i32 {
  matchesEnd = matches;
  const most = get32(list + ENTRIES) * 4;
  let from = first === 0 ? texts : get32(textEnds + first * 4 - 4);
  for (let k = first; k < count; k++) {
    if (matchesEnd + most > matchesLimit) return k;
    const to = get32(textEnds + k * 4);
    if (!addMatches(from, to, false)) return k;
    set32(matchEnds + k * 4, matchesEnd);
    from = to;
  }
  return count;
}

/** Matches the text of so many bytes by itself, which is normalized; returns where its matches end. */
export function matchSingle(length: i32): i32 {
  matchesEnd = matches;
  addMatches(single, single + length, true);
  return matchesEnd;
}

/** Adds the matches of a text; false if it has to be normalized. */
function addMatches(from: i32, to: i32, isNormalized: boolean): boolean {
  if (isReference) cutReferenceText(from, to);
  else if (!cutText(from, to, isNormalized)) return false;
  matchAtoms();
  return true;
}

function matchAtoms(): void {
  nextStamp();
  const end = endOfAtoms();
  for (let atom = firstAtom(); atom < end; atom += ATOM) {
    const from = placeOf(atom);
    const length = lengthOfAtom(atom);
    if (isLetter(from, length)) {
      const cell = cellOf(from);
      set32(atom + VALUE, get32(cell));
      set32(atom + STEP, stepToCell(cell, flagsOf(atom) & GAP));
      continue;
    }
    const token = findToken(from, length);
    set32(atom + VALUE, token === 0 ? 0 : get32(token + TOKEN_VALUE));
    set32(atom + STEP, token === 0 ? -1 : stepTo(token, flagsOf(atom) & GAP));
  }
  for (let atom = firstAtom(); atom < end; atom += ATOM) {
    const value = get32(atom + VALUE);
    const flags = flagsOf(atom);
    if (value === 0 || (flags & BEGINS) === 0) continue;
    if (!isBlock(value)) {
      if ((flags & (ENDS | PART_OF_NUMBER)) === ENDS) report(value);
      continue;
    }
    const block = blockOf(value);
    if ((flags & (ENDS | PART_OF_NUMBER)) === ENDS) reportAt(block);
    follow(block, atom + ATOM, end);
  }
}

/** Reports the entries that go on from a block with `atom`. */
function follow(block: i32, atom: i32, end: i32): void {
  while (atom < end) {
    const step = get32(atom + STEP);
    if (step < 0) return;
    const kind = kindOf(block);
    const steps = stepsOf(block);
    let value = 0;
    if (kind < PATH) {
      value = findStep(kind, steps, step);
      if (value === 0) return;
    } else {
      const count = kind - PATH;
      if (!isStepOfPath(steps, count, 0, step)) return;
      for (let k = 1; k < count; k++) {
        atom += ATOM;
        if (atom >= end || !isStepOfPath(steps, count, k, get32(atom + STEP))) return;
      }
      value = valueBehindPath(steps, count);
    }
    const mayEnd = (flagsOf(atom) & ENDS) !== 0;
    if (!isBlock(value)) {
      if (mayEnd) report(value);
      return;
    }
    block = blockOf(value);
    if (mayEnd) reportAt(block);
    atom += ATOM;
  }
}

/** Reports the entry that ends at a block, if one does. */
function reportAt(block: i32): void {
  const entry = entryAt(block);
  if (entry !== 0) report(entry);
}

/** Adds an entry, told by its id plus one, to the text's matches if it is not among them. */
function report(entry: i32): void {
  const at = stamps + entry * 4 - 4;
  if (get32(at) === stamp) return;
  set32(at, stamp);
  set32(matchesEnd, entry - 1);
  matchesEnd += 4;
}

function nextStamp(): void {
  if (stamp === 0x7fffffff) {
    fill(stamps, 0, stampsEnd - stamps);
    stamp = 0;
  }
  stamp++;
}
