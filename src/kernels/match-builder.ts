/*
 * Builds a list for matching (`match-list.ts`). The host lays the entries down one after the other and says where each ends;
 * their atoms are counted, so that it is known how much memory their words (`word-table.ts`) and the nodes of the trie need;
 * then these are made, and the list is written behind them.
 */
import { ATOM, cutReferenceEntry, cutText, endOfAtoms, firstAtom, openAtoms } from "./atoms.ts";
import { setQuotes } from "./boundaries.ts";
import { moveClitics } from "./clitics.ts";
import { CLITICS_BYTES, MATCHING_END, SLACK } from "./layout.ts";
import { findPaths, sizeOfBlocks, writeBlocks } from "./match-blocks.ts";
import {
  addToken,
  BLOCKS,
  CLITICS_OF_LIST,
  cellOf,
  ENTRIES,
  HEAD_BYTES,
  INLINE,
  isLetter,
  openTables,
  PAGE_BYTES,
  PAGE_NUMBERS_BYTES,
  PAGES,
  pageNumberAt,
  QUOTES,
  RULE,
  SIZE,
  STEPS,
  TEXTS,
  TOKEN,
  TOKEN_SLOTS,
  TOKENS,
  VALUE_BITS,
  VALUE_BYTES,
} from "./match-list.ts";
import { BUILT, endOfNodes, insert, openTrie } from "./match-trie.ts";
import { copy, fill, get8, get16, get32, reserve, set16, set32 } from "./memory.ts";
import {
  COUNT_FIELD,
  endOfRecords,
  firstRecord,
  HEAD,
  LENGTH_FIELD,
  nextRecord,
  openWords,
  wordCount,
} from "./word-table.ts";

/** Addresses of the work on a list, one behind the other. */
let clitics: i32 = 0;
let entriesAt: i32 = 0;
let entryEnds: i32 = 0;
let workAt: i32 = 0;

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
  const nodes = wordsEnd + slots * 4;
  if (!reserve(nodes + atoms * BUILT)) return false;
  fill(workAt, 0, nodes - workAt);
  openTrie(wordsEnd, slots);
  openWords(workAt, slots, wordsEnd);
  return true;
}

/** Slots of a table for so many items: three of four are taken, and lines of the caches are whole. */
function slotsFor(items: i32): i32 {
  return (items + (items >> 2) + (items >> 3) + 7) & ~3;
}

/** Writes the list behind the nodes; returns where it lies, 0 if there is no memory. */
function writeList(): i32 {
  const list = aligned(endOfNodes());
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
