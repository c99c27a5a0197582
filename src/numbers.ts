/** Numbers as people read them. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A number with thousands separators and at most two decimals. */
export function formatNumber(value: number): string {
  return NUMBER.format(value);
}

/** How many of what: "1 file", "2 files". */
export function formatCounted(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** An expected number of captions: whole ones where there are many. */
export function roundCaptions(captions: number): number {
  return captions >= 100 ? Math.round(captions) : Number(captions.toFixed(1));
}

/** An expected number of captions to read. */
export function formatCaptions(captions: number): string {
  return formatNumber(roundCaptions(captions));
}

/** What stands for a figure that there is not. */
export const NONE = "–";

/** A share as a percentage, with one decimal if not told otherwise. */
export function formatShare(share: number | undefined, decimals = 1): string {
  return share === undefined ? NONE : `${(share * 100).toFixed(decimals)} %`;
}

const UNITS = ["", "k", "M", "B", "T"];
const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });

/** A number in three digits and a unit, as axes show it: `1.5k`, `20M`, and `5.6B` for thousand millions. */
export function formatCompact(value: number): string {
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${THREE_DIGITS.format(rest)}${UNITS[unit]}`;
}
