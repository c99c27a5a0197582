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
import * as twin from "../kernels/lid-ngrams.ts";
import {
  BLOCK,
  BUCKET_BITS,
  BUCKET_BITS_BYTES,
  COUNT_BITS,
  DENSE,
  MAX_LABELS,
  MOST_ENTRIES,
  MOST_SPARSE,
  ROW_LENGTH,
  SUMS,
  TABLE,
  TEXT,
  TEXT_BYTES,
} from "../kernels/lid-ngrams-layout.ts";
import { findKernels, type KernelSource } from "../kernels/machine.ts";
import { countBits } from "../kernels/memory.ts";
import { startLidMachine } from "./lid-machine.ts";

/** What an n-gram table holds. */
export interface NgramTable {
  /** Labels of the scheme `worldmeta`. */
  readonly labels: readonly string[];
  /** What a weight of 1 in `weights` stands for. */
  readonly step: number;
  /** Buckets of the n-grams, ascending, below 2^24. */
  readonly buckets: Int32Array;
  /** Where the entries of each n-gram begin; one more at the end. */
  readonly starts: Int32Array;
  /** Of each entry its label's number, ascending within an n-gram, and its weight in steps, 1 to 255. */
  readonly entryLabels: Uint16Array;
  readonly weights: Uint8Array;
}

/** How well the n-grams of a text fit each label. */
export interface NgramFit {
  /** Of each label the sum of weights, in steps. */
  readonly sums: Int32Array;
  /** What a weight of 1 in `sums` stands for. */
  readonly step: number;
  /** N-grams of the text, or words. */
  readonly ngrams: number;
}

/** Scores texts by their n-grams. */
export interface NgramScorer {
  readonly labels: readonly string[];
  /** Scores a text as `cleanText` leaves it; the array of sums is the same at each call, of `scoreWords`, too. */
  score(text: string): NgramFit;
  /** Scores it by its whole words alone, of which there are few. */
  scoreWords(text: string): NgramFit;
}

/** Loads the table of this package, 3.6 MB packed and 17 MB in memory, in some 150 ms. */
export function loadNgrams(): NgramScorer {
  return createNgramScorer(parseNgrams(readFileSync(tablePath("lid-ngrams.br"))));
}

/** Creates what scores texts by a table: compiled kernels if they are there, else the same as TypeScript. */
export function createNgramScorer(table: NgramTable, source = findKernels("lid-ngrams")): NgramScorer {
  const { labels, step } = table;
  const { memory, run } = writeTable(table, source);
  const sums = new Int32Array(memory.buffer, SUMS, labels.length);
  const scorer = (wordsAlone: boolean) => {
    let [units, ngrams] = [0, 0];
    const score = (kernel: typeof twin) => {
      ngrams = kernel.scoreText(units, wordsAlone);
    };
    return (text: string): NgramFit => {
      units = memory.write(text, TEXT, TEXT_BYTES, "utf16le") >> 1;
      run(score);
      return { sums, step, ngrams };
    };
  };
  return { labels, score: scorer(false), scoreWords: scorer(true) };
}

/** Starts kernels and writes a table into their memory. */
function writeTable({ labels, buckets, starts, entryLabels, weights }: NgramTable, source: KernelSource) {
  if (labels.length > MAX_LABELS) throw new RangeError(`${labels.length} labels are more than ${MAX_LABELS}`);
  const rowLength = Math.ceil(labels.length / BLOCK) * BLOCK;
  const counts = Array.from(buckets, (_, ngram) => starts[ngram + 1]! - starts[ngram]!);
  const dense = counts.filter((count) => count > MOST_SPARSE).length;
  const sparse = counts.reduce((sum, count) => sum + (count > MOST_SPARSE ? 0 : count), 0);
  if (sparse >= MOST_ENTRIES) throw new RangeError(`${sparse} weights are more than ${MOST_ENTRIES}`);
  const places = TABLE + dense * rowLength;
  const entries = places + 4 * buckets.length;
  const machine = startLidMachine(source, twin, entries + 4 * sparse);

  const { buffer } = machine.memory;
  new Int32Array(buffer, ROW_LENGTH, 4).set([rowLength, TABLE, places, entries]);
  const bits = new Int32Array(buffer, BUCKET_BITS, BUCKET_BITS_BYTES / 4);
  for (const bucket of buckets) bits[2 * (bucket >> 5)]! |= 1 << (bucket & 31);
  for (let slot = 0, rank = 0; slot < bits.length; slot += 2) {
    bits[slot + 1] = rank;
    rank += countBits(bits[slot]!);
  }
  const placesOf = new Int32Array(buffer, places, buckets.length);
  const rowsOf = new Uint8Array(buffer, TABLE, dense * rowLength);
  const entriesOf = new Uint32Array(buffer, entries, sparse);
  let [row, entry] = [0, 0];
  for (let ngram = 0; ngram < buckets.length; ngram++) {
    const [from, end] = [starts[ngram]!, starts[ngram + 1]!];
    if (end - from > MOST_SPARSE) {
      placesOf[ngram] = DENSE | row;
      for (let k = from; k < end; k++) rowsOf[row * rowLength + entryLabels[k]!] = weights[k]!;
      row++;
    } else {
      placesOf[ngram] = (entry << COUNT_BITS) | (end - from);
      for (let k = from; k < end; k++) entriesOf[entry++] = entryLabels[k]! | (weights[k]! << 16);
    }
  }
  return machine;
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
