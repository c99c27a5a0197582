/** What waits in a build for a person's second look. */
import { FLAGS, type Flag, SET_ASIDE_REASONS, type SetAsideReason } from "../entries/types.ts";
import type { Database } from "../store/database.ts";
import { countByFlag, countSetAside } from "../store/entries.ts";

/** Entries with one flag, or candidates that were set aside for one reason. */
export type Queue = {
  readonly meaning: string;
  readonly size: number;
} & ({ readonly name: Flag; readonly kind: "flag" } | { readonly name: SetAsideReason; readonly kind: "set-aside" });

/** All queues of a build: flags, then reasons, in the order of their tables, empty ones with a size of 0. */
export function queuesOf(db: Database, build: number, flags = countByFlag(db, build)): Queue[] {
  const reasons = countSetAside(db, build);
  return [
    ...namesOf(FLAGS).map((name) => ({ name, kind: "flag" as const, meaning: FLAGS[name], size: flags[name] })),
    ...namesOf(SET_ASIDE_REASONS).map((name) => ({
      ...{ name, kind: "set-aside" as const, meaning: SET_ASIDE_REASONS[name] },
      size: reasons[name] ?? 0,
    })),
  ];
}

function namesOf<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
