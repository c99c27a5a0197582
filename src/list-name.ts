/** What names a list of entries. */
import { createHash } from "node:crypto";

/** How much text is gathered before it is hashed, in UTF-16 units. */
const PIECE = 1 << 16;

/**
 * The name of a list: SHA-256, in small hexadecimal, of its entries in the order of their ids, each in UTF-8 and
 * followed by a line feed. `printf 'a\nb\n' | sha256sum` names the list of `a` and `b`, and so does `sha256sum` of a
 * file with one entry a line. Lists of the same name have the same ids.
 */
export function nameList(entries: Iterable<string>): string {
  const hash = createHash("sha256");
  let piece = "";
  for (const entry of entries) {
    piece += `${entry}\n`;
    if (piece.length < PIECE) continue;
    hash.update(piece);
    piece = "";
  }
  return hash.update(piece).digest("hex");
}
