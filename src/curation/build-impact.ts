/** What a new build of an edition changes for pools that were counted against the lists of both builds. */
import type { LidGroup } from "../../languages/define.ts";
import { getEdition, type LabelScheme, OTHER, otherGroups } from "../../languages/index.ts";
import { compareKeeping, type Impact, type KeptEntry, keepingOf, sortByKept } from "../balancing/impact.ts";
import { type GroupThreshold, solveGroups } from "../balancing/threshold.ts";
import { quoteWord } from "../errors.ts";
import { STANDARD_INPUT } from "../files.ts";
import { formatCounted } from "../numbers.ts";
import { profileOption } from "../profile.ts";
import type { Build } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import type { BuildDiff } from "../store/diff.ts";
import { findGroupEntry, type GroupList, isCurrentList, listsOfBuild, readGroupEntries } from "../store/group-lists.ts";
import { listsOfPool, readPoolCounts } from "../store/pool-counts.ts";
import { listPoolFiles, poolLabels, requirePool } from "../store/pools.ts";
import { curatedSizeOf, type Figures, toFiguresJson } from "./figures.ts";
import { loadPoolCounts } from "./pool-counts.ts";
import { policyOf, requireAnchors, type ThresholdRule } from "./rule.ts";

/** A list of a build as pools have counted it. */
export interface ListFigures extends Figures {
  readonly list: GroupList;
  readonly pools: readonly string[];
  readonly counts: Float64Array;
}

/** What changes for the captions of a group. */
export interface GroupImpact extends Impact {
  readonly group: string;
  /** Of `other`: the labelling scheme. */
  readonly scheme: string | undefined;
  /** Absent where no pool has counted a list of the build. */
  readonly before: ListFigures | undefined;
  readonly after: ListFigures | undefined;
}

/** What was found. */
export interface BuildImpact {
  readonly groups: readonly GroupImpact[];
  /** What a person should know of the counts, a line each. */
  readonly notes: readonly string[];
}

/** What `loadBuildImpact` reads. */
export interface BuildImpactOptions extends ThresholdRule {
  readonly pools: readonly string[];
  readonly older: Build;
  readonly newer: Build;
  /** What changed between them; asked for only where a list of one of them was counted and none of the other. */
  diff(): BuildDiff;
}

/** Lists of one group, or of `other` of one scheme, that hold the builds. */
interface Candidates {
  readonly group: string;
  readonly scheme: string | undefined;
  readonly before: readonly GroupList[];
  readonly after: readonly GroupList[];
}

interface Pair {
  readonly before: GroupList | undefined;
  readonly after: GroupList | undefined;
}

/**
 * What the newer of two builds changes for each group whose lists hold them and were counted: mostly their own group; with
 * a labelling scheme that cannot name it, `other`.
 *
 * If only one of the lists was counted there are its figures, and the entries that come or go with their counts there.
 *
 * @throws UserError if there is no such pool, or if an anchor has no matches
 */
export function loadBuildImpact(db: Database, options: BuildImpactOptions): BuildImpact {
  const { older, newer } = options;
  const pools = [...new Set(options.pools)];
  const counted = new Map(pools.map((pool) => [pool, new Set(listsOfPool(db, pool).map(({ list }) => list.id))]));
  const poolsOf = (list: GroupList | undefined) =>
    list === undefined ? [] : pools.filter((pool) => counted.get(pool)?.has(list.id));
  const notes = new Set<string>();
  const groups = groupCandidates(listsOfBuild(db, older), listsOfBuild(db, newer)).flatMap(
    (candidates): GroupImpact[] => {
      const { group, scheme } = candidates;
      const pair = choosePair(candidates, poolsOf);
      const both = poolsOf(pair.before).filter((pool) => poolsOf(pair.after).includes(pool));
      const read = (list: GroupList | undefined): ListFigures | undefined => {
        const having = both.length > 0 ? both : poolsOf(list);
        return list === undefined || having.length === 0
          ? undefined
          : readFigures(db, { list, pools: having, options });
      };
      const sides = { before: read(pair.before), after: read(pair.after) };
      if (sides.before === undefined && sides.after === undefined) return [];
      for (const [build, list] of [[older, pair.before] as const, [newer, pair.after] as const]) {
        const isCurrent = list === undefined ? build.current : isCurrentList(db, list);
        for (const pool of pools) {
          if (!poolsOf(list).includes(pool)) notes.add(noteMissing(db, { pool, group, scheme, build, isCurrent }));
        }
      }
      const [from, to] = [sides.before?.files, sides.after?.files];
      if (from !== undefined && to !== undefined && from !== to) {
        notes.add(
          `${group}: the list of build ${older.id} was counted on ${formatCounted(from, "file")}, that of build ${newer.id} on ` +
            `${formatCounted(to, "file")}; the figures are not of the same captions`,
        );
      }
      return [{ group, scheme, ...sides, ...compareSides(db, sides, options.diff) }];
    },
  );
  if (groups.length === 0) {
    const { edition } = newer;
    for (const pool of pools) {
      const where = groupInPool(db, { pool, group: getEdition(edition).lidGroup });
      notes.add(noteMissing(db, { pool, ...where, build: newer, isCurrent: newer.current }));
    }
  }
  return { groups, notes: [...notes] };
}

/** Where a pool counts captions of a group: under its own name, or under `other` of a scheme that cannot name it. */
function groupInPool(
  db: Database,
  { pool, group }: { readonly pool: string; readonly group: string },
): Pick<GroupImpact, "group" | "scheme"> {
  const scheme = schemeOf(db, pool);
  const isOther = scheme !== undefined && otherGroups(scheme).includes(group as LidGroup);
  return isOther ? { group: OTHER, scheme } : { group, scheme: undefined };
}

function schemeOf(db: Database, pool: string): LabelScheme | undefined {
  return (requirePool(db, pool).settings as { readonly scheme?: LabelScheme } | null)?.scheme;
}

function groupCandidates(before: readonly GroupList[], after: readonly GroupList[]): Candidates[] {
  const keyOf = ({ group, scheme }: GroupList) => JSON.stringify([group, scheme]);
  const byKey = new Map([...before, ...after].map((list) => [keyOf(list), list]));
  return [...byKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { group, scheme }]) => {
      const own = (lists: readonly GroupList[]) => lists.filter((list) => keyOf(list) === key);
      return { group, scheme, before: own(before), after: own(after) };
    });
}

/**
 * The lists to compare: those that most pools have counted, both if any has; of these the two that differ least in the
 * builds of other editions; of these the newest.
 */
function choosePair(
  { before, after }: Pick<Candidates, "before" | "after">,
  poolsOf: (list: GroupList | undefined) => readonly string[],
): Pair {
  const some = (lists: readonly GroupList[]) => (lists.length === 0 ? [undefined] : lists);
  const pairs = some(before).flatMap((from) => some(after).map((to): Pair => ({ before: from, after: to })));
  const scoreOf = ({ before, after }: Pair): number[] => {
    const [from, to] = [poolsOf(before), poolsOf(after)];
    const both = from.filter((pool) => to.includes(pool)).length;
    const shared = before?.builds.filter((build) => after?.builds.includes(build)).length ?? 0;
    return [both, from.length + to.length, shared, after?.id ?? 0, before?.id ?? 0];
  };
  const scored = pairs.map((pair) => ({ pair, score: scoreOf(pair) }));
  scored.sort((a, b) => {
    const at = a.score.findIndex((value, index) => value !== b.score[index]);
    return at < 0 ? 0 : b.score[at]! - a.score[at]!;
  });
  return scored[0]!.pair;
}

function readFigures(
  db: Database,
  {
    list,
    pools,
    options,
  }: { readonly list: GroupList; readonly pools: readonly string[]; readonly options: BuildImpactOptions },
): ListFigures {
  const sums = readPoolCounts(db, { pools, list });
  const threshold = solveOne(db, { list, counts: sums.counts, pools, options });
  const curated = curatedSizeOf(db, { list, pools, ...sums }, threshold.t);
  return { ...sums, list, pools, threshold, curated };
}

/** The threshold of a list; that of a group that anchors it is solved from the pools' counts as they are now. */
function solveOne(
  db: Database,
  {
    list: { group, profile },
    counts,
    pools,
    options,
  }: {
    readonly list: GroupList;
    readonly counts: Float64Array;
    readonly pools: readonly string[];
    readonly options: BuildImpactOptions;
  },
): GroupThreshold {
  const others = [...(options.anchor?.keys() ?? [])].filter((anchor) => anchor !== group);
  const anchors = others.length === 0 ? [] : loadPoolCounts(db, { pools, groups: others, profile }).lists;
  const groups = new Map([...anchors.map(({ name, counts }) => [name, counts] as const), [group, counts] as const]);
  requireAnchors(options, groups, `the counts of ${pools.join(", ")}`);
  return solveGroups({ groups, policy: policyOf(options), profile }).find((one) => one.group === group)!;
}

function compareSides(
  db: Database,
  { before, after }: Pick<GroupImpact, "before" | "after">,
  diff: () => BuildDiff,
): Impact {
  if (before !== undefined && after !== undefined) {
    if (before.list.id === after.list.id) return { changed: [], added: [], removed: [] };
    const side = ({ list, counts, threshold }: ListFigures) => ({
      ...{ texts: readGroupEntries(db, list), counts, t: threshold.t },
    });
    return compareKeeping(side(before), side(after));
  }
  const one = (side: ListFigures | undefined, texts: readonly { readonly text: string }[]): KeptEntry[] =>
    side === undefined
      ? []
      : sortByKept(
          texts.flatMap(({ text }) => {
            const id = findGroupEntry(db, side.list, text);
            return id === undefined ? [] : [{ text, ...keepingOf(side.counts[id] ?? 0, side.threshold.t) }];
          }),
        );
  const { added, removed } = diff();
  return { changed: [], added: one(after, added), removed: one(before, removed) };
}

/** How many files a line names. */
const NAMED = 3;

/** Why there are no counts of a list in a pool, and what to do about it. */
function noteMissing(
  db: Database,
  {
    pool,
    group,
    scheme,
    build,
    isCurrent,
  }: Pick<GroupImpact, "group" | "scheme"> & {
    readonly pool: string;
    readonly build: Build;
    readonly isCurrent: boolean;
  },
): string {
  const isOfPool = scheme === undefined || scheme === schemeOf(db, pool);
  if (!isOfPool || !poolLabels(db, [pool]).some((label) => label.group === group)) {
    return `pool ${pool} has no captions of ${sayGroup({ group, scheme })}`;
  }
  const what = `pool ${pool} was not counted against the list of ${sayGroup({ group, scheme })} with build ${build.id}`;
  if (!isCurrent) return `${what}, and cannot be any more: build ${build.id} is not the current one`;
  const files = listPoolFiles(db, pool).map(({ path }) => (path === STANDARD_INPUT ? "-" : path));
  const named = files.length > NAMED ? [...files.slice(0, NAMED), "…"] : files;
  const command = `worldmeta count ${named.map((file) => (file === "…" ? file : quoteWord(file))).join(" ")} --name ${quoteWord(pool)}${profileOption(build.profile)}`;
  return `${what}; count it, with the options of its first count: ${command}`;
}

/** A group as people name it. */
export function sayGroup({ group, scheme }: Pick<GroupImpact, "group" | "scheme">): string {
  return scheme === undefined ? group : `${group} (${scheme})`;
}

/** What changes for a group, with `null` for what was not counted. */
export function toImpactJson({ group, scheme, before, after, ...impact }: GroupImpact) {
  const side = (figures: ListFigures | undefined) =>
    figures === undefined ? null : { list: figures.list.name, pools: figures.pools, ...toFiguresJson(figures) };
  return { group, ...(scheme && { scheme }), before: side(before), after: side(after), ...impact };
}
