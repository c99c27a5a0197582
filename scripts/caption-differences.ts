/** How the matches of the two profiles differ on a caption, and why; and what kinds of captions are told apart. */
import { type ApostropheRule, isDigits } from "../languages/boundary.ts";
import { normalize } from "../languages/normalize.ts";
import { findEntry } from "../src/matching/rules.ts";
import { matchesWithoutSpace, PARTED_MARKS } from "../src/reference-text.ts";

/** Scripts that captions are grouped by, in the order of the report. */
export const CAPTION_SCRIPTS = [
  ...["Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Devanagari", "Thai"],
  ...["Myanmar", "Han", "kana", "Hangul", "other"],
] as const;
export type CaptionScript = (typeof CAPTION_SCRIPTS)[number];

const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const BY_LETTERS = CAPTION_SCRIPTS.filter((name) => name !== "kana" && name !== "other").map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, "gu")] as const,
);

/** The script of most of a text's letters; `kana` wherever there is any, since Japanese mixes it with Han. */
export function scriptOf(text: string): CaptionScript {
  if (KANA.test(text)) return "kana";
  let best: CaptionScript = "other";
  let most = 0;
  for (const [name, letters] of BY_LETTERS) {
    const count = text.match(letters)?.length ?? 0;
    if (count > most) [best, most] = [name, count];
  }
  return best;
}

const NO_SPACES =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー]$/u;
const KATAKANA = /^[\p{Script=Katakana}ー]$/u;

/** What the recipe wants to match nothing, unless the list holds it as it stands. */
export const NAME_KINDS = ["file name", "file name with spaces", "underscores", "slug", "date or size"] as const;
export type NameKind = (typeof NAME_KINDS)[number];

const FILE_NAME = /\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?|pdf)\b/i;
/** Words of a text that is taken for a name with underscores: a longer one is a sentence that holds such a name. */
const NAME_WORDS = 3;

/** What a caption looks like that nobody wrote as one: a name of a file, a slug, a date or size; undefined otherwise. */
export function nameKindOf(text: string): NameKind | undefined {
  const words = text.trim().split(/\s+/);
  const [first = ""] = words;
  if (FILE_NAME.test(text)) return words.length === 1 ? "file name" : "file name with spaces";
  if (words.length <= NAME_WORDS && /[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(text)) return "underscores";
  if (words.length > 1)
    return /^[\d\s.,:/x×–-]*\d[.,:/x×–-]+\d[\d\s.,:/x×–-]*$/.test(text) ? "date or size" : undefined;
  if (/^[\d年月日.,:/x×–-]*\d[年月日.,:/x×–-][\d年月日.,:/x×–-]*(?:px)?$/.test(first)) return "date or size";
  const isSlug = /[\p{L}\p{N}][-–][\p{L}\p{N}]/u.test(first) && ![...first].some((point) => NO_SPACES.test(point));
  return isSlug ? "slug" : undefined;
}

/** Ids of the matches that a caption has in only one of two lists. */
export interface MatchDifference {
  /** Matched in the first, not in the second. */
  readonly first: readonly number[];
  /** Matched in the second, not in the first. */
  readonly second: readonly number[];
}

/** Two lists, entry by entry. */
export interface ListPair {
  /** Of each id of the first list that of the same entry in the second, or -1. */
  readonly toSecond: Int32Array;
  /** Of each id of the second list that of the same entry in the first, or -1. */
  readonly toFirst: Int32Array;
}

/** Finds the entries that two lists share. */
export function pairLists(first: readonly string[], second: readonly string[]): ListPair {
  const idsOf = (entries: readonly string[]) => new Map(entries.map((entry, id) => [entry, id]));
  const [firstIds, secondIds] = [idsOf(first), idsOf(second)];
  return {
    toSecond: Int32Array.from(first, (entry) => secondIds.get(entry) ?? -1),
    toFirst: Int32Array.from(second, (entry) => firstIds.get(entry) ?? -1),
  };
}

/** Matches that only one of the two has, of entries that both lists hold: what the rules of matching make different. */
export function differByRule(
  { toSecond, toFirst }: ListPair,
  matches: { readonly first: Uint32Array; readonly second: Uint32Array },
): MatchDifference {
  const [first, second] = [new Set(matches.first), new Set(matches.second)];
  return {
    first: [...matches.first].filter((id) => toSecond[id]! >= 0 && !second.has(toSecond[id]!)),
    second: [...matches.second].filter((id) => toFirst[id]! >= 0 && !first.has(toFirst[id]!)),
  };
}

/** Why only one of the rules finds an entry that both lists hold, told by what stands beside it. */
export const REASONS = [
  ...["apostrophe", "bracket", "quotation mark", "other mark", "space or form"],
  ...["digits", "text without spaces", "inside katakana", "unlike"],
] as const;
export type Reason = (typeof REASONS)[number];

const SEEN = new RegExp(`^[${PARTED_MARKS} ]$`);

/** What beside an entry the `reference` rule does not take for its end; undefined where it does, or at the text's end. */
function barrier(beside: string | undefined, own: string): Reason | undefined {
  if (beside === undefined || SEEN.test(beside) || matchesWithoutSpace(own)) return undefined;
  if (/^['’ʼ´\u02BB]$/.test(beside)) return "apostrophe";
  if (/^[\p{Quotation_Mark}]$/u.test(beside)) return "quotation mark";
  if (/^[\p{Ps}\p{Pe}]$/u.test(beside)) return "bracket";
  if (KATAKANA.test(beside) && KATAKANA.test(own)) return "inside katakana";
  if (NO_SPACES.test(beside) || NO_SPACES.test(own)) return "text without spaces";
  return "other mark";
}

/** Why `corrected` finds `entry` in the caption and `reference` does not. */
export function whyCorrectedAlone(caption: string, entry: string, apostrophes: ApostropheRule): Reason {
  const text = normalize(caption);
  const own = [...normalize(entry)];
  const at = findEntry(caption, entry, apostrophes).next().value;
  if (at === undefined) return "unlike";
  const end = at + own.join("").length;
  return (
    barrier([...text.slice(0, at)].at(-1), own[0] ?? "") ??
    barrier([...text.slice(end)][0], own.at(-1) ?? "") ??
    "space or form"
  );
}

/** Why `reference` finds `entry` in a caption and `corrected` does not. */
export function whyReferenceAlone(entry: string): Reason {
  if (isDigits(normalize(entry))) return "digits";
  return [...entry].some((point) => NO_SPACES.test(point)) ? "text without spaces" : "unlike";
}

/** Draws items: those with the smallest hashes, one of each hash. */
export interface Draw<Item> {
  /** Calls `make` only if the item is among the smallest so far. */
  offer(hash: number, make: () => Item): void;
  /** How many hashes were offered, each counted as often as it came. */
  readonly offered: number;
  /** By hash. */
  list(): Item[];
}

/** Creates a draw of at most `size` items, the same whatever the order in which they come. */
export function createDraw<Item>(size: number): Draw<Item> {
  const kept: { readonly hash: number; readonly item: Item }[] = [];
  let offered = 0;
  return {
    get offered() {
      return offered;
    },
    offer(hash, make) {
      offered++;
      const at = kept.findIndex((other) => other.hash >= hash);
      if (at < 0 ? kept.length >= size : kept[at]!.hash === hash) return;
      kept.splice(at < 0 ? kept.length : at, 0, { hash, item: make() });
      if (kept.length > size) kept.pop();
    },
    list: () => kept.map(({ item }) => item),
  };
}
