/**
 * What the MetaCLIP paper (Xu et al., "Demystifying CLIP Data", ICLR 2024, Tables 1 to 3) prints of its English list and
 * pool, to be read beside our figures.
 */
export const ENGLISH_V1 = {
  texts: 1.6e9,
  matches: 5.6e9,
  matchesPerText: 3.5,
  entries: 500_000,
  sources: { wordnet: 86_654, unigram: 251_465, bigram: 100_646, title: 61_235 },
  zero: 114_000,
  t: 20_000,
  head: 16_000,
  headShare: 0.032,
  headMatches: 5.35e9,
  headMatchesShare: 0.945,
  curated: 400e6,
  /** The entries with most matches, in millions. */
  top: [
    ...([
      ["of", 120],
      ["in", 107],
      ["and", 100],
      ["for", 89],
      ["the", 87],
      ["The", 67],
      ["with", 67],
      ["to", 61],
    ] as const),
    ...([
      ["photo", 54],
      ["a", 50],
      ["image", 48],
      ["1", 47],
    ] as const),
  ],
} as const;
