/** Thresholds: those on record, others as a question, and setting them. */
import { type Static, Type } from "typebox";
import { toFiguresJson } from "../../curation/figures.ts";
import type { ThresholdRule } from "../../curation/rule.ts";
import { type SolvedPools, setPoolThresholds, solvePools } from "../../curation/thresholds.ts";
import { findGroupList } from "../../store/group-lists.ts";
import { listThresholds } from "../../store/thresholds.ts";
import { define, RequestError } from "../operation.ts";
import {
  flag,
  listOf,
  named,
  nullable,
  number,
  object,
  Profile,
  ProfileQuery,
  recordOf,
  text,
  time,
  whole,
} from "../schemas.ts";

/** Names of pools, in a query. */
export const PoolsQuery = Type.Optional(
  Type.Array(Type.String({ maxLength: 1000 }), {
    maxItems: 100,
    description: "pools whose counts add up (default: the only one)",
  }),
);

const GroupsQuery = Type.Optional(
  Type.Array(Type.String({ maxLength: 64 }), {
    maxItems: 400,
    description: "groups, or editions, which stand for theirs (default: all counted)",
  }),
);

const TailRatio = Type.Optional(
  Type.Number({ minimum: 0, maximum: 1, description: "share of all matches that the tail is to hold (default: 0.06)" }),
);
const T = Type.Optional(
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "one threshold for all groups" }),
);

/** How thresholds are found, in a query; at most one of them. */
export const RULE = {
  tailRatio: TailRatio,
  t: T,
  anchor: Type.Optional(
    Type.Array(Type.String({ pattern: "^.+=[1-9][0-9]{0,14}$" }), {
      maxItems: 100,
      description: "group=t: a group that keeps its t; the others are solved for its tail's share",
    }),
  ),
};

const Rule = object(RULE);

/** The rule that a query gives. */
export function ruleOf({ tailRatio, t, anchor }: Static<typeof Rule>): ThresholdRule {
  const anchors = anchor?.map((one) => {
    const [, group = "", value = ""] = /^(.+)=(\d+)$/.exec(one) ?? [];
    return [group, Number(value)] as const;
  });
  return oneRule({
    tailRatio,
    t,
    anchor: anchors === undefined || anchors.length === 0 ? undefined : new Map(anchors),
  });
}

function oneRule({
  tailRatio,
  t,
  anchor,
}: { readonly [Key in keyof ThresholdRule]: ThresholdRule[Key] | undefined }): ThresholdRule {
  const given = Object.entries({ tailRatio, t, anchor }).filter(([, value]) => value !== undefined);
  if (given.length > 1)
    throw new RequestError(
      400,
      `give one of tailRatio, t and anchor, not ${given.map(([name]) => name).join(" and ")}`,
    );
  return Object.fromEntries(given);
}

const FIGURES = {
  t: nullable(whole("entries of fewer captions are the tail; null where nothing matched")),
  requested: nullable(number("the tail's share of all matches that was asked for")),
  achieved: nullable(number("the tail's share at t")),
  entries: whole("of the list"),
  zero: whole("entries that no caption holds"),
  head: whole("entries of t captions or more"),
  tail: whole("entries of fewer, but some"),
  total: whole("matches: the sum of the counts"),
  reason: Type.Optional(text("why no t comes nearer to what was asked for")),
};

const CURATED = {
  curated: nullable(number("captions that a curator is to expect to stay")),
  curatedError: nullable(number("standard error of `curated`; 0 where all captions were drawn")),
};

/** Properties of a side of a comparison, or of a group's answer. */
export const THRESHOLD_FIGURES = {
  ...{ group: Type.String(), ...FIGURES, ...CURATED },
  texts: whole("captions that met the list"),
  matched: whole("those of them that hold an entry"),
  matches: whole("the sum of the counts"),
  files: whole("files that were counted for the list"),
};

const Figures = named("ThresholdFigures", object(THRESHOLD_FIGURES));

const Solved = object({
  pools: listOf(Type.String()),
  thresholds: listOf(Figures),
  notes: listOf(Type.String(), "what a person should know of the counts"),
});

function toSolved({ pools, solved, notes }: SolvedPools): Static<typeof Solved> {
  return {
    ...{ pools, notes },
    thresholds: solved.map(({ pooled, threshold, curated }) => toFiguresJson({ ...pooled, threshold, curated })),
  };
}

const Threshold = named(
  "Threshold",
  object({
    pools: listOf(Type.String()),
    group: Type.String(),
    scheme: nullable(text("of `other`: the labelling scheme")),
    profile: Profile,
    list: text("name of the list"),
    policy: text("how t was chosen"),
    ...{ t: whole("threshold"), requested: FIGURES.requested, achieved: FIGURES.achieved },
    ...{ head: FIGURES.head, tail: FIGURES.tail, zero: FIGURES.zero, total: FIGURES.total },
    time: time("when it was set"),
    stale: flag("true if the counts have changed since"),
  }),
);

const tag = "thresholds";

export const THRESHOLD_OPERATIONS = [
  define({
    ...{ id: "listThresholds", method: "GET", url: "/api/thresholds", tag },
    summary: "The thresholds on record",
    query: object({ pool: Type.Optional(text("only those that this pool has a part in")) }),
    answer: object({ thresholds: listOf(Threshold) }),
    run({ db }, { pool }) {
      const thresholds = listThresholds(db).filter(({ pools }) => pool === undefined || pools.includes(pool));
      return {
        thresholds: thresholds.map(({ list: id, requested, achieved, ...threshold }) => {
          const { group, scheme, profile, name } = findGroupList(db, { id })!;
          return {
            ...{ ...threshold, group, scheme: scheme ?? null, profile, list: name },
            ...{ requested: requested ?? null, achieved: achieved ?? null },
          };
        }),
      };
    },
  }),
  define({
    ...{ id: "askThreshold", method: "GET", url: "/api/what-if", tag },
    summary: "What thresholds would be, and what they would leave of the captions; nothing is set",
    query: object({ ...ProfileQuery, pool: PoolsQuery, group: GroupsQuery, ...RULE }),
    answer: Solved,
    run: ({ db }, { pool = [], group = [], profile = "corrected", ...rule }) =>
      toSolved(solvePools(db, { pools: pool, groups: group, profile, ...ruleOf(rule) })),
  }),
  define({
    ...{ id: "setThresholds", method: "POST", url: "/api/thresholds", tag },
    summary: "Sets thresholds for the counts of pools, in the place of those before",
    body: object({
      pools: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
          maxItems: 100,
          description: "whose counts add up (default: the only one)",
        }),
      ),
      groups: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
          maxItems: 400,
          description: "default: all counted",
        }),
      ),
      profile: Type.Optional(Profile),
      ...{ tailRatio: TailRatio, t: T },
      anchors: Type.Optional(
        recordOf(
          Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
          "t of groups that keep theirs; the others are solved for their tail's share",
        ),
      ),
    }),
    answer: Solved,
    run({ db }, { body: { pools = [], groups = [], profile = "corrected", tailRatio, t, anchors } }) {
      const anchor = anchors === undefined ? undefined : new Map(Object.entries(anchors));
      return toSolved(setPoolThresholds(db, { pools, groups, profile, ...oneRule({ tailRatio, t, anchor }) }));
    },
  }),
];
