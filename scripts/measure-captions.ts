/**
 * Takes the captions of a folder of real input the whole way in both profiles: builds the lists of their languages from
 * what the folder has, counts, sets thresholds (6 % tail), exports for the published curator and as tables, writes the
 * report and the pairs that stay, and verifies what it wrote. Between, it shows captions that only one of the two profiles matches.
 *
 *     node dist/scripts/measure-captions.js DATA [--languages en,de,…] [--samples 0] [--rounds 3] [--dir DIR] [--threads N]
 *
 * DATA holds the folders captions, wikipedia-xml, wikipedia-text, wordnet and pageviews. `--languages` are LID groups;
 * all that captions name if not given. With `--dir` the database and all that is written stay there, and what is done
 * is not done again. Repeats are kept, so that figures can be checked caption by caption. Ends with status 1 if an export is not as it was written, if the counts of a pool are not those of the
 * matchers in this process, or if the pairs that stay are more or fewer than chance allows.
 *
 * `count` and `curate` are timed `--rounds` times on all files, one after the other and each first in turn: rates are
 * medians, with reading, compiling of lists and all that is written, and ratios are of the two in one round, by the clock and
 * by the time of all processors together, which others' use of the machine hardly changes.
 *
 * `--samples N` shows, drawn by hash and N of each kind: by script and profile the captions that it alone matches, with the
 * entries (`*`: not in the other's list); those in which it alone finds an entry that both lists hold, by what stands
 * beside the entry; and file names, slugs, dates and sizes that `corrected` matches. Captions without a language, and
 * of languages that nothing can be built for, meet no list; their number is told.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { editionsOfGroup, groupOfLabel, OTHER } from "../languages/index.ts";
import type { CuratedSize } from "../src/balancing/curated-size.ts";
import type { GroupThreshold } from "../src/balancing/threshold.ts";
import { listsOfPools } from "../src/curation/curator-lists.ts";
import { listsCounted } from "../src/curation/lists-to-export.ts";
import { type SolvedList, setPoolThresholds } from "../src/curation/thresholds.ts";
import { countPool } from "../src/engine/count-pool.ts";
import { curatePool } from "../src/engine/curate-pool.ts";
import { UserError } from "../src/errors.ts";
import { type CurationFigures, sumFigures } from "../src/export/curated.ts";
import { exportLists } from "../src/export/lists.ts";
import { exportMetaclip } from "../src/export/metaclip.ts";
import { verifyFolder } from "../src/export/verify.ts";
import { packageVersion, RECIPE_VERSION } from "../src/fingerprint.ts";
import { formatNumber } from "../src/numbers.ts";
import { buildEditions } from "../src/pipeline.ts";
import type { ProfileName } from "../src/profile.ts";
import { loadReport } from "../src/report/load-report.ts";
import { writeReport } from "../src/report/write-report.ts";
import { closeDatabase, type Database, openDatabase } from "../src/store/database.ts";
import { listsOfPool, type PoolList } from "../src/store/pool-counts.ts";
import { type CaptionFiles, findCaptions, NO_LABEL, readCaptions } from "./caption-files.ts";
import {
  compareGroup,
  createDraws,
  type Draws,
  openList,
  printDraws,
  printReasons,
  printRejects,
  SIDES,
  type Side,
} from "./compare-captions.ts";
import { convertTopViews, type EditionFiles, findEditionFiles } from "./edition-inputs.ts";
import { median } from "./median.ts";
import { formatRows } from "./table.ts";

const PROFILES = ["reference", "corrected"] as const satisfies readonly ProfileName[];
const POOL = "captions";
const TAIL_RATIO = 0.06;
const MEMORY = 1e9;
const SEED = 0;
/** Entries in a report's table of those with most matches. */
const TOP = 50;
/** Groups with fewer captions than this have no row of their own in the table of what stays. */
const LEAST_CAPTIONS = 100;
/** Standard deviations by which what stays may be off what is expected. */
const MOST_DEVIATIONS = 5;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

interface BuildContext {
  readonly db: string;
  readonly files: ReadonlyMap<string, EditionFiles>;
  readonly pageviews: string;
  readonly threads: number;
}

/** Builds the lists of a group in both profiles; why there is none, if nothing could be built. */
async function buildGroup(group: string, { db, files, pageviews, threads }: BuildContext): Promise<string | undefined> {
  const reasons: string[] = [];
  let built = 0;
  for (const edition of editionsOfGroup(group)) {
    const own = files.get(edition.code) ?? { dumps: [], texts: [], wordnets: [] };
    try {
      for (const profile of PROFILES) {
        const sources = { ...own, pageviews: [pageviews] };
        for await (const _ of buildEditions({
          ...{ db, editions: [edition], ...sources, profile, threads, memory: MEMORY },
        }));
      }
      built++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reasons.push(`${edition.code}: ${error.message}`);
    }
  }
  return built > 0 ? undefined : reasons.join("; ") || "no edition";
}

/** The current list of each group that was counted. */
function currentLists(db: Database, profile: ProfileName): ReadonlyMap<string, PoolList> {
  const lists = listsOfPool(db, POOL).filter(({ list, current }) => current && list.profile === profile);
  return new Map(lists.map((counted) => [counted.list.group, counted]));
}

/** Why a ratio is out of reach, in a word. */
function sayReach({ outOfReach }: GroupThreshold): string {
  return outOfReach?.kind.replaceAll("-", " ") ?? "";
}

/** Where the files are counted and curated, and how. */
interface PoolWork {
  readonly db: string;
  readonly profile: ProfileName;
  readonly threads: number;
}

/** Counts all files into a pool; how many captions of those that were not counted before. */
async function countAll(
  kinds: readonly CaptionFiles[],
  { db, pool, profile, threads }: PoolWork & { readonly pool: string },
): Promise<number> {
  let texts = 0;
  for (const { paths, names, fields, format, lang } of kinds) {
    await countPool({
      ...{ db, name: pool, paths, names, fields, format, scheme: "edition", lang: lang ?? NO_LABEL, profile, threads },
      ...{ memory: MEMORY, repeats: "kept", onFile: (report) => (texts += report.fresh ? 0 : report.texts) },
    });
  }
  return texts;
}

/** What `curate` made of all files. */
interface Curation {
  readonly figures: Omit<CurationFigures, "problems">;
  /** Bytes and number of parts. */
  readonly bytes: number;
  readonly parts: number;
}

/** Writes the pairs of all files that stay, a folder for each kind. */
async function curateAll(
  kinds: readonly CaptionFiles[],
  { db, profile, threads, directory }: PoolWork & { readonly directory: string },
): Promise<Curation> {
  const figures: CurationFigures[] = [];
  let bytes = 0;
  let parts = 0;
  for (const [index, { paths, names, fields, format, lang }] of kinds.entries()) {
    const folder = join(directory, String(index));
    const { manifest } = await curatePool({
      ...{ db, pools: [POOL], groups: [], paths, names, fields, format, lang: lang ?? NO_LABEL, profile, seed: SEED },
      ...{ output: "parquet", directory: folder, repeats: "kept", threads, memory: MEMORY },
    });
    figures.push(manifest.figures);
    bytes += manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    parts += manifest.files.length;
  }
  return { figures: sumFigures(figures), bytes, parts };
}

/** Sets the thresholds of all lists of a profile; by group. */
function setThresholds(db: Database, profile: ProfileName): ReadonlyMap<string, SolvedList> {
  const { solved } = setPoolThresholds(db, { pools: [POOL], groups: [], profile, tailRatio: TAIL_RATIO });
  return new Map(solved.map((list) => [list.pooled.list.group, list]));
}

/** Exports a profile's lists, for the curator and as tables, and verifies what was written; true if nothing is wrong. */
async function exportAll(db: Database, folder: string, profile: ProfileName): Promise<boolean> {
  const selection = { pools: [POOL], groups: [], profile };
  const versions = { worldmeta: packageVersion(), recipe: String(RECIPE_VERSION) };
  const curator = join(folder, `export-${profile}`);
  await exportMetaclip({ ...listsOfPools(db, selection), directory: curator, profile, versions });
  const tables = join(folder, `tables-${profile}`);
  const { lists, pools } = listsCounted(db, selection);
  await exportLists({ kind: "group", format: "parquet", lists, directory: tables, profile, versions, pools });
  const isRight = [await isSound(curator, profile), await isSound(tables, profile)];
  return isRight.every(Boolean);
}

/** Says what is in a folder and whether it is as it was written. */
async function isSound(directory: string, profile: ProfileName): Promise<boolean> {
  const { files, lists, faults } = await verifyFolder(directory);
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const bytes = names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const found = faults.length === 0 ? "verify finds nothing wrong" : `verify finds: ${faults.join("; ")}`;
  console.log(
    `${profile}: ${basename(directory)}: ${files} files of ${lists} lists, ${formatNumber(bytes)} bytes; ${found}`,
  );
  return faults.length === 0;
}

/** Writes a profile's report of all groups. */
async function reportAll(db: Database, directory: string, profile: ProfileName): Promise<void> {
  const started = performance.now();
  const report = loadReport(db, { pools: [POOL], groups: [], profile, top: TOP });
  const files = await writeReport(report, { directory, version: packageVersion() });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${profile}: ${basename(directory)}: ${files.length} files of ${report.groups.length} groups, ${formatNumber(bytes)} bytes, ` +
      `in ${seconds} s`,
  );
}

interface RunOptions {
  readonly data: string;
  readonly folder: string;
  readonly languages: readonly string[] | undefined;
  readonly samples: number;
  readonly rounds: number;
  readonly threads: number;
}

async function measure({ data, folder, languages, samples, rounds, threads }: RunOptions): Promise<boolean> {
  const db = join(folder, "captions.sqlite");
  const isWanted = (group: string) => languages === undefined || languages.includes(group);
  const kinds = findCaptions(data, folder).filter(
    ({ lang }) => lang === undefined || isWanted(groupOfLabel(lang, "edition") ?? OTHER),
  );
  const captions = await readCaptions(kinds);
  const groups = [...captions.keys()].filter((group) => group !== OTHER && isWanted(group)).sort();

  const context = { db, files: findEditionFiles(data), pageviews: convertTopViews(data, folder), threads };
  const started = performance.now();
  for (const group of groups) {
    const reason = await buildGroup(group, context);
    if (reason !== undefined) console.log(`no list of ${group}: ${reason}`);
  }
  console.log(`lists of ${groups.length} languages in ${((performance.now() - started) / 1000).toFixed(1)} s`);

  for (const profile of PROFILES) {
    const texts = await countAll(kinds, { db, pool: POOL, profile, threads });
    if (texts === 0) console.log(`${profile}: all captions were counted before`);
    else console.log(`${profile}: ${formatNumber(texts)} captions counted`);
  }

  const thresholds = new Map<Side, ReadonlyMap<string, SolvedList>>();
  let isRight = true;
  const store = openDatabase(db);
  try {
    for (const side of ["first", "second"] as const) {
      const profile = SIDES[side];
      thresholds.set(side, setThresholds(store, profile));
      isRight = (await exportAll(store, folder, profile)) && isRight;
      await reportAll(store, join(folder, `report-${profile}`), profile);
    }
    isRight = printComparison(store, { captions, thresholds, samples, isWanted }) && isRight;
  } finally {
    closeDatabase(store);
  }
  for (const side of ["first", "second"] as const) {
    const profile = SIDES[side];
    const directory = join(folder, `curated-${profile}`);
    const curation = await curateAll(kinds, { db, profile, threads, directory });
    for (const kind of kinds.keys()) {
      const { faults } = await verifyFolder(join(directory, String(kind)));
      for (const fault of faults) console.log(`${profile}: ${directory}: ${fault}`);
      isRight &&= faults.length === 0;
    }
    isRight = printCuration(curation, profile, thresholds.get(side)!) && isRight;
  }
  if (rounds > 0) await measureRates(kinds, { db, folder, threads, rounds });
  return isRight;
}

interface ComparisonOptions {
  readonly captions: ReadonlyMap<string, readonly string[]>;
  readonly thresholds: ReadonlyMap<Side, ReadonlyMap<string, SolvedList>>;
  readonly samples: number;
  isWanted(group: string): boolean;
}

/** Prints what both profiles match, and their thresholds; true if pool and matchers agree. */
function printComparison(store: Database, { captions, thresholds, samples, isWanted }: ComparisonOptions): boolean {
  let isRight = true;
  const counted = { first: currentLists(store, SIDES.first), second: currentLists(store, SIDES.second) };
  const draws = createDraws(samples);
  const matching: (string | number)[][] = [];
  const balance: (string | number)[][] = [];
  const sum = { captions: 0, first: 0, second: 0, onlyFirst: 0, onlySecond: 0 };
  const byCaptions = [...counted.second].sort(([, a], [, b]) => b.texts - a.texts);
  for (const [group, second] of byCaptions) {
    const first = counted.first.get(group);
    const texts = captions.get(group) ?? [];
    if (first === undefined) continue;
    const lists = { first: openList(store, first.list), second: openList(store, second.list) };
    const { matched, only } = compareGroup(texts, { group, lists, draws });
    if (group === "en") printRejects(lists);
    if (matched.first !== first.matched || matched.second !== second.matched || second.texts !== texts.length) {
      console.log(
        `${group}: the pool has ${first.matched} and ${second.matched} matched of ${second.texts} captions, `,
      );
      console.log(`    the matchers here ${matched.first} and ${matched.second} of ${texts.length}`);
      isRight = false;
    }
    sum.captions += texts.length;
    sum.first += matched.first;
    sum.second += matched.second;
    sum.onlyFirst += only.first;
    sum.onlySecond += only.second;
    matching.push([
      ...[group, formatNumber(texts.length), formatNumber(first.list.entries), formatNumber(second.list.entries)],
      ...[percent(matched.first / texts.length), percent(matched.second / texts.length)],
      ...[formatNumber(only.first), formatNumber(only.second)],
      ...[(first.matches / texts.length).toFixed(2), (second.matches / texts.length).toFixed(2)],
    ]);
    balance.push([
      group,
      ...describe(thresholds.get("first")?.get(group)?.threshold),
      ...describe(thresholds.get("second")?.get(group)?.threshold),
    ]);
  }
  matching.push([
    ...[
      "all",
      formatNumber(sum.captions),
      "",
      "",
      percent(sum.first / sum.captions),
      percent(sum.second / sum.captions),
    ],
    ...[formatNumber(sum.onlyFirst), formatNumber(sum.onlySecond), "", ""],
  ]);
  console.log("\nr: reference, c: corrected");
  console.log(
    formatRows(
      [
        ...["", "captions", "entries r", "entries c", "matched r", "matched c", "only r", "only c"],
        ...["a text r", "a text c"],
      ],
      matching,
    ),
  );
  console.log(`\nthresholds for a tail of ${TAIL_RATIO * 100} %`);
  const titles = ["t", "achieved", "head", "tail", "out of reach"];
  console.log(
    formatRows(["", ...titles.map((title) => `${title} r`), ...titles.map((title) => `${title} c`)], balance),
  );

  const without = [...captions].filter(([group]) => isWanted(group) && !counted.second.has(group));
  const named = without.map(([group, texts]) => `${group} ${formatNumber(texts.length)}`).join(", ");
  if (without.length > 0) console.log(`\nno list for the captions of: ${named}`);

  printReasons(draws);
  printNames(draws);
  if (samples > 0) printDraws(draws);
  return isRight;
}

function printNames({ names }: Draws): void {
  console.log("\nfile names, slugs, dates and sizes");
  console.log(
    formatRows(
      ["", "captions", "matched r", "matched c"],
      [...names].map(([kind, { captions: met, reference, corrected }]) => [
        ...[kind, formatNumber(met), formatNumber(reference), formatNumber(corrected.offered)],
      ]),
    ),
  );
}

function describe(threshold: GroupThreshold | undefined): string[] {
  if (threshold === undefined) return ["", "", "", "", ""];
  const { t, achieved, head, tail } = threshold;
  const share = achieved === undefined ? "–" : `${(achieved * 100).toFixed(2)} %`;
  if (t === undefined) return ["–", share, "–", "–", sayReach(threshold)];
  return [formatNumber(t), share, formatNumber(head), formatNumber(tail), sayReach(threshold)];
}

/** Prints what stays beside what was to be expected; true if it is no further off than chance allows. */
function printCuration(
  { figures, bytes, parts }: Curation,
  profile: ProfileName,
  solved: ReadonlyMap<string, SolvedList>,
): boolean {
  const { rows, noText, noList, kept, groups } = figures;
  const missing = Object.values(noList).reduce((sum, count) => sum + count, 0);
  const noMatch = groups.reduce((sum, group) => sum + group.noMatch, 0);
  console.log(
    `\n${profile}: of ${formatNumber(rows)} rows ${formatNumber(noText)} have no text, ${formatNumber(missing)} no list, ` +
      `${formatNumber(noMatch)} no match; ${formatNumber(kept)} stay, in ${parts} parts of ${formatNumber(bytes)} bytes`,
  );
  const table: string[][] = [];
  const all = { rows: 0, match: 0, expected: 0, variance: 0, kept: 0, told: 0, error: 0 };
  let isRight = true;
  for (const group of [...groups].sort((a, b) => b.rows - a.rows)) {
    const { threshold, curated } = solved.get(group.group)!;
    const match = group.rows - group.noMatch;
    all.rows += group.rows;
    all.match += match;
    all.expected += group.expected;
    all.variance += group.variance;
    all.kept += group.kept;
    all.told += curated?.expected ?? 0;
    all.error += (curated?.standardError ?? 0) ** 2;
    if (Math.abs(group.kept - group.expected) > MOST_DEVIATIONS * Math.sqrt(group.variance) + 1e-6) isRight = false;
    if (group.rows < LEAST_CAPTIONS) continue;
    table.push([
      ...[
        group.group,
        formatNumber(group.rows),
        formatNumber(match),
        threshold.t === undefined ? "" : formatNumber(threshold.t),
      ],
      ...sayTold(curated),
      ...[formatNumber(Math.round(group.expected)), Math.sqrt(group.variance).toFixed(1)],
      ...[formatNumber(group.kept), match === 0 ? "" : percent(group.kept / match)],
    ]);
  }
  table.push([
    ...["all", formatNumber(all.rows), formatNumber(all.match), ""],
    ...[formatNumber(Math.round(all.told)), formatNumber(Math.round(Math.sqrt(all.error)))],
    ...[formatNumber(Math.round(all.expected)), Math.sqrt(all.variance).toFixed(1)],
    ...[formatNumber(all.kept), percent(all.kept / all.match)],
  ]);
  console.log(
    formatRows(["", "rows", "match", "t", "by threshold", "±", "by curate", "chance ±", "kept", "of match"], table),
  );
  if (!isRight) console.log(`${profile}: NOT WITHIN ${MOST_DEVIATIONS} STANDARD DEVIATIONS of what is expected`);
  return isRight;
}

/** What `threshold` tells of a group's curated size. */
function sayTold(curated: CuratedSize | undefined): [expected: string, error: string] {
  if (curated === undefined) return ["", ""];
  const { expected, isExact, standardError } = curated;
  return [formatNumber(Math.round(expected)), isExact ? "exact" : formatNumber(Math.round(standardError))];
}

interface RateOptions {
  readonly db: string;
  readonly folder: string;
  readonly threads: number;
  readonly rounds: number;
}

/** One run of a command on all files. */
interface TimedRun {
  readonly rows: number;
  readonly seconds: number;
  /** Seconds of all processors together. */
  readonly processor: number;
}

async function timeRun(run: () => Promise<number>): Promise<TimedRun> {
  const before = process.cpuUsage();
  const started = performance.now();
  const rows = await run();
  const { user, system } = process.cpuUsage(before);
  return { rows, seconds: (performance.now() - started) / 1000, processor: (user + system) / 1e6 };
}

/** Times `count` and `curate` on the same files and prints how many rows each takes a second. */
async function measureRates(
  kinds: readonly CaptionFiles[],
  { db, folder, threads, rounds }: RateOptions,
): Promise<void> {
  const table: string[][] = [];
  for (const profile of PROFILES) {
    const runs = { count: [] as TimedRun[], curate: [] as TimedRun[] };
    for (let round = 0; round < rounds; round++) {
      const work = mkdtempSync(join(folder, "round-"));
      const copy = join(work, "copy.sqlite");
      copyFileSync(db, copy);
      const commands = {
        count: () => countAll(kinds, { db: copy, pool: `${POOL} again`, profile, threads }),
        curate: async () =>
          (await curateAll(kinds, { db, profile, threads, directory: join(work, "curated") })).figures.rows,
      };
      for (const name of round % 2 === 0 ? (["count", "curate"] as const) : (["curate", "count"] as const)) {
        runs[name].push(await timeRun(commands[name]));
      }
      rmSync(work, { recursive: true });
    }
    const rate = (name: keyof typeof runs) =>
      formatNumber(Math.round(median(runs[name].map(({ rows, seconds }) => rows / seconds))));
    const compare = (of: "seconds" | "processor") => {
      const ratios = runs.curate.map((run, round) => runs.count[round]![of] / run[of]);
      return [median(ratios).toFixed(2), `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`];
    };
    table.push([profile, rate("count"), rate("curate"), ...compare("seconds"), ...compare("processor")]);
  }
  console.log(`\nrows a second, all files, ${threads} threads, medians of ${rounds} rounds`);
  const titles = ["count", "curate", "curate to count", "of the rounds", "by processor time", "of the rounds"];
  console.log(formatRows(["", ...titles], table));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    samples: { type: "string", default: "0" },
    rounds: { type: "string", default: "3" },
    languages: { type: "string" },
    threads: { type: "string" },
  },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, "captions"))) {
  console.error(
    "give the folder of real input: node dist/scripts/measure-captions.js DATA [--languages L,…] [--samples N] " +
      "[--rounds N] [--dir DIR]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-captions-"));
  mkdirSync(folder, { recursive: true });
  try {
    const isRight = await measure({
      ...{ data, folder, languages: values.languages?.split(","), samples: Number(values.samples) },
      ...{ rounds: Number(values.rounds), threads: Number(values.threads ?? availableParallelism()) },
    });
    if (!isRight) process.exitCode = 1;
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
