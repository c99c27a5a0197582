/** Texts of known languages → the table of n-grams that `src/lid/ngrams.ts` reads. */
import {
  BUCKET_MASK,
  FIRST_MIXER,
  HASH_FACTOR,
  HASH_START,
  LONGEST,
  MOST_UNITS,
  SECOND_MIXER,
  WORD_START,
} from "../src/kernels/lid-ngrams-layout.ts";
import type { NgramTable } from "../src/lid/ngrams.ts";

/** N-grams that the table holds. */
const MOST_NGRAMS = 400_000;
/** Of a weight log(1 + RATIO p / q). */
const RATIO = 10;
/** Of each kind of n-gram what its weights are multiplied with: words tell more than their parts. */
const FACTORS = [1, 1, 1, 1, 3] as const;
const STEP = 0.5;
/** Weights that were smaller before they were multiplied are left out. */
const LEAST_WEIGHT = 2;

export const NGRAM_BUCKETS = BUCKET_MASK + 1;
/** Lengths of n-grams, and one for whole words: numbers that `onNgram` is called with. */
export const NGRAM_KINDS = 5;
const WHOLE_WORD = 4;
const SPACE = 0x20;

/** Calls `onNgram` with the kind (length less one, or 4 for a word) and the bucket of each n-gram of a text, in order. */
export function listNgrams(text: string, onNgram: (kind: number, bucket: number) => void): void {
  const end = Math.min(text.length, MOST_UNITS);
  for (let from = 0; from < end; ) {
    if (text.charCodeAt(from) === SPACE) {
      from++;
      continue;
    }
    let word = WORD_START;
    let to = from;
    for (; to < end && text.charCodeAt(to) !== SPACE; to++) word = Math.imul(word ^ text.charCodeAt(to), HASH_FACTOR);
    onNgram(WHOLE_WORD, bucketOf(word));
    for (let at = from - 1; at <= to; at++) {
      let hash = HASH_START;
      for (let length = 1; length <= LONGEST && at + length <= to + 1; length++) {
        const place = at + length - 1;
        hash = Math.imul(hash ^ (place < from || place >= to ? SPACE : text.charCodeAt(place)), HASH_FACTOR);
        if (length > 1 || (place >= from && place < to)) onNgram(length - 1, bucketOf(hash));
      }
    }
    from = to;
  }
}

function bucketOf(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), FIRST_MIXER);
  mixed = Math.imul(mixed ^ (mixed >>> 13), SECOND_MIXER);
  return (mixed ^ (mixed >>> 16)) & BUCKET_MASK;
}

/** How often n-grams occur in a label's texts, as shares of those of their kind. */
interface Entries {
  readonly buckets: Int32Array;
  readonly kinds: Uint8Array;
  readonly shares: Float32Array;
}

/**
 * Makes the table.
 *
 * Of all n-grams those are kept for which the sum over labels of share times weight is greatest: frequent ones, and of these
 * the ones that tell languages apart. Takes 1 GB of memory.
 *
 * @param texts of each label, as `cleanText` leaves them
 */
export function makeNgramTable(texts: ReadonlyMap<string, readonly string[]>): NgramTable {
  const labels = [...texts.keys()].sort();
  const entries = countAll(labels.map((label) => texts.get(label)!));
  const means = new Float64Array(NGRAM_BUCKETS);
  for (const { buckets, shares } of entries) {
    for (let k = 0; k < buckets.length; k++) means[buckets[k]!]! += shares[k]! / labels.length;
  }
  const weightOf = (share: number, bucket: number) => Math.log1p((RATIO * share) / means[bucket]!);
  const values = new Float64Array(NGRAM_BUCKETS);
  for (const { buckets, kinds, shares } of entries) {
    for (let k = 0; k < buckets.length; k++) {
      values[buckets[k]!]! += FACTORS[kinds[k]!]! * shares[k]! * weightOf(shares[k]!, buckets[k]!);
    }
  }
  const least = values.slice().sort()[NGRAM_BUCKETS - MOST_NGRAMS - 1]!;
  const places = new Int32Array(NGRAM_BUCKETS).fill(-1);
  const kept: number[] = [];
  for (let bucket = 0; bucket < NGRAM_BUCKETS; bucket++)
    if (values[bucket]! > least) places[bucket] = kept.push(bucket) - 1;
  const lists = kept.map((): number[] => []);
  for (const [label, { buckets, kinds, shares }] of entries.entries()) {
    for (let k = 0; k < buckets.length; k++) {
      const place = places[buckets[k]!]!;
      if (place < 0) continue;
      const weight = weightOf(shares[k]!, buckets[k]!);
      if (weight < LEAST_WEIGHT) continue;
      lists[place]!.push(label, Math.min(255, Math.round((FACTORS[kinds[k]!]! * weight) / STEP)));
    }
  }
  const starts = new Int32Array(kept.length + 1);
  for (const [k, list] of lists.entries()) starts[k + 1] = starts[k]! + list.length / 2;
  const flat = lists.flat();
  return {
    labels,
    step: STEP,
    buckets: Int32Array.from(kept),
    starts,
    entryLabels: Uint16Array.from(flat.filter((_, k) => k % 2 === 0)),
    weights: Uint8Array.from(flat.filter((_, k) => k % 2 === 1)),
  };
}

function countAll(texts: readonly (readonly string[])[]): Entries[] {
  const counts = Array.from({ length: NGRAM_KINDS }, () => new Uint32Array(NGRAM_BUCKETS));
  return texts.map((of) => {
    const seen = counts.map((): number[] => []);
    const totals = counts.map(() => 0);
    const add = (kind: number, bucket: number): void => {
      totals[kind]!++;
      if (counts[kind]![bucket]!++ === 0) seen[kind]!.push(bucket);
    };
    for (const text of of) listNgrams(text, add);
    // An n-gram whose bucket one of another kind has taken is left out.
    const entries = new Map<number, readonly [kind: number, share: number]>();
    for (const [kind, list] of seen.entries()) {
      for (const bucket of list) {
        if (!entries.has(bucket)) entries.set(bucket, [kind, counts[kind]![bucket]! / totals[kind]!]);
        counts[kind]![bucket] = 0;
      }
    }
    const values = [...entries.values()];
    return {
      buckets: Int32Array.from(entries.keys()),
      kinds: Uint8Array.from(values, ([kind]) => kind),
      shares: Float32Array.from(values, ([, share]) => share),
    };
  });
}
