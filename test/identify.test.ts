import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupOfLabel, groupsNamed, listEditions } from "../languages/index.ts";
import { knownLabels, OTHER } from "../languages/lid-labels.ts";
import { type KnownText, readKnownCaptions, readSentences } from "../scripts/lid-evaluation.ts";
import { loadGrounds } from "../src/lid/evidence.ts";
import { loadFastText } from "../src/lid/fasttext.ts";
import { createIdentifier, type Identifier, labelsOfIdentifier } from "../src/lid/identify.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

let identifier: Identifier;
beforeAll(async () => {
  identifier = await createIdentifier();
});
afterAll(() => identifier.dispose());

const groupOf = (text: string) => groupOfLabel(identifier.identify(text).label, "worldmeta");

describe("the identifier", () => {
  it("gives for any text a label of its scheme and a probability, the same each time, alone and among others", () => {
    const labels = knownLabels("worldmeta");
    const anyText = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.constantFrom("Zonke izinhlelo zihlelekile", "\ud800 half a pair", "a\0b c", "\u0300", " \n\t"),
    );
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 5 }), (texts) => {
        const alone = texts.map((text) => identifier.identify(text));
        for (const { label, probability } of alone) {
          expect(labels.has(label.toLowerCase())).toBe(true);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
        const together: { label: string; probability: number }[] = [];
        identifier.identifyAll(texts, (index, label, probability) => {
          together[index] = { label, probability };
        });
        expect(together).toEqual(alone);
      }),
      { numRuns: 300 },
    );
  });

  it("says nothing of digits, marks, emoji, addresses, names of files and codes", () => {
    const nothing = [
      "",
      "   ",
      "12.10.2020",
      "— … !?",
      "😀🎉👍🏽",
      "https://example.org/a/zulu-photo",
      "www.example.org/en",
    ];
    for (const text of [
      ...nothing,
      "me@example.org",
      "DSC_0012.JPG",
      "IMG-20200101.png",
      "B07XJ8C8F5",
      "1920x1080",
      "\0",
    ]) {
      expect([text, identifier.identify(text)]).toEqual([text, { label: "und", probability: 0 }]);
    }
    expect(groupOf("the cat sleeps on the old chair — https://example.org/fr 12")).toBe("en");
  });

  it("names a language that is written in the script of the text", () => {
    const samples = new Map([
      ["ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎤᏂᎾᏓᏅ", "chr"],
      ["ߒߞߏ ߞߊ߲ ߠߋ߬ ߦߋ߫", "nqo"],
      ["ភាសាខ្មែរជាភាសាកំណើតរបស់ជនជាតិខ្មែរ", "km"],
      ["ქართული ენა არის საქართველოს სახელმწიფო ენა", "ka"],
      ["Η ελληνική γλώσσα ανήκει στην ινδοευρωπαϊκή οικογένεια", "el"],
      ["ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำ", "th"],
      ["これは新しいカメラです", "ja"],
      ["한국어는 한국에서 쓰는 언어이다", "ko"],
      ["ދިވެހިބަހަކީ ދިވެހިރާއްޖޭގެ ރަސްމީ ބަހެވެ", "dv"],
    ]);
    for (const [text, group] of samples) expect([text, groupOf(text)]).toEqual([text, group]);
  });

  it("can name just the labels of its scheme", () => {
    const can = labelsOfIdentifier(loadGrounds());
    expect([...can].map((label) => label.toLowerCase()).sort()).toEqual([...knownLabels("worldmeta").keys()].sort());
  });

  it("has grounds for labels that lead to a list in one of their scripts", () => {
    const { evidence } = loadGrounds();
    expect(new Set(evidence.map(({ label }) => label)).size).toBe(evidence.length);
    for (const { label, prior, take, texts } of evidence) {
      expect(prior).toBeGreaterThan(0);
      expect(take).toBeGreaterThan(0);
      expect(texts === 0 || texts >= 20).toBe(true);
      expect(groupOfLabel(label, "worldmeta")).toBeDefined();
    }
    expect(groupsNamed("worldmeta").length).toBeGreaterThan(groupsNamed("lid.176").length);
    expect(listEditions().length).toBeGreaterThan(groupsNamed("worldmeta").length);
  });
});

describe("worldmeta identify", () => {
  const folder = makeFolder();
  afterAll(() => rmSync(folder, { recursive: true }));
  const lines = ["the cat sleeps on the old chair", "", "12", "Ein Mann sitzt auf einer Bank im Park"];

  it("tells group, label and probability of each line, of files by their content and of standard input", () => {
    const path = join(folder, "captions");
    writeFileSync(path, gzipSync(`${lines.join("\r\n")}\n`));
    const { stdout, status } = runCli(["identify", path]);
    expect(status).toBe(0);
    const rows = stdout.split("\n").map((line) => line.split("\t"));
    expect(rows.map(([group, label]) => [group, label])).toEqual([
      ...[["en", "en"], ["und", "und"], ["und", "und"], ["de", "de"], [""].concat([undefined as never])],
    ]);
    for (const [, , probability] of rows.slice(0, -1)) expect(probability).toMatch(/^(0\.\d{4}|1\.0000)$/);
    expect(runCli(["identify", "-"], { input: lines.join("\n") }).stdout).toBe(stdout);
    expect(runCli(["identify"], { input: lines.join("\n") }).stdout).toBe(stdout);
  });

  it("ends with one line where there is no file", () => {
    const { status, stderr } = runCli(["identify", join(folder, "missing")]);
    expect([status, stderr.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toMatch(/^worldmeta: .*missing/);
  });
});

const lacks = lacksSharedData("lid", "captions");

describe.skipIf(lacks)("on real texts", () => {
  /** Of each language the share of texts that get it, as a mean over the sets that have it. */
  const accuracyOf = (texts: readonly KnownText[], answers: readonly string[]) => {
    const counts = new Map<string, [right: number, all: number]>();
    for (const [at, { set, language }] of texts.entries()) {
      const count = counts.get(`${set} ${language}`) ?? [0, 0];
      counts.set(`${set} ${language}`, count);
      count[1]++;
      if (answers[at] === language) count[0]++;
    }
    const byLanguage = new Map<string, number[]>();
    for (const [key, [right, all]] of counts) {
      const language = key.split(" ")[1]!;
      byLanguage.set(language, [...(byLanguage.get(language) ?? []), right / all]);
    }
    const means = [...byLanguage.values()].map((values) => values.reduce((a, b) => a + b, 0) / values.length);
    return means.reduce((a, b) => a + b, 0) / means.length;
  };
  const toGroup = (label: string): string => {
    const group = groupOfLabel(label, "worldmeta");
    return group === undefined || group === OTHER ? label : group;
  };
  const answersTo = (texts: readonly KnownText[]) => {
    const answers: string[] = [];
    identifier.identifyAll(
      texts.map(({ text }) => text),
      (_, label) => answers.push(toGroup(label)),
    );
    return answers;
  };
  /** Captions are few in some languages. */
  const SPARE = 0.005;
  const canName = new Set<string>(groupsNamed("worldmeta"));

  it("names the languages of sentences of 5 to 12 words", () => {
    const texts = readSentences(sharedData(""), 25).filter(({ language }) => canName.has(language));
    expect(accuracyOf(texts, answersTo(texts))).toBeGreaterThan(0.84);
  });

  it("names the languages of captions no worse than lid.176 alone", async () => {
    const texts = (await readKnownCaptions(sharedData(""), 400)).filter(({ set }) => set !== "web-alts");
    const fasttext = loadFastText();
    const alone = texts.map(({ text }) => toGroup(fasttext.predict(text).label));
    expect(accuracyOf(texts, answersTo(texts))).toBeGreaterThan(accuracyOf(texts, alone) - SPARE);
  });
});
