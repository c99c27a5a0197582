import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupOfLabel } from "../languages/index.ts";
import type { FileReport } from "../src/engine/count-pool.ts";
import type { CuratedManifest } from "../src/export/curated.ts";
import { createIdentifier, type Identifier } from "../src/lid/identify.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
afterAll(() => rmSync(folder, { recursive: true }));

const LEMMAS = {
  en: ["house", "garden", "river"],
  fr: ["maison", "jardin", "rivière"],
  de: ["Haus", "Garten", "Fluss"],
};
const TEXTS = {
  en: ["The old house stands beside the river", "Children are playing together in the garden"],
  fr: ["La vieille maison se trouve près de la rivière", "Les enfants jouent ensemble dans le jardin"],
  de: ["Das alte Haus steht am Ufer neben dem Fluss", "Die Kinder spielen zusammen im großen Garten"],
} as const;
type Lang = keyof typeof TEXTS;
const LANGS = Object.keys(TEXTS) as Lang[];

let identifier: Identifier;

beforeAll(async () => {
  identifier = await createIdentifier();
  const codes = { en: "eng", fr: "fra", de: "deu" };
  for (const lang of LANGS) {
    const path = join(folder, `wn-data-${codes[lang]}.tab`);
    const lines = LEMMAS[lang].map((lemma, index) => `0000000${index}-n\t${codes[lang]}:lemma\t${lemma}`);
    writeFileSync(path, `# Test\t${codes[lang]}\thttps://example.org\tCC BY\n${lines.join("\n")}\n`);
    outputOf(["build", lang, "--wordnet", path, "--db", db]);
  }
});

function save(name: string, rows: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
  return path;
}

/** Each text with two languages beside it in the same row, or alone. */
const ROWS = LANGS.flatMap((lang) => [
  { id: `${lang}-1`, text: TEXTS[lang][0] },
  { id: `${lang}-2`, text: TEXTS[lang][1] },
]);
const MIXED = [
  { id: "mixed-1", texts: [TEXTS.fr[0], TEXTS.en[0], TEXTS.de[0]] },
  { id: "mixed-2", texts: ["12345 67", TEXTS.de[1], TEXTS.en[1]] },
];

const textsOf = (report: FileReport) => Object.fromEntries(report.groups.map(({ group, texts }) => [group, texts]));

describe("a pool without labels", () => {
  it("is counted by what its texts are identified as, each by itself", () => {
    for (const text of LANGS.flatMap((lang) => TEXTS[lang].map((one) => ({ lang, one })))) {
      expect(groupOfLabel(identifier.identify(text.one).label, "worldmeta")).toBe(text.lang);
    }
    const pool = save("silent.jsonl", [...ROWS, ...MIXED]);
    const [report] = jsonOf<[FileReport]>(["count", pool, "--name", "silent", "--db", db]);
    expect(textsOf(report)).toEqual({ en: 4, fr: 3, de: 4 });
    expect(report.groups.find(({ group }) => group === "en")).toMatchObject({ matched: 4, matches: 6 });
    expect(report.labels.map(({ label }) => label)).toContain("und");
    const { settings } = jsonOf<{ settings: object }>(["pools", "silent", "--db", db]);
    expect(settings).toMatchObject({ scheme: "worldmeta", identify: false });
  });

  it("draws among texts of several languages, each with the probabilities of its own list", () => {
    const pool = save("mixed.jsonl", [...ROWS, ...MIXED]);
    outputOf(["count", pool, "--name", "mixed", "--db", db]);
    outputOf(["threshold", "--pool", "mixed", "--t", "100", "--db", db]);
    const out = join(folder, "curated");
    outputOf(["curate", pool, "--name", "mixed", "--out", out, "--format", "jsonl", "--db", db]);
    const pairs = readdirSync(out)
      .filter((name) => name.startsWith("part-"))
      .flatMap((name) => readFileSync(join(out, name), "utf8").trim().split("\n"))
      .map((line) => JSON.parse(line) as { id: string; text: string; lang: string; matches: number[] });
    // t is above all counts, so everything stays that matches, with the label of the text that was drawn.
    expect(pairs.map(({ id }) => id).sort()).toEqual([...ROWS, ...MIXED].map(({ id }) => id).sort());
    for (const { text, lang } of pairs) expect(TEXTS[lang as Lang]).toContain(text);
    const { figures, identify, scheme } = JSON.parse(
      readFileSync(join(out, "_manifest.json"), "utf8"),
    ) as CuratedManifest;
    expect({ identify, scheme }).toEqual({ identify: false, scheme: "worldmeta" });
    expect(figures.groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS.length + MIXED.length);
    expect(figures.groups.map(({ group, texts, matched }) => [group, texts, matched])).toEqual([
      ["de", 4, 4],
      ["en", 4, 4],
      ["fr", 3, 3],
    ]);
  });

  it("may have labels of the scheme worldmeta, and those that have none are identified", () => {
    const pool = save("some.jsonl", [
      { lang: "fr", text: TEXTS.en[0] },
      { lang: null, text: TEXTS.en[1] },
    ]);
    const [report] = jsonOf<[FileReport]>(["count", pool, "--name", "some", "--scheme", "worldmeta", "--db", db]);
    expect(textsOf(report)).toEqual({ fr: 1, en: 1 });
  });
});

describe("--identify", () => {
  it("passes labels over", () => {
    const rows = ROWS.map((row) => ({ ...row, lang: "ja" }));
    const pool = save("wrong.jsonl", rows);
    const [report] = jsonOf<[FileReport]>(["count", pool, "--name", "wrong", "--identify", "--db", db]);
    expect(textsOf(report)).toEqual({ en: 2, fr: 2, de: 2 });
    const [labelled] = jsonOf<[FileReport]>(["count", pool, "--name", "labelled", "--db", db]);
    expect(textsOf(labelled)).toEqual({});
  });

  it("is refused for a pool of other labels, and beside labels", () => {
    const pool = save("refused.jsonl", ROWS);
    outputOf(["count", pool, "--name", "english", "--lang", "en", "--db", db]);
    const refuse = (...args: string[]) => {
      const { status, stderr } = runCli(["count", pool, "--name", "english", "--db", db, ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(refuse("--identify")).toContain("labels of worldmeta, and the pool is counted by labels of edition");
    expect(refuse("--identify", "--lang", "en")).toContain("cannot be used with option '--lang");
    expect(refuse()).toContain("with --identify");
  });
});
