/** The process of one job: it is given the job, says how far it has come, and ends with its service. */
import { cleanUpWhenStopped } from "../../clean-up.ts";
import { explainError } from "../../explain-error.ts";
import type { JobRequest } from "./requests.ts";
import { type JobPlace, runJob } from "./run-job.ts";

/** What the process is given. */
export interface JobOrder {
  readonly job: JobRequest;
  readonly place: JobPlace;
}

/** What the process says. */
export type JobMessage =
  | { readonly kind: "progress"; readonly stage: string; readonly done: number; readonly total: number }
  | { readonly kind: "report"; readonly report: unknown }
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: string }
  /** A fault of the program, with where it happened. */
  | { readonly kind: "fault"; readonly error: string };

/** Progress is told this often at most, in milliseconds. */
const EVERY = 200;

const say = (message: JobMessage) =>
  new Promise<void>((resolve) => {
    process.send!(message, () => resolve());
  });

async function work({ job, place }: JobOrder): Promise<void> {
  let stage = "";
  let done = 0;
  let said = 0;
  try {
    const result = await runJob(job, place, {
      onProgress(event) {
        if (event.stage !== stage) {
          stage = event.stage;
          done = 0;
          said = 0;
        }
        done = Math.min(event.total, done + event.bytes);
        const now = Date.now();
        if (now - said < EVERY && done < event.total) return;
        said = now;
        void say({ kind: "progress", stage, done, total: event.total });
      },
      onReport: (report) => void say({ kind: "report", report }),
    });
    await say({ kind: "done", result });
  } catch (error) {
    const { message, isFault = false } = explainError(error);
    await say({ kind: isFault ? "fault" : "failed", error: message });
  }
  process.exit();
}

cleanUpWhenStopped();
// Without its service nobody would hear of the job: it stops, and can go on later.
process.on("disconnect", () => process.exit(143));
process.once("message", (order: JobOrder) => void work(order));
