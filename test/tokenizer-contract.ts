/** What every tokenizer must do, and the texts that it must do it on. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { holdsWord, isDigits, standsAsEntry } from "../languages/boundary.ts";
import type { Edition, Tokenizer } from "../languages/define.ts";
import { normalize } from "../languages/normalize.ts";
import { loadTokenizer } from "../languages/tokenizers.ts";
import { matchesCorrected } from "../src/matching/rules.ts";

/** Pieces of text of many scripts, and what goes wrong between them: marks, joiners, apostrophes, digits, halves. */
const PIECES = [
  ..."aZéßñ'’‘＇\"“”«»„·.,;:!?¿¡…–—-_/@#&+%()[]{}、。「」《》・ー々〆،؟।॥።፣՝༎་༌",
  ..."0123456789٣५๒၃೫",
  ...[" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"],
  ...["\u0301", "\u0323", "\u093f", "\u094d", "\u0e34", "\u102d", "\u1039", "\u103a", "\u0f72", "\u3099", "\ufe0f"],
  ...["\ud800", "\udc00", "😀", "👨\u200d👩\u200d👧", "1\ufe0f\u20e3", "𠮷", "𝒳", "𞤀", "²", "½", "Ⅻ", "①", "〇"],
  ...[
    "Paris",
    "St. Louis",
    "don't",
    "l'été",
    "o‘zbek",
    "п'ять",
    "c'hoazh",
    "it's",
    "1990's",
    "12.10.2020",
    "2010年",
    "3,5",
  ],
  ...["ГОСТ", "ελλάδα", 'צה"ל', "ג'ינס", "باريس", "می\u200cشود", "हिन्दी", "বাংলা", "தமிழ்", "አማርኛ", "ქართული", "한국어"],
  ...[
    "新しいカメラと",
    "iPhone",
    "ｶﾒﾗ",
    "我們喜歡臺灣",
    "我们喜欢北京",
    "ภาษาไทย",
    "ພາສາລາວ",
    "ភាសាខ្មែរ",
    "မြန်မာဘာသာ",
    "လိၵ်ႈတႆး",
  ],
  ...["བོད་ཡིག", "ꦗꦮ", "ᦟᦹᧉ", "control_14ct", "L·l", "col·legi", "a\u0301", "e\u200e\u0301"],
];

/** Arbitrary text: code points of all Unicode, and mixtures of the pieces above. */
export const wildText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join("")),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "grapheme", maxLength: 4 })), { maxLength: 14 })
    .map((pieces) => pieces.join("")),
);

/** The contract of `Tokenizer` on the tokenizer of an edition. */
export function describeTokenizer(edition: Pick<Edition, "code" | "tokenizer">, runs = 300): void {
  describe(`tokenizer of ${edition.code} (${edition.tokenizer})`, () => {
    const rule = apostropheRuleOf(edition);
    let tokenizer: Tokenizer;
    beforeAll(async () => {
      tokenizer = await loadTokenizer(edition);
    });

    const hold = (check: (text: string) => void) =>
      fc.assert(
        fc.property(wildText, (text) => check(text)),
        { numRuns: runs },
      );

    it("names what decides its cuts", () => {
      expect(tokenizer.id).toMatch(/unicode-\d.* \w+:\S/);
    });

    it("cuts text into segments that concatenate to it, none of them empty", () => {
      hold((text) => {
        const segments = tokenizer.segment(text).map((segment) => segment.text);
        expect(segments.join("")).toBe(text);
        expect(segments).not.toContain("");
      });
    });

    it("calls words what holds a letter or number and stands as an entry, and nothing else", () => {
      hold((text) => {
        let end = 0;
        for (const segment of tokenizer.segment(text)) {
          const start = end;
          end += segment.text.length;
          if (segment.word) {
            expect(holdsWord(segment.text), segment.text).toBe(true);
            expect(standsAsEntry(text, start, end, rule), segment.text).toBe(true);
          } else if (holdsWord(segment.text)) {
            expect(isDigits(segment.text), segment.text).toBe(true);
            expect(standsAsEntry(text, start, end, rule), segment.text).toBe(false);
          }
        }
      });
    });

    it("finds only words that match the caption they are from", () => {
      hold((text) => {
        const caption = normalize(text);
        for (const { text: segment, word } of tokenizer.segment(caption)) {
          if (word) expect(matchesCorrected(caption, segment, rule), `${segment} in ${caption}`).toBe(true);
        }
      });
    });

    it("cuts the same text the same way again", () => {
      hold((text) => {
        expect(tokenizer.segment(text)).toEqual(tokenizer.segment(text));
      });
    });
  });
}
