/** How the matches of the two profiles differ on a caption, and what sorts captions are told apart by. */

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

/** What the recipe wants to match nothing, unless the list holds it as it stands. */
export const NAME_KINDS = ["file name", "underscores", "slug", "date or size"] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** What a caption looks like that nobody wrote as one: a name of a file, a slug, a date or size; undefined otherwise. */
export function nameKindOf(text: string): NameKind | undefined {
  const trimmed = text.trim();
  if (/\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?|pdf)\b/i.test(trimmed)) return "file name";
  if (/[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(trimmed)) return "underscores";
  if (/^\S*[\p{L}\p{N}][-–][\p{L}\p{N}]\S*$/u.test(trimmed) && /\p{L}/u.test(trimmed)) return "slug";
  // Digits with marks between them, or units on them.
  if (/^[\d\s.,:/x×–-]+(?:px|[kK]?[bB]|年|月|日)?[\d年月日]*$/u.test(trimmed) && /\d\D+\d|\d[^\d\s]/u.test(trimmed))
    return "date or size";
  return undefined;
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
