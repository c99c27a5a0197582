/*
 * The blocks of a list (`match-list.ts`), written from the trie (`match-trie.ts`): what stands for the nodes that others
 * follow.
 */
import {
  BUCKETS,
  bucketBytes,
  bucketOf,
  HAS_ENTRY,
  IN_BUCKET,
  isLetter,
  MOST_IN_PATH,
  MOST_IN_ROW,
  PATH,
  pathBytes,
  setValue,
  stepTo,
  stepToCell,
  TOKEN_VALUE,
  valueOfBlock,
} from "./match-list.ts";
import {
  BUILT,
  BUILT_CHILD,
  BUILT_COUNT,
  BUILT_ENTRY,
  BUILT_SIBLING,
  BUILT_STEP,
  BUILT_VALUE,
  endOfNodes,
  firstNode,
} from "./match-trie.ts";
import { get8, get32, set8, set16, set32 } from "./memory.ts";
import { COUNT_FIELD, HEAD, LENGTH_FIELD } from "./word-table.ts";

/** The step, as it is in the list, that leads to a node. */
function stepOf(node: i32): i32 {
  const step = get32(node + BUILT_STEP);
  const word = step & ~1;
  const token = get32(word + COUNT_FIELD);
  return isLetter(word + HEAD, get32(word + LENGTH_FIELD)) ? stepToCell(token, step & 1) : stepTo(token, step & 1);
}

/** Marks the nodes that lie within a path: they and those before them have one node that follows, and no entry. */
export function findPaths(): void {
  for (let node = firstNode(); node < endOfNodes(); node += BUILT) {
    const before = get32(node);
    if (before === 0 || get32(node + BUILT_ENTRY) !== 0 || get32(node + BUILT_COUNT) !== 1) continue;
    const count = get32(before + BUILT_COUNT);
    if (count === 1) set32(node + BUILT_COUNT, -1);
    else if (count < 0 && count > 2 - MOST_IN_PATH) set32(node + BUILT_COUNT, count - 1);
  }
}

/** How many steps the path has that begins at a node with one that follows. */
function lengthOfPath(node: i32): i32 {
  let length = 1;
  let next = get32(node + BUILT_CHILD);
  while (get32(next + BUILT_COUNT) < 0) {
    next = get32(next + BUILT_CHILD);
    length++;
  }
  return length;
}

/** Bytes of the block that stands for a node with others that follow. */
function sizeOfBlock(node: i32, valueBytes: i32): i32 {
  const count = get32(node + BUILT_COUNT);
  let size = get32(node + BUILT_ENTRY) === 0 ? 1 : 1 + valueBytes;
  if (count === 1) size += pathBytes(lengthOfPath(node)) + valueBytes;
  else if (count <= MOST_IN_ROW) size += count * (2 + valueBytes);
  else size += 4 + bucketsFor(count) * bucketBytes();
  return (size + 1) & ~1;
}

/** Bytes of all blocks. */
export function sizeOfBlocks(valueBytes: i32): i32 {
  let size = 0;
  for (let node = firstNode(); node < endOfNodes(); node += BUILT) {
    if (get32(node + BUILT_COUNT) > 0) size += sizeOfBlock(node, valueBytes);
  }
  return size;
}

/** Buckets for so many steps: about seven of ten places are taken. */
function bucketsFor(count: i32): i32 {
  return (count + (count >> 2) + (count >> 3) + (count >> 4) + 7) >> 3;
}

/** Writes the blocks, those that others lead to first, and the values of tokens. */
export function writeBlocks(blocks: i32, valueBytes: i32): void {
  let block = blocks;
  for (let node = endOfNodes() - BUILT; node >= firstNode(); node -= BUILT) {
    const count = get32(node + BUILT_COUNT);
    if (count < 0) continue;
    const before = get32(node);
    let value = get32(node + BUILT_ENTRY);
    if (count > 0) {
      value = valueOfBlock(block);
      writeBlock(node, block, valueBytes);
      block += sizeOfBlock(node, valueBytes);
    }
    set32(node + BUILT_VALUE, value);
    if (before !== 0) continue;
    const word = get32(node + BUILT_STEP);
    const token = get32(word + COUNT_FIELD);
    set32(isLetter(word + HEAD, get32(word + LENGTH_FIELD)) ? token : token + TOKEN_VALUE, value);
  }
}

function writeBlock(node: i32, block: i32, valueBytes: i32): void {
  const count = get32(node + BUILT_COUNT);
  const entry = get32(node + BUILT_ENTRY);
  let kind = entry === 0 ? 0 : HAS_ENTRY;
  let at = block + 1;
  if (entry !== 0) {
    setValue(at, entry, 0);
    at += valueBytes;
  }
  if (count === 1) kind |= PATH + writePath(node, at);
  else if (count <= MOST_IN_ROW) {
    kind |= count;
    let values = at + count * 2;
    for (let next = get32(node + BUILT_CHILD); next !== 0; next = get32(next + BUILT_SIBLING)) {
      const step = stepOf(next);
      set16(at, step);
      setValue(values, get32(next + BUILT_VALUE), step);
      at += 2;
      values += valueBytes;
    }
  } else {
    kind |= BUCKETS;
    writeBuckets(node, at, valueBytes);
  }
  set8(block, kind);
}

/** Writes the path that begins at a node; returns how many steps it has. */
function writePath(node: i32, at: i32): i32 {
  const length = lengthOfPath(node);
  const bytes = pathBytes(length);
  for (let k = 0; k < length; k++) {
    node = get32(node + BUILT_CHILD);
    const step = stepOf(node);
    set16(at + k * 2, step);
    if (bytes > length * 2) set16(at + (length + k) * 2, step >>> 16);
  }
  setValue(at + bytes, get32(node + BUILT_VALUE), 0);
  return length;
}

function writeBuckets(node: i32, at: i32, valueBytes: i32): void {
  const count = bucketsFor(get32(node + BUILT_COUNT));
  const size = bucketBytes();
  const first = at + 4;
  set32(at, count);
  for (let next = get32(node + BUILT_CHILD); next !== 0; next = get32(next + BUILT_SIBLING)) {
    const step = stepOf(next);
    let bucket = first + bucketOf(step, count) * size;
    let k = 0;
    while (isTaken(bucket, k, valueBytes)) {
      k++;
      if (k < IN_BUCKET) continue;
      k = 0;
      bucket += size;
      if (bucket === first + count * size) bucket = first;
    }
    set16(bucket + k * 2, step);
    setValue(bucket + IN_BUCKET * 2 + k * valueBytes, get32(next + BUILT_VALUE), step);
  }
}

/** Whether place `k` of a bucket is taken: a value is never 0. */
function isTaken(bucket: i32, k: i32, valueBytes: i32): boolean {
  let at = bucket + IN_BUCKET * 2 + k * valueBytes;
  const end = at + valueBytes;
  while (at < end && get8(at) === 0) at++;
  return at < end;
}
