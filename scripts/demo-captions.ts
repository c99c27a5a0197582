/**
 * Captions for `worldmeta demo`: sentences of the Universal Declaration of Human Rights and glosses of WordNet stand for the
 * texts of images. The texts are real; the images' addresses are made up, on a domain that nobody can have (RFC 2606).
 */
import type { EditionCode } from "../languages/define.ts";
import { getEdition } from "../languages/index.ts";
import type { Declaration } from "./demo-declarations.ts";

const IMAGES = "https://images.example.org";

/** A row of a pool: an image with the texts that stand beside it, in the language of an edition. */
export interface CaptionRow {
  readonly id: string;
  readonly url: string;
  readonly texts: readonly string[];
  readonly lang: EditionCode;
}

/** The sentences of a declaration, a row each, in its order. */
export function captionsOfDeclaration(edition: EditionCode, { preamble, articles }: Declaration): CaptionRow[] {
  const sentences = [preamble, ...articles].flatMap(({ blocks }) => blocks.flatMap(({ text }) => splitSentences(text)));
  return sentences.map((text, index) => {
    const number = index + 1;
    return {
      id: `udhr-${edition}-${number}`,
      url: `${IMAGES}/udhr/${edition}/${number}.jpg`,
      texts: [text],
      lang: edition,
    };
  });
}

/** What WordNet says of one concept. */
export interface Gloss {
  /** Offset and part of speech: `00001740-n`. */
  readonly synset: string;
  readonly definition: string;
  readonly examples: readonly string[];
}

/** The glosses, a row each: the definition, if there is one, and the examples. */
export function captionsOfGlosses(glosses: readonly Gloss[]): CaptionRow[] {
  const lang = getEdition("en").code;
  return glosses.flatMap(({ synset, definition, examples }) => {
    const texts = [definition, ...examples].filter((text) => text !== "");
    return texts.length === 0 ? [] : [{ id: `wn-${synset}`, url: `${IMAGES}/wordnet/${synset}.jpg`, texts, lang }];
  });
}

/** Rows as JSON lines; a row of one text has it under `text`, one of several under `texts`. */
export function writeCaptions(rows: readonly CaptionRow[]): string {
  return rows
    .map(({ id, url, texts, lang }) => {
      const row = texts.length === 1 ? { id, url, text: texts[0], lang } : { id, url, texts, lang };
      return `${JSON.stringify(row)}\n`;
    })
    .join("");
}

/**
 * Where sentences end, in the scripts of the declarations: Latin and its neighbours, Armenian, Arabic, Indic, Burmese,
 * Khmer, Ethiopic, Canadian, Ol Chiki, N'Ko; Tibetan, whose shad ends clauses too. Thai and Lao have no such mark: there a
 * paragraph is a line. Written out, since what Unicode calls a sentence's end grows with its versions.
 */
const ENDS = ".!?…։․؟۔।॥။។៕።፧፨᙮᱾᱿߹།༎";
/** Ends of sentences after which no space stands. */
const WIDE_ENDS = "。！？｡";
/** What may close a sentence after its mark. */
const CLOSERS = "\\p{Pe}\\p{Pf}\\p{Pi}\"'";
/**
 * Between sentences: white space, of which Ethiopic writes its word space in place. None before a small letter, since the
 * full stop is then an abbreviation's.
 */
const BETWEEN = new RegExp(
  `(?<=[${ENDS}][${CLOSERS}]*)[\\s፡]+(?!\\p{Ll})|(?<=[${WIDE_ENDS}][${CLOSERS}]*)(?![${CLOSERS}${WIDE_ENDS}])`,
  "u",
);
const LETTER = /\p{L}/u;

/** A paragraph cut where its sentences end; what holds no letter, as a number, goes with what follows, else with what precedes. */
export function splitSentences(paragraph: string): string[] {
  const sentences: string[] = [];
  let before = "";
  for (const piece of paragraph.split(BETWEEN)) {
    const text = `${before} ${piece}`.trim();
    before = LETTER.test(text) ? "" : text;
    if (before === "" && text !== "") sentences.push(text);
  }
  if (before === "") return sentences;
  const last = sentences.pop();
  return last === undefined ? [] : [...sentences, `${last} ${before}`];
}
