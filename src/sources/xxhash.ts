/** XXH64 with seed 0, the checksum of Zstandard frames (RFC 8878, section 3.1.1; xxHash specification, revision 0.1.1). */

/** A number of 64 bits as two of 32. */
interface Long {
  hi: number;
  lo: number;
}

const PRIMES: readonly Readonly<Long>[] = [
  { hi: 0x9e3779b1, lo: 0x85ebca87 },
  { hi: 0xc2b2ae3d, lo: 0x27d4eb4f },
  { hi: 0x165667b1, lo: 0x9e3779f9 },
  { hi: 0x85ebca77, lo: 0xc2b2ae63 },
  { hi: 0x27d4eb2f, lo: 0x165667c5 },
];
const [P1, P2, P3, P4, P5] = PRIMES as [Long, Long, Long, Long, Long];

function add(target: Long, hi: number, lo: number): void {
  const sum = (target.lo >>> 0) + (lo >>> 0);
  target.hi = (target.hi + hi + (sum > 0xffffffff ? 1 : 0)) | 0;
  target.lo = sum | 0;
}

/** Multiply; of the product the lowest 64 bits stay. */
function multiply(target: Long, { hi, lo }: Readonly<Long>): void {
  const a0 = target.lo & 0xffff;
  const a1 = target.lo >>> 16;
  const b0 = lo & 0xffff;
  const b1 = lo >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  const carried = a1 * b1 + (middle >>> 16) + (other >>> 16);
  target.hi = (carried + Math.imul(target.hi, lo) + Math.imul(target.lo, hi)) | 0;
  target.lo = (other << 16) | (low & 0xffff);
}

/** Turn left by 1 to 31 bits. */
function rotate(target: Long, bits: number): void {
  const { hi, lo } = target;
  target.hi = (hi << bits) | (lo >>> (32 - bits));
  target.lo = (lo << bits) | (hi >>> (32 - bits));
}

/** Exclusive or with itself moved right. */
function mix(target: Long, bits: number): void {
  const { hi, lo } = target;
  target.hi = hi ^ (bits < 32 ? hi >>> bits : 0);
  target.lo = lo ^ (bits < 32 ? (lo >>> bits) | (hi << (32 - bits)) : hi >>> (bits - 32));
}

/** A checksum that is computed piece by piece. */
export interface Xxh64 {
  update(bytes: Uint8Array): void;
  /** The lowest 32 bits, which are what a frame keeps. */
  low(): number;
}

const STRIPE = 32;

/** Begin a checksum. */
export function createXxh64(): Xxh64 {
  const lanes: readonly Long[] = [
    { hi: (P1.hi + P2.hi) | 0, lo: (P1.lo + P2.lo) | 0 },
    { ...P2 },
    { hi: 0, lo: 0 },
    { hi: ~P1.hi, lo: -P1.lo },
  ];
  const word: Long = { hi: 0, lo: 0 };
  const rest = new Uint8Array(STRIPE);
  let kept = 0;
  let total = 0;

  const round = (lane: Long, hi: number, lo: number) => {
    word.hi = hi;
    word.lo = lo;
    multiply(word, P2);
    add(lane, word.hi, word.lo);
    rotate(lane, 31);
    multiply(lane, P1);
  };
  const readWord = (bytes: Uint8Array, at: number) =>
    bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const addStripe = (bytes: Uint8Array, from: number) => {
    let at = from;
    for (const lane of lanes) {
      round(lane, readWord(bytes, at + 4), readWord(bytes, at));
      at += 8;
    }
  };

  return {
    update(bytes) {
      total += bytes.length;
      let at = 0;
      if (kept > 0) {
        at = Math.min(STRIPE - kept, bytes.length);
        rest.set(bytes.subarray(0, at), kept);
        kept += at;
        if (kept < STRIPE) return;
        addStripe(rest, 0);
      }
      for (; at + STRIPE <= bytes.length; at += STRIPE) addStripe(bytes, at);
      rest.set(bytes.subarray(at));
      kept = bytes.length - at;
    },
    low() {
      const hash: Long = { hi: 0, lo: 0 };
      if (total < STRIPE) add(hash, P5.hi, P5.lo);
      else {
        for (const [index, turn] of [1, 7, 12, 18].entries()) {
          const lane = { ...lanes[index]! };
          rotate(lane, turn);
          add(hash, lane.hi, lane.lo);
        }
        for (const { hi, lo } of lanes) {
          const lane: Long = { hi: 0, lo: 0 };
          round(lane, hi, lo);
          hash.hi ^= lane.hi;
          hash.lo ^= lane.lo;
          multiply(hash, P1);
          add(hash, P4.hi, P4.lo);
        }
      }
      add(hash, Math.floor(total / 2 ** 32), total | 0);
      let at = 0;
      for (; at + 8 <= kept; at += 8) {
        const lane: Long = { hi: 0, lo: 0 };
        round(lane, readWord(rest, at + 4), readWord(rest, at));
        hash.hi ^= lane.hi;
        hash.lo ^= lane.lo;
        rotate(hash, 27);
        multiply(hash, P1);
        add(hash, P4.hi, P4.lo);
      }
      for (; at + 4 <= kept; at += 4) {
        const lane: Long = { hi: 0, lo: readWord(rest, at) };
        multiply(lane, P1);
        hash.hi ^= lane.hi;
        hash.lo ^= lane.lo;
        rotate(hash, 23);
        multiply(hash, P2);
        add(hash, P3.hi, P3.lo);
      }
      for (; at < kept; at++) {
        const lane: Long = { hi: 0, lo: rest[at]! };
        multiply(lane, P5);
        hash.hi ^= lane.hi;
        hash.lo ^= lane.lo;
        rotate(hash, 11);
        multiply(hash, P1);
      }
      mix(hash, 33);
      multiply(hash, P2);
      mix(hash, 29);
      multiply(hash, P3);
      mix(hash, 32);
      return hash.lo >>> 0;
    },
  };
}
