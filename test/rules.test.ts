import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_CLITICS } from "../languages/boundary.ts";
import { normalize } from "../languages/normalize.ts";
import { findEntry, matchesCorrected, matchesReference } from "../src/matching/rules.ts";
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
