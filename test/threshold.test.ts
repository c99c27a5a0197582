import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  describeThreshold,
  keepProbabilities,
  type OutOfReach,
  sayOutOfReach,
  solveGroups,
  solveReferenceThreshold,
  solveThreshold,
  tailRatioOf,
} from "../src/balancing/threshold.ts";

/** Counts of matches drawn by Zipf's law, the same at every run. */
function drawZipf(entries: number, matches: number): number[] {
  const shares = Array.from({ length: entries }, (_, at) => 1 / (at + 1));
  // A linear congruential generator (constants of Numerical Recipes).
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const draws = Array.from({ length: matches }, next).sort((a, b) => a - b);
  const all = sumOf(shares);
  let draw = 0;
  let sum = 0;
  return shares.map((share) => {
    sum += share / all;
    const first = draw;
    while (draw < draws.length && (draws[draw] ?? 0) < sum) draw++;
    return draw - first;
  });
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** The slow twin: every candidate, its tail added up anew; ratios are thousandths, compared as whole numbers. */
function solveSlowly(counts: readonly number[], thousandths: number): number | undefined {
  const positive = counts.filter((count) => count > 0);
  if (positive.length === 0) return undefined;
  const total = sumOf(positive);
  let best: { t: number; distance: number } | undefined;
  for (const t of [...positive, Math.max(...positive) + 1].sort((a, b) => a - b)) {
    const distance = Math.abs(1000 * sumOf(positive.filter((count) => count < t)) - thousandths * total);
    if (best === undefined || distance <= best.distance) best = { t, distance };
  }
  return best?.t;
}

/** The slow twin of the published rule: each position's share, the first nearest. */
function solveReferenceSlowly(counts: readonly number[], ratio: number): number | undefined {
  const sorted = [...counts].sort((a, b) => a - b);
  const total = sumOf(sorted);
  if (total === 0) return undefined;
  const distances = sorted.map((_, at) => Math.abs(sumOf(sorted.slice(0, at + 1)) / total - ratio));
  return sorted[distances.indexOf(Math.min(...distances))];
}

/** Few distinct values, so that many counts are equal, or many. */
const someCounts = fc.oneof(
  fc.array(fc.nat(4), { maxLength: 40 }),
  fc.array(fc.oneof(fc.constant(0), fc.nat(1_000_000)), { maxLength: 40 }),
);
const thousandths = fc.oneof(fc.constantFrom(0, 60, 500, 1000), fc.nat(1000));

describe("solveThreshold", () => {
  it("finds what trying every candidate finds", () => {
    fc.assert(
      fc.property(someCounts, thousandths, (counts, ratio) => {
        expect(solveThreshold(counts, { tailRatio: ratio / 1000 }).t).toBe(solveSlowly(counts, ratio));
      }),
      { numRuns: 2000 },
    );
  });

  it("does not depend on the order of counts, nor on zeros", () => {
    fc.assert(
      fc.property(someCounts, thousandths, (counts, ratio) => {
        const options = { tailRatio: ratio / 1000 };
        expect(solveThreshold([0, ...counts.toReversed(), 0], options)).toEqual(solveThreshold(counts, options));
      }),
    );
  });

  it("says what share its tail holds", () => {
    fc.assert(
      fc.property(someCounts, thousandths, (counts, ratio) => {
        const { t, achieved } = solveThreshold(counts, { tailRatio: ratio / 1000 });
        if (t === undefined) expect(sumOf(counts)).toBe(0);
        else expect(tailRatioOf(counts, t)).toBe(achieved);
      }),
    );
  });

  it("takes the larger t of two that are equally near", () => {
    expect(solveThreshold([1, 1], { tailRatio: 0.5 })).toMatchObject({ t: 2, achieved: 1 });
    // Tails of 5 % and 7 % are equally far from 6 %, though not as doubles.
    expect(solveThreshold([1, 1, 1, 1, 1, 2, 93], { tailRatio: 0.06 })).toMatchObject({ t: 93, achieved: 0.07 });
  });

  it("takes a ratio as the fraction that another group's counts give", () => {
    expect(solveThreshold([1, 2, 3], { tailRatio: { tail: 1, total: 6 } })).toEqual({ t: 2, achieved: 1 / 6 });
    expect(solveThreshold([1, 2, 3], { tailRatio: 1 / 6 }).t).toBe(2);
    expect(solveThreshold([10, 90], { tailRatio: 1e-7 }).t).toBe(10);
  });

  it("reaches both ends", () => {
    expect(solveThreshold([3, 5], { tailRatio: 0 })).toEqual({ t: 3, achieved: 0 });
    expect(solveThreshold([3, 5], { tailRatio: 1 })).toEqual({ t: 6, achieved: 1 });
  });

  it("holds at least the matches of huge counts", () => {
    const counts = [120_000_000, 107_000_000, 100_000_000, ...Array.from({ length: 16_000 }, () => 20_000_000)];
    const { t, achieved } = solveThreshold(counts, { tailRatio: 0.5 });
    expect([t, achieved]).toEqual([100_000_000, 320_000_000_000 / 320_327_000_000]);
  });

  it.each([[-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY]])("refuses %d as a count", (count) => {
    expect(() => solveThreshold([count], { tailRatio: 0.06 })).toThrow(RangeError);
  });

  it.each([[-0.1], [1.1], [Number.NaN]])("refuses %d as a ratio", (tailRatio) => {
    expect(() => solveThreshold([1], { tailRatio })).toThrow(RangeError);
  });
});

describe("a ratio out of reach", () => {
  const cases: readonly [string, readonly number[], Partial<OutOfReach>, string][] = [
    ["nothing matched", [0, 0], { kind: "no-matches" }, "no entry has a match, so there is nothing to balance"],
    [
      "one entry matched",
      [0, 0, 0, 1000],
      { kind: "equal-counts", below: { t: 1000, ratio: 0 }, above: { t: 1001, ratio: 1 } },
      "the entry with 1,000 matches (the only one that matched) holds 100 % of all matches: the tail has 0 % with " +
        "t = 1000, 100 % with t = 1001, and cannot have 6 %",
    ],
    [
      "many entries have the lowest count",
      [0, 1, 1, 1, 2, 5],
      { kind: "lowest-count", count: 1, entries: 3, below: { t: 1, ratio: 0 }, above: { t: 2, ratio: 0.3 } },
      "the 3 entries with 1 match each (the lowest count) hold 30 % of all matches: the tail has 0 % with t = 1, 30 % " +
        "with t = 2, and cannot have 6 %",
    ],
    [
      "many entries have one count",
      [1, 50, 50, 899],
      { kind: "one-count", count: 50, entries: 2, below: { t: 50, ratio: 0.001 }, above: { t: 899, ratio: 0.101 } },
      "the 2 entries with 50 matches each (the same count) hold 10 % of all matches: the tail has 0.1 % with t = 50, " +
        "10.1 % with t = 899, and cannot have 6 %",
    ],
    [
      "the entry with the highest count holds nearly all",
      [1, 999],
      { kind: "highest-count", count: 999, entries: 1 },
      "the entry with 999 matches (the highest count) holds 99.9 % of all matches: the tail has 0.1 % with t = 999, " +
        "100 % with t = 1000, and cannot have 6 %",
    ],
  ];

  it.each(cases)("is told where %s", (_, counts, reason, sentence) => {
    const { outOfReach } = solveThreshold(counts, { tailRatio: 0.06 });
    expect(outOfReach).toMatchObject(reason);
    expect(sayOutOfReach(outOfReach!)).toBe(sentence);
  });

  it("is told exactly where the achieved ratio is off by more than a tenth of it", () => {
    fc.assert(
      fc.property(someCounts, thousandths, (counts, ratio) => {
        const { achieved, outOfReach } = solveThreshold(counts, { tailRatio: ratio / 1000 });
        const near = achieved !== undefined && Math.abs(achieved - ratio / 1000) <= ratio / 10_000;
        expect(outOfReach === undefined).toBe(near);
        if (outOfReach === undefined || outOfReach.kind === "no-matches" || !("below" in outOfReach)) return;
        const { wanted, below, above, count, entries } = outOfReach;
        expect(below.ratio).toBeLessThanOrEqual(wanted);
        expect(above.ratio).toBeGreaterThan(wanted);
        expect(counts.filter((other) => other === count).length).toBe(entries);
        expect([below, above].map(({ t }) => tailRatioOf(counts, t))).toEqual([below.ratio, above.ratio]);
      }),
    );
  });
});

describe("solveReferenceThreshold", () => {
  it("finds what the published rule finds by the letter", () => {
    fc.assert(
      fc.property(someCounts, thousandths, (counts, ratio) => {
        expect(solveReferenceThreshold(counts, { tailRatio: ratio / 1000 })).toBe(
          solveReferenceSlowly(counts, ratio / 1000),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("drops every text where one entry holds all matches", () => {
    expect(solveReferenceThreshold([0, 0, 0, 1000], { tailRatio: 0.06 })).toBe(0);
    expect([...keepProbabilities([0, 0, 0, 1000], 0)]).toEqual([0, 0, 0, 0]);
    expect(solveThreshold([0, 0, 0, 1000], { tailRatio: 0.06 }).t).toBe(1000);
  });

  it("is told where it drops every text", () => {
    const groups = new Map([["en", [0, 0, 0, 1000]]]);
    const [found] = solveGroups({ groups, policy: { tailRatio: 0.06 }, profile: "reference" });
    expect(found).toMatchObject({ t: 0, achieved: 0, head: 1, outOfReach: { kind: "published-rule" } });
    expect(sayOutOfReach(found!.outOfReach!)).toBe(
      "the published rule takes t = 0, which drops every text; the tail has 0 % with t = 1000",
    );
  });

  it("finds no tail in Zipf's law on 50,000 entries and 100,000 matches, where one exists", () => {
    const counts = drawZipf(50_000, 100_000);
    const t = solveReferenceThreshold(counts, { tailRatio: 0.06 });
    expect([t, tailRatioOf(counts, t!)]).toEqual([1, 0]);
    const solution = solveThreshold(counts, { tailRatio: 0.06 });
    expect(solution.t).toBe(2);
    expect(solution.achieved).toBeCloseTo(0.117, 2);
  });

  it("has no threshold without matches, where the published code divides by zero", () => {
    expect(solveReferenceThreshold([0, 0], { tailRatio: 0.06 })).toBeUndefined();
    expect(solveReferenceThreshold([], { tailRatio: 0.06 })).toBeUndefined();
  });
});

describe("describeThreshold", () => {
  it("counts entries without a match, in the head and in the tail, and sums matches", () => {
    expect(describeThreshold([0, 1, 2, 2, 5], 2)).toEqual({
      ...{ t: 2, achieved: 0.1, entries: 5, zero: 1, head: 3, tail: 1, total: 10 },
    });
    expect(describeThreshold([0, 0], undefined)).toMatchObject({ t: undefined, achieved: undefined, zero: 2 });
    expect(describeThreshold([0, 4], 0)).toMatchObject({ achieved: 0, zero: 1, head: 1, tail: 0 });
  });

  it("has every entry in one place", () => {
    fc.assert(
      fc.property(someCounts, fc.nat(1_000_001), (counts, t) => {
        const { entries, zero, head, tail } = describeThreshold(counts, t);
        expect(zero + head + tail).toBe(entries);
      }),
    );
  });
});

describe("keepProbabilities", () => {
  it("are t / count above t, and 1 below it and for entries without a match", () => {
    expect([...keepProbabilities([0, 1, 2, 4, 8], 2)]).toEqual([1, 1, 1, 0.5, 0.25]);
    expect([...keepProbabilities([3], 1)]).toEqual([Math.fround(1 / 3)]);
  });
});

describe("solveGroups", () => {
  const groups = new Map([
    ["en", [0, 4, 6, 40, 50]],
    ["fr", [1, 9, 90]],
    ["lv", [0, 0]],
  ]);
  const solve = (
    policy: Parameters<typeof solveGroups>[0]["policy"],
    profile: "corrected" | "reference" = "corrected",
  ) =>
    solveGroups({ groups, policy, profile }).map(({ group, t, requested, achieved }) => [
      group,
      t,
      requested,
      achieved,
    ]);

  it("solves each group for the ratio", () => {
    expect(solve({ tailRatio: 0.1 })).toEqual([
      ["en", 40, 0.1, 0.1],
      ["fr", 90, 0.1, 0.1],
      ["lv", undefined, 0.1, undefined],
    ]);
  });

  it("gives each group the t", () => {
    expect(solve({ t: 9 })).toEqual([
      ["en", 9, undefined, 0.1],
      ["fr", 9, undefined, 0.01],
      ["lv", 9, undefined, undefined],
    ]);
  });

  it("keeps an anchor's t and solves the others for its tail's share", () => {
    expect(solve({ anchors: new Map([["en", 40]]) })).toEqual([
      ["en", 40, undefined, 0.1],
      ["fr", 90, 0.1, 0.1],
      ["lv", undefined, 0.1, undefined],
    ]);
  });

  it("takes the share of several anchors' tails together", () => {
    const [en, fr, lv] = solve({ anchors: new Map(Object.entries({ en: 5, fr: 9 })) });
    expect([en, fr]).toEqual([
      ["en", 5, undefined, 0.04],
      ["fr", 9, undefined, 0.01],
    ]);
    expect(lv?.[2]).toBe(5 / 200);
  });

  it("refuses an anchor without counts or matches", () => {
    expect(() => solve({ anchors: new Map([["de", 5]]) })).toThrow("no counts of the anchor de");
    expect(() => solve({ anchors: new Map([["lv", 5]]) })).toThrow("no matches of the anchor lv");
  });

  it("says where the published rule misses a ratio that can be had", () => {
    const counts = [...Array.from({ length: 6 }, () => 1), 94];
    expect(solveThreshold(counts, { tailRatio: 0.06 })).toEqual({ t: 94, achieved: 0.06 });
    const [found] = solveGroups({
      groups: new Map([["en", counts]]),
      policy: { tailRatio: 0.06 },
      profile: "reference",
    });
    expect(found).toMatchObject({ t: 1, achieved: 0, outOfReach: { kind: "published-rule" } });
    expect(sayOutOfReach(found!.outOfReach!)).toBe(
      "the published rule takes t = 1, whose tail has 0 % of all matches, not 6 %; t = 94 would have 6 %",
    );
  });
});
