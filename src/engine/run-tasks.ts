/** Runs tasks: one after the other in this process, or in threads that take the next one when they are done. */
import { Worker } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { countPoolShare } from "./count-pool-share.ts";
import { countShard, releaseKernels } from "./count-shard.ts";
import { curatePoolShare } from "./curate-pool-share.ts";
import { joinImages } from "./join-images.ts";
import { listPairs, solvePairs } from "./list-pairs.ts";
import type { TaskContext } from "./task.ts";

/** Tasks by name: small JSON in, files and small JSON out, so that any engine can run them. */
export const TASKS = { countShard, countPoolShare, curatePoolShare, listPairs, solvePairs, joinImages } as const;

export type TaskName = keyof typeof TASKS;
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0];
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;

/** What a thread says to its owner. */
export type WorkerMessage =
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "question"; readonly number: number; readonly question: unknown }
  | { readonly kind: "done"; readonly output: unknown }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly stack: string | undefined;
      readonly user: boolean;
      /** Of errors of the system: which, and of what file. */
      readonly code: string | undefined;
      readonly path: string | undefined;
    };

/** What a thread is given. */
export type OwnerMessage =
  | { readonly kind: "task"; readonly task: TaskName; readonly input: unknown }
  | { readonly kind: "answer"; readonly number: number; readonly answer: unknown };

/** How to run tasks. */
export interface RunOptions<Name extends TaskName> {
  readonly threads: number;
  /** Called with the number of compressed bytes each time some were read, and for which task. */
  onBytes(bytes: number, input: TaskInput<Name>): void;
  /** Called with each output as soon as it is there. */
  onOutput?(output: TaskOutput<Name>, input: TaskInput<Name>): Promise<void>;
  /** Answers what a task asks; threads are told by their numbers, from 0. */
  answer?(question: unknown, thread: number): unknown;
}

/** The compiled worker, also when this module runs from source. */
const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/src/engine/worker.js" : "./worker.js",
  import.meta.url,
);

/** Give a thread one task and wait for its output. */
function runInThread(
  worker: Worker,
  task: { readonly task: TaskName; readonly input: unknown },
  { onBytes, answer }: { onBytes(bytes: number): void; answer(question: unknown): unknown },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const send = (message: OwnerMessage) => worker.postMessage(message);
    const end = () => {
      worker.off("message", onMessage);
      worker.off("error", fail);
      worker.off("exit", onExit);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const onMessage = (message: WorkerMessage) => {
      switch (message.kind) {
        case "bytes":
          return onBytes(message.bytes);
        case "question":
          try {
            return send({ kind: "answer", number: message.number, answer: answer(message.question) });
          } catch (error) {
            return fail(error);
          }
        case "done":
          end();
          return resolve(message.output);
        case "failed":
          if (message.user) return fail(new UserError(message.message));
          return fail(
            Object.assign(new Error(message.message), {
              ...{ stack: message.stack, code: message.code, path: message.path },
            }),
          );
      }
    };
    const onExit = (code: number) => fail(new Error(`a worker thread ended with exit code ${code} before its task`));
    worker.on("message", onMessage);
    worker.on("error", fail);
    worker.on("exit", onExit);
    send({ kind: "task", ...task });
  });
}

/** Runs a task on all inputs, in their order; outputs in that order too. The first failure ends them all. */
export async function runTasks<Name extends TaskName>(
  task: Name,
  inputs: readonly TaskInput<Name>[],
  { threads, onBytes, onOutput, answer = () => undefined }: RunOptions<Name>,
): Promise<TaskOutput<Name>[]> {
  const outputs: TaskOutput<Name>[] = [];
  let next = 0;
  /** Take inputs until there are no more. */
  const takeAll = async (run: (input: TaskInput<Name>) => Promise<TaskOutput<Name>>) => {
    while (next < inputs.length) {
      const index = next++;
      const input = inputs[index]!;
      const output = await run(input);
      await onOutput?.(output, input);
      outputs[index] = output;
    }
  };
  const count = Math.min(threads, inputs.length);
  if (count <= 1) {
    const kept = new Map<string, unknown>();
    const ask = async (question: unknown) => answer(question, 0);
    const run = TASKS[task] as (input: TaskInput<Name>, context: TaskContext) => Promise<TaskOutput<Name>>;
    await takeAll((input) => run(input, { onBytes: (bytes) => onBytes(bytes, input), ask, kept }));
    // What follows, merging and selecting, has the memory for itself.
    releaseKernels();
    return outputs;
  }
  const workers = Array.from({ length: count }, () => new Worker(WORKER));
  try {
    await Promise.all(
      workers.map((worker, thread) =>
        takeAll(
          (input) =>
            runInThread(
              worker,
              { task, input },
              { onBytes: (bytes) => onBytes(bytes, input), answer: (question) => answer(question, thread) },
            ) as Promise<TaskOutput<Name>>,
        ),
      ),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return outputs;
}
