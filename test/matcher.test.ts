import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { classOf, NO_CLITICS } from "../languages/boundary.ts";
import { CLASS } from "../languages/boundary-classes.ts";
import { getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import type { ListRule } from "../src/matching/compile-list.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import { matchesCorrected, matchesReference } from "../src/matching/rules.ts";
import { textAndEntries } from "./matching-texts.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const KOREAN = apostropheRuleOf(getEdition("ko"));
const ENGLISH = apostropheRuleOf(getEdition("en"));
const FRENCH = apostropheRuleOf(getEdition("fr"));
const CATALAN = apostropheRuleOf(getEdition("ca"));

/** The slow twin: each entry by itself; of equal entries the last one's id counts. */
function matchPlainly(
  text: string,
  entries: readonly string[],
  { profile, apostrophes = NO_CLITICS }: ListRule,
): number[] {
  const isReference = profile === "reference";
  const last = new Map(entries.map((entry, id) => [isReference ? entry.toWellFormed() : normalize(entry), id]));
  const matches = (entry: string) =>
    isReference ? matchesReference(text, entry) : matchesCorrected(text, entry, apostrophes);
  return [...last]
    .filter(([entry]) => matches(entry))
    .map(([, id]) => id)
    .sort((a, b) => a - b);
}

const RULES: readonly (readonly [name: string, rule: ListRule])[] = [
  ["reference", { profile: "reference" }],
  ["corrected", { profile: "corrected" }],
  ["corrected, English", { profile: "corrected", apostrophes: ENGLISH }],
  ["corrected, French", { profile: "corrected", apostrophes: FRENCH }],
  ["corrected, Catalan", { profile: "corrected", apostrophes: CATALAN }],
  ["corrected, Korean", { profile: "corrected", apostrophes: KOREAN }],
];

describe.each(RULES)("createMatcher, %s", (_name, rule) => {
  it("matches what the plain rule matches, compiled and as TypeScript", () => {
    fc.assert(
      fc.property(textAndEntries, ({ text, entries }) => {
        const expected = matchPlainly(text, entries, rule);
        expect([...createMatcher(entries, rule).match(text)]).toEqual(expected);
        expect([...createMatcher(entries, rule, "twin").match(text)]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("matches each of many texts as if it were alone", () => {
    fc.assert(
      fc.property(fc.array(textAndEntries, { minLength: 1, maxLength: 8 }), fc.nat(3000), (cases, count) => {
        const entries = cases.flatMap((one) => one.entries);
        const matcher = createMatcher(entries, rule);
        const texts = Array.from({ length: count }, (_, index) => cases[(index * 7) % cases.length]!.text);
        const alone = new Map(texts.map((text) => [text, [...matcher.match(text)]]));
        const told: number[] = [];
        matcher.matchAll(texts, (index, ids) => {
          told.push(index);
          expect([...ids].sort((a, b) => a - b)).toEqual(alone.get(texts[index]!));
        });
        expect(told).toEqual(texts.map((_, index) => index));
      }),
      { numRuns: 20 },
    );
  });
});

const BOTH: readonly ListRule[] = [{ profile: "reference" }, { profile: "corrected", apostrophes: ENGLISH }];

describe.each(BOTH)("createMatcher at its limits, $profile", (rule) => {
  it("takes texts that are longer than a batch, and an entry as long", () => {
    const long = Array.from({ length: 40_000 }, (_, index) => `w${index % 1000}`).join(" ");
    const matcher = createMatcher(["w0 w1", "w999", "w1000", long, `${long} more`], rule);
    expect([...matcher.match(long)]).toEqual([0, 1, 3]);
    const told: number[][] = [];
    matcher.matchAll(["w999", long, "w1000 w0 w1"], (_, ids) => told.push([...ids].sort((a, b) => a - b)));
    expect(told).toEqual([[1], [0, 1, 3], [0, 2]]);
  });

  it("gives all matches where they do not fit together", () => {
    const words = Array.from({ length: 300 }, (_, index) => `w${index}`);
    const matcher = createMatcher(words, rule);
    let matches = 0;
    matcher.matchAll(
      Array.from({ length: 1500 }, () => words.join(" ")),
      (_, ids) => {
        matches += new Set(ids).size;
      },
    );
    expect(matches).toBe(1500 * 300);
  });

  it("keeps apart the steps of lists with so many words that 16 bits do not tell them, nor three bytes a value", () => {
    const word = (index: number) => `w${index.toString(36)}`;
    const count = 400_000;
    const words = Array.from({ length: count }, (_, index) => word(index));
    // Rows of 1 to 8, of buckets, and paths, over words from everywhere.
    const pairs = Array.from({ length: 60_000 }, (_, index) => `${word(index % 97)} ${word((index * 7919) % count)}`);
    const few = Array.from(
      { length: 40_000 },
      (_, index) => `${word(200 + (index >> 2))} ${word((index * 104_729) % count)}`,
    );
    const paths = Array.from({ length: 2000 }, (_, index) =>
      [index + 20_000, index * 31, index * 67, index * 7].map((number) => word(number % count)).join(" "),
    );
    const entries = [...words, ...pairs, ...few, ...paths];
    const matcher = createMatcher(entries, rule);
    const ids = new Map(entries.map((entry, id) => [entry, id]));
    const told = (text: string) => {
      const parts = text.split(" ");
      const found = new Set<number>();
      for (let from = 0; from < parts.length; from++) {
        for (let to = from + 1; to <= parts.length; to++) {
          const id = ids.get(parts.slice(from, to).join(" "));
          if (id !== undefined) found.add(id);
        }
      }
      return [...found].sort((a, b) => a - b);
    };
    const texts = [...pairs.slice(0, 3000), ...few.slice(0, 3000), ...paths].map(
      (text, index) => `${text} ${word(index)}`,
    );
    // As many that are in no row: a word that others have in its place.
    for (let index = 0; index < 5000; index++) texts.push(`${word(index % 300)} ${word((index * 65_537) % count)}`);
    matcher.matchAll(texts, (index, found) => {
      const sorted = [...found].sort((a, b) => a - b);
      if (sorted.join() !== told(texts[index]!).join()) expect(sorted, texts[index]).toEqual(told(texts[index]!));
    });
  });

  it("tells long words apart that begin alike", () => {
    const stem = "Donaudampfschifffahrt";
    const words = [10, 11, 12, 15, 16, 17, 20].flatMap((length) => {
      const start = stem.slice(0, length);
      return [start, `${start}x`, `${start}y`, `${start.slice(0, -1)}ö`];
    });
    const entries = [...new Set([...words, ...words.map((word) => `${word} ${stem}`)])];
    const matcher = createMatcher(entries, rule);
    for (const text of [...entries, `${stem}z`, `${stem.slice(0, 16)}z`, `(${stem}x)`]) {
      expect([...matcher.match(text)], text).toEqual(matchPlainly(text, entries, rule));
    }
  });

  it("matches lists of many scripts", () => {
    const texts = [
      "新しいカメラとiPhoneを買った。",
      '한국어 위키 — "백과"',
      "ไทยและลาว 2 คน",
      "l’été d'un Öl-Tag",
      "שלום עולם، مرحبا",
    ];
    const entries = [
      ...new Set(
        texts.flatMap((text) =>
          [...text].flatMap((_, at) => [1, 2, 3, 5].map((n) => [...text].slice(at, at + n).join(""))),
        ),
      ),
    ];
    const matcher = createMatcher(entries, rule);
    for (const text of texts) expect([...matcher.match(text)], text).toEqual(matchPlainly(text, entries, rule));
  });
});

/** Real captions with the edition whose apostrophes they have. */
const CAPTIONS = [
  ["en", "captions/iglue-wit/val_en.jsonl.gz"],
  ["ja", "captions/iglue-wit/test_ja.jsonl.gz"],
  ["ar", "captions/iglue-wit/test_ar.jsonl.gz"],
  ["el", "captions/iglue-wit/test_el.jsonl.gz"],
  ["tr", "captions/iglue-wit/test_tr.jsonl.gz"],
  ["fr", "captions/multi30k/val.fr.gz"],
  ["zh", "captions/flickr8k-cn/flickr8kzhc.caption.txt.gz"],
] as const;

describe.each(CAPTIONS.filter(([, path]) => !lacksSharedData(path)))("real captions, %s", (code, path) => {
  const lines = gunzipSync(readFileSync(sharedData(path)))
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(0, 60);
  const texts = lines.map((line) =>
    path.endsWith(".jsonl.gz")
      ? (JSON.parse(line) as { caption_reference_description: string }).caption_reference_description
      : line,
  );
  const words = texts.flatMap((text) => text.split(/\s+/));
  const pieces = texts.flatMap((text) => [
    text.slice(0, 12),
    text.slice(3, 5),
    text.split(/\s+/).slice(1, 3).join(" "),
  ]);
  const entries = [...new Set([...words, ...pieces])].slice(0, 900);
  it.each(["reference", "corrected"] as const)("match by the %s rule what the plain one matches", (profile) => {
    const rule: ListRule = { profile, apostrophes: apostropheRuleOf(getEdition(code)) };
    const matcher = createMatcher(entries, rule);
    for (const text of texts) expect([...matcher.match(text)], text).toEqual(matchPlainly(text, entries, rule));
  });
});

describe("matchers that nobody holds", () => {
  it("do not keep their memory when garbage is collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const before = process.memoryUsage().rss;
    for (let index = 0; index < 1000; index++) {
      createMatcher([`a${index}`], { profile: "reference" }).match("a1");
      if (index % 100 !== 99) continue;
      collect();
      // What is freed is given back between two turns.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
  });
});

describe("white space of the boundary rule", () => {
  it("is what normalizing makes a space, so that the kernels may take it for one", () => {
    for (let point = 0; point < 0x110000; point++) {
      if (classOf(point) !== CLASS.space || point === 0x200b) continue;
      expect(normalize(`a${String.fromCodePoint(point)}b`), point.toString(16)).toBe("a b");
    }
  });
});
