/** Candidates → entries: the recipe's caps, in the recipe's order. */
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import type { Edition } from "../../languages/define.ts";
import { normalize } from "../../languages/normalize.ts";
import { matchesCorrected, matchesReference } from "../matching/rules.ts";
import type { GramCounts } from "../ngrams/gram-counts.ts";
import { compareCodePoints } from "../order.ts";
import { minPairCount, minWordCount, type Profile } from "../profile.ts";
import { type Pair, rankPairs } from "./candidates.ts";
import { type Entry, type SetAside, type SetAsideReason, SOURCES, type Source } from "./types.ts";

/** A viewed title of the edition. */
export interface TitleCandidate {
  readonly text: string;
  readonly views: number;
}

/** What an edition's entries are selected from; every part may be empty. */
export interface SelectionInput {
  readonly edition: Edition;
  readonly profile: Profile;
  readonly lemmas: readonly string[];
  readonly grams: GramCounts;
  /** By views, largest first; read twice. */
  readonly titles: Iterable<TitleCandidate>;
  readonly allowed: ReadonlySet<string>;
  readonly denied: ReadonlySet<string>;
}

/** An entry that nobody has looked at yet: `flagEntries` does. */
export type SelectedEntry = Omit<Entry, "flags">;

/** An edition's list, what was kept out of it, and how much each source brought. */
export interface Selection {
  readonly entries: readonly SelectedEntry[];
  readonly setAside: readonly SetAside[];
  readonly figures: SelectionFigures;
}

/** How many candidates each source had and how many new entries it was allowed; PMI's floor of counts. */
export interface SelectionFigures {
  readonly candidates: Readonly<Record<"wordnet" | "unigram" | "bigram" | "title", number>>;
  readonly caps: Readonly<Record<"unigram" | "bigram" | "title", number>>;
  readonly minPairCount: number;
}

type Draft = { -readonly [Key in keyof Omit<Entry, "id" | "flags">]: Entry[Key] };

const LETTER_NUMBER_OR_SYMBOL = /[\p{L}\p{N}\p{So}]/u;

/** Why a string cannot be an entry; undefined if it can. Its form is the one that `repair` gives. */
export function whyNotEntry(
  text: string,
  edition: Pick<Edition, "code">,
  profile: Profile,
): SetAsideReason | undefined {
  if (!LETTER_NUMBER_OR_SYMBOL.test(text)) return "punctuation";
  if ([...text].length > profile.maxLength) return "long";
  // The published code keeps entries that its matching can never find; explain and audit say which.
  if (profile.name === "corrected" && !canMatch(text, edition, profile)) return "unmatchable";
  return undefined;
}

/** True if some caption matches the entry: one that holds it alone among other words. */
export function canMatch(text: string, edition: Pick<Edition, "code">, profile: Profile): boolean {
  const caption = `a ${text} a`;
  return profile.name === "reference"
    ? matchesReference(caption, text)
    : normalize(text) === text && matchesCorrected(caption, text, apostropheRuleOf(edition));
}

/** The form in which a candidate becomes an entry: normalized in `corrected`, as it is in `reference`. */
export function repair(text: string, profile: Profile): string {
  return profile.name === "reference" ? text : normalize(text);
}

/** Select an edition's entries: numbers, wordnet, unigrams, bigrams, titles; the first source to bring a string owns it. */
export function selectEntries(input: SelectionInput): Selection {
  const { edition, profile, grams, allowed, denied } = input;
  const drafts = new Map<string, Draft>();
  const setAside = new Map<string, SetAside>();

  /** Take a candidate into the list unless something is against it; true if it is new and counts against a cap. */
  const admit = (text: string, source: Source, room: boolean): boolean => {
    if (drafts.has(text) || (!room && !allowed.has(text))) return false;
    const reason = denied.has(text) ? "denied" : whyNotEntry(text, edition, profile);
    if (reason !== undefined) {
      if (room && !setAside.has(text)) setAside.set(text, { text, source, reason });
      return false;
    }
    drafts.set(text, { text, source });
    return room;
  };

  for (let number = 0; number < profile.numbers; number++) admit(String(number), "number", true);

  const lemmas = new Map<string, number>();
  for (const lemma of input.lemmas) {
    const text = repair(lemma, profile);
    if (!lemmas.has(text)) lemmas.set(text, lemmas.size + 1);
    admit(text, "wordnet", true);
  }

  const minCount = minWordCount(profile, grams.tokens);
  const unigramCap = Math.min(Math.floor(profile.unigrams.share * grams.types), profile.unigrams.max);
  let unigrams = 0;
  for (const { key, count } of grams.unigrams()) {
    const room = unigrams < unigramCap && count >= minCount;
    if (!room && allowed.size === 0) break;
    if (admit(key, "unigram", room)) unigrams++;
  }

  const pairs = rankPairs(grams, profile, edition);
  const bigramCap = Math.min(Math.floor(profile.bigrams.shareOfUnigrams * unigrams), profile.bigrams.max);
  let bigrams = 0;
  for (const { text } of pairs) if (admit(text, "bigram", bigrams < bigramCap)) bigrams++;

  // Only titles that become entries, or are ones already, are kept: there may be more than a `Map` holds.
  const titles = new Map<string, { readonly views: number; readonly rank: number }>();
  let viewed = 0;
  for (const { views } of input.titles) {
    if (views < profile.titles.minViews) break;
    viewed++;
  }
  const titleCap = Math.min(Math.floor(profile.titles.share * viewed), profile.titles.max);
  let titleEntries = 0;
  let titleRank = 0;
  for (const { text: title, views } of input.titles) {
    if (views < profile.titles.minViews) break;
    titleRank++;
    const text = repair(title, profile);
    if (admit(text, "title", titleEntries < titleCap)) titleEntries++;
    if (drafts.has(text) && !titles.has(text)) titles.set(text, { views, rank: titleRank });
  }

  for (const text of allowed) admit(text, "review", false);

  annotate(drafts, { lemmas, grams, pairs, titles });
  return {
    entries: order(drafts),
    setAside: [...setAside.values()],
    figures: {
      candidates: { wordnet: lemmas.size, unigram: grams.types, bigram: pairs.length, title: viewed },
      caps: { unigram: unigramCap, bigram: bigramCap, title: titleCap },
      minPairCount: minPairCount(profile, grams.tokens),
    },
  };
}

interface Scores {
  readonly lemmas: ReadonlyMap<string, number>;
  readonly grams: GramCounts;
  readonly pairs: readonly Pair[];
  readonly titles: ReadonlyMap<string, { readonly views: number; readonly rank: number }>;
}

/** Give every entry the rank and score it has in each source, also in those that do not own it. */
function annotate(drafts: ReadonlyMap<string, Draft>, { lemmas, grams, pairs, titles }: Scores): void {
  for (const [text, rank] of lemmas) {
    const draft = drafts.get(text);
    if (draft !== undefined) draft.wordnetRank = rank;
  }
  for (const { key, count, rank } of grams.find(drafts.keys())) {
    const draft = drafts.get(key);
    if (draft !== undefined) Object.assign(draft, { count, unigramRank: rank });
  }
  for (const [index, { text, count, pmi, npmi }] of pairs.entries()) {
    const draft = drafts.get(text);
    if (draft !== undefined) Object.assign(draft, { pairCount: count, pmi, npmi, bigramRank: index + 1 });
  }
  for (const [text, { views, rank }] of titles) {
    const draft = drafts.get(text);
    if (draft !== undefined) Object.assign(draft, { views, titleRank: rank });
  }
}

function rankInSource(draft: Draft): number {
  switch (draft.source) {
    case "number":
      return Number(draft.text);
    case "wordnet":
      return draft.wordnetRank ?? 0;
    case "unigram":
      return draft.unigramRank ?? 0;
    case "bigram":
      return draft.bigramRank ?? 0;
    case "title":
      return draft.titleRank ?? 0;
    case "review":
      return 0;
  }
}

/** Stable ids: by source, then by rank in it, then by code point. */
function order(drafts: ReadonlyMap<string, Draft>): SelectedEntry[] {
  return [...drafts.values()]
    .sort(
      (a, b) =>
        SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) ||
        rankInSource(a) - rankInSource(b) ||
        compareCodePoints(a.text, b.text),
    )
    .map((draft, id) => ({ id, ...draft }));
}
