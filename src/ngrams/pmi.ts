/** Counts behind the association of two words. */
export interface PairCounts {
  /** Occurrences of the pair, c(ab). */
  readonly pair: number;
  /** Occurrences of its words, c(a) and c(b). */
  readonly first: number;
  readonly second: number;
  /** Words counted in all, N. */
  readonly tokens: number;
}

/** Pointwise mutual information in bits: log2( c(ab)·N / (c(a)·c(b)) ) (Church and Hanks 1990). */
export function pmi({ pair, first, second, tokens }: PairCounts): number {
  return Math.log2((pair * tokens) / (first * second));
}

/** PMI as a share of the most that a pair of this count can have: PMI / −log2(c(ab)/N), at most 1 (Bouma 2009). */
export function npmi(counts: PairCounts): number {
  const most = -Math.log2(counts.pair / counts.tokens);
  return most === 0 ? 1 : pmi(counts) / most;
}
