/** The list that a command is about. */
import { type Edition, getEdition } from "../../languages/index.ts";
import { requireBuild } from "../curation/current-build.ts";
import type { ProfileName } from "../profile.ts";
import type { Build } from "../store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../store/database.ts";

/** Options that name a list. */
export interface ListOptions {
  readonly db: string;
  readonly profile: ProfileName;
}

export interface CurrentList {
  readonly db: Database;
  readonly edition: Edition;
  readonly build: Build;
}

/** Open a database for writing that must be there already. */
export function openExisting(path: string): Database {
  closeDatabase(openDatabase(path, { readonly: true }));
  return openDatabase(path);
}

/** Call `work` with the current list of an edition, the database opened for reading. */
export async function withList<T>(
  code: string,
  options: ListOptions,
  work: (list: CurrentList) => T | Promise<T>,
): Promise<T> {
  const edition = getEdition(code);
  const db = openDatabase(options.db, { readonly: true });
  try {
    return await work({ db, edition, build: requireBuild(db, edition, options.profile) });
  } finally {
    closeDatabase(db);
  }
}
