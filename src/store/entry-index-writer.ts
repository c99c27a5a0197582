/** Making the index of a build's entries, part by part, in memory that does not grow with the list. */
import { scriptsOf } from "../entries/scripts.ts";
import type { Entry } from "../entries/types.ts";
import {
  BEGIN,
  createNumberWriter,
  END,
  flagGram,
  LENGTHS,
  LONGEST,
  type NumberWriter,
  scoreGram,
  scriptGram,
  sourceGram,
  toIndexed,
  toStep,
  writeNumber,
} from "./entry-grams.ts";
import { SCORES, type Score } from "./entry-query.ts";
import { insertRows } from "./insert-rows.ts";
import type { Database } from "./sqlite.ts";

/** Makes an index from a build's entries as they pass. */
export interface IndexWriter {
  /** Takes the next entry, in the order of ids from 0. */
  add(entry: Entry): void;
  /** Writes what is left; nothing may be added after it. */
  finish(): void;
}

/** Code points of the texts of a part; its arrays take up to 150 MB while it is made. */
const PART_PLACES = 1 << 22;

const COLUMNS = ["build", "part", "gram", "entries", "places"];
const CODE_POINTS = 0x110000;
/** Pairs as one number: the first character times this, and the second. */
const PAIR = 2 ** 21;

type Row = readonly [gram: string, entries: number, places: Buffer];

/** A writer of the index of a build; to be used in a transaction. `partPlaces` is for tests. */
export function createIndexWriter(
  db: Database,
  build: number,
  { partPlaces = PART_PLACES }: { readonly partPlaces?: number } = {},
): IndexWriter {
  const grams = createGramTable();
  let facts = createFactTable();
  let part = 0;
  const flush = (): void => {
    if (facts.entries() === 0) return;
    const number = part++;
    insertRows(db, {
      into: `INSERT INTO entry_gram (${COLUMNS.join(", ")})`,
      columns: COLUMNS.length,
      rows: rowsOf(build, number, facts.rows(), grams.rows()),
    });
    grams.clear();
    facts = createFactTable();
  };
  return {
    add(entry) {
      const text = toIndexed(entry.text);
      if (grams.places() > 0 && grams.places() + text.length + 2 > partPlaces) flush();
      facts.add(entry, grams.add(text, facts.entries()));
    },
    finish: flush,
  };
}

function* rowsOf(build: number, part: number, ...tables: readonly Iterable<Row>[]): Generator<unknown[]> {
  for (const rows of tables) for (const row of rows) yield [build, part, ...row];
}

/** Where the characters and pairs of a part stand. */
function createGramTable() {
  // By place: the number of the pair that begins there, from 1; 0 where none does.
  let pairAt = new Uint32Array(1 << 12);
  let places = 0;
  // By number of the pair.
  let pairs = 0;
  let firsts = new Uint32Array(1 << 10);
  let seconds = new Uint32Array(1 << 10);
  let pairPlaces = new Uint32Array(1 << 10);
  let pairEntries = new Uint32Array(1 << 10);
  let pairLast = new Int32Array(1 << 10).fill(-1);
  // Numbers of pairs, from 1, by hash; 0 is free.
  let slots = new Uint32Array(1 << 12);
  // By character: its number, from 1.
  const numberOf = new Uint32Array(CODE_POINTS);
  // By number of the character.
  const characters: number[] = [];
  const characterEntries: number[] = [];
  const characterLast: number[] = [];
  // The characters that each entry holds, each once.
  let heldBy = new Uint32Array(1 << 12);
  let held = new Uint32Array(1 << 12);
  let holdings = 0;
  let bytes = Buffer.alloc(0);

  const slotOf = (first: number, second: number): number => {
    const mask = slots.length - 1;
    const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
    for (let slot = (mixed ^ (mixed >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!;
      if (number === 0 || (firsts[number - 1] === first && seconds[number - 1] === second)) return slot;
    }
  };
  const addPair = (first: number, second: number): number => {
    if (2 * pairs >= slots.length) {
      slots = new Uint32Array(2 * slots.length);
      for (let pair = 0; pair < pairs; pair++) slots[slotOf(firsts[pair]!, seconds[pair]!)] = pair + 1;
    }
    if (pairs === firsts.length) {
      firsts = lengthen(firsts);
      seconds = lengthen(seconds);
      pairPlaces = lengthen(pairPlaces);
      pairEntries = lengthen(pairEntries);
      const longer = new Int32Array(2 * pairs).fill(-1);
      longer.set(pairLast);
      pairLast = longer;
    }
    firsts[pairs] = first;
    seconds[pairs] = second;
    pairs++;
    slots[slotOf(first, second)] = pairs;
    return pairs;
  };
  const placePair = (first: number, second: number, entry: number): void => {
    const number = slots[slotOf(first, second)]! || addPair(first, second);
    pairAt[places++] = number;
    const pair = number - 1;
    pairPlaces[pair]!++;
    if (pairLast[pair] !== entry) {
      pairLast[pair] = entry;
      pairEntries[pair]!++;
    }
  };
  const holdCharacter = (character: number, entry: number): void => {
    let number = numberOf[character]!;
    if (number === 0) {
      characters.push(character);
      characterEntries.push(0);
      characterLast.push(-1);
      number = characters.length;
      numberOf[character] = number;
    }
    if (characterLast[number - 1] === entry) return;
    characterLast[number - 1] = entry;
    characterEntries[number - 1]!++;
    heldBy[holdings] = entry;
    held[holdings++] = number - 1;
  };

  return {
    places: () => places,

    /** Takes the text of the next entry and returns how many places it takes. */
    add(text: string, entry: number): number {
      const begin = places;
      while (places + text.length + 2 > pairAt.length) pairAt = lengthen(pairAt);
      while (holdings + text.length > held.length) {
        heldBy = lengthen(heldBy);
        held = lengthen(held);
      }
      let previous = BEGIN;
      for (let at = 0; at < text.length; at++) {
        const character = text.codePointAt(at)!;
        if (character > 0xffff) at++;
        placePair(previous, character, entry);
        holdCharacter(character, entry);
        previous = character;
      }
      placePair(previous, END, entry);
      pairAt[places++] = 0;
      return places - begin;
    },

    /** Rows of pairs and of characters, in the order in which SQLite compares them: no page of its tree is split. */
    *rows(): Generator<Row> {
      const [pairSorted, pairBegins] = sortByCount(pairPlaces, pairs, pairAt, places);
      const [sorted, begins] = sortByCount(characterEntries, characters.length, held, holdings, heldBy);
      // One array for all rows, which SQLite copies.
      const needed = LONGEST * (places + holdings);
      if (bytes.length < needed) bytes = Buffer.allocUnsafe(needed);
      let end = 0;
      const encode = (numbers: Uint32Array, from: number, to: number): Buffer => {
        const begin = end;
        let last = -1;
        for (let index = from; index < to; index++) {
          const number = numbers[index]!;
          end = writeNumber(bytes, end, number - last);
          last = number;
        }
        return bytes.subarray(begin, end);
      };
      const keys = new Float64Array(pairs + characters.length);
      for (let pair = 0; pair < pairs; pair++) keys[pair] = firsts[pair]! * PAIR + seconds[pair]! + 1;
      for (const [number, character] of characters.entries()) keys[pairs + number] = character * PAIR;
      keys.sort();
      for (const key of keys) {
        const first = Math.floor(key / PAIR);
        const second = key - first * PAIR - 1;
        if (second < 0) {
          const number = numberOf[first]! - 1;
          const places = encode(sorted, begins[number]!, begins[number + 1]!);
          yield [String.fromCodePoint(first), characterEntries[number]!, places];
        } else {
          const pair = slots[slotOf(first, second)]! - 1;
          const places = encode(pairSorted, pairBegins[pair]!, pairBegins[pair + 1]!);
          yield [String.fromCodePoint(first, second), pairEntries[pair]!, places];
        }
      }
    },

    clear(): void {
      for (const character of characters) numberOf[character] = 0;
      characters.length = 0;
      characterEntries.length = 0;
      characterLast.length = 0;
      pairPlaces.fill(0, 0, pairs);
      pairEntries.fill(0, 0, pairs);
      pairLast.fill(-1, 0, pairs);
      slots.fill(0);
      pairs = 0;
      places = 0;
      holdings = 0;
    },
  };
}

function lengthen(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * array.length);
  longer.set(array);
  return longer;
}

/**
 * Sorts by counting.
 *
 * @param counts by number, how often it occurs
 * @param numbers for each item its number: from 1 and 0 for none, unless there are `items`
 * @param items ascending; the positions in `numbers` if not given
 * @returns the items of each number, ascending, one number after the other, and where each begins
 */
function sortByCount(
  counts: ArrayLike<number>,
  length: number,
  numbers: Uint32Array,
  total: number,
  items?: Uint32Array,
): readonly [Uint32Array, Uint32Array] {
  const begins = new Uint32Array(length + 1);
  for (let number = 0; number < length; number++) begins[number + 1] = begins[number]! + counts[number]!;
  const next = begins.slice();
  const sorted = new Uint32Array(begins[length]!);
  if (items === undefined) {
    for (let index = 0; index < total; index++) {
      const number = numbers[index]!;
      if (number > 0) sorted[next[number - 1]!++] = index;
    }
  } else {
    for (let index = 0; index < total; index++) sorted[next[numbers[index]!]!++] = items[index]!;
  }
  return [sorted, begins];
}

/** What is known of the entries of a part besides their texts. */
function createFactTable() {
  let entries = 0;
  const lengths = createNumberWriter();
  const runs = new Map<string, RunWriter>();
  const scored = new Map<Score, { readonly ids: number[]; readonly values: number[] }>();
  const mark = (gram: string): void => {
    let writer = runs.get(gram);
    if (writer === undefined) {
      writer = createRunWriter();
      runs.set(gram, writer);
    }
    writer.add(entries);
  };
  return {
    entries: () => entries,
    add(entry: Entry, length: number): void {
      lengths.write(length);
      mark(sourceGram(entry.source));
      for (const flag of entry.flags) mark(flagGram(flag));
      for (const script of scriptsOf(entry.text)) mark(scriptGram(script));
      for (const score of SCORES) {
        const value = entry[score];
        // SQLite has no NaN.
        if (value === undefined || Number.isNaN(value)) continue;
        let list = scored.get(score);
        if (list === undefined) {
          list = { ids: [], values: [] };
          scored.set(score, list);
        }
        list.ids.push(entries);
        list.values.push(value);
      }
      entries++;
    },
    rows(): Row[] {
      const rows: Row[] = [[LENGTHS, entries, lengths.written()]];
      for (const [gram, writer] of runs) rows.push([gram, ...writer.finish()]);
      for (const [score, { ids, values }] of scored) {
        const order = ids.map((_, index) => index).sort((a, b) => values[b]! - values[a]! || a - b);
        const writer = createNumberWriter();
        let last = 0;
        for (const index of order) {
          writer.write(toStep(ids[index]! - last));
          last = ids[index]!;
        }
        rows.push([scoreGram(score), ids.length, writer.written()]);
      }
      return rows.sort(([a], [b]) => (a < b ? -1 : 1));
    },
  };
}

interface RunWriter {
  /** Takes the next entry; one that it has is passed over. */
  add(entry: number): void;
  finish(): readonly [entries: number, places: Buffer];
}

function createRunWriter(): RunWriter {
  const writer: NumberWriter = createNumberWriter();
  let entries = 0;
  let begin = 0;
  let end = 0;
  let written = 0;
  const writeRun = (): void => {
    if (end === begin) return;
    writer.write(begin - written);
    writer.write(end - begin);
    written = end;
  };
  return {
    add(entry) {
      if (entry < end) return;
      if (entry > end) {
        writeRun();
        begin = entry;
      }
      end = entry + 1;
      entries++;
    },
    finish() {
      writeRun();
      return [entries, writer.written()];
    },
  };
}
