/**
 * Cuts text at the boundaries of the boundary rule. This alone serves the scripts that use spaces; the languages that do
 * not bring a `cutRun` for their stretches without spaces.
 */
import {
  type ApostropheRule,
  classOf,
  digitsStandAlone,
  holdsWord,
  isBoundary,
  isDigits,
  isSpacedBoundary,
  NO_CLITICS,
} from "./boundary.ts";
import { CLASS } from "./boundary-classes.ts";
import type { Segment, Tokenizer } from "./define.ts";

/** Cuts a stretch without spaces and separators into pieces that concatenate to it. */
export type CutRun = (run: string) => readonly string[];

interface WordTokenizerOptions {
  readonly id: string;
  readonly cutRun: CutRun;
  readonly apostrophes?: ApostropheRule;
}

function toSegment(text: string, start: number, end: number): Segment {
  const piece = text.slice(start, end);
  const word = holdsWord(piece) && (!isDigits(piece) || digitsStandAlone(text, start, end));
  return { text: piece, word };
}

/** A tokenizer that follows the boundary rule, and `cutRun` inside stretches that hold letters without spaces. */
export function createWordTokenizer(options: WordTokenizerOptions): Tokenizer {
  const rule = options.apostrophes ?? NO_CLITICS;

  /** Segments of a stretch without spaces, cut by `cutRun` wherever the boundary rule allows it. */
  function* cutStretch(text: string, start: number, end: number): Generator<Segment> {
    let from = start;
    let cut = start;
    for (const piece of options.cutRun(text.slice(start, end))) {
      cut += piece.length;
      if (cut >= end || !isBoundary(text, cut, rule)) continue;
      yield toSegment(text, from, cut);
      from = cut;
    }
    yield toSegment(text, from, end);
  }

  const segment = (text: string): Segment[] => {
    const segments: Segment[] = [];
    let start = 0;
    let withoutSpaces = false;
    let previous = -1;
    for (let index = 0; index <= text.length; ) {
      const point = text.codePointAt(index) ?? 0;
      const value = classOf(point);
      const insideSpace = value === CLASS.space && previous === CLASS.space && index < text.length;
      if (index > start && !insideSpace && isSpacedBoundary(text, index, rule)) {
        if (withoutSpaces) segments.push(...cutStretch(text, start, index));
        else segments.push(toSegment(text, start, index));
        start = index;
        withoutSpaces = false;
      }
      if (value === CLASS.noSpaceLetter) withoutSpaces = true;
      previous = value;
      index += point > 0xffff ? 2 : 1;
    }
    return segments;
  };
  return { id: options.id, segment };
}
