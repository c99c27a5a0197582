/** What can be asked about a build's entries, and the answer. */
import type { Entry, Flag, Source } from "../entries/types.ts";

/** Scores that entries can be filtered and sorted by. */
export const SCORES = ["count", "pairCount", "pmi", "npmi", "views"] as const;
export type Score = (typeof SCORES)[number];

/** Where in an entry the text that is looked for may stand: anywhere, at the beginning, or as the whole entry. */
export const MATCH_KINDS = ["substring", "prefix", "exact"] as const;
export type MatchKind = (typeof MATCH_KINDS)[number];

/** What to look for among a build's entries; conditions add up. */
export interface EntryQuery {
  /**
   * Text that they hold; capitals, small letters and the two ways to write a letter with marks are one, and nothing in it
   * is a wildcard. All entries if empty or absent.
   */
  readonly text?: string;
  /** `substring` if not given. */
  readonly match?: MatchKind;
  /** The source that owns them. */
  readonly source?: Source;
  /** ISO 15924 code of a script that they hold a letter of; one for several scripts, as `Jpan`, asks for any of them. */
  readonly script?: string;
  readonly flag?: Flag;
  /** Least scores, inclusive; an entry without the score does not meet a bound. */
  readonly min?: Partial<Readonly<Record<Score, number>>>;
  /** Greatest scores, inclusive. */
  readonly max?: Partial<Readonly<Record<Score, number>>>;
  /**
   * The order: ids ascending, which it is if not given, or a score, the greatest first, ties by id; a list sorted by a score
   * holds only entries that have it.
   */
  readonly sort?: "id" | Score;
  /** With a score, the smallest first; ties by id as well. */
  readonly ascending?: boolean;
  /** Id of the last entry of the page before, in whatever order. */
  readonly after?: number;
  /** How many entries at most. */
  readonly limit: number;
}

/** Some of the entries that meet a query. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  /** How many meet it on all pages; `TOTAL_LIMIT` if they are more. */
  readonly total: number;
  /** False if `total` is only the least that they are. */
  readonly isExact: boolean;
  /** `after` for the next page; undefined on the last. */
  readonly next: number | undefined;
}

/** Up to how many entries that meet a query are counted. */
export const TOTAL_LIMIT = 10_000;

/** Entries of a build that hold a letter of a script. */
export interface ScriptCount {
  /** ISO 15924 code. */
  readonly script: string;
  readonly entries: number;
}

/** The page of a query that nothing meets. */
export const EMPTY_PAGE: EntryPage = { entries: [], total: 0, isExact: true, next: undefined };

/** The total of a page when so many entries meet its query, or more if it says so. */
export function totalOf(hits: number): Pick<EntryPage, "total" | "isExact"> {
  return { total: Math.min(hits, TOTAL_LIMIT), isExact: hits <= TOTAL_LIMIT };
}

/** Characters that no entry holds and that mark the ends of texts in the index: a query that has one finds nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
export const MARKS = /[\0-\x03]/;
