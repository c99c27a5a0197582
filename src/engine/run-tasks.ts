/** Runs tasks: one after the other in this process, or in threads that take the next one when they are done. */
import { Worker } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { type CountShardInput, type CountShardOutput, countShard, releaseKernels } from "./count-shard.ts";

/** Tasks by name: small JSON in, files and small JSON out, so that any engine can run them. */
export const TASKS = { countShard } as const;

/** What a thread says to its owner. */
export type WorkerMessage =
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "done"; readonly output: CountShardOutput }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | undefined; readonly user: boolean };

/** What a thread is given. */
export interface WorkerInput {
  readonly task: keyof typeof TASKS;
  readonly input: CountShardInput;
}

/** How to run tasks. */
export interface RunOptions {
  readonly threads: number;
  /** Called with the number of compressed bytes each time some were read, and for which task. */
  onBytes(bytes: number, input: CountShardInput): void;
  /** Called with each output as soon as it is there. */
  onOutput(output: CountShardOutput): Promise<void>;
}

/** The compiled worker, also when this module runs from source. */
const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/src/engine/worker.js" : "./worker.js",
  import.meta.url,
);

/** Give a thread one task and wait for its output. */
function runInThread(worker: Worker, data: WorkerInput, onBytes: (bytes: number) => void): Promise<CountShardOutput> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: WorkerMessage) => {
      if (message.kind === "bytes") return onBytes(message.bytes);
      worker.off("message", onMessage);
      worker.off("error", reject);
      worker.off("exit", onExit);
      if (message.kind === "done") resolve(message.output);
      else if (message.user) reject(new UserError(message.message));
      else reject(Object.assign(new Error(message.message), { stack: message.stack }));
    };
    const onExit = (code: number) => reject(new Error(`a worker thread ended with exit code ${code} before its task`));
    worker.on("message", onMessage);
    worker.on("error", reject);
    worker.on("exit", onExit);
    worker.postMessage(data);
  });
}

/** Count the shards given, in their order; outputs in that order too. The first failure ends them all. */
export async function runCountShards(
  inputs: readonly CountShardInput[],
  { threads, onBytes, onOutput }: RunOptions,
): Promise<CountShardOutput[]> {
  const outputs: CountShardOutput[] = [];
  let next = 0;
  /** Take shards until there are no more. */
  const takeAll = async (run: (input: CountShardInput) => Promise<CountShardOutput>) => {
    while (next < inputs.length) {
      const index = next++;
      const output = await run(inputs[index]!);
      await onOutput(output);
      outputs[index] = output;
    }
  };
  const count = Math.min(threads, inputs.length);
  if (count <= 1) {
    await takeAll((input) => TASKS.countShard(input, (bytes) => onBytes(bytes, input)));
    // What follows, merging and selecting, has the memory for itself.
    releaseKernels();
    return outputs;
  }
  const workers = Array.from({ length: count }, () => new Worker(WORKER));
  try {
    await Promise.all(
      workers.map((worker) =>
        takeAll((input) => runInThread(worker, { task: "countShard", input }, (bytes) => onBytes(bytes, input))),
      ),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return outputs;
}
