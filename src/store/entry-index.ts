/** The index that finds a build's entries: making it for builds that have none. */
import type { Database } from "./database.ts";
import { readEntries } from "./entries.ts";
import { LENGTHS } from "./entry-grams.ts";
import { createIndexWriter } from "./entry-index-writer.ts";

/** Makes the index of a build that has none, in one transaction; `partPlaces` is for tests. */
export function indexBuild(db: Database, build: number, options: { readonly partPlaces?: number } = {}): void {
  const write = db.transaction(() => {
    if (isIndexed(db, build)) return;
    const writer = createIndexWriter(db, build, options);
    for (const entry of readEntries(db, build)) writer.add(entry);
    writer.finish();
  });
  write.immediate();
}

/** True if a build has an index; one without entries needs none and has one. */
export function isIndexed(db: Database, build: number): boolean {
  const indexed = db
    .prepare<[number, string], 1>("SELECT 1 FROM entry_gram WHERE build = ? AND part = 0 AND gram = ?")
    .get(build, LENGTHS);
  return indexed !== undefined || !hasAny(db, build);
}

function hasAny(db: Database, build: number): boolean {
  return db.prepare<[number], 1>("SELECT 1 FROM entry WHERE build = ? LIMIT 1").get(build) !== undefined;
}

/** Ids of the builds that have no index, the current ones first. */
export function unindexedBuilds(db: Database): number[] {
  const builds = db.prepare<[], number>("SELECT id FROM build ORDER BY current DESC, id").pluck().all();
  return builds.filter((build) => !isIndexed(db, build));
}
