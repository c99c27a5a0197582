/** The finished lists: publishing, finding and pruning them. */
import type { EditionCode } from "../../languages/define.ts";
import type { Entry, SetAside } from "../entries/types.ts";
import type { Problem } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import type { Database } from "./database.ts";
import { createIndexWriter, type IndexWriter } from "./entry-index-writer.ts";
import { ENTRY_COLUMNS, entryParameters, sourceIndex } from "./entry-row.ts";
import { insertRows } from "./insert-rows.ts";

export type InputKind = "dump" | "text" | "pageviews" | "wordnet" | "vocabulary";

/** A file that a build was made from. */
export interface BuildInput {
  readonly kind: InputKind;
  readonly path: string;
  readonly bytes?: number;
  /** SHA-256 of the file as it lies there, in hexadecimal. */
  readonly sha256?: string;
  readonly licence?: string;
  /** What the source calls itself. */
  readonly name?: string;
  readonly note?: string;
}

/** A list about to be published, without its entries. */
export interface NewBuild {
  readonly edition: EditionCode;
  readonly profile: ProfileName;
  /** Of inputs, settings and versions: the same fingerprint gives the same list. */
  readonly fingerprint: string;
  /** ISO 8601 in UTC. */
  readonly started: string;
  /** ISO 8601 in UTC. */
  readonly finished: string;
  /** Of worldmeta. */
  readonly version: string;
  /** Anything that JSON can hold. */
  readonly settings: unknown;
  /** Anything that JSON can hold. */
  readonly figures: unknown;
  readonly problems: readonly Problem[];
  /** In the order in which they were given. */
  readonly inputs: readonly BuildInput[];
}

/** A published list, without its entries. */
export interface Build extends NewBuild {
  readonly id: number;
  /** True if this is the list in use of its edition and profile. */
  readonly current: boolean;
}

/**
 * Writes a list with its index and makes it the current one of its edition and profile, in one transaction: readers see
 * the old list until it is whole, and if anything fails, nothing of it is left.
 *
 * @param entries in order of their ids, which count from 0
 * @returns the id of the build
 */
export function publish(db: Database, build: NewBuild, entries: Iterable<Entry>, setAside: Iterable<SetAside>): number {
  const write = db.transaction((): number => {
    db.prepare("UPDATE build SET current = 0 WHERE edition = ? AND profile = ? AND current = 1").run(
      build.edition,
      build.profile,
    );
    const id = Number(
      db
        .prepare(
          `INSERT INTO build (edition, profile, fingerprint, started, finished, version, settings, figures, problems, current)
           VALUES (@edition, @profile, @fingerprint, @started, @finished, @version, @settings, @figures, @problems, 1)`,
        )
        .run({
          edition: build.edition,
          profile: build.profile,
          fingerprint: build.fingerprint,
          started: build.started,
          finished: build.finished,
          version: build.version,
          settings: JSON.stringify(build.settings ?? null),
          figures: JSON.stringify(build.figures ?? null),
          problems: JSON.stringify(build.problems),
        }).lastInsertRowid,
    );
    const insertInput = db.prepare(
      `INSERT INTO build_input (build, position, kind, path, bytes, sha256, licence, name, note)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const [position, { kind, path, bytes, sha256, licence, name, note }] of build.inputs.entries()) {
      const known = [bytes, sha256, licence, name, note].map((value) => value ?? null);
      insertInput.run(id, position, kind, path, ...known);
    }
    const index = createIndexWriter(db, id);
    insertRows(db, {
      into: `INSERT INTO entry (${ENTRY_COLUMNS.join(", ")})`,
      columns: ENTRY_COLUMNS.length,
      rows: numbered(id, entries, index),
    });
    index.finish();
    insertRows(db, {
      into: "INSERT OR IGNORE INTO set_aside (build, text, source, reason)",
      columns: 4,
      rows: setAsideRows(id, setAside),
    });
    return id;
  });
  return write.immediate();
}

function* numbered(build: number, entries: Iterable<Entry>, index: IndexWriter): Generator<unknown[]> {
  let expected = 0;
  for (const entry of entries) {
    if (entry.id !== expected) throw new Error(`entry "${entry.text}" has id ${entry.id}; expected ${expected}`);
    expected += 1;
    index.add(entry);
    yield entryParameters(build, entry);
  }
}

function* setAsideRows(build: number, setAside: Iterable<SetAside>): Generator<unknown[]> {
  for (const { text, source, reason } of setAside) yield [build, text, sourceIndex(source), reason];
}

interface BuildRow {
  readonly id: number;
  readonly edition: string;
  readonly profile: ProfileName;
  readonly fingerprint: string;
  readonly started: string;
  readonly finished: string;
  readonly version: string;
  readonly settings: string;
  readonly figures: string;
  readonly problems: string;
  readonly current: 0 | 1;
}

function toBuild(db: Database, row: BuildRow): Build {
  const inputs = db
    .prepare<[number], { [Key in keyof BuildInput]-?: BuildInput[Key] | null }>(
      "SELECT kind, path, bytes, sha256, licence, name, note FROM build_input WHERE build = ? ORDER BY position",
    )
    .all(row.id)
    .map((input) => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as unknown);
  return {
    id: row.id,
    edition: row.edition as EditionCode,
    profile: row.profile,
    fingerprint: row.fingerprint,
    started: row.started,
    finished: row.finished,
    version: row.version,
    settings: JSON.parse(row.settings) as unknown,
    figures: JSON.parse(row.figures) as unknown,
    problems: JSON.parse(row.problems) as Problem[],
    inputs: inputs as BuildInput[],
    current: row.current === 1,
  };
}

/** The list in use of an edition and profile, or undefined. */
export function currentBuild(db: Database, edition: EditionCode, profile: ProfileName): Build | undefined {
  const row = db
    .prepare<[string, string], BuildRow>("SELECT * FROM build WHERE edition = ? AND profile = ? AND current = 1")
    .get(edition, profile);
  return row && toBuild(db, row);
}

/** Builds from the newest to the oldest: of all editions and profiles, or of those named. */
export function listBuilds(
  db: Database,
  filter: { readonly edition?: EditionCode; readonly profile?: ProfileName } = {},
): Build[] {
  return db
    .prepare<[{ edition: string | null; profile: string | null }], BuildRow>(
      `SELECT * FROM build
       WHERE (@edition IS NULL OR edition = @edition) AND (@profile IS NULL OR profile = @profile)
       ORDER BY id DESC`,
    )
    .all({ edition: filter.edition ?? null, profile: filter.profile ?? null })
    .map((row) => toBuild(db, row));
}

/** The build of an id, or undefined. */
export function findBuild(db: Database, id: number): Build | undefined {
  const row = db.prepare<[number], BuildRow>("SELECT * FROM build WHERE id = ?").get(id);
  return row && toBuild(db, row);
}

/**
 * The current list of an edition and profile if it has this fingerprint, so that nothing is to do; an older list of the
 * fingerprint does not count, since another one is in use.
 */
export function findFresh(
  db: Database,
  edition: EditionCode,
  profile: ProfileName,
  fingerprint: string,
): Build | undefined {
  const build = currentBuild(db, edition, profile);
  return build?.fingerprint === fingerprint ? build : undefined;
}

/** A build that stays although it is old, since pools have counts of a list that it belongs to. */
export interface CountedBuild {
  readonly build: Build;
  /** Names of the pools. */
  readonly pools: readonly string[];
}

/**
 * Removes all but the newest `keep` builds of each edition and profile, with the group lists made from them. The current
 * ones stay in any case, and so do builds whose group lists have counts: without them nobody could tell what was
 * counted. Frees the space in the file.
 *
 * @returns the builds removed and the old ones that stay for their counts, each from the newest to the oldest
 */
export function pruneBuilds(
  db: Database,
  keep: number,
): { readonly removed: readonly Build[]; readonly counted: readonly CountedBuild[] } {
  const prune = db.transaction(() => {
    const removed: Build[] = [];
    const counted: CountedBuild[] = [];
    const old = db
      .prepare<[number], BuildRow>(
        `SELECT b.* FROM build b
         JOIN (SELECT id, row_number() OVER (PARTITION BY edition, profile ORDER BY id DESC) AS age FROM build) a
           ON a.id = b.id
         WHERE a.age > ? AND b.current = 0
         ORDER BY b.id DESC`,
      )
      .all(keep);
    const poolsOf = db
      .prepare<[number], string>(
        `SELECT DISTINCT p.name FROM group_list_edition g JOIN file_count c ON c.list = g.list
           JOIN pool_file f ON f.id = c.file JOIN pool p ON p.id = f.pool
         WHERE g.build = ? ORDER BY p.name`,
      )
      .pluck();
    const removeLists = db.prepare(
      "DELETE FROM group_list WHERE id IN (SELECT list FROM group_list_edition WHERE build = ?)",
    );
    const remove = db.prepare("DELETE FROM build WHERE id = ?");
    for (const row of old) {
      const build = toBuild(db, row);
      const pools = poolsOf.all(build.id);
      if (pools.length > 0) counted.push({ build, pools });
      else {
        removeLists.run(build.id);
        remove.run(build.id);
        removed.push(build);
      }
    }
    return { removed, counted };
  });
  const result = prune.immediate();
  if (result.removed.length > 0) db.pragma("incremental_vacuum");
  return result;
}
