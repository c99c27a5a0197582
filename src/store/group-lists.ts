/**
 * The lists that captions meet: a LID group's is the union of the current lists of its editions.
 *
 * Order of a union: by source as in `SOURCES` (the earliest that owns the entry in any of the builds), then by rank in
 * that source (the best among the builds in which it owns the entry), then by code point; an entry's id is its
 * position. That is the order of a build's own list too, so a union of one build is that list with its ids.
 */
import type { EditionCode } from "../../languages/define.ts";
import type { Source } from "../entries/types.ts";
import { nameList } from "../list-name.ts";
import type { ProfileName } from "../profile.ts";
import type { Build } from "./builds.ts";
import type { Database } from "./database.ts";
import { sourceAt } from "./entry-row.ts";

/** A list that counts, thresholds and exports belong to. */
export interface GroupList {
  readonly id: number;
  /** As `nameList` gives it. */
  readonly name: string;
  /** Code of the edition that leads the group, or `other`. */
  readonly group: string;
  /** Of `other`: the labelling scheme that cannot name its editions. */
  readonly scheme: string | undefined;
  readonly profile: ProfileName;
  /** How many; ids run from 0 to one less. */
  readonly entries: number;
  /** The builds whose entries it unites, ascending. */
  readonly builds: readonly number[];
}

/** What a list is wanted of. */
export interface GroupListRequest {
  /** A LID group, or `other`. */
  readonly group: string;
  /** With `other`, and only there. */
  readonly scheme?: string | undefined;
  /** The editions of the group; with `other`, those of all groups that the scheme cannot name. */
  readonly editions: readonly EditionCode[];
  readonly profile: ProfileName;
}

/** The present list of a group is not on record, and the database is open for reading only. */
export class ListNotMadeError extends Error {
  readonly group: string;
  readonly profile: ProfileName;

  constructor(group: string, profile: ProfileName) {
    super(`no list of ${group} is on record; open the database for writing to make it`);
    this.name = "ListNotMadeError";
    this.group = group;
    this.profile = profile;
  }
}

/** Entries read at once: between two reads the connection is free for other statements. */
const PAGE = 4096;

/** Ranks lie below this; SQLite's integers have 63 bits. */
const RANKS = 2 ** 50;

interface ListRow {
  readonly id: number;
  readonly name: string;
  readonly lid_group: string;
  readonly scheme: string | null;
  readonly profile: ProfileName;
  readonly entries: number;
}

const LIST_COLUMNS = "id, name, lid_group, scheme, profile, entries";

/** An edition and its build, if it has one. */
type Part = readonly [edition: string, build: number | null];

function toGroupList(db: Database, { lid_group, scheme, ...row }: ListRow): GroupList {
  return { ...row, group: lid_group, scheme: scheme ?? undefined, builds: buildsOf(db, row.id) };
}

function buildsOf(db: Database, list: number): number[] {
  return db
    .prepare<[number], number>(
      "SELECT build FROM group_list_edition WHERE list = ? AND build IS NOT NULL ORDER BY build",
    )
    .pluck()
    .all(list);
}

function partsOf(db: Database, list: number): Part[] {
  return db
    .prepare<[number], Part>("SELECT edition, build FROM group_list_edition WHERE list = ? ORDER BY edition")
    .raw()
    .all(list);
}

/**
 * The list that captions of a group meet now: the one on record if it is made from the current builds of just these
 * editions, else a new one. Builds that bring the same entries in the same order give the same list, so that its counts
 * go on to count; it is then said to be of the newer builds, and the older ones may be pruned.
 *
 * Memory is bounded: SQLite sorts a union on disk.
 *
 * @returns undefined if none of the editions has a list of the profile
 * @throws ListNotMadeError if the list must be made and the database is open for reading only
 */
export function openGroupList(db: Database, request: GroupListRequest): GroupList | undefined {
  const { group, scheme, profile } = request;
  if ((group === "other") !== (scheme !== undefined))
    throw new Error("a scheme belongs to the list `other`, and only there");
  const find = (): { readonly parts: readonly Part[]; readonly list: GroupList | undefined } => {
    const current = db
      .prepare<[string, string], number>("SELECT id FROM build WHERE edition = ? AND profile = ? AND current = 1")
      .pluck();
    const parts = [...new Set(request.editions)].sort().map((code): Part => [code, current.get(code, profile) ?? null]);
    const wanted = JSON.stringify(parts);
    const list = listGroupLists(db, { group, scheme, profile }).find(
      ({ id }) => JSON.stringify(partsOf(db, id)) === wanted,
    );
    return { parts, list };
  };
  const { parts, list } = db.transaction(find)();
  if (list !== undefined || parts.every(([, build]) => build === null)) return list;
  if (db.readonly) throw new ListNotMadeError(group, profile);
  const make = db.transaction((): GroupList | undefined => {
    // Again, inside the transaction: another process may have been faster, or have published a build.
    const now = find();
    return now.list ?? makeList(db, request, now.parts);
  });
  return make.immediate();
}

function makeList(db: Database, { group, scheme, profile }: GroupListRequest, parts: readonly Part[]): GroupList {
  const builds = parts.flatMap(([, build]) => build ?? []);
  const [only = 0] = builds;
  const united = builds.length > 1;
  try {
    if (united) sortUnion(db, builds);
    let entries = 0;
    const texts = united
      ? pages<string>(db, { from: "temp.union_entry g", at: "1 = ?", of: 1, column: "text" })
      : entriesOfBuild(db, only);
    const name = nameList(
      (function* () {
        for (const text of texts) {
          entries++;
          yield text;
        }
      })(),
    );
    const list = recordList(db, { name, group, scheme, profile, entries });
    db.prepare("DELETE FROM group_list_edition WHERE list = ?").run(list);
    db.prepare("DELETE FROM group_entry WHERE list = ?").run(list);
    const insert = db.prepare("INSERT INTO group_list_edition (list, edition, build) VALUES (?, ?, ?)");
    for (const [edition, build] of parts) insert.run(list, edition, build);
    if (united) {
      db.prepare(
        "INSERT INTO group_entry (list, id, build, entry) SELECT ?, id, build, entry FROM temp.union_entry ORDER BY id",
      ).run(list);
    }
    return findGroupList(db, { id: list })!;
  } finally {
    if (united) db.exec("DROP TABLE IF EXISTS temp.union_entry");
  }
}

/** The row of a list: the one of these entries if there is one, else a new one; returns its id. */
function recordList(db: Database, { name, group, scheme, profile, entries }: Omit<GroupList, "id" | "builds">): number {
  const found = findGroupList(db, { name, group, scheme, profile });
  if (found !== undefined) return found.id;
  return Number(
    db
      .prepare("INSERT INTO group_list (name, lid_group, scheme, profile, entries, made) VALUES (?, ?, ?, ?, ?, ?)")
      .run(name, group, scheme ?? null, profile, entries, new Date().toISOString()).lastInsertRowid,
  );
}

/** Leave in `temp.union_entry` for each id of the union a build and its entry there. */
function sortUnion(db: Database, builds: readonly number[]): void {
  // Of several rows with the least key SQLite takes any; all have the same text.
  db.exec("CREATE TEMP TABLE union_entry (id INTEGER PRIMARY KEY, build INTEGER NOT NULL, entry INTEGER NOT NULL)");
  db.prepare(
    `INSERT INTO temp.union_entry (id, build, entry)
     SELECT row_number() OVER (ORDER BY key, text) - 1, build, id
     FROM (
       SELECT e.text, e.build, e.id, min(e.source * ${RANKS} + ifnull(CASE e.source
           WHEN 0 THEN CAST(e.text AS INTEGER) WHEN 1 THEN e.wordnet_rank WHEN 2 THEN e.unigram_rank
           WHEN 3 THEN e.bigram_rank WHEN 4 THEN e.title_rank END, 0)) AS key
       FROM json_each(?) b JOIN entry e ON e.build = b.value
       GROUP BY e.text
     )
     ORDER BY key, text`,
  ).run(JSON.stringify(builds));
}

/**
 * The entries of a list in the order of their ids, also of one that is no longer current, in bounded memory.
 *
 * @throws Error if the list is not in the database
 */
export function readGroupEntries(db: Database, list: Pick<GroupList, "id">): Iterable<string> {
  return readColumn<string>(db, list, "text");
}

/**
 * The source that owns each entry of a list, in the order of their ids: of a union the first that does in any build. In
 * bounded memory.
 *
 * @throws Error if the list is not in the database
 */
export function* readGroupSources(db: Database, list: Pick<GroupList, "id">): IterableIterator<Source> {
  for (const source of readColumn<number>(db, list, "source")) yield sourceAt(source);
}

/** A column of the table `entry` for each entry of a list. */
function readColumn<T>(db: Database, { id }: Pick<GroupList, "id">, column: EntryColumn): Iterable<T> {
  const [build, ...more] = buildsOf(db, id);
  if (build === undefined) throw new Error(`the database holds no list ${id}`);
  return more.length === 0
    ? columnOfBuild<T>(db, build, column)
    : pages<T>(db, { from: "group_entry g", at: "g.list = ?", of: id, column });
}

/**
 * The lists that hold a build's entries, from the newest to the oldest: of each group those made from it; or, if a later
 * build of the same entries has taken its place in them, those made from that one.
 */
export function listsOfBuild(
  db: Database,
  { id, edition, profile }: Pick<Build, "id" | "edition" | "profile">,
): GroupList[] {
  const rows = db
    .prepare<[string, string], { readonly list: number; readonly build: number; readonly key: string }>(
      `SELECT g.list, g.build, json_array(l.lid_group, l.scheme) AS key
       FROM group_list_edition g JOIN group_list l ON l.id = g.list
       WHERE g.edition = ? AND l.profile = ? AND g.build IS NOT NULL ORDER BY g.list DESC`,
    )
    .all(edition, profile);
  const names = new Map<number, string>();
  const nameOf = (build: number): string => {
    const name = names.get(build) ?? nameList(entriesOfBuild(db, build));
    names.set(build, name);
    return name;
  };
  const own = new Set(rows.filter(({ build }) => build === id).map(({ key }) => key));
  return rows
    .filter(({ build, key }) => build === id || (!own.has(key) && nameOf(build) === nameOf(id)))
    .map(({ list }) => findGroupList(db, { id: list })!);
}

/** The id of an entry in a list, or undefined. */
export function findGroupEntry(db: Database, list: Pick<GroupList, "id">, text: string): number | undefined {
  return createGroupLookup(db, list)(text);
}

/** A function that gives the ids of many entries in a list; undefined for what is none. */
export function createGroupLookup(db: Database, { id }: Pick<GroupList, "id">): (text: string) => number | undefined {
  const builds = buildsOf(db, id);
  const [only] = builds;
  if (builds.length === 1 && only !== undefined) {
    const find = db.prepare<[number, string], number>("SELECT id FROM entry WHERE build = ? AND text = ?").pluck();
    return (text) => find.get(only, text);
  }
  const find = db
    .prepare<[string, string, number], number>(
      `SELECT g.id FROM json_each(?) b JOIN entry e ON e.build = b.value AND e.text = ?
         JOIN group_entry g ON g.list = ? AND g.build = e.build AND g.entry = e.id
       LIMIT 1`,
    )
    .pluck();
  const among = JSON.stringify(builds);
  return (text) => find.get(among, text, id);
}

function entriesOfBuild(db: Database, build: number): IterableIterator<string> {
  return columnOfBuild<string>(db, build, "text");
}

/** What is read of entries. */
type EntryColumn = "text" | "source";

function* columnOfBuild<T>(db: Database, build: number, column: EntryColumn): IterableIterator<T> {
  const page = db
    .prepare<[number, number], T>(`SELECT ${column} FROM entry WHERE build = ? AND id >= ? ORDER BY id LIMIT ${PAGE}`)
    .pluck();
  for (let first = 0; ; first += PAGE) {
    const values = page.all(build, first);
    yield* values;
    if (values.length < PAGE) return;
  }
}

function* pages<T>(
  db: Database,
  {
    from,
    at,
    of,
    column,
  }: { readonly from: string; readonly at: string; readonly of: number; readonly column: EntryColumn },
): IterableIterator<T> {
  const page = db
    .prepare<[number, number], T>(
      `SELECT e.${column} FROM ${from} CROSS JOIN entry e ON e.build = g.build AND e.id = g.entry
       WHERE ${at} AND g.id >= ? ORDER BY g.id LIMIT ${PAGE}`,
    )
    .pluck();
  for (let first = 0; ; first += PAGE) {
    const values = page.all(of, first);
    yield* values;
    if (values.length < PAGE) return;
  }
}

/** A list by its id; or by its name, the newest where lists of several groups or profiles hold the same entries. */
export function findGroupList(
  db: Database,
  wanted:
    | { readonly id: number }
    | ({ readonly name: string } & Partial<Pick<GroupList, "group" | "scheme" | "profile">>),
): GroupList | undefined {
  if ("id" in wanted) {
    const row = db.prepare<[number], ListRow>(`SELECT ${LIST_COLUMNS} FROM group_list WHERE id = ?`).get(wanted.id);
    return row && toGroupList(db, row);
  }
  return listGroupLists(db, wanted)[0];
}

/** Lists from the newest to the oldest; conditions add up. */
export function listGroupLists(
  db: Database,
  filter: { readonly name?: string } & Partial<Pick<GroupList, "group" | "scheme" | "profile">> = {},
): GroupList[] {
  return db
    .prepare<[object], ListRow>(
      `SELECT ${LIST_COLUMNS} FROM group_list
       WHERE (@name IS NULL OR name = @name) AND (@group IS NULL OR lid_group = @group)
         AND (@scheme IS NULL OR scheme = @scheme) AND (@profile IS NULL OR profile = @profile)
       ORDER BY id DESC`,
    )
    .all({
      name: filter.name ?? null,
      group: filter.group ?? null,
      scheme: filter.scheme ?? null,
      profile: filter.profile ?? null,
    })
    .map((row) => toGroupList(db, row));
}

/**
 * True if the list is of the current builds of its group: no edition was built anew since, or for the first time.
 * After a build that changed nothing this holds again once `openGroupList` has been asked.
 */
export function isCurrentList(db: Database, { id }: Pick<GroupList, "id">): boolean {
  return db.prepare<[number], number>("SELECT current FROM group_list_readable WHERE id = ?").pluck().get(id) === 1;
}
