/* Magic words as __NOTOC__: of capitals, or of letters of a script without case, as localised ones are. */
import { foldToScratch, UNDERSCORE } from "./characters.ts";
import { findName, MAGIC_WORD } from "./dictionary.ts";
import { CAPITALS, SCRATCH } from "./layout.ts";
import { get8 } from "./memory.ts";

const MAX_LETTERS: i32 = 40;
const MAX_BYTES: i32 = 130;

/** The end of the magic word whose first underscore is at `at`, or 0. */
export function magicWordEnd(at: i32, end: i32): i32 {
  const first = at + 2;
  if (get8(at + 1) !== UNDERSCORE || first >= end || get8(first) === UNDERSCORE) return 0;
  const limit = first + MAX_BYTES < end ? first + MAX_BYTES : end;
  let stop = first;
  let letters = 0;
  let areCapital = true;
  while (stop < limit) {
    const c = get8(stop);
    if (c === UNDERSCORE && get8(stop + 1) === UNDERSCORE && stop + 1 < end) {
      if (areCapital && letters >= 2 && letters <= MAX_LETTERS) return stop + 2;
      foldToScratch(first, stop - first);
      return findName(MAGIC_WORD, SCRATCH, stop - first) === 0 ? 0 : stop + 2;
    }
    if (c < 0x80) {
      const isCapital = (c >= 65 && c <= 90) || c === UNDERSCORE;
      if (!isCapital && (c < 97 || c > 122)) return 0;
      if (!isCapital) areCapital = false;
      stop++;
    } else {
      const size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
      if (!isCapitalAt(stop)) areCapital = false;
      stop += size;
    }
    letters++;
  }
  return 0;
}

function isCapitalAt(at: i32): boolean {
  const c = get8(at);
  if (c >= 0xf0) return false;
  const second = get8(at + 1) & 63;
  const code = c < 0xe0 ? ((c & 31) << 6) | second : ((c & 15) << 12) | (second << 6) | (get8(at + 2) & 63);
  return (get8(CAPITALS + (code >> 3)) & (1 << (code & 7))) !== 0;
}
