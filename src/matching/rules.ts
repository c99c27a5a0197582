/**
 * The two rules by which an entry matches a caption, as plainly as they can be said. They prove that an entry can match,
 * and are the slow twins of faster matchers.
 */
import { type ApostropheRule, standsAsEntry } from "../../languages/boundary.ts";
import { normalize } from "../../languages/normalize.ts";
import { matchesWithoutSpace, PYTHON_SPACES } from "../reference-text.ts";

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

const OUTER_SPACE = new RegExp(`^[${PYTHON_SPACES}]+|[${PYTHON_SPACES}]+$`, "g");

function padEntry(entry: string): string {
  const points = [...entry];
  const before = matchesWithoutSpace(points[0] ?? "") ? "" : " ";
  return `${before}${entry}${matchesWithoutSpace(points.at(-1) ?? "") ? "" : " "}`;
}

/** True if `entry` matches `caption` in the `reference` profile: its padded form is a substring of the spaced caption. */
export function matchesReference(caption: string, entry: string): boolean {
  const spaced = ` ${caption.replace(OUTER_SPACE, "")} `.replace(/[,.;:?!`]/g, " $& ").replace(/[\t\n\r]/g, " ");
  return entry !== "" && spaced.includes(padEntry(entry));
}
