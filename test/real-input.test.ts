import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { normalize } from "../languages/normalize.ts";
import type { EntryJson } from "../src/entries/entry-json.ts";
import type { BuildReport } from "../src/pipeline.ts";
import { jsonOf, makeFolder, outputOf } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const WIKIVOYAGE = "wikipedia-xml/wikimedia-mwbzutils/sample-pages-articles.xml.bz2";
const LATGALIAN = "wikipedia-xml/dumpster-dive/smallwiki-latest-pages-articles.xml.gz";
const MULTISTREAM = "wikipedia-xml/derived-multistream/ltgwiki-pages-articles-multistream.xml.bz2";
const WORDNET = "wordnet/derived/wn-data-eng.from-pwn30.tab.gz";
const CHINESE = "wikipedia-xml/CyberZHG/zhwiki-test-pages.xml.gz";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

let databases = 0;

/** Build one edition into a database of its own and export it. */
function build(code: string, ...args: readonly string[]) {
  const db = join(folder, `${databases++}.sqlite`);
  const [report] = jsonOf<BuildReport[]>(["build", code, ...args, "--db", db]);
  const profile = args.includes("reference") ? ["--profile", "reference"] : [];
  outputOf(["export", "jsonl", "--out", `${db}.lists`, "--db", db, ...profile]);
  const bytes = readFileSync(join(`${db}.lists`, `${code}.jsonl`), "utf8");
  const entries = bytes
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as EntryJson);
  return { db, report: report!, bytes, entries };
}

describe.skipIf(lacksSharedData(WIKIVOYAGE))("Greek Wikivoyage", () => {
  const dump = ["--dump", sharedData(WIKIVOYAGE)];
  const first = () => build("el", ...dump, "--threads", "1");

  it("gives the same bytes twice, with one thread and with three, in much memory and in little", () => {
    const { bytes, report } = first();
    expect(report.figures.text).toMatchObject({ articles: 1310, wikis: ["elwikivoyage"] });
    expect(report.problems.map(({ code }) => code)).toContain("W102");
    expect(first().bytes).toBe(bytes);
    expect(build("el", ...dump, "--threads", "3").bytes).toBe(bytes);
    expect(build("el", ...dump, "--threads", "2", "--memory", "1MB").bytes).toBe(bytes);
  });

  it("has only entries in the form that captions are compared in", () => {
    for (const { text } of first().entries) expect(normalize(text)).toBe(text);
  });
});

describe.skipIf(lacksSharedData(LATGALIAN, MULTISTREAM))("Latgalian Wikipedia", () => {
  it("is the same from gzip and from multistream bzip2", () => {
    const gzip = build("ltg", "--dump", sharedData(LATGALIAN));
    const bzip2 = build("ltg", "--dump", sharedData(MULTISTREAM));
    expect(bzip2.bytes).toBe(gzip.bytes);
    const { text, entries, selection } = gzip.report.figures;
    expect(text).toMatchObject({ articles: 903, wikis: ["ltgwiki"] });
    expect(entries.unigram).toBe(Math.floor((text?.types ?? 0) / 10));
    expect(selection.caps.bigram).toBe(Math.floor((entries.unigram ?? 0) * 0.4));
    expect(gzip.entries.filter(({ source }) => source === "bigram").every(({ pairCount = 0 }) => pairCount >= 5)).toBe(
      true,
    );
  });

  it("counts each word as often as the extracted articles hold it", () => {
    const { entries } = build("ltg", "--dump", sharedData(LATGALIAN));
    const articles = outputOf(["extract", sharedData(LATGALIAN), "--edition", "ltg"]);
    const text = articles
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { text: string }).text);
    const words = outputOf(["tokenize", "--edition", "ltg", "--words"], { input: normalizeLines(text) });
    const counts = new Map<string, number>();
    for (const line of words.trimEnd().split("\n")) {
      for (const word of JSON.parse(line) as string[]) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    for (const { text: word, count } of entries)
      if (count !== undefined) expect([word, counts.get(word)]).toEqual([word, count]);
  });
});

function normalizeLines(texts: readonly string[]): string {
  return texts.flatMap((text) => text.split("\n").map((line) => normalize(line))).join("\n");
}

describe.skipIf(lacksSharedData(WORDNET))("the English wordnet", () => {
  it("brings exactly the 86,554 names of the recipe in reference, 86,654 entries with the digits", () => {
    const { report, entries } = build("en", "--wordnet", sharedData(WORDNET), "--profile", "reference");
    expect(report.figures.entries).toMatchObject({ wordnet: 86_554, number: 100, total: 86_654 });
    expect(entries.filter(({ source }) => source === "wordnet").map(({ text }) => text)).toContain("st");
  });
});

describe.skipIf(lacksSharedData(CHINESE))("33 Chinese pages", () => {
  it("give words of several characters, joined without spaces", () => {
    const { entries } = build("zh", "--dump", sharedData(CHINESE));
    const bigrams = entries.filter(({ source }) => source === "bigram").map(({ text }) => text);
    expect(bigrams.length).toBeGreaterThan(100);
    expect(bigrams.filter((text) => /\p{scx=Hani} \p{scx=Hani}/u.test(text))).toEqual([]);
  });
});
