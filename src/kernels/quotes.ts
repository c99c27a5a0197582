/*
 * Apostrophes: two mark italics, three bold, five both; what is left of four, or of more than five, is text. Where the bold
 * and the italic ones of a source line are both odd in number, MediaWiki takes one mark of three for an apostrophe and two
 * (l'''Amour''), the first after a word of one letter, else after another word, else after a space; so does this.
 */
import { APOSTROPHE, SPACE } from "./characters.ts";
import { get8 } from "./memory.ts";
import { insertByte, outputEnd, writeByte } from "./output.ts";

/** Of the current source line: whether the number of italic and of bold marks is odd, and places in the text, 0 if none. */
let oddItalics: boolean = false;
let oddBolds: boolean = false;
let afterLetter: i32 = 0;
let afterWord: i32 = 0;
let afterSpace: i32 = 0;

export function beginQuotes(): void {
  oddItalics = false;
  oddBolds = false;
  afterLetter = 0;
  afterWord = 0;
  afterSpace = 0;
}

/** Reads a run of apostrophes in [at, end), at least two; returns its end. */
export function readQuotes(at: i32, end: i32): i32 {
  let stop = at;
  while (stop < end && get8(stop) === APOSTROPHE) stop++;
  const length = stop - at;
  if (length === 4) writeByte(APOSTROPHE);
  for (let k = 5; k < length; k++) writeByte(APOSTROPHE);
  if (length === 2 || length >= 5) oddItalics = !oddItalics;
  if (length >= 3) oddBolds = !oddBolds;
  if (length === 3) {
    if (get8(at - 1) === SPACE) {
      if (afterSpace === 0) afterSpace = outputEnd();
    } else if (get8(at - 2) === SPACE) {
      if (afterLetter === 0) afterLetter = outputEnd();
    } else if (afterWord === 0) afterWord = outputEnd();
  }
  return stop;
}

/** The source line ends: writes the apostrophe that was taken for a part of a mark. */
export function endQuotes(): void {
  if (oddItalics && oddBolds) {
    const place = afterLetter !== 0 ? afterLetter : afterWord !== 0 ? afterWord : afterSpace;
    if (place !== 0) insertByte(place, APOSTROPHE);
  }
  beginQuotes();
}
