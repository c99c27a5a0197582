/** Runs jobs, each in a process of its own: so many at a time, the others wait. */
import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import type { Job, JobState } from "../../store/jobs.ts";
import { RequestError } from "../operation.ts";
import { readReply, type Threads } from "../threads.ts";
import type { JobMessage, JobOrder } from "./process.ts";
import type { JobRequest } from "./requests.ts";
import type { JobPlace } from "./run-job.ts";

/** How far a running job has come in what it is doing now. */
export interface JobProgress {
  readonly stage: string;
  /** Bytes of input. */
  readonly done: number;
  readonly total: number;
  /** Bytes a second. */
  readonly rate: number;
  readonly secondsLeft: number | null;
}

/** A job, and how far it has come while it runs. */
export interface RunningJob extends Job {
  readonly progress: JobProgress | null;
}

/** What happens to a job: it is another than it was, it has come on, or a part of its result is there. */
export type JobEvent =
  | { readonly kind: "job"; readonly job: RunningJob }
  | { readonly kind: "progress"; readonly progress: JobProgress }
  | { readonly kind: "report"; readonly report: unknown };

/** Begins, stops and watches jobs. */
export interface JobRunner {
  /** Writes a job down, to be begun in its turn. */
  begin(job: JobRequest): Promise<RunningJob>;
  /** Begins again what has stopped; what builds and counts had done by then is not done again. */
  resume(id: number): Promise<RunningJob>;
  /** Stops a job; the answer comes when its process has ended. */
  cancel(id: number): Promise<RunningJob>;
  /** A job with its progress. */
  look(job: Job): RunningJob;
  /** Calls `listener` with what happens to a job, until what is returned is called. */
  watch(id: number, listener: (event: JobEvent) => void): () => void;
  /** Stops all jobs, which can go on later. */
  close(): Promise<void>;
}

/** How jobs are run. */
export interface RunnerOptions {
  readonly threads: Threads;
  /** Jobs at a time. */
  readonly most: number;
  placeOf(job: number): JobPlace;
}

/** The compiled process, also when this module runs from source. */
const PROCESS = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "../../../dist/src/service/jobs/process.js" : "./process.js",
    import.meta.url,
  ),
);

/** A process that does not end when it is asked to is ended after so many milliseconds. */
const PATIENCE = 10_000;

interface Running {
  readonly child: ChildProcess;
  /** What it is to be when the process has ended without having said that it is done. */
  onEnd: Exclude<JobState, "queued" | "running" | "done">;
  progress: JobProgress | null;
  stageBegan: number;
  readonly ended: Promise<void>;
}

/** Creates a runner; no other may be at work on the same database. */
export function createJobRunner({ threads, most, placeOf }: RunnerOptions): JobRunner {
  const waiting: Job[] = [];
  const running = new Map<number, Running>();
  const events = new EventEmitter<Record<string, [JobEvent]>>();
  events.setMaxListeners(0);
  let isClosing = false;

  const look = (job: Job): RunningJob => ({ ...job, progress: running.get(job.id)?.progress ?? null });
  const tell = (id: number, event: JobEvent) => events.emit(String(id), event);
  const change = async (id: number, change: Partial<Job>): Promise<RunningJob> => {
    const job = look(readReply<Job>(await threads.write("changeJob", { id, change })));
    tell(id, { kind: "job", job });
    return job;
  };

  const run = (job: Job): void => {
    const child = fork(PROCESS, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    let outcome: Partial<Job> | undefined;
    const ended = new Promise<void>((resolve) => {
      child.on("message", (message: JobMessage) => {
        if (message.kind === "done") outcome = { state: "done", result: message.result };
        else if (message.kind === "failed") outcome = { state: "failed", error: message.error };
        else if (message.kind === "report") tell(job.id, message);
        else onProgress(message);
      });
      child.once("error", (error) => {
        outcome = { state: "failed", error: error.message };
      });
      child.once("close", (code, signal) => {
        const { onEnd } = one;
        const why = onEnd === "failed" ? `its process ended (${signal ?? code}) ${stderr}`.trim() : endings[onEnd];
        running.delete(job.id);
        change(job.id, { ...(outcome ?? { state: onEnd, error: why }), finished: now() }).then(
          () => resolve(),
          () => resolve(),
        );
        next();
      });
    });
    const one: Running = { child, onEnd: "failed", progress: null, stageBegan: 0, ended };
    running.set(job.id, one);
    const onProgress = ({ stage, done, total }: Extract<JobMessage, { kind: "progress" }>) => {
      if (one.progress?.stage !== stage) one.stageBegan = Date.now();
      const rate = done / Math.max(0.001, (Date.now() - one.stageBegan) / 1000);
      one.progress = { stage, done, total, rate, secondsLeft: rate > 0 ? (total - done) / rate : null };
      tell(job.id, { kind: "progress", progress: one.progress });
    };
    const order: JobOrder = { job: { kind: job.kind, request: job.request } as JobRequest, place: placeOf(job.id) };
    child.send(order, () => {});
  };
  const next = (): void => {
    while (!isClosing && running.size < most) {
      const job = waiting.shift();
      if (job === undefined) return;
      run(job);
      void change(job.id, { state: "running", started: now(), finished: null, result: null, error: null }).catch(
        () => {},
      );
    }
  };
  const stop = async (one: Running, onEnd: Running["onEnd"]): Promise<void> => {
    one.onEnd = onEnd;
    one.child.kill("SIGTERM");
    const last = setTimeout(() => one.child.kill("SIGKILL"), PATIENCE);
    await one.ended;
    clearTimeout(last);
  };
  const find = async (id: number): Promise<Job> => readReply<Job>(await threads.read("findJob", { id }));
  const queue = (job: Job): RunningJob => {
    if (isClosing) throw new RequestError(503, "the service is stopping");
    waiting.push(job);
    next();
    return look(job);
  };

  return {
    look,
    async begin(job) {
      return queue(readReply<Job>(await threads.write("addJob", { ...job })));
    },
    async resume(id) {
      const { state } = await find(id);
      if (state === "queued" || state === "running" || state === "done")
        throw new RequestError(409, `job ${id} is ${state}`);
      return queue(await change(id, { state: "queued", finished: null, error: null }));
    },
    async cancel(id) {
      const job = await find(id);
      const place = waiting.findIndex((one) => one.id === id);
      if (place >= 0) {
        waiting.splice(place, 1);
        return change(id, { state: "cancelled", finished: now(), error: endings.cancelled });
      }
      const one = running.get(id);
      if (one === undefined) {
        if (job.state === "resumable") return change(id, { state: "cancelled", error: endings.cancelled });
        throw new RequestError(409, `job ${id} is ${job.state}`);
      }
      await stop(one, "cancelled");
      return look(await find(id));
    },
    watch(id, listener) {
      events.on(String(id), listener);
      return () => events.off(String(id), listener);
    },
    async close() {
      isClosing = true;
      await Promise.all([...running.values()].map((one) => stop(one, "resumable")));
      for (const { id } of waiting.splice(0)) await change(id, { state: "resumable", error: endings.resumable });
    },
  };
}

const endings: Readonly<Record<"cancelled" | "resumable" | "failed", string>> = {
  cancelled: "it was cancelled",
  resumable: "the service was stopped before it was done",
  failed: "its process ended",
};

function now(): string {
  return new Date().toISOString();
}
