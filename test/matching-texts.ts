/** Texts and entries that meet, for properties of matching. */
import * as fc from "fast-check";
import { normalize } from "../languages/normalize.ts";
import { wildText } from "./tokenizer-contract.ts";

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
export const textAndEntries = made(14).chain((text) =>
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

/** Captions as people write them, and as they should not: words of many scripts among marks of all kinds. */
const MIXED = [
  ...["cat", "Cat-like", "New York", "l'eau", "l’homme", "don't", "the cat's", "rock 'n' roll", "L·l", "é", "Öl"],
  ...["1", "12", "12.10.2010", "3.5", "440x412", "٣", "1,5", "2010年"],
  ...[" ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u200b", "\u3000"],
  ...["(", ")", "[", "]", '"', "“", "”", "«", "»", "'", "’", "`", "-", "_", "/", "…"],
  ...[",", ".", ";", ":", "?", "!", "、", "。", "，"],
  ...["山", "東京", "カメラ", "新しい", "iPhone写真", "ｶﾞ", "ไทย", "ภาษา", "한국", 'צה"ל', "हिन्दी"],
  ...["\u0301", "\u0e49", "\u3099", "\u093c", "\u200d", "😀", "\u{20000}", "\u{20bb7}", "\ud800", "\udc00", "\ufffd"],
];

/** A caption made of such pieces. */
export const mixedText = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.constantFrom(...MIXED), { maxLength: 8 }).map((pieces) => pieces.join("")) },
  { weight: 1, arbitrary: wildText },
);
