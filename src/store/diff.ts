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

/** Compares build `b` with the older build `a`, entry by entry, by text. */
export function diffBuilds(db: Database, a: number, b: number): BuildDiff {
  const only = db.prepare<[number, number], EntryRow>(
    `SELECT e.* FROM entry e
     WHERE e.build = ? AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.build = ? AND o.text = e.text)
     ORDER BY e.id`,
  );
  const differs = COMPARED_COLUMNS.map((column) => `e.${column} IS NOT o.${column}`).join(" OR ");
  const pairs = `FROM entry e JOIN entry o ON o.build = @a AND o.text = e.text WHERE e.build = @b AND (${differs})`;
  const read = db.transaction(() => ({
    added: only.all(b, a).map(toEntry),
    removed: only.all(a, b).map(toEntry),
    after: db.prepare<[object], EntryRow>(`SELECT e.* ${pairs} ORDER BY e.id`).all({ a, b }).map(toEntry),
    before: db.prepare<[object], EntryRow>(`SELECT o.* ${pairs} ORDER BY e.id`).all({ a, b }).map(toEntry),
  }));
  const { added, removed, after, before } = read();
  const changed = after.map((now, index): ChangedEntry => {
    const then = before[index]!;
    const fields = COMPARED_FIELDS.filter((field) =>
      field === "flags" ? now.flags.join() !== then.flags.join() : now[field] !== then[field],
    );
    return { text: now.text, fields, before: then, after: now };
  });
  return { added, removed, changed };
}
