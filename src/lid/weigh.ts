/** Three opinions on a text → how probable each language is: the rule of the identifier, as arithmetic. */
import { type AnswerCounts, BINS, binOf, type Evidence, type Rule } from "./evidence.ts";
import type { NgramFit } from "./ngrams.ts";
import type { Heard, Opinions, Read } from "./opinions.ts";
import type { Script } from "./scripts.ts";

/** Labels that texts in one script can have, and where the opinions have them. */
export interface Candidates {
  readonly rows: readonly Evidence[];
  /** Of each label its row. */
  readonly places: ReadonlyMap<string, number>;
  /** Of each row the number of its label in lid.176, or -1. */
  readonly lidPlaces: Int32Array;
  /** Of each row the number of its label in the table of n-grams. */
  readonly ngramPlaces: Int32Array;
}

/** What {@link featuresOf} tells of each label, in order; the first of `rule` are its weights. */
export const FEATURES = [
  "fasttext",
  "cld3",
  "score",
  "score_unknown",
  "ngrams",
  "cld3_unknown",
  "prior",
] as const satisfies readonly (keyof Rule)[];

/** How much of an answer is taken for granted before any text is seen. */
const SMOOTHING = 0.01;
const LEAST_SHARE = 1e-5;

/**
 * Rows of the labels that a text in a script can have, with their places among the labels of lid.176 and of the n-grams;
 * without those that the table of n-grams does not have.
 */
export function listCandidates(
  evidence: readonly Evidence[],
  script: Script,
  lidLabels: readonly string[],
  ngramLabels: readonly string[],
): Candidates {
  const names: readonly string[] = script === "hira" ? ["hira", "jpan"] : [script];
  const rows = evidence.filter(
    ({ scripts, knows }) => knows.has("ngrams") && names.some((name) => scripts.includes(name)),
  );
  const missing = rows.find(({ label }) => !ngramLabels.includes(label));
  if (missing !== undefined) {
    throw new Error(`languages/lid-ngrams.br lacks ${missing.label} of lid-evidence.tsv; fit the identifier again`);
  }
  return {
    rows,
    places: new Map(rows.map(({ label }, at) => [label, at])),
    lidPlaces: Int32Array.from(rows, ({ label }) => lidLabels.indexOf(label)),
    ngramPlaces: Int32Array.from(rows, ({ label }) => ngramLabels.indexOf(label)),
  };
}

/** Of each row how much better the n-grams of a text fit the best row, by the square root of the number of n-grams. */
export function measureRows({ ngrams }: Read, { ngramPlaces }: Candidates): Float64Array {
  const { sums } = ngrams;
  let most = 0;
  for (const place of ngramPlaces) most = Math.max(most, sums[place]!);
  const unit = ngrams.step / Math.sqrt(Math.max(1, ngrams.ngrams));
  const distances = new Float64Array(ngramPlaces.length);
  for (let at = 0; at < distances.length; at++) distances[at] = (most - sums[ngramPlaces[at]!]!) * unit;
  return distances;
}

/**
 * How much better n-grams fit a label than any other, by the square root of their number: negative where another fits better;
 * minus infinity where they do not fit it at all, or it is no candidate.
 */
export function leadOf({ places, ngramPlaces }: Candidates, { sums, step, ngrams }: NgramFit, label: string): number {
  const own = ngramPlaces[places.get(label) ?? -1];
  if (own === undefined || sums[own] === 0) return Number.NEGATIVE_INFINITY;
  let others = 0;
  for (let at = 0; at < ngramPlaces.length; at++) {
    const place = ngramPlaces[at]!;
    if (place !== own && sums[place]! > others) others = sums[place]!;
  }
  return ((sums[own]! - others) * step) / Math.sqrt(ngrams);
}

/**
 * Writes what the opinions say for the row at a place into `out`, which has room for {@link FEATURES}: the logarithms of how
 * often its texts get lid.176's and cld3's answers with such a probability; the logarithm of lid.176's probability for it;
 * how much worse the n-grams fit, negative; where one of them does not know the language, a one in its place; and the
 * logarithm of the prior.
 *
 * @param distances of {@link measureRows}
 */
export function featuresOf(
  { rows, lidPlaces }: Candidates,
  at: number,
  opinions: Opinions,
  distances: Float64Array,
  out: Float64Array,
): void {
  const row = rows[at]!;
  out[0] = logShare(row.fasttext, row.texts, opinions.fasttext, binOf(opinions.fasttextProbability, BINS.fasttext));
  out[1] = logShare(row.cld3, row.texts, opinions.cld3, binOf(opinions.cld3Probability, BINS.cld3));
  const place = lidPlaces[at]!;
  out[2] = place < 0 ? 0 : opinions.scores[place]!;
  out[3] = place < 0 ? 1 : 0;
  out[4] = -distances[at]!;
  out[5] = row.knows.has("cld3") ? 0 : 1;
  out[6] = Math.log(row.prior);
}

/**
 * Creates what weighs opinions for candidates: of each row its score.
 *
 * A score is the sum of the features of {@link featuresOf} times the weights of the rule; cld3 adds nothing where it was not
 * asked. The exponentials of scores, divided by their sum, are probabilities (softmax), so that this is naive Bayes with a
 * weight for each opinion. What an answer says of all rows is reckoned when it first comes.
 */
export function createWeigher(candidates: Candidates, rule: Rule): (opinions: Heard | Opinions) => Float64Array {
  const { rows, lidPlaces } = candidates;
  const fixed = Float64Array.from(
    rows,
    ({ prior, knows }, at) =>
      rule.prior * Math.log(prior) +
      (knows.has("cld3") ? 0 : rule.cld3_unknown) +
      (lidPlaces[at]! < 0 ? rule.score_unknown : 0),
  );
  const nothing = new Float64Array(rows.length);
  const before = { fasttext: new Map<string, Float64Array>(), cld3: new Map<string, Float64Array>() };
  const sharesOf = (opinion: "fasttext" | "cld3", answer: string, probability: number): Float64Array => {
    const bin = binOf(probability, BINS[opinion]);
    const key = `${answer} ${bin}`;
    const known = before[opinion].get(key);
    if (known !== undefined) return known;
    const shares = Float64Array.from(rows, (row) => rule[opinion] * logShare(row[opinion], row.texts, answer, bin));
    before[opinion].set(key, shares);
    return shares;
  };
  return (opinions) => {
    const lid = sharesOf("fasttext", opinions.fasttext, opinions.fasttextProbability);
    const cld = "cld3" in opinions ? sharesOf("cld3", opinions.cld3, opinions.cld3Probability) : nothing;
    const distances = measureRows(opinions, candidates);
    const scores = new Float64Array(rows.length);
    for (let at = 0; at < scores.length; at++) {
      const place = lidPlaces[at]!;
      const score = place < 0 ? 0 : opinions.scores[place]!;
      scores[at] = fixed[at]! + lid[at]! + cld[at]! + rule.score * score - rule.ngrams * distances[at]!;
    }
    return scores;
  };
}

/** By how much at most cld3's answer brings the score of one row nearer to that of another. */
export function swingOfCld3(rule: Rule): number {
  return rule.cld3 * Math.log1p(1 / LEAST_SHARE);
}

/** Logarithm of the share of a language's texts that get an answer with a probability in a bin, smoothed towards the answer's own share. */
function logShare(counts: AnswerCounts, texts: number, answer: string, bin: number): number {
  const bins = counts.get(answer);
  const all = bins === undefined ? 0 : bins.reduce((sum, count) => sum + count, 0);
  const share = (all + SMOOTHING) / (texts + 1);
  return Math.log(((bins?.[bin] ?? 0) + 0.4 * share) / (texts + 2) + LEAST_SHARE);
}
