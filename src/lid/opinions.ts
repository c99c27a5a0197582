/** Text → three opinions on its language, as numbers that can be weighed: lid.176's, cld3's and franc's. */
import cld3 from "cld3-asm";
import {
  getEdition,
  groupOfLabel,
  type LabelScheme,
  type LidGroup,
  labelsOfGroup,
  OTHER,
} from "../../languages/index.ts";
import { createFastText, type FastText } from "./fasttext.ts";
import { type FastTextModel, LABEL_PREFIX } from "./fasttext-model.ts";
import { createLabelScorer, type LabelScores } from "./label-scores.ts";
import { type MainScript, mainScriptOf, type Script } from "./scripts.ts";
import { measureTrigrams, type TrigramDistances, trigramLanguages } from "./trigrams.ts";

/** What the three say of a text; labels are those of the scheme `worldmeta`. */
export interface Opinions {
  readonly main: MainScript;
  /** Letters of the text, those of scripts whose letters are syllables counted twice. */
  readonly letters: number;
  /** lid.176's answer on the cleaned text. */
  readonly fasttext: string;
  readonly fasttextProbability: number;
  /** Of each label of lid.176 the natural logarithm of its probability. */
  readonly scores: LabelScores;
  /** cld3's own code, e.g. `iw` or `hi-Latn`. */
  readonly cld3: string;
  readonly cld3Probability: number;
  /** Distances by franc's lists; undefined where it has none for the script. */
  readonly trigrams: TrigramDistances | undefined;
}

export interface Advisers {
  readonly fasttext: FastText;
  /** What the three say of a text that has letters; undefined where none is of a script that an edition is written in. */
  ask(text: string): Opinions | undefined;
  /** Frees what cld3 holds outside JavaScript's memory. */
  dispose(): void;
}

/** cld3 looks at no more of a text than this, in bytes. */
const MOST_BYTES = 1000;

/** Scripts of which a letter is a syllable, or more. */
const SYLLABIC: ReadonlySet<Script> = new Set([
  ...(["hani", "hira", "kana", "hang", "thai", "laoo", "khmr", "mymr", "tibt", "ethi", "cans", "deva"] as const),
]);

/** Loads cld3, and lid.176 by its model. */
export async function loadAdvisers(model: FastTextModel): Promise<Advisers> {
  const factory = await cld3.loadModule();
  const cld = factory.create(0, MOST_BYTES);
  const fasttext = createFastText(model);
  const scoresOf = createLabelScorer(model);
  const labels = model.labels.map((label) => label.replace(LABEL_PREFIX, ""));
  return {
    fasttext,
    ask(text) {
      const cleaned = cleanText(text);
      const main = mainScriptOf(cleaned);
      if (main === undefined) return undefined;
      const scores = scoresOf(cleaned);
      let best = 0;
      for (let number = 1; number < scores.length; number++) if (scores[number]! > scores[best]!) best = number;
      const { language, probability } = cld.findLanguage(cleaned);
      return {
        main,
        letters: (cleaned.match(/\p{L}/gu)?.length ?? 0) * (SYLLABIC.has(main.script) ? 2 : 1),
        fasttext: labels[best]!,
        fasttextProbability: Math.exp(scores[best]!),
        scores,
        cld3: language,
        cld3Probability: probability,
        trigrams: measureTrigrams(text.normalize("NFC"), main.script),
      };
    },
    dispose: () => cld.dispose(),
  };
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
    .replace(/ +/g, " ")
    .trim();
}

/** The label of the scheme `worldmeta` for a language named in another scheme, or the name itself where no edition has it. */
export function labelOf(name: string, scheme: LabelScheme): string {
  const group = groupOfLabel(name, scheme);
  if (group === undefined || group === OTHER) return name;
  return labelsOfGroup(group, "lid.176")[0] ?? codeOf(group);
}

/** Of groups whose tag has two letters and which several codes of ISO 639-3 lead to, the one of the whole language. */
const CODES: Readonly<Record<string, string>> = { ay: "aym", ff: "ful", kg: "kon", mi: "mri", tw: "twi" };

/** The code of ISO 639-3 for an edition's language. */
function codeOf(group: LidGroup): string {
  const { tag } = getEdition(group);
  if (/^[a-z]{3}$/.test(tag)) return tag;
  const codes = labelsOfGroup(group, "iso639-3");
  return CODES[group] ?? codes.find((code) => Intl.getCanonicalLocales(code)[0] === tag) ?? tag;
}

/** The labels of the languages that franc tells apart in a script, in franc's order. */
export function francLabels(script: Script): readonly string[] {
  const before = francLabelsBefore.get(script);
  if (before !== undefined) return before;
  const labels = trigramLanguages(script).map((language) => francLabel(language, script));
  francLabelsBefore.set(script, labels);
  return labels;
}

const francLabelsBefore = new Map<Script, readonly string[]>();

/** A language in a script that its edition is not written in keeps its name, with the script. */
function francLabel(language: string, script: Script): string {
  const tag = `${language}_${script.charAt(0).toUpperCase()}${script.slice(1)}`;
  const group = groupOfLabel(tag, "iso639-3");
  if (group === undefined) return labelOf(language, "iso639-3");
  if (group !== OTHER) return labelOf(tag, "iso639-3");
  return groupOfLabel(language, "iso639-3") === OTHER ? language : tag;
}
