/**
 * Sorted runs: files of `key⇥number` lines in an order, which merge into one. Counting spills to runs when its tables
 * are full, each worker leaves runs, and merging them is associative and commutative.
 */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { compareCodePoints } from "./order.ts";

const READ_BYTES = 1 << 16;
const LINES_A_WRITE = 4096;
/** Runs that are open at the same time. */
const MAX_OPEN_RUNS = 64;

/** A key and how often it was met. */
export interface Tally {
  readonly key: string;
  readonly count: number;
}

export type CompareTallies = (a: Tally, b: Tally) => number;

/** By key, in the order of UTF-16 units: the quickest, for runs that are only merged. */
export const byKey: CompareTallies = (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** By count, largest first, then by key in code point order: the order in which lists are ranked and shown. */
export const byCount: CompareTallies = (a, b) => b.count - a.count || compareCodePoints(a.key, b.key);

/** Rough bytes that a table or an array of tallies holds for one key on the heap. */
export function heapBytes(key: string): number {
  return 80 + key.length * 2;
}

/**
 * A copy of a string that was cut from a longer one, which it would keep alive: a key kept from a run would keep the whole
 * stretch of the file that was read with it.
 */
export function copyKey(key: string): string {
  return Buffer.from(key, "utf8").toString("utf8");
}

/** A plain file of lines, written as they come. */
export interface LineFile {
  write(line: string): void;
  close(): void;
}

export function createLineFile(path: string): LineFile {
  const file = openSync(path, "w");
  let lines: string[] = [];
  const flush = () => {
    // All of it or an error, unlike `writeSync`, which may stop in the middle when the disk is full.
    writeFileSync(file, lines.join(""));
    lines = [];
  };
  return {
    write(line) {
      lines.push(`${line}\n`);
      if (lines.length >= LINES_A_WRITE) flush();
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Write tallies, which must be in the run's order, to a file. */
export function writeRun(path: string, tallies: Iterable<Tally>): void {
  const file = createLineFile(path);
  try {
    for (const { key, count } of tallies) file.write(`${key}\t${count}`);
  } finally {
    file.close();
  }
}

/** Read a run in its order. The key may hold tabs; the number follows the last one. */
export function* readRun(path: string): Generator<Tally> {
  for (const line of readRunLines(path)) {
    const tab = line.lastIndexOf("\t");
    yield { key: line.slice(0, tab), count: Number(line.slice(tab + 1)) };
  }
}

/** Read the lines of a file that the project itself has written. */
export function* readRunLines(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const decoder = new StringDecoder("utf8");
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let rest = "";
    for (;;) {
      const length = readSync(file, buffer, 0, READ_BYTES, null);
      if (length === 0) return;
      const lines = (rest + decoder.write(buffer.subarray(0, length))).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}

/** Two ordered sequences as one; equal keys that meet are added up. */
function* mergeTwo(left: Iterable<Tally>, right: Iterable<Tally>, compare: CompareTallies): Generator<Tally> {
  const rights = right[Symbol.iterator]();
  try {
    let other = rights.next();
    for (const tally of left) {
      while (!other.done && compare(other.value, tally) < 0) {
        yield other.value;
        other = rights.next();
      }
      if (!other.done && other.value.key === tally.key) {
        yield { key: tally.key, count: tally.count + other.value.count };
        other = rights.next();
      } else {
        yield tally;
      }
    }
    while (!other.done) {
      yield other.value;
      other = rights.next();
    }
  } finally {
    rights.return?.();
  }
}

/** Merge runs of one order into one sequence; equal keys that meet are added up. All are open at the same time. */
export function mergeRuns(paths: readonly string[], compare: CompareTallies = byKey): Iterable<Tally> {
  if (paths.length === 0) return [];
  if (paths.length === 1) return readRun(paths[0]!);
  const half = paths.length >> 1;
  return mergeTwo(mergeRuns(paths.slice(0, half), compare), mergeRuns(paths.slice(half), compare), compare);
}

/**
 * Merge runs in rounds until at most 64 are left, which may be open at the same time; runs that were merged are removed,
 * what they became lies beside them.
 */
export function compactRuns(paths: readonly string[], compare: CompareTallies = byKey): readonly string[] {
  let runs = paths;
  for (let round = 0; runs.length > MAX_OPEN_RUNS; round++) {
    const merged: string[] = [];
    for (let at = 0; at < runs.length; at += MAX_OPEN_RUNS) {
      const group = runs.slice(at, at + MAX_OPEN_RUNS);
      const path = `${group[0]!}.${round}`;
      writeRun(path, mergeRuns(group, compare));
      for (const run of group) rmSync(run);
      merged.push(path);
    }
    runs = merged;
  }
  return runs;
}

/** Add up equal keys of a sequence in an order that puts them side by side. */
export function* addEqualKeys(tallies: Iterable<Tally>): Generator<Tally> {
  let last: Tally | undefined;
  for (const tally of tallies) {
    if (last?.key === tally.key) last = { key: last.key, count: last.count + tally.count };
    else {
      if (last !== undefined) yield last;
      last = tally;
    }
  }
  if (last !== undefined) yield last;
}

interface SortOptions {
  /** Folder for runs that do not fit in memory; the caller removes it. */
  readonly directory: string;
  readonly name: string;
  /** Bytes of memory to use. */
  readonly memory: number;
}

/** Takes tallies in any order and gives them back sorted. */
export interface TallySorter {
  add(tally: Tally): void;
  /** All tallies added, in order; to be called once, at the end. */
  sorted(): Generator<Tally>;
}

/**
 * A sorter by `compare`, in memory while the tallies fit, else through runs on disk. Keys are distinct, or at least those
 * that are equal are not to be told apart: some of them are added up.
 */
export function createTallySorter(compare: CompareTallies, { directory, name, memory }: SortOptions): TallySorter {
  const runs: string[] = [];
  let held: Tally[] = [];
  let bytes = 0;
  const spill = () => {
    const path = join(directory, `${name}-sort-${runs.length}.run`);
    writeRun(path, held.sort(compare));
    runs.push(path);
    held = [];
    bytes = 0;
  };
  return {
    add({ key, count }) {
      held.push({ key: copyKey(key), count });
      bytes += heapBytes(key) + 40;
      if (bytes >= memory) spill();
    },
    *sorted() {
      if (runs.length > 0) {
        spill();
        yield* mergeRuns(compactRuns(runs, compare), compare);
      } else {
        yield* held.sort(compare);
      }
    },
  };
}

/** Sort tallies as `createTallySorter` does. */
export function* sortTallies(
  tallies: Iterable<Tally>,
  compare: CompareTallies,
  options: SortOptions,
): Generator<Tally> {
  const sorter = createTallySorter(compare, options);
  for (const tally of tallies) sorter.add(tally);
  yield* sorter.sorted();
}
