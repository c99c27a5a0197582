/** Decisions about entries. */
import { Type } from "typebox";
import { type Edition, getEdition } from "../../../languages/index.ts";
import { decide } from "../../curation/decide.ts";
import type { Database } from "../../store/database.ts";
import { findReview, pageReviews, type Review, undoReview } from "../../store/reviews.ts";
import { define, notFound, RequestError } from "../operation.ts";
import {
  EditionParams,
  flag,
  Limit,
  LONGEST_TEXT,
  listOf,
  Next,
  object,
  Review as ReviewSchema,
  USUAL_ROWS,
  Verdict,
  whole,
} from "../schemas.ts";
import { pageOf, pathOf } from "./paths.ts";

const Text = Type.String({ minLength: 1, maxLength: LONGEST_TEXT, description: "the string that it is about" });
const Reason = Type.String({ minLength: 1, maxLength: LONGEST_TEXT, pattern: "\\S", description: "why" });
const Reviewer = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S", description: "who decides" });

const Decision = { text: Text, verdict: Verdict, reason: Reason };

/** Decisions that one request may hold. */
const MOST = 10_000;

/** A decision of the edition that holds; what is not there, or was taken back before, is refused. */
function requireUndoable(db: Database, edition: Edition, id: number): Review {
  const review = findReview(db, id);
  if (review === undefined || review.edition !== edition.code) throw notFound(`no review ${id} of ${edition.code}`);
  if (review.undoneTime === undefined) return review;
  throw new RequestError(
    409,
    `review ${id} of ${edition.code} was undone at ${review.undoneTime} by ${review.undoneBy}`,
  );
}

const tag = "reviews";
const URL = "/api/editions/:code/reviews";

export const REVIEW_OPERATIONS = [
  define({
    ...{ id: "listReviews", method: "GET", url: URL, tag },
    summary: "Decisions about entries of an edition, the latest first, those taken back included",
    params: EditionParams,
    query: object({
      text: Type.Optional(
        Type.String({ maxLength: LONGEST_TEXT, description: "only those about this string: its history" }),
      ),
      verdict: Type.Optional(Verdict),
      holds: Type.Optional(flag("only those that were not taken back, or only those that were")),
      before: Type.Optional(whole("only those before this one: the `id` of the last one of the page before")),
      limit: Limit,
    }),
    answer: object({ reviews: listOf(ReviewSchema), next: Next }),
    run({ db }, input) {
      const { code, text, verdict, holds, before, limit = USUAL_ROWS } = input;
      const read = pageReviews(db, getEdition(code).code, { text, verdict, holds, before, limit: limit + 1 });
      const { rows: reviews, last } = pageOf(read, limit);
      return { reviews, next: last === undefined ? null : pathOf(URL, input, { before: last.id }) };
    },
  }),
  define({
    ...{ id: "addReview", method: "POST", url: URL, tag, status: 201 },
    summary: "Allows or denies an entry; every later build obeys",
    params: EditionParams,
    body: object({ ...Decision, reviewer: Reviewer }),
    answer: object({ review: ReviewSchema }),
    run: ({ db }, { code, body }) => ({ review: decide(db, getEdition(code), body) }),
  }),
  define({
    ...{ id: "addReviews", method: "POST", url: `${URL}/bulk`, tag, status: 201 },
    summary: "Decides about many entries: all or none",
    params: EditionParams,
    body: object({ reviewer: Reviewer, decisions: Type.Array(object(Decision), { minItems: 1, maxItems: MOST }) }),
    answer: object({ reviews: listOf(ReviewSchema) }),
    run({ db }, { code, body: { reviewer, decisions } }) {
      const edition = getEdition(code);
      const add = db.transaction(() => decisions.map((decision) => decide(db, edition, { ...decision, reviewer })));
      return { reviews: add.immediate() };
    },
  }),
  define({
    ...{ id: "undoReview", method: "POST", url: `${URL}/:id(\\d+)/undo`, tag },
    summary: "Takes a decision back; it stays on record",
    params: object({ ...EditionParams.properties, id: whole("number of the review") }),
    body: object({ reviewer: Reviewer }),
    answer: object({ review: ReviewSchema }),
    run({ db }, { code, id, body: { reviewer } }) {
      const edition = getEdition(code);
      requireUndoable(db, edition, id);
      return { review: undoReview(db, id, { edition: edition.code, by: reviewer }) };
    },
  }),
  define({
    ...{ id: "undoReviews", method: "POST", url: `${URL}/undo`, tag },
    summary: "Takes many decisions back: all or none",
    params: EditionParams,
    body: object({
      reviewer: Reviewer,
      ids: Type.Array(whole("number of the review"), { minItems: 1, maxItems: MOST, uniqueItems: true }),
    }),
    answer: object({ reviews: listOf(ReviewSchema) }),
    run({ db }, { code, body: { reviewer, ids } }) {
      const edition = getEdition(code);
      const undo = db.transaction(() =>
        ids.map((id) => {
          requireUndoable(db, edition, id);
          return undoReview(db, id, { edition: edition.code, by: reviewer });
        }),
      );
      return { reviews: undo.immediate() };
    },
  }),
];
