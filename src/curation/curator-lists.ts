/** Lists with counts and thresholds, as `export metaclip` needs them. */
import { getEdition, LABEL_SCHEMES, type LabelScheme, OTHER } from "../../languages/index.ts";
import { describeThreshold, type GroupThreshold, solveGroups } from "../balancing/threshold.ts";
import { quoteWord, sayFew, UserError } from "../errors.ts";
import type { MetaclipList } from "../export/metaclip.ts";
import { type ProfileName, profileOption } from "../profile.ts";
import type { GroupCounts } from "../sources/counts-file.ts";
import type { Database } from "../store/database.ts";
import { type GroupList, isCurrentList, listGroupLists, readGroupEntries } from "../store/group-lists.ts";
import { findPool } from "../store/pools.ts";
import { findThreshold } from "../store/thresholds.ts";
import { requireGroupList } from "./group-list.ts";
import { type CountedList, loadPoolCounts, type PooledList, type PoolSelection } from "./pool-counts.ts";
import { policyOf, requireAnchors, type ThresholdRule } from "./rule.ts";

/** Lists to export. */
export interface CuratorLists {
  readonly lists: readonly MetaclipList[];
  /** Names of pools, or of the file of counts. */
  readonly counted: readonly string[];
  /** What the labels of the captions mean; undefined where nothing says so, or not all pools mean the same. */
  readonly scheme: LabelScheme | undefined;
  readonly notes: readonly string[];
}

/** Lists that pools have counted, with their thresholds, and how the pools were read. */
export interface RecordedLists extends Omit<CuratorLists, "lists"> {
  readonly lists: readonly RecordedList[];
  /** True if all captions of all pools were identified, whatever labels they had. */
  readonly identify: boolean;
}

/** A list of pools with the threshold on record. */
export interface RecordedList {
  readonly counted: PooledList;
  readonly threshold: GroupThreshold;
}

/**
 * Lists that pools have counted, with the thresholds on record.
 *
 * Throws `UserError` as `loadPoolCounts`, and if a list has matches but no threshold for the counts as they are.
 */
export function loadRecorded(db: Database, selection: PoolSelection): RecordedLists {
  const { pools, lists, notes } = loadPoolCounts(db, selection);
  const missing: string[] = [];
  const recorded = lists.flatMap((counted): RecordedList[] => {
    const threshold = thresholdOnRecord(db, pools, counted);
    if (threshold === undefined) missing.push(counted.name);
    return threshold === undefined ? [] : [{ counted, threshold }];
  });
  if (missing.length > 0) {
    const command = ["worldmeta threshold", ...pools.map((pool) => `--pool ${quoteWord(pool)}`)].join(" ");
    throw new UserError(
      `no threshold for the counts of ${sayFew(missing)} as they are now; set it with: ${command}${profileOption(selection.profile)}`,
    );
  }
  const settings = pools.map((pool) => findPool(db, pool)?.settings as PoolSettings | null | undefined);
  const schemes = new Set(settings.map((one) => one?.scheme));
  const scheme = schemes.size === 1 ? LABEL_SCHEMES.find((each) => schemes.has(each)) : undefined;
  return {
    ...{ lists: recorded, counted: pools, scheme, notes },
    identify: settings.every((one) => one?.identify === true),
  };
}

/** What `count` notes of a pool, as far as it is of use here. */
interface PoolSettings {
  readonly scheme?: string;
  readonly identify?: boolean;
}

/** Lists that pools have counted, with the thresholds on record, for `exportMetaclip`. Throws as `loadRecorded`. */
export function listsOfPools(db: Database, selection: PoolSelection): CuratorLists {
  const { lists, identify: _, ...rest } = loadRecorded(db, selection);
  return { lists: lists.map(({ counted, threshold }) => toMetaclipList(db, counted, threshold)), ...rest };
}

/** Undefined if there is none for the counts as they are. What nothing matched needs none. */
function thresholdOnRecord(
  db: Database,
  pools: readonly string[],
  { list, counts }: CountedList,
): GroupThreshold | undefined {
  const row = findThreshold(db, { pools, list });
  const figures = describeThreshold(counts, row?.t);
  const { group } = list;
  if (figures.total === 0) {
    return {
      group,
      requested: row?.requested,
      ...describeThreshold(counts, undefined),
      outOfReach: { kind: "no-matches" },
    };
  }
  if (row === undefined || row.stale) return undefined;
  return { group, requested: row.requested, ...figures };
}

/** What counts made elsewhere and the rule say of the lists in the database; `place` is what messages call the counts. */
export function listsOfCounts(
  db: Database,
  groups: ReadonlyMap<string, GroupCounts>,
  options: ThresholdRule & { readonly profile: ProfileName; readonly place: string },
): Pick<CuratorLists, "lists" | "scheme"> {
  const { profile, place } = options;
  const counted = [...groups].map(([name, counts]): CountedList => {
    const list = listNamed(db, name, profile);
    return { name, list, counts: alignCounts(db, { list, counts, place: `${place}: ${name}` }) };
  });
  const byGroup = new Map(counted.map(({ name, counts }) => [name, counts]));
  requireAnchors(options, byGroup, place);
  const thresholds = solveGroups({ groups: byGroup, policy: policyOf(options), profile });
  return {
    lists: counted.map((one, at) => toMetaclipList(db, one, thresholds[at]!)),
    scheme: LABEL_SCHEMES.find((scheme) => counted.some(({ list }) => list.scheme === scheme)),
  };
}

/** The present list of a group, or the only one `other`. Throws `UserError` if there is none. */
export function listNamed(db: Database, group: string, profile: ProfileName): GroupList {
  if (group === OTHER) {
    const [list, more] = listGroupLists(db, { group, profile }).filter((one) => isCurrentList(db, one));
    if (list !== undefined && more === undefined) return list;
    throw new UserError(
      list === undefined
        ? "the database holds no list `other` yet; counting captions makes it: worldmeta count"
        : "the database holds a list `other` of each of several labelling schemes; name the groups to take with --group",
    );
  }
  const { lidGroup } = getEdition(group);
  if (lidGroup !== group)
    throw new UserError(`captions in ${group} meet the list of the group ${lidGroup}; name the counts ${lidGroup}`);
  return requireGroupList(db, lidGroup, profile);
}

/** Counts by the ids of a list. */
function alignCounts(
  db: Database,
  {
    list,
    counts: { counts, entries },
    place,
  }: { readonly list: GroupList; readonly counts: GroupCounts; readonly place: string },
): Float64Array {
  if (entries === undefined) {
    if (counts.length === list.entries) return counts;
    throw new UserError(
      `${place}: ${counts.length} counts, and the list has ${list.entries} entries; count with the list as it is now`,
    );
  }
  const byEntry = new Map(entries.map((entry, at) => [entry, counts[at] ?? 0]));
  const aligned = new Float64Array(list.entries);
  let id = 0;
  for (const entry of readGroupEntries(db, list)) {
    aligned[id++] = byEntry.get(entry) ?? 0;
    byEntry.delete(entry);
  }
  const [foreign] = byEntry.keys();
  if (foreign === undefined) return aligned;
  const entry = JSON.stringify(foreign);
  throw new UserError(
    `${place}: ${byEntry.size} entries are not in the list, ${entry} among them; count with the list as it is now`,
  );
}

function toMetaclipList(db: Database, { list, counts }: CountedList, threshold: GroupThreshold): MetaclipList {
  const { group, name } = list;
  return {
    group,
    code: group,
    list: name,
    entries: readGroupEntries(db, list),
    counts,
    threshold: { ...threshold, group },
  };
}
