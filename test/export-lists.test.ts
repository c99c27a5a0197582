import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntryJson } from "../src/entries/entry-json.ts";
import { toEntryJson } from "../src/entries/entry-json.ts";
import type { Entry } from "../src/entries/types.ts";
import { cardOf } from "../src/export/card.ts";
import type { ListsManifest, ManifestInput } from "../src/export/lists-manifest.ts";
import { verifyFolder } from "../src/export/verify.ts";
import { nameList } from "../src/list-name.ts";
import { LISTS, MANY, publishLists } from "./lists-fixture.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
const at = (...names: readonly string[]) => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  publishLists(db);
  const captions = [
    { id: 1, lang: "en", text: "w1 and w2, easy" },
    { id: 2, lang: "en", text: `w1 w${MANY - 1}` },
    { id: 3, lang: "en", text: "w1" },
    { id: 4, lang: "zh", text: "臺灣 𠀋" },
    { id: 5, lang: "zh", text: "臺灣" },
    { id: 6, lang: "el", text: "nothing" },
  ];
  writeFileSync(at("pool.jsonl"), captions.map((caption) => `${JSON.stringify(caption)}\n`).join(""));
  outputOf(["count", at("pool.jsonl"), "--name", "web", "--db", db]);
  outputOf(["threshold", "--pool", "web", "--t", "2", "--db", db]);
});

const write = (format: string, out: string, ...args: readonly string[]) =>
  outputOf(["export", format, "--out", at(out), "--db", db, ...args]);
const readLines = (...names: readonly string[]) =>
  readFileSync(at(...names), "utf8")
    .trimEnd()
    .split("\n");
const readJson = (...names: readonly string[]) => readLines(...names).map((line) => JSON.parse(line) as EntryJson);
const readManifest = (out: string) => JSON.parse(readFileSync(at(out, "manifest.json"), "utf8")) as ListsManifest;

async function readTable(...names: readonly string[]): Promise<Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(at(...names)) });
  const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}

/** A row of a table as it must be. */
function rowOf(entry: Entry, more: object): object {
  const names = ["wordnetRank", "count", "unigramRank", "pairCount", "pmi", "npmi", "bigramRank", "views", "titleRank"];
  const known = names.map((name) => [name, entry[name as keyof Entry] ?? null]);
  return { ...toEntryJson(entry), ...Object.fromEntries(known), ...more };
}

/** The union of `en` and `simple`: by source, then rank, then text. */
function unite(): (Entry & { readonly edition: string })[] {
  const [en = [], simple = []] = [LISTS.en, LISTS.simple];
  const [zero, seven, quoted, ...rest] = en.map((entry) => ({ ...entry, edition: "en" }));
  const easy = { ...simple[2]!, edition: "simple" };
  return [zero!, seven!, quoted!, easy, ...rest].map((entry, id) => ({ ...entry, id }));
}

describe("worldmeta export parquet", () => {
  it("writes all that is known of an edition's entries, nulls where it is not, in the order of the ids", async () => {
    write("parquet", "tables");
    expect(readdirSync(at("tables")).sort()).toEqual(
      ["README.md", ...Object.keys(LISTS).map((code) => `${code}.parquet`), "manifest.json"].sort(),
    );
    for (const [code, entries] of Object.entries(LISTS))
      expect(await readTable("tables", `${code}.parquet`)).toEqual(
        entries.map((entry) => rowOf(entry, { edition: code })),
      );
  });

  it("has the same columns and types in every table, rows in groups of bounded size", async () => {
    const schemas = new Set<string>();
    for (const code of ["ar", "en"]) {
      const { schema, row_groups } = await parquetMetadataAsync(
        await asyncBufferFromFile(at("tables", `${code}.parquet`)),
      );
      schemas.add(JSON.stringify(schema.map(({ name, type, repetition_type }) => [name, type, repetition_type])));
      expect(Math.max(...row_groups.map(({ num_rows }) => Number(num_rows)))).toBeLessThan(MANY);
    }
    expect(schemas.size).toBe(1);
  });

  it("writes groups with the ids that matching uses, each row as the edition has it that ranks it best", async () => {
    write("parquet", "groups", "--group", "en");
    const expected = unite().map(({ edition, ...entry }) => rowOf(entry, { edition }));
    expect(await readTable("groups", "en.parquet")).toEqual(expected);
  });

  it("adds counts and probabilities of pools, in single precision", async () => {
    write("parquet", "pooled", "--pool", "web", "--edition", "simple", "--edition", "zh");
    const rows = await readTable("pooled", "en.parquet");
    expect(rows.length).toBe(unite().length);
    const of = (text: string) => rows.find((row) => row.text === text);
    expect(of("w1")).toMatchObject({ matches: 3, probability: Math.fround(2 / 3), count: 4_999_999_999 });
    expect(of("w0")).toMatchObject({ matches: 0, probability: 1 });
    expect(of("easy")).toMatchObject({ matches: 1, probability: 1, edition: "simple" });
    expect(readdirSync(at("pooled"))).toEqual(["README.md", "en.parquet", "manifest.json", "zh.parquet"]);
  });

  it("gives the same bytes for the same lists, and takes the place of an earlier export", () => {
    write("parquet", "again");
    for (const file of readdirSync(at("tables")))
      expect(readFileSync(at("again", file))).toEqual(readFileSync(at("tables", file)));
    write("parquet", "again", "--edition", "el");
    expect(readdirSync(at("again"))).toEqual(["README.md", "el.parquet", "manifest.json"]);
  });

  it("touches no folder that holds anything else", () => {
    write("txt", "notes", "--edition", "el");
    const { status, stderr } = runCli(["export", "parquet", "--out", at("notes"), "--db", db]);
    expect([status, stderr]).toEqual([
      1,
      `worldmeta: ${at("notes", "el.txt")} is no file of an earlier run; name an empty folder\n`,
    ]);
    expect(readdirSync(at("notes"))).toEqual(["el.txt"]);
  });

  it("says in the manifest what the lists are and what they were made from", () => {
    const { format, profile, kind, pools, lists, inputs, files } = readManifest("pooled");
    expect({ format, profile, kind, pools }).toEqual({
      ...{ format: "worldmeta-lists-1", profile: "corrected", kind: "group", pools: ["web"] },
    });
    expect(lists[0]).toMatchObject({
      ...{ code: "en", list: nameList(unite().map(({ text }) => text)), editions: ["en", "simple"] },
      ...{ entries: MANY + 6, sources: { number: 2, wordnet: 2, unigram: MANY, bigram: 1, title: 1, review: 0 } },
      ...{ t: 2, head: 1, total: 6 },
    });
    expect(inputs.map(({ kind, file, editions }) => [kind, file, editions])).toEqual([
      ["dump", "enwiki-20260101-pages-articles.xml.bz2", ["en"]],
      ["pageviews", "pageviews-202512-user.bz2", ["en", "simple", "zh"]],
      ["wordnet", "wn-data-eng.tab", ["en", "simple"]],
      ["dump", "simplewiki-20260101-pages-articles.xml.bz2", ["simple"]],
      ["dump", "zhwiki-20260101-pages-articles.xml.bz2", ["zh"]],
    ]);
    expect(files.map(({ path, rows }) => [path, rows])).toEqual([
      ["en.parquet", MANY + 6],
      ["zh.parquet", LISTS.zh!.length],
      ["README.md", undefined],
    ]);
  });

  it("writes a card with sizes, columns, thresholds, inputs, their dates and licences", () => {
    const card = readFileSync(at("pooled", "README.md"), "utf8");
    for (const line of [
      '- config_name: "zh"\n  data_files: "zh.parquet"',
      'license:\n- "cc-by-sa-4.0"\n- "cc0-1.0"\n- "other"\nlicense_name: "wordnet"\nlicense_link: "http://example.org/wn"',
      `| \`en\` | English, Simple English | ${(MANY + 6).toLocaleString("en")} | 2 | 2 | ${MANY.toLocaleString("en")} |`,
      "| `probability` | float32 |",
      "| `views` | int64, or null |",
      "| `zh` | 2 | – | 33.33 % |",
      "| dump |  | `zhwiki-20260101-pages-articles.xml.bz2` | 2026-01-01 | 10 |",
      "| pageviews |  | `pageviews-202512-user.bz2` | 2025-12 | 10 |",
      "- Princeton WordNet (<http://example.org/wn>): wordnet,",
    ])
      expect(card).toContain(line);
    expect(card).not.toContain("somewhere/");
    const editions = readFileSync(at("tables", "README.md"), "utf8");
    expect(editions).toContain("| wordnet | A\\|WN |");
    expect(editions).toContain('- "cc-by-sa-3.0"');
    expect(editions).not.toContain("probability");
  });

  it("names licences by words that the Hub knows, and none that a file does not state", () => {
    const manifest = readManifest("tables");
    const cardWith = (licence: string | undefined) => {
      const input = { kind: "wordnet", file: "wn.tab", editions: ["en"], ...(licence !== undefined && { licence }) };
      return cardOf({ ...manifest, inputs: [input as ManifestInput] }, []);
    };
    const wordsFor = (licence: string | undefined) =>
      /^license:\n([\s\S]*?)^size_categories/m.exec(cardWith(licence))?.[1];
    for (const [licence, words] of [
      ["CC BY SA 3.0", '- "cc-by-sa-3.0"\n'],
      ["CC BY-SA", '- "cc"\n'],
      ["CC BY-SA 2.0", '- "cc"\n'],
      ["Apache 2.0", '- "apache-2.0"\n'],
      ["LGPL-LR", '- "lgpl-lr"\n'],
      [undefined, '- "unknown"\n'],
      ["CeCILL-C / ours", '- "other"\nlicense_name: "cecill-c-ours"\n'],
    ] as const)
      expect(wordsFor(licence), licence).toBe(words);
    expect(cardWith(undefined)).toContain("its file states none");
    expect(readFileSync(at("tables", "README.md"), "utf8")).not.toContain("| CC BY-SA 4.0 |");
  });
});

describe("worldmeta export jsonl and txt", () => {
  it("write editions, and with --group or --pool groups, in the order of the ids", () => {
    write("jsonl", "lines");
    write("txt", "lines");
    for (const [code, entries] of Object.entries(LISTS)) {
      expect(readJson("lines", `${code}.jsonl`)).toEqual(entries.map(toEntryJson));
      expect(readLines("lines", `${code}.txt`)).toEqual(entries.map(({ text }) => text));
    }
    write("jsonl", "grouped", "--group", "simple");
    write("txt", "grouped", "--pool", "web", "--group", "en");
    expect(readdirSync(at("grouped"))).toEqual(["en.jsonl", "en.txt"]);
    expect(readJson("grouped", "en.jsonl")).toEqual(
      unite().map(({ edition, ...entry }) => ({ ...toEntryJson(entry), edition })),
    );
    expect(readLines("grouped", "en.txt")).toEqual(unite().map(({ text }) => text));
  });

  it("add counts and probabilities of pools to JSON lines", () => {
    write("jsonl", "counted", "--pool", "web");
    expect(readdirSync(at("counted"))).toEqual(["el.jsonl", "en.jsonl", "zh.jsonl"]);
    expect(readJson("counted", "zh.jsonl")[2]).toEqual({
      ...{
        id: 2,
        text: "臺灣",
        source: "unigram",
        sources: ["unigram"],
        flags: [],
        edition: "zh",
        matches: 2,
        probability: 1,
      },
    });
    expect(readJson("counted", "en.jsonl")[5]).toMatchObject({
      text: "w1",
      matches: 3,
      probability: Math.fround(2 / 3),
    });
  });

  it("say what was written", () => {
    expect(jsonOf(["export", "txt", "--out", at("said"), "--group", "el", "--db", db])).toEqual([
      { group: "el", path: at("said", "el.txt"), entries: 3, bytes: 11 },
    ]);
    expect(write("txt", "said", "--edition", "el")).toMatch(/^edition +entries +size +file\n/);
  });

  it("end with one line where they cannot", () => {
    const complaint = (...args: readonly string[]) =>
      runCli(["export", ...args, "--out", at("none"), "--db", db]).stderr;
    expect(complaint("txt", "--group", "ltg")).toContain("no corrected list of ltg yet");
    expect(complaint("parquet", "--pool", "nowhere")).toContain("nowhere");
    expect(complaint("parquet", "--pool", "web", "--group", "ar")).toContain("no counts of ar");
    expect(complaint("jsonl", "--group", "en", "--t", "3")).toContain("go with export metaclip only");
    expect(complaint("txt", "--group", "other")).toContain("no list `other`");
    expect(existsSync(at("none"))).toBe(false);
  });
});

describe("verifyFolder", () => {
  it("finds tables that are missing, changed, extra or other than the manifest says", async () => {
    expect(await verifyFolder(at("pooled"))).toEqual({ files: 3, lists: 2, faults: [] });
    const broken = at("broken");
    cpSync(at("pooled"), broken, { recursive: true });
    rmSync(join(broken, "en.parquet"));
    cpSync(at("tables", "el.parquet"), join(broken, "zh.parquet"));
    appendFileSync(join(broken, "README.md"), "\n");
    writeFileSync(join(broken, "fr.parquet"), "");
    const { list } = readManifest("pooled").lists[1]!;
    expect((await verifyFolder(broken)).faults).toEqual([
      "missing: en.parquet",
      expect.stringMatching(/^changed: zh\.parquet has \d+ bytes, not \d+$/),
      expect.stringMatching(/^changed: README\.md has \d+ bytes, not \d+$/),
      "extra: fr.parquet",
      `disagree: zh.parquet has 3 rows, manifest.json says ${LISTS.zh!.length}`,
      `disagree: zh.parquet holds another list than manifest.json names (${list}), or in another order`,
    ]);
    writeFileSync(join(broken, "zh.parquet"), "no table");
    expect(
      (await verifyFolder(broken)).faults.filter((fault) => fault.startsWith("unreadable: zh.parquet")),
    ).toHaveLength(2);
  });

  it("checks curated pairs, in both formats", async () => {
    for (const format of ["parquet", "jsonl"]) {
      const out = at(`curated-${format}`);
      outputOf(["curate", at("pool.jsonl"), "--name", "web", "--out", out, "--format", format, "--db", db]);
      expect((await verifyFolder(out)).faults).toEqual([]);
      const [part = ""] = readdirSync(out).filter((name) => name.startsWith("part-"));
      const manifest = JSON.parse(readFileSync(join(out, "_manifest.json"), "utf8"));
      manifest.files[0].rows++;
      writeFileSync(join(out, "_manifest.json"), JSON.stringify(manifest));
      const rows = manifest.files[0].rows;
      expect((await verifyFolder(out)).faults).toEqual([
        `disagree: ${part} has ${rows - 1} rows, _manifest.json says ${rows}`,
        `disagree: _manifest.json has ${manifest.figures.kept} pairs kept, but ${manifest.figures.kept + 1} by its parts`,
      ]);
    }
  });
});
