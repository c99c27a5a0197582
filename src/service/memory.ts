/** Answers worth keeping: those about builds, which never change, and those that hold until the database changes. */
import type { Database } from "../store/database.ts";

/** Keeps the answers that were asked for last. */
export interface Memory {
  /** What `make` gives, which must follow from builds that are there and from `key` alone. */
  ofBuilds<T>(key: string, make: () => T): T;
  /** What `make` gives of the database as it is now. */
  ofNow<T>(key: string, make: () => T): T;
}

/** Creates a memory of at most `size` answers of each kind. */
export function createMemory(db: Database, size = 256): Memory {
  const builds = new Map<string, unknown>();
  const now = new Map<string, unknown>();
  // It changes when another connection has changed the database; a thread that reads changes nothing itself.
  const version = db.prepare<[], number>("PRAGMA data_version").pluck();
  let seen: number | undefined;
  const recall = <T>(kept: Map<string, unknown>, key: string, make: () => T): T => {
    const value = kept.has(key) ? (kept.get(key) as T) : make();
    // The latest is last.
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > size) kept.delete(kept.keys().next().value!);
    return value;
  };
  return {
    ofBuilds: (key, make) => recall(builds, key, make),
    ofNow(key, make) {
      const current = version.get();
      if (current !== seen) now.clear();
      seen = current;
      return recall(now, key, make);
    },
  };
}
