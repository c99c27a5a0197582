/** The list of English that measurements of pools count against. */
import { getEdition } from "../languages/index.ts";
import type { Entry } from "../src/entries/types.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";

/** Puts the entries into a database as the list of English. */
export function publishList(db: string, entries: readonly string[]): void {
  const store = openDatabase(db);
  try {
    const list = entries.map((text, id): Entry => ({ id, text, source: "unigram", unigramRank: id + 1, flags: [] }));
    const facts = { fingerprint: "", started: "", finished: "", version: "", settings: {}, figures: {} };
    publish(
      store,
      { edition: getEdition("en").code, profile: "corrected", ...facts, problems: [], inputs: [] },
      list,
      [],
    );
  } finally {
    closeDatabase(store);
  }
}
