/** The builds of an edition that are asked about: the one in use, or two to compare. */
import type { Edition } from "../../languages/define.ts";
import { UserError } from "../errors.ts";
import { type ProfileName, profileOption } from "../profile.ts";
import { type Build, currentBuild, findBuild, listBuilds } from "../store/builds.ts";
import type { Database } from "../store/database.ts";

/** The current build of an edition and profile; a missing one is answered with the command that makes it. */
export function requireBuild(db: Database, edition: Edition, profile: ProfileName): Build {
  const build = currentBuild(db, edition.code, profile);
  if (build !== undefined) return build;
  throw new UserError(
    `no ${profile} list of ${edition.code} yet; make one with: worldmeta build ${edition.code}${profileOption(profile)} …`,
  );
}

/**
 * Two builds of an edition, the older one first: those of these ids, or the last two of the profile.
 *
 * @throws UserError if they are not there
 */
export function pickBuilds(
  db: Database,
  { code }: Edition,
  profile: ProfileName,
  ids: readonly [number, number] | undefined,
): readonly [older: Build, newer: Build] {
  if (ids === undefined) {
    const [newer, older] = listBuilds(db, { edition: code, profile });
    if (newer !== undefined && older !== undefined) return [older, newer];
    throw new UserError(`fewer than two ${profile} builds of ${code} are kept; there is nothing to compare`);
  }
  const [older, newer] = ids.map((id) => {
    const build = findBuild(db, id);
    if (build?.edition === code) return build;
    const kept = listBuilds(db, { edition: code }).map((kept) => kept.id);
    throw new UserError(`no build ${id} of ${code}; kept are: ${kept.join(", ") || "none"}`);
  });
  return [older!, newer!];
}
