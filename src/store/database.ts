/** Opening the database: one SQLite file that holds every edition's lists and reviews. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Edition } from "../../languages/define.ts";
import { listEditions } from "../../languages/editions.ts";
import { UserError } from "../errors.ts";
import { makeFolder } from "../files.ts";
import { packageFolder } from "../package-folder.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { type Database, loadSqlite } from "./sqlite.ts";

export type { Database } from "./sqlite.ts";

/** Marks a SQLite file as ours: "WMET" in ASCII. */
export const APPLICATION_ID = 0x574d4554;
/** Version of `db/schema.sql`. */
export const SCHEMA_VERSION = 4;

/** How long a statement waits for another process that writes, in milliseconds. */
const BUSY_TIMEOUT = 30_000;

/** How to open a database. */
export interface OpenOptions {
  /** Only read: the file must exist and nothing in it is changed; but one of an older version is brought forward. */
  readonly readonly?: boolean;
  /** The editions to copy into it when it is opened for writing; those of `languages/` if not given. */
  readonly editions?: readonly Edition[];
}

/**
 * Opens the database at `path`; for writing, it is made if there is none, brought to the present version, and its
 * editions are made those of `languages/`.
 *
 * A file that is not SQLite, that another program wrote, or that a newer version wrote is left as it is.
 *
 * @throws UserError if it cannot be used, saying what to do
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const readonly = options.readonly ?? false;
  if (!existsSync(path)) {
    if (readonly) throw new UserError(`no database at ${path}; make one with: worldmeta build CODE`);
    makeFolder(dirname(path));
  } else if (statSync(path).isDirectory()) {
    throw new UserError(`${path} is a folder; name a file in it`);
  }
  return explaining(path, () => {
    let db = new (loadSqlite())(path, { readonly, timeout: BUSY_TIMEOUT });
    try {
      const found = identify(db, path);
      if (readonly) {
        if (found === 0) {
          throw new UserError(`the database ${path} is empty; build an edition into it first: worldmeta build CODE`);
        }
        if (found < SCHEMA_VERSION) {
          db.close();
          bringForward(path, options);
          db = new (loadSqlite())(path, { readonly, timeout: BUSY_TIMEOUT });
        }
      } else {
        if (found === 0) db.pragma("auto_vacuum = INCREMENTAL");
        db.pragma("journal_mode = WAL");
        db.pragma("synchronous = NORMAL");
        migrate(db, { path });
        syncEditions(db, options.editions ?? listEditions());
      }
      db.pragma("foreign_keys = ON");
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Brings a database that is to be read only to the present version. */
function bringForward(path: string, options: OpenOptions): void {
  try {
    closeDatabase(openDatabase(path, { ...options, readonly: false }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}; it is of an older worldmeta and must be brought forward before it is read`);
  }
}

/**
 * Close a database. One that was open for writing goes back to a single file, so that it can be read where its folder
 * may not be written; if others have it open, the last of them sees to that.
 */
export function closeDatabase(db: Database): void {
  if (!db.readonly) {
    try {
      db.pragma("busy_timeout = 0");
      db.pragma("journal_mode = DELETE");
    } catch {
      // Somebody reads or writes it.
    }
  }
  db.close();
}

/** Version of the database: 0 if it is empty, else what it says; throws if it is not ours or too new. */
function identify(db: Database, path: string, known = SCHEMA_VERSION): number {
  const application = db.pragma("application_id", { simple: true }) as number;
  const version = db.pragma("user_version", { simple: true }) as number;
  const tables = db.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get() ?? 0;
  if (application === 0 && version === 0 && tables === 0) return 0;
  if (application !== APPLICATION_ID) {
    throw new UserError(`${path} is a database of another program; name another file with --db`);
  }
  if (version > known) {
    const versions = `schema ${version}, this one knows ${known}`;
    throw new UserError(
      `the database ${path} is of a newer worldmeta (${versions}); update worldmeta or name another file with --db`,
    );
  }
  return version;
}

/**
 * Brings a database to the version of the last migration, in one transaction; one that is empty gets the schema.
 *
 * `migrations`, `schema` and `version` are for tests; a program leaves them out.
 */
export function migrate(
  db: Database,
  options: {
    readonly path: string;
    readonly migrations?: readonly Migration[];
    readonly schema?: string;
    readonly version?: number;
  },
): void {
  const target = options.version ?? SCHEMA_VERSION;
  const step = db.transaction(() => {
    // Read again inside the transaction: another process may have been faster.
    let version = identify(db, options.path, target);
    if (version === target) return;
    if (version === 0) {
      db.exec(options.schema ?? readFileSync(join(packageFolder(), "db/schema.sql"), "utf8"));
      db.pragma(`application_id = ${APPLICATION_ID}`);
      version = target;
    } else {
      for (const migration of options.migrations ?? MIGRATIONS) {
        if (migration.version <= version) continue;
        db.exec(migration.sql);
        version = migration.version;
      }
    }
    db.pragma(`user_version = ${version}`);
  });
  step.immediate();
}

/** Editions that have gone from the table stay, since builds and reviews may belong to them. */
function syncEditions(db: Database, editions: readonly Edition[]): void {
  const statement = db.prepare(
    `INSERT INTO edition (code, tag, name, autonym, script, direction, lid_group, closed)
     VALUES (@code, @tag, @name, @autonym, @script, @direction, @lidGroup, @closed)
     ON CONFLICT (code) DO UPDATE SET (tag, name, autonym, script, direction, lid_group, closed) =
       (excluded.tag, excluded.name, excluded.autonym, excluded.script, excluded.direction, excluded.lid_group,
        excluded.closed)
     WHERE (tag, name, autonym, script, direction, lid_group, closed) IS NOT
       (excluded.tag, excluded.name, excluded.autonym, excluded.script, excluded.direction, excluded.lid_group,
        excluded.closed)`,
  );
  db.transaction(() => {
    for (const { code, tag, name, autonym, script, direction, lidGroup, closed } of editions) {
      statement.run({ code, tag, name, autonym, script, direction, lidGroup, closed: closed ? 1 : 0 });
    }
  }).immediate();
}

/** What a failure of SQLite to open a file means to a person. */
function explaining<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof loadSqlite().SqliteError)) throw error;
    switch (error.code) {
      case "SQLITE_NOTADB":
        throw new UserError(`${path} is not a SQLite database; name another file with --db`);
      case "SQLITE_CORRUPT":
        throw new UserError(
          `the database ${path} is damaged; restore it, or name another file with --db and build again`,
        );
      case "SQLITE_READONLY":
      case "SQLITE_READONLY_DIRECTORY":
      case "SQLITE_PERM":
        throw new UserError(
          `the database ${path} may not be written; check the permissions of the file and its folder`,
        );
      case "SQLITE_CANTOPEN":
        throw new UserError(`the database ${path} cannot be opened; check the permissions of the file and its folder`);
      case "SQLITE_BUSY":
        throw new UserError(`the database ${path} is in use by another program; try again when it has ended`);
      default:
        throw error;
    }
  }
}
