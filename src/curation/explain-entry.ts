/** Why a string is, or is not, an entry. */
import type { Edition } from "../../languages/define.ts";
import { normalize } from "../../languages/normalize.ts";
import { canMatch, repair, whyNotEntry } from "../entries/select.ts";
import { profileOf } from "../profile.ts";
import type { Build } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import { findEntry, firstAndLastBuild, setAsideOf } from "../store/entries.ts";
import { findGroupEntry } from "../store/group-lists.ts";
import { listsOfPool, readEntryCount, readSamples } from "../store/pool-counts.ts";
import { listPools } from "../store/pools.ts";
import { pageReviews } from "../store/reviews.ts";

/** How many decisions about one string are shown, the latest. */
const MOST_REVIEWS = 100;

/** A build of an edition, in the database that holds it. */
export interface EditionBuild {
  readonly db: Database;
  readonly edition: Edition;
  readonly build: Build;
}

/**
 * Everything the database knows about one string of an edition: of the string as it stands, or else in the form that entries
 * have.
 */
export function explainEntry({ db, edition, build }: EditionBuild, asked: string) {
  const profile = profileOf(build.profile, edition);
  const isKnown = (form: string) =>
    findEntry(db, build.id, form) !== undefined || setAsideOf(db, build.id, form).length > 0;
  const text = [asked, repair(asked, profile)].find(isKnown) ?? normalize(asked);
  const builds = firstAndLastBuild(db, edition.code, build.profile, text);
  return {
    text,
    edition: edition.code,
    profile: build.profile,
    build: build.id,
    entry: findEntry(db, build.id, text),
    setAside: setAsideOf(db, build.id, text),
    canMatch: canMatch(text, edition, profile),
    whyNot: whyNotEntry(text, edition, profile),
    first: builds && summary(builds.first),
    last: builds && summary(builds.last),
    pools: poolsOf({ db, build }, text),
    reviews: [...new Set([text, normalize(text)])]
      .flatMap((text) => pageReviews(db, edition.code, { text, limit: MOST_REVIEWS }))
      .sort((a, b) => a.id - b.id),
  };
}

/** What there is to say. */
export type Explanation = ReturnType<typeof explainEntry>;

/** What the pools say of an entry that have counted the present list of the edition's group, or an `other` that holds it. */
function poolsOf({ db, build }: Pick<EditionBuild, "db" | "build">, text: string) {
  return listPools(db).flatMap(({ name }) => {
    const counted = listsOfPool(db, name).find(({ list, current }) => current && list.builds.includes(build.id));
    const entry = counted && findGroupEntry(db, counted.list, text);
    if (counted === undefined || entry === undefined) return [];
    const { list, texts } = counted;
    const samples = readSamples(db, { pools: [name], list, entry });
    return [{ pool: name, texts, count: readEntryCount(db, { pool: name, list, entry }), samples }];
  });
}

function summary(build: Build): { readonly id: number; readonly finished: string } {
  return { id: build.id, finished: build.finished };
}
