import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { getEdition } from "../languages/index.ts";
import { countPool, type FileReport } from "../src/engine/count-pool.ts";
import { readCountPoolOutput } from "../src/engine/count-pool-share.ts";
import { parquetChunks } from "../src/export/parquet.ts";
import { matchesCorrected, matchesReference } from "../src/matching/rules.ts";
import type { ProfileName } from "../src/profile.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { DRAWN } from "../src/store/file-counts.ts";
import { readGroupEntries } from "../src/store/group-lists.ts";
import { listsOfPool, readDrawn, readPoolCounts, readSamples } from "../src/store/pool-counts.ts";
import { createRandom } from "./random.ts";
import { jsonOf, MAIN, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
afterAll(() => rmSync(folder, { recursive: true }));

const LEMMAS = {
  eng: ["cat", "dog", "paris", "new york", "st. louis", "blue shirt", "man", "iPhone", "well-known", "a"],
  jpn: ["カメラ", "新しい", "東京", "猫", "買う", "写真"],
  zul: ["ikati", "inja", "umuntu"],
  fra: ["chat", "homme", "l'eau", "eau", "œil"],
} as const;
const WORDS = {
  en: [...LEMMAS.eng, "(paris)", "paris's", "cats", "2010", "12.10.2010", "7", "IMG_2010.jpg", "concatenate", "the"],
  ja: ["新しいカメラとiPhoneを買った", "東京の猫", "写真", "2010年", "カメラ。", "猫"],
  zu: ["ikati", "inja.", "umuntu,", "7"],
  fr: ["chat", "l'homme", "l’eau", "d'œil", "«chat»", "hommes"],
} as const;

interface Row {
  readonly id?: string;
  readonly lang: string;
  readonly texts: readonly string[];
}

function makeRows(count: number, seed: number): Row[] {
  const random = createRandom(seed);
  const labels = ["en", "en", "en", "ja", "zu", "fr", "simple", "xx-unknown", "sw"];
  return Array.from({ length: count }, (_, index) => {
    const lang = labels[random(labels.length)]!;
    const words = WORDS[(lang in WORDS ? lang : "en") as keyof typeof WORDS];
    const text = () => Array.from({ length: 1 + random(7) }, () => words[random(words.length)]!).join(" ");
    return { id: `c${seed}-${index}`, lang, texts: random(5) === 0 ? [text(), text()] : [text()] };
  });
}

function savePool(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  const lines = rows.map(({ texts, ...row }) =>
    JSON.stringify(texts.length === 1 ? { ...row, text: texts[0] } : { ...row, texts }),
  );
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

beforeAll(() => {
  const tab = (code: keyof typeof LEMMAS) => {
    const path = join(folder, `wn-data-${code}.tab`);
    const lines = LEMMAS[code].map((lemma, index) => `${String(index).padStart(8, "0")}-n\t${code}:lemma\t${lemma}`);
    writeFileSync(path, `# Test\t${code}\thttps://example.org\tCC BY\n${lines.join("\n")}\n`);
    return path;
  };
  for (const profile of ["corrected", "reference"]) {
    for (const [edition, code] of [
      ["en", "eng"],
      ["simple", "eng"],
      ["ja", "jpn"],
      ["zu", "zul"],
      ["fr", "fra"],
    ] as const) {
      outputOf(["build", edition, "--wordnet", tab(code), "--db", db, "--profile", profile]);
    }
  }
});

/** Counts files by the library. */
async function count(
  name: string,
  paths: readonly string[],
  options: Partial<Parameters<typeof countPool>[0]> = {},
): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  await countPool({
    ...{ db, name, paths, fields: {}, profile: "corrected", threads: 1, memory: 1e9 },
    ...options,
    onFile: (report) => reports.push(report),
  });
  return reports;
}

/** What a pool has: for each group the counts by entry, texts and samples. */
function resultOf(name: string, profile: ProfileName = "corrected", path = db) {
  const store = openDatabase(path, { readonly: true });
  try {
    const lists = listsOfPool(store, name).filter(({ list }) => list.profile === profile);
    return Object.fromEntries(
      lists.map(({ list }) => {
        const { counts, texts, matched, matches } = readPoolCounts(store, { pools: [name], list });
        const entries = [...readGroupEntries(store, list)].map((text, entry) => [
          text,
          counts[entry],
          readSamples(store, { pools: [name], list, entry }).map(({ id, text }) => `${id}: ${text}`),
        ]);
        return [list.group, { texts, matched, matches, entries: entries.filter(([, count]) => count !== 0) }];
      }),
    );
  } finally {
    closeDatabase(store);
  }
}

/** The captions that are drawn of each group. */
function drawsOf(name: string) {
  const store = openDatabase(db, { readonly: true });
  try {
    const lists = listsOfPool(store, name).map(({ list }) => list);
    return Object.fromEntries(lists.map((list) => [list.group, readDrawn(store, { pools: [name], list })]));
  } finally {
    closeDatabase(store);
  }
}

/** Counts by the plain rules. */
function countPlainly(rows: readonly Row[], profile: ProfileName, groupOf: (lang: string) => string | undefined) {
  const store = openDatabase(db, { readonly: true });
  try {
    const result: Record<string, { texts: number; matched: number; matches: number; counts: Record<string, number> }> =
      {};
    for (const { list } of listsOfPool(store, "plain").filter(({ list }) => list.profile === profile)) {
      const own = { texts: 0, matched: 0, matches: 0, counts: {} as Record<string, number> };
      const rule = apostropheRuleOf(getEdition(list.group === "other" ? "sw" : list.group));
      const entries = [...readGroupEntries(store, list)];
      for (const text of rows.filter(({ lang }) => groupOf(lang) === list.group).flatMap(({ texts }) => texts)) {
        own.texts++;
        const found = entries.filter((entry) =>
          profile === "reference" ? matchesReference(text, entry) : matchesCorrected(text, entry, rule),
        );
        if (found.length > 0) own.matched++;
        own.matches += found.length;
        for (const entry of found) own.counts[entry] = (own.counts[entry] ?? 0) + 1;
      }
      result[list.group] = own;
    }
    return result;
  } finally {
    closeDatabase(store);
  }
}

const GROUPS: Readonly<Record<string, string>> = {
  en: "en",
  simple: "en",
  ja: "ja",
  zu: "zu",
  fr: "fr",
  "xx-unknown": "other",
  sw: "sw",
};

describe("countPool", () => {
  it.each(["corrected", "reference"] as const)("counts what the plain rule of %s matches", async (profile) => {
    const rows = makeRows(600, 1);
    const path = savePool("plain.jsonl", rows);
    await count("plain", [path], { profile });
    const plain = countPlainly(rows, profile, (lang) => GROUPS[lang]);
    const found = Object.fromEntries(
      Object.entries(resultOf("plain", profile)).map(([group, { entries, ...figures }]) => [
        group,
        { ...figures, counts: Object.fromEntries(entries.map(([text, count]) => [text, count])) },
      ]),
    );
    expect(Object.keys(found).sort()).toEqual(["en", "fr", "ja", "zu"]);
    expect(found).toEqual(plain);
  });

  it("gives the same counts and samples with any number of threads, order of files, and memory for lists", async () => {
    const parts = [makeRows(12_000, 2), makeRows(12_000, 3), makeRows(12_000, 4)];
    const paths = parts.map((rows, index) => savePool(`part-${index}.jsonl${index === 1 ? ".gz" : ""}`, rows));
    await count("one", paths, { threads: 1 });
    await count("three", [...paths].reverse(), { threads: 3 });
    await count("tight", paths, { threads: 2, memory: 1 });
    const whole = savePool("whole.jsonl", parts.flat());
    await count("whole", [whole], { threads: 3 });
    const expected = resultOf("one");
    expect(Object.values(expected).reduce((sum, { texts }) => sum + texts, 0)).toBeGreaterThan(30_000);
    for (const name of ["three", "tight", "whole"]) expect(resultOf(name), name).toEqual(expected);
    const draws = drawsOf("one");
    expect(draws.en?.captions.length).toBe(DRAWN);
    for (const name of ["three", "tight", "whole"]) expect(drawsOf(name), name).toEqual(draws);
  });

  it("gives the same counts of Parquet as of JSON lines, also on threads and from standard input", async () => {
    const rows = makeRows(3000, 3);
    await count("lines", [savePool("same.jsonl", rows)]);
    const columns = [
      { name: "id", type: "string" },
      { name: "lang", type: "string" },
      { name: "texts", type: "strings" },
    ] as const;
    const batches = [rows.slice(0, 1000), rows.slice(1000, 1700), rows.slice(1700)].map((some) => [
      some.map(({ id }) => id),
      some.map(({ lang }) => lang),
      some.map(({ texts }) => texts),
    ]);
    const bytes = Buffer.concat([...parquetChunks({ columns }, batches)]);
    const path = join(folder, "same.parquet");
    writeFileSync(path, bytes);
    const [report] = await count("parquet", [path], { threads: 2 });
    expect(report).toMatchObject({ rows: 3000, problems: [] });
    expect(resultOf("parquet")).toEqual(resultOf("lines"));
    outputOf(["count", "-", "--name", "piped", "--db", db], { input: bytes });
    expect(resultOf("piped")).toEqual(resultOf("lines"));
  });

  it("leaves a file that the pool has as it is, under any name, and counts it again for lists that are new", async () => {
    const path = savePool("again.jsonl", makeRows(300, 5));
    const [first] = await count("again", [path]);
    const before = resultOf("again");
    const copy = join(folder, "copy.jsonl");
    writeFileSync(copy, readFileSync(path));
    const [second] = await count("again", [copy]);
    expect([first!.fresh, second!.fresh]).toEqual([false, true]);
    expect(resultOf("again")).toEqual(before);
    // A review makes another list of one edition.
    outputOf(["review", "ja", "add", "の", "allow", "--reason", "test", "--db", db]);
    outputOf(["build", "ja", "--wordnet", join(folder, "wn-data-jpn.tab"), "--db", db]);
    const [third] = await count("again", [path]);
    expect(third!.fresh).toBe(false);
    expect(third!.groups.map(({ group }) => group)).toEqual(["ja"]);
    const after = resultOf("again");
    expect(after.en).toEqual(before.en);
  });

  it("counts a file that is read in another way now instead of as before", async () => {
    const path = join(folder, "mislabelled.txt");
    writeFileSync(path, "a cat\nun chat\n");
    await count("mislabelled", [path], { lang: "fr" });
    outputOf(["threshold", "--pool", "mislabelled", "--t", "1", "--db", db]);
    const [again] = await count("mislabelled", [path], { lang: "en" });
    expect(again!.groups.map(({ group }) => group)).toEqual(["en"]);
    expect(Object.keys(resultOf("mislabelled"))).toEqual(["en"]);
    // The same fields, now named, are no other way.
    const [named] = await count("mislabelled", [path], { lang: "en", fields: { text: "1" }, format: "txt" });
    expect(named!.fresh).toBe(true);
  });

  it("tells of a file whose content has changed, both of which count", async () => {
    const path = savePool("changed.jsonl", makeRows(20, 13));
    const [first] = await count("changed", [path]);
    savePool("changed.jsonl", makeRows(20, 14));
    const [second] = await count("changed", [path]);
    expect([first!.others, second!.others]).toEqual([[], [first!.sha256]]);
    savePool("changed.jsonl", makeRows(20, 15));
    expect(runCli(["count", path, "--name", "changed", "--db", db]).stderr).toContain(
      `take it out with: worldmeta pools changed --withdraw ${first!.sha256}`,
    );
  });

  it("goes on from the shares that a stopped count has left, and refuses a file that changes under it", async () => {
    const path = savePool("stopped.jsonl", makeRows(40_000, 17));
    const change = (sql: string) => {
      const store = openDatabase(db);
      store.exec(sql);
      closeDatabase(store);
    };
    change("CREATE TRIGGER stop BEFORE INSERT ON pool_file BEGIN SELECT raise(ABORT, 'stopped'); END");
    const stopped = count("stopped", [path], { threads: 2 });
    await expect(stopped).rejects.toThrow("stopped");
    change("DROP TRIGGER stop");
    const [share] = readdirSync(`${db}.work`, { recursive: true }).filter((name) => /share-0$/.test(String(name)));
    const file = join(`${db}.work`, String(share));
    const output = await readCountPoolOutput(file);
    writeFileSync(file, serialize({ ...output, rows: output!.rows + 1000 }));
    const [report] = await count("stopped", [path], { threads: 2 });
    expect(report!.rows).toBe(41_000);
    let grown = false;
    const growing = count("growing", [path], {
      onProgress({ stage }) {
        if (!grown && stage.startsWith("count")) appendFileSync(path, '{"text": "a cat", "lang": "en"}\n');
        grown ||= stage.startsWith("count");
      },
    });
    await expect(growing).rejects.toThrow("has changed while it was counted");
    expect(outputOf(["pools", "--db", db])).not.toMatch(/^growing /m);
  });

  it("goes on only from shares that have met the present lists, also where a group had none", async () => {
    const own = join(folder, "shares.sqlite");
    outputOf(["build", "en", "--wordnet", join(folder, "wn-data-eng.tab"), "--db", own]);
    const path = savePool("shares.jsonl", makeRows(40_000, 16));
    const change = (sql: string) => {
      const store = openDatabase(own);
      store.exec(sql);
      closeDatabase(store);
    };
    change("CREATE TRIGGER stop BEFORE INSERT ON pool_file BEGIN SELECT raise(ABORT, 'stopped'); END");
    await expect(count("shares", [path], { db: own, threads: 2 })).rejects.toThrow("stopped");
    change("DROP TRIGGER stop");
    const shares = readdirSync(`${own}.work`, { recursive: true }).filter((name) => /share-\d$/.test(String(name)));
    expect(shares.length).toBe(2);
    rmSync(join(`${own}.work`, String(shares[1])));
    outputOf(["build", "fr", "--wordnet", join(folder, "wn-data-fra.tab"), "--db", own]);
    await count("shares", [path], { db: own, threads: 2 });
    await count("shares-at-once", [path], { db: own });
    expect(resultOf("shares", "corrected", own)).toEqual(resultOf("shares-at-once", "corrected", own));
  });

  it("adds files up, and takes one away again", async () => {
    const [a, b] = [savePool("a.jsonl", makeRows(200, 6)), savePool("b.jsonl", makeRows(200, 7))];
    await count("a", [a]);
    await count("both", [a, b]);
    outputOf(["pools", "both", "--withdraw", b, "--db", db]);
    const withoutSamples = (result: ReturnType<typeof resultOf>) =>
      Object.fromEntries(
        Object.entries(result).map(([group, { entries, ...rest }]) => [
          group,
          { ...rest, entries: entries.map(([text, count]) => [text, count]) },
        ]),
      );
    expect(withoutSamples(resultOf("both"))).toEqual(withoutSamples(resultOf("a")));
  });

  it("matches what a scheme cannot name against `other`, and tells unknown labels by name and number", async () => {
    const rows: Row[] = [
      { id: "1", lang: "zu", texts: ["ikati inja"] },
      { id: "2", lang: "klingon", texts: ["umuntu"] },
      { id: "3", lang: "klingon", texts: ["cat"] },
      { id: "4", lang: "en", texts: ["cat"] },
    ];
    const path = savePool("lid.jsonl", rows);
    const [report] = await count("lid", [path], { scheme: "lid.176" });
    expect(report!.labels).toEqual([
      { label: "klingon", group: "other", known: false, texts: 2 },
      { label: "en", group: "en", known: true, texts: 1 },
      { label: "zu", group: "other", known: false, texts: 1 },
    ]);
    const { other, en } = resultOf("lid");
    expect(other!.entries.map(([text, count]) => [text, count])).toEqual([
      ["ikati", 1],
      ["inja", 1],
      ["umuntu", 1],
    ]);
    expect(en!.matched).toBe(1);
    expect(outputOf(["pools", "lid", "--db", db])).toMatch(/klingon +2 /);
    expect(outputOf(["explain", "zu", "inja", "--db", db])).toMatch(/pool lid +in 1 of 3 captions/);
  });
});

describe("worldmeta count", () => {
  it("reads pools of any format and field names, also from standard input, and asks for a language that is not there", () => {
    const tsv = join(folder, "pool.tsv");
    writeFileSync(tsv, "https://x.org/1.jpg\ten\ta cat\nhttps://x.org/2.jpg\ten\tdogs\n");
    const columns = ["--text-field", "3", "--lang-field", "2", "--url-field", "1"];
    const out = outputOf(["count", tsv, "--name", "tsv", ...columns, "--db", db]);
    expect(out).toMatch(/^en +\d+ +2 +1 +50\.0 % +2 +1$/m);
    const input = '"ID","caption"\n1,"the ""blue shirt"", a man"\n';
    expect(outputOf(["count", "-", "--name", "csv", "--lang", "simple", "--db", db], { input })).toMatch(
      /^en +\d+ +1 +1 /m,
    );
    const lacking = runCli(["count", "-", "--name", "csv", "--db", db], { input });
    expect(lacking.status).toBe(2);
    expect(lacking.stderr).toBe(
      "worldmeta: standard input has no field for the language of its captions; name it with --lang-field F, give the " +
        "language of all with --lang LABEL, or have the languages of all files identified, in a pool of its own, with " +
        "--identify\n",
    );
  });

  it("says which texts met no list", () => {
    const path = savePool("unbuilt.jsonl", [
      { lang: "sw", texts: ["paka"] },
      { lang: "en", texts: ["a cat"] },
    ]);
    expect(outputOf(["count", path, "--name", "unbuilt", "--db", db])).toContain(
      "1 text met no list, since no edition of their group is built: sw 1",
    );
  });

  it("refuses a file given twice, one without captions, and another scheme than the pool's", () => {
    const path = savePool("twice.jsonl", makeRows(5, 8));
    expect(runCli(["count", path, path, "--name", "x", "--db", db])).toMatchObject({ status: 2 });
    const empty = join(folder, "empty.jsonl");
    writeFileSync(empty, '{"text": "", "lang": "en"}\n');
    const run = runCli(["count", empty, "--name", "x", "--db", db]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("holds no caption")]);
    expect(outputOf(["pools", "--db", db])).not.toMatch(/^x /m);
    const label = runCli(["count", path, "--name", "x", "--lang", "english", "--db", db]);
    expect([label.status, label.stderr]).toEqual([2, expect.stringContaining('"english" is no label of edition')]);
    const nowhere = runCli(["count", path, "--name", "x", "--db", join(folder, "none.sqlite")]);
    expect([nowhere.status, nowhere.stderr]).toEqual([1, expect.stringContaining("worldmeta build CODE")]);
    expect(existsSync(join(folder, "none.sqlite"))).toBe(false);
    outputOf(["count", path, "--name", "scheme", "--db", db]);
    const other = runCli(["count", path, "--name", "scheme", "--scheme", "nllb", "--db", db]);
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining("is counted by labels of edition")]);
  });

  it("refuses a file of which most rows cannot be read", () => {
    const path = join(folder, "damaged-rows.jsonl");
    const row = '{"text": "a cat", "lang": "en"}\n';
    writeFileSync(path, `${row}${row}{"text\n{"text\n`);
    outputOf(["count", path, "--name", "damaged-rows", "--db", db]);
    writeFileSync(path, `${row}{"text\n{"text\n`);
    const run = runCli(["count", path, "--name", "damaged-rows", "--db", db]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("2 rows cannot be read, 1 can (e.g. ")]);
  });

  it("keeps the files before one that is damaged, and nothing of that one", () => {
    const good = savePool("good.jsonl", makeRows(50, 11));
    const bad = savePool("bad.jsonl.gz", makeRows(20_000, 12));
    writeFileSync(bad, readFileSync(bad).subarray(0, -100));
    const run = runCli(["count", good, bad, "--name", "damaged", "--db", db]);
    expect([run.status, run.stderr.split("\n").at(-2)]).toEqual([
      1,
      expect.stringContaining("bad.jsonl.gz: the gzip data ends"),
    ]);
    expect(jsonOf<object>(["pools", "damaged", "--db", db])).toMatchObject({ fileList: [{ path: good }] });
    expect(readdirSync(`${db}.work`).some((name) => /^pool-.*-/.test(name))).toBe(true);
    outputOf(["prune", "--db", db]);
    expect(readdirSync(`${db}.work`).filter((name) => /^pool-.*-/.test(name))).toEqual([]);
  });

  it("goes on from the shares that a killed count has finished", async () => {
    const path = savePool("killed.jsonl", makeRows(40_000, 9));
    const own = join(folder, "killed.sqlite");
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(db + suffix)) writeFileSync(own + suffix, readFileSync(db + suffix));
    }
    const work = `${own}.work`;
    mkdirSync(work, { recursive: true });
    const sharesLeft = () =>
      readdirSync(work, { recursive: true }).filter((name) => /share-\d+$/.test(String(name))).length;
    const args = ["count", path, "--name", "killed", "--threads", "2", "--db", own];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const watch = setInterval(() => {
      if (sharesLeft() > 0) child.kill("SIGKILL");
    }, 1);
    await ended;
    clearInterval(watch);
    outputOf(args);
    expect(sharesLeft()).toBe(0);
    await count("whole-of-killed", [path]);
    expect(resultOf("killed", "corrected", own)).toEqual(resultOf("whole-of-killed"));
  });
});

describe("worldmeta caption", () => {
  it("explains one caption: segments, matches, counts, probabilities", async () => {
    await count("caption", [savePool("caption.jsonl", makeRows(500, 10))]);
    const args = [
      "caption",
      "the (paris) of a man",
      "--edition",
      "simple",
      "--pool",
      "caption",
      "--t",
      "20",
      "--db",
      db,
    ];
    const explained = jsonOf<{
      readonly group: string;
      readonly segments: readonly string[];
      readonly matches: readonly { readonly entry: string; readonly count: number; readonly probability: number }[];
      readonly t: number;
      readonly keepProbability: number;
    }>(args);
    expect(explained).toMatchObject({ group: "en", t: 20 });
    expect(explained.segments.join("")).toBe("the (paris) of a man");
    expect(explained.matches.map(({ entry }) => entry)).toEqual(["paris", "man", "a"]);
    let none = 1;
    for (const { count, probability } of explained.matches) {
      expect(probability).toBeCloseTo(Math.min(1, 20 / count), 6);
      none *= 1 - probability;
    }
    expect(explained.keepProbability).toBeCloseTo(1 - none, 6);
    const uncounted = jsonOf<object>(["caption", "ein Mann", "--edition", "fr", "--profile", "reference", "--db", db]);
    expect(uncounted).toMatchObject({ pools: [] });
    const identified = jsonOf<object>(["caption", "a man and a woman are walking in Paris", "--db", db]);
    expect(identified).toMatchObject({ edition: "en", identified: { label: "en" } });
    const told = outputOf(["caption", "a man and a woman are walking in Paris", "--db", db]);
    expect(told).toMatch(/^language +en, with probability (0\.\d{4}|1\.0000)$/m);
    const unnamed = runCli(["caption", "12 / 34", "--db", db]);
    expect([unnamed.status, unnamed.stderr]).toEqual([
      2,
      "worldmeta: nothing tells the language of the caption; name the language with --edition CODE\n",
    ]);
    expect(outputOf(args)).toMatch(/^kept +with probability 0\.\d{4}$/m);
  });
});

describe("worldmeta match", () => {
  it("prints the ids of each row's entries, ascending, in the order of the rows", () => {
    const list = join(folder, "list.json");
    writeFileSync(list, JSON.stringify(["Paris", "cat", "St. Louis", "Paris"]));
    const input =
      '{"id":1,"texts":["a cat","(Paris)"]}\n{"id":12345678901234567890,"text":"St. Louis cat"}\n{"text":"concatenate"}\n';
    const run = (profile: string) =>
      outputOf(["match", "--metadata", list, "--edition", "en", "--profile", profile], { input });
    expect(run("corrected")).toBe(
      '{"id":1,"matches":[1,3]}\n{"id":12345678901234567890,"matches":[1,2]}\n{"id":null,"matches":[]}\n',
    );
    expect(run("reference")).toBe(
      '{"id":1,"matches":[1]}\n{"id":12345678901234567890,"matches":[1]}\n{"id":null,"matches":[]}\n',
    );
  });

  it("refuses what is no list of entries", () => {
    const list = join(folder, "no-list");
    const refused = (content: string | Uint8Array) => {
      writeFileSync(list, content);
      const { status, stderr } = runCli(["match", "--metadata", list, "--edition", "en"], { input: "a cat" });
      expect([status, stderr.split("\n").length]).toEqual([1, 2]);
      return stderr;
    };
    expect(refused("")).toContain("holds no entry");
    expect(refused('["cat", "dog"')).toContain("no JSON");
    expect(refused('{"cat": 1}')).toContain("is JSON, but no array");
    expect(refused('["cat", 1]')).toContain("item 1 is no string");
    expect(refused(Buffer.from("\ufeffcat", "utf16le"))).toContain("is no UTF-8 text");
    writeFileSync(list, gzipSync("dog\ncat\n"));
    expect(outputOf(["match", "--metadata", list, "--edition", "en"], { input: "a cat" })).toBe(
      '{"id":null,"matches":[1]}\n',
    );
  });

  it("matches none of the file names, slugs and dates that the recipe rejects", () => {
    const list = join(folder, "words.txt");
    const words =
      "control product img Skirmisher Main A4 How to Find the Electric Car hanukkah party johnny cash chili dog 2 14 2008 10 12 3 5";
    writeFileSync(list, words.split(" ").join("\n"));
    const rejects = [
      ...["control_14ct", "cudd2008", "product-img", "Skirmisher-Main-440x412", "A4omote"],
      ...["How-to-Find-the-Finest-Electric-Car-Companies", "hanukkah-party-facebook-event-cover-template"],
      ...["johnny_cash_chili_dog (2)", "12.10.2008", "2008-10-12", "3.5x5", "IMG_2008.jpg", "10/12/2008", "2008年10月"],
    ];
    const out = outputOf(["match", "--metadata", list, "--edition", "en", "--format", "txt"], {
      input: rejects.join("\n"),
    });
    expect(out).toBe('{"id":null,"matches":[]}\n'.repeat(rejects.length));
  });
});
