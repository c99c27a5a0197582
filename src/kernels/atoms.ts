/*
 * Texts and entries cut into atoms, the smallest pieces between which an entry may begin or end: words, marks, letters of
 * scripts without spaces. A place is cut or not whatever stands around the two code points beside it, so that an entry has
 * the same atoms by itself and within a text; whether an entry may begin or end there is a flag of the atom.
 */
import { digitsStandAlone, sideOf } from "./boundaries.ts";
import { AFTER, BEFORE } from "./clitics.ts";
import {
  APOSTROPHE_CLASS,
  before,
  codePointAt,
  DIGIT,
  EXTENDER,
  FIRST,
  FOR_HOST,
  LETTER,
  lengthOf,
  MARK,
  NO_SPACE_LETTER,
  SECOND,
  SEPARATOR,
  SPACE_CLASS,
  traitsOf,
} from "./code-points.ts";
import { REFERENCE_POINTS } from "./layout.ts";
import { get8, get32, set32, skipLetters } from "./memory.ts";

/** An atom: where it begins, its length in bytes, its flags. */
export const ATOM: i32 = 16;
const LENGTH_FIELD: i32 = 4;
const FLAGS_FIELD: i32 = 8;

/** A space stands before the atom. */
export const GAP: i32 = 1;
/** An entry may begin, or end, with it. */
export const BEGINS: i32 = 2;
export const ENDS: i32 = 4;
/** Digits that are no number by themselves: an entry of these alone does not match. */
export const PART_OF_NUMBER: i32 = 8;

/** Classes of code points to the published rule. */
export const REFERENCE_OTHER: i32 = 0;
export const REFERENCE_SPACE: i32 = 1;
/** Matches without a space beside it. */
export const REFERENCE_WIDE: i32 = 2;
/** Is put between two spaces in a text, and matches without a space beside it. */
export const REFERENCE_PARTED: i32 = 3;
/** A space in a text only. */
export const REFERENCE_TEXT_SPACE: i32 = 4;
/** Added to the class of what is taken away at the ends of a text. */
export const REFERENCE_STRIPPED: i32 = 8;

let atoms: i32 = 0;
let atomsEnd: i32 = 0;

/** Lets atoms be written from `address` on. */
export function openAtoms(address: i32): void {
  atoms = address;
  atomsEnd = address;
}

export function firstAtom(): i32 {
  return atoms;
}

/** The end of the atoms of what was cut last. */
export function endOfAtoms(): i32 {
  return atomsEnd;
}

export function placeOf(atom: i32): i32 {
  return get32(atom);
}

export function lengthOfAtom(atom: i32): i32 {
  return get32(atom + LENGTH_FIELD);
}

export function flagsOf(atom: i32): i32 {
  return get32(atom + FLAGS_FIELD);
}

function addAtom(from: i32, to: i32, flags: i32): void {
  set32(atomsEnd, from);
  set32(atomsEnd + LENGTH_FIELD, to - from);
  set32(atomsEnd + FLAGS_FIELD, flags);
  atomsEnd += ATOM;
}

/** Cuts [start, end) by the boundary rule; false if normalizing may change it and it `isNormalized` not yet. */
export function cutText(start: i32, end: i32, isNormalized: boolean): boolean {
  atomsEnd = atoms;
  let at = start;
  let traitsBefore = 0;
  // The atom: where it begins, or -1 where none does; its flags; whether it is of digits alone.
  let from = -1;
  let flags = 0;
  let isDigits = false;
  // Class of the code point before, and of the last one that is no combining mark.
  let last = SPACE_CLASS;
  let base = SPACE_CLASS;
  // Whether a boundary follows the ambiguous mark that is the base.
  let parts = false;
  let gap = 0;
  while (at < end) {
    const c = get8(at);
    const code = c < 0x80 ? c : codePointAt(at);
    let next = c < 0x80 ? at + 1 : at + lengthOf(c);
    const traits = traitsOf(code);
    const value = traits & 15;
    if ((traits & (MARK | SECOND | FOR_HOST)) !== 0 && !isNormalized) {
      if (traits >= FOR_HOST) return false;
      if ((traits & MARK) !== 0 && (traitsBefore & MARK) !== 0) return false;
      if ((traits & SECOND) !== 0 && (traitsBefore & (MARK | FIRST)) !== 0) return false;
    }
    traitsBefore = traits;
    if (value === SPACE_CLASS) {
      if (from >= 0) {
        if (isDigits && !digitsStandAlone(at, end, classBeforeDigits(from, start, flags))) flags |= PART_OF_NUMBER;
        addAtom(from, at, flags | ENDS);
        from = -1;
      }
      gap = GAP;
      last = SPACE_CLASS;
      base = SPACE_CLASS;
      parts = false;
      at = next;
      continue;
    }
    let isCut = from < 0;
    let isBoundary = isCut;
    let partsAfter = false;
    if (value === EXTENDER) {
      if (last === SPACE_CLASS) isCut = isBoundary = true;
    } else if (value >= APOSTROPHE_CLASS) {
      const side = sideOf(value, base, at, next, start, end);
      isCut = true;
      isBoundary = isParting(base) || parts || (side & BEFORE) !== 0;
      partsAfter = (side & AFTER) !== 0;
    } else if (value === SEPARATOR || value === NO_SPACE_LETTER || isParting(base)) isCut = isBoundary = true;
    else if (base >= APOSTROPHE_CLASS) {
      isCut = true;
      isBoundary = parts;
    }
    if (isCut) {
      if (from >= 0) {
        if (isDigits && !digitsStandAlone(at, end, classBeforeDigits(from, start, flags))) flags |= PART_OF_NUMBER;
        addAtom(from, at, isBoundary ? flags | ENDS : flags);
      }
      from = at;
      flags = isBoundary ? gap | BEGINS : gap;
      isDigits = true;
      gap = 0;
    }
    if (value !== DIGIT) isDigits = false;
    if (value === LETTER) {
      // No place between letters is cut.
      const behind = skipLetters(next, end);
      if (behind > next) traitsBefore = FIRST;
      next = behind;
    }
    last = value;
    if (value !== EXTENDER) {
      base = value;
      parts = partsAfter;
    }
    at = next;
  }
  if (from >= 0) {
    if (isDigits && !digitsStandAlone(end, end, classBeforeDigits(from, start, flags))) flags |= PART_OF_NUMBER;
    addAtom(from, end, flags | ENDS);
  }
  return true;
}

/** Whether every place beside a code point of the class is a boundary. */
function isParting(value: i32): boolean {
  return value === SPACE_CLASS || value === SEPARATOR || value === NO_SPACE_LETTER;
}

/** What `digitsStandAlone` has to know of the place before digits: white space, or not. */
function classBeforeDigits(from: i32, start: i32, flags: i32): i32 {
  return from === start || (flags & GAP) !== 0 ? SPACE_CLASS : LETTER;
}

function referenceClassAt(at: i32): i32 {
  return get8(REFERENCE_POINTS + codePointAt(at));
}

/** Where what is left of [start, end) ends without the white space at its end; `start` if nothing is left. */
function strippedEnd(start: i32, end: i32): i32 {
  while (end > start) {
    const at = before(end);
    if ((referenceClassAt(at) & REFERENCE_STRIPPED) === 0) return end;
    end = at;
  }
  return start;
}

/** Cuts [start, end) by the published rule, which parts a text at single spaces, so that two of them hold an empty atom. */
export function cutReferenceText(start: i32, end: i32): void {
  atomsEnd = atoms;
  end = strippedEnd(start, end);
  while (start < end && (referenceClassAt(start) & REFERENCE_STRIPPED) !== 0) start += lengthOf(get8(start));
  cutAtSpaces(start, end, true, GAP, true);
}

/** Cuts an entry by the published rule; false if it cannot match. */
export function cutReferenceEntry(start: i32, end: i32): boolean {
  atomsEnd = atoms;
  if (start >= end) return false;
  let at = start;
  while (at < end) {
    if ((referenceClassAt(at) & 7) === REFERENCE_TEXT_SPACE) return false;
    at += lengthOf(get8(at));
  }
  cutAtSpaces(start, end, false, isWide(referenceClassAt(start)) ? 0 : GAP, !isWide(referenceClassAt(before(end))));
  return true;
}

function isWide(value: i32): boolean {
  return (value & 7) === REFERENCE_WIDE || (value & 7) === REFERENCE_PARTED;
}

/** Adds the atoms of [at, end), before which a space stands if `gap` says so, and after which one if `isPadded`. */
function cutAtSpaces(at: i32, end: i32, isText: boolean, gap: i32, isPadded: boolean): void {
  let from = -1;
  let flags = 0;
  while (true) {
    let value = REFERENCE_SPACE;
    let next = at;
    if (at < end) {
      const c = get8(at);
      value = get8(REFERENCE_POINTS + (c < 0x80 ? c : codePointAt(at))) & 7;
      next = c < 0x80 ? at + 1 : at + lengthOf(c);
      if (value === REFERENCE_TEXT_SPACE) value = REFERENCE_SPACE;
      if (value === REFERENCE_PARTED && !isText) value = REFERENCE_WIDE;
    } else if (!isPadded) return;
    if (value === REFERENCE_OTHER) {
      if (from < 0) {
        from = at;
        flags = gap !== 0 ? GAP | BEGINS : 0;
      }
      gap = 0;
      at = next;
      // No ASCII letter is of another class.
      at = skipLetters(at, end);
      continue;
    }
    const isSpace = value !== REFERENCE_WIDE;
    if (from >= 0) {
      addAtom(from, at, isSpace ? flags | ENDS : flags);
      from = -1;
    } else if (isSpace && gap !== 0) addAtom(at, at, GAP | BEGINS | ENDS);
    gap = isSpace ? GAP : gap;
    if (value === REFERENCE_PARTED || value === REFERENCE_WIDE) {
      addAtom(at, next, gap | BEGINS | ENDS);
      gap = value === REFERENCE_PARTED ? GAP : 0;
    }
    if (at >= end) return;
    at = next;
  }
}
