import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyTable } from "../src/dedup/key-table.ts";
import { createPairHasher, type PairHasher } from "../src/dedup/pair-hash.ts";
import { createPairLister, createPlaces, partitionOf, writeKnownPairs } from "../src/dedup/pair-list.ts";
import { createPartitionedFile, readPartition, readPartitionSizes } from "../src/dedup/partitioned-file.ts";
import { createRepeatReader } from "../src/dedup/repeats.ts";
import { createSectionFile, findSection, readSection } from "../src/dedup/section-file.ts";
import { type PairSource, solvePairs } from "../src/dedup/solve-pairs.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-dedup-"));
afterAll(() => rmSync(folder, { recursive: true }));
let hasher: PairHasher;
beforeAll(async () => {
  hasher = await createPairHasher();
});

interface Row {
  readonly url: string | undefined;
  readonly texts: readonly string[];
}

/** What stays of a row: its texts, or of one that goes on with others of its image, that. */
interface Outcome {
  readonly texts: readonly string[];
  readonly isJoined: boolean;
}

/** How the work is cut. */
interface Cut {
  readonly rowsAPiece: number;
  readonly shares: number;
  readonly partitions: number;
  readonly parts: number;
  readonly images: boolean;
  /** Files that are not read, of which only what they have brought first is known. */
  readonly known: readonly boolean[];
}

/** The obvious way: a set of pairs. */
function solvePlainly(files: readonly (readonly Row[])[]): Outcome[][] {
  const seen = new Set<string>();
  const rowsOf = new Map<string, number>();
  const kept = files.map((rows) =>
    rows.map(({ url, texts }) => {
      if (url === undefined) return texts;
      const left = texts.filter((text) => {
        const pair = JSON.stringify([url, text]);
        if (seen.has(pair)) return false;
        seen.add(pair);
        return true;
      });
      if (left.length > 0) rowsOf.set(url, (rowsOf.get(url) ?? 0) + 1);
      return left;
    }),
  );
  return files.map((rows, file) =>
    rows.map(({ url }, row) => {
      const texts = kept[file]![row]!;
      return { texts, isJoined: url !== undefined && texts.length > 0 && rowsOf.get(url)! > 1 };
    }),
  );
}

let runs = 0;

/** The way of the two passes. */
function solve(files: readonly (readonly Row[])[], cut: Cut): Outcome[][] {
  const own = join(folder, `run-${runs++}`);
  const { rowsAPiece, shares, partitions, parts, images } = cut;
  const pieceOf = (row: number) => Math.floor(row / rowsAPiece);
  /** Calls with the rows of one share as readers give them. */
  const readShare = (rows: readonly Row[], share: number, take: (row: Row, piece: number, index: number) => void) => {
    for (const [index, row] of rows.entries()) {
      if (pieceOf(index) % shares === share) take(row, pieceOf(index), index);
    }
  };
  const isKnown = (file: number) => !images && cut.known[file] === true;
  const before = solvePlainly(files);
  const sources = files.map((rows, file): PairSource => {
    if (isKnown(file)) {
      const path = `${own}-known-${file}`;
      const hashes = rows.flatMap(({ url }, row) => {
        if (url === undefined) return [];
        hasher.setImage(url);
        return before[file]![row]!.texts.map((text) => {
          hasher.setText(text);
          return new Uint8Array(hasher.pair.slice().buffer);
        });
      });
      writeKnownPairs(path, partitions, hashes);
      return { known: path };
    }
    const paths = Array.from({ length: shares }, (_, share) => {
      const path = `${own}-${file}-${share}`;
      const lister = createPairLister(path, { hasher, partitions, images });
      const placeOf = createPlaces();
      readShare(rows, share, (row, piece) => lister.add(placeOf({ piece, texts: row.texts }), row));
      lister.end();
      return path;
    });
    return { file, shares: paths };
  });
  const answers = Array.from({ length: partitions * parts }, (_, index) => {
    const range = { partition: Math.floor(index / parts), of: partitions, part: index % parts, parts };
    const [repeats, firsts] = [`${own}-repeats-${index}`, `${own}-firsts-${index}`];
    solvePairs({ sources, range, images, files: files.length, repeats, ...(!images && { firsts }) });
    return { repeats, firsts };
  });
  const firstsOf = (section: number) =>
    answers.flatMap(({ firsts }) =>
      [...readSection(findSection(firsts, { section, of: files.length }), 1 << 10)].flatMap((bytes) => [
        ...new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
      ]),
    );
  return files.map((rows, file) => {
    const outcomes: Outcome[] = [];
    if (isKnown(file)) return before[file]!.map((outcome) => ({ ...outcome, isJoined: false }));
    if (!images) {
      const firsts = firstsOf(file);
      const texts = before[file]!.flatMap((row, index) => (rows[index]!.url === undefined ? [] : row.texts));
      expect(firsts.length).toBe(texts.length);
      expect(firsts).toEqual([...firsts].sort((a, b) => (a < b ? -1 : 1)));
    }
    for (let share = 0; share < shares; share++) {
      const sections = answers.map(({ repeats }) => findSection(repeats, { section: file, of: files.length }));
      const reader = createRepeatReader(sections);
      const placeOf = createPlaces();
      readShare(rows, share, ({ texts }, piece, index) => {
        const repeats = reader.take(placeOf({ piece, texts }), texts.length);
        outcomes[index] = {
          texts: texts.filter((_, at) => !repeats?.dropped.includes(at)),
          isJoined: repeats?.isJoined ?? false,
        };
      });
    }
    return outcomes;
  });
}

const URLS = ["a", "b", "c", "https://example.org/é.jpg", "data:image/gif;base64,R0lGODlhAQABAAAAACw="];
const TEXTS = ["x", "y", "z", "猫", "x ", "a very usual caption", ""];
const row = fc.record({
  url: fc.option(fc.oneof(fc.constantFrom(...URLS), fc.string({ unit: "grapheme", minLength: 1 })), { nil: undefined }),
  texts: fc.array(fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "grapheme" })), { maxLength: 4 }),
});
const pool = fc.array(fc.array(row, { maxLength: 30 }), { minLength: 1, maxLength: 4 });
const cut = fc.record({
  rowsAPiece: fc.integer({ min: 1, max: 9 }),
  shares: fc.integer({ min: 1, max: 4 }),
  partitions: fc.constantFrom(1, 2, 8),
  parts: fc.constantFrom(1, 2, 3),
  images: fc.boolean(),
  known: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
});

describe("repeated pairs", () => {
  it("are those that a set of pairs finds, however the pool is cut into files, shares, partitions and parts", () => {
    fc.assert(
      fc.property(pool, cut, (files, how) => {
        const plain = solvePlainly(files);
        const expected = how.images ? plain : plain.map((rows) => rows.map((one) => ({ ...one, isJoined: false })));
        expect(solve(files, how)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("are found among many, where blocks and tables grow", () => {
    const urls = (at: number) => (at % 7 === 0 ? undefined : `https://example.org/${(at * 7919) % 30_000}.jpg`);
    const files = [0, 1, 2].map((file) =>
      Array.from({ length: 20_000 }, (_, at): Row => {
        const n = file * 20_000 + at;
        return { url: urls(n), texts: [`caption ${n % 4}`, ...(n % 5 === 0 ? [`caption ${n % 3}`] : [])] };
      }),
    );
    const plain = solvePlainly(files);
    const how = { rowsAPiece: 512, shares: 3, partitions: 4, parts: 1, images: true, known: [] };
    expect(solve(files, how)).toEqual(plain);
    const alone = plain.map((rows) => rows.map((one) => ({ ...one, isJoined: false })));
    expect(solve(files, { ...how, images: false, parts: 2, known: [false, true, false] })).toEqual(alone);
  });

  it("tell a text of one image from the same text of another, and a URL's end from a text's beginning", () => {
    const hashOf = (url: string, text: string) => {
      hasher.setImage(url);
      hasher.setText(text);
      return hasher.pair.join(" ");
    };
    const hashes = [hashOf("ab", "c"), hashOf("a", "bc"), hashOf("a", "c"), hashOf("", "abc"), hashOf("abc", "")];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOf("ab", "c")).toBe(hashes[0]);
  });
});

describe("hashes of pairs", () => {
  it("fall evenly into partitions, by either word", () => {
    const counts = new Uint32Array(64);
    const lower = new Uint32Array(64);
    for (let index = 0; index < 64_000; index++) {
      hasher.setImage(`https://example.org/${index >> 3}.jpg`);
      hasher.setText(`caption ${index & 7}`);
      counts[partitionOf(hasher.pair[1]!, 64)]! += 1;
      lower[hasher.pair[0]! & 63]! += 1;
    }
    // Of 1,000 in each, with a standard deviation of 31.4.
    for (const each of [counts, lower]) {
      const chi = each.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(chi).toBeLessThan(130);
    }
  });
});

describe("a table of hashes", () => {
  it("finds what was added, and nothing else, as it grows", () => {
    const table = createKeyTable();
    const keyOf = (n: number) => [Math.imul(n, 0x9e3779b1) >>> 0, (n & 3) + 1] as const;
    for (let n = 1; n <= 20_000; n++) table.set(table.add(...keyOf(n)), n & 0xff);
    for (let n = 1; n <= 20_000; n++) expect(table.get(table.find(...keyOf(n)))).toBe(n & 0xff);
    expect(table.find(5, 77)).toBe(-1);
  });
});

describe("files of work", () => {
  it("give each partition back as it was added, also blocks that are longer than those that wait", () => {
    const path = join(folder, "partitioned");
    const file = createPartitionedFile(path, 300);
    const expected = new Map<number, number[]>();
    for (let index = 0; index < 3000; index++) {
      const partition = (index * index) % 297;
      const bytes = Uint8Array.from({ length: index % 500 === 0 ? 40_000 : (index % 60) * 8 }, () => index & 0xff);
      file.add(partition, bytes);
      expected.set(partition, [...(expected.get(partition) ?? []), ...bytes]);
    }
    file.end();
    for (const [partition, bytes] of expected)
      expect(Buffer.concat([...readPartition(path, partition)]).equals(Buffer.from(bytes)), `${partition}`).toBe(true);
    expect([...readPartition(path, 299)]).toEqual([]);
    const sizes = readPartitionSizes(path);
    expect(sizes?.get(16)).toBe(expected.get(16)?.length);
  });

  it("are none if they are not whole", () => {
    const path = join(folder, "cut");
    const file = createPartitionedFile(path, 2);
    file.add(1, Buffer.from("12345678"));
    expect(readPartitionSizes(path)).toBeUndefined();
    file.end();
    expect(readPartitionSizes(path)).toEqual(new Map([[1, 8]]));
    truncateSync(path, readFileSync(path).length - 1);
    expect(readPartitionSizes(path)).toBeUndefined();
    expect(() => [...readPartition(path, 1)]).toThrow("not whole");
    writeFileSync(path, "");
    expect(readPartitionSizes(path)).toBeUndefined();
  });

  it("give each section back, in pieces of a size", () => {
    const path = join(folder, "sections");
    const file = createSectionFile(path, 5);
    file.add(1, Buffer.from("one"));
    file.add(1, Buffer.from(" and more"));
    file.add(4, Buffer.alloc(100_000, "x"));
    file.end();
    const textOf = (section: number) =>
      [...readSection(findSection(path, { section, of: 5 }), 7)].map((bytes) => bytes.toString()).join("");
    expect([0, 1, 2, 3].map(textOf)).toEqual(["", "one and more", "", ""]);
    expect(textOf(4)).toBe("x".repeat(100_000));
  });
});
