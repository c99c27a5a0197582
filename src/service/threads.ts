/** The threads that have the database open: several that read, and one that writes. */
import { Piscina } from "piscina";
import { RequestError } from "./operation.ts";
import type { Reply, ThreadAnswer, ThreadData, ThreadTask } from "./thread.ts";

/** Asks threads. */
export interface Threads {
  /** An operation that reads. Throws `RequestError` if it cannot be answered, or not in time. */
  read(id: string, input: ThreadTask["input"]): Promise<Reply>;
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
  /** Seconds that an answer may take; then it is refused, and its thread is used again when it has ended. */
  readonly timeLimit: number;
  /** Called with errors of threads that belong to no operation. */
  onError(error: unknown): void;
}

/** Milliseconds that threads have to end what they do; as many as a timer takes. */
const LONGEST_END = 2 ** 31 - 1;

/** Operations that may wait for a thread; more are refused. */
const MOST_WAITING = 2000;

/** Most bytes that all threads keep for searches. */
const SEARCH_BYTES = 64e6;

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
export async function startThreads({ db, canWrite, threads, timeLimit, onError }: ThreadsOptions): Promise<Threads> {
  const start = (size: number, readonly: boolean) => {
    const workerData: ThreadData = { db, readonly, cacheBytes: SEARCH_BYTES / threads };
    const pool = new Piscina<ThreadTask, ThreadAnswer>({
      ...{ filename: THREAD, minThreads: size, maxThreads: size, maxQueue: MOST_WAITING, workerData },
      ...{ recordTiming: false, closeTimeout: LONGEST_END },
    });
    // Without a listener it would end the process.
    pool.on("error", onError);
    return pool;
  };
  type Pool = ReturnType<typeof start>;
  const run = async (pool: Pool, task: Omit<ThreadTask, "deadline">, limit: number): Promise<ThreadAnswer> => {
    if (pool.queueSize >= MOST_WAITING) throw new RequestError(503, "too many requests are waiting; ask later");
    let late: NodeJS.Timeout | undefined;
    const refusal = new Promise<never>((_, reject) => {
      const why = `this took longer than ${timeLimit} seconds; ask for less, or later`;
      if (limit < Infinity) late = setTimeout(() => reject(new RequestError(503, why)), limit);
    });
    try {
      return await Promise.race([pool.run({ ...task, deadline: Date.now() + limit }), refusal]);
    } finally {
      clearTimeout(late);
    }
  };
  const writer = canWrite ? start(1, false) : undefined;
  const readers = start(threads, true);
  try {
    if (writer !== undefined) toReply(await run(writer, { id: "open", input: {} }, Infinity));
    toReply(await run(readers, { id: "open", input: {} }, Infinity));
  } catch (error) {
    await Promise.all([writer?.destroy(), readers.destroy()]);
    throw error;
  }
  const limit = timeLimit * 1000;
  const write = async (id: string, input: ThreadTask["input"]): Promise<Reply> => {
    if (writer === undefined) throw new RequestError(403, "the service was started for reading only");
    // What writes is never given up half-way: it waits for whoever writes, and ends.
    return toReply(await run(writer, { id, input }, Infinity));
  };
  return {
    async read(id, input) {
      const answer = await run(readers, { id, input }, limit);
      if (!("missingList" in answer)) return toReply(answer);
      if (writer === undefined) {
        throw new RequestError(
          409,
          `the list of ${answer.missingList.group} must be made first, which takes a service that may write`,
        );
      }
      await write("makeList", answer.missingList);
      return toReply(await run(readers, { id, input }, limit));
    },
    write,
    size: () => readers.queueSize + (writer?.queueSize ?? 0),
    async close() {
      await readers.close();
      if (writer === undefined) return;
      await run(writer, { id: "close", input: {} }, Infinity);
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
