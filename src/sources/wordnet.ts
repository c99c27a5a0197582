/** Lemmas of a wordnet in the tab format of the Open Multilingual Wordnet. */
import { isUtf8 } from "node:buffer";
import type { Edition } from "../../languages/define.ts";
import { normalize } from "../../languages/normalize.ts";
import type { Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import { decodeEntities, WINDOWS_1252 } from "../text/entities.ts";
import { readLines } from "./input.ts";

/** What was read of a wordnet. */
export interface Wordnet {
  /** What its first line says, as it stands; empty where it says nothing. */
  readonly name: string;
  readonly url: string;
  readonly licence: string;
  /** Its language code: that of its lines, else that of its first line, else empty. */
  readonly language: string;
  /** Distinct, in the order of the file. */
  readonly lemmas: readonly string[];
  /** Lemmas that are markup or mistakes, as they stand in the file; none in `reference`. */
  readonly setAside: readonly { readonly text: string; readonly reason: "junk" }[];
  /** Distinct lemmas that were mended; none in `reference`. */
  readonly repaired: number;
  /** Lemmas added for being the unmarked form of one with vowel points or diacritics; none in `reference`. */
  readonly unmarked: number;
}

/** How to read a wordnet. */
export interface WordnetOptions {
  /** The edition that it is read for. */
  readonly edition: Pick<Edition, "wordnets">;
  readonly profile: ProfileName;
  readonly problems: Problems;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

/**
 * Reads the lemmas of a wordnet file: lines `offset-pos⇥type⇥lemma` after a first line `# name⇥language⇥url⇥licence`,
 * which may be missing. Lemmas are lines of type `lemma`, `LNG:lemma` and broken plurals; roots, definitions, examples
 * and further comments are passed over. Underscores are spaces.
 *
 * Of English only the name of each synset is taken, its first lemma in small letters (MetaCLIP v1 takes it from NLTK);
 * `reference` cuts it at the first full stop, as the published code does, so that St. Petersburg becomes `st`.
 *
 * `corrected` mends what is systematic (counted under W302), sets aside what cannot be mended (E302), and adds to a lemma
 * with Hebrew points or Arabic diacritics its form without them, since captions are written without. Lines of another
 * form count under E301, a language that is not among the edition's wordnets under W301.
 *
 * @throws UserError if the file cannot be read
 */
export async function readWordnet(path: string, options: WordnetOptions): Promise<Wordnet> {
  const { edition, profile, problems, onBytes } = options;
  let header: readonly string[] = [];
  let number = 0;
  const languages = new Map<string, number>();
  const rows: { readonly synset: string; readonly lemma: string; readonly number: number }[] = [];

  for await (const line of readLines(path, onBytes && { onBytes })) {
    number += 1;
    const where = `${path}, line ${number}`;
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString("utf8");
    if (text.trim() === "") continue;
    if (text.startsWith("#")) {
      if (number === 1) header = text.slice(1).split("\t");
      continue;
    }
    const [synset = "", type = "", lemma = ""] = text.split("\t");
    const { language, kind } = parseType(type);
    if (kind === "other") continue;
    if (kind === undefined || lemma.trim() === "") {
      problems.add("E301", where);
      continue;
    }
    if (language !== undefined) languages.set(language, (languages.get(language) ?? 0) + 1);
    rows.push({ synset, lemma: lemma.replaceAll("_", " "), number });
  }

  const [name = "", headed = "", url = "", licence = ""] = header.map((part) => part.trim());
  // The lines decide: in one file of OMW 2.0 the first line names another language ("arn" over Arabic lemmas).
  const [most] = [...languages].sort((a, b) => b[1] - a[1]);
  const language = most?.[0] ?? headed;
  const listed: readonly string[] = edition.wordnets;
  if (!listed.includes(language)) problems.add("W301", `${path} (${language === "" ? "no language named" : language})`);

  const lemmas = new Set<string>();
  const setAside = new Set<string>();
  if (language === "eng") {
    for (const title of synsetNames(rows)) {
      const cut = profile === "reference" ? title.replace(/\..*$/s, "") : title;
      // The cut leaves nothing of ".22 caliber".
      if (cut !== "") lemmas.add(cut);
    }
    return { name, language, url, licence, lemmas: [...lemmas], setAside: [], repaired: 0, unmarked: 0 };
  }
  if (profile === "reference") {
    for (const { lemma } of rows) lemmas.add(lemma);
    return { name, language, url, licence, lemmas: [...lemmas], setAside: [], repaired: 0, unmarked: 0 };
  }

  const seen = new Set<string>();
  let repaired = 0;
  let unmarked = 0;
  for (const { lemma, number: line } of rows) {
    if (seen.has(lemma)) continue;
    seen.add(lemma);
    const where = `${path}, line ${line}: ${lemma}`;
    const forms = mendLemma(lemma, language);
    if (forms.length === 0) {
      problems.add("E302", where);
      setAside.add(lemma);
      continue;
    }
    if (forms.length > 1 || forms[0] !== lemma.normalize("NFC")) {
      problems.add("W302", where);
      repaired += 1;
    }
    for (const form of forms) {
      lemmas.add(form);
      const bare = removeMarks(form);
      if (bare !== form && bare !== "" && !lemmas.has(bare)) {
        lemmas.add(bare);
        unmarked += 1;
      }
    }
  }
  const aside = [...setAside].map((text) => ({ text, reason: "junk" as const }));
  return { name, language, url, licence, lemmas: [...lemmas], setAside: aside, repaired, unmarked };
}

/** Language and kind of a line's type; the kind of a type that is not known is undefined. */
function parseType(type: string): { readonly language?: string; readonly kind: "lemma" | "other" | undefined } {
  const match = /^(?:([a-z]{2,3}):)?([a-z]+)(?::([a-z]+))?$/i.exec(type.trim());
  if (match === null) return { kind: undefined };
  const [, language, main = "", sub = ""] = match;
  const kind = KINDS[`${main}:${sub}`.toLowerCase()];
  return { ...(language !== undefined && { language: language.toLowerCase() }), kind };
}

/**
 * What is done with the lines of a type. Broken plurals of Arabic are words of the text; roots are not: they are the
 * consonants that words are derived from.
 */
const KINDS: Readonly<Record<string, "lemma" | "other">> = {
  "lemma:": "lemma",
  "lemma:brokenplural": "lemma",
  "lemma:root": "other",
  "def:": "other",
  "exe:": "other",
};

/** The name of each synset: its first lemma in the file, in small letters. */
function* synsetNames(rows: readonly { readonly synset: string; readonly lemma: string }[]): Generator<string> {
  const named = new Set<string>();
  for (const { synset, lemma } of rows) {
    if (named.has(synset)) continue;
    named.add(synset);
    yield lemma.toLowerCase();
  }
}

/**
 * Marks that Hebrew and Arabic text of every day leaves out. Hebrew: the accents and points of U+0591–05C7 (general
 * category Mn), without the punctuation among them. Arabic: vowel signs, tanwin, shadda, sukun and the signs of the
 * Quran (Mn in U+0610–061A, 064B–0652, 0656–065F, 0670, 06D6–06ED), and tatweel (U+0640), which only stretches; madda and
 * hamza (U+0653–0655) stay: they make another letter.
 */
const MARKS =
  /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u0640\u064B-\u0652\u0656-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED]/g;

function removeMarks(text: string): string {
  return text.replace(MARKS, "").replace(/ {2,}/g, " ").trim();
}

/**
 * The strings that a lemma stands for, in NFC and without invisible characters; none if it is junk.
 *
 * Each rule is for something that published wordnets hold; the language is named where a rule is for one only.
 */
function mendLemma(lemma: string, language: string): readonly string[] {
  if (SOUND.test(lemma)) return [normalize(lemma)];
  if (isLost(lemma)) return [];
  const readable = undoEncodings(lemma, language);
  const plain = undoMarkup(readable, language);
  if (plain === undefined) return [];
  const forms = plain
    .flatMap((part) => resolveParentheses(unquote(part), language))
    .flatMap((part) => splitSynonyms(part, language))
    .map((part) => trimDebris(joinMorphemes(part, language)))
    .filter((part) => part !== "" && !RESIDUE.test(part) && !SIGNS_ONLY.test(part) && !PLACEHOLDER.test(part));
  return [...new Set(forms)];
}

/** Nothing to mend, which is so of most: words of letters, marks and digits, parted by spaces, hyphens and the like. */
const SOUND = /^(?![- '])(?!.*(?: {2}|''|[ÂÃ]))[\p{L}\p{M}\p{Nd}\u2019 .'-]+(?<! )$/u;
/** Left of markup, or of a template's text, when all rules are done. */
const RESIDUE = /[()[\]{}<>|]|\$\$|''|&[a-z]+;/i;
/** Signs that are no word of any language; `&` and punctuation are left to the selection of entries. */
const SIGNS_ONLY = /^[\s+=^|<>~$*_#∼～-]+$/;
/** What MultiWordNet writes where Italian has no word. */
const PLACEHOLDER = /^(?:PSEUDO)?GAP!$/;

/**
 * True if characters were lost before the file was written: a replacement mark, a character of private use, or a
 * question mark beside an Arabic letter (Arabic has its own).
 */
function isLost(text: string): boolean {
  return /\uFFFD|\p{Co}|\p{Script=Arab}\p{M}*\?|\?\p{Script=Arab}/u.test(text);
}

/**
 * Characters that were decoded wrongly: UTF-8 read as Latin-1 (`metafÃ­sico`), Windows-1252 read as Latin-1 (`œ` as a control
 * character in French; those in Slovak stand beside the letter that they once were), HTML entities, also of entities (`c&amp;#339;lacanthe`), percent signs
 * (`guide d%27onde`), and accents that stand for an apostrophe or before their letter.
 */
function undoEncodings(text: string, language: string): string {
  let mended = text;
  if (/^[\0-\u00FF]*[\u00C2\u00C3][\u0080-\u00BF][\0-\u00FF]*$/.test(mended)) {
    const bytes = Buffer.from(mended, "latin1");
    if (isUtf8(bytes)) mended = bytes.toString("utf8");
  }
  mended = mended.replace(/[\u0080-\u009F]/g, (character) =>
    language === "fra" ? WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80) : "",
  );
  for (let depth = 0; depth < 2 && mended.includes("&"); depth++) mended = decodeEntities(mended);
  mended = mended.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
    return isUtf8(bytes) ? bytes.toString("utf8") : run;
  });
  return mended.replace(/(?<=\p{L})[´`](?=\p{L})/gu, "'").replace(/\u0384(\p{Script=Grek})/gu, "$1\u0301");
}

/**
 * The text without HTML and wikitext; several where a template's arguments were taken over (`cour|cours`,
 * `lynx|fr:lynx|nl=lynx`: the first one and those marked as French). Undefined if it is not a word but a page of a wiki.
 *
 * Most of this is in WOLF (French), which took lemmas from Wiktionary and Wikipedia: sections (`Antioche#Histoire`)
 * stand for their page, italics hold notes (`Bahamas ''f pl''`). The Dutch wordnet has links (`[[het]] [[hof]]`), the
 * Danish one marks stress (`gå ''til`).
 */
function undoMarkup(text: string, language: string): readonly string[] | undefined {
  if (/\(\(|^(?:portail|wiktionnaire):\S/i.test(text)) return undefined;
  const plain = text
    .replace(/<!--.*?-->/g, "")
    .replace(/<\/?(?:b|big|br|em|i|nowiki|s|small|span|strong|sub|sup|u)\b[^<>]*>/gi, "")
    .replace(/\{\{[^{}]*\}\}/g, "")
    .replace(/\[\[(?:[^[\]|]*\|)?([^[\]|]*)\]\]/g, "$1")
    .replace(/\[\[|\]\]/g, "")
    .replace(/'{2,}[^']*'{2,}/g, "")
    .replace(/'{2,}(?=\p{L})/gu, "")
    .replace(/(?<=[\p{L}\p{N})])#.+$/u, "");
  // Two-letter codes mark languages in what WOLF took over; French is its own.
  const own = language === "fra" ? "fr" : language;
  const parts = plain.split("|").map((part) => part.trim());
  if (parts.length === 1) return [plain.replace(new RegExp(`^${own}:\\s*`), "")];
  const kept: string[] = [];
  const first = parts[0] === own ? 1 : 0;
  for (const [index, part] of parts.entries()) {
    const [, marked, word = ""] = /^([a-z]{2,3})[:=]\s*(.*)$/.exec(part) ?? [];
    if (marked === own) kept.push(word);
    else if (marked === undefined && index === first) kept.push(part);
  }
  return kept;
}

/** Without quotation marks around the whole, or a single one that has no partner. */
function unquote(text: string): string {
  const trimmed = text.trim();
  const inner = /^(?:«([^«»]*)»|"([^"]*)"|“([^“”]*)”)$/.exec(trimmed);
  if (inner !== null) return (inner[1] ?? inner[2] ?? inner[3] ?? "").trim();
  return trimmed.split('"').length === 2 ? trimmed.replace('"', "") : trimmed;
}

/** Letters of the word itself that may be left out: behind a letter, or before one at the start of a word. */
const LETTERS = /(?:(?<=\p{L})|(?<!\S)(?=\([^()]*\)\p{L}))\((-?\p{Ll}+)\)/gu;
/**
 * How each wordnet writes such letters in parentheses: `giraf(fe)`, `(arbeids)verzuim`, `aplastar(se)`, `chancelant(e)`. In
 * Greek only single letters are such (`Φι(ν)λανδός`), longer ones are articles and notes; the Portuguese `cauteloso(a)`
 * does not spell another word.
 */
const OPTIONAL_LETTERS: ReadonlyMap<string, RegExp> = new Map([
  ...["nld", "slk", "spa", "fra", "isl"].map((language) => [language, LETTERS] as const),
  ["ell", /(?<=\p{L})\((\p{Ll})\)/gu],
]);
const BRACKETED = /\([^()]*\)|\[[^[\]]*\]/g;

/**
 * The text without what stands in brackets (notes: `tráviť (potravu)`, `mousseren (het)`) and, where the brackets hold
 * letters of the word itself, also with them. A word wholly in parentheses is taken out of them.
 */
function resolveParentheses(text: string, language: string): readonly string[] {
  if (!/[()[\]]/.test(text)) return [text];
  const whole = /^\((\S+)\)$/.exec(text);
  if (whole !== null) return [whole[1]!];
  const without = text
    // Inside a word they leave no gap: `hyper(a)emie`, `篮[箱]的量`.
    .replace(/(?<=[\p{L}.])[([][\p{L}.-]*[)\]](?=[\p{L}-])/gu, "")
    .replace(BRACKETED, " ")
    // One that is opened only: the rest is a note. One that is closed only stays, and makes the lemma junk.
    .replace(/(?<=\S\s*)\([^)]*$/, "");
  const optional = OPTIONAL_LETTERS.get(language);
  if (optional === undefined || text.search(optional) < 0) return [without];
  return [without, text.replace(optional, "$1").replace(BRACKETED, " ")];
}

/** Wordnets whose commas part synonyms, also with a space behind: `anë , buzë`, `παχαίνω,χοντραίνω`. */
const COMMA_LISTS: ReadonlySet<string> = new Set(["als", "arb", "ell"]);

/**
 * Several lemmas in one line: parted by semicolons, or by a comma without a space behind or with one before. A comma
 * elsewhere may belong to the lemma (`eind goed, al goed`, `Jena, Jerman`). The Chinese wordnet parts surname and given
 * name as well as synonyms so; single characters are left out, as they would match in any text.
 */
function splitSynonyms(text: string, language: string): readonly string[] {
  const comma = COMMA_LISTS.has(language) ? /[,،]/ : /(?<!\d\s*),(?=\S)|\s,\s*|\s،\s*/;
  const parts = text.split(/[;；؛]/).flatMap((part) => part.split(comma));
  if (language !== "cmn" || !text.includes("，")) return parts;
  return parts.flatMap((part) => part.split("，").filter((name) => [...name].length > 1));
}

/** Morphemes marked off: `H形状+的` in the Chinese wordnet, `gjenstand~sområde` in the Norwegian one. */
function joinMorphemes(text: string, language: string): string {
  if (language === "cmn" || language === "qcn") return text.replace(/(?<=[\p{L}\p{N}])\s*\+(?=[\p{L}\p{N}])/gu, "");
  return text.replace(/(?<=\p{L})~(?=\p{L})/gu, "");
}

/**
 * Without what clings to the ends: spaces, joiners, `!?` before Slovene lemmas, `…` and `～` where Japanese leaves a word
 * out, `*` behind Greek ones, and separators behind a word.
 */
function trimDebris(text: string): string {
  return normalize(text)
    .replace(/^(?:[!?*\s]+(?=\p{L})|[…～~\s]+)|[…～*\s]+$/gu, "")
    .replace(/(?<=[\p{L}\p{M}\p{N}])\s*[,;:،؛：；、।]+$/u, "")
    .replace(/^[\u200C\u200D]+|[\u200C\u200D]+$/g, "")
    .trim();
}
