/** Lists of words, one a line. */
import { isUtf8 } from "node:buffer";
import { normalize } from "../../languages/normalize.ts";
import { UserError } from "../errors.ts";
import { readLines } from "./input.ts";

/**
 * Reads the words or phrases of a file, one a line, also compressed; each once, in the form that entries are compared in.
 * Blank lines and those that begin with `#` are passed over. Throws `UserError` for a line that is not UTF-8, and as
 * `openInput` does.
 */
export async function readWordList(path: string): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  const decoder = new TextDecoder();
  let number = 0;
  for await (const line of readLines(path)) {
    number++;
    if (!isUtf8(line)) throw new UserError(`${path}: line ${number} is not UTF-8; convert the file, e.g. with iconv`);
    const word = normalize(decoder.decode(line));
    if (word !== "" && !word.startsWith("#")) words.add(word);
  }
  return words;
}
