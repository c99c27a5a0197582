/** The pairs of image and text that files of a pool brought first, as hashes: what files counted later must not repeat. */
import type { Database } from "./database.ts";

/** Bytes of a part: a file's pairs are rows of 65,536. */
const PART_BYTES = 1 << 19;

/** Keeps the hashes of a file's pairs in place of those it had: chunks of bytes, all of them ascending, 8 bytes a hash. */
export function savePairs(db: Database, file: number, chunks: Iterable<Uint8Array>): void {
  db.prepare("DELETE FROM pool_pair WHERE file = ?").run(file);
  const insert = db.prepare<[number, number, Uint8Array]>(
    "INSERT INTO pool_pair (file, part, hashes) VALUES (?, ?, ?)",
  );
  const part = Buffer.alloc(PART_BYTES);
  let parts = 0;
  let filled = 0;
  const flush = () => {
    if (filled > 0) insert.run(file, parts++, part.subarray(0, filled));
    filled = 0;
  };
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + PART_BYTES - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled === PART_BYTES) flush();
    }
  }
  flush();
}

/** Whether a file has brought pairs first. */
export function hasPairs(db: Database, file: number): boolean {
  return db.prepare("SELECT 1 FROM pool_pair WHERE file = ? AND part = 0").get(file) !== undefined;
}

/** The hashes of a file's pairs, at most 65,536 at a time; each chunk begins where a word can. */
export function* readFilePairs(db: Database, file: number): Generator<Uint8Array> {
  const read = db.prepare<[number, number], Buffer>("SELECT hashes FROM pool_pair WHERE file = ? AND part = ?").pluck();
  // One after the other, so that others can use the database in between.
  for (let part = 0; ; part++) {
    const hashes = read.get(file, part);
    if (hashes === undefined) return;
    yield Uint8Array.from(hashes);
  }
}
