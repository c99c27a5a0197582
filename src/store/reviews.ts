/** What people decided about single strings of an edition; replayed on every build. */
import type { EditionCode } from "../../languages/define.ts";
import { UserError } from "../errors.ts";
import type { Database } from "./database.ts";

export const VERDICTS = ["allow", "deny"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A decision about to be written down. */
export interface NewReview {
  readonly edition: EditionCode;
  readonly text: string;
  /** `allow` puts the text into the list, `deny` keeps it out. */
  readonly verdict: Verdict;
  readonly reason: string;
  readonly reviewer: string;
  /** ISO 8601 in UTC; now if not given. */
  readonly time?: string;
}

/** A decision as it is stored. */
export interface Review extends NewReview {
  readonly id: number;
  readonly time: string;
  /** When and by whom it was taken back; absent while it holds. */
  readonly undoneTime?: string;
  readonly undoneBy?: string;
}

interface ReviewRow {
  readonly id: number;
  readonly edition: string;
  readonly text: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly reviewer: string;
  readonly time: string;
  readonly undone_time: string | null;
  readonly undone_by: string | null;
}

function toReview(row: ReviewRow): Review {
  return {
    id: row.id,
    edition: row.edition as EditionCode,
    text: row.text,
    verdict: row.verdict,
    reason: row.reason,
    reviewer: row.reviewer,
    time: row.time,
    ...(row.undone_time !== null && { undoneTime: row.undone_time }),
    ...(row.undone_by !== null && { undoneBy: row.undone_by }),
  };
}

/** Writes a decision down; a later one about the same text takes its place without removing it. */
export function addReview(db: Database, review: NewReview): Review {
  if (review.text === "") throw new UserError("a review needs the text that it is about");
  const id = db
    .prepare(
      `INSERT INTO review (edition, text, verdict, reason, reviewer, time)
       VALUES (@edition, @text, @verdict, @reason, @reviewer, @time)`,
    )
    .run({
      edition: review.edition,
      text: review.text,
      verdict: review.verdict,
      reason: review.reason,
      reviewer: review.reviewer,
      time: review.time ?? new Date().toISOString(),
    }).lastInsertRowid;
  return findReview(db, Number(id))!;
}

/** The decision of a number, or undefined. */
export function findReview(db: Database, id: number): Review | undefined {
  const row = db.prepare<[number], ReviewRow>("SELECT * FROM review WHERE id = ?").get(id);
  return row && toReview(row);
}

/**
 * Takes a decision back; it stays on record.
 *
 * @throws UserError if the edition has no such decision or it was taken back before
 */
export function undoReview(
  db: Database,
  id: number,
  { edition, by, time }: { readonly edition: EditionCode; readonly by: string; readonly time?: string },
): Review {
  const undo = db.transaction((): Review => {
    const review = findReview(db, id);
    if (review === undefined || review.edition !== edition) {
      throw new UserError(`no review ${id} of ${edition}; list them with: worldmeta review ${edition} list`);
    }
    if (review.undoneTime !== undefined) {
      throw new UserError(`review ${id} of ${edition} was undone at ${review.undoneTime} by ${review.undoneBy}`);
    }
    db.prepare("UPDATE review SET undone_time = ?, undone_by = ? WHERE id = ?").run(
      time ?? new Date().toISOString(),
      by,
      id,
    );
    return findReview(db, id)!;
  });
  return undo.immediate();
}

/** All decisions about an edition, those taken back included, in the order in which they were written down. */
export function listReviews(db: Database, edition: EditionCode): Review[] {
  return db
    .prepare<[string], ReviewRow>("SELECT * FROM review WHERE edition = ? ORDER BY id")
    .all(edition)
    .map(toReview);
}

/** Which decisions are wanted, and how many. */
export interface ReviewQuery {
  readonly text?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** True: those that were not taken back; false: those that were. */
  readonly holds?: boolean | undefined;
  /** Only those with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Decisions about an edition, the latest first. */
export function pageReviews(
  db: Database,
  edition: EditionCode,
  { text, verdict, holds, before, limit }: ReviewQuery,
): Review[] {
  return db
    .prepare<[object], ReviewRow>(
      `SELECT * FROM review
       WHERE edition = @edition AND (@text IS NULL OR text = @text) AND (@verdict IS NULL OR verdict = @verdict)
         AND (@holds IS NULL OR (undone_time IS NULL) = @holds) AND id < @before
       ORDER BY id DESC LIMIT @limit`,
    )
    .all({
      ...{ edition, text: text ?? null, verdict: verdict ?? null, limit },
      ...{ holds: holds === undefined ? null : Number(holds), before: before ?? Number.MAX_SAFE_INTEGER },
    })
    .map(toReview);
}

/** The decisions that hold, by text: of each text the last one that was not taken back. */
export function activeReviews(db: Database, edition: EditionCode): ReadonlyMap<string, Review> {
  const active = new Map<string, Review>();
  for (const review of listReviews(db, edition)) {
    if (review.undoneTime === undefined) active.set(review.text, review);
  }
  return active;
}

/** Decisions of an edition that were not taken back, as lines of JSON `{text, verdict, reason, reviewer, time}`. */
export function* exportReviews(db: Database, edition: EditionCode): Generator<string> {
  for (const { text, verdict, reason, reviewer, time, undoneTime } of listReviews(db, edition)) {
    if (undoneTime === undefined) yield JSON.stringify({ text, verdict, reason, reviewer, time });
  }
}

/**
 * Adds decisions from lines of JSON as `exportReviews` gives them, all or none. One that is on record already, taken
 * back or not, is passed over, so that to import a file twice changes nothing.
 *
 * @param file name of the file, for messages
 * @throws UserError that names the line that cannot be used and what it should be
 */
export function importReviews(
  db: Database,
  edition: EditionCode,
  { lines, file }: { readonly lines: Iterable<string>; readonly file: string },
): { readonly added: number; readonly known: number } {
  const find = db.prepare(
    `SELECT 1 FROM review
     WHERE edition = @edition AND text = @text AND verdict = @verdict AND reason = @reason AND reviewer = @reviewer
       AND time = @time`,
  );
  const run = db.transaction(() => {
    let added = 0;
    let known = 0;
    let number = 0;
    for (const line of lines) {
      number += 1;
      if (line.trim() === "") continue;
      const review = { edition, ...parseReview(line, `${file}, line ${number}`) };
      if (find.get(review) !== undefined) known += 1;
      else {
        addReview(db, review);
        added += 1;
      }
    }
    return { added, known };
  });
  return run.immediate();
}

function parseReview(line: string, where: string): Required<Omit<NewReview, "edition">> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    row = undefined;
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new UserError(`${where}: not a JSON object with text, verdict, reason, reviewer and time`);
  }
  const fields = row as Record<string, unknown>;
  const read = (name: string): string => {
    const value = fields[name];
    if (typeof value !== "string" || value === "")
      throw new UserError(`${where}: "${name}" must be a string, not empty`);
    return value;
  };
  const verdict = VERDICTS.find((name) => name === fields.verdict);
  if (verdict === undefined) throw new UserError(`${where}: "verdict" must be "allow" or "deny"`);
  const { reason } = fields;
  if (typeof reason !== "string") throw new UserError(`${where}: "reason" must be a string`);
  const time = read("time");
  if (!/^\d{4}-\d\d-\d\dT/.test(time) || Number.isNaN(Date.parse(time))) {
    throw new UserError(`${where}: "time" must be a date and time such as 2026-01-31T12:00:00Z`);
  }
  return { text: read("text"), verdict, reason, reviewer: read("reviewer"), time };
}
