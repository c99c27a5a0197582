/**
 * Captions drawn by hash, with the entries that they match: of all captions that match, those whose hash lies below a
 * bound. What a threshold keeps of all is told from them (`estimateCuratedSize`).
 *
 * Draws of parts make the draw of the whole, in any order: the least bound holds for all (a bottom-k sketch; Cohen and
 * Kaplan, "Summarizing data using bottom-k sketches", PODC 2007). The bound says nothing of a caption below it, so that
 * parts can be taken away again and the rest is still drawn at random.
 */

/** Hashes are whole numbers from 0 to below this; a bound of this many is none. */
export const HASHES = 2 ** 53;

/** Captions of one hash: the same text, under the same id or URL if they have any. */
export interface DrawnCaption {
  readonly hash: number;
  /** How many they are. */
  readonly times: number;
  /** The entries that each matches, each once, in no order. */
  readonly ids: Uint32Array;
}

/** Captions drawn from some that match. */
export interface Draw {
  /** Every caption whose hash lies below is here, and no other. */
  readonly below: number;
  /** By hash, each once. */
  readonly captions: readonly DrawnCaption[];
}

/** Of captions about which nothing is known. */
export const NO_DRAW: Draw = { below: 0, captions: [] };

/** The draw from all captions of which `draws` are drawn, cut to the `size` smallest hashes if a size is given. */
export function mergeDraws(draws: Iterable<Draw>, { size }: { readonly size?: number } = {}): Draw {
  let below = HASHES;
  const byHash = new Map<number, DrawnCaption>();
  for (const draw of draws) {
    below = Math.min(below, draw.below);
    for (const caption of draw.captions) {
      const same = byHash.get(caption.hash);
      byHash.set(caption.hash, same === undefined ? caption : { ...same, times: same.times + caption.times });
    }
  }
  const captions = [...byHash.values()].filter(({ hash }) => hash < below).sort((a, b) => a.hash - b.hash);
  const next = size === undefined ? undefined : captions[size];
  return next === undefined ? { below, captions } : { below: next.hash, captions: captions.slice(0, size) };
}
