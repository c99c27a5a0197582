/** Words and pairs as the published code cuts them, for the `reference` profile. */
import type { Edition, Tokenizer } from "../../languages/define.ts";
import { isReferencePunctuation, isTokenOfItsOwn, PYTHON_SPACES } from "../reference-text.ts";
import type { GramCutter } from "./grams.ts";

/** Editions whose words the published code takes from a segmenter, and joins by nothing. */
const SEGMENTED = new Set("bo dz ja km lo my ryu th zh zh_classical zh_yue".split(" "));

/** Pairs of brackets; the second of the last one stands alone, since the published list has "『 " with a space. */
const BRACKETS: readonly (readonly [string, string])[] = [
  ...(["()", "[]", "{}", "“”", "‘’", "（）", "【】", "《》", "〈〉", "「」"].map((pair) => [pair[0], pair[1]]) as [
    string,
    string,
  ][]),
  ["『 ", "』"],
];

const TAGS = /&lt;[^\n]*?&gt;|<[^\n]*?>/g;
const SPACE = new RegExp(`[${PYTHON_SPACES}]`);

/** True for editions whose words come from a segmenter in the published code. */
export function isSegmentedInReference(edition: Pick<Edition, "code">): boolean {
  return SEGMENTED.has(edition.code);
}

/** What stands between the two words of a bigram entry in the published lists. */
export function referenceJoin(edition: Pick<Edition, "code">): "" | " " {
  return isSegmentedInReference(edition) ? "" : " ";
}

/** Tokens of a line: characters of CJK, Thai and such, and punctuation, one by one; else what stands between spaces. */
function* tokensOf(line: string): Generator<string> {
  let token = "";
  for (const character of line) {
    const single = isTokenOfItsOwn(character);
    if (single || SPACE.test(character)) {
      if (token !== "") yield token;
      token = "";
      if (single) yield character;
    } else token += character;
  }
  if (token !== "") yield token;
}

function isPunctuation(token: string): boolean {
  for (const character of token) if (!isReferencePunctuation(character)) return false;
  return true;
}

/** True for a segment that the published code leaves out: it begins with punctuation, or holds half a pair of brackets. */
function isLeftOut(token: string): boolean {
  if (isReferencePunctuation([...token][0] ?? "")) return true;
  return BRACKETS.some(([open, close]) => token.includes(open) !== token.includes(close));
}

/**
 * The published way to cut: tags are removed from each line; a token that is left out parts what stands around it, and
 * nothing else does, neither the end of a line nor that of a document in the same file.
 *
 * In the editions that have a segmenter there the segments are those of `tokenizer`: theirs cannot be had.
 */
export function createReferenceCutter(edition: Pick<Edition, "code">, tokenizer: Tokenizer): GramCutter {
  const segmented = isSegmentedInReference(edition);
  const tokens = segmented
    ? (line: string) =>
        tokenizer
          .segment(line)
          .map(({ text }) => text)
          .filter((text) => !isBlank(text))
    : tokensOf;
  const parts = segmented ? isLeftOut : isPunctuation;
  let previous: string | undefined;
  return {
    begin() {
      previous = undefined;
    },
    cut(text, sink) {
      for (const line of text.split("\n")) {
        for (const token of tokens(line.replace(TAGS, ""))) {
          if (parts(token)) {
            previous = undefined;
            continue;
          }
          sink.word(token);
          if (previous !== undefined) sink.pair(previous, token);
          previous = token;
        }
      }
    },
  };
}

function isBlank(text: string): boolean {
  for (const character of text) if (!SPACE.test(character)) return false;
  return true;
}
