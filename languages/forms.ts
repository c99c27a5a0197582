/**
 * How a code point may stand in normalized text, so that a program on bytes can tell text that `normalizeText` leaves as
 * it is from text that it may change (the quick check of UAX #15, § 9, made coarser on the safe side).
 */
export const FORM = {
  /** A combining mark: two of them may have to change places. */
  mark: 1,
  /** Composes with a `first` before it, or with a part of it. */
  second: 2,
  /** Composes with a `second`, or is composed of two characters itself. */
  first: 4,
  /** Is changed or removed wherever it stands. */
  changes: 8,
} as const;
