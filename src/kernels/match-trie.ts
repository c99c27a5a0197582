/*
 * The trie of a list while it is built: its nodes, which follow each other in memory in the order in which they are made, so
 * that one comes after the node before it, and a table that finds a node by the one before it and its step.
 */
import { ATOM, endOfAtoms, firstAtom, flagsOf, GAP, lengthOfAtom, placeOf } from "./atoms.ts";
import { fill, get32, multiply, set32 } from "./memory.ts";
import { countWord, hashOf, RANK_FIELD } from "./word-table.ts";

/**
 * A node of the trie while it is built: the one before it, its step (a word, and 1 after a space), its entry, the first node
 * that follows it, the next one that follows the same node …
 */
export const BUILT: i32 = 28;
export const BUILT_STEP: i32 = 4;
export const BUILT_ENTRY: i32 = 8;
export const BUILT_CHILD: i32 = 12;
export const BUILT_SIBLING: i32 = 16;
/** … how many follow it, or, if it lies within a path, its place there, negated; … */
export const BUILT_COUNT: i32 = 20;
/** … the next one of its hash and, once all are there, what stands for it in the list (`match-list.ts`). */
export const BUILT_CHAIN: i32 = 24;
export const BUILT_VALUE: i32 = 24;

let heads: i32 = 0;
let headMask: i32 = 0;
let built: i32 = 0;
let builtEnd: i32 = 0;

/** Puts a table of so many heads, a power of two, at `address`, where there are zeros, and nodes after it. */
export function openTrie(address: i32, slots: i32): void {
  heads = address;
  headMask = slots - 1;
  built = heads + slots * 4;
  builtEnd = built;
}

export function firstNode(): i32 {
  return built;
}

export function endOfNodes(): i32 {
  return builtEnd;
}

/** Puts the entry that has been cut into the trie; of equal ones the last stays. */
export function insert(id: i32): void {
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
