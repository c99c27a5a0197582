/** Which pairs have occurred before, and which rows share their image with others: for one range of hashes at a time. */
import { createKeyTable, type KeyTable } from "./key-table.ts";
import {
  type HashRange,
  IMAGE,
  PIECE,
  ROW_BEGINS,
  readKnownPairs,
  readPairs,
  type TakeRecord,
  TEXT,
  TEXT_BITS,
} from "./pair-list.ts";
import { bytesOf } from "./partitioned-file.ts";
import { JOINED, REPEAT_WORDS } from "./repeats.ts";
import { createSectionFile } from "./section-file.ts";

/** What has a place in a pool's order: a file whose pairs were listed, by its number and the lists of its shares; or hashes
 * of pairs that a file, which is not read again, has brought first. */
export type PairSource = { readonly file: number; readonly shares: readonly string[] } | { readonly known: string };

/** What is to be solved, and where the answer goes. */
export interface PairTask {
  /** In the pool's order; numbers of files ascend. */
  readonly sources: readonly PairSource[];
  readonly range: HashRange;
  /** True if rows that share their image with others are to be told; lists then tell images. */
  readonly images: boolean;
  /** How many sections the answers have: the files' numbers are below it. */
  readonly files: number;
  /** Where to leave what is repeated: a section for each file. */
  readonly repeats: string;
  /** Where to leave the hashes of pairs that each file brings first, ascending, a section for each file. */
  readonly firsts?: string | undefined;
}

/** Of the pairs: occurred before. */
const SEEN = 1;
/** Of the images: several rows have a text that is not dropped. */
const SEVERAL = 2;

/** Most bytes of memory that a record costs while its range is solved: two tables, whether it is dropped, what it brings first. */
export const BYTES_A_RECORD = 96;

/** A list that is in the sources. */
type PairList = Extract<PairSource, { readonly file: number }>;

/**
 * Solves one range: a text is dropped if its pair has occurred before, in the pool's order; of a row that has texts left
 * it is told, with `images`, if another row of its image has too. Reads the lists two or three times; holds, of each
 * different pair and image of the lists, a hash, and of each record a bit. Of pairs that are only known, nothing.
 */
export function solvePairs(task: PairTask): void {
  const pairs = createKeyTable();
  const images = createKeyTable();
  const dropped = createBits();
  if (task.sources.some((source) => "known" in source)) learnPairs(task, pairs);
  const firsts = task.firsts === undefined ? undefined : createFirsts(task.firsts, task.files);
  for (const source of task.sources) {
    if ("known" in source) markKnown(source.known, task.range, pairs);
    else {
      decideFile(source, task, { pairs, images, dropped, onFirst: firsts?.add });
      firsts?.endFile(source.file);
    }
  }
  firsts?.end();
  leaveRepeats(task, { images, dropped });
}

/** Puts the pairs of all lists into the table, so that of those that are only known no others need be held. */
function learnPairs({ sources, ...task }: PairTask, pairs: KeyTable): void {
  const lists = sources.filter((source): source is PairList => "file" in source);
  for (const { shares } of lists) readPairs(shares, task, (words, at) => pairs.add(words[at]!, words[at + 1]!));
}

function markKnown(path: string, range: HashRange, pairs: KeyTable): void {
  readKnownPairs(path, range, (low, high) => {
    const place = pairs.find(low, high);
    if (place >= 0) pairs.set(place, SEEN);
  });
}

interface Solution {
  readonly pairs: KeyTable;
  /** How many rows with a text that is not dropped an image has: 1, or 2 for more. */
  readonly images: KeyTable;
  /** For each record of the lists, in their order. */
  readonly dropped: Bits;
  onFirst?: ((low: number, high: number) => void) | undefined;
}

function decideFile(
  { shares }: PairList,
  task: Pick<PairTask, "range" | "images">,
  { pairs, images, dropped, onFirst }: Solution,
): void {
  let isCounted = false;
  readPairs(shares, task, (words, at) => {
    const [low, high] = [words[at]!, words[at + 1]!];
    const place = pairs.add(low, high);
    const isRepeated = pairs.get(place) === SEEN;
    pairs.set(place, SEEN);
    dropped.push(isRepeated);
    if (!isRepeated) onFirst?.(low, high);
    if (!task.images) return;
    if ((words[at + TEXT]! & ROW_BEGINS) !== 0) isCounted = false;
    if (isRepeated || isCounted) return;
    isCounted = true;
    const image = images.add(words[at + IMAGE]!, words[at + IMAGE + 1]!);
    images.set(image, Math.min(SEVERAL, images.get(image) + 1));
  });
}

/** Leaves what is repeated of each file, in its order. */
function leaveRepeats(task: PairTask, { images, dropped }: Pick<Solution, "images" | "dropped">): void {
  const file = createSectionFile(task.repeats, task.files);
  const repeat = new Uint32Array(REPEAT_WORDS);
  const bytes = bytesOf(repeat);
  let record = 0;
  let isTold = false;
  for (const source of task.sources) {
    if ("known" in source) continue;
    const take: TakeRecord = (words, at) => {
      const isDropped = dropped.get(record++);
      if ((words[at + TEXT]! & ROW_BEGINS) !== 0) isTold = false;
      if (!isDropped && (!task.images || isTold)) return;
      if (!isDropped) {
        isTold = true;
        if (images.get(images.find(words[at + IMAGE]!, words[at + IMAGE + 1]!)) < SEVERAL) return;
      }
      repeat[0] = words[at + PIECE]!;
      repeat[1] = (words[at + TEXT]! & TEXT_BITS) | (isDropped ? 0 : JOINED);
      file.add(source.file, bytes);
    };
    readPairs(source.shares, task, take);
  }
  file.end();
}

/** Hashes of pairs that each file brings first. */
function createFirsts(path: string, files: number) {
  const file = createSectionFile(path, files);
  let words = new Uint32Array(1 << 10);
  let length = 0;
  return {
    add(low: number, high: number) {
      if (length === words.length) {
        const more = new Uint32Array(2 * length);
        more.set(words);
        words = more;
      }
      words[length++] = low;
      words[length++] = high;
    },
    endFile(number: number) {
      new BigUint64Array(words.buffer, 0, length / 2).sort();
      file.add(number, bytesOf(words.subarray(0, length)));
      length = 0;
    },
    end: file.end,
  };
}

/** As many bits as are pushed. */
interface Bits {
  push(bit: boolean): void;
  get(index: number): boolean;
}

function createBits(): Bits {
  let bytes = new Uint8Array(1 << 10);
  let length = 0;
  return {
    push(bit) {
      if (length === 8 * bytes.length) {
        const more = new Uint8Array(2 * bytes.length);
        more.set(bytes);
        bytes = more;
      }
      if (bit) bytes[length >> 3]! |= 1 << (length & 7);
      length++;
    },
    get: (index) => (bytes[index >> 3]! & (1 << (index & 7))) !== 0,
  };
}
