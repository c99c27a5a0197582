import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountPoolOptions, countPool, type FileReport } from "../src/engine/count-pool.ts";
import { findRepeats } from "../src/engine/find-repeats.ts";
import { withoutRepeats as leaveOut, openRepeats, readFirsts } from "../src/engine/found-repeats.ts";
import { listPairs, solvePairs } from "../src/engine/list-pairs.ts";
import { lookAtPoolFiles } from "../src/engine/pool-files.ts";
import { createParquetTable } from "../src/export/parquet.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { readGroupEntries } from "../src/store/group-lists.ts";
import { listsOfPool, readDrawn, readPoolCounts, readSamples } from "../src/store/pool-counts.ts";
import { createRandom } from "./random.ts";
import { MAIN, makeFolder, outputOf, runCli } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
afterAll(() => rmSync(folder, { recursive: true }));

const WORDS = ["cat", "dog", "paris", "new york", "man", "a", "the", "concatenate", "blue shirt", "7"];

interface Row {
  readonly id: string;
  readonly url?: string | undefined;
  readonly lang: string;
  readonly texts: readonly string[];
}

/** Rows of few images with few texts, so that a third of their pairs is repeated. */
function makeRows(count: number, seed: number): Row[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index): Row => {
    const text = () => Array.from({ length: 1 + random(3) }, () => WORDS[random(WORDS.length)]!).join(" ");
    return {
      id: `c${seed}-${index}`,
      url: random(6) === 0 ? undefined : `https://example.org/${random(count / 200)}.jpg`,
      lang: random(5) === 0 ? "simple" : "en",
      texts: Array.from({ length: random(6) === 0 ? random(4) : 1 }, text),
    };
  });
}

/** The rows of several files without what is repeated, by a set of pairs. */
function withoutRepeats(files: readonly (readonly Row[])[]): Row[][] {
  const seen = new Set<string>();
  return files.map((rows) =>
    rows.map((row) => ({
      ...row,
      texts: row.texts.filter((text) => {
        const pair = JSON.stringify([row.url, text]);
        const isRepeated = row.url !== undefined && seen.has(pair);
        seen.add(pair);
        return !isRepeated;
      }),
    })),
  );
}

function savePool(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

const textsOf = (files: readonly (readonly Row[])[]) => files.flat().reduce((sum, { texts }) => sum + texts.length, 0);

beforeAll(() => {
  const tab = join(folder, "wn-data-eng.tab");
  const lines = ["cat", "dog", "paris", "new york", "man", "blue shirt"].map(
    (lemma, at) => `${String(at).padStart(8, "0")}-n\teng:lemma\t${lemma}`,
  );
  writeFileSync(tab, `# Test\teng\thttps://example.org\tCC BY\n${lines.join("\n")}\n`);
  outputOf(["build", "en", "--wordnet", tab, "--db", db]);
});

async function count(
  name: string,
  paths: readonly string[],
  options: Partial<CountPoolOptions> = {},
): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  await countPool({
    ...{ db, name, paths, fields: {}, profile: "corrected", threads: 1, memory: 1e9 },
    ...options,
    onFile: (report) => reports.push(report),
  });
  return reports;
}

/** What a pool has of English: counts and samples by entry, sums and drawn captions. */
function resultOf(name: string, path = db) {
  const store = openDatabase(path, { readonly: true });
  try {
    return listsOfPool(store, name).map(({ list }) => {
      const { counts, texts, matched, matches } = readPoolCounts(store, { pools: [name], list });
      const entries = [...readGroupEntries(store, list)].map((text, entry) => [
        ...[text, counts[entry]],
        readSamples(store, { pools: [name], list, entry }).map(({ id, text }) => `${id}: ${text}`),
      ]);
      return { list: list.name, texts, matched, matches, entries, drawn: readDrawn(store, { pools: [name], list }) };
    });
  } finally {
    closeDatabase(store);
  }
}

const workOf = (path = db) => readdirSync(`${path}.work`).filter((name) => /^pool-.*-/.test(name));

const files = [makeRows(6000, 1), makeRows(20_000, 2), makeRows(3000, 3)];
const distinct = withoutRepeats(files);
const paths = ["first.jsonl", "second.jsonl.gz", "third.jsonl"].map((name, at) => savePool(name, files[at]!));

describe("count, of pairs that are repeated,", () => {
  beforeAll(async () => {
    const cleaned = distinct.map((rows, at) => savePool(`distinct-${at}.jsonl`, rows));
    await count("distinct", cleaned, { repeats: "kept" });
  });

  it("counts the first alone, as if the others were not in the files", async () => {
    const reports = await count("plain", paths);
    expect(resultOf("plain")).toEqual(resultOf("distinct"));
    expect(reports.map(({ texts }) => texts)).toEqual(distinct.map((rows) => textsOf([rows])));
    expect(reports.map(({ texts, repeated }) => texts + repeated)).toEqual(files.map((rows) => textsOf([rows])));
    expect(reports[1]!.repeated).toBeGreaterThan(4000);
    expect(workOf()).toEqual([]);
    await count("kept", paths, { repeats: "kept" });
    expect(resultOf("kept")[0]!.texts).toBe(textsOf(files));
  });

  it("counts the same whatever the threads, the memory and how the rows are cut into files", async () => {
    await count("three", paths, { threads: 3, memory: 1 });
    expect(resultOf("three")).toEqual(resultOf("distinct"));
    const whole = savePool("whole.jsonl", files.flat());
    await count("whole", [whole], { threads: 2 });
    expect(resultOf("whole")).toEqual(resultOf("distinct"));
    const parts = files.flat().flatMap((_, at, all) => (at % 2500 === 0 ? [all.slice(at, at + 2500)] : []));
    const cut = parts.map((rows, at) => savePool(`part-${String(at).padStart(2, "0")}.jsonl`, rows));
    await count("parts", cut, { threads: 3 });
    expect(resultOf("parts")).toEqual(resultOf("distinct"));
  });

  it("counts the same in runs one after the other, also when the files before are gone", async () => {
    const copies = files.map((rows, at) => savePool(`gone-${at}.jsonl`, rows));
    for (const path of copies) {
      await count("runs", [path]);
      rmSync(path);
    }
    expect(resultOf("runs")).toEqual(resultOf("distinct"));
    // The order given is the pool's: of other files first, other rows of equal pairs are counted.
    const [report] = await count("backwards", [...paths].reverse());
    expect(report!.texts).toBe(textsOf(withoutRepeats([files[2]!])));
  });

  it("drops the same from a file that is counted again for a new list: what files before it had, not those after it", async () => {
    const own = join(folder, "again.sqlite");
    const tab = join(folder, "wn-data-eng.tab");
    outputOf(["build", "en", "--wordnet", tab, "--db", own]);
    await count("again", paths, { db: own });
    writeFileSync(join(folder, "more.tab"), `${readFileSync(tab, "utf8")}00000009-n\teng:lemma\tthe\n`);
    outputOf(["build", "en", "--wordnet", join(folder, "more.tab"), "--db", own]);
    // The last first, and the first with the second at once.
    const [third] = await count("again", [paths[2]!], { db: own });
    const [first, second] = await count("again", [paths[1]!, paths[0]!], { db: own, threads: 2 });
    expect([first, second, third].map((report) => report!.texts)).toEqual(distinct.map((rows) => textsOf([rows])));
    await count("afresh", paths, { db: own });
    expect(resultOf("again", own)[0]).toEqual(resultOf("afresh", own)[0]);
    const [fresh] = await count("again", [paths[1]!], { db: own });
    expect(fresh).toMatchObject({ fresh: true, texts: second!.texts, repeated: second!.repeated });
  });

  it("refuses to read a file in another way that has others behind it, or to change what the pool does", async () => {
    await count("fixed", paths.slice(0, 2));
    await expect(count("fixed", [paths[0]!], { fields: { url: "id" } })).rejects.toThrow(
      /drops repeats, and files that came after .*first\.jsonl have dropped .* only the last, .*second\.jsonl\.gz, can be/,
    );
    const [again] = await count("fixed", [paths[1]!], { fields: { url: "id" } });
    // By its own id each row has an image of its own, with few texts that it has twice.
    const alone = withoutRepeats([files[1]!.map((row) => ({ ...row, url: row.id }))]);
    expect(again).toMatchObject({ fresh: false, texts: textsOf(alone) });
    await expect(count("fixed", paths, { repeats: "kept" })).rejects.toThrow(
      'the pool "fixed" drops repeats; count files whose repeats are to be kept into another one',
    );
    await expect(count("kept", paths, { repeats: "dropped" })).rejects.toThrow('the pool "kept" keeps repeats; count');
    expect(runCli(["pools", "fixed", "--withdraw", paths[0]!, "--db", db])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^worldmeta: the pool "fixed" drops repeats, .*\n$/),
    });
    outputOf(["pools", "fixed", "--withdraw", paths[1]!, "--db", db]);
    await count("alone", [paths[0]!]);
    expect(resultOf("fixed")[0]!.matches).toBe(resultOf("alone")[0]!.matches);
  });

  it("counts a file all of whose pairs the pool has, and one whose rows have no URL", async () => {
    await count("none", [paths[0]!]);
    const copy = savePool("copy.jsonl", [...files[0]!.filter(({ url }) => url !== undefined)].reverse());
    const [nothing] = await count("none", [copy]);
    expect(nothing).toMatchObject({ texts: 0, labels: [], fresh: false });
    const [twice] = await count("none", [copy]);
    expect(twice).toMatchObject({ texts: 0, repeated: nothing!.repeated, fresh: true });
    const lines = join(folder, "lines.txt");
    writeFileSync(lines, "a cat\n".repeat(50));
    const [report] = await count("none", [lines], { lang: "en" });
    expect(report).toMatchObject({ texts: 50, repeated: 0 });
    // It has made no other drop anything, and can go.
    await count("none", [paths[2]!]);
    outputOf(["pools", "none", "--withdraw", lines, "--db", db]);
  });

  it("says what was dropped, and keeps repeats where it is told to", () => {
    const dropped = runCli(["count", ...paths, "--name", "said", "--db", db]);
    const repeated = textsOf(files) - textsOf(distinct);
    expect(dropped.stdout).toMatch(new RegExp(`^repeated +${repeated.toLocaleString("en")} `, "m"));
    const first = textsOf([files[0]!]) - textsOf([distinct[0]!]);
    expect(dropped.stderr).toContain(`, 2 labels, ${first.toLocaleString("en")} repeats dropped\n`);
    const kept = runCli(["count", paths[0]!, "--name", "said kept", "--keep-repeats", "--db", db]);
    expect(kept.stdout).toContain("texts that repeat an earlier pair of image and text are counted\n");
    expect(runCli(["count", paths[0]!, "--name", "said", "--keep-repeats", "--db", db])).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining('the pool "said" drops repeats') },
    });
  });
});

describe("count, stopped while it drops repeats,", () => {
  const change = (path: string, sql: string) => {
    const store = openDatabase(path);
    store.exec(sql);
    closeDatabase(store);
  };
  const STOP =
    "CREATE TRIGGER stop BEFORE INSERT ON pool_file WHEN NEW.path LIKE '%third%' BEGIN SELECT raise(ABORT, 'stopped'); END";

  it("goes on from what it has found, also for files that other lists make it count again", async () => {
    const own = join(folder, "stopped.sqlite");
    const tab = join(folder, "wn-data-eng.tab");
    outputOf(["build", "en", "--wordnet", tab, "--db", own]);
    change(own, STOP);
    await expect(count("web", paths, { db: own, threads: 2 })).rejects.toThrow("stopped");
    change(own, "DROP TRIGGER stop");
    const stages = new Set<string>();
    const [first, second, third] = await count("web", paths, { db: own, onProgress: ({ stage }) => stages.add(stage) });
    expect([first!.fresh, second!.fresh, third!.fresh]).toEqual([true, true, false]);
    expect(third!.texts).toBe(textsOf([distinct[2]!]));
    expect(stages.has("find repeats")).toBe(false);
    expect(workOf(own)).toEqual([]);

    change(own, STOP);
    await expect(count("other", paths.slice(1), { db: own })).rejects.toThrow("stopped");
    change(own, "DROP TRIGGER stop");
    writeFileSync(join(folder, "other.tab"), `${readFileSync(tab, "utf8")}00000009-n\teng:lemma\tthe\n`);
    outputOf(["build", "en", "--wordnet", join(folder, "other.tab"), "--db", own]);
    await count("other", paths.slice(1), { db: own });
    await count("other at once", paths.slice(1), { db: own });
    expect(resultOf("other", own)[0]).toEqual(resultOf("other at once", own)[0]);
  });

  it("at any moment by a signal: counts the same when it is started again", async () => {
    await count("whole run", paths, { threads: 2 });
    const expected = resultOf("whole run");
    for (const moment of [/^pairs-0/, /^pairs-2/, /^repeats-/, /^found\.json$/, /^share-0$/]) {
      const own = join(folder, `killed-${String(moment).replace(/\W/g, "")}.sqlite`);
      writeFileSync(own, readFileSync(db));
      const work = `${own}.work`;
      mkdirSync(work, { recursive: true });
      const args = ["count", ...paths, "--name", "killed", "--threads", "2", "--db", own];
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      const watch = setInterval(() => {
        const names = readdirSync(work, { recursive: true }).map((name) => String(name).split("/").at(-1)!);
        if (names.some((name) => moment.test(name))) child.kill("SIGKILL");
      }, 1);
      await ended;
      clearInterval(watch);
      outputOf(args);
      expect(workOf(own), String(moment)).toEqual([]);
      expect(resultOf("killed", own), String(moment)).toEqual(expected);
    }
  });

  it("by a file that has changed meanwhile: leaves nothing of it", async () => {
    const path = savePool("changing.jsonl", files[2]!);
    let grown = false;
    const counting = count("changing", [paths[0]!, path], {
      onProgress({ stage }) {
        if (!grown && stage === "find repeats") appendFileSync(path, '{"text": "a cat", "lang": "en"}\n');
        grown ||= stage === "find repeats";
      },
    });
    await expect(counting).rejects.toThrow("has changed while it was counted");
    expect(workOf()).toEqual([]);
    expect(resultOf("changing")[0]!.texts).toBeGreaterThan(0);
  });

  it("by a damaged file: counts those before it, and goes on without it", async () => {
    const bad = savePool("bad.jsonl.gz", files[1]!);
    writeFileSync(bad, readFileSync(bad).subarray(0, -100));
    await expect(count("damaged", [paths[0]!, bad, paths[2]!])).rejects.toThrow("bad.jsonl.gz");
    const [first, third] = await count("damaged", [paths[0]!, paths[2]!]);
    expect([first!.fresh, third!.fresh]).toEqual([true, false]);
    await count("undamaged", [paths[0]!, paths[2]!]);
    expect(resultOf("damaged")).toEqual(resultOf("undamaged"));
    expect(existsSync(`${db}.work`) && workOf().filter((name) => name.includes("repeats"))).toEqual([]);
  });
});

describe("findRepeats", () => {
  it("finds the same in however many partitions, and what is new of each file, ascending", async () => {
    const given = await lookAtPoolFiles({ paths, fields: {} });
    for (const [partitions, images] of [
      [1, false],
      [16, false],
      [32, true],
    ] as const) {
      const own = join(folder, `found-${partitions}-${images}`);
      await findRepeats({ folder: own, files: given, fields: {}, images, partitions, threads: 2, memory: 1e9 });
      // By URL some have none.
      const ranges = readdirSync(own).filter((name) => name.startsWith("repeats-"));
      expect(ranges.length).toBeGreaterThan(partitions / 2);
      for (const [file, rows] of files.entries()) {
        const tell = openRepeats({ folder: own, file });
        const left = rows.map((row, at) => {
          const whole = { ...row, url: row.url };
          const repeats = tell(Math.floor(at / 512), whole);
          return repeats === undefined ? whole.texts : leaveOut(whole, repeats).texts;
        });
        expect(left).toEqual(distinct[file]!.map(({ texts }) => texts));
        const firsts = [...readFirsts({ folder: own, file })].flatMap((bytes) => [
          ...new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
        ]);
        expect(firsts).toEqual([...firsts].sort((a, b) => (a < b ? -1 : 1)));
        const withUrl = distinct[file]!.filter(({ url }) => url !== undefined);
        expect(firsts.length).toBe(images ? 0 : textsOf([withUrl]));
      }
    }
  });
});

describe("the pairs of a file", () => {
  const archives = ["webarchive/aut/example.warc.gz"].filter((path) => !lacksSharedData(path)).map(sharedData);
  const rows = files[1]!.flatMap(({ url = null, texts }) => texts.slice(0, 1).map((text) => ({ url, text })));
  const columns = [
    { name: "url", type: "string", nullable: true },
    { name: "text", type: "string" },
  ] as const;
  const table = createParquetTable({ columns });
  const parquet = join(folder, "rows.parquet");
  const groups = Array.from({ length: 9 }, (_, at) => rows.slice(at * 2000, (at + 1) * 2000));
  const chunks = groups.map((group) => table.add([group.map(({ url }) => url), group.map(({ text }) => text)]));
  writeFileSync(parquet, Buffer.concat([...chunks, table.end()]));
  const tsv = join(folder, "rows.tsv");
  writeFileSync(tsv, `url\ttext\n${rows.map(({ url, text }) => `${url ?? ""}\t${text}\n`).join("")}`);
  const lines = savePool(
    "rows.jsonl",
    rows.map(({ url, text }, at) => ({ id: `${at}`, url: url ?? undefined, lang: "en", texts: [text] })),
  );

  /** What is repeated of a file that is listed in so many shares. */
  async function repeatsIn(path: string, of: number, images: boolean): Promise<Buffer> {
    const context = { onBytes() {}, ask: async () => undefined, kept: new Map() };
    const own = join(folder, `${basename(path)}-${of}-${images}`);
    const shares = Array.from({ length: of }, (_, index) => `${own}-${index}`);
    for (const [index, output] of shares.entries()) {
      const share = { index, of, groups: 4 };
      await listPairs({ path, name: path, share, fields: {}, partitions: 1, images, output }, context);
    }
    const range = { partition: 0, of: 1, part: 0, parts: 1 };
    await solvePairs({ sources: [{ file: 0, shares }], range, images, files: 1, repeats: own });
    return readFileSync(own);
  }

  it.each([parquet, tsv, lines, ...archives])("are the same in any number of shares: %s", async (path) => {
    for (const images of [false, true]) {
      const whole = await repeatsIn(path, 1, images);
      expect(whole.length).toBeGreaterThan(1000);
      for (const of of [2, 5]) expect((await repeatsIn(path, of, images)).equals(whole)).toBe(true);
    }
  });
});
