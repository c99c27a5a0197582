/** Curated pairs as files: the parts of a pool that stayed, and a manifest that says how they came about. */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ThresholdJson } from "../balancing/threshold.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import type { PoolLayout } from "../sources/pool.ts";
import { type FolderFile, type FolderManifest, readFolderManifest, TABLE_MANIFEST } from "./folder.ts";
import { createParquetTable, type ParquetColumn } from "./parquet.ts";

/** What marks a manifest of curated pairs as ours; those of earlier versions are still known for theirs. */
export const CURATED_FORMAT = "worldmeta-curated-2";
const EARLIER_FORMATS: readonly string[] = ["worldmeta-curated-1"];

/** Formats of parts. */
export const PART_FORMATS = ["parquet", "jsonl"] as const;
export type PartFormat = (typeof PART_FORMATS)[number];

/** A pair that stays. */
export interface CuratedRow {
  readonly id: string;
  /** True where the pool has the id as a number; JSON lines then have it so too. */
  readonly numericId: boolean;
  readonly url: string | undefined;
  readonly text: string;
  /** The label of the text's language, as the pool has it or as it was identified. */
  readonly lang: string;
  /** Ids of the entries that the text matches in the list of its group, ascending. */
  readonly matches: Uint32Array;
  /** With which it was kept. */
  readonly probability: number;
}

/** A part that was written. */
export interface CuratedPart extends FolderFile {
  readonly rows: number;
}

/** What became of the rows of a group: those whose text drawn, or else the first with a list, is of it. */
export interface CuratedGroup {
  readonly group: string;
  /** Rows, each an image; those of which no text matches, those that were drawn and did not stay, and those that stay. */
  readonly rows: number;
  readonly noMatch: number;
  readonly notDrawn: number;
  readonly kept: number;
  /** Texts of the group, and those of them that match. */
  readonly texts: number;
  readonly matched: number;
  /** Rows to be expected to stay, given the texts that were drawn, and the variance of their number. */
  readonly expected: number;
  readonly variance: number;
}

/** What became of all rows: `excluded`, `noText`, `repeated`, `noList` and the rows of the groups together are `rows`. */
export interface CurationFigures {
  readonly rows: number;
  /** Rows whose id or URL was to be left out. */
  readonly excluded: number;
  /** Rows without a text that can be read. */
  readonly noText: number;
  /** Rows that are no image of their own: an earlier row has all their texts, or what is left of these joined the first row. */
  readonly repeated: number;
  /** Those of them whose texts joined the first row of their image. */
  readonly joined: number;
  /** Texts of all rows that an earlier row of the same image has. */
  readonly repeatedTexts: number;
  /** Rows whose group has no list that the pools have counted, by group. */
  readonly noList: Readonly<Record<string, number>>;
  readonly kept: number;
  readonly groups: readonly CuratedGroup[];
  readonly problems: readonly Problem[];
}

/** A file of captions in the manifest. */
export interface CuratedInput {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly layout: PoolLayout;
}

/** `_manifest.json` of a folder of curated pairs. */
export interface CuratedManifest extends FolderManifest {
  readonly format: typeof CURATED_FORMAT;
  /** Names all that decides which pairs stay: the same print, the same parts. */
  readonly print: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  /** What the labels of languages are, the label of captions that have none, and whether all captions were identified. */
  readonly scheme: string;
  readonly lang?: string | undefined;
  readonly identify: boolean;
  /** Names of the pools whose counts and thresholds were used. */
  readonly pools: readonly string[];
  readonly seed: number;
  /** What was done with pairs of URL and text that had occurred before. */
  readonly repeats: "dropped" | "kept";
  readonly exclude: { readonly name: string; readonly sha256: string; readonly lines: number } | undefined;
  readonly inputs: readonly CuratedInput[];
  readonly lists: readonly (ThresholdJson & { readonly list: string })[];
  readonly figures: CurationFigures;
  readonly files: readonly CuratedPart[];
}

/** The name of the part that has what stays of one piece of one file, both from 0. */
export function partName(
  { file, piece }: { readonly file: number; readonly piece: number },
  format: PartFormat,
): string {
  return `part-${toDigits(file)}-${toDigits(piece)}.${format}`;
}

/** The name of the part that has what stays of images with several rows, of one partition of these, from 0. */
export function joinedPartName(partition: number, format: PartFormat): string {
  return `part-joined-${toDigits(partition)}.${format}`;
}

function toDigits(number: number): string {
  return String(number).padStart(5, "0");
}

/** True for names of parts. */
export function isPartName(name: string): boolean {
  return /^part-(?:\d{5,}|joined)-\d{5,}\.(?:parquet|jsonl)$/.test(name);
}

/** Rows of a Parquet file that are in memory at once, or this many UTF-16 units of what they hold. */
const ROWS_AT_ONCE = 8_192;
const UNITS_AT_ONCE = 1 << 22;

const COLUMNS: readonly ParquetColumn[] = [
  { name: "id", type: "string" },
  { name: "url", type: "string", nullable: true },
  { name: "text", type: "string" },
  { name: "lang", type: "string" },
  { name: "matches", type: "int32s" },
  { name: "probability", type: "double" },
];

/** A part that is being written. */
export interface PartWriter {
  add(row: CuratedRow): void;
  /** Puts the file in its place. Without a row there is none, unless it is wanted even so. */
  end(evenEmpty: boolean): CuratedPart | undefined;
}

/** Starts a part in a folder; until it has ended it has another name. */
export function createPart(folder: string, path: string, format: PartFormat): PartWriter {
  const temporary = join(folder, `${path}.part`);
  const table = format === "parquet" ? createParquetTable({ columns: COLUMNS }) : undefined;
  const hash = createHash("sha256");
  let file: number | undefined;
  let bytes = 0;
  let rows = 0;
  let waiting: CuratedRow[] = [];
  let units = 0;
  const write = (chunk: Uint8Array) => {
    file ??= openSync(temporary, "w");
    hash.update(chunk);
    bytes += chunk.length;
    try {
      writeFileSync(file, chunk);
    } catch (error) {
      throw Object.assign(error as Error, { path: temporary });
    }
  };
  const flush = () => {
    if (waiting.length > 0)
      write(table === undefined ? Buffer.from(toJsonLines(waiting)) : table.add(toColumns(waiting)));
    waiting = [];
    units = 0;
  };
  return {
    add(row) {
      rows++;
      waiting.push(row);
      units += row.id.length + (row.url?.length ?? 0) + row.text.length + 2 * row.matches.length;
      if (waiting.length >= ROWS_AT_ONCE || units >= UNITS_AT_ONCE) flush();
    },
    end(evenEmpty) {
      if (rows === 0 && !evenEmpty) return undefined;
      flush();
      write(table?.end() ?? new Uint8Array(0));
      fsyncSync(file!);
      closeSync(file!);
      renameSync(temporary, join(folder, path));
      return { path, rows, bytes, sha256: hash.digest("hex") };
    },
  };
}

function toColumns(rows: readonly CuratedRow[]): unknown[][] {
  return [
    rows.map(({ id }) => id),
    rows.map(({ url }) => url ?? null),
    rows.map(({ text }) => text),
    rows.map(({ lang }) => lang),
    rows.map(({ matches }) => Array.from(matches)),
    rows.map(({ probability }) => probability),
  ];
}

function toJsonLines(rows: readonly CuratedRow[]): string {
  let lines = "";
  for (const { id, numericId, url, text, lang, matches, probability } of rows) {
    const row = { url: url ?? null, text, lang, matches: Array.from(matches), probability };
    lines += `{"id":${numericId ? id : JSON.stringify(id)},${JSON.stringify(row).slice(1)}\n`;
  }
  return lines;
}

/** The manifest of a folder; undefined if it has none of ours. */
export function readCuratedManifest(directory: string): CuratedManifest | undefined {
  const manifest = readFolderManifest(directory, TABLE_MANIFEST);
  return manifest !== undefined && isCuratedFormat(manifest.format) ? (manifest as CuratedManifest) : undefined;
}

/** True for what marks a manifest of curated pairs, also an earlier one's. */
export function isCuratedFormat(format: string): boolean {
  return format === CURATED_FORMAT || EARLIER_FORMATS.includes(format);
}

/** Adds up what became of the rows of several pieces, in their order. */
export function sumFigures(pieces: readonly CurationFigures[]): CurationFigures {
  const sum = { rows: 0, excluded: 0, noText: 0, repeated: 0, joined: 0, repeatedTexts: 0, kept: 0 };
  const noList = new Map<string, number>();
  const groups = new Map<string, CuratedGroup>();
  const problems = new Problems();
  for (const piece of pieces) {
    problems.merge(piece.problems);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += piece[name];
    for (const [group, rows] of Object.entries(piece.noList)) noList.set(group, (noList.get(group) ?? 0) + rows);
    for (const one of piece.groups) groups.set(one.group, addGroups(groups.get(one.group), one));
  }
  return {
    ...sum,
    noList: Object.fromEntries([...noList].sort()),
    groups: [...groups.values()].sort((a, b) => (a.group < b.group ? -1 : 1)),
    problems: problems.list(),
  };
}

function addGroups(before: CuratedGroup | undefined, { group, ...figures }: CuratedGroup): CuratedGroup {
  if (before === undefined) return { group, ...figures };
  const names = Object.keys(figures) as (keyof typeof figures)[];
  const sums = Object.fromEntries(names.map((name) => [name, before[name] + figures[name]]));
  return { group, ...(sums as typeof figures) };
}
