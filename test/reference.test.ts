import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { getEdition, loadTokenizer } from "../languages/index.ts";
import { createReferenceCutter } from "../src/ngrams/reference-grams.ts";
import { compareCodePoints } from "../src/order.ts";
import { makeFolder, runCli } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { wildText } from "./tokenizer-contract.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Punctuation of the published tokenizing. */
const P = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~，。、；：？！“”‘’（）【】《》〈〉「」『』～—¿";
const W =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2CEB0}-\u{2EBEF}\uF900-\uFAFF\u2E80-\u2EFF\u2F00-\u2FDF\u2FF0-\u2FFF\u0E00-\u0E7F\u0E80-\u0EFF\u1000-\u109F\u1780-\u17FF\u0F00-\u0FFF]/u;
const SPACES = new Set(
  [
    ...[9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
    ...Array.from({ length: 11 }, (_, index) => 0x2000 + index),
  ].map((point) => String.fromCodePoint(point)),
);

interface Counts {
  readonly words: Map<string, number>;
  readonly pairs: Map<string, number>;
}

/** The published rule as it is told, over whole files held in memory. */
function countAsTold(files: readonly string[]): Counts {
  const words = new Map<string, number>();
  const pairs = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const file of files) {
    const text = file
      .replace(/\r\n/g, "\n")
      .replace(/\r/g, "\n")
      .replace(/(&lt;[^\n]*?&gt;|<[^\n]*?>)/g, "");
    let spaced = "";
    for (const character of text) {
      if (P.includes(character) || W.test(character)) spaced += ` ${character} `;
      else spaced += SPACES.has(character) ? " " : character;
    }
    let previous: string | undefined;
    for (const token of spaced.split(" ").filter((part) => part !== "")) {
      if ([...token].every((character) => P.includes(character))) {
        previous = undefined;
        continue;
      }
      add(words, token);
      if (previous !== undefined) add(pairs, `${previous}\t${token}`);
      previous = token;
    }
  }
  return { words, pairs };
}

function toFile(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b))
    .map(([key, count]) => `${count}\t${key}\n`)
    .join("");
}

function ngrams(path: string, edition: string, ...more: readonly string[]): { words: string; pairs: string } {
  const out = join(folder, "out");
  const run = runCli(["ngrams", "--edition", edition, "--text", path, "--out", out, "--profile", "reference", ...more]);
  expect(run.status).toBe(0);
  return {
    words: readFileSync(join(out, "unigrams.tsv"), "utf8"),
    pairs: readFileSync(join(out, "bigrams.tsv"), "utf8"),
  };
}

describe("reference counts", () => {
  it("equal the rule as it is told, on random text", async () => {
    const cutter = createReferenceCutter(getEdition("en"), await loadTokenizer(getEdition("en")));
    const line = fc.oneof(
      wildText,
      fc.stringMatching(/^(?:<[a-c ]{0,3}>|&lt;b&gt;|[a-c<>;&] ?|[。¿、] ?|\u00a0|\u0085){0,12}$/),
    );
    fc.assert(
      fc.property(fc.array(fc.array(line)), (files) => {
        const words = new Map<string, number>();
        const pairs = new Map<string, number>();
        const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
        for (const lines of files) {
          cutter.begin();
          // In pieces, as a file is read.
          for (const text of lines.join("\n").replace(/\r\n?/g, "\n").split("\n")) {
            cutter.cut(text, { word: (word) => add(words, word), pair: (a, b) => add(pairs, `${a}\t${b}`) });
          }
        }
        const told = countAsTold(files.map((lines) => lines.join("\n")));
        expect(toFile(words)).toBe(toFile(told.words));
        expect(toFile(pairs)).toBe(toFile(told.pairs));
      }),
      { numRuns: 500 },
    );
  });

  it("run on across lines and documents of a file, but not into the next one, and keep a byte order mark", () => {
    const one = join(folder, "one.txt");
    const two = join(folder, "two.txt");
    writeFileSync(one, '\uFEFFa\r\nb\r<doc id="1">\nb c</doc>\n« d\n');
    writeFileSync(two, "e\n");
    expect(ngrams(one, "en", "--text", two)).toEqual({
      words: "2\tb\n1\tc\n1\td\n1\te\n1\t«\n1\t\uFEFFa\n",
      pairs: "1\tb\tb\n1\tb\tc\n1\tc\t«\n1\t«\td\n1\t\uFEFFa\tb\n",
    });
  });

  it("in editions with a segmenter leave out segments of punctuation and halves of brackets", () => {
    const path = join(folder, "zh.txt");
    writeFileSync(path, "我们喜欢（北京）大学。\n");
    expect(ngrams(path, "zh").pairs).toBe("1\t我们\t喜欢\n");
  });

  const FOLDER = "wikipedia-text";
  const absent = lacksSharedData(FOLDER);
  const names = absent ? [] : readdirSync(sharedData(FOLDER)).filter((name) => !/^(ja|zh)wiki/.test(name));
  it.skipIf(absent).each(names)("equal the rule as it is told, on %s", (name) => {
    const text = gunzipSync(readFileSync(sharedData(`${FOLDER}/${name}`))).toString("utf8");
    const rows = text.split("\n").filter((line) => line !== "");
    const files = name.includes(".jsonl") ? rows.map((row) => (JSON.parse(row) as { text: string }).text) : [text];
    const told = countAsTold(files);
    const found = ngrams(sharedData(`${FOLDER}/${name}`), name.split("wiki")[0] ?? "");
    expect(found.words === toFile(told.words)).toBe(true);
    expect(found.pairs === toFile(told.pairs)).toBe(true);
  });
});
