/**
 * Lists in a memory that threads share. A keeper, in one thread, loads them when they are first wanted and drops those that
 * nobody uses when there is no room for others; a user, one in each thread, borrows them and matches texts.
 */
import { MATCHING_END } from "../kernels/layout.ts";
import { compileList, type ListRule } from "./compile-list.ts";
import { createMatchMemory, type MatchMachine, type MatchMemory, startMatching } from "./match-machine.ts";
import { matchTexts, type OnMatches, type Room, sizeOfRoom } from "./matcher.ts";

/** A list to be loaded. */
export interface ListSource<T> {
  readonly entries: readonly string[];
  readonly rule: ListRule;
  /** What the borrowers are told of it. */
  readonly about: T;
}

/** What a user wants: a list, and to give others back. */
export interface Wish {
  readonly key: string;
  readonly release: readonly string[];
}

/** A list that is lent, and the room that its user works in from now on. */
export interface Loan<T> {
  readonly memory: MatchMemory;
  readonly address: number;
  readonly bytes: number;
  readonly entries: number;
  readonly room: Room;
  readonly about: T;
}

/** Lends lists. */
export interface ListKeeper<T> {
  /** Lends a list to a user; undefined if there is none. */
  lend(user: number, wish: Wish): Loan<T> | undefined;
}

/** How lists are kept. */
export interface KeeperOptions<T> {
  /** Bytes that lists may take before those that nobody uses are dropped. */
  readonly memory: number;
  /** Bytes of the longest text. */
  readonly longest: number;
  /** The list of a key; undefined if there is none. */
  load(key: string): ListSource<T> | undefined;
}

/** Rooms fit lists of this share more than what is asked for, so that few are made. */
const SPARE = 1.25;

interface Kept<T> {
  readonly address: number;
  readonly bytes: number;
  readonly entries: number;
  readonly about: T;
  users: number;
}

/** Creates a keeper. Throws, when it lends, if memory runs out. */
export function createListKeeper<T>({ memory: limit, longest, load }: KeeperOptions<T>): ListKeeper<T> {
  const memory = createMatchMemory();
  const machine = startMatching(memory);
  const places = createPlaces(machine);
  // In the order in which they were used last.
  const kept = new Map<string, Kept<T>>();
  const rooms = new Map<number, { readonly room: Room; readonly bytes: number }>();
  const missing = new Set<string>();
  let total = 0;

  const makeSpace = (bytes: number) => {
    for (const [key, list] of kept) {
      if (total + bytes <= limit) return;
      if (list.users > 0) continue;
      places.free(list.address, list.bytes);
      kept.delete(key);
      total -= list.bytes;
    }
  };
  const take = (key: string): Kept<T> | undefined => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const source = missing.has(key) ? undefined : load(key);
    if (source === undefined) {
      missing.add(key);
      return undefined;
    }
    const { bytes, entries } = compileList(source.entries, source.rule);
    makeSpace(bytes.length);
    const address = places.allocate(bytes.length);
    machine.view().set(bytes, address);
    total += bytes.length;
    return { address, bytes: bytes.length, entries, about: source.about, users: 0 };
  };
  const roomOf = (user: number, entries: number): Room => {
    const own = rooms.get(user);
    if (own !== undefined && own.room.entries >= entries) return own.room;
    if (own !== undefined) places.free(own.room.address, own.bytes);
    const size = { longest, entries: Math.ceil(entries * SPARE) };
    const bytes = sizeOfRoom(machine, size);
    const room = { ...size, address: places.allocate(bytes) };
    rooms.set(user, { room, bytes });
    return room;
  };
  return {
    lend(user, { key, release }) {
      for (const released of release) {
        const list = kept.get(released);
        if (list !== undefined) list.users--;
      }
      const list = take(key);
      if (list === undefined) return undefined;
      list.users++;
      kept.delete(key);
      kept.set(key, list);
      const { address, bytes, entries, about } = list;
      return { memory, address, bytes, entries, about, room: roomOf(user, entries) };
    },
  };
}

/** Stretches of a memory that are given out and taken back. */
interface Places {
  allocate(bytes: number): number;
  free(address: number, bytes: number): void;
}

function aligned(bytes: number): number {
  return (bytes + 63) & ~63;
}

function createPlaces(machine: MatchMachine): Places {
  let end = aligned(MATCHING_END);
  // By address; no two touch.
  let holes: { readonly from: number; readonly to: number }[] = [];
  return {
    allocate(size) {
      const bytes = aligned(size);
      const index = holes.findIndex(({ from, to }) => to - from >= bytes);
      const hole = holes[index];
      if (hole !== undefined) {
        holes.splice(index, 1, ...(hole.to - hole.from > bytes ? [{ from: hole.from + bytes, to: hole.to }] : []));
        return hole.from;
      }
      const address = end;
      machine.reserve(address + bytes);
      end = address + bytes;
      return address;
    },
    free(address, size) {
      const sorted = [...holes, { from: address, to: address + aligned(size) }].sort((a, b) => a.from - b.from);
      holes = [];
      for (const hole of sorted) {
        const last = holes.at(-1);
        if (last?.to === hole.from) holes[holes.length - 1] = { from: last.from, to: hole.to };
        else holes.push(hole);
      }
    },
  };
}

/** A list that a user has borrowed. */
export interface BorrowedList<T> {
  readonly entries: number;
  readonly about: T;
  /** Matches texts against the list; to be called before the user borrows anything else. */
  match(texts: readonly string[], onMatches: OnMatches): void;
}

/** Borrows lists in one thread. */
export interface ListUser<T> {
  /** The list of a key; undefined if there is none. */
  borrow(key: string): Promise<BorrowedList<T> | undefined>;
}

/** Creates a user; `ask` brings a wish to the keeper, `memory` is the bytes of lists that it holds at once. */
export function createListUser<T>(
  ask: (wish: Wish) => Promise<Loan<T> | undefined>,
  { memory }: { readonly memory: number },
): ListUser<T> {
  // In the order in which they were used last; undefined where the keeper has none.
  const held = new Map<string, Loan<T> | undefined>();
  let total = 0;
  let machine: MatchMachine | undefined;
  let room: Room | undefined;

  /** Forgets the lists used longest ago while there are too many; returns their keys. */
  const giveBack = (): string[] => {
    const released: string[] = [];
    for (const [key, loan] of held) {
      if (total <= memory) break;
      if (loan === undefined) continue;
      held.delete(key);
      total -= loan.bytes;
      released.push(key);
    }
    return released;
  };
  const take = async (key: string): Promise<Loan<T> | undefined> => {
    if (held.has(key)) {
      const loan = held.get(key);
      held.delete(key);
      held.set(key, loan);
      return loan;
    }
    const loan = await ask({ key, release: giveBack() });
    held.set(key, loan);
    if (loan === undefined) return undefined;
    total += loan.bytes;
    machine ??= startMatching(loan.memory);
    // The same room is told anew with each loan.
    if (room === undefined || room.address !== loan.room.address || room.entries !== loan.room.entries) {
      room = loan.room;
    }
    return loan;
  };
  return {
    async borrow(key) {
      const loan = await take(key);
      if (loan === undefined) return undefined;
      const { entries, about, address } = loan;
      return {
        entries,
        about,
        match: (texts, onMatches) => matchTexts(machine!, { room: room!, list: address, texts }, onMatches),
      };
    },
  };
}
