/** A table of hashes of 64 bits. */

/** Hashes, each once, with a small number to each. */
export interface KeyTable {
  /** The place of a hash, which is added, with the number 0, if it is not there. Adding others may change places. */
  add(low: number, high: number): number;
  /** The place of a hash; -1 if it is not there. */
  find(low: number, high: number): number;
  /** The number of the hash at a place, 0 to 255. */
  get(place: number): number;
  set(place: number, value: number): void;
}

const FIRST_CAPACITY = 1 << 10;
/** More than this share of the places taken makes searches long. */
const MOST_FULL = 0.75;

/** Most bytes that a hash in a table costs, while it grows: twice and once 9 bytes at a share of 3/8 and 3/4. */
export const BYTES_A_KEY = 36;

/**
 * Creates a table: open addressing, in which a hash lies at its lower bits or the next place that was free. Hashes are even
 * there already, and none is 0.
 */
export function createKeyTable(): KeyTable {
  let capacity = FIRST_CAPACITY;
  let keys = new Uint32Array(2 * capacity);
  let values = new Uint8Array(capacity);
  let size = 0;

  /** Where a hash lies, or could be put. */
  const seek = (low: number, high: number): number => {
    const mask = capacity - 1;
    let at = low & mask;
    while (true) {
      const [itsLow, itsHigh] = [keys[2 * at]!, keys[2 * at + 1]!];
      if ((itsLow === low && itsHigh === high) || (itsLow === 0 && itsHigh === 0)) return at;
      at = (at + 1) & mask;
    }
  };
  const isFree = (at: number) => keys[2 * at] === 0 && keys[2 * at + 1] === 0;
  const put = (low: number, high: number, value: number): number => {
    const at = seek(low, high);
    keys[2 * at] = low;
    keys[2 * at + 1] = high;
    values[at] = value;
    return at;
  };
  const grow = () => {
    const [oldKeys, oldValues] = [keys, values];
    capacity *= 2;
    keys = new Uint32Array(2 * capacity);
    values = new Uint8Array(capacity);
    for (let at = 0; at < oldValues.length; at++) {
      const [low, high] = [oldKeys[2 * at]!, oldKeys[2 * at + 1]!];
      if (low !== 0 || high !== 0) put(low, high, oldValues[at]!);
    }
  };
  return {
    add(low, high) {
      const at = seek(low, high);
      if (!isFree(at)) return at;
      size++;
      if (size > MOST_FULL * capacity) grow();
      return put(low, high, 0);
    },
    find(low, high) {
      const at = seek(low, high);
      return isFree(at) ? -1 : at;
    },
    get: (place) => values[place]!,
    set(place, value) {
      values[place] = value;
    },
  };
}
