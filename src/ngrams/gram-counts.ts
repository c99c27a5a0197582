/** The counted grams of a text, read from disk as often as needed, in bounded memory. */

import { compareCodePoints } from "../order.ts";
import type { Tally } from "../runs.ts";
import { type GramRun, PairReader, WordReader } from "./gram-runs.ts";
import type { PairCounts } from "./pmi.ts";

/** A word with its place among all: 1 for the first of those with the largest count. */
export interface RankedWord extends Tally {
  readonly rank: number;
}

/** Two words that follow each other, and how often. */
export interface WordPair extends PairCounts {
  readonly words: readonly [string, string];
}

/** Words and pairs of an edition's text; all can be read more than once. */
export interface GramCounts {
  /** Words counted, N. */
  readonly tokens: number;
  /** Distinct words. */
  readonly types: number;
  /** Words by count, largest first, then by code point. */
  unigrams(): Iterable<Tally>;
  /** Those of the texts that are words, by code point. */
  find(texts: Iterable<string>): Iterable<RankedWord>;
  /** The pairs that `keep` takes, in the order of their words' code points; they are held in memory. */
  pairs(keep: (counts: PairCounts) => boolean): Iterable<WordPair>;
  /** Pairs as two words with a tab between them, by count, largest first, then by code point of the words. */
  bigrams(): Iterable<Tally>;
}

/** Rough bytes that a word or pair takes while it is held. */
const HELD_BYTES = 160;
/** Words of the first step down the list; most who read it need no more. */
const FIRST_STEP = 1 << 17;

function* read<T extends WordReader | PairReader>(reader: T): Generator<T> {
  try {
    while (reader.next()) yield reader;
  } finally {
    reader.close();
  }
}

/** Order of bytes and the word that a reader is at. */
function compareBytes(bytes: Uint8Array, { reader, start, end }: WordReader): number {
  const length = Math.min(bytes.length, end - start);
  for (let k = 0; k < length; k++) {
    const difference = bytes[k]! - reader.bytes[start + k]!;
    if (difference !== 0) return difference;
  }
  return bytes.length - (end - start);
}

/** How many items have each count, largest count first. */
function countCounts(items: Iterable<{ readonly count: number }>): [count: number, items: number][] {
  const numbers = new Map<number, number>();
  for (const { count } of items) numbers.set(count, (numbers.get(count) ?? 0) + 1);
  return [...numbers].sort(([a], [b]) => b - a);
}

/** Counts that follow each other, of which all items are held at once; or a single one, whose items come in order. */
interface Step {
  /** For each count the place of its next item. */
  readonly places: Map<number, number>;
  readonly size: number;
}

/** Cuts the counts into steps of at most `most(step)` items; a count of more items is a step by itself. */
function cutSteps(numbers: readonly (readonly [number, number])[], most: (step: number) => number): Step[] {
  const steps: { places: Map<number, number>; size: number }[] = [];
  for (const [count, items] of numbers) {
    const step = steps.at(-1);
    if (step !== undefined && step.size + items <= most(steps.length - 1)) {
      step.places.set(count, step.size);
      step.size += items;
    } else steps.push({ places: new Map([[count, 0]]), size: items });
  }
  return steps;
}

/** Opens the grams of a run. `tokens` is N; `memory` bounds, in bytes, what `unigrams` and `bigrams` hold. */
export function openGramCounts(run: GramRun, { tokens, memory }: { tokens: number; memory: number }): GramCounts {
  const held = Math.max(1, Math.floor(memory / HELD_BYTES));
  const readWords = () => read(new WordReader(run.words));
  const readPairs = () => read(new PairReader(run.pairs));
  let countsOfWords: [count: number, words: number][] | undefined;
  const countWordCounts = () => {
    countsOfWords ??= countCounts(readWords());
    return countsOfWords;
  };

  /** The words of the given ranks, by rank. */
  const findWords = (...columns: readonly Iterable<number>[]): ((rank: number) => string) => {
    const places = new Uint32Array(run.types);
    for (const ranks of columns) for (const rank of ranks) places[rank] = 1;
    const texts: string[] = [""];
    for (const word of readWords()) if (places[word.rank] === 1) places[word.rank] = texts.push(word.text()) - 1;
    return (rank) => texts[places[rank]!]!;
  };

  return {
    tokens,
    types: run.types,
    *unigrams() {
      const steps = cutSteps(countWordCounts(), (step) => Math.min(held, FIRST_STEP * 4 ** step));
      for (const { places, size } of steps) {
        if (places.size === 1) {
          for (const word of readWords()) if (places.has(word.count)) yield { key: word.text(), count: word.count };
          continue;
        }
        const next = new Map(places);
        const tallies = new Array<Tally>(size);
        for (const word of readWords()) {
          const place = next.get(word.count);
          if (place === undefined) continue;
          next.set(word.count, place + 1);
          tallies[place] = { key: word.text(), count: word.count };
        }
        yield* tallies;
      }
    },
    *find(texts) {
      const ranks = new Map<number, number>();
      let rank = 1;
      for (const [count, words] of countWordCounts()) {
        ranks.set(count, rank);
        rank += words;
      }
      // Side by side, so that only words that are asked for become strings.
      const wanted = [...texts].sort(compareCodePoints).map((text) => Buffer.from(text));
      let next = 0;
      for (const word of readWords()) {
        const rank = ranks.get(word.count)!;
        ranks.set(word.count, rank + 1);
        let order = -1;
        while (next < wanted.length) {
          order = compareBytes(wanted[next]!, word);
          if (order >= 0) break;
          next++;
        }
        if (next === wanted.length) return;
        if (order === 0) yield { key: word.text(), count: word.count, rank };
      }
    },
    *pairs(keep) {
      const counts = new Float64Array(run.types);
      for (const word of readWords()) counts[word.rank] = word.count;
      const firsts: number[] = [];
      const seconds: number[] = [];
      const pairs: number[] = [];
      const candidate = { pair: 0, first: 0, second: 0, tokens };
      for (const { first, second, count } of readPairs()) {
        candidate.pair = count;
        candidate.first = counts[first]!;
        candidate.second = counts[second]!;
        if (!keep(candidate)) continue;
        firsts.push(first);
        seconds.push(second);
        pairs.push(count);
      }
      const wordOf = findWords(firsts, seconds);
      for (const [index, pair] of pairs.entries()) {
        const first = firsts[index]!;
        const second = seconds[index]!;
        yield { words: [wordOf(first), wordOf(second)], pair, first: counts[first]!, second: counts[second]!, tokens };
      }
    },
    *bigrams() {
      for (const { places, size } of cutSteps(countCounts(readPairs()), () => held)) {
        const next = new Map(places);
        const most = Math.min(size, held);
        const columns = [new Uint32Array(most), new Uint32Array(most)] as const;
        const counts = new Float64Array(most);
        const tell = function* (length: number): Generator<Tally> {
          const [firsts, seconds] = columns;
          const wordOf = findWords(firsts.subarray(0, length), seconds.subarray(0, length));
          for (let at = 0; at < length; at++) {
            yield { key: `${wordOf(firsts[at]!)}\t${wordOf(seconds[at]!)}`, count: counts[at]! };
          }
        };
        let filled = 0;
        for (const { first, second, count } of readPairs()) {
          const place = next.get(count);
          if (place === undefined) continue;
          // A count by itself comes in order, however many have it.
          const at = places.size === 1 ? filled : place;
          next.set(count, place + 1);
          columns[0][at] = first;
          columns[1][at] = second;
          counts[at] = count;
          filled++;
          if (filled < most || places.size > 1) continue;
          yield* tell(filled);
          filled = 0;
        }
        if (filled > 0) yield* tell(filled);
      }
    },
  };
}
