/**
 * Counts of entries that were made elsewhere: JSON, `.npy` or `.npz`, told by content; JSON and `.npy` may be compressed.
 */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { UserError } from "../errors.ts";
import { requireFiles } from "../files.ts";
import { openInput } from "./input.ts";
import { isNpy, parseNpy } from "./npy.ts";

/** The counts of one group's list. */
export interface GroupCounts {
  /** Undefined if the file does not name it. */
  readonly group: string | undefined;
  /** Whole numbers of at least 0, by entry id; beside `entries` in their order. */
  readonly counts: Float64Array;
  /** The entries, if the file names them; their order is not that of the ids. */
  readonly entries?: readonly string[];
}

/**
 * Reads counts from a file of one of these forms:
 *
 * - JSON `[count, …]`, by entry id, or `.npy` of one dimension: one group without a name
 * - JSON `{entry: count, …}`: one group without a name
 * - JSON `{group: [count, …], …}` or `{group: {entry: count, …}, …}`
 * - `.npz`, whose member `NAME.npy` is group NAME
 *
 * The whole file is held in memory. Throws `UserError` with one line that names the file and the group or place: no such
 * file, none of these forms, a count that is no whole number of at least 0 and at most 2^53 - 1, a damaged file.
 */
export async function readCountsFile(path: string): Promise<GroupCounts[]> {
  await requireFiles([path]);
  if (await isZip(path)) return readNpz(await readFile(path), path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of openInput(path)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (isNpy(bytes)) return [{ group: undefined, counts: requireCounts(parseNpy(bytes, path), path) }];
  return readJson(bytes, path);
}

/** Magic numbers of a zip file, and of an empty one. */
const ZIP: readonly string[] = ["504b0304", "504b0506"];

async function isZip(path: string): Promise<boolean> {
  const first: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: 3 })) first.push(chunk as Buffer);
  return ZIP.includes(Buffer.concat(first).toString("hex"));
}

function readNpz(bytes: Uint8Array, path: string): GroupCounts[] {
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path}: damaged .npz (${message}); write or copy it again`);
  }
  const names = Object.keys(members);
  if (names.length === 0)
    throw new UserError(`${path}: an .npz without arrays; write it with numpy.savez(path, en=counts)`);
  return names.map((name) => {
    const group = /^(.+)\.npy$/s.exec(name)?.[1];
    const place = `${path}: ${name}`;
    if (group === undefined) throw new UserError(`${place} is no .npy array; write the file with numpy.savez`);
    return { group, counts: requireCounts(parseNpy(members[name]!, place), place) };
  });
}

const FORMS = "counts are [count, …], {entry: count}, {group: [count, …]} or {group: {entry: count}}";

function readJson(bytes: Uint8Array, path: string): GroupCounts[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new UserError(`${path}: neither JSON in UTF-8 nor .npy or .npz; ${FORMS}`);
    throw new UserError(`${path}: too large for JSON (${bytes.length} bytes); save the counts as .npy or .npz`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    throw new UserError(`${path}: neither JSON nor .npy or .npz (${message}); ${FORMS}`);
  }
  if (Array.isArray(value)) return [{ group: undefined, counts: requireCounts(value, path) }];
  if (!isObject(value)) throw new UserError(`${path}: JSON, but no array or object; ${FORMS}`);
  const items = Object.entries(value);
  if (items.length === 0) throw new UserError(`${path}: an empty object; ${FORMS}`);
  const named = items.filter(([, item]) => Array.isArray(item) || isObject(item)).length;
  if (named === 0) return [{ group: undefined, ...countsOfEntries(value, path) }];
  if (named < items.length) throw new UserError(`${path}: an object of counts and of groups at once; ${FORMS}`);
  return items.map(([group, item]) => {
    const place = `${path}: group ${group}`;
    if (Array.isArray(item)) return { group, counts: requireCounts(item, place) };
    return { group, ...countsOfEntries(item as Record<string, unknown>, place) };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function countsOfEntries(value: Record<string, unknown>, place: string): Pick<GroupCounts, "counts" | "entries"> {
  const entries = Object.keys(value);
  return { entries, counts: requireCounts(Object.values(value), place, entries) };
}

function requireCounts(values: ArrayLike<unknown>, place: string, entries?: readonly string[]): Float64Array {
  const counts = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
      counts[at] = value;
      continue;
    }
    const entry = entries?.[at];
    const what = entry === undefined ? `the count at ${at}` : `the count of ${JSON.stringify(entry)}`;
    const shown = typeof value === "number" ? String(value) : Array.isArray(value) ? "an array" : JSON.stringify(value);
    throw new UserError(`${place}: ${what} is ${shown}; counts are whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  return counts;
}
