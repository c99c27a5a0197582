/**
 * Every number of the recipe, each with its source. `reference` is what the published code computes where it computes
 * anything; `corrected` is the same recipe with its faults mended (docs/metaclip-differences.md lists the differences).
 */
import type { Edition } from "../languages/define.ts";

export const PROFILE_NAMES = ["corrected", "reference"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What a command of ours takes to name a profile: nothing for the default, else an option after a space. */
export function profileOption(profile: ProfileName): string {
  return profile === "corrected" ? "" : ` --profile ${profile}`;
}

/** The numbers that select one edition's entries. */
export interface Profile {
  readonly name: ProfileName;
  /** The digits "0" to "99" are always entries (MetaCLIP, Table 1: 86,554 synset names and 100 numbers). */
  readonly numbers: number;
  /** Longest entry, in code points (MetaCLIP 2, published code). */
  readonly maxLength: number;
  readonly unigrams: {
    /** Share of the distinct words that may become entries; rounded down. */
    readonly share: number;
    /** Budget of MetaCLIP v1 for English, which MetaCLIP 2 keeps for all languages. */
    readonly max: number;
    /** Least count of a word. */
    readonly minCount: number;
    /** Words that the text must have before `minCount` holds: on a small text it would leave next to nothing. */
    readonly minCountFromTokens: number;
  };
  readonly bigrams: {
    /** What pairs are ranked by. */
    readonly rankBy: "pmi" | "npmi";
    /** PMI that a pair must exceed, in bits. */
    readonly abovePmi: number;
    /** Least count of a pair (gensim's phrases ask for 5 as well: PMI says nothing of rare events). */
    readonly minCount: number;
    /** Least count of a pair for each million words of the text. */
    readonly minPerMillion: number;
    /** Bigram entries for each unigram entry; rounded down. */
    readonly shareOfUnigrams: number;
    readonly max: number;
  };
  readonly titles: {
    /** Share of the viewed titles that may become entries; rounded down. */
    readonly share: number;
    readonly max: number;
    readonly minViews: number;
  };
}

const UNIGRAM_BUDGET = 251_465;
const BIGRAM_BUDGET = 100_646;
const TITLE_BUDGET = 61_235;

/** The profile of an edition. English, which MetaCLIP 2 takes from v1, has numbers of its own. */
export function profileOf(name: ProfileName, edition: Pick<Edition, "code">): Profile {
  const english = edition.code === "en";
  const common = { name, numbers: 100, maxLength: 256 };
  if (name === "reference") {
    return {
      ...common,
      unigrams: {
        share: english ? 1 : 0.1,
        max: UNIGRAM_BUDGET,
        minCount: english ? 100 : 1, // v1: words seen at least 100 times
        minCountFromTokens: 0,
      },
      bigrams: {
        rankBy: "pmi",
        abovePmi: 30, // v1 for English, and the published code for all languages
        minCount: 1,
        minPerMillion: 0,
        shareOfUnigrams: Number.POSITIVE_INFINITY,
        max: BIGRAM_BUDGET,
      },
      titles: { share: english ? 1 : 0.76, max: TITLE_BUDGET, minViews: english ? 70 : 1 }, // v1: at least 70 views
    };
  }
  return {
    ...common,
    unigrams: { share: 0.1, max: UNIGRAM_BUDGET, minCount: english ? 100 : 1, minCountFromTokens: 100_000_000 },
    bigrams: {
      rankBy: "npmi",
      abovePmi: 0,
      minCount: 5,
      minPerMillion: 0.1,
      shareOfUnigrams: 0.4, // MetaCLIP 2: k is 40 % of the language's unigram entries
      max: BIGRAM_BUDGET,
    },
    titles: { share: 0.76, max: TITLE_BUDGET, minViews: 1 },
  };
}

/** Least count of a word in a text of so many words. */
export function minWordCount(profile: Profile, tokens: number): number {
  return tokens >= profile.unigrams.minCountFromTokens ? profile.unigrams.minCount : 1;
}

/** Least count of a pair in a text of so many words: max(minCount, c·N/10⁶). */
export function minPairCount(profile: Profile, tokens: number): number {
  return Math.max(profile.bigrams.minCount, (profile.bigrams.minPerMillion * tokens) / 1e6);
}
