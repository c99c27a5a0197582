/** Finding entries of a build by its index, or without one by looking at all. */
import { COMPOSITE_SCRIPTS } from "../entries/scripts.ts";
import { foldForSearch } from "../entries/search-text.ts";
import { FLAGS, type Flag } from "../entries/types.ts";
import { createArrayCache } from "./array-cache.ts";
import type { Database } from "./database.ts";
import { countByFlag } from "./entries.ts";
import {
  BEGIN,
  END,
  entryAfter,
  flagGram,
  keepPlaces,
  LENGTHS,
  markRuns,
  readAscending,
  readBeginnings,
  readFirst,
  readOrder,
  SCRIPT_GRAM,
  scoreGram,
  scriptGram,
  sourceGram,
  toIndexed,
} from "./entry-grams.ts";
import { isIndexed } from "./entry-index.ts";
import {
  EMPTY_PAGE,
  type EntryPage,
  type EntryQuery,
  MARKS,
  SCORES,
  type Score,
  type ScriptCount,
  TOTAL_LIMIT,
  totalOf,
} from "./entry-query.ts";
import { readEntry, SELECT_COLUMNS } from "./entry-row.ts";
import { scanEntries, scanScripts, sortScripts } from "./entry-scan.ts";

/** Finds entries of builds; one for a database, which it keeps statements and arrays for. */
export interface EntryFinder {
  /** A page of the entries of a build that meet a query; empty if there is no such build, as after it was pruned. */
  find(build: number, query: EntryQuery): EntryPage;
  /** How many entries of a build hold letters of each script, the most frequent first. */
  scripts(build: number): ScriptCount[];
  /** How many entries of a build carry each flag. */
  flags(build: number): Readonly<Record<Flag, number>>;
}

const CACHE_BYTES = 64e6;
/** How many lengths of rows are kept. */
const MOST_LENGTHS = 20_000;

/** Up to so many hits are sorted by their scores; of more those are taken, in the order of a score, that are hits. */
const FEW_HITS = 2000;

/** Reading the text of one entry takes as long as reading so many bytes of places: few texts are rather looked at. */
const BYTES_A_TEXT = 1000;

const SCORE_COLUMNS: Readonly<Record<Score, string>> = {
  count: "count",
  pairCount: "pair_count",
  pmi: "pmi",
  npmi: "npmi",
  views: "views",
};

/** A part of a build's list. */
interface Part {
  readonly build: number;
  readonly number: number;
  /** Id of its first entry. */
  readonly first: number;
  readonly entries: number;
}

/** Entries of a part, ascending and counted from its first; undefined for all of them. */
type Hits = Uint32Array | undefined;

const NONE = new Uint32Array(0);

/** How a finder works. */
export interface FinderOptions {
  /** Most bytes of orders by score and of places that it keeps. */
  readonly cacheBytes?: number;
  /** Up to how many hits are sorted one by one; for tests. */
  readonly fewHits?: number;
  /** Bytes of places that are rather read than the text of an entry; for tests. */
  readonly bytesAText?: number;
}

/** A row of `SELECT_COLUMNS`. */
type EntryValues = (number | string | null)[];

/** A finder for a database. */
export function createEntryFinder(
  db: Database,
  { cacheBytes = CACHE_BYTES, fewHits = FEW_HITS, bytesAText = BYTES_A_TEXT }: FinderOptions = {},
): EntryFinder {
  const index = createIndexReader(db, { cacheBytes, bytesAText });
  const known = db.prepare<[number], 1>("SELECT 1 FROM build WHERE id = ?");
  // Rows one by one would cost a call each.
  const some = db
    .prepare<[string, number], EntryValues>(
      `SELECT ${SELECT_COLUMNS} FROM json_each(?) i CROSS JOIN entry e ON e.build = ? AND e.id = i.value ORDER BY i.key`,
    )
    .raw();
  const range = db
    .prepare<[number, number, number], EntryValues>(
      `SELECT ${SELECT_COLUMNS} FROM entry e WHERE build = ? AND id BETWEEN ? AND ? ORDER BY id`,
    )
    .raw();
  const scores = prepareScores(db);

  const toPage = (build: number, ids: readonly number[], { limit }: EntryQuery, hits: number): EntryPage => {
    const shown = ids.slice(0, limit);
    const [first = 0, last = -1] = [shown[0], shown.at(-1)];
    const rows =
      last - first + 1 === shown.length && isAscending(shown)
        ? range.all(build, first, last)
        : some.all(JSON.stringify(shown), build);
    return { entries: rows.map(readEntry), ...totalOf(hits), next: ids.length > limit ? shown.at(-1) : undefined };
  };

  const findById = (build: number, query: EntryQuery): EntryPage => {
    const { after = -1, limit } = query;
    const test = createPartTest(index, query, scores);
    const first = createFirstFinder(index, query);
    const ids: number[] = [];
    let total = 0;
    for (const part of index.parts(build)) {
      const isShown = ids.length <= limit && part.first + part.entries - 1 > after;
      if (!isShown && total > TOTAL_LIMIT) {
        if (ids.length > limit) break;
        continue;
      }
      const few = first?.(part, { above: after - part.first, most: isShown ? limit + 1 - ids.length : 0 });
      if (few !== undefined) {
        total += few.total;
        for (const entry of few.entries) ids.push(part.first + entry);
        continue;
      }
      const hits = test(part);
      const length = hits?.length ?? part.entries;
      total += length;
      if (!isShown) continue;
      const from = hits === undefined ? Math.max(0, after + 1 - part.first) : firstAbove(hits, after - part.first);
      for (let at = from; at < length && ids.length <= limit; at++) ids.push(part.first + (hits?.[at] ?? at));
    }
    return toPage(build, ids, query, total);
  };

  const findByScore = (build: number, query: EntryQuery, sort: Score): EntryPage => {
    const { ascending = false, after } = query;
    const test = createPartTest(index, query, scores);
    const scoreOf = (id: number): number | undefined => scores[sort](build, id) ?? undefined;
    const found: { readonly part: Part; readonly hits: Hits }[] = [];
    let total = 0;
    for (const part of index.parts(build)) {
      const hits = test(part);
      const length = hits?.length ?? part.entries;
      if (length > 0) found.push({ part, hits });
      total += length;
    }
    let last: Scored | undefined;
    let isPast = false;
    if (after !== undefined) {
      const value = scoreOf(after);
      if (value === undefined) isPast = true;
      else last = { id: after, value };
    }
    const compare = (a: Scored, b: Scored): number =>
      (ascending ? a.value - b.value : b.value - a.value) || a.id - b.id;
    const ids: number[] = [];
    if (total <= fewHits) {
      const scored: Scored[] = [];
      for (const { part, hits } of found) {
        for (let at = 0; at < (hits?.length ?? part.entries); at++) {
          const id = part.first + (hits?.[at] ?? at);
          const value = scoreOf(id);
          if (value !== undefined) scored.push({ id, value });
        }
      }
      scored.sort(compare);
      const from = isPast
        ? scored.length
        : last === undefined
          ? 0
          : scored.filter((hit) => compare(hit, last) <= 0).length;
      for (let at = from; at < scored.length && ids.length <= query.limit; at++) ids.push(scored[at]!.id);
      return toPage(build, ids, query, scored.length);
    }
    const lists = found.flatMap(({ part, hits }) => {
      const order = index.order(part, sort);
      if (order.length === 0) return [];
      return [{ part, order, isHit: hits === undefined ? undefined : toMarks(hits, part.entries) }];
    });
    let inOrder = 0;
    for (const { order, isHit } of lists) {
      if (inOrder > TOTAL_LIMIT) break;
      if (isHit === undefined) inOrder += order.length;
      else for (const id of order) inOrder += isHit[id]!;
    }
    if (!isPast) {
      const walk = ascending ? walkUp : walkDown;
      const heads = lists.map((list) => walk({ ...list, scoreOf, last }));
      const next = heads.map((head) => head.next().value);
      while (ids.length <= query.limit) {
        let best = -1;
        for (const [at, hit] of next.entries()) {
          if (hit !== undefined && (best < 0 || compare(hit, next[best]!) < 0)) best = at;
        }
        if (best < 0) break;
        ids.push(next[best]!.id);
        next[best] = heads[best]!.next().value;
      }
    }
    return toPage(build, ids, query, inOrder);
  };

  const find = (build: number, query: EntryQuery): EntryPage => {
    if (known.get(build) === undefined) return EMPTY_PAGE;
    if (!isIndexed(db, build)) return scanEntries(db, build, query);
    const { sort = "id" } = query;
    return sort === "id" ? findById(build, query) : findByScore(build, query, sort);
  };
  const scripts = (build: number): ScriptCount[] => {
    if (!isIndexed(db, build)) return scanScripts(db, build);
    const counts = new Map<string, number>();
    for (const part of index.parts(build)) {
      for (const { script, entries } of index.scripts(part)) counts.set(script, (counts.get(script) ?? 0) + entries);
    }
    return sortScripts(counts);
  };
  const flags = (build: number): Readonly<Record<Flag, number>> => {
    if (!isIndexed(db, build)) return countByFlag(db, build);
    const parts = [...index.parts(build)];
    const counts = (Object.keys(FLAGS) as Flag[]).map((flag) => [
      flag,
      parts.reduce((sum, part) => sum + index.entries(part, flagGram(flag)), 0),
    ]);
    return Object.fromEntries(counts) as Record<Flag, number>;
  };
  // In a transaction, so that a build that is pruned meanwhile is seen whole or not at all.
  return { find: db.transaction(find), scripts: db.transaction(scripts), flags: db.transaction(flags) };
}

/** The score of an entry; null if it has none. */
type ScoreReader = (build: number, id: number) => number | null | undefined;

function prepareScores(db: Database): Readonly<Record<Score, ScoreReader>> {
  const read = (score: Score): ScoreReader => {
    const sql = `SELECT ${SCORE_COLUMNS[score]} FROM entry WHERE build = ? AND id = ?`;
    const statement = db.prepare<[number, number], number | null>(sql).pluck();
    return (build, id) => statement.get(build, id);
  };
  return {
    count: read("count"),
    pairCount: read("pairCount"),
    pmi: read("pmi"),
    npmi: read("npmi"),
    views: read("views"),
  };
}

function isAscending(ids: readonly number[]): boolean {
  return ids.every((id, at) => at === 0 || id > ids[at - 1]!);
}

/** Reads an index: rows as arrays, of which those that queries share are kept. */
function createIndexReader(
  db: Database,
  { cacheBytes, bytesAText }: Required<Pick<FinderOptions, "cacheBytes" | "bytesAText">>,
) {
  const cache = createArrayCache(cacheBytes);
  const entries = db
    .prepare<[number, number, string], number>(
      "SELECT entries FROM entry_gram WHERE build = ? AND part = ? AND gram = ?",
    )
    .pluck();
  const bytes = db
    .prepare<[number, number, string], number>(
      "SELECT length(places) FROM entry_gram WHERE build = ? AND part = ? AND gram = ?",
    )
    .pluck();
  const texts = db
    .prepare<[string, number], string>(
      "SELECT e.text FROM json_each(?) i CROSS JOIN entry e ON e.build = ? AND e.id = i.value ORDER BY i.key",
    )
    .pluck();
  const places = db
    .prepare<[number, number, string], Buffer>(
      "SELECT places FROM entry_gram WHERE build = ? AND part = ? AND gram = ?",
    )
    .pluck();
  // Most queries ask for the same pairs of letters.
  const lengths = new Map<string, number>();
  const named = db.prepare<[number, number, string, string], { gram: string; entries: number }>(
    "SELECT gram, entries FROM entry_gram WHERE build = ? AND part = ? AND gram > ? AND gram < ?",
  );
  return {
    bytesAText,
    *parts(build: number): Generator<Part> {
      for (let number = 0, first = 0; ; number++) {
        const length = entries.get(build, number, LENGTHS);
        if (length === undefined) return;
        yield { build, number, first, entries: length };
        first += length;
      }
    },
    /** How many entries of a part have a row; 0 if it has no such row. */
    entries: ({ build, number }: Part, gram: string): number => entries.get(build, number, gram) ?? 0,
    /** How long a row is; 0 if there is none. */
    bytes({ build, number }: Part, gram: string): number {
      const name = `${build} ${number} ${gram}`;
      let length = lengths.get(name);
      if (length === undefined) {
        length = bytes.get(build, number, gram) ?? 0;
        if (lengths.size >= MOST_LENGTHS) lengths.clear();
        lengths.set(name, length);
      }
      return length;
    },
    /** The texts of entries as they were indexed, between their marks. */
    texts({ build, first }: Part, entries: Uint32Array): string[] {
      const ids = JSON.stringify(Array.from(entries, (entry) => first + entry));
      return texts
        .all(ids, build)
        .map((text) => String.fromCharCode(BEGIN) + toIndexed(text) + String.fromCharCode(END));
    },
    /** What the row holds; it must be there. */
    places: ({ build, number }: Part, gram: string): Uint8Array =>
      cache.get(`${build} ${number} ${gram}`, () => places.get(build, number, gram)!),
    beginnings: ({ build, number }: Part): Uint32Array =>
      cache.get(`beginnings ${build} ${number}`, () => readBeginnings(places.get(build, number, LENGTHS)!)),
    order({ build, number }: Part, score: Score): Uint32Array {
      return cache.get(`order ${build} ${number} ${score}`, () => {
        const row = places.get(build, number, scoreGram(score));
        return row === undefined ? NONE : readOrder(row);
      });
    },
    scripts: ({ build, number }: Part) =>
      named
        .all(build, number, SCRIPT_GRAM, `${SCRIPT_GRAM}~`)
        .map(({ gram, entries }) => ({ script: gram.slice(SCRIPT_GRAM.length), entries })),
  };
}
type IndexReader = ReturnType<typeof createIndexReader>;

/** A function that tells which entries of a part meet the query, but for what its order asks. */
function createPartTest(
  index: IndexReader,
  query: EntryQuery,
  scores: Readonly<Record<Score, ScoreReader>>,
): (part: Part) => Hits {
  const { text = "", source, flag, script, min = {}, max = {} } = query;
  if (MARKS.test(text)) return () => NONE;
  // Each condition: the rows of which an entry must be in one.
  const conditions: string[][] = [];
  if (source !== undefined) conditions.push([sourceGram(source)]);
  if (flag !== undefined) conditions.push([flagGram(flag)]);
  if (script !== undefined) conditions.push((COMPOSITE_SCRIPTS[script] ?? [script]).map(scriptGram));
  const bounded = SCORES.filter((score) => min[score] !== undefined || max[score] !== undefined);
  const needle = toNeedle(query);
  const wanted = 2 ** (conditions.length + bounded.length) - 1;
  return (part) => {
    const rows: string[][] = [];
    for (const grams of conditions) {
      const there = grams.filter((gram) => index.entries(part, gram) > 0);
      if (there.length === 0) return NONE;
      rows.push(there);
    }
    const held = needle && findNeedle(index, part, needle);
    if (held?.length === 0) return NONE;
    if (wanted === 0) return held;
    const marks = new Uint8Array(part.entries);
    for (const [bit, grams] of rows.entries()) {
      for (const gram of grams) markRuns(index.places(part, gram), marks, 1 << bit);
    }
    for (const [at, score] of bounded.entries()) {
      const order = index.order(part, score);
      const valueAt = (place: number): number => scores[score](part.build, part.first + order[place]!)!;
      const { [score]: least = -Infinity } = min;
      const { [score]: most = Infinity } = max;
      const from = firstPlace(0, order.length, (place) => valueAt(place) <= most);
      const to = firstPlace(from, order.length, (place) => valueAt(place) < least);
      const bit = 1 << (conditions.length + at);
      for (let place = from; place < to; place++) marks[order[place]!]! |= bit;
    }
    return held === undefined ? placesOf(marks, wanted) : held.filter((entry) => marks[entry] === wanted);
  };
}

/** Some of the entries of a part that a query finds, and how many it finds there. */
interface FirstEntries {
  readonly entries: readonly number[];
  readonly total: number;
}

/**
 * Of a query for one or two characters and nothing else: a function that gives the first entries of a part, since its row tells
 * by itself how many they are; undefined for other queries.
 */
function createFirstFinder(
  index: IndexReader,
  query: EntryQuery,
): ((part: Part, page: { readonly above: number; readonly most: number }) => FirstEntries) | undefined {
  const { text = "", source, flag, script, min = {}, max = {} } = query;
  const needle = toNeedle(query);
  const isBounded = SCORES.some((score) => min[score] !== undefined || max[score] !== undefined);
  if (needle === undefined || needle.length > 2 || MARKS.test(text)) return undefined;
  if (isBounded || source !== undefined || flag !== undefined || script !== undefined) return undefined;
  const gram = needle.join("");
  return (part, { above, most }) => {
    const total = index.entries(part, gram);
    if (total === 0 || most === 0) return { entries: [], total };
    const places = index.places(part, gram);
    const beginnings = needle.length === 1 ? undefined : index.beginnings(part);
    return { entries: readFirst(places, { beginnings, above, most }), total };
  };
}

function placesOf(marks: Uint8Array, wanted: number): Uint32Array {
  const places = new Uint32Array(marks.length);
  let count = 0;
  for (let at = 0; at < marks.length; at++) if (marks[at] === wanted) places[count++] = at;
  return places.subarray(0, count);
}

function toMarks(hits: Uint32Array, entries: number): Uint8Array {
  const marks = new Uint8Array(entries);
  for (const hit of hits) marks[hit] = 1;
  return marks;
}

/** The characters to find one after the other, marks among them; undefined for all entries. */
function toNeedle({ text = "", match = "substring" }: EntryQuery): readonly string[] | undefined {
  const folded = foldForSearch(text);
  if (folded === "") return undefined;
  const begin = match === "substring" ? [] : [String.fromCharCode(BEGIN)];
  return [...begin, ...folded, ...(match === "exact" ? [String.fromCharCode(END)] : [])];
}

/** The entries of a part that hold these characters one after the other. */
function findNeedle(index: IndexReader, part: Part, needle: readonly string[]): Uint32Array {
  if (needle.length === 1) {
    return index.entries(part, needle[0]!) === 0 ? NONE : readAscending(index.places(part, needle[0]!));
  }
  const pairs: { readonly gram: string; readonly offset: number; readonly bytes: number }[] = [];
  for (let offset = 0; offset < needle.length - 1; offset++) {
    const gram = needle[offset]! + needle[offset + 1]!;
    const bytes = index.bytes(part, gram);
    if (bytes === 0) return NONE;
    pairs.push({ gram, offset, bytes });
  }
  // Of pairs that overlap the rarer are taken, until each character is in one.
  pairs.sort((a, b) => a.bytes - b.bytes);
  const isCovered = new Uint8Array(needle.length);
  const taken = pairs.filter(({ offset }) => {
    if (isCovered[offset] === 1 && isCovered[offset + 1] === 1) return false;
    isCovered.fill(1, offset, offset + 2);
    return true;
  });
  const [rarest, ...others] = taken as [(typeof pairs)[number], ...typeof pairs];
  const places = readAscending(index.places(part, rarest.gram));
  let count = places.length;
  let rest = others.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { gram, offset, bytes } of others) {
    if (count * index.bytesAText < rest) {
      const text = needle.join("");
      const entries = toEntries(places.subarray(0, count), index.beginnings(part));
      const texts = index.texts(part, entries);
      return entries.filter((_, at) => texts[at]!.includes(text));
    }
    count = keepPlaces(places, count, index.places(part, gram), offset - rarest.offset);
    if (count === 0) return NONE;
    rest -= bytes;
  }
  return toEntries(places.subarray(0, count), index.beginnings(part));
}

/** The entries that ascending places are in, each once; written over the places. */
function toEntries(places: Uint32Array, beginnings: Uint32Array): Uint32Array {
  let count = 0;
  // The first entry that begins after the last place.
  let next = 0;
  for (const place of places) {
    if (next > 0 && place < beginnings[next]!) continue;
    next = entryAfter(beginnings, place, next);
    places[count++] = next - 1;
  }
  return places.subarray(0, count);
}

/** Where the first number above a bound is in ascending ones. */
function firstAbove(numbers: Uint32Array, bound: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first place from `from` to below `to` for which something holds, as it does for all after it; `to` if for none. */
function firstPlace(from: number, to: number, holds: (place: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** An entry with its score. */
interface Scored {
  readonly id: number;
  readonly value: number;
}

/** Hits of a part to walk through in the order of a score. */
interface ScoreWalk {
  readonly part: Part;
  /** Entries, the greatest score first. */
  readonly order: Uint32Array;
  /** 1 for hits; all are if not given. */
  readonly isHit: Uint8Array | undefined;
  readonly scoreOf: (id: number) => number | undefined;
  /** The last one of the page before. */
  readonly last: Scored | undefined;
}

/** The hits from the greatest score down, ties by id. */
function* walkDown({ part, order, isHit, scoreOf, last }: ScoreWalk): Generator<Scored, undefined> {
  const scoredAt = (place: number): Scored => toScored(part, order[place]!, scoreOf);
  const from =
    last === undefined
      ? 0
      : firstPlace(0, order.length, (place) => {
          const { id, value } = scoredAt(place);
          return value < last.value || (value === last.value && id > last.id);
        });
  for (let place = from; place < order.length; place++) {
    if (isHit === undefined || isHit[order[place]!] === 1) yield scoredAt(place);
  }
}

/** The hits from the smallest score up, ties by id: backwards, but those with one score forwards. */
function* walkUp({ part, order, isHit, scoreOf, last }: ScoreWalk): Generator<Scored, undefined> {
  const scoredAt = (place: number): Scored => toScored(part, order[place]!, scoreOf);
  const isWanted = (place: number): boolean => isHit === undefined || isHit[order[place]!] === 1;
  let end = order.length;
  if (last !== undefined) {
    const above = firstPlace(0, end, (place) => scoredAt(place).value <= last.value);
    const equal = firstPlace(above, end, (place) => {
      const { id, value } = scoredAt(place);
      return value < last.value || id > last.id;
    });
    for (let place = equal; place < end; place++) {
      if (!isWanted(place)) continue;
      const hit = scoredAt(place);
      if (hit.value < last.value) break;
      yield hit;
    }
    end = above;
  }
  while (end > 0) {
    if (!isWanted(end - 1)) {
      end--;
      continue;
    }
    const { value } = scoredAt(end - 1);
    // Most scores are of few entries, so that it is near.
    let reach = 1;
    while (reach < end && scoredAt(end - 1 - reach).value === value) reach *= 2;
    const begin = firstPlace(Math.max(0, end - 1 - reach), end - 1, (place) => scoredAt(place).value === value);
    for (let place = begin; place < end; place++) if (isWanted(place)) yield scoredAt(place);
    end = begin;
  }
}

function toScored(part: Part, entry: number, scoreOf: (id: number) => number | undefined): Scored {
  const id = part.first + entry;
  return { id, value: scoreOf(id)! };
}
