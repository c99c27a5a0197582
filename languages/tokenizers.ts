/** Which tokenizer serves an edition; the heavy ones are loaded when they are first asked for. */
import { apostropheRuleOf } from "./apostrophes.ts";
import { cutTibetan, TIBETAN_ID } from "./bo.ts";
import type { Edition, Tokenizer, TokenizerName } from "./define.ts";
import { loadJapaneseCut } from "./ja.ts";
import { cutMyanmarSyllables, MYANMAR_LETTER } from "./myanmar-syllables.ts";
import { createSegmenterCut, ICU_ID } from "./segmenter.ts";
import { UNICODE_VERSION } from "./unicode-tables.ts";
import { type CutRun, createWordTokenizer } from "./words.ts";
import { loadChineseCut } from "./zh.ts";

interface Cut {
  readonly id: string;
  readonly cutRun: CutRun;
}

const CUTS: Readonly<Record<TokenizerName, () => Cut | Promise<Cut>>> = {
  words: () => ({ id: `${ICU_ID} myanmar-syllables-1`, cutRun: createForeignCut() }),
  zh: loadChineseCut,
  ja: loadJapaneseCut,
  th: () => ({ id: ICU_ID, cutRun: createSegmenterCut("th") }),
  lo: () => ({ id: ICU_ID, cutRun: createSegmenterCut("lo") }),
  km: () => ({ id: ICU_ID, cutRun: createSegmenterCut("km") }),
  my: () => ({ id: ICU_ID, cutRun: createSegmenterCut("my") }),
  bo: () => ({ id: TIBETAN_ID, cutRun: cutTibetan }),
};

/** Stretches without spaces inside text with spaces, such as Han in a Korean page, and languages in Myanmar script. */
function createForeignCut(): CutRun {
  const cutByDictionary = createSegmenterCut("und");
  return (run) => (MYANMAR_LETTER.test(run) ? cutMyanmarSyllables(run) : cutByDictionary(run));
}

const loaded = new Map<TokenizerName, Promise<Cut>>();

/** The tokenizer of an edition. Dictionaries are loaded once a process. */
export async function loadTokenizer(edition: Pick<Edition, "code" | "tokenizer">): Promise<Tokenizer> {
  const name = edition.tokenizer;
  const cut = loaded.get(name) ?? Promise.resolve(CUTS[name]());
  loaded.set(name, cut);
  const { id, cutRun } = await cut;
  return createWordTokenizer({
    id: `words-1 unicode-${UNICODE_VERSION} ${name}:${id}`,
    cutRun,
    apostrophes: apostropheRuleOf(edition),
  });
}
