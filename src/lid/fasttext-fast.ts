/** The host's side of the kernels of fastText: a model in their memory, texts in batches. */
import * as twin from "../kernels/fasttext.ts";
import {
  BATCH,
  BUCKET_BITS,
  BUCKET_RANKS,
  BUCKETS,
  CHILDREN,
  FASTTEXT_END,
  HIDDEN,
  LABEL_COUNT,
  NODES,
  PATH_BYTES,
  PATH_END,
  PATHS,
  POWERS,
  ROW_NUMBERS,
  ROWS,
  TEXT_ENDS,
  TEXT_LABELS,
  TEXT_PROBABILITIES,
  TEXTS,
  TEXTS_BYTES,
  WORD_COUNT,
  WORD_RECORDS,
} from "../kernels/fasttext-layout.ts";
import type { KernelSource } from "../kernels/machine.ts";
import type { FastTextModel } from "./fasttext-model.ts";
import { POWERS_OF_TWO } from "./fasttext-plain.ts";
import { type LidMachine, startLidMachine } from "./lid-machine.ts";

type Machine = LidMachine<typeof twin>;

/** Bytes of UTF-8 that a UTF-16 unit has at most. */
const UNIT_BYTES = 3;
/** Bytes at the end of the texts that stay free. */
const SLACK = 64;
const SPACE = 0x20;

/** Longest text in UTF-16 units that surely fits. */
export const MOST_UNITS = Math.floor((TEXTS_BYTES - SLACK - 2) / UNIT_BYTES);

/** Called with a text's place among those given, the number of its label, and its probability. */
export type OnNumber = (index: number, label: number, probability: number) => void;

/** Labels texts, none longer than `MOST_UNITS`. */
export interface Labeller {
  /** Calls `onNumber` for the texts in [from, end), in their order. */
  label(texts: readonly string[], from: number, end: number, onNumber: OnNumber): void;
  /** The mean of the rows of a text. */
  meanOf(text: string): Float32Array;
}

/** Creates a labeller with a memory of 7.5 MB, which holds the model. */
export function createLabeller(model: FastTextModel, source: KernelSource): Labeller {
  const machine = startLidMachine(source, twin, FASTTEXT_END);
  writeModel(machine, model);
  const { memory } = machine;
  const ends = new Int32Array(memory.buffer, TEXT_ENDS, BATCH);
  const labels = new Int32Array(memory.buffer, TEXT_LABELS, BATCH);
  const probabilities = new Float32Array(memory.buffer, TEXT_PROBABILITIES, BATCH);
  const mean = new Float32Array(memory.buffer, HIDDEN, ROW_NUMBERS);
  const limit = TEXTS + TEXTS_BYTES - SLACK - 1;
  let waiting = 0;
  const run = (kernel: typeof twin) => kernel.labelTexts(waiting);
  /** Writes as many texts as fit, has them labelled, and tells how many they were. */
  const labelSome = (texts: readonly string[], first: number, end: number): number => {
    let at = TEXTS + 1;
    for (waiting = 0; waiting < BATCH && first + waiting < end; waiting++) {
      const text = texts[first + waiting]!;
      if (at + text.length * UNIT_BYTES > limit) break;
      at += memory.write(text, at);
      ends[waiting] = at;
      memory[at++] = SPACE;
    }
    if (waiting === 0) throw new RangeError(`a text of ${texts[first]!.length} units is too long`);
    machine.run(run);
    return waiting;
  };
  return {
    meanOf(text) {
      labelSome([text], 0, 1);
      return mean;
    },
    label(texts, from, end, onNumber) {
      for (let first = from; first < end; ) {
        const count = labelSome(texts, first, end);
        if (count === 1) onNumber(first, labels[0]!, probabilities[0]!);
        else {
          // Whoever is called may have other texts labelled.
          const [own, shares] = [labels.slice(0, count), probabilities.slice(0, count)];
          for (let k = 0; k < count; k++) onNumber(first + k, own[k]!, shares[k]!);
        }
        first += count;
      }
    },
  };
}

function writeModel({ memory, run }: Machine, { words, labels, tree, ngrams, rows, nodes }: FastTextModel): void {
  const { buffer } = memory;
  memory.writeInt32LE(labels.length, LABEL_COUNT);
  memory.writeInt32LE(words.length, WORD_COUNT);
  memory[TEXTS] = SPACE;
  new Float64Array(buffer, POWERS).set(POWERS_OF_TWO);
  new Float32Array(buffer, NODES).set(nodes);
  new Float32Array(buffer, ROWS).set(rows);

  const children = new Uint16Array(buffer, CHILDREN);
  const paths = new Uint16Array(buffer, PATHS, (labels.length * PATH_BYTES) / 2).fill(PATH_END);
  const writeNode = (node: number, path: readonly number[]): void => {
    if (node < labels.length) {
      paths.set(path, (node * PATH_BYTES) / 2);
      return;
    }
    const inner = node - labels.length;
    children.set([tree.left[node]!, tree.right[node]!], 2 * inner);
    writeNode(tree.left[node]!, [...path, 2 * inner]);
    writeNode(tree.right[node]!, [...path, 2 * inner + 1]);
  };
  writeNode(tree.left.length - 1, []);

  const bits = new Int32Array(buffer, BUCKET_BITS, BUCKETS / 32);
  const ranks = new Uint16Array(buffer, BUCKET_RANKS, BUCKETS / 32);
  for (const bucket of ngrams) bits[bucket >> 5]! |= 1 << (bucket & 31);
  let rank = 0;
  for (let k = 0; k < ranks.length; k++) {
    ranks[k] = rank;
    while (rank < ngrams.length && ngrams[rank]! >> 5 === k) rank++;
  }

  run((kernel) => {
    let at = WORD_RECORDS;
    for (const [row, word] of words.entries()) {
      memory.writeUInt16LE(row, at);
      memory.writeUInt16LE(word.length, at + 2);
      memory.write(word, at + 4, "latin1");
      kernel.addWord(at);
      at += 4 + word.length;
    }
  });
}
