/** The list that captions of a group meet now. */
import type { LidGroup } from "../../languages/define.ts";
import { editionsOfGroup } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import { type ProfileName, profileOption } from "../profile.ts";
import type { Database } from "../store/database.ts";
import { type GroupList, openGroupList } from "../store/group-lists.ts";

/** The present list of a group; throws a UserError that says how to make one if no edition of it is built. */
export function requireGroupList(db: Database, group: LidGroup, profile: ProfileName): GroupList {
  const editions = editionsOfGroup(group).map(({ code }) => code);
  const list = openGroupList(db, { group, editions, profile });
  if (list !== undefined) return list;
  throw new UserError(
    `no ${profile} list of ${group} yet; make one with: worldmeta build ${group}${profileOption(profile)} …`,
  );
}
