/** How the threshold moves the tail's share and the number of captions that a curator keeps. */
import { type CuratedSize, estimateCuratedSize } from "../balancing/curated-size.ts";
import type { Draw } from "../balancing/draw.ts";

/** What a threshold would give. */
export interface SizePoint {
  readonly t: number;
  /** Share of all matches that entries with fewer than t hold; absent where nothing matched. */
  readonly tailRatio: number | undefined;
  /** Captions to expect; undefined where too few are drawn. */
  readonly curated: CuratedSize | undefined;
}

/** What the curve is reckoned from. */
export interface SizeCurveInput {
  /** By entry id. */
  readonly counts: ArrayLike<number>;
  readonly draw: Draw;
  /** Captions that match an entry. */
  readonly matched: number;
  /** The threshold that was chosen: one of the points. */
  readonly t: number | undefined;
}

/** Parts of the axis, by the logarithm of t, in each of which the least and the highest count are points. */
export const COUNT_STEPS = 300;
/** Points evenly spread over the same axis, for the size, which moves between counts as well. */
export const EVEN_STEPS = 100;

/**
 * The tail's share and the expected number of captions for thresholds from 1 to the highest count, or to the chosen
 * threshold where that is higher.
 *
 * The tail's share is a stair that rises behind each count: between two points it is that of the second, as far as it can
 * be told from them. It is exact at every point; where counts lie closer than 1 / `COUNT_STEPS` of the axis, stairs are
 * drawn at most that much too early. Empty where nothing matched.
 */
export function sizeCurve({ counts, draw, matched, t }: SizeCurveInput): SizePoint[] {
  const sorted = Float64Array.from(counts)
    .sort()
    .filter((count) => count > 0);
  const total = sorted.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  let at = 0;
  let tail = 0;
  return chooseThresholds(sorted, t).map((t): SizePoint => {
    while (at < sorted.length && sorted[at]! < t) tail += sorted[at++]!;
    return { t, tailRatio: tail / total, curated: estimateCuratedSize({ draw, counts, t, matched }) };
  });
}

/** Thresholds worth a point, ascending, from 1 to the highest count or `chosen`; `sorted` are counts above 0, ascending. */
function chooseThresholds(sorted: Float64Array, chosen: number | undefined): number[] {
  const most = sorted.at(-1) ?? 1;
  const wanted = new Set<number>([1, most]);
  if (chosen !== undefined && chosen >= 1) wanted.add(chosen);
  for (let step = 1; step < EVEN_STEPS; step++) wanted.add(Math.round(most ** (step / EVEN_STEPS)));
  const firsts = new Map<number, number>();
  const lasts = new Map<number, number>();
  for (const count of sorted) {
    const step = stepOf(count, most);
    if (!firsts.has(step)) firsts.set(step, count);
    lasts.set(step, count);
  }
  for (const count of [...firsts.values(), ...lasts.values()]) wanted.add(count);
  return [...wanted].sort((a, b) => a - b);
}

function stepOf(t: number, most: number): number {
  return most <= 1 ? 0 : Math.floor((Math.log(t) / Math.log(most)) * COUNT_STEPS);
}
