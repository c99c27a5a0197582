/** What runs in a thread: one task after the other, and what it has to say to its owner. */
import { parentPort } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { TASKS, type WorkerInput, type WorkerMessage } from "./run-tasks.ts";

/** Bytes are reported in lumps; a message for each chunk would cost more than the work. */
const REPORT_BYTES = 1 << 19;

const send = (message: WorkerMessage) => parentPort?.postMessage(message);

async function run({ task, input }: WorkerInput): Promise<void> {
  let pending = 0;
  const sendBytes = () => {
    if (pending > 0) send({ kind: "bytes", bytes: pending });
    pending = 0;
  };
  const onBytes = (bytes: number) => {
    pending += bytes;
    if (pending >= REPORT_BYTES) sendBytes();
  };
  try {
    const output = await TASKS[task](input, onBytes);
    sendBytes();
    send({ kind: "done", output });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    send({ kind: "failed", message: failure.message, stack: failure.stack, user: error instanceof UserError });
  }
}

parentPort?.on("message", (message: WorkerInput) => void run(message));
