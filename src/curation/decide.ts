/** Decisions about entries, as people make them. */
import type { Edition } from "../../languages/define.ts";
import { normalize } from "../../languages/normalize.ts";
import { whyNotEntry } from "../entries/select.ts";
import { SET_ASIDE_REASONS } from "../entries/types.ts";
import { UserError } from "../errors.ts";
import { PROFILE_NAMES, profileOf } from "../profile.ts";
import { currentBuild } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import { findEntry } from "../store/entries.ts";
import { addReview, type NewReview, type Review } from "../store/reviews.ts";

/**
 * Writes a decision down about a text: as it stands in a current list, else in the form that entries have.
 *
 * @throws UserError if what is to be allowed cannot be an entry
 */
export function decide(db: Database, edition: Edition, decision: Omit<NewReview, "edition">): Review {
  const text = reviewedText(db, edition, decision.text);
  const against =
    decision.verdict === "allow" ? whyNotEntry(text, edition, profileOf("corrected", edition)) : undefined;
  if (against !== undefined) {
    throw new UserError(`"${decision.text}" cannot be an entry: ${SET_ASIDE_REASONS[against]}`);
  }
  return addReview(db, { ...decision, edition: edition.code, text });
}

function reviewedText(db: Database, edition: Edition, asked: string): string {
  const builds = PROFILE_NAMES.map((profile) => currentBuild(db, edition.code, profile));
  const isEntry = builds.some((build) => build !== undefined && findEntry(db, build.id, asked) !== undefined);
  return isEntry ? asked : normalize(asked);
}
