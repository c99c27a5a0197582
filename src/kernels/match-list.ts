/*
 * A list of entries as matching reads it: one stretch of memory in which everything is told by its distance from the
 * beginning, so that it can be moved. It is a trie over atoms.
 *
 * A **token** is a distinct atom. Tokens lie in a hash table, and each is a node of the trie, too: what an entry that begins
 * with it has come to after one atom. All further nodes lie in another hash table, by the node before them, the token, and
 * whether a space stands between. A node tells the entry that ends there, if one does, and what follows it: nothing, nodes
 * of the table, or, where only one longer entry follows, a **tail**, the tokens that are left of that entry.
 */
import { areSame, get8, get32, multiply, set32, shareOf } from "./memory.ts";

/** Fields of the head, each of four bytes; the tables' places are distances from it. */
export const HEAD_BYTES: i32 = 64;
export const SIZE: i32 = 0;
/** 1 for the published rule, else 0; and whether an apostrophe between letters is a quotation mark. */
export const RULE: i32 = 4;
export const QUOTES: i32 = 8;
export const ENTRIES: i32 = 12;
export const TOKEN_SLOTS: i32 = 16;
export const TOKENS: i32 = 20;
export const NODE_SLOTS: i32 = 24;
export const NODES: i32 = 28;
export const TAILS: i32 = 32;
export const TEXTS: i32 = 36;
export const CLITICS_OF_LIST: i32 = 40;

/** A token: its first 16 bytes, its length plus one (0: the slot is free), its node, and where its bytes lie if they are more. */
export const TOKEN: i32 = 32;
const TOKEN_LENGTH: i32 = 16;
export const TOKEN_ENTRY: i32 = 20;
export const TOKEN_NEXT: i32 = 24;
const TOKEN_TEXT: i32 = 28;
/** Bytes of a token that lie in its slot. */
const INLINE: i32 = 16;

/** A node: the number of the one before it plus one (0: the slot is free), its step, its entry, what follows. */
export const NODE: i32 = 16;
const NODE_STEP: i32 = 4;
export const NODE_ENTRY: i32 = 8;
export const NODE_NEXT: i32 = 12;

/** What follows a node: nothing, nodes of the table, or from here on the distance of a tail in words. */
export const NOTHING: i32 = 0;
export const NODES_FOLLOW: i32 = 1;
export const TAIL: i32 = 2;
/** Marks the last step of a tail. */
export const LAST: i32 = 1 << 31;

/** Slots that share a line of the caches: a search begins at the first of them. */
const TOKENS_A_LINE: i32 = 2;
const NODES_A_LINE: i32 = 4;

let tokens: i32 = 0;
let tokenLines: i32 = 0;
let tokensEnd: i32 = 0;
let nodes: i32 = 0;
let nodeLines: i32 = 0;
let nodesEnd: i32 = 0;
let texts: i32 = 0;

/** Lets the list at `list` be the one that is searched. */
export function openTables(list: i32): void {
  tokens = list + get32(list + TOKENS);
  tokenLines = get32(list + TOKEN_SLOTS) >> 1;
  tokensEnd = tokens + get32(list + TOKEN_SLOTS) * TOKEN;
  nodes = list + get32(list + NODES);
  nodeLines = get32(list + NODE_SLOTS) >> 2;
  nodesEnd = nodes + get32(list + NODE_SLOTS) * NODE;
  texts = list + get32(list + TEXTS);
}

/** Hash of the bytes; up to three behind them are looked at. */
export function hashOfAtom(from: i32, length: i32): i32 {
  let hash = length;
  const end = from + length;
  let at = from;
  while (at + 4 <= end) {
    hash = multiply(hash ^ get32(at), 0x2c1b3c6d);
    hash ^= hash >>> 15;
    at += 4;
  }
  if (at < end) {
    hash = multiply(hash ^ (get32(at) & ((1 << ((end - at) << 3)) - 1)), 0x2c1b3c6d);
    hash ^= hash >>> 15;
  }
  return multiply(hash ^ (hash >>> 13), 0x297a2d39);
}

function isToken(slot: i32, from: i32, length: i32): boolean {
  if (get32(slot + TOKEN_LENGTH) !== length + 1) return false;
  if (length <= INLINE) return areSame(slot, from, length);
  if (!areSame(slot, from, INLINE)) return false;
  const own = texts + get32(slot + TOKEN_TEXT);
  let k = INLINE;
  while (k < length && get8(own + k) === get8(from + k)) k++;
  return k === length;
}

/** The token of the bytes, or 0. */
export function findToken(from: i32, length: i32): i32 {
  let slot = tokens + shareOf(hashOfAtom(from, length), tokenLines) * (TOKENS_A_LINE * TOKEN);
  while (get32(slot + TOKEN_LENGTH) !== 0) {
    if (isToken(slot, from, length)) return slot;
    slot += TOKEN;
    if (slot === tokensEnd) slot = tokens;
  }
  return 0;
}

/** Puts a new token into the table; its bytes lie at `text` from the beginning of the texts if they are more than 16. */
export function addToken(from: i32, length: i32, text: i32): i32 {
  let slot = tokens + shareOf(hashOfAtom(from, length), tokenLines) * (TOKENS_A_LINE * TOKEN);
  while (get32(slot + TOKEN_LENGTH) !== 0) {
    slot += TOKEN;
    if (slot === tokensEnd) slot = tokens;
  }
  let k = 0;
  while (k < INLINE) {
    const left = length - k;
    set32(slot + k, left <= 0 ? 0 : left >= 4 ? get32(from + k) : get32(from + k) & ((1 << (left << 3)) - 1));
    k += 4;
  }
  set32(slot + TOKEN_LENGTH, length + 1);
  set32(slot + TOKEN_TEXT, text);
  return slot;
}

/** What a step to a token is in a node or a tail; `gap` is 1 after a space, else 0. */
export function stepTo(token: i32, gap: i32): i32 {
  return (((token - tokens) >> 5) << 1) | gap;
}

/** Numbers of nodes: tokens first, then those of the table. */
export function numberOfToken(token: i32): i32 {
  return (token - tokens) >> 5;
}

export function numberOfNode(node: i32): i32 {
  return ((tokensEnd - tokens) >> 5) + ((node - nodes) >> 4);
}

function placeOfNode(before: i32, step: i32): i32 {
  let hash = multiply(before, 0x1e3779b1) ^ multiply(step, 0x45ebca6b);
  hash = multiply(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return nodes + shareOf(hash ^ (hash >>> 13), nodeLines) * (NODES_A_LINE * NODE);
}

/** The node that follows the one of the number `before` by `step`, or 0. */
export function findNode(before: i32, step: i32): i32 {
  let slot = placeOfNode(before, step);
  while (true) {
    const found = get32(slot);
    if (found === 0) return 0;
    if (found === before + 1 && get32(slot + NODE_STEP) === step) return slot;
    slot += NODE;
    if (slot === nodesEnd) slot = nodes;
  }
}

/** Puts a new node into the table. */
export function addNode(before: i32, step: i32): i32 {
  let slot = placeOfNode(before, step);
  while (get32(slot) !== 0) {
    slot += NODE;
    if (slot === nodesEnd) slot = nodes;
  }
  set32(slot, before + 1);
  set32(slot + NODE_STEP, step);
  return slot;
}
