/** `-` as a file: standard input, kept in a temporary file for as long as it is read, since work may read it twice. */
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../errors.ts";
import { withTemporaryFolder } from "./temporary-folder.ts";

/** Call `work` with the paths given, `-` replaced by a file that holds standard input. */
export async function withFiles<T>(paths: readonly string[], work: (paths: string[]) => Promise<T>): Promise<T> {
  const dashes = paths.filter((path) => path === "-").length;
  if (dashes === 0) return work([...paths]);
  if (dashes > 1) throw new UsageError("standard input (-) can be read only once");
  if (process.stdin.isTTY) throw new UsageError("- is standard input: pipe something into it, or name a file");
  return withTemporaryFolder(tmpdir(), async (folder) => {
    const file = join(folder, "standard-input");
    await pipeline(process.stdin, createWriteStream(file));
    return work(paths.map((path) => (path === "-" ? file : path)));
  });
}
