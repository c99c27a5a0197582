/** One build of an edition at a time, also across processes. */
import { join } from "node:path";
import type { EditionCode } from "../../languages/define.ts";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { type Database, loadSqlite } from "./sqlite.ts";

/** Locks that are held, so that none is lost with the object that nobody looks at any more. */
const heldLocks = new Set<Database>();

/** Holds an edition until it is released or the process ends. */
export interface EditionLock {
  release(): void;
}

/**
 * Takes the right to build an edition into the database at `dbPath`.
 *
 * The lock is SQLite's own on an empty file `DB.work/CODE.lock`: the operating system frees it when its process ends,
 * however it ends. The file stays, since to remove it would let two processes lock two files of one name.
 *
 * @throws UserError if another build of the edition runs
 */
export function lockEdition(dbPath: string, edition: EditionCode): EditionLock {
  const folder = `${dbPath}.work`;
  const path = join(folder, `${edition}.lock`);
  let db: Database | undefined;
  try {
    makeFolder(folder);
    db = new (loadSqlite())(path, { timeout: 0 });
    db.pragma("locking_mode = EXCLUSIVE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code.startsWith("SQLITE_BUSY")) {
      const advice = "wait until it has ended, or build into another database with --db";
      throw new UserError(`another build of ${edition} into ${dbPath} is running; ${advice}`);
    }
    if (code === "") throw error;
    throw new UserError(`cannot lock ${edition} with the file ${path} (${code}); check the permissions of ${folder}`);
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
