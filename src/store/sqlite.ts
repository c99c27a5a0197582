/**
 * SQLite itself, by better-sqlite3: version 13 on Node 22 and newer, version 12 on Node 20, on which 13 does not run.
 * Version 12 built for Node 24.19 or newer ends the process with a failed assertion (nodejs/node#65446).
 */
import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { UserError } from "../errors.ts";

export type Database = BetterSqlite3.Database;

const PACKAGE = Number(process.versions.node.split(".")[0]) >= 22 ? "better-sqlite3-13" : "better-sqlite3";

let loaded: typeof BetterSqlite3 | undefined;

/** The class of databases, loaded when it is first asked for. */
export function loadSqlite(): typeof BetterSqlite3 {
  try {
    loaded ??= createRequire(import.meta.url)(PACKAGE) as typeof BetterSqlite3;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new UserError(
      `${PACKAGE} cannot be loaded on Node ${process.versions.node}; install again with this version of Node, with ` +
        `Python 3, make and a C++ compiler at hand (${reason})`,
    );
  }
  return loaded;
}
