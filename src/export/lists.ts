/**
 * Lists as files: a text file of entries, or JSON lines or a table (Parquet) with everything known of each. Tables come
 * with a card, which Hugging Face reads, and a manifest.
 */
import { join } from "node:path";
import { type GroupThreshold, toThresholdJson } from "../balancing/threshold.ts";
import { type EntryJson, toEntryJson } from "../entries/entry-json.ts";
import { type Entry, SOURCES, type Source } from "../entries/types.ts";
import { UserError } from "../errors.ts";
import { writeAllAtomically } from "../files.ts";
import { nameGrowingList } from "../list-name.ts";
import type { ProfileName } from "../profile.ts";
import type { Build } from "../store/builds.ts";
import type { EntryOfEdition } from "../store/entries.ts";
import { CARD, cardOf } from "./card.ts";
import { type FolderFile, writeFolder } from "./folder.ts";
import {
  type DescribedColumn,
  LISTS_FORMAT,
  type ListKind,
  type ListsManifest,
  type ManifestInput,
  type ManifestList,
} from "./lists-manifest.ts";
import { probabilitiesOf } from "./metaclip.ts";
import { parquetChunks } from "./parquet.ts";

export const LIST_FORMATS = ["jsonl", "txt", "parquet"] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** A list to write. */
export interface NewList {
  /** Of the edition or group; names the file. */
  readonly code: string;
  /** In the order of their ids; read once. */
  readonly entries: Iterable<EntryOfEdition>;
  /** Those that the entries are of. */
  readonly builds: readonly Build[];
  /** What pools say of the entries, by id. */
  readonly counted?: { readonly counts: ArrayLike<number>; readonly threshold: GroupThreshold };
}

/** Lists to write, and where. */
export interface ListsExport {
  readonly kind: ListKind;
  readonly lists: readonly NewList[];
  readonly format: ListFormat;
  readonly directory: string;
  readonly profile: ProfileName;
  /** What made the lists, by name: part of card and manifest. */
  readonly versions: Readonly<Record<string, string>>;
  /** Names of the pools; none if lists were not counted. */
  readonly pools: readonly string[];
}

/** A file that was written. */
export interface ExportedList {
  readonly code: string;
  readonly path: string;
  readonly entries: number;
  readonly bytes: number;
}

/** An entry with what pools say of it. */
interface Row extends EntryOfEdition {
  readonly matches?: number;
  readonly probability?: number;
}

/** A column of a table: where its values come from and what they mean. */
interface ListColumn extends DescribedColumn {
  readonly of: (row: Row) => unknown;
}

const whole = (value: number | undefined) => (value === undefined ? null : BigInt(value));

function known(field: keyof Entry, type: "int32" | "int64" | "double", meaning: string): ListColumn {
  const of = ({ entry }: Row) =>
    type === "int64" ? whole(entry[field] as number | undefined) : (entry[field] ?? null);
  return { name: field, type, nullable: true, of, meaning };
}

const COLUMNS: readonly ListColumn[] = [
  { name: "id", type: "int32", of: ({ entry }) => entry.id, meaning: "position in the list, from 0" },
  { name: "text", type: "string", of: ({ entry }) => entry.text, meaning: "the entry as it is matched" },
  {
    ...{ name: "edition", type: "string", of: ({ edition }) => edition },
    meaning:
      "code of the Wikipedia edition that the row is of: in a list of several, the one that ranks the entry best",
  },
  {
    ...{ name: "source", type: "string", of: ({ entry }) => entry.source },
    meaning: `the source that owns the entry, the first to bring it: ${SOURCES.join(", ")}`,
  },
  {
    ...{ name: "sources", type: "strings", of: ({ entry }) => toEntryJson(entry).sources },
    meaning: "all sources that bring it",
  },
  known("wordnetRank", "int32", "rank among the wordnets' lemmas"),
  known("count", "int64", "occurrences of the word in the edition's text"),
  known("unigramRank", "int32", "rank among the words, by count"),
  known("pairCount", "int64", "occurrences of the pair of words"),
  known("pmi", "double", "pointwise mutual information of the pair, in bits"),
  known("npmi", "double", "the same as a share of the most that is possible"),
  known("bigramRank", "int32", "rank among the pairs"),
  known("views", "int64", "views of the article"),
  known("titleRank", "int32", "rank among the titles, by views"),
  {
    ...{ name: "flags", type: "strings", of: ({ entry }) => [...entry.flags] },
    meaning: "what makes the entry worth a second look in an audit",
  },
];

const COUNTED: readonly ListColumn[] = [
  { name: "matches", type: "int64", of: ({ matches }) => BigInt(matches!), meaning: "captions that hold the entry" },
  {
    ...{ name: "probability", type: "float", of: ({ probability }) => probability },
    meaning: "with which a caption is kept for this entry alone: min(1, t / matches), or 1 where nothing matched",
  },
];

/** Rows of a table that are in memory at once. */
const BATCH = 32_768;

/**
 * Writes lists into a folder, `CODE.FORMAT` each, all or none, in the order of the ids: in lines, the line's number is the
 * id plus one. The same lists give the same bytes.
 *
 * Tables take the place of those that an earlier export left in the folder. Throws `UserError` if two lists have one code,
 * and for tables if the folder holds anything else.
 */
export async function exportLists(options: ListsExport): Promise<ExportedList[]> {
  const { lists, format, directory } = options;
  for (const [at, { code }] of lists.entries())
    if (lists.findIndex((list) => list.code === code) < at)
      throw new UserError(`two lists are named ${code}; export one of them`);
  const tallies = lists.map(startTally);
  const parts = lists.map((list, at) => ({
    path: `${list.code}.${format}`,
    chunks: chunksOf(rowsOf(list, tallies[at]!), options, list),
  }));
  let bytes: readonly number[];
  if (format === "parquet") {
    const { files } = await writeTables(parts, tallies, options);
    bytes = files.map((file) => file.bytes);
  } else bytes = await writeAllAtomically(parts.map(({ path, chunks }) => ({ path: join(directory, path), chunks })));
  return parts.map(({ path }, at) => ({
    ...{ code: lists[at]!.code, path: join(directory, path), entries: tallies[at]!.entries, bytes: bytes[at]! },
  }));
}

/** What is seen of a list's entries as they pass. */
interface Tally {
  readonly name: ReturnType<typeof nameGrowingList>;
  readonly sources: Record<Source, number>;
  entries: number;
}

function startTally(): Tally {
  const sources = Object.fromEntries(SOURCES.map((source) => [source, 0])) as Record<Source, number>;
  return { name: nameGrowingList(), sources, entries: 0 };
}

function* rowsOf({ entries, counted }: NewList, tally: Tally): Generator<Row> {
  const { counts, threshold } = counted ?? {};
  const probabilities = counts && probabilitiesOf(counts, threshold?.t);
  for (const row of entries) {
    const { id, text, source } = row.entry;
    tally.entries++;
    tally.sources[source]++;
    tally.name.add(text);
    yield counts === undefined ? row : { ...row, matches: counts[id] ?? 0, probability: probabilities![id] ?? 1 };
  }
}

function* chunksOf(
  rows: Iterable<Row>,
  { format, kind }: ListsExport,
  { counted }: NewList,
): Generator<string | Uint8Array> {
  if (format === "parquet") {
    const columns = columnsOf(counted !== undefined);
    yield* parquetChunks({ columns }, batchesOf(rows, columns));
  } else for (const row of rows) yield `${format === "txt" ? row.entry.text : JSON.stringify(toJson(row, kind))}\n`;
}

/** Those of counted lists have two more. */
function columnsOf(isCounted: boolean): readonly ListColumn[] {
  return isCounted ? [...COLUMNS, ...COUNTED] : COLUMNS;
}

function toJson({ edition, entry, matches, probability }: Row, kind: ListKind): EntryJson & Partial<Row> {
  return {
    ...toEntryJson(entry),
    ...(kind === "group" && { edition }),
    ...(matches !== undefined && { matches, probability: probability! }),
  };
}

function* batchesOf(rows: Iterable<Row>, columns: readonly ListColumn[]): Generator<unknown[][]> {
  const start = () => columns.map((): unknown[] => []);
  let batch = start();
  for (const row of rows) {
    for (const [at, { of }] of columns.entries()) batch[at]!.push(of(row));
    if (batch[0]!.length < BATCH) continue;
    yield batch;
    batch = start();
  }
  yield batch;
}

function writeTables(
  parts: readonly { readonly path: string; readonly chunks: Iterable<string | Uint8Array> }[],
  tallies: readonly Tally[],
  { lists, directory, kind, profile, versions, pools }: ListsExport,
): Promise<ListsManifest> {
  const records = () =>
    lists.map(({ code, builds, counted }, at): ManifestList => {
      const { name, entries, sources } = tallies[at]!;
      const editions = builds.map(({ edition }) => edition).sort();
      const figures = counted === undefined ? {} : toThresholdJson(counted.threshold);
      return { code, list: name.end(), editions, ...figures, entries, sources };
    });
  const inputs = inputsOf(lists.flatMap(({ builds }) => builds));
  let about: Omit<ListsManifest, "files"> | undefined;
  const card = function* () {
    about = { format: LISTS_FORMAT, profile, versions, kind, pools, lists: records(), inputs };
    yield cardOf(about, columnsOf(pools.length > 0));
  };
  const rows = new Map(parts.map(({ path }, at) => [path, () => tallies[at]!.entries]));
  return writeFolder<FolderFile, ListsManifest>(directory, {
    format: LISTS_FORMAT,
    parts: [...parts, { path: CARD, chunks: card() }],
    describe: (files) => ({
      ...about!,
      files: files.map((file) => (rows.has(file.path) ? { ...file, rows: rows.get(file.path)!() } : file)),
    }),
  });
}

/** The files that builds were made from, each once; vocabularies, which bring no entry, are not among them. */
function inputsOf(builds: readonly Build[]): ManifestInput[] {
  const inputs = new Map<string, ManifestInput>();
  for (const { edition, inputs: own } of [...builds].sort((a, b) => (a.edition < b.edition ? -1 : 1))) {
    for (const { path, ...input } of own) {
      if (input.kind === "vocabulary") continue;
      const file = path.replace(/^.*[/\\]/, "");
      const key = JSON.stringify([input.kind, input.sha256 ?? path, file]);
      const editions = inputs.get(key)?.editions ?? [];
      if (!editions.includes(edition)) inputs.set(key, { file, ...input, editions: [...editions, edition] });
    }
  }
  return [...inputs.values()];
}
