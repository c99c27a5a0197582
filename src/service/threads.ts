/** The threads that have the database open: several that read, and one that writes. */
import { Piscina } from "piscina";
import { RequestError } from "./operation.ts";
import type { Reply, ThreadAnswer, ThreadData, ThreadTask } from "./thread.ts";

/** Asks threads. */
export interface Threads {
  /**
   * An operation that reads; `onBegin` is given what stops it, to be called when nobody wants the answer any more. Throws
   * `RequestError` if it cannot be answered, or not in time.
   */
  read(id: string, input: ThreadTask["input"], onBegin?: (stop: () => void) => void): Promise<Reply>;
  /** An operation that may write. Throws as `read`, and if the database is open for reading only. */
  write(id: string, input: ThreadTask["input"]): Promise<Reply>;
  /** Operations that wait or run. */
  size(): number;
  /** Ends when all that runs is done. */
  close(): Promise<void>;
}

/** How threads work. */
export interface ThreadsOptions {
  readonly db: string;
  readonly canWrite: boolean;
  /** Threads that read. */
  readonly threads: number;
  /** Seconds that an answer may take; what takes longer is given up. */
  readonly timeLimit: number;
  /** Most bytes of what all threads keep for searches. */
  readonly memory: number;
}

/** Operations that may wait for a thread; more are refused. */
const MOST_WAITING = 2000;

/** The compiled thread, also when this module runs from source. */
const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/src/service/thread.js" : "./thread.js",
  import.meta.url,
).href;

/**
 * Starts threads; the one that writes opens the database first, so that it is of the present version.
 *
 * @throws RequestError if it cannot be opened
 */
export async function startThreads({ db, canWrite, threads, timeLimit, memory }: ThreadsOptions): Promise<Threads> {
  const start = (size: number, readonly: boolean) => {
    const workerData: ThreadData = { db, readonly, cacheBytes: memory / threads };
    return new Piscina<ThreadTask, ThreadAnswer>({
      ...{
        filename: THREAD,
        minThreads: size,
        maxThreads: size,
        maxQueue: MOST_WAITING,
        workerData,
        recordTiming: false,
      },
    });
  };
  const writer = canWrite ? start(1, false) : undefined;
  if (writer !== undefined) toReply(await writer.run({ id: "open", input: {} }));
  const readers = start(threads, true);
  toReply(await readers.run({ id: "open", input: {} }));

  const ask = async (task: ThreadTask, onBegin?: (stop: () => void) => void): Promise<ThreadAnswer> => {
    const controller = new AbortController();
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, timeLimit * 1000);
    onBegin?.(() => controller.abort());
    try {
      return await readers.run(task, { signal: controller.signal });
    } catch (error) {
      if (isLate) {
        throw new RequestError(
          503,
          `this took longer than ${timeLimit} seconds and was given up; ask for less, or later`,
        );
      }
      if (controller.signal.aborted) throw new RequestError(499, "the client has gone");
      if (readers.queueSize >= MOST_WAITING) throw new RequestError(503, "too many requests are waiting; ask later");
      throw error;
    } finally {
      clearTimeout(late);
    }
  };
  const write = async (id: string, input: ThreadTask["input"]): Promise<Reply> => {
    if (writer === undefined) throw new RequestError(403, "the service was started for reading only");
    // What writes is never given up half-way: it waits for whoever writes, and ends.
    return toReply(await writer.run({ id, input }));
  };
  return {
    async read(id, input, onBegin) {
      const answer = await ask({ id, input }, onBegin);
      if (!("missingList" in answer)) return toReply(answer);
      if (writer === undefined) {
        throw new RequestError(
          409,
          `the list of ${answer.missingList.group} must be made first, which takes a service that may write`,
        );
      }
      await write("makeList", answer.missingList);
      return toReply(await ask({ id, input }, onBegin));
    },
    write,
    size: () => readers.queueSize + (writer?.queueSize ?? 0),
    async close() {
      await readers.close();
      if (writer === undefined) return;
      await writer.run({ id: "close", input: {} });
      await writer.close();
    },
  };
}

function toReply(answer: ThreadAnswer): Reply {
  if ("body" in answer) return answer;
  if ("missingList" in answer)
    throw new RequestError(409, `the list of ${answer.missingList.group} must be made first`);
  if (answer.isFault) throw new Error(answer.detail);
  throw new RequestError(answer.status, answer.detail);
}

/** What a reply says. */
export function readReply<T>({ body }: Reply): T {
  return JSON.parse(new TextDecoder().decode(body)) as T;
}
