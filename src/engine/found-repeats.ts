/** What `findRepeats` has left, as the second pass takes it: beside the rows of a file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createPlaces } from "../dedup/pair-list.ts";
import { createRepeatReader, type RowRepeats } from "../dedup/repeats.ts";
import { findSection, readSection } from "../dedup/section-file.ts";
import type { PoolRow } from "../sources/pool.ts";

/** What says that a folder has the answer: the file `FOUND` in it. */
export interface Found {
  /** Sections of the runs. */
  readonly files: number;
  /** In the order of their ranges. */
  readonly runs: readonly Run[];
}

/** Names of the files that a range has left in the folder. */
interface Run {
  readonly repeats: string;
  readonly firsts?: string | undefined;
}

export const FOUND = "found.json";

function readFound(folder: string): Found {
  return JSON.parse(readFileSync(join(folder, FOUND), "utf8")) as Found;
}

/** A file's place in what was found. */
export interface RepeatsOfFile {
  readonly folder: string;
  /** Its number in the pool's order. */
  readonly file: number;
}

/** Tells what is repeated of each row of a share, to be asked of all rows in their order; undefined if nothing is. */
export type TellRepeats = (piece: number, row: PoolRow) => RowRepeats | undefined;

/** Opens what is repeated of a file; of no file, nothing is. */
export function openRepeats(repeats: RepeatsOfFile | undefined): TellRepeats {
  if (repeats === undefined) return () => undefined;
  const { folder, file: section } = repeats;
  const { runs, files: of } = readFound(folder);
  const reader = createRepeatReader(runs.map((run) => findSection(join(folder, run.repeats), { section, of })));
  const placeOf = createPlaces();
  return (piece, { texts }) => reader.take(placeOf({ piece, texts }), texts.length);
}

/** A row without the texts that are dropped. */
export function withoutRepeats(row: PoolRow, { dropped }: RowRepeats): PoolRow {
  if (dropped.length === 0) return row;
  const gone = new Set(dropped);
  return { ...row, texts: row.texts.filter((_, index) => !gone.has(index)) };
}

/** Bytes of hashes that are read at once. */
const FIRSTS_BYTES = 1 << 19;

/** The hashes of the pairs that a file brings first, ascending, in chunks; only where images were not told. */
export function* readFirsts({ folder, file: section }: RepeatsOfFile): Generator<Uint8Array> {
  const { runs, files: of } = readFound(folder);
  for (const { firsts } of runs) {
    if (firsts !== undefined) yield* readSection(findSection(join(folder, firsts), { section, of }), FIRSTS_BYTES);
  }
}
