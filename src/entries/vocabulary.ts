/** Entries that hold a word of a vocabulary. */
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import type { Edition } from "../../languages/define.ts";
import { normalize } from "../../languages/normalize.ts";
import { createMatcher } from "../matching/matcher.ts";

/** Texts handed to the matcher at once. */
const BATCH = 4096;

/**
 * Calls back with the place of each text that is, or holds as a word, a word of the vocabulary: by the boundary rule of the
 * edition, as captions match in `corrected`, capitals or not. The capitals are those of the language, which matters where
 * it has a dotless i.
 *
 * Memory is the compiled vocabulary's, about 12 bytes a word when it is done and 80 an atom before; throws `UserError` as
 * `compileList` does where that is too much.
 */
export function findVocabulary(
  texts: readonly string[],
  { edition, vocabulary }: { readonly edition: Pick<Edition, "code" | "tag">; readonly vocabulary: Iterable<string> },
  onFound: (index: number) => void,
): void {
  const foldCase = (text: string) => normalize(normalize(text).toLocaleLowerCase(edition.tag));
  const words = [...new Set(Array.from(vocabulary, foldCase))].filter((word) => word !== "");
  if (words.length === 0) return;
  const matcher = createMatcher(words, { profile: "corrected", apostrophes: apostropheRuleOf(edition) });
  for (let from = 0; from < texts.length; from += BATCH) {
    matcher.matchAll(texts.slice(from, from + BATCH).map(foldCase), (index, ids) => {
      if (ids.length > 0) onFound(from + index);
    });
  }
}
