/** Writing many rows. */
import type { Database } from "./sqlite.ts";

/** Rows of one INSERT: more gain nothing, and SQLite takes 32,766 parameters at most. */
const ROWS_PER_INSERT = 64;

/** Inserts the rows, which have as many values as `columns` says, several with one statement. */
export function insertRows(
  db: Database,
  { into, columns, rows }: { readonly into: string; readonly columns: number; readonly rows: Iterable<unknown[]> },
): void {
  const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
  const many = db.prepare(`${into} VALUES ${Array.from({ length: ROWS_PER_INSERT }, () => row).join(", ")}`);
  const one = db.prepare(`${into} VALUES ${row}`);
  let pending: unknown[][] = [];
  for (const parameters of rows) {
    pending.push(parameters);
    if (pending.length === ROWS_PER_INSERT) {
      many.run(pending.flat());
      pending = [];
    }
  }
  for (const parameters of pending) one.run(parameters);
}
