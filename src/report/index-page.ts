/** The page and the chart of all groups together. */
import { formatCaptions, formatCounted, formatNumber, NONE } from "../numbers.ts";
import { drawShares, SERIES_SHOWN, type Series, type SharePoint } from "./charts.ts";
import type { CumulativePoint } from "./cumulative.ts";
import { groupFiles, nameGroup, sayOrigin, sayPools } from "./group-page.ts";
import type { GroupReport, PoolRepeats, Report } from "./load-report.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import { keepTogether, type Page, toBdi, toCautions, toFigure, toFileLinks, toTable } from "./page-parts.ts";
import { ENGLISH_V1 } from "./published.ts";
import { showNumber, showRatio, showShare } from "./show.ts";

/** Names of the files of all groups. */
export const INDEX_FILES = {
  page: "index.html",
  table: ["groups.csv", "groups.json"],
  chart: ["cumulative.svg", "cumulative.csv", "cumulative.json"],
} as const;

/** Curves of shares, largest first: of groups; or, of one group, of its pools and their sum. One alone says no more than its page. */
export function shareSeries({ groups }: Report): Series<SharePoint>[] {
  const found = groups.filter(({ matches }) => matches > 0);
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    if (only.pools.length === 0) return [];
    return [
      { name: "all pools", points: toShares(only.cumulative) },
      ...only.pools
        .filter(({ matches }) => matches > 0)
        .map(({ pool, cumulative }) => ({ name: pool, points: toShares(cumulative) })),
    ];
  }
  return found
    .sort((a, b) => b.matches - a.matches || (a.group < b.group ? -1 : 1))
    .map((report) => ({ name: nameGroup(report), points: toShares(report.cumulative) }));
}

function toShares(points: readonly CumulativePoint[]): SharePoint[] {
  const entries = points[0]?.rank ?? 1;
  const total = points.at(-1)?.matches ?? 1;
  return points.map(({ rank, matches }) => ({ entries: rank / entries, matches: matches / total }));
}

/** Draws the curves of shares; undefined if there are none. */
export function drawIndex(series: readonly Series<SharePoint>[]): Markup | undefined {
  if (series.length === 0) return undefined;
  const named = series.slice(0, SERIES_SHOWN).map(({ name }) => name);
  return drawShares({
    title: "Share of all matches, from tail to head",
    description: `Cumulative share of all matches by rank as a share of the entries, from the rarest entry to the most frequent: ${named.join(", ")}${series.length > named.length ? " and more" : ""}.`,
    series,
    rest: `${formatNumber(series.length - named.length)} more`,
  });
}

/** The page of all groups. */
export function indexPage(report: Report, chart: Markup | undefined): Omit<Page, "version"> {
  const { pools, repeats, groups, profile, notes } = report;
  const cautious = groups.filter(({ cautions }) => cautions.length > 0);
  return {
    title: "Counts and balance",
    body: [
      markup`<h1>Counts and balance</h1>
<p>Captions of ${sayPools(pools)} matched against ${profile} lists, each language’s captions against its own. ${sayThresholds(groups)}</p>
<p>${sayRepeats(repeats)}</p>
`,
      toCautions(notes.map((note) => `${note}.`)),
      markup`<h2>Groups</h2>
${toTable(groupsTable(groups))}<p class="quiet">${sayEnglish()}</p>
`,
      chart &&
        markup`<h2>Head and tail compared</h2>
${toFigure({
  chart,
  caption:
    "Entries in the order of their matches, on a logarithmic scale of their rank as a share of the list, so that lists and pools of any size compare: at 1 % stands the entry that one in a hundred exceeds, and the curve says what share of all matches it and all rarer ones hold. The earlier a curve rises, the more the tail holds. ",
  files: INDEX_FILES.chart,
})}`,
      cautious.length > 0 &&
        markup`<h2>To be read with care</h2>
<ul>
${cautious.map((group) => markup`<li><a href="${encodeURI(groupFiles(group).page)}">${nameGroup(group)}</a>: ${keepTogether(group.cautions.join(" "))}</li>\n`)}</ul>
`,
    ].map((part) => part || undefined),
  };
}

function sayRepeats(repeats: readonly PoolRepeats[]): Part {
  return repeats.map(({ pool, repeats: what, texts, repeated }, at) => [
    at === 0 ? "Repeats: " : "; ",
    repeats.length === 1 ? "" : ["“", toBdi(pool, undefined), "”: "],
    what === "kept"
      ? "captions that repeat an earlier pair of image and text are counted"
      : `${formatNumber(repeated)} of ${formatCounted(texts + repeated, "caption")} repeated an earlier pair of image and text and ${repeated === 1 ? "was" : "were"} dropped`,
    at === repeats.length - 1 ? "." : "",
  ]);
}

function sayThresholds(groups: readonly GroupReport[]): string {
  const byOrigin = new Map<string, string[]>();
  for (const { group, origin, matches } of groups) {
    if (matches === 0) continue;
    const said = sayOrigin(origin);
    byOrigin.set(said, [...(byOrigin.get(said) ?? []), group]);
  }
  const [only, ...more] = byOrigin.keys();
  if (only === undefined) return "Nothing matched, so that there are no thresholds.";
  if (more.length === 0) return `Thresholds: ${only}.`;
  return `Thresholds: ${[...byOrigin].map(([said, names]) => `${said} (${names.length > 8 ? `${names.length} groups` : names.join(", ")})`).join("; ")}.`;
}

function sayEnglish(): string {
  const { zero, entries, head, headShare, headMatchesShare, t, texts, matchesPerText, curated } = ENGLISH_V1;
  return (
    `For comparison, MetaCLIP v1 printed of ${number(texts / 1e9)} billion English texts, ${matchesPerText} matches each, and about ` +
    `${number(entries)} entries: ${number(zero)} without a match; ${number(head)} (${showShare(headShare)}) with more than ` +
    `t\u00a0=\u00a0${number(t)}, which hold ${showShare(headMatchesShare)} of all matches; ${number(curated / 1e6)} million texts curated.`
  );
}

function groupsTable(groups: readonly GroupReport[]) {
  const titles = [
    ...["captions", "entries", "without a match", "share", "with at least t", "share", "matches", "per caption"],
    ...["t", "tail’s share", "curated", "± error"],
  ];
  return {
    name: "Groups",
    caption: [
      "Shares are of the entries; the tail’s share is of all matches; curated is the number of captions to expect, with its standard error. ",
      toFileLinks(INDEX_FILES.table),
    ],
    columns: [{ title: "group", kind: "text" as const }, ...titles.map((title) => ({ title }))],
    rows: [...groups.map(groupRow), ...(groups.length > 1 ? [sumRow(groups)] : [])],
    hasSum: groups.length > 1,
  };
}

function groupRow(report: GroupReport): Part[] {
  const { texts, matches, curated, threshold } = report;
  const { t, achieved, entries, zero, head } = threshold;
  const known = t !== undefined;
  return [
    markup`<a href="${encodeURI(groupFiles(report).page)}">${nameGroup(report)}</a>`,
    ...[number(texts), number(entries), number(zero), showShare(zero, entries)],
    ...(known ? [number(head), showShare(head, entries)] : [NONE, NONE]),
    ...[number(matches), showRatio(matches, texts)],
    ...[showNumber(t), showShare(achieved)],
    ...(curated === undefined
      ? [NONE, NONE]
      : [formatCaptions(curated.expected), curated.isExact ? "exact" : formatCaptions(curated.standardError)]),
  ];
}

const number = formatNumber;

function sumRow(groups: readonly GroupReport[]): Part[] {
  const sum = (value: (group: GroupReport) => number) => groups.reduce((all, group) => all + value(group), 0);
  const texts = sum((group) => group.texts);
  const entries = sum(({ threshold }) => threshold.entries);
  const zero = sum(({ threshold }) => threshold.zero);
  const head = sum(({ threshold }) => (threshold.t === undefined ? 0 : threshold.head));
  const matches = sum((group) => group.matches);
  // What nothing matched adds nothing; of what is not known the sum is not known either.
  const isKnown = groups.every(({ curated, matched }) => curated !== undefined || matched === 0);
  const error = Math.sqrt(sum(({ curated }) => (curated?.standardError ?? 0) ** 2));
  return [
    ...["all", number(texts), number(entries), number(zero), showShare(zero, entries)],
    ...[number(head), showShare(head, entries), number(matches), showRatio(matches, texts)],
    ...["", ""],
    ...(isKnown
      ? [formatCaptions(sum(({ curated }) => curated?.expected ?? 0)), error === 0 ? "exact" : formatCaptions(error)]
      : [NONE, NONE]),
  ];
}
