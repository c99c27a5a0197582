/** Thresholds on record. */
import type { Database } from "./database.ts";
import type { GroupList } from "./group-lists.ts";
import { poolIds } from "./pools.ts";

/** A threshold as it was chosen for the counts of a list in some pools. */
export interface NewThreshold {
  /** Names of the pools, in any order. */
  readonly pools: readonly string[];
  /** Id of the list. */
  readonly list: number;
  /** How t was chosen. */
  readonly policy: string;
  /** The tail's share of all counts that was asked for, if one was. */
  readonly requested: number | undefined;
  readonly t: number;
  /** The tail's share at t; undefined where there are no counts. */
  readonly achieved: number | undefined;
  /** Entries with a count of t or more, of less, and of none. */
  readonly head: number;
  readonly tail: number;
  readonly zero: number;
  /** Sum of the counts. */
  readonly total: number;
  /** ISO 8601 in UTC; now if not given. */
  readonly time?: string;
}

/** A threshold on record. */
export interface Threshold extends NewThreshold {
  /** By name. */
  readonly pools: readonly string[];
  readonly time: string;
  /** True if the counts have changed since. */
  readonly stale: boolean;
}

interface ThresholdRow {
  readonly pools: string;
  readonly list: number;
  readonly policy: string;
  readonly requested: number | null;
  readonly t: number;
  readonly achieved: number | null;
  readonly head: number;
  readonly tail: number;
  readonly zero: number;
  readonly total: number;
  readonly time: string;
  readonly stale: 0 | 1;
}

const THRESHOLD_COLUMNS = "pools, list, policy, requested, t, achieved, head, tail, zero, total, time, stale";

function toThreshold(row: ThresholdRow): Threshold {
  return {
    ...row,
    pools: JSON.parse(row.pools) as string[],
    requested: row.requested ?? undefined,
    achieved: row.achieved ?? undefined,
    stale: row.stale === 1,
  };
}

/** Pools as the table of thresholds names them. */
function poolKey(pools: readonly string[]): string {
  return JSON.stringify([...new Set(pools)].sort());
}

/**
 * Writes down the threshold of a list in some pools, in the place of the one before.
 *
 * @throws UserError if there is no such pool
 */
export function saveThreshold(db: Database, threshold: NewThreshold): Threshold {
  const save = db.transaction((): Threshold => {
    poolIds(db, threshold.pools);
    const { list, policy, requested, t, achieved, head, tail, zero, total, time } = threshold;
    const row = db
      .prepare<[object], ThresholdRow>(
        `INSERT INTO threshold (${THRESHOLD_COLUMNS})
         VALUES (@pools, @list, @policy, @requested, @t, @achieved, @head, @tail, @zero, @total, @time, 0)
         ON CONFLICT (pools, list) DO UPDATE SET (policy, requested, t, achieved, head, tail, zero, total, time, stale) =
           (excluded.policy, excluded.requested, excluded.t, excluded.achieved, excluded.head, excluded.tail,
            excluded.zero, excluded.total, excluded.time, 0)
         RETURNING ${THRESHOLD_COLUMNS}`,
      )
      .get({
        ...{ pools: poolKey(threshold.pools), list, policy, t, head, tail, zero, total },
        ...{ requested: requested ?? null, achieved: achieved ?? null, time: time ?? new Date().toISOString() },
      });
    return toThreshold(row!);
  });
  return save.immediate();
}

/** The threshold last chosen for a list in just these pools, or undefined. */
export function findThreshold(
  db: Database,
  { pools, list }: { readonly pools: readonly string[]; readonly list: Pick<GroupList, "id"> },
): Threshold | undefined {
  const row = db
    .prepare<[string, number], ThresholdRow>(`SELECT ${THRESHOLD_COLUMNS} FROM threshold WHERE pools = ? AND list = ?`)
    .get(poolKey(pools), list.id);
  return row && toThreshold(row);
}

/** All thresholds on record, the latest first. */
export function listThresholds(db: Database): Threshold[] {
  return db
    .prepare<[], ThresholdRow>(`SELECT ${THRESHOLD_COLUMNS} FROM threshold ORDER BY time DESC, id DESC`)
    .all()
    .map(toThreshold);
}
