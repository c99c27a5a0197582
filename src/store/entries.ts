/** Reading the entries of a build. */
import type { EditionCode } from "../../languages/define.ts";
import { type Entry, FLAGS, type Flag, type SetAside, SOURCES, type Source } from "../entries/types.ts";
import type { ProfileName } from "../profile.ts";
import { type Build, findBuild } from "./builds.ts";
import type { Database } from "./database.ts";
import { type EntryRow, flagBit, sourceAt, sourceIndex, toEntry } from "./entry-row.ts";
import type { GroupList } from "./group-lists.ts";

/** Rows read at once: between two reads the connection is free for other statements. */
const PAGE = 4096;

/** Entries of a build in the order of their ids. */
export function* readEntries(db: Database, build: number): IterableIterator<Entry> {
  const page = db.prepare<[number, number], EntryRow>(
    `SELECT * FROM entry WHERE build = ? AND id > ? ORDER BY id LIMIT ${PAGE}`,
  );
  for (let last = -1; ; ) {
    const rows = page.all(build, last);
    for (const row of rows) yield toEntry(row);
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.id;
  }
}

/** An entry and the edition whose build it is of. */
export interface EntryOfEdition {
  readonly edition: EditionCode;
  readonly entry: Entry;
}

/**
 * Entries of a group's list in the order of their ids there, which they have; of a union each as the build has it that
 * decides its place.
 */
export function* readGroupRows(db: Database, { id: list, builds }: GroupList): IterableIterator<EntryOfEdition> {
  const editions = new Map(builds.map((build) => [build, findBuild(db, build)!.edition]));
  const [only, ...more] = builds;
  if (only !== undefined && more.length === 0) {
    for (const entry of readEntries(db, only)) yield { edition: editions.get(only)!, entry };
    return;
  }
  const page = db.prepare<[number, number], EntryRow & { readonly place: number }>(
    `SELECT g.id AS place, e.* FROM group_entry g CROSS JOIN entry e ON e.build = g.build AND e.id = g.entry
     WHERE g.list = ? AND g.id > ? ORDER BY g.id LIMIT ${PAGE}`,
  );
  for (let last = -1; ; ) {
    const rows = page.all(list, last);
    for (const { place, ...row } of rows)
      yield { edition: editions.get(row.build)!, entry: toEntry({ ...row, id: place }) };
    if (rows.length < PAGE) return;
    last = rows.at(-1)!.place;
  }
}

/** The entry of a build with exactly this text, or undefined. */
export function findEntry(db: Database, build: number, text: string): Entry | undefined {
  const row = db
    .prepare<[number, string], EntryRow>("SELECT * FROM entry WHERE build = ? AND text = ?")
    .get(build, text);
  return row && toEntry(row);
}

/** What to look for among a build's entries; conditions add up. */
export interface EntrySearch {
  /** The source that owns them. */
  readonly source?: Source;
  readonly flag?: Flag;
  /** Text that they hold, as it stands but for capitals and small letters of any script; nothing in it is a wildcard. */
  readonly search?: string;
  /** Only entries with a greater id: the last one of the page before. */
  readonly after?: number;
  /** How many at most; all if not given. */
  readonly limit?: number;
}

/** Entries of a build that meet every condition, in the order of their ids. */
export function searchEntries(db: Database, build: number, options: EntrySearch = {}): Entry[] {
  const conditions = ["build = @build", "id > @after"];
  if (options.source !== undefined) conditions.push("source = @source");
  if (options.flag !== undefined) conditions.push("flags & @flag <> 0");
  if (options.search !== undefined && options.search !== "") {
    // SQLite knows the capitals of ASCII only.
    const wanted = foldForSearch(options.search);
    db.function("holds_wanted", { deterministic: false }, (text) =>
      foldForSearch(String(text)).includes(wanted) ? 1 : 0,
    );
    conditions.push("holds_wanted(text)");
  }
  return db
    .prepare<[object], EntryRow>(`SELECT * FROM entry WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT @limit`)
    .all({
      build,
      after: options.after ?? -1,
      limit: options.limit ?? -1,
      ...(options.source !== undefined && { source: sourceIndex(options.source) }),
      ...(options.flag !== undefined && { flag: flagBit(options.flag) }),
    })
    .map(toEntry);
}

/** What a search compares: capitals, small letters and the two ways to write a letter with marks are one. */
export function foldForSearch(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** How many entries of a build each source owns; sources without any have 0. */
export function countBySource(db: Database, build: number): Readonly<Record<Source, number>> {
  const counts = Object.fromEntries(SOURCES.map((source) => [source, 0])) as Record<Source, number>;
  const rows = db
    .prepare<[number], { source: number; entries: number }>(
      "SELECT source, count(*) AS entries FROM entry WHERE build = ? GROUP BY source",
    )
    .all(build);
  for (const { source, entries } of rows) counts[sourceAt(source)] = entries;
  return counts;
}

/** How many entries of a build carry each flag; an entry with two flags counts for both. */
export function countByFlag(db: Database, build: number): Readonly<Record<Flag, number>> {
  const flags = Object.keys(FLAGS) as Flag[];
  const counts = Object.fromEntries(flags.map((flag) => [flag, 0])) as Record<Flag, number>;
  const rows = db
    .prepare<[number], { flags: number; entries: number }>(
      "SELECT flags, count(*) AS entries FROM entry WHERE build = ? AND flags <> 0 GROUP BY flags",
    )
    .all(build);
  for (const row of rows) {
    for (const flag of flags) if ((row.flags & flagBit(flag)) !== 0) counts[flag] += row.entries;
  }
  return counts;
}

/** Why a text was kept out of a build, once for each source that would have brought it. */
export function setAsideOf(db: Database, build: number, text: string): SetAside[] {
  return db
    .prepare<[number, string], { text: string; source: number; reason: SetAside["reason"] }>(
      "SELECT text, source, reason FROM set_aside WHERE build = ? AND text = ? ORDER BY source, reason",
    )
    .all(build, text)
    .map((row) => ({ ...row, source: sourceAt(row.source) }));
}

/** How many candidates were kept out of a build, by reason; reasons that did not occur are absent. */
export function countSetAside(db: Database, build: number): Readonly<Partial<Record<SetAside["reason"], number>>> {
  const rows = db
    .prepare<[number], { reason: SetAside["reason"]; candidates: number }>(
      "SELECT reason, count(*) AS candidates FROM set_aside WHERE build = ? GROUP BY reason ORDER BY reason",
    )
    .all(build);
  return Object.fromEntries(rows.map(({ reason, candidates }) => [reason, candidates]));
}

/** The oldest and the newest build, of those still there, whose list holds a text; undefined if none does. */
export function firstAndLastBuild(
  db: Database,
  edition: EditionCode,
  profile: ProfileName,
  text: string,
): { readonly first: Build; readonly last: Build } | undefined {
  const row = db
    .prepare<[string, string, string], { first: number | null; last: number | null }>(
      `SELECT min(b.id) AS first, max(b.id) AS last FROM build b
       WHERE b.edition = ? AND b.profile = ?
         AND EXISTS (SELECT 1 FROM entry e WHERE e.build = b.id AND e.text = ?)`,
    )
    .get(edition, profile, text);
  const first = row?.first != null ? findBuild(db, row.first) : undefined;
  const last = row?.last != null ? findBuild(db, row.last) : undefined;
  return first && last && { first, last };
}

/** Which of the texts are entries of a build, e.g. to see how much of a word list it covers. */
export function hasEntries(db: Database, build: number, texts: Iterable<string>): ReadonlySet<string> {
  const find = db.prepare<[number, string], number>("SELECT 1 FROM entry WHERE build = ? AND text = ?").pluck();
  const found = new Set<string>();
  for (const text of texts) if (!found.has(text) && find.get(build, text) !== undefined) found.add(text);
  return found;
}
