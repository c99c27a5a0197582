/**
 * The two rules by which an entry matches a caption, as plainly as they can be said. They prove that an entry can match,
 * and are the slow twins of faster matchers.
 */
import { type ApostropheRule, isBoundary, standsAsEntry } from "../../languages/boundary.ts";
import { normalize } from "../../languages/normalize.ts";
import type { ProfileName } from "../profile.ts";
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

/** A caption as the `reference` profile looks into it: marks between spaces, a space at both ends. */
function spaceCaption(caption: string): string {
  return ` ${caption.toWellFormed().replace(OUTER_SPACE, "")} `.replace(PARTED, " $& ").replace(SPACED, " ");
}

/**
 * True if `entry` matches `caption` in the `reference` profile: its padded form is a substring of the spaced caption. Both
 * are taken as UTF-8, in which half a surrogate pair is U+FFFD.
 */
export function matchesReference(caption: string, entry: string): boolean {
  return entry !== "" && spaceCaption(caption).includes(padEntry(entry.toWellFormed()));
}

/** How a list is matched. */
export interface MatchRule {
  readonly profile: ProfileName;
  readonly apostrophes: ApostropheRule;
}

/**
 * Every string of at most `longest` UTF-16 units that, were it an entry, would match the caption; each once, in the order in
 * which they begin. There are some hundreds in a sentence, so that to look each of them up finds the caption's entries
 * without reading their list.
 */
export function* possibleEntries(
  caption: string,
  { profile, apostrophes }: MatchRule,
  longest: number,
): Generator<string> {
  const isReference = profile === "reference";
  const text = isReference ? spaceCaption(caption) : normalize(caption);
  const places = Array.from({ length: text.length + 1 }, (_, place) => place);
  const alone = (place: number) => matchesWithoutSpace(String.fromCodePoint(text.codePointAt(place) ?? 0));
  // An entry in its normal form neither begins nor ends with a space.
  const isStart = isReference
    ? (place: number) => text[place - 1] === " " || alone(place)
    : (place: number) => text[place] !== " " && isBoundary(text, place, apostrophes);
  const isEnd = isReference
    ? (place: number) => text[place] === " " || matchesWithoutSpace(characterBefore(text, place))
    : (place: number) => text[place - 1] !== " " && isBoundary(text, place, apostrophes);
  const starts = places.filter((place) => place < text.length && isStart(place));
  const ends = places.filter((place) => place > 0 && isEnd(place));
  const seen = new Set<string>();
  let nearest = 0;
  for (const start of starts) {
    while (nearest < ends.length && ends[nearest]! <= start) nearest++;
    for (let at = nearest; at < ends.length && ends[at]! - start <= longest; at++) {
      const entry = text.slice(start, ends[at]);
      if (seen.has(entry) || (!isReference && !standsAsEntry(text, start, ends[at]!, apostrophes))) continue;
      seen.add(entry);
      yield entry;
    }
  }
}

/** The character that ends at a place; inside of one its first half. */
function characterBefore(text: string, place: number): string {
  return [...text.slice(Math.max(0, place - 2), place)].at(-1) ?? "";
}
