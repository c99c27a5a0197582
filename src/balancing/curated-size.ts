/**
 * How many captions of a pool a curator is to expect at a threshold: it keeps a caption if it keeps it for any of the
 * entries that it matches, each with the entry's own probability and apart from the others.
 *
 *     expected(t) = Σ over captions of 1 − Π over its entries of (1 − min(1, t / count))
 *
 * Counts alone do not tell that, since captions match several entries; drawn captions do. Their mean, each hash weighted
 * by its captions, times the number of all captions that match is a ratio estimate: its error goes with the root of how
 * many are drawn, and its bias with that number itself, so that it can be left out of account (Cochran, Sampling
 * Techniques, 3rd ed., sections 6.3 to 6.5 and 9A.2).
 *
 * Captions of one hash, the same text under the same id or URL or without either, are drawn together or not at all. Each
 * counts, since the curator meets each; but a text that makes up much of a pool is in the draw or it is not, and where it
 * is not, neither the estimate nor its error knows of it.
 */
import { keepAny } from "./balance.ts";
import { type Draw, HASHES } from "./draw.ts";
import { singleProbability } from "./threshold.ts";

/** What a curator is to expect. */
export interface CuratedSize {
  /** Captions kept, in the mean over the curator's own draws. */
  readonly expected: number;
  /** Of `expected`, for its being told from drawn captions: 0 if all are drawn. */
  readonly standardError: number;
  /** `expected` as a share of `matched`; absent where nothing matched. */
  readonly share: number | undefined;
  /** Captions that it is told from, and how many match an entry. */
  readonly drawn: number;
  readonly matched: number;
  /** True if all captions that match are drawn. */
  readonly isExact: boolean;
}

/** What `estimateCuratedSize` reckons with. */
export interface CuratedSizeInput {
  readonly draw: Draw;
  /** The pool's counts, by entry id. */
  readonly counts: ArrayLike<number>;
  readonly t: number;
  /** Captions that match an entry. */
  readonly matched: number;
}

/** The expected number of captions kept; undefined where fewer than two hashes are drawn of more captions. */
export function estimateCuratedSize({ draw, counts, t, matched }: CuratedSizeInput): CuratedSize | undefined {
  const probabilityOf = (id: number) => singleProbability(counts[id] ?? 0, t);
  const hashes = draw.captions.map(({ times, ids }) => ({ times, keep: keepAny(ids, probabilityOf) }));
  let drawn = 0;
  let kept = 0;
  for (const { times, keep } of hashes) {
    drawn += times;
    kept += times * keep;
  }
  const isExact = drawn === matched;
  const about = { drawn, matched, isExact };
  if (isExact) {
    return { expected: kept, standardError: 0, share: matched === 0 ? undefined : kept / matched, ...about };
  }
  if (hashes.length < 2) return undefined;
  const share = kept / drawn;
  let squares = 0;
  for (const { times, keep } of hashes) squares += (times * (keep - share)) ** 2;
  const rest = 1 - draw.below / HASHES;
  const variance = (rest * squares * hashes.length) / (hashes.length - 1) / drawn ** 2;
  return { expected: matched * share, standardError: matched * Math.sqrt(variance), share, ...about };
}
