/**
 * Charts as stand-alone SVG files, drawn on the server by Observable Plot.
 *
 * Colours are written as attributes, for programs that know no more; where the reader's system is dark a style turns them
 * into others, on a dark ground.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { formatCompact } from "../numbers.ts";
import { type Markup, markup, trust } from "./markup.ts";
import { showCaptions, showEntries, showShare, showT } from "./show.ts";

/** A chart and what it says. */
interface ChartText {
  readonly title: string;
  /** For those who do not see it. */
  readonly description: string;
}

/** A line of a chart with its name. */
export interface Series<P> {
  readonly name: string;
  readonly points: readonly P[];
}

const WIDTH = 640;
const PLOT_HEIGHT = 330;
const SMALL_HEIGHT = 170;
const MARGIN = { left: 60, right: 24 };
const TITLE_HEIGHT = 30;
const LEGEND_ROW = 19;
const LEGEND_COLUMNS = 2;
const LEGEND_NAME = 38;

/** Colours in light and in dark, told apart also by those who confuse red and green, or blue and yellow. */
const INK = ["#1a1a1a", "#e8e8e8"] as const;
const GROUND = ["#ffffff", "#14171a"] as const;
const FAINT = ["#b4b4b4", "#5a5f66"] as const;
const SERIES = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#f28e4b"],
  ["#661100", "#f0e442"],
  ["#cc6699", "#cc79a7"],
  ["#332288", "#9a8cf0"],
  ["#117733", "#5dc77e"],
] as const;
/** The later series are told apart by their dashes as well. */
const DASHES = ["", "", "", "7 3", "2 3", "9 3 2 3"] as const;
const RAW = { stroke: SERIES[0][0], dash: "" };
const BAND = 0.25;
const BALANCED = { stroke: SERIES[1][0], dash: "6 4" };

/** How many lines a chart tells apart. */
export const SERIES_SHOWN = SERIES.length;

const STYLE = [
  ".wm-chart text{white-space:pre}",
  "@media screen and (prefers-color-scheme:dark){",
  `.wm-chart{fill:${INK[1]};color:${INK[1]}}`,
  ...[INK, GROUND, FAINT, ...SERIES].flatMap(([light, dark]) => [
    `.wm-chart [fill="${light}"]{fill:${dark}}`,
    `.wm-chart [stroke="${light}"]{stroke:${dark}}`,
  ]),
  "}",
].join("");

interface Panel {
  readonly height: number;
  readonly options: Plot.PlotOptions;
}

interface Swatch {
  readonly name: string;
  readonly stroke: string;
  readonly dash: string;
  readonly width?: number;
  readonly opacity?: number;
}

/** Puts panels below each other, under a title and a legend; they share their left and right edges. */
function drawChart({
  title,
  description,
  legend,
  panels,
}: ChartText & { readonly legend: readonly Swatch[]; readonly panels: readonly Panel[] }): Markup {
  const top = TITLE_HEIGHT + Math.ceil(legend.length / LEGEND_COLUMNS) * LEGEND_ROW;
  let at = top;
  const drawn = panels.map(({ height, options }) => {
    const placed = markup`<g transform="translate(0,${at})" text-anchor="middle">${drawPanel(height, options)}</g>\n`;
    at += height;
    return placed;
  });
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="wm-chart" role="img" width="${WIDTH}" height="${at}" viewBox="0 0 ${WIDTH} ${at}" font-family="system-ui, sans-serif" font-size="12" fill="${INK[0]}" color="${INK[0]}">
<title>${title}</title>
<desc>${description}</desc>
<style>${trust(STYLE)}</style>
<rect width="${WIDTH}" height="${at}" fill="${GROUND[0]}"/>
<text x="8" y="19" font-size="14" font-weight="600">${title}</text>
${legend.map(drawSwatch)}
${drawn}</svg>
`;
}

function drawSwatch({ name, stroke, dash, width = 2, opacity = 1 }: Swatch, at: number): Markup {
  const x = 8 + (at % LEGEND_COLUMNS) * (WIDTH / LEGEND_COLUMNS);
  const y = TITLE_HEIGHT + Math.floor(at / LEGEND_COLUMNS) * LEGEND_ROW + 8;
  const characters = [...name];
  const shown = characters.length > LEGEND_NAME ? `${characters.slice(0, LEGEND_NAME - 1).join("")}…` : name;
  return markup`<path d="M${x},${y}h26" stroke="${stroke}" stroke-width="${width}"${
    dash === "" ? undefined : markup` stroke-dasharray="${dash}"`
  }${opacity === 1 ? undefined : markup` stroke-opacity="${opacity}"`}/><text x="${x + 34}" y="${y + 4}">${shown}</text>`;
}

function drawPanel(height: number, options: Plot.PlotOptions): Markup {
  // A document of its own, so that nothing of one chart is in the next.
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    ...{ document, width: WIDTH, height, marginLeft: MARGIN.left, marginRight: MARGIN.right, marginTop: 26 },
    marginBottom: 44,
    ...options,
  });
  svg.querySelector("style")?.remove();
  return trust(roundNumbers(svg.innerHTML));
}

/** Attributes with two decimals: enough for any screen, and the same wherever the last digits differ. */
function roundNumbers(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}

/** Powers of ten on an axis; on a short one twice and five times as much, too. */
export function logTicks(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const steps = decades <= 2 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / 8));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    if (power % every !== 0) continue;
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/** Ticks of an axis from 0: about six, of small counts whole numbers. */
function ticksTo(most: number): number | number[] {
  return most < 6 ? Array.from({ length: Math.floor(most) + 1 }, (_, tick) => tick) : 6;
}

/** A line, or a dot where there is but one point. */
function drawLine(
  points: readonly object[],
  [x, y]: readonly [x: string, y: string],
  { stroke, dash, width = 2, curve = "linear" }: Omit<Swatch, "name"> & { readonly curve?: "linear" | "step-before" },
): Plot.Markish {
  if (points.length === 1) return Plot.dot(points, { x, y, r: 3, fill: stroke });
  return Plot.lineY(points, {
    ...{ x, y, curve, stroke, strokeWidth: width, strokeLinejoin: "round" },
    ...(dash !== "" && { strokeDasharray: dash }),
  });
}

/** The end of an axis by logarithms, which needs some length. */
const endOf = (most: number) => Math.max(2, most);

/** What `drawCumulative` draws. */
export interface CumulativeChart extends ChartText {
  readonly entries: number;
  readonly t: number | undefined;
  /** Entries with at least t matches. */
  readonly head: number;
  readonly sum: readonly { readonly rank: number; readonly matches: number; readonly balanced: number }[];
  readonly pools: readonly Series<{ readonly rank: number; readonly matches: number }>[];
}

/** Cumulative matches by rank: as counted, balanced, and of each pool. */
export function drawCumulative({ entries, t, head, sum, pools, ...text }: CumulativeChart): Markup {
  const high = endOf(entries);
  const total = sum.at(-1)?.matches || 1;
  const shown = pools.slice(0, SERIES_SHOWN - 2);
  const poolSwatches = shown.map(
    ({ name }, at): Swatch => ({ name, stroke: SERIES[at + 2]![0], dash: DASHES[at + 2]!, width: 1.5 }),
  );
  const rest = pools.slice(shown.length);
  const restSwatch = { name: `${rest.length} more pools`, stroke: FAINT[0], dash: "", width: 1 };
  return drawChart({
    ...text,
    legend: [
      { name: pools.length > 0 ? "all pools, as counted" : "as counted", ...RAW },
      ...(t === undefined ? [] : [{ name: `balanced: min(count, t) of each entry`, ...BALANCED }]),
      ...poolSwatches,
      ...(rest.length > 0 ? [restSwatch] : []),
    ],
    panels: [
      {
        height: PLOT_HEIGHT,
        options: {
          x: {
            ...{ type: "log", reverse: true, domain: [1, high], ticks: logTicks(1, high), tickFormat: formatCompact },
            label: "rank of the entry by its matches: rarest left, most frequent right →",
            labelAnchor: "center",
          },
          y: {
            domain: [0, total],
            nice: true,
            label: "↑ matches of this and all rarer entries",
            tickFormat: formatCompact,
            grid: true,
            ticks: ticksTo(total),
          },
          marks: [
            Plot.ruleY([0]),
            ...rest.map(({ points }) => drawLine(points, ["rank", "matches"], restSwatch)),
            ...shown.map(({ points }, at) => drawLine(points, ["rank", "matches"], poolSwatches[at]!)),
            drawLine(sum, ["rank", "matches"], { ...RAW, width: 2.5 }),
            ...(t === undefined ? [] : [drawLine(sum, ["rank", "balanced"], { ...BALANCED, width: 2.5 })]),
            ...(t === undefined
              ? []
              : markPlace({
                  name: `${showT(t)}, head: ${showEntries(head)}`,
                  x: Math.max(1, head),
                  low: high,
                  high: 1,
                })),
          ],
        },
      },
    ],
  });
}

/** A place on the axis of logarithms, with a name at the top of the panel or the bottom. */
interface Place {
  readonly name: string;
  readonly x: number;
  /** The ends of the axis, left and right. */
  readonly low: number;
  readonly high: number;
  readonly anchor?: "top" | "bottom";
}

function markPlace({ name, x, low, high, anchor = "top" }: Place): Plot.Markish[] {
  const isRight = Math.log(x / low) / Math.log(high / low) > 0.5;
  return [
    Plot.ruleX([x], { stroke: INK[0], strokeDasharray: "1 3", strokeWidth: 1.5 }),
    Plot.text([name], {
      ...{ x: () => x, frameAnchor: anchor, dy: anchor === "top" ? 4 : -8, dx: isRight ? -6 : 6 },
      ...{ textAnchor: isRight ? "end" : "start", fontWeight: 600, fill: INK[0], stroke: GROUND[0], strokeWidth: 4 },
    }),
  ];
}

/** A point of a curve of shares. */
export interface SharePoint {
  /** Share of the list's entries with at least as many matches, the entry included. */
  readonly entries: number;
  /** Share of all matches that this entry and all rarer ones hold. */
  readonly matches: number;
}

/** What `drawShares` draws. */
export interface ShareChart extends ChartText {
  /** The first ones are told apart, the rest is in one colour. */
  readonly series: readonly Series<SharePoint>[];
  /** What the rest is called. */
  readonly rest: string;
}

/** Cumulative shares of matches, so that lists or pools of any size compare. */
export function drawShares({ series, rest, ...text }: ShareChart): Markup {
  const shown = series.slice(0, SERIES_SHOWN);
  const others = series.slice(shown.length);
  const low = series.reduce((least, { points }) => Math.min(least, points.at(-1)?.entries ?? 1), 0.1);
  const swatches = shown.map(({ name }, at): Swatch => ({ name, stroke: SERIES[at]![0], dash: DASHES[at]! }));
  const restSwatch = { name: rest, stroke: FAINT[0], dash: "", width: 1 };
  return drawChart({
    ...text,
    legend: [...swatches, ...(others.length > 0 ? [restSwatch] : [])],
    panels: [
      {
        height: PLOT_HEIGHT,
        options: {
          x: {
            ...{ type: "log", reverse: true, domain: [low, 1], ticks: logTicks(low, 1), tickFormat: formatPercent },
            label: "rank of the entry as a share of the list: rarest left, most frequent right →",
            labelAnchor: "center",
          },
          y: {
            domain: [0, 1],
            label: "↑ share of all matches in this and all rarer entries",
            tickFormat: formatPercent,
            grid: true,
            ticks: 6,
          },
          marks: [
            Plot.ruleY([0]),
            ...others.map(({ points }) => drawLine(points, ["entries", "matches"], restSwatch)),
            ...shown.map(({ points }, at) => drawLine(points, ["entries", "matches"], swatches[at]!)),
          ],
        },
      },
    ],
  });
}

function formatPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** What `drawSize` draws. */
export interface SizeChart extends ChartText {
  readonly t: number | undefined;
  readonly points: readonly {
    readonly t: number;
    readonly tailRatio: number;
    /** Absent where too few captions are drawn. */
    readonly curated?: { readonly expected: number; readonly low: number; readonly high: number };
  }[];
}

/** The curated size and the tail's share by threshold, one above the other. */
export function drawSize({ t, points, ...text }: SizeChart): Markup {
  const high = endOf(points.at(-1)?.t ?? 1);
  const x = { type: "log", domain: [1, high], ticks: logTicks(1, high), tickFormat: formatCompact } as const;
  const sizes = points.flatMap(({ t, curated }) => (curated === undefined ? [] : [{ t, ...curated }]));
  const top = sizes.reduce((most, { high }) => Math.max(most, high), 1);
  const isUncertain = sizes.some(({ low, high }) => high > low);
  const chosen = points.find((point) => point.t === t);
  const mark = (name: string, anchor: "top" | "bottom") =>
    t === undefined || t < 1 ? [] : markPlace({ name, x: t, low: 1, high, anchor });
  const size: Panel = {
    height: PLOT_HEIGHT - 30,
    options: {
      x: { ...x, label: null },
      y: {
        domain: [0, top],
        nice: true,
        label: "↑ captions kept, expected",
        tickFormat: formatCompact,
        grid: true,
        ticks: ticksTo(top),
      },
      marginBottom: 26,
      marks: [
        Plot.ruleY([0]),
        ...(isUncertain
          ? [Plot.areaY(sizes, { x: "t", y1: "low", y2: "high", fill: RAW.stroke, fillOpacity: BAND })]
          : []),
        drawLine(sizes, ["t", "expected"], RAW),
        ...mark(
          `${showT(t)}${chosen?.curated === undefined ? "" : `: ${showCaptions(chosen.curated.expected)}`}`,
          "bottom",
        ),
      ],
    },
  };
  const tail: Panel = {
    height: SMALL_HEIGHT,
    options: {
      x: { ...x, label: "threshold t →", labelAnchor: "center" },
      y: { domain: [0, 1], label: "↑ tail’s share of all matches", tickFormat: formatPercent, grid: true, ticks: 4 },
      marks: [
        Plot.ruleY([0]),
        drawLine(points, ["t", "tailRatio"], { stroke: BALANCED.stroke, dash: "", curve: "step-before" }),
        ...mark(
          `${sizes.length > 0 ? "" : `${showT(t)}: `}${chosen === undefined ? "" : showShare(chosen.tailRatio)}`,
          "top",
        ),
      ],
    },
  };
  const band = { name: "± 2 standard errors", stroke: RAW.stroke, dash: "", width: 10, opacity: BAND };
  return drawChart({
    ...text,
    legend: sizes.length > 0 ? [{ name: "captions kept, expected", ...RAW }, ...(isUncertain ? [band] : [])] : [],
    panels: sizes.length > 0 ? [size, tail] : [tail],
  });
}
