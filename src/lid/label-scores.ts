/** The mean of a text's rows → how probable every label of lid.176 is, where the most probable one alone does not decide. */
import { ROW_NUMBERS } from "../kernels/fasttext-layout.ts";
import type { FastTextModel } from "./fasttext-model.ts";

/** Natural logarithms of the probabilities of a model's labels, in the order of the labels, none below -8. */
export type LabelScores = Float32Array;

const LEAST_SCORE = -8;
const LEAST_PROBABILITY = Math.exp(LEAST_SCORE);

/**
 * Creates what tells the probabilities of all labels by the mean of a text's rows (`FastText.meanOf`). They may differ from
 * fastText's own in the last bits.
 */
export function createLabelScorer({ tree, labels, nodes }: FastTextModel): (mean: Float32Array) => LabelScores {
  const count = labels.length;
  return (mean) => {
    const scores = new Float32Array(count).fill(LEAST_SCORE);
    const visit = (node: number, probability: number): void => {
      if (probability < LEAST_PROBABILITY) return;
      if (node < count) {
        scores[node] = Math.log(probability);
        return;
      }
      let dot = 0;
      for (let k = 0, at = (node - count) * ROW_NUMBERS; k < ROW_NUMBERS; k++) dot += nodes[at + k]! * mean[k]!;
      const share = 1 / (1 + Math.exp(-dot));
      visit(tree.left[node]!, probability * (1 - share + 1e-5));
      visit(tree.right[node]!, probability * (share + 1e-5));
    };
    visit(tree.left.length - 1, 1);
    return scores;
  };
}
