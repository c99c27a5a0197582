/** Lines of real text in many languages, from the folder of real data: `lid`, captions aside. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface RealLines {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Bytes of a block of a tar archive. */
const BLOCK = 512;

/** NTREX-128, Tatoeba and Lingua's sentences: each line that holds anything, as often as it is there. */
export function readLidLines(data: string): RealLines[] {
  const ntrex = join(data, "lid/ntrex-128");
  const files = readdirSync(ntrex)
    .filter((name) => name.endsWith(".gz"))
    .sort()
    .map((name) => gunzipSync(readFileSync(join(ntrex, name))));
  return [
    { name: "ntrex", lines: files.flatMap(splitLines) },
    { name: "tatoeba", lines: readArchive(join(data, "lid/tatoeba-laser-v1.tar.gz"), /\.[a-z]{3}$/) },
    { name: "lingua", lines: readArchive(join(data, "lid/lingua-sentences.tar.gz"), /\.txt$/) },
  ];
}

function splitLines(bytes: Buffer): string[] {
  return bytes
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

/** Lines of the files of a packed tar archive whose names match. */
function readArchive(path: string, names: RegExp): string[] {
  const bytes = gunzipSync(readFileSync(path));
  const lines: string[] = [];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const name = bytes.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 136), 8);
    const from = at + BLOCK;
    if (names.test(name)) for (const line of splitLines(bytes.subarray(from, from + size))) lines.push(line);
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  return lines;
}
