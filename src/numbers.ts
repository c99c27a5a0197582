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
