/** Ranked candidates of each source, before selection. */
import type { Edition } from "../../languages/define.ts";
import { joinOf } from "../../languages/joins.ts";
import type { GramCounts } from "../ngrams/gram-counts.ts";
import { npmi, pmi } from "../ngrams/pmi.ts";
import { referenceJoin } from "../ngrams/reference-grams.ts";
import { compareCodePoints } from "../order.ts";
import { minPairCount, type Profile } from "../profile.ts";

/** Two words that stand together more often than chance would have it. */
export interface Pair {
  readonly text: string;
  readonly count: number;
  readonly pmi: number;
  readonly npmi: number;
}

/**
 * Pairs that a profile takes for candidates, best first: by the profile's score, then count, then code point. One text
 * that several pairs make (ab + c, a + bc) counts once, for the best.
 */
export function rankPairs(grams: GramCounts, profile: Profile, edition: Pick<Edition, "code">): Pair[] {
  const { tokens } = grams;
  const { abovePmi, rankBy } = profile.bigrams;
  const least = minPairCount(profile, tokens);
  // A pair seen n times has a PMI of at most log2(N/n), reached when its words occur in it alone.
  if (tokens === 0 || Math.log2(tokens / least) <= abovePmi) return [];
  const reference = profile.name === "reference" ? referenceJoin(edition) : undefined;
  const pairs: Pair[] = [];
  for (const counts of grams.pairs((counts) => counts.pair >= least && pmi(counts) > abovePmi)) {
    const [first, second] = counts.words;
    const text = first + (reference ?? joinOf(first, second)) + second;
    pairs.push({ text, count: counts.pair, pmi: pmi(counts), npmi: npmi(counts) });
  }
  pairs.sort((a, b) => b[rankBy] - a[rankBy] || b.count - a.count || compareCodePoints(a.text, b.text));
  // Where a space stands between the words, no two pairs make the same text.
  const seen = new Set<string>();
  return pairs.filter(({ text }) => text.includes(" ") || (!seen.has(text) && seen.add(text)));
}
