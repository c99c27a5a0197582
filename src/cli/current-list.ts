/** The list that a command is about. */
import { type Edition, getEdition } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import { type ProfileName, profileOption } from "../profile.ts";
import { type Build, currentBuild } from "../store/builds.ts";
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

/** The current build of an edition and profile; a missing one is answered with the command that makes it. */
export function requireBuild(db: Database, edition: Edition, profile: ProfileName): Build {
  const build = currentBuild(db, edition.code, profile);
  if (build !== undefined) return build;
  throw new UserError(
    `no ${profile} list of ${edition.code} yet; make one with: worldmeta build ${edition.code}${profileOption(profile)} …`,
  );
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
