import { describe, expect, it } from "vitest";
import type { EditionCode, TokenizerName } from "../languages/define.ts";
import { getEdition, loadTokenizer } from "../languages/index.ts";
import { describeTokenizer } from "./tokenizer-contract.ts";
import { WORD_FIXTURES } from "./word-fixtures.ts";

const edition = (code: string, tokenizer: TokenizerName = "words") => ({ code: code as EditionCode, tokenizer });

for (const code of ["en", "fr", "he", "ko", "tr", "shn"]) describeTokenizer(edition(code));
for (const code of ["zh", "ja", "th", "lo", "km", "my", "bo"] as const) describeTokenizer(edition(code, code));

describe("words of", () => {
  it.each(WORD_FIXTURES)("$code: $text", async ({ code, text, words }) => {
    const { segment } = await loadTokenizer(getEdition(code));
    const found = segment(text).filter(({ word }) => word);
    expect(found.map((part) => part.text)).toEqual(words);
  });
});

describe("long runs without a space", () => {
  it.each([
    ["th", "ภาษาไทยเป็นภาษา"],
    ["ja", "新しいカメラを買った"],
    ["zh", "我们喜欢北京大学"],
  ] as const)("take time in proportion to their length and keep marks on their letters (%s)", async (code, phrase) => {
    const { segment } = await loadTokenizer(edition(code, code));
    const text = phrase.repeat(Math.ceil(50_000 / phrase.length));
    const start = performance.now();
    const segments = segment(text).map((part) => part.text);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(segments.join("")).toBe(text);
    expect(segments.filter((part) => /^\p{M}/u.test(part))).toEqual([]);
  });
});
