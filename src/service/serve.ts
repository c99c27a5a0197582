/** The service, from its beginning to its end. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { formatCounted, formatNumber } from "../numbers.ts";
import { closeDatabase, openDatabase } from "../store/database.ts";
import { type Lock, lockService } from "../store/lock.ts";
import { isLoopback, readToken } from "./access.ts";
import { createJobRunner, type JobRunner } from "./jobs/runner.ts";
import { exportFolder } from "./local.ts";
import { RequestError } from "./operation.ts";
import { createServer } from "./server.ts";
import { readReply, startThreads, type Threads } from "./threads.ts";

/** How to serve a database. */
export interface ServeOptions {
  readonly db: string;
  /** Address to listen at; `127.0.0.1` and its like are reached from this machine alone. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What changes take, and at other addresses everything; if not given it is read from `DB.work/token`, or made there. */
  readonly token?: string | undefined;
  /** Nothing may be changed, no job is run, and no token is made; another service may run beside this one. */
  readonly readonly?: boolean;
  /** Folder of files that jobs can read. */
  readonly inputs: string;
  /** Folder for exports; `DB.exports` if not given. */
  readonly exports?: string | undefined;
  /** Threads that read the database, and threads of a job. */
  readonly threads?: number;
  /** Jobs at a time. */
  readonly jobs?: number;
  /** Bytes, for the tables of a job. */
  readonly memory: number;
  /** Seconds that an answer may take. */
  readonly timeLimit?: number;
  readonly logLevel?: string;
  /** Called with what is done before the service answers. */
  onNote?(note: string): void;
}

/** A service that answers. */
export interface Service {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** Path of the file that the token was read from; undefined if it was given, or there is none. */
  readonly tokenFile: string | undefined;
  /** Lets requests that run end, stops jobs, which can go on later, and closes the database. */
  close(): Promise<void>;
}

/**
 * Serves a database over HTTP.
 *
 * @throws UserError if the database cannot be used, another service has it, or the address cannot be listened at
 */
export async function serve(options: ServeOptions): Promise<Service> {
  const { db, host, port, readonly: isReadonly = false, memory, timeLimit = 10, logLevel = "info" } = options;
  const { threads: size = availableParallelism(), jobs: most = 1 } = options;
  // It must be there, so that a slip of the pen makes no empty one.
  closeDatabase(openDatabase(db, { readonly: true }));
  const tokenFile = options.token === undefined && !isReadonly ? `${db}.work/token` : undefined;
  const token = options.token ?? (tokenFile === undefined ? undefined : readToken(tokenFile));
  if (token !== undefined && !/^\S{16,}$/.test(token)) {
    const place = tokenFile === undefined ? "the token given" : `the token in ${tokenFile}`;
    throw new UserError(`${place} is no good: it takes 16 characters or more, without spaces`, 2);
  }
  if (token === undefined && !isLoopback(host)) {
    throw new UserError(`${host} is reached by others: give the token that they need in WORLDMETA_TOKEN`, 2);
  }
  const inputs = resolve(options.inputs);
  const exports = resolve(options.exports ?? `${db}.exports`);
  const lock: Lock | undefined = isReadonly ? undefined : lockService(db);
  let threads: Threads | undefined;
  let jobs: JobRunner | undefined;
  try {
    let log: FastifyBaseLogger | undefined;
    const onError = (error: unknown) => log?.error({ err: error }, "a thread has failed");
    threads = await startThreads({ db, canWrite: !isReadonly, threads: size, timeLimit, onError }).catch(asUserError);
    if (!isReadonly) {
      makeFolder(exports);
      await threads.write("releaseJobs", {});
      await indexAll(threads, options);
      jobs = createJobRunner({
        ...{ threads, most },
        placeOf: (id) => ({ db, inputs, out: exportFolder(exports, id), threads: size, memory }),
        onLog(about, message, error) {
          if (error === undefined) log?.info(about, message);
          else log?.error({ ...about, err: error }, message);
        },
      });
    }
    const parts = { threads, jobs, inputs, exports, started: performance.now() };
    const server = await createServer({ ...parts, token, isLoopback: isLoopback(host), logLevel });
    log = server.app.log;
    const url = await server.app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
      const why: Readonly<Record<string, string>> = {
        EADDRINUSE: "something else listens there; name another port with --port",
        EACCES: "that is not permitted; name a port of 1024 or more with --port",
        EADDRNOTAVAIL: "this machine has no such address; name another one with --host",
        ENOTFOUND: "there is no machine of that name; name an address with --host",
      };
      throw new UserError(`cannot listen at ${host}, port ${port}: ${why[error.code ?? ""] ?? error.message}`);
    });
    const [running, runner] = [threads, jobs];
    return {
      ...{ url, tokenFile },
      async close() {
        try {
          // Jobs first: who watches them hears how they end.
          await runner?.close();
        } finally {
          try {
            await server.close();
          } finally {
            await running.close();
            lock?.release();
          }
        }
      },
    };
  } catch (error) {
    await threads?.close();
    lock?.release();
    throw error;
  }
}

function asUserError(error: unknown): never {
  throw error instanceof RequestError ? new UserError(error.message) : error;
}

/** Milliseconds between notes on long work. */
const EVERY = 10_000;

/** Makes the indexes of lists that an older worldmeta has built. */
async function indexAll(threads: Threads, { onNote }: ServeOptions): Promise<void> {
  const builds = readReply<readonly number[]>(await threads.read("unindexedBuilds", {}));
  let said = Date.now();
  if (builds.length > 0)
    onNote?.(`making the indexes of ${formatCounted(builds.length, "list")} of an older worldmeta`);
  for (const [place, build] of builds.entries()) {
    await threads.write("indexBuild", { build });
    if (Date.now() - said < EVERY) continue;
    said = Date.now();
    onNote?.(`made those of ${formatNumber(place + 1)} of ${formatCounted(builds.length, "list")}`);
  }
}
