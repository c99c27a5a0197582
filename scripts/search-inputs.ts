/** Lists to search in, as long as one likes: words, pairs and runs of three words of real texts, and lemmas of wordnets. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type EditionCode, getEdition } from "../languages/index.ts";
import { flagEntries } from "../src/entries/flags.ts";
import type { LanguageFinder } from "../src/entries/other-language.ts";
import type { Entry, Source } from "../src/entries/types.ts";
import { npmi, pmi } from "../src/ngrams/pmi.ts";
import { Problems } from "../src/problems.ts";
import { readTextFile } from "../src/sources/text-file.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { type NewBuild, publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { createRandom } from "./random.ts";

/** Where an edition's list comes from, and its share of all entries. */
interface ListInput {
  readonly code: string;
  readonly share: number;
  readonly texts: readonly string[];
  readonly wordnet: string;
  /** A member of an archive of sentences, where there is no extracted text. */
  readonly sentences?: readonly string[];
}

const INPUTS: readonly ListInput[] = [
  {
    ...{ code: "en", share: 0.3, wordnet: "derived/wn-data-eng.from-pwn30.tab.gz" },
    texts: ["enwiki-part1-wikiextractor.slice.txt.gz", "enwiki-part2-wikiextractor.slice.txt.gz"],
  },
  {
    ...{ code: "de", share: 0.18, wordnet: "omw-2.0/wikt/wn-wikt-deu.tab.gz" },
    texts: ["dewiki-part-wikiextractor.slice.txt.gz"],
  },
  {
    ...{ code: "zh", share: 0.16, wordnet: "omw-1.4/cow/wn-data-cmn.tab.gz" },
    texts: ["zhwiki-wikiextractor.slice.txt.gz"],
  },
  {
    ...{ code: "ja", share: 0.16, wordnet: "omw-2.0/wikt/wn-wikt-jpn.tab.gz" },
    texts: ["jawiki-part-wikiextractor.slice.txt.gz"],
  },
  {
    ...{ code: "ru", share: 0.1, wordnet: "omw-2.0/wikt/wn-wikt-rus.tab.gz", texts: [] },
    sentences: ["lid/lingua-testdata/ru.sentences.txt"],
  },
  {
    ...{ code: "ar", share: 0.1, wordnet: "omw-1.4/arb/wn-data-arb.tab.gz" },
    texts: ["arwiki-10k-docs.slice.jsonl.gz", "arzwiki-10k-docs.slice.jsonl.gz"],
  },
];

/** A list to search in. */
export interface SearchList {
  readonly edition: EditionCode;
  readonly entries: readonly Entry[];
}

/** How many entries to make in all, and the folder of real input. */
export interface SearchInputOptions {
  readonly entries: number;
  readonly data: string;
}

/**
 * Makes the lists of several editions, `entries` in all, from real text: what its words, pairs and runs of three do not
 * fill is filled with pairs and runs of its words as they occur, put together by chance. The same in every run.
 */
export async function* makeSearchLists({ entries, data }: SearchInputOptions): AsyncGenerator<SearchList> {
  for (const input of INPUTS) {
    const edition = getEdition(input.code);
    const isSpaced = edition.tokenizer === "words";
    const problems = new Problems();
    const wordnet = await readWordnet(join(data, "wordnet", input.wordnet), {
      ...{ edition, profile: "corrected", problems },
    });
    const runs = await readRuns(input, { data, problems, isSpaced });
    const list = fill(runs, {
      lemmas: wordnet.lemmas,
      size: Math.round(entries * input.share),
      space: isSpaced ? " " : "",
    });
    const flagged = await flagEntries(
      list.map((entry, id) => ({ id, ...entry })),
      { edition, languages: NO_LANGUAGES },
    );
    yield { edition: edition.code, entries: [...flagged] };
  }
}

/** Languages of entries make no difference to searching, and take longer than all else. */
const NO_LANGUAGES: LanguageFinder = { find: async () => {}, dispose() {} };

/** Words that stand one after the other in the texts, with nothing but a space between them. */
async function readRuns(
  { code, texts, sentences = [] }: ListInput,
  { data, problems, isSpaced }: { readonly data: string; readonly problems: Problems; readonly isSpaced: boolean },
): Promise<string[][]> {
  const runs: string[][] = [];
  const segmenter = new Intl.Segmenter(code, { granularity: "word" });
  const addText = (text: string): void => {
    for (const [stretch] of text.matchAll(
      isSpaced ? /[\p{L}\p{M}\p{N}'-]+(?: [\p{L}\p{M}\p{N}'-]+)*/gu : /[\p{L}\p{M}\p{N}]+/gu,
    )) {
      runs.push(isSpaced ? stretch.split(" ") : [...segmenter.segment(stretch)].map(({ segment }) => segment));
    }
  };
  const paths = texts.map((name) => join(data, "wikipedia-text", name));
  for await (const text of readTextFile(paths, { problems })) addText(text.normalize("NFC"));
  for (const member of sentences) {
    const args = ["-xzOf", join(data, "lid/lingua-sentences.tar.gz"), member];
    addText(execFileSync("tar", args, { encoding: "utf8", maxBuffer: 1 << 26 }).normalize("NFC"));
  }
  return runs;
}

type Draft = Omit<Entry, "id" | "flags">;

function fill(
  runs: readonly (readonly string[])[],
  { lemmas, size, space }: { readonly lemmas: readonly string[]; readonly size: number; readonly space: string },
): Draft[] {
  const words = new Map<string, number>();
  const pairs = new Map<string, { first: string; second: string; count: number }>();
  const threes = new Map<string, number>();
  const tokens: string[] = [];
  for (const run of runs) {
    for (const [at, word] of run.entries()) {
      tokens.push(word);
      words.set(word, (words.get(word) ?? 0) + 1);
      const [second, third] = [run[at + 1], run[at + 2]];
      if (second === undefined) continue;
      const text = word + space + second;
      const pair = pairs.get(text);
      if (pair !== undefined) pair.count++;
      else pairs.set(text, { first: word, second, count: 1 });
      if (third !== undefined) threes.set(text + space + third, (threes.get(text + space + third) ?? 0) + 1);
    }
  }
  const list = new Map<string, Draft>();
  const add = (text: string, draft: Omit<Draft, "text">): void => {
    if (list.size < size && !list.has(text)) list.set(text, { text, ...draft });
  };
  const rank = (source: Source) => ({ source, [`${source}Rank`]: list.size + 1 });
  for (let number = 0; number < 100; number++)
    add(String(number), { source: "number", ...countOf(words, String(number)) });
  for (const lemma of lemmas) add(lemma, { ...rank("wordnet"), ...countOf(words, lemma) });
  for (const [word, count] of descending(words)) add(word, { ...rank("unigram"), count });
  const scored = [...pairs].map(([text, { first, second, count }]) => {
    const counts = { pair: count, first: words.get(first)!, second: words.get(second)!, tokens: tokens.length };
    return { text, pairCount: count, pmi: pmi(counts), npmi: npmi(counts) };
  });
  scored.sort((a, b) => b.pmi - a.pmi);
  for (const { text, ...scores } of scored) add(text, { ...rank("bigram"), ...scores });
  // Titles by views, which fall off as Zipf says.
  const viewed = (): { readonly views: number } => ({ views: Math.ceil(1e8 / (list.size + 1)) });
  for (const [text] of descending(threes)) add(text, { ...rank("title"), ...viewed() });
  const random = createRandom();
  while (list.size < size) {
    const length = 2 + (random() % 2);
    const drawn = Array.from({ length }, () => tokens[random() % tokens.length]!);
    add(drawn.join(space), { ...rank("title"), ...viewed() });
  }
  return [...list.values()];
}

function countOf(words: ReadonlyMap<string, number>, text: string): { readonly count?: number } {
  const count = words.get(text);
  return count === undefined ? {} : { count };
}

function descending(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** What a build of such a list says of itself. */
export function describeSearchBuild(edition: EditionCode): NewBuild {
  const facts = { fingerprint: "", started: "", finished: "", version: "", settings: {}, figures: {} };
  return { edition, profile: "corrected", ...facts, problems: [], inputs: [] };
}

/** Publishes lists of `entries` in all into the database at `path`; returns their editions with their builds. */
export async function makeSearchDatabase(
  path: string,
  options: SearchInputOptions,
): Promise<{ readonly edition: EditionCode; readonly build: number; readonly entries: number }[]> {
  const db = openDatabase(path);
  const made: { readonly edition: EditionCode; readonly build: number; readonly entries: number }[] = [];
  try {
    for await (const { edition, entries } of makeSearchLists(options)) {
      made.push({ edition, build: publish(db, describeSearchBuild(edition), entries, []), entries: entries.length });
    }
  } finally {
    closeDatabase(db);
  }
  return made;
}
