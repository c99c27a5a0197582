import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { getEdition, listEditions } from "../../../languages/index.ts";
import type { DemoInputs } from "../../../scripts/make-demo-inputs.ts";
import { sayOutOfReach } from "../../balancing/threshold.ts";
import { listsOfPools } from "../../curation/curator-lists.ts";
import { TAIL_RATIO } from "../../curation/rule.ts";
import { type SolvedList, setPoolThresholds } from "../../curation/thresholds.ts";
import { countPool, type FileReport } from "../../engine/count-pool.ts";
import { curatePool } from "../../engine/curate-pool.ts";
import { quoteWord, UserError } from "../../errors.ts";
import type { CuratedManifest } from "../../export/curated.ts";
import { exportMetaclip } from "../../export/metaclip.ts";
import { verifyFolder } from "../../export/verify.ts";
import { packageVersion, RECIPE_VERSION } from "../../fingerprint.ts";
import { type BuildReport, buildEditions } from "../../pipeline.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { addExamples } from "../options.ts";
import { print, say } from "../output.ts";
import { problemLines } from "../problem-lines.ts";
import { formatCaptions, formatCounted, formatNumber, formatShare, formatTable, NONE } from "../table.ts";
import { formatReports } from "./build.ts";
import { formatSteps } from "./curate.ts";

export function addDemoCommand(program: Command): void {
  const command = program
    .command("demo")
    .description(
      "Run the whole flow offline on the little text that npm packages carry: the lists of every edition that it has, " +
        "captions counted against them, thresholds, the pairs that stay, an export, a report. Run again, it does what is not done yet.",
    )
    .option("--out <dir>", "folder for the inputs, the database and what is exported", "worldmeta-demo")
    .action(demo);
  addExamples(command, "worldmeta demo", "worldmeta demo --out /tmp/demo");
}

/** Name of the pool. */
const POOL = "demo";
const PROFILE = "corrected";
const MEMORY = 1e8;
/** Groups in the table of thresholds and in the report: the largest. */
const SHOWN = 8;
/** Entries in a page's table of those with most matches. */
const TOP = 50;

/** Where the demo works. */
interface Place {
  readonly out: string;
  readonly db: string;
}

interface Curated {
  readonly manifest: CuratedManifest;
  readonly sentence: string;
}

async function demo({ out }: { out: string }): Promise<void> {
  // The script comes with the sources; it needs the development packages that hold the texts.
  const { makeDemoInputs } = await import("../../../scripts/make-demo-inputs.ts");
  const started = Date.now();
  const place: Place = { out, db: join(out, "worldmeta.sqlite") };
  say(`making dumps, a wordnet, pageviews and captions under ${join(out, "inputs")} …`);
  const inputs = await makeDemoInputs({ directory: join(out, "inputs"), editions: listEditions() });
  const built = await buildLists(place, inputs);
  await print(`${formatReports(built)}\n`);
  const captions = [inputs.captions.declarations, inputs.captions.glosses];
  const counted = await countCaptions(place, captions);
  const solved = setThresholds(place);
  await print(formatThresholds(solved));
  const curated = await curateCaptions(place, captions);
  await print(`\n${formatSteps(curated.manifest.figures)}`);
  const exported = await exportForCurator(place);
  const pages = await writePages(place, largest(solved));
  const seconds = Math.round((Date.now() - started) / 1000);
  const at = (name: string) => quoteWord(join(out, name));
  const db = quoteWord(place.db);
  await print(`
${sayBuilt(built, seconds)} ${inputs.without.length} editions have no text in the package.
${sayCounted(counted)}
${curated.sentence}
${exported}
${pages}

The lists are tiny: each comes from one text, the Universal Declaration of Human Rights, and views that were made up for
the demo; only the English wordnet is real. The captions are that text's own sentences, with WordNet's definitions and
examples for English, and the addresses of their images are made up. They show how the parts work together, not what a
language's metadata looks like, nor what alt-texts of the Web are.

Where to look next:
  worldmeta entries th --db ${db}
  worldmeta explain en freedom --db ${db}
  worldmeta audit ar --db ${db}
  worldmeta caption 'a free and equal education' --edition en --pool ${POOL} --db ${db}
  worldmeta threshold --pool ${POOL} --group en --compare 20 --db ${db}
  worldmeta curate ${captions.map(quoteWord).join(" ")} --name ${POOL} --seed 1 --format jsonl --out ${at("seed-1")} --db ${db}
  worldmeta report ar ja th --pool ${POOL} --out ${at("report-more")} --db ${db}
  worldmeta export txt --out ${at("lists")} --db ${db}
  worldmeta build CODE --dump … --pageviews … --wordnet …      with real dumps: see dumps/README.md
`);
}

async function buildLists(
  { db }: Place,
  { editions, pageviews }: Pick<DemoInputs, "editions" | "pageviews">,
): Promise<BuildReport[]> {
  say(`building ${editions.length} editions into ${db} …`);
  const reports: BuildReport[] = [];
  let said = Date.now();
  for (const { edition, dump, wordnets } of editions) {
    const work = buildEditions({
      ...{ db, editions: [getEdition(edition)], dumps: [dump], texts: [], wordnets },
      ...{ pageviews: [pageviews.complete], profile: PROFILE, threads: 1, memory: MEMORY },
    });
    for await (const report of work) {
      reports.push(report);
      for (const line of problemLines(report.problems)) say(`  ${edition}: ${line}`);
    }
    if (Date.now() - said < 5_000) continue;
    said = Date.now();
    say(`  ${reports.length} of ${editions.length}, now ${edition}`);
  }
  return reports;
}

async function countCaptions({ db }: Place, paths: readonly string[]): Promise<FileReport[]> {
  say("counting captions against the lists …");
  const reports: FileReport[] = [];
  await countPool({
    ...{ db, name: POOL, paths, fields: {}, profile: PROFILE, threads: availableParallelism(), memory: MEMORY },
    onFile: (report) => reports.push(report),
  });
  for (const { path, problems } of reports) for (const line of problemLines(problems)) say(`  ${path}: ${line}`);
  return reports;
}

function setThresholds({ db: path }: Place): readonly SolvedList[] {
  say("setting thresholds …");
  const db = openDatabase(path);
  try {
    const { solved, notes } = setPoolThresholds(db, { pools: [POOL], groups: [], profile: PROFILE });
    for (const note of notes) say(`note: ${note}`);
    return solved;
  } finally {
    closeDatabase(db);
  }
}

/** Writes the pairs that stay, and says so. */
async function curateCaptions({ db, out }: Place, paths: readonly string[]): Promise<Curated> {
  const directory = join(out, "curated");
  say(`writing the pairs that stay to ${directory} …`);
  const { manifest, fresh } = await curatePool({
    ...{ db, pools: [POOL], groups: [], paths, fields: {}, profile: PROFILE, seed: 0, output: "parquet", directory },
    ...{ threads: availableParallelism(), memory: MEMORY },
  });
  const { kept, groups } = manifest.figures;
  const sum = (pick: (group: (typeof groups)[number]) => number) => groups.reduce((total, one) => total + pick(one), 0);
  const expected = `${formatCaptions(sum((one) => one.expected))} ± ${formatCaptions(Math.sqrt(sum((one) => one.variance)))}`;
  const parts = `in ${formatCounted(manifest.files.length, "part")}${fresh ? ", there before" : ""}`;
  return {
    manifest,
    sentence: `${directory}: ${formatCounted(kept, "pair")} ${parts}; ${expected} were to be expected.\nA row may have several captions, of which one is drawn: so there are fewer pairs than the thresholds keep captions.`,
  };
}

/** Writes and checks the folder; what is in it. */
async function exportForCurator({ db: path, out }: Place): Promise<string> {
  const directory = join(out, "curator");
  say(`writing the files of the published curator to ${directory} …`);
  const db = openDatabase(path, { readonly: true });
  try {
    const { lists, counted } = listsOfPools(db, { pools: [POOL], groups: [], profile: PROFILE });
    const versions = { worldmeta: packageVersion(), recipe: String(RECIPE_VERSION) };
    await exportMetaclip({ lists, directory, profile: PROFILE, versions, counted });
  } finally {
    closeDatabase(db);
  }
  const { files, lists, faults } = await verifyFolder(directory);
  if (faults.length > 0) throw new UserError(`${directory} is not as it was written: ${faults[0]}; run the demo again`);
  return `${directory}: ${formatCounted(lists, "list")} with keep-probabilities in ${formatCounted(files, "file")}, verified.`;
}

/** Writes pages of some groups, and says so. */
async function writePages({ db: path, out }: Place, shown: readonly SolvedList[]): Promise<string> {
  // Drawing takes a moment to load, which other commands need not wait for.
  const { loadReport } = await import("../../report/load-report.ts");
  const { writeReport } = await import("../../report/write-report.ts");
  const directory = join(out, "report");
  say(`writing pages of the largest groups to ${directory} …`);
  const groups = shown.map(({ pooled }) => pooled.name);
  const db = openDatabase(path, { readonly: true });
  try {
    const report = loadReport(db, { pools: [POOL], groups, profile: PROFILE, top: TOP });
    const files = await writeReport(report, { directory, version: packageVersion() });
    return `${join(directory, "index.html")}: pages of ${formatCounted(groups.length, "group")}, ${formatCounted(files.length, "file")}.`;
  } finally {
    closeDatabase(db);
  }
}

/** The groups that have most captions. */
function largest(solved: readonly SolvedList[]): SolvedList[] {
  return bySize(solved).slice(0, SHOWN);
}

function bySize(solved: readonly SolvedList[]): SolvedList[] {
  return [...solved].sort((a, b) => b.pooled.texts - a.pooled.texts || (a.pooled.name < b.pooled.name ? -1 : 1));
}

function sayBuilt(reports: readonly BuildReport[], seconds: number): string {
  const fresh = reports.filter((report) => report.fresh).length;
  const before = fresh === 0 ? "" : fresh === reports.length ? ", all built before" : `, ${fresh} built before`;
  return `${formatCounted(reports.length, "edition")}${before}; the whole demo took ${seconds} s.`;
}

function sayCounted(reports: readonly FileReport[]): string {
  const texts = reports.reduce((sum, report) => sum + report.texts, 0);
  const fresh = reports.filter((report) => report.fresh).length;
  const before = fresh === 0 ? "" : fresh === reports.length ? ", counted before" : `; ${fresh} of them counted before`;
  return `${formatCounted(texts, "caption")} of ${formatCounted(reports.length, "file")} in the pool ${POOL}${before}.`;
}

/** The largest groups, and what is to be said of the others: on so few captions a threshold says little. */
function formatThresholds(solved: readonly SolvedList[]): string {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const titles = ["captions", "matched", "t", "tail", "head entries", "tail entries", "curated", "±"];
  const rows = largest(solved).map(({ pooled: { name, texts, matched }, threshold, curated }) => [
    ...[name, texts, matched, threshold.t ?? NONE, formatShare(threshold.achieved, 2), threshold.head, threshold.tail],
    ...(curated === undefined
      ? [NONE, NONE]
      : [formatCaptions(curated.expected), curated.isExact ? "exact" : formatCaptions(curated.standardError)]),
  ]);
  const table = formatTable([{ title: "group" }, ...titles.map(right)], rows);
  const others = bySize(solved).slice(SHOWN);
  const out = others.flatMap(({ pooled, threshold: { outOfReach } }) =>
    outOfReach === undefined ? [] : [`${pooled.name}: ${sayOutOfReach(outOfReach)}`],
  );
  const sizes = others.map(({ pooled }) => pooled.texts);
  return `${table}
The tail is to have ${formatShare(TAIL_RATIO, 0)} of all matches. The other ${others.length} groups have ${Math.min(...sizes)} to \
${Math.max(...sizes)} captions each: ${others.length - out.length} come near
that share, as it happens; ${formatNumber(out.length)} cannot, since entries with the same count go to the tail together, e.g.
${out[0]}.
On so little text a threshold means nothing; English, with ${formatNumber(largest(solved)[0]?.pooled.texts ?? 0)} captions, shows what it does.
`;
}
