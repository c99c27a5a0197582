import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareCodePoints } from "../src/order.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc
    .array(fc.constantFrom("a", "b", "\ud7ff", "\ue000", "\uffff", "😀", "𝒳"), { maxLength: 4 })
    .map((parts) => parts.join("")),
);

describe("compareCodePoints", () => {
  it("is the order of the UTF-8 bytes", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 1000 },
    );
  });

  it("puts characters beyond U+FFFF last", () => {
    expect(["😀", "\uffff", "z", ""].sort(compareCodePoints)).toEqual(["", "z", "\uffff", "😀"]);
  });
});
