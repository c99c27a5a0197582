/** Character classes of the published code, exactly; both its tokenizing and its matching are defined by them. */

const ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const WIDE_PUNCTUATION = "，。、；：？！“”‘’（）【】《》〈〉「」『』～—";

const MATCHING_PUNCTUATION = new Set(ASCII_PUNCTUATION + WIDE_PUNCTUATION);
const TOKENIZING_PUNCTUATION = new Set(`${ASCII_PUNCTUATION + WIDE_PUNCTUATION}¿`);

/** Blocks of CJK, Thai, Lao, Burmese, Khmer and Tibetan; kana and hangul are not among them. */
const WIDE_BLOCKS = [
  ...[0x4e00, 0x9fff, 0x3400, 0x4dbf, 0x20000, 0x2a6df, 0x2a700, 0x2b73f, 0x2b740, 0x2b81f, 0x2b820, 0x2ceaf],
  ...[0x2ceb0, 0x2ebef, 0xf900, 0xfaff, 0x2e80, 0x2eff, 0x2f00, 0x2fdf, 0x2ff0, 0x2fff],
  ...[0x0e00, 0x0e7f, 0x0e80, 0x0eff, 0x1000, 0x109f, 0x1780, 0x17ff, 0x0f00, 0x0fff],
];

function inWideBlock(point: number): boolean {
  for (let index = 0; index < WIDE_BLOCKS.length; index += 2) {
    if (point >= WIDE_BLOCKS[index]! && point <= WIDE_BLOCKS[index + 1]!) return true;
  }
  return false;
}

/** True if a character makes a token of its own. */
export function isTokenOfItsOwn(character: string): boolean {
  return TOKENIZING_PUNCTUATION.has(character) || inWideBlock(character.codePointAt(0) ?? 0);
}

/** True if an entry that begins or ends with the character matches without a space there. */
export function matchesWithoutSpace(character: string): boolean {
  return MATCHING_PUNCTUATION.has(character) || inWideBlock(character.codePointAt(0) ?? 0);
}

/** True if a character is punctuation to the published tokenizing. */
export function isReferencePunctuation(character: string): boolean {
  return TOKENIZING_PUNCTUATION.has(character);
}

/** White space as Python's `str.isspace` says, as the inside of a regular expression's brackets. */
export const PYTHON_SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const PYTHON_SPACE = new RegExp(`^[${PYTHON_SPACES}]$`);

/** True if Python's `str.isspace` says so of a character. */
export function isPythonSpace(character: string): boolean {
  return PYTHON_SPACE.test(character);
}

/** Marks that are put between two spaces in a text before it is matched. */
export const PARTED_MARKS = ",.;:?!`";
/** Characters that become spaces in a text before it is matched. */
export const BECOME_SPACES = "\t\n\r";
