import { describe, expect, it } from "vitest";
import { quoteWord, sayFew } from "../src/errors.ts";

describe("messages", () => {
  it("quote words for a shell where they need it", () => {
    expect(["web", "a/b.sqlite", "two words", "l'eau", "ويت", "$(x)", ""].map(quoteWord)).toEqual([
      ...["web", "a/b.sqlite", "'two words'", "'l'\\''eau'", "'ويت'", "'$(x)'", "''"],
    ]);
  });

  it("name a few of many", () => {
    expect(sayFew(["a", "b"])).toBe("a, b");
    expect(sayFew([..."abcdefg"])).toBe("a, b, c, d, e and 2 more");
  });
});
