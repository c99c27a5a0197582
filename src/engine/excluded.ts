/** Rows that are left out by their ids or URLs, as `curate --exclude` names them. */
import { nameRow } from "../balancing/balance.ts";
import { readLines } from "../sources/input.ts";
import type { PoolRow } from "../sources/pool.ts";
import type { TaskContext } from "./task.ts";

/** Ids and URLs. */
export type Excluded = ReadonlySet<string>;

/** Whether a row is named by its id, or by what stands for it, or by its URL. */
export function isExcluded(row: Pick<PoolRow, "id" | "url" | "texts">, excluded: Excluded): boolean {
  return excluded.has((row.id ?? nameRow(row)).trim()) || (row.url !== undefined && excluded.has(row.url.trim()));
}

/** What a file leaves out, which a thread reads once; undefined if there is none. */
export async function excludedOf(
  exclude: string | undefined,
  { kept }: Pick<TaskContext, "kept">,
): Promise<Excluded | undefined> {
  if (exclude === undefined) return undefined;
  const key = `excluded by ${exclude}`;
  const there = kept.get(key) as Excluded | undefined;
  if (there !== undefined) return there;
  const excluded = await readExcluded(exclude);
  kept.set(key, excluded);
  return excluded;
}

/** Reads a file of ids and URLs, one a line of at most 16 MiB, compressed or not. All are held in memory. */
export async function readExcluded(path: string): Promise<Set<string>> {
  const excluded = new Set<string>();
  const decoder = new TextDecoder();
  for await (const line of readLines(path)) excluded.add(decoder.decode(line).trim());
  excluded.delete("");
  return excluded;
}
