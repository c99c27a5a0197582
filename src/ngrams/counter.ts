/** Counts the words and pairs of words of texts, in bounded memory. */
import { join } from "node:path";
import type { Tokenizer } from "../../languages/define.ts";
import { isClitic, joinOf } from "../../languages/joins.ts";
import { normalizeText } from "../../languages/normalize.ts";
import { byKey, heapBytes, type Tally, writeRun } from "./runs.ts";

/** What a text is cut into: each word, and each pair of words that follow each other as one entry would write them. */
export interface GramSink {
  word(word: string): void;
  pair(first: string, second: string): void;
}

/** A way to cut texts into words and pairs. */
export interface GramCutter {
  /** A text begins to which nothing before belongs. */
  begin(): void;
  /** Hand the words and pairs of a text, or of its next lines, to `sink`. */
  cut(text: string, sink: GramSink): void;
}

const LINE_END = /[\n\r\u2028\u2029]/;
const SPACES = /^\s+$/;

/** What stands between two words, as an entry would write it: white space within a line is one space. */
function gapOf(between: string): string {
  const gap = between.replaceAll("\u200B", "");
  return SPACES.test(gap) && !LINE_END.test(gap) ? " " : gap;
}

/**
 * Hand the words and pairs of a text to `sink`. Words make a pair only where the text has between them just what an
 * entry of the two would have: so no pair crosses a line, a sentence or any other mark.
 */
export function cutGrams(text: string, tokenizer: Tokenizer, sink: GramSink): void {
  let previous: string | undefined;
  let between = "";
  for (const segment of tokenizer.segment(normalizeText(text))) {
    if (!segment.word) {
      between += segment.text;
      continue;
    }
    sink.word(segment.text);
    const word = isClitic(segment.text) ? undefined : segment.text;
    if (previous !== undefined && word !== undefined && gapOf(between) === joinOf(previous, word)) {
      sink.pair(previous, word);
    }
    previous = word;
    between = "";
  }
}

/** The cutter of the `corrected` profile: every line stands for itself. */
export function createCutter(tokenizer: Tokenizer): GramCutter {
  return { begin() {}, cut: (text, sink) => cutGrams(text, tokenizer, sink) };
}

/** A table stays well below the 2^24 keys at which a `Map` throws. */
const MAX_KEYS = 8_000_000;

/** Counts keys; a table that is full goes to disk as a sorted run. */
class SpillingTable {
  readonly runs: string[] = [];
  total = 0;
  #counts = new Map<string, number>();
  #bytes = 0;
  readonly #path: (run: number) => string;
  readonly #memory: number;

  constructor(path: (run: number) => string, memory: number) {
    this.#path = path;
    this.#memory = memory;
  }

  add(key: string): void {
    const count = this.#counts.get(key);
    this.total++;
    if (count !== undefined) {
      this.#counts.set(key, count + 1);
      return;
    }
    this.#bytes += heapBytes(key);
    // A slice would keep its whole text alive; a copy does not.
    this.#counts.set(Buffer.from(key, "utf8").toString("utf8"), 1);
  }

  isFull(): boolean {
    return this.#bytes > this.#memory || this.#counts.size >= MAX_KEYS;
  }

  spill(): void {
    if (this.#counts.size === 0) return;
    const tallies: Tally[] = Array.from(this.#counts, ([key, count]) => ({ key, count })).sort(byKey);
    const path = this.#path(this.runs.length);
    writeRun(path, tallies);
    this.runs.push(path);
    this.#counts = new Map();
    this.#bytes = 0;
  }
}

interface CounterOptions {
  readonly cutter: GramCutter;
  /** Folder for the runs. */
  readonly directory: string;
  /** Start of the runs' file names; distinct for each counter in a folder. */
  readonly name: string;
  /** Bytes of memory for the tables. */
  readonly memory: number;
}

/** Runs that a counter leaves; bigram keys are two words with a tab between them. */
export interface CountedGrams {
  readonly unigrams: readonly string[];
  readonly bigrams: readonly string[];
  /** Words counted, N of PMI. */
  readonly tokens: number;
}

/** Counts the grams of texts given one after another. */
export interface GramCounter {
  /** A text begins to which nothing before belongs. */
  begin(): void;
  add(text: string): void;
  finish(): CountedGrams;
}

/** A counter of the words and pairs of texts; its tables go to disk as sorted runs whenever they are full. */
export function createGramCounter(options: CounterOptions): GramCounter {
  const { cutter, directory, name, memory } = options;
  const path = (kind: string) => (run: number) => join(directory, `${name}-${kind}-${run}.run`);
  const unigrams = new SpillingTable(path("unigrams"), memory * 0.3);
  const bigrams = new SpillingTable(path("bigrams"), memory * 0.7);
  const sink: GramSink = {
    word: (word) => unigrams.add(word),
    pair: (first, second) => bigrams.add(`${first}\t${second}`),
  };
  return {
    begin: () => cutter.begin(),
    add(text) {
      cutter.cut(text, sink);
      for (const table of [unigrams, bigrams]) if (table.isFull()) table.spill();
    },
    finish() {
      unigrams.spill();
      bigrams.spill();
      return { unigrams: unigrams.runs, bigrams: bigrams.runs, tokens: unigrams.total };
    },
  };
}
