import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameRow } from "../src/balancing/balance.ts";
import { type CuratePoolOptions, type CurationReport, curatePool } from "../src/engine/curate-pool.ts";
import { runTasks } from "../src/engine/run-tasks.ts";
import type { CuratedManifest } from "../src/export/curated.ts";
import {
  buildLists,
  drawPlainly,
  entriesOf,
  type Lang,
  LEMMAS,
  matchPlainly,
  type Pair,
  readPairs,
  WORDS,
} from "./plain-curation.ts";
import { createRandom } from "./random.ts";
import { jsonOf, MAIN, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly id?: string | number;
  readonly url?: string;
  readonly lang: string;
  readonly texts: readonly string[];
}

function makeRows(count: number, seed: number): Row[] {
  const random = createRandom(seed);
  const labels = ["en", "en", "en", "ja", "fr", "xx-unknown", "sw"];
  return Array.from({ length: count }, (_, index): Row => {
    const lang = labels[random(labels.length)]!;
    const words = WORDS[(lang in WORDS ? lang : "en") as Lang];
    const text = () => Array.from({ length: random(6) }, () => words[random(words.length)]!).join(" ");
    const texts = Array.from({ length: random(5) === 0 ? random(4) : 1 }, text);
    const kind = random(4);
    return {
      ...(kind < 2 ? { id: `c${seed}-${index}` } : kind === 2 ? { id: index } : {}),
      ...(random(3) > 0 && { url: `https://example.org/${index % 1000}.jpg` }),
      ...{ lang, texts },
    };
  });
}

function savePool(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  const lines = rows.map((row) => JSON.stringify(row));
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

/** What stays of rows by the counts of others and their thresholds, by the plain rules. */
function curatePlainly(
  rows: readonly Row[],
  {
    counted,
    thresholds,
    seed,
  }: { readonly counted: readonly Row[]; readonly thresholds: Record<string, number>; readonly seed: number },
): Pair[] {
  const counts = new Map<Lang, number[]>();
  for (const lang of Object.keys(LEMMAS) as Lang[]) {
    const own = entriesOf(lang).map(() => 0);
    const texts = counted.filter((row) => row.lang === lang).flatMap((row) => row.texts);
    for (const text of texts) for (const id of matchPlainly(lang, text)) own[id]! += 1;
    counts.set(lang, own);
  }
  return rows.flatMap((row): Pair[] => {
    const lang = row.lang as Lang;
    const own = counts.get(lang);
    const texts = row.texts.filter((text) => text.trim() !== "");
    if (own === undefined || texts.length === 0) return [];
    const found = texts.map((text) => ({ text, ids: matchPlainly(lang, text) })).filter(({ ids }) => ids.length > 0);
    if (found.length === 0) return [];
    const name = createHash("sha256")
      .update([row.url ?? "", ...texts].join("\0"))
      .digest("hex");
    const id = row.id === undefined ? name : String(row.id);
    const [keep, pick] = drawPlainly(seed, id);
    const { text, ids } = found[Math.floor(pick * found.length)]!;
    const t = thresholds[lang]!;
    const drop = ids.reduce((product, entry) => product * (1 - Math.fround(t / Math.max(t, own[entry]!))), 1);
    const probability = 1 - drop;
    return keep < probability ? [{ id, url: row.url ?? null, text, lang, matches: ids, probability }] : [];
  });
}

const rows = makeRows(6000, 1);
const more = makeRows(3000, 2);
const pool = savePool("pool.jsonl", rows);
const second = savePool("second.jsonl.gz", more);

beforeAll(() => {
  buildLists(folder, db);
  outputOf(["count", pool, "--name", "web", "--keep-repeats", "--db", db]);
  outputOf(["threshold", "--pool", "web", "--t", "90", "--db", db]);
});

const THRESHOLDS = { en: 90, ja: 90, fr: 90 };

function curate(directory: string, options: Partial<CuratePoolOptions> = {}): Promise<CurationReport> {
  return curatePool({
    ...{ db, pools: ["web"], groups: [], paths: [pool], fields: {}, profile: "corrected", seed: 0, repeats: "kept" },
    ...{ output: "parquet", directory: join(folder, directory), threads: 1, memory: 1e9 },
    ...options,
  });
}

/** All files of a folder with their content. */
function contentOf(directory: string): Record<string, string> {
  const path = join(folder, directory);
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(path, name)))
          .digest("hex"),
      ]),
  );
}

describe("curate", () => {
  it("keeps what the plain rules keep, with its matches and probability, in the order of the files", async () => {
    const paths = [pool, second];
    const { manifest } = await curate("plain", { paths, seed: 7 });
    const expected = curatePlainly([...rows, ...more], { counted: rows, thresholds: THRESHOLDS, seed: 7 });
    expect(expected.length).toBeGreaterThan(500);
    expect(await readPairs(join(folder, "plain"))).toEqual(expected);
    expect(manifest.figures.kept).toBe(expected.length);
    expect(manifest.files.map(({ path }) => path)).toEqual(["part-00000-00000.parquet", "part-00001-00000.parquet"]);
  });

  it("writes the same pairs as JSON lines, where an id that was a number is one", async () => {
    await curate("lines", { paths: [pool, second], seed: 7, output: "jsonl" });
    const pairs = await readPairs(join(folder, "lines"));
    const numbers = pairs.filter(({ id }) => typeof id === "number");
    expect(numbers.length).toBeGreaterThan(50);
    expect(pairs.map((pair) => ({ ...pair, id: String(pair.id) }))).toEqual(await readPairs(join(folder, "plain")));
  });

  it("draws other pairs by another seed, and the same ones in whatever order and files they come", async () => {
    await curate("other-seed", { paths: [pool, second], seed: 8 });
    const kept = (await readPairs(join(folder, "plain"))).map((pair) => JSON.stringify(pair));
    const before = new Set(kept);
    const other = (await readPairs(join(folder, "other-seed"))).map((pair) => JSON.stringify(pair));
    const common = other.filter((pair) => before.has(pair)).length;
    expect(common).toBeGreaterThan(0);
    expect(common).toBeLessThan(0.9 * before.size);
    const mixed = [...rows, ...more].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    await curate("mixed", { paths: [savePool("mixed.jsonl", mixed)], seed: 7 });
    const again = (await readPairs(join(folder, "mixed"))).map((pair) => JSON.stringify(pair));
    expect(again.sort()).toEqual(kept.sort());
  });

  it("tells what became of every row", async () => {
    const { manifest } = await curate("figures");
    const { figures } = manifest;
    const known = rows.filter(({ lang }) => lang in LEMMAS);
    const hasText = ({ texts }: Row) => texts.some((text) => text.trim() !== "");
    const matches = ({ lang, texts }: Row) => texts.some((text) => matchPlainly(lang as Lang, text).length > 0);
    expect(figures).toMatchObject({
      rows: rows.length,
      excluded: 0,
      noText: rows.filter((row) => !hasText(row)).length,
      noList: {
        sw: rows.filter((row) => row.lang === "sw" && hasText(row)).length,
        other: rows.filter((row) => row.lang === "xx-unknown" && hasText(row)).length,
      },
    });
    for (const lang of Object.keys(LEMMAS)) {
      const own = known.filter((row) => row.lang === lang && hasText(row));
      const group = figures.groups.find((one) => one.group === lang)!;
      const noMatch = own.filter((row) => !matches(row)).length;
      expect(group).toMatchObject({ rows: own.length, noMatch, kept: own.length - noMatch - group.notDrawn });
      // So far from what is expected only one run of ten thousand would be.
      expect(Math.abs(group.kept - group.expected)).toBeLessThan(4 * Math.sqrt(group.variance) + 1);
    }
    expect(figures.kept).toBe(figures.groups.reduce((sum, { kept }) => sum + kept, 0));
    expect(figures.problems.map(({ code }) => code)).toEqual(["W501"]);
  });

  it("keeps at a higher threshold what it keeps at a lower one", async () => {
    outputOf(["threshold", "--pool", "web", "--t", "150", "--db", db]);
    await curate("higher");
    outputOf(["threshold", "--pool", "web", "--t", "90", "--db", db]);
    const nameOf = ({ id, text }: Pair) => JSON.stringify([id, text]);
    const higher = new Set((await readPairs(join(folder, "higher"))).map(nameOf));
    const lower = (await readPairs(join(folder, "figures"))).map(nameOf);
    expect(lower.filter((name) => !higher.has(name))).toEqual([]);
    expect(higher.size).toBeGreaterThan(new Set(lower).size);
  });

  it("leaves out ids and URLs that are named", async () => {
    const before = await readPairs(join(folder, "figures"));
    const urls = before.flatMap(({ url }) => url ?? []).slice(0, 20);
    const ids = before
      .filter(({ url }) => url === null)
      .map(({ id }) => id)
      .slice(0, 20);
    const file = join(folder, "exclude.txt.gz");
    writeFileSync(file, gzipSync(`${[...urls, ...ids, "", "  nothing "].join("\r\n")}\n`));
    const { manifest } = await curate("excluded", { exclude: file });
    // A row without an id is named as the pairs name it.
    const nameOf = ({ id, url, texts }: Row) =>
      String(id ?? nameRow({ url, texts: texts.filter((text) => text !== "") }));
    const named = rows.filter((row) => ids.includes(nameOf(row)) || urls.includes(row.url ?? ""));
    const left = before.filter(({ id, url }) => !ids.includes(id) && !urls.includes(url ?? ""));
    expect(ids.some((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
    expect(manifest.figures.excluded).toBe(named.length);
    expect(manifest.exclude).toMatchObject({ name: "exclude.txt.gz", lines: new Set([...urls, ...ids]).size + 1 });
    expect(await readPairs(join(folder, "excluded"))).toEqual(left);
  });

  it("leaves out an address as long as an image, and one with a space at its end", async () => {
    const image = `data:image/png;base64,${"A".repeat(100_000)}`;
    const some = [
      { id: "1", url: image, lang: "fr", texts: ["l'eau"] },
      { id: "2", url: "https://example.org/2.jpg ", lang: "fr", texts: ["l'eau"] },
      { id: "3", url: `${image}A`, lang: "fr", texts: ["l'eau"] },
    ];
    const exclude = join(folder, "addresses.txt");
    writeFileSync(exclude, `${image}\nhttps://example.org/2.jpg\n`);
    const { manifest } = await curate("addresses", { paths: [savePool("addresses.jsonl", some)], exclude });
    expect(manifest.figures).toMatchObject({ rows: 3, excluded: 2 });
    writeFileSync(exclude, Buffer.from(`\ufeff${image}\n`, "utf16le"));
    await expect(curate("addresses", { exclude })).rejects.toThrow("is UTF-16 text");
  });

  it("curates the groups that are named, and tells the rows of others", async () => {
    const { manifest } = await curate("group", { groups: ["ja"] });
    const all = await readPairs(join(folder, "figures"));
    expect(await readPairs(join(folder, "group"))).toEqual(all.filter(({ lang }) => lang === "ja"));
    expect(manifest.figures.noList.en).toBeGreaterThan(0);
    expect(manifest.lists.map(({ group }) => group)).toEqual(["ja"]);
  });

  it("leaves a table that can be read where nothing stays", async () => {
    const path = savePool("none.jsonl", [{ id: "1", lang: "en", texts: ["concatenate"] }]);
    await curate("none", { paths: [path] });
    expect(await readPairs(join(folder, "none"))).toEqual([]);
    expect(Object.keys(contentOf("none"))).toEqual(["_manifest.json", "part-00000-00000.parquet"]);
  });

  it("does nothing where the folder holds just that, and removes what an earlier run left", async () => {
    await curate("again", { paths: [pool, second] });
    const before = contentOf("again");
    expect((await curate("again", { paths: [pool, second] })).fresh).toBe(true);
    expect((await curate("again", { paths: [pool] })).fresh).toBe(false);
    expect(contentOf("again")).toEqual(contentOf("figures"));
    expect((await curate("again", { paths: [pool], output: "jsonl" })).fresh).toBe(false);
    expect(Object.keys(contentOf("again"))).toEqual(["_manifest.json", "part-00000-00000.jsonl"]);
    await curate("again", { paths: [pool, second] });
    expect(contentOf("again")).toEqual(before);
  });

  it("sees that the counts have changed, though list and t are the same", async () => {
    const copy = join(folder, "copy.sqlite");
    const [file] = [savePool("few.jsonl", rows.slice(0, 2000))];
    outputOf(["build", "en", "--wordnet", join(folder, "wn-data-eng.tab"), "--db", copy]);
    outputOf(["count", file, "--name", "web", "--lang", "en", "--db", copy]);
    outputOf(["threshold", "--pool", "web", "--t", "30", "--db", copy]);
    const first = await curate("changing", { db: copy, paths: [file] });
    outputOf(["count", savePool("others.jsonl", more), "--name", "web", "--lang", "en", "--db", copy]);
    await expect(curate("changing", { db: copy, paths: [file] })).rejects.toThrow(
      "no threshold for the counts of en as they are now; set it with: worldmeta threshold --pool web",
    );
    outputOf(["threshold", "--pool", "web", "--t", "30", "--db", copy]);
    const then = await curate("changing", { db: copy, paths: [file] });
    expect(then.fresh).toBe(false);
    expect(then.manifest.figures.kept).toBeLessThan(first.manifest.figures.kept);
  });
});

describe("curate on threads", () => {
  const path = join(folder, "large.jsonl");
  const PIECE = 131_072;

  beforeAll(async () => {
    const some = makeRows(50_000, 3);
    let text = "";
    for (let n = 0; n < 2 * PIECE + 20_000; n++) {
      const { texts, lang } = some[n % some.length]!;
      // A damaged row now and then.
      text += n % 40_000 === 7 ? '{"id":\n' : `${JSON.stringify({ id: `n${n}`, texts, lang })}\n`;
    }
    writeFileSync(path, text);
    await curate("large", { paths: [path] });
  }, 60_000);

  it("leaves the same bytes whatever the threads and the memory for lists", async () => {
    const expected = contentOf("large");
    expect(Object.keys(expected).length).toBe(4);
    for (const [threads, memory] of [
      [2, 1e9],
      [3, 1],
      [5, 1e6],
    ] as const) {
      await curate(`large-${threads}`, { paths: [path], threads, memory });
      expect(contentOf(`large-${threads}`)).toEqual(expected);
    }
  }, 60_000);

  it("goes on from the pieces of a run that was killed", async () => {
    const out = join(folder, "killed");
    const args = ["curate", path, "--name", "web", "--out", out, "--db", db, "--threads", "1"];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const unfinished = join(out, ".unfinished");
    const pieces = () =>
      existsSync(unfinished)
        ? (readdirSync(unfinished, { recursive: true }) as string[]).filter((name) => /piece-.*\.json$/.test(name))
        : [];
    const until = Date.now() + 30_000;
    while (pieces().length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(out, "_manifest.json"))).toBe(false);
    expect(pieces()).toHaveLength(1);
    // Read again, the piece would be found to say something else.
    const left = join(unfinished, pieces()[0]!);
    const piece = JSON.parse(readFileSync(left, "utf8"));
    piece.figures.excluded = 1_000_000;
    writeFileSync(left, JSON.stringify(piece));
    const manifest = jsonOf<CuratedManifest>([...args.slice(0, -1), "2"]);
    expect(manifest.figures.excluded).toBe(1_000_000);
    const { "_manifest.json": _, ...parts } = contentOf("killed");
    const { "_manifest.json": __, ...expected } = contentOf("large");
    expect(parts).toEqual(expected);
    expect(readdirSync(out)).not.toContain(".unfinished");
  }, 60_000);
});

describe("curate, stopped at a bad moment", () => {
  const paths = [pool, second];
  const expected = () => contentOf("whole");
  const parts = ["part-00000-00000.parquet", "part-00001-00000.parquet"] as const;
  const stopped = join(folder, "stopped");
  const out = join(folder, "resumed");
  beforeAll(async () => {
    await curate("whole", { paths, seed: 7 });
    await curate("alone", { paths: [pool] });
  });

  /** Copies what a run leaves that ends when one part is in its place and the next is not. */
  const stop = async () => {
    rmSync(stopped, { recursive: true, force: true });
    // A folder, over which no part can be put.
    mkdirSync(join(stopped, parts[1], "x"), { recursive: true });
    mkdirSync(join(stopped, ".unfinished"));
    await expect(curate("stopped", { paths, seed: 7 })).rejects.toThrow(parts[1]);
    rmSync(join(stopped, parts[1]), { recursive: true });
    expect(readdirSync(stopped).sort()).toEqual([".unfinished", parts[0]]);
    rmSync(out, { recursive: true, force: true });
    cpSync(stopped, out, { recursive: true });
    const [print = ""] = readdirSync(join(out, ".unfinished")).filter((name) => name !== "lock");
    return { work: join(out, ".unfinished", print) };
  };

  it("between two parts that are put in their places: goes on, also as another run", async () => {
    await stop();
    await curate("resumed", { paths, seed: 7, threads: 2 });
    expect(contentOf("resumed")).toEqual(expected());
    await stop();
    await curate("resumed", { paths: [pool] });
    expect(contentOf("resumed")).toEqual(contentOf("alone"));
  });

  it("has no manifest while parts of an earlier run go", async () => {
    await curate("stopped-again", { paths: [...paths, savePool("third.jsonl", makeRows(50, 9))], output: "jsonl" });
    rmSync(out, { recursive: true, force: true });
    cpSync(join(folder, "stopped-again"), out, { recursive: true });
    mkdirSync(join(out, ".unfinished"));
    mkdirSync(join(out, parts[1], "x"), { recursive: true });
    await expect(curate("resumed", { paths, seed: 7 })).rejects.toThrow(parts[1]);
    expect(readdirSync(out).sort()).toEqual([".unfinished", ...parts]);
  });

  it("with pieces whose part or whose figures are not on the disk: reads them again", async () => {
    for (const spoil of [
      (work: string) => writeFileSync(join(work, "piece-1-0.json"), ""),
      (work: string) => rmSync(join(work, "piece-0-0.json")),
      (work: string) => rmSync(join(work, parts[1])),
      (work: string) => writeFileSync(join(work, "..", "..", parts[0]), "x"),
    ]) {
      const { work } = await stop();
      spoil(work);
      await curate("resumed", { paths, seed: 7 });
      expect(contentOf("resumed")).toEqual(expected());
    }
  });

  it("when all is in its place: removes what is left of the work", async () => {
    const { work } = await stop();
    rmSync(join(work, parts[1]));
    cpSync(join(folder, "whole"), out, { recursive: true });
    await curate("resumed", { paths, seed: 7 });
    expect(readdirSync(out).sort()).toEqual(["_manifest.json", ...parts]);
    expect(contentOf("resumed")).toEqual(expected());
  });
});

describe("curate refuses", () => {
  const refuse = (args: readonly string[]) => {
    const { status, stderr } = runCli(["curate", ...args, "--db", db]);
    return { status, message: stderr.trimEnd().split("\n").at(-1) };
  };

  it("a folder with files of others, and a file as its folder", async () => {
    const out = join(folder, "foreign");
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "x");
    expect(refuse([pool, "--name", "web", "--out", out])).toEqual({
      status: 1,
      message: `worldmeta: ${join(out, "thesis.txt")} is no part of curated pairs; name an empty folder`,
    });
    expect(readdirSync(out)).toEqual(["thesis.txt"]);
    // Nor does a manifest make it a part.
    const { manifest } = await curate("own");
    const others = ["thesis.txt", "../beside.txt"].map((path) => ({ path, sha256: "" }));
    writeFileSync(join(out, "_manifest.json"), JSON.stringify({ ...manifest, print: "", files: others }));
    expect(refuse([pool, "--name", "web", "--out", out]).message).toContain("thesis.txt is no part of curated pairs");
    rmSync(join(out, "thesis.txt"));
    writeFileSync(join(folder, "beside.txt"), "x");
    outputOf(["curate", pool, "--name", "web", "--out", out, "--db", db]);
    expect(readFileSync(join(folder, "beside.txt"), "utf8")).toBe("x");
    expect(refuse([pool, "--name", "web", "--out", pool])).toEqual({
      status: 1,
      message: `worldmeta: ${pool} is a file; name a folder`,
    });
  });

  it("to call it its own fault if the system takes no file, in threads too", async () => {
    const name = join(folder, "nowhere");
    const share = { index: 0, of: 1 };
    const labelling = { scheme: "edition", lang: "und", identify: false } as const;
    const rest = { fields: {}, labelling, seed: 0, output: "jsonl", memory: 1e9 } as const;
    const input = { path: pool, name: pool, file: 0, share, folder: name, ...rest };
    await expect(runTasks("curatePoolShare", [input, input], { threads: 2, onBytes() {} })).rejects.toMatchObject({
      code: "ENOENT",
      path: expect.stringContaining(name),
    });
  });

  it("what is no pool, a pool that is not there, thresholds that are not set", () => {
    const out = join(folder, "refused");
    expect(refuse([pool, "--name", "nowhere", "--out", out]).message).toContain('no pool "nowhere"');
    expect(refuse([pool, pool, "--name", "web", "--out", out])).toMatchObject({ status: 2 });
    expect(refuse([join(folder, "missing"), "--name", "web", "--out", out]).message).toContain("no such file");
    const blank = join(folder, "blank.jsonl");
    writeFileSync(blank, '{"id":"1","text":"","lang":"en"}\n');
    expect(refuse([blank, "--name", "web", "--out", out])).toEqual({
      status: 1,
      message: `worldmeta: ${blank} holds no caption; is it the right file, and the right --text-field?`,
    });
    const bare = join(folder, "bare.txt");
    writeFileSync(bare, "a cat\n");
    expect(refuse([bare, "--name", "web", "--out", out]).message).toContain("no field for the language");
    expect(refuse([bare, "--name", "web", "--out", out, "--lang", "klingon"]).message).toContain(
      "is no label of edition",
    );
    expect(
      refuse([pool, "--name", "web", "--out", out, "--exclude", blank.replace("blank", "absent")]).message,
    ).toContain("no such file");
    expect(refuse([pool, "--name", "web", "--out", out, "--seed", "-1"])).toMatchObject({ status: 2 });
    expect(refuse([pool, "--out", out])).toMatchObject({ status: 2 });
    outputOf(["count", pool, "--name", "labels", "--scheme", "iso639-3", "--db", db]);
    outputOf(["threshold", "--pool", "web", "--pool", "labels", "--t", "90", "--db", db]);
    expect(refuse([pool, "--name", "web", "labels", "--out", out]).message).toContain("labels of several schemes");
    outputOf(["count", pool, "--name", "unset", "--db", db]);
    expect(refuse([pool, "--name", "unset", "--out", out]).message).toContain("worldmeta threshold --pool unset");
    expect(existsSync(join(out, "_manifest.json"))).toBe(false);
    expect(existsSync(join(out, ".unfinished"))).toBe(false);
  });
});
