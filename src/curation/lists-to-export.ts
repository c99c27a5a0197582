/** Lists as exports write them: of editions, of groups, and of groups that pools have counted. */
import { getEdition, OTHER } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import type { NewList } from "../export/lists.ts";
import type { ListKind } from "../export/lists-manifest.ts";
import type { ProfileName } from "../profile.ts";
import { type Build, findBuild, listBuilds } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import { readEntries, readGroupRows } from "../store/entries.ts";
import type { GroupList } from "../store/group-lists.ts";
import { listNamed, loadRecorded } from "./curator-lists.ts";
import { requireBuild } from "./current-build.ts";
import type { PoolSelection } from "./pool-counts.ts";

/** What to export: lists of editions, or where groups or pools are named of groups. */
export interface ExportSelection {
  /** Codes; all that have a list if neither they nor groups are named. With groups or pools they stand for their groups. */
  readonly editions: readonly string[];
  readonly groups: readonly string[];
  /** Names of pools, whose counts go along. */
  readonly pools: readonly string[];
  readonly profile: ProfileName;
}

/** Lists to export, and what they are of. */
export interface ChosenLists {
  readonly kind: ListKind;
  readonly lists: readonly NewList[];
  readonly pools: readonly string[];
  readonly notes: readonly string[];
}

/**
 * The lists that a selection means. Makes the lists of groups that are not on record.
 *
 * Throws `UserError` if there is no such list, and as `listsCounted`.
 */
export function chooseLists(db: Database, { editions, pools, profile, ...named }: ExportSelection): ChosenLists {
  const groups = [...named.groups, ...editions.map((code) => getEdition(code).lidGroup)];
  if (pools.length > 0) return { kind: "group", ...listsCounted(db, { pools, groups, profile }) };
  if (named.groups.length > 0) {
    return { kind: "group", lists: listsOfGroups(db, { groups, profile }), pools: [], notes: [] };
  }
  const builds =
    editions.length > 0
      ? [...new Set(editions)].map((code) => requireBuild(db, getEdition(code), profile))
      : listBuilds(db, { profile }).filter(({ current }) => current);
  if (builds.length === 0)
    throw new UserError(`${db.name} holds no ${profile} list yet; make one with: worldmeta build`);
  const sorted = builds.sort((a, b) => (a.edition < b.edition ? -1 : 1));
  return { kind: "edition", lists: listsOfBuilds(db, sorted), pools: [], notes: [] };
}

/** The lists of builds, each with the ids of its own. */
export function listsOfBuilds(db: Database, builds: readonly Build[]): NewList[] {
  return builds.map((build) => ({ code: build.edition, entries: entriesOf(db, build), builds: [build] }));
}

function* entriesOf(
  db: Database,
  { id, edition }: Build,
): Generator<NewList["entries"] extends Iterable<infer Row> ? Row : never> {
  for (const entry of readEntries(db, id)) yield { edition, entry };
}

/**
 * The present lists of groups; an edition stands for its group. Makes those that are not on record.
 *
 * Throws `UserError` if no edition of a group is built.
 */
export function listsOfGroups(
  db: Database,
  { groups, profile }: { readonly groups: readonly string[]; readonly profile: ProfileName },
): NewList[] {
  const names = new Set(groups.map((group) => (group === OTHER ? group : getEdition(group).lidGroup)));
  return [...names].map((name) => toNewList(db, listNamed(db, name, profile)));
}

/** Lists that pools have counted, with counts and thresholds. Throws as `loadRecorded`. */
export function listsCounted(
  db: Database,
  selection: PoolSelection,
): { readonly lists: readonly NewList[]; readonly pools: readonly string[]; readonly notes: readonly string[] } {
  const { lists, counted: pools, notes } = loadRecorded(db, selection);
  return {
    lists: lists.map(({ counted: { list, counts }, threshold }) => ({
      ...toNewList(db, list),
      counted: { counts, threshold },
    })),
    pools,
    notes,
  };
}

function toNewList(db: Database, list: GroupList): NewList {
  return {
    code: list.group,
    entries: readGroupRows(db, list),
    builds: list.builds.map((build) => findBuild(db, build)!),
  };
}
