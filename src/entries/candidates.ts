/** Ranked candidates of each source, before selection. */
import type { Edition } from "../../languages/define.ts";
import { joinOf } from "../../languages/joins.ts";
import { npmi, pmi } from "../ngrams/pmi.ts";
import { referenceJoin } from "../ngrams/reference-grams.ts";
import { compareCodePoints } from "../order.ts";
import { minPairCount, type Profile } from "../profile.ts";
import { copyKey, type Tally } from "../runs.ts";

/** Two words that stand together more often than chance would have it. */
export interface Pair {
  readonly text: string;
  readonly count: number;
  readonly pmi: number;
  readonly npmi: number;
}

/** Words and pairs of an edition's text; both can be read more than once. */
export interface GramCounts {
  /** Words counted, N. */
  readonly tokens: number;
  /** Distinct words. */
  readonly types: number;
  /** Words by count, largest first, then by code point. */
  unigrams(): Iterable<Tally>;
  /** Pairs, as two words with a tab between them, in any order. */
  bigrams(): Iterable<Tally>;
}

/** A `Map` throws at 2^24 keys; this table of counts has as many as memory allows. */
class CountTable {
  readonly #shards: Map<string, number>[] = [new Map()];

  set(key: string, count: number): void {
    const shard = this.#shards.at(-1)!;
    shard.set(key, count);
    if (shard.size >= 8_000_000) this.#shards.push(new Map());
  }

  get(key: string): number | undefined {
    for (const shard of this.#shards) {
      const count = shard.get(key);
      if (count !== undefined) return count;
    }
    return undefined;
  }
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
  const words = new CountTable();
  for (const { key, count } of grams.unigrams()) {
    if (count < least) break;
    words.set(key, count);
  }
  const reference = profile.name === "reference" ? referenceJoin(edition) : undefined;
  const pairs: Pair[] = [];
  for (const { key, count } of grams.bigrams()) {
    if (count < least) continue;
    const tab = key.indexOf("\t");
    const first = key.slice(0, tab);
    const second = key.slice(tab + 1);
    const counts = { pair: count, first: words.get(first) ?? count, second: words.get(second) ?? count, tokens };
    const bits = pmi(counts);
    if (bits <= abovePmi) continue;
    const text = copyKey(first + (reference ?? joinOf(first, second)) + second);
    pairs.push({ text, count, pmi: bits, npmi: npmi(counts) });
  }
  pairs.sort((a, b) => b[rankBy] - a[rankBy] || b.count - a.count || compareCodePoints(a.text, b.text));
  const seen = new Set<string>();
  return pairs.filter(({ text }) => !seen.has(text) && seen.add(text));
}
