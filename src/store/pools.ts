/** Pools of captions and the files that were counted into them. */
import { UserError } from "../errors.ts";
import type { Problem } from "../problems.ts";
import type { Database } from "./database.ts";

/** What a pool does with pairs of image URL and text that have occurred in it before. */
export type Repeats = "dropped" | "kept";

/** Captions that are counted together. */
export interface Pool {
  readonly id: number;
  readonly name: string;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** How its files are read: names of fields, labelling scheme and whatever else JSON can hold. */
  readonly settings: unknown;
  /** As its settings say; pools of earlier versions, whose settings say nothing, keep them. */
  readonly repeats: Repeats;
  readonly files: number;
  /** Captions that were counted, of all of its files and groups. */
  readonly texts: number;
  /** Captions that were not, as repeats. */
  readonly repeated: number;
  readonly bytes: number;
}

/** A file as it was counted, without its counts. */
export interface CountedFile {
  /** As it was given. */
  readonly path: string;
  /** SHA-256 of the file as it lies there, in hexadecimal: a file is in a pool once, whatever it is called. */
  readonly sha256: string;
  readonly bytes: number;
  /** Captions that were counted, of all groups. */
  readonly texts: number;
  /** Anything that JSON can hold; `repeated` in it, where it is there, is the number of captions that were not, as repeats. */
  readonly figures: unknown;
  readonly problems: readonly Problem[];
}

/** A file of a pool. */
export interface PoolFile extends CountedFile {
  readonly id: number;
  /** Name of the pool. */
  readonly pool: string;
  /** When it was last counted: ISO 8601 in UTC. */
  readonly added: string;
}

/** A language label, and under which group its texts were counted. */
export interface LabelCount {
  readonly label: string;
  readonly group: string;
  /** False if the labelling scheme does not know the label. */
  readonly known: boolean;
  readonly texts: number;
}

interface PoolRow extends Omit<Pool, "settings"> {
  readonly settings: string;
}

const SELECT_POOL = `SELECT p.id, p.name, p.created, p.settings,
    ifnull(json_extract(p.settings, '$.repeats'), 'kept') AS repeats, count(f.id) AS files,
    ifnull(sum(f.texts), 0) AS texts, ifnull(sum(json_extract(f.figures, '$.repeated')), 0) AS repeated,
    ifnull(sum(f.bytes), 0) AS bytes
  FROM pool p LEFT JOIN pool_file f ON f.pool = p.id`;

function toPool(row: PoolRow): Pool {
  return { ...row, settings: JSON.parse(row.settings) as unknown };
}

/**
 * Makes a pool without files.
 *
 * @throws UserError if there is one of this name
 */
export function createPool(
  db: Database,
  { name, settings, created }: { readonly name: string; readonly settings: unknown; readonly created?: string },
): Pool {
  if (name === "") throw new UserError("a pool needs a name");
  const create = db.transaction((): Pool => {
    if (findPool(db, name) !== undefined) {
      throw new UserError(`there is a pool "${name}" already; remove it with: worldmeta pools ${name} --remove`);
    }
    db.prepare("INSERT INTO pool (name, created, settings) VALUES (?, ?, ?)").run(
      name,
      created ?? new Date().toISOString(),
      JSON.stringify(settings ?? null),
    );
    return findPool(db, name)!;
  });
  return create.immediate();
}

/** The pool of a name, or undefined. */
export function findPool(db: Database, name: string): Pool | undefined {
  const row = db.prepare<[string], PoolRow>(`${SELECT_POOL} WHERE p.name = ? GROUP BY p.id`).get(name);
  return row && toPool(row);
}

/** The pool of a name; throws a UserError that names those there are. */
export function requirePool(db: Database, name: string): Pool {
  const pool = findPool(db, name);
  if (pool !== undefined) return pool;
  const names = listPools(db).map((there) => there.name);
  const known = names.length === 0 ? "there are none yet" : `there are: ${names.join(", ")}`;
  throw new UserError(`no pool "${name}"; ${known}`);
}

/** All pools, by name. */
export function listPools(db: Database): Pool[] {
  return db.prepare<[], PoolRow>(`${SELECT_POOL} GROUP BY p.id ORDER BY p.name`).all().map(toPool);
}

/**
 * Removes a pool with its files, counts, samples, draws and the thresholds that it had a part in.
 *
 * @returns the pool as it was
 * @throws UserError if there is none of this name
 */
export function removePool(db: Database, name: string): Pool {
  const remove = db.transaction((): Pool => {
    const pool = requirePool(db, name);
    db.prepare("DELETE FROM threshold WHERE EXISTS (SELECT 1 FROM json_each(pools) WHERE value = ?)").run(name);
    // Before its files: row by row each of these would look for its samples and drawn captions.
    for (const table of ["sample", "drawn_caption"]) db.prepare(`DELETE FROM ${table} WHERE pool = ?`).run(pool.id);
    db.prepare("DELETE FROM pool WHERE id = ?").run(pool.id);
    return pool;
  });
  const pool = remove.immediate();
  db.pragma("incremental_vacuum");
  return pool;
}

interface FileRow extends Omit<PoolFile, "figures" | "problems"> {
  readonly figures: string;
  readonly problems: string;
}

const SELECT_FILE = `SELECT f.id, p.name AS pool, f.path, f.sha256, f.bytes, f.added, f.texts, f.figures, f.problems
  FROM pool_file f JOIN pool p ON p.id = f.pool`;

function toFile(row: FileRow): PoolFile {
  return { ...row, figures: JSON.parse(row.figures) as unknown, problems: JSON.parse(row.problems) as Problem[] };
}

/** The file of a pool that has this content, or undefined. */
export function findPoolFile(
  db: Database,
  { pool, sha256 }: { readonly pool: string; readonly sha256: string },
): PoolFile | undefined {
  const row = db
    .prepare<[string, string], FileRow>(`${SELECT_FILE} WHERE p.name = ? AND f.sha256 = ?`)
    .get(pool, sha256);
  return row && toFile(row);
}

/** The labels of a file's texts, and the ids of the lists that it has counts for. */
export function listsOfFile(
  db: Database,
  file: number,
): { readonly labels: readonly LabelCount[]; readonly lists: readonly number[] } {
  const labels = db
    .prepare<[number], Omit<LabelCount, "known"> & { readonly known: 0 | 1 }>(
      `SELECT label, lid_group AS "group", known, texts FROM pool_label WHERE file = ? ORDER BY texts DESC, label`,
    )
    .all(file)
    .map((label) => ({ ...label, known: label.known === 1 }));
  const lists = db.prepare<[number], number>("SELECT list FROM file_count WHERE file = ?").pluck().all(file);
  return { labels, lists };
}

/** The files of a pool in the order in which they came. */
export function listPoolFiles(db: Database, pool: string): PoolFile[] {
  return db.prepare<[string], FileRow>(`${SELECT_FILE} WHERE p.name = ? ORDER BY f.id`).all(pool).map(toFile);
}

/** Ids of pools, each once. Throws UserError as `requirePool`. */
export function poolIds(db: Database, names: readonly string[]): number[] {
  return [...new Set(names)].map((name) => requirePool(db, name).id);
}

/**
 * How many texts of some pools carry each label, and which group they were counted under: most texts first. A file that
 * several of the pools have counts once.
 *
 * @throws UserError if there is no such pool
 */
export function poolLabels(db: Database, pools: readonly string[]): LabelCount[] {
  return db
    .prepare<[string], Omit<LabelCount, "known"> & { known: 0 | 1 }>(
      `SELECT l.label, l.lid_group AS "group", l.known, sum(l.texts) AS texts
       FROM (SELECT f.id, row_number() OVER (PARTITION BY f.sha256 ORDER BY f.pool) AS place
             FROM json_each(?) p JOIN pool_file f ON f.pool = p.value) f
         JOIN pool_label l ON l.file = f.id
       WHERE f.place = 1
       GROUP BY l.label, l.lid_group, l.known
       ORDER BY texts DESC, l.label, l.lid_group, l.known DESC`,
    )
    .all(JSON.stringify(poolIds(db, pools)))
    .map((row) => ({ ...row, known: row.known === 1 }));
}
