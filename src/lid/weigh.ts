/** Three opinions on a text → how probable each language is: the rule of the identifier, as arithmetic. */
import { type AnswerCounts, BINS, binOf, type Evidence, type Rule } from "./evidence.ts";
import { francLabels, type Opinions } from "./opinions.ts";
import type { Script } from "./scripts.ts";
import { MOST_DISTANCE } from "./trigrams.ts";

/** Labels that texts in one script can have, and where the opinions have them. */
export interface Candidates {
  readonly rows: readonly Evidence[];
  /** Of each row the number of its label in lid.176, or -1. */
  readonly lidPlaces: Int32Array;
  /** Of each row the numbers of its languages in franc's lists of the script. */
  readonly francPlaces: readonly (readonly number[])[];
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

/** Rows of the labels that a text in a script can have, with their places among the labels of lid.176 and of franc. */
export function listCandidates(
  evidence: readonly Evidence[],
  script: Script,
  lidLabels: readonly string[],
): Candidates {
  const names: readonly string[] = script === "hira" ? ["hira", "jpan"] : [script];
  const rows = evidence.filter(({ scripts }) => names.some((name) => scripts.includes(name)));
  const franc = francLabels(script);
  return {
    rows,
    lidPlaces: Int32Array.from(rows, ({ label }) => lidLabels.indexOf(label)),
    francPlaces: rows.map(({ label }) => franc.flatMap((name, at) => (name === label ? [at] : []))),
  };
}

/** Of each row the distance beyond the nearest one, times the square root of the number of trigrams; NaN where franc does not know it. */
export function measureRows({ trigrams }: Opinions, { rows, francPlaces }: Candidates): Float64Array {
  const distances = new Float64Array(rows.length).fill(Number.NaN);
  if (trigrams === undefined) return distances;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [at, places] of francPlaces.entries()) {
    if (places.length === 0) continue;
    let least = trigrams.distances[places[0]!]!;
    for (let k = 1; k < places.length; k++) least = Math.min(least, trigrams.distances[places[k]!]!);
    distances[at] = least;
    if (least < nearest) nearest = least;
  }
  const unit = MOST_DISTANCE * Math.sqrt(Math.max(1, trigrams.trigrams));
  for (let at = 0; at < distances.length; at++) distances[at] = (distances[at]! - nearest) / unit;
  return distances;
}

/**
 * Writes what the opinions say for the row at a place into `out`, which has room for {@link FEATURES}: the logarithms of how
 * often its texts get lid.176's and cld3's answers with such a probability; the logarithm of lid.176's probability for it;
 * franc's distance, negative; and where one of them does not know the language, a one in its place.
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
  out[2] = place < 0 ? 0 : Math.max(LEAST_SCORE, opinions.scores[place]!);
  out[3] = place < 0 ? 1 : 0;
  const distance = distances[at]!;
  out[4] = Number.isNaN(distance) ? 0 : -distance;
  out[5] = opinions.trigrams !== undefined && Number.isNaN(distance) ? 1 : 0;
  out[6] = row.knows.has("cld3") ? 0 : 1;
}

/**
 * Creates what weighs opinions for candidates: of each row its score.
 *
 * A score is the logarithm of the label's prior, plus the features of {@link featuresOf} times the weights of the rule. The
 * exponentials of scores, divided by their sum, are probabilities (softmax), so that this is naive Bayes with a weight for
 * each opinion. What an answer says of all rows is reckoned when it first comes.
 */
export function createWeigher(candidates: Candidates, rule: Rule): (opinions: Opinions) => Float64Array {
  const { rows, lidPlaces } = candidates;
  const fixed = Float64Array.from(
    rows,
    ({ prior, knows }, at) =>
      Math.log(prior) + (knows.has("cld3") ? 0 : rule.cld3_unknown) + (lidPlaces[at]! < 0 ? rule.score_unknown : 0),
  );
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
    const cld = sharesOf("cld3", opinions.cld3, opinions.cld3Probability);
    const distances = measureRows(opinions, candidates);
    const unknown = opinions.trigrams === undefined ? 0 : rule.distance_unknown;
    const scores = new Float64Array(rows.length);
    for (let at = 0; at < scores.length; at++) {
      const place = lidPlaces[at]!;
      const score = place < 0 ? 0 : Math.max(LEAST_SCORE, opinions.scores[place]!);
      const distance = distances[at]!;
      const far = Number.isNaN(distance) ? unknown : -rule.distance * distance;
      scores[at] = fixed[at]! + lid[at]! + cld[at]! + rule.score * score + far;
    }
    return scores;
  };
}

/** Logarithm of the share of a language's texts that get an answer with a probability in a bin, smoothed towards the answer's own share. */
function logShare(counts: AnswerCounts, texts: number, answer: string, bin: number): number {
  const bins = counts.get(answer);
  const all = bins === undefined ? 0 : bins.reduce((sum, count) => sum + count, 0);
  const share = (all + SMOOTHING) / (texts + 1);
  return Math.log(((bins?.[bin] ?? 0) + 0.4 * share) / (texts + 2) + LEAST_SHARE);
}
