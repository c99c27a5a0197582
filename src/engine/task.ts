/** What a task has beside its input: its owner, whom it can tell and ask, and what the thread keeps for the next task. */
import { createListUser, type ListUser, type Loan } from "../matching/list-keeper.ts";

export interface TaskContext {
  /** Tells the number of compressed bytes each time some were read. */
  onBytes(bytes: number): void;
  /** Asks the owner, who may know what no task does: what the database holds, who else works. */
  ask(question: unknown): Promise<unknown>;
  readonly kept: Map<string, unknown>;
}

/** UTF-16 units of texts that wait for others of their list at most. */
export const WAITING_UNITS = 1 << 21;
/** What a thread keeps its user of lists under. */
const USER = "user of lists";

/** The thread's user of lists, which stays from one task to the next; `memory` is the bytes of lists that it holds at once. */
export function listUserOf<About>({ ask, kept }: TaskContext, memory: number): ListUser<About> {
  const there = kept.get(USER) as ListUser<About> | undefined;
  if (there !== undefined) return there;
  const user = createListUser<About>((wish) => ask(wish) as Promise<Loan<About> | undefined>, { memory });
  kept.set(USER, user);
  return user;
}
