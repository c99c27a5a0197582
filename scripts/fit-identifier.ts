/**
 * Fits the rule by which `src/lid/identify.ts` weighs three opinions, and writes it: `languages/lid-evidence.tsv` and
 * `languages/lid-rule.tsv`.
 *
 *     node dist/scripts/fit-identifier.js --mediawiki DIR --messages DIR… --articles FILE… --pageviews FILE --data DATA [--precision .9]
 *
 * DIR of `--mediawiki` is a folder in which MediaWiki is unpacked (Debian's package mediawiki), those of `--messages` hold
 * catalogues of gettext (libreoffice-l10n-…, wordpress-l10n); files of `--articles` are named after an edition
 * (`so.jsonl`, `sowiki-….jsonl.gz`); `--pageviews` is a table of the most viewed pages with columns project, year, rank and
 * views. The texts are used for counting and measuring alone. None of them is in the data that the identifier is measured
 * with (`measure-identify.ts`).
 *
 * 1. Texts are cut to 5–12 words, and the three are asked about each.
 * 2. A label is a candidate if one of the three knows its language, an edition or cld3 names it, and 20 texts are there.
 * 3. The prior of a label grows with the 0.3rd power of how often its edition's most viewed pages are read.
 * 4. Texts are parted in two halves by a hash. Answers are counted in one half, and what follows is measured on the other.
 * 5. The weights are those under which the true labels are most probable (gradient descent), on texts of at least 45
 *    letters; each language counts by its prior, not by its number of texts.
 * 6. `take` of a label is the least probability from which answers that go against lid.176's are right nine times out of
 *    ten, each text counting by the prior of its language. A label that lid.176 does not have and that does not reach this
 *    for a tenth of its texts is left out, and the rest is measured again.
 * 7. `accept` of a label of lid.176 is the probability below which asking the others gains.
 * 8. `letters` is the length from which changing lid.176's answer is right more often than not, on texts of 1–4 words.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { groupOfLabel, labelsOfGroup, OTHER, scriptsOfGroup } from "../languages/index.ts";
import {
  BINS,
  binOf,
  type Evidence,
  formatEvidence,
  type Opinion,
  RULE_COLUMNS,
  RULE_NAMES,
  type Rule,
} from "../src/lid/evidence.ts";
import { readFastTextModel } from "../src/lid/fasttext-model.ts";
import { type Advisers, francLabels, labelOf, loadAdvisers, type Opinions } from "../src/lid/opinions.ts";
import type { Script } from "../src/lid/scripts.ts";
import { FEATURES, featuresOf, nearestDistance } from "../src/lid/weigh.ts";
import { packageFolder } from "../src/package-folder.ts";
import { CLD3_LANGUAGES } from "./cld3-languages.ts";
import { hashText } from "./lid-chunks.ts";
import { type FittingInputs, type FittingText, readFittingTexts, type Source } from "./lid-fitting-texts.ts";
import { formatRows } from "./table.ts";

const LEAST_TEXTS = 20;
const PRIOR_POWER = 0.3;
/** The same power for what lid.176 may decide alone, which saves the more the more frequent a language is. */
const WEB_POWER = 0.7;
/** Views of an edition that is not in the table. */
const LEAST_VIEWS = 20_000;
const LEAST_TRAINING_LETTERS = 45;
const LEAST_HITS = 8;
/** A label must be more probable than all others together to be taken. */
const LEAST_TAKE = 0.5;
const LEAST_RECALL = 0.1;
/** What asking the others must gain, as a share of the texts that are asked about. */
const COST_OF_ASKING = 0.02;
/** Of short texts, share of changes that must be right. */
const LEAST_SHORT = 5 / 6;
const NEVER = 2;

/** A text, what the three say of it, and of which label it is. */
interface Sample {
  readonly source: Source;
  readonly label: string;
  readonly opinions: Opinions;
  /** lid.176's answer on the text as it stands. */
  readonly first: { readonly label: string; readonly probability: number };
  readonly half: 0 | 1;
  /** Weight by the prior of its language; 0 for languages that none of the three knows. */
  weight: number;
  /** The same by how often languages are met on the web. */
  web: number;
}

/** A candidate's scores of one sample, and what was decided. */
interface Scored {
  readonly sample: Sample;
  readonly candidates: readonly number[];
  /** Of each candidate the exponential of its score less that of the greatest. */
  readonly shares: Float64Array;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mediawiki: { type: "string" },
      messages: { type: "string", multiple: true, default: [] },
      articles: { type: "string", multiple: true, default: [] },
      pageviews: { type: "string" },
      data: { type: "string" },
      precision: { type: "string", default: "0.9" },
      out: { type: "string", default: join(packageFolder(), "languages") },
    },
  });
  const { mediawiki, messages, articles, pageviews, data } = values;
  if (mediawiki === undefined || pageviews === undefined || data === undefined)
    throw new Error("--mediawiki, --pageviews and --data are needed");
  const inputs: FittingInputs = { mediawiki, messages, articles, data };
  const advisers = await loadAdvisers(readFastTextModel());
  const samples = askAll(await readFittingTexts(inputs), advisers);
  console.log(describeSamples(samples));
  const views = readViews(pageviews);
  const weights = fitAll(samples, views);
  const fitted = fitThresholds(weights, Number(values.precision));
  const short = askAll(await readFittingTexts(inputs, [1, 4]), advisers);
  const letters = fitLetters(short, fitted);
  const rule = { ...fitted.rule, letters };
  writeFileSync(join(values.out, "lid-evidence.tsv"), formatEvidence(fitted.evidence));
  writeFileSync(join(values.out, "lid-rule.tsv"), formatRule(rule));
  console.log(formatRule(rule));
  advisers.dispose();
}

function describeSamples(samples: readonly Sample[]): string {
  const sources = [...new Set(samples.map(({ source }) => source))];
  return formatRows(
    ["source", "texts", "labels"],
    sources.map((source) => {
      const of = samples.filter((sample) => sample.source === source);
      return [source, of.length, new Set(of.map(({ label }) => label)).size];
    }),
  );
}

/** What the three say of each text that is in a script of its language's edition. */
function askAll(texts: readonly FittingText[], advisers: Advisers): Sample[] {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const { source, name, text, ownDistance } of texts) {
    const label = labelOfName(name);
    const key = `${label}\t${text}`;
    if (label === undefined || seen.has(key)) continue;
    seen.add(key);
    const opinions = advisers.ask(text);
    if (opinions === undefined || !scriptsOf(label).includes(opinions.main.script)) continue;
    const first = advisers.fasttext.predict(text);
    const half = (hashText(`${text}\u0003`) & 1) as 0 | 1;
    samples.push({ source, label, opinions: withOwn(opinions, label, ownDistance), first, half, weight: 0, web: 0 });
  }
  return samples;
}

function withOwn(opinions: Opinions, label: string, distance: number | undefined): Opinions {
  if (distance === undefined || opinions.distances?.has(label) !== true) return opinions;
  return { ...opinions, distances: new Map(opinions.distances).set(label, distance) };
}

/** The label of a language as a source names it; undefined if no edition, nor cld3, has it. */
function labelOfName(name: string): string | undefined {
  const group = groupOfLabel(name, "edition");
  const label = labelOf(name.toLowerCase(), "edition");
  return (group !== undefined && group !== OTHER) || CLD3_LABELS.has(label) ? label : undefined;
}

/** Labels of cld3's languages. */
const CLD3_LABELS = new Set(CLD3_LANGUAGES.map(labelOfCld3));

function labelOfCld3(code: string): string {
  const [language, script] = code.split("-");
  const label = labelOf(language ?? code, "edition");
  if (script === undefined) return label;
  const group = groupOfLabel(language ?? "", "edition");
  const iso = group === undefined || group === OTHER ? language : labelsOfGroup(group, "iso639-3")[0];
  return `${iso}_${script}`;
}

function scriptsOf(label: string): readonly string[] {
  const group = groupOfLabel(label, "lid.176") ?? groupOfLabel(label, "edition");
  return group === undefined || group === OTHER ? ["latn"] : scriptsOfGroup(group);
}

/** Views by label. */
function readViews(path: string): Map<string, number> {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const views = new Map<string, number>();
  for (const line of text.split("\n").slice(1)) {
    const [project, , , count] = line.split("\t");
    const code = project?.replace(/\.wikipedia$/, "") ?? "";
    if (groupOfLabel(code, "edition") === undefined) continue;
    const label = labelOf(code, "edition");
    views.set(label, (views.get(label) ?? 0) + Number(count));
  }
  return views;
}

interface Weights {
  readonly rule: Rule;
  readonly scored: readonly Scored[];
  readonly rows: readonly Evidence[];
  /** The rows with the answers of both halves. */
  readonly counted: readonly Evidence[];
}

interface Fitted {
  readonly rule: Rule;
  readonly evidence: readonly Evidence[];
}

/** The weights, and by them how probable every label is of every text. */
function fitAll(samples: readonly Sample[], views: ReadonlyMap<string, number>): Weights {
  const evidence = makeEvidence(samples, views);
  const texts = new Map<string, number>();
  for (const { label } of samples) texts.set(label, (texts.get(label) ?? 0) + 1);
  for (const sample of samples) sample.weight = priorOf(sample.label, views) / (texts.get(sample.label) ?? 1);
  const total = evidence.reduce((sum, { prior }) => sum + prior, 0);
  const known = new Set(evidence.map(({ label }) => label));
  for (const sample of samples) {
    sample.weight = known.has(sample.label) ? sample.weight / total : 0;
    const read = Math.max(LEAST_VIEWS, views.get(sample.label) ?? 0) ** WEB_POWER;
    sample.web = known.has(sample.label) ? read / (texts.get(sample.label) ?? 1) : 0;
  }
  const rows = evidence.map((row) => ({ ...row, prior: row.prior / total }));
  const halves = [0, 1].map((half) =>
    countAnswers(
      rows,
      samples.filter((sample) => sample.half === half),
    ),
  );
  // What is counted in one half is asked about the other.
  const rowsFor = (sample: Sample) => halves[1 - sample.half]!;
  const byScript = new Map<string, number[]>();
  for (const [at, { scripts }] of rows.entries()) {
    for (const script of scripts) byScript.set(script, [...(byScript.get(script) ?? []), at]);
  }
  const candidatesOf = ({ opinions }: Sample) => byScript.get(opinions.main.script) ?? [];
  const labels = rows.map(({ label }) => label);
  const rule = fitWeights(samples, { rowsFor, candidatesOf, labels });
  console.log(FEATURES.map((name) => `${name} ${rule[name].toFixed(2)}`).join("  "));
  const scored = samples.map((sample) => scoreSample(sample, { rowsFor, candidatesOf, rule }));
  return { rule, scored, rows, counted: countAnswers(rows, samples) };
}

/** The rows with the probabilities from which answers count, without those that never do. */
/** Sources of running text; messages of programs are harder than what people write, and often half translated. */
const PROSE: ReadonlySet<Source> = new Set(["articles", "declarations", "sentences"]);
/** From so many texts on running text alone is judged by. */
const ENOUGH_PROSE = 40;

/** Of languages with enough running text only that. */
function takeProse(scored: readonly Scored[]): Scored[] {
  const prose = new Map<string, number>();
  for (const { sample } of scored) {
    if (PROSE.has(sample.source)) prose.set(sample.label, (prose.get(sample.label) ?? 0) + 1);
  }
  return scored.filter(({ sample }) => PROSE.has(sample.source) || (prose.get(sample.label) ?? 0) < ENOUGH_PROSE);
}

function fitThresholds({ rule, scored: all, rows, counted }: Weights, precision: number): Fitted {
  const scored = takeProse(all);
  // What lid.176 decides alone depends on what the others are good for, and the other way round.
  const first = fitAccepts(
    scored,
    rows,
    rows.map(() => 0),
  );
  const asked = scored.filter(({ sample }) => sample.first.probability < (first.get(sample.first.label) ?? NEVER));
  const takes = fitTakes(asked, rows, precision);
  const accepts = fitAccepts(scored, rows, takes);
  const kept = counted.flatMap((row, at) => {
    const take = takes[at]!;
    const accept = row.knows.has("fasttext") ? accepts.get(row.label) : undefined;
    return take > 1 && !row.knows.has("fasttext") ? [] : [{ ...row, take, accept: accept }];
  });
  return { rule, evidence: kept };
}

function priorOf(label: string, views: ReadonlyMap<string, number>): number {
  return Math.max(LEAST_VIEWS, views.get(label) ?? 0) ** PRIOR_POWER;
}

/** Rows of the labels that are candidates, without counts. */
function makeEvidence(samples: readonly Sample[], views: ReadonlyMap<string, number>): Evidence[] {
  const texts = new Map<string, number>();
  const fasttext = new Set(samples[0]?.opinions.scores.keys());
  for (const { label } of samples) texts.set(label, (texts.get(label) ?? 0) + 1);
  const rows: Evidence[] = [];
  for (const [label, count] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const knows = new Set<Opinion>();
    const scripts = scriptsOf(label);
    if (fasttext.has(label)) knows.add("fasttext");
    if (CLD3_LABELS.has(label)) knows.add("cld3");
    if (scripts.some((script) => francLabels(script as Script).has(label))) knows.add("franc");
    if (count < LEAST_TEXTS || knows.size === 0) continue;
    const written = scripts.filter((script) => script !== "hrkt");
    const counts = { fasttext: new Map(), cld3: new Map() };
    rows.push({
      label,
      scripts: written,
      knows,
      prior: priorOf(label, views),
      accept: undefined,
      take: 0,
      texts: 0,
      ...counts,
    });
  }
  return rows;
}

function countAnswers(rows: readonly Evidence[], samples: readonly Sample[]): Evidence[] {
  const counts = new Map(
    rows.map(({ label }) => [
      label,
      { texts: 0, fasttext: new Map<string, number[]>(), cld3: new Map<string, number[]>() },
    ]),
  );
  const add = (answers: Map<string, number[]>, answer: string, bin: number, bins: number) => {
    const numbers = answers.get(answer) ?? Array.from({ length: bins + 1 }, () => 0);
    numbers[bin]!++;
    answers.set(answer, numbers);
  };
  for (const { label, opinions } of samples) {
    const of = counts.get(label);
    if (of === undefined) continue;
    of.texts++;
    add(of.fasttext, opinions.fasttext, binOf(opinions.fasttextProbability, BINS.fasttext), BINS.fasttext.length);
    add(of.cld3, opinions.cld3, binOf(opinions.cld3Probability, BINS.cld3), BINS.cld3.length);
  }
  return rows.map((row) => ({ ...row, ...counts.get(row.label)! }));
}

interface Fitting {
  rowsFor(sample: Sample): readonly Evidence[];
  candidatesOf(sample: Sample): readonly number[];
}

/** Weights under which the true labels are most probable: Adam, in batches, twice through the texts. */
function fitWeights(
  samples: readonly Sample[],
  { rowsFor, candidatesOf, labels }: Fitting & { readonly labels: readonly string[] },
): Rule {
  const weights = new Float64Array([0.4, 0.4, 0.3, -1.5, 5, -1.5, 0]);
  const rates = FEATURES.map((name) => (name === "distance" ? 0.1 : 0.02));
  const order = samples
    .filter(({ opinions, label }) => opinions.letters >= LEAST_TRAINING_LETTERS && labels.includes(label))
    .map(
      (sample) => [hashText(`${sample.label}${sample.first.probability}${sample.opinions.trigrams}`), sample] as const,
    )
    .sort(([a], [b]) => a - b)
    .map(([, sample]) => sample);
  const mean = order.reduce((sum, { weight }) => sum + weight, 0) / order.length;
  const moment = new Float64Array(FEATURES.length);
  const spread = new Float64Array(FEATURES.length);
  const features = new Float64Array(FEATURES.length);
  let step = 0;
  for (let round = 0; round < 2; round++) {
    for (let from = 0; from < order.length; from += 400) {
      const gradient = new Float64Array(FEATURES.length);
      let sum = 0;
      for (const sample of order.slice(from, from + 400)) {
        const rows = rowsFor(sample);
        const candidates = candidatesOf(sample);
        if (candidates.length < 2) continue;
        const nearest = nearestDistance(
          sample.opinions,
          candidates.map((at) => rows[at]!),
        );
        const all = candidates.map((at) => {
          featuresOf(rows[at]!, sample.opinions, nearest, features);
          return Float64Array.from(features);
        });
        const scores = all.map((own, at) => dot(own, weights) + Math.log(rows[candidates[at]!]!.prior));
        const most = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - most));
        const total = shares.reduce((a, b) => a + b, 0);
        const weight = Math.min(20, sample.weight / mean);
        sum += weight;
        for (const [at, own] of all.entries()) {
          const error = weight * (shares[at]! / total - (labels[candidates[at]!] === sample.label ? 1 : 0));
          if (Math.abs(error) < 1e-7) continue;
          for (let k = 0; k < own.length; k++) gradient[k]! += error * own[k]!;
        }
      }
      step++;
      for (let k = 0; k < weights.length; k++) {
        const slope = gradient[k]! / sum;
        moment[k] = 0.9 * moment[k]! + 0.1 * slope;
        spread[k] = 0.99 * spread[k]! + 0.01 * slope * slope;
        const size = Math.sqrt(spread[k]! / (1 - 0.99 ** step)) + 1e-8;
        weights[k]! -= (rates[k]! * (moment[k]! / (1 - 0.9 ** step))) / size;
      }
    }
  }
  const rule = Object.fromEntries(FEATURES.map((name, k) => [name, Number(weights[k]!.toFixed(3))]));
  return { letters: 0, accept: 0.5, ...rule } as unknown as Rule;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function scoreSample(sample: Sample, { rowsFor, candidatesOf, rule }: Fitting & { readonly rule: Rule }): Scored {
  const rows = rowsFor(sample);
  const candidates = candidatesOf(sample);
  const nearest = nearestDistance(
    sample.opinions,
    candidates.map((at) => rows[at]!),
  );
  const features = new Float64Array(FEATURES.length);
  const scores = Float64Array.from(candidates, (at) => {
    featuresOf(rows[at]!, sample.opinions, nearest, features);
    return FEATURES.reduce((sum, name, k) => sum + rule[name] * features[k]!, Math.log(rows[at]!.prior));
  });
  const most = Math.max(...scores);
  return { sample, candidates, shares: scores.map((score) => Math.exp(score - most)) };
}

/** The most probable candidate among those that are open to the text, and how probable it is. */
function decide({ sample, candidates, shares }: Scored, rows: readonly Evidence[], closed: readonly boolean[]) {
  let [best, most, total] = [-1, 0, 0];
  for (const [place, at] of candidates.entries()) {
    const { label } = rows[at]!;
    if (closed[at] && label !== sample.first.label && label !== sample.opinions.fasttext) continue;
    const share = shares[place]!;
    total += share;
    if (share <= most) continue;
    most = share;
    best = at;
  }
  return { at: best, probability: most / total };
}

/**
 * Of each row the probability from which going against lid.176 is right often enough. While there are labels that never are,
 * those of the languages that are read least are closed, so that their neighbours' labels get better.
 */
function fitTakes(scored: readonly Scored[], rows: readonly Evidence[], precision: number): number[] {
  const closed = rows.map(() => false);
  const texts = new Map<string, number>();
  for (const { sample } of scored) texts.set(sample.label, (texts.get(sample.label) ?? 0) + 1);
  for (;;) {
    const changes = rows.map((): Change[] => []);
    for (const one of scored) {
      const { at, probability } = decide(one, rows, closed);
      if (at < 0 || rows[at]!.label === one.sample.first.label) continue;
      changes[at]!.push({ probability, right: rows[at]!.label === one.sample.label, weight: one.sample.web });
    }
    const takes = rows.map(({ label, knows }, at) => {
      const hits = Math.max(LEAST_HITS, knows.has("fasttext") ? 0 : LEAST_RECALL * (texts.get(label) ?? 1));
      return fitTake(changes[at]!, precision, hits);
    });
    const failing = takes
      .flatMap((take, at) => (take > 1 && !closed[at] ? [at] : []))
      .sort((a, b) => rows[a]!.prior - rows[b]!.prior);
    console.log(`${takes.filter((take) => take <= 1).length} labels taken, ${failing.length} fail`);
    if (failing.length === 0) return takes.map((take, at) => (closed[at] ? NEVER : take));
    for (const at of failing.slice(0, Math.ceil(failing.length / CLOSED_AT_ONCE))) closed[at] = true;
  }
}

/** Of the labels that fail one in so many is closed at a time. */
const CLOSED_AT_ONCE = 4;

/** A text on which a label takes the place of lid.176's. */
interface Change {
  readonly probability: number;
  readonly right: boolean;
  readonly weight: number;
}

/** The least probability from which changes are precise. */
function fitTake(changes: Change[], precision: number, leastHits: number): number {
  let [right, all, hits, take] = [0, 0, 0, NEVER];
  for (const change of changes.sort((a, b) => b.probability - a.probability)) {
    all += change.weight;
    if (change.right) {
      right += change.weight;
      hits++;
    }
    if (hits >= leastHits && right / all >= precision) take = Math.max(LEAST_TAKE, change.probability);
  }
  return take;
}

/** Of each label of lid.176 the probability from which on the others change too little for the better. */
function fitAccepts(
  scored: readonly Scored[],
  rows: readonly Evidence[],
  takes: readonly number[],
): Map<string, number> {
  const closed = takes.map((take) => take > 1);
  const byLabel = new Map<string, { probability: number; gain: number; weight: number }[]>();
  for (const one of scored) {
    const { sample } = one;
    const { at, probability } = decide(one, rows, closed);
    const taken = at >= 0 && probability >= takes[at]! ? rows[at]!.label : sample.first.label;
    const gain = sample.web * (Number(taken === sample.label) - Number(sample.first.label === sample.label));
    const list = byLabel.get(sample.first.label) ?? [];
    byLabel.set(sample.first.label, list);
    list.push({ probability: sample.first.probability, gain, weight: sample.web });
  }
  const accepts = new Map<string, number>();
  for (const [label, list] of byLabel) {
    let best = 0;
    let bestAt = 0;
    let sum = 0;
    for (const { probability, gain, weight } of list.sort((a, b) => a.probability - b.probability)) {
      sum += gain - COST_OF_ASKING * weight;
      if (sum > best) {
        best = sum;
        bestAt = probability;
      }
    }
    // Above the last text for which asking gained, in steps of a hundredth.
    accepts.set(label, Math.min(1.01, Math.floor(bestAt * 100 + 1) / 100));
  }
  return accepts;
}

/** The number of letters from which changes are right more often than what they change, on short texts. */
function fitLetters(samples: readonly Sample[], { rule, evidence }: Fitted): number {
  const byScript = new Map<string, number[]>();
  for (const [at, { scripts }] of evidence.entries()) {
    for (const script of scripts) byScript.set(script, [...(byScript.get(script) ?? []), at]);
  }
  const closed = evidence.map(({ take }) => take > 1);
  const gains = new Map<number, { right: number; wrong: number }>();
  for (const sample of samples) {
    const candidatesOf = () => byScript.get(sample.opinions.main.script) ?? [];
    const one = scoreSample(sample, { rowsFor: () => evidence, candidatesOf, rule });
    const { at, probability } = decide(one, evidence, closed);
    if (at < 0 || probability < evidence[at]!.take || evidence[at]!.label === sample.first.label) continue;
    const bucket = Math.floor(sample.opinions.letters / 5) * 5;
    const gain = gains.get(bucket) ?? { right: 0, wrong: 0 };
    gains.set(bucket, gain);
    if (evidence[at]!.label === sample.label) gain.right++;
    else gain.wrong++;
  }
  const buckets = [...gains].sort(([a], [b]) => a - b);
  console.log(
    formatRows(
      ["letters from", "right", "wrong"],
      buckets.map(([from, { right, wrong }]) => [from, right, wrong]),
    ),
  );
  return buckets.find(([, { right, wrong }]) => right >= LEAST_SHORT * (right + wrong))?.[0] ?? 0;
}

const MEANINGS: Readonly<Record<(typeof RULE_NAMES)[number], string>> = {
  fasttext: "weight of how often texts of the label get lid.176's answer",
  cld3: "weight of how often texts of the label get cld3's answer",
  score: "weight of lid.176's probability of the label",
  score_unknown: "in its place for labels that lid.176 does not have",
  distance: "weight of franc's distance beyond the nearest label, times the root of the number of trigrams",
  distance_unknown: "in its place for labels that franc does not know in the script",
  cld3_unknown: "for labels that cld3 does not have",
  letters: "least number of letters for a second opinion",
  accept: "least probability of lid.176 that decides, for labels of which no text was there",
};

function formatRule(rule: Rule): string {
  const lines = RULE_NAMES.map((name) => [name, rule[name], MEANINGS[name]].join("\t"));
  return `${[RULE_COLUMNS.join("\t"), ...lines].join("\n")}\n`;
}

await main();
