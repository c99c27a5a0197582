/** Lists as exports write them: of editions, of groups, and of groups that pools have counted. */
import { getEdition, OTHER } from "../../languages/index.ts";
import type { NewList } from "../export/lists.ts";
import type { ProfileName } from "../profile.ts";
import { type Build, findBuild } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import { readEntries, readGroupRows } from "../store/entries.ts";
import type { GroupList } from "../store/group-lists.ts";
import { listNamed, loadRecorded } from "./curator-lists.ts";
import type { PoolSelection } from "./pool-counts.ts";

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
