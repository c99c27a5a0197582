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
import { createLabelScorer } from "./label-scores.ts";
import { type MainScript, mainScriptOf } from "./scripts.ts";
import { MOST_DISTANCE, measureTrigrams, type TrigramDistances, trigramLanguages } from "./trigrams.ts";

/** What the three say of a text; labels are those of the scheme `worldmeta`. */
export interface Opinions {
  readonly main: MainScript;
  readonly letters: number;
  /** lid.176's answer on the cleaned text. */
  readonly fasttext: string;
  readonly fasttextProbability: number;
  /** Of each label of lid.176 the natural logarithm of its probability. */
  readonly scores: ReadonlyMap<string, number>;
  /** cld3's own code, e.g. `iw` or `hi-Latn`. */
  readonly cld3: string;
  readonly cld3Probability: number;
  /** Of each label that franc knows in this script its distance in [0, 1]; undefined where franc has no lists. */
  readonly distances: ReadonlyMap<string, number> | undefined;
  /** Distinct trigrams of the text. */
  readonly trigrams: number;
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

/** Members of macrolanguages that franc tells apart and no edition is written in. */
const MEMBERS: Readonly<Record<string, string>> = { hnj: "hmn", hms: "hmn", hea: "hmn" };

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
      const measured = measureTrigrams(text.normalize("NFC"), main.script);
      return {
        main,
        letters: cleaned.match(/\p{L}/gu)?.length ?? 0,
        fasttext: labels[best]!,
        fasttextProbability: Math.exp(scores[best]!),
        scores: new Map(labels.map((label, number) => [label, scores[number]!])),
        cld3: language,
        cld3Probability: probability,
        distances: measured && nearestOf(measured, main.script),
        trigrams: measured?.trigrams ?? 0,
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
  if (group === undefined || group === OTHER) return MEMBERS[name] ?? name;
  return labelsOfGroup(group, "lid.176")[0] ?? codeOf(group);
}

/** Of groups whose tag has two letters and which several codes of ISO 639-3 lead to, the one of the whole language. */
const CODES: Readonly<Record<string, string>> = { ay: "aym", ff: "ful", kg: "kon", mi: "mri" };

/** The code of ISO 639-3 for an edition's language. */
function codeOf(group: LidGroup): string {
  const { tag } = getEdition(group);
  if (/^[a-z]{3}$/.test(tag)) return tag;
  const codes = labelsOfGroup(group, "iso639-3");
  return CODES[group] ?? codes.find((code) => Intl.getCanonicalLocales(code)[0] === tag) ?? tag;
}

/** Labels that franc can tell in a script. */
export function francLabels(script: MainScript["script"]): ReadonlySet<string> {
  return new Set(listFrancLabels(trigramLanguages(script), script));
}

/** A language in a script that its edition is not written in keeps its name, with the script. */
function francLabel(language: string, script: string): string {
  const tag = `${language}_${script.charAt(0).toUpperCase()}${script.slice(1)}`;
  const group = groupOfLabel(tag, "iso639-3");
  const inItsScript = group !== OTHER || groupOfLabel(language, "iso639-3") === OTHER;
  const label = inItsScript ? labelOf(group === OTHER ? language : tag, "iso639-3") : tag;
  return group === undefined ? labelOf(language, "iso639-3") : label;
}

const francLabelsOf = new Map<string, readonly string[]>();

/** Labels of franc's languages in a script, in their order. */
function listFrancLabels(languages: readonly string[], script: string): readonly string[] {
  let labels = francLabelsOf.get(script);
  if (labels === undefined) {
    labels = languages.map((language) => francLabel(language, script));
    francLabelsOf.set(script, labels);
  }
  return labels;
}

function nearestOf(
  { languages, distances, trigrams }: TrigramDistances,
  script: MainScript["script"],
): ReadonlyMap<string, number> {
  const labels = listFrancLabels(languages, script);
  const nearest = new Map<string, number>();
  const most = MOST_DISTANCE * Math.max(1, trigrams);
  for (const [number, label] of labels.entries()) {
    const distance = distances[number]! / most;
    if (distance < (nearest.get(label) ?? Number.POSITIVE_INFINITY)) nearest.set(label, distance);
  }
  return nearest;
}
