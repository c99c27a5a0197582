/** Figures as people read them on pages and charts. */
import { formatCaptions, formatCompact, formatNumber, NONE } from "../numbers.ts";

/** A number, or what stands for none. */
export function showNumber(value: number | undefined): string {
  return value === undefined ? NONE : formatNumber(value);
}

/** A share of a whole as a percentage, in digits that tell small ones from nothing; it stays in one line. */
export function showShare(part: number | undefined, whole = 1): string {
  if (part === undefined || whole === 0) return NONE;
  const percent = (part / whole) * 100;
  if (percent === 0 || percent === 100) return `${percent}\u00a0%`;
  if (percent < 0.005) return "<\u00a00.01\u00a0%";
  return `${percent.toFixed(percent >= 9.95 && percent < 99.95 ? 1 : 2)}\u00a0%`;
}

/** So many of so many others each. */
export function showRatio(part: number, whole: number): string {
  return whole === 0 ? NONE : (part / whole).toFixed(2);
}

/** A threshold in a line; without one, its name. */
export function showT(t: number | undefined): string {
  return t === undefined ? "t" : `t\u00a0=\u00a0${formatNumber(t)}`;
}

/** A number of entries. */
export function showEntries(entries: number): string {
  return `${formatNumber(entries)} ${entries === 1 ? "entry" : "entries"}`;
}

/** A number of captions, in as many digits as a chart shows. */
export function showCaptions(captions: number): string {
  return `${captions < 1e5 ? formatCaptions(captions) : formatCompact(captions)} captions`;
}
