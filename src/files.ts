/** Files that appear whole or not at all. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "./errors.ts";
import { withTemporaryFile } from "./temporary.ts";

/**
 * Make a folder and those above it. (`mkdir` with `recursive` never returns on Node 20 where a file system, such as
 * /proc, says of a new folder that there is no such file.)
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Somebody else was faster.
      if (!existsSync(folder)) throw error;
    }
  }
}

/** How much text is gathered before it goes to the file. */
const PIECE = 1 << 16;

/** A file to write: its place and its content, text in UTF-8 or bytes. */
export interface NewFile {
  readonly path: string;
  readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
}

/**
 * Write a file under a temporary name beside its place, sync it and rename it, so that nobody sees half of it; on an
 * error nothing is left.
 *
 * @returns the number of bytes written
 */
export async function writeAtomically(path: string, chunks: NewFile["chunks"]): Promise<number> {
  const [bytes = 0] = await writeAllAtomically([{ path, chunks }]);
  return bytes;
}

/**
 * Write files that belong together as `writeAtomically` does, in their order: each one's chunks are taken when those before
 * it are written. They are renamed only when all of them are written, the last one first: so a list of the files stands
 * before the files that it names, and what a process left that was killed just then can be told from what is not ours.
 *
 * @returns the number of bytes of each
 */
export async function writeAllAtomically(files: readonly NewFile[]): Promise<number[]> {
  return writeRest(files, []);
}

/** Write `files`, then rename them and those that are `written` already; the bytes of `files`. */
async function writeRest(
  files: readonly NewFile[],
  written: readonly (readonly [temporary: string, path: string])[],
): Promise<number[]> {
  const [first, ...rest] = files;
  if (first === undefined) {
    for (const [temporary, path] of written.toReversed()) {
      await rename(temporary, path).catch((error: NodeJS.ErrnoException) => {
        throw Object.assign(error, { path });
      });
    }
    return [];
  }
  const { path, chunks } = first;
  makeFolder(dirname(path));
  return withTemporaryFile(path, async (temporary) => {
    const stream = createWriteStream(temporary);
    await pipeline(inPieces(chunks), stream);
    const handle = await open(temporary, "r");
    await handle.sync();
    await handle.close();
    return [stream.bytesWritten, ...(await writeRest(rest, [...written, [temporary, path]]))];
  });
}

/** Text gathered into pieces worth a write; bytes as they come. */
async function* inPieces(chunks: NewFile["chunks"]): AsyncGenerator<string | Uint8Array> {
  let piece = "";
  for await (const chunk of chunks) {
    if (typeof chunk === "string") piece += chunk;
    if (piece !== "" && (piece.length >= PIECE || typeof chunk !== "string")) {
      yield piece;
      piece = "";
    }
    if (typeof chunk !== "string") yield chunk;
  }
  if (piece !== "") yield piece;
}

/** What messages and records call standard input. */
export const STANDARD_INPUT = "standard input";

/** Sizes in bytes of files. A missing file or a folder is the user's mistake. */
export async function requireFiles(paths: readonly string[]): Promise<number[]> {
  const sizes: number[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new UserError(`no such file: ${path}`);
    if (found.isDirectory()) throw new UserError(`${path} is a folder; name the files in it`);
    // A pipe can be read once; the work reads its input several times.
    if (!found.isFile())
      throw new UserError(`${path} is no file on a disk; give it as standard input (-), or save it first`);
    sizes.push(found.size);
  }
  return sizes;
}

/** Size in bytes and SHA-256 of a file; `onBytes` is told the bytes each time some were read. */
export async function hashFile(
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const [bytes = 0] = await requireFiles([path]);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    onBytes?.(chunk.length);
  }
  return { bytes, sha256: hash.digest("hex") };
}
