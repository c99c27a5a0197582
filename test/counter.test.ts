import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import type { EditionCode, Tokenizer, TokenizerName } from "../languages/define.ts";
import { getEdition } from "../languages/index.ts";
import { normalizeText } from "../languages/normalize.ts";
import { loadTokenizer } from "../languages/tokenizers.ts";
import { compileKernels } from "../scripts/build-kernels.ts";
import { type Machine, startMachine } from "../src/kernels/machine.ts";
import { createGramCounter } from "../src/ngrams/counter.ts";
import { openGramCounts } from "../src/ngrams/gram-counts.ts";
import { type GramRun, mergeGramRuns } from "../src/ngrams/gram-runs.ts";
import { createCutter, cutGrams, type GramCutter } from "../src/ngrams/grams.ts";
import { createReferenceCutter } from "../src/ngrams/reference-grams.ts";
import { compareCodePoints } from "../src/order.ts";
import { byCount, byKey, compactRuns, mergeRuns, readRun, sortTallies, type Tally, writeRun } from "../src/runs.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
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

/** Texts with what the kernels must not stumble over, beside anything else. */
const PIECES = (
  "a b the l' d' L’ 's 's’ qu' ' ’ ‘ \" · - _ & . , 1 23 ٣ (2) 12.10 é e\u0301 e\u0301\u0323 \u0301 \u200b \u200d \u0085 \u2028 \r \n \n \t \u00a0 " +
  '\u3000 א ב"ג ج ّ क ् ़ ক া ে া 東京 カ タイ ไทย ၏ 각 ᄀ ᅡ ᆨ Ａ ｶﾞ 😀 \u1361 \u1362 ſ İ ı ß \ufeff \u00ad \u0000 \u007f K Σ'
).split(" ");
const text = fc.oneof(
  wildText,
  fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, { weight: 2, arbitrary: fc.constant(" ") }), {
      maxLength: 40,
    })
    .map((parts) => parts.join("")),
);

describe.each(["compiled", "twin"])("createGramCounter (%s)", (form) => {
  let machine: Machine;
  let round = 0;
  beforeAll(async () => {
    machine = startMachine(form === "twin" ? "twin" : await compileKernels());
  });

  /** The counts of texts, by the kernels. */
  function countTexts(texts: readonly string[], code: string, tokenizer: Tokenizer, memory = 1e6) {
    const name = `${form}-${round++}`;
    const counter = createGramCounter({
      ...{ machine, cutter: createCutter(tokenizer), directory, name, memory },
      apostrophes: apostropheRuleOf({ code: code as EditionCode }),
    });
    for (const text of texts) counter.add(text);
    const { runs, tokens } = counter.finish();
    const run = mergeGramRuns(runs, { target: join(directory, name), memory });
    return { runs, grams: openGramCounts(run, { tokens, memory: 1e7 }) };
  }

  function expectPlainCount(texts: readonly string[], code: string, tokenizer: Tokenizer) {
    const { grams } = countTexts(texts, code, tokenizer);
    const expected = texts.map((text) => gramsOf(text, tokenizer));
    const words = count(expected.flatMap(({ words }) => words));
    const pairs = count(expected.flatMap(({ pairs }) => pairs));
    expect(asMap(grams.unigrams())).toEqual(words);
    expect(new Map([...asMap(grams.bigrams())].map(([key, times]) => [key.replace("\t", "+"), times]))).toEqual(pairs);
    expect(grams.tokens).toBe(expected.flatMap(({ words }) => words).length);
    expect(grams.types).toBe(words.size);
  }

  it.each(["en", "fr", "ca", "ko", "tr", "he", "hi", "bn", "vi", "am", "mg"])(
    "equals a plain count (%s)",
    async (code) => {
      const tokenizer = await loadTokenizer(getEdition(code));
      fc.assert(
        fc.property(fc.array(text, { maxLength: 8 }), (texts) => expectPlainCount(texts, code, tokenizer)),
        { numRuns: form === "twin" ? 30 : 150 },
      );
    },
  );

  it.skipIf(form === "twin")(
    "equals a plain count where a mark follows a letter that has one already",
    () => {
      const points = Array.from({ length: 0x2000 }, (_, point) => String.fromCodePoint(point));
      const letters = points.filter((letter) => letter.normalize("NFD") !== letter && normalizeText(letter) === letter);
      const marks = points.filter(
        (mark) => /\p{M}/u.test(mark) && `\u0345${mark}`.normalize("NFD") !== `\u0345${mark}`,
      );
      const text = letters.flatMap((letter) => marks.map((mark) => letter + mark)).join("\n");
      const plain = count(gramsOf(text, english).words);
      const differing = [...countTexts([text], "en", english).grams.unigrams()].filter(
        ({ key, count }) => plain.get(key) !== count,
      );
      expect(differing.slice(0, 10)).toEqual([]);
    },
    30_000,
  );

  const FOLDER = "wikipedia-text";
  const absent = lacksSharedData(FOLDER);
  it.each(absent || form === "twin" ? [] : readdirSync(sharedData(FOLDER)))(
    "equals a plain count on %s",
    async (name) => {
      const code = name.split("wiki")[0] ?? "";
      const lines = gunzipSync(readFileSync(sharedData(`${FOLDER}/${name}`)))
        .toString("utf8")
        .split("\n");
      // Cutting Japanese and Chinese takes long, and is the same on both sides.
      const some = /^(ja|zh)/.test(name) ? lines.slice(0, 200) : lines;
      expectPlainCount([some.join("\n")], code, await loadTokenizer(getEdition(code)));
    },
    60_000,
  );

  it("spills to runs when memory is short, and keeps words that are longer than that", async () => {
    const tokenizer = await tokenizerOf("en");
    const lines = Array.from({ length: 60_000 }, (_, line) => `word${line} of line ${line % 70}`);
    const long = `${"x".repeat(9000)} ${"é".repeat(9000)}`;
    const plain = gramsOf(lines.join("\n"), tokenizer);
    const { runs, grams } = countTexts([lines.join("\n"), lines.join(" "), long], "en", tokenizer, 1);
    expect(runs.length).toBeGreaterThan(2);
    expect(grams.types).toBe(count(plain.words).size + 2);
    expect(grams.tokens).toBe(2 * plain.words.length + 2);
    const words = asMap(grams.unigrams());
    expect(words.get("x".repeat(8192))).toBe(1);
    expect(words.get("é".repeat(4096))).toBe(1);
    expect(words.get("word59999")).toBe(2);
    expect(asMap(grams.bigrams()).get("of\tline")).toBe(120_000);
  }, 60_000);

  it("refuses kernels that count already, and takes them when that was abandoned", () => {
    const cutter = createCutter(english);
    const options = { machine, cutter, directory, name: `${form}-abandoned`, memory: 1 };
    const counter = createGramCounter(options);
    counter.add("a b");
    expect(() => createGramCounter(options)).toThrow("counting already");
    counter.abandon();
    expect(createGramCounter(options).finish()).toEqual({ runs: [], tokens: 0 });
  });

  it("lets words make pairs across a spill where the cutter does", () => {
    const cutter = createReferenceCutter(getEdition("en"), english);
    const counter = createGramCounter({ machine, cutter, directory, name: `${form}-reference`, memory: 1 });
    const words = Array.from({ length: 100_000 }, (_, index) => `w${index}`);
    counter.begin();
    for (let at = 0; at < words.length; at += 1000) counter.add(words.slice(at, at + 1000).join("\n"));
    const { runs, tokens } = counter.finish();
    expect(runs.length).toBeGreaterThan(1);
    const run = mergeGramRuns(runs, { target: join(directory, `${form}-reference`), memory: 1e6 });
    const grams = openGramCounts(run, { tokens, memory: 1e6 });
    expect([...grams.bigrams()].length).toBe(words.length - 1);
    expect(new Set(Array.from(grams.unigrams(), ({ count }) => count))).toEqual(new Set([1]));
  });
});

describe("gram counts", () => {
  const words = fc.uniqueArray(
    fc.oneof(
      fc.constantFrom("a", "ab", "b", "é", "\uffff", "😀"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 30, selector: (word) => Buffer.from(word).toString() },
  );
  // Normalizing leaves no control characters. Those below the tab would put a pair before one whose first word is shorter.
  const isBelowTab = (character: string) => character < "\t";
  const wellFormed = words.map((all) =>
    all.filter((word) => !/[\n \t]|\p{Surrogate}/u.test(word) && ![...word].some(isBelowTab)),
  );

  it.each([1, 400, 1e6])("come in order and in full, whatever the runs and the memory (%i bytes)", async (memory) => {
    const machine = startMachine(await compileKernels());
    let round = 0;
    fc.assert(
      fc.property(wellFormed, fc.array(fc.array(fc.nat(), { maxLength: 30 }), { maxLength: 5 }), (all, texts) => {
        const tallies = { words: [] as string[], pairs: [] as string[] };
        const runs: GramRun[] = [];
        let tokens = 0;
        for (const numbers of all.length === 0 ? [] : texts) {
          const text = numbers.map((number) => all[number % all.length]!);
          tallies.words.push(...text);
          tallies.pairs.push(...text.slice(1).map((word, index) => `${text[index]}\t${word}`));
          const cutter: GramCutter = {
            begin() {},
            cut(_, sink) {
              for (const [index, word] of text.entries()) {
                sink.word(word);
                if (index > 0) sink.pair(text[index - 1]!, word);
              }
            },
          };
          const counter = createGramCounter({ machine, cutter, directory, name: `o-${memory}-${round++}`, memory: 1 });
          counter.add("");
          const counted = counter.finish();
          runs.push(...counted.runs);
          tokens += counted.tokens;
        }
        const run = mergeGramRuns(runs, { target: join(directory, `order-${memory}-${round}`), memory });
        const grams = openGramCounts(run, { tokens, memory });
        const sorted = (counts: ReadonlyMap<string, number>) =>
          Array.from(counts, ([key, count]) => ({ key, count })).sort(byCount);
        const unigrams = sorted(count(tallies.words));
        expect([...grams.unigrams()]).toEqual(unigrams);
        expect([...grams.bigrams()]).toEqual(sorted(count(tallies.pairs)));
        const ranked = [...grams.find([...all, ...unigrams.map(({ key }) => key), "", "nowhere"])];
        expect(ranked.map(({ key }) => key)).toEqual(unigrams.map(({ key }) => key).sort(compareCodePoints));
        for (const { key, count, rank } of ranked) expect(unigrams[rank - 1]).toEqual({ key, count });
        const some = unigrams.filter((_, index) => index % 3 === 0).map(({ key }) => key);
        expect(Array.from(grams.find(some), ({ key }) => key)).toEqual(some.sort(compareCodePoints));
        const least = 2;
        expect(
          Array.from(
            grams.pairs(({ pair }) => pair >= least),
            ({ words, pair }) => [words.join("\t"), pair],
          ),
        ).toEqual(
          [...count(tallies.pairs)].filter(([, times]) => times >= least).sort(([a], [b]) => compareCodePoints(a, b)),
        );
        for (const { words, first, second, tokens: all } of grams.pairs(() => true)) {
          expect([first, second, all]).toEqual([
            ...words.map((word) => tallies.words.filter((other) => other === word).length),
            tokens,
          ]);
        }
      }),
      { numRuns: 60 },
    );
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

  it.skipIf(process.platform !== "linux")("are written whole, or it is an error", () => {
    // A limit for the size of files is met as a full disk is: part of what is written fits.
    const script =
      "import('./dist/src/runs.js').then(({ writeRun }) => writeRun(process.argv[1], [{ key: process.argv[2], count: 1 }]))";
    const run = ["-e", script, join(directory, "full.run"), "x".repeat(20_000)];
    const { status, stderr } = spawnSync("sh", ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath, ...run], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining("EFBIG")]);
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
