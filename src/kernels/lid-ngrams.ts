/*
 * The door of what scores texts by their n-grams: what its host may call (`src/lid/ngrams.ts`). What an n-gram and its weight
 * are is said there.
 */
import {
  BLOCK,
  BUCKET_BITS,
  BUCKET_MASK,
  COUNT_BITS,
  ENTRIES_PLACE,
  FIRST_MIXER,
  HASH_FACTOR,
  HASH_START,
  LONGEST,
  MAX_LABELS,
  MOST_WAITING,
  NGRAMS,
  PLACES_PLACE,
  ROW_LENGTH,
  ROWS_PLACE,
  SECOND_MIXER,
  SUMS,
  TEXT,
  WAITING,
  WORD_START,
} from "./lid-ngrams-layout.ts";
import { addBlocks, countBits, fill, get16, get32, multiply, reserve, set32 } from "./memory.ts";

export { reserve };

const SPACE: i32 = 32;

let listEnd: i32 = 0;

/** Leaves of each label the sum of the weights of a text of so many units, or of its whole words alone; how many n-grams these are. */
export function scoreText(units: i32, wordsAlone: boolean): i32 {
  listEnd = NGRAMS;
  let from = 0;
  while (from < units) {
    if (unitAt(from) === SPACE) from++;
    else from = listWord(from, units, wordsAlone);
  }
  const ngrams = (listEnd - NGRAMS) >> 2;
  findNgrams();
  fill(SUMS, 0, MAX_LABELS << 2);
  addNgrams();
  return ngrams;
}

function unitAt(at: i32): i32 {
  return get16(TEXT + (at << 1));
}

/** Lists the word that begins at a unit, and, unless words alone count, its n-grams; where it ends. */
function listWord(from: i32, units: i32, wordsAlone: boolean): i32 {
  let word = WORD_START;
  let to = from;
  while (to < units && unitAt(to) !== SPACE) {
    word = multiply(word ^ unitAt(to), HASH_FACTOR);
    to++;
  }
  listNgram(word);
  if (wordsAlone) return to;
  for (let at = from - 1; at <= to; at++) {
    let hash = HASH_START;
    let place = at;
    while (place < at + LONGEST && place <= to) {
      const isPart = place >= from && place < to;
      hash = multiply(hash ^ (isPart ? unitAt(place) : SPACE), HASH_FACTOR);
      if (isPart || place > at) listNgram(hash);
      place++;
    }
  }
  return to;
}

function listNgram(hash: i32): void {
  let mixed = multiply(hash ^ (hash >>> 16), FIRST_MIXER);
  mixed = multiply(mixed ^ (mixed >>> 13), SECOND_MIXER);
  set32(listEnd, (mixed ^ (mixed >>> 16)) & BUCKET_MASK);
  listEnd += 4;
}

/** Puts places in the stead of the buckets that the table has, and drops the others: without branches, so that the loads overlap. */
function findNgrams(): void {
  let end = NGRAMS;
  for (let at = NGRAMS; at < listEnd; at += 4) {
    const bucket = get32(at);
    const slot = BUCKET_BITS + ((bucket >> 5) << 3);
    const bits = get32(slot);
    set32(end, get32(slot + 4) + countBits(bits & ((1 << (bucket & 31)) - 1)));
    end += ((bits >>> (bucket & 31)) & 1) << 2;
  }
  listEnd = end;
  const places = get32(PLACES_PLACE);
  for (let at = NGRAMS; at < end; at += 4) set32(at, get32(places + (get32(at) << 2)));
}

/** Adds the rows at the places listed; dense ones wait until there are enough of them. */
function addNgrams(): void {
  const rows = get32(ROWS_PLACE);
  const length = get32(ROW_LENGTH);
  const entries = get32(ENTRIES_PLACE);
  let waitingEnd = WAITING;
  for (let at = NGRAMS; at < listEnd; at += 4) {
    const place = get32(at);
    if (place < 0) {
      set32(waitingEnd, rows + multiply(place & 0x7fffffff, length));
      waitingEnd += 4;
      if (waitingEnd < WAITING + (MOST_WAITING << 2)) continue;
      addDense(waitingEnd, length);
      waitingEnd = WAITING;
    } else addSparse(entries + ((place >> COUNT_BITS) << 2), place & ((1 << COUNT_BITS) - 1));
  }
  addDense(waitingEnd, length);
}

function addSparse(from: i32, count: i32): void {
  for (let at = from; at < from + (count << 2); at += 4) {
    const sum = SUMS + (get16(at) << 2);
    set32(sum, get32(sum) + get16(at + 2));
  }
}

/** Adds the dense rows that wait: `BLOCK` labels of all of them, then the next. */
function addDense(waitingEnd: i32, length: i32): void {
  for (let block = 0; block < length; block += BLOCK) addBlocks(SUMS + (block << 2), WAITING, waitingEnd, block);
}
