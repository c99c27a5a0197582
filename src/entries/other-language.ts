/** Entries that are more likely of another language than their edition's. */
import { type Edition, groupOfLabel, type LidGroup, OTHER } from "../../languages/index.ts";
import { BINS, type Grounds, loadGrounds } from "../lid/evidence.ts";
import { createIdentifier, type Identifier } from "../lid/identify.ts";

/**
 * How probable the other language must be, by the letters that tell: a short text takes more. Chosen with
 * `scripts/measure-flags.ts`, whose figures are in docs/audit.md.
 */
export const LEAST_PROBABILITY: readonly (readonly [letters: number, probability: number])[] = [
  [6, 0.99],
  [8, 0.98],
  [10, 0.95],
  [12, 0.9],
  [16, 0.8],
  [20, 0.6],
  [24, 0.5],
];
const LEAST_LETTERS = LEAST_PROBABILITY[0]![0];

/**
 * A language is near another where lid.176 takes this share of its texts for the other with a probability of at least
 * `NEAR_PROBABILITY`. Of English the share is larger, since the texts that the counts are of (messages of programs, articles)
 * are in part left in English.
 */
const NEAR_SHARE = 0.01;
const NEAR_SHARE_OF_ENGLISH = 0.05;
const NEAR_PROBABILITY = 0.7;
const ENGLISH = "en";
/** The least share of all readers that another language's edition has: words of rarer ones come into a list too seldom. */
const LEAST_PRIOR = 0.0002;

/** Texts handed to the identifier at once. */
const BATCH = 4096;

/** Finds entries of other languages; it loads the identifier when it first needs it. */
export interface LanguageFinder {
  /**
   * Calls back with the place of each text that is more likely of another language than the edition's. Nothing is found for
   * editions of whose language the identifier has met no texts.
   */
  find(texts: readonly string[], edition: Pick<Edition, "lidGroup">, onFound: (index: number) => void): Promise<void>;
  /** Frees the identifier; the finder may be used again and loads another. */
  dispose(): void;
}

interface Loaded {
  readonly identifier: Identifier;
  readonly languages: Languages;
}

/** Creates a finder of entries of other languages; one serves any number of editions. */
export function createLanguageFinder(): LanguageFinder {
  let loaded: Loaded | undefined;
  const load = async (): Promise<Loaded> => {
    loaded ??= { identifier: await createIdentifier(), languages: readLanguages(loadGrounds()) };
    return loaded;
  };
  return {
    async find(texts, { lidGroup }, onFound) {
      const places = new Uint32Array(BATCH);
      let batch: string[] = [];
      const ask = ({ identifier, languages }: Loaded) => {
        identifier.identifyAll(batch, (at, label, probability) => {
          if (languages.isOther(lidGroup, label) && isSure(batch[at]!, probability)) onFound(places[at]!);
        });
        batch = [];
      };
      let own: Loaded | undefined;
      for (const [index, text] of texts.entries()) {
        if (countTellingLetters(text) < LEAST_LETTERS) continue;
        own ??= await load();
        if (!own.languages.knows(lidGroup)) return;
        places[batch.length] = index;
        if (batch.push(text) === BATCH) ask(own);
      }
      if (own !== undefined && batch.length > 0) ask(own);
    },
    dispose() {
      loaded?.identifier.dispose();
      loaded = undefined;
    },
  };
}

const LETTER = /\p{L}/gu;
const CAPITALIZED = /^\P{L}*[\p{Lu}\p{Lt}]/u;
const SMALL_ASCII = /^[a-z]+$/;

/** Letters of the words that do not begin with a capital: a name says little of the language around it. */
export function countTellingLetters(text: string): number {
  if (text.length < LEAST_LETTERS) return 0;
  let letters = 0;
  for (const word of text.split(" ")) {
    if (SMALL_ASCII.test(word)) letters += word.length;
    else if (!CAPITALIZED.test(word)) letters += word.match(LETTER)?.length ?? 0;
  }
  return letters;
}

function isSure(text: string, probability: number): boolean {
  const letters = countTellingLetters(text);
  return LEAST_PROBABILITY.some(([least, sure]) => letters >= least && probability >= sure);
}

/** What the identifier's grounds tell of languages. */
interface Languages {
  /** True if it has met texts of a group, so that it is known what is near. */
  knows(group: LidGroup): boolean;
  /** True if a label means a language that is read enough, is not the group's, and not near it. */
  isOther(group: LidGroup, label: string): boolean;
}

function readLanguages(grounds: Grounds): Languages {
  const known = new Set<string>();
  const read = new Set<string>();
  const near = new Set<string>();
  const first = BINS.fasttext.indexOf(NEAR_PROBABILITY) + 1;
  for (const { label, prior, texts, fasttext } of grounds.evidence) {
    const group = groupOfLabel(label, "worldmeta");
    if (group === undefined || texts === 0) continue;
    known.add(group);
    if (prior >= LEAST_PRIOR) read.add(group);
    for (const [answer, counts] of fasttext) {
      const other = groupOfLabel(answer, "lid.176");
      const share = counts.slice(first).reduce((sum, count) => sum + count, 0) / texts;
      const least = other === ENGLISH ? NEAR_SHARE_OF_ENGLISH : NEAR_SHARE;
      if (share >= least) near.add(`${group} ${other}`).add(`${other} ${group}`);
    }
  }
  return {
    knows: (group) => known.has(group),
    isOther(group, label) {
      const other = groupOfLabel(label, "worldmeta");
      if (other === undefined || other === OTHER || other === group) return false;
      return read.has(other) && !near.has(`${group} ${other}`);
    },
  };
}
