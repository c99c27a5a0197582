/**
 * The two rules by which an entry matches a caption, as plainly as they can be said. They prove that an entry can match,
 * and are the slow twins of faster matchers.
 */
import { type ApostropheRule, standsAsEntry } from "../../languages/boundary.ts";
import { normalize } from "../../languages/normalize.ts";

/** Where `entry` stands in `caption` by the boundary rule, as UTF-16 indexes of the normalized caption. */
export function* findEntry(caption: string, entry: string, apostrophes: ApostropheRule): Generator<number> {
  if (entry === "") return;
  const text = normalize(caption);
  for (let at = text.indexOf(entry); at >= 0; at = text.indexOf(entry, at + 1)) {
    if (standsAsEntry(text, at, at + entry.length, apostrophes)) yield at;
  }
}

/** True if `entry` matches `caption` in the `corrected` profile: somewhere it stands between two boundaries. */
export function matchesCorrected(caption: string, entry: string, apostrophes: ApostropheRule): boolean {
  for (const _ of findEntry(caption, entry, apostrophes)) return true;
  return false;
}

/** Code points beside which the published code sets no space: CJK, Thai, Lao, Burmese, Khmer, Tibetan, punctuation. */
const WIDE =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2EBEF}\uF900-\uFAFF\u2E80-\u2FDF\u2FF0-\u2FFF\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u0F00-\u0FFF!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~，。、；：？！“”‘’（）【】《》〈〉「」『』～—]/u;
/** White space as Python's `str.isspace` says. */
const PYTHON_SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const OUTER_SPACE = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, "g");

function padEntry(entry: string): string {
  const points = [...entry];
  return `${WIDE.test(points[0] ?? "") ? "" : " "}${entry}${WIDE.test(points.at(-1) ?? "") ? "" : " "}`;
}

/** True if `entry` matches `caption` in the `reference` profile: its padded form is a substring of the spaced caption. */
export function matchesReference(caption: string, entry: string): boolean {
  const spaced = ` ${caption.replace(OUTER_SPACE, "")} `.replace(/[,.;:?!`]/g, " $& ").replace(/[\t\n\r]/g, " ");
  return entry !== "" && spaced.includes(padEntry(entry));
}
