/** Operations that the service's main thread does itself: jobs, the files of inputs and exports, and its state. */
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type Static, type TObject, type TSchema, Type } from "typebox";
import { packageVersion } from "../fingerprint.ts";
import { JOB_KINDS, JOB_STATES, type Job } from "../store/jobs.ts";
import { findBelow } from "./jobs/inputs.ts";
import { BuildRequest, CountRequest, ExportRequest, type JobRequest } from "./jobs/requests.ts";
import type { JobRunner, RunningJob } from "./jobs/runner.ts";
import { type InputOf, type NoProperties, notFound, type Operation, RequestError } from "./operation.ts";
import { pageOf, pathOf } from "./resources/paths.ts";
import {
  anything,
  Limit,
  listOf,
  Next,
  named,
  nullable,
  number,
  object,
  oneOf,
  text,
  time,
  USUAL_ROWS,
  whole,
} from "./schemas.ts";
import { readReply, type Threads } from "./threads.ts";

/** What operations of the main thread work with. */
export interface Parts {
  readonly threads: Threads;
  /** Undefined if nothing may be changed. */
  readonly jobs: JobRunner | undefined;
  /** Folders of inputs and exports. */
  readonly inputs: string;
  readonly exports: string;
  readonly started: number;
}

/** An operation of the main thread. */
export interface LocalOperation<
  P extends TObject = TObject,
  Q extends TObject = TObject,
  B extends TSchema = TSchema,
  A extends TSchema = TSchema,
> extends Omit<Operation<P, Q, B, A>, "run"> {
  handle(parts: Parts, input: InputOf<P, Q, B>): Promise<Static<A>> | Static<A>;
}

/** A local operation whose types are known to nobody but itself. */
export type AnyLocalOperation = Omit<LocalOperation, "handle"> & {
  // biome-ignore lint/suspicious/noExplicitAny: what it takes is checked against its schemas
  handle(parts: Parts, input: any): unknown;
};

function define<
  A extends TSchema,
  P extends TObject = NoProperties,
  Q extends TObject = NoProperties,
  B extends TSchema = TSchema,
>(operation: LocalOperation<P, Q, B, A>): AnyLocalOperation {
  return operation;
}

const JobSchema = named(
  "Job",
  object({
    id: whole("number"),
    kind: oneOf(JOB_KINDS),
    request: anything("as it was asked for"),
    state: oneOf(JOB_STATES, "`resumable`: it was stopped with the service, and can go on"),
    created: time("when it was asked for"),
    started: nullable(time("when it was last begun")),
    finished: nullable(time("when it ended")),
    result: anything("of one that is done: what became of it; null before"),
    error: nullable(text("why it stopped")),
    progress: nullable(
      object({
        stage: text("what it is doing now"),
        done: whole("bytes of input"),
        total: whole("bytes of input"),
        rate: number("bytes a second"),
        secondsLeft: nullable(number("of this stage")),
      }),
    ),
  }),
);

const JobParams = object({ id: whole("number of the job") });

function runnerOf({ jobs }: Parts): JobRunner {
  if (jobs === undefined) throw new RequestError(403, "the service was started for reading only");
  return jobs;
}

/** The job of a number; throws if there is none. */
export async function findJob({ threads, jobs }: Parts, id: number): Promise<RunningJob> {
  const job = readReply<Job>(await threads.read("findJob", { id }));
  return jobs === undefined ? { ...job, progress: null } : jobs.look(job);
}

/** Refuses files that are not below the folder of inputs. */
async function requireInputs({ inputs }: Parts, ...lists: readonly (readonly string[] | undefined)[]): Promise<void> {
  for (const file of lists.flatMap((list) => list ?? [])) {
    if ((await findBelow(inputs, file)) === undefined) {
      throw new RequestError(422, `no file ${file} in the folder of inputs`);
    }
  }
}

async function begin(parts: Parts, job: JobRequest): Promise<Static<typeof JobSchema>> {
  return runnerOf(parts).begin(job);
}

const jobs = "jobs";
const exported = "exports";

/** Files of inputs that are listed at most. */
const MOST_FILES = 10_000;

const FILE = {
  path: text("below the folder"),
  bytes: whole("size"),
  modified: time("when it was last changed"),
};

const FileSchema = named("File", object(FILE));

/** Files below a folder, by path. */
async function listFiles(folder: string, most = MOST_FILES): Promise<Static<typeof FileSchema>[]> {
  if (!existsSync(folder)) return [];
  const files: Static<typeof FileSchema>[] = [];
  const folders = [folder];
  for (let at = folders.shift(); at !== undefined && files.length < most; at = folders.shift()) {
    const items = await readdir(at, { withFileTypes: true }).catch(() => []);
    items.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const item of items) {
      const path = join(at, item.name);
      if (item.isDirectory()) folders.push(path);
      else if (item.isFile()) {
        // A file may go while the folder is read.
        const found = await stat(path).catch(() => undefined);
        if (found === undefined) continue;
        const { size, mtime } = found;
        files.push({ path: relative(folder, path).replaceAll(sep, "/"), bytes: size, modified: mtime.toISOString() });
      }
    }
  }
  return files.slice(0, most).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The folder of an export job's files. */
export function exportFolder(exports: string, job: number): string {
  return join(exports, `job-${job}`);
}

const ExportSchema = named(
  "Export",
  object({
    id: whole("number of the job that wrote it"),
    format: text("of its files"),
    request: anything("what was asked for"),
    finished: nullable(time("when it was written")),
    files: listOf(object({ ...FILE, url: text("path under which it is given") })),
  }),
);

async function describeExport({ exports }: Parts, job: Job): Promise<Static<typeof ExportSchema>> {
  const files = await listFiles(exportFolder(exports, job.id));
  const { format } = job.request as { readonly format: string };
  const url = (path: string) => `/api/exports/${job.id}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  return {
    ...{ id: job.id, format, request: job.request, finished: job.finished },
    files: files.map((file) => ({ ...file, url: url(file.path) })),
  };
}

/** An export that is done, with its files. */
export async function findExport(parts: Parts, id: number): Promise<Job> {
  const job = await findJob(parts, id);
  if (job.kind === "export" && job.state === "done" && existsSync(exportFolder(parts.exports, id))) return job;
  throw notFound(`no export ${id}; exports are jobs that are done`);
}

/** All operations of the main thread. */
export const LOCAL_OPERATIONS: readonly AnyLocalOperation[] = [
  define({
    ...{ id: "getHealth", method: "GET", url: "/healthz", tag: "service" },
    summary: "That the service answers",
    answer: object({
      status: oneOf(["ok"]),
      version: text("of worldmeta"),
      seconds: number("since it was started"),
      waiting: whole("requests that wait for a thread"),
    }),
    handle: ({ threads, started }) => ({
      status: "ok" as const,
      ...{
        version: packageVersion(),
        seconds: Math.round((performance.now() - started) / 100) / 10,
        waiting: threads.size(),
      },
    }),
  }),
  define({
    ...{ id: "listInputs", method: "GET", url: "/api/inputs", tag: jobs },
    summary: "The files that jobs can read",
    answer: object({ files: listOf(FileSchema) }),
    handle: async ({ inputs }) => ({ files: await listFiles(inputs) }),
  }),
  define({
    ...{ id: "listJobs", method: "GET", url: "/api/jobs", tag: jobs },
    summary: "Jobs, the latest first",
    query: object({
      kind: Type.Optional(oneOf(JOB_KINDS)),
      state: Type.Optional(oneOf(JOB_STATES)),
      before: Type.Optional(whole("only those before this one: the `id` of the last one of the page before")),
      limit: Limit,
    }),
    answer: object({ jobs: listOf(JobSchema), next: Next }),
    async handle({ threads, jobs }, input) {
      const { limit = USUAL_ROWS } = input;
      const { rows, last } = pageOf(
        readReply<Job[]>(await threads.read("pageJobs", { ...input, limit: limit + 1 })),
        limit,
      );
      return {
        jobs: rows.map((job) => (jobs === undefined ? { ...job, progress: null } : jobs.look(job))),
        next: last === undefined ? null : pathOf("/api/jobs", input, { before: last.id }),
      };
    },
  }),
  define({
    ...{ id: "getJob", method: "GET", url: "/api/jobs/:id(\\d+)", tag: jobs },
    summary: "One job, with its progress or its result",
    params: JobParams,
    answer: JobSchema,
    handle: (parts, { id }) => findJob(parts, id),
  }),
  define({
    ...{ id: "startBuild", method: "POST", url: "/api/jobs/build", tag: jobs, status: 201 },
    summary: "Builds the lists of editions, as the command `build` does",
    body: BuildRequest,
    answer: JobSchema,
    async handle(parts, { body }) {
      await requireInputs(parts, body.dumps, body.texts, body.pageviews, body.wordnets, body.vocabularies);
      return begin(parts, { kind: "build", request: body });
    },
  }),
  define({
    ...{ id: "startCount", method: "POST", url: "/api/jobs/count", tag: jobs, status: 201 },
    summary: "Counts captions into a pool, as the command `count` does",
    body: CountRequest,
    answer: JobSchema,
    async handle(parts, { body }) {
      await requireInputs(parts, body.files);
      return begin(parts, { kind: "count", request: body });
    },
  }),
  define({
    ...{ id: "startExport", method: "POST", url: "/api/jobs/export", tag: jobs, status: 201 },
    summary: "Exports lists, as the command `export` does, into files that the service gives",
    body: ExportRequest,
    answer: JobSchema,
    handle: (parts, { body }) => begin(parts, { kind: "export", request: body }),
  }),
  define({
    ...{ id: "cancelJob", method: "POST", url: "/api/jobs/:id(\\d+)/cancel", tag: jobs },
    summary: "Stops a job",
    params: JobParams,
    answer: JobSchema,
    handle: (parts, { id }) => runnerOf(parts).cancel(id),
  }),
  define({
    ...{ id: "resumeJob", method: "POST", url: "/api/jobs/:id(\\d+)/resume", tag: jobs },
    summary: "Begins a job again that stopped; builds and counts go on from where they were",
    params: JobParams,
    answer: JobSchema,
    handle: (parts, { id }) => runnerOf(parts).resume(id),
  }),
  define({
    ...{ id: "listExports", method: "GET", url: "/api/exports", tag: exported },
    summary: "What jobs have exported, the latest first",
    query: object({
      before: Type.Optional(whole("only those before this one: the `id` of the last one of the page before")),
      limit: Limit,
    }),
    answer: object({ exports: listOf(JobSchema), next: Next }),
    async handle({ threads, exports }, input) {
      const { limit = USUAL_ROWS } = input;
      const wanted = { ...input, kind: "export", state: "done", limit: limit + 1 };
      const { rows, last } = pageOf(readReply<Job[]>(await threads.read("pageJobs", wanted)), limit);
      const there = rows.filter(({ id }) => existsSync(exportFolder(exports, id)));
      return {
        exports: there.map((job) => ({ ...job, progress: null })),
        next: last === undefined ? null : pathOf("/api/exports", input, { before: last.id }),
      };
    },
  }),
  define({
    ...{ id: "getExport", method: "GET", url: "/api/exports/:id(\\d+)", tag: exported },
    summary: "The files of an export",
    params: JobParams,
    answer: ExportSchema,
    handle: async (parts, { id }) => describeExport(parts, await findExport(parts, id)),
  }),
  define({
    ...{ id: "removeExport", method: "DELETE", url: "/api/exports/:id(\\d+)", tag: exported },
    summary: "Removes the files of an export",
    params: JobParams,
    answer: ExportSchema,
    async handle(parts, { id }) {
      runnerOf(parts);
      const job = await findJob(parts, id);
      if (job.kind !== "export") throw notFound(`job ${id} is no export`);
      if (job.state === "queued" || job.state === "running") throw new RequestError(409, `job ${id} is ${job.state}`);
      const removed = await describeExport(parts, job);
      await rm(exportFolder(parts.exports, id), { recursive: true, force: true });
      return removed;
    },
  }),
];
