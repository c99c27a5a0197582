/**
 * Measures the flags `language` and `personal` on real input, and what flagging takes of a build, and prints tables.
 *
 *     node dist/scripts/measure-flags.js DATA [--most 4000] [--samples]
 *
 * DATA holds the folders wordnet, wikipedia-xml, wikipedia-text, pageviews and captions/web-alts. Of each language with a wordnet `--most`
 * lemmas are drawn. Those that are flagged in the list of their own language are taken for false alarms, though some of them
 * are indeed of another (sotto voce, head shop); so are the most viewed titles of an edition. Hits are lemmas of all other languages
 * that are flagged as entries of the edition: words that both languages have, and near languages, count as missed.
 * `--samples` shows what was flagged.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { type Edition, findEdition, getEdition, listEditions } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { flagEntries } from "../src/entries/flags.ts";
import { countTellingLetters, createLanguageFinder } from "../src/entries/other-language.ts";
import { holdsPersonalData } from "../src/entries/personal.ts";
import { buildEditions } from "../src/pipeline.ts";
import { Problems } from "../src/problems.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { readEntries } from "../src/store/entries.ts";
import { findEditionFiles } from "./edition-inputs.ts";
import { drawTexts } from "./lid-chunks.ts";
import { formatRows } from "./table.ts";

/** Editions whose dumps or texts are large enough to time a build of. */
const BUILT = ["ar", "de", "el", "en", "ja", "ko", "ltg", "so", "vi", "zh"];
/** Foreign lemmas of each other language that are put into a list, as a share of those drawn. */
const FOREIGN = 10;
const SHOWN = 12;
/** Letters from which on hits are counted by themselves. */
const LONG = 12;

/** Lemmas of each language that has a wordnet of its own, by its edition. */
async function readLemmas(data: string, most: number): Promise<Map<Edition, string[]>> {
  const lemmas = new Map<Edition, string[]>();
  for (const [code, { wordnets }] of findEditionFiles(data)) {
    const edition = getEdition(code);
    if (edition.lidGroup !== (code as string)) continue;
    const own = wordnets.filter((path) => /wn-(?:data|wikt)-(...)\./.exec(path)?.[1] === edition.wordnets[0]);
    const texts = new Set<string>();
    for (const path of own) {
      const wordnet = await readWordnet(path, { edition, profile: "corrected", problems: new Problems() });
      for (const lemma of wordnet.lemmas) texts.add(lemma);
    }
    if (texts.size > 0) lemmas.set(edition, drawTexts(texts, most));
  }
  return lemmas;
}

/** The most viewed titles of 2023 of each edition. */
function readTitles(data: string): Map<string, string[]> {
  const table = gunzipSync(readFileSync(join(data, "pageviews/topviews-2023-wikipedia.tsv.gz"))).toString("utf8");
  const titles = new Map<string, string[]>();
  for (const row of table.split("\n").slice(1)) {
    const [project = "", , , , , title = ""] = row.split("\t");
    const edition = findEdition(project.replace(/\.wikipedia$/, ""));
    if (edition === undefined || title === "") continue;
    const own = titles.get(edition.code) ?? [];
    titles.set(edition.code, own);
    own.push(normalize(title.replaceAll("_", " ")));
  }
  return titles;
}

const finder = createLanguageFinder();

async function findForeign(texts: readonly string[], edition: Edition): Promise<string[]> {
  const found: string[] = [];
  await finder.find(texts, edition, (index) => found.push(texts[index]!));
  return found;
}

const percent = (part: number, whole: number) => (whole === 0 ? "–" : ((100 * part) / whole).toFixed(2));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** How many of some texts are flagged; those of many letters once more. */
interface Tally {
  all: number;
  flagged: number;
  long: number;
  longFlagged: number;
}

function add(tally: Tally, texts: readonly string[], flagged: readonly string[]): void {
  const isLong = (text: string) => countTellingLetters(text) >= LONG;
  tally.all += texts.length;
  tally.flagged += flagged.length;
  tally.long += texts.filter(isLong).length;
  tally.longFlagged += flagged.filter(isLong).length;
}

const rateOf = ({ all, flagged }: Tally) => flagged / all;
const longRateOf = ({ long, longFlagged }: Tally) => longFlagged / Math.max(1, long);

async function measureLanguage(lemmas: ReadonlyMap<Edition, string[]>, samples: boolean): Promise<void> {
  const tallies = () =>
    new Map([...lemmas.keys()].map((edition) => [edition, { all: 0, flagged: 0, long: 0, longFlagged: 0 }]));
  const [own, others, elsewhere] = [tallies(), tallies(), tallies()];
  for (const list of lemmas.keys()) {
    for (const [edition, texts] of lemmas) {
      const taken = edition === list ? texts : texts.filter((_, at) => at % FOREIGN === 0);
      const flagged = await findForeign(taken, list);
      if (edition === list) {
        add(own.get(list)!, taken, flagged);
        if (samples && flagged.length > 0) console.log(`${list.code}: ${drawTexts(flagged, SHOWN).join(" · ")}`);
        continue;
      }
      add(others.get(list)!, taken, flagged);
      add(elsewhere.get(edition)!, taken, flagged);
    }
  }
  const columns = [
    ...[...lemmas.keys()].map((edition) => ({
      edition,
      rates: [
        rateOf(own.get(edition)!),
        ...[others, elsewhere].flatMap((counts) => [rateOf(counts.get(edition)!), longRateOf(counts.get(edition)!)]),
      ],
    })),
  ];
  const means = [0, 1, 2, 3, 4].map((at) => mean(columns.map(({ rates }) => rates[at]!)));
  const above = columns.filter(({ rates }) => rates[0]! > 0.005).map(({ edition }) => edition.code);
  console.log(
    formatRows(
      [
        "flagged, %",
        "lemmas",
        "own",
        "others' in its list",
        `${LONG} letters on`,
        "its in others'",
        `${LONG} letters on`,
      ],
      [
        ...columns.map(({ edition, rates }) => [
          ...[edition.code, lemmas.get(edition)!.length],
          ...rates.map((rate) => percent(rate, 1)),
        ]),
        ["mean", "", ...means.map((value) => percent(value, 1))],
      ],
    ),
  );
  console.log(`\nmore than 0.5 % of their own flagged: ${above.length} of ${columns.length} (${above.join(", ")})\n`);
}

async function measureTitles(titles: ReadonlyMap<string, string[]>, samples: boolean): Promise<void> {
  let [all, wrong] = [0, 0];
  const rows: [string, number, number, string][] = [];
  for (const edition of listEditions()) {
    const own = titles.get(edition.code) ?? [];
    const flagged = await findForeign(own, edition);
    all += own.length;
    wrong += flagged.length;
    rows.push([edition.code, own.length, flagged.length, samples ? flagged.slice(0, SHOWN).join(" · ") : ""]);
  }
  const most = rows.sort(([, , a], [, , b]) => b - a).slice(0, samples ? 30 : 6);
  console.log(`most viewed titles: ${all}, language ${wrong} (${percent(wrong, all)} %)`);
  console.log(`${formatRows(["edition", "titles", "language", ""], most)}\n`);
}

/** Counts texts that look like personal data in the lemmas, the titles and alternative texts of web pages. */
function measurePersonal(
  data: string,
  { lemmas, titles }: { readonly lemmas: Iterable<readonly string[]>; readonly titles: Iterable<readonly string[]> },
  samples: boolean,
): void {
  const alts = gunzipSync(readFileSync(join(data, "captions/web-alts/alts.tsv.gz"))).toString("utf8");
  const sets: Readonly<Record<string, readonly string[]>> = {
    lemmas: [...lemmas].flat(),
    titles: [...titles].flat(),
    "alternative texts": alts.split("\n").flatMap((row) => normalize(row.split("\t")[4] ?? "") || []),
  };
  const rows = Object.entries(sets).map(([name, texts]) => {
    const found = texts.filter(holdsPersonalData);
    return { cells: [name, texts.length, found.length], found };
  });
  console.log(
    `${formatRows(
      ["personal", "texts", "flagged"],
      rows.map(({ cells }) => cells),
    )}\n`,
  );
  if (samples) console.log(`${rows.flatMap(({ found }) => drawTexts(found, 50)).join("\n")}\n`);
}

/** Builds an edition, then flags its entries once more with an identifier that has to be loaded, and times both. */
async function timeBuild(code: string, data: string, db: string): Promise<(string | number)[]> {
  const edition = getEdition(code);
  const { dumps = [], texts = [] } = findEditionFiles(data).get(edition.code) ?? {};
  const files = texts.length > 0 ? { dumps: [], texts } : { dumps: dumps.slice(0, 1), texts };
  const begun = performance.now();
  let build = 0;
  for await (const report of buildEditions({
    ...{ db, editions: [edition], ...files, pageviews: [], wordnets: [], profile: "corrected" },
    ...{ threads: 2, memory: 1e9 },
  })) {
    build = report.build;
  }
  const built = (performance.now() - begun) / 1000;
  const store = openDatabase(db, { readonly: true });
  const entries = [...readEntries(store, build)].filter(({ source }) => source !== "number");
  closeDatabase(store);
  const languages = createLanguageFinder();
  const run = async () => {
    const from = performance.now();
    const flagged = [...(await flagEntries(entries, { edition, languages }))];
    return { seconds: (performance.now() - from) / 1000, flagged };
  };
  const { seconds: first } = await run();
  const { seconds, flagged } = await run();
  languages.dispose();
  const count = (flag: string) => flagged.filter(({ flags }) => flags.some((name) => name === flag)).length;
  return [
    ...[code, entries.length, count("language"), count("personal"), built.toFixed(2), first.toFixed(2)],
    ...[seconds.toFixed(2), Math.round(entries.length / seconds)],
  ];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { most: { type: "string", default: "4000" }, samples: { type: "boolean", default: false } },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, "wordnet"))) {
  console.error("give the folder of real input: node dist/scripts/measure-flags.js DATA [--most N] [--samples]");
  process.exitCode = 2;
} else {
  const lemmas = await readLemmas(data, Number(values.most));
  await measureLanguage(lemmas, values.samples);
  const titles = readTitles(data);
  await measureTitles(titles, values.samples);
  measurePersonal(data, { lemmas: lemmas.values(), titles: titles.values() }, values.samples);
  finder.dispose();
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-flags-"));
  const rows: (string | number)[][] = [];
  for (const code of BUILT) rows.push(await timeBuild(code, data, join(folder, "lists.sqlite")));
  rmSync(folder, { recursive: true });
  console.log(
    formatRows(
      ["edition", "entries", "language", "personal", "build s", "flags s, loading", "loaded s", "entries a second"],
      rows,
    ),
  );
}
