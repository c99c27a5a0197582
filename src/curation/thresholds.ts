/** Thresholds for the counts of pools. */
import type { CuratedSize } from "../balancing/curated-size.ts";
import { compareKeeping, type KeepingChange } from "../balancing/impact.ts";
import { type GroupThreshold, solveGroups } from "../balancing/threshold.ts";
import type { Database } from "../store/database.ts";
import { readGroupEntries } from "../store/group-lists.ts";
import { saveThreshold } from "../store/thresholds.ts";
import { curatedSizeOf, type Figures } from "./figures.ts";
import { loadPoolCounts, type PooledList, type PoolSelection } from "./pool-counts.ts";
import { groupsToRead, policyOf, requireAnchors, sayPolicy, type ThresholdRule } from "./rule.ts";

/** A list of pools with its threshold. */
export interface SolvedList {
  readonly pooled: PooledList;
  readonly threshold: GroupThreshold;
  readonly curated: CuratedSize | undefined;
}

/** The thresholds of pools. */
export interface SolvedPools {
  /** Names of the pools. */
  readonly pools: readonly string[];
  readonly solved: readonly SolvedList[];
  /** What a person should know of the counts, a line each. */
  readonly notes: readonly string[];
}

/** Solves the thresholds of groups in pools. Throws `UserError` as `loadPoolCounts`, and for anchors without matches. */
export function solvePools(db: Database, options: PoolSelection & ThresholdRule): SolvedPools {
  const { pools: named, profile } = options;
  const groups = groupsToRead(options.groups, options);
  const { pools, lists, notes } = loadPoolCounts(db, { pools: named, groups, profile });
  const counts = new Map(lists.map((list) => [list.name, list.counts]));
  requireAnchors(options, counts, `the counts of ${pools.join(", ")}`);
  const thresholds = solveGroups({ groups: counts, policy: policyOf(options), profile });
  const solved = lists.map((pooled, at): SolvedList => {
    const threshold = thresholds[at]!;
    return { pooled, threshold, curated: curatedSizeOf(db, pooled, threshold.t) };
  });
  return { pools, solved, notes };
}

/** Solves thresholds and writes them down, all or none. Throws as `solvePools`. */
export function setPoolThresholds(db: Database, options: PoolSelection & ThresholdRule): SolvedPools {
  const found = solvePools(db, options);
  const policy = sayPolicy(policyOf(options));
  const save = db.transaction(() => {
    for (const { pooled, threshold } of found.solved) {
      const { requested, t, achieved, head, tail, zero, total } = threshold;
      if (t === undefined) continue;
      const figures = { requested, t, achieved, head, tail, zero, total };
      saveThreshold(db, { ...figures, list: pooled.list.id, pools: found.pools, policy });
    }
  });
  save.immediate();
  return found;
}

/** What another t changes for a group. */
export interface Comparison {
  readonly group: string;
  readonly before: Figures;
  readonly after: Figures;
  readonly changed: readonly KeepingChange[];
}

/** Compares the thresholds of groups in pools with another one, `t`. Throws as `solvePools`. */
export function compareThresholds(
  db: Database,
  options: PoolSelection & ThresholdRule,
  t: number,
): { readonly compared: readonly Comparison[]; readonly notes: readonly string[] } {
  const { solved, notes } = solvePools(db, options);
  const compared = solved.map(({ pooled, threshold, curated }): Comparison => {
    const { name, list, counts, ...sums } = pooled;
    const groups = new Map([[name, counts]]);
    const [other] = solveGroups({ groups, policy: { t }, profile: options.profile });
    const texts = { [Symbol.iterator]: () => readGroupEntries(db, list)[Symbol.iterator]() };
    return {
      group: name,
      before: { ...sums, threshold, curated },
      after: { ...sums, threshold: other!, curated: curatedSizeOf(db, pooled, t) },
      changed: compareKeeping({ texts, counts, t: threshold.t }, { texts, counts, t }).changed,
    };
  });
  return { compared, notes };
}
