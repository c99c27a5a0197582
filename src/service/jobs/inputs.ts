/** The files that jobs may read: those below a folder. */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, resolve, sep } from "node:path";

/** The path on disk of a file below a folder; undefined if there is no such file, or if it lies elsewhere. */
export async function findBelow(folder: string, file: string): Promise<string | undefined> {
  if (file.includes("\0") || isAbsolute(file)) return undefined;
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(resolve(folder, file))]);
    return path.startsWith(root + sep) && (await stat(path)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
