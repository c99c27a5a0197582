/** The counts of lists in pools, and captions drawn from them. */
import { type Draw, type DrawnCaption, mergeDraws } from "../balancing/draw.ts";
import type { Database } from "./database.ts";
import { boundOf, SAMPLES, type Sample } from "./file-counts.ts";
import { findGroupList, type GroupList } from "./group-lists.ts";
import { poolIds, requirePool } from "./pools.ts";
import { unpackCounts, unpackIds } from "./sparse-counts.ts";

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

/** In how many texts of a pool an entry was found; throws a UserError if there is no such pool. */
export function readEntryCount(
  db: Database,
  { pool, list, entry }: { readonly pool: string; readonly list: GroupList; readonly entry: number },
): number {
  const { id } = requirePool(db, pool);
  const count = db
    .prepare<[number, number, number], number>(
      "SELECT count FROM match_count WHERE pool = ? AND list = ? AND entry = ?",
    )
    .pluck();
  return count.get(id, list.id, entry) ?? 0;
}

/** An entry of a list with its count in a pool. */
export interface EntryCount {
  readonly id: number;
  readonly text: string;
  readonly count: number;
}

/** Which counts are wanted, and how many of them. */
export interface CountQuery {
  readonly pool: string;
  readonly list: GroupList;
  /** `count`: most texts first, ties by id. */
  readonly sort: "count" | "id";
  /** Least and most texts, inclusive; a most of 0 stands for the entries that no text holds, which come by id. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Id of the last entry of the page before, in whatever order. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/**
 * A page of the entries of a list that texts of a pool hold, or if `max` is 0 of those that none holds.
 *
 * @throws UserError if there is no such pool
 */
export function pageCounts(db: Database, query: CountQuery): EntryCount[] {
  const { pool, list, sort, min = 1, max, after, limit } = query;
  const { id } = requirePool(db, pool);
  const entryOf = textOfEntry(db, list);
  const own = { pool: id, list: list.id, limit };
  if (max === 0) {
    const zero = db
      .prepare<[object], number>(
        `WITH RECURSIVE place (id) AS (SELECT @first WHERE @first < @entries UNION ALL SELECT id + 1 FROM place WHERE id + 1 < @entries)
         SELECT id FROM place
         WHERE NOT EXISTS (SELECT 1 FROM match_count WHERE pool = @pool AND list = @list AND entry = place.id AND count > 0)
         LIMIT @limit`,
      )
      .pluck();
    const ids =
      min > 0 && query.min !== undefined ? [] : zero.all({ ...own, first: (after ?? -1) + 1, entries: list.entries });
    return ids.map((entry) => ({ id: entry, text: entryOf(entry), count: 0 }));
  }
  const bounds = { ...own, min, max: max ?? Number.MAX_SAFE_INTEGER, after: after ?? -1 };
  const from =
    "SELECT entry AS id, count FROM match_count WHERE pool = @pool AND list = @list AND count BETWEEN @min AND @max";
  const last = after === undefined ? undefined : readEntryCount(db, { pool, list, entry: after });
  const behind = last === undefined ? "" : "AND (count < @last OR (count = @last AND entry > @after))";
  const sql =
    sort === "id"
      ? `${from} AND entry > @after ORDER BY entry LIMIT @limit`
      : `${from} ${behind} ORDER BY count DESC, entry LIMIT @limit`;
  return db
    .prepare<[object], { id: number; count: number }>(sql)
    .all({ ...bounds, ...(last !== undefined && { last }) })
    .map(({ id, count }) => ({ id, text: entryOf(id), count }));
}

/** A function that gives the text of an entry of a list. */
function textOfEntry(db: Database, { id: list, builds }: GroupList): (entry: number) => string {
  const [only, ...more] = builds;
  if (only !== undefined && more.length === 0) {
    const text = db.prepare<[number, number], string>("SELECT text FROM entry WHERE build = ? AND id = ?").pluck();
    return (entry) => text.get(only, entry)!;
  }
  const text = db
    .prepare<[number, number], string>(
      `SELECT e.text FROM group_entry g JOIN entry e ON e.build = g.build AND e.id = g.entry WHERE g.list = ? AND g.id = ?`,
    )
    .pluck();
  return (entry) => text.get(list, entry)!;
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
