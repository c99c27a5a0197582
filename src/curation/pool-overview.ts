/** What a pool has counted, at one glance. */
import type { Database } from "../store/database.ts";
import { listsOfPool, type PoolList } from "../store/pool-counts.ts";
import type { Pool } from "../store/pools.ts";
import { findThreshold, type Threshold } from "../store/thresholds.ts";

/** A list that a pool has counts for, with the threshold chosen for this pool alone. */
export interface ThresholdList extends PoolList {
  readonly threshold: Threshold | undefined;
}

/** A pool with the lists that it has counted. */
export interface PoolOverview {
  readonly pool: Pool;
  readonly lists: readonly ThresholdList[];
}

/** The lists that a pool has counted, with their thresholds. */
export function lookAtPool(db: Database, pool: Pool): PoolOverview {
  const lists = listsOfPool(db, pool.name).map((counted): ThresholdList => {
    return { ...counted, threshold: findThreshold(db, { pools: [pool.name], list: counted.list }) };
  });
  return { pool, lists };
}

/** A pool with its lists under the names of `--json`. */
export function toPoolJson({ pool, lists }: PoolOverview) {
  const { id: _, ...facts } = pool;
  return {
    ...facts,
    lists: lists.map(({ list: { name: list, group, scheme, profile, entries }, threshold, current, ...sums }) => {
      const named = { list, group, ...(scheme !== undefined && { scheme }), profile, current, entries, ...sums };
      if (threshold === undefined) return named;
      const { pools: __, list: ___, requested, achieved, ...chosen } = threshold;
      const shares = { ...(requested !== undefined && { requested }), ...(achieved !== undefined && { achieved }) };
      return { ...named, threshold: { ...chosen, ...shares } };
    }),
  };
}
