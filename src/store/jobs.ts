/** Work that was started over HTTP. */
import type { Database } from "./database.ts";

export const JOB_KINDS = ["build", "count", "export"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** `resumable`: it was stopped with the service, and can go on, as can one that has failed or was cancelled. */
export const JOB_STATES = ["queued", "running", "resumable", "done", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A piece of work. */
export interface Job {
  readonly id: number;
  readonly kind: JobKind;
  /** As it was asked for: anything that JSON can hold. */
  readonly request: unknown;
  readonly state: JobState;
  /** ISO 8601 in UTC. */
  readonly created: string;
  /** The last time; null before. */
  readonly started: string | null;
  readonly finished: string | null;
  /** Of one that is done: what became of it; null before. */
  readonly result: unknown;
  /** Why it stopped; null where it did not. */
  readonly error: string | null;
}

interface JobRow extends Omit<Job, "request" | "result"> {
  readonly request: string;
  readonly result: string | null;
}

function toJob({ request, result, ...row }: JobRow): Job {
  return {
    ...row,
    request: JSON.parse(request) as unknown,
    result: result === null ? null : (JSON.parse(result) as unknown),
  };
}

/** Writes a job down, to be begun. */
export function addJob(db: Database, { kind, request }: Pick<Job, "kind" | "request">): Job {
  const row = db
    .prepare<[object], JobRow>(
      "INSERT INTO job (kind, request, state, created) VALUES (@kind, @request, 'queued', @created) RETURNING *",
    )
    .get({ kind, request: JSON.stringify(request), created: new Date().toISOString() });
  return toJob(row!);
}

/** Writes down what became of a job; what is not given stays. */
export function changeJob(
  db: Database,
  id: number,
  change: Pick<Job, "state"> & Partial<Pick<Job, "started" | "finished" | "result" | "error">>,
): Job {
  const before = findJob(db, id);
  if (before === undefined) throw new Error(`there is no job ${id}`);
  const { state, started, finished, result, error } = { ...before, ...change };
  db.prepare(
    `UPDATE job SET state = @state, started = @started, finished = @finished, result = @result, error = @error
     WHERE id = @id`,
  ).run({ id, state, started, finished, error, result: result === null ? null : JSON.stringify(result) });
  return findJob(db, id)!;
}

/** The job of a number, or undefined. */
export function findJob(db: Database, id: number): Job | undefined {
  const row = db.prepare<[number], JobRow>("SELECT * FROM job WHERE id = ?").get(id);
  return row && toJob(row);
}

/** Jobs, the latest first. */
export function pageJobs(
  db: Database,
  {
    kind,
    state,
    before,
    limit,
  }: Partial<Record<"kind" | "state", string | undefined>> & {
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Job[] {
  return db
    .prepare<[object], JobRow>(
      `SELECT * FROM job
       WHERE (@kind IS NULL OR kind = @kind) AND (@state IS NULL OR state = @state) AND id < @before
       ORDER BY id DESC LIMIT @limit`,
    )
    .all({ kind: kind ?? null, state: state ?? null, before: before ?? Number.MAX_SAFE_INTEGER, limit })
    .map(toJob);
}

/** Says of all jobs that a service left queued or running that they can go on, to be called when none is; returns how many. */
export function releaseJobs(db: Database): number {
  return db
    .prepare(
      "UPDATE job SET state = 'resumable', error = 'the service ended before it was done' WHERE state IN ('queued', 'running')",
    )
    .run().changes;
}
