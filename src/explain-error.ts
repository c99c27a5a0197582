/** Errors in words. */
import { UnknownEditionError } from "../languages/index.ts";
import { UserError } from "./errors.ts";

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

/** What to say of an error, and the exit status of a command that it ends; a fault of the program itself has its stack. */
export function explainError(error: unknown): {
  readonly message: string;
  readonly status: 1 | 2;
  readonly isFault?: true;
} {
  if (error instanceof UserError) return { message: error.message, status: error.exitCode };
  if (error instanceof UnknownEditionError) return { message: error.message, status: 2 };
  const { code = "", path = "" } = error as NodeJS.ErrnoException;
  const system = SYSTEM_ERRORS[code];
  if (system !== undefined) return { message: path === "" ? system : `${path}: ${system}`, status: 1 };
  if (code.startsWith("SQLITE_")) return { message: `the database: ${(error as Error).message} (${code})`, status: 1 };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `a fault of worldmeta itself, please report it:\n${stack}`, status: 1, isFault: true };
}
