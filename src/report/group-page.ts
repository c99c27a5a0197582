/** The page and the charts of a group. */
import { formatCaptions, formatCounted, formatNumber, NONE } from "../numbers.ts";
import { drawCumulative, drawSize } from "./charts.ts";
import type { GroupReport, Report, ThresholdOrigin } from "./load-report.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import { type Page, toBdi, toCautions, toFigure, toFigures, toFileLinks, toTable } from "./page-parts.ts";
import { ENGLISH_V1 } from "./published.ts";
import { showEntries, showNumber, showRatio, showShare, showT } from "./show.ts";
import { COUNT_STEPS } from "./size-curve.ts";

/** The charts of a group; without a match it has none. */
export interface GroupCharts {
  readonly cumulative: Markup;
  readonly size: Markup;
}

/** What people call a group: its language and its code. */
export function nameGroup({ group, edition }: Pick<GroupReport, "group" | "edition">): string {
  return edition === undefined ? group : `${edition.name} (${group})`;
}

/** Paths of what is shown of a group, beside its page. */
export function groupFiles({ stem }: Pick<GroupReport, "stem">) {
  const of = (name: string, ...kinds: readonly string[]) => kinds.map((kind) => `${stem}-${name}.${kind}`);
  return {
    page: `${stem}.html`,
    json: `${stem}.json`,
    cumulative: of("cumulative", "svg", "csv"),
    size: of("size", "svg", "csv"),
    sources: of("sources", "csv"),
    top: of("top", "csv"),
    pools: of("pools", "csv"),
  };
}

/** Draws the charts of a group. */
export function drawGroup(report: GroupReport): GroupCharts | undefined {
  const { cumulative, size, pools, threshold } = report;
  const { t, entries, head, zero, total } = threshold;
  if (total === 0) return undefined;
  const name = nameGroup(report);
  const end = cumulative.at(-1)!;
  const atT =
    t === undefined
      ? ""
      : ` ${showEntries(head)} with at least t = ${formatNumber(t)} matches: right of the dotted line. Balanced, with at most t matches of each entry, the sum is ${formatNumber(end.balanced)}.`;
  return {
    cumulative: drawCumulative({
      title: `${name}: matches from tail to head`,
      description: `Cumulative matches of ${formatNumber(entries)} entries, ${formatNumber(zero)} of them without a match, from the one with the fewest to the one with the most: ${formatNumber(total)} in all.${atT}`,
      ...{ entries, t, head, sum: cumulative },
      pools: pools.map(({ pool, cumulative }) => ({ name: pool, points: cumulative })),
    }),
    size: drawSize({
      title: `${name}: ${report.curated === undefined ? "tail" : "curated size and tail"} by t`,
      description: describeSize(report),
      t,
      points: size.map(({ t, tailRatio, curated }) => ({
        ...{ t, tailRatio: tailRatio ?? 0 },
        ...(curated !== undefined && {
          curated: {
            expected: curated.expected,
            low: Math.max(0, curated.expected - 2 * curated.standardError),
            high: Math.min(report.matched, curated.expected + 2 * curated.standardError),
          },
        }),
      })),
    }),
  };
}

function describeSize({ threshold: { t, achieved }, curated, size }: GroupReport): string {
  const most = size.at(-1)?.t ?? 1;
  const range = `Expected number of captions kept, and the tail's share of all matches, for thresholds from 1 to ${formatNumber(most)}.`;
  if (t === undefined) return range;
  const kept = curated === undefined ? "" : ` ${formatCaptions(curated.expected)} captions are kept,`;
  return `${range} At t = ${formatNumber(t)}${kept} the tail holds ${showShare(achieved)}.`;
}

/** Says where a threshold comes from. */
export function sayOrigin({ kind, policy }: ThresholdOrigin): string {
  if (kind === "rule") return `given for this report: ${policy}`;
  if (kind === "record") return `on record: ${policy}`;
  return kind === "missing"
    ? `none on record; solved here: ${policy}`
    : `the one on record is of earlier counts; solved here: ${policy}`;
}

/** A group's page. */
export function groupPage(
  report: GroupReport,
  { charts, all }: { readonly charts: GroupCharts | undefined; readonly all: Report },
): Omit<Page, "version"> {
  const { edition, threshold, counted } = report;
  const files = groupFiles(report);
  const at = all.groups.indexOf(report);
  const link = (other: GroupReport | undefined, mark: (name: string) => string) =>
    other && markup`<a href="${encodeURI(groupFiles(other).page)}">${mark(nameGroup(other))}</a>`;
  return {
    title: `${nameGroup(report)}: counts and balance`,
    nav: [
      markup`<a href="index.html">All groups</a>`,
      link(all.groups[at - 1], (name) => `← ${name}`),
      link(all.groups[at + 1], (name) => `${name} →`),
      markup`<a href="${encodeURI(files.json)}">All of this page as JSON</a>`,
    ],
    body: [
      markup`<h1>${nameGroup(report)}${
        edition === undefined || edition.autonym === edition.name
          ? undefined
          : [" · ", toBdi(edition.autonym, edition.tag)]
      }</h1>
<p>Captions of ${sayPools(counted)} matched against the ${all.profile} list of ${showEntries(threshold.entries)}.</p>
`,
      figuresOf(report),
      toCautions(report.cautions),
      poolsOf(report),
      sourcesOf(report),
      charts && chartsOf(report, charts),
      topOf(report),
    ],
  };
}

/** Names pools. */
export function sayPools(pools: readonly string[]): Part {
  return [
    pools.length === 1 ? "the pool " : "the pools ",
    pools.map((pool, at) => [
      at === 0 ? "" : at === pools.length - 1 ? " and " : ", ",
      "“",
      toBdi(pool, undefined),
      "”",
    ]),
  ];
}

function figuresOf({ texts, matched, matches, threshold, curated, origin }: GroupReport): Markup {
  const { t, requested, achieved, total } = threshold;
  const size =
    curated === undefined
      ? ([NONE] as const)
      : ([
          formatCaptions(curated.expected),
          [
            curated.isExact ? "exact" : `± ${formatCaptions(curated.standardError)} (standard error)`,
            curated.share === undefined ? "" : `, ${showShare(curated.share)} of those with a match`,
          ],
        ] as const);
  return toFigures([
    ["captions", formatNumber(texts)],
    ["with a match", formatNumber(matched), showShare(matched, texts)],
    ["matches", formatNumber(matches), `${showRatio(matches, texts)} per caption`],
    ["threshold t", t === undefined ? NONE : formatNumber(t), total === 0 ? "nothing matched" : sayOrigin(origin)],
    [
      "tail’s share of matches",
      showShare(achieved),
      requested === undefined ? undefined : `wanted ${showShare(requested)}`,
    ],
    ["curated, expected", ...size],
  ]);
}

function poolsOf(report: GroupReport): Markup | undefined {
  const { pools, files, texts, matched, matches } = report;
  if (pools.length === 0) return undefined;
  const rows = [
    ...pools.map((pool) => [toBdi(pool.pool, undefined), pool] as const),
    ["all", { files, texts, matched, matches }] as const,
  ];
  return markup`<h2>Pools</h2>
${toTable({
  name: "Pools",
  columns: [
    { title: "pool", kind: "text" },
    ...["files", "captions", "with a match", "share", "matches", "per caption"].map((title) => ({ title })),
  ],
  rows: rows.map(([name, pool]) => [
    ...[
      name,
      formatNumber(pool.files),
      formatNumber(pool.texts),
      formatNumber(pool.matched),
      showShare(pool.matched, pool.texts),
    ],
    ...[formatNumber(pool.matches), showRatio(pool.matches, pool.texts)],
  ]),
  caption: toFileLinks(groupFiles(report).pools),
  hasSum: true,
})}`;
}

function sourcesOf(report: GroupReport): Markup {
  const { sources, threshold } = report;
  const t = showT(threshold.t);
  const titles = [
    ...["entries", "without a match", "share of entries", `with at least ${t}`, "share of entries"],
    ...["their matches", "share of matches", "matches"],
  ];
  const head = (value: string) => (threshold.t === undefined ? NONE : value);
  return markup`<h2>Entries by source</h2>
${toTable({
  name: "Entries by source",
  caption: ["An entry belongs to the first source that brings it. ", toFileLinks(groupFiles(report).sources)],
  columns: [{ title: "source", kind: "text" }, ...titles.map((title) => ({ title }))],
  rows: sources.map(({ source, ...row }) => [
    ...[source, formatNumber(row.entries), formatNumber(row.zero), showShare(row.zero, row.entries)],
    ...[head(formatNumber(row.head)), head(showShare(row.head, row.entries))],
    ...[head(formatNumber(row.headMatches)), head(showShare(row.headMatches, row.matches)), formatNumber(row.matches)],
  ]),
  hasSum: true,
})}${report.group === "en" ? markup`<p class="quiet">${sayEnglishTable2()}</p>\n` : undefined}`;
}

function sayEnglishTable2(): string {
  const { sources, zero, entries, head, headShare, headMatchesShare, t, texts } = ENGLISH_V1;
  const number = formatNumber;
  return (
    `For comparison, MetaCLIP v1 counted ${number(texts / 1e9)} billion English texts: of about ${number(entries)} entries (WordNet ` +
    `${number(sources.wordnet)}, unigrams ${number(sources.unigram)}, bigrams ${number(sources.bigram)}, titles ${number(sources.title)}) ` +
    `${number(zero)} have no match; ${number(head)} (${showShare(headShare)}) have more than ${number(t)} and hold ${showShare(headMatchesShare)} of all matches.`
  );
}

function chartsOf(report: GroupReport, { cumulative, size }: GroupCharts): Markup {
  const files = groupFiles(report);
  const { pools, threshold, curated } = report;
  const most = threshold.t === undefined ? "t" : formatNumber(threshold.t);
  const isDrawn = curated !== undefined && !curated.isExact;
  return markup`<h2>From tail to head</h2>
${toFigure({
  chart: cumulative,
  caption: [
    `Entries stand in the order of their matches, the most frequent at the right, on a logarithmic scale of their rank. As counted: the matches of an entry and of all rarer ones. Balanced: the same sum of min(count, ${most}), the matches that each entry keeps by itself in the mean over the curator’s draws; captions that several entries keep count for each, so that it is not the number of captions. The dotted line stands at the first entry with at least t matches. `,
    pools.length > 0
      ? "Each pool’s curve has the order of its own counts; t belongs to their sum, where a file that several pools have counts once. "
      : undefined,
  ],
  files: files.cumulative,
})}<h2>What another t would keep</h2>
${toFigure({
  chart: size,
  caption: [
    ...(curated === undefined
      ? ["The"]
      : [
          "Above, the captions that a curator is to expect: for each caption, the probability that any of its entries keeps it. ",
          isDrawn
            ? `Told from ${formatCounted(curated.drawn, "caption")} drawn of ${formatNumber(curated.matched)}; the band is two standard errors wide on each side. `
            : "Told from all captions with a match, so without an error. ",
          "Below, the",
        ]),
    ` share of all matches in entries with fewer than t, a stair at each count; where counts lie closer than 1/${COUNT_STEPS} of the axis, its steps are drawn that much too early at most. `,
  ],
  files: files.size,
})}`;
}

function topOf(report: GroupReport): Markup | undefined {
  const { top, edition, threshold } = report;
  if (top.length === 0) return undefined;
  const t = showT(threshold.t);
  const probability = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  return markup`<h2>Entries with most matches</h2>
${toTable({
  name: "Entries with most matches",
  caption: [
    "Share: of all captions. Kept: min(count, t), the captions that the entry keeps by itself in the mean; captions kept for another entry may hold it too. ",
    toFileLinks(groupFiles(report).top),
  ],
  columns: [
    { title: "entry", kind: "entry" },
    { title: "rank" },
    { title: "source", kind: "text" },
    ...["matches", "share of captions", `probability at ${t}`, "kept"].map((title) => ({ title })),
  ],
  rows: top.map(({ text, rank, source, count, share, probability: keep, kept }) => [
    ...[toBdi(text, edition?.tag), rank, source, formatNumber(count), showShare(share)],
    ...[keep === undefined ? NONE : probability.format(keep), showNumber(kept)],
  ]),
})}${report.group === "en" ? markup`<p class="quiet">${sayEnglishTable3()}</p>\n` : undefined}`;
}

function sayEnglishTable3(): string {
  const top = ENGLISH_V1.top.map(([entry, millions]) => `${entry} ${millions}M`).join(", ");
  return `For comparison, MetaCLIP v1, of ${formatNumber(ENGLISH_V1.texts / 1e9)} billion texts: ${top}.`;
}
