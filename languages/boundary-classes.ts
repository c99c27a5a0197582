/** What a code point is under the boundary rule. */
export const CLASS = {
  /** Signs that neither make a word nor end one: hyphens, slashes, @ # & _ and symbols. */
  sign: 0,
  space: 1,
  /** Marks that bracket, quote, end or separate. */
  separator: 2,
  /** Letters and numbers of scripts that use spaces. */
  letter: 3,
  hebrewLetter: 4,
  digit: 5,
  /** Letters of scripts without spaces. */
  noSpaceLetter: 6,
  /** Combining marks and joiners: they belong to what they follow. */
  extender: 7,
  /** ' ‘ ’: part of the word between letters (Uzbek o‘zbek), or a quotation mark. */
  apostrophe: 8,
  /** ": a quotation mark, but part of the word between Hebrew letters (gershayim; UAX #29, WB7b and WB7c). */
  doubleQuote: 9,
  /** ·: part of the word between letters (Catalan), else a separator (Greek ano teleia). */
  middleDot: 10,
} as const;
