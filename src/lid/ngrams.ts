/**
 * Text → how well its n-grams fit each language, by the table `languages/lid-ngrams.br` that `scripts/fit-identifier.ts`
 * writes.
 *
 * An n-gram is 1 to 4 UTF-16 units of a word with a space before and behind it, or a whole word. Its weight for a language
 * is log(1 + 10 p / q), p its share of the language's n-grams of its length and q the mean of these shares over all
 * languages: naive Bayes on the n-grams of Cavnar and Trenkle (1994), smoothed towards what is usual, so that an n-gram that a
 * language's few texts lack does not rule the language out; words count three times. The table holds the weights, rounded,
 * from 2 on, of the n-grams that tell most.
 */
import { readFileSync } from "node:fs";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { tablePath } from "../../languages/index.ts";

/** What an n-gram table holds. */
export interface NgramTable {
  /** Labels of the scheme `worldmeta`. */
  readonly labels: readonly string[];
  /** What a weight of 1 in `weights` stands for. */
  readonly step: number;
  /** Buckets of the n-grams, ascending, below {@link NGRAM_BUCKETS}. */
  readonly buckets: Int32Array;
  /** Where the entries of each n-gram begin; one more at the end. */
  readonly starts: Int32Array;
  /** Of each entry its label's number, ascending within an n-gram, and its weight in steps, 1 to 255. */
  readonly entryLabels: Uint16Array;
  readonly weights: Uint8Array;
}

/** How well the n-grams of a text fit each label. */
export interface NgramFit {
  /** Of each label the sum of weights. */
  readonly scores: Float32Array;
  /** N-grams of the text. */
  readonly ngrams: number;
}

/** Scores texts by their n-grams. */
export interface NgramScorer {
  readonly labels: readonly string[];
  /** Scores a text as `cleanText` leaves it; the array of scores is the same at each call. */
  score(text: string): NgramFit;
}

export const NGRAM_BUCKETS = 1 << 24;
/** Lengths of n-grams, and one for whole words: numbers that `onNgram` is called with. */
export const NGRAM_KINDS = 5;
const LONGEST = 4;
const WHOLE_WORD = 4;
/** More of a text is not looked at. */
const MOST_UNITS = 2000;
const SPACE = 0x20;
const HASH_START = 0x811c9dc5;
const WORD_START = 0x2f0b4c47;
const HASH_FACTOR = 0x01000193;

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

/** Mixes a hash as MurmurHash3 does at its end, and cuts it to the number of buckets. */
function bucketOf(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & (NGRAM_BUCKETS - 1);
}

/** Loads the table of this package, 3.6 MB packed and 14 MB in memory, in some 100 ms. */
export function loadNgrams(): NgramScorer {
  return createNgramScorer(parseNgrams(readFileSync(tablePath("lid-ngrams.br"))));
}

/** Creates what scores texts by a table. */
export function createNgramScorer({ labels, step, buckets, starts, entryLabels, weights }: NgramTable): NgramScorer {
  // A bit for each bucket, and how many are set before every 32 of them, tell which n-gram of the table a bucket is.
  const bits = new Int32Array(NGRAM_BUCKETS / 32);
  for (const bucket of buckets) bits[bucket >> 5]! |= 1 << (bucket & 31);
  const ranks = new Int32Array(bits.length);
  for (let k = 1; k < bits.length; k++) ranks[k] = ranks[k - 1]! + countBits(bits[k - 1]!);
  const sums = new Int32Array(labels.length);
  const scores = new Float32Array(labels.length);
  let ngrams = 0;
  const add = (_: number, bucket: number): void => {
    ngrams++;
    const word = bits[bucket >> 5]!;
    const bit = bucket & 31;
    if (((word >>> bit) & 1) === 0) return;
    const ngram = ranks[bucket >> 5]! + countBits(word & ((1 << bit) - 1));
    const end = starts[ngram + 1]!;
    for (let k = starts[ngram]!; k < end; k++) sums[entryLabels[k]!]! += weights[k]!;
  };
  return {
    labels,
    score(text) {
      sums.fill(0);
      ngrams = 0;
      listNgrams(text, add);
      for (let k = 0; k < sums.length; k++) scores[k] = sums[k]! * step;
      return { scores, ngrams };
    },
  };
}

function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Reads a table: brotli of a line of JSON, then what differs from one bucket to the next, how many entries each has, their
 * labels likewise, and their weights, as numbers of seven bits to a byte.
 *
 * @throws Error if it is damaged
 */
export function parseNgrams(bytes: Uint8Array): NgramTable {
  const damaged = (cause?: unknown) =>
    new Error("languages/lid-ngrams.br is damaged; fit the identifier again", { cause });
  let plain: Buffer;
  let head: { labels: readonly string[]; step: number; ngrams: number; entries: number };
  try {
    plain = brotliDecompressSync(bytes);
    head = JSON.parse(plain.toString("utf8", 0, plain.indexOf(10)));
  } catch (error) {
    throw damaged(error);
  }
  const { labels, step, ngrams, entries } = head;
  let at = plain.indexOf(10) + 1;
  const next = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = plain[at++];
      if (byte === undefined) throw damaged();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const buckets = new Int32Array(ngrams);
  for (let k = 0, bucket = -1; k < ngrams; k++) buckets[k] = bucket += next() + 1;
  const starts = new Int32Array(ngrams + 1);
  for (let k = 0; k < ngrams; k++) starts[k + 1] = starts[k]! + next();
  const entryLabels = new Uint16Array(entries);
  for (let ngram = 0; ngram < ngrams; ngram++) {
    for (let k = starts[ngram]!, label = -1; k < starts[ngram + 1]!; k++) entryLabels[k] = label += next() + 1;
  }
  const weights = Uint8Array.from(plain.subarray(at));
  if (weights.length !== entries || starts[ngrams] !== entries) throw damaged();
  return { labels, step, buckets, starts, entryLabels, weights };
}

/** Writes a table as {@link parseNgrams} reads it. */
export function formatNgrams({ labels, step, buckets, starts, entryLabels, weights }: NgramTable): Buffer {
  const head = `${JSON.stringify({ labels, step, ngrams: buckets.length, entries: weights.length })}\n`;
  const numbers: number[] = [];
  const push = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) numbers.push((rest & 0x7f) | 0x80);
    numbers.push(rest);
  };
  for (let k = 0; k < buckets.length; k++) push(buckets[k]! - (buckets[k - 1] ?? -1) - 1);
  for (let k = 0; k < buckets.length; k++) push(starts[k + 1]! - starts[k]!);
  for (let ngram = 0; ngram < buckets.length; ngram++) {
    for (let k = starts[ngram]!, label = -1; k < starts[ngram + 1]!; label = entryLabels[k++]!) {
      push(entryLabels[k]! - label - 1);
    }
  }
  const plain = Buffer.concat([Buffer.from(head), Uint8Array.from(numbers), weights]);
  return brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
}
