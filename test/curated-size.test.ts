import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateCuratedSize } from "../src/balancing/curated-size.ts";
import { type Draw, HASHES, mergeDraws, NO_DRAW } from "../src/balancing/draw.ts";
import { keepProbability } from "../src/balancing/threshold.ts";
import { createMatchDraw, hashCaption } from "../src/engine/samples.ts";

const ENTRIES = 6;
type Caption = readonly number[];

const caption = fc.uniqueArray(fc.nat(ENTRIES - 1), { minLength: 1, maxLength: ENTRIES });
const threshold = fc.integer({ min: 1, max: 40 });

function countsOf(captions: readonly Caption[]): number[] {
  return Array.from({ length: ENTRIES }, (_, id) => captions.filter((ids) => ids.includes(id)).length);
}

/** The expectation by its definition: over all sets of entries whose coin says "keep", those that hold one of `ids`. */
function enumerate(ids: Caption, counts: readonly number[], t: number): number {
  const sets = Array.from({ length: 2 ** ids.length }, (_, bits) => ids.map((_, at) => ((bits >> at) & 1) === 1));
  return sets.reduce((sum, coins) => {
    const chance = coins.reduce((product, keeps, at) => {
      const keep = Math.fround(Math.min(1, t / counts[ids[at]!]!));
      return product * (keeps ? keep : 1 - keep);
    }, 1);
    return sum + (coins.includes(true) ? chance : 0);
  }, 0);
}

/** Offers captions, of which those of one name are the same, to a draw of a size. */
function draw(captions: readonly (readonly [name: string, ids: Caption])[], size: number): Draw {
  const matches = createMatchDraw(size);
  for (const [id, ids] of captions) matches.offer(hashCaption({ name: id, text: "" }), Uint32Array.from(ids));
  return matches.draw();
}

const sizeOf = (captions: readonly Caption[], t: number): number => {
  const counts = countsOf(captions);
  return captions.reduce((sum, ids) => sum + enumerate(ids, counts, t), 0);
};

/** Numbers from 0 to below 1, the same for the same seed: Park and Miller's generator. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("a draw", () => {
  const names = fc.array(
    fc.tuple(
      fc.nat(15).map(String),
      caption.map((ids) => ids.slice(0, 1)),
    ),
    { maxLength: 40 },
  );

  it("holds all captions below its bound, with their number, in whatever order and parts they come", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 12 }), fc.nat(40), (offered, size, cut) => {
        // The same name means the same caption, so the same matches.
        const captions = offered.map(([name]) => [name, [Number(name) % ENTRIES]] as const);
        const whole = draw(captions, size);
        const hashes = captions.map(([id]) => hashCaption({ name: id, text: "" }));
        const distinct = [...new Set(hashes)].sort((a, b) => a - b);
        expect(whole.below).toBe(distinct[size] ?? HASHES);
        expect(whole.captions.map(({ hash, times }) => [hash, times])).toEqual(
          distinct.slice(0, size).map((hash) => [hash, hashes.filter((other) => other === hash).length]),
        );
        expect(draw([...captions].reverse(), size)).toEqual(whole);
        const parts = [draw(captions.slice(cut), size), draw(captions.slice(0, cut), size)];
        expect(mergeDraws(parts, { size })).toEqual(whole);
      }),
    );
  });

  it("of nothing is none, and one about which nothing is known leaves nothing", () => {
    expect(mergeDraws([])).toEqual({ below: HASHES, captions: [] });
    expect(mergeDraws([draw([["a", [1]]], 4), NO_DRAW])).toEqual(NO_DRAW);
  });
});

describe("the expected curated size", () => {
  it("is that of the enumeration where all captions are drawn, also of captions that come several times", () => {
    fc.assert(
      fc.property(fc.array(caption, { maxLength: 30 }), threshold, fc.integer({ min: 1, max: 3 }), (some, t, times) => {
        const named = some.map((ids, index) => [String(index), ids] as const);
        const captions = Array.from({ length: times }, () => some).flat();
        const drawn = draw(Array.from({ length: times }, () => named).flat(), 30);
        const found = estimateCuratedSize({ draw: drawn, counts: countsOf(captions), t, matched: captions.length });
        const expected = sizeOf(captions, t);
        expect(found?.expected).toBeCloseTo(expected, 9);
        const share = captions.length === 0 ? undefined : found!.expected / captions.length;
        const about = { drawn: captions.length, matched: captions.length, isExact: true };
        expect(found).toEqual({ expected: found?.expected, standardError: 0, share, ...about });
      }),
    );
  });

  it("is all captions where t is no count's better, and none with t = 0", () => {
    const captions = [[0, 1], [0], [1, 2]];
    const given = {
      draw: draw(
        [
          ["a", [0, 1]],
          ["b", [0]],
          ["c", [1, 2]],
        ],
        9,
      ),
      counts: countsOf(captions),
      matched: 3,
    };
    expect(estimateCuratedSize({ ...given, t: 2 })).toMatchObject({ expected: 3, share: 1 });
    expect(estimateCuratedSize({ ...given, t: 0 })).toMatchObject({ expected: 0, share: 0 });
    // Entries 0 and 1 have two captions each, entry 2 has one.
    expect(estimateCuratedSize({ ...given, t: 1 })?.expected).toBe(0.75 + 0.5 + 1);
  });

  it("is not told from too little", () => {
    const drawn: Draw = { below: HASHES / 2, captions: [{ hash: 1, times: 3, ids: Uint32Array.of(0) }] };
    expect(estimateCuratedSize({ draw: drawn, counts: [9], t: 1, matched: 9 })).toBeUndefined();
    expect(estimateCuratedSize({ draw: NO_DRAW, counts: [9], t: 1, matched: 9 })).toBeUndefined();
    expect(estimateCuratedSize({ draw: NO_DRAW, counts: [0], t: 1, matched: 0 })).toMatchObject({ expected: 0 });
  });

  /**
   * A pool of captions as they are: few entries of many matches, many of few. A tenth of the captions comes more than
   * once.
   */
  function makePool(seed: number, size: number): readonly (readonly [string, Caption])[] {
    const random = randomNumbers(seed);
    const captions: (readonly [string, Caption])[] = [];
    while (captions.length < size) {
      const ids = [
        ...new Set(Array.from({ length: 1 + Math.floor(4 * random()) }, () => Math.floor(300 * random() ** 4))),
      ];
      const times = random() < 0.1 ? 1 + Math.floor(5 * random()) : 1;
      const name = `${seed} ${captions.length}`;
      for (let time = 0; time < times; time++) captions.push([name, ids]);
    }
    return captions;
  }

  /** The errors of estimates from many pools, each as a share of the true size and of its own standard error. */
  function errorsOf(
    pools: number,
    make: (seed: number) => { whole: readonly (readonly [string, Caption])[]; draw: Draw },
  ) {
    const t = 40;
    return Array.from({ length: pools }, (_, index) => {
      const { whole, draw } = make(index + 1);
      const counts = Array.from({ length: 300 }, () => 0);
      for (const [, ids] of whole) for (const id of ids) counts[id] = counts[id]! + 1;
      const exact = whole.reduce((sum, [, ids]) => {
        return sum + 1 - ids.reduce((drop, id) => drop * (1 - Math.fround(keepProbability(counts[id]!, t))), 1);
      }, 0);
      const found = estimateCuratedSize({ draw, counts, t, matched: whole.length })!;
      expect(found.isExact).toBe(false);
      const error = found.expected - exact;
      return { relative: error / exact, normal: error / found.standardError };
    });
  }

  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it("is right in the mean, and its standard error is that of the estimates", () => {
    const errors = errorsOf(300, (seed) => {
      const whole = makePool(seed, 2000);
      return { whole, draw: draw(whole, 400) };
    });
    // Of 300 estimates, each wrong by about 2 %, the mean is known to a ninth of a percent.
    expect(Math.abs(meanOf(errors.map(({ relative }) => relative)))).toBeLessThan(0.005);
    const spread = Math.sqrt(meanOf(errors.map(({ normal }) => normal ** 2)));
    expect(spread).toBeGreaterThan(0.8);
    expect(spread).toBeLessThan(1.2);
  });

  it("is right in the mean too after another file was added and withdrawn", () => {
    const errors = errorsOf(200, (seed) => {
      const whole = makePool(seed, 1500);
      const other = makePool(seed + 1000, 1500);
      const both = draw([...whole, ...other], 800);
      const own = new Set(whole.map(([id]) => hashCaption({ name: id, text: "" })));
      const left = both.captions.filter(({ hash }) => own.has(hash));
      expect(left.length).toBeLessThan(both.captions.length);
      return { whole, draw: { below: both.below, captions: left } };
    });
    expect(Math.abs(meanOf(errors.map(({ relative }) => relative)))).toBeLessThan(0.005);
    const spread = Math.sqrt(meanOf(errors.map(({ normal }) => normal ** 2)));
    expect(spread).toBeGreaterThan(0.8);
    expect(spread).toBeLessThan(1.2);
  });
});
