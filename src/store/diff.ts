/** What changed from one build to another. */
import type { Entry } from "../entries/types.ts";
import type { Database } from "./database.ts";
import { type EntryRow, toEntry } from "./entry-row.ts";

/** Fields whose change is told. Ids and ranks are not among them: one new entry shifts all behind it. */
export const COMPARED_FIELDS = ["source", "count", "pairCount", "pmi", "npmi", "views", "flags"] as const;
export type ComparedField = (typeof COMPARED_FIELDS)[number];

/** An entry of both builds that is not the same in them. */
export interface ChangedEntry {
  readonly text: string;
  /** What differs, in the order of `COMPARED_FIELDS`. */
  readonly fields: readonly ComparedField[];
  readonly before: Entry;
  readonly after: Entry;
}

/** The difference of two lists; everything in the order of the ids (of the newer list where it is in both). */
export interface BuildDiff {
  readonly added: readonly Entry[];
  readonly removed: readonly Entry[];
  readonly changed: readonly ChangedEntry[];
}

const COMPARED_COLUMNS = ["source", "count", "pair_count", "pmi", "npmi", "views", "flags"];

const DIFFERS = COMPARED_COLUMNS.map((column) => `e.${column} IS NOT o.${column}`).join(" OR ");
/** Entries of both builds that differ. */
const PAIRS = `FROM entry e JOIN entry o ON o.build = @a AND o.text = e.text WHERE e.build = @b AND (${DIFFERS})`;

/** Compares build `b` with the older build `a`, entry by entry, by text. */
export function diffBuilds(db: Database, a: number, b: number): BuildDiff {
  const only = db.prepare<[number, number], EntryRow>(
    `SELECT e.* FROM entry e
     WHERE e.build = ? AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.build = ? AND o.text = e.text)
     ORDER BY e.id`,
  );
  const read = db.transaction(() => ({
    added: only.all(b, a).map(toEntry),
    removed: only.all(a, b).map(toEntry),
    after: db.prepare<[object], EntryRow>(`SELECT e.* ${PAIRS} ORDER BY e.id`).all({ a, b }).map(toEntry),
    before: db.prepare<[object], EntryRow>(`SELECT o.* ${PAIRS} ORDER BY e.id`).all({ a, b }).map(toEntry),
  }));
  const { added, removed, after, before } = read();
  return { added, removed, changed: after.map((now, index) => compareEntries(before[index]!, now)) };
}

function compareEntries(before: Entry, after: Entry): ChangedEntry {
  const fields = COMPARED_FIELDS.filter((field) =>
    field === "flags" ? after.flags.join() !== before.flags.join() : after[field] !== before[field],
  );
  return { text: after.text, fields, before, after };
}

/** What can have happened to an entry. */
export const CHANGES = ["added", "removed", "changed"] as const;
export type Change = (typeof CHANGES)[number];

/** An entry that differs: as it was, unless it was added, and as it is, unless it was removed. */
export interface DiffRow {
  readonly text: string;
  readonly fields: readonly ComparedField[];
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** Where the entries of a change are, with what they are in the other build: `e`, of the build whose ids they go by. */
const CHANGED_ROWS: Readonly<Record<Change, string>> = {
  added:
    "FROM entry e WHERE e.build = @b AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.build = @a AND o.text = e.text)",
  removed:
    "FROM entry e WHERE e.build = @a AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.build = @b AND o.text = e.text)",
  changed: PAIRS,
};

/** How many entries build `b` has added, removed and changed since build `a`. */
export function countDiff(db: Database, a: number, b: number): Readonly<Record<Change, number>> {
  const counts = CHANGES.map((change) => {
    const count = db.prepare<[object], number>(`SELECT count(*) ${CHANGED_ROWS[change]}`).pluck().get({ a, b });
    return [change, count ?? 0];
  });
  return Object.fromEntries(counts) as Record<Change, number>;
}

/**
 * One kind of change between builds `a` and `b`, a page in the order of ids: those behind the id `after`; `last` is the id of
 * its last entry if others follow.
 */
export function pageDiff(
  db: Database,
  {
    a,
    b,
    change,
    after,
    limit,
  }: {
    readonly a: number;
    readonly b: number;
    readonly change: Change;
    readonly after: number;
    readonly limit: number;
  },
): { readonly rows: readonly DiffRow[]; readonly last: number | undefined } {
  const read = db
    .prepare<[object], EntryRow>(`SELECT e.* ${CHANGED_ROWS[change]} AND e.id > @after ORDER BY e.id LIMIT @limit`)
    .all({ a, b, after, limit: limit + 1 })
    .map(toEntry);
  const page = read.slice(0, limit);
  const last = read.length > limit ? page.at(-1)?.id : undefined;
  if (change !== "changed") {
    const side = (entry: Entry) => (change === "added" ? { after: entry } : { before: entry });
    const rows = page.map((entry) => ({
      ...{ text: entry.text, fields: [], before: undefined, after: undefined },
      ...side(entry),
    }));
    return { rows, last };
  }
  const find = db.prepare<[number, string], EntryRow>("SELECT * FROM entry WHERE build = ? AND text = ?");
  return { rows: page.map((now) => compareEntries(toEntry(find.get(a, now.text)!), now)), last };
}
