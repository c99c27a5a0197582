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
  const name = nameGrowingList();
  for (const entry of entries) name.add(entry);
  return name.end();
}

/** Names a list whose entries come one by one, as `nameList` does; `end` gives the name, each time it is asked. */
export function nameGrowingList(): { add(entry: string): void; end(): string } {
  const hash = createHash("sha256");
  let piece = "";
  let name: string | undefined;
  return {
    add(entry) {
      piece += `${entry}\n`;
      if (piece.length < PIECE) return;
      hash.update(piece);
      piece = "";
    },
    end() {
      name ??= hash.update(piece).digest("hex");
      return name;
    },
  };
}
