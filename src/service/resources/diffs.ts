/** What changed between builds, and what that changes for pools. */
import { type Static, Type } from "typebox";
import { getEdition } from "../../../languages/index.ts";
import { type GroupImpact, loadBuildImpact, toImpactJson } from "../../curation/build-impact.ts";
import { pickBuilds } from "../../curation/current-build.ts";
import { toEntryJson } from "../../entries/entry-json.ts";
import type { Entry as ListEntry } from "../../entries/types.ts";
import type { ProfileName } from "../../profile.ts";
import { listBuilds } from "../../store/builds.ts";
import { CHANGES, COMPARED_FIELDS, countDiff, diffBuilds, pageDiff } from "../../store/diff.ts";
import type { Context } from "../context.ts";
import { define, notFound, RequestError } from "../operation.ts";
import {
  EditionParams,
  Entry,
  Limit,
  listOf,
  Next,
  nullable,
  number,
  object,
  oneOf,
  ProfileQuery,
  text,
  USUAL_ROWS,
  whole,
} from "../schemas.ts";
import { pathOf } from "./paths.ts";
import { PoolsQuery, RULE, ruleOf, THRESHOLD_FIGURES } from "./thresholds.ts";

const BuildsQuery = {
  ...ProfileQuery,
  from: Type.Optional(whole("number of the older build (default: of the last two)")),
  to: Type.Optional(whole("number of the newer build")),
};

/** The builds to compare. */
function buildsAskedFor(
  { db }: Context,
  {
    code,
    from,
    to,
    profile = "corrected",
  }: { readonly code: string; readonly from?: number; readonly to?: number; readonly profile?: ProfileName },
) {
  if ((from === undefined) !== (to === undefined)) throw new RequestError(400, "give both from and to, or neither");
  const edition = getEdition(code);
  const kept = listBuilds(db, { edition: edition.code, ...(from === undefined && { profile }) });
  const missing = [from, to].find((id) => id !== undefined && kept.every((build) => build.id !== id));
  if (missing !== undefined)
    throw notFound(`${code} has no build ${missing}; kept are: ${kept.map(({ id }) => id).join(", ") || "none"}`);
  if (from === undefined && kept.length < 2)
    throw notFound(`fewer than two ${profile} builds of ${code} are kept; there is nothing to compare`);
  const [older, newer] = pickBuilds(
    db,
    edition,
    profile,
    from === undefined || to === undefined ? undefined : [from, to],
  );
  return { edition, older, newer };
}

const Keeping = {
  count: whole("captions that hold it"),
  probability: number("with which it keeps each"),
  kept: number("captions that it keeps in the mean"),
};
const Kept = object({ text: Type.String(), ...Keeping });
const Change = object({ text: Type.String(), before: object(Keeping), after: object(Keeping) });

const Side = nullable(object({ list: text("name of the list"), pools: listOf(Type.String()), ...THRESHOLD_FIGURES }));

const Impact = object({
  group: Type.String(),
  scheme: Type.Optional(text("of `other`: the labelling scheme")),
  before: Side,
  after: Side,
  changes: object({
    changed: whole("entries whose probability differs"),
    added: whole("entries"),
    removed: whole("entries"),
  }),
  changed: listOf(Change, "the greatest differences first, at most `limit`"),
  added: listOf(Kept, "those that keep most captions first, at most `limit`"),
  removed: listOf(Kept),
});

function toImpact(group: GroupImpact, limit: number): Static<typeof Impact> {
  const { changed, added, removed, ...sides } = toImpactJson(group);
  return {
    ...sides,
    changes: { changed: changed.length, added: added.length, removed: removed.length },
    ...{ changed: changed.slice(0, limit), added: added.slice(0, limit), removed: removed.slice(0, limit) },
  };
}

const tag = "differences";
const URL = "/api/editions/:code/diff";

const toJson = (entry: ListEntry | undefined) => (entry === undefined ? null : toEntryJson(entry));

export const DIFF_OPERATIONS = [
  define({
    ...{ id: "diffBuilds", method: "GET", url: URL, tag },
    summary: "What changed between two builds of an edition",
    params: EditionParams,
    query: object({
      ...BuildsQuery,
      change: Type.Optional(oneOf(CHANGES, "entries to list (default: added)")),
      after: Type.Optional(whole("only those behind this one: the `id` of the last entry of the page before")),
      limit: Limit,
    }),
    answer: object({
      edition: Type.String(),
      from: whole("number of the older build"),
      to: whole("number of the newer build"),
      added: whole("entries in all"),
      removed: whole("entries in all"),
      changed: whole("entries in all"),
      change: oneOf(CHANGES),
      rows: listOf(
        object({
          text: Type.String(),
          fields: listOf(oneOf(COMPARED_FIELDS), "what differs, of an entry that changed"),
          before: nullable(Entry),
          after: nullable(Entry),
        }),
      ),
      next: Next,
    }),
    run(context, input) {
      const { edition, older, newer } = buildsAskedFor(context, input);
      const { change = "added", after = -1, limit = USUAL_ROWS } = input;
      const builds = { a: older.id, b: newer.id };
      const counts = context.memory.ofBuilds(`diff ${older.id} ${newer.id}`, () =>
        countDiff(context.db, older.id, newer.id),
      );
      const { rows, last } = pageDiff(context.db, { ...builds, change, after, limit });
      return {
        ...{ edition: edition.code, from: older.id, to: newer.id, ...counts, change },
        rows: rows.map(({ before, after, ...row }) => ({ ...row, before: toJson(before), after: toJson(after) })),
        next: last === undefined ? null : pathOf(URL, input, { from: older.id, to: newer.id, after: last }),
      };
    },
  }),
  define({
    ...{ id: "getImpact", method: "GET", url: "/api/editions/:code/impact", tag },
    summary: "What a new build changes for the captions of pools that were counted against the lists of both",
    params: EditionParams,
    query: object({ ...BuildsQuery, pool: PoolsQuery, ...RULE, limit: Limit }),
    answer: object({
      edition: Type.String(),
      from: whole("number of the older build"),
      to: whole("number of the newer build"),
      groups: listOf(Impact),
      notes: listOf(Type.String(), "what a person should know of the counts"),
    }),
    run(context, input) {
      const { db } = context;
      const { edition, older, newer } = buildsAskedFor(context, input);
      const { pool: pools = [], tailRatio, t, anchor, limit = USUAL_ROWS } = input;
      if (pools.length === 0) throw new RequestError(400, "name at least one pool, as in pool=web");
      const rule = {
        ...(tailRatio !== undefined && { tailRatio }),
        ...(t !== undefined && { t }),
        ...(anchor !== undefined && { anchor }),
      };
      const diff = () => diffBuilds(db, older.id, newer.id);
      const { groups, notes } = loadBuildImpact(db, { ...ruleOf(rule), pools, older, newer, diff });
      const found = groups.map((group) => toImpact(group, limit));
      return { edition: edition.code, from: older.id, to: newer.id, groups: found, notes };
    },
  }),
];
