import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getEdition } from "../languages/index.ts";
import { scriptsOf } from "../src/entries/scripts.ts";
import { foldForSearch } from "../src/entries/search-text.ts";
import { type Entry, FLAGS, type Flag, SOURCES } from "../src/entries/types.ts";
import { Problems } from "../src/problems.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { pruneBuilds, publish } from "../src/store/builds.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { createEntryFinder } from "../src/store/entry-finder.ts";
import { indexBuild, isIndexed, unindexedBuilds } from "../src/store/entry-index.ts";
import { type EntryQuery, MATCH_KINDS, SCORES, TOTAL_LIMIT } from "../src/store/entry-query.ts";
import { scanEntries, scanScripts } from "../src/store/entry-scan.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

let folder = "";
let db: Database;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-search-"));
  db = openDatabase(join(folder, "search.sqlite"));
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const FACTS = {
  ...{ profile: "corrected" as const, fingerprint: "", started: "", finished: "", version: "" },
  ...{ settings: {}, figures: {}, problems: [], inputs: [] },
};

function publishList(entries: readonly Entry[], edition = "en"): number {
  return publish(db, { edition: getEdition(edition).code, ...FACTS }, entries, []);
}

/** Cuts the build's index anew, into parts of so many places. */
function indexInParts(build: number, partPlaces: number): void {
  db.prepare("DELETE FROM entry_gram WHERE build = ?").run(build);
  indexBuild(db, build, { partPlaces });
}

/** The rows of a build's index. */
function indexRows(build: number): unknown[] {
  return db
    .prepare("SELECT part, gram, entries, places FROM entry_gram WHERE build = ? ORDER BY part, gram")
    .all(build);
}

function toEntries(texts: Iterable<string>): Entry[] {
  return [...new Set(texts)].map((text, id) => ({ id, text, source: "title", titleRank: id + 1, flags: [] }));
}

const PIECES = [
  ...["a", "aa", "A", "b", "ab", "e", "é", "e\u0301", "E", "J\u030C", "ǰ", "i", "İ", "ı", "I", "ß", "ẞ", "ss"],
  ...[
    "σ",
    "ς",
    "Σ",
    "Οδος",
    "東",
    "京",
    "東京",
    "カ",
    "が",
    "か\u3099",
    "ー",
    "한",
    "\u1112\u1161\u11AB",
    "क",
    "ि",
    "م",
    "ة",
  ],
  ...[
    "𠀀",
    "𠀁",
    "👍",
    "👍🏽",
    "𐐀",
    "𐐨",
    " ",
    "-",
    "1",
    "%",
    "_",
    "*",
    "\u0307",
    "\uFFFD",
    "\uD800",
    "\u0001",
    "\u0002",
    "\u0003",
  ],
];
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 2 }) },
);
const someText = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
const score = fc.option(fc.oneof(fc.nat(4), fc.constant(0.5), fc.nat(1e6)), { nil: undefined });
const entry = fc.record({
  text: someText.map((text) => text.toWellFormed()),
  source: fc.constantFrom(...SOURCES),
  count: score.map((value) => (value === undefined ? undefined : Math.floor(value))),
  pmi: fc.oneof(score, fc.constantFrom(-1.5, -0, Number.POSITIVE_INFINITY)),
  views: score.map((value) => (value === undefined ? undefined : Math.floor(value))),
  flags: fc.subarray(Object.keys(FLAGS) as Flag[], { maxLength: 2 }),
});
const list = fc
  .uniqueArray(entry, { selector: ({ text }) => text, maxLength: 40 })
  .map((rows) =>
    rows.map(
      (row, id) => ({ ...Object.fromEntries(Object.entries(row).filter(([, v]) => v !== undefined)), id }) as Entry,
    ),
  );
const bounds = fc.option(
  fc.dictionary(fc.constantFrom(...SCORES), fc.constantFrom(-1, 0, 1, 2, 3, 1000), { maxKeys: 2 }),
  {
    nil: undefined,
  },
);
const query = fc.record({
  text: fc.option(fc.oneof({ weight: 1, arbitrary: someText }, { weight: 4, arbitrary: piece }), { nil: undefined }),
  match: fc.option(fc.constantFrom(...MATCH_KINDS), { nil: undefined }),
  source: fc.option(fc.constantFrom(...SOURCES), { nil: undefined, freq: 1 }),
  script: fc.option(fc.constantFrom("Latn", "Hani", "Jpan", "Grek", "Kore", "Hrkt", "Thai"), {
    nil: undefined,
    freq: 1,
  }),
  flag: fc.option(fc.constantFrom(...(Object.keys(FLAGS) as Flag[])), { nil: undefined, freq: 1 }),
  min: bounds,
  max: bounds,
  sort: fc.option(fc.constantFrom("id", ...SCORES), { nil: undefined }),
  ascending: fc.option(fc.boolean(), { nil: undefined }),
  after: fc.option(fc.nat(45), { nil: undefined }),
  limit: fc.nat(12),
});

function defined(given: object): EntryQuery {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as EntryQuery;
}

/** The query, and with texts that the list surely holds. */
function variants(asked: object, entries: readonly Entry[]): EntryQuery[] {
  const given = defined(asked);
  const own = entries[entries.length >> 1]?.text;
  if (own === undefined || given.text === undefined) return [given];
  const inner = [...own].slice(1, -1).join("");
  return [given, { ...given, text: own }, { ...given, text: own.toUpperCase() }, { ...given, text: inner }];
}

describe("finding entries", () => {
  test("is what looking at every entry finds, in whatever parts the index is cut", () => {
    const finder = createEntryFinder(db, { cacheBytes: 100 });
    fc.assert(
      fc.property(
        list,
        fc.array(query, { minLength: 5, maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        (entries, queries, size) => {
          const build = publishList(entries);
          const check = () => {
            for (const asked of queries.flatMap((given) => variants(given, entries))) {
              expect(finder.find(build, asked), JSON.stringify(asked)).toEqual(scanEntries(db, build, asked));
            }
            expect(finder.scripts(build)).toEqual(scanScripts(db, build));
          };
          check();
          indexInParts(build, size);
          // Ids of builds are given once, so that a finder may keep what it read; these were cut anew.
          const again = createEntryFinder(db, { fewHits: 0, bytesAText: 0 });
          for (const asked of queries.flatMap((given) => variants(given, entries))) {
            expect(again.find(build, asked), JSON.stringify(asked)).toEqual(scanEntries(db, build, asked));
          }
          expect(again.scripts(build)).toEqual(scanScripts(db, build));
          pruneBuilds(db, 1);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("of all pages gives every entry once, in order", () => {
    const finder = createEntryFinder(db, { fewHits: 5 });
    fc.assert(
      fc.property(
        list,
        query,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 60 }),
        (entries, asked, limit, size) => {
          const build = publishList(entries);
          indexInParts(build, size);
          const whole = { ...defined({ ...asked, after: undefined }), limit: 1000 };
          const paged: Entry[] = [];
          for (let after: number | undefined; ; ) {
            const page = finder.find(build, { ...whole, limit, ...(after !== undefined && { after }) });
            paged.push(...page.entries);
            after = page.next;
            if (after === undefined) break;
          }
          expect(paged).toEqual(scanEntries(db, build, whole).entries);
          pruneBuilds(db, 1);
        },
      ),
      { numRuns: 100 },
    );
  });

  const texts = (build: number, asked: Omit<EntryQuery, "limit">) =>
    createEntryFinder(db)
      .find(build, { ...asked, limit: 100 })
      .entries.map(({ text }) => text);

  test("takes capitals, small letters and two ways of writing for one", () => {
    const build = publishList(
      toEntries(["İstanbul", "ΟΔΟΣ", "οδός", "Straße", "STRAẞE", "Café", "ca", "𐐀𐐁", "aaaaaa", "J\u030Ca"]),
    );
    expect(texts(build, { text: "i\u0307STAN" })).toEqual(["İstanbul"]);
    expect(texts(build, { text: "οδος" })).toEqual(["ΟΔΟΣ"]);
    expect(texts(build, { text: "οδοσ", match: "exact" })).toEqual(["ΟΔΟΣ"]);
    expect(texts(build, { text: "STRAẞE" })).toEqual(["Straße", "STRAẞE"]);
    expect(texts(build, { text: "cafe\u0301" })).toEqual(["Café"]);
    expect(texts(build, { text: "CA", match: "prefix" })).toEqual(["Café", "ca"]);
    expect(texts(build, { text: "CA", match: "exact" })).toEqual(["ca"]);
    expect(texts(build, { text: "𐐨𐐩" })).toEqual(["𐐀𐐁"]);
    expect(texts(build, { text: "aaaa" })).toEqual(["aaaaaa"]);
    expect(texts(build, { text: "aaaaaaa" })).toEqual([]);
    expect(texts(build, { text: "ǰ" })).toEqual(["J\u030Ca"]);
    expect(texts(build, { text: "\u0002c" })).toEqual([]);
  });

  test("counts up to 10,000, and says when there are more", () => {
    const entries = toEntries(Array.from({ length: TOTAL_LIMIT + 1 }, (_, id) => `x${id.toString(36)}`)).map(
      (each) => ({
        ...each,
        ...{ count: each.id % 7, views: each.id },
      }),
    );
    const build = publishList(entries);
    for (const size of [1 << 22, 5000]) {
      indexInParts(build, size);
      const finder = createEntryFinder(db);
      for (const sort of ["id", "count"] as const) {
        const totalOf = (asked: Omit<EntryQuery, "limit">) => {
          const page = finder.find(build, { sort, limit: 3, ...asked });
          expect(page).toEqual(scanEntries(db, build, { sort, limit: 3, ...asked }));
          return { total: page.total, isExact: page.isExact };
        };
        expect(totalOf({ text: "x" })).toEqual({ total: 10_000, isExact: false });
        expect(totalOf({})).toEqual({ total: 10_000, isExact: false });
        expect(totalOf({ text: "x", min: { views: 1 } })).toEqual({ total: 10_000, isExact: true });
        expect(totalOf({ min: { views: 1 } })).toEqual({ total: 10_000, isExact: true });
        expect(totalOf({ text: "x", min: { views: 1 }, after: 9000, ascending: true })).toEqual({
          total: 10_000,
          isExact: true,
        });
        expect(totalOf({ text: "x", min: { views: 2 } })).toEqual({ total: 9999, isExact: true });
        expect(totalOf({ source: "title", after: 10_000 })).toEqual({ total: 10_000, isExact: false });
      }
    }
  });

  test("needs no index, and is told which builds have none", () => {
    const build = publishList(toEntries(["東京", "京都", "Tokyo"]), "ja");
    const empty = publishList([], "ltg");
    expect([isIndexed(db, build), isIndexed(db, empty)]).toEqual([true, true]);
    expect(unindexedBuilds(db)).toEqual([]);
    db.prepare("DELETE FROM entry_gram WHERE build = ?").run(build);
    expect(isIndexed(db, build)).toBe(false);
    expect(unindexedBuilds(db)).toEqual([build]);
    expect(texts(build, { text: "京" })).toEqual(["東京", "京都"]);
    expect(texts(empty, { text: "京" })).toEqual([]);
    expect(createEntryFinder(db).scripts(build)).toEqual(scanScripts(db, build));
    indexBuild(db, build);
    indexBuild(db, build);
    expect(unindexedBuilds(db)).toEqual([]);
    expect(texts(build, { text: "京" })).toEqual(["東京", "京都"]);
  });

  test("has the same index, made as a list is published or later", () => {
    fc.assert(
      fc.property(list, (entries) => {
        const build = publishList(entries);
        const published = indexRows(build);
        indexInParts(build, 1 << 22);
        expect(indexRows(build)).toEqual(published);
        pruneBuilds(db, 1);
      }),
      { numRuns: 50 },
    );
  });

  test("reads a database that may not be written", () => {
    const build = publishList(toEntries(["東京", "京都"]), "ja");
    const reader = openDatabase(join(folder, "search.sqlite"), { readonly: true });
    expect(createEntryFinder(reader).find(build, { text: "京都", limit: 5 }).total).toBe(1);
    reader.close();
  });

  test("finds nothing in a build that was pruned", () => {
    const finder = createEntryFinder(db);
    const build = publishList(toEntries(["a", "b"]), "ja");
    const asked = { sort: "count", limit: 5 } as const;
    finder.find(build, asked);
    expect(finder.find(build, { limit: 5 }).total).toBe(2);
    publishList(toEntries(["c"]), "ja");
    pruneBuilds(db, 1);
    for (const each of [asked, { limit: 5 }, { text: "a", limit: 5 }]) {
      expect(finder.find(build, each)).toEqual({ entries: [], total: 0, isExact: true, next: undefined });
    }
    expect(finder.scripts(build)).toEqual([]);
    expect(db.prepare("SELECT count(*) FROM entry_gram WHERE build = ?").pluck().get(build)).toBe(0);
  });

  test("agrees with looking at every entry on a real list", async (context) => {
    const path = "wordnet/omw-2.0/wikt/wn-wikt-jpn.tab.gz";
    if (lacksSharedData(path)) return context.skip();
    const options = { edition: getEdition("ja"), profile: "corrected", problems: new Problems() } as const;
    const { lemmas } = await readWordnet(sharedData(path), options);
    const entries = toEntries(lemmas)
      .slice(0, 5000)
      .map((each) => ({ ...each, views: (each.id * 7919) % 1000 }));
    const build = publishList(entries, "ja");
    const finder = createEntryFinder(db);
    for (const text of ["京", "東京", "する", "ター", "ション", "a", "DNA", "の", "・", "会社", "ない"]) {
      for (const match of MATCH_KINDS) {
        for (const more of [
          {},
          { script: "Hani" },
          { sort: "views" },
          { sort: "views", ascending: true, after: 77 },
        ] as const) {
          const asked = { text, match, limit: 20, ...more };
          expect(finder.find(build, asked), JSON.stringify(asked)).toEqual(scanEntries(db, build, asked));
        }
      }
    }
  });
});

describe("folding for search", () => {
  test("of a text that is folded changes nothing", () => {
    fc.assert(
      fc.property(fc.oneof(someText, fc.string({ unit: "binary" })), (text) => {
        expect(foldForSearch(foldForSearch(text))).toBe(foldForSearch(text));
      }),
    );
  });
});

describe("scripts of a text", () => {
  test("are those of its letters, in their order", () => {
    expect(scriptsOf("DNAの二重らせん, カ・ー 12")).toEqual(["Latn", "Hira", "Hani", "Kana"]);
    expect(scriptsOf("12 ー!")).toEqual([]);
    expect(scriptsOf("Ελλάδα")).toEqual(["Grek"]);
    expect(scriptsOf("한국 ㄅ 𠀀 𐐀 म")).toEqual(["Hang", "Bopo", "Hani", "Dsrt", "Deva"]);
  });
});
