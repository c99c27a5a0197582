/**
 * Cumulative counts from the rarest entry to the most frequent, as Fig. 2 of the MetaCLIP paper (Xu et al., "Demystifying
 * CLIP Data", ICLR 2024) shows them: as counted, and with at most t of each entry.
 */
import { thinPoints } from "./thin.ts";

/** An entry in the order of counts, and what it and all rarer entries hold. */
export interface CumulativePoint {
  /** From 1, the entry with most matches, to the number of entries; of equal counts any order. */
  readonly rank: number;
  /** Matches of the entry. */
  readonly count: number;
  /** Sum of the counts of this entry and all of higher rank. */
  readonly matches: number;
  /**
   * The same sum of min(count, t): the matches that these entries keep by themselves in the mean over the curator's draws.
   * Without a threshold, of the counts.
   */
  readonly balanced: number;
}

/** Lines between the points of `cumulativeCurve` pass the others within this share of each curve's end. */
export const CUMULATIVE_TOLERANCE = 1 / 1000;

/** Where a rank lies between the rarest entry, 0, and the most frequent, 1, on an axis by the logarithm of the rank. */
export function placeOfRank(rank: number, entries: number): number {
  return entries <= 1 ? 1 : 1 - Math.log(rank) / Math.log(entries);
}

/** All points of the curve, from the highest rank to the first; `counts` are whole numbers of at least 0. */
export function* cumulate(counts: ArrayLike<number>, t: number | undefined): Generator<CumulativePoint> {
  const sorted = Float64Array.from(counts).sort();
  const most = t ?? Number.POSITIVE_INFINITY;
  let matches = 0;
  let balanced = 0;
  for (const [at, count] of sorted.entries()) {
    matches += count;
    balanced += Math.min(count, most);
    yield { rank: sorted.length - at, count, matches, balanced };
  }
}

/**
 * Points of the cumulative curves, few enough to draw: on an axis by the logarithm of the rank, lines between them pass
 * all others within `CUMULATIVE_TOLERANCE` of each curve's end. The ends stay, and the two entries between which t lies.
 */
export function cumulativeCurve(counts: ArrayLike<number>, t: number | undefined): CumulativePoint[] {
  const entries = counts.length;
  let total = 0;
  let kept = 0;
  let head = 0;
  for (let id = 0; id < entries; id++) {
    const count = counts[id] ?? 0;
    total += count;
    kept += Math.min(count, t ?? count);
    if (t !== undefined && count >= t && count > 0) head++;
  }
  return thinPoints(cumulate(counts, t), {
    x: ({ rank }) => placeOfRank(rank, entries),
    ys: [({ matches }) => matches / Math.max(1, total), ({ balanced }) => balanced / Math.max(1, kept)],
    tolerance: CUMULATIVE_TOLERANCE,
    isKept: ({ rank }) => t !== undefined && (rank === head || rank === head + 1),
  });
}
