/** What curation keeps, said plainly: lists of few words, and the rules of matching and drawing as anyone could write them. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { expect } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { getEdition } from "../languages/index.ts";
import { matchesCorrected } from "../src/matching/rules.ts";
import { outputOf } from "./run-cli.ts";

export const LEMMAS = {
  en: ["cat", "dog", "paris", "new york", "blue shirt", "man", "phone", "well-known", "a"],
  ja: ["カメラ", "新しい", "東京", "猫", "写真"],
  fr: ["chat", "homme", "l'eau", "eau"],
} as const;
export const WORDS = {
  en: [...LEMMAS.en, "(paris)", "cats", "2010", "7", "concatenate", "the", "IMG_2010.jpg"],
  ja: ["新しいカメラとiPhoneを買った", "東京の猫", "写真", "2010年", "猫"],
  fr: ["chat", "l'homme", "l’eau", "«chat»", "hommes"],
} as const;
export type Lang = keyof typeof LEMMAS;
/** As `buildLists` makes them: 0 to 99 first, then lemmas by their rank. */
const DIGITS = Array.from({ length: 100 }, (_, n) => String(n));

/** A pair as the test knows it. */
export interface Pair {
  readonly id: string;
  readonly url: string | null;
  readonly text: string;
  readonly lang: string;
  readonly matches: readonly number[];
  readonly probability: number;
}

/** The pairs in a folder, in the order of its parts. */
export async function readPairs(directory: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (name.endsWith(".jsonl")) {
      const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
      pairs.push(...lines.map((line) => JSON.parse(line) as Pair));
    } else if (name.endsWith(".parquet")) {
      const bytes = readFileSync(path);
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      pairs.push(...((await parquetReadObjects({ file })) as unknown as Pair[]));
    }
  }
  return pairs;
}

/** The first 13 hexadecimal digits of a hash, and the next 13, as fractions. */
export function drawPlainly(seed: number, id: string): readonly [keep: number, pick: number] {
  const hex = createHash("sha256").update(`${seed}:${id}`, "utf8").digest("hex");
  const fraction = (from: number) => Number(BigInt(`0x${hex.slice(from, from + 13)}`)) / 2 ** 52;
  return [fraction(0), fraction(13)];
}

export const entriesOf = (lang: Lang) => [...DIGITS, ...LEMMAS[lang]];
export const matchPlainly = (lang: Lang, text: string): number[] => {
  const apostrophes = apostropheRuleOf(getEdition(lang));
  return entriesOf(lang).flatMap((entry, id) => (matchesCorrected(text, entry, apostrophes) ? [id] : []));
};

/** Builds the lists of `LEMMAS` into a database. */
export function buildLists(folder: string, db: string): void {
  for (const [edition, code] of [
    ["en", "eng"],
    ["ja", "jpn"],
    ["fr", "fra"],
  ] as const) {
    const path = join(folder, `wn-data-${code}.tab`);
    const lines = LEMMAS[edition].map((lemma, at) => `${String(at).padStart(8, "0")}-n\t${code}:lemma\t${lemma}`);
    writeFileSync(path, `# Test\t${code}\thttps://example.org\tCC BY\n${lines.join("\n")}\n`);
    outputOf(["build", edition, "--wordnet", path, "--db", db]);
    expect(outputOf(["export", "txt", "--out", join(folder, "txt"), "--edition", edition, "--db", db])).toBeTruthy();
    const entries = readFileSync(join(folder, "txt", `${edition}.txt`), "utf8")
      .trimEnd()
      .split("\n");
    expect(entries).toEqual(entriesOf(edition));
  }
}
