/** What texts are cut into: words, and pairs of words. */
import type { Tokenizer } from "../../languages/define.ts";
import { isClitic, joinOf } from "../../languages/joins.ts";
import { normalizeText } from "../../languages/normalize.ts";

/** What a text is cut into: each word, and each pair of words that follow each other as one entry would write them. */
export interface GramSink {
  word(word: string): void;
  pair(first: string, second: string): void;
}

/** A way to cut texts into words and pairs. */
export interface GramCutter {
  /** A text begins to which nothing before belongs. */
  begin(): void;
  /** Hand the words and pairs of a text, or of its next lines, to `sink`. */
  cut(text: string, sink: GramSink): void;
}

const LINE_END = /[\n\r\u2028\u2029]/;
const SPACES = /^\s+$/;

/** What stands between two words, as an entry would write it: white space within a line is one space. */
function gapOf(between: string): string {
  const gap = between.replaceAll("\u200B", "");
  return SPACES.test(gap) && !LINE_END.test(gap) ? " " : gap;
}

/**
 * Hand the words and pairs of a text to `sink`. Words make a pair only where the text has between them just what an
 * entry of the two would have: so no pair crosses a line, a sentence or any other mark.
 */
export function cutGrams(text: string, tokenizer: Tokenizer, sink: GramSink): void {
  let previous: string | undefined;
  let between = "";
  for (const segment of tokenizer.segment(normalizeText(text))) {
    if (!segment.word) {
      between += segment.text;
      continue;
    }
    sink.word(segment.text);
    const word = isClitic(segment.text) ? undefined : segment.text;
    if (previous !== undefined && word !== undefined && gapOf(between) === joinOf(previous, word)) {
      sink.pair(previous, word);
    }
    previous = word;
    between = "";
  }
}

/** The cutter of the `corrected` profile: every line stands for itself. */
export function createCutter(tokenizer: Tokenizer): GramCutter {
  return { begin() {}, cut: (text, sink) => cutGrams(text, tokenizer, sink) };
}
