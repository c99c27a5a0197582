/**
 * What fastText's classifier computes, said plainly: the judge of the fast way, and the way for texts that are too long for it.
 *
 * Numbers are float32 where fastText's are, rounded after every step and added in its order, so that the last bits agree.
 */
import { BUCKETS, LONGEST, ROW_NUMBERS, SHORTEST } from "../kernels/fasttext-layout.ts";
import { END_OF_LINE, type FastTextModel, LABEL_PREFIX } from "./fasttext-model.ts";

const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;
const NONE = -1;
/** Nothing less probable is looked at. */
const LEAST_SCORE = logOf(0);

/** The most probable label, by number, and the logarithm of its probability in float32. */
export interface Winner {
  readonly label: number;
  readonly score: number;
}

/** Creates what tells the mean of the rows of a text. */
export function createPlainMean(model: FastTextModel): (text: string) => Float32Array {
  const listRows = createRowLister(model);
  return (text) => {
    const mean = new Float32Array(ROW_NUMBERS);
    let count = 0;
    listRows(text, (row) => {
      for (let k = 0; k < ROW_NUMBERS; k++) mean[k]! += model.rows[row * ROW_NUMBERS + k]!;
      count++;
    });
    const share = Math.fround(1 / count);
    for (let k = 0; k < ROW_NUMBERS; k++) mean[k]! *= share;
    return mean;
  };
}

/** Calls `onRow` with the rows of a text, in fastText's order. */
function createRowLister({ words, ngrams }: FastTextModel): (text: string, onRow: (row: number) => void) => void {
  const rowOfWord = new Map(words.map((word, row) => [word, row]));
  const rowOfBucket = new Int32Array(BUCKETS).fill(NONE);
  for (const [place, bucket] of ngrams.entries()) rowOfBucket[bucket] = words.length + place;
  return (text, onRow) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      if (isSpace(bytes[at]!)) {
        at++;
        continue;
      }
      const from = at;
      while (at < bytes.length && !isSpace(bytes[at]!)) at++;
      const word = bytes.toString("latin1", from, at);
      if (word === END_OF_LINE) break;
      const row = rowOfWord.get(word);
      if (row === undefined && word.startsWith(LABEL_PREFIX)) continue;
      if (row !== undefined) onRow(row);
      listBuckets(Buffer.from(`<${word}>`, "latin1"), (bucket) => {
        const ngram = rowOfBucket[bucket]!;
        if (ngram !== NONE) onRow(ngram);
      });
    }
    onRow(rowOfWord.get(END_OF_LINE)!);
  };
}

/** What fastText cuts words at: the white space of ASCII and NUL. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Calls `onBucket` with the buckets of the n-grams of a word with its signs around. */
function listBuckets(word: Uint8Array, onBucket: (bucket: number) => void): void {
  for (let from = 0; from < word.length; from++) {
    if (isContinuation(word[from])) continue;
    let hash = HASH_START;
    for (let at = from, length = 1; at < word.length && length <= LONGEST; length++) {
      do {
        // FNV-1a, but of signed bytes, as the models were trained with.
        hash = Math.imul(hash ^ ((word[at++]! << 24) >> 24), HASH_FACTOR);
      } while (isContinuation(word[at]));
      if (length >= SHORTEST) onBucket((hash >>> 0) % BUCKETS);
    }
  }
}

/**
 * The most probable label by the mean of a text's rows: depth first, left before right, leaving out what is below the best leaf
 * so far; of equal leaves the last one wins.
 */
export function findWinner({ tree, labels, nodes }: FastTextModel, mean: Float32Array): Winner {
  let best: Winner = { label: 0, score: LEAST_SCORE };
  const visit = (node: number, score: number): void => {
    if (score < best.score) return;
    if (node < labels.length) {
      best = { label: node, score };
      return;
    }
    const from = (node - labels.length) * ROW_NUMBERS;
    let dot = 0;
    for (let k = 0; k < ROW_NUMBERS; k++) dot = Math.fround(dot + Math.fround(nodes[from + k]! * mean[k]!));
    const share = Math.fround(1 / Math.fround(1 + expOf(-dot)));
    visit(tree.left[node]!, Math.fround(score + logOf(Math.fround(1 - share))));
    visit(tree.right[node]!, Math.fround(score + logOf(share)));
  };
  visit(tree.left.length - 1, 0);
  return best;
}

/** Logarithm of a share, in float32, kept from minus infinity as fastText does. */
function logOf(share: number): number {
  return Math.fround(Math.log(share + 1e-5));
}

/** 2^(k/32), each the nearest float64. */
// biome-ignore format: a table
export const POWERS_OF_TWO = [
  1, 1.0218971486541166, 1.0442737824274138, 1.0671404006768237, 1.0905077326652577, 1.1143867425958924,
  1.1387886347566916, 1.1637248587775775, 1.189207115002721, 1.215247359980469, 1.241857812073484, 1.2690509571917332,
  1.2968395546510096, 1.3252366431597413, 1.3542555469368927, 1.383909881963832, Math.SQRT2,
  1.4451808069770467, 1.4768261459394993, 1.5091644275934228, 1.5422108254079407, 1.5759808451078865,
  1.6104903319492543, 1.645755478153965, 1.681792830507429, 1.718619298122478, 1.7562521603732995,
  1.7947090750031072, 1.8340080864093424, 1.8741676341103, 1.9152065613971474, 1.9571441241754002,
] as const;
const STEPS = 32;
/** Farther from zero, e^x is 0 or infinite in float32. */
const FARTHEST = 200;
const STEPS_PER_UNIT = STEPS / Math.LN2;
/** Added and taken away again, it rounds to a whole number, halves to even. */
const ROUNDER = 1.5 * 2 ** 52;
/** 2^(x/32) - 1 = x (A + x (B + x C)) for -1/2 <= x <= 1/2. */
const [A, B, C] = [0.6931471806916203 / STEPS, 0.2402284522445722 / STEPS ** 2, 0.05550361559341535 / STEPS ** 3];

/**
 * e^x in float32 as the C library has it, which is not always the float32 nearest to e^x.
 *
 * glibc and musl compute it in float64 as 2^(k/32) times a polynomial of degree 3 (ARM's optimized routines, `expf`).
 */
export function expOf(x: number): number {
  const steps = Math.max(-FARTHEST, Math.min(FARTHEST, x)) * STEPS_PER_UNIT;
  const whole = steps + ROUNDER - ROUNDER;
  const rest = steps - whole;
  const power = POWERS_OF_TWO[whole & (STEPS - 1)]! * 2 ** Math.floor(whole / STEPS);
  return Math.fround(((C * rest + B) * (rest * rest) + (A * rest + 1)) * power);
}
