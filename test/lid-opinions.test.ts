import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tablePath } from "../languages/index.ts";
import { readSentences } from "../scripts/lid-evaluation.ts";
import { listNgrams, NGRAM_BUCKETS } from "../scripts/lid-ngram-table.ts";
import { findKernels } from "../src/kernels/machine.ts";
import { loadGrounds } from "../src/lid/evidence.ts";
import { readFastTextModel } from "../src/lid/fasttext-model.ts";
import { createDecider } from "../src/lid/identify.ts";
import { createNgramScorer, formatNgrams, type NgramTable, parseNgrams } from "../src/lid/ngrams.ts";
import { type Advisers, loadAdvisers } from "../src/lid/opinions.ts";
import { createWeigher, leadOf, listCandidates, swingOfCld3 } from "../src/lid/weigh.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

describe("n-grams of languages", () => {
  /** The n-grams of a text as strings in order, with their kind: length less one, or 4 for words. */
  const listPlainly = (text: string): (readonly [kind: number, ngram: string])[] =>
    text
      .split(" ")
      .filter((word) => word !== "")
      .flatMap((word) => {
        const padded = ` ${word} `;
        const parts = padded
          .split("")
          .flatMap((_, at) =>
            [1, 2, 3, 4].flatMap((length) => (at + length <= padded.length ? [padded.slice(at, at + length)] : [])),
          );
        return [
          [4, word] as const,
          ...parts.filter((part) => part !== " ").map((part) => [part.length - 1, part] as const),
        ];
      });
  const anyText = fc.array(fc.oneof(fc.constantFrom("a", "b", " ", "ж", "語", "🎉"), fc.string({ unit: "grapheme" })), {
    maxLength: 12,
  });

  it("are those of words with a space before and behind, and the words", () => {
    const buckets = new Map<string, number>();
    fc.assert(
      fc.property(anyText, (parts) => {
        const text = parts.join("").replace(/\s/gu, " ");
        const ours: (readonly [kind: number, bucket: number])[] = [];
        listNgrams(text, (kind, bucket) => ours.push([kind, bucket]));
        const theirs = listPlainly(text);
        expect(ours.map(([kind]) => kind)).toEqual(theirs.map(([kind]) => kind));
        for (const [at, [kind, ngram]] of theirs.entries()) {
          const key = `${kind} ${ngram}`;
          const bucket = ours[at]![1];
          expect([key, buckets.get(key) ?? bucket]).toEqual([key, bucket]);
          buckets.set(key, bucket);
        }
      }),
    );
    expect(new Set(buckets.values()).size).toBeGreaterThan(0.99 * buckets.size);
  });

  const anyTable = fc
    .uniqueArray(fc.integer({ min: 0, max: NGRAM_BUCKETS - 1 }), { minLength: 1, maxLength: 40 })
    .chain((buckets) =>
      fc
        .tuple(
          fc.constant(buckets.sort((a, b) => a - b)),
          fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { maxLength: 9 }), {
            minLength: buckets.length,
            maxLength: buckets.length,
          }),
          fc.infiniteStream(fc.integer({ min: 1, max: 255 })),
        )
        .map(([sorted, lists, weights]): NgramTable => {
          const starts = [0];
          for (const list of lists) starts.push(starts.at(-1)! + list.length);
          const entryLabels = lists.flatMap((list) => list.sort((a, b) => a - b));
          return {
            labels: Array.from({ length: 300 }, (_, k) => `l${k}`),
            step: 0.5,
            buckets: Int32Array.from(sorted),
            starts: Int32Array.from(starts),
            entryLabels: Uint16Array.from(entryLabels),
            weights: Uint8Array.from(entryLabels, () => weights.next().value!),
          };
        }),
    );

  it("are read from their file as they were written", () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        expect(parseNgrams(formatNgrams(table))).toEqual(table);
      }),
    );
    const bytes = formatNgrams(fc.sample(anyTable, 1)[0]!);
    expect(() => parseNgrams(bytes.subarray(0, -3))).toThrow(/lid-ngrams\.br is damaged/);
    expect(() => parseNgrams(Buffer.from("no table"))).toThrow(/lid-ngrams\.br is damaged/);
    for (const content of ["", "no head\n", '{"labels":["a"],"step":1,"ngrams":2,"entries":2}\n\x01']) {
      expect(() => parseNgrams(brotliCompressSync(content))).toThrow(/lid-ngrams\.br is damaged/);
    }
  });

  /** What a scorer should find, said plainly. */
  const sumPlainly = ({ labels, buckets, starts, entryLabels, weights }: NgramTable) => {
    const places = new Map([...buckets].map((bucket, place) => [bucket, place]));
    return (text: string, wordsAlone: boolean) => {
      const sums = labels.map(() => 0);
      let ngrams = 0;
      listNgrams(text, (kind, bucket) => {
        if (wordsAlone && kind !== 4) return;
        ngrams++;
        const place = places.get(bucket);
        if (place === undefined) return;
        for (let k = starts[place]!; k < starts[place + 1]!; k++) sums[entryLabels[k]!]! += weights[k]!;
      });
      return { sums, ngrams };
    };
  };
  const table = parseNgrams(readFileSync(tablePath("lid-ngrams.br")));

  const compiled = findKernels("lid-ngrams");

  it("are scored by compiled kernels", () => {
    expect(compiled).not.toBe("twin");
  });

  it.each(["compiled", "twin"])("give each label the sum of their weights: %s", (source) => {
    const scorer = createNgramScorer(table, source === "twin" ? "twin" : compiled);
    const plain = sumPlainly(table);
    // More than is looked at.
    const long = "the quick brown fox jumps over the lazy dog ".repeat(60);
    for (const text of [
      "all human beings",
      "все люди",
      "ሰው ሁሉ",
      "ภาษาไทย",
      "",
      " ",
      "a",
      "zzzzqq 語",
      "\ud800 x",
      long,
    ]) {
      for (const wordsAlone of [false, true]) {
        const { sums, ngrams } = wordsAlone ? scorer.scoreWords(text) : scorer.score(text);
        expect([text, ngrams, [...sums]]).toEqual([text, ...Object.values(plain(text, wordsAlone)).reverse()]);
      }
    }
  });

  it("add up the same in tables of any rows, sparse or dense", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), fc.gen(), (words, pick) => {
        const texts = words.map((parts) => parts.join(""));
        const found = new Set<number>();
        for (const text of texts) listNgrams(text, (_, bucket) => found.add(bucket));
        const buckets = [...found].sort((a, b) => a - b);
        const lists = buckets.map(() => {
          const count = pick(fc.constantFrom, 0, 1, 63, 64, 65, 150);
          const first = pick(fc.integer, { min: 0, max: 150 });
          return Array.from({ length: count }, (_, k) => first + k);
        });
        const starts = [0];
        for (const list of lists) starts.push(starts.at(-1)! + list.length);
        const made: NgramTable = {
          labels: Array.from({ length: 301 }, (_, k) => `l${k}`),
          step: 0.5,
          buckets: Int32Array.from(buckets),
          starts: Int32Array.from(starts),
          entryLabels: Uint16Array.from(lists.flat()),
          weights: Uint8Array.from(lists.flat(), (label) => 255 - (label % 7)),
        };
        const plain = sumPlainly(made);
        for (const source of [compiled, "twin"] as const) {
          const scorer = createNgramScorer(made, source);
          for (const text of texts) expect([...scorer.score(text).sums]).toEqual(plain(text, false).sums);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("n-grams of many labels", () => {
  it("are added without overflow, however often they stand in a text", () => {
    const found = new Set<number>();
    listNgrams("a", (_, bucket) => found.add(bucket));
    const buckets = Int32Array.from(found).sort();
    const labels = Array.from({ length: 100 }, (_, k) => `l${k}`);
    const made: NgramTable = {
      labels,
      step: 0.5,
      buckets,
      starts: Int32Array.from({ length: buckets.length + 1 }, (_, k) => 100 * k),
      entryLabels: Uint16Array.from({ length: 100 * buckets.length }, (_, k) => k % 100),
      weights: new Uint8Array(100 * buckets.length).fill(255),
    };
    const text = "a ".repeat(1000);
    for (const source of [findKernels("lid-ngrams"), "twin"] as const) {
      const { sums, ngrams } = createNgramScorer(made, source).score(text);
      expect([ngrams, ...new Set(sums)]).toEqual([5000, 5000 * 255]);
    }
  });
});

describe("advisers", () => {
  let advisers: Advisers;
  beforeAll(async () => {
    advisers = await loadAdvisers(readFastTextModel());
  });
  afterAll(() => advisers.dispose());
  const texts = [
    "a woman in a red dress stands in front of the door",
    "ein Mann sitzt auf einer Bank im Park",
    "мужчина сидит на скамейке в парке",
    "un homme assis sur un banc dans le parc près de la maison",
    "ɲi li",
  ];

  it("count letters outside capitalised words, those of syllables twice", () => {
    for (const [text, letters] of [
      ["New York bridge", 6],
      ["München brücke 4K", 6],
      ["Москва мост", 4],
      ["東京 タワー", 10],
      ["ภาษา", 8],
      ["İstanbul'da köprü", 7],
    ] as const) {
      expect([text, advisers.glance(text)!.letters]).toEqual([text, letters]);
    }
  });

  it("count them in ASCII as in any text", () => {
    const asciiText = fc.array(
      fc.oneof(fc.constantFrom("New", "York", "the", " ", "iPhone", "4K", "-", "'"), fc.string()),
    );
    fc.assert(
      fc.property(asciiText, (parts) => {
        const text = `${parts.join("")} x`;
        const plain = text.replace(/(?<![\p{L}\p{M}])\p{Lu}[\p{L}\p{M}]*/gu, "").match(/\p{L}/gu)?.length ?? 0;
        const { letters, main } = advisers.glance(text)!;
        expect([text, letters]).toEqual([text, plain]);
        expect(main).toEqual({ script: "latn", share: 1 });
      }),
    );
  });

  it("hear of each label how probable it is to lid.176, which is what it answers", () => {
    for (const text of texts) {
      const heard = advisers.hear(advisers.read(advisers.glance(text)!));
      const { label, probability } = advisers.fasttext.predict(heard.cleaned);
      expect([text, heard.fasttext]).toEqual([text, label]);
      expect(heard.fasttextProbability).toBeCloseTo(probability, 4);
      const sum = heard.scores.reduce((all, score) => all + (score > -8 ? Math.exp(score) : 0), 0);
      expect(sum).toBeGreaterThan(0.9);
      expect(sum).toBeLessThan(1.01);
    }
  });

  it("are weighed so that cld3 moves no row by more than its swing", () => {
    const { evidence, rule } = loadGrounds();
    const candidates = listCandidates(evidence, "latn", advisers.fasttext.labels, advisers.ngramLabels);
    const weigh = createWeigher(candidates, rule);
    const heard = advisers.hear(advisers.read(advisers.glance(texts[0]!)!));
    const before = weigh(heard).slice();
    const answers = new Set(evidence.flatMap(({ cld3 }) => [...cld3.keys()]));
    expect(answers.size).toBeGreaterThan(50);
    let widest = 0;
    for (const cld3 of answers) {
      for (const cld3Probability of [0.1, 0.5, 0.8, 0.95, 0.99, 0.999, 1]) {
        const moved = weigh({ ...heard, cld3, cld3Probability }).map((score, at) => before[at]! - score);
        widest = Math.max(widest, Math.max(...moved) - Math.min(...moved));
      }
    }
    expect(widest).toBeGreaterThan(0);
    expect(widest).toBeLessThanOrEqual(swingOfCld3(rule));
  });

  it.skipIf(lacksSharedData("lid"))("are asked less and name the same label as if all were asked", async () => {
    const grounds = loadGrounds();
    const [short, whole] = [await createDecider(grounds), await createDecider(grounds, Number.POSITIVE_INFINITY)];
    const counts = { two: 0, all: 0, other: 0 };
    for (const { text } of readSentences(sharedData(""), 5)) {
      const first = short.advisers.fasttext.predict(text);
      const [ours, theirs] = [short.decide(text, first), whole.decide(text, first)];
      if (ours.decider === "two" || ours.decider === "all") counts[ours.decider]++;
      expect(theirs.decider).not.toBe("two");
      // Hmong is cld3's alone.
      if (theirs.label !== "hmn") expect([text, ours.label]).toEqual([text, theirs.label]);
      else counts.other++;
    }
    expect(counts.two).toBeGreaterThan(counts.all / 2);
    expect(counts.all).toBeGreaterThan(0);
    expect(counts.other).toBeLessThan(10);
    for (const { advisers } of [short, whole]) advisers.dispose();
  });

  it("lead where their n-grams fit a label and no other better", () => {
    const { evidence } = loadGrounds();
    const candidates = listCandidates(evidence, "latn", advisers.fasttext.labels, advisers.ngramLabels);
    const fit = advisers.read(advisers.glance(texts[0]!)!).ngrams;
    const leads = candidates.rows.map(({ label }) => leadOf(candidates, fit, label));
    expect(leads.filter((lead) => lead >= 0).length).toBe(1);
    expect(candidates.rows[leads.findIndex((lead) => lead >= 0)]!.label).toBe("en");
    expect(leadOf(candidates, fit, "ru")).toBe(Number.NEGATIVE_INFINITY);
    const nothing = advisers.read({ ...advisers.glance("x")!, cleaned: "ꞁꞁꞁ" }).ngrams;
    expect(leadOf(candidates, nothing, "en")).toBe(Number.NEGATIVE_INFINITY);
  });
});
