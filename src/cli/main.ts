#!/usr/bin/env node
/** The command line: `worldmeta COMMAND …`. */
import { CommanderError } from "commander";
import { UnknownEditionError } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import { cleanUpWhenStopped } from "./clean-up.ts";
import { createProgram } from "./program.ts";

/** System errors that are the user's to mend, in words. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "is in use by another program",
  EEXIST: "is a file where a folder is needed",
  EISDIR: "is a folder, not a file",
  ELOOP: "a link that leads to itself",
  EMFILE: "too many open files; raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "is a file, not a folder",
  EPERM: "not permitted there",
  EROFS: "the file system is read-only",
};

/** What to say and the exit status for an error. */
function explainError(error: unknown): { readonly message: string; readonly status: number } {
  if (error instanceof UserError) return { message: error.message, status: error.exitCode };
  if (error instanceof UnknownEditionError) return { message: error.message, status: 2 };
  const { code = "", path = "" } = error as NodeJS.ErrnoException;
  const system = SYSTEM_ERRORS[code];
  if (system !== undefined) return { message: path === "" ? system : `${path}: ${system}`, status: 1 };
  if (code.startsWith("SQLITE_")) return { message: `the database: ${(error as Error).message} (${code})`, status: 1 };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `a fault of worldmeta itself, please report it:\n${stack}`, status: 1 };
}

/** Run a command line; the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    // Commander has said already what is wrong; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { message, status } = explainError(error);
    process.stderr.write(`worldmeta: ${message}\n`);
    return status;
  }
}

cleanUpWhenStopped();
// A reader that has seen enough (head) closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
