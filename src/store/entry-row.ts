/** How an entry lies in a row of the table `entry`. */
import { type Entry, FLAGS, type Flag, SOURCES, type Source } from "../entries/types.ts";

const FLAG_NAMES = Object.keys(FLAGS) as Flag[];

/** Optional fields of an entry with their columns. */
const OPTIONAL = [
  ["wordnetRank", "wordnet_rank"],
  ["count", "count"],
  ["unigramRank", "unigram_rank"],
  ["pairCount", "pair_count"],
  ["pmi", "pmi"],
  ["npmi", "npmi"],
  ["bigramRank", "bigram_rank"],
  ["views", "views"],
  ["titleRank", "title_rank"],
] as const;

/** Columns of the table `entry`, in the order of `entryParameters`. */
export const ENTRY_COLUMNS = [
  ...["build", "id", "text", "source"],
  ...OPTIONAL.map(([, column]) => column),
  "flags",
] as const;

/** A row of the table `entry`. */
export type EntryRow = { readonly [Column in (typeof OPTIONAL)[number][1]]: number | null } & {
  readonly build: number;
  readonly id: number;
  readonly text: string;
  readonly source: number;
  readonly flags: number;
};

/** Number of a source in the database: its place in the order of merging. */
export function sourceIndex(source: Source): number {
  return SOURCES.indexOf(source);
}

/** The source of a number; throws if the database holds one that this version does not know. */
export function sourceAt(index: number): Source {
  const source = SOURCES[index];
  if (source === undefined) throw new Error(`the database holds a source of number ${index}, which is not known`);
  return source;
}

/** Bit of a flag in the database. */
export function flagBit(flag: Flag): number {
  return 1 << FLAG_NAMES.indexOf(flag);
}

/** The values of `ENTRY_COLUMNS`. */
export function entryParameters(build: number, entry: Entry): unknown[] {
  const parameters: unknown[] = [build, entry.id, entry.text, sourceIndex(entry.source)];
  for (const [field] of OPTIONAL) parameters.push(entry[field] ?? null);
  let flags = 0;
  for (const flag of entry.flags) flags |= flagBit(flag);
  parameters.push(flags);
  return parameters;
}

/** Columns to select for `readEntry`, of the table `e`. */
export const SELECT_COLUMNS = ENTRY_COLUMNS.map((column) => `e.${column}`).join(", ");

/** The entry of a row of `SELECT_COLUMNS` that was read as an array, which is quicker to make than an object. */
export function readEntry(values: readonly (number | string | null)[]): Entry {
  const [, id, text, source, ...rest] = values;
  const scores: { -readonly [Field in (typeof OPTIONAL)[number][0]]?: number } = {};
  for (const [at, [field]] of OPTIONAL.entries()) {
    const value = rest[at];
    if (value !== null) scores[field] = value as number;
  }
  const flags = toFlags(rest[OPTIONAL.length] as number);
  return { id: id as number, text: text as string, source: sourceAt(source as number), ...scores, flags };
}

/** The entry of a row; its flags in the order of `FLAGS`. */
export function toEntry(row: EntryRow): Entry {
  const scores: { -readonly [Field in (typeof OPTIONAL)[number][0]]?: number } = {};
  for (const [field, column] of OPTIONAL) {
    const value = row[column];
    if (value !== null) scores[field] = value;
  }
  return { id: row.id, text: row.text, source: sourceAt(row.source), ...scores, flags: toFlags(row.flags) };
}

function toFlags(bits: number): readonly Flag[] {
  return bits === 0 ? [] : FLAG_NAMES.filter((flag) => (bits & flagBit(flag)) !== 0);
}
