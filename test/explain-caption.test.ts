import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import type { EditionCode } from "../languages/define.ts";
import { editionsOfGroup, getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { explainCaption } from "../src/curation/explain-caption.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import { PROFILE_NAMES, type ProfileName } from "../src/profile.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../src/store/database.ts";
import { openGroupList, readGroupEntries } from "../src/store/group-lists.ts";
import { mixedText } from "./matching-texts.ts";
import { makeFolder } from "./run-cli.ts";

let folder = "";
let db: Database;

beforeAll(() => {
  folder = makeFolder();
  db = openDatabase(join(folder, "lists.sqlite"));
});
afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true });
});

function build(code: string, texts: readonly string[], profile: ProfileName): void {
  publish(
    db,
    {
      ...{ edition: code as EditionCode, profile, fingerprint: "f", version: "0.1.0", settings: {}, figures: {} },
      ...{ started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z", problems: [], inputs: [] },
    },
    texts.map((text, id) => ({ id, text, source: "unigram", unigramRank: id + 1, flags: [] })),
    [],
  );
}

/** A caption, and texts of which many are cut from it. */
const captionAndTexts = mixedText.chain((caption) =>
  fc.record({
    caption: fc.constant(caption),
    texts: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: mixedText },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.nat(caption.length), fc.nat(8))
            .map(([from, length]) => caption.slice(from, from + length)),
        },
      ),
      { minLength: 5, maxLength: 20 },
    ),
  }),
);

/** Texts as a list of the profile has them. */
function entriesOf(texts: readonly string[], profile: ProfileName): string[] {
  const entries = texts.map((text) => (profile === "corrected" ? normalize(text) : text.toWellFormed()));
  return [...new Set(entries)].filter((entry) => entry !== "");
}

/** What the explanation of a text says that it matches, and what a matcher of its group's list finds. */
async function bothOf(code: string, text: string, profile: ProfileName) {
  const edition = getEdition(code);
  const { lidGroup: group } = edition;
  const { matches } = await explainCaption(db, text, { edition, pools: [], groups: [], profile });
  const list = openGroupList(db, { group, editions: editionsOfGroup(group).map((one) => one.code), profile })!;
  const entries = [...readGroupEntries(db, list)];
  const ids = createMatcher(entries, { profile, apostrophes: apostropheRuleOf(edition) }).match(text);
  return {
    explained: matches.map(({ id, entry }) => ({ id, entry })),
    matched: [...ids].map((id) => ({ id, entry: entries[id] })),
  };
}

const cases = PROFILE_NAMES.flatMap((profile) => ["en", "fr", "ja"].map((code) => [code, profile] as const));

describe.each(cases)("what a caption of %s matches, %s", (code, profile) => {
  /** What goes before the caption: a long word, or so much without spaces that the list is read whole. */
  const lead = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("", "x".repeat(2000), "x".repeat(5000), "東京都".repeat(1500)) },
    { weight: 1, arbitrary: fc.constant(String.fromCodePoint(...Array.from({ length: 200 }, (_, n) => 0x4e00 + n))) },
  );

  test("are the entries that a matcher finds in it, short or long", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(captionAndTexts, captionAndTexts, lead, async ({ caption, texts }, other, before) => {
        build(code, entriesOf(texts, profile), profile);
        // The captions of English meet the lists of two editions.
        if (code === "en") build("simple", entriesOf([...texts.slice(0, 2), ...other.texts], profile), profile);
        const text = `${before} ${caption}`;
        const { explained, matched } = await bothOf(code, text, profile);
        expect(explained).toEqual(matched);
        found += matched.length;
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(10);
  });
});

test.each(PROFILE_NAMES)("an entry of 256 characters of two units each is found, %s", async (profile) => {
  const longest = "\u{20000}".repeat(256);
  build("ja", [longest, "\u{20000}"], profile);
  const { explained, matched } = await bothOf("ja", ` ${longest} `, profile);
  expect(explained).toEqual(matched);
  expect(explained.map(({ id }) => id)).toEqual([0, 1]);
});
