/** Statistics that tests reject wrong chances by. Their bounds are such that right ones fail with less than 1 in 10^6. */

/** Of a standard normal, passed with a probability of 1e-7 on one side. */
const Z = 5.2;

/**
 * What chi-square of so many degrees of freedom passes with a probability of about 1e-7 (Wilson and Hilferty, "The
 * distribution of chi-square", PNAS 17, 1931).
 */
export function chiSquareBound(freedom: number): number {
  const share = 2 / (9 * freedom);
  return freedom * (1 - share + Z * Math.sqrt(share)) ** 3;
}

/** How many of the numbers, from 0 to below 1, lie in each of so many equal parts. */
export function histogram(numbers: Iterable<number>, parts: number): Float64Array {
  const bins = new Float64Array(parts);
  for (const number of numbers) {
    const bin = Math.floor(number * parts);
    bins[bin] = bins[bin]! + 1;
  }
  return bins;
}

/** Chi-square of counts that ought to be equal, as a share of its bound: above 1 they are not. */
export function unevenness(bins: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < bins.length; at++) total += bins[at]!;
  const expected = total / bins.length;
  let sum = 0;
  for (let at = 0; at < bins.length; at++) sum += (bins[at]! - expected) ** 2 / expected;
  return sum / chiSquareBound(bins.length - 1);
}

/** `unevenness` of pairs of numbers on a grid: above 1 they are not both uniform and independent. */
export function dependence(pairs: Iterable<readonly [number, number]>, side: number): number {
  const cells = function* () {
    for (const [a, b] of pairs) yield (Math.floor(a * side) + b) / side;
  };
  return unevenness(histogram(cells(), side * side));
}

/** Standard scores that right chances pass in less than 1 of 10^8 cases, over 200 observations of a variance of 10 or more. */
const GREATEST_MEAN = 6.5;
const GREATEST_VARIANCE = 8;

/**
 * Observed numbers of independent events of known chances, against their mean and their variance: how far they are off, as
 * a share of what chance allows. Above 1 the chances are others, or the events depend on each other.
 *
 * The variance of a sample variance is (κ₄ + 2 σ⁴ n / (n − 1)) / n (Cramér, Mathematical Methods of Statistics, 27.4); the
 * cumulants of independent events add up.
 */
export function sumDeviation(observed: readonly number[], chances: readonly number[]): number {
  const n = observed.length;
  let mean = 0;
  let variance = 0;
  let fourth = 0;
  for (const chance of chances) {
    const spread = chance * (1 - chance);
    mean += chance;
    variance += spread;
    fourth += spread * (1 - 6 * spread);
  }
  const found = observed.reduce((sum, value) => sum + value, 0) / n;
  const spread = observed.reduce((sum, value) => sum + (value - found) ** 2, 0) / (n - 1);
  const ofMean = (found - mean) / Math.sqrt(variance / n);
  const ofVariance = (spread - variance) / Math.sqrt((fourth + (2 * variance ** 2 * n) / (n - 1)) / n);
  return Math.max(Math.abs(ofMean) / GREATEST_MEAN, Math.abs(ofVariance) / GREATEST_VARIANCE);
}
