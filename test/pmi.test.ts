import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npmi, type PairCounts, pmi } from "../src/ngrams/pmi.ts";

const TEXT = "the cat sat on the mat and the cat saw the old dog on the mat and the old cat ran to the old dog";

/** Counts of a pair of words that follow each other in `TEXT`. */
function countsOf(first: string, second: string): PairCounts {
  const words = TEXT.split(" ");
  return {
    pair: words.filter((word, index) => word === first && words[index + 1] === second).length,
    first: words.filter((word) => word === first).length,
    second: words.filter((word) => word === second).length,
    tokens: words.length,
  };
}

describe("pmi and npmi", () => {
  /**
   * From NLTK 3.10.4 (`pip install nltk`), with f = BigramCollocationFinder.from_words(TEXT.split()):
   * python -c 'BigramAssocMeasures.pmi(f.ngram_fd[a, b], (f.word_fd[a], f.word_fd[b]), f.N)',
   * and that divided by -log2(f.ngram_fd[a, b] / f.N).
   */
  it.each([
    ["the", "cat", 1.2515387669959637, 0.3434654667514027],
    ["the", "old", 1.8365012677171197, 0.6003808743955855],
    ["on", "the", 1.8365012677171202, 0.5039993819928055],
    ["cat", "ran", 3.0588936890535683, 0.6586969027570073],
    ["old", "dog", 3.0588936890535683, 0.8394660847585972],
    ["mat", "and", 3.6438561897747244, 1],
  ])("of %s %s are NLTK's", (first, second, expectedPmi, expectedNpmi) => {
    expect(pmi(countsOf(first, second))).toBeCloseTo(expectedPmi, 12);
    expect(npmi(countsOf(first, second))).toBeCloseTo(expectedNpmi, 12);
  });

  const counts = fc
    .tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(100_000))
    .map(([pair, first, second, others]) => ({
      pair: pair + 1,
      first: pair + 1 + first,
      second: pair + 1 + second,
      tokens: 2 * (pair + 1) + first + second + others,
    }));

  it("keep NPMI between -1 and 1, with the sign of PMI", () => {
    fc.assert(
      fc.property(counts, (sample) => {
        expect(Math.abs(npmi(sample))).toBeLessThanOrEqual(1 + 1e-12);
        expect(Math.sign(npmi(sample))).toBe(Math.sign(pmi(sample)));
      }),
    );
  });

  it("are finite where the text is the pair alone", () => {
    expect(npmi({ pair: 1, first: 1, second: 1, tokens: 1 })).toBe(1);
    expect(pmi({ pair: 1, first: 1, second: 1, tokens: 1 })).toBe(0);
  });
});
