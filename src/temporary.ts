/**
 * Files and folders that go when the work is done, also when it is stopped, and those that a process left which was
 * killed.
 *
 * A temporary name tells its owner: machine, process and when that process began, since its number may be given again.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Paths that are to go when the process ends. */
const tracked = new Set<string>();

function remove(path: string): void {
  // A thread may put a file into a folder while it is being emptied; then it is tried again.
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/** When a process began, in ticks of the system; "0" where the system does not tell (it is Linux that does, in /proc). */
function startOf(pid: number): string {
  try {
    // The name of the program, in brackets, may hold anything; the start is the 20th field behind it.
    return (
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? "0"
    );
  } catch {
    return "0";
  }
}

const HOST = hostname().replace(/[^A-Za-z0-9]+/g, "_");

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else may not be asked, but is there.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now === start || now === "0" || start === "0";
}

const OWNER = /-([A-Za-z0-9_]+)-(\d+)-(\d+)-[0-9a-f]{12}\.tmp$/;

/** A name that nobody else has, which begins with `prefix` and tells its owner. */
function temporaryName(prefix: string): string {
  return `${prefix}-${HOST}-${process.pid}-${startOf(process.pid)}-${randomBytes(6).toString("hex")}.tmp`;
}

/** True for the name of what is to become a file, which a process may have left that was killed while it wrote. */
export function isTemporaryOf(file: string, name: string): boolean {
  return name.startsWith(`.${file}-`) && OWNER.test(name);
}

/** Remove what begins with `prefix` in a folder and was left by a process of this machine that is no more. */
function removeLeftovers(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${prefix}-`)) continue;
    const [, host, pid, start = ""] = OWNER.exec(name.slice(prefix.length)) ?? [];
    if (host !== HOST || isAlive(Number(pid), start)) continue;
    try {
      remove(join(folder, name));
    } catch {
      // It is somebody else's; their next run removes it.
    }
  }
}

/** Have a path removed when the process ends; call what is returned when it is no longer to be. */
export function removeAtExit(path: string): () => void {
  tracked.add(path);
  return () => void tracked.delete(path);
}

/** Remove what is tracked: to be called when the process ends. */
export function removeTracked(): void {
  for (const path of tracked) {
    try {
      remove(path);
    } catch {
      // The next run removes it.
    }
  }
  tracked.clear();
}

/** A folder that is there until it is removed or the process ends. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** Make a new folder under `parent`; what dead processes left there goes. */
export function makeTemporaryFolder(parent: string): TemporaryFolder {
  const prefix = ".worldmeta";
  removeLeftovers(parent, prefix);
  const path = join(parent, temporaryName(prefix));
  const release = removeAtExit(path);
  mkdirSync(path);
  return {
    path,
    remove() {
      remove(path);
      release();
    },
  };
}

/** Call `work` with a new folder under `parent`, which is removed afterwards. */
export async function withTemporaryFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeTemporaryFolder(parent);
  try {
    return await work(folder.path);
  } finally {
    folder.remove();
  }
}

/**
 * Call `write` with the path of a file beside `path` that does not exist yet; it is removed afterwards if it is still
 * there.
 */
export async function withTemporaryFile<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}`;
  removeLeftovers(folder, prefix);
  const temporary = join(folder, temporaryName(prefix));
  const release = removeAtExit(temporary);
  try {
    return await write(temporary);
  } finally {
    remove(temporary);
    release();
  }
}
