/** Pools of captions, and what they have counted. */
import { type Static, Type } from "typebox";
import { singleProbability } from "../../balancing/threshold.ts";
import { lookAtPool, toPoolJson } from "../../curation/pool-overview.ts";
import { findGroupEntry, type GroupList } from "../../store/group-lists.ts";
import { listsOfPool, pageCounts, readEntryCount, readSamples } from "../../store/pool-counts.ts";
import { findPool, listPoolFiles, listPools, type Pool, poolLabels } from "../../store/pools.ts";
import { findThreshold } from "../../store/thresholds.ts";
import type { Context } from "../context.ts";
import { define, notFound } from "../operation.ts";
import {
  anything,
  flag,
  LONGEST_TEXT,
  listOf,
  Next,
  named,
  nullable,
  number,
  object,
  oneOf,
  Problem,
  Profile,
  ProfileQuery,
  text,
  time,
  USUAL_ROWS,
  whole,
} from "../schemas.ts";
import { pageOf, pathOf } from "./paths.ts";

const CountedList = named(
  "CountedList",
  object({
    list: text("name of the list"),
    group: Type.String(),
    scheme: Type.Optional(text("of `other`: the labelling scheme")),
    profile: Profile,
    current: flag("true if no edition of the group was built since"),
    entries: whole("of the list"),
    texts: whole("captions that met it"),
    matched: whole("those of them that hold an entry"),
    matches: whole("the sum of the counts"),
    files: whole("files that were counted for it"),
    threshold: Type.Optional(
      object({
        policy: text("how t was chosen"),
        requested: Type.Optional(number("share of the tail that was asked for")),
        t: whole("threshold"),
        achieved: Type.Optional(number("the tail's share at t")),
        ...{ head: whole("entries"), tail: whole("entries"), zero: whole("entries"), total: whole("matches") },
        time: time("when it was set"),
        stale: flag("true if the counts have changed since"),
      }),
    ),
  }),
);

const POOL = {
  name: Type.String(),
  created: time("when"),
  settings: anything("how its files are read"),
  repeats: oneOf(["dropped", "kept"], "what it does with pairs of image and text that occur again"),
  files: whole("counted"),
  texts: whole("captions that were counted"),
  repeated: whole("captions that were not, as repeats"),
  bytes: whole("of its files"),
  lists: listOf(CountedList),
};

const PoolParams = object({ pool: Type.String({ maxLength: 1000, description: "name of the pool" }) });

function poolNamed({ db }: Context, name: string): Pool {
  const pool = findPool(db, name);
  if (pool === undefined) throw notFound(`no pool "${name}"`);
  return pool;
}

/** The list of a group that a pool has counted: of this name, or the current one, or the newest. */
function listCounted(
  context: Context,
  {
    pool,
    group,
    list: name,
    profile = "corrected",
  }: { readonly pool: string; readonly group: string; readonly list?: string; readonly profile?: GroupList["profile"] },
): { readonly list: GroupList; readonly texts: number } {
  poolNamed(context, pool);
  const lists = listsOfPool(context.db, pool).filter(({ list }) => list.profile === profile && list.group === group);
  const found = name === undefined ? lists[0] : lists.find(({ list }) => list.name === name);
  if (found !== undefined) return found;
  throw notFound(
    `the pool ${pool} has no counts of ${name === undefined ? `a ${profile} list` : `the list ${name}`} of ${group}`,
  );
}

const ListQuery = {
  ...ProfileQuery,
  list: Type.Optional(
    text("name of the list, where a pool has counted several of the group (default: the current one, or the newest)"),
  ),
};

const Sample = object({ id: text("of the caption"), text: Type.String(), path: text("of the file") });

const Counted = named(
  "EntryCount",
  object({
    id: whole("in the list"),
    text: Type.String(),
    count: whole("captions that hold it"),
    probability: nullable(number("with which it keeps a caption, at the threshold on record for this pool")),
    samples: listOf(Sample, "a few of the captions"),
  }),
);

/** The threshold on record for a list in a pool alone; undefined if there is none for the counts as they are. */
function thresholdOf(
  { db }: Context,
  { pool, list }: { readonly pool: string; readonly list: GroupList },
): number | undefined {
  const threshold = findThreshold(db, { pools: [pool], list });
  return threshold === undefined || threshold.stale ? undefined : threshold.t;
}

function toCounted(
  { db }: Context,
  {
    pool,
    list,
    entry,
    t,
  }: {
    readonly pool: string;
    readonly list: GroupList;
    readonly entry: { readonly id: number; readonly text: string; readonly count: number };
    readonly t: number | undefined;
  },
): Static<typeof Counted> {
  const samples = readSamples(db, { pools: [pool], list, entry: entry.id });
  return {
    ...entry,
    probability: t === undefined ? null : singleProbability(entry.count, t),
    samples: samples.map(({ id, text, path }) => ({ id, text, path })),
  };
}

const tag = "pools";
const COUNTS = "/api/pools/:pool/groups/:group/counts";

export const POOL_OPERATIONS = [
  define({
    ...{ id: "listPools", method: "GET", url: "/api/pools", tag },
    summary: "The pools of captions, and the lists that they have counted",
    answer: object({ pools: listOf(object(POOL)) }),
    run: ({ db }) => ({ pools: listPools(db).map((pool) => toPoolJson(lookAtPool(db, pool))) }),
  }),
  define({
    ...{ id: "getPool", method: "GET", url: "/api/pools/:pool", tag },
    summary: "One pool, with its files and the labels of its captions",
    params: PoolParams,
    answer: object({
      ...POOL,
      fileList: listOf(
        object({
          path: text("as it was given"),
          sha256: Type.String(),
          bytes: whole("size"),
          added: time("when it was last counted"),
          texts: whole("captions that were counted"),
          figures: anything("rows, and what became of them"),
          problems: listOf(Problem),
        }),
      ),
      labels: listOf(
        object({
          label: text("of the captions' language"),
          group: text("under which they were counted"),
          known: flag("false if the labelling scheme does not know the label"),
          texts: whole("captions"),
        }),
      ),
    }),
    run(context, { pool: name }) {
      const { db } = context;
      const overview = lookAtPool(db, poolNamed(context, name));
      const fileList = listPoolFiles(db, name).map(({ id: _, pool: __, problems, ...file }) => ({
        ...file,
        problems: [...problems],
      }));
      return { ...toPoolJson(overview), fileList, labels: poolLabels(db, [name]) };
    },
  }),
  define({
    ...{ id: "listCounts", method: "GET", url: COUNTS, tag },
    summary: "The entries of a list with their counts in a pool, and sample captions",
    params: object({ ...PoolParams.properties, group: text("group of editions, or `other`") }),
    query: object({
      ...ListQuery,
      sort: Type.Optional(oneOf(["count", "id"], "most captions first (default), or by position in the list")),
      min: Type.Optional(Type.Integer({ minimum: 1, description: "only entries of at least so many captions" })),
      max: Type.Optional(whole("only entries of at most so many captions; 0: those that none holds, by position")),
      after: Type.Optional(whole("only those behind this one: the `id` of the last entry of the page before")),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200, default: USUAL_ROWS, description: "how many at most" }),
      ),
    }),
    answer: object({
      pool: Type.String(),
      group: Type.String(),
      list: text("name of the list"),
      texts: whole("captions that met it"),
      counts: listOf(Counted),
      next: Next,
    }),
    run(context, input) {
      const { pool, group, sort = "count", min, max, after, limit = USUAL_ROWS } = input;
      const { list, texts } = listCounted(context, input);
      const read = pageCounts(context.db, { pool, list, sort, min, max, after, limit: limit + 1 });
      const { rows, last } = pageOf(read, limit);
      const t = thresholdOf(context, { pool, list });
      return {
        ...{ pool, group, list: list.name, texts },
        counts: rows.map((entry) => toCounted(context, { pool, list, entry, t })),
        next: last === undefined ? null : pathOf(COUNTS, input, { list: list.name, after: last.id }),
      };
    },
  }),
  define({
    ...{ id: "getCount", method: "GET", url: "/api/pools/:pool/groups/:group/count", tag },
    summary: "One entry's count in a pool, and sample captions",
    params: object({ ...PoolParams.properties, group: text("group of editions, or `other`") }),
    query: object({
      ...ListQuery,
      text: Type.String({ minLength: 1, maxLength: LONGEST_TEXT, description: "the entry, as it stands" }),
    }),
    answer: object({
      pool: Type.String(),
      group: Type.String(),
      list: text("name of the list"),
      texts: whole("captions that met it"),
      entry: Counted,
    }),
    run(context, input) {
      const { pool, group, text } = input;
      const { list, texts } = listCounted(context, input);
      const id = findGroupEntry(context.db, list, text);
      if (id === undefined) throw notFound(`"${text}" is no entry of the list of ${group} that ${pool} has counted`);
      const count = readEntryCount(context.db, { pool, list, entry: id });
      return {
        ...{ pool, group, list: list.name, texts },
        entry: toCounted(context, { pool, list, entry: { id, text, count }, t: thresholdOf(context, { pool, list }) }),
      };
    },
  }),
];
