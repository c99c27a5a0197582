/**
 * The boundary rule: where in a text an entry may begin and end. Tokenizing, the proof that an entry can match, and
 * matching all ask this module, so that what one cuts the others find.
 *
 * A boundary is an end of the text, white space, or a mark that brackets, quotes, ends or separates (also between
 * letters); and every position beside a letter of a script without spaces. Hyphens, slashes, underscores and other signs
 * inside a run are none: this keeps slugs, ids and file names from matching. A combining mark belongs to what it follows.
 */
import { CLASS } from "./boundary-classes.ts";
import { CLASS_RUNS } from "./unicode-tables.ts";

/**
 * Where an apostrophe between two letters is a boundary. `proclitics` are words that lean on the next one (French `l'`):
 * the boundary lies after the apostrophe; `enclitics` lean on the one before (English `'s`): it lies before. Both are
 * listed without the apostrophe, in lower case.
 */
export interface ApostropheRule {
  readonly proclitics: ReadonlySet<string>;
  readonly enclitics: ReadonlySet<string>;
  /** True where an apostrophe between letters closes or opens a quotation: a boundary lies on both its sides. */
  readonly isQuote?: boolean;
}

export const NO_CLITICS: ApostropheRule = { proclitics: new Set(), enclitics: new Set() };

const classes = new Uint8Array(0x110000);
for (let offset = 0, match: RegExpExecArray | null, runs = /([0-9a-z]+)([A-Z])/g; ; ) {
  match = runs.exec(CLASS_RUNS);
  if (match === null) break;
  const end = offset + Number.parseInt(match[1]!, 36);
  classes.fill(match[2]!.charCodeAt(0) - 65, offset, end);
  offset = end;
}

/** Class of a code point: one of `CLASS`. */
export function classOf(codePoint: number): number {
  return classes[codePoint] ?? CLASS.sign;
}

/** Class of the code point that begins at `index`. */
export function classAt(text: string, index: number): number {
  return classOf(text.codePointAt(index) ?? 0);
}

/** True if `index` parts the two halves of a code point beyond U+FFFF. */
function isInsidePair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
}

/** Index at which the code point that ends before `index` begins. */
function before(text: string, index: number): number {
  return isInsidePair(text, index - 1) ? index - 2 : index - 1;
}

/** Index of what ends before `index`, looking through combining marks to what carries them; -1 if nothing does. */
function baseBefore(text: string, index: number): number {
  for (let at = index; at > 0; ) {
    at = before(text, at);
    if (classAt(text, at) !== CLASS.extender) return at;
  }
  return -1;
}

/** Class of what ends before `index`; marks that begin the text stand as marks after white space do. */
function classBefore(text: string, index: number): number {
  const at = baseBefore(text, index);
  return at < 0 ? CLASS.space : classAt(text, at);
}

/** Class of what follows the mark at `index` and the combining marks on it. */
function classAfter(text: string, index: number): number {
  let at = index + 1;
  while (at < text.length && classAt(text, at) === CLASS.extender) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return classAt(text, at);
}

function isSpacedLetter(value: number): boolean {
  return value === CLASS.letter || value === CLASS.hebrewLetter;
}

/** True if a word can hold a code point of this class as its letter or number. */
export function isWordClass(value: number): boolean {
  return isSpacedLetter(value) || value === CLASS.digit || value === CLASS.noSpaceLetter;
}

/** True for the marks that may stand inside a word as well as separate. */
function isAmbiguous(value: number): boolean {
  return value === CLASS.apostrophe || value === CLASS.doubleQuote || value === CLASS.middleDot;
}

/** True if the ambiguous mark at `index` has on both sides the letters that make it part of a word. */
function joinsLetters(text: string, index: number, mark: number): boolean {
  const left = classBefore(text, index);
  const right = classAfter(text, index);
  if (mark === CLASS.doubleQuote) return left === CLASS.hebrewLetter && right === CLASS.hebrewLetter;
  return isSpacedLetter(left) && isSpacedLetter(right);
}

/** The run of letters, with the marks on them, that ends before `index`, in lower case. */
function lettersBefore(text: string, index: number): string {
  let start = index;
  for (let at = index; at > 0; ) {
    at = before(text, at);
    const value = classAt(text, at);
    if (isSpacedLetter(value)) start = at;
    else if (value !== CLASS.extender) break;
  }
  return text.slice(start, index).toLowerCase();
}

/** The run of letters and marks that begins at `index`, in lower case. */
function lettersAfter(text: string, index: number): string {
  let end = index;
  while (end < text.length) {
    const value = classAt(text, end);
    if (!isSpacedLetter(value) && value !== CLASS.extender) break;
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(index, end).toLowerCase();
}

/** The side of the apostrophe at `index`, between letters, on which a boundary lies. */
function cliticSide(text: string, index: number, rule: ApostropheRule): "before" | "after" | "none" {
  if (rule.enclitics.size > 0 && rule.enclitics.has(lettersAfter(text, index + 1))) return "before";
  if (rule.proclitics.size > 0 && rule.proclitics.has(lettersBefore(text, index))) return "after";
  return "none";
}

/** True if the mark at `index`, of an ambiguous class, makes a boundary on its given side. */
function separates(text: string, index: number, mark: number, side: "before" | "after", rule: ApostropheRule): boolean {
  if (!joinsLetters(text, index, mark)) return true;
  return mark === CLASS.apostrophe && (rule.isQuote === true || cliticSide(text, index, rule) === side);
}

/**
 * True if white space, a mark or an end of the text makes a boundary at `index`: all boundaries of scripts with spaces.
 *
 * @param index a position between code points, in UTF-16 units, from 0 to `text.length`
 */
export function isSpacedBoundary(text: string, index: number, rule: ApostropheRule = NO_CLITICS): boolean {
  if (index <= 0 || index >= text.length) return true;
  const next = classAt(text, index);
  if (next === CLASS.extender) return classAt(text, before(text, index)) === CLASS.space;
  const previousAt = baseBefore(text, index);
  const previous = previousAt < 0 ? CLASS.space : classAt(text, previousAt);
  if (next === CLASS.space || previous === CLASS.space) return true;
  if (next === CLASS.separator || previous === CLASS.separator) return true;
  if (isAmbiguous(next) && separates(text, index, next, "before", rule)) return true;
  return isAmbiguous(previous) && separates(text, previousAt, previous, "after", rule);
}

/** True if an entry may begin or end at `index` of `text`: a spaced boundary, or beside a letter without spaces. */
export function isBoundary(text: string, index: number, rule: ApostropheRule = NO_CLITICS): boolean {
  if (isInsidePair(text, index)) return false;
  if (isSpacedBoundary(text, index, rule)) return true;
  const next = classAt(text, index);
  if (next === CLASS.extender) return false;
  return next === CLASS.noSpaceLetter || classBefore(text, index) === CLASS.noSpaceLetter;
}

function isSeparator(text: string, index: number): boolean {
  const value = classAt(text, index);
  return value === CLASS.separator || isAmbiguous(value);
}

function isSpaceOrEnd(text: string, index: number): boolean {
  return index >= text.length || classAt(text, index) === CLASS.space;
}

/**
 * True if digits from `start` to `end` stand alone: after white space or the text's start, and before white space, the
 * end, or a mark that one of these follows. So no part of a date, size or version matches an entry of digits.
 */
export function digitsStandAlone(text: string, start: number, end: number): boolean {
  if (start > 0 && classAt(text, before(text, start)) !== CLASS.space) return false;
  if (isSpaceOrEnd(text, end)) return true;
  const markLength = (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return isSeparator(text, end) && isSpaceOrEnd(text, end + markLength);
}

/** True if every code point is a decimal digit, of any script. */
export function isDigits(text: string): boolean {
  for (let index = 0; index < text.length; ) {
    const point = text.codePointAt(index) ?? 0;
    if (classOf(point) !== CLASS.digit) return false;
    index += point > 0xffff ? 2 : 1;
  }
  return text.length > 0;
}

/** True if the entry `text.slice(start, end)` matches where it stands. */
export function standsAsEntry(text: string, start: number, end: number, rule: ApostropheRule = NO_CLITICS): boolean {
  if (!isBoundary(text, start, rule) || !isBoundary(text, end, rule)) return false;
  return !isDigits(text.slice(start, end)) || digitsStandAlone(text, start, end);
}

/** True if the text holds a letter or a number of any script. */
export function holdsWord(text: string): boolean {
  for (const character of text) if (isWordClass(classOf(character.codePointAt(0) ?? 0))) return true;
  return false;
}
