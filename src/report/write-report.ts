/** A report as a folder of pages, charts and data that needs nothing from elsewhere. */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { listFiles } from "../export/folder.ts";
import { type NewFile, writeAllAtomically } from "../files.ts";
import { drawGroup, groupFiles, groupPage } from "./group-page.ts";
import { drawIndex, INDEX_FILES, indexPage, shareSeries } from "./index-page.ts";
import type { GroupReport, Report } from "./load-report.ts";
import type { Markup } from "./markup.ts";
import { type Page, toPage } from "./page-parts.ts";
import {
  toCsv,
  toCumulativeRows,
  toGroupJson,
  toGroupRow,
  toJson,
  toPoolRows,
  toShareRows,
  toSizeRows,
  toSourceRows,
  toTopRows,
} from "./report-data.ts";

/** What marks a folder as a report of ours. */
const REPORT_FORMAT = "worldmeta-report-1";
const MANIFEST = "manifest.json";

/** A file of a report. */
interface ReportFile {
  /** In the folder. */
  readonly path: string;
  readonly content: () => string;
}

/** A file that was written. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes a report into a folder, whole or not at all; the same report gives the same bytes.
 *
 * What an earlier report left in the folder goes. Throws `UserError` if the folder is a file or holds anything else.
 *
 * @returns the files, in the order of their names
 */
export async function writeReport(
  report: Report,
  { directory, version }: { readonly directory: string; readonly version: string },
): Promise<WrittenFile[]> {
  const files = [...indexFiles(report, version), ...report.groups.flatMap((group) => filesOf(group, report, version))];
  const paths = [MANIFEST, ...files.map(({ path }) => path)].sort();
  const stale = findStale(directory, new Set(paths));
  // First, so that a report that was stopped between two files can be told from what is not ours.
  const manifest = { path: MANIFEST, content: () => toJson({ format: REPORT_FORMAT, version, files: paths }) };
  const written = [manifest, ...files];
  const bytes = await writeAllAtomically(
    written.map(({ path, content }): NewFile => ({ path: join(directory, path), chunks: makeLater(content) })),
  );
  for (const path of stale) rmSync(join(directory, path));
  return written.map(({ path }, at) => ({ path, bytes: bytes[at]! })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Content that is made when it is written, so that one file at a time is in memory. */
function* makeLater(content: () => string): Generator<string> {
  yield content();
}

function pageFile(path: string, version: string, page: () => Omit<Page, "version">): ReportFile {
  return { path, content: () => toPage({ ...page(), version }) };
}

function indexFiles(report: Report, version: string): ReportFile[] {
  const series = shareSeries(report);
  const chart = drawIndex(series);
  const [csv, json] = INDEX_FILES.table;
  const [chartSvg, chartCsv, chartJson] = INDEX_FILES.chart;
  const rows = () => report.groups.map(toGroupRow);
  return [
    pageFile(INDEX_FILES.page, version, () => indexPage(report, chart)),
    { path: csv, content: () => toCsv(rows()) },
    { path: json, content: () => toJson(rows()) },
    ...(chart === undefined
      ? []
      : [
          { path: chartSvg, content: () => chart.markup },
          { path: chartCsv, content: () => toCsv(toShareRows(series)) },
          { path: chartJson, content: () => toJson(series) },
        ]),
  ];
}

function filesOf(group: GroupReport, all: Report, version: string): ReportFile[] {
  const charts = drawGroup(group);
  const { page, json, sources, top, pools, cumulative, size } = groupFiles(group);
  const chart = ([svg, csv]: readonly string[], drawn: Markup, rows: () => Parameters<typeof toCsv>[0]) => [
    { path: svg!, content: () => drawn.markup },
    { path: csv!, content: () => toCsv(rows()) },
  ];
  return [
    pageFile(page, version, () => groupPage(group, { charts, all })),
    { path: json, content: () => toJson(toGroupJson(group, all)) },
    { path: sources[0]!, content: () => toCsv(toSourceRows(group)) },
    ...(group.top.length > 0 ? [{ path: top[0]!, content: () => toCsv(toTopRows(group)) }] : []),
    ...(group.pools.length > 0 ? [{ path: pools[0]!, content: () => toCsv(toPoolRows(group)) }] : []),
    ...(charts === undefined
      ? []
      : [
          ...chart(cumulative, charts.cumulative, () => toCumulativeRows(group)),
          ...chart(size, charts.size, () => toSizeRows(group)),
        ]),
  ];
}

/** Files of an earlier report that the new one does not have. */
function findStale(directory: string, fresh: ReadonlySet<string>): string[] {
  if (!existsSync(directory)) return [];
  if (!statSync(directory).isDirectory()) throw new UserError(`${directory} is a file; name a folder for the report`);
  const present = listFiles(directory);
  const earlier = new Set(present.length > 0 ? filesOfEarlier(directory) : []);
  const foreign = present.find((path) => !earlier.has(path));
  if (foreign !== undefined)
    throw new UserError(`${join(directory, foreign)} is no part of a report; name an empty folder`);
  return present.filter((path) => !fresh.has(path));
}

/** The files of the report in a folder, its manifest among them; none if there is no report. */
function filesOfEarlier(directory: string): string[] {
  try {
    const { format, files } = JSON.parse(readFileSync(join(directory, MANIFEST), "utf8")) as Record<string, unknown>;
    return format === REPORT_FORMAT && Array.isArray(files) ? files.filter((file) => typeof file === "string") : [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || error instanceof TypeError || code === "ENOENT") return [];
    throw error;
  }
}
