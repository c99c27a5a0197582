/** What a thread holds between requests. */
import type { Identifier } from "../lid/identify.ts";
import type { Database } from "../store/database.ts";
import type { EntryFinder } from "../store/entry-finder.ts";
import type { Memory } from "./memory.ts";

/** The database, and what is worth keeping from one request to the next. */
export interface Context {
  readonly db: Database;
  readonly finder: EntryFinder;
  /** Answers that stay true until the database changes. */
  readonly memory: Memory;
  /** The same for a few answers that are large. */
  readonly largeMemory: Memory;
  /** Tells the language of captions; loaded when it is first asked for. */
  identifier(): Promise<Identifier>;
}
