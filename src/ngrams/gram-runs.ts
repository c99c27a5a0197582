/**
 * Runs of counted grams, and how they merge. A run is two files. `words`: for each word, in the order of code points, its
 * length in bytes, its count, and it in UTF-8. `pairs`: for each pair of the run's words, told by their ranks, in order,
 * the step from the second rank of the pair before, doubled, or where the first rank is another the step of that, doubled
 * and one more, then the second rank; then its count. All numbers have seven bits a byte, the lowest first.
 *
 * Merging adds counts, so it is associative and commutative. The ranks of a merged run keep the order of those of its
 * parts: so pairs merge as numbers, and no word is compared more than once.
 */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";

/** A run: its files, and how many words it has. */
export interface GramRun {
  readonly words: string;
  readonly pairs: string;
  readonly types: number;
}

const BLOCK_BYTES = 1 << 18;
/** No item of a run, a word of at most 8 kB and two numbers, has more bytes. */
const ITEM_BYTES = 1 << 14;
const MAX_OPEN_RUNS = 64;

/** Reads numbers and bytes from a file, a block at a time. */
class BlockReader {
  readonly bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  at = 0;
  #end = 0;
  #ended = false;
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /** Make a whole item available; false after the last. */
  fill(): boolean {
    if (this.#end - this.at < ITEM_BYTES && !this.#ended) {
      this.bytes.copyWithin(0, this.at, this.#end);
      this.#end -= this.at;
      this.at = 0;
      while (this.#end < this.bytes.length) {
        const length = readSync(this.#file, this.bytes, this.#end, this.bytes.length - this.#end, null);
        if (length === 0) {
          this.#ended = true;
          break;
        }
        this.#end += length;
      }
    }
    return this.at < this.#end;
  }

  number(): number {
    const byte = this.bytes[this.at++]!;
    return byte < 128 ? byte : this.#longNumber(byte);
  }

  #longNumber(first: number): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at++]!;
    let value = (first & 127) + (byte & 127) * 128;
    for (let factor = 16384; byte >= 128; factor *= 128) {
      byte = bytes[at++]!;
      value += (byte & 127) * factor;
    }
    this.at = at;
    return value;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Writes numbers and bytes to a file. */
class BlockWriter {
  readonly #bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  #at = 0;
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  number(value: number): void {
    if (this.#at + 10 > BLOCK_BYTES) this.flush();
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest % 128) + 128;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  copy(from: Uint8Array, start: number, end: number): void {
    if (this.#at + end - start > BLOCK_BYTES) this.flush();
    for (let at = start; at < end; at++) this.#bytes[this.#at++] = from[at]!;
  }

  flush(): void {
    writeFileSync(this.#file, this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#file);
    }
  }
}

/** Goes through the words of a run; the word is `reader.bytes` from `start` to `end`, until the next call. */
export class WordReader {
  readonly reader: BlockReader;
  rank = -1;
  count = 0;
  start = 0;
  end = 0;

  constructor(path: string) {
    this.reader = new BlockReader(path);
  }

  next(): boolean {
    const { reader } = this;
    if (!reader.fill()) return false;
    const length = reader.number();
    this.count = reader.number();
    this.start = reader.at;
    reader.at += length;
    this.end = reader.at;
    this.rank++;
    return true;
  }

  text(): string {
    return this.reader.bytes.toString("utf8", this.start, this.end);
  }

  close(): void {
    this.reader.close();
  }
}

/** Goes through the pairs of a run. */
export class PairReader {
  readonly reader: BlockReader;
  first = 0;
  second = 0;
  count = 0;

  constructor(path: string) {
    this.reader = new BlockReader(path);
  }

  next(): boolean {
    const { reader } = this;
    if (!reader.fill()) return false;
    const step = reader.number();
    if (step % 2 === 0) this.second += step / 2;
    else {
      this.first += (step - 1) / 2;
      this.second = reader.number();
    }
    this.count = reader.number();
    return true;
  }

  close(): void {
    this.reader.close();
  }
}

function compareWords(a: WordReader, b: WordReader): number {
  const { bytes } = a.reader;
  const other = b.reader.bytes;
  const length = Math.min(a.end - a.start, b.end - b.start);
  for (let k = 0; k < length; k++) {
    const difference = bytes[a.start + k]! - other[b.start + k]!;
    if (difference !== 0) return difference;
  }
  return a.end - a.start - (b.end - b.start);
}

/** The words of several readers, smallest first: a heap of those readers that have one. */
class WordHeap {
  readonly #items: WordReader[] = [];

  constructor(items: readonly WordReader[]) {
    for (const item of items) {
      if (!item.next()) continue;
      this.#items.push(item);
      for (let at = this.#items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (compareWords(this.#items[parent]!, item) <= 0) break;
        this.#items[at] = this.#items[parent]!;
        this.#items[parent] = item;
        at = parent;
      }
    }
  }

  get top(): WordReader | undefined {
    return this.#items[0];
  }

  /** Move the top on to its next word. */
  advance(): void {
    const items = this.#items;
    const top = items[0]!;
    const item = top.next() ? top : items.pop()!;
    if (items.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && compareWords(items[child + 1]!, items[child]!) < 0) child++;
      if (compareWords(items[child]!, item) >= 0) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}

/** Merge the words of runs into a file; returns their number and, for each run, the merged rank of each of its ranks. */
function mergeWords(runs: readonly GramRun[], path: string): { types: number; ranks: Uint32Array[] } {
  const readers = runs.map(({ words }) => new WordReader(words));
  const ranks = runs.map(({ types }) => new Uint32Array(types));
  const writer = new BlockWriter(path);
  let types = 0;
  try {
    const ranksOf = new Map(readers.map((reader, index) => [reader, ranks[index]!]));
    const heap = new WordHeap(readers);
    const word = Buffer.allocUnsafe(ITEM_BYTES);
    for (let least = heap.top; least !== undefined; least = heap.top) {
      const length = least.end - least.start;
      least.reader.bytes.copy(word, 0, least.start, least.end);
      let count = 0;
      let same: WordReader | undefined = least;
      do {
        count += same.count;
        ranksOf.get(same)![same.rank] = types;
        heap.advance();
        same = heap.top;
      } while (same !== undefined && same.end - same.start === length && isSame(same, word, length));
      writer.number(length);
      writer.number(count);
      writer.copy(word, 0, length);
      types++;
    }
  } finally {
    writer.close();
    for (const reader of readers) reader.close();
  }
  return { types, ranks };
}

function isSame({ reader, start }: WordReader, word: Uint8Array, length: number): boolean {
  for (let k = 0; k < length; k++) if (reader.bytes[start + k] !== word[k]) return false;
  return true;
}

/**
 * Merge the pairs of runs into a file, by the ranks of their words among all. At most 64 runs are merged at once, mostly
 * ten or so: looking through their next pairs, which are numbers side by side, is quicker than to keep a heap of them.
 */
function mergePairs(runs: readonly GramRun[], ranks: readonly Uint32Array[], path: string): void {
  const readers = runs.map(({ pairs }) => new PairReader(pairs));
  const firsts = new Float64Array(runs.length);
  const seconds = new Float64Array(runs.length);
  const advance = (index: number) => {
    const reader = readers[index]!;
    const hasNext = reader.next();
    firsts[index] = hasNext ? ranks[index]![reader.first]! : Number.POSITIVE_INFINITY;
    seconds[index] = hasNext ? ranks[index]![reader.second]! : Number.POSITIVE_INFINITY;
  };
  const writer = new BlockWriter(path);
  let lastFirst = 0;
  let lastSecond = 0;
  try {
    for (const index of readers.keys()) advance(index);
    for (;;) {
      let first = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      for (let index = 0; index < firsts.length; index++) {
        if (firsts[index]! > first || (firsts[index] === first && seconds[index]! >= second)) continue;
        first = firsts[index]!;
        second = seconds[index]!;
      }
      if (first === Number.POSITIVE_INFINITY) return;
      let count = 0;
      for (let index = 0; index < firsts.length; index++) {
        if (firsts[index] !== first || seconds[index] !== second) continue;
        count += readers[index]!.count;
        advance(index);
      }
      if (first === lastFirst) writer.number((second - lastSecond) * 2);
      else {
        writer.number((first - lastFirst) * 2 + 1);
        writer.number(second);
      }
      writer.number(count);
      lastFirst = first;
      lastSecond = second;
    }
  } finally {
    writer.close();
    for (const reader of readers) reader.close();
  }
}

interface MergeOptions {
  /** Start of the path of what comes out: `.words` and `.pairs` are put behind it. */
  readonly target: string;
  /** Bytes of memory for ranks, four for each word of a run. */
  readonly memory: number;
}

/** Merge runs into one, in rounds if there are too many; the runs given stay. */
export function mergeGramRuns(given: readonly GramRun[], { target, memory }: MergeOptions): GramRun {
  const pathsOf = (path: string) => ({ words: `${path}.words`, pairs: `${path}.pairs` });
  const remove = (run: GramRun) => {
    if (given.includes(run)) return;
    for (const path of [run.words, run.pairs]) rmSync(path);
  };
  const merge = (runs: readonly GramRun[], path: string): GramRun => {
    const paths = pathsOf(path);
    const { types, ranks } = mergeWords(runs, paths.words);
    mergePairs(runs, ranks, paths.pairs);
    for (const run of runs) remove(run);
    return { ...paths, types };
  };
  let runs = given;
  for (let round = 0; ; round++) {
    const groups: GramRun[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const run of runs) {
      const group = groups.at(-1);
      bytes += 4 * run.types;
      // At least two, so that every round brings it nearer to the end.
      if (group === undefined || (group.length >= 2 && (bytes > memory || group.length === MAX_OPEN_RUNS))) {
        groups.push([run]);
        bytes = 4 * run.types;
      } else group.push(run);
    }
    if (groups.length <= 1) break;
    runs = groups.map((group, index) => (group.length === 1 ? group[0]! : merge(group, `${target}-${round}-${index}`)));
  }
  return merge(runs, target);
}
