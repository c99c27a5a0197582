import { describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { NO_CLITICS } from "../languages/boundary.ts";
import { getEdition } from "../languages/index.ts";
import {
  createDraw,
  differByRule,
  nameKindOf,
  pairLists,
  scriptOf,
  whyCorrectedAlone,
  whyReferenceAlone,
} from "../scripts/caption-differences.ts";
import { createMatcher } from "../src/matching/matcher.ts";

describe("scripts of captions", () => {
  it.each([
    ["A dog in Paris", "Latin"],
    ["Χάρτης της Αθήνας (map)", "Greek"],
    ["Парламент Молдовы", "Cyrillic"],
    ["جامعة رايس 2013", "Arabic"],
    ["हिन्दी में", "Devanagari"],
    ["一只狗", "Han"],
    ["日本のカメラ", "kana"],
    ["12.10.2020", "other"],
  ])("%s is %s", (text, script) => {
    expect(scriptOf(text)).toBe(script);
  });
});

describe("captions that nobody wrote as such", () => {
  it.each([
    ["logo-full-black.svg", "file name"],
    ["Red Mushroom.png", "file name with spaces"],
    ["johnny_cash_chili_dog (2)", "underscores"],
    ["hanukkah-party-facebook-event-cover-template", "slug"],
    ["440x412", "date or size"],
    ["12.10.2020 14:06", "date or size"],
    ["2010年4月12日", "date or size"],
  ])("%s is a %s", (text, kind) => {
    expect(nameKindOf(text)).toBe(kind);
  });

  it.each(["A well-known dog", "2008", "USB-LANアダプタ", "Room 12", "A long sentence of @some_one and more"])(
    "%s is none",
    (text) => {
      expect(nameKindOf(text)).toBeUndefined();
    },
  );
});

describe("matches that the rules alone make different", () => {
  const reference = ["dog", "5", "gone", "a"];
  const corrected = ["new", "a", "dog", "5"];

  it("are of entries that both lists hold, whatever their ids", () => {
    const text = "(dog) 2.5 gone new a";
    const matches = {
      first: createMatcher(reference, { profile: "reference" }).match(text),
      second: createMatcher(corrected, { profile: "corrected" }).match(text),
    };
    expect(differByRule(pairLists(reference, corrected), matches)).toEqual({ first: [1], second: [2] });
  });

  it.each([
    ["l'eau", "eau", "apostrophe"],
    ["(Paris)", "Paris", "bracket"],
    ["in „Paris“", "Paris", "quotation mark"],
    ["here—now", "now", "other mark"],
    ["im\u00A0Jahr", "Jahr", "space or form"],
    ["マウスパッド", "パッド", "inside katakana"],
    ["新しいカメラ", "カメラ", "text without spaces"],
    ["T恤", "T", "text without spaces"],
  ])("in %s, %s: %s", (caption, entry, reason) => {
    expect(whyCorrectedAlone(caption, entry, apostropheRuleOf(getEdition("fr")))).toBe(reason);
  });

  it("tell digits from the rest", () => {
    expect(whyReferenceAlone("2007")).toBe("digits");
    expect(whyReferenceAlone("ရေ")).toBe("text without spaces");
    expect(whyReferenceAlone("Hand-")).toBe("unlike");
    expect(whyCorrectedAlone("hotdog", "dog", NO_CLITICS)).toBe("unlike");
  });
});

describe("a draw", () => {
  it("keeps the smallest hashes once each, in any order of coming", () => {
    const draw = createDraw<string>(2);
    for (const hash of [5, 3, 9, 3, 1, 7]) draw.offer(hash, () => `item ${hash}`);
    expect(draw.list()).toEqual(["item 1", "item 3"]);
    expect(draw.offered).toBe(6);
  });

  it("of nothing keeps nothing", () => {
    const draw = createDraw<string>(0);
    draw.offer(1, () => "item");
    expect([draw.list(), draw.offered]).toEqual([[], 1]);
  });
});
