/**
 * One file that holds many sequences of bytes side by side, as they come: blocks, each of one partition, then for each
 * block its partition and its length (two words of 32 bits), then the number of blocks and a mark. So a reader of files
 * that are cut into hundreds of partitions has as many files as there were writers, and reads only its own blocks.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from "node:fs";

/** Writes to partitions. */
export interface PartitionWriter {
  /** Adds bytes to a partition; they stay together in one block. */
  add(partition: number, bytes: Uint8Array): void;
  /** Puts the file in its place; until then it has another name. */
  end(): void;
}

/** Bytes that wait for each partition. */
const BLOCK_BYTES = 1 << 14;
/** "WMPF": the file is whole. */
const MARK = 0x464d5057;
const ENTRY_BYTES = 8;

/** Creates a file with so many partitions; of each at most 16 KiB wait in memory. */
export function createPartitionedFile(path: string, partitions: number): PartitionWriter {
  const temporary = `${path}.part`;
  const file = openSync(temporary, "w");
  const blocks = Array.from({ length: partitions }, (): Buffer | undefined => undefined);
  const filled = new Uint32Array(partitions);
  const index: number[] = [];
  const writeBlock = (partition: number, bytes: Uint8Array) => {
    writeAll(file, bytes, temporary);
    index.push(partition, bytes.length);
  };
  const flush = (partition: number) => {
    if (filled[partition]! > 0) writeBlock(partition, blocks[partition]!.subarray(0, filled[partition]));
    filled[partition] = 0;
  };
  return {
    add(partition, bytes) {
      if (filled[partition]! + bytes.length > BLOCK_BYTES) flush(partition);
      if (bytes.length > BLOCK_BYTES) return writeBlock(partition, bytes);
      blocks[partition] ??= Buffer.allocUnsafe(BLOCK_BYTES);
      blocks[partition].set(bytes, filled[partition]);
      filled[partition]! += bytes.length;
    },
    end() {
      for (let partition = 0; partition < partitions; partition++) flush(partition);
      writeAll(file, bytesOf(Uint32Array.from([...index, index.length / 2, MARK])), temporary);
      fsyncSync(file);
      closeSync(file);
      renameSync(temporary, path);
    },
  };
}

/** A block's place. */
interface Block {
  readonly partition: number;
  readonly from: number;
  readonly length: number;
}

/** The blocks of a file; undefined if it is not there or not whole. */
function readIndex(path: string): Block[] | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < ENTRY_BYTES) return undefined;
  const file = openSync(path, "r");
  try {
    const [count, mark] = wordsOf(readAt(file, size - ENTRY_BYTES, ENTRY_BYTES));
    const from = size - ENTRY_BYTES * (count! + 1);
    if (mark !== MARK || from < 0) return undefined;
    const words = wordsOf(readAt(file, from, ENTRY_BYTES * count!));
    let at = 0;
    return Array.from({ length: count! }, (_, block) => {
      const [partition, length] = [words[2 * block]!, words[2 * block + 1]!];
      at += length;
      return { partition, from: at - length, length };
    });
  } finally {
    closeSync(file);
  }
}

/** How many bytes each partition of a file has, by number; undefined if the file is not there or not whole. */
export function readPartitionSizes(path: string): Map<number, number> | undefined {
  const blocks = readIndex(path);
  if (blocks === undefined) return undefined;
  const sizes = new Map<number, number>();
  for (const { partition, length } of blocks) sizes.set(partition, (sizes.get(partition) ?? 0) + length);
  return sizes;
}

/**
 * The bytes of one partition, a block at a time, in the order in which they were added; each block has memory of its own
 * that begins where a word of 64 bits can. Throws if the file is not whole.
 */
export function* readPartition(path: string, partition: number): Generator<Buffer> {
  const blocks = readIndex(path)?.filter((block) => block.partition === partition);
  if (blocks === undefined) throw new Error(`${path} is not there or not whole`);
  if (blocks.length === 0) return;
  const file = openSync(path, "r");
  try {
    for (const { from, length } of blocks) yield readAt(file, from, length);
  } finally {
    closeSync(file);
  }
}

/** Words of 32 bits as bytes, in the order of the machine; files of it do not leave the machine. */
export function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** Bytes as words of 32 bits; they begin where a word can. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Bytes at a place of a file; throws if it has fewer. */
export function readAt(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  while (at < length) {
    const read = readSync(file, bytes, at, length - at, from + at);
    if (read === 0) throw new Error("a file of work has become shorter");
    at += read;
  }
  return bytes;
}

/** Write all of some bytes, since one call may write fewer; an error tells the file. */
export function writeAll(file: number, bytes: Uint8Array, path: string): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } catch (error) {
    throw Object.assign(error as Error, { path });
  }
}
