/** The data behind the tables and charts of a report, as CSV and JSON. */
import Papa from "papaparse";
import { toCuratedJson } from "../curation/figures.ts";
import type { SharePoint } from "./charts.ts";
import type { CumulativePoint } from "./cumulative.ts";
import type { GroupReport, Report } from "./load-report.ts";

type Value = string | number | boolean | null | undefined;

/** A table as CSV (RFC 4180, lines end in LF): a line of names, then one for each row; nothing stands for what is not known. */
export function toCsv(rows: readonly Readonly<Record<string, Value>>[]): string {
  const fields = Object.keys(rows[0] ?? {});
  const data = rows.map((row) => fields.map((field) => row[field]));
  return `${Papa.unparse({ fields, data }, { newline: "\n" })}\n`;
}

/** A JSON document with a line end behind it; null stands for what is not known. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, (_, part) => (part === undefined ? null : part), 1)}\n`;
}

/** A group's row in the table of all. */
export function toGroupRow({ group, edition, threshold, curated, ...report }: GroupReport) {
  const { texts, matched, matches, files, sources, origin } = report;
  const { requested, achieved, reason, ...figures } = toCuratedJson(threshold, curated);
  const { headMatches } = sources.at(-1)!;
  return {
    ...{ group, language: edition?.name ?? null, tag: edition?.tag ?? null, files, texts, matched, matches },
    ...{ matchesPerText: texts === 0 ? null : matches / texts },
    ...{ entries: figures.entries, zero: figures.zero, head: figures.head, tail: figures.tail, headMatches },
    ...{ t: figures.t, requested, achieved, curated: figures.curated, curatedError: figures.curatedError },
    ...{ origin: origin.kind, policy: origin.policy, reason: reason ?? null },
  };
}

/** What the entries of each source hold. */
export function toSourceRows({ sources }: GroupReport) {
  return sources.map(({ source, entries, zero, head, headMatches, matches }) => ({
    ...{ source, entries, zero, head, headMatches, matches },
    ...{ headShare: entries === 0 ? undefined : head / entries },
    ...{ headMatchesShare: matches === 0 ? undefined : headMatches / matches },
  }));
}

/** The entries with most matches. */
export function toTopRows({ top }: GroupReport) {
  return top.map(({ rank, id, text, source, count, share, probability, kept }) => ({
    ...{ rank, id, text, source, count, share, probability, kept },
  }));
}

/** Figures of each pool, if there are several. */
export function toPoolRows({ pools }: GroupReport) {
  return pools.map(({ pool, files, texts, matched, matches }) => ({ pool, files, texts, matched, matches }));
}

/** The cumulative curves: that of the sum, then those of each pool, which have no threshold. */
export function toCumulativeRows({ cumulative, pools }: GroupReport) {
  const rows = (pool: string | undefined, points: readonly CumulativePoint[]) =>
    points.map(({ rank, count, matches, balanced }) => ({
      ...{ pool, rank, count, matches },
      balanced: pool === undefined ? balanced : undefined,
    }));
  return [...rows(undefined, cumulative), ...pools.flatMap(({ pool, cumulative }) => rows(pool, cumulative))];
}

/** The curated size and the tail's share by threshold. */
export function toSizeRows({ size }: GroupReport) {
  return size.map(({ t, tailRatio, curated }) => ({
    ...{ t, tailRatio, curated: curated?.expected, curatedError: curated?.standardError },
  }));
}

/** A curve of shares for each group, or pool. */
export function toShareRows(series: readonly { readonly name: string; readonly points: readonly SharePoint[] }[]) {
  return series.flatMap(({ name, points }) => points.map(({ entries, matches }) => ({ name, entries, matches })));
}

/** All that a group's page shows. */
export function toGroupJson(group: GroupReport, { profile, repeats, notes }: Report) {
  return {
    ...{
      profile,
      pools: group.counted,
      repeats: repeats.filter(({ pool }) => group.counted.includes(pool)),
      notes,
      list: group.list,
      cautions: group.cautions,
    },
    ...toGroupRow(group),
    ...{ bySource: toSourceRows(group), byPool: toPoolRows(group), top: toTopRows(group) },
    ...{ cumulative: toCumulativeRows(group), size: toSizeRows(group) },
  };
}
