/** Counts of pools, as thresholds are set and exported for them. */
import { getEdition, OTHER } from "../../languages/index.ts";
import { sayFew, UsageError, UserError } from "../errors.ts";
import { formatNumber } from "../numbers.ts";
import { type ProfileName, profileOption } from "../profile.ts";
import type { Database } from "../store/database.ts";
import type { GroupList } from "../store/group-lists.ts";
import { listsOfPool, type PoolCounts, type PoolList, readPoolCounts } from "../store/pool-counts.ts";
import { listPools } from "../store/pools.ts";

/** Which counts are wanted. */
export interface PoolSelection {
  /** Names of pools, whose counts add up; the only pool there is if none is named. */
  readonly pools: readonly string[];
  /** Groups, or editions, which stand for their group; all that were counted if none is named. */
  readonly groups: readonly string[];
  readonly profile: ProfileName;
}

/** The list of a group with its counts. */
export interface CountedList {
  /** The group; with its scheme where pools have lists `other` of several. */
  readonly name: string;
  readonly list: GroupList;
  /** By entry id. */
  readonly counts: Float64Array;
}

/** The list of a group with all that its pools have of it. */
export interface PooledList extends CountedList, PoolCounts {
  /** Names of the pools that have counted it. */
  readonly pools: readonly string[];
}

/** What was found. */
export interface PoolCountsFound {
  /** Names of the pools. */
  readonly pools: readonly string[];
  readonly lists: readonly PooledList[];
  /** What a person should know of the counts, a line each. */
  readonly notes: readonly string[];
}

/**
 * The counts of groups in pools, each of the one list of its group: the current one, else the newest that was counted.
 *
 * Throws `UserError` if a pool or group has no counts, or if pools have counted different lists of a group.
 */
export function loadPoolCounts(db: Database, { pools, groups, profile }: PoolSelection): PoolCountsFound {
  const names = pools.length > 0 ? [...new Set(pools)] : [onlyPool(db)];
  const byName = groupLists(names.flatMap((pool) => listsIn(db, pool, profile)));
  const place = `the ${names.length === 1 ? "pool" : "pools"} ${names.join(", ")}`;
  if (byName.size === 0)
    throw new UserError(
      `${place}: no counts of ${profile} lists; make them with: worldmeta count${profileOption(profile)}`,
    );
  const wanted = new Set(groups.map((group) => (byName.has(group) ? group : groupNamed(group))));
  for (const group of wanted) {
    if ([...byName].some(([name, [first]]) => name === group || first?.list.group === group)) continue;
    throw new UserError(`${place}: no counts of ${group}; there are those of ${sayFew([...byName.keys()])}`);
  }
  const notes: string[] = [];
  const lists: PooledList[] = [];
  for (const [name, counted] of byName) {
    const [best] = counted;
    if (best === undefined || (wanted.size > 0 && !wanted.has(name) && !wanted.has(best.list.group))) continue;
    const having = requireOneList(name, counted);
    notes.push(...noteAge(name, counted));
    lists.push({ name, list: best.list, pools: having, ...readPoolCounts(db, { pools: having, list: best.list }) });
  }
  return { pools: names, lists, notes };
}

interface ListInPool extends PoolList {
  readonly pool: string;
}

function onlyPool(db: Database): string {
  const [only, ...more] = listPools(db).map(({ name }) => name);
  if (only === undefined) throw new UserError("there are no pools yet; count one with: worldmeta count");
  if (more.length > 0) throw new UsageError(`name a pool with --pool; there are ${[only, ...more].join(", ")}`);
  return only;
}

function listsIn(db: Database, pool: string, profile: ProfileName): ListInPool[] {
  return listsOfPool(db, pool)
    .filter(({ list }) => list.profile === profile)
    .map((counted) => ({ ...counted, pool }));
}

/** The group that a person means by a name: an edition stands for its group. */
function groupNamed(name: string): string {
  return name === OTHER || name.startsWith(`${OTHER} (`) ? name : getEdition(name).lidGroup;
}

/** Lists by group and, of `other`, scheme; of each the current one first, then the newest. */
function groupLists(lists: readonly ListInPool[]): Map<string, ListInPool[]> {
  const schemes = new Set(lists.flatMap(({ list }) => list.scheme ?? []));
  const byName = new Map<string, ListInPool[]>();
  const last = (name: string) => (name.startsWith(OTHER) ? 1 : 0);
  for (const counted of lists) {
    const { group, scheme } = counted.list;
    const name = scheme === undefined || schemes.size === 1 ? group : `${group} (${scheme})`;
    byName.set(name, [...(byName.get(name) ?? []), counted]);
  }
  for (const counted of byName.values())
    counted.sort((a, b) => Number(b.current) - Number(a.current) || b.list.id - a.list.id);
  return new Map([...byName].sort(([a], [b]) => last(a) - last(b) || (a < b ? -1 : 1)));
}

/** The pools that have counted a group; all must have counted the same list of it. */
function requireOneList(name: string, counted: readonly ListInPool[]): string[] {
  const best = counted[0]?.list;
  const having = new Set(counted.filter(({ list }) => list.id === best?.id).map(({ pool }) => pool));
  const other = counted.find(({ pool }) => !having.has(pool));
  if (other !== undefined)
    throw new UserError(
      `the pools ${[...having].join(", ")} and ${other.pool} have counted different lists of ${name}; count the latter again`,
    );
  return [...having];
}

function noteAge(name: string, counted: readonly ListInPool[]): string[] {
  const [best] = counted;
  if (best === undefined) return [];
  const notes: string[] = [];
  if (!best.current) notes.push(`${name}: its list has changed since pool ${best.pool} was counted; count it again`);
  for (const { pool, list, files } of counted) {
    if (list.id !== best.list.id) continue;
    const older = Math.max(
      0,
      ...counted.filter((one) => one.pool === pool && one.list.id !== list.id).map((one) => one.files),
    );
    if (older > files)
      notes.push(
        `${name}: ${formatNumber(older)} files of pool ${pool} were counted by an older list, ${formatNumber(files)} by this; count the others again`,
      );
  }
  return notes;
}
