/** Three opinions on a text → how probable each language is: the rule of the identifier, as arithmetic. */
import { type AnswerCounts, BINS, binOf, type Evidence, type Rule } from "./evidence.ts";
import type { Opinions } from "./opinions.ts";

/** A language, and how probable it is that a text is in it. */
export interface Weighed {
  readonly evidence: Evidence;
  readonly probability: number;
}

/** What {@link featuresOf} tells of each label, in order; the first of `rule` are its weights. */
export const FEATURES = [
  "fasttext",
  "cld3",
  "score",
  "score_unknown",
  "distance",
  "distance_unknown",
  "cld3_unknown",
] as const satisfies readonly (keyof Rule)[];

/** The logarithm of lid.176's probability counts no further down. */
const LEAST_SCORE = -8;
/** How much of an answer is taken for granted before any text is seen. */
const SMOOTHING = 0.01;
const LEAST_SHARE = 1e-5;

/**
 * Weighs the opinions for every label that the text can have.
 *
 * A label's score is the logarithm of its prior, plus weighted: the logarithms of how often its texts get lid.176's and
 * cld3's answers with such a probability; the logarithm of lid.176's probability for it; franc's distance beyond the nearest
 * label, times the square root of the number of trigrams. Scores become probabilities by their exponentials (softmax), so
 * that this is naive Bayes with a weight for each opinion, the weights fitted as in logistic regression.
 *
 * @returns the most probable first; empty if `evidence` is
 */
export function weigh(opinions: Opinions, evidence: readonly Evidence[], rule: Rule): Weighed[] {
  const nearest = nearestDistance(opinions, evidence);
  const features = new Float64Array(FEATURES.length);
  const weights = FEATURES.map((name) => rule[name]);
  const scores = new Float64Array(evidence.length);
  let most = Number.NEGATIVE_INFINITY;
  for (const [at, row] of evidence.entries()) {
    featuresOf(row, opinions, nearest, features);
    let score = Math.log(row.prior);
    for (let k = 0; k < features.length; k++) score += weights[k]! * features[k]!;
    scores[at] = score;
    if (score > most) most = score;
  }
  let total = 0;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = Math.exp(scores[at]! - most);
    total += scores[at]!;
  }
  return evidence
    .map((row, at) => ({ evidence: row, probability: scores[at]! / total }))
    .sort((a, b) => b.probability - a.probability);
}

/** The smallest distance that franc gives to any of these labels; undefined if it knows none of them. */
export function nearestDistance({ distances }: Opinions, evidence: readonly Evidence[]): number | undefined {
  if (distances === undefined) return undefined;
  let nearest: number | undefined;
  for (const { label } of evidence) {
    const distance = distances.get(label);
    if (distance !== undefined && (nearest === undefined || distance < nearest)) nearest = distance;
  }
  return nearest;
}

/** Writes what the opinions say for one label into `out`, which has room for {@link FEATURES}. */
export function featuresOf(row: Evidence, opinions: Opinions, nearest: number | undefined, out: Float64Array): void {
  const { label } = row;
  const { fasttext, fasttextProbability, cld3, cld3Probability } = opinions;
  out[0] = logShare(row.fasttext, row.texts, fasttext, binOf(fasttextProbability, BINS.fasttext));
  out[1] = logShare(row.cld3, row.texts, cld3, binOf(cld3Probability, BINS.cld3));
  const score = opinions.scores.get(label);
  out[2] = score === undefined ? 0 : Math.max(LEAST_SCORE, score);
  out[3] = score === undefined ? 1 : 0;
  const distance = opinions.distances?.get(label);
  const known = nearest !== undefined && distance !== undefined;
  out[4] = known ? -(distance - nearest) * Math.sqrt(opinions.trigrams) : 0;
  out[5] = nearest !== undefined && distance === undefined ? 1 : 0;
  out[6] = row.knows.has("cld3") ? 0 : 1;
}

/** Of each table of counts the logarithms of shares, by answer and bin: made when first asked for, since each is asked often. */
const logShares = new WeakMap<AnswerCounts, Map<string, Float64Array>>();
const MOST_BINS = 1 + Math.max(BINS.fasttext.length, BINS.cld3.length);

/** Logarithm of the share of a language's texts that get an answer with a probability in a bin, smoothed towards the answer's own share. */
function logShare(counts: AnswerCounts, texts: number, answer: string, bin: number): number {
  let byAnswer = logShares.get(counts);
  if (byAnswer === undefined) {
    byAnswer = new Map();
    logShares.set(counts, byAnswer);
  }
  let logs = byAnswer.get(answer);
  if (logs === undefined) {
    logs = Float64Array.from({ length: MOST_BINS }, (_, at) => computeLogShare(counts.get(answer), texts, at));
    byAnswer.set(answer, logs);
  }
  return logs[bin]!;
}

function computeLogShare(bins: readonly number[] | undefined, texts: number, bin: number): number {
  const all = bins === undefined ? 0 : bins.reduce((sum, count) => sum + count, 0);
  const share = (all + SMOOTHING) / (texts + 1);
  return Math.log(((bins?.[bin] ?? 0) + 0.4 * share) / (texts + 2) + LEAST_SHARE);
}
