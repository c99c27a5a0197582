import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/store/database.ts";
import {
  addJob,
  changeJob,
  findJob,
  JOB_KINDS,
  JOB_STATES,
  type Job,
  pageJobs,
  releaseJobs,
} from "../src/store/jobs.ts";
import { makeFolder } from "./run-cli.ts";

let folder = "";
let db: Database;

beforeEach(() => {
  folder = makeFolder();
  db = openDatabase(join(folder, "worldmeta.sqlite"));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

/** What JSON can hold, as it comes back: -0 is 0 there. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const time = fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z");
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });

const change = fc.record(
  {
    state: fc.constantFrom(...JOB_STATES),
    started: orNull(time),
    finished: orNull(time),
    result: json,
    error: orNull(fc.string()),
  },
  { requiredKeys: ["state"] },
);

describe("a job", () => {
  test("is written down as it was asked for, to be begun", () => {
    fc.assert(
      fc.property(fc.constantFrom(...JOB_KINDS), json, (kind, request) => {
        const before = new Date().toISOString();
        const job = addJob(db, { kind, request });
        expect(job).toEqual({
          ...{ id: job.id, kind, request, state: "queued", created: expect.any(String) as string },
          ...{ started: null, finished: null, result: null, error: null },
        });
        expect(job.created >= before && job.created <= new Date().toISOString()).toBe(true);
        expect(findJob(db, job.id)).toEqual(job);
        expect(findJob(db, job.id + 1)).toBeUndefined();
      }),
    );
  });

  test("changes in what is said of it alone, and no other does", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
        const other = addJob(db, { kind: "count", request: {} });
        let job = addJob(db, { kind: "build", request: { editions: ["en"] } });
        for (const one of changes) {
          const changed = changeJob(db, job.id, one);
          expect(changed).toEqual({ ...job, ...one });
          expect(findJob(db, job.id)).toEqual(changed);
          job = changed;
        }
        expect(findJob(db, other.id)).toEqual(other);
      }),
    );
    expect(() => changeJob(db, 0, { state: "done" })).toThrow("there is no job 0");
  });

  test("has a result that may be nothing", () => {
    const { id } = addJob(db, { kind: "build", request: {} });
    expect(changeJob(db, id, { state: "done", result: { builds: [1, "é"] } }).result).toEqual({ builds: [1, "é"] });
    expect(changeJob(db, id, { state: "done" }).result).toEqual({ builds: [1, "é"] });
    expect(changeJob(db, id, { state: "done", result: undefined }).result).toBeNull();
    expect(changeJob(db, id, { state: "done", result: false }).result).toBe(false);
    expect(changeJob(db, id, { state: "queued", result: null }).result).toBeNull();
    expect(db.prepare("SELECT result FROM job").pluck().get()).toBeNull();
  });
});

describe("jobs", () => {
  const jobs = fc.array(fc.record({ kind: fc.constantFrom(...JOB_KINDS), state: fc.constantFrom(...JOB_STATES) }), {
    maxLength: 14,
  });
  /** Write down jobs in place of all that are there. */
  function fill(all: readonly Pick<Job, "kind" | "state">[]): Job[] {
    db.exec("DELETE FROM job");
    return all.map(({ kind, state }, place) =>
      changeJob(db, addJob(db, { kind, request: { place } }).id, { state, error: "before" }),
    );
  }

  test("are told in pages that follow each other, the latest first", () => {
    const query = fc.record({
      kind: fc.constantFrom(undefined, ...JOB_KINDS, "none"),
      state: fc.constantFrom(undefined, ...JOB_STATES),
    });
    fc.assert(
      fc.property(jobs, query, fc.integer({ min: 1, max: 8 }), (all, { kind, state }, limit) => {
        const expected = fill(all)
          .filter((job) => kind === undefined || job.kind === kind)
          .filter((job) => state === undefined || job.state === state)
          .reverse();
        const told: Job[] = [];
        for (let before: number | undefined; ; ) {
          const page = pageJobs(db, { kind, state, before, limit });
          expect(page).toEqual(expected.slice(told.length, told.length + limit));
          told.push(...page);
          before = page.at(-1)?.id;
          if (page.length < limit) break;
        }
        expect(told).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("that a service left queued or running can go on, and say why they stopped; others stay", () => {
    fc.assert(
      fc.property(jobs, (all) => {
        const before = fill(all);
        const left = before.filter(({ state }) => state === "queued" || state === "running");
        expect(releaseJobs(db)).toBe(left.length);
        const released = { state: "resumable", error: "the service ended before it was done" };
        expect(before.map(({ id }) => findJob(db, id))).toEqual(
          before.map((job) => (left.includes(job) ? { ...job, ...released } : job)),
        );
        expect(releaseJobs(db)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
