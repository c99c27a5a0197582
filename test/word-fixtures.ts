import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A text of an edition's language and the words that it must be cut into. */
export interface WordFixture {
  readonly code: string;
  readonly text: string;
  readonly words: readonly string[];
}

/** The lines of `fixtures/words.tsv`: edition, text, and its words with | between them. */
export const WORD_FIXTURES: readonly WordFixture[] = readFileSync(
  fileURLToPath(new URL("fixtures/words.tsv", import.meta.url)),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [code = "", text = "", words = ""] = line.split("\t");
    return { code, text, words: words.split("|") };
  });
