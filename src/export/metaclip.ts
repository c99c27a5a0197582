/**
 * Lists, counts and keep-probabilities in the files of the published curator, MetaCLIP's `metaclip/curation/curate.py`;
 * docs/curator.md says what each file is for.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabelScheme } from "../../languages/index.ts";
import { type GroupThreshold, keepProbabilities, type ThresholdJson, toThresholdJson } from "../balancing/threshold.ts";
import { UserError } from "../errors.ts";
import { packageFolder } from "../package-folder.ts";
import type { ProfileName } from "../profile.ts";
import {
  type FolderFile,
  type FolderManifest,
  type FolderPart,
  readFolderManifest,
  toLines,
  writeFolder,
} from "./folder.ts";
import { describeMatching, MATCHING } from "./matching-rule.ts";
import { npyChunks, npzChunks } from "./npy.ts";

/** What marks a manifest as ours. */
export const METACLIP_FORMAT = "worldmeta-metaclip-1";
export const COUNTS = "counts.npz";
export const THRESHOLDS = "thresholds.json";
/** The program that balances in a data loader; it lies beside this module's source. */
export const READER = "worldmeta_reader.py";
/** Where stage 2 of the published code writes probabilities, and where stage 3 looks for them. */
export const PROBABILITY_FOLDERS = ["index_json/per_lang_prob", "index_json/per_lang_t"] as const;

/** The list of a group and what matching found of it. */
export interface MetaclipList {
  readonly group: string;
  /** What the curator calls the language: in the published code the edition's code, or `other`. */
  readonly code: string;
  /** SHA-256 that names the list. */
  readonly list: string;
  /** In the order of their ids; read once. */
  readonly entries: Iterable<string>;
  /** By entry id. */
  readonly counts: ArrayLike<number>;
  readonly threshold: GroupThreshold;
}

/** What to export and where. */
export interface MetaclipExport {
  readonly lists: readonly MetaclipList[];
  readonly directory: string;
  readonly profile: ProfileName;
  /** What made the lists, by name: part of the manifest. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where the counts come from: names of pools, or a file. */
  readonly counted: readonly string[];
  /** What the labels of the captions that were counted mean, and so those in a loader; `edition` if not given. */
  readonly scheme?: LabelScheme | undefined;
}

/** How much of a list is gathered before it is hashed and written, in UTF-16 units. */
const PIECE = 1 << 16;

/** A list in the manifest. */
export interface ManifestList extends ThresholdJson {
  readonly code: string;
  readonly list: string;
}

/** A file in the manifest. */
export interface ManifestFile extends FolderFile {
  /** Code of the list that it is of; absent for files of all lists. */
  readonly code?: string;
  /** Which stage of the published curator reads it. */
  readonly stage: string;
}

/** `manifest.json`. */
export interface Manifest extends FolderManifest<ManifestFile> {
  readonly format: typeof METACLIP_FORMAT;
  readonly profile: ProfileName;
  readonly versions: Readonly<Record<string, string>>;
  readonly counted: readonly string[];
  /** The threshold in the names of the probability files. */
  readonly named: { readonly t: number; readonly code: string };
  readonly lists: readonly ManifestList[];
}

/** A file that the curator, or a person, finds in the folder. */
type Part = FolderPart<ManifestFile>;

/** Path of a list's entries, ids being positions. */
export function metadataPath(code: string): string {
  return `metadata/${code}.json`;
}

/** Paths of a list's probabilities; all names hold the same threshold, English's. */
export function probabilityPaths(code: string, t: number): string[] {
  return PROBABILITY_FOLDERS.map((folder) => `${folder}/${t}_${code}.npy`);
}

/**
 * Each entry's keep-probability; 1 where there is no threshold, since nothing matched.
 */
export function probabilitiesOf(counts: ArrayLike<number>, t: number | undefined): Float32Array {
  return t === undefined ? new Float32Array(counts.length).fill(1) : keepProbabilities(counts, t);
}

/**
 * Writes lists into a folder as the published curator's `data/` has them, whole or not at all; the same input gives the
 * same bytes.
 *
 * What an earlier export left in the folder goes. Throws `UserError` if the folder holds anything else, if no list has a
 * threshold, if a code cannot be a file's name or occurs twice, or if a list has more or fewer entries than counts.
 */
export async function exportMetaclip(options: MetaclipExport): Promise<Manifest> {
  const { lists, directory, profile, versions, counted, scheme = "edition" } = options;
  const named = nameByThreshold(lists);
  requireCodes(lists);
  const groups = lists.map(({ group }) => group);
  const records = lists.map(({ code, list, threshold }) => ({ code, list, ...toThresholdJson(threshold) }));
  return writeFolder<ManifestFile, Manifest>(directory, {
    format: METACLIP_FORMAT,
    parts: [...listParts(lists, named.t), ...readerParts(describeMatching({ profile, scheme, groups }))],
    describe: (files) => ({ format: METACLIP_FORMAT, profile, versions, counted, named, lists: records, files }),
  });
}

/** English's threshold; without English, that of the list with most matches. */
function nameByThreshold(lists: readonly MetaclipList[]): Manifest["named"] {
  const english = lists.filter(({ code }) => code === "en");
  const ranked = [...lists].sort((a, b) => b.threshold.total - a.threshold.total || (a.code < b.code ? -1 : 1));
  for (const { code, threshold } of [...english, ...ranked]) {
    if (threshold.t !== undefined) return { t: threshold.t, code };
  }
  throw new UserError("no list has a match, so there are no thresholds to export; count captions first");
}

function requireCodes(lists: readonly MetaclipList[]): void {
  const seen = new Set<string>();
  for (const { code } of lists) {
    if (!/^[A-Za-z0-9_-]+$/.test(code)) throw new UserError(`a list cannot be named "${code}" in the curator's files`);
    if (seen.has(code)) throw new UserError(`two lists are named ${code}; export one of them`);
    seen.add(code);
  }
}

function listParts(lists: readonly MetaclipList[], named: number): Part[] {
  const parts: Part[] = lists.flatMap(({ code, entries, counts, threshold }) => [
    {
      path: metadataPath(code),
      stage: `stage 1 (count_per_shard), compiled into metadata/${code}.pkl`,
      code,
      chunks: toJsonArray(entries, { code, expected: counts.length }),
    },
    ...probabilityPaths(code, named).map((path, at) => ({
      path,
      stage: at === 0 ? "none; stage 2 (global_count) writes it" : "stage 3 (curate)",
      code,
      chunks: npyChunks(probabilitiesOf(counts, threshold.t), "float32"),
    })),
  ]);
  const counts = lists.map(({ code, counts }) => [code, counts] as const);
  const thresholds = lists.map(({ code, list, threshold }) => ({ code, list, ...toThresholdJson(threshold) }));
  return [
    ...parts,
    { path: COUNTS, stage: "none; what stage 2 (global_count) sums up", chunks: npzChunks(counts, "uint64") },
    { path: THRESHOLDS, stage: "none", chunks: [toLines(thresholds)] },
  ];
}

/**
 * A JSON array, an entry a line, in ASCII: Python then reads it the same whatever encoding the system has (the published
 * code names none).
 */
function* toJsonArray(
  entries: Iterable<string>,
  { code, expected }: { readonly code: string; readonly expected: number },
): Generator<string> {
  let length = 0;
  let piece = "";
  for (const entry of entries) {
    if (entry === "") throw new UserError(`the list ${code} holds an empty entry, which the curator cannot read`);
    piece += `${length === 0 ? "[\n" : ",\n"}${JSON.stringify(entry)}`;
    length++;
    if (piece.length < PIECE) continue;
    yield toAscii(piece);
    piece = "";
  }
  yield `${toAscii(piece)}${length === 0 ? "[]\n" : "\n]\n"}`;
  if (length !== expected)
    throw new UserError(
      `the list ${code} has ${length} entries and ${expected} counts; count with the list as it is now`,
    );
}

/** What reads the folder in a data loader. */
function readerParts(matching: object): Part[] {
  const stage = "none; balances in a data loader";
  const source = join(packageFolder(), "src/export", READER);
  return [
    { path: READER, stage, chunks: [readFileSync(source)] },
    { path: MATCHING, stage, chunks: [toAscii(toLines(matching))] },
  ];
}

function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** True for the manifest of a folder that `exportMetaclip` wrote. */
export function isMetaclipManifest(manifest: FolderManifest): manifest is Manifest {
  const { format, named, lists } = manifest as Partial<Manifest>;
  return (
    format === METACLIP_FORMAT &&
    Number.isSafeInteger(named?.t) &&
    lists!.every((list) => typeof list?.code === "string" && Number.isSafeInteger(list.entries))
  );
}

/** The manifest of a folder that `exportMetaclip` wrote; undefined if it has none that can be read. */
export function readManifest(directory: string): Manifest | undefined {
  const manifest = readFolderManifest(directory);
  return manifest !== undefined && isMetaclipManifest(manifest) ? manifest : undefined;
}
