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
