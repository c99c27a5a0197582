/** Tables for terminals: columns align by display width, also with wide, combining and right-to-left text. */
import stringWidth from "string-width";
import { formatNumber } from "../numbers.ts";

export { formatCaptions, formatCounted, formatNumber, formatShare, NONE, roundCaptions } from "../numbers.ts";

export type Cell = string | number | undefined;

export interface Column {
  readonly title: string;
  /** Numbers go to the right. */
  readonly align?: "left" | "right";
}

/** Bytes in the unit that suits them. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: what stands between does not disturb the line around it. */
const ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Text that can stand in a line of another direction. */
export function isolate(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? ISOLATE + text + POP_ISOLATE : text;
}

function show(cell: Cell): string {
  if (cell === undefined) return "";
  return typeof cell === "number" ? formatNumber(cell) : cell;
}

/** The rows as lines under their titles; each line ends with a line end. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => columns.map((_, index) => show(row[index])));
  const widths = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...texts.map((row) => stringWidth(row[index] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const text = cells[index] ?? "";
        const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(text)));
        return align === "right" ? padding + isolate(text) : isolate(text) + padding;
      })
      .join("  ")
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return `${[head, rule, ...texts.map(line)].join("\n")}\n`;
}
