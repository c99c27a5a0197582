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
  addNode,
  addToken,
  CLITICS_OF_LIST,
  ENTRIES,
  HEAD_BYTES,
  LAST,
  NODE,
  NODE_ENTRY,
  NODE_NEXT,
  NODE_SLOTS,
  NODES,
  NODES_FOLLOW,
  NOTHING,
  numberOfNode,
  numberOfToken,
  openTables,
  QUOTES,
  RULE,
  SIZE,
  stepTo,
  TAIL,
  TAILS,
  TEXTS,
  TOKEN,
  TOKEN_ENTRY,
  TOKEN_NEXT,
  TOKEN_SLOTS,
  TOKENS,
} from "./match-list.ts";
import { copy, fill, get8, get32, multiply, reserve, set32 } from "./memory.ts";
import {
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
 * A node of the trie while it is built: the one before it, its step (a word, and 1 after a space), its entry, how many
 * entries end at it or behind it …
 */
const BUILT: i32 = 28;
const BUILT_STEP: i32 = 4;
const BUILT_ENTRY: i32 = 8;
const BUILT_BELOW: i32 = 12;
/** … the first node that follows it, the next one of its hash, and its number in the list. */
const BUILT_CHILD: i32 = 16;
const BUILT_CHAIN: i32 = 20;
const BUILT_NUMBER: i32 = 24;

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
  const isNew = get32(node + BUILT_ENTRY) === 0;
  set32(node + BUILT_ENTRY, id + 1);
  while (isNew && node !== 0) {
    set32(node + BUILT_BELOW, get32(node + BUILT_BELOW) + 1);
    node = get32(node);
  }
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
  if (get32(before + BUILT_CHILD) === 0) set32(before + BUILT_CHILD, node);
  return node;
}

/** How many entries go on behind a node. */
function entriesBehind(node: i32): i32 {
  return get32(node + BUILT_BELOW) - (get32(node + BUILT_ENTRY) !== 0 ? 1 : 0);
}

/** Whether a node that is not the first of its entries lies in the table, not in a tail. */
function isInTable(node: i32): boolean {
  const before = get32(node);
  return before !== 0 && entriesBehind(before) > 1;
}

/** Slots of a table for so many items: three of four are taken, and lines of the caches are whole. */
function slotsFor(items: i32): i32 {
  return (items + (items >> 2) + (items >> 3) + 7) & ~3;
}

function writeList(): i32 {
  let textBytes = 0;
  const recordsEnd = endOfRecords();
  for (let word = firstRecord(); word < recordsEnd; word = nextRecord(word)) {
    const length = get32(word + LENGTH_FIELD);
    if (length > 16) textBytes += length;
  }
  let nodes = 0;
  let tailWords = 0;
  for (let node = built; node < builtEnd; node += BUILT) {
    if (isInTable(node)) nodes++;
    // A node in a tail has a single entry behind it, too; its words are counted for it, and not used.
    if (entriesBehind(node) === 1) tailWords += lengthOfTail(node);
  }
  const tokenSlots = slotsFor(wordCount());
  const nodeSlots = slotsFor(nodes);
  const list = aligned(builtEnd);
  const tokensAt = HEAD_BYTES;
  const nodesAt = tokensAt + tokenSlots * TOKEN;
  const tailsAt = nodesAt + nodeSlots * NODE;
  const textsAt = tailsAt + tailWords * 4;
  const cliticsAt = textsAt + textBytes;
  const size = aligned(cliticsAt + cliticsLength());
  if (!reserve(list + size + SLACK)) return 0;
  fill(list, 0, size);
  set32(list + SIZE, size);
  set32(list + RULE, isReference ? 1 : 0);
  set32(list + QUOTES, areQuotes ? 1 : 0);
  set32(list + ENTRIES, entryCount);
  set32(list + TOKEN_SLOTS, tokenSlots);
  set32(list + TOKENS, tokensAt);
  set32(list + NODE_SLOTS, nodeSlots);
  set32(list + NODES, nodesAt);
  set32(list + TAILS, tailsAt);
  set32(list + TEXTS, textsAt);
  set32(list + CLITICS_OF_LIST, cliticsAt);
  copy(list + cliticsAt, clitics, cliticsLength());
  openTables(list);
  writeTokens(list + textsAt);
  writeNodes(list + tailsAt);
  return list;
}

/** Bytes of the list of clitics with the zero that ends it. */
function cliticsLength(): i32 {
  let item = clitics;
  while (get8(item) !== 0) item += 2 + get8(item + 1);
  return item + 1 - clitics;
}

/** Puts the tokens into their table; from now on each word tells its token. */
function writeTokens(texts: i32): void {
  let text = texts;
  const end = endOfRecords();
  for (let word = firstRecord(); word < end; word = nextRecord(word)) {
    const length = get32(word + LENGTH_FIELD);
    const token = addToken(word + HEAD, length, text - texts);
    if (length > 16) {
      copy(text, word + HEAD, length);
      text += length;
    }
    set32(word + RANK_FIELD, token);
  }
}

function tokenOf(step: i32): i32 {
  return get32((step & ~1) + RANK_FIELD);
}

/** Steps of the tail behind a node, with its entry before them. */
function lengthOfTail(node: i32): i32 {
  let length = 1;
  do {
    node = get32(node + BUILT_CHILD);
    length++;
  } while (get32(node + BUILT_ENTRY) === 0);
  return length;
}

/** Puts the nodes into their table, those before others first, and the tails behind them. */
function writeNodes(tails: i32): void {
  let tail = tails;
  for (let node = built; node < builtEnd; node += BUILT) {
    const step = get32(node + BUILT_STEP);
    let entryAt = 0;
    let nextAt = 0;
    if (get32(node) === 0) {
      const token = tokenOf(step);
      set32(node + BUILT_NUMBER, numberOfToken(token));
      entryAt = token + TOKEN_ENTRY;
      nextAt = token + TOKEN_NEXT;
    } else if (isInTable(node)) {
      const added = addNode(get32(get32(node) + BUILT_NUMBER), stepTo(tokenOf(step), step & 1));
      set32(node + BUILT_NUMBER, numberOfNode(added));
      entryAt = added + NODE_ENTRY;
      nextAt = added + NODE_NEXT;
    } else continue;
    set32(entryAt, get32(node + BUILT_ENTRY));
    const behind = entriesBehind(node);
    if (behind === 1) {
      set32(nextAt, TAIL + ((tail - tails) >> 2));
      tail = writeTail(node, tail);
    } else set32(nextAt, behind === 0 ? NOTHING : NODES_FOLLOW);
  }
}

function writeTail(node: i32, tail: i32): i32 {
  const first = tail;
  tail += 4;
  let entry = 0;
  while (entry === 0) {
    node = get32(node + BUILT_CHILD);
    entry = get32(node + BUILT_ENTRY);
    const step = get32(node + BUILT_STEP);
    set32(tail, stepTo(tokenOf(step), step & 1) | (entry === 0 ? 0 : LAST));
    tail += 4;
  }
  set32(first, entry);
  return tail;
}
