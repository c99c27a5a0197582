/**
 * The two rules by which an entry matches a caption, as plainly as they can be said. They prove that an entry can match,
 * and are the slow twins of faster matchers.
 */
import { type ApostropheRule, standsAsEntry } from "../../languages/boundary.ts";
import { normalize } from "../../languages/normalize.ts";
import { BECOME_SPACES, matchesWithoutSpace, PARTED_MARKS, PYTHON_SPACES } from "../reference-text.ts";

/** Where `entry`, normalized, stands in `caption` by the boundary rule, as UTF-16 indexes of the normalized caption. */
export function* findEntry(caption: string, entry: string, apostrophes: ApostropheRule): Generator<number> {
  const text = normalize(caption);
  const wanted = normalize(entry);
  if (wanted === "") return;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (standsAsEntry(text, at, at + wanted.length, apostrophes)) yield at;
  }
}

/** True if `entry` matches `caption` in the `corrected` profile: somewhere it stands between two boundaries. */
export function matchesCorrected(caption: string, entry: string, apostrophes: ApostropheRule): boolean {
  for (const _ of findEntry(caption, entry, apostrophes)) return true;
  return false;
}

const PARTED = new RegExp(`[${PARTED_MARKS}]`, "g");
const SPACED = new RegExp(`[${BECOME_SPACES}]`, "g");
const OUTER_SPACE = new RegExp(`^[${PYTHON_SPACES}]+|[${PYTHON_SPACES}]+$`, "g");

function padEntry(entry: string): string {
  const points = [...entry];
  const before = matchesWithoutSpace(points[0] ?? "") ? "" : " ";
  return `${before}${entry}${matchesWithoutSpace(points.at(-1) ?? "") ? "" : " "}`;
}

/**
 * True if `entry` matches `caption` in the `reference` profile: its padded form is a substring of the spaced caption. Both
 * are taken as UTF-8, in which half a surrogate pair is U+FFFD.
 */
export function matchesReference(caption: string, entry: string): boolean {
  const spaced = ` ${caption.toWellFormed().replace(OUTER_SPACE, "")} `.replace(PARTED, " $& ").replace(SPACED, " ");
  return entry !== "" && spaced.includes(padEntry(entry.toWellFormed()));
}
