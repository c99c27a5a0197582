/** How two words that follow each other are written as one entry. */
import { TSHEG } from "./bo.ts";
import { classAt } from "./boundary.ts";
import { CLASS } from "./boundary-classes.ts";

const TIBETAN = /[\u0F40-\u0FBC]/;

function lastBase(word: string): { readonly value: number; readonly character: string } {
  const characters = [...word];
  while (characters.length > 1 && classAt(characters.at(-1) ?? "", 0) === CLASS.extender) characters.pop();
  const character = characters.at(-1) ?? "";
  return { value: classAt(character, 0), character };
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
  return TIBETAN.test(left.character) && TIBETAN.test(second[0] ?? "") ? TSHEG : "";
}
