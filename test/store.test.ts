import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Bcp47Tag, Edition, EditionCode, LidGroup } from "../languages/define.ts";
import { type Entry, FLAGS, type Flag, SET_ASIDE_REASONS, type SetAside, SOURCES } from "../src/entries/types.ts";
import { UserError } from "../src/errors.ts";
import {
  currentBuild,
  findBuild,
  findFresh,
  listBuilds,
  type NewBuild,
  pruneBuilds,
  publish,
} from "../src/store/builds.ts";
import { APPLICATION_ID, type Database, migrate, openDatabase, SCHEMA_VERSION } from "../src/store/database.ts";
import { CHANGES, countDiff, diffBuilds, pageDiff } from "../src/store/diff.ts";
import {
  countByFlag,
  countBySource,
  countSetAside,
  findEntry,
  firstAndLastBuild,
  hasEntries,
  readEntries,
  searchEntries,
  setAsideOf,
} from "../src/store/entries.ts";
import { lockEdition, lockService } from "../src/store/lock.ts";
import { findPool } from "../src/store/pools.ts";
import {
  activeReviews,
  addReview,
  exportReviews,
  findReview,
  importReviews,
  listReviews,
  pageReviews,
  undoReview,
  VERDICTS,
} from "../src/store/reviews.ts";
import { loadSqlite } from "../src/store/sqlite.ts";

const EN = "en" as EditionCode;
const DE = "de" as EditionCode;
const EDITIONS = [EN, DE].map(
  (code): Edition => ({
    code,
    database: `${code}wiki`,
    domain: `${code}.wikipedia.org`,
    pageviewCode: code,
    tag: code as string as Bcp47Tag,
    name: `Language ${code}`,
    autonym: code,
    script: "Latn",
    direction: "ltr",
    tokenizer: "words",
    wordnets: [],
    lidGroup: code as string as LidGroup,
    evidence: "default",
    closed: false,
  }),
);

let folder = "";
let path = "";
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-store-"));
  path = join(folder, "new", "folder", "worldmeta.sqlite");
  db = openDatabase(path, { editions: EDITIONS });
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function newBuild(changes: Partial<NewBuild> = {}): NewBuild {
  return {
    edition: EN,
    profile: "corrected",
    fingerprint: "f",
    started: "2026-01-01T00:00:00.000Z",
    finished: "2026-01-01T00:01:00.000Z",
    version: "0.1.0",
    settings: { threads: 2 },
    figures: { words: 10, pmi: null },
    problems: [{ code: "E101", count: 2, samples: ["page 7"] }],
    inputs: [],
    ...changes,
  };
}

function entriesOf(...texts: readonly string[]): Entry[] {
  return texts.map((text, id) => ({ id, text, source: "unigram", count: 10, unigramRank: id + 1, flags: [] }));
}

/** The message of the UserError that `work` throws. */
function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error("nothing was thrown");
}

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const whole = fc.nat(2 ** 40);
const rank = fc.integer({ min: 1, max: 2 ** 31 });
const real = fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const flags = fc.subarray(Object.keys(FLAGS) as Flag[]);
const entries = fc
  .uniqueArray(
    fc.record(
      {
        text,
        source: fc.constantFrom(...SOURCES),
        flags,
        wordnetRank: rank,
        count: whole,
        unigramRank: rank,
        pairCount: whole,
        pmi: real,
        npmi: real,
        bigramRank: rank,
        views: whole,
        titleRank: rank,
      },
      { requiredKeys: ["text", "source", "flags"] },
    ),
    { selector: (entry) => entry.text, maxLength: 200 },
  )
  .map((rows): Entry[] => rows.map((row, id) => ({ ...row, id }) as Entry));

describe("publishing", () => {
  test("what is published is what is read", () => {
    fc.assert(
      fc.property(entries, (list) => {
        const id = publish(db, newBuild(), list, []);
        expect([...readEntries(db, id)]).toEqual(list);
        for (const entry of list.slice(0, 3)) expect(findEntry(db, id, entry.text)).toEqual(entry);
      }),
      { numRuns: 30 },
    );
  });

  test("a build keeps what it was made from and with", () => {
    const build = newBuild({
      inputs: [
        { kind: "dump", path: "enwiki.xml.bz2", bytes: 5, sha256: "a".repeat(64), licence: "CC BY-SA", name: "enwiki" },
        { kind: "pageviews", path: "views.gz", note: "one hour" },
      ],
    });
    const id = publish(db, build, entriesOf("one"), []);
    expect(findBuild(db, id)).toEqual({ ...build, id, current: true });
    expect(findBuild(db, id + 1)).toBeUndefined();
  });

  test("the last one is the current one of its edition and profile", () => {
    const first = publish(db, newBuild(), entriesOf("a"), []);
    const reference = publish(db, newBuild({ profile: "reference" }), entriesOf("a"), []);
    const german = publish(db, newBuild({ edition: DE }), entriesOf("a"), []);
    const second = publish(db, newBuild({ fingerprint: "g" }), entriesOf("b"), []);
    expect(currentBuild(db, EN, "corrected")?.id).toBe(second);
    expect(currentBuild(db, EN, "reference")?.id).toBe(reference);
    expect(currentBuild(db, DE, "corrected")?.id).toBe(german);
    expect(currentBuild(db, DE, "reference")).toBeUndefined();
    expect(findBuild(db, first)?.current).toBe(false);
    expect(listBuilds(db).map(({ id }) => id)).toEqual([second, german, reference, first]);
    expect(listBuilds(db, { edition: EN, profile: "corrected" }).map(({ id }) => id)).toEqual([second, first]);
    expect(findFresh(db, EN, "corrected", "g")?.id).toBe(second);
    expect(findFresh(db, EN, "corrected", "f")).toBeUndefined();
  });

  test("a list that fails in the middle leaves nothing", () => {
    const first = publish(db, newBuild(), entriesOf("a"), []);
    const failing = function* (): Generator<Entry> {
      for (let id = 0; id < 1000; id++) yield { id, text: `entry ${id}`, source: "title", flags: [] };
      throw new Error("power cut");
    };
    expect(() => publish(db, newBuild(), failing(), [])).toThrow("power cut");
    expect(() => publish(db, newBuild(), entriesOf("b", "b"), [])).toThrow(/UNIQUE/);
    expect(() => publish(db, newBuild(), entriesOf("b", "c").reverse(), [])).toThrow("expected 0");
    expect(currentBuild(db, EN, "corrected")?.id).toBe(first);
    expect(listBuilds(db)).toHaveLength(1);
    expect(db.prepare("SELECT count(*) FROM entry").pluck().get()).toBe(1);
  });

  test("readers see the old list until the new one is whole", () => {
    const first = publish(db, newBuild(), entriesOf("old"), []);
    const reader = openDatabase(path, { readonly: true });
    const seen: (readonly string[])[] = [];
    const look = () => {
      const { id } = currentBuild(reader, EN, "corrected")!;
      seen.push([...readEntries(reader, id)].map((entry) => entry.text));
    };
    const list = function* (): Generator<Entry> {
      for (let id = 0; id < 500; id++) {
        if (id % 250 === 0) look();
        yield { id, text: `new ${id}`, source: "title", flags: [] };
      }
    };
    const second = publish(db, newBuild(), list(), []);
    expect(seen).toEqual([["old"], ["old"]]);
    expect(currentBuild(reader, EN, "corrected")?.id).toBe(second);
    expect(second).toBeGreaterThan(first);
    reader.close();
  });

  test("while entries are read, others can be asked for", () => {
    const id = publish(db, newBuild(), entriesOf("a", "b"), []);
    const found: unknown[] = [];
    for (const entry of readEntries(db, id)) {
      found.push(findEntry(db, id, entry.text)?.id);
      addReview(db, { edition: EN, text: entry.text, verdict: "deny", reason: "", reviewer: "r" });
    }
    expect(found).toEqual([0, 1]);
  });

  test("pruning keeps the newest and the current ones", () => {
    const ids = [1, 2, 3, 4].map(() => publish(db, newBuild(), entriesOf("a"), [])) as [number, number, number, number];
    const german = publish(db, newBuild({ edition: DE }), entriesOf("a"), [
      { text: "x", source: "title", reason: "long" },
    ]);
    expect(pruneBuilds(db, 2).removed.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
    expect(pruneBuilds(db, 0).removed.map(({ id }) => id)).toEqual([ids[2]]);
    expect(listBuilds(db).map(({ id }) => id)).toEqual([german, ids[3]]);
    expect(db.prepare("SELECT DISTINCT build FROM entry ORDER BY build").pluck().all()).toEqual([ids[3], german]);
    // Ids of removed builds are not given again.
    expect(publish(db, newBuild(), [], [])).toBeGreaterThan(german);
  });
});

describe("looking at a build", () => {
  const LIST: readonly Entry[] = [
    { id: 0, text: "0", source: "number", flags: ["single"] },
    { id: 1, text: "100 %", source: "bigram", pairCount: 5, pmi: 3.5, npmi: 0.5, bigramRank: 1, flags: [] },
    { id: 2, text: "snake_case", source: "title", views: 9, titleRank: 1, flags: ["markup"] },
    { id: 3, text: "Straße", source: "unigram", count: 4, unigramRank: 1, flags: [] },
    { id: 4, text: "МОСКВА", source: "unigram", count: 3, unigramRank: 2, flags: ["script", "fold"] },
    { id: 5, text: "Café", source: "title", views: 1, titleRank: 2, flags: [] },
  ];
  const ASIDE: readonly SetAside[] = [
    { text: "%)", source: "unigram", reason: "punctuation" },
    { text: "%)", source: "title", reason: "punctuation" },
    { text: "bad", source: "wordnet", reason: "junk" },
    { text: "bad", source: "wordnet", reason: "junk" },
  ];
  let id = 0;
  beforeEach(() => {
    id = publish(db, newBuild(), LIST, ASIDE);
  });
  const search = (options: Parameters<typeof searchEntries>[2]) =>
    searchEntries(db, id, options).map((entry) => entry.text);

  test("a search is a substring in any script, without wildcards", () => {
    expect(search({})).toEqual(LIST.map((entry) => entry.text));
    expect(search({ search: "%" })).toEqual(["100 %"]);
    expect(search({ search: "_" })).toEqual(["snake_case"]);
    expect(search({ search: "моск" })).toEqual(["МОСКВА"]);
    expect(search({ search: "STRA" })).toEqual(["Straße"]);
    expect(search({ search: "cafe\u0301" })).toEqual(["Café"]);
    expect(search({ search: "" })).toHaveLength(LIST.length);
  });

  test("conditions add up, and pages follow each other", () => {
    expect(search({ source: "title" })).toEqual(["snake_case", "Café"]);
    expect(search({ flag: "fold" })).toEqual(["МОСКВА"]);
    expect(search({ source: "title", flag: "markup", search: "CASE" })).toEqual(["snake_case"]);
    expect(search({ source: "number", flag: "markup" })).toEqual([]);
    expect(search({ limit: 2 })).toEqual(["0", "100 %"]);
    expect(search({ limit: 2, after: 1 })).toEqual(["snake_case", "Straße"]);
  });

  test("counts", () => {
    expect(countBySource(db, id)).toEqual({ number: 1, wordnet: 0, unigram: 2, bigram: 1, title: 2, review: 0 });
    expect(countByFlag(db, id)).toMatchObject({ script: 1, markup: 1, single: 1, fold: 1, language: 0 });
    expect(countSetAside(db, id)).toEqual({ junk: 1, punctuation: 2 });
  });

  test("what was set aside", () => {
    expect(setAsideOf(db, id, "%)")).toEqual([ASIDE[0], ASIDE[1]]);
    expect(setAsideOf(db, id, "good")).toEqual([]);
  });

  test("the builds that hold a text", () => {
    const second = publish(db, newBuild(), entriesOf("Café", "new"), []);
    const third = publish(db, newBuild(), entriesOf("new"), []);
    const idsOf = (wanted: string) => {
      const found = firstAndLastBuild(db, EN, "corrected", wanted);
      return found && [found.first.id, found.last.id];
    };
    expect(idsOf("Café")).toEqual([id, second]);
    expect(idsOf("new")).toEqual([second, third]);
    expect(idsOf("absent")).toBeUndefined();
    expect(firstAndLastBuild(db, EN, "reference", "new")).toBeUndefined();
  });

  test("which words of a list are entries", () => {
    expect([...hasEntries(db, id, ["Café", "café", "0", "0", "x"])]).toEqual(["Café", "0"]);
  });

  test("the views name sources and flags", () => {
    const rows = db.prepare("SELECT text, source, flags FROM entry_readable WHERE build = ? AND id IN (3, 4)").all(id);
    expect(rows).toEqual([
      { text: "Straße", source: "unigram", flags: null },
      { text: "МОСКВА", source: "unigram", flags: "script fold" },
    ]);
    expect(db.prepare("SELECT entries, language FROM build_readable").get()).toEqual({
      entries: 6,
      language: "Language en",
    });
    expect(db.prepare("SELECT count(*) FROM set_aside_readable").pluck().get()).toBe(3);
  });

  test("a difference tells what came, what went and what changed", () => {
    const after: Entry[] = [
      { id: 0, text: "new", source: "title", flags: [] },
      { id: 1, text: "0", source: "number", flags: ["single"] },
      { id: 2, text: "Straße", source: "wordnet", wordnetRank: 1, count: 5, unigramRank: 1, flags: [] },
      { id: 3, text: "МОСКВА", source: "unigram", count: 3, unigramRank: 9, flags: ["script"] },
      { id: 4, text: "Café", source: "title", titleRank: 2, flags: [] },
    ];
    const second = publish(db, newBuild(), after, []);
    const { added, removed, changed } = diffBuilds(db, id, second);
    expect(added).toEqual([after[0]]);
    expect(removed).toEqual([LIST[1], LIST[2]]);
    expect(changed).toEqual([
      { text: "Straße", fields: ["source", "count"], before: LIST[3], after: after[2] },
      { text: "МОСКВА", fields: ["flags"], before: LIST[4], after: after[3] },
      { text: "Café", fields: ["views"], before: LIST[5], after: after[4] },
    ]);
    expect(diffBuilds(db, id, id)).toEqual({ added: [], removed: [], changed: [] });
  });

  test("sources, flags and reasons are named in the schema as in the code", () => {
    expect(db.prepare("SELECT name FROM source ORDER BY id").pluck().all()).toEqual([...SOURCES]);
    expect(db.prepare("SELECT name, meaning FROM flag ORDER BY bit").raw().all()).toEqual(Object.entries(FLAGS));
    const reasons = Object.keys(SET_ASIDE_REASONS) as SetAside["reason"][];
    const all = reasons.map((reason): SetAside => ({ text: reason, source: "title", reason }));
    expect(countSetAside(db, publish(db, newBuild(), [], all))).toEqual(
      Object.fromEntries(reasons.map((name) => [name, 1])),
    );
  });
});

describe("a difference in pages", () => {
  const score = <T extends number>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  const entry = fc.record({
    text: fc.constantFrom(..."abcdefghijklmno", "é", "e\u0301", "A", "😀", "山"),
    source: fc.constantFrom("unigram" as const, "title" as const),
    scores: fc.record({
      count: score(fc.nat(1)),
      pairCount: score(fc.nat(1)),
      pmi: score(fc.constantFrom(0.5, 1 / 3)),
      npmi: score(fc.constantFrom(0.5, 1 / 3)),
      views: score(fc.nat(1)),
      unigramRank: score(fc.integer({ min: 1, max: 2 })),
    }),
    flags: fc.subarray(Object.keys(FLAGS) as Flag[], { maxLength: 1 }),
  });
  const lists = fc.uniqueArray(entry, { selector: ({ text }) => text, maxLength: 14 }).map((entries) =>
    entries.map(({ scores, ...rest }, id): Entry => {
      const known = Object.entries(scores).filter(([, value]) => value !== undefined);
      return { id, ...rest, ...Object.fromEntries(known) };
    }),
  );
  // Two lists that have little to do with each other, or a list and what became of some of its entries.
  const changed = fc.tuple(lists, lists, fc.func(fc.nat(3))).map(([older, other, choose]): [Entry[], Entry[]] => {
    const kept = older.map((entry) => (choose(entry.text) === 0 ? other.find((o) => o.text === entry.text) : entry));
    return [older, kept.filter((entry) => entry !== undefined).map((entry, id) => ({ ...entry, id }))];
  });
  const pairs = fc.oneof(fc.tuple(lists, lists), changed);

  test("is told once, in the order and as it is told at once", () => {
    const met = { added: 0, removed: 0, changed: 0 };
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 15 }), ([older, newer], limit) => {
        publish(db, newBuild(), entriesOf("in another build", "a"), []);
        const a = publish(db, newBuild(), older, []);
        const b = publish(db, newBuild(), newer, []);
        const { added, removed, changed } = diffBuilds(db, a, b);
        const expected = {
          added: added.map((after) => ({ text: after.text, fields: [], before: undefined, after })),
          removed: removed.map((before) => ({ text: before.text, fields: [], before, after: undefined })),
          changed,
        };
        expect(countDiff(db, a, b)).toEqual({
          added: added.length,
          removed: removed.length,
          changed: changed.length,
        });
        for (const change of CHANGES) {
          const told: unknown[] = [];
          for (let after: number | undefined = -1; after !== undefined; ) {
            const { rows, last } = pageDiff(db, { a, b, change, after, limit });
            expect(rows.length).toBe(Math.min(limit, expected[change].length - told.length));
            told.push(...rows);
            expect(last === undefined).toBe(told.length === expected[change].length);
            after = last;
          }
          expect(told).toEqual(expected[change]);
          met[change] += told.length;
        }
        // What came from one to the other went from the other to the one.
        const back = countDiff(db, b, a);
        expect(back).toEqual({ added: removed.length, removed: added.length, changed: changed.length });
      }),
      { numRuns: 100 },
    );
    expect(Math.min(...Object.values(met))).toBeGreaterThan(20);
  });
});

describe("reviews", () => {
  const review = { edition: EN, text: "spam", verdict: "deny", reason: "an advert", reviewer: "ann" } as const;

  test("the last one that was not undone holds", () => {
    const deny = addReview(db, { ...review, time: "2026-01-01T00:00:00Z" });
    const allow = addReview(db, { ...review, verdict: "allow", time: "2026-01-02T00:00:00Z" });
    addReview(db, { ...review, edition: DE });
    expect([...activeReviews(db, EN)]).toEqual([["spam", allow]]);
    const undone = undoReview(db, allow.id, { edition: EN, by: "bob", time: "2026-01-03T00:00:00Z" });
    expect(undone).toEqual({ ...allow, undoneTime: "2026-01-03T00:00:00Z", undoneBy: "bob" });
    expect([...activeReviews(db, EN)]).toEqual([["spam", deny]]);
    expect(listReviews(db, EN)).toEqual([deny, undone]);
    expect(complaint(() => undoReview(db, allow.id, { edition: EN, by: "bob" }))).toContain("was undone at 2026-01-03");
    expect(complaint(() => undoReview(db, deny.id, { edition: DE, by: "bob" }))).toContain("no review");
    expect(complaint(() => undoReview(db, 99, { edition: EN, by: "bob" }))).toContain("no review 99 of en");
  });

  test("one is found by its number, of whatever edition, also when it was taken back", () => {
    const first = addReview(db, review);
    const second = addReview(db, { ...review, edition: DE });
    expect(findReview(db, first.id)).toEqual(first);
    expect(findReview(db, second.id)).toEqual(second);
    const undone = undoReview(db, first.id, { edition: EN, by: "bob" });
    expect(findReview(db, first.id)).toEqual(undone);
    expect(findReview(db, second.id + 1)).toBeUndefined();
    expect(findReview(db, 0)).toBeUndefined();
  });

  test("pages of them follow each other, the latest first", () => {
    const decision = fc.record({
      edition: fc.constantFrom(EN, DE),
      text: fc.constantFrom("spam", "Spam", "日本", "a 'b'"),
      verdict: fc.constantFrom(...VERDICTS),
      isUndone: fc.boolean(),
    });
    const either = <T>(...values: T[]) => fc.constantFrom<T | undefined>(undefined, ...values);
    const query = fc.record({
      text: either("spam", "日本", "", "%"),
      verdict: either(...VERDICTS),
      holds: either(true, false),
    });
    fc.assert(
      fc.property(
        fc.array(decision, { maxLength: 12 }),
        query,
        fc.integer({ min: 1, max: 8 }),
        (decisions, wanted, limit) => {
          db.exec("DELETE FROM review");
          for (const { isUndone, ...one } of decisions) {
            const { id, edition } = addReview(db, { ...review, ...one });
            if (isUndone) undoReview(db, id, { edition, by: "bob" });
          }
          const { text, verdict, holds } = wanted;
          const expected = listReviews(db, EN)
            .filter((one) => text === undefined || one.text === text)
            .filter((one) => verdict === undefined || one.verdict === verdict)
            .filter((one) => holds === undefined || (one.undoneTime === undefined) === holds)
            .reverse();
          const told: unknown[] = [];
          for (let before: number | undefined; ; ) {
            const page = pageReviews(db, EN, { ...wanted, before, limit });
            expect(page).toEqual(expected.slice(told.length, told.length + limit));
            told.push(...page);
            before = page.at(-1)?.id;
            if (page.length < limit) break;
          }
          expect(told).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("what is exported can be imported, once", () => {
    addReview(db, { ...review, text: 'a "b"\n日本', time: "2026-01-01T00:00:00Z", reason: "" });
    addReview(db, { ...review, time: "2026-01-02T00:00:00Z" });
    const gone = addReview(db, { ...review, text: "gone" });
    undoReview(db, gone.id, { edition: EN, by: "ann" });
    const lines = [...exportReviews(db, EN)];
    expect(lines).toHaveLength(2);
    expect(importReviews(db, EN, { lines, file: "r.jsonl" })).toEqual({ added: 0, known: 2 });
    expect(importReviews(db, DE, { lines: [...lines, "", " "], file: "r.jsonl" })).toEqual({ added: 2, known: 0 });
    expect([...exportReviews(db, DE)]).toEqual(lines);
  });

  test("a line that cannot be used is named, and nothing of its file is taken", () => {
    const good = JSON.stringify({ ...review, time: "2026-01-02T00:00:00Z" });
    const load = (line: string) => complaint(() => importReviews(db, EN, { lines: [good, line], file: "r.jsonl" }));
    expect(load("{")).toContain("r.jsonl, line 2: not a JSON object");
    expect(load("[]")).toContain("not a JSON object");
    expect(load(good.replace("deny", "maybe"))).toContain('"verdict" must be');
    expect(load(good.replace('"spam"', '""'))).toContain('"text" must be');
    expect(load(good.replace("2026-01-02T00:00:00Z", "yesterday"))).toContain('"time" must be');
    expect(listReviews(db, EN)).toEqual([]);
    expect(complaint(() => addReview(db, { ...review, text: "" }))).toContain("needs the text");
  });
});

describe("opening", () => {
  test("what is not there cannot be read, and is not made by the attempt", () => {
    const missing = join(folder, "missing.sqlite");
    expect(complaint(() => openDatabase(missing, { readonly: true }))).toBe(
      `no database at ${missing}; make one with: worldmeta build CODE`,
    );
    expect(existsSync(missing)).toBe(false);
    expect(complaint(() => openDatabase(folder))).toContain("is a folder");
  });

  test("a reader cannot write", () => {
    const reader = openDatabase(path, { readonly: true });
    expect(() => publish(reader, newBuild(), [], [])).toThrow(/readonly/);
    reader.close();
  });

  test("the editions follow the table; those gone stay", () => {
    db.close();
    const [english] = EDITIONS as [Edition, Edition];
    db = openDatabase(path, { editions: [{ ...english, name: "English", closed: true }] });
    expect(db.prepare("SELECT code, name, closed FROM edition ORDER BY code").raw().all()).toEqual([
      ["de", "Language de", 0],
      ["en", "English", 1],
    ]);
  });

  test.each([
    ["a text", "id\ttext\n", "is not a SQLite database"],
    ["another program's database", undefined, "is a database of another program"],
  ])("%s is left as it is", (_, content, message) => {
    const foreign = join(folder, "foreign");
    if (content === undefined) {
      const other = new (loadSqlite())(foreign);
      other.exec("CREATE TABLE t (x)");
      other.close();
    } else writeFileSync(foreign, content);
    const before = readFileSync(foreign);
    expect(complaint(() => openDatabase(foreign, { editions: EDITIONS }))).toContain(message);
    expect(complaint(() => openDatabase(foreign, { readonly: true }))).toContain(message);
    expect(readFileSync(foreign)).toEqual(before);
  });

  test("a newer version's database is left as it is", () => {
    db.pragma("user_version = 7");
    const expected = `is of a newer worldmeta (schema 7, this one knows ${SCHEMA_VERSION})`;
    expect(complaint(() => openDatabase(path, { editions: EDITIONS }))).toContain(expected);
    expect(complaint(() => openDatabase(path, { readonly: true }))).toContain(expected);
    expect(db.pragma("user_version", { simple: true })).toBe(7);
  });

  test("an empty file becomes a database when it is written", () => {
    const empty = join(folder, "empty.sqlite");
    writeFileSync(empty, "");
    expect(complaint(() => openDatabase(empty, { readonly: true }))).toContain("is empty");
    openDatabase(empty, { editions: EDITIONS }).close();
    const again = openDatabase(empty, { readonly: true });
    expect(again.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
    expect(again.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect(again.prepare("SELECT count(*) FROM edition").pluck().get()).toBe(2);
    again.close();
  });

  test("migrations run in order, each once, all or none", () => {
    const old = new (loadSqlite())(":memory:");
    migrate(old, { path: "old", schema: "CREATE TABLE t (a)", version: 1 });
    const two = { version: 2, sql: "ALTER TABLE t ADD b" };
    const three = { version: 3, sql: "ALTER TABLE t RENAME b TO c" };
    const broken = { version: 3, sql: "ALTER TABLE absent ADD b" };
    expect(() => migrate(old, { path: "old", migrations: [two, broken], version: 3 })).toThrow(/absent/);
    expect(old.pragma("user_version", { simple: true })).toBe(1);
    migrate(old, { path: "old", migrations: [two], version: 2 });
    migrate(old, { path: "old", migrations: [two, three], version: 3 });
    migrate(old, { path: "old", migrations: [two, three], version: 3 });
    expect(old.pragma("user_version", { simple: true })).toBe(3);
    expect(old.prepare("SELECT name FROM pragma_table_info('t')").pluck().all()).toEqual(["a", "c"]);
    expect(complaint(() => migrate(old, { path: "old", version: 1 }))).toContain("newer worldmeta (schema 3");
    old.close();
  });

  test("a database of version 1 becomes what a new one is, and keeps what it holds", () => {
    const old = join(folder, "old.sqlite");
    const made = new (loadSqlite())(old);
    const schema = readFileSync(new URL("fixtures/schema-1.sql", import.meta.url), "utf8");
    migrate(made, { path: old, schema, version: 1 });
    made.exec(`INSERT INTO edition (code, tag, name, autonym, script, direction, lid_group, closed)
      VALUES ('en', 'en', 'English', 'English', 'Latn', 'ltr', 'en', 0)`);
    made.exec(`INSERT INTO build (edition, profile, fingerprint, started, finished, version, settings, figures, problems, current)
      VALUES ('en', 'corrected', 'f', '2026-01-01', '2026-01-01', '0', 'null', 'null', '[]', 1);
      INSERT INTO entry (build, id, text, source, count, unigram_rank)
        VALUES (1, 0, 'a', 2, 10, 1), (1, 1, 'b', 2, 10, 2)`);
    made.close();
    // Who only wants to read need not know of versions.
    const reader = openDatabase(old, { readonly: true, editions: EDITIONS });
    expect(reader.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect([...readEntries(reader, 1)]).toEqual(entriesOf("a", "b"));
    const parts = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    expect(reader.prepare(parts).all()).toEqual(db.prepare(parts).all());
    expect(reader.pragma("foreign_key_check")).toEqual([]);
    reader.close();
  });

  test("a database of version 2 becomes what a new one is, and its pools keep their repeats", () => {
    const old = join(folder, "old.sqlite");
    const made = new (loadSqlite())(old);
    const schema = readFileSync(new URL("fixtures/schema-2.sql", import.meta.url), "utf8");
    migrate(made, { path: old, schema, version: 2 });
    made.exec(`INSERT INTO pool (name, created, settings) VALUES ('web', '2026-01-01T00:00:00Z', '{"scheme":"edition"}');
      INSERT INTO pool_file (pool, path, sha256, bytes, added, texts, figures, problems)
      VALUES (1, 'a.jsonl', '${"a".repeat(64)}', 10, '2026-01-01T00:00:00Z', 4, '{"rows":4,"reading":"r"}', '[]')`);
    made.close();
    const reader = openDatabase(old, { readonly: true, editions: EDITIONS });
    expect(reader.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect(findPool(reader, "web")).toMatchObject({ repeats: "kept", files: 1, texts: 4, repeated: 0 });
    const parts = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    expect(reader.prepare(parts).all()).toEqual(db.prepare(parts).all());
    expect(reader.pragma("foreign_key_check")).toEqual([]);
    reader.close();
  });

  test("a database of version 3 becomes what a new one is, and its builds keep their inputs", () => {
    const old = join(folder, "old.sqlite");
    const made = new (loadSqlite())(old);
    const schema = readFileSync(new URL("fixtures/schema-3.sql", import.meta.url), "utf8");
    migrate(made, { path: old, schema, version: 3 });
    made.exec(`INSERT INTO edition (code, tag, name, autonym, script, direction, lid_group, closed)
      VALUES ('en', 'en', 'English', 'English', 'Latn', 'ltr', 'en', 0)`);
    const inputs = [{ kind: "dump", path: "a.xml", bytes: 3, licence: "CC BY-SA 4.0" } as const];
    made.exec(`INSERT INTO build (edition, profile, fingerprint, started, finished, version, settings, figures, problems, current)
      VALUES ('en', 'corrected', 'f', '2026-01-01', '2026-01-01', '0', 'null', 'null', '[]', 1);
      INSERT INTO entry (build, id, text, source, flags) VALUES (1, 0, 'a', 1, 4);
      INSERT INTO build_input (build, position, kind, path, bytes, licence) VALUES (1, 0, 'dump', 'a.xml', 3, 'CC BY-SA 4.0')`);
    made.close();
    const reader = openDatabase(old, { readonly: true, editions: EDITIONS });
    expect(reader.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect(findBuild(reader, 1)?.inputs).toEqual(inputs);
    expect(searchEntries(reader, 1, { flag: "single" }).map(({ text }) => text)).toEqual(["a"]);
    const parts = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    expect(reader.prepare(parts).all()).toEqual(db.prepare(parts).all());
    expect(reader.prepare("SELECT * FROM flag").all()).toEqual(db.prepare("SELECT * FROM flag").all());
    expect(reader.pragma("foreign_key_check")).toEqual([]);
    reader.close();
  });

  test("the database keeps its rules", () => {
    const id = publish(db, newBuild(), entriesOf("a"), []);
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(db.pragma("foreign_key_check")).toEqual([]);
    expect(() => publish(db, newBuild({ edition: "xx" as EditionCode }), [], [])).toThrow(/FOREIGN KEY/);
    const insert = (values: string) => () => db.exec(`INSERT INTO entry (build, id, text, source) VALUES (${values})`);
    expect(insert(`${id}, 1, 'b', 9`)).toThrow(/FOREIGN KEY/);
    expect(insert(`${id}, -1, 'b', 1`)).toThrow(/CHECK/);
    expect(insert(`${id}, 'one', 'b', 1`)).toThrow(/cannot store TEXT/);
    expect(insert(`${id}, 1, 'a', 1`)).toThrow(/UNIQUE/);
  });
});

describe("the lock", () => {
  test("one build of an edition at a time", () => {
    const lock = lockEdition(path, EN);
    expect(complaint(() => lockEdition(path, EN))).toMatch(/^another build of en into .* is running; wait until/);
    lockEdition(path, DE).release();
    lock.release();
    lock.release();
    lockEdition(path, EN).release();
  });

  test("one service of a database at a time, beside builds", () => {
    const lock = lockService(path);
    expect(complaint(() => lockService(path))).toBe(
      `another service of ${path} is running; stop it, or start this one with --read-only`,
    );
    lockEdition(path, EN).release();
    lockService(join(folder, "other.sqlite")).release();
    lock.release();
    lockService(path).release();
  });

  test("another process's lock holds, and ends with it when it is killed", { timeout: 30_000 }, async () => {
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { lockEdition, lockService } from "./dist/src/store/lock.js";
         lockEdition(${JSON.stringify(path)}, "en");
         console.log("locked");
         setInterval(() => {}, 1000);`,
      ],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      await once(child.stdout, "data");
      expect(complaint(() => lockEdition(path, EN))).toContain("another build of en");
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    lockEdition(path, EN).release();
  });
});
