/**
 * Syllables of the languages other than Burmese that are written in Myanmar script (Shan, Mon, Karen, Pa'O, Rakhine):
 * ICU's dictionary knows Burmese only and cuts their syllables in two. Their words are mostly of one syllable.
 */
import type { CutRun } from "./words.ts";

/**
 * A syllable begins at a letter that no virama (U+1039) stacks onto the one before and that neither asat (U+103A) closes
 * nor virama stacks; medials, vowel signs and tones follow it (Unicode Standard, 16.3, Myanmar).
 */
const SYLLABLE_START =
  /(?<![\u1039])(?=[\u1000-\u102A\u103F\u1050-\u1055\u105A-\u105D\u1061\u1065\u1066\u106E-\u1070\u1075-\u1081\u108E\uA9E0-\uA9E4\uA9E7-\uA9EF\uA9FA-\uA9FE\uAA60-\uAA6F\uAA71-\uAA76\uAA7A\uAA7E\uAA7F](?!\u1037?[\u103A\u1039]))/u;

export const MYANMAR_LETTER = /[\u1000-\u109F\uA9E0-\uA9FE\uAA60-\uAA7F]/;

export const cutMyanmarSyllables: CutRun = (run) => run.split(SYLLABLE_START);
