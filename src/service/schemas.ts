/** Shapes that several resources share, as JSON schemas. */
import { type Static, type TProperties, type TSchema, Type } from "typebox";
import { FLAGS, SOURCES } from "../entries/types.ts";
import { PROFILE_NAMES } from "../profile.ts";
import { VERDICTS } from "../store/reviews.ts";

/** An object with these properties and no others. */
export function object<P extends TProperties>(properties: P, description?: string) {
  return Type.Object(properties, { additionalProperties: false, ...(description !== undefined && { description }) });
}

const shapes = new Map<string, TSchema>();

/** Shapes that the OpenAPI document has by name. */
export const SHAPES: ReadonlyMap<string, TSchema> = shapes;

/** Gives a shape of answers a name, by which others refer to it. */
export function named<T extends TSchema>(id: string, schema: T) {
  shapes.set(id, schema);
  return Type.Unsafe<Static<T>>({ $ref: `${id}#` });
}

/** One of some names. */
export function oneOf<const T extends readonly string[]>(names: T, description?: string) {
  return Type.Unsafe<T[number]>({
    type: "string",
    enum: [...names],
    ...(description !== undefined && { description }),
  });
}

/** An object of any keys. */
export function recordOf<T extends TSchema>(value: T, description?: string) {
  return Type.Unsafe<Readonly<Record<string, Static<T>>>>({
    type: "object",
    additionalProperties: value,
    ...(description !== undefined && { description }),
  });
}

/** Anything that JSON can hold. */
export function anything(description: string) {
  return Type.Unsafe<unknown>({ description });
}

/** A value, or null where it is not known. */
export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** A list, which no answer changes. */
export function listOf<T extends TSchema>(item: T, description?: string) {
  return Type.Unsafe<readonly Static<T>[]>({
    type: "array",
    items: item,
    ...(description !== undefined && { description }),
  });
}

export const whole = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
export const number = (description: string) => Type.Number({ description });
export const text = (description: string) => Type.String({ description });
export const flag = (description: string) => Type.Boolean({ description });
export const time = (description: string) => Type.String({ description: `${description}: ISO 8601 in UTC` });

/** The longest text that a request may hold, in UTF-16 units. */
export const LONGEST_TEXT = 4096;

export const EditionParams = object({
  code: Type.String({ maxLength: 64, description: "code of the edition, such as `en` or `zh_yue`" }),
});

export const Profile = oneOf(
  PROFILE_NAMES,
  "rules of the recipe: ours (`corrected`, the default) or as published (`reference`)",
);
export const ProfileQuery = { profile: Type.Optional(Profile) };
export const Source = oneOf(SOURCES, "source that owns the entry");
export const Flag = oneOf(Object.keys(FLAGS) as (keyof typeof FLAGS)[], "what makes an entry worth a second look");
export const Verdict = oneOf(VERDICTS, "`allow` puts the text into the list, `deny` keeps it out");

/** How many rows an answer holds at most, and unless another number is asked for. */
const MOST_ROWS = 1000;
export const USUAL_ROWS = 100;
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: MOST_ROWS, default: USUAL_ROWS, description: "how many at most" }),
);
export const Next = nullable(Type.String({ description: "path of the next page; null on the last" }));

/** Properties of an entry. */
export const ENTRY = {
  id: whole("position in the list"),
  text: Type.String(),
  source: Source,
  sources: listOf(Source, "all that bring it, in the order of merging"),
  count: Type.Optional(whole("occurrences of the word in the edition's text")),
  pairCount: Type.Optional(whole("occurrences of the two words side by side")),
  pmi: Type.Optional(number("pointwise mutual information of the two words, in bits")),
  npmi: Type.Optional(number("the same as a share of the most possible")),
  views: Type.Optional(whole("page views of the article of this title")),
  flags: listOf(Flag),
};

export const Entry = named("Entry", object(ENTRY));

export const Problem = named(
  "Problem",
  object({
    code: text("E…: what was left out, W…: what is odd"),
    count: whole("how often"),
    samples: listOf(Type.String()),
  }),
);

export const Review = named(
  "Review",
  object({
    id: whole("number"),
    edition: Type.String(),
    text: Type.String(),
    verdict: Verdict,
    reason: Type.String(),
    reviewer: Type.String(),
    time: time("when"),
    undoneTime: Type.Optional(time("when it was taken back; absent while it holds")),
    undoneBy: Type.Optional(text("by whom it was taken back")),
  }),
);

/** What is said of a request that failed (RFC 9457). */
export const Failure = named(
  "Failure",
  object(
    { title: Type.String(), status: Type.Integer(), detail: text("what is wrong, and what to do") },
    "what is wrong (RFC 9457)",
  ),
);
