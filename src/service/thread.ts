/** What runs in a thread of the service: one operation after the other, on a connection of the thread's own. */
import { Piscina } from "piscina";
import { explainError } from "../explain-error.ts";
import { createIdentifier, type Identifier } from "../lid/identify.ts";
import { closeDatabase, type Database, openDatabase } from "../store/database.ts";
import { createEntryFinder } from "../store/entry-finder.ts";
import { ListNotMadeError } from "../store/group-lists.ts";
import { type Answers, createAnswers } from "./answers.ts";
import type { Context } from "./context.ts";
import { createMemory } from "./memory.ts";
import { RequestError } from "./operation.ts";
import { OPERATIONS } from "./resources/index.ts";

/** What a thread is told when it begins. */
export interface ThreadData {
  readonly db: string;
  readonly readonly: boolean;
  /** Most bytes of what is kept for searches. */
  readonly cacheBytes: number;
}

/** One operation with its input, or the end of the thread's work. */
export interface ThreadTask {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** When nobody waits for it any more, in milliseconds since 1970. */
  readonly deadline: number;
}

/** An answer: JSON in UTF-8, whose memory goes from one thread to another. */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What came of it. */
export type ThreadAnswer =
  | Reply
  /** The list of a group must be made before, which takes a connection that may write. */
  | { readonly missingList: { readonly group: string; readonly profile: string } }
  | { readonly status: number; readonly detail: string; readonly isFault: boolean };

const { db: path, readonly: isReadonly, cacheBytes } = Piscina.workerData as ThreadData;

/** How many large answers a thread keeps: the counts of a list of a million entries are 8 MB. */
const LARGE_KEPT = 2;

/** Most bytes of answers that a thread keeps. */
const ANSWER_BYTES = 16e6;

let context: (Context & { readonly answers: Answers }) | undefined;

function openContext(): NonNullable<typeof context> {
  const db = openDatabase(path, { readonly: isReadonly });
  let identifier: Promise<Identifier> | undefined;
  return {
    db,
    finder: createEntryFinder(db, { cacheBytes }),
    answers: createAnswers(db, ANSWER_BYTES),
    memory: createMemory(db),
    largeMemory: createMemory(db, LARGE_KEPT),
    identifier() {
      identifier ??= createIdentifier();
      return identifier;
    },
  };
}

/** A read sees the database as it is at one time. */
async function inSnapshot<T>(db: Database, work: () => T | Promise<T>): Promise<T> {
  db.exec("BEGIN");
  try {
    return await work();
  } finally {
    db.exec("COMMIT");
  }
}

/** A reply whose bytes are handed over, not copied. */
function handOver(status: number, body: Uint8Array): Reply {
  const reply = { status, body };
  return Object.defineProperties(reply, {
    [Piscina.transferableSymbol]: { value: [body.buffer] },
    [Piscina.valueSymbol]: { value: { status, body } },
  });
}

function explain(error: unknown): ThreadAnswer {
  if (error instanceof ListNotMadeError) return { missingList: { group: error.group, profile: error.profile } };
  if (error instanceof RequestError) return { status: error.status, detail: error.message, isFault: false };
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code.startsWith("SQLITE_BUSY")) {
    return { status: 503, detail: "another program writes the database; ask again later", isFault: false };
  }
  const { message, isFault = code !== "" } = explainError(error);
  if (error instanceof Error && error.name === "UnknownEditionError") return { status: 404, detail: message, isFault };
  const isUse = error instanceof Error && error.name === "UsageError";
  return { status: isFault ? 500 : isUse ? 400 : 422, detail: message, isFault };
}

/** Does one operation. */
export default async function run({ id, input, deadline }: ThreadTask): Promise<ThreadAnswer> {
  try {
    if (id === "close") {
      if (context !== undefined) closeDatabase(context.db);
      return handOver(200, new Uint8Array());
    }
    if (Date.now() > deadline) return { status: 503, detail: "nobody waits for this any more", isFault: false };
    context ??= openContext();
    if (id === "open") return handOver(200, new Uint8Array());
    const operation = OPERATIONS.get(id);
    if (operation === undefined) throw new Error(`there is no operation ${id}`);
    const { status = 200 } = operation;
    const opened = context;
    const work = async () => new TextEncoder().encode(JSON.stringify(await operation.run(opened, input)));
    if (!isReadonly) return handOver(status, await work());
    const question = JSON.stringify([id, input]);
    const known = opened.answers.recall(question);
    if (known !== undefined) return handOver(status, known.slice());
    const body = await inSnapshot(opened.db, work);
    opened.answers.keep(question, body.slice());
    return handOver(status, body);
  } catch (error) {
    return explain(error);
  }
}
