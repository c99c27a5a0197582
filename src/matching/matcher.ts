/** Texts → the entries they match. */
import { normalize } from "../../languages/normalize.ts";
import { MATCHING_END } from "../kernels/layout.ts";
import type { KernelSource } from "../kernels/machine.ts";
import { BATCH } from "../kernels/match-texts.ts";
import { compileList, type ListRule } from "./compile-list.ts";
import { createMatchMemory, type MatchKernel, type MatchMachine, startMatching } from "./match-machine.ts";

/** Called for each text with the ids of the entries that it matches, each once, in no order; they hold during the call. */
export type OnMatches = (index: number, ids: Uint32Array) => void;

/** Where in a memory a thread works, and what fits in there. */
export interface Room {
  readonly address: number;
  /** Entries of the largest list. */
  readonly entries: number;
  /** Bytes of the longest text. */
  readonly longest: number;
}

/** Bytes of texts that are handed over at once, beside a single one that is longer. */
const BATCH_BYTES = 1 << 17;
/** Bytes of UTF-8 that a UTF-16 unit has at most, and those that it may have after normalizing (UAX #15: 3 times as many). */
const UNIT_BYTES = 3;
const NORMALIZED_UNIT_BYTES = 9;
/** Units of a text for which every room is large enough. */
export const TEXT_UNITS = 1 << 12;

/** Bytes of the longest text of so many units, normalized or not. */
export function longestBytes(units: number): number {
  return Math.max(units, TEXT_UNITS) * NORMALIZED_UNIT_BYTES;
}

/** Bytes that a room takes. */
export function sizeOfRoom(machine: MatchMachine, { longest, entries }: Omit<Room, "address">): number {
  return machine.run((kernel) => kernel.roomBytes(batchBytes(longest), longest, entries));
}

function batchBytes(longest: number): number {
  return Math.max(BATCH_BYTES, longest);
}

/** Matches texts, none longer than the room allows, against the list at an address of the machine's memory. */
export function matchTexts(
  machine: MatchMachine,
  { room, list, texts }: { readonly room: Room; readonly list: number; readonly texts: readonly string[] },
  onMatches: OnMatches,
): void {
  machine.runIn(room, (kernel, isNew) => {
    if (isNew) kernel.openRoom(room.address, batchBytes(room.longest), room.longest, room.entries);
    kernel.useList(list);
    for (let first = 0; first < texts.length; ) first = matchBatch(machine, kernel, { room, texts, first }, onMatches);
  });
}

/** Matches as many texts from `first` on as can be handed over at once; the first of those that are left. */
function matchBatch(
  machine: MatchMachine,
  kernel: MatchKernel,
  { room, texts, first }: { readonly room: Room; readonly texts: readonly string[]; readonly first: number },
  onMatches: OnMatches,
): number {
  const memory = machine.view();
  const start = kernel.textsAddress();
  const limit = start + batchBytes(room.longest);
  const ends = new Int32Array(memory.buffer, kernel.textEndsAddress(), BATCH);
  let at = start;
  let count = 0;
  while (count < BATCH && first + count < texts.length) {
    const text = texts[first + count]!;
    if (at + text.length * UNIT_BYTES > limit) break;
    at += memory.write(text, at);
    ends[count++] = at;
  }
  if (count === 0) throw new RangeError(`a text of ${texts[first]!.length} units is too long for the room`);
  const matches = kernel.matchesAddress();
  const matchEnds = new Int32Array(memory.buffer, kernel.matchEndsAddress(), BATCH);
  const tell = (index: number, from: number, to: number) =>
    onMatches(index, new Uint32Array(memory.buffer, from, (to - from) >> 2));
  for (let from = 0; from < count; ) {
    const to = kernel.matchTexts(from, count);
    let matchFrom = matches;
    for (let k = from; k < to; k++) {
      const matchTo = matchEnds[k]!;
      tell(first + k, matchFrom, matchTo);
      matchFrom = matchTo;
    }
    if (to === from) {
      const length = memory.write(normalize(texts[first + from]!), kernel.singleAddress());
      tell(first + from, matches, kernel.matchSingle(length));
      from++;
    } else from = to;
  }
  return first + count;
}

/** A list that texts are matched against in this thread. */
export interface Matcher {
  /** Bytes of the list in memory. */
  readonly bytes: number;
  /** Ids of the entries that a text matches, ascending. */
  match(text: string): Uint32Array;
  /** Matches texts one after the other, faster than one by one. */
  matchAll(texts: readonly string[], onMatches: OnMatches): void;
}

/**
 * Creates a matcher of a list; ids are positions in it. Text is taken as UTF-8, in which half a surrogate pair is U+FFFD.
 *
 * `source` is for tests; a program leaves it out. Throws if memory runs out.
 */
export function createMatcher(entries: readonly string[], rule: ListRule, source?: KernelSource): Matcher {
  const list = compileList(entries, rule, source);
  const machine = startMatching(createMatchMemory(source));
  const address = (MATCHING_END + 63) & ~63;
  machine.reserve(address + list.bytes.length);
  machine.view().set(list.bytes, address);
  let room: Room | undefined;
  const roomFor = (units: number): Room => {
    const longest = longestBytes(units);
    if (room === undefined || room.longest < longest) {
      room = { address: address + list.bytes.length, longest, entries: list.entries };
      machine.reserve(room.address + sizeOfRoom(machine, room));
    }
    return room;
  };
  const matchAll = (texts: readonly string[], onMatches: OnMatches) => {
    const units = texts.reduce((most, text) => Math.max(most, text.length), 0);
    matchTexts(machine, { room: roomFor(units), list: address, texts }, onMatches);
  };
  return {
    bytes: list.bytes.length,
    matchAll,
    match(text) {
      let found = new Uint32Array(0);
      matchAll([text], (_, ids) => {
        found = Uint32Array.from(ids).sort();
      });
      return found;
    },
  };
}
