/** Sentences cut to the length of captions, the same in every run. */

/** Fewest and most words of a chunk. */
const WORDS = [5, 12] as const;
/** Fewest and most characters of a chunk in a script without spaces. */
const CHARACTERS = [15, 40] as const;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/gu;

/**
 * A stretch of a sentence of 5 to 12 words parted by white space, or of 15 to 40 characters where most letters are of scripts
 * without spaces; undefined if the sentence is shorter. How long it is and where it begins is drawn by the sentence.
 */
export function cutChunk(sentence: string): string | undefined {
  const text = sentence.replace(/\s+/gu, " ").trim();
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return undefined;
  const unspaced = (text.match(UNSPACED)?.length ?? 0) * 2 > letters;
  const pieces = unspaced ? [...text] : text.split(" ");
  const [least, most] = unspaced ? CHARACTERS : WORDS;
  if (pieces.length < least) return undefined;
  const length = least + (hashText(`${text}\u0001`) % (most - least + 1));
  if (pieces.length <= length) return text;
  let from = hashText(`${text}\u0002`) % (pieces.length - length + 1);
  // A mark is not parted from its letter.
  while (unspaced && from > 0 && /^\p{M}/u.test(pieces[from]!)) from--;
  return pieces
    .slice(from, from + length)
    .join(unspaced ? "" : " ")
    .trim();
}

/** Up to `count` of the texts, each once: those with the smallest hashes, in that order. */
export function drawTexts(texts: Iterable<string>, count: number): string[] {
  return [...new Set(texts)]
    .map((text) => [hashText(text), text] as const)
    .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    .slice(0, count)
    .map(([, text]) => text);
}

/** A hash of 32 bits: FNV-1a over UTF-16 units, mixed as MurmurHash3 does at its end. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
