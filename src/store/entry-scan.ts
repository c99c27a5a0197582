/** Finding entries without an index: every entry is looked at. What the index answers is tested against this. */
import { COMPOSITE_SCRIPTS, scriptsOf } from "../entries/scripts.ts";
import { foldForSearch } from "../entries/search-text.ts";
import type { Entry } from "../entries/types.ts";
import type { Database } from "./database.ts";
import { readEntries } from "./entries.ts";
import {
  EMPTY_PAGE,
  type EntryPage,
  type EntryQuery,
  MARKS,
  SCORES,
  type ScriptCount,
  totalOf,
} from "./entry-query.ts";

/** The page of a query, from all entries of the build. */
export function scanEntries(db: Database, build: number, query: EntryQuery): EntryPage {
  const { sort = "id", ascending = false, after, limit } = query;
  const meets = createTest(query);
  const found: Entry[] = [];
  let last: Entry | undefined;
  for (const entry of readEntries(db, build)) {
    if (sort !== "id" && entry[sort] === undefined) continue;
    if (entry.id === after) last = entry;
    if (meets(entry)) found.push(entry);
  }
  const compare = (a: Pick<Entry, "id">, b: Pick<Entry, "id">): number => a.id - b.id;
  if (sort === "id") {
    return cut(found, after === undefined ? 0 : found.filter(({ id }) => id <= after).length, limit);
  }
  const byScore = (a: Entry, b: Entry): number =>
    (ascending ? a[sort]! - b[sort]! : b[sort]! - a[sort]!) || compare(a, b);
  found.sort(byScore);
  if (after === undefined) return cut(found, 0, limit);
  // What is not in the list has no place in it, so that nothing follows.
  if (last === undefined) return { ...EMPTY_PAGE, ...totalOf(found.length) };
  return cut(found, found.filter((entry) => byScore(entry, last) <= 0).length, limit);
}

function cut(found: readonly Entry[], from: number, limit: number): EntryPage {
  const entries = found.slice(from, from + limit);
  return { entries, ...totalOf(found.length), next: from + limit < found.length ? entries.at(-1)?.id : undefined };
}

function createTest(query: EntryQuery): (entry: Entry) => boolean {
  const { text = "", match = "substring", source, script, flag, min = {}, max = {} } = query;
  if (MARKS.test(text)) return () => false;
  const wanted = foldForSearch(text);
  const scripts = script === undefined ? undefined : (COMPOSITE_SCRIPTS[script] ?? [script]);
  return (entry) => {
    if (source !== undefined && entry.source !== source) return false;
    if (flag !== undefined && !entry.flags.includes(flag)) return false;
    if (scripts !== undefined && !scriptsOf(entry.text).some((own) => scripts.includes(own))) return false;
    for (const score of SCORES) {
      const value = entry[score];
      if (min[score] !== undefined && !(value !== undefined && value >= min[score])) return false;
      if (max[score] !== undefined && !(value !== undefined && value <= max[score])) return false;
    }
    if (wanted === "") return true;
    const own = foldForSearch(entry.text);
    if (match === "exact") return own === wanted;
    return match === "prefix" ? own.startsWith(wanted) : own.includes(wanted);
  };
}

/** How many entries of a build hold letters of each script, the most frequent first. */
export function scanScripts(db: Database, build: number): ScriptCount[] {
  const counts = new Map<string, number>();
  for (const { text } of readEntries(db, build)) {
    for (const script of scriptsOf(text)) counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  return sortScripts(counts);
}

/** The counts of scripts as a list, the most frequent first. */
export function sortScripts(counts: ReadonlyMap<string, number>): ScriptCount[] {
  return [...counts]
    .map(([script, entries]) => ({ script, entries }))
    .sort((a, b) => b.entries - a.entries || (a.script < b.script ? -1 : 1));
}
