/** Text → three opinions on its language, as numbers that can be weighed: lid.176's, cld3's and that of its n-grams. */
import cld3 from "cld3-asm";
import { createFastText, type FastText } from "./fasttext.ts";
import { type FastTextModel, LABEL_PREFIX } from "./fasttext-model.ts";
import { createLabelScorer, type LabelScores } from "./label-scores.ts";
import { loadNgrams, type NgramFit, type NgramScorer } from "./ngrams.ts";
import { ASCII, type MainScript, mainScriptOf, type Script } from "./scripts.ts";

/** A text as it is asked about. */
export interface Glance {
  /** The text as {@link cleanText} leaves it. */
  readonly cleaned: string;
  readonly main: MainScript;
  /** Letters of words that do not begin with a capital, which may be names; letters that are syllables count twice. */
  readonly letters: number;
}

/** A text, and what its n-grams say of it. */
export interface Read extends Glance {
  /** Its array is the same for the next text. */
  readonly ngrams: NgramFit;
}

/** A text, and what its n-grams and lid.176 say of it. */
export interface Heard extends Read {
  /** lid.176's answer on the cleaned text, a label of its own. */
  readonly fasttext: string;
  readonly fasttextProbability: number;
  /** Of each label of lid.176 the natural logarithm of its probability. */
  readonly scores: LabelScores;
}

/** What the three say of a text. */
export interface Opinions extends Heard {
  /** cld3's own code, e.g. `iw` or `hi-Latn`. */
  readonly cld3: string;
  readonly cld3Probability: number;
}

export interface Advisers {
  readonly fasttext: FastText;
  readonly ngramLabels: readonly string[];
  /** Undefined where the text has no letter of a script that an edition is written in. */
  glance(text: string): Glance | undefined;
  /** Asks the whole words alone; the array is that of `read`. */
  skim(glance: Glance): NgramFit;
  /** Asks the n-grams. */
  read(glance: Glance): Read;
  /** Asks lid.176 about all its labels. */
  hear(read: Read): Heard;
  /** Asks cld3, which takes several times as long as all others. */
  ask(heard: Heard): Opinions;
  /** Frees what cld3 holds outside JavaScript's memory. */
  dispose(): void;
}

/** cld3 looks at no more of a text than this, in bytes. */
const MOST_BYTES = 1000;

/** Scripts of which a letter is a syllable, or more. */
const SYLLABIC: ReadonlySet<Script> = new Set([
  ...(["hani", "hira", "kana", "hang", "thai", "laoo", "khmr", "mymr", "tibt", "ethi", "cans", "deva"] as const),
]);

/** Loads cld3, the n-grams if they are not given, and lid.176 by its model. */
export async function loadAdvisers(model: FastTextModel, ngrams: NgramScorer = loadNgrams()): Promise<Advisers> {
  const factory = await cld3.loadModule();
  const cld = factory.create(0, MOST_BYTES);
  const fasttext = createFastText(model);
  const scoresOf = createLabelScorer(model);
  const labels = model.labels.map((label) => label.replace(LABEL_PREFIX, ""));
  return {
    fasttext,
    ngramLabels: ngrams.labels,
    glance(text) {
      const cleaned = cleanText(text);
      const main = mainScriptOf(cleaned);
      if (main === undefined) return undefined;
      const letters = countLetters(text) * (SYLLABIC.has(main.script) ? 2 : 1);
      return { cleaned, main, letters };
    },
    skim: ({ cleaned }) => ngrams.scoreWords(cleaned),
    read: (glance) => ({ ...glance, ngrams: ngrams.score(glance.cleaned) }),
    hear(read) {
      const scores = scoresOf(fasttext.meanOf(read.cleaned));
      let best = 0;
      for (let number = 1; number < scores.length; number++) if (scores[number]! > scores[best]!) best = number;
      return { ...read, fasttext: labels[best]!, fasttextProbability: Math.exp(scores[best]!), scores };
    },
    ask(heard) {
      const { language, probability } = cld.findLanguage(heard.cleaned);
      return { ...heard, cld3: language, cld3Probability: probability };
    },
    dispose: () => cld.dispose(),
  };
}

function countLetters(text: string): number {
  if (ASCII.test(text)) return countLettersOfAscii(text);
  return text.replace(CAPITALISED, "").match(LETTER)?.length ?? 0;
}

const CAPITALISED = /(?<![\p{L}\p{M}])\p{Lu}[\p{L}\p{M}]*/gu;
const LETTER = /\p{L}/gu;

/** The same without regular expressions. */
function countLettersOfAscii(text: string): number {
  let letters = 0;
  let isWord = false;
  let isCapitalised = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const small = unit | 0x20;
    if (small < 0x61 || small > 0x7a) {
      isWord = false;
      continue;
    }
    if (!isWord) isCapitalised = unit !== small;
    isWord = true;
    if (!isCapitalised) letters++;
  }
  return letters;
}

/**
 * A text as second opinions are asked about it: composed, in small letters, without what is no letter, apostrophe or hyphen.
 * On half a million chunks of the fitting text lid.176 is right a little more often so.
 */
export function cleanText(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}'’\- ]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}
