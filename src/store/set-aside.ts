/** Reading the candidates that were kept out of a build. */

import { foldForSearch } from "../entries/search-text.ts";
import type { SetAside, SetAsideReason, Source } from "../entries/types.ts";
import type { Database } from "./database.ts";
import { sourceAt, sourceIndex } from "./entry-row.ts";

/** What to list of a build's candidates set aside; conditions add up. */
export interface SetAsideSearch {
  readonly reason: SetAsideReason;
  /** The source that would have brought them. */
  readonly source?: Source;
  /** Text that they hold, as in `EntrySearch`. */
  readonly search?: string;
  /** Only what follows this one in the order: the last one of the page before. */
  readonly after?: Pick<SetAside, "text" | "source">;
  /** How many at most; all if not given. */
  readonly limit?: number;
}

/** Candidates that were kept out of a build for a reason, by text in the order of its bytes in UTF-8, then source. */
export function listSetAside(db: Database, build: number, options: SetAsideSearch): SetAside[] {
  const { reason, source, search, after, limit } = options;
  const conditions = ["build = @build", "reason = @reason"];
  if (after !== undefined) conditions.push("(text, source) > (@text, @from)");
  if (source !== undefined) conditions.push("source = @source");
  if (search !== undefined && search !== "") {
    const wanted = foldForSearch(search);
    db.function("holds_wanted", { deterministic: false }, (text) =>
      foldForSearch(String(text)).includes(wanted) ? 1 : 0,
    );
    conditions.push("holds_wanted(text)");
  }
  return db
    .prepare<[object], { text: string; source: number; reason: SetAsideReason }>(
      `SELECT text, source, reason FROM set_aside WHERE ${conditions.join(" AND ")} ORDER BY text, source LIMIT @limit`,
    )
    .all({
      ...{ build, reason, limit: limit ?? -1 },
      ...(after !== undefined && { text: after.text, from: sourceIndex(after.source) }),
      ...(source !== undefined && { source: sourceIndex(source) }),
    })
    .map((row) => ({ ...row, source: sourceAt(row.source) }));
}
