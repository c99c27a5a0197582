/** What a task has beside its input: its owner, whom it can tell and ask, and what the thread keeps for the next task. */
import { createListUser, type ListUser, type Loan } from "../matching/list-keeper.ts";
import type { PoolRow } from "../sources/pool.ts";

export interface TaskContext {
  /** Tells the number of compressed bytes each time some were read. */
  onBytes(bytes: number): void;
  /** Asks the owner, who may know what no task does: what the database holds, who else works. */
  ask(question: unknown): Promise<unknown>;
  readonly kept: Map<string, unknown>;
}

/** UTF-16 units of rows that wait for others of their list at most, as `unitsOf` counts them. */
export const WAITING_UNITS = 1 << 22;
/** What a row and each of its texts hold besides, in such units. */
export const OWN_UNITS = 32;
/** What a thread keeps its user of lists under. */
const USER = "user of lists";

/** How much a row holds while it waits: an address may be an image (`data:`), and short texts cost more than their letters. */
export function unitsOf({ id = "", url = "", texts }: PoolRow): number {
  return texts.reduce((sum, text) => sum + OWN_UNITS + text.length, OWN_UNITS + id.length + url.length);
}

/** The thread's user of lists, which stays from one task to the next; `memory` is the bytes of lists that it holds at once. */
export function listUserOf<About>({ ask, kept }: TaskContext, memory: number): ListUser<About> {
  const there = kept.get(USER) as ListUser<About> | undefined;
  if (there !== undefined) return there;
  const user = createListUser<About>((wish) => ask(wish) as Promise<Loan<About> | undefined>, { memory });
  kept.set(USER, user);
  return user;
}
