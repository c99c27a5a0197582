/** What runs in a thread: one task, and what it has to say to its owner. */
import { parentPort, workerData } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { TASKS, type WorkerInput, type WorkerMessage } from "./run-tasks.ts";

/** Bytes are reported in lumps; a message for each chunk would cost more than the work. */
const REPORT_BYTES = 1 << 19;

const { task, input } = workerData as WorkerInput;
const send = (message: WorkerMessage) => parentPort?.postMessage(message);

let pending = 0;
const onBytes = (bytes: number) => {
  pending += bytes;
  if (pending < REPORT_BYTES) return;
  send({ kind: "bytes", bytes: pending });
  pending = 0;
};

try {
  send({ kind: "done", output: await TASKS[task](input, onBytes) });
} catch (error) {
  const failure = error instanceof Error ? error : new Error(String(error));
  send({ kind: "failed", message: failure.message, stack: failure.stack, user: error instanceof UserError });
}
