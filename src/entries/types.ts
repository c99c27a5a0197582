/** Where an entry can come from, in the order in which the sources are merged: the first to bring a string owns it. */
export const SOURCES = ["number", "wordnet", "unigram", "bigram", "title", "review"] as const;
export type Source = (typeof SOURCES)[number];

/** What makes an entry worth a second look in an audit; never a reason to leave it out. */
export const FLAGS = {
  script: "letters of another script than the edition's",
  markup: "residue of wikitext, HTML or URLs",
  single: "a single code point",
  fold: "differs from an earlier entry only by case, marks or width",
  language: "more likely of another language than the edition's",
  personal: "looks like personal data: an e-mail address, or a number of a telephone, card, account or computer",
  vocabulary: "holds a word of the vocabulary that the build was given",
} as const;
export type Flag = keyof typeof FLAGS;

/** One matchable string of a language's metadata, with every source that brings it; ranks count from 1. */
export interface Entry {
  /** Position in the list, from 0. */
  readonly id: number;
  readonly text: string;
  /** The source that owns it. */
  readonly source: Source;
  readonly wordnetRank?: number;
  /** Tokens of the word in the edition's text, and its rank among the words. */
  readonly count?: number;
  readonly unigramRank?: number;
  /** Occurrences of the pair, its association in bits and as a share of the most possible, and its rank. */
  readonly pairCount?: number;
  readonly pmi?: number;
  readonly npmi?: number;
  readonly bigramRank?: number;
  readonly views?: number;
  readonly titleRank?: number;
  readonly flags: readonly Flag[];
}

/** Why a candidate that its source would have brought is not in the list. */
export const SET_ASIDE_REASONS = {
  unmatchable: "cannot match any caption",
  long: "longer than 256 characters",
  punctuation: "holds no letter, number or symbol",
  denied: "denied by a review",
  junk: "markup or a mistake of the source",
} as const;
export type SetAsideReason = keyof typeof SET_ASIDE_REASONS;

/** A candidate that was kept out of the list, and why. */
export interface SetAside {
  readonly text: string;
  readonly source: Source;
  readonly reason: SetAsideReason;
}
