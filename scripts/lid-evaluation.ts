/** Texts whose language is known, that identifiers of languages are measured with: those of `lid/` and `captions/`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { groupOfLabel, OTHER } from "../languages/index.ts";
import { findCaptions, readCaptions } from "./caption-files.ts";
import { cutChunk, drawTexts } from "./lid-chunks.ts";

/** A text, where it comes from, and its language. */
export interface KnownText {
  readonly set: string;
  /** The language as {@link languageOf} says it. */
  readonly language: string;
  readonly text: string;
}

/** Sets of sentences, in the order in which they are shown. */
export const SENTENCE_SETS = ["ntrex", "tatoeba"] as const;

/**
 * NTREX-128's file `nso` is in Southern Sotho: it writes `ho` for the infinitive 360 times and `go` once, as that language
 * does and Northern Sotho does not.
 */
const MISNAMED: Readonly<Record<string, string>> = { "ntrex nso": "sot" };

/**
 * A language as answers are compared: the LID group of its edition, or the code of ISO 639-3 where no edition is written
 * in it. So Serbian in Latin is `sh`, Persian of Afghanistan `fa`, all of Chinese but Cantonese, Wu and the others with an
 * edition `zh`, English of any country `en`; Bokmål (`no`) and Nynorsk, Malay and Indonesian, Bosnian, Croatian and `sh`
 * are different languages.
 */
export function languageOf(name: string, scheme: "iso639-3" | "edition"): string {
  const group = groupOfLabel(name, scheme);
  return group === undefined || group === OTHER ? (name.split(/[-_]/)[0] ?? name) : group;
}

/** Chunks of 5 to 12 words (15 to 40 characters without spaces) of each language of `lid/`, at most `most` of a set. */
export function readSentences(data: string, most: number): KnownText[] {
  const texts: KnownText[] = [];
  const add = (set: string, name: string, lines: readonly string[]) => {
    const language = languageOf(MISNAMED[`${set} ${name}`] ?? name, "iso639-3");
    const chunks = lines.flatMap((line) => cutChunk(line) ?? []);
    for (const text of drawTexts(chunks, most)) texts.push({ set, language, text });
  };
  const ntrex = join(data, "lid/ntrex-128");
  for (const file of readdirSync(ntrex).sort()) {
    const lines = gunzipSync(readFileSync(join(ntrex, file))).toString("utf8");
    add("ntrex", file.split(".")[1] ?? "", lines.split("\n"));
  }
  for (const [file, text] of readArchive(join(data, "lid/tatoeba-laser-v1.tar.gz"))) {
    const name = /tatoeba\.(...)-eng\.\1$/.exec(file)?.[1];
    if (name !== undefined) add("tatoeba", name, text.split("\n"));
  }
  return texts;
}

/** Sentences of newspapers and web pages by language (names of editions), with which the rule is fitted and not measured. */
export function readLinguaSentences(data: string): Map<string, string[]> {
  const sentences = new Map<string, string[]>();
  for (const [file, text] of readArchive(join(data, "lid/lingua-sentences.tar.gz"))) {
    const name = /([a-z]+)\.sentences\.txt$/.exec(file)?.[1];
    if (name !== undefined) sentences.set(name, text.split("\n"));
  }
  return sentences;
}

/** Captions as they stand, at most `most` of each set and language, with their language. */
export async function readKnownCaptions(data: string, most: number): Promise<KnownText[]> {
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-captions-"));
  try {
    const texts: KnownText[] = [];
    for (const kind of findCaptions(data, folder)) {
      const set = [...kind.names.values()][0]?.split("/")[0] ?? "";
      for (const [language, captions] of await readCaptions([kind])) {
        if (language === OTHER) continue;
        for (const text of drawTexts(captions, most)) texts.push({ set, language, text });
      }
    }
    return texts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Words of ImageNet by the language in which they name their class. */
export function readWords(data: string, most: number): KnownText[] {
  const bytes = gunzipSync(readFileSync(join(data, "captions/babel-imagenet/babel_imagenet-298.json.gz")));
  const languages = JSON.parse(bytes.toString("utf8")) as Record<string, [number[], string[]]>;
  return Object.entries(languages).flatMap(([code, [, words]]) =>
    drawTexts(words, most).map((text) => ({
      set: "babel-imagenet",
      language: languageOf(code.toLowerCase(), "edition"),
      text,
    })),
  );
}

/** Files of an archive of tar, packed with gzip: names and texts. */
function* readArchive(path: string): Generator<[name: string, text: string]> {
  const bytes = gunzipSync(readFileSync(path));
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const field = (from: number, length: number) =>
      bytes
        .toString("latin1", at + from, at + from + length)
        .replace(/\0.*$/s, "")
        .trim();
    const size = Number.parseInt(field(124, 12), 8);
    if (field(156, 1) === "0" || field(156, 1) === "") {
      yield [field(0, 100), bytes.toString("utf8", at + 512, at + 512 + size)];
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
