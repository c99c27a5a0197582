/*
 * Builds a list for matching (`match-list.ts`). The host lays the entries down one after the other and says where each ends;
 * their atoms are counted, so that it is known how much memory their words (`word-table.ts`) and the nodes of the trie need;
 * then these are made, and the list is written behind them.
 */
import {
  ATOM,
  cutReferenceEntry,
  cutText,
  endOfAtoms,
  firstAtom,
  flagsOf,
  GAP,
  lengthOfAtom,
  openAtoms,
  placeOf,
} from "./atoms.ts";
import { setQuotes } from "./boundaries.ts";
import { moveClitics } from "./clitics.ts";
import { CLITICS_BYTES, MATCHING_END, SLACK } from "./layout.ts";
import {
  addToken,
  BLOCKS,
  BUCKETS,
  bucketBytes,
  bucketOf,
  CLITICS_OF_LIST,
  cellOf,
  ENTRIES,
  HAS_ENTRY,
  HEAD_BYTES,
  IN_BUCKET,
  INLINE,
  isLetter,
  MOST_IN_PATH,
  MOST_IN_ROW,
  openTables,
  PAGE_BYTES,
  PAGE_NUMBERS_BYTES,
  PAGES,
  PATH,
  pageNumberAt,
  pathBytes,
  QUOTES,
  RULE,
  SIZE,
  STEPS,
  setValue,
  stepTo,
  stepToCell,
  TEXTS,
  TOKEN,
  TOKEN_SLOTS,
  TOKEN_VALUE,
  TOKENS,
  VALUE_BITS,
  VALUE_BYTES,
  valueOfBlock,
} from "./match-list.ts";
import { copy, fill, get8, get16, get32, multiply, reserve, set8, set16, set32 } from "./memory.ts";
import {
  COUNT_FIELD,
  countWord,
  endOfRecords,
  firstRecord,
  HEAD,
  hashOf,
  LENGTH_FIELD,
  nextRecord,
  openWords,
  RANK_FIELD,
  wordCount,
} from "./word-table.ts";

/**
 * A node of the trie while it is built: the one before it, its step (a word, and 1 after a space), its entry, the first node
 * that follows it, the next one that follows the same node …
 */
const BUILT: i32 = 28;
const BUILT_STEP: i32 = 4;
const BUILT_ENTRY: i32 = 8;
const BUILT_CHILD: i32 = 12;
const BUILT_SIBLING: i32 = 16;
/** … how many follow it, or, if it lies within a path, its place there, negated; … */
const BUILT_COUNT: i32 = 20;
/** … the next one of its hash and, once all are there, what stands for it in the list (`match-list.ts`). */
const BUILT_CHAIN: i32 = 24;
const BUILT_VALUE: i32 = 24;

/** Addresses of the work on a list, one behind the other. */
let clitics: i32 = 0;
let entriesAt: i32 = 0;
let entryEnds: i32 = 0;
let workAt: i32 = 0;
let heads: i32 = 0;
let headMask: i32 = 0;
let built: i32 = 0;
let builtEnd: i32 = 0;

let isReference: boolean = false;
let areQuotes: boolean = false;
let entryCount: i32 = 0;

/**
 * Makes room for `count` normalized entries of `bytes` bytes in all, the longest of `longest`; returns where they are to lie,
 * 0 if there is no memory. Before them the host puts the clitics (`cliticsAddress`), behind them, at `endsAddress`, where
 * each ends.
 */
export function prepareList(count: i32, bytes: i32, longest: i32, reference: boolean, quotes: boolean): i32 {
  isReference = reference;
  areQuotes = quotes;
  entryCount = count;
  clitics = MATCHING_END;
  entriesAt = clitics + CLITICS_BYTES;
  entryEnds = aligned(entriesAt + bytes + SLACK);
  const atoms = entryEnds + count * 4;
  openAtoms(atoms);
  workAt = aligned(atoms + (longest + 4) * ATOM);
  return reserve(workAt) ? entriesAt : 0;
}

export function cliticsAddress(): i32 {
  return clitics;
}

export function endsAddress(): i32 {
  return entryEnds;
}

function aligned(address: i32): i32 {
  return (address + 63) & ~63;
}

/** Cuts the entry [from, to); false if it cannot match. */
function cutEntry(from: i32, to: i32): boolean {
  if (from >= to) return false;
  return isReference ? cutReferenceEntry(from, to) : cutText(from, to, true);
}

/** Builds the list; returns where it lies, 0 if there is no memory. Its size stands at its beginning. */
export function buildList(): i32 {
  moveClitics(clitics);
  setQuotes(areQuotes);
  const atoms = countAtoms();
  if (!openBuild(atoms)) return 0;
  let from = entriesAt;
  for (let id = 0; id < entryCount; id++) {
    const to = get32(entryEnds + id * 4);
    if (cutEntry(from, to)) insert(id);
    from = to;
  }
  return writeList();
}

/** How many atoms all entries have. */
function countAtoms(): i32 {
  let atoms = 0;
  let from = entriesAt;
  for (let id = 0; id < entryCount; id++) {
    const to = get32(entryEnds + id * 4);
    if (cutEntry(from, to)) atoms += (endOfAtoms() - firstAtom()) >> 4;
    from = to;
  }
  return atoms;
}

/** Lays out what so many atoms may need: words, the heads of the table of nodes, nodes. */
function openBuild(atoms: i32): boolean {
  let slots = 4096;
  while (slots >> 1 < atoms) slots <<= 1;
  const bytes = entryEnds - entriesAt;
  const wordsEnd = aligned(workAt + slots * 8 + atoms * (HEAD + 4) + bytes + SLACK);
  heads = wordsEnd;
  headMask = slots - 1;
  built = heads + slots * 4;
  builtEnd = built;
  if (!reserve(built + atoms * BUILT)) return false;
  fill(workAt, 0, built - workAt);
  openWords(workAt, slots, wordsEnd);
  return true;
}

/** Puts the entry that has been cut into the trie; of equal ones the last stays. */
function insert(id: i32): void {
  let node = 0;
  const end = endOfAtoms();
  for (let atom = firstAtom(); atom < end; atom += ATOM) {
    const from = placeOf(atom);
    const length = lengthOfAtom(atom);
    const word = countWord(from, length, hashOf(from, length));
    if (node === 0) {
      node = get32(word + RANK_FIELD);
      if (node === 0) {
        node = addBuilt(0, word);
        set32(word + RANK_FIELD, node);
      }
    } else node = child(node, word | (flagsOf(atom) & GAP));
  }
  set32(node + BUILT_ENTRY, id + 1);
}

function addBuilt(before: i32, step: i32): i32 {
  const node = builtEnd;
  builtEnd += BUILT;
  fill(node, 0, BUILT);
  set32(node, before);
  set32(node + BUILT_STEP, step);
  return node;
}

/** The node that follows by a step, made if it is not there. */
function child(before: i32, step: i32): i32 {
  let hash = multiply(before, 0x1e3779b1) ^ multiply(step, 0x45ebca6b);
  hash = multiply(hash ^ (hash >>> 15), 0x2c1b3c6d);
  const head = heads + ((hash ^ (hash >>> 13)) & headMask) * 4;
  for (let node = get32(head); node !== 0; node = get32(node + BUILT_CHAIN)) {
    if (get32(node) === before && get32(node + BUILT_STEP) === step) return node;
  }
  const node = addBuilt(before, step);
  set32(node + BUILT_CHAIN, get32(head));
  set32(head, node);
  set32(node + BUILT_SIBLING, get32(before + BUILT_CHILD));
  set32(before + BUILT_CHILD, node);
  set32(before + BUILT_COUNT, get32(before + BUILT_COUNT) + 1);
  return node;
}

/** Slots of a table for so many items: three of four are taken, and lines of the caches are whole. */
function slotsFor(items: i32): i32 {
  return (items + (items >> 2) + (items >> 3) + 7) & ~3;
}

/** Writes the list behind the nodes; returns where it lies, 0 if there is no memory. */
function writeList(): i32 {
  const list = aligned(builtEnd);
  let textBytes = 0;
  let letters = 0;
  const recordsEnd = endOfRecords();
  for (let word = firstRecord(); word < recordsEnd; word = nextRecord(word)) {
    const length = get32(word + LENGTH_FIELD);
    if (length > INLINE) textBytes += 4 + length;
    if (isLetter(word + HEAD, length)) letters++;
  }
  const tokenSlots = slotsFor(wordCount() - letters);
  const pagesAt = HEAD_BYTES;
  if (!reserve(list + pagesAt + PAGE_NUMBERS_BYTES)) return 0;
  fill(list, 0, pagesAt + PAGE_NUMBERS_BYTES);
  set32(list + PAGES, pagesAt);
  set32(list + TOKEN_SLOTS, tokenSlots);
  openTables(list);
  const pages = numberPages();
  const steps = (tokenSlots + pages * (PAGE_BYTES >> 2)) * 2;
  set32(list + STEPS, steps);
  let upperBits = 1;
  while (steps >>> 16 >= 1 << upperBits) upperBits++;
  findPaths();
  // Three bytes a value, if they are enough for the last block and the upper halves of steps.
  let valueBytes = 3;
  set32(list + VALUE_BYTES, valueBytes);
  openTables(list);
  let blockBytes = sizeOfBlocks(valueBytes);
  if ((entryCount + 1 + (blockBytes >> 1)) >>> (24 - upperBits) !== 0) {
    valueBytes = 4;
    set32(list + VALUE_BYTES, valueBytes);
    openTables(list);
    blockBytes = sizeOfBlocks(valueBytes);
    if ((entryCount + 1 + (blockBytes >> 1)) >>> (32 - upperBits) !== 0) return 0;
  }
  const blocksAt = pagesAt + PAGE_NUMBERS_BYTES + pages * PAGE_BYTES;
  const tokensAt = aligned(blocksAt + blockBytes);
  const textsAt = tokensAt + tokenSlots * TOKEN;
  const cliticsAt = textsAt + textBytes;
  const size = aligned(cliticsAt + cliticsLength());
  if (!reserve(list + size + SLACK)) return 0;
  fill(list + pagesAt + PAGE_NUMBERS_BYTES, 0, size - pagesAt - PAGE_NUMBERS_BYTES);
  set32(list + SIZE, size);
  set32(list + RULE, isReference ? 1 : 0);
  set32(list + QUOTES, areQuotes ? 1 : 0);
  set32(list + ENTRIES, entryCount);
  set32(list + TOKENS, tokensAt);
  set32(list + BLOCKS, blocksAt);
  set32(list + TEXTS, textsAt);
  set32(list + CLITICS_OF_LIST, cliticsAt);
  set32(list + VALUE_BITS, valueBytes * 8 - upperBits);
  copy(list + cliticsAt, clitics, cliticsLength());
  openTables(list);
  writeTokens(list + textsAt);
  writeBlocks(list + blocksAt, valueBytes);
  return list;
}

/** Bytes of the list of clitics with the zero that ends it. */
function cliticsLength(): i32 {
  let item = clitics;
  while (get8(item) !== 0) item += 2 + get8(item + 1);
  return item + 1 - clitics;
}

/** Gives a page to all 64 code points of which the list has one; returns how many there are, with the empty one. */
function numberPages(): i32 {
  let pages = 1;
  const end = endOfRecords();
  for (let word = firstRecord(); word < end; word = nextRecord(word)) {
    if (!isLetter(word + HEAD, get32(word + LENGTH_FIELD))) continue;
    const number = pageNumberAt(word + HEAD);
    if (get16(number) === 0) set16(number, pages++);
  }
  return pages;
}

/** Puts the tokens into their table; from now on each word tells its token or its cell. */
function writeTokens(texts: i32): void {
  let text = texts;
  const end = endOfRecords();
  for (let word = firstRecord(); word < end; word = nextRecord(word)) {
    const length = get32(word + LENGTH_FIELD);
    if (isLetter(word + HEAD, length)) {
      set32(word + COUNT_FIELD, cellOf(word + HEAD));
      continue;
    }
    set32(word + COUNT_FIELD, addToken(word + HEAD, length, text - texts));
    if (length > INLINE) {
      set32(text, length);
      copy(text + 4, word + HEAD, length);
      text += 4 + length;
    }
  }
}

/** The step, as it is in the list, that leads to a node. */
function stepOf(node: i32): i32 {
  const step = get32(node + BUILT_STEP);
  const word = step & ~1;
  const token = get32(word + COUNT_FIELD);
  return isLetter(word + HEAD, get32(word + LENGTH_FIELD)) ? stepToCell(token, step & 1) : stepTo(token, step & 1);
}

/** Marks the nodes that lie within a path: they and those before them have one node that follows, and no entry. */
function findPaths(): void {
  for (let node = built; node < builtEnd; node += BUILT) {
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

function sizeOfBlocks(valueBytes: i32): i32 {
  let size = 0;
  for (let node = built; node < builtEnd; node += BUILT) {
    if (get32(node + BUILT_COUNT) > 0) size += sizeOfBlock(node, valueBytes);
  }
  return size;
}

/** Buckets for so many steps: about seven of ten places are taken. */
function bucketsFor(count: i32): i32 {
  return (count + (count >> 2) + (count >> 3) + (count >> 4) + 7) >> 3;
}

/** Writes the blocks, those that others lead to first, and the values of tokens. */
function writeBlocks(blocks: i32, valueBytes: i32): void {
  let block = blocks;
  for (let node = builtEnd - BUILT; node >= built; node -= BUILT) {
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
