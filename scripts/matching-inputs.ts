/**
 * Lists of entries and texts to match against them, made from the real data that tests and measurements read.
 *
 * A list holds, in this order and each once: the entries of the wordnets; the words of real articles, by count; titles of
 * articles; pairs and triples of words that follow each other, by count; as many as are asked for. One article in
 * five is kept out of the list, so that texts made of it are as new to the list as captions are.
 *
 * The sets of English captions hold 55,000, so most texts are varied from real ones: the first half of one and the
 * second half of another of the same set, cut between words, and one word in eight of those that are not among the most
 * frequent exchanged for another of like frequency (the rank among the words of the texts and of the articles times .8 to
 * 1.25). So words stay as frequent as they were, while ever more of them appear: 54,000 varied captions in English hold
 * 30,000 distinct words, as many real ones 33,000, a million 82,000. Every real text is there once as it stands; the
 * order is shuffled.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Edition, getEdition, loadTokenizer, type Segment, type Tokenizer } from "../languages/index.ts";
import { joinOf } from "../languages/joins.ts";
import { createArticleReader, extractWith } from "../src/engine/count-shard.ts";
import { cutGrams } from "../src/ngrams/grams.ts";
import { Problems } from "../src/problems.ts";
import { matchesWithoutSpace } from "../src/reference-text.ts";
import { isArticle, readDump } from "../src/sources/dump.ts";
import { readTextFile } from "../src/sources/text-file.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { createExtractor } from "../src/text/extractors.ts";
import { createRandom } from "./random.ts";

export const LISTS = ["en", "ja", "zh"] as const;
export type ListName = (typeof LISTS)[number];

/** Files of strings in UTF-8, each ended by a NUL; an entry's id is its position. */
export interface MatchingInputs {
  readonly list: ListName;
  readonly entries: string;
  /** The entries as the `reference` rule looks for them in a spaced text. */
  readonly padded: string;
  readonly cases: readonly { readonly name: string; readonly texts: string }[];
  /** What they were made of, in one line. */
  readonly note: string;
}

export interface MatchingInputsOptions {
  readonly list: ListName;
  /** The folder of the real data. */
  readonly data: string;
  /** Where the files are made; files that are there are used as they are. */
  readonly folder: string;
  /** Texts for each of the numbers below; 10 makes a tenth of them. */
  readonly divisor: number;
}

const ENTRIES = 500_000;
const CAPTIONS = 1_000_000;
const SENTENCES = 200_000;
const PARAGRAPHS = 20_000;
/** Of so many articles one is kept out of the list. */
const ARTICLES_A_TEXT = 5;
/** Shortest paragraph and sentences in characters: what is shorter is mostly headings and debris. */
const PARAGRAPH_LENGTH = { min: 300, max: 1500 };
const SENTENCE_LENGTH: Readonly<Record<ListName, { min: number; max: number }>> = {
  en: { min: 40, max: 300 },
  ja: { min: 10, max: 120 },
  zh: { min: 10, max: 120 },
};
/** Words that are never exchanged, one in how many of the others is, and how far in rank. */
const KEPT_RANKS = 100;
const EXCHANGED = 8;
const RANKS = { from: 0.8, to: 1.25 };

interface ListFiles {
  readonly wordnets: readonly string[];
  readonly texts: readonly string[];
  readonly dumps: readonly string[];
}

const FILES: Readonly<Record<ListName, ListFiles>> = {
  en: {
    wordnets: ["derived/wn-data-eng.from-pwn30.tab.gz"],
    texts: ["enwiki-part1-wikiextractor", "enwiki-part2-wikiextractor", "simplewiki-wikiextractor"],
    dumps: ["gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2"],
  },
  ja: {
    wordnets: ["omw-2.0/wikt/wn-wikt-jpn.tab.gz"],
    texts: ["jawiki-part-wikiextractor"],
    dumps: [],
  },
  zh: {
    wordnets: ["omw-1.4/cow/wn-data-cmn.tab.gz", "omw-2.0/wikt/wn-wikt-cmn.tab.gz"],
    texts: ["zhwiki-wikiextractor"],
    dumps: ["CyberZHG/zhwiki-test-pages.xml.gz"],
  },
};

/** Makes the list and the texts of a language, the same in every run. */
export async function makeMatchingInputs(options: MatchingInputsOptions): Promise<MatchingInputs> {
  const { list, folder, divisor } = options;
  mkdirSync(folder, { recursive: true });
  const note = join(folder, `${list}-${divisor}.json`);
  if (existsSync(note)) return JSON.parse(readFileSync(note, "utf8")) as MatchingInputs;
  const inputs = await makeInputs(options);
  writeFileSync(note, JSON.stringify(inputs));
  return inputs;
}

async function makeInputs({ list, data, folder, divisor }: MatchingInputsOptions): Promise<MatchingInputs> {
  const edition = getEdition(list);
  const tokenizer = await loadTokenizer(edition);
  const articles = await readArticles(edition, data);
  const grams = countGrams(
    articles.filter((_, index) => index % ARTICLES_A_TEXT > 0),
    tokenizer,
  );
  const parts = [
    { what: "wordnet", entries: await readLemmas(edition, data) },
    { what: "words", entries: byCount(grams.words) },
    { what: "titles", entries: readTitles(list, data) },
    { what: "pairs", entries: byCount(grams.pairs) },
    { what: "triples", entries: byCount(grams.triples) },
  ];
  const entries = new Set<string>();
  const sizes = parts.map(({ what, entries: candidates }) => {
    const before = entries.size;
    for (const entry of candidates) {
      if (entries.size >= ENTRIES) break;
      if (entry.trim() === entry && entry !== "" && isClean(entry)) entries.add(entry);
    }
    return `${entries.size - before} ${what}`;
  });

  const lines = articles
    .filter((_, index) => index % ARTICLES_A_TEXT === 0)
    .flatMap((text) => text.split("\n"))
    .map((line) => line.trim());
  const paragraphs = distinct(lines.filter(isWithin(PARAGRAPH_LENGTH)));
  const sentences = distinct(lines.flatMap(splitSentences).filter(isWithin(SENTENCE_LENGTH[list])));
  const captions = readCaptions(list, data);
  const made = {
    en: [
      { name: "en captions", sets: captions, count: CAPTIONS },
      { name: "en sentences", sets: [sentences], count: SENTENCES },
      { name: "en paragraphs", sets: [paragraphs], count: PARAGRAPHS },
    ],
    ja: [{ name: "ja captions", sets: [...captions, sentences], count: SENTENCES }],
    zh: [{ name: "zh captions", sets: [...captions, sentences], count: SENTENCES }],
  }[list];
  const write = (name: string, strings: readonly string[]) => {
    const path = join(folder, `${name.replaceAll(" ", "-")}-${divisor}`);
    writeStrings(path, strings);
    return path;
  };
  const counts = made.map(({ name, sets }) => `${name} of ${sets.reduce((sum, set) => sum + set.length, 0)} real ones`);
  return {
    list,
    entries: write(`${list}-entries`, [...entries]),
    padded: write(`${list}-padded`, [...entries].map(padEntry)),
    cases: made.map(({ name, sets, count }) => ({
      name,
      texts: write(name, varyTexts(sets, { tokenizer, words: grams.words, count: Math.ceil(count / divisor) })),
    })),
    note: `${list}: ${sizes.join(", ")}; ${counts.join(", ")}`,
  };
}

/** Texts of the articles in files of extracted text and in dumps. */
async function readArticles(edition: Edition, data: string): Promise<string[]> {
  const files = FILES[edition.code as string as ListName];
  const problems = new Problems();
  const articles: string[] = [];
  for (const name of files.texts) {
    const path = join(data, "wikipedia-text", `${name}.slice.txt.gz`);
    for await (const text of readTextFile([path], { problems })) articles.push(text);
  }
  const reader = createArticleReader(edition, extractWith(await createExtractor()), problems);
  for (const name of files.dumps) {
    const onSiteInfo = reader.onSiteInfo.bind(reader);
    for await (const page of readDump([join(data, "wikipedia-xml", name)], { problems, onSiteInfo })) {
      const text = isArticle(page) ? reader.read(page) : undefined;
      if (text !== undefined) articles.push(text);
    }
  }
  return articles;
}

async function readLemmas(edition: Edition, data: string): Promise<string[]> {
  const lemmas: string[] = [];
  for (const name of FILES[edition.code as string as ListName].wordnets) {
    const options = { edition, profile: "corrected", problems: new Problems() } as const;
    lemmas.push(...(await readWordnet(join(data, "wordnet", name), options)).lemmas);
  }
  return lemmas;
}

/** The most viewed titles, then those of the articles that the extracted text is of. */
function readTitles(list: ListName, data: string): string[] {
  const viewed = readLines(join(data, "pageviews/topviews-2023-wikipedia.tsv.gz"))
    .filter((row) => row.startsWith(`${list}.wikipedia\t`))
    .map((row) => row.split("\t")[5] ?? "");
  const own = FILES[list].texts.flatMap((name) =>
    readLines(join(data, "wikipedia-text", `${name}.slice.txt.gz`)).flatMap(
      (line) => /^<doc .*title="(.*)">$/.exec(line)?.[1] ?? [],
    ),
  );
  return [...viewed, ...own];
}

/** The real captions of a language, by set. */
function readCaptions(list: ListName, data: string): string[][] {
  const read = (name: string) => readLines(join(data, "captions", name));
  const wit = (name: string) =>
    read(`iglue-wit/${name}.jsonl.gz`).map(
      (line) => (JSON.parse(line) as { caption_reference_description: string }).caption_reference_description,
    );
  const column = (name: string, number: number) => read(name).map((row) => row.split("\t")[number] ?? "");
  const sets = {
    en: () => [
      read("multi30k/train.en.gz").concat(read("multi30k/val.en.gz")),
      column("conceptual-captions/Validation_GCC-1.1.0-Validation.tsv.gz", 0),
      wit("val_en"),
      read("web-alts/alts.tsv.gz")
        .map((row) => row.split("\t"))
        .flatMap(([, , language = "", , alt = ""]) => (/^en\b/.test(language) ? [alt] : [])),
    ],
    ja: () => [wit("test_ja")],
    zh: () => [read("flickr8k-cn/flickr8kzhc.caption.txt.gz").map((line) => line.slice(line.indexOf(" ") + 1))],
  }[list]();
  return sets.map((captions) => distinct(captions.filter((caption) => caption.trim() !== "")));
}

function readLines(path: string): string[] {
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

type Counts = Map<string, number>;

function countGrams(articles: readonly string[], tokenizer: Tokenizer) {
  const [words, pairs, triples]: [Counts, Counts, Counts] = [new Map(), new Map(), new Map()];
  const add = (counts: Counts, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  // The pair that the last word ended, and the one that the word before it ended.
  let current: string | undefined;
  let previous: string | undefined;
  const sink = {
    word(word: string) {
      add(words, word);
      previous = current;
      current = undefined;
    },
    pair(first: string, second: string) {
      const join = joinOf(first, second);
      current = first + join + second;
      add(pairs, current);
      if (previous !== undefined) add(triples, previous + join + second);
    },
  };
  for (const article of articles) cutGrams(article, tokenizer, sink);
  return { words, pairs, triples };
}

/** Most frequent first, then by code unit. */
function byCount(counts: Counts): string[] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
}

function splitSentences(line: string): string[] {
  return line.split(/(?<=[.!?]) +(?=\p{Lu})|(?<=[。！？])/u).map((sentence) => sentence.trim());
}

const isWithin =
  ({ min, max }: { min: number; max: number }) =>
  (text: string) =>
    text.length >= min && text.length <= max;

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(isClean);
}

/** True for what can stand in a file of strings. */
function isClean(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

/** An entry as the `reference` rule looks for it: a space on each side whose outer character asks for one. */
export function padEntry(entry: string): string {
  const points = [...entry];
  const [before, after] = [points[0] ?? "", points.at(-1) ?? ""].map((point) =>
    matchesWithoutSpace(point) ? "" : " ",
  );
  return `${before}${entry}${after}`;
}

/** What texts are varied by. */
interface VaryOptions {
  readonly tokenizer: Tokenizer;
  /** Words of articles with their counts. */
  readonly words: Counts;
  /** How many to make; sets that hold more of their own are thinned. */
  readonly count: number;
}

interface CutText {
  readonly segments: readonly Segment[];
  /** Number of segments in the first half. */
  readonly middle: number;
}

/** `count` texts, real and varied, in no order. */
function varyTexts(sets: readonly (readonly string[])[], { tokenizer, words, count }: VaryOptions): string[] {
  const random = createRandom();
  const cut = sets.map((texts) => texts.map((text) => cutText(text, tokenizer)));
  const counts = new Map(words);
  for (const { segments } of cut.flat()) {
    for (const { text, word } of segments) if (word) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const ranked = byCount(counts);
  const ranks = new Map(ranked.map((word, rank) => [word, rank]));
  const exchange = ({ text, word }: Segment): string => {
    const rank = ranks.get(text) ?? 0;
    if (!word || rank < KEPT_RANKS || random() % EXCHANGED > 0) return text;
    const from = Math.floor(rank * RANKS.from);
    const to = Math.min(ranked.length, Math.ceil(rank * RANKS.to));
    return ranked[from + (random() % (to - from))] ?? text;
  };

  const owners = cut.flatMap((set) => set.map(() => set));
  const firsts = cut.flat();
  const made = shuffle(sets.flat(), random).slice(0, count);
  while (made.length < count) {
    const drawn = random() % firsts.length;
    const set = owners[drawn]!;
    const [first, second] = [firsts[drawn]!, set[random() % set.length]!];
    const segments = [...first.segments.slice(0, first.middle), ...second.segments.slice(second.middle)];
    made.push(segments.map(exchange).join(""));
  }
  return shuffle(made, random);
}

/** The segments of a text, and the word at which its second half begins. */
function cutText(text: string, tokenizer: Tokenizer): CutText {
  const segments = tokenizer.segment(text);
  let length = 0;
  const middle = segments.findIndex((segment) => {
    const before = length;
    length += segment.text.length;
    return segment.word && before >= text.length / 2;
  });
  return { segments, middle: middle < 0 ? segments.length : middle };
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random() % (last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}

/** Strings to a file, in pieces that fit into a string. */
export function writeStrings(path: string, strings: readonly string[]): void {
  const pieces = Array.from({ length: Math.ceil(strings.length / 10_000) }, (_, piece) =>
    Buffer.from(
      strings
        .slice(piece * 10_000, (piece + 1) * 10_000)
        .map((text) => `${text}\0`)
        .join(""),
    ),
  );
  writeFileSync(path, Buffer.concat(pieces));
}

/** The strings of a file, each made of its own bytes, so that one that is all ASCII takes a byte a character. */
export function readStrings(path: string): string[] {
  const bytes = readFileSync(path);
  const strings: string[] = [];
  for (let start = 0, end: number; start < bytes.length; start = end + 1) {
    end = bytes.indexOf(0, start);
    strings.push(bytes.toString("utf8", start, end));
  }
  return strings;
}
