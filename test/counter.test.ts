import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EditionCode, Tokenizer, TokenizerName } from "../languages/define.ts";
import { normalizeText } from "../languages/normalize.ts";
import { loadTokenizer } from "../languages/tokenizers.ts";
import { createCutter, createGramCounter, cutGrams } from "../src/ngrams/counter.ts";
import {
  byCount,
  byKey,
  compactRuns,
  mergeRuns,
  readRun,
  sortTallies,
  type Tally,
  writeRun,
} from "../src/ngrams/runs.ts";
import { wildText } from "./tokenizer-contract.ts";

let directory: string;
let english: Tokenizer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "counter-"));
  english = await tokenizerOf("en");
});

afterAll(() => rmSync(directory, { recursive: true }));

function tokenizerOf(code: string, tokenizer: TokenizerName = "words"): Promise<Tokenizer> {
  return loadTokenizer({ code: code as EditionCode, tokenizer });
}

interface Grams {
  readonly words: readonly string[];
  readonly pairs: readonly string[];
}

function gramsOf(text: string, tokenizer: Tokenizer): Grams {
  const words: string[] = [];
  const pairs: string[] = [];
  cutGrams(text, tokenizer, {
    word: (word) => words.push(word),
    pair: (first, second) => pairs.push(`${first}+${second}`),
  });
  return { words, pairs };
}

describe("cutGrams", () => {
  it.each([
    ["en", "words", "a b c", ["a+b", "b+c"]],
    ["en", "words", "a\tb \u00a0c", ["a+b", "b+c"]],
    ["am", "words", "የሰው፡ልጅ፡፡ሁሉ ሰው", ["የሰው+ልጅ", "ሁሉ+ሰው"]],
    ["en", "words", "one, two three. four (five) six", ["two+three"]],
    ["en", "words", "first line\nsecond line", ["first+line", "second+line"]],
    ["en", "words", "first\rsecond\u2028third", []],
    ["en", "words", "rock & roll - a b", ["a+b"]],
    ["en", "words", "Paris's big tower", ["big+tower"]],
    ["en", "words", "so\u00adft ware", ["soft+ware"]],
    ["en", "words", "in 2010 the", ["in+2010", "2010+the"]],
    ["en", "words", "in (2) the", []],
    ["fr", "words", "vue de l'église", ["vue+de"]],
    ["zh", "zh", "我们喜欢北京。", ["我们+喜欢", "喜欢+北京"]],
    ["zh", "zh", "喜欢 北京", []],
    ["zh", "zh", "新iPhone 手机", ["iPhone+手机"]],
    ["th", "th", "ภาษา\u200bไทย", ["ภาษา+ไทย"]],
    ["bo", "bo", "བོད་ཡིག་གི།", ["བོད+ཡིག", "ཡིག+གི"]],
  ] as const)("pairs words as an entry of the two stands (%s, %s): %j", async (code, tokenizer, text, expected) => {
    expect(gramsOf(text, await tokenizerOf(code, tokenizer)).pairs).toEqual(expected);
  });

  it("counts the words that the tokenizer finds in the normalized text", () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const segments = english.segment(normalizeText(text));
        expect(gramsOf(text, english).words).toEqual(
          segments.filter(({ word }) => word).map((segment) => segment.text),
        );
      }),
    );
  });
});

function count(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const asMap = (tallies: Iterable<Tally>) => new Map(Array.from(tallies, ({ key, count }) => [key, count]));

describe("createGramCounter", () => {
  it.each([1, 2000, 1e9])("equals a plain count in %i bytes", (memory) => {
    let round = 0;
    fc.assert(
      fc.property(fc.array(wildText, { maxLength: 8 }), (texts) => {
        const counter = createGramCounter({
          cutter: createCutter(english),
          directory,
          name: `${memory}-${round++}`,
          memory,
        });
        for (const text of texts) counter.add(text);
        const { unigrams, bigrams, tokens } = counter.finish();
        const grams = texts.map((text) => gramsOf(text, english));
        expect(asMap(mergeRuns(unigrams))).toEqual(count(grams.flatMap(({ words }) => words)));
        expect(new Map([...asMap(mergeRuns(bigrams))].map(([key, times]) => [key.replace("\t", "+"), times]))).toEqual(
          count(grams.flatMap(({ pairs }) => pairs)),
        );
        expect(tokens).toBe(grams.flatMap(({ words }) => words).length);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves more than one run where memory is small, and one where it is not", () => {
    const runsOf = (memory: number) => {
      const counter = createGramCounter({ cutter: createCutter(english), directory, name: `runs-${memory}`, memory });
      for (const text of ["one two", "two three", "three four"]) counter.add(text);
      return counter.finish().unigrams.length;
    };
    expect(runsOf(1)).toBe(3);
    expect(runsOf(1e6)).toBe(1);
  });
});

const key = fc.oneof(
  fc.constantFrom("a", "b", "a\tb", "\u007f", "\uffff", "😀", ""),
  fc.string({ unit: "binary", maxLength: 5 }).map((text) => text.replace(/\n/g, "")),
);
const tallies = fc.uniqueArray(fc.record({ key, count: fc.integer({ min: 1, max: 9 }) }), {
  selector: (tally) => tally.key,
});

describe("runs", () => {
  it("read back what was written", () => {
    const path = join(directory, "round-trip.run");
    fc.assert(
      fc.property(tallies, (given) => {
        writeRun(path, given);
        expect([...readRun(path)]).toEqual(given);
      }),
    );
  });

  it("read back lines that straddle the reader's buffer", () => {
    const path = join(directory, "long.run");
    const given = Array.from({ length: 60_000 }, (_, index) => ({
      key: `ключ-${"é".repeat(index % 40)}${index}`,
      count: index,
    }));
    writeRun(path, given);
    expect([...readRun(path)]).toEqual(given);
  });

  it("merge into the sums, in order, whatever their number and order", () => {
    fc.assert(
      fc.property(fc.array(tallies, { maxLength: 6 }), (parts) => {
        const paths = parts.map((part, index) => {
          const path = join(directory, `part-${index}.run`);
          writeRun(path, [...part].sort(byKey));
          return path;
        });
        const merged = [...mergeRuns(paths)];
        const expected = new Map<string, number>();
        for (const { key, count } of parts.flat()) expected.set(key, (expected.get(key) ?? 0) + count);
        expect(merged).toEqual(Array.from(expected, ([key, count]) => ({ key, count })).sort(byKey));
        expect([...mergeRuns(paths.toReversed())]).toEqual(merged);
      }),
      { numRuns: 60 },
    );
  });

  it("merge in rounds when there are many, and leave nothing else behind", () => {
    const folder = mkdtempSync(join(directory, "many-"));
    const paths = Array.from({ length: 64 * 64 + 1 }, (_, index) => {
      const path = join(folder, `${index}.run`);
      writeRun(
        path,
        [
          { key: "all", count: 1 },
          { key: `of-${index % 100}`, count: index },
        ].sort(byKey),
      );
      return path;
    });
    const expected = new Map<string, number>([["all", paths.length]]);
    for (const index of paths.keys()) {
      expected.set(`of-${index % 100}`, (expected.get(`of-${index % 100}`) ?? 0) + index);
    }
    const runs = compactRuns(paths);
    expect(runs.length).toBeLessThanOrEqual(64);
    expect(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort(),
    ).toEqual([...runs].sort());
    expect([...mergeRuns(runs)]).toEqual(Array.from(expected, ([key, count]) => ({ key, count })).sort(byKey));
  });

  it.each([
    ["byKey", byKey],
    ["byCount", byCount],
  ])("sort as Array.sort does, in whatever memory (%s)", (_, compare) => {
    fc.assert(
      fc.property(tallies, fc.constantFrom(1, 300, 1e9), (given, memory) => {
        const sorted = [...sortTallies(given, compare, { directory, name: "sorted", memory })];
        expect(sorted).toEqual([...given].sort(compare));
      }),
      { numRuns: 60 },
    );
  });
});
