/**
 * Pools of captions and how often the entries of lists match them. Counts are kept apart for each file, so that a file
 * can be added and withdrawn; the pool's counts are their sum, kept in step in the same transaction.
 */
import { type Draw, type DrawnCaption, HASHES, mergeDraws } from "../balancing/draw.ts";
import { UserError } from "../errors.ts";
import { compareCodePoints } from "../order.ts";
import type { Problem } from "../problems.ts";
import type { Database } from "./database.ts";
import { findGroupList, type GroupList } from "./group-lists.ts";
import { packCounts, packIds, type SparseCounts, unpackCounts, unpackIds } from "./sparse-counts.ts";

/** Captions that are kept of an entry in a pool. */
export const SAMPLES = 3;

/** Captions that are drawn with their matches, of a list in a pool. */
export const DRAWN = 4096;

/** Captions that are counted together. */
export interface Pool {
  readonly id: number;
  readonly name: string;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** How its files are read: names of fields, labelling scheme and whatever else JSON can hold. */
  readonly settings: unknown;
  readonly files: number;
  /** Captions in all of its files, of all groups. */
  readonly texts: number;
  readonly bytes: number;
}

/** A file as it was counted, without its counts. */
export interface CountedFile {
  /** As it was given. */
  readonly path: string;
  /** SHA-256 of the file as it lies there, in hexadecimal: a file is in a pool once, whatever it is called. */
  readonly sha256: string;
  readonly bytes: number;
  /** Captions in it, of all groups. */
  readonly texts: number;
  /** Anything that JSON can hold. */
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

/** A caption that holds an entry. */
export interface Sample {
  readonly entry: number;
  /** From 0 to below 2^53; the captions with the smallest are kept. */
  readonly hash: number;
  /** The caption's own. */
  readonly id: string;
  readonly text: string;
}

/** What a file adds to the counts of a list. */
export interface ListCounts extends SparseCounts {
  readonly list: GroupList;
  /** Texts that met the list. */
  readonly texts: number;
  /** Those of them that hold an entry. */
  readonly matched: number;
  /** The sum of the counts. */
  readonly matches: number;
  readonly samples: readonly Sample[];
  /** Captions with a match, drawn from all of them; `NO_DRAW` where none were. */
  readonly drawn: Draw;
}

/** A file with its labels and counts. */
export interface FileCounts {
  /** Name of a pool that is there. */
  readonly pool: string;
  readonly file: CountedFile;
  readonly labels: readonly LabelCount[];
  readonly counts: readonly ListCounts[];
  /** ISO 8601 in UTC; now if not given. */
  readonly added?: string;
}

/** Rows of one INSERT: more gain nothing, and SQLite takes 32,766 parameters at most. */
const ROWS_PER_INSERT = 64;

interface PoolRow extends Omit<Pool, "settings"> {
  readonly settings: string;
}

const SELECT_POOL = `SELECT p.id, p.name, p.created, p.settings, count(f.id) AS files,
    ifnull(sum(f.texts), 0) AS texts, ifnull(sum(f.bytes), 0) AS bytes
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

/**
 * Adds a file to a pool, in one transaction. One that is there already, told by its SHA-256, takes the path, texts,
 * figures, problems and labels given, and its counts, samples and drawn captions are replaced for the lists given; those
 * for other lists stay, so that lists of two builds can be compared on one pool.
 *
 * @throws UserError if there is no such pool
 * @throws Error if counts contradict themselves or their list
 */
export function addFileCounts(db: Database, { pool: name, file, labels, counts, added }: FileCounts): PoolFile {
  // Outside of the transaction: others wait for its end.
  const packed = counts.map((one) => ({ ...one, value: packChecked(one) }));
  const write = db.transaction((): PoolFile => {
    const pool = requirePool(db, name);
    const id = recordFile(db, { pool: pool.id, file, added: added ?? new Date().toISOString() });
    db.prepare("DELETE FROM pool_label WHERE file = ?").run(id);
    const insertLabel = db.prepare(
      `INSERT INTO pool_label (file, label, lid_group, known, texts) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (file, label, lid_group) DO UPDATE SET texts = texts + excluded.texts`,
    );
    for (const { label, group, known, texts } of labels) insertLabel.run(id, label, group, known ? 1 : 0, texts);
    const insertCounts = db.prepare(
      "INSERT INTO file_count (file, list, texts, matched, matches, counts) VALUES (?, ?, ?, ?, ?, ?)",
    );
    for (const { list, texts, matched, matches, value, ids, counts, samples, drawn } of packed) {
      if (findGroupList(db, { id: list.id })?.name !== list.name) {
        throw new Error(`the database holds no list ${list.id} of the name ${list.name}`);
      }
      takeBack(db, { pool: pool.id, file: id, list: list.id });
      insertCounts.run(id, list.id, texts, matched, matches, value);
      changeCounts(db, { pool: pool.id, list: list.id, change: "+", ids, counts });
      keepSamples(db, { pool: pool.id, list: list.id, file: id, samples });
      keepDrawn(db, { pool: pool.id, list: list.id, file: id, drawn });
      markStale(db, { pool: name, list: list.id });
    }
    return findPoolFile(db, { pool: name, sha256: file.sha256 })!;
  });
  return write.immediate();
}

function packChecked({ list, ids, counts, texts, matched, matches, drawn }: ListCounts): Buffer {
  const value = packCounts({ ids, counts });
  const last = ids.at(-1);
  if (last !== undefined && last >= list.entries) throw new Error(`the list ${list.id} has no entry ${last}`);
  if (matched > texts) throw new Error(`${matched} of ${texts} texts are said to match`);
  let sum = 0;
  for (const count of counts) sum += count;
  if (sum !== matches) throw new Error(`counts that sum up to ${sum} are said to be ${matches} matches`);
  let times = 0;
  for (const caption of drawn.captions) times += caption.times;
  if (times > matched || (drawn.below === HASHES && times < matched)) {
    throw new Error(`${times} captions are drawn of ${matched} that match`);
  }
  return value;
}

/** The row of a file, made or brought up to date; returns its id. */
function recordFile(
  db: Database,
  { pool, file, added }: { readonly pool: number; readonly file: CountedFile; readonly added: string },
): number {
  const { path, sha256, bytes, texts } = file;
  return db
    .prepare<[object], number>(
      `INSERT INTO pool_file (pool, path, sha256, bytes, added, texts, figures, problems)
       VALUES (@pool, @path, @sha256, @bytes, @added, @texts, @figures, @problems)
       ON CONFLICT (pool, sha256) DO UPDATE SET (path, bytes, added, texts, figures, problems) =
         (excluded.path, excluded.bytes, excluded.added, excluded.texts, excluded.figures, excluded.problems)
       RETURNING id`,
    )
    .pluck()
    .get({
      ...{ pool, path, sha256, bytes, added, texts },
      figures: JSON.stringify(file.figures ?? null),
      problems: JSON.stringify(file.problems),
    })!;
}

interface FileOfList {
  readonly pool: number;
  readonly file: number;
  readonly list: number;
}

/** Undo what a file has added to a list; nothing if it has added nothing. */
function takeBack(db: Database, { pool, file, list }: FileOfList): void {
  const value = db
    .prepare<[number, number], Buffer>("SELECT counts FROM file_count WHERE file = ? AND list = ?")
    .pluck()
    .get(file, list);
  if (value === undefined) return;
  changeCounts(db, { pool, list, change: "-", ...unpackCounts(value) });
  db.prepare("DELETE FROM match_count WHERE pool = ? AND list = ? AND count = 0").run(pool, list);
  db.prepare("DELETE FROM sample WHERE file = ? AND list = ?").run(file, list);
  db.prepare("DELETE FROM drawn_caption WHERE file = ? AND list = ?").run(file, list);
  db.prepare("DELETE FROM file_count WHERE file = ? AND list = ?").run(file, list);
  // The bound of a draw stays as long as there are captions that it was drawn from: those it kept out do not come back.
  db.prepare(
    `DELETE FROM draw WHERE pool = @pool AND list = @list AND NOT EXISTS (
       SELECT 1 FROM pool_file f JOIN file_count c ON c.file = f.id WHERE f.pool = @pool AND c.list = @list)`,
  ).run({ pool, list });
}

/** Add counts to those of a pool, or take them away again. */
function changeCounts(
  db: Database,
  {
    pool,
    list,
    change,
    ids,
    counts,
  }: SparseCounts & { readonly pool: number; readonly list: number; readonly change: "+" | "-" },
): void {
  const insert = prepareRows(db, {
    into: "INSERT INTO match_count (pool, list, entry, count)",
    columns: 4,
    or: `ON CONFLICT (pool, list, entry) DO UPDATE SET count = count ${change} excluded.count`,
  });
  for (const [index, id] of ids.entries()) insert.add(pool, list, id, counts[index]!);
  insert.end();
}

type Value = number | string | Buffer;

/**
 * An INSERT of many rows, several at a time: each statement that can change rows half done makes SQLite write down how
 * to undo it, which takes longer than the rows.
 */
function prepareRows(
  db: Database,
  { into, columns, or }: { readonly into: string; readonly columns: number; readonly or: string },
): { readonly add: (...row: readonly Value[]) => void; readonly end: () => void } {
  const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
  const statement = (rows: number) =>
    db.prepare(`${into} VALUES ${Array.from({ length: rows }, () => row).join(", ")} ${or}`);
  const many = statement(ROWS_PER_INSERT);
  let pending: Value[] = [];
  return {
    add(...row) {
      pending.push(...row);
      if (pending.length < columns * ROWS_PER_INSERT) return;
      many.run(pending);
      pending = [];
    },
    end() {
      if (pending.length > 0) statement(pending.length / columns).run(pending);
      pending = [];
    },
  };
}

/** Keep of the captions there are and of those given the ones with the smallest hash, `SAMPLES` for each entry. */
function keepSamples(
  db: Database,
  { pool, list, file, samples }: FileOfList & { readonly samples: readonly Sample[] },
): void {
  const byEntry = new Map<number, Sample[]>();
  for (const sample of samples) {
    const kept = byEntry.get(sample.entry);
    if (kept === undefined) byEntry.set(sample.entry, [sample]);
    else addSmallest(kept, sample);
  }
  const find = db
    .prepare<[number, number, number], number>(
      "SELECT hash FROM sample WHERE pool = ? AND list = ? AND entry = ? ORDER BY hash",
    )
    .pluck();
  const insert = prepareRows(db, {
    into: "INSERT INTO sample (pool, list, entry, hash, caption_id, text, file)",
    columns: 7,
    // Of two captions of one hash the same is kept whichever comes first.
    or: `ON CONFLICT (pool, list, entry, hash) DO UPDATE
           SET (caption_id, text, file) = (excluded.caption_id, excluded.text, excluded.file)
           WHERE (excluded.caption_id, excluded.text) < (caption_id, text)`,
  });
  const remove = db.prepare("DELETE FROM sample WHERE pool = ? AND list = ? AND entry = ? AND hash > ?");
  const anyThere = db.prepare("SELECT 1 FROM sample WHERE pool = ? AND list = ? LIMIT 1").get(pool, list) !== undefined;
  for (const [entry, kept] of byEntry) {
    const there = anyThere ? find.all(pool, list, entry) : [];
    const hashes = [...new Set([...there, ...kept.map(({ hash }) => hash)])].sort((a, b) => a - b);
    const last = hashes[SAMPLES - 1] ?? Number.MAX_SAFE_INTEGER;
    for (const { hash, id, text } of kept) if (hash <= last) insert.add(pool, list, entry, hash, id, text, file);
    if (there.some((hash) => hash > last)) remove.run(pool, list, entry, last);
  }
  insert.end();
}

/** Put a caption among those of an entry, of which `SAMPLES` stay; one that is there already is not put twice. */
function addSmallest(kept: Sample[], sample: Sample): void {
  const same = kept.findIndex(({ hash }) => hash === sample.hash);
  if (same >= 0) {
    const other = kept[same]!;
    const order = compareCodePoints(sample.id, other.id) || compareCodePoints(sample.text, other.text);
    if (order < 0) kept[same] = sample;
    return;
  }
  kept.push(sample);
  kept.sort((a, b) => a.hash - b.hash);
  if (kept.length > SAMPLES) kept.pop();
}

/** Put a file's drawn captions to those of its pool; the least bound is that of all, and `DRAWN` hashes stay at most. */
function keepDrawn(db: Database, { pool, list, file, drawn }: FileOfList & { readonly drawn: Draw }): void {
  const cut = (bound: number): number => {
    db.prepare(
      `INSERT INTO draw (pool, list, below) VALUES (?, ?, ?)
       ON CONFLICT (pool, list) DO UPDATE SET below = min(below, excluded.below)`,
    ).run(pool, list, bound);
    const below = boundOf(db, { pool, list });
    db.prepare("DELETE FROM drawn_caption WHERE pool = ? AND list = ? AND hash >= ?").run(pool, list, below);
    return below;
  };
  const below = cut(drawn.below);
  const insert = prepareRows(db, {
    into: "INSERT INTO drawn_caption (pool, list, hash, file, times, ids)",
    columns: 6,
    or: "",
  });
  for (const { hash, times, ids } of drawn.captions) {
    if (hash < below) insert.add(pool, list, hash, file, times, packIds(ids.slice().sort()));
  }
  insert.end();
  const next = db
    .prepare<[number, number], number>(
      `SELECT DISTINCT hash FROM drawn_caption WHERE pool = ? AND list = ? ORDER BY hash LIMIT 1 OFFSET ${DRAWN}`,
    )
    .pluck()
    .get(pool, list);
  if (next !== undefined) cut(next);
}

/** Below which hash all captions of a list in a pool are drawn; of one that was not counted, there are none to draw. */
function boundOf(db: Database, { pool, list }: Omit<FileOfList, "file">): number {
  const bound = db.prepare<[number, number], number>("SELECT below FROM draw WHERE pool = ? AND list = ?").pluck();
  return bound.get(pool, list) ?? HASHES;
}

/** Say of thresholds that the counts they were chosen for have changed. */
function markStale(db: Database, { pool, list }: { readonly pool: string; readonly list: number }): void {
  db.prepare(
    "UPDATE threshold SET stale = 1 WHERE list = ? AND EXISTS (SELECT 1 FROM json_each(pools) WHERE value = ?)",
  ).run(list, pool);
}

/**
 * Takes a file out of a pool: its counts, for all lists, and its captions among the samples and the drawn ones. Captions
 * that it kept out of these do not come back, so that an entry may have fewer samples than there are captions for; those
 * that stay drawn are drawn at random still, only fewer.
 *
 * @returns the file as it was
 * @throws UserError if the pool has no such file
 */
export function withdrawFile(
  db: Database,
  { pool: name, sha256 }: { readonly pool: string; readonly sha256: string },
): PoolFile {
  const withdraw = db.transaction((): PoolFile => {
    const pool = requirePool(db, name);
    const file = findPoolFile(db, { pool: name, sha256 });
    if (file === undefined) throw new UserError(`the pool "${name}" has no file with the SHA-256 ${sha256}`);
    const lists = db.prepare<[number], number>("SELECT list FROM file_count WHERE file = ?").pluck().all(file.id);
    for (const list of lists) {
      takeBack(db, { pool: pool.id, file: file.id, list });
      markStale(db, { pool: name, list });
    }
    db.prepare("DELETE FROM pool_file WHERE id = ?").run(file.id);
    return file;
  });
  const file = withdraw.immediate();
  db.pragma("incremental_vacuum");
  return file;
}

/** Counts of a list in some pools. */
export interface PoolCounts {
  /** Of each entry, by id: texts that hold it. Exact below 2^53. */
  readonly counts: Float64Array;
  /** Texts that met the list. */
  readonly texts: number;
  /** Those of them that hold an entry. */
  readonly matched: number;
  /** The sum of `counts`. */
  readonly matches: number;
  /** Files that were counted for the list. */
  readonly files: number;
}

/**
 * Adds up the counts of a list in some pools. A file that several of the pools have, told by its SHA-256, counts once:
 * as the oldest of these pools has counted it.
 *
 * @throws UserError if there is no such pool
 */
export function readPoolCounts(
  db: Database,
  { pools, list }: { readonly pools: readonly string[]; readonly list: GroupList },
): PoolCounts {
  const read = db.transaction((): PoolCounts => {
    const ids = poolIds(db, pools);
    const counts = new Float64Array(list.entries);
    const sum = db
      .prepare<[number, number], [entry: number, count: number]>(
        "SELECT entry, count FROM match_count WHERE pool = ? AND list = ?",
      )
      .raw();
    for (const id of ids) {
      for (const [entry, count] of sum.iterate(id, list.id)) counts[entry] = counts[entry]! + count;
    }
    const total = { texts: 0, matched: 0, matches: 0, files: 0 };
    const files = db
      .prepare<[string, number], { id: number; texts: number; matched: number; matches: number; first: 0 | 1 }>(
        `SELECT c.id, c.texts, c.matched, c.matches,
                row_number() OVER (PARTITION BY f.sha256 ORDER BY f.pool) = 1 AS first
         FROM json_each(?) p JOIN pool_file f ON f.pool = p.value JOIN file_count c ON c.file = f.id AND c.list = ?`,
      )
      .all(JSON.stringify(ids), list.id);
    const value = db.prepare<[number], Buffer>("SELECT counts FROM file_count WHERE id = ?").pluck();
    for (const { id, texts, matched, matches, first } of files) {
      if (first === 1) {
        total.texts += texts;
        total.matched += matched;
        total.matches += matches;
        total.files += 1;
      } else {
        const twice = unpackCounts(value.get(id)!);
        for (const [index, entry] of twice.ids.entries()) counts[entry] = counts[entry]! - twice.counts[index]!;
      }
    }
    return { counts, ...total };
  });
  return read();
}

/** In how many texts of a pool an entry was found. */
export function readEntryCount(
  db: Database,
  { pools, list, entry }: { readonly pools: readonly string[]; readonly list: GroupList; readonly entry: number },
): number {
  return (
    db
      .prepare<[string, number, number], number>(
        "SELECT sum(count) FROM match_count WHERE pool IN (SELECT value FROM json_each(?)) AND list = ? AND entry = ?",
      )
      .pluck()
      .get(JSON.stringify(poolIds(db, pools)), list.id, entry) ?? 0
  );
}

/**
 * The captions drawn of a list in some pools. A file that several of them have counts once, as in `readPoolCounts`.
 *
 * @throws UserError if there is no such pool
 */
export function readDrawn(
  db: Database,
  { pools, list }: { readonly pools: readonly string[]; readonly list: Pick<GroupList, "id"> },
): Draw {
  const read = db.transaction((): Draw => {
    const ids = poolIds(db, pools);
    const first = new Set(
      db
        .prepare<[string, number], number>(
          `SELECT id FROM (
             SELECT f.id, row_number() OVER (PARTITION BY f.sha256 ORDER BY f.pool) AS place
             FROM json_each(?) p JOIN pool_file f ON f.pool = p.value JOIN file_count c ON c.file = f.id AND c.list = ?)
           WHERE place = 1`,
        )
        .pluck()
        .all(JSON.stringify(ids), list.id),
    );
    const rows = db.prepare<[number, number], Omit<DrawnCaption, "ids"> & { file: number; ids: Buffer }>(
      "SELECT hash, file, times, ids FROM drawn_caption WHERE pool = ? AND list = ?",
    );
    // Captions of one hash have a row for each file; the merge makes one of them.
    return mergeDraws(
      ids.map((pool): Draw => {
        const kept = rows.all(pool, list.id).filter(({ file }) => first.has(file));
        const captions = kept.map(({ hash, times, ids }) => ({ hash, times, ids: unpackIds(ids) }));
        return { below: boundOf(db, { pool, list: list.id }), captions };
      }),
    );
  });
  return read();
}

/** Ids of pools, each once. */
function poolIds(db: Database, names: readonly string[]): number[] {
  return [...new Set(names)].map((name) => requirePool(db, name).id);
}

/** A caption that is kept of an entry, with the place it comes from. */
export interface KeptSample extends Sample {
  /** Name of the pool. */
  readonly pool: string;
  /** Path of the file, as it was given. */
  readonly path: string;
}

/**
 * A few captions that hold an entry, by hash; of several pools the ones with the smallest.
 *
 * @throws UserError if there is no such pool
 */
export function readSamples(
  db: Database,
  { pools, list, entry }: { readonly pools: readonly string[]; readonly list: GroupList; readonly entry: number },
): KeptSample[] {
  const rows = db
    .prepare<[string, number, number], KeptSample>(
      `SELECT s.entry, s.hash, s.caption_id AS id, s.text, n.name AS pool, f.path
       FROM json_each(?) p CROSS JOIN sample s ON s.pool = p.value
         JOIN pool n ON n.id = s.pool JOIN pool_file f ON f.id = s.file
       WHERE s.list = ? AND s.entry = ?
       ORDER BY s.hash, s.caption_id, s.text, s.pool`,
    )
    .all(JSON.stringify(poolIds(db, pools)), list.id, entry);
  // A caption that several pools hold is shown once.
  const isNew = ({ hash, id, text }: Sample, index: number) => {
    const before = rows[index - 1];
    return before === undefined || before.hash !== hash || before.id !== id || before.text !== text;
  };
  return rows.filter(isNew).slice(0, SAMPLES);
}

/** A list that a pool has counts for, with their sums. */
export interface PoolList extends Omit<PoolCounts, "counts"> {
  readonly list: GroupList;
  /** True if no edition of the list's group was built since. */
  readonly current: boolean;
}

/** The lists that a pool has counts for: by group and profile, current ones first, then the newest. */
export function listsOfPool(db: Database, pool: string): PoolList[] {
  const { id } = requirePool(db, pool);
  return db
    .prepare<[number], { list: number; current: 0 | 1 } & Omit<PoolCounts, "counts">>(
      `SELECT c.list, l.current, c.texts, c.matched, c.matches, c.files
       FROM (SELECT list, sum(c.texts) AS texts, sum(matched) AS matched, sum(matches) AS matches, count(*) AS files
             FROM pool_file f JOIN file_count c ON c.file = f.id
             WHERE f.pool = ?
             GROUP BY list) c
         JOIN group_list_readable l ON l.id = c.list
       ORDER BY l.lid_group = 'other', l.lid_group, l.scheme, l.profile, l.current DESC, l.id DESC`,
    )
    .all(id)
    .map((row): PoolList => ({ ...row, list: findGroupList(db, { id: row.list })!, current: row.current === 1 }));
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

/** A threshold as it was chosen for the counts of a list in some pools. */
export interface NewThreshold {
  /** Names of the pools, in any order. */
  readonly pools: readonly string[];
  /** Id of the list. */
  readonly list: number;
  /** How t was chosen. */
  readonly policy: string;
  /** The tail's share of all counts that was asked for, if one was. */
  readonly requested: number | undefined;
  readonly t: number;
  /** The tail's share at t; undefined where there are no counts. */
  readonly achieved: number | undefined;
  /** Entries with a count of t or more, of less, and of none. */
  readonly head: number;
  readonly tail: number;
  readonly zero: number;
  /** Sum of the counts. */
  readonly total: number;
  /** ISO 8601 in UTC; now if not given. */
  readonly time?: string;
}

/** A threshold on record. */
export interface Threshold extends NewThreshold {
  /** By name. */
  readonly pools: readonly string[];
  readonly time: string;
  /** True if the counts have changed since. */
  readonly stale: boolean;
}

interface ThresholdRow {
  readonly pools: string;
  readonly list: number;
  readonly policy: string;
  readonly requested: number | null;
  readonly t: number;
  readonly achieved: number | null;
  readonly head: number;
  readonly tail: number;
  readonly zero: number;
  readonly total: number;
  readonly time: string;
  readonly stale: 0 | 1;
}

const THRESHOLD_COLUMNS = "pools, list, policy, requested, t, achieved, head, tail, zero, total, time, stale";

function toThreshold(row: ThresholdRow): Threshold {
  return {
    ...row,
    pools: JSON.parse(row.pools) as string[],
    requested: row.requested ?? undefined,
    achieved: row.achieved ?? undefined,
    stale: row.stale === 1,
  };
}

/** Pools as the table of thresholds names them. */
function poolKey(pools: readonly string[]): string {
  return JSON.stringify([...new Set(pools)].sort());
}

/**
 * Writes down the threshold of a list in some pools, in the place of the one before.
 *
 * @throws UserError if there is no such pool
 */
export function saveThreshold(db: Database, threshold: NewThreshold): Threshold {
  const save = db.transaction((): Threshold => {
    poolIds(db, threshold.pools);
    const { list, policy, requested, t, achieved, head, tail, zero, total, time } = threshold;
    const row = db
      .prepare<[object], ThresholdRow>(
        `INSERT INTO threshold (${THRESHOLD_COLUMNS})
         VALUES (@pools, @list, @policy, @requested, @t, @achieved, @head, @tail, @zero, @total, @time, 0)
         ON CONFLICT (pools, list) DO UPDATE SET (policy, requested, t, achieved, head, tail, zero, total, time, stale) =
           (excluded.policy, excluded.requested, excluded.t, excluded.achieved, excluded.head, excluded.tail,
            excluded.zero, excluded.total, excluded.time, 0)
         RETURNING ${THRESHOLD_COLUMNS}`,
      )
      .get({
        ...{ pools: poolKey(threshold.pools), list, policy, t, head, tail, zero, total },
        ...{ requested: requested ?? null, achieved: achieved ?? null, time: time ?? new Date().toISOString() },
      });
    return toThreshold(row!);
  });
  return save.immediate();
}

/** The threshold last chosen for a list in just these pools, or undefined. */
export function findThreshold(
  db: Database,
  { pools, list }: { readonly pools: readonly string[]; readonly list: Pick<GroupList, "id"> },
): Threshold | undefined {
  const row = db
    .prepare<[string, number], ThresholdRow>(`SELECT ${THRESHOLD_COLUMNS} FROM threshold WHERE pools = ? AND list = ?`)
    .get(poolKey(pools), list.id);
  return row && toThreshold(row);
}
