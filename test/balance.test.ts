import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../scripts/random.ts";
import { balanceRow, type Decision, drawsOf, keepAny, type MatchedRow, nameRow } from "../src/balancing/balance.ts";
import { estimateCuratedSize } from "../src/balancing/curated-size.ts";
import { HASHES } from "../src/balancing/draw.ts";
import { keepProbabilities } from "../src/balancing/threshold.ts";
import { lacksNumpy, runPython } from "./python.ts";
import { dependence, histogram, sumDeviation, unevenness } from "./statistics.ts";

const range = (length: number) => Array.from({ length }, (_, index) => index);

describe("drawsOf", () => {
  /** Hexadecimal digits as `printf '0:a' | sha256sum` prints them. */
  it.each([
    ["a", 0, "9df3c5fab8ef8", "fe78a408912e5"],
    ["a", 1, "4162fddd39a3e", "4225e8e2392ec"],
    ["", 0, "ba768b331fd86", "cec803be04e56"],
    ["日本語", 7, "8a4298e3968af", "1e61a6293cabf"],
    ["wn-00001740-n", 4_294_967_296, "5bb9435683e1d", "525b9242f9658"],
  ])("of %j and %d are the digits of SHA-256", (id, seed, keep, pick) => {
    const fraction = (digits: string) => Number(BigInt(`0x${digits}`)) / 2 ** 52;
    expect(drawsOf(id, seed)).toEqual({ keep: fraction(keep), pick: fraction(pick) });
  });

  it("are the same number everywhere", () => {
    expect(drawsOf("a", 0)).toEqual({ keep: 0.6170009362330671, pick: 0.9940283318439296 });
  });

  it("are fractions of 2^52 from 0 to below 1", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(), (id, seed) => {
        for (const draw of Object.values(drawsOf(id, seed))) {
          expect(draw).toBeGreaterThanOrEqual(0);
          expect(draw).toBeLessThan(1);
          expect(Number.isInteger(draw * 2 ** 52)).toBe(true);
        }
      }),
    );
  });

  const IDS = 100_000;
  const draws = (seed: number, name = (index: number) => `${index}`) =>
    range(IDS).map((index) => drawsOf(name(index), seed));
  const first = draws(0);

  it.each([
    ["keep", 0, first],
    ["keep, of another seed", 1, draws(1)],
    ["keep, of names that differ in the middle", 0, draws(0, (index) => `https://example.org/${index}/photo.jpg`)],
  ])("are uniform: %s", (_, __, those) => {
    for (const draw of ["keep", "pick"] as const) {
      const values = those.map((one) => one[draw]);
      expect(unevenness(histogram(values, 1000))).toBeLessThan(1);
    }
    // The last ten of the 52 bits as much as the first.
    const low = those.map(({ keep }) => (keep * 2 ** 42) % 1);
    expect(unevenness(histogram(low, 1024))).toBeLessThan(1);
  });

  it("are uniform over the seeds of one id", () => {
    const those = range(IDS).map((seed) => drawsOf("one image", seed));
    for (const draw of ["keep", "pick"] as const) {
      const values = those.map((one) => one[draw]);
      expect(unevenness(histogram(values, 1000))).toBeLessThan(1);
    }
  });

  it("do not tell each other: what stays from which text, a seed from the next, an id from the next", () => {
    const next = draws(1);
    const pairs: [number, number][][] = [
      first.map(({ keep, pick }) => [keep, pick]),
      first.map(({ keep }, at) => [keep, next[at]!.keep]),
      first.map(({ pick }, at) => [pick, next[at]!.keep]),
      first.slice(1).map(({ keep }, at) => [keep, first[at]!.keep]),
    ];
    for (const some of pairs) expect(dependence(some, 32)).toBeLessThan(1);
  });

  it("would be refused by these statistics if they were not so", () => {
    expect(
      unevenness(
        histogram(
          first.map(({ keep }) => keep ** 1.05),
          1000,
        ),
      ),
    ).toBeGreaterThan(1);
    expect(
      unevenness(
        histogram(
          first.map(({ keep }) => Math.floor(keep * 900) / 900),
          1000,
        ),
      ),
    ).toBeGreaterThan(1);
    expect(
      dependence(
        first.map(({ keep }) => [keep, keep]),
        32,
      ),
    ).toBeGreaterThan(1);
    expect(
      dependence(
        first.map(({ keep, pick }) => [keep, (pick + keep / 20) % 1]),
        32,
      ),
    ).toBeLessThan(1);
    expect(
      dependence(
        first.map(({ keep, pick }) => [keep, (pick * 9 + keep) / 10]),
        32,
      ),
    ).toBeGreaterThan(1);
  });
});

/** A row of a made-up pool: the entries of each of its texts. */
interface Row {
  readonly id: string;
  readonly matches: readonly Uint32Array[];
}

interface Pool {
  readonly rows: readonly Row[];
  readonly entries: number;
  readonly counts: Float64Array;
}

/** A pool of rows with one to three texts, whose entries' counts fall as those of words do. */
function makePool({ rows, entries }: { readonly rows: number; readonly entries: number }): Pool {
  const random = createRandom();
  const next = () => random() / 2 ** 32;
  const counts = new Float64Array(entries);
  const makeText = () => {
    const ids = new Set(range(1 + Math.floor(next() * 5)).map(() => Math.floor(entries ** next()) - 1));
    for (const id of ids) counts[id] = counts[id]! + 1;
    return Uint32Array.from(ids).sort();
  };
  const made = range(rows).map((row) => ({
    id: `row-${row}`,
    matches: range(1 + Math.floor(next() * 3)).map(makeText),
  }));
  return { rows: made, entries, counts };
}

const SEEDS = 200;
const LEAST_VARIANCE = 10;

const varianceOf = (chances: readonly number[]) => chances.reduce((sum, chance) => sum + chance * (1 - chance), 0);

type Balance = (row: MatchedRow) => Decision;

/**
 * How many kept texts hold each entry, and how many rows are kept, over many seeds, against what they ought to be by a
 * reckoning of its own: the largest deviation, as a share of what chance allows. Numbers that chance moves little are left
 * out, since they are not distributed as the bounds suppose.
 */
function deviationOf(balance: Balance, { rows, entries, counts }: Pool, t: number): number {
  const probabilities = keepProbabilities(counts, t);
  const all = entries;
  const chances: number[][] = range(entries + 1).map(() => []);
  for (const { matches } of rows) {
    const ofRow = new Map<number, number>();
    for (const ids of matches) {
      const drop = [...ids].reduce((sum, id) => sum + Math.log1p(-probabilities[id]!), 0);
      for (const id of [...ids, all]) ofRow.set(id, (ofRow.get(id) ?? 0) - Math.expm1(drop) / matches.length);
    }
    for (const [id, chance] of ofRow) chances[id]!.push(chance);
  }
  const kept = chances.map(() => new Array<number>(SEEDS).fill(0));
  for (let seed = 0; seed < SEEDS; seed++) {
    for (const { id, matches } of rows) {
      const { drawn, isKept } = balance({ id, seed, matches, probabilitiesOf: () => probabilities });
      if (isKept) for (const entry of [...matches[drawn]!, all]) kept[entry]![seed]!++;
    }
  }
  const judged = range(entries + 1).filter((entry) => varianceOf(chances[entry]!) >= LEAST_VARIANCE);
  expect(judged.length).toBeGreaterThan(8);
  expect(judged).toContain(all);
  return Math.max(...judged.map((entry) => sumDeviation(kept[entry]!, chances[entry]!)));
}

/** `balanceRow` with another rule for the probability of a text. */
const withRule =
  (rule: (chances: readonly number[]) => number): Balance =>
  (row) => {
    const { keep, pick } = drawsOf(row.id, row.seed);
    const drawn = Math.floor(pick * row.matches.length);
    const probability = rule([...row.matches[drawn]!].map((id) => row.probabilitiesOf(drawn)[id]!));
    return { drawn, probability, isKept: keep < probability };
  };

describe("balanceRow", () => {
  const pool = makePool({ rows: 1000, entries: 40 });

  it.each([10, 40, 200])(
    "keeps of each entry's texts as many as their chances say, over many seeds, with t = %d",
    (t) => {
      expect(deviationOf(balanceRow, pool, t)).toBeLessThan(1);
    },
  );

  it.each<[string, Balance]>([
    [
      "that adds the entries' probabilities",
      withRule((chances) =>
        Math.min(
          1,
          chances.reduce((a, b) => a + b, 0),
        ),
      ),
    ],
    ["that takes the largest", withRule((chances) => Math.max(...chances))],
    ["that takes the mean", withRule((chances) => chances.reduce((a, b) => a + b, 0) / chances.length)],
    [
      "that leaves out the last entry",
      withRule((chances) => 1 - chances.slice(0, -1).reduce((a, b) => a * (1 - b), 1)),
    ],
    [
      "that keeps one text in 50 too many",
      withRule((chances) => 1.02 - 1.02 * chances.reduce((a, b) => a * (1 - b), 1)),
    ],
    [
      "that takes each row's first text",
      (row) => ({ ...balanceRow({ ...row, matches: row.matches.slice(0, 1) }), drawn: 0 }),
    ],
    [
      "that picks a text by the draw that keeps it",
      ({ id, seed, matches, probabilitiesOf }) => {
        const { keep } = drawsOf(id, seed);
        const drawn = Math.floor(keep * matches.length);
        const probability = keepAny(matches[drawn]!, (id) => probabilitiesOf(drawn)[id]!);
        return { drawn, probability, isKept: keep < probability };
      },
    ],
    ["that draws one number for ten rows", (row) => balanceRow({ ...row, id: row.id.slice(0, -1) })],
    ["that knows no seed", (row) => balanceRow({ ...row, seed: 0 })],
  ])("is told from a rule %s", (_, wrong) => {
    expect(deviationOf(wrong, pool, 40)).toBeGreaterThan(1);
  });

  it.each([1, 2, 3, 7, 64])("takes each of %d texts as often as the others, whatever their probabilities", (texts) => {
    const probabilities = Float32Array.from(range(texts), (id) => 1 / (id + 1));
    const matches = range(texts).map((id) => Uint32Array.of(id));
    const taken = new Float64Array(texts);
    for (const id of range(20_000)) {
      const { drawn } = balanceRow({ id: `${id}`, seed: 3, matches, probabilitiesOf: () => probabilities });
      taken[drawn] = taken[drawn]! + 1;
    }
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    if (texts > 1) expect(unevenness(taken)).toBeLessThan(1);
  });

  it("decides by id and seed alone: not by the order of rows, nor by what stands beside a row", () => {
    const probabilities = keepProbabilities(pool.counts, 40);
    const decide = (rows: readonly Row[]) =>
      new Map(
        rows.map(({ id, matches }) => [id, balanceRow({ id, seed: 5, matches, probabilitiesOf: () => probabilities })]),
      );
    const together = decide(pool.rows);
    const backwards = decide([...pool.rows].reverse());
    const shards = range(7).map((shard) => decide(pool.rows.filter((_, at) => at % 7 === shard)));
    expect([...together.values()].some(({ isKept }) => isKept)).toBe(true);
    expect([...together.values()].some(({ isKept }) => !isKept)).toBe(true);
    expect(backwards).toEqual(together);
    expect(new Map(shards.flatMap((shard) => [...shard]))).toEqual(together);
  });

  it("takes the probabilities of the list that the drawn text has met", () => {
    const matches = [Uint32Array.of(0), Uint32Array.of(0)];
    const probabilities = [[1], [0]];
    for (const id of range(200)) {
      const row = { id: `${id}`, seed: 1, matches, probabilitiesOf: (text: number) => probabilities[text]! };
      const { drawn, isKept } = balanceRow(row);
      expect(isKept).toBe(drawn === 0);
    }
  });

  it("keeps with a larger t all that it keeps with a smaller one", () => {
    const kept = [1, 4, 40, 300].map((t) => {
      const probabilities = keepProbabilities(pool.counts, t);
      return pool.rows.filter(
        ({ id, matches }) => balanceRow({ id, seed: 0, matches, probabilitiesOf: () => probabilities }).isKept,
      );
    });
    for (const [at, more] of kept.slice(1).entries()) {
      expect(kept[at]!.filter((row) => !more.includes(row))).toEqual([]);
      expect(more.length).toBeGreaterThan(kept[at]!.length);
    }
  });

  it("keeps what is sure and drops what cannot be, and keeps a text of t = 0 never", () => {
    const one = { id: "a", seed: 0, matches: [Uint32Array.of(0)] };
    expect(balanceRow({ ...one, probabilitiesOf: () => [1] })).toEqual({ drawn: 0, probability: 1, isKept: true });
    expect(balanceRow({ ...one, probabilitiesOf: () => [0] })).toEqual({ drawn: 0, probability: 0, isKept: false });
    expect(balanceRow({ ...one, probabilitiesOf: () => keepProbabilities([9], 0) }).isKept).toBe(false);
    const { keep } = drawsOf("a", 0);
    expect(balanceRow({ ...one, probabilitiesOf: () => [keep] }).isKept).toBe(false);
    expect(balanceRow({ ...one, probabilitiesOf: () => [keep + 2 ** -52] }).isKept).toBe(true);
  });
});

/** A pool so small that all that can happen can be written down: of each text its entries. */
type Texts = readonly (readonly number[])[];

/** 2^bits × a double that has no more bits than that, as a whole number. */
function scale(value: number, bits: number): bigint {
  const scaled = value * 2 ** bits;
  if (!Number.isSafeInteger(scaled)) throw new RangeError(`${value} is no fraction of 2^${bits}`);
  return BigInt(scaled);
}

/**
 * Algorithm 1 of MetaCLIP over all outcomes of its draws, one for each entry of each text, in exact fractions: for each text
 * the chance that it is kept, and the mean number of texts kept; times 2^(bits × draws).
 */
function enumerateAlgorithm(texts: Texts, chances: readonly number[], bits: number) {
  const draws = texts.flatMap((ids, text) => ids.map((id) => ({ text, chance: scale(chances[id]!, bits) })));
  const whole = 1n << BigInt(bits);
  const keeps = texts.map(() => 0n);
  let mean = 0n;
  for (let outcome = 0; outcome < 2 ** draws.length; outcome++) {
    let weight = 1n;
    const kept = new Set<number>();
    for (const [at, { text, chance }] of draws.entries()) {
      const isSuccess = ((outcome >> at) & 1) === 1;
      weight *= isSuccess ? chance : whole - chance;
      if (isSuccess) kept.add(text);
    }
    for (const text of kept) keeps[text] = keeps[text]! + weight;
    mean += weight * BigInt(kept.size);
  }
  return { keeps, mean, one: 1n << BigInt(bits * draws.length) };
}

describe("keepAny", () => {
  const BITS = 3;
  const ENTRIES = 5;
  const ids = fc.uniqueArray(fc.nat(ENTRIES - 1), { minLength: 1, maxLength: 4 }).map((some) => some.sort());
  const texts = fc.array(ids, { minLength: 1, maxLength: 3 });

  it("is what Algorithm 1 comes to over all outcomes of its draws, to the last bit", () => {
    const eighths = fc.array(fc.nat(8), { minLength: ENTRIES, maxLength: ENTRIES });
    fc.assert(
      fc.property(texts, eighths, (pool, numerators) => {
        const probabilities = Float32Array.from(numerators, (numerator) => numerator / 8);
        const { keeps, one } = enumerateAlgorithm(pool, [...probabilities], BITS);
        for (const [at, ids] of pool.entries()) {
          // At most 12 bits: no double is rounded.
          expect(
            scale(
              keepAny(Uint32Array.from(ids), (id) => probabilities[id]!),
              12,
            ) * one,
          ).toBe(keeps[at]! << 12n);
        }
      }),
    );
  });

  it("gives the size to expect that Algorithm 1 comes to, to the last bit", () => {
    // t is 4, so that counts up to 4 and powers of 2 give binary fractions.
    const counts = fc.array(fc.constantFrom(1, 3, 4, 8, 16, 32), { minLength: ENTRIES, maxLength: ENTRIES });
    fc.assert(
      fc.property(texts, counts, (pool, of) => {
        const { mean, one } = enumerateAlgorithm(pool, [...keepProbabilities(of, 4)], BITS);
        const captions = pool.map((ids, hash) => ({ hash, times: 1, ids: Uint32Array.from(ids) }));
        const draw = { below: HASHES, captions };
        const size = estimateCuratedSize({ draw, counts: of, t: 4, matched: pool.length });
        expect(scale(size!.expected, 12) * one).toBe(mean << 12n);
        expect(size).toMatchObject({ standardError: 0, isExact: true });
      }),
    );
  });

  it("tells rules apart that come near", () => {
    const probabilities = [0.5, 0.25];
    expect(keepAny(Uint32Array.of(0, 1), (id) => probabilities[id]!)).toBe(0.625);
    expect(keepAny(Uint32Array.of(1), (id) => probabilities[id]!)).toBe(0.25);
    expect(keepAny(new Uint32Array(0), (id) => probabilities[id]!)).toBe(0);
  });
});

describe("nameRow", () => {
  /** As `printf 'https://a.example/1.jpg\0a cat\0two cats' | sha256sum` prints it. */
  it("is SHA-256 of the URL and the texts with a NUL before each", () => {
    expect(nameRow({ url: "https://a.example/1.jpg", texts: ["a cat", "two cats"] })).toBe(
      "17f5611de17d5142c0617c4bca6753fd453f1109a3b637a8786a1f3e8b83f434",
    );
    expect(nameRow({ url: undefined, texts: ["a cat"] })).toBe(
      "7b2d73207a1f79d136e29fd2f388051d629948a5d96e20779d76f7a53192c0a2",
    );
  });

  it("is the same for the same row and another for another", () => {
    const word = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""));
    const row = fc.record({ url: word, texts: fc.array(word, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(row, row, (a, b) => {
        expect(nameRow({ ...a })).toBe(nameRow(a));
        expect(nameRow(a) === nameRow(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it("minds where a URL ends and which text is first", () => {
    const names = [
      { url: "u", texts: ["a", "b"] },
      { url: "u", texts: ["b", "a"] },
      { url: "u", texts: ["ab"] },
      { url: "ua", texts: ["b"] },
      { url: "", texts: ["u", "a", "b"] },
      { url: "u", texts: ["a", "b", ""] },
    ].map(nameRow);
    expect(new Set(names).size).toBe(names.length);
    expect(nameRow({ url: undefined, texts: ["a"] })).toBe(nameRow({ url: "", texts: ["a"] }));
  });
});

describe.skipIf(lacksNumpy())("keepProbabilities", () => {
  it("are numpy.float32(t / max(t, count)), bit by bit", () => {
    const random = createRandom();
    const cases = range(20_000).map((at): [t: number, count: number] => {
      const whole = (bits: number) => Math.floor((random() / 2 ** 32) * 2 ** (bits * (random() / 2 ** 32)));
      return at < 40 ? [at % 5, Math.floor(at / 5)] : [whole(34) + 1, whole(53)];
    });
    const ours = cases
      .filter(([t]) => t > 0)
      .map(([t, count]) => [t, count, keepProbabilities([count], t)[0]!] as const);
    const folder = mkdtempSync(join(tmpdir(), "worldmeta-balance-"));
    try {
      const path = join(folder, "cases.json");
      writeFileSync(path, JSON.stringify(ours.map(([t, count, probability]) => [t, count, probability])));
      const program = `
import json, sys
import numpy
cases = json.load(open(sys.argv[1]))
wrong = [case for case in cases if numpy.float32(case[0] / max(case[0], case[1])) != numpy.float64(case[2])]
print(len(cases), len(wrong), wrong[:3])
`;
      expect(runPython(program, path)).toBe(`${ours.length} 0 []\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
