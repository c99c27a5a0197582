/** A database with lists of every kind of entry, for what writes lists to files. */
import { getEdition } from "../languages/index.ts";
import type { Entry } from "../src/entries/types.ts";
import { type BuildInput, publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";

/** More than two row groups of a table, and ids of more than 16 bits. */
export const MANY = 70_000;

const NUMBERS: readonly Omit<Entry, "id">[] = [
  { text: "0", source: "number", count: 12, unigramRank: 40, flags: ["single"] },
  { text: "7", source: "number", flags: ["single"] },
];

const PHRASE = { source: "bigram", pairCount: 5, pmi: 7.91, npmi: 1 / 3, bigramRank: 1, flags: [] } as const;
/** More than 32 bits hold. */
const VIEWS = 9_000_000_000;

function number(entries: readonly Omit<Entry, "id">[]): Entry[] {
  return entries.map((entry, id) => ({ id, ...entry }));
}

/** Entries by edition: large ids, large counts, marks of JSON and CSV, and several scripts, beyond the BMP too. */
export const LISTS: Readonly<Record<string, readonly Entry[]>> = {
  ar: number([...NUMBERS, { text: "مكتبة", source: "wordnet", wordnetRank: 3, flags: [] }]),
  el: number([...NUMBERS, { text: "φως", source: "unigram", count: 9, unigramRank: 1, flags: [] }]),
  en: number([
    ...NUMBERS,
    { text: 'a "quoted", \\ phrase', source: "wordnet", wordnetRank: 1, flags: [] },
    ...Array.from({ length: MANY }, (_, n) => ({
      ...{ text: `w${n}`, source: "unigram" as const, count: 5_000_000_000 - n, unigramRank: n + 1, flags: [] },
    })),
    { text: "St. Louis", ...PHRASE, views: 8, titleRank: 2 },
    { text: "Zoë", source: "title", views: VIEWS, titleRank: 1, flags: ["fold"] },
  ]),
  simple: number([
    ...NUMBERS,
    { text: "easy", source: "wordnet", wordnetRank: 2, flags: [] },
    { text: "w3", source: "unigram", count: 2, unigramRank: 9, flags: [] },
  ]),
  zh: number([
    ...NUMBERS,
    ...["臺灣", "𠀋", "ﾊ", "अ़"].map((text, n) => ({ text, source: "unigram" as const, unigramRank: n + 1, flags: [] })),
    { text: "新年快樂", ...PHRASE },
  ]),
};

function input(kind: BuildInput["kind"], name: string, more: Partial<BuildInput> = {}): BuildInput {
  return { kind, path: `somewhere/${name}`, bytes: 10, sha256: name.length.toString(16).padStart(64, "0"), ...more };
}

/** Publishes `LISTS` in a new database. */
export function publishLists(path: string): void {
  const db = openDatabase(path);
  for (const [code, entries] of Object.entries(LISTS)) {
    const { code: edition, database } = getEdition(code);
    const about = { edition, profile: "corrected", fingerprint: code, version: "0.1.0" } as const;
    const times = { started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z" };
    const inputs = [
      input("dump", `${database}-20260101-pages-articles.xml.bz2`),
      input("pageviews", "pageviews-202512-user.bz2"),
      ...(code === "en" || code === "simple"
        ? [
            input("wordnet", "wn-data-eng.tab", {
              licence: "wordnet",
              name: "Princeton WordNet",
              note: "http://example.org/wn",
            }),
          ]
        : []),
      ...(code === "ar" ? [input("wordnet", "wn-data-arb.tab", { licence: "CC BY SA 3.0", name: "A|WN" })] : []),
    ];
    publish(db, { ...about, ...times, inputs, settings: {}, figures: {}, problems: [] }, entries, []);
  }
  closeDatabase(db);
}
