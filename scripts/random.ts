/** Numbers for inputs that scripts make: the same in every run. */

/** A source of numbers from 0 to below 2^32 that look like chance (xorshift). */
export function createRandom(): () => number {
  let state = 12_345;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
