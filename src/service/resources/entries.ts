/** The entries of a list, and what is known of one. */
import Papa from "papaparse";
import { type Static, Type } from "typebox";
import { explainEntry } from "../../curation/explain-entry.ts";
import { type EntryJson, toEntryJson } from "../../entries/entry-json.ts";
import { SET_ASIDE_REASONS, type SetAsideReason } from "../../entries/types.ts";
import { findEntryById } from "../../store/entries.ts";
import { type EntryQuery, MATCH_KINDS, SCORES, type Score } from "../../store/entry-query.ts";
import { listSetAside } from "../../store/set-aside.ts";
import type { Context } from "../context.ts";
import { define, internal, notFound, RequestError } from "../operation.ts";
import {
  EditionParams,
  ENTRY,
  Entry,
  Flag,
  flag,
  Limit,
  LONGEST_TEXT,
  listOf,
  Next,
  named,
  nullable,
  number,
  object,
  oneOf,
  Profile,
  ProfileQuery,
  Review,
  Source,
  text,
  time,
  USUAL_ROWS,
  whole,
} from "../schemas.ts";
import { buildAskedFor } from "./editions.ts";
import { pageOf, pathOf } from "./paths.ts";

const BuildQuery = Type.Optional(whole("number of the build (default: the one in use)"));

const bound = (score: Score, most: boolean) =>
  Type.Optional(number(`only entries whose ${score} is this or ${most ? "less" : "more"}`));

/** What entries to take, without what a page is. */
export const FILTERS = {
  ...ProfileQuery,
  build: BuildQuery,
  q: Type.Optional(
    Type.String({ maxLength: LONGEST_TEXT, description: "text that they hold, capitals or not, in any script" }),
  ),
  match: Type.Optional(oneOf(MATCH_KINDS, "whether they hold `q` anywhere (default), begin with it, or are it")),
  source: Type.Optional(Source),
  script: Type.Optional(
    Type.String({
      pattern: "^[A-Z][a-z]{3}$",
      description: "ISO 15924 code: entries that hold a letter of the script",
    }),
  ),
  flag: Type.Optional(Flag),
  ...{ minCount: bound("count", false), maxCount: bound("count", true) },
  ...{ minPairCount: bound("pairCount", false), maxPairCount: bound("pairCount", true) },
  ...{ minPmi: bound("pmi", false), maxPmi: bound("pmi", true) },
  ...{ minNpmi: bound("npmi", false), maxNpmi: bound("npmi", true) },
  ...{ minViews: bound("views", false), maxViews: bound("views", true) },
  sort: Type.Optional(
    oneOf(
      ["id", ...SCORES],
      "by position in the list (default), or by a score: greatest first, without entries that lack it",
    ),
  ),
  order: Type.Optional(oneOf(["ascending", "descending"], "of scores: greatest first (default) or smallest first")),
};

const Filters = object(FILTERS);

function toQuery(
  filters: Static<typeof Filters>,
  page: { readonly after?: number | undefined; readonly limit: number },
): EntryQuery {
  const { q, match, source, script, flag, sort, order } = filters;
  const bounds = (side: "min" | "max") =>
    Object.fromEntries(
      SCORES.flatMap((score) => {
        const name = `${side}${score.charAt(0).toUpperCase()}${score.slice(1)}` as keyof typeof filters;
        const value = filters[name];
        return typeof value === "number" ? [[score, value]] : [];
      }),
    ) as Partial<Record<Score, number>>;
  return {
    ...(q !== undefined && { text: q }),
    ...(match !== undefined && { match }),
    ...(source !== undefined && { source }),
    ...(script !== undefined && { script }),
    ...(flag !== undefined && { flag }),
    ...(sort !== undefined && { sort }),
    ...(page.after !== undefined && { after: page.after }),
    ...{ min: bounds("min"), max: bounds("max"), ascending: order === "ascending", limit: page.limit },
  };
}

const After = Type.Optional(whole("only those behind this one: the `id` of the last entry of the page before"));

const LIST = "/api/editions/:code/entries";

function findPage(
  context: Context,
  input: Static<typeof Filters> & { readonly code: string; readonly after?: number; readonly limit?: number },
) {
  const { edition, build } = buildAskedFor(context, input);
  const page = context.finder.find(build.id, toQuery(input, { after: input.after, limit: input.limit ?? USUAL_ROWS }));
  return { edition, build, page };
}

const COLUMNS = ["id", "text", "source", "sources", "count", "pairCount", "pmi", "npmi", "views", "flags"] as const;

function toCsv(entries: readonly EntryJson[], header: boolean): string {
  const rows = entries.map((entry) =>
    COLUMNS.map((name) => {
      const value = entry[name];
      return Array.isArray(value) ? value.join(" ") : (value ?? "");
    }),
  );
  const csv = Papa.unparse(header ? [[...COLUMNS], ...rows] : rows, { newline: "\r\n" });
  return csv === "" ? "" : `${csv}\r\n`;
}

/** Rows of a list that are read at once when all of it is wanted. */
const LINES = 4000;

/** Some lines of a list, to be written to whoever asked for all of it. */
export interface EntryLines {
  readonly build: number;
  readonly fingerprint: string;
  readonly lines: string;
  /** `after` for those that follow. */
  readonly next: number | null;
}

/** Forms that a list is given in as a whole. */
export const LINE_FORMATS = { csv: "text/csv; charset=utf-8; header=present", ndjson: "application/x-ndjson" } as const;
export type LineFormat = keyof typeof LINE_FORMATS;

type LinesInput = Parameters<typeof findPage>[1] & { readonly format: LineFormat };

function readLines(context: Context, input: LinesInput): EntryLines {
  const { build, page } = findPage(context, { ...input, limit: LINES });
  const entries = page.entries.map(toEntryJson);
  const lines =
    input.format === "csv"
      ? toCsv(entries, input.after === undefined)
      : entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  return { build: build.id, fingerprint: build.fingerprint, lines, next: page.next ?? null };
}

const Reason = oneOf(Object.keys(SET_ASIDE_REASONS) as SetAsideReason[], "why it was kept out");

const SetAside = named("SetAside", object({ text: Type.String(), source: Source, reason: Reason }));

const BuildMention = object({ id: whole("number of the build"), finished: time("when it was published") });

const Sample = object({
  entry: whole("id of the entry in the list that was counted"),
  hash: whole("of the caption; those with the smallest are kept"),
  id: text("of the caption"),
  text: Type.String(),
  pool: Type.String(),
  path: text("of the file"),
});

const rank = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

const tag = "entries";

export const ENTRY_OPERATIONS = [
  internal("readLines", readLines),
  define({
    ...{ id: "searchEntries", method: "GET", url: LIST, tag },
    summary: "Entries of a list: searched, filtered, sorted",
    description:
      "`q` is found in any script, also if it is a single character. `total` is exact to 10,000; where `exact` is false there " +
      "are more. Pages follow each other by `next`, which stays with the build of the first page.",
    params: EditionParams,
    query: object({ ...FILTERS, after: After, limit: Limit }),
    answer: object({
      edition: Type.String(),
      profile: Profile,
      build: whole("number of the build"),
      entries: listOf(Entry),
      total: whole("how many there are on all pages, at most 10,000"),
      exact: flag("false if there are more than 10,000"),
      next: Next,
    }),
    run(context, input) {
      const { edition, build, page } = findPage(context, input);
      const { entries, total, isExact, next } = page;
      return {
        ...{
          edition: edition.code,
          profile: build.profile,
          build: build.id,
          entries: entries.map(toEntryJson),
          total,
          exact: isExact,
        },
        next: next === undefined ? null : pathOf(LIST, input, { build: build.id, after: next }),
      };
    },
  }),
  define({
    ...{ id: "getEntry", method: "GET", url: "/api/editions/:code/entries/:id(\\d+)", tag },
    summary: "One entry by its id",
    params: object({ ...EditionParams.properties, id: whole("position in the list") }),
    query: object({ ...ProfileQuery, build: BuildQuery }),
    answer: object({ edition: Type.String(), profile: Profile, build: whole("number of the build"), entry: Entry }),
    run(context, input) {
      const { edition, build } = buildAskedFor(context, input);
      const entry = findEntryById(context.db, build.id, input.id);
      if (entry === undefined) throw notFound(`the list of ${edition.code} has no entry ${input.id}`);
      return { edition: edition.code, profile: build.profile, build: build.id, entry: toEntryJson(entry) };
    },
  }),
  define({
    ...{ id: "explainEntry", method: "GET", url: "/api/editions/:code/explain", tag },
    summary: "Why a string is, or is not, an entry",
    params: EditionParams,
    query: object({
      text: Type.String({
        minLength: 1,
        maxLength: LONGEST_TEXT,
        description: "the string, as it stands or in the form of entries",
      }),
      ...ProfileQuery,
    }),
    answer: object({
      text: text("the string in the form in which it was looked for"),
      edition: Type.String(),
      profile: Profile,
      build: whole("number of the build"),
      entry: nullable(
        object({
          ...ENTRY,
          wordnetRank: rank("among the lemmas"),
          unigramRank: rank("among the words"),
          bigramRank: rank("among the pairs"),
          titleRank: rank("among the titles"),
        }),
      ),
      setAside: listOf(SetAside, "why it was kept out, once for each source that would have brought it"),
      canMatch: flag("true if some caption can match it"),
      whyNot: nullable(Reason),
      first: nullable(BuildMention),
      last: nullable(BuildMention),
      pools: listOf(
        object({
          pool: Type.String(),
          texts: whole("captions that met the list"),
          count: whole("those of them that hold the entry"),
          samples: listOf(Sample),
        }),
      ),
      reviews: listOf(Review, "all about this string"),
    }),
    run(context, input) {
      const explained = explainEntry({ db: context.db, ...buildAskedFor(context, input) }, input.text);
      const { entry, whyNot, first, last, pools, reviews, setAside } = explained;
      const { wordnetRank, unigramRank, bigramRank, titleRank } = entry ?? {};
      const ranks = Object.entries({ wordnetRank, unigramRank, bigramRank, titleRank }).filter(
        ([, value]) => value !== undefined,
      );
      return {
        ...explained,
        ...{ whyNot: whyNot ?? null, first: first ?? null, last: last ?? null, setAside: [...setAside] },
        ...{ pools: [...pools], reviews: [...reviews] },
        entry: entry === undefined ? null : { ...toEntryJson(entry), ...Object.fromEntries(ranks) },
      };
    },
  }),
  define({
    ...{ id: "listSetAside", method: "GET", url: "/api/editions/:code/set-aside", tag },
    summary: "Candidates that were kept out of a list",
    params: EditionParams,
    query: object({
      reason: Reason,
      ...{ ...ProfileQuery, build: BuildQuery },
      q: Type.Optional(Type.String({ maxLength: LONGEST_TEXT, description: "text that they hold, capitals or not" })),
      source: Type.Optional(Source),
      afterText: Type.Optional(Type.String({ description: "`text` of the last one of the page before" })),
      afterSource: Type.Optional(Source),
      limit: Limit,
    }),
    answer: object({
      edition: Type.String(),
      build: whole("number of the build"),
      setAside: listOf(SetAside),
      next: Next,
    }),
    run(context, input) {
      const { edition, build } = buildAskedFor(context, input);
      const { reason, q, source, afterText, afterSource, limit = USUAL_ROWS } = input;
      if ((afterText === undefined) !== (afterSource === undefined)) {
        throw new RequestError(400, "afterText and afterSource go together, as `next` has them");
      }
      const read = listSetAside(context.db, build.id, {
        ...{ reason, limit: limit + 1 },
        ...(q !== undefined && { search: q }),
        ...(source !== undefined && { source }),
        ...(afterText !== undefined && { after: { text: afterText, source: afterSource! } }),
      });
      const { rows, last } = pageOf(read, limit);
      const url = "/api/editions/:code/set-aside";
      return {
        ...{ edition: edition.code, build: build.id, setAside: rows },
        next:
          last === undefined
            ? null
            : pathOf(url, input, { build: build.id, afterText: last.text, afterSource: last.source }),
      };
    },
  }),
];
