/** How two words that follow each other are written as one entry. */
import { TSHEG } from "./bo.ts";
import { classAt, classOf } from "./boundary.ts";
import { CLASS } from "./boundary-classes.ts";

const TIBETAN = /[\u0F40-\u0FBC]/;

/** The last code point of a word that is no mark on another one. */
function lastBase(word: string): { readonly value: number; readonly point: number } {
  for (let end = word.length; ; ) {
    const isPair = end > 1 && (word.charCodeAt(end - 1) & 0xfc00) === 0xdc00;
    const start = end - (isPair ? 2 : 1);
    const point = word.codePointAt(start) ?? 0;
    const value = classOf(point);
    if (value !== CLASS.extender || start <= 0) return { value, point };
    end = start;
  }
}

/** True for a word that only leans on another (l', 's): it makes no phrase, since the other word matches beside it. */
export function isClitic(word: string): boolean {
  return classAt(word, 0) === CLASS.apostrophe || classAt(word, word.length - 1) === CLASS.apostrophe;
}

/**
 * What stands between two words when they make one entry: nothing where both touching letters are of scripts without
 * spaces (a tsheg in Tibetan), else a space. A pair of words counts as a bigram only where the text has just this between
 * them, so that the entry matches where it was found.
 */
export function joinOf(first: string, second: string): "" | " " | typeof TSHEG {
  const left = lastBase(first);
  const right = classAt(second, 0);
  if (left.value !== CLASS.noSpaceLetter || right !== CLASS.noSpaceLetter) return " ";
  return TIBETAN.test(String.fromCodePoint(left.point)) && TIBETAN.test(second[0] ?? "") ? TSHEG : "";
}
