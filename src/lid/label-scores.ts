/** Text → how probable every label of lid.176 is, for texts on which the most probable one alone does not decide. */
import { ROW_NUMBERS } from "../kernels/fasttext-layout.ts";
import type { FastTextModel } from "./fasttext-model.ts";
import { createRowLister } from "./fasttext-plain.ts";

/** Natural logarithms of the probabilities of a model's labels, in the order of the labels. */
export type LabelScores = Float32Array;

/**
 * Creates what tells the probabilities of all labels, plainly: some 20,000 texts a second. They may differ from fastText's
 * own in the last bits.
 */
export function createLabelScorer(model: FastTextModel): (text: string) => LabelScores {
  const listRows = createRowLister(model);
  const { tree, labels, nodes, rows } = model;
  const count = labels.length;
  const hidden = new Float64Array(ROW_NUMBERS);
  return (text) => {
    hidden.fill(0);
    let found = 0;
    listRows(text, (row) => {
      for (let k = 0; k < ROW_NUMBERS; k++) hidden[k]! += rows[row * ROW_NUMBERS + k]!;
      found++;
    });
    for (let k = 0; k < ROW_NUMBERS; k++) hidden[k]! /= found;
    const scores = new Float32Array(count);
    const visit = (node: number, score: number): void => {
      if (node < count) {
        scores[node] = score;
        return;
      }
      let dot = 0;
      for (let k = 0, at = (node - count) * ROW_NUMBERS; k < ROW_NUMBERS; k++) dot += nodes[at + k]! * hidden[k]!;
      const share = 1 / (1 + Math.exp(-dot));
      visit(tree.left[node]!, score + Math.log(1 - share + 1e-5));
      visit(tree.right[node]!, score + Math.log(share + 1e-5));
    };
    visit(tree.left.length - 1, 0);
    return scores;
  };
}
