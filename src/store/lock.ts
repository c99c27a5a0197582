/** One build of an edition, one count into a pool, and one run into a folder at a time, also across processes. */
import { dirname, join } from "node:path";
import type { EditionCode } from "../../languages/define.ts";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { fingerprint } from "../fingerprint.ts";
import { type Database, loadSqlite } from "./sqlite.ts";

/** Locks that are held, so that none is lost with the object that nobody looks at any more. */
const heldLocks = new Set<Database>();

/** Holds what was locked until it is released or the process ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes the right to build an edition into the database at `dbPath`.
 *
 * @throws UserError if another build of the edition runs
 */
export function lockEdition(dbPath: string, edition: EditionCode): Lock {
  const advice = "wait until it has ended, or build into another database with --db";
  return lock(dbPath, {
    name: edition,
    what: edition,
    busy: `another build of ${edition} into ${dbPath} is running; ${advice}`,
  });
}

/** Short name of a pool, for names of files. */
export function keyOfPool(pool: string): string {
  return fingerprint(pool).slice(0, 16);
}

/**
 * Takes the right to count files into a pool, told by its `keyOfPool`, of the database at `dbPath`.
 *
 * @throws UserError if something else is counted into it
 */
export function lockPool(dbPath: string, key: string): Lock {
  return lock(dbPath, {
    name: `pool-${key}`,
    what: "the pool",
    busy: `another count into this pool of ${dbPath} is running; wait until it has ended`,
  });
}

/**
 * Takes the right to change the database at `dbPath` over HTTP, and to run the jobs that are written down in it.
 *
 * @throws UserError if another service has it
 */
export function lockService(dbPath: string): Lock {
  return lock(dbPath, {
    name: "service",
    what: "the database for a service",
    busy: `another service of ${dbPath} is running; stop it, or start this one with --read-only`,
  });
}

/**
 * The lock is SQLite's own on an empty file `DB.work/NAME.lock`: the operating system frees it when its process ends,
 * however it ends. The file stays, since to remove it would let two processes lock two files of one name.
 */
function lock(dbPath: string, { name, what, busy }: Readonly<Record<"name" | "what" | "busy", string>>): Lock {
  return lockFile(join(`${dbPath}.work`, `${name}.lock`), { what, busy });
}

/**
 * Takes the right to curate into the folder of which `folder` is the place of work.
 *
 * @throws UserError if somebody else curates into it
 */
export function lockOutput(folder: string, name: string): Lock {
  return lockFile(join(folder, "lock"), {
    what: name,
    busy: `${name} is being written by another run; wait until it has ended, or name another folder`,
  });
}

function lockFile(path: string, { what, busy }: Readonly<Record<"what" | "busy", string>>): Lock {
  const folder = dirname(path);
  let db: Database | undefined;
  try {
    makeFolder(folder);
    db = new (loadSqlite())(path, { timeout: 0 });
    db.pragma("locking_mode = EXCLUSIVE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code.startsWith("SQLITE_BUSY")) throw new UserError(busy);
    if (code === "") throw error;
    throw new UserError(`cannot lock ${what} with the file ${path} (${code}); check the permissions of ${folder}`);
  }
  const held = db;
  heldLocks.add(held);
  return {
    release() {
      heldLocks.delete(held);
      if (!held.open) return;
      held.exec("ROLLBACK");
      held.close();
    },
  };
}
