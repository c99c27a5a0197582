/** Files that appear whole or not at all. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "./errors.ts";

/** How much text is gathered before it goes to the file. */
const CHUNK = 1 << 16;

/**
 * Write a file under a temporary name beside its place, sync it and rename it, so that nobody sees half of it; on an
 * error nothing is left.
 *
 * @returns the number of bytes written
 */
export async function writeAtomically(path: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const stream = createWriteStream(temporary);
    const bytes = await writeAll(stream, chunks);
    const handle = await open(temporary, "r");
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
    return bytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(stream: WriteStream, chunks: Iterable<string> | AsyncIterable<string>): Promise<number> {
  let failure: unknown;
  stream.on("error", (error) => {
    failure = error;
  });
  let pending = "";
  const flush = async () => {
    if (failure !== undefined) throw failure;
    const text = pending;
    pending = "";
    if (text !== "" && !stream.write(text)) {
      await new Promise<void>((resolve) => {
        stream.once("drain", resolve);
        stream.once("error", () => resolve());
      });
    }
  };
  try {
    for await (const chunk of chunks) {
      pending += chunk;
      if (pending.length >= CHUNK) await flush();
    }
    await flush();
  } finally {
    await new Promise<void>((resolve) => {
      stream.end(() => resolve());
      stream.once("error", () => resolve());
    });
  }
  if (failure !== undefined) throw failure;
  return stream.bytesWritten;
}

/** Size in bytes and SHA-256 of a file. A missing file or a folder is the user's mistake. */
export async function hashFile(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UserError(`no such file: ${path}`);
  if (found.isDirectory()) throw new UserError(`${path} is a folder; name the files in it`);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return { bytes: found.size, sha256: hash.digest("hex") };
}
