/** `-` as a file: standard input, kept in a temporary file for as long as it is read, since work may read it twice. */
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UsageError, UserError } from "../errors.ts";
import { STANDARD_INPUT } from "../files.ts";
import { withTemporaryFolder } from "../temporary.ts";

/** Call `work` with the paths given, `-` replaced by a file that holds standard input; messages name it so. */
export async function withFiles<T>(
  paths: readonly string[],
  work: (paths: string[], names: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  const dashes = paths.filter((path) => path === "-").length;
  if (dashes === 0) return work([...paths], new Map());
  if (dashes > 1) throw new UsageError("standard input (-) can be read only once");
  if (process.stdin.isTTY) throw new UsageError("- is standard input: pipe something into it, or name a file");
  return withTemporaryFolder(tmpdir(), async (folder) => {
    const file = join(folder, "standard-input");
    await pipeline(process.stdin, createWriteStream(file));
    try {
      return await work(
        paths.map((path) => (path === "-" ? file : path)),
        new Map([[file, STANDARD_INPUT]]),
      );
    } catch (error) {
      if (error instanceof UserError)
        throw new UserError(error.message.replaceAll(file, STANDARD_INPUT), error.exitCode);
      throw error;
    }
  });
}
