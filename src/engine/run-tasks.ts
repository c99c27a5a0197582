/** Runs tasks: in this process when there is one, each in a thread of its own when there are several. */
import { Worker } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { type CountShardInput, type CountShardOutput, countShard } from "./count-shard.ts";

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

/** The compiled worker, also when this module runs from source. */
const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/src/engine/worker.js" : "./worker.js",
  import.meta.url,
);

function runInThread(
  data: WorkerInput,
  onBytes: (bytes: number) => void,
  threads: Set<Worker>,
): Promise<CountShardOutput> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: data });
    threads.add(worker);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "bytes") onBytes(message.bytes);
      else if (message.kind === "done") resolve(message.output);
      else if (message.user) reject(new UserError(message.message));
      else reject(Object.assign(new Error(message.message), { stack: message.stack }));
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`a worker thread ended with exit code ${code} before its task`)));
  });
}

/** Count the shards given, all at the same time; outputs in the order of the inputs. The first failure ends them all. */
export async function runCountShards(
  inputs: readonly CountShardInput[],
  onBytes: (bytes: number) => void,
): Promise<CountShardOutput[]> {
  const [first] = inputs;
  if (inputs.length === 1 && first !== undefined) return [await TASKS.countShard(first, onBytes)];
  const threads = new Set<Worker>();
  try {
    return await Promise.all(inputs.map((input) => runInThread({ task: "countShard", input }, onBytes, threads)));
  } finally {
    await Promise.all([...threads].map((worker) => worker.terminate()));
  }
}
