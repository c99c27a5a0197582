/** What the first pass leaves of a file: a record for each text of a row with a URL, in partitions by hash. */
import type { PairHasher } from "./pair-hash.ts";
import { bytesOf, createPartitionedFile, readPartition, wordsOf } from "./partitioned-file.ts";

/** What is told of a row's place: pieces of a file follow one another, and so do the texts of a piece. */
export interface RowPlace {
  /** Number of the piece in the file. */
  readonly piece: number;
  /** Number of the row's first text in the piece; texts of all rows count. */
  readonly text: number;
}

/** Tells rows' places: both passes number texts alike. */
export function createPlaces(): (row: { readonly piece: number; readonly texts: readonly string[] }) => RowPlace {
  let piece = -1;
  let next = 0;
  return (row) => {
    if (row.piece !== piece) [piece, next] = [row.piece, 0];
    const text = next;
    next += row.texts.length;
    if (next > TEXT_BITS) throw new Error(`a piece of a file has more than ${TEXT_BITS} texts`);
    return { piece, text };
  };
}

/** Marks the first text of a row in the word of its number. */
export const ROW_BEGINS = 0x80000000;
export const TEXT_BITS = 0x7fffffff;

/**
 * Words of a record: hash of the pair, lower word first; piece; number of the text, with `ROW_BEGINS`; and, where images are
 * told, the hash of the image.
 */
export const PIECE = 2;
export const TEXT = 3;
export const IMAGE = 4;
const PAIR_WORDS = 4;
const IMAGE_WORDS = 6;

export function recordWords(images: boolean): number {
  return images ? IMAGE_WORDS : PAIR_WORDS;
}

/** A range of hashes: one of `parts` equal parts of one of `of` partitions. */
export interface HashRange {
  readonly partition: number;
  readonly of: number;
  readonly part: number;
  readonly parts: number;
}

const WORDS = 2 ** 32;

/** Which of some partitions a hash belongs to, by its upper word: greater hashes belong to later ones. */
export function partitionOf(high: number, of: number): number {
  return Math.floor((high * of) / WORDS);
}

/** Whether a hash that belongs to the partition of a range belongs to the range: parts are in the same order. */
export function isInRange(high: number, { of, part, parts }: HashRange): boolean {
  return parts === 1 || Math.floor((((high * of) % WORDS) * parts) / WORDS) === part;
}

/** Lists the pairs of one share of a file. */
export interface PairLister {
  /** Adds a row's pairs; without a URL it has none. */
  add(place: RowPlace, row: { readonly url: string | undefined; readonly texts: readonly string[] }): void;
  end(): void;
}

/**
 * Creates a lister that leaves the file `path`, in so many partitions: with `images` by the hashes of images, which it then
 * tells too, else by those of pairs.
 */
export function createPairLister(
  path: string,
  {
    hasher,
    partitions,
    images,
  }: { readonly hasher: PairHasher; readonly partitions: number; readonly images: boolean },
): PairLister {
  const file = createPartitionedFile(path, partitions);
  const record = new Uint32Array(recordWords(images));
  const bytes = bytesOf(record);
  const { image, pair } = hasher;
  return {
    add({ piece, text }, { url, texts }) {
      if (url === undefined) return;
      hasher.setImage(url);
      record[PIECE] = piece;
      if (images) record.set(image, IMAGE);
      for (const [index, one] of texts.entries()) {
        hasher.setText(one);
        record.set(pair);
        record[TEXT] = (text + index) | (index === 0 ? ROW_BEGINS : 0);
        file.add(partitionOf((images ? image : pair)[1]!, partitions), bytes);
      }
    },
    end: file.end,
  };
}

/** Takes the record that begins at a place among words. */
export type TakeRecord = (words: Uint32Array, at: number) => void;

/** Reads the records of a range from the shares of one file, in the order of the file. */
export function readPairs(
  shares: readonly string[],
  { range, images }: { readonly range: HashRange; readonly images: boolean },
  take: TakeRecord,
): void {
  const width = recordWords(images);
  const high = images ? IMAGE + 1 : 1;
  const readers = shares.map((path) => createReader(path, { partition: range.partition, width }));
  for (let open = readers.filter(isOpen); open.length > 0; open = open.filter(isOpen)) {
    // Of each piece all records are in one share.
    const reader = open.reduce((first, other) => (pieceOf(other) < pieceOf(first) ? other : first));
    for (const piece = pieceOf(reader); isOpen(reader) && pieceOf(reader) === piece; reader.next()) {
      if (isInRange(reader.words[reader.at + high]!, range)) take(reader.words, reader.at);
    }
  }
}

/** The place in a partition of a share. */
interface Reader {
  words: Uint32Array;
  at: number;
  next(): void;
}

const isOpen = ({ words }: Reader) => words.length > 0;
const pieceOf = ({ words, at }: Reader) => words[at + PIECE]!;

function createReader(path: string, { partition, width }: { readonly partition: number; readonly width: number }) {
  const blocks = readPartition(path, partition);
  const nextBlock = () => wordsOf(blocks.next().value ?? new Uint8Array(0));
  const reader: Reader = {
    words: nextBlock(),
    at: 0,
    next() {
      reader.at += width;
      if (reader.at < reader.words.length) return;
      reader.words = nextBlock();
      reader.at = 0;
    },
  };
  return reader;
}

/** Writes hashes of pairs that went before, each as two words, lower first, in so many partitions; best ascending. */
export function writeKnownPairs(path: string, partitions: number, hashes: Iterable<Uint8Array>): void {
  const file = createPartitionedFile(path, partitions);
  for (const chunk of hashes) {
    const words = wordsOf(chunk);
    for (let from = 0, to = 0; from < words.length; from = to) {
      // They ascend, so that many that follow each other belong to one partition.
      const partition = partitionOf(words[from + 1]!, partitions);
      while (to < words.length && partitionOf(words[to + 1]!, partitions) === partition) to += 2;
      file.add(partition, chunk.subarray(4 * from, 4 * to));
    }
  }
  file.end();
}

/** Reads the hashes of a range that `writeKnownPairs` has left. */
export function readKnownPairs(path: string, range: HashRange, take: (low: number, high: number) => void): void {
  for (const block of readPartition(path, range.partition)) {
    const words = wordsOf(block);
    for (let at = 0; at < words.length; at += 2) {
      const high = words[at + 1]!;
      if (isInRange(high, range)) take(words[at]!, high);
    }
  }
}
