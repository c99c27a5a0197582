/** Numbers as people read them. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A number with thousands separators and at most two decimals. */
export function formatNumber(value: number): string {
  return NUMBER.format(value);
}
