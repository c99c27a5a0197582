import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EditionCode } from "../languages/define.ts";
import { type Entry, SOURCES, type Source } from "../src/entries/types.ts";
import { nameList } from "../src/list-name.ts";
import { compareCodePoints } from "../src/order.ts";
import type { ProfileName } from "../src/profile.ts";
import { pruneBuilds, publish } from "../src/store/builds.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import {
  findGroupEntry,
  findGroupList,
  type GroupListRequest,
  isCurrentList,
  listGroupLists,
  openGroupList,
  readGroupEntries,
} from "../src/store/group-lists.ts";

const EN = "en" as EditionCode;
const SIMPLE = "simple" as EditionCode;
const LTG = "ltg" as EditionCode;
const ENGLISH: GroupListRequest = { group: "en", editions: [EN, SIMPLE], profile: "corrected" };

let folder = "";
let path = "";
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-lists-"));
  path = join(folder, "worldmeta.sqlite");
  db = openDatabase(path);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

type Row = readonly [text: string, source: Source, rank: number];

/** Entries of a build in the order in which a build has them. */
function entriesOf(rows: readonly Row[]): Entry[] {
  return [...rows]
    .sort(
      (a, b) => SOURCES.indexOf(a[1]) - SOURCES.indexOf(b[1]) || rankOf(a) - rankOf(b) || compareCodePoints(a[0], b[0]),
    )
    .map(([text, source, rank], id): Entry => {
      const ranked = source === "number" || source === "review" ? {} : { [`${source}Rank`]: rank };
      return { id, text, source, flags: [], ...ranked };
    });
}

function rankOf([text, source, rank]: Row): number {
  if (source === "number") return Number(text);
  return source === "review" ? 0 : rank;
}

function build(edition: EditionCode, rows: readonly Row[], profile: ProfileName = "corrected"): number {
  return publish(
    db,
    {
      ...{ edition, profile, fingerprint: "f", version: "0.1.0", settings: {}, figures: {}, problems: [], inputs: [] },
      ...{ started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z" },
    },
    entriesOf(rows),
    [],
  );
}

const open = (changes: Partial<GroupListRequest> = {}) => openGroupList(db, { ...ENGLISH, ...changes });
const entriesIn = (list: { readonly id: number } | undefined) => [...readGroupEntries(db, list!)];

/** Every entry is found under its id, and nothing else is. */
function expectFound(list: { readonly id: number } | undefined, entries: readonly string[]): void {
  expect(entries.map((text) => findGroupEntry(db, list!, text))).toEqual([...entries.keys()]);
  expect(findGroupEntry(db, list!, "no entry")).toBeUndefined();
}

const source = fc.constantFrom(...SOURCES);
const row = source.chain((name) =>
  fc.tuple(
    name === "number" ? fc.nat(30).map(String) : fc.string({ unit: "grapheme", minLength: 1, maxLength: 2 }),
    fc.constant(name),
    fc.integer({ min: 1, max: 5 }),
  ),
);
const rows = fc.uniqueArray(row, { selector: ([text]) => text, maxLength: 60 });

describe("the list of a group", () => {
  test("of one edition is its build's own list with its own ids", () => {
    fc.assert(
      fc.property(rows, (list) => {
        build(LTG, list);
        const found = openGroupList(db, { group: "ltg", editions: [LTG], profile: "corrected" });
        const expected = entriesOf(list).map(({ text }) => text);
        expect(entriesIn(found)).toEqual(expected);
        expect(found?.entries).toBe(expected.length);
        expectFound(found, expected);
      }),
      { numRuns: 50 },
    );
  });

  test("unites the lists of its editions by source, best rank and code point", () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const builds = [build(EN, first), build(SIMPLE, second)];
        const best = new Map<string, Row>();
        for (const one of [...first, ...second]) {
          const other = best.get(one[0]);
          const key = (of: Row) => SOURCES.indexOf(of[1]) * 1000 + rankOf(of);
          if (other === undefined || key(one) < key(other)) best.set(one[0], one);
        }
        const expected = entriesOf([...best.values()]).map(({ text }) => text);
        const list = open();
        expect(entriesIn(list)).toEqual(expected);
        expect(list).toMatchObject({ group: "en", scheme: undefined, profile: "corrected", builds });
        expect(list?.entries).toBe(expected.length);
        expect(list?.name).toBe(nameList(expected));
        expectFound(list, expected);
        const readable = "SELECT text FROM group_entry_readable WHERE list = ? ORDER BY id";
        expect(db.prepare(readable).pluck().all(list?.id)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("a union of lists of which one is empty is the other", () => {
    build(EN, [
      ["0", "number", 1],
      ["\u{1F600}", "unigram", 2],
      ["\uFF21", "unigram", 2],
    ]);
    const alone = open();
    build(SIMPLE, []);
    expect(entriesIn(open())).toEqual(["0", "\uFF21", "\u{1F600}"]);
    expect(open()).toMatchObject({ id: alone?.id, name: alone?.name });
  });

  test("pages of long lists follow each other", () => {
    const long = Array.from({ length: 10_000 }, (_, index): Row => [`w${index}`, "unigram", index + 1]);
    build(EN, long);
    expect(entriesIn(open())).toEqual(long.map(([text]) => text));
    build(SIMPLE, long.slice(0, 8192).reverse());
    expect(entriesIn(open())).toEqual(long.map(([text]) => text));
  });

  test("is named by SHA-256 of its lines", () => {
    build(EN, [
      ["a", "unigram", 1],
      ["é b", "bigram", 1],
    ]);
    expect(open()?.name).toBe(createHash("sha256").update("a\né b\n", "utf8").digest("hex"));
    const long = Array.from({ length: 30_000 }, (_, index) => `entry ${index} \u{1F600}`);
    expect(nameList(long)).toBe(
      createHash("sha256")
        .update(`${long.join("\n")}\n`)
        .digest("hex"),
    );
    expect(nameList([])).toBe(createHash("sha256").digest("hex"));
  });

  test("is made once, and anew when one of its editions is built", () => {
    expect(open()).toBeUndefined();
    build(EN, [["a", "unigram", 1]]);
    const first = open();
    expect(open({ editions: [SIMPLE, EN, EN] })).toEqual(first);
    expect(isCurrentList(db, first!)).toBe(true);
    build(SIMPLE, [["b", "unigram", 1]]);
    expect(isCurrentList(db, first!)).toBe(false);
    const second = open();
    expect(second?.id).not.toBe(first?.id);
    build(EN, [["c", "unigram", 1]]);
    const third = open();
    expect(listGroupLists(db, { group: "en" })).toEqual([third, second, first]);
    expect([first, second, third].map((list) => entriesIn(list))).toEqual([["a"], ["a", "b"], ["b", "c"]]);
    expect([first, second, third].map((list) => isCurrentList(db, list!))).toEqual([false, false, true]);
    expect(findGroupList(db, { id: second!.id })).toEqual(second);
    expect(findGroupList(db, { name: second!.name })).toEqual(second);
    expect(findGroupList(db, { id: 99 })).toBeUndefined();
    expect(findGroupList(db, { name: "0".repeat(64) })).toBeUndefined();
  });

  test("stays the same when a build brings the same entries, and is then of that build", () => {
    const old = [build(EN, [["a", "unigram", 1]]), build(SIMPLE, [["b", "unigram", 1]])];
    const before = open();
    expect(before?.builds).toEqual(old);
    const next = [build(SIMPLE, [["b", "title", 1]]), build(EN, [["a", "wordnet", 7]])];
    expect(isCurrentList(db, before!)).toBe(false);
    const after = open();
    expect(after).toEqual({ ...before, builds: next });
    expect(isCurrentList(db, after!)).toBe(true);
    expect(pruneBuilds(db, 1).removed).toHaveLength(2);
    expect(entriesIn(before)).toEqual(["a", "b"]);
  });

  test("groups, schemes and profiles have lists of their own", () => {
    build(EN, [["a", "unigram", 1]]);
    build(EN, [["a", "unigram", 1]], "reference");
    const lists = [
      open(),
      open({ profile: "reference" }),
      open({ group: "other", scheme: "lid.176" }),
      open({ group: "other", scheme: "nllb" }),
    ];
    expect(new Set(lists.map((list) => list?.id)).size).toBe(4);
    expect(new Set(lists.map((list) => list?.name)).size).toBe(1);
    expect(lists.at(-1)?.scheme).toBe("nllb");
    expect(findGroupList(db, { name: lists[0]!.name, group: "other", scheme: "lid.176" })).toEqual(lists[2]);
    expect(listGroupLists(db, { group: "other" })).toHaveLength(2);
    expect(() => open({ group: "other" })).toThrow(/scheme/);
    expect(() => open({ scheme: "nllb" })).toThrow(/scheme/);
  });

  test("one that is on record can be opened for reading; another cannot be made so", () => {
    build(EN, [["a", "unigram", 1]]);
    const list = open();
    const reader = openDatabase(path, { readonly: true });
    expect(openGroupList(reader, ENGLISH)).toEqual(list);
    expect(openGroupList(reader, { ...ENGLISH, editions: [LTG] })).toBeUndefined();
    build(SIMPLE, [["b", "unigram", 1]]);
    expect(() => openGroupList(reader, ENGLISH)).toThrow(/for writing/);
    reader.close();
  });

  test("goes with its builds when nothing was counted", () => {
    build(EN, [["a", "unigram", 1]]);
    const first = open();
    build(EN, [["b", "unigram", 1]]);
    const second = open();
    expect(pruneBuilds(db, 1)).toMatchObject({ removed: [{ edition: "en" }], counted: [] });
    expect(listGroupLists(db)).toEqual([second]);
    expect(() => readGroupEntries(db, first!)).toThrow(/no list/);
  });

  test("the database keeps builds that lists are made from", () => {
    const id = build(EN, [["a", "unigram", 1]]);
    open();
    expect(() => db.prepare("DELETE FROM build WHERE id = ?").run(id)).toThrow(/FOREIGN KEY/);
    expect(db.prepare("SELECT current, builds FROM group_list_readable").get()).toEqual({
      current: 1,
      builds: `en: ${id}`,
    });
  });
});
