/** What runs in a thread: one task after the other, and what it has to say to its owner. */
import { parentPort } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { type OwnerMessage, TASKS, type WorkerMessage } from "./run-tasks.ts";
import type { TaskContext } from "./task.ts";

/** Bytes are reported in lumps; a message for each chunk would cost more than the work. */
const REPORT_BYTES = 1 << 19;

const send = (message: WorkerMessage) => parentPort?.postMessage(message);

const kept = new Map<string, unknown>();
const waiting = new Map<number, (answer: unknown) => void>();
let questions = 0;

function ask(question: unknown): Promise<unknown> {
  const number = questions++;
  send({ kind: "question", number, question });
  return new Promise((resolve) => waiting.set(number, resolve));
}

async function run({ task, input }: Extract<OwnerMessage, { kind: "task" }>): Promise<void> {
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
    const work = TASKS[task] as (input: unknown, context: TaskContext) => Promise<unknown>;
    const output = await work(input, { onBytes, ask, kept });
    sendBytes();
    send({ kind: "done", output });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const { message, stack, code, path } = failure as NodeJS.ErrnoException;
    send({ kind: "failed", message, stack, user: error instanceof UserError, code, path });
  }
}

parentPort?.on("message", (message: OwnerMessage) => {
  if (message.kind === "task") return void run(message);
  waiting.get(message.number)?.(message.answer);
  waiting.delete(message.number);
});
