/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 > 0 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
