import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { classOf, NO_CLITICS } from "../languages/boundary.ts";
import { CLASS } from "../languages/boundary-classes.ts";
import { getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import type { ListRule } from "../src/matching/compile-list.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import { matchesCorrected, matchesReference } from "../src/matching/rules.ts";
import { wildText } from "./tokenizer-contract.ts";

const KOREAN = apostropheRuleOf(getEdition("ko"));
const ENGLISH = apostropheRuleOf(getEdition("en"));
const FRENCH = apostropheRuleOf(getEdition("fr"));
const CATALAN = apostropheRuleOf(getEdition("ca"));

/** The slow twin: each entry by itself; of equal entries the last one's id counts. */
function matchPlainly(
  text: string,
  entries: readonly string[],
  { profile, apostrophes = NO_CLITICS }: ListRule,
): number[] {
  const isReference = profile === "reference";
  const last = new Map(entries.map((entry, id) => [isReference ? entry.toWellFormed() : normalize(entry), id]));
  const matches = (entry: string) =>
    isReference ? matchesReference(text, entry) : matchesCorrected(text, entry, apostrophes);
  return [...last]
    .filter(([entry]) => matches(entry))
    .map(([, id]) => id)
    .sort((a, b) => a - b);
}

/** Parts of which texts and entries are made, so that they meet. */
const part = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      "a",
      "b",
      "ab",
      "x",
      "é",
      "Öl",
      "п",
      "אב",
      "ש",
      "山",
      "田",
      "カ",
      "メラ",
      "ไ",
      "ท",
      "ᄀ",
      "가",
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      " ",
      " ",
      " ",
      "  ",
      "\t",
      "\n",
      "\r\n",
      "\u00a0",
      "\u200b",
      "\u3000",
      "\u2003",
      "\u1361",
    ),
  },
  { weight: 8, arbitrary: fc.constantFrom("'", "’", "'s", "l'", "d’", '"', "·", "n't", "`", "''") },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ".",
      ",",
      ";",
      ":",
      "?",
      "!",
      "(",
      ")",
      "«",
      "»",
      "।",
      "،",
      "-",
      "_",
      "/",
      "@",
      "&",
      "…",
      "、",
      "。",
      "“",
    ),
  },
  { weight: 6, arbitrary: fc.constantFrom("1", "9", "12", "٣", "๑", "3.5") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "\u0301",
      "\u0308",
      "\u05bc",
      "\u0e49",
      "\u200d",
      "\u093c",
      "\u3099",
      "\u00ad",
      "\ufeff",
      "ｶ",
      "ﾞ",
      "Ａ",
      "\ud800",
      "\udc00",
      "\u{20000}",
      "😀",
    ),
  },
  { weight: 2, arbitrary: wildText },
);
const made = (max: number) => fc.array(part, { maxLength: max }).map((parts) => parts.join(""));

/** A text, and entries of which many are cut from it. */
const textAndEntries = made(14).chain((text) =>
  fc.record({
    text: fc.constant(text),
    entries: fc
      .array(
        fc.oneof(
          made(3),
          fc
            .tuple(fc.nat(Math.max(0, text.length)), fc.nat(8))
            .map(([from, length]) => text.slice(from, from + length)),
          fc
            .tuple(fc.nat(Math.max(0, text.length)), fc.nat(8))
            .map(([from, length]) => normalize(text.slice(from, from + length))),
        ),
        { maxLength: 12 },
      )
      .map((entries) => [...entries, ...entries.slice(0, 2)]),
  }),
);

const RULES: readonly (readonly [name: string, rule: ListRule])[] = [
  ["reference", { profile: "reference" }],
  ["corrected", { profile: "corrected" }],
  ["corrected, English", { profile: "corrected", apostrophes: ENGLISH }],
  ["corrected, French", { profile: "corrected", apostrophes: FRENCH }],
  ["corrected, Catalan", { profile: "corrected", apostrophes: CATALAN }],
  ["corrected, Korean", { profile: "corrected", apostrophes: KOREAN }],
];

describe.each(RULES)("createMatcher, %s", (_name, rule) => {
  it("matches what the plain rule matches", () => {
    fc.assert(
      fc.property(textAndEntries, ({ text, entries }) => {
        expect([...createMatcher(entries, rule).match(text)]).toEqual(matchPlainly(text, entries, rule));
      }),
      { numRuns: 400 },
    );
  });
});

describe("white space of the boundary rule", () => {
  it("is what normalizing makes a space, so that the kernels may take it for one", () => {
    for (let point = 0; point < 0x110000; point++) {
      if (classOf(point) !== CLASS.space || point === 0x200b) continue;
      expect(normalize(`a${String.fromCodePoint(point)}b`), point.toString(16)).toBe("a b");
    }
  });
});
