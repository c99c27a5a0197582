/**
 * Measures finding entries: what the index costs as lists are published, and how long queries take, beside SQLite's FTS5
 * with its trigram tokenizer and beside looking at every entry. Prints aligned tables.
 *
 *     node dist/scripts/measure-search.js DATA [--entries 5000000] [--queries 200]
 *
 * DATA holds the folders wikipedia-text, wordnet and lid. Queries are drawn from the entries, each kind the same in every
 * run; each is asked for a page of 50 entries and a count up to 10,001.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { foldForSearch } from "../src/entries/search-text.ts";
import type { Entry } from "../src/entries/types.ts";
import { publish } from "../src/store/builds.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { createEntryFinder } from "../src/store/entry-finder.ts";
import { type EntryQuery, TOTAL_LIMIT } from "../src/store/entry-query.ts";
import { ENTRY_COLUMNS, type EntryRow, entryParameters, toEntry } from "../src/store/entry-row.ts";
import { scanEntries } from "../src/store/entry-scan.ts";
import { insertRows } from "../src/store/insert-rows.ts";
import { loadSqlite } from "../src/store/sqlite.ts";
import { median } from "./median.ts";
import { createRandom } from "./random.ts";
import { describeSearchBuild, makeSearchLists, type SearchList } from "./search-inputs.ts";
import { formatRows } from "./table.ts";

const PAGE = 50;

/** A published list. */
interface List {
  readonly code: string;
  readonly build: number;
  readonly entries: number;
}

/** Seconds that work takes. */
function time(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** The same entries without an index, in a database of their own. */
function insertAlone(db: Database, { edition, entries }: SearchList): void {
  const build = publish(db, describeSearchBuild(edition), [], []);
  db.transaction(() => {
    const into = `INSERT INTO entry (${ENTRY_COLUMNS.join(", ")})`;
    insertRows(db, { into, columns: ENTRY_COLUMNS.length, rows: rowsOf(build, entries) });
  }).immediate();
}

function* rowsOf(build: number, entries: readonly Entry[]): Generator<unknown[]> {
  for (const entry of entries) yield entryParameters(build, entry);
}

/** The texts alone in a table of FTS5, whose rows are told by the entries' ids. */
function insertTrigrams(db: Database, { edition, entries }: SearchList): void {
  db.exec(`CREATE VIRTUAL TABLE "${edition}" USING fts5(text, tokenize = 'trigram', content = '')`);
  const insert = db.prepare(`INSERT INTO "${edition}" (rowid, text) VALUES (?, ?)`);
  db.transaction(() => {
    for (const { id, text } of entries) insert.run(id, text);
  }).immediate();
}

/** A kind of query, of which many are drawn. */
interface Kind {
  readonly name: string;
  readonly codes: readonly string[];
  /** Of a text of an entry, in code points. */
  query(characters: readonly string[], random: () => number): Omit<EntryQuery, "limit"> | undefined;
  /** True to ask for the page after the first. */
  readonly isSecond?: boolean;
}

/** Some characters of a text that stand side by side, undefined if it is shorter. */
function cut(characters: readonly string[], length: number, random: () => number): string | undefined {
  if (characters.length < length) return undefined;
  const from = random() % (characters.length - length + 1);
  return characters.slice(from, from + length).join("");
}

function holds(length: number, more: Partial<EntryQuery> = {}): Kind["query"] {
  return (characters, random) => {
    const text = cut(characters, length, random);
    return text === undefined || text !== text.trim() ? undefined : { text, ...more };
  };
}

const SPACED = ["en", "de", "ru", "ar"];
const UNSPACED = ["zh", "ja"];
const ALL = [...SPACED, ...UNSPACED];

const KINDS: readonly Kind[] = [
  { name: "all entries", codes: ALL, query: () => ({}) },
  { name: "1 character", codes: ALL, query: holds(1) },
  { name: "2 characters, no spaces", codes: UNSPACED, query: holds(2) },
  { name: "2 letters", codes: SPACED, query: holds(2) },
  { name: "3 letters", codes: SPACED, query: holds(3) },
  { name: "4 letters", codes: SPACED, query: holds(4) },
  { name: "8 letters", codes: SPACED, query: holds(8) },
  {
    name: "prefix of 3",
    codes: ALL,
    query: (characters) => ({ text: characters.slice(0, 3).join(""), match: "prefix" }),
  },
  { name: "exact", codes: ALL, query: (characters) => ({ text: characters.join(""), match: "exact" }) },
  { name: "3, with a flag", codes: ALL, query: holds(3, { flag: "fold" }) },
  { name: "flag", codes: ALL, query: () => ({ flag: "fold" }) },
  { name: "script", codes: ALL, query: () => ({ script: "Latn" }) },
  { name: "2, of a script", codes: ALL, query: holds(2, { script: "Jpan" }) },
  { name: "2, least count", codes: ALL, query: holds(2, { min: { count: 5 } }) },
  { name: "by count", codes: ALL, query: () => ({ sort: "count" }) },
  { name: "1, by count", codes: ALL, query: holds(1, { sort: "count" }) },
  { name: "2, by count", codes: ALL, query: holds(2, { sort: "count" }) },
  { name: "2, by views, smallest first", codes: ALL, query: holds(2, { sort: "views", ascending: true }) },
  { name: "2, second page", codes: ALL, query: holds(2), isSecond: true },
];

const EXAMPLES: readonly (readonly [code: string, query: Omit<EntryQuery, "limit">])[] = [
  ["ja", { text: "東京" }],
  ["ja", { text: "の" }],
  ["zh", { text: "中国" }],
  ["en", { text: "de" }],
  ["en", { text: "e" }],
  ["en", { text: "tion" }],
  ["en", { text: "the" }],
  ["en", { text: "zebra" }],
  ["en", { text: "zzzzz" }],
  ["en", { text: "the", match: "prefix" }],
  ["en", { text: "the", match: "exact" }],
  ["en", { text: "the", sort: "views" }],
  ["de", { text: "ß", sort: "count" }],
  ["ru", { text: "ость" }],
  ["ar", { text: "ال", match: "prefix" }],
];

interface Asked {
  readonly list: List;
  readonly query: EntryQuery;
}

function draw(kind: Kind, { db, lists, queries }: { db: Database; lists: readonly List[]; queries: number }): Asked[] {
  const random = createRandom();
  const own = lists.filter(({ code }) => kind.codes.includes(code));
  const text = db.prepare<[number, number], string>("SELECT text FROM entry WHERE build = ? AND id = ?").pluck();
  const asked: Asked[] = [];
  while (asked.length < queries) {
    const list = own[asked.length % own.length]!;
    const characters = [...foldForSearch(text.get(list.build, random() % list.entries)!)];
    const query = kind.query(characters, random);
    if (query !== undefined) asked.push({ list, query: { ...query, limit: PAGE } });
  }
  return asked;
}

/** What FTS5 does of a query: undefined if it has no answer. */
function createTrigramSearch(trigrams: Database, db: Database): (asked: Asked) => (() => unknown) | undefined {
  const row = db.prepare<[number, number], EntryRow>("SELECT * FROM entry WHERE build = ? AND id = ?");
  return ({ list, query: { text = "", match, limit, sort, flag, script, min, after } }) => {
    const isMore = [match, sort, flag, script, min, after].some((condition) => condition !== undefined);
    if (isMore || [...text].length < 3) return undefined;
    const phrase = `"${text.replaceAll('"', '""')}"`;
    const page = trigrams
      .prepare<[string], number>(`SELECT rowid FROM "${list.code}" WHERE text MATCH ? LIMIT ${limit}`)
      .pluck();
    const count = trigrams
      .prepare<[string], number>(
        `SELECT count(*) FROM (SELECT 1 FROM "${list.code}" WHERE text MATCH ? LIMIT ${TOTAL_LIMIT + 1})`,
      )
      .pluck();
    return () => ({
      entries: page.all(phrase).map((id) => toEntry(row.get(list.build, id)!)),
      total: count.get(phrase),
    });
  };
}

function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** The value that 99 of 100 do not exceed. */
function ninetyNinth(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1]!;
}

async function measure(data: string, { entries, queries }: { entries: number; queries: number }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-search-"));
  try {
    const db = openDatabase(join(folder, "lists.sqlite"));
    const alone = openDatabase(join(folder, "alone.sqlite"));
    const trigrams = new (loadSqlite())(join(folder, "trigrams.sqlite"));
    trigrams.pragma("journal_mode = WAL");
    trigrams.pragma("synchronous = NORMAL");
    const lists: List[] = [];
    const rows: (string | number)[][] = [];
    for await (const made of makeSearchLists({ data, entries })) {
      let build = 0;
      const withoutIndex = time(() => insertAlone(alone, made));
      const withIndex = time(() => {
        build = publish(db, describeSearchBuild(made.edition), made.entries, []);
      });
      const byTrigrams = time(() => insertTrigrams(trigrams, made));
      const length = made.entries.reduce((sum, { text }) => sum + [...text].length, 0) / made.entries.length;
      lists.push({ code: made.edition, build, entries: made.entries.length });
      rows.push([
        ...[made.edition, made.entries.length.toLocaleString("en"), length.toFixed(1)],
        ...[withoutIndex, withIndex, byTrigrams].map((seconds) => seconds.toFixed(1)),
      ]);
    }
    console.log(formatRows(["edition", "entries", "characters", "rows alone, s", "with index, s", "FTS5, s"], rows));
    const sizes = [db, alone, trigrams].map((each) => {
      each.pragma("wal_checkpoint(TRUNCATE)");
      return statSync(each.name).size / entries;
    }) as [number, number, number];
    console.log(
      `\nbytes an entry: rows ${sizes[1].toFixed(0)}, index ${(sizes[0] - sizes[1]).toFixed(0)}, FTS5 ${sizes[2].toFixed(0)}\n`,
    );
    compare({ db, trigrams, lists, queries });
    for (const each of [db, alone, trigrams]) each.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare({
  db,
  trigrams,
  lists,
  queries,
}: {
  db: Database;
  trigrams: Database;
  lists: List[];
  queries: number;
}) {
  const finder = createEntryFinder(db);
  const search = createTrigramSearch(trigrams, db);
  const rows = KINDS.map((kind) => {
    const asked = draw(kind, { db, lists, queries }).map(({ list, query }) => {
      if (!kind.isSecond) return { list, query };
      const { next } = finder.find(list.build, query);
      return { list, query: next === undefined ? query : { ...query, after: next } };
    });
    const own = asked.map(({ list, query }) => time(() => finder.find(list.build, query)));
    const other = asked.flatMap((each) => {
      const work = search(each);
      return work === undefined ? [] : [time(work)];
    });
    const scanned = time(() => scanEntries(db, asked[0]!.list.build, asked[0]!.query));
    return [
      ...[kind.name, milliseconds(own[0]!), milliseconds(median(own)), milliseconds(ninetyNinth(own))],
      ...(other.length === 0 ? ["none", ""] : [milliseconds(median(other)), milliseconds(ninetyNinth(other))]),
      milliseconds(scanned),
    ];
  });
  const titles = ["query, ms", "first", "median", "p99", "FTS5 median", "p99", "scan"];
  console.log(`${formatRows(titles, rows)}\n`);
  const examples = EXAMPLES.map(([code, query]) => {
    const list = lists.find((each) => each.code === code)!;
    const asked = { ...query, limit: PAGE };
    // A finder of its own, so that nothing is kept from other queries.
    const first = time(() => createEntryFinder(db).find(list.build, asked));
    const { total, isExact } = finder.find(list.build, asked);
    const again = median(Array.from({ length: 9 }, () => time(() => finder.find(list.build, asked))));
    const work = search({ list, query: asked });
    const name = Object.entries(query).map(([key, value]) => (key === "text" ? value : `${key} ${value}`));
    return [
      ...[`${code} ${name.join(", ")}`, total.toLocaleString("en") + (isExact ? "" : "+")],
      ...[milliseconds(first), milliseconds(again)],
      work === undefined ? "none" : milliseconds(median(Array.from({ length: 9 }, () => time(work)))),
    ];
  });
  console.log(formatRows(["query, ms", "entries", "new finder", "again", "FTS5"], examples));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    entries: { type: "string", default: "5000000" },
    queries: { type: "string", default: "200" },
  },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, "wikipedia-text"))) {
  console.error("give the folder of real input: node dist/scripts/measure-search.js DATA [--entries N] [--queries N]");
  process.exitCode = 2;
} else {
  await measure(data, { entries: Number(values.entries), queries: Number(values.queries) });
}
