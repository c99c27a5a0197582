/** What another list or threshold changes for pools, as tables. */
import type { CuratedSize } from "../balancing/curated-size.ts";
import type { Impact, Keeping, KeptEntry } from "../balancing/impact.ts";
import type { Figures } from "../curation/figures.ts";
import { type Cell, formatCaptions, formatNumber, formatShare, formatTable, NONE, roundCaptions } from "./table.ts";

const SIGNED = new Intl.NumberFormat("en", { maximumFractionDigits: 2, signDisplay: "exceptZero" });
const PROBABILITY = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** What is expected and its standard error; `exact` where it has none. */
export function formatCurated(curated: CuratedSize | undefined): string {
  if (curated === undefined) return NONE;
  return (
    formatCaptions(curated.expected) + (curated.isExact ? " exact" : ` ± ${formatCaptions(curated.standardError)}`)
  );
}

/** The figures of two sides, a line for each; those of a side that is not known are dashes. */
export function formatFigures(
  titles: readonly [string, string],
  before: Figures | undefined,
  after: Figures | undefined,
): string {
  const rows: Cell[][] = [];
  const line = (title: string, show: (side: Figures) => string, value?: (side: Figures) => number | undefined) => {
    const [from, to] = [before && value?.(before), after && value?.(after)];
    const change = from === undefined || to === undefined ? "" : SIGNED.format(to - from);
    rows.push([title, before ? show(before) : NONE, after ? show(after) : NONE, change]);
  };
  const number = (title: string, value: (side: Figures) => number | undefined) =>
    line(title, (side) => formatDefined(value(side)), value);
  number("captions", ({ texts }) => texts);
  number("matched", ({ matched }) => matched);
  number("matches", ({ matches }) => matches);
  number("entries", ({ threshold }) => threshold.entries);
  number("t", ({ threshold }) => threshold.t);
  line("achieved", ({ threshold }) => formatShare(threshold.achieved, 2));
  number("head", ({ threshold }) => (threshold.t === undefined ? undefined : threshold.head));
  number("tail", ({ threshold }) => (threshold.t === undefined ? undefined : threshold.tail));
  number("zero", ({ threshold }) => threshold.zero);
  line(
    "curated",
    ({ curated }) => formatCurated(curated),
    ({ curated }) => curated && roundCaptions(curated.expected),
  );
  line("of matched", ({ curated }) => formatShare(curated?.share, 2));
  const [from, to] = titles;
  return formatTable(
    ["", from, to, "change"].map((title, at) => ({ title, align: at === 0 ? "left" : "right" })),
    rows,
  );
}

function formatDefined(value: number | undefined): string {
  return value === undefined ? NONE : formatNumber(value);
}

/** Entries in a table: of each kind of change at most `limit`, and its name if there can be several kinds. */
export function formatKeeping(
  { changed, added, removed }: Pick<Impact, "changed"> & Partial<Impact>,
  limit: number,
): string {
  const rows: string[][] = [];
  const one = (kind: string, entries: readonly KeptEntry[]) => {
    for (const { text, ...keeping } of entries.slice(0, limit)) {
      rows.push([kind, text, ...COLUMNS.map(({ show }) => show(keeping))]);
    }
  };
  for (const { text, before, after } of changed.slice(0, limit)) {
    const cells = COLUMNS.map(({ show }) => {
      const [from, to] = [show(before), show(after)];
      return from === to ? from : `${from} → ${to}`;
    });
    rows.push(["changed", text, ...cells]);
  }
  one("added", added ?? []);
  one("removed", removed ?? []);
  if (rows.length === 0) return "";
  const right = COLUMNS.map(({ title }) => ({ title, align: "right" as const }));
  if (added === undefined)
    return formatTable(
      [{ title: "entry" }, ...right],
      rows.map((row) => row.slice(1)),
    );
  return formatTable([{ title: "change" }, { title: "entry" }, ...right], rows);
}

const COLUMNS: readonly { readonly title: string; readonly show: (keeping: Keeping) => string }[] = [
  { title: "count", show: ({ count }) => formatNumber(count) },
  { title: "probability", show: ({ probability }) => PROBABILITY.format(probability) },
  { title: "kept", show: ({ kept }) => formatCaptions(kept) },
];
