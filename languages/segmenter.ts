/** Words of scripts without spaces by `Intl.Segmenter`, whose dictionaries (ICU) know Thai, Lao, Khmer, Burmese and Han. */
import { cutInPieces } from "./pieces.ts";
import type { CutRun } from "./words.ts";

/** `Intl.Segmenter` takes time quadratic in the length of its input on Node 20. */
const PIECE = 5_000;

/** Version of the dictionaries behind the cuts, part of a tokenizer's id. */
export const ICU_ID = `icu-${process.versions.icu ?? "none"}`;

/** Cuts runs with the dictionary of `locale`. */
export function createSegmenterCut(locale: string): CutRun {
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  return cutInPieces((run) => Array.from(segmenter.segment(run), ({ segment }) => segment), PIECE);
}
