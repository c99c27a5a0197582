/** A list of pools with its threshold, and what that makes of the captions. */
import { type CuratedSize, estimateCuratedSize } from "../balancing/curated-size.ts";
import { type GroupThreshold, type ThresholdJson, toThresholdJson } from "../balancing/threshold.ts";
import type { Database } from "../store/database.ts";
import { type PoolCounts, readDrawn } from "../store/pool-counts.ts";
import type { PooledList } from "./pool-counts.ts";

/** The captions that are expected to be kept of a list's at a threshold; undefined where nothing is known of them. */
export function curatedSizeOf(
  db: Database,
  { list, pools, counts, matched }: Pick<PooledList, "list" | "pools" | "counts" | "matched">,
  t: number | undefined,
): CuratedSize | undefined {
  return t === undefined
    ? undefined
    : estimateCuratedSize({ draw: readDrawn(db, { pools, list }), counts, t, matched });
}

/** A threshold in JSON with what the draw tells: null stands for what is not known. */
export type CuratedJson = ThresholdJson & {
  readonly curated: number | null;
  readonly curatedError: number | null;
};

/** A threshold for `--json`, with the captions to expect. */
export function toCuratedJson(threshold: GroupThreshold, curated: CuratedSize | undefined): CuratedJson {
  const { expected = null, standardError = null } = curated ?? {};
  return { ...toThresholdJson(threshold), curated: expected, curatedError: standardError };
}

/** One side of a comparison. */
export interface Figures extends Omit<PoolCounts, "counts"> {
  readonly threshold: GroupThreshold;
  readonly curated: CuratedSize | undefined;
}

/** The figures of a side for `--json`. */
export function toFiguresJson({ threshold, curated, texts, matched, matches, files }: Figures) {
  return { ...toCuratedJson(threshold, curated), texts, matched, matches, files };
}
