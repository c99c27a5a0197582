/** The steps of the demo, one for each command that a person would give. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { getEdition } from "../../languages/index.ts";
import type { DemoInputs } from "../../scripts/make-demo-inputs.ts";
import { sayOutOfReach } from "../balancing/threshold.ts";
import { listsOfPools } from "../curation/curator-lists.ts";
import { listsCounted } from "../curation/lists-to-export.ts";
import { TAIL_RATIO } from "../curation/rule.ts";
import { type SolvedList, setPoolThresholds } from "../curation/thresholds.ts";
import { countPool, type FileReport } from "../engine/count-pool.ts";
import { curatePool } from "../engine/curate-pool.ts";
import { createLanguageFinder } from "../entries/other-language.ts";
import { UserError } from "../errors.ts";
import type { CuratedManifest } from "../export/curated.ts";
import { exportLists } from "../export/lists.ts";
import { exportMetaclip } from "../export/metaclip.ts";
import { type Verification, verifyFolder } from "../export/verify.ts";
import { packageVersion, versions } from "../fingerprint.ts";
import { type BuildReport, buildEditions } from "../pipeline.ts";
import { closeDatabase, openDatabase } from "../store/database.ts";
import { say } from "./output.ts";
import { problemLines } from "./problem-lines.ts";
import { formatCaptions, formatCounted, formatNumber, formatShare, formatTable, NONE } from "./table.ts";

/** Name of the pool. */
export const POOL = "demo";
const PROFILE = "corrected";
const MEMORY = 1e8;
/** Groups in the table of thresholds, the tables and the report: the largest. */
const SHOWN = 8;
/** Entries in a page's table of those with most matches. */
const TOP = 50;

/** Where the demo works. */
export interface Place {
  readonly out: string;
  readonly db: string;
}

export interface Curated {
  readonly manifest: CuratedManifest;
  readonly sentence: string;
}

export async function buildLists(
  { db }: Place,
  { editions, pageviews }: Pick<DemoInputs, "editions" | "pageviews">,
): Promise<BuildReport[]> {
  say(`building ${editions.length} editions into ${db} …`);
  const reports: BuildReport[] = [];
  const languages = createLanguageFinder();
  let said = Date.now();
  for (const { edition, dump, wordnets } of editions) {
    const work = buildEditions({
      ...{ languages, db, editions: [getEdition(edition)], dumps: [dump], texts: [], wordnets },
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
  languages.dispose();
  return reports;
}

export async function countCaptions({ db }: Place, paths: readonly string[]): Promise<FileReport[]> {
  say("counting captions against the lists …");
  const reports: FileReport[] = [];
  await countPool({
    ...{ db, name: POOL, paths, fields: {}, profile: PROFILE, threads: availableParallelism(), memory: MEMORY },
    onFile: (report) => reports.push(report),
  });
  for (const { path, problems } of reports) for (const line of problemLines(problems)) say(`  ${path}: ${line}`);
  return reports;
}

export function setThresholds({ db: path }: Place): readonly SolvedList[] {
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
export async function curateCaptions({ db, out }: Place, paths: readonly string[]): Promise<Curated> {
  const directory = join(out, "curated");
  say(`writing the pairs that stay to ${directory} …`);
  const { manifest, fresh } = await curatePool({
    ...{ db, pools: [POOL], groups: [], paths, fields: {}, profile: PROFILE, seed: 0, output: "parquet", directory },
    ...{ threads: availableParallelism(), memory: MEMORY },
  });
  const { kept, groups } = manifest.figures;
  const sum = (pick: (group: (typeof groups)[number]) => number) => groups.reduce((total, one) => total + pick(one), 0);
  const expected = `${formatCaptions(sum((one) => one.expected))} ± ${formatCaptions(Math.sqrt(sum((one) => one.variance)))}`;
  await requireSound(directory);
  const parts = `in ${formatCounted(manifest.files.length, "part")}${fresh ? ", there before" : ", verified"}`;
  return {
    manifest,
    sentence: `${directory}: ${formatCounted(kept, "pair")} ${parts}; ${expected} were to be expected.\nA row may have several captions, of which one is drawn: so there are fewer pairs than the thresholds keep captions.`,
  };
}

/** Writes and checks the folder for the published curator; what is in it. */
export async function exportForCurator({ db: path, out }: Place): Promise<string> {
  const directory = join(out, "curator");
  say(`writing the files of the published curator to ${directory} …`);
  const db = openDatabase(path, { readonly: true });
  try {
    const { lists, counted, scheme } = listsOfPools(db, { pools: [POOL], groups: [], profile: PROFILE });
    await exportMetaclip({ lists, directory, profile: PROFILE, versions: versions(), counted, scheme });
  } finally {
    closeDatabase(db);
  }
  const { files, lists } = await requireSound(directory);
  return `${directory}: ${formatCounted(lists, "list")} with keep-probabilities in ${formatCounted(files, "file")}, verified.`;
}

/** Writes and checks the lists of some groups as tables, with their card; what is in the folder. */
export async function exportTables({ db: path, out }: Place, shown: readonly SolvedList[]): Promise<string> {
  const directory = join(out, "tables");
  say(`writing the lists of the largest groups as tables to ${directory} …`);
  const groups = shown.map(({ pooled }) => pooled.name);
  const db = openDatabase(path, { readonly: true });
  try {
    const { lists, pools } = listsCounted(db, { pools: [POOL], groups, profile: PROFILE });
    const tables = { kind: "group", format: "parquet" } as const;
    await exportLists({ ...tables, lists, directory, profile: PROFILE, versions: versions(), pools });
  } finally {
    closeDatabase(db);
  }
  const { lists } = await requireSound(directory);
  return `${directory}: ${formatCounted(lists, "table")} of entries with a card, verified.`;
}

/** Checks a folder that was just written. */
async function requireSound(directory: string): Promise<Verification> {
  const verification = await verifyFolder(directory);
  const [fault] = verification.faults;
  if (fault !== undefined) throw new UserError(`${directory} is not as it was written: ${fault}; run the demo again`);
  return verification;
}

/** Writes pages of some groups, and says so. */
export async function writePages({ db: path, out }: Place, shown: readonly SolvedList[]): Promise<string> {
  // Drawing takes a moment to load, which other commands need not wait for.
  const { loadReport } = await import("../report/load-report.ts");
  const { writeReport } = await import("../report/write-report.ts");
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
export function largest(solved: readonly SolvedList[]): SolvedList[] {
  return bySize(solved).slice(0, SHOWN);
}

function bySize(solved: readonly SolvedList[]): SolvedList[] {
  return [...solved].sort((a, b) => b.pooled.texts - a.pooled.texts || (a.pooled.name < b.pooled.name ? -1 : 1));
}

export function sayBuilt(reports: readonly BuildReport[], seconds: number): string {
  const fresh = reports.filter((report) => report.fresh).length;
  const before = fresh === 0 ? "" : fresh === reports.length ? ", all built before" : `, ${fresh} built before`;
  return `${formatCounted(reports.length, "edition")}${before}; the whole demo took ${seconds} s.`;
}

export function sayCounted(reports: readonly FileReport[]): string {
  const texts = reports.reduce((sum, report) => sum + report.texts, 0);
  const fresh = reports.filter((report) => report.fresh).length;
  const before = fresh === 0 ? "" : fresh === reports.length ? ", counted before" : `; ${fresh} of them counted before`;
  return `${formatCounted(texts, "caption")} of ${formatCounted(reports.length, "file")} in the pool ${POOL}${before}.`;
}

/** The largest groups, and what is to be said of the others: on so few captions a threshold says little. */
export function formatThresholds(solved: readonly SolvedList[]): string {
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
