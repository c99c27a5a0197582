/**
 * Measures the identification of languages beside lid.176, cld3, franc and, where `test/python/setup.sh` has installed
 * them, fastText and py3langid, on the same texts.
 *
 *     node dist/scripts/measure-identify.js DATA [--most 350] [--captions 4000] [--confusions]
 *
 * DATA holds the folders lid and captions. `--most` is how many chunks of a set and language are taken, `--captions` how many
 * captions. Sentences are cut to 5–12 words, or 15–40 characters in scripts without spaces; shorter ones are left out.
 * A language's accuracy is the mean over the sets that have it; the macro accuracy is the mean over languages.
 * `languageOf` in `lid-evaluation.ts` says how answers are compared.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { francAll } from "franc-all";
import { data as francData } from "franc-all/data.js";
import { expressions } from "franc-all/expressions.js";
import { editionsOfGroup, groupOfLabel, groupsNamed, LABEL_SCHEMES, listEditions, OTHER } from "../languages/index.ts";
import { loadGrounds } from "../src/lid/evidence.ts";
import { createDecider, type Decider } from "../src/lid/identify.ts";
import { CLD3_LANGUAGES } from "./cld3-languages.ts";
import { type KnownText, languageOf, readKnownCaptions, readSentences, readWords, SENTENCE_SETS } from "./lid-evaluation.ts";
import { lacksPython, runIdentify } from "./identify-peers.ts";
import { formatRows } from "./table.ts";

/** The answers of an identifier, as languages, for all texts in order. */
interface Answers {
  readonly name: string;
  readonly languages: readonly string[];
  /** Languages that it can name. */
  readonly knows: ReadonlySet<string>;
  readonly seconds: number;
}
