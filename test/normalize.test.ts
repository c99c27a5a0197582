import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalize, normalizeText } from "../languages/normalize.ts";
import { wildText } from "./tokenizer-contract.ts";

const text = fc.oneof(
  wildText,
  fc
    .array(
      fc.constantFrom(
        ..."eaか가ｶﾊＡｚ９ﾞﾟ゙ﾟ ",
        "\u0301",
        "\u0323",
        "\u00ad",
        "\u200e",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\t",
        "\u0085",
        "\u0000",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("normalize", () => {
  it.each([
    ["የሰው፡ልጅ፡፡", "የሰው ልጅ።"],
    ["cafe\u0301", "café"],
    ["  a\t\n b\u00a0c  ", "a b c"],
    ["ＡＢＣ１２３", "ABC123"],
    ["ｶﾞｲﾄﾞ", "ガイド"],
    ["e\u200e\u0301", "é"],
    ["so\u00adft", "soft"],
    ["می\u200cشود", "می\u200cشود"],
    ["\ufeffa\u200bb", "ab"],
    ["a\u0000b\u001fc", "ab c"],
    ["，：（）", "，：（）"],
    ["a\ud800b \udc00 \ud83d\ude00", "a\ufffdb \ufffd \ud83d\ude00"],
    ["plain ASCII  text ", "plain ASCII text"],
  ])("%j becomes %j", (given, expected) => {
    expect(normalize(given)).toBe(expected);
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(text, (sample) => {
        expect(normalize(normalize(sample))).toBe(normalize(sample));
      }),
    );
    fc.assert(
      fc.property(text, (sample) => {
        expect(normalizeText(normalizeText(sample))).toBe(normalizeText(sample));
      }),
    );
  });

  it("yields NFC, single spaces and no space at either end", () => {
    fc.assert(
      fc.property(text, (sample) => {
        const normal = normalize(sample);
        expect(normal.normalize("NFC")).toBe(normal);
        expect(normal).not.toMatch(/^\s|\s$|\s\s|[^\S ]/);
      }),
    );
  });

  it("compares words of tokenized text and captions in one form", () => {
    fc.assert(
      fc.property(text, (sample) => {
        expect(normalize(normalizeText(sample))).toBe(normalize(sample));
      }),
    );
  });

  it("keeps line ends and zero-width spaces of text that is tokenized", () => {
    expect(normalizeText("a\nb\u200bc")).toBe("a\nb\u200bc");
  });
});
