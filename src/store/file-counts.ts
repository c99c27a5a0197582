/**
 * What files add to the counts of a pool. Counts are kept apart for each file, so that a file can be added and withdrawn;
 * the pool's counts are their sum, kept in step in the same transaction.
 */
import { type Draw, HASHES } from "../balancing/draw.ts";
import { UserError } from "../errors.ts";
import { compareCodePoints } from "../order.ts";
import type { Database } from "./database.ts";
import { findGroupList, type GroupList } from "./group-lists.ts";
import { hasPairs, savePairs } from "./pool-pairs.ts";
import {
  type CountedFile,
  findPoolFile,
  type LabelCount,
  listPoolFiles,
  type Pool,
  type PoolFile,
  requirePool,
} from "./pools.ts";
import { packCounts, packIds, type SparseCounts, unpackCounts } from "./sparse-counts.ts";

/** Captions that are kept of an entry in a pool. */
export const SAMPLES = 3;

/** Captions that are drawn with their matches, of a list in a pool. */
export const DRAWN = 4096;

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
  /** True if a file that is there has been read in another way: all that it has added before goes, for every list. */
  readonly reread?: boolean;
  /** In a pool that drops repeats: hashes of the pairs that the file brings first, ascending, in chunks of whole hashes. */
  readonly pairs?: Iterable<Uint8Array>;
  /** ISO 8601 in UTC; now if not given. */
  readonly added?: string;
}

/** Rows of one INSERT: more gain nothing, and SQLite takes 32,766 parameters at most. */
const ROWS_PER_INSERT = 64;

/**
 * Adds a file to a pool, in one transaction. One that is there already, told by its SHA-256, takes the path, texts,
 * figures, problems and labels given, and its counts, samples and drawn captions are replaced for the lists given; those
 * for other lists stay, so that lists of two builds can be compared on one pool, unless the file was `reread`.
 *
 * @throws UserError if there is no such pool, or if a list has been removed
 * @throws Error if counts contradict themselves or their list
 */
export function addFileCounts(
  db: Database,
  { pool: name, file, labels, counts, reread = false, pairs, added }: FileCounts,
): PoolFile {
  // Outside of the transaction: others wait for its end.
  const packed = counts.map((one) => ({ ...one, value: packChecked(one) }));
  const write = db.transaction((): PoolFile => {
    const pool = requirePool(db, name);
    const id = recordFile(db, { pool: pool.id, file, added: added ?? new Date().toISOString() });
    db.prepare("DELETE FROM pool_label WHERE file = ?").run(id);
    if (reread) takeAllBack(db, { pool, file: id });
    if (pairs !== undefined) savePairs(db, id, pairs);
    const counted = findPoolFile(db, { pool: name, sha256: file.sha256 })!;
    if (reread) requireLast(db, pool, counted);
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
        throw new UserError(
          `the list of ${list.group} that the captions met is no longer in the database; count the files again`,
        );
      }
      takeBack(db, { pool: pool.id, file: id, list: list.id });
      insertCounts.run(id, list.id, texts, matched, matches, value);
      changeCounts(db, { pool: pool.id, list: list.id, change: "+", ids, counts });
      keepSamples(db, { pool: pool.id, list: list.id, file: id, samples });
      keepDrawn(db, { pool: pool.id, list: list.id, file: id, drawn });
      markStale(db, { pool: name, list: list.id });
    }
    return counted;
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

/** Undo what a file has added to all lists. */
function takeAllBack(
  db: Database,
  { pool, file }: { readonly pool: Pick<Pool, "id" | "name">; readonly file: number },
): void {
  const lists = db.prepare<[number], number>("SELECT list FROM file_count WHERE file = ?").pluck().all(file);
  for (const list of lists) {
    takeBack(db, { pool: pool.id, file, list });
    markStale(db, { pool: pool.name, list });
  }
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
  const isSorted = samples.every(({ entry }, at) => at === 0 || entry >= samples[at - 1]!.entry);
  const sorted = isSorted ? samples : samples.toSorted((a, b) => a.entry - b.entry);
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
  for (let at = 0; at < sorted.length; ) {
    const { entry } = sorted[at]!;
    const kept: Sample[] = [];
    for (; sorted[at]?.entry === entry; at++) addSmallest(kept, sorted[at]!);
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
export function boundOf(db: Database, { pool, list }: Omit<FileOfList, "file">): number {
  const bound = db.prepare<[number, number], number>("SELECT below FROM draw WHERE pool = ? AND list = ?").pluck();
  return bound.get(pool, list) ?? HASHES;
}

/** Say of thresholds that the counts they were chosen for, by themselves or as an anchor's, have changed. */
function markStale(db: Database, { pool, list }: { readonly pool: string; readonly list: number }): void {
  db.prepare(
    `UPDATE threshold SET stale = 1
     WHERE (list = @list OR instr(policy, 'anchor ' || (SELECT lid_group FROM group_list WHERE id = @list)))
       AND EXISTS (SELECT 1 FROM json_each(pools) WHERE value = @pool)`,
  ).run({ list, pool });
}

/**
 * Takes a file out of a pool: its counts, for all lists, and its captions among the samples and the drawn ones. Captions
 * that it kept out of these do not come back, so that an entry may have fewer samples than there are captions for; those
 * that stay drawn are drawn at random still, only fewer.
 *
 * @returns the file as it was
 * @throws UserError if the pool has no such file, or drops repeats and has later files, which have dropped what this one has
 */
export function withdrawFile(
  db: Database,
  { pool: name, sha256 }: { readonly pool: string; readonly sha256: string },
): PoolFile {
  const withdraw = db.transaction((): PoolFile => {
    const pool = requirePool(db, name);
    const file = findPoolFile(db, { pool: name, sha256 });
    if (file === undefined) throw new UserError(`the pool "${name}" has no file with the SHA-256 ${sha256}`);
    requireLast(db, pool, file);
    takeAllBack(db, { pool, file: file.id });
    db.prepare("DELETE FROM pool_file WHERE id = ?").run(file.id);
    return file;
  });
  const file = withdraw.immediate();
  db.pragma("incremental_vacuum");
  return file;
}

/**
 * Refuse to change what a file has brought to a pool that drops repeats, if later files may have dropped theirs for its sake.
 *
 * @throws UserError that says what can be done
 */
export function requireLast(db: Database, { name, repeats }: Pick<Pool, "name" | "repeats">, file: PoolFile): void {
  if (repeats === "kept" || !hasPairs(db, file.id)) return;
  const last = listPoolFiles(db, name).at(-1);
  if (last === undefined || last.id === file.id) return;
  throw new UserError(
    `the pool "${name}" drops repeats, and files that came after ${file.path} have dropped what it has already; only the last, ` +
      `${last.path}, can be withdrawn or read in another way: count the files that are to stay into a new pool, with --keep-repeats if any ` +
      "of them is to be withdrawn later",
  );
}
