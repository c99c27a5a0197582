import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CuratePoolOptions, type CurationReport, curatePool } from "../src/engine/curate-pool.ts";
import { joinImages } from "../src/engine/join-images.ts";
import type { CuratedGroup, CuratedManifest } from "../src/export/curated.ts";
import { verifyFolder } from "../src/export/verify.ts";
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
import { MAIN, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly id?: string | number;
  readonly url?: string;
  readonly lang: string;
  readonly texts: readonly string[];
}

/** Rows of which most share their image with others, and many repeat a text of it, in one of several languages. */
function makeRows(count: number, seed: number): Row[] {
  const random = createRandom(seed);
  const labels = ["en", "en", "en", "ja", "fr", "xx-unknown"];
  return Array.from({ length: count }, (_, index): Row => {
    const image = random(count / 3);
    const lang = labels[random(5) > 0 ? image % labels.length : random(labels.length)]!;
    const words = WORDS[(lang in WORDS ? lang : "en") as Lang];
    const text = () => Array.from({ length: random(3) }, () => words[random(words.length)]!).join(" ");
    const kind = random(4);
    return {
      ...(kind < 2 ? { id: `c${seed}-${index}` } : kind === 2 ? { id: index } : {}),
      ...(random(5) > 0 && { url: random(3) === 0 ? `data:${seed},${index}` : `https://example.org/${image}.jpg` }),
      ...{ lang, texts: Array.from({ length: random(4) === 0 ? random(4) : 1 }, text) },
    };
  });
}

function savePool(name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

/** A text of an image with the label of the row that brought it. */
interface ImageText {
  readonly text: string;
  readonly lang: string;
}

interface Image {
  readonly id: string | number | undefined;
  readonly url: string | undefined;
  readonly texts: ImageText[];
}

const hasText = (text: string) => text.trim() !== "";

/** Rows as images: those of one URL are the first of them that has a text, with each text once. */
function toImages(rows: readonly Row[]): Image[] {
  const byUrl = new Map<string, Image>();
  const pairs = new Set<string>();
  const images: Image[] = [];
  for (const { id, url, lang, texts } of rows) {
    const own = texts.filter(hasText).map((text) => ({ text, lang }));
    if (own.length === 0) continue;
    const image = url === undefined ? undefined : byUrl.get(url);
    const target = image ?? { id, url, texts: [] };
    if (image === undefined) images.push(target);
    if (url !== undefined) byUrl.set(url, target);
    for (const one of own) {
      const pair = JSON.stringify([url, one.text]);
      if (url === undefined || !pairs.has(pair)) target.texts.push(one);
      pairs.add(pair);
    }
  }
  return images;
}

function nameOf({ id, url, texts }: Image): string {
  if (id !== undefined) return String(id);
  return createHash("sha256")
    .update([url ?? "", ...texts.map(({ text }) => text)].join("\0"))
    .digest("hex");
}

const T = 90;

/** What stays of images, by the plain rules. */
function curatePlainly(images: readonly Image[], counts: ReadonlyMap<Lang, readonly number[]>, seed: number): Pair[] {
  return images.flatMap((image): Pair[] => {
    const found = image.texts.flatMap(({ text, lang }) => {
      const ids = lang in LEMMAS ? matchPlainly(lang as Lang, text) : [];
      return ids.length > 0 ? [{ text, lang: lang as Lang, ids }] : [];
    });
    if (found.length === 0) return [];
    const id = nameOf(image);
    const [keep, pick] = drawPlainly(seed, id);
    const { text, lang, ids } = found[Math.floor(pick * found.length)]!;
    const own = counts.get(lang)!;
    const drop = ids.reduce((product, entry) => product * (1 - Math.fround(T / Math.max(T, own[entry]!))), 1);
    const probability = 1 - drop;
    return keep < probability ? [{ id, url: image.url ?? null, text, lang, matches: ids, probability }] : [];
  });
}

/** Counts of the images' texts. */
function countPlainly(images: readonly Image[]): Map<Lang, number[]> {
  const counts = new Map<Lang, number[]>();
  for (const lang of Object.keys(LEMMAS) as Lang[]) {
    const own = entriesOf(lang).map(() => 0);
    for (const one of images.flatMap(({ texts }) => texts)) {
      if (one.lang === lang) for (const id of matchPlainly(lang, one.text)) own[id]! += 1;
    }
    counts.set(lang, own);
  }
  return counts;
}

const files = [makeRows(4000, 1), makeRows(3000, 2)];
const paths = ["first.jsonl", "second.jsonl.gz"].map((name, at) => savePool(name, files[at]!));
const images = toImages(files.flat());
const counts = countPlainly(images);
const byId = (a: Pair, b: Pair) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.text < b.text ? -1 : 1);

beforeAll(() => {
  buildLists(folder, db);
  outputOf(["count", ...paths, "--name", "web", "--db", db]);
  outputOf(["threshold", "--pool", "web", "--t", String(T), "--db", db]);
});

function curate(directory: string, options: Partial<CuratePoolOptions> = {}): Promise<CurationReport> {
  return curatePool({
    ...{ db, pools: ["web"], groups: [], paths, fields: {}, profile: "corrected", seed: 7 },
    ...{ output: "jsonl", directory: join(folder, directory), threads: 1, memory: 1e9 },
    ...options,
  });
}

async function pairsOf(directory: string): Promise<Pair[]> {
  return (await readPairs(join(folder, directory))).map((pair) => ({ ...pair, id: String(pair.id) }));
}

/** All files of a folder with their content. */
function contentOf(directory: string): Record<string, string> {
  const path = join(folder, directory);
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, readFileSync(join(path, name)).toString("base64")]),
  );
}

describe("curate, of rows that share an image,", () => {
  it("makes one, with each text once, in all files, and keeps what the plain rules keep of it", async () => {
    const { manifest } = await curate("plain");
    const expected = curatePlainly(images, counts, 7);
    expect(expected.length).toBeGreaterThan(300);
    expect((await pairsOf("plain")).sort(byId)).toEqual(expected.sort(byId));
    const numbers = (await readPairs(join(folder, "plain"))).filter(({ id }) => typeof id === "number");
    expect(numbers.length).toBeGreaterThan(50);
    expect(manifest.repeats).toBe("dropped");
    expect(manifest.files.map(({ path }) => path)).toEqual([
      ...["part-00000-00000.jsonl", "part-00001-00000.jsonl", "part-joined-00000.jsonl"],
    ]);
    expect(await verifyFolder(join(folder, "plain"))).toMatchObject({ files: 3, faults: [] });
  });

  it("tells what became of every row and text", async () => {
    const { figures } = (await curate("plain")).manifest;
    const rows = files.flat();
    const withText = rows.filter(({ texts }) => texts.some(hasText)).length;
    const texts = rows.flatMap((row) => row.texts.filter(hasText)).length;
    expect(figures).toMatchObject({
      ...{ rows: rows.length, excluded: 0, noText: rows.length - withText, repeated: withText - images.length },
      repeatedTexts: texts - images.flatMap((image) => image.texts).length,
    });
    expect(figures.joined).toBeGreaterThan(500);
    expect(figures.joined).toBeLessThan(figures.repeated);
    // Of one language alone, to be told plainly.
    for (const lang of ["ja", "fr"] as const) {
      const own = images.filter((image) => image.texts.every((one) => one.lang === lang));
      const group = figures.groups.find((one) => one.group === lang)!;
      expect(group.rows).toBeGreaterThanOrEqual(own.filter(({ texts: all }) => all.length > 0).length);
    }
    expect(figures.groups.reduce((sum, { texts: met }) => sum + met, 0)).toBe(
      images.flatMap((image) => image.texts.filter(({ lang }) => lang in LEMMAS)).length,
    );
    const shown = runCli([
      "curate",
      ...paths,
      "--name",
      "web",
      "--out",
      join(folder, "plain"),
      "--seed",
      "7",
      "--db",
      db,
    ]);
    expect(shown.stdout).toMatch(new RegExp(`^repeated +${figures.repeated.toLocaleString("en")} `, "m"));
    expect(shown.stdout).toContain(
      `${figures.repeatedTexts.toLocaleString("en")} texts repeated an earlier one of the same image and were dropped; ` +
        `the texts of ${figures.joined.toLocaleString("en")} rows joined the first row of their image`,
    );
  });

  it("leaves the same bytes whatever the threads, and Parquet with the same rows", async () => {
    await curate("again", { threads: 3, memory: 1 });
    await curate("one-thread");
    expect(contentOf("again")).toEqual(contentOf("one-thread"));
    await curate("parquet", { output: "parquet", threads: 2 });
    expect(await pairsOf("parquet")).toEqual(await pairsOf("one-thread"));
  });

  it("makes the same images of rows in one file, and others in another order", async () => {
    await curate("whole", { paths: [savePool("whole.jsonl", files.flat())] });
    expect((await pairsOf("whole")).sort(byId)).toEqual((await pairsOf("one-thread")).sort(byId));
    const reversed = [...files].reverse();
    await curate("reversed", { paths: [...paths].reverse() });
    const expected = curatePlainly(toImages(reversed.flat()), counts, 7);
    expect((await pairsOf("reversed")).sort(byId)).toEqual(expected.sort(byId));
  });

  it("keeps all rows where it is told to", async () => {
    const rows = files.flat();
    const { manifest } = await curate("kept", { repeats: "kept" });
    const alone = rows.map(({ id, url, texts, lang }): Image => {
      return { id, url, texts: texts.filter(hasText).map((text) => ({ text, lang })) };
    });
    const expected = curatePlainly(alone, counts, 7);
    expect((await pairsOf("kept")).sort(byId)).toEqual(expected.sort(byId));
    expect(manifest.figures).toMatchObject({ repeated: 0, joined: 0, repeatedTexts: 0 });
    expect(manifest.repeats).toBe("kept");
  });

  it("lets rows that are left out take no part, and leaves out images that are named as they are written", async () => {
    const rows: Row[] = [
      { id: "a", url: "u", lang: "en", texts: ["a cat", "a cat"] },
      { id: "b", url: "u", lang: "en", texts: ["a cat", "a dog"] },
      { id: "c", url: "u", lang: "fr", texts: ["chat"] },
      { url: "v", lang: "en", texts: ["a man"] },
      { url: "v", lang: "en", texts: ["paris", "a man"] },
      { url: "w", lang: "en", texts: ["a phone", "a phone"] },
    ];
    const few = savePool("few.jsonl", rows);
    const exclude = join(folder, "exclude.txt");
    const run = async (name: string, lines: readonly string[]) => {
      writeFileSync(exclude, lines.map((line) => `${line}\n`).join(""));
      const { manifest } = await curate(name, { paths: [few], exclude, seed: 3 });
      expect((await verifyFolder(join(folder, name))).faults).toEqual([]);
      return { pairs: await pairsOf(name), figures: manifest.figures };
    };
    const without = await run("without-a", ["a"]);
    const left = toImages(rows.filter(({ id }) => id !== "a"));
    expect(left.map((image) => image.texts.length)).toEqual([3, 2, 1]);
    expect(without.pairs.sort(byId)).toEqual(curatePlainly(left, counts, 3).sort(byId));
    expect(without.figures).toMatchObject({ rows: 6, excluded: 1, repeated: 2, joined: 2, repeatedTexts: 2 });
    const [, joined, twice] = left.map(nameOf);
    const named = await run("without-names", [joined!, twice!]);
    expect(named.pairs.map(({ url }) => url).filter((url) => url !== "u")).toEqual([]);
    expect(named.figures).toMatchObject({ rows: 6, excluded: 2, repeated: 3, joined: 3 });
    const all = await run("without-images", ["u", "v", "w"]);
    expect(all.figures).toMatchObject({ rows: 6, excluded: 6, repeated: 0, repeatedTexts: 0, kept: 0 });
  });

  it("says of pools that kept repeats that these counted more", async () => {
    outputOf(["count", paths[0]!, "--name", "all", "--keep-repeats", "--db", db]);
    outputOf(["threshold", "--pool", "all", "--t", "50", "--db", db]);
    const { notes } = await curate("noted", { pools: ["all"] });
    expect(notes).toContain("the counts of all are of all texts, and repeats are dropped here");
    expect((await curate("not-noted", { pools: ["web"] })).notes).toEqual([]);
    const kept = await curate("noted-kept", { pools: ["web"], repeats: "kept" });
    expect(kept.notes).toContain("the counts of web are without repeats, which are kept here");
  });

  it("is checked: figures that do not add up are faults", async () => {
    await curate("checked");
    const path = join(folder, "checked", "_manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as CuratedManifest;
    const { figures } = manifest;
    writeFileSync(path, JSON.stringify({ ...manifest, figures: { ...figures, repeated: figures.repeated - 1 } }));
    expect((await verifyFolder(join(folder, "checked"))).faults).toEqual([
      `disagree: _manifest.json has ${figures.rows} rows, but ${figures.rows - 1} by what became of them`,
    ]);
    // One of the version before has figures of another kind, and is replaced by the next run.
    const { repeated: _, joined: __, repeatedTexts: ___, ...earlier } = figures;
    writeFileSync(path, JSON.stringify({ ...manifest, format: "worldmeta-curated-1", figures: earlier }));
    expect((await verifyFolder(join(folder, "checked"))).faults).toEqual([]);
    await curate("checked", { seed: 8 });
    expect((await verifyFolder(join(folder, "checked"))).faults).toEqual([]);
  });
});

describe("curate, with one image of many rows,", () => {
  it("draws one text of all", async () => {
    const rows = Array.from({ length: 8000 }, (_, n): Row => {
      return { id: `r${n}`, url: "data:image/gif;base64,R0lGODlhAQABAA", lang: "en", texts: [`a cat ${n}`, "a dog"] };
    });
    const { manifest } = await curate("many", { paths: [savePool("many.jsonl", rows)], threads: 2 });
    const expected = curatePlainly(toImages(rows), counts, 7);
    expect(await pairsOf("many")).toEqual(expected);
    expect(manifest.figures).toMatchObject({ rows: 8000, repeated: 7999, joined: 7999, repeatedTexts: 7999 });
  });
});

describe("joinImages", () => {
  it("leaves the same part in however many parts it holds the images", async () => {
    const work = join(folder, "kept-work");
    // What a run leaves that is stopped when all rows are set aside.
    mkdirSync(join(work, "part-joined-00000.jsonl", "x"), { recursive: true });
    mkdirSync(join(work, ".unfinished"));
    await expect(curate("kept-work")).rejects.toThrow("part-joined-00000.jsonl");
    const [print = ""] = readdirSync(join(work, ".unfinished")).filter((name) => name !== "lock");
    const own = join(work, ".unfinished", print);
    const asides = readdirSync(own)
      .filter((name) => name.startsWith("aside-"))
      .sort();
    expect(asides).toEqual(["aside-0-0", "aside-1-0"]);
    const input = { partition: 0, partitions: 1, asides, seed: 7, output: "jsonl", folder: own } as const;
    const context = { onBytes() {}, ask: async () => undefined, kept: new Map() };
    const results = [];
    for (const parts of [1, 2, 7]) results.push(await joinImages({ ...input, parts }, context));
    expect(results[0]!.part!.rows).toBeGreaterThan(100);
    const byGroup = (a: CuratedGroup, b: CuratedGroup) => (a.group < b.group ? -1 : 1);
    const sorted = results.map((one) => ({
      ...one,
      figures: { ...one.figures, groups: [...one.figures.groups].sort(byGroup) },
    }));
    for (const one of sorted) expect(one).toEqual(sorted[0]);
  });
});

describe("curate, stopped while it puts images together,", () => {
  it("at any moment by a signal: leaves the same when it is started again", async () => {
    await curate("unstopped", { threads: 2 });
    const expected = contentOf("unstopped");
    for (const moment of [/^pairs-0/, /^repeats-/, /^found\.json$/, /^aside-/, /^piece-/, /^joined-.*json$/]) {
      const name = `killed-${String(moment).replace(/\W/g, "")}`;
      const out = join(folder, name);
      const args = ["curate", ...paths, "--name", "web", "--out", out, "--seed", "7", "--format", "jsonl", "--db", db];
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      const watch = setInterval(() => {
        const names = existsSync(out) ? (readdirSync(out, { recursive: true }) as string[]) : [];
        if (names.some((path) => moment.test(path.split("/").at(-1)!))) child.kill("SIGKILL");
      }, 1);
      await ended;
      clearInterval(watch);
      outputOf(args);
      expect(contentOf(name), String(moment)).toEqual(expected);
    }
  });

  it("while it writes the manifest: what is left of that is no file of others", async () => {
    const out = join(folder, "half-written");
    mkdirSync(join(out, ".unfinished"), { recursive: true });
    // No process has this number.
    const left = `._manifest.json-${hostname().replace(/[^A-Za-z0-9]+/g, "_")}-99999999-1-${"0".repeat(12)}.tmp`;
    writeFileSync(join(out, left), "{");
    await curate("half-written");
    expect(contentOf("half-written")).toEqual(contentOf("unstopped"));
  });

  it("with rows set aside that are not on the disk: reads their piece again", async () => {
    const out = join(folder, "lost");
    mkdirSync(join(out, "part-joined-00000.jsonl", "x"), { recursive: true });
    mkdirSync(join(out, ".unfinished"));
    await expect(curate("lost")).rejects.toThrow("part-joined-00000.jsonl");
    rmSync(join(out, "part-joined-00000.jsonl"), { recursive: true });
    const [print = ""] = readdirSync(join(out, ".unfinished")).filter((name) => name !== "lock");
    const work = join(out, ".unfinished", print);
    writeFileSync(join(work, "aside-1-0"), "");
    rmSync(join(work, "joined-0.json"));
    await curate("lost");
    expect(contentOf("lost")).toEqual(contentOf("unstopped"));
  });
});
