import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EditionCode } from "../languages/define.ts";
import { type Draw, type DrawnCaption, HASHES, mergeDraws, NO_DRAW } from "../src/balancing/draw.ts";
import { UserError } from "../src/errors.ts";
import { pruneBuilds, publish } from "../src/store/builds.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import {
  addFileCounts,
  DRAWN,
  type FileCounts,
  type ListCounts,
  type Sample,
  withdrawFile,
} from "../src/store/file-counts.ts";
import { type GroupList, openGroupList, readGroupEntries } from "../src/store/group-lists.ts";
import {
  type CountQuery,
  listsOfPool,
  pageCounts,
  readDrawn,
  readPoolCounts,
  readSamples,
} from "../src/store/pool-counts.ts";
import { readFilePairs } from "../src/store/pool-pairs.ts";
import {
  createPool,
  findPool,
  findPoolFile,
  listPoolFiles,
  listPools,
  poolLabels,
  removePool,
} from "../src/store/pools.ts";
import { packCounts, type SparseCounts, unpackCounts } from "../src/store/sparse-counts.ts";
import { findThreshold, listThresholds, saveThreshold } from "../src/store/thresholds.ts";
import { jsonOf, outputOf, runCli } from "./run-cli.ts";

const LTG = "ltg" as EditionCode;
const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven"];

let folder = "";
let db: Database;
let list: GroupList;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-pools-"));
  db = openDatabase(join(folder, "worldmeta.sqlite"));
  list = newList(WORDS);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

/** Publish a list of Latgalian and open its group's. */
function newList(words: readonly string[]): GroupList {
  build(LTG, words);
  return openGroupList(db, { group: "ltg", editions: [LTG], profile: "corrected" })!;
}

function build(edition: EditionCode, words: readonly string[]): void {
  publish(
    db,
    {
      ...{ edition, profile: "corrected", fingerprint: "f", version: "0.1.0", settings: {}, figures: {} },
      ...{ started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z", problems: [], inputs: [] },
    },
    words.map((text, id) => ({ id, text, source: "unigram", unigramRank: id + 1, flags: [] })),
    [],
  );
}

const shaOf = (name: string) => createHash("sha256").update(name).digest("hex");

function sparse(dense: readonly number[]): SparseCounts {
  const ids = [...dense.keys()].filter((id) => dense[id] !== 0);
  return { ids: Uint32Array.from(ids), counts: Uint32Array.from(ids, (id) => dense[id]!) };
}

function countsOf(dense: readonly number[], changes: Partial<ListCounts> = {}): ListCounts {
  const matches = dense.reduce((sum, count) => sum + count, 0);
  return { list, texts: 10, matched: 5, matches, samples: [], drawn: NO_DRAW, ...sparse(dense), ...changes };
}

function fileOf(name: string, counts: readonly ListCounts[], changes: Partial<FileCounts> = {}): FileCounts {
  return {
    pool: "a",
    file: { path: `${name}.jsonl`, sha256: shaOf(name), bytes: 100, texts: 12, figures: { rows: 12 }, problems: [] },
    labels: [{ label: "ltg", group: "ltg", known: true, texts: 10 }],
    counts,
    ...changes,
  };
}

const sampleOf = (entry: number, hash: number, id = `c${hash}`): Sample => ({ entry, hash, id, text: `caption ${id}` });
const read = (...pools: string[]) => {
  const { counts, ...sums } = readPoolCounts(db, { pools, list });
  return { counts: [...counts], ...sums };
};
const hashesOf = (entry: number, ...pools: string[]) => readSamples(db, { pools, list, entry }).map(({ hash }) => hash);

/** The message of the UserError that `work` throws. */
function complaint(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error("nothing was thrown");
}

const dense = fc.array(fc.oneof(fc.constant(0), fc.nat(2 ** 32 - 1)), {
  minLength: WORDS.length,
  maxLength: WORDS.length,
});

describe("counts as one value", () => {
  test("come back as they went", () => {
    const counts = fc
      .uniqueArray(fc.tuple(fc.nat(2 ** 32 - 2), fc.integer({ min: 1, max: 2 ** 32 - 1 })), { selector: ([id]) => id })
      .map((pairs) => pairs.sort((a, b) => a[0] - b[0]))
      .map((pairs) => ({
        ids: Uint32Array.from(pairs, ([id]) => id),
        counts: Uint32Array.from(pairs, ([, count]) => count),
      }));
    fc.assert(
      fc.property(counts, (sparse) => {
        expect(unpackCounts(packCounts(sparse))).toEqual(sparse);
      }),
    );
  });

  test("are refused where they cannot be", () => {
    const pack = (ids: number[], counts: number[]) => () =>
      packCounts({ ids: Uint32Array.from(ids), counts: Uint32Array.from(counts) });
    expect(pack([1, 1], [1, 1])).toThrow(/ascend/);
    expect(pack([2, 1], [1, 1])).toThrow(/ascend/);
    expect(pack([1], [0])).toThrow(/is 0/);
    expect(pack([1], [])).toThrow(/1 ids have 0 counts/);
    const value = packCounts({ ids: Uint32Array.of(1, 300), counts: Uint32Array.of(5, 70_000) });
    value[4] = value[4]! ^ 255;
    expect(() => unpackCounts(value)).toThrow();
  });
});

describe("a pool", () => {
  test("is made, found, listed and removed by its name", () => {
    const settings = { textField: "caption", scheme: "lid.176" };
    const pool = createPool(db, { name: "a", settings, created: "2026-01-01T00:00:00Z" });
    expect(pool).toEqual({
      ...{ id: pool.id, name: "a", created: "2026-01-01T00:00:00Z", settings, repeats: "kept" },
      ...{ files: 0, texts: 0, repeated: 0, bytes: 0 },
    });
    createPool(db, { name: "B", settings: null });
    const drawn = { below: HASHES, captions: [{ hash: 1, times: 5, ids: Uint32Array.of(0) }] };
    addFileCounts(db, fileOf("one", [countsOf([1], { drawn })]));
    expect(findPool(db, "a")).toEqual({ ...pool, files: 1, texts: 12, bytes: 100 });
    expect(findPool(db, "c")).toBeUndefined();
    expect(listPools(db).map(({ name }) => name)).toEqual(["B", "a"]);
    expect(complaint(() => createPool(db, { name: "a", settings: {} }))).toContain('there is a pool "a" already');
    expect(complaint(() => createPool(db, { name: "", settings: {} }))).toContain("needs a name");
    expect(complaint(() => removePool(db, "c"))).toBe('no pool "c"; there are: B, a');
    expect(removePool(db, "a").files).toBe(1);
    removePool(db, "B");
    expect(complaint(() => removePool(db, "c"))).toBe('no pool "c"; there are none yet');
    for (const table of ["pool_file", "pool_label", "file_count", "match_count", "sample", "draw", "drawn_caption"]) {
      expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    }
  });
});

describe("counts of files", () => {
  beforeEach(() => {
    createPool(db, { name: "a", settings: {} });
    createPool(db, { name: "b", settings: {} });
  });

  test("add up, and are taken back, in any order", () => {
    const files = fc.uniqueArray(fc.tuple(fc.nat(9), dense, fc.boolean()), { selector: ([name]) => name });
    fc.assert(
      fc.property(files, (all) => {
        for (const [name, counts] of all) addFileCounts(db, fileOf(String(name), [countsOf(counts)]));
        for (const [name, , stays] of [...all].reverse()) {
          if (!stays) withdrawFile(db, { pool: "a", sha256: shaOf(String(name)) });
        }
        const left = all.filter(([, , stays]) => stays);
        const expected = WORDS.map((_, id) => left.reduce((sum, [, counts]) => sum + counts[id]!, 0));
        expect(read("a")).toEqual({
          counts: expected,
          matches: expected.reduce((sum, count) => sum + count, 0),
          texts: 10 * left.length,
          matched: 5 * left.length,
          files: left.length,
        });
        expect(db.prepare("SELECT entry, count FROM match_count ORDER BY entry").raw().all()).toEqual(
          [...expected.entries()].filter(([, count]) => count > 0),
        );
        for (const [name] of left) withdrawFile(db, { pool: "a", sha256: shaOf(String(name)) });
        expect(db.prepare("SELECT count(*) FROM match_count").pluck().get()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("sums beyond 2^32 are exact", () => {
    const most = 2 ** 32 - 1;
    for (let file = 0; file < 5; file++) addFileCounts(db, fileOf(String(file), [countsOf([most, 1])]));
    expect(read("a").counts.slice(0, 2)).toEqual([5 * most, 5]);
    expect(read("a").matches).toBe(5 * most + 5);
    const stored = "SELECT typeof(count), count FROM match_count ORDER BY entry";
    expect(db.prepare(stored).raw().all()).toEqual([
      ["integer", 5 * most],
      ["integer", 5],
    ]);
  });

  test("of a file that is there take the place of the old ones, for the lists given alone", () => {
    const old = list;
    const problem = { code: "E401", count: 2, samples: ["line 3"] } as const;
    const first = addFileCounts(db, fileOf("one", [countsOf([1, 2, 3])], { added: "2026-01-01T00:00:00Z" }));
    list = newList([...WORDS, "eight"]);
    const file = {
      path: "moved.jsonl",
      sha256: shaOf("one"),
      bytes: 100,
      texts: 13,
      figures: null,
      problems: [problem],
    };
    const labels = [{ label: "lv", group: "lv", known: true, texts: 13 }];
    const change = { file, labels, added: "2026-01-02T00:00:00Z" };
    const second = addFileCounts(db, fileOf("one", [countsOf([0, 0, 5, 0, 0, 0, 0, 0, 9])], change));
    expect(second).toEqual({ ...first, ...file, added: "2026-01-02T00:00:00Z" });
    expect(findPoolFile(db, { pool: "a", sha256: shaOf("one") })).toEqual(second);
    expect(findPoolFile(db, { pool: "b", sha256: shaOf("one") })).toBeUndefined();
    expect(listPoolFiles(db, "a")).toEqual([second]);
    expect(poolLabels(db, ["a"])).toEqual(labels);
    addFileCounts(db, fileOf("one", [countsOf([0, 1, 0, 0, 0, 0, 0, 0, 7], { texts: 11 })], change));
    expect(read("a")).toEqual({ counts: [0, 1, 0, 0, 0, 0, 0, 0, 7], texts: 11, matched: 5, matches: 8, files: 1 });
    const { counts } = readPoolCounts(db, { pools: ["a"], list: old });
    expect([...counts]).toEqual([1, 2, 3, 0, 0, 0, 0, 0]);
    expect(listsOfPool(db, "a")).toEqual([
      { list, current: true, texts: 11, matched: 5, matches: 8, files: 1 },
      { list: old, current: false, texts: 10, matched: 5, matches: 6, files: 1 },
    ]);
    withdrawFile(db, { pool: "a", sha256: shaOf("one") });
    expect(listsOfPool(db, "a")).toEqual([]);
  });

  test("of several pools add up; a file that two of them have counts once", () => {
    addFileCounts(db, fileOf("one", [countsOf([1, 1])]));
    addFileCounts(db, fileOf("shared", [countsOf([10, 0, 10])]));
    addFileCounts(db, fileOf("shared", [countsOf([0, 20, 10])], { pool: "b" }));
    addFileCounts(db, fileOf("two", [countsOf([0, 100])], { pool: "b" }));
    const both = {
      ...{ counts: [11, 101, 10, 0, 0, 0, 0, 0], texts: 30, matched: 15, matches: 122, files: 3 },
    };
    expect(read("a", "b")).toEqual(both);
    expect(read("b", "a", "b")).toEqual(both);
    expect(read("b")).toMatchObject({ matches: 130, files: 2 });
    expect(read()).toMatchObject({ counts: WORDS.map(() => 0), files: 0 });
    expect(poolLabels(db, ["a", "b"])).toEqual([{ label: "ltg", group: "ltg", known: true, texts: 30 }]);
    expect(complaint(() => read("a", "c"))).toContain('no pool "c"');
  });

  test("a file counted in one pool for another list is no double", () => {
    addFileCounts(db, fileOf("one", [countsOf([1])]));
    list = newList(["new"]);
    addFileCounts(db, fileOf("one", [countsOf([4])], { pool: "b" }));
    expect(read("a", "b")).toMatchObject({ counts: [4], files: 1 });
  });

  test("of a file that was read in another way are counted in place of all that it added before", () => {
    const older = list;
    addFileCounts(db, fileOf("one", [countsOf([1, 2])]));
    list = newList([...WORDS, "eight"]);
    addFileCounts(db, fileOf("one", [countsOf([3])], { reread: true }));
    expect(listsOfPool(db, "a").map((counted) => counted.list.id)).toEqual([list.id]);
    expect([...readPoolCounts(db, { pools: ["a"], list: older }).counts]).toEqual(WORDS.map(() => 0));
    expect(read("a").counts[0]).toBe(3);
  });

  test("that contradict themselves are refused, and nothing of the file is left", () => {
    const add = (counts: ListCounts) => () => addFileCounts(db, fileOf("one", [countsOf([1]), counts]));
    expect(add(countsOf([0, 0, 0, 0, 0, 0, 0, 0, 1]))).toThrow(/no entry 8/);
    expect(add(countsOf([1], { matches: 2 }))).toThrow(/sum up to 1/);
    expect(add(countsOf([1], { matched: 11 }))).toThrow(/11 of 10/);
    expect(add(countsOf([1], { list: { ...list, name: "0".repeat(64) } }))).toThrow("no longer in the database");
    expect(listPoolFiles(db, "a")).toEqual([]);
    expect(read("a").matches).toBe(0);
    expect(complaint(() => addFileCounts(db, fileOf("one", [], { pool: "c" })))).toContain('no pool "c"');
    const absent = { pool: "a", sha256: shaOf("absent") };
    expect(complaint(() => withdrawFile(db, absent))).toContain("no file with the SHA-256");
  });

  test("labels add up over files, those unknown told apart", () => {
    const labels = [
      { label: "xx", group: "other", known: false, texts: 3 },
      { label: "ltg", group: "ltg", known: true, texts: 3 },
      { label: "", group: "other", known: false, texts: 1 },
    ];
    addFileCounts(db, fileOf("one", [], { labels }));
    addFileCounts(db, fileOf("two", [], { labels: labels.slice(0, 1) }));
    addFileCounts(db, fileOf("two", [], { labels: labels.slice(0, 1), pool: "b" }));
    expect(poolLabels(db, ["b", "a"])).toEqual([{ ...labels[0], texts: 6 }, labels[1], labels[2]]);
    expect(
      db.prepare("SELECT label, files, texts FROM pool_label_readable WHERE pool = 'a' AND NOT known").all(),
    ).toEqual([
      { label: "", files: 1, texts: 1 },
      { label: "xx", files: 2, texts: 6 },
    ]);
  });

  test("keep builds from being pruned until they are withdrawn", () => {
    addFileCounts(db, fileOf("one", [countsOf([1])]));
    const [build] = list.builds;
    newList(["new"]);
    expect(pruneBuilds(db, 1)).toMatchObject({ removed: [], counted: [{ build: { id: build }, pools: ["a"] }] });
    withdrawFile(db, { pool: "a", sha256: shaOf("one") });
    expect(pruneBuilds(db, 1)).toMatchObject({ removed: [{ id: build }], counted: [] });
  });
});

describe("pairs that files brought first", () => {
  const chunksOf = (hashes: readonly bigint[]) => [new Uint8Array(BigUint64Array.from(hashes).buffer)];
  const add = (name: string, hashes: readonly bigint[], changes: Partial<FileCounts> = {}) =>
    addFileCounts(db, fileOf(name, [countsOf([1])], { pairs: chunksOf(hashes), ...changes }));
  const pairsOf = (name: string) => {
    const { id } = findPoolFile(db, { pool: "a", sha256: shaOf(name) })!;
    return [...readFilePairs(db, id)].flatMap((chunk) => [...new BigUint64Array(chunk.buffer)]);
  };
  beforeEach(() => {
    createPool(db, { name: "a", settings: { scheme: "lid.176", repeats: "dropped" } });
  });

  test("are kept with the file, whole however many chunks they come in, and go with it", () => {
    const many = BigUint64Array.from({ length: 150_000 }, (_, at) => BigInt(at + 1) << 33n);
    const cuts = [0, 1, 70_000, 70_001, 150_000];
    const pairs = cuts.slice(1).map((to, at) => new Uint8Array(many.slice(cuts[at], to).buffer));
    addFileCounts(db, fileOf("one", [], { pairs }));
    expect(pairsOf("one")).toEqual([...many]);
    expect(db.prepare("SELECT length(hashes) / 8 FROM pool_pair ORDER BY part").pluck().all()).toEqual([
      ...[65_536, 65_536, 18_928],
    ]);
    add("one", [5n, 7n]);
    expect(pairsOf("one")).toEqual([5n, 7n]);
    removePool(db, "a");
    expect(db.prepare("SELECT count(*) FROM pool_pair").pluck().get()).toBe(0);
  });

  test("keep a file in its place once others have come after it", () => {
    add("one", [1n, 2n]);
    add("two", []);
    add("three", [3n]);
    const withdraw = (name: string) => withdrawFile(db, { pool: "a", sha256: shaOf(name) });
    const refusal =
      'the pool "a" drops repeats, and files that came after one.jsonl have dropped what it has already; only the last, ' +
      "three.jsonl, can be withdrawn or read in another way: count the files that are to stay into a new pool, with " +
      "--keep-repeats if any of them is to be withdrawn later";
    expect(complaint(() => withdraw("one"))).toBe(refusal);
    expect(complaint(() => add("one", [1n], { reread: true }))).toBe(refusal);
    // Counted again for another list, it brings what it brought.
    add("one", [1n, 2n]);
    // What has brought nothing has made others drop nothing.
    withdraw("two");
    add("three", [3n, 4n], { reread: true });
    withdraw("three");
    withdraw("one");
    expect(listPoolFiles(db, "a")).toEqual([]);
  });

  test("and what a pool has dropped is told", () => {
    const { file } = fileOf("one", []);
    add("one", [1n], { file: { ...file, figures: { rows: 12, repeated: 1234 } } });
    expect(findPool(db, "a")).toMatchObject({ repeats: "dropped", texts: 12, repeated: 1234 });
    expect(db.prepare("SELECT repeats, repeated FROM pool_readable").get()).toEqual({
      ...{ repeats: "dropped", repeated: 1234 },
    });
    const path = join(folder, "worldmeta.sqlite");
    const table = (...args: string[]) => outputOf(["pools", ...args, "--db", path]).replaceAll(/ +/g, " ");
    expect(table()).toContain("a 1 12 1,234 dropped");
    expect(table("a")).toContain("12 texts · repeats dropped: 1,234 texts");
    expect(table("a")).toContain("100 B 12 1,234 0");
    expect(jsonOf(["pools", "a", "--db", path])).toMatchObject({ repeats: "dropped", repeated: 1234 });
  });
});

describe("drawn captions", () => {
  beforeEach(() => {
    createPool(db, { name: "a", settings: {} });
    createPool(db, { name: "b", settings: {} });
  });
  const captionsOf = (hashes: readonly number[]): DrawnCaption[] =>
    hashes.map((hash) => ({ hash, times: 1, ids: Uint32Array.of(hash % WORDS.length) }));
  const drawOf = (hashes: readonly number[], below = HASHES): Draw =>
    mergeDraws([{ below, captions: captionsOf(hashes) }]);
  const add = (name: string, drawn: Draw, pool = "a") =>
    addFileCounts(db, fileOf(name, [countsOf([1], { texts: 20_000, matched: matchedOf(drawn), drawn })], { pool }));
  const matchedOf = ({ below, captions }: Draw) =>
    captions.reduce((sum, { times }) => sum + times, 0) + (below === HASHES ? 0 : 5);
  const drawnOf = (...pools: string[]) => readDrawn(db, { pools, list });
  const many = (count: number, first: number) => Array.from({ length: count }, (_, index) => first + 2 * index);

  test("of files that were read whole are all there, with the entries that they match", () => {
    const ids = Uint32Array.of(7, 0, 3);
    add("one", { below: HASHES, captions: [{ hash: HASHES - 1, times: 2, ids }] });
    expect(drawnOf("a")).toEqual({
      below: HASHES,
      captions: [{ hash: HASHES - 1, times: 2, ids: Uint32Array.of(0, 3, 7) }],
    });
    expect(db.prepare("SELECT typeof(below), below FROM draw").raw().get()).toEqual(["integer", HASHES]);
    expect(drawnOf("b")).toEqual({ below: HASHES, captions: [] });
    expect(complaint(() => drawnOf("c"))).toContain('no pool "c"');
  });

  test("are all below the least bound, and at most so many, in whatever order files come and go", () => {
    const draw = fc.tuple(fc.uniqueArray(fc.nat(9999), { maxLength: 20 }), fc.integer({ min: 1, max: 20_000 }));
    fc.assert(
      fc.property(fc.array(draw, { maxLength: 4 }), fc.nat(3), (draws, gone) => {
        const files = draws.map(([hashes, below]) => drawOf(hashes, below));
        for (const [index, drawn] of files.entries()) add(String(index), drawn);
        expect(drawnOf("a")).toEqual(mergeDraws(files));
        if (gone < files.length) {
          withdrawFile(db, { pool: "a", sha256: shaOf(String(gone)) });
          const left = files.filter((_, index) => index !== gone);
          const below = left.length === 0 ? HASHES : Math.min(...files.map((file) => file.below));
          expect(drawnOf("a")).toEqual(mergeDraws([{ below, captions: [] }, ...left]));
        }
        for (const [index] of files.entries()) {
          if (index !== gone) withdrawFile(db, { pool: "a", sha256: shaOf(String(index)) });
        }
        expect(
          db.prepare("SELECT (SELECT count(*) FROM draw) + (SELECT count(*) FROM drawn_caption)").pluck().get(),
        ).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("stay as many as are kept: the bound falls, and a file counted again brings back its own", () => {
    const even = drawOf(many(3000, 0));
    const odd = drawOf(many(3000, 1));
    add("even", even);
    add("odd", odd);
    const both = drawnOf("a");
    expect(both).toEqual(mergeDraws([even, odd], { size: DRAWN }));
    expect(both.below).toBe(DRAWN);
    withdrawFile(db, { pool: "a", sha256: shaOf("odd") });
    expect(drawnOf("a")).toEqual(drawOf(many(DRAWN / 2, 0), DRAWN));
    add("odd", odd);
    expect(drawnOf("a")).toEqual(both);
    add("odd", odd);
    expect(drawnOf("a")).toEqual(both);
  });

  test("of one hash are told by their number, in one file or several, and a file in two pools counts once", () => {
    const one = { below: HASHES, captions: [{ hash: 5, times: 3, ids: Uint32Array.of(1) }] };
    add("one", one);
    add("two", one);
    add("two", one, "b");
    add("three", drawOf([5, 6, 8], 7), "b");
    expect(drawnOf("a")).toEqual({ below: HASHES, captions: [{ ...one.captions[0], times: 6 }] });
    expect(drawnOf("a", "b").below).toBe(7);
    expect(drawnOf("a", "b").captions.map(({ hash, times }) => [hash, times])).toEqual([
      [5, 7],
      [6, 1],
    ]);
    expect(drawnOf("b").captions[0]?.times).toBe(4);
    withdrawFile(db, { pool: "a", sha256: shaOf("one") });
    expect(drawnOf("a").captions[0]?.times).toBe(3);
  });

  test("that are more than match, or not all though they are said to be, are refused", () => {
    const drawn = drawOf([1, 2, 3]);
    const addMatched = (matched: number) => () => addFileCounts(db, fileOf("one", [countsOf([1], { matched, drawn })]));
    expect(addMatched(2)).toThrow(/3 captions are drawn of 2/);
    expect(addMatched(4)).toThrow(/3 captions are drawn of 4/);
  });
});

describe("pages of counts", () => {
  const small = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(4) });
  const bound = fc.oneof(fc.constant(undefined), fc.nat(5));
  const counts = fc.array(small, { minLength: 12, maxLength: 12 });

  /** The entries wanted, all of them, from what is read at once. */
  function twin({ pool, list, sort, min, max }: Omit<CountQuery, "limit" | "after">) {
    const { counts } = readPoolCounts(db, { pools: [pool], list });
    const all = [...readGroupEntries(db, list)].map((text, id) => ({ id, text, count: counts[id]! }));
    const isWanted = (count: number) => (max === 0 ? count === 0 : count > 0 && count <= (max ?? Infinity));
    return all
      .filter(({ count }) => isWanted(count) && count >= (min ?? 0))
      .sort((a, b) => (sort === "count" ? b.count - a.count : 0) || a.id - b.id);
  }

  /** Open a list of twelve entries: that of one build, or a union in whose order its builds do not lie. */
  function openList(united: boolean): GroupList {
    if (!united) return newList(Array.from({ length: 12 }, (_, n) => `word ${n}`));
    build("en" as EditionCode, ["b", "d", "a", "both", "x", "y", "z"]);
    build("simple" as EditionCode, ["c", "both", "e", "q", "r", "s"]);
    return openGroupList(db, { group: "en", editions: ["en", "simple"] as EditionCode[], profile: "corrected" })!;
  }

  test.each([false, true])("follow each other until all is told, once (a union: %j)", (united) => {
    createPool(db, { name: "a", settings: {} });
    createPool(db, { name: "b", settings: {} });
    const other = list;
    list = openList(united);
    expect([list.entries, list.builds.length]).toEqual([12, united ? 2 : 1]);
    const query = fc.record({ sort: fc.constantFrom("count", "id"), min: bound, max: bound });
    fc.assert(
      fc.property(
        fc.tuple(counts, counts, counts),
        query,
        fc.integer({ min: 1, max: 13 }),
        ([one, two, elsewhere], asked, limit) => {
          // Counts of another pool and another list are not to be taken for these.
          addFileCounts(db, fileOf("one", [countsOf(one), { ...countsOf(WORDS.map(() => 9)), list: other }]));
          addFileCounts(db, fileOf("two", [countsOf(two)]));
          addFileCounts(db, fileOf("three", [countsOf(elsewhere)], { pool: "b" }));
          const wanted = { pool: "a", list, ...asked } as const;
          const expected = twin(wanted);
          const told: unknown[] = [];
          for (let after: number | undefined; ; ) {
            const page = pageCounts(db, { ...wanted, limit, after });
            expect(page).toEqual(expected.slice(told.length, told.length + limit));
            told.push(...page);
            after = page.at(-1)?.id;
            if (page.length < limit) break;
          }
          expect(told).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("begin behind any entry, also one that is not told itself", () => {
    createPool(db, { name: "a", settings: {} });
    addFileCounts(db, fileOf("one", [countsOf([3, 0, 5, 3, 1, 0, 9, 3])]));
    const ids = (changes: Partial<CountQuery>) =>
      pageCounts(db, { pool: "a", list, sort: "count", limit: 10, ...changes }).map(({ id }) => id);
    expect(ids({})).toEqual([6, 2, 0, 3, 7, 4]);
    expect(ids({ after: 3 })).toEqual([7, 4]);
    expect(ids({ after: 6, max: 3 })).toEqual([0, 3, 7, 4]);
    expect(ids({ after: 1 })).toEqual([]);
    expect(ids({ after: 1, sort: "id" })).toEqual([2, 3, 4, 6, 7]);
    expect(ids({ max: 0 })).toEqual([1, 5]);
    expect(ids({ max: 0, after: 1 })).toEqual([5]);
    expect(ids({ max: 0, after: 3 })).toEqual([5]);
    expect(ids({ max: 0, after: 7 })).toEqual([]);
    expect(ids({ max: 0, min: 1 })).toEqual([]);
    expect(complaint(() => ids({ pool: "z" }))).toContain('no pool "z"');
  });

  test("tell counts beyond 2^32, in their order", () => {
    createPool(db, { name: "a", settings: {} });
    const most = 2 ** 32 - 1;
    for (const name of ["one", "two"]) addFileCounts(db, fileOf(name, [countsOf([most - 1, most, 1])]));
    const page = pageCounts(db, { pool: "a", list, sort: "count", min: 2 ** 32, limit: 10 });
    expect(page.map(({ id, count }) => [id, count])).toEqual([
      [1, 2 * most],
      [0, 2 * most - 2],
    ]);
    expect(pageCounts(db, { pool: "a", list, sort: "count", after: 1, limit: 1 })[0]?.id).toBe(0);
  });
});

describe("samples", () => {
  beforeEach(() => {
    createPool(db, { name: "a", settings: {} });
    createPool(db, { name: "b", settings: {} });
  });
  const add = (name: string, samples: readonly Sample[], pool = "a") =>
    addFileCounts(db, fileOf(name, [countsOf([1], { samples })], { pool }));

  test("are the three captions of the smallest hash, in whatever order files come", () => {
    const samples = fc.array(
      fc.tuple(fc.nat(2), fc.nat(12), fc.constantFrom("x", "y")).map(([entry, hash, id]) => sampleOf(entry, hash, id)),
    );
    fc.assert(
      fc.property(samples, samples, fc.boolean(), (one, two, turned) => {
        for (const name of turned ? ["two", "one"] : ["one", "two"]) add(name, name === "one" ? one : two);
        for (const entry of [0, 1, 2]) {
          const all = [...one, ...two].filter((sample) => sample.entry === entry);
          const hashes = [...new Set(all.map(({ hash }) => hash))].sort((a, b) => a - b).slice(0, 3);
          const expected = hashes.map((hash) => {
            const ids = all.filter((sample) => sample.hash === hash).map(({ id }) => id);
            return { hash, id: ids.sort()[0] };
          });
          const found = readSamples(db, { pools: ["a"], list, entry });
          expect(found.map(({ hash, id }) => ({ hash, id }))).toEqual(expected);
        }
        for (const name of ["one", "two"]) withdrawFile(db, { pool: "a", sha256: shaOf(name) });
        expect(db.prepare("SELECT count(*) FROM sample").pluck().get()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("tell where they come from, go with their file and are replaced with it", () => {
    const largest = 2 ** 53 - 1;
    add("one", [sampleOf(0, largest), sampleOf(0, 5)]);
    add("two", [sampleOf(0, 3)]);
    expect(readSamples(db, { pools: ["a"], list, entry: 0 })).toEqual([
      { ...sampleOf(0, 3), pool: "a", path: "two.jsonl" },
      { ...sampleOf(0, 5), pool: "a", path: "one.jsonl" },
      { ...sampleOf(0, largest), pool: "a", path: "one.jsonl" },
    ]);
    add("two", [sampleOf(0, 4)]);
    expect(hashesOf(0, "a")).toEqual([4, 5, largest]);
    withdrawFile(db, { pool: "a", sha256: shaOf("one") });
    expect(hashesOf(0, "a")).toEqual([4]);
    expect(hashesOf(1, "a")).toEqual([]);
  });

  test("of several pools are the smallest of all, each once", () => {
    add(
      "one",
      [1, 3, 5].map((hash) => sampleOf(0, hash)),
    );
    add(
      "one",
      [1, 2, 4].map((hash) => sampleOf(0, hash)),
      "b",
    );
    expect(hashesOf(0, "a", "b")).toEqual([1, 2, 3]);
    expect(hashesOf(0, "b")).toEqual([1, 2, 4]);
  });
});

describe("thresholds", () => {
  const policy = { policy: "tail-ratio", requested: 0.06, t: 20, achieved: 0.058, head: 1, tail: 2, zero: 5, total: 9 };
  beforeEach(() => {
    for (const name of ["a", "b", "c"]) createPool(db, { name, settings: {} });
    addFileCounts(db, fileOf("one", [countsOf([1])]));
  });

  test("belong to a list and a set of pools; the last one holds", () => {
    const time = "2026-01-01T00:00:00Z";
    const saved = saveThreshold(db, { pools: ["b", "a", "b"], list: list.id, ...policy, time });
    expect(saved).toEqual({ pools: ["a", "b"], list: list.id, ...policy, time, stale: false });
    expect(findThreshold(db, { pools: ["a", "b"], list })).toEqual(saved);
    expect(findThreshold(db, { pools: ["a"], list })).toBeUndefined();
    const fixed = { ...policy, policy: "t", requested: undefined, achieved: undefined, time };
    const next = saveThreshold(db, { pools: ["a", "b"], list: list.id, ...fixed });
    expect(findThreshold(db, { pools: ["b", "a"], list })).toEqual(next);
    expect(next.requested).toBeUndefined();
    expect(next.achieved).toBeUndefined();
    expect(complaint(() => saveThreshold(db, { pools: ["z"], list: list.id, ...policy }))).toContain('no pool "z"');
  });

  test("are listed, the latest first", () => {
    const older = list;
    list = newList([...WORDS, "eight"]);
    const save = (pools: readonly string[], of: GroupList, time: string) =>
      saveThreshold(db, { pools, list: of.id, ...policy, time });
    expect(listThresholds(db)).toEqual([]);
    const second = save(["a"], older, "2026-01-02T00:00:00.000Z");
    const third = save(["b"], older, "2026-01-03T00:00:00.000Z");
    const first = save(["a", "b"], older, "2026-01-01T00:00:00.000Z");
    const together = save(["a"], list, "2026-01-02T00:00:00.000Z");
    expect(listThresholds(db)).toEqual([third, together, second, first]);
    const again = save(["b", "a"], older, "2026-01-04T00:00:00.000Z");
    expect(listThresholds(db)).toEqual([again, third, together, second]);
    addFileCounts(db, fileOf("two", [{ ...countsOf([1]), list: older }], { pool: "b" }));
    expect(listThresholds(db).map(({ stale }) => stale)).toEqual([true, true, false, false]);
  });

  test("are stale when the counts of their list have changed in one of their pools", () => {
    const isStale = (...pools: string[]) => findThreshold(db, { pools, list })?.stale;
    const save = () => {
      for (const pools of [["a"], ["a", "b"], ["b"]]) saveThreshold(db, { pools, list: list.id, ...policy });
    };
    save();
    withdrawFile(db, { pool: "a", sha256: shaOf("one") });
    expect([isStale("a"), isStale("a", "b"), isStale("b")]).toEqual([true, true, false]);
    save();
    expect(isStale("a")).toBe(false);
    addFileCounts(db, fileOf("two", [countsOf([1])], { pool: "b" }));
    expect([isStale("a"), isStale("a", "b"), isStale("b")]).toEqual([false, true, true]);
    save();
    addFileCounts(db, fileOf("two", [countsOf([1])], { pool: "c" }));
    expect([isStale("a"), isStale("a", "b"), isStale("b")]).toEqual([false, false, false]);
    removePool(db, "a");
    expect([isStale("a"), isStale("a", "b"), isStale("b")]).toEqual([undefined, undefined, false]);
  });

  test("are stale when the counts of the group that anchors them have changed", () => {
    const older = list;
    list = newList([...WORDS, "eight"]);
    const isStale = (anchor: string) => {
      saveThreshold(db, { pools: ["a"], list: older.id, ...policy, policy: `anchor en=5, anchor ${anchor}=7` });
      addFileCounts(db, fileOf("two", [countsOf([1])]));
      return findThreshold(db, { pools: ["a"], list: older })?.stale;
    };
    expect([isStale("ltg"), isStale("fr")]).toEqual([true, false]);
  });
});

test("the views name pools, lists and entries", () => {
  createPool(db, { name: "a", settings: {} });
  addFileCounts(db, fileOf("one", [countsOf([0, 7], { samples: [sampleOf(1, 5)] })]));
  expect(db.prepare("SELECT pool, files, texts FROM pool_readable").get()).toEqual({ pool: "a", files: 1, texts: 12 });
  expect(db.prepare("SELECT pool, lid_group, entry, text, source, count FROM match_count_readable").all()).toEqual([
    { pool: "a", lid_group: "ltg", entry: 1, text: "one", source: "unigram", count: 7 },
  ]);
  expect(db.prepare("SELECT entry_text, caption, path FROM sample_readable").all()).toEqual([
    { entry_text: "one", caption: "caption c5", path: "one.jsonl" },
  ]);
  expect(db.prepare("SELECT pool, path, list, matches FROM file_count_readable").all()).toEqual([
    { pool: "a", path: "one.jsonl", list: list.name, matches: 7 },
  ]);
});

describe("worldmeta pools", () => {
  let path = "";
  beforeEach(() => {
    path = join(folder, "worldmeta.sqlite");
    createPool(db, { name: "a", settings: { scheme: "lid.176" }, created: "2026-01-01T00:00:00Z" });
    const labels = [
      { label: "ltg", group: "ltg", known: true, texts: 10 },
      { label: "qqq", group: "other", known: false, texts: 2 },
    ];
    addFileCounts(db, fileOf("one", [countsOf([1, 2])], { labels, added: "2026-01-02T00:00:00Z" }));
    addFileCounts(db, fileOf("two", [countsOf([0, 3], { matched: 10 })], { added: "2026-01-02T00:00:00Z" }));
    const share = { policy: "tail-ratio", requested: 0.06, achieved: 0.058 };
    saveThreshold(db, { pools: ["a"], list: list.id, ...share, t: 20, head: 0, tail: 2, zero: 6, total: 6 });
  });
  const run = (...args: string[]) => runCli(["pools", ...args, "--db", path]);
  const table = (...args: string[]) => outputOf(["pools", ...args, "--db", path]).replaceAll(/ +/g, " ");

  test("lists pools with their share of texts that match and their thresholds", () => {
    createPool(db, { name: "empty", settings: {} });
    const rows = table().split("\n");
    expect(rows[0]).toBe("pool files texts repeats matched lists t");
    expect(rows.slice(2)).toEqual(["a 2 24 kept 75.0 % 1 ltg 20", "empty 0 0 kept – 0 –", ""]);
    expect(jsonOf<object[]>(["pools", "--db", path])).toMatchObject([
      {
        name: "a",
        files: 2,
        lists: [{ list: list.name, group: "ltg", matches: 6, threshold: { t: 20, stale: false } }],
      },
      { name: "empty", files: 0, texts: 0, lists: [] },
    ]);
  });

  test("shows one pool's groups, files and unknown labels", () => {
    const shown = table("a");
    expect(shown).toContain("a · 2 files · 200 B · 24 texts · repeats kept · made 2026-01-01T00:00:00Z");
    expect(shown).toContain(`ltg corrected ${list.name.slice(0, 12)} current 8 2 20 75.0 % 6 20 5.8 %`);
    expect(shown).toContain("other – – no list – – 2 – – – –");
    expect(shown).toContain(`one.jsonl ${shaOf("one").slice(0, 12)} 100 B 12 – 0 2026-01-02T00:00:00Z`);
    expect(shown).toContain("qqq 2 8.3 % other");
    expect(table("a", "--limit", "1")).toContain("… and 1 more; --limit and --json show them");
    expect(jsonOf(["pools", "a", "--db", path])).toMatchObject({
      settings: { scheme: "lid.176" },
      fileList: [{ path: "one.jsonl", sha256: shaOf("one"), texts: 12 }, { path: "two.jsonl" }],
      labels: [
        { label: "ltg", known: true, texts: 20 },
        { label: "qqq", group: "other", known: false, texts: 2 },
      ],
    });
  });

  test("withdraws a file by its path, its content or its SHA-256", () => {
    const copy = join(folder, "copy.jsonl");
    writeFileSync(copy, "one");
    expect(run("a", "--withdraw", copy).stderr).toBe("withdrew one.jsonl with 12 texts from the pool a\n");
    expect(read("a")).toMatchObject({ files: 1, matches: 3 });
    expect(table()).toContain("ltg 20 (stale)");
    expect(run("a", "--withdraw", "one.jsonl")).toMatchObject({
      status: 1,
      stderr: "worldmeta: the pool a has no file one.jsonl; see worldmeta pools a\n",
    });
    expect(run("a", "--withdraw", shaOf("two").toUpperCase()).status).toBe(0);
    expect(read("a").files).toBe(0);
  });

  test("asks which file of a path is meant", () => {
    const file = { ...fileOf("three", []).file, path: "two.jsonl" };
    addFileCounts(db, fileOf("three", [], { file }));
    const { status, stderr } = run("a", "--withdraw", "two.jsonl");
    expect(status).toBe(1);
    expect(stderr).toContain(
      `has 2 files of the path two.jsonl; name one by SHA-256: ${shaOf("two")}, ${shaOf("three")}`,
    );
  });

  test("removes a pool", () => {
    expect(run("a", "--remove")).toMatchObject({ status: 0, stderr: "removed the pool a: 2 files, 24 texts\n" });
    expect(table()).toBe("no pools yet\n");
    expect(run("a")).toMatchObject({ status: 1, stderr: 'worldmeta: no pool "a"; there are none yet\n' });
    expect(run("--remove").status).toBe(2);
    expect(run("a", "--remove", "--withdraw", "x").status).toBe(2);
  });

  test("prune says which builds stay for their counts", () => {
    const [build] = list.builds;
    newList(["new"]);
    const { stderr, stdout } = runCli(["prune", "--keep", "1", "--db", path]);
    expect(stdout).toBe("nothing to remove\n");
    expect(stderr).toContain(
      `kept build ${build} of ltg, corrected: there are counts of its list in the pool a; see worldmeta pools a`,
    );
  });
});
