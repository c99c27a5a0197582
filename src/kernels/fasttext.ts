/* The door of fastText: what its host may call (`src/lid/fasttext-fast.ts`). */
import { TEXT_ENDS, TEXT_LABELS, TEXT_PROBABILITIES, TEXTS } from "./fasttext-layout.ts";
import { findLabel, probabilityOfLabel } from "./fasttext-tree.ts";
import { addWord, readText } from "./fasttext-words.ts";
import { get32, reserve, set32, setFloat } from "./memory.ts";

export { addWord, reserve };

/** Leaves of each of the first texts its label and its probability. */
export function labelTexts(count: i32): void {
  let at = TEXTS + 1;
  for (let k = 0; k < count; k++) {
    const end = get32(TEXT_ENDS + (k << 2));
    readText(at, end);
    set32(TEXT_LABELS + (k << 2), findLabel());
    setFloat(TEXT_PROBABILITIES + (k << 2), probabilityOfLabel());
    at = end + 1;
  }
}
