/** Words of scripts without spaces by `Intl.Segmenter`, whose dictionaries (ICU) know Thai, Lao, Khmer, Burmese and Han. */
import { classAt, isBoundary } from "./boundary.ts";
import { CLASS } from "./boundary-classes.ts";
import type { CutRun } from "./words.ts";

/** `Intl.Segmenter` is quadratic in the length of its input on Node 20; longer runs are fed in pieces. */
const PIECE = 5_000;
/** How far back from the end of a piece a place is sought at which cutting cannot change the words. */
const LOOK_BACK = 200;

/** End of the piece that begins at `start`: before a sign or digit where there is one near, else where a cut may lie. */
function pieceEnd(run: string, start: number): number {
  const end = start + PIECE;
  if (end >= run.length) return run.length;
  let cut = 0;
  for (let at = end; at > end - LOOK_BACK; at--) {
    const value = classAt(run, at);
    if (value === CLASS.sign || value === CLASS.digit) return at;
    if (cut === 0 && isBoundary(run, at)) cut = at;
  }
  return cut || end;
}

/** Version of the dictionaries behind the cuts, part of a tokenizer's id. */
export const ICU_ID = `icu-${process.versions.icu ?? "none"}`;

/** Cuts runs with the dictionary of `locale`. */
export function createSegmenterCut(locale: string): CutRun {
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  return (run) => {
    const pieces: string[] = [];
    for (let start = 0; start < run.length; ) {
      const end = pieceEnd(run, start);
      for (const { segment } of segmenter.segment(run.slice(start, end))) pieces.push(segment);
      start = end;
    }
    return pieces;
  };
}
