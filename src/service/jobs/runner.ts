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
  /** Called with what a log should say of jobs; an error where something is wrong. */
  onLog(about: { readonly job: number } & Readonly<Record<string, unknown>>, message: string, error?: unknown): void;
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

/** How often, and after how many milliseconds, the end of a job is written down again where that has failed. */
const ATTEMPTS = 100;
const RETRY = 2000;

interface Running {
  readonly child: ChildProcess;
  /** What it is to be when the process has ended without having said that it is done. */
  onEnd: Exclude<JobState, "queued" | "running" | "done">;
  progress: JobProgress | null;
  stageBegan: number;
  readonly ended: Promise<void>;
}

/** Creates a runner; no other may be at work on the same database. */
export function createJobRunner({ threads, most, placeOf, onLog }: RunnerOptions): JobRunner {
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

  /** Writes down how a job has ended, however long another program holds the database. */
  const persist = async (id: number, end: Partial<Job>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await change(id, end);
        return;
      } catch (error) {
        onLog({ job: id, ...end }, "the end of a job could not be written down", error);
        if (attempt === ATTEMPTS) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  };
  const end = async (id: number, end: Partial<Job>): Promise<void> => {
    await persist(id, { ...end, finished: now() });
    onLog({ job: id, state: end.state, error: end.error }, "a job has ended");
  };

  const run = (job: Job): void => {
    const env = { ...process.env };
    delete env.WORLDMETA_TOKEN;
    let child: ChildProcess;
    try {
      child = fork(PROCESS, { stdio: ["ignore", "ignore", "pipe", "ipc"], env });
    } catch (error) {
      void end(job.id, { state: "failed", error: `its process could not be started (${(error as Error).message})` });
      return;
    }
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    let outcome: Partial<Job> | undefined;
    const ended = new Promise<void>((resolve) => {
      child.on("message", (message: JobMessage) => {
        if (message.kind === "done") outcome = { state: "done", result: message.result };
        else if (message.kind === "failed") outcome = { state: "failed", error: message.error };
        else if (message.kind === "fault") {
          onLog({ job: job.id }, "a fault of worldmeta itself", new Error(message.error));
          outcome = { state: "failed", error: "a fault of worldmeta itself; the log of the service tells more" };
        } else if (message.kind === "report") tell(job.id, message);
        else onProgress(message);
      });
      child.on("error", (error) => {
        outcome ??= { state: "failed", error: `its process could not be started (${error.message})` };
        if (child.pid === undefined) child.emit("close", null, null);
      });
      child.once("close", (code, signal) => {
        const { onEnd } = one;
        if (outcome === undefined && onEnd === "failed") {
          onLog({ job: job.id, code, signal, stderr }, "the process of a job has died", new Error(stderr));
        }
        running.delete(job.id);
        void end(job.id, outcome ?? { state: onEnd, error: endings[onEnd] }).then(resolve);
        next();
      });
    });
    const one: Running = { child, onEnd: "failed", progress: null, stageBegan: 0, ended };
    running.set(job.id, one);
    onLog({ job: job.id, kind: job.kind }, "a job has begun");
    const onProgress = ({ stage, done, total }: Extract<JobMessage, { kind: "progress" }>) => {
      if (one.progress?.stage !== stage) one.stageBegan = Date.now();
      const seconds = (Date.now() - one.stageBegan) / 1000;
      const rate = seconds > 0 ? done / seconds : 0;
      one.progress = { stage, done, total, rate, secondsLeft: rate > 0 ? (total - done) / rate : null };
      tell(job.id, { kind: "progress", progress: one.progress });
    };
    const order: JobOrder = { job: { kind: job.kind, request: job.request } as JobRequest, place: placeOf(job.id) };
    if (child.connected) child.send(order, () => {});
  };
  const next = (): void => {
    while (!isClosing && running.size < most) {
      const job = waiting.shift();
      if (job === undefined) return;
      void change(job.id, { state: "running", started: now(), finished: null, result: null, error: null }).catch(
        (error: unknown) => onLog({ job: job.id }, "that a job runs could not be written down", error),
      );
      run(job);
    }
  };
  const stop = async (one: Running, onEnd: Running["onEnd"]): Promise<void> => {
    // Who asked first decides what it is.
    if (one.onEnd === "failed") one.onEnd = onEnd;
    one.child.kill("SIGTERM");
    const last = setTimeout(() => one.child.kill("SIGKILL"), PATIENCE);
    await one.ended;
    clearTimeout(last);
  };
  const find = async (id: number): Promise<Job> => readReply<Job>(await threads.read("findJob", { id }));
  // What is asked of jobs is done in turn, so that none is begun twice, or stopped while it is begun.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(() => {
      if (isClosing) throw new RequestError(503, "the service is stopping");
      return work();
    });
    turn = done.catch(() => {});
    return done;
  };
  const queue = (job: Job): RunningJob => {
    waiting.push(job);
    next();
    return look(job);
  };
  /** Ends a job that waits; one that runs is given back, to be stopped. */
  const withdraw = async (id: number): Promise<RunningJob | Running> => {
    const job = await find(id);
    const one = running.get(id);
    if (one !== undefined) return one;
    const place = waiting.findIndex((other) => other.id === id);
    if (place >= 0) waiting.splice(place, 1);
    else if (job.state !== "resumable") throw new RequestError(409, `job ${id} is ${job.state}`);
    return change(id, { state: "cancelled", finished: now(), error: endings.cancelled });
  };

  return {
    look,
    begin: (job) => inTurn(async () => queue(readReply<Job>(await threads.write("addJob", { ...job })))),
    resume: (id) =>
      inTurn(async () => {
        const { state } = await find(id);
        const isBusy = running.has(id) || waiting.some((job) => job.id === id);
        if (isBusy || state === "queued" || state === "running" || state === "done") {
          throw new RequestError(409, `job ${id} is ${isBusy ? "under way" : state}`);
        }
        return queue(await change(id, { state: "queued", finished: null, error: null }));
      }),
    async cancel(id) {
      const found = await inTurn(() => withdraw(id));
      if (!("child" in found)) return found;
      await stop(found, "cancelled");
      return look(await find(id));
    },
    watch(id, listener) {
      events.on(String(id), listener);
      return () => events.off(String(id), listener);
    },
    async close() {
      isClosing = true;
      await turn;
      await Promise.all([...running.values()].map((one) => stop(one, "resumable")));
      for (const { id } of waiting.splice(0)) await persist(id, { state: "resumable", error: endings.resumable });
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
