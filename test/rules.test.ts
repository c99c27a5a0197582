import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { NO_CLITICS } from "../languages/boundary.ts";
import { getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import {
  findEntry,
  type MatchRule,
  matchesCorrected,
  matchesReference,
  possibleEntries,
} from "../src/matching/rules.ts";
import { isPythonSpace } from "../src/reference-text.ts";
import { mixedText } from "./matching-texts.ts";
import { wildText } from "./tokenizer-contract.ts";

describe("findEntry", () => {
  it("names every place at which an entry stands in the normalized caption", () => {
    expect([...findEntry("cat,  cat-like cat", "cat", NO_CLITICS)]).toEqual([0, 14]);
    expect([...findEntry("東京東京", "東京", NO_CLITICS)]).toEqual([0, 2]);
    expect([...findEntry("ああああ", "ああ", NO_CLITICS)]).toEqual([0, 1, 2]);
  });

  it("finds nothing for an empty entry", () => {
    expect([...findEntry("a b", "", NO_CLITICS)]).toEqual([]);
  });
});

describe("matchesCorrected", () => {
  it("looks at the caption in its normal form", () => {
    expect(matchesCorrected("ＣＡＦＥ\u0301\u00a0bar", "CAFÉ bar", NO_CLITICS)).toBe(true);
    expect(matchesCorrected("New\n  York", "New York", NO_CLITICS)).toBe(true);
  });

  it("finds in every caption the caption itself, digits aside", () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const caption = normalize(text);
        fc.pre(caption !== "");
        expect(matchesCorrected(text, caption, NO_CLITICS)).toBe(true);
      }),
    );
  });
});

describe("matchesReference", () => {
  it.each([
    ["a photo of Paris", "Paris"],
    ["Paris", "Paris"],
    ["in Paris, France", "Paris"],
    ["in Paris. Yes", "Paris"],
    ["Paris`s", "Paris"],
    ["New\tYork", "New York"],
    ["12.10.2020", "10"],
    ["我爱北京天安门", "北京"],
    ["ภาษาไทย", "ไทย"],
    ["a(b", "("],
    ["x,y", "x , y"],
    ["  Paris\u00a0", "Paris"],
  ])("%j matches %j", (caption, entry) => {
    expect(matchesReference(caption, entry)).toBe(true);
  });

  it.each([
    ["(Paris)", "Paris"],
    ['"Paris"', "Paris"],
    ["«париж»", "париж"],
    ["باريس، فرنسا", "باريس"],
    ["Paris's", "Paris"],
    ["paris", "Paris"],
    ["St. Louis", "St. Louis"],
    ["Yahoo!", "Yahoo!"],
    ["Washington, D.C.", "Washington, D.C."],
    ["新しいカメラを買った", "カメラ"],
    ["New  York", "New York"],
    ["New\u00a0York", "New York"],
    ["anything", ""],
    ["control_14ct", "control"],
    ["Skirmisher-Main-440x412", "Main"],
    ["johnny_cash_chili_dog (2)", "2"],
    ["8533 GOLDEN RIDGE COURT", "golden"],
  ])("%j does not match %j", (caption, entry) => {
    expect(matchesReference(caption, entry)).toBe(false);
  });
});

describe("possibleEntries", () => {
  const rules = ["en", "fr", "he", "ja"].flatMap((code): MatchRule[] => {
    const apostrophes = apostropheRuleOf(getEdition(code));
    return [
      { profile: "corrected", apostrophes },
      { profile: "reference", apostrophes },
    ];
  });

  /** Where the strings that match stand: the caption in its normal form, or as the published code spaces it. */
  function textOf(caption: string, { profile }: MatchRule): string {
    if (profile === "corrected") return normalize(caption);
    const characters = [...caption.toWellFormed()];
    const first = characters.findIndex((character) => !isPythonSpace(character));
    const last = characters.findLastIndex((character) => !isPythonSpace(character));
    const trimmed = first < 0 ? "" : characters.slice(first, last + 1).join("");
    return ` ${trimmed} `.replace(/[,.;:?!`]/g, " $& ").replace(/[\t\n\r]/g, " ");
  }

  const matches = (caption: string, entry: string, { profile, apostrophes }: MatchRule) =>
    profile === "corrected" ? matchesCorrected(caption, entry, apostrophes) : matchesReference(caption, entry);
  /** Entries of a list are in their normal form; those as published may be anything that UTF-8 can hold. */
  const canBeEntry = (entry: string, { profile }: MatchRule) =>
    profile === "corrected" ? normalize(entry) === entry : entry.isWellFormed();

  function twin(caption: string, rule: MatchRule, longest: number): Set<string> {
    const text = textOf(caption, rule);
    const found = new Set<string>();
    for (let start = 0; start < text.length; start++) {
      for (let end = start + 1; end <= Math.min(text.length, start + longest); end++) {
        const entry = text.slice(start, end);
        if (!found.has(entry) && canBeEntry(entry, rule) && matches(caption, entry, rule)) found.add(entry);
      }
    }
    return found;
  }

  it.each(rules.map((rule, index) => [index, rule] as const))(
    "are just the strings that match, each once (rule %i)",
    (_, rule) => {
      fc.assert(
        fc.property(mixedText, fc.integer({ min: 1, max: 20 }), (caption, longest) => {
          const found = [...possibleEntries(caption, rule, longest)];
          expect(new Set(found).size).toBe(found.length);
          expect(found.filter((entry) => !matches(caption, entry, rule))).toEqual([]);
          expect(new Set(found)).toEqual(twin(caption, rule, longest));
        }),
        { numRuns: 150 },
      );
    },
  );

  it("come in the order in which they begin", () => {
    const [corrected, reference] = rules as [MatchRule, MatchRule];
    const found = [...possibleEntries("a b-c, 12.5", corrected, 5)];
    expect(found).toEqual(["a", "a b-c", "b-c", "b-c,", ",", ", 12", ", 12.", "12.", "12.5", ".", ".5"]);
    expect([...possibleEntries("a.b", reference, 3)]).toEqual(["a", "a .", ".", ". b", "b"]);
    expect([...possibleEntries("", corrected, 5)]).toEqual([]);
  });
});
