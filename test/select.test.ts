import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_CLITICS } from "../languages/boundary.ts";
import { getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { rankPairs } from "../src/entries/candidates.ts";
import { canMatch, type SelectedEntry, type SelectionInput, selectEntries } from "../src/entries/select.ts";
import type { Entry } from "../src/entries/types.ts";
import { matchesCorrected } from "../src/matching/rules.ts";
import type { GramCounts } from "../src/ngrams/gram-counts.ts";
import { type Profile, profileOf } from "../src/profile.ts";
import { byCount, type Tally } from "../src/runs.ts";

const LTG = getEdition("ltg");
const corrected = profileOf("corrected", LTG);
const reference = profileOf("reference", LTG);

function grams(words: Readonly<Record<string, number>>, pairs: Readonly<Record<string, number>> = {}): GramCounts {
  const tallies = (counts: Readonly<Record<string, number>>): Tally[] =>
    Object.entries(counts).map(([key, count]) => ({ key, count }));
  const unigrams = tallies(words).sort(byCount);
  const tokens = unigrams.reduce((sum, { count }) => sum + count, 0);
  return {
    tokens,
    types: unigrams.length,
    unigrams: () => unigrams,
    find: (texts) => {
      const wanted = new Set(texts);
      return unigrams.map((tally, index) => ({ ...tally, rank: index + 1 })).filter(({ key }) => wanted.has(key));
    },
    pairs: (keep) =>
      Object.entries(pairs)
        .map(([key, pair]) => {
          const [first = "", second = ""] = key.split("\t");
          const of = (word: string) => words[word] ?? pair;
          return { words: [first, second] as const, pair, first: of(first), second: of(second), tokens };
        })
        .filter(keep),
    bigrams: () => tallies(pairs),
  };
}

function input(given: Partial<SelectionInput> = {}): SelectionInput {
  return {
    ...{ edition: LTG, profile: corrected, lemmas: [], grams: grams({}), titles: [] },
    ...{ allowed: new Set<string>(), denied: new Set<string>(), ...given },
  };
}

function texts(entries: readonly SelectedEntry[], source?: Entry["source"]): string[] {
  return entries.filter((entry) => source === undefined || entry.source === source).map(({ text }) => text);
}

describe("selectEntries()", () => {
  it("always brings the numbers 0 to 99, in their order, first", () => {
    const { entries } = selectEntries(input());
    expect(texts(entries)).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
  });

  it("gives a string to the first source that brings it and keeps the ranks and scores of all", () => {
    const { entries } = selectEntries(
      input({
        lemmas: ["sun", "moon"],
        grams: grams({ sun: 5, star: 3, "7": 9 }),
        titles: [
          { text: "star", views: 40 },
          { text: "sun", views: 20 },
        ],
        profile: { ...corrected, unigrams: { ...corrected.unigrams, share: 1 } },
      }),
    );
    const of = (text: string) => entries.find((entry) => entry.text === text);
    expect(of("sun")).toMatchObject({
      source: "wordnet",
      wordnetRank: 1,
      count: 5,
      unigramRank: 2,
      views: 20,
      titleRank: 2,
    });
    expect(of("star")).toMatchObject({ source: "unigram", count: 3, unigramRank: 3, views: 40, titleRank: 1 });
    expect(of("7")).toMatchObject({ source: "number", count: 9, unigramRank: 1 });
  });

  it("caps count only entries that are new", () => {
    const words = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`w${index}`, 100 - index]));
    const { entries, figures } = selectEntries(input({ lemmas: ["w0", "w1", "w2"], grams: grams(words) }));
    expect(figures.caps.unigram).toBe(4); // 10 % of 40
    expect(texts(entries, "unigram")).toEqual(["w3", "w4", "w5", "w6"]);
  });

  it("allows 40 % as many bigrams as there are unigram entries, and 76 % of the titles, rounded down", () => {
    const words = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`w${index}`, 100]));
    const pairs = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`w${index}\tw${index + 1}`, 90]));
    const titles = Array.from({ length: 9 }, (_, index) => ({ text: `T ${index}`, views: 9 - index }));
    const { entries } = selectEntries(input({ grams: grams(words, pairs), titles }));
    expect(texts(entries, "unigram")).toHaveLength(7);
    expect(texts(entries, "bigram")).toHaveLength(2);
    expect(texts(entries, "title")).toEqual(["T 0", "T 1", "T 2", "T 3", "T 4", "T 5"]);
  });

  it("sets aside what cannot be an entry, with the reason, and never without a word", () => {
    const { entries, setAside } = selectEntries(input({ lemmas: ["…", "x".repeat(257), " double  space ", "ok"] }));
    expect(texts(entries, "wordnet")).toEqual(["double space", "ok"]);
    expect(setAside.map(({ text, reason }) => [text.slice(0, 3), reason])).toEqual([
      ["…", "punctuation"],
      ["xxx", "long"],
    ]);
  });

  it("obeys reviews: what is denied goes and what is allowed comes, beyond the caps and from no source at all", () => {
    const words = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`w${index}`, 100 - index]));
    const { entries, setAside } = selectEntries(
      input({ grams: grams(words), allowed: new Set(["w9", "Nowhere else"]), denied: new Set(["w0", "5"]) }),
    );
    expect(texts(entries, "unigram")).toEqual(["w1", "w2", "w9"]);
    expect(texts(entries, "review")).toEqual(["Nowhere else"]);
    expect(texts(entries)).not.toContain("5");
    expect(setAside).toContainEqual({ text: "w0", source: "unigram", reason: "denied" });
  });

  it("holds English to 100 occurrences only once its text has 100 million words", () => {
    const english = profileOf("corrected", { code: "en" as never });
    const words = { the: 60_000_000, rare: 99, often: 100 };
    const profile: Profile = { ...english, unigrams: { ...english.unigrams, share: 1 } };
    const small = selectEntries(input({ profile, grams: grams(words) }));
    expect(texts(small.entries, "unigram")).toEqual(["the", "often", "rare"]);
    const large = selectEntries(input({ profile, grams: { ...grams(words), tokens: 100_000_000 } }));
    expect(texts(large.entries, "unigram")).toEqual(["the", "often"]);
  });

  it("uses the published cut-offs for English in reference", () => {
    const profile = profileOf("reference", { code: "en" as never });
    const titles = [
      { text: "Seen", views: 70 },
      { text: "Unseen", views: 69 },
    ];
    const { entries } = selectEntries(input({ profile, titles, grams: grams({ kept: 100, lost: 99 }) }));
    expect(texts(entries, "unigram")).toEqual(["kept"]);
    expect(texts(entries, "title")).toEqual(["Seen"]);
  });

  it("gives ids in the order of source, rank and code point, each string once, all of which can match", () => {
    const word = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(word),
        fc.dictionary(word, fc.integer({ min: 1, max: 50 })),
        fc.array(fc.record({ text: word, views: fc.integer({ min: 1, max: 9 }) })),
        (lemmas, words, titles) => {
          const { entries, setAside } = selectEntries(input({ lemmas, grams: grams(words), titles }));
          expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => index));
          expect(new Set(texts(entries)).size).toBe(entries.length);
          for (const { text } of entries) {
            expect(normalize(text)).toBe(text);
            expect(matchesCorrected(`… ${text} …`, text, NO_CLITICS)).toBe(true);
          }
          const kept = new Set([...texts(entries), ...setAside.map(({ text }) => text)]);
          for (const lemma of lemmas) expect(kept).toContain(normalize(lemma));
        },
      ),
    );
  });
});

describe("rankPairs()", () => {
  it("leaves out rare pairs: fewer than 5, or than c for each million words", () => {
    const counts = grams({ a: 50, b: 50, c: 4, d: 4, other: 5000 }, { "a\tb": 5, "c\td": 4 });
    expect(rankPairs(counts, corrected, LTG).map(({ text }) => text)).toEqual(["a b"]);
    expect(rankPairs({ ...counts, tokens: 60_000_000 }, corrected, LTG)).toEqual([]);
  });

  it("joins words of scripts without spaces by nothing, Tibetan by a tsheg, others by a space", () => {
    const words = { 東京: 9, タワー: 9, བོད: 9, ཡིག: 9, A: 9, 株: 9 };
    const pairs = { "東京\tタワー": 9, "བོད\tཡིག": 9, "A\t株": 9 };
    expect(
      rankPairs(grams(words, pairs), corrected, LTG)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(["A 株", "東京タワー", "བོད་ཡིག"].sort());
  });

  it("finds no pair above 30 bits in a text too small for one, without reading it", () => {
    const unreadable: GramCounts = {
      ...grams({ a: 1 }),
      pairs: () => {
        throw new Error("read");
      },
    };
    expect(rankPairs(unreadable, reference, LTG)).toEqual([]);
  });
});

describe("canMatch()", () => {
  it("tells in reference which entries the published matching can never find", () => {
    expect(canMatch("St. Louis", LTG, reference)).toBe(false);
    expect(canMatch("St. Louis", LTG, corrected)).toBe(true);
    expect(canMatch("Paris", LTG, reference)).toBe(true);
  });
});
