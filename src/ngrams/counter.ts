/** Counts the words and pairs of words of texts in the kernels, in bounded memory. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ApostropheRule, classOf } from "../../languages/boundary.ts";
import { CLASS } from "../../languages/boundary-classes.ts";
import { normalizeText } from "../../languages/normalize.ts";
import { DONE, FOR_HOST, FULL } from "../kernels/counts.ts";
import { CHUNK, CHUNK_BYTES } from "../kernels/layout.ts";
import type { Machine, Place } from "../kernels/machine.ts";
import { listClitics, listCodePoints, listLowerCase } from "../kernels/tables.ts";
import type { GramRun } from "./gram-runs.ts";
import type { GramCutter, GramSink } from "./grams.ts";

/** How to count. */
export interface CounterOptions {
  /** Kernels to count in; nothing else may count in them until `finish`. */
  readonly machine: Machine;
  /** Cuts what the kernels do not. */
  readonly cutter: GramCutter;
  /** Where apostrophes part words, if the kernels are to cut lines of scripts with spaces as `cutGrams` does. */
  readonly apostrophes?: ApostropheRule | undefined;
  /** Folder for the runs. */
  readonly directory: string;
  /** Start of the runs' file names; distinct for each counter in a folder. */
  readonly name: string;
  /** Bytes of memory for the tables: at least 2 MB and at most 1.5 GB are taken. */
  readonly memory: number;
}

/** What a counter leaves. */
export interface CountedGrams {
  readonly runs: readonly GramRun[];
  /** Words counted, N of PMI. */
  readonly tokens: number;
}

/** Counts the grams of texts given one after another. */
export interface GramCounter {
  /** A text begins to which nothing before belongs. */
  begin(): void;
  add(text: string): void;
  /** Count a text that lies in the machine's memory. */
  addPlace(place: Place): void;
  finish(): CountedGrams;
  /** Leave it at that: the kernels may count something else. */
  abandon(): void;
}

const LEAST_MEMORY = 2 << 20;
/** Addresses have 31 bits; pages need some, too. */
const MOST_MEMORY = 1.5 * 2 ** 30;
/** Units of words that are handed over at once, and of a single word: three bytes a unit, both fit into a chunk. */
const BATCH_UNITS = 4096;
const WORD_UNITS = 8192;
/** Units of a line that surely fits into a chunk, as three bytes a unit. */
const LINE_UNITS = 16_384;
/** Units of text that are encoded at once. */
const TEXT_UNITS = 1 << 24;

/** A counter of the words and pairs of texts; its tables go to disk as sorted runs whenever they are full. */
export function createGramCounter(options: CounterOptions): GramCounter {
  const { machine, cutter, directory, name } = options;
  const { kernel } = machine;
  if (machine.isCounting) throw new Error("these kernels are counting already");
  const memory = Math.round(Math.min(MOST_MEMORY, Math.max(LEAST_MEMORY, options.memory)));
  setLanguage(machine, options.apostrophes);
  if (!kernel.openCounts(memory & ~7)) throw new Error("no memory left for the tables of counting");
  machine.isCounting = true;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const runs: GramRun[] = [];
  let tokens = 0;

  const encode = (text: string) => {
    const { written } = encoder.encodeInto(text, machine.view().subarray(CHUNK, CHUNK + CHUNK_BYTES));
    return CHUNK + written;
  };

  const writeChunks = (path: string, next: () => number) => {
    const file = openSync(path, "w");
    try {
      for (let bytes = next(); bytes > 0; bytes = next()) {
        writeFileSync(file, machine.view().subarray(CHUNK, CHUNK + bytes));
      }
    } finally {
      closeSync(file);
    }
  };

  const spill = () => {
    const types = kernel.wordCount();
    if (types === 0) return;
    const path = (kind: string) => join(directory, `${name}-${runs.length}.${kind}`);
    const run: GramRun = { words: path("words"), pairs: path("pairs"), types };
    kernel.beginWords();
    writeChunks(run.words, kernel.writeWords);
    kernel.beginPairs();
    writeChunks(run.pairs, kernel.writePairs);
    runs.push(run);
    tokens += kernel.tokenCount();
    kernel.clearCounts();
  };

  // Words on their way to the kernels, each after a space if it makes a pair with the one before, else a line feed.
  let batch: string[] = [];
  let units = 0;
  let lastWord = "";
  const flush = () => {
    if (batch.length === 0) return;
    const text = batch.join("");
    if (!kernel.countWords(CHUNK, encode(text))) {
      spill();
      if (text.startsWith(" ")) kernel.recallWord(CHUNK, encode(lastWord));
      if (!kernel.countWords(CHUNK, encode(text))) throw new Error("the tables of counting are too small");
    }
    lastWord = batch.at(-1)!;
    batch = [];
    units = 0;
  };
  const sink: GramSink = {
    word(word) {
      if (units > BATCH_UNITS) flush();
      batch.push("\n", word.length > WORD_UNITS ? word.slice(0, WORD_UNITS) : word);
      units += word.length + 1;
    },
    pair() {
      batch[batch.length - 2] = " ";
    },
  };
  const cut = (text: string) => {
    cutter.cut(text, sink);
    flush();
  };

  /** A line that the kernels gave back: normalizing may be all that it needs. */
  const addLine = (line: string) => {
    const text = line.length > LINE_UNITS ? undefined : normalizeText(line);
    let answer = text === undefined ? FOR_HOST : kernel.countLine(CHUNK, encode(text));
    if (answer === FULL && text !== undefined) {
      spill();
      answer = kernel.countLine(CHUNK, encode(text));
    }
    if (answer !== DONE) cut(line);
  };

  const close = () => {
    kernel.closeCounts();
    machine.isCounting = false;
  };

  const addPlace = ({ address, length }: Place) => {
    const end = address + length;
    if (options.apostrophes === undefined) {
      cut(decoder.decode(machine.view().subarray(address, end)));
      return;
    }
    for (let at = address; at < end; ) {
      at = kernel.countText(at, end);
      const reason = kernel.stopReason();
      if (reason === FULL) spill();
      else if (reason === FOR_HOST) {
        const stop = kernel.lineEnd();
        addLine(decoder.decode(machine.view().subarray(at, stop)));
        at = stop + 1;
      }
    }
  };

  return {
    begin: () => cutter.begin(),
    add(text) {
      if (options.apostrophes === undefined) {
        cut(text);
        return;
      }
      for (let from = 0; from < text.length; ) {
        const to = endOfPiece(text, from);
        const piece = text.slice(from, to);
        const room = piece.length * 3;
        const address = kernel.prepare(room);
        if (address === 0) throw new Error("no memory left for a text");
        const { written } = encoder.encodeInto(piece, machine.view().subarray(address, address + room));
        addPlace({ address, length: written });
        from = to;
      }
    },
    addPlace,
    finish() {
      spill();
      close();
      return { runs, tokens };
    },
    abandon: close,
  };
}

/** End of what can be encoded at once: a line's end, or where there is none the end of a code point. */
function endOfPiece(text: string, from: number): number {
  if (text.length - from <= TEXT_UNITS) return text.length;
  const lineEnd = text.lastIndexOf("\n", from + TEXT_UNITS);
  if (lineEnd >= from) return lineEnd + 1;
  const next = text.indexOf("\n", from + TEXT_UNITS);
  return next < 0 ? text.length : next + 1;
}

let codePoints: Uint8Array | undefined;

/** Lines with letters of scripts without spaces are the host's. */
function isForTokenizer(point: number): boolean {
  return classOf(point) === CLASS.noSpaceLetter;
}

function setLanguage({ kernel, view }: Machine, rule: ApostropheRule | undefined): void {
  if (rule === undefined) return;
  codePoints ??= listCodePoints(isForTokenizer);
  const tables = [codePoints, listLowerCase(), listClitics(rule)];
  let address = kernel.prepare(tables.reduce((sum, { length }) => sum + length, 0));
  if (address === 0) throw new Error("no memory left for the tables of words");
  const memory = view();
  for (const table of tables) {
    memory.set(table, address);
    address += table.length;
  }
  kernel.setLanguage(rule.isQuote === true);
}
