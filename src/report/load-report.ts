/** What a report shows, from the database. */
import type { Edition } from "../../languages/define.ts";
import { editionsOfGroup, OTHER } from "../../languages/index.ts";
import type { CuratedSize } from "../balancing/curated-size.ts";
import { describeThreshold, type GroupThreshold, sayOutOfReach, solveGroups } from "../balancing/threshold.ts";
import { curatedSizeOf } from "../curation/figures.ts";
import { loadPoolCounts, type PooledList, type PoolSelection } from "../curation/pool-counts.ts";
import { hasRule, policyOf, sayPolicy, type ThresholdRule } from "../curation/rule.ts";
import { solvePools } from "../curation/thresholds.ts";
import type { Source } from "../entries/types.ts";
import { formatCounted, formatNumber } from "../numbers.ts";
import type { ProfileName } from "../profile.ts";
import type { Database } from "../store/database.ts";
import { readGroupEntries, readGroupSources } from "../store/group-lists.ts";
import { type PoolCounts, readDrawn, readPoolCounts } from "../store/pool-counts.ts";
import { type Repeats, requirePool } from "../store/pools.ts";
import { findThreshold } from "../store/thresholds.ts";
import { type CumulativePoint, cumulativeCurve } from "./cumulative.ts";
import { describeTop, type SourceRow, sumBySource, type TopEntry, topIds } from "./group-tables.ts";
import { type SizePoint, sizeCurve } from "./size-curve.ts";

/** What to report. */
export interface ReportOptions extends PoolSelection, ThresholdRule {
  /** Entries in the table of those with most matches. */
  readonly top: number;
}

/** Where a threshold comes from. */
export interface ThresholdOrigin {
  /** Given for the report; on record; or solved because none is on record, or only one of earlier counts. */
  readonly kind: "rule" | "record" | "missing" | "stale";
  /** As `sayPolicy` says it. */
  readonly policy: string;
}

/** Counts of one of several pools. */
export interface PoolShare extends Omit<PoolCounts, "counts"> {
  readonly pool: string;
  /** As counted; it knows no threshold. */
  readonly cumulative: readonly CumulativePoint[];
}

/** A group in a report. */
export interface GroupReport extends Omit<PoolCounts, "counts"> {
  readonly group: string;
  /** Begins the names of its files. */
  readonly stem: string;
  /** The edition that leads the group; `other` has none. */
  readonly edition: Edition | undefined;
  /** SHA-256 that names the list. */
  readonly list: string;
  readonly threshold: GroupThreshold;
  readonly origin: ThresholdOrigin;
  readonly curated: CuratedSize | undefined;
  readonly sources: readonly SourceRow[];
  readonly top: readonly TopEntry[];
  readonly cumulative: readonly CumulativePoint[];
  readonly size: readonly SizePoint[];
  /** Names of the pools that have counted it. */
  readonly counted: readonly string[];
  /** Their own counts; empty if there is one only. */
  readonly pools: readonly PoolShare[];
  /** Why the figures mean little, if they do, and what else a person should know of them: sentences. */
  readonly cautions: readonly string[];
}

/** What a pool did with texts that repeat an earlier pair of image and text. */
export interface PoolRepeats {
  readonly pool: string;
  readonly repeats: Repeats;
  /** Texts that were counted. */
  readonly texts: number;
  /** Texts that were dropped. */
  readonly repeated: number;
}

/** A report, ready to be written. */
export interface Report {
  readonly profile: ProfileName;
  /** Names of the pools. */
  readonly pools: readonly string[];
  /** Of each of them. */
  readonly repeats: readonly PoolRepeats[];
  readonly groups: readonly GroupReport[];
  /** What a person should know of the counts, a line each. */
  readonly notes: readonly string[];
}

/** Below so many captions with a match, shares and thresholds are said to mean little. */
export const FEW_CAPTIONS = 1000;

/**
 * Figures, tables and curves of groups in pools, at the thresholds that the rule gives, else those on record, else solved
 * for the usual tail ratio. Writes nothing.
 *
 * Throws `UserError` as `loadPoolCounts`, and for anchors without matches.
 */
export function loadReport(db: Database, options: ReportOptions): Report {
  // All is read as it is at one time, whoever counts meanwhile.
  return db.transaction((): Report => {
    const { pools, notes, chosen } = chooseThresholds(db, options);
    const stems = nameFiles(chosen.map(({ pooled }) => pooled.name));
    const groups = chosen.map((one, at) => reportGroup(db, one, { ...options, stem: stems[at]! }));
    const repeats = pools.map((pool): PoolRepeats => {
      const { repeats, texts, repeated } = requirePool(db, pool);
      return { pool, repeats, texts, repeated };
    });
    return { profile: options.profile, pools, repeats, groups, notes };
  })();
}

interface ChosenList {
  readonly pooled: PooledList;
  readonly threshold: GroupThreshold;
  readonly origin: ThresholdOrigin;
  readonly curated: CuratedSize | undefined;
}

function chooseThresholds(
  db: Database,
  options: ReportOptions,
): { readonly pools: readonly string[]; readonly notes: readonly string[]; readonly chosen: readonly ChosenList[] } {
  if (hasRule(options)) {
    const { pools, notes, solved } = solvePools(db, options);
    const origin = { kind: "rule", policy: sayPolicy(policyOf(options)) } as const;
    return { pools, notes, chosen: solved.map((one) => ({ ...one, origin })) };
  }
  const { pools, notes, lists } = loadPoolCounts(db, options);
  const chosen = lists.map((pooled): ChosenList => {
    const found = thresholdOf(db, pooled, { pools, profile: options.profile });
    return { pooled, ...found, curated: curatedSizeOf(db, pooled, found.threshold.t) };
  });
  return { pools, notes, chosen };
}

/** The threshold on record for the counts as they are, else one for the usual tail ratio. */
function thresholdOf(
  db: Database,
  { name, list, counts }: PooledList,
  { pools, profile }: { readonly pools: readonly string[]; readonly profile: ProfileName },
): Pick<ChosenList, "threshold" | "origin"> {
  const groups = new Map([[name, counts]]);
  const row = findThreshold(db, { pools, list });
  if (row === undefined || row.stale) {
    const policy = policyOf({});
    const [threshold] = solveGroups({ groups, policy, profile });
    return {
      threshold: threshold!,
      origin: { kind: row === undefined ? "missing" : "stale", policy: sayPolicy(policy) },
    };
  }
  const { requested, t, policy } = row;
  // The record does not say why a ratio was out of reach; solving again does.
  const [again] = requested === undefined ? [] : solveGroups({ groups, policy: { tailRatio: requested }, profile });
  const outOfReach = again?.t === t ? again.outOfReach : undefined;
  return {
    threshold: {
      ...{ group: name, requested, ...describeThreshold(counts, t) },
      ...(outOfReach !== undefined && { outOfReach }),
    },
    origin: { kind: "record", policy },
  };
}

function reportGroup(
  db: Database,
  { pooled, threshold, origin, curated }: ChosenList,
  { top, stem }: { readonly top: number; readonly stem: string },
): GroupReport {
  const { name, list, pools, counts, texts, matched, matches, files } = pooled;
  const { t } = threshold;
  const ids = topIds(counts, top);
  const wanted = new Set(ids);
  const owners = new Map<number, Source>();
  const sources = sumBySource(counts, { sources: pick(readGroupSources(db, list), wanted, owners), t });
  const words = new Map<number, string>();
  if (wanted.size > 0) for (const _ of pick(readGroupEntries(db, list), wanted, words));
  const entries = new Map(ids.map((id) => [id, { text: words.get(id)!, source: owners.get(id)! }]));
  const shares = pools.length > 1 ? pools.map((pool) => reportPool(db, pool, pooled)) : [];
  const [edition] = list.group === OTHER ? [] : editionsOfGroup(list.group);
  return {
    ...{ group: name, stem, edition, list: list.name, threshold, origin, curated, sources },
    ...{ texts, matched, matches, files, counted: pools },
    top: describeTop(counts, { ids, entries, texts, t }),
    cumulative: cumulativeCurve(counts, t),
    size: sizeCurve({ counts, draw: readDrawn(db, { pools, list }), matched, t }),
    pools: shares,
    cautions: [
      ...warnOf({ threshold, curated, matched }),
      ...(shares.reduce((sum, { files }) => sum + files, 0) > files
        ? ["Some files are in several of the pools; in the sum they count once."]
        : []),
    ],
  };
}

/** What passes, with those values whose place in the row is wanted put into `found`. */
function* pick<T>(values: Iterable<T>, wanted: ReadonlySet<number>, found: Map<number, T>): Generator<T> {
  let at = 0;
  for (const value of values) {
    if (wanted.has(at)) found.set(at, value);
    at++;
    yield value;
  }
}

function reportPool(db: Database, pool: string, { list }: Pick<PooledList, "list">): PoolShare {
  const { counts, ...sums } = readPoolCounts(db, { pools: [pool], list });
  return { pool, ...sums, cumulative: cumulativeCurve(counts, undefined) };
}

function warnOf({
  threshold,
  curated,
  matched,
}: Pick<ChosenList, "threshold" | "curated"> & { readonly matched: number }): string[] {
  const warnings: string[] = [];
  if (threshold.outOfReach !== undefined) {
    const reason = sayOutOfReach(threshold.outOfReach);
    warnings.push(`${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`);
  }
  if (matched > 0 && matched < FEW_CAPTIONS)
    warnings.push(
      `Only ${formatCounted(matched, "caption")} ${matched === 1 ? "holds" : "hold"} an entry: with fewer than ${formatNumber(FEW_CAPTIONS)}, t, the shares and the curated size say little.`,
    );
  if (matched > 0 && threshold.t !== undefined && curated === undefined)
    warnings.push("Of the captions too few were drawn to tell the curated size; count the files again.");
  return warnings;
}

/** A file name for each group: what may not be in one everywhere becomes a hyphen; two never get the same. */
function nameFiles(groups: readonly string[]): string[] {
  const taken = new Set(["index", "groups", "cumulative", "manifest"]);
  return groups.map((group) => {
    const base = group.replace(/[^A-Za-z0-9_.]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "group";
    let stem = base;
    for (let more = 2; taken.has(stem.toLowerCase()); more++) stem = `${base}-${more}`;
    taken.add(stem.toLowerCase());
    return stem;
  });
}
