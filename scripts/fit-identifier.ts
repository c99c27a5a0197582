/**
 * Fits what `src/lid/identify.ts` tells languages by, and writes it: `lid-ngrams.br`, `lid-evidence.tsv`, `lid-rule.tsv`, and
 * the column `worldmeta` of `lid-labels.tsv`.
 *
 *     node --max-old-space-size=14000 dist/scripts/fit-identifier.js --mediawiki DIR --messages DIR… --articles FILE…
 *         --pageviews FILE [--precision .5] [--out languages]
 *
 * DIR of `--mediawiki` is a folder in which MediaWiki is unpacked (Debian's package mediawiki), those of `--messages` hold
 * messages of other programs (`lid-fitting-texts.ts` says in which forms); files of `--articles` are named after an edition
 * (`so.jsonl`, `sowiki-….jsonl.gz`); `--pageviews` is a table of the most viewed pages with columns project, year, rank and
 * views. None of the texts is in the data that the identifier is measured with (`measure-identify.ts`).
 *
 * 1. The table of n-grams is made of all sentences, at most so many characters of a language.
 * 2. To see how good it is, a second table is made of half of the sentences, and what lid.176 and cld3 answer is counted on
 *    chunks of 5–12 words of them. What follows is measured on chunks of the other half.
 * 3. A label is a candidate if an edition or cld3 names it, or a million people speak the language, and 20 texts are there.
 *    A label of cld3's without texts counts where cld3 is so sure that one text in 10,000 of other languages gets it.
 * 4. The prior of a label is how often its edition's most viewed pages are read.
 * 5. The weights are those under which the true labels are most probable (gradient descent), on texts of at least 20
 *    letters; a language counts the more the more it is read.
 * 6. `take` of a label are the least odds from which answers that go against lid.176's are right more often than not, each
 *    text counting by the root of the prior of its language. A label that lid.176 does not have and that does not reach this
 *    for a tenth of its texts is left out, and the rest is measured again.
 * 7. `accept` of a label of lid.176 is the probability below which asking the others gains; `words` is by how much whole words
 *    must fit its label better than others, 0 being as well, for nobody else to be asked.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import {
  getEdition,
  groupOfLabel,
  type LabelScheme,
  type LidGroup,
  labelsOfGroup,
  OTHER,
  scriptsOfGroup,
  tablePath,
} from "../languages/index.ts";
import {
  BINS,
  binOf,
  type Evidence,
  formatEvidence,
  type Grounds,
  type Opinion,
  RULE_COLUMNS,
  RULE_NAMES,
  type Rule,
} from "../src/lid/evidence.ts";
import { readFastTextModel } from "../src/lid/fasttext-model.ts";
import { labelsOfIdentifier } from "../src/lid/identify.ts";
import { createNgramScorer, formatNgrams } from "../src/lid/ngrams.ts";
import { type Advisers, cleanText, loadAdvisers, type Opinions } from "../src/lid/opinions.ts";
import { mainScriptOf, type Script } from "../src/lid/scripts.ts";
import {
  type Candidates,
  createWeigher,
  FEATURES,
  featuresOf,
  leadOf,
  listCandidates,
  measureRows,
} from "../src/lid/weigh.ts";
import { packageFolder } from "../src/package-folder.ts";
import { CLD3_LANGUAGES } from "./cld3-languages.ts";
import { drawTexts, hashText } from "./lid-chunks.ts";
import { cutSentences, type FittingInputs, type FittingText, readSentences, type Source } from "./lid-fitting-texts.ts";
import { makeNgramTable } from "./lid-ngram-table.ts";
import { formatRows } from "./table.ts";

const LEAST_TEXTS = 20;
/** Characters of a language that n-grams are counted in. */
const MOST_CHARACTERS = 300_000;
/** How much more a language counts the more it is read: for the weights, and for thresholds. */
const FIT_POWER = 0.3;
const WEB_POWER = 0.5;
/** Views of an edition that is not in the table. */
const LEAST_VIEWS = 20_000;
const LEAST_TRAINING_LETTERS = 20;
const LEAST_HITS = 8;
/** A label must be more probable than lid.176's to be taken. */
const LEAST_TAKE = 0.5;
const LEAST_RECALL = 0.1;
/** What asking the others must gain, as a share of the texts that are asked about. */
const COST_OF_ASKING = 0.05;
/** What may be lost where whole words alone confirm lid.176's label, as a share of these texts. */
const MOST_LOST = 0.002;
/** Of texts with fewer letters outside words with a capital lid.176's label stands: two short words. */
const LEAST_LETTERS = 10;
/** Share of texts in other languages that may get a label that cld3 alone has. */
const MOST_OTHERS = 1e-4;
/** Languages of no edition are told apart if so many people speak them. */
const LEAST_SPEAKERS = 1_000_000;
const NEVER = 2;

/** A text, what the three say of it, and of which label it is. */
interface Sample {
  readonly source: Source;
  readonly label: string;
  readonly opinions: Opinions;
  /** lid.176's answer on the text as it stands. */
  readonly first: { readonly label: string; readonly probability: number };
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
  /** Whether the n-grams fit lid.176's label best. */
  readonly agrees: boolean;
  /** By how much the whole words fit it better than any other. */
  readonly wordsLead: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mediawiki: { type: "string" },
      messages: { type: "string", multiple: true, default: [] },
      articles: { type: "string", multiple: true, default: [] },
      pageviews: { type: "string" },
      precision: { type: "string", default: "0.5" },
      out: { type: "string", default: join(packageFolder(), "languages") },
    },
  });
  const { mediawiki, messages, articles, pageviews } = values;
  if (mediawiki === undefined || pageviews === undefined) throw new Error("--mediawiki and --pageviews are needed");
  const sentences = await groupSentences({ mediawiki, messages, articles });
  const table = makeNgramTable(chooseTexts(sentences, () => true));
  console.log(`${table.labels.length} labels, ${table.buckets.length} n-grams, ${table.weights.length} weights`);

  const isCounted = ({ half }: FittingText) => half === 1;
  const ngrams = createNgramScorer(makeNgramTable(chooseTexts(sentences, isCounted)));
  const advisers = await loadAdvisers(readFastTextModel(), ngrams);
  const all = [...sentences.values()].flat();
  const counted = askAll(cutSentences(all.filter(isCounted)), advisers);
  const measured = askAll(cutSentences(all.filter((sentence) => !isCounted(sentence))), advisers);
  console.log(describeSamples([...counted, ...measured]));
  const views = readViews(pageviews);
  const weights = fitAll(counted, measured, views, advisers);
  const fitted = fitThresholds(weights, Number(values.precision));
  const { rule, evidence } = fitted;
  writeFileSync(join(values.out, "lid-ngrams.br"), formatNgrams(table));
  writeFileSync(join(values.out, "lid-evidence.tsv"), formatEvidence(evidence));
  writeFileSync(join(values.out, "lid-rule.tsv"), formatRule(rule));
  writeFileSync(join(values.out, "lid-labels.tsv"), listLabels(fitted));
  console.log(formatRule(rule));
  advisers.dispose();
}

/** `lid-labels.tsv` with all labels that the identifier gives in the column `worldmeta`, and no others. */
function listLabels(grounds: Grounds): string {
  const [head = "", ...lines] = readFileSync(tablePath("lid-labels.tsv"), "utf8").trimEnd().split("\n");
  const own = head.split("\t").indexOf("worldmeta");
  const rows = new Map(lines.map((line) => [line.split("\t")[0]!.toLowerCase(), line.split("\t")]));
  for (const row of rows.values()) row[own] = "";
  for (const label of labelsOfIdentifier(grounds)) {
    const group = LABEL_SCHEMES.map((scheme) => groupOfLabel(label, scheme)).find(
      (one) => one !== undefined && one !== OTHER,
    );
    const row = rows.get(label.toLowerCase()) ?? head.split("\t").map((_, at) => (at === 0 ? label : ""));
    row[own] = group ?? OTHER;
    rows.set(label.toLowerCase(), row);
  }
  const used = [...rows].filter(([, row]) => row.slice(1, own + 1).some((cell) => cell !== ""));
  return `${[head, ...used.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row.join("\t"))].join("\n")}\n`;
}

const LABEL_SCHEMES = ["lid.176", "edition", "iso639-3"] as const satisfies readonly LabelScheme[];

/** Sentences by label. */
async function groupSentences(inputs: FittingInputs): Promise<Map<string, FittingText[]>> {
  const groups = new Map<string, FittingText[]>();
  for await (const sentence of readSentences(inputs)) {
    const label = labelOfName(sentence.name);
    if (label === undefined) continue;
    const of = groups.get(label) ?? [];
    groups.set(label, of);
    of.push(sentence);
  }
  for (const [label, of] of groups) {
    if (of.length < LEAST_TEXTS) groups.delete(label);
    else scriptsOfOthers.set(label, findScripts(of));
  }
  return groups;
}

/** Of each label texts that n-grams are counted in: those with the smallest hashes. */
function chooseTexts(
  sentences: ReadonlyMap<string, readonly FittingText[]>,
  isChosen: (sentence: FittingText) => boolean,
): Map<string, string[]> {
  const chosen = new Map<string, string[]>();
  for (const [label, of] of sentences) {
    const scripts = scriptsOf(label);
    const texts: string[] = [];
    let characters = 0;
    const all = of.filter(isChosen).map(({ text }) => text);
    for (const text of drawTexts(all, all.length)) {
      const main = mainScriptOf(text)?.script;
      if (main === undefined || !scripts.includes(main)) continue;
      texts.push(cleanText(text));
      characters += text.length;
      if (characters >= MOST_CHARACTERS) break;
    }
    if (texts.length > 0) chosen.set(label, texts);
  }
  return chosen;
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
  for (const { source, name, text } of texts) {
    const label = labelOfName(name);
    const key = `${label}\t${text}`;
    if (label === undefined || seen.has(key)) continue;
    seen.add(key);
    const glance = advisers.glance(text);
    if (glance === undefined || !scriptsOf(label).includes(glance.main.script)) continue;
    const opinions = advisers.ask(advisers.hear(advisers.read(glance)));
    const first = advisers.fasttext.predict(text);
    const ngrams = { ...opinions.ngrams, sums: opinions.ngrams.sums.slice() };
    const said = { ...opinions, ngrams };
    samples.push({ source, label, opinions: said, first, weight: 0, web: 0 });
  }
  return samples;
}

/** The label of a language as a source names it; undefined for scripts and dialects that no edition has. */
function labelOfName(name: string): string | undefined {
  // The declarations under it are in Hmong of China, which is written otherwise.
  if (name === "hmn") return undefined;
  const group = groupOfLabel(name, "edition");
  const label = labelOf(name.toLowerCase());
  if (group !== undefined && group !== OTHER) return label;
  return CLD3_LABELS.has(label) || speakersOf(name) >= LEAST_SPEAKERS ? label : undefined;
}

/** The label of the scheme `worldmeta` for a name of an edition, or the name itself where no edition has it. */
function labelOf(name: string): string {
  const group = groupOfLabel(name, "edition");
  if (group === undefined || group === OTHER) return name;
  return labelsOfGroup(group, "lid.176")[0] ?? codeOf(group);
}

/** Of groups whose tag has two letters and which several codes of ISO 639-3 lead to, the one of the whole language. */
const CODES: Readonly<Record<string, string>> = { ay: "aym", ff: "ful", kg: "kon", mi: "mri", tw: "twi" };

/** The code of ISO 639-3 for an edition's language, or the edition's own where it has none. */
function codeOf(group: LidGroup): string {
  const { tag } = getEdition(group);
  if (/^[a-z]{3}$/.test(tag)) return tag;
  const codes = labelsOfGroup(group, "iso639-3");
  return CODES[group] ?? codes.find((code) => Intl.getCanonicalLocales(code)[0] === tag) ?? group;
}

/** Labels of cld3's languages. */
const CLD3_LABELS = new Set(CLD3_LANGUAGES.filter((code) => !code.includes("-")).map((code) => labelOf(code)));

/** How many people speak a language, by the populations of CLDR's territories and what part of them speak it. */
function speakersOf(language: string): number {
  if (speakers.size > 0) return speakers.get(language) ?? 0;
  const path = createRequire(import.meta.url).resolve("cldr-core/supplemental/territoryInfo.json");
  const { territoryInfo } = JSON.parse(readFileSync(path, "utf8")).supplemental as {
    readonly territoryInfo: Record<string, Territory>;
  };
  for (const { _population, languagePopulation = {} } of Object.values(territoryInfo)) {
    for (const [name, { _populationPercent }] of Object.entries(languagePopulation)) {
      const more = (Number(_population) * Number(_populationPercent)) / 100;
      speakers.set(name, (speakers.get(name) ?? 0) + more);
    }
  }
  return speakers.get(language) ?? 0;
}

interface Territory {
  readonly _population: string;
  readonly languagePopulation?: Readonly<Record<string, { readonly _populationPercent: string }>>;
}

const speakers = new Map<string, number>();

/** Scripts of the label's edition; of languages without one those that its sentences are in. */
function scriptsOf(label: string): readonly string[] {
  const group = groupOfLabel(label, "lid.176") ?? groupOfLabel(label, "edition");
  return group === undefined || group === OTHER ? (scriptsOfOthers.get(label) ?? ["latn"]) : scriptsOfGroup(group);
}

const scriptsOfOthers = new Map<string, readonly string[]>();

/** Scripts of at least a fifth of the first sentences. */
function findScripts(sentences: readonly FittingText[]): readonly string[] {
  const some = sentences.slice(0, 300).flatMap(({ text }) => mainScriptOf(text)?.script ?? []);
  return [...new Set(some)].filter((script) => some.filter((one) => one === script).length * 5 >= some.length);
}

/** Views by label. */
function readViews(path: string): Map<string, number> {
  const views = new Map<string, number>();
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  for (const line of text.split("\n").slice(1)) {
    const [project = "", , , count] = line.split("\t");
    const code = project.replace(/\.wikipedia$/, "").replaceAll("-", "_");
    if (groupOfLabel(code, "edition") === undefined) continue;
    const label = labelOf(code);
    views.set(label, (views.get(label) ?? 0) + Number(count));
  }
  return views;
}

/** Labels in the order of their numbers. */
interface Labels {
  readonly lid: readonly string[];
  readonly ngrams: readonly string[];
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
function fitAll(
  counted: readonly Sample[],
  measured: readonly Sample[],
  views: ReadonlyMap<string, number>,
  advisers: Advisers,
): Weights {
  const labels = { lid: advisers.fasttext.labels, ngrams: advisers.ngramLabels };
  const samples = [...counted, ...measured];
  const evidence = makeEvidence(samples, views, labels);
  const known = new Set(evidence.map(({ label }) => label));
  const total = evidence.reduce((sum, { prior }) => sum + prior, 0);
  const texts = new Map<string, number>();
  for (const { label } of measured) texts.set(label, (texts.get(label) ?? 0) + 1);
  for (const sample of measured.filter(({ label }) => known.has(label))) {
    const read = priorOf(sample.label, views);
    sample.weight = read ** FIT_POWER / texts.get(sample.label)!;
    sample.web = read ** WEB_POWER / texts.get(sample.label)!;
  }
  const rows = evidence.map((row) => ({ ...row, prior: row.prior / total }));
  const places = new Map(rows.map(({ label }, at) => [label, at]));
  const panels = createPanels(countAnswers(rows, counted), labels, places);
  const panelOf: PanelOf = ({ opinions }) => panels(opinions.main.script);
  const rule = fitWeights(measured, panelOf);
  console.log(FEATURES.map((name) => `${name} ${rule[name].toFixed(2)}`).join("  "));
  const scored = measured.map((sample) => scoreSample(sample, panelOf(sample), rule, advisers));
  return { rule, scored, rows, counted: countAnswers(rows, samples) };
}

/** Candidates of a script, and the place of each among all rows. */
interface Panel {
  readonly candidates: Candidates;
  readonly places: readonly number[];
  /** What weighs them by a rule, once there is one. */
  weigh?: ReturnType<typeof createWeigher>;
}

type PanelOf = (sample: Sample) => Panel;

function createPanels(
  rows: readonly Evidence[],
  labels: Labels,
  places: ReadonlyMap<string, number>,
): (script: Script) => Panel {
  const panels = new Map<Script, Panel>();
  return (script) => {
    const before = panels.get(script);
    if (before !== undefined) return before;
    const candidates = listCandidates(rows, script, labels.lid, labels.ngrams);
    const panel = { candidates, places: candidates.rows.map(({ label }) => places.get(label)!) };
    panels.set(script, panel);
    return panel;
  };
}

/** The rows with the probabilities from which answers count, without those that never do. */
function fitThresholds({ rule, scored, rows, counted }: Weights, precision: number): Fitted {
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
    return take > 1 && !row.knows.has("fasttext") ? [] : [{ ...row, take, accept }];
  });
  const doubted = scored.filter(({ sample }) => sample.first.probability < (accepts.get(sample.first.label) ?? NEVER));
  return { rule: { ...rule, words: fitWords(doubted, rows, takes) }, evidence: kept };
}

function priorOf(label: string, views: ReadonlyMap<string, number>): number {
  return Math.max(LEAST_VIEWS, views.get(label) ?? 0);
}

/** Rows of the labels that are candidates, without counts. */
function makeEvidence(
  samples: readonly Sample[],
  views: ReadonlyMap<string, number>,
  { lid, ngrams }: Labels,
): Evidence[] {
  const texts = new Map<string, number>([...CLD3_LABELS].map((label) => [label, 0]));
  for (const { label } of samples) texts.set(label, (texts.get(label) ?? 0) + 1);
  const rows: Evidence[] = [];
  for (const [label, count] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (count > 0 && count < LEAST_TEXTS) continue;
    const knows = new Set<Opinion>();
    if (lid.includes(label)) knows.add("fasttext");
    if (CLD3_LABELS.has(label)) knows.add("cld3");
    if (ngrams.includes(label)) knows.add("ngrams");
    const scripts = scriptsOf(label).filter((script) => script !== "hrkt");
    const counts = { texts: 0, fasttext: new Map(), cld3: new Map() };
    rows.push({ label, scripts, knows, prior: priorOf(label, views), accept: undefined, take: 0, ...counts });
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

/** Weights under which the true labels are most probable: Adam, in batches, three times through the texts. */
function fitWeights(samples: readonly Sample[], panelOf: PanelOf): Rule {
  const weights = new Float64Array([0.15, 0.15, 0.15, -1, 0.4, 0.5, 0]);
  const rates = FEATURES.map((name) => (name === "ngrams" ? 0.05 : 0.02));
  const order = samples
    .filter(({ opinions, weight }) => opinions.letters >= LEAST_TRAINING_LETTERS && weight > 0)
    .map((sample) => [hashText(sample.opinions.cleaned), sample] as const)
    .sort(([a], [b]) => a - b)
    .map(([, sample]) => sample);
  const mean = order.reduce((sum, { weight }) => sum + weight, 0) / order.length;
  const moment = new Float64Array(FEATURES.length);
  const spread = new Float64Array(FEATURES.length);
  const features = new Float64Array(FEATURES.length);
  let step = 0;
  for (let round = 0; round < 3; round++) {
    for (let from = 0; from < order.length; from += 400) {
      const gradient = new Float64Array(FEATURES.length);
      let sum = 0;
      for (const sample of order.slice(from, from + 400)) {
        const { candidates } = panelOf(sample);
        const { rows } = candidates;
        if (rows.length < 2) continue;
        const distances = measureRows(sample.opinions, candidates);
        const all = rows.map((_, at) => {
          featuresOf(candidates, at, sample.opinions, distances, features);
          return Float64Array.from(features);
        });
        const scores = all.map((own) => dot(own, weights));
        const most = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - most));
        const total = shares.reduce((a, b) => a + b, 0);
        const weight = Math.min(20, sample.weight / mean);
        sum += weight;
        for (const [at, own] of all.entries()) {
          const error = weight * (shares[at]! / total - (rows[at]!.label === sample.label ? 1 : 0));
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
  return { words: Number.POSITIVE_INFINITY, letters: LEAST_LETTERS, accept: 0.5, ...rule } as unknown as Rule;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function scoreSample(sample: Sample, panel: Panel, rule: Rule, advisers: Advisers): Scored {
  panel.weigh ??= createWeigher(panel.candidates, rule);
  const scores = panel.weigh(sample.opinions);
  const most = Math.max(...scores);
  const { label } = sample.first;
  const wordsLead = leadOf(panel.candidates, advisers.skim(sample.opinions), label);
  const agrees = leadOf(panel.candidates, sample.opinions.ngrams, label) >= 0;
  const shares = scores.map((score) => Math.exp(score - most));
  return { sample, candidates: panel.places, shares, agrees, wordsLead };
}

/** The most probable candidate among those that are open to the text, and how probable it is if it or lid.176's label is right. */
function decide({ sample, candidates, shares, agrees }: Scored, rows: readonly Evidence[], closed: readonly boolean[]) {
  if (agrees) return { at: candidates.find((at) => rows[at]!.label === sample.first.label)!, odds: 1 };
  let [best, most, own] = [-1, 0, 0];
  for (const [place, at] of candidates.entries()) {
    const { label } = rows[at]!;
    if (closed[at] && label !== sample.first.label && label !== sample.opinions.fasttext) continue;
    const share = shares[place]!;
    if (label === sample.first.label) own = share;
    if (share <= most) continue;
    most = share;
    best = at;
  }
  return { at: best, odds: most / (most + own) };
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
      const { at, odds } = decide(one, rows, closed);
      if (at < 0 || rows[at]!.label === one.sample.first.label) continue;
      changes[at]!.push({ odds, right: rows[at]!.label === one.sample.label, weight: one.sample.web });
    }
    const takes = rows.map(({ label, knows }, at) => {
      if (!texts.has(label)) return knows.has("ngrams") ? NEVER : fitTakeOfCld3(label, scored);
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

/** Where no text of a language was there: cld3's least probability from which few texts of others get its label. */
function fitTakeOfCld3(label: string, scored: readonly Scored[]): number {
  const others = scored.filter(({ sample }) => sample.opinions.cld3 === label);
  const sure = BINS.cld3.find(
    (least) =>
      others.filter(({ sample }) => sample.opinions.cld3Probability >= least).length <= MOST_OTHERS * scored.length,
  );
  return sure ?? NEVER;
}

/** A text on which a label takes the place of lid.176's. */
interface Change {
  readonly odds: number;
  readonly right: boolean;
  readonly weight: number;
}

/** The least odds from which changes are precise. */
function fitTake(changes: Change[], precision: number, leastHits: number): number {
  let [right, all, hits, take] = [0, 0, 0, NEVER];
  for (const change of changes.sort((a, b) => b.odds - a.odds)) {
    all += change.weight;
    if (change.right) {
      right += change.weight;
      hits++;
    }
    if (hits >= leastHits && right / all >= precision) take = Math.max(LEAST_TAKE, change.odds);
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
    const gain = gainOf(one, rows, takes, closed);
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

/**
 * The least lead of whole words for lid.176's label from which asking no more loses next to nothing: of all texts with such a
 * lead together, right ones less those that would be wrong.
 */
function fitWords(doubted: readonly Scored[], rows: readonly Evidence[], takes: readonly number[]): number {
  const closed = takes.map((take) => take > 1);
  const fitting = doubted
    .filter(({ sample, wordsLead }) => sample.opinions.letters >= LEAST_LETTERS && Number.isFinite(wordsLead))
    .sort((a, b) => b.wordsLead - a.wordsLead);
  let [lost, all, least, share] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (const [place, one] of fitting.entries()) {
    lost += gainOf(one, rows, takes, closed);
    all += one.sample.web;
    // Texts of one lead stand or fall together.
    if (lost > MOST_LOST * all || fitting[place + 1]?.wordsLead === one.wordsLead) continue;
    least = one.wordsLead;
    share = (place + 1) / doubted.length;
  }
  if (!Number.isFinite(least)) throw new Error("whole words decide nothing without loss");
  console.log(`whole words settle ${(100 * share).toFixed(1)} % of the texts that lid.176 is not sure of`);
  return Math.ceil(least * 10) / 10;
}

/** What a text gains, by its weight, if the others are asked. */
function gainOf(one: Scored, rows: readonly Evidence[], takes: readonly number[], closed: readonly boolean[]): number {
  const { sample } = one;
  const { at, odds } = decide(one, rows, closed);
  const taken = at >= 0 && odds >= takes[at]! ? rows[at]!.label : sample.first.label;
  return sample.web * (Number(taken === sample.label) - Number(sample.first.label === sample.label));
}

const MEANINGS: Readonly<Record<(typeof RULE_NAMES)[number], string>> = {
  fasttext: "weight of how often texts of the label get lid.176's answer",
  cld3: "weight of how often texts of the label get cld3's answer",
  score: "weight of lid.176's probability of the label",
  score_unknown: "in its place for labels that lid.176 does not have",
  ngrams: "weight of how much worse the n-grams fit than those of the best label, by the root of their number",
  prior: "weight of the logarithm of how often its edition is read",
  cld3_unknown: "for labels that cld3 does not have",
  words: "lead of whole words for lid.176's label over all others, by the root of their number, from which it stands",
  letters: "least number of letters for a second opinion",
  accept: "least probability of lid.176 that decides, for labels of which no text was there",
};

function formatRule(rule: Rule): string {
  const lines = RULE_NAMES.map((name) => [name, rule[name], MEANINGS[name]].join("\t"));
  return `${[RULE_COLUMNS.join("\t"), ...lines].join("\n")}\n`;
}

await main();
