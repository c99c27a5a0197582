/** A report as a folder of pages, charts and data that needs nothing from elsewhere. */
import { type FolderFile, type FolderManifest, writeFolder } from "../export/folder.ts";
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

/** A file of a report. */
interface ReportFile {
  /** In the folder. */
  readonly path: string;
  readonly content: () => string;
}

/**
 * Writes a report into a folder, whole or not at all; the same report gives the same bytes.
 *
 * What an earlier report left in the folder goes. Throws `UserError` if the folder is a file or holds anything else.
 *
 * @returns the files but the manifest, in the order of their names
 */
export async function writeReport(
  report: Report,
  { directory, version }: { readonly directory: string; readonly version: string },
): Promise<readonly FolderFile[]> {
  const files = [...indexFiles(report, version), ...report.groups.flatMap((group) => filesOf(group, report, version))];
  const { files: written } = await writeFolder<FolderFile, FolderManifest & { readonly version: string }>(directory, {
    format: REPORT_FORMAT,
    parts: files.map(({ path, content }) => ({ path, chunks: makeLater(content) })),
    describe: (files) => ({
      ...{ format: REPORT_FORMAT, version },
      lists: report.groups.map(({ group, list }) => ({ group, list })),
      files,
    }),
  });
  return written.toSorted((a, b) => (a.path < b.path ? -1 : 1));
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
