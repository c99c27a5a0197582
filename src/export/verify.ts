/** Folders that exports and curation wrote, checked against their manifests. */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { join, normalize, sep } from "node:path";
import { UserError } from "../errors.ts";
import { hashFile } from "../files.ts";
import { nameGrowingList, nameList } from "../list-name.ts";
import { readCountsFile } from "../sources/counts-file.ts";
import { parseNpy } from "../sources/npy.ts";
import { CURATED_FORMAT, type CuratedManifest, isCuratedFormat } from "./curated.ts";
import {
  type FolderFile,
  type FolderManifest,
  listFiles,
  MANIFEST,
  manifestNameOf,
  readFolderManifest,
  TABLE_MANIFEST,
} from "./folder.ts";
import { LISTS_FORMAT, type ListsManifest } from "./lists-manifest.ts";
import { MATCHING, parseMatching } from "./matching-rule.ts";
import {
  COUNTS,
  isMetaclipManifest,
  type Manifest,
  type ManifestFile,
  type ManifestList,
  metadataPath,
  probabilitiesOf,
  probabilityPaths,
  READER,
  THRESHOLDS,
} from "./metaclip.ts";
import { countParquetRows, readParquetColumn } from "./read-parquet.ts";

/** What a check found. */
export interface Verification {
  readonly files: number;
  readonly lists: number;
  /** What is wrong, a line each; none if the folder is as it was written. */
  readonly faults: readonly string[];
}

/**
 * Checks a folder against its manifest: files that are missing, changed or not part of it, tables with other rows than it
 * says; and of lists whether their entries, counts, probabilities and figures agree.
 *
 * A list's files are held in memory, one list at a time, and all counts. Throws `UserError` if the folder is not there or
 * has no manifest.
 */
export async function verifyFolder(directory: string): Promise<Verification> {
  if (!existsSync(directory)) throw new UserError(`no such folder: ${directory}`);
  if (!statSync(directory).isDirectory()) throw new UserError(`${directory} is a file; name the folder of an export`);
  const manifest = readFolderManifest(directory);
  const check = manifest && checkOf(directory, manifest);
  if (manifest === undefined || check === undefined) {
    const found = existsSync(join(directory, MANIFEST)) ? `${MANIFEST} is none of ours` : `it has no ${MANIFEST}`;
    throw new UserError(
      `${directory} cannot be checked: ${found}; worldmeta curate, export metaclip and export parquet write one`,
    );
  }
  const { files, lists } = manifest;
  const folder = { directory, files, manifest: manifestNameOf(directory) };
  const faults = [...(await checkFiles(folder)), ...(await checkRows(folder)), ...(await check())];
  return { files: files.length, lists: lists.length, faults };
}

/** What is checked in a folder beside its files; undefined if its format is none of ours. */
function checkOf(directory: string, manifest: FolderManifest): (() => Promise<string[]>) | undefined {
  if (isMetaclipManifest(manifest)) return () => checkLists(directory, manifest);
  if (manifest.format === LISTS_FORMAT) return () => checkTables(directory, manifest as ListsManifest);
  if (manifest.format === CURATED_FORMAT) return async () => checkFigures(manifest as CuratedManifest);
  // Of an earlier version, whose figures are others.
  if (isCuratedFormat(manifest.format)) return async () => [];
  return undefined;
}

/** A folder and what its manifest, called so, says of its files. */
interface Folder {
  readonly directory: string;
  readonly files: readonly FolderFile[];
  readonly manifest: string;
}

async function checkFiles({ directory, files, manifest }: Folder): Promise<string[]> {
  const faults: string[] = [];
  const present = new Set(listFiles(directory));
  for (const { path, bytes, sha256 } of files) {
    if (!present.has(path)) faults.push(isInside(path) ? `missing: ${path}` : `${manifest} names ${path}, outside it`);
    else {
      const found = await hashFile(join(directory, path));
      if (found.bytes !== bytes) faults.push(`changed: ${path} has ${found.bytes} bytes, not ${bytes}`);
      else if (found.sha256 !== sha256) faults.push(`changed: ${path} has other content (SHA-256 ${found.sha256})`);
    }
  }
  const known = new Set([manifest, ...files.map(({ path }) => path)]);
  for (const path of present) if (!known.has(path)) faults.push(`extra: ${path}`);
  return faults;
}

/** Tables whose files have more or fewer rows than the manifest says. */
async function checkRows({ directory, files, manifest }: Folder): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, rows } of files) {
    const file = join(directory, path);
    if (rows === undefined || !isInside(path) || !existsSync(file)) continue;
    const found = await orFault(path, () => (path.endsWith(".parquet") ? countParquetRows(file) : countLines(file)));
    if (typeof found === "string") faults.push(found);
    else if (found !== rows) faults.push(`disagree: ${path} has ${found} rows, ${manifest} says ${rows}`);
  }
  return faults;
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>)
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}

/** What reading a file gives, or why it cannot be read: libraries throw what they like at what is damaged. */
async function orFault<T>(path: string, read: () => Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    return `unreadable: ${path}: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

/** Tables of lists whose entries are not those of the list that the manifest names. */
async function checkTables(directory: string, { lists, files }: ListsManifest): Promise<string[]> {
  const faults: string[] = [];
  for (const { code, list } of lists) {
    const path = `${code}.parquet`;
    if (!files.some((file) => file.path === path)) faults.push(`${MANIFEST} names no ${path}`);
    else if (isInside(path) && existsSync(join(directory, path))) {
      const name = await orFault(path, () => nameTable(join(directory, path)));
      if (name.startsWith("unreadable: ")) faults.push(name);
      else if (name !== list)
        faults.push(`disagree: ${path} holds another list than ${MANIFEST} names (${list}), or in another order`);
    }
  }
  return faults;
}

async function nameTable(path: string): Promise<string> {
  const name = nameGrowingList();
  for await (const text of readParquetColumn(path, "text")) name.add(String(text));
  return name.end();
}

/** Figures of curated pairs that do not add up. */
function checkFigures({ figures, files }: CuratedManifest): string[] {
  const { rows, excluded, noText, repeated, noList, kept, groups } = figures;
  const add = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
  const gone = excluded + noText + repeated + add(Object.values(noList));
  const sums: readonly (readonly [what: string, whole: number, parts: number, of: string])[] = [
    ["rows", rows, gone + add(groups.map((one) => one.rows)), "what became of them"],
    ["pairs kept", kept, add(groups.map((one) => one.kept)), "its groups"],
    ["pairs kept", kept, add(files.map((part) => part.rows)), "its parts"],
    ...groups.map(
      ({ group, rows: own, noMatch, notDrawn, kept: left }) =>
        [`rows of ${group}`, own, noMatch + notDrawn + left, "what became of them"] as const,
    ),
  ];
  return sums
    .filter(([, whole, parts]) => parts !== whole)
    .map(([what, whole, parts, of]) => `disagree: ${TABLE_MANIFEST} has ${whole} ${what}, but ${parts} by ${of}`);
}

function isInside(path: string): boolean {
  return !normalize(path).startsWith("..") && !path.startsWith("/") && !path.startsWith(sep);
}

/** What lists say of themselves in several files; what is missing or changed is told elsewhere. */
async function checkLists(directory: string, { lists, files, named, profile }: Manifest): Promise<string[]> {
  const faults: string[] = [];
  const known = new Set(files.map(({ path }: ManifestFile) => path));
  for (const path of [COUNTS, THRESHOLDS, MATCHING, READER])
    if (!known.has(path)) faults.push(`${MANIFEST} names no ${path}`);
  const tell = (path: string, error: unknown) => {
    if (!(error instanceof UserError) && !(error instanceof SyntaxError)) throw error;
    faults.push(`unreadable: ${path}: ${error.message.replace(`${join(directory, path)}: `, "").split("\n")[0]}`);
  };
  const read = async <T>(path: string, parse: (file: string) => T | Promise<T>): Promise<T | undefined> => {
    if (!known.has(path) || !isInside(path) || !existsSync(join(directory, path))) return undefined;
    try {
      return await parse(join(directory, path));
    } catch (error) {
      tell(path, error);
      return undefined;
    }
  };
  const counts = await read(
    COUNTS,
    async (file) => new Map((await readCountsFile(file)).map(({ group, counts }) => [group ?? "", counts])),
  );
  const figures = await read(THRESHOLDS, (file) => JSON.parse(readFileSync(file, "utf8")) as unknown);
  if (figures !== undefined && JSON.stringify(figures) !== JSON.stringify(lists))
    faults.push(`disagree: ${THRESHOLDS} and ${MANIFEST} on the lists' figures`);
  const matching = await read(MATCHING, (file) => ({ rule: parseMatching(readFileSync(file, "utf8")) }));
  if (matching !== undefined && matching.rule === undefined) faults.push(`unreadable: ${MATCHING}: none of ours`);
  else if (matching?.rule !== undefined && matching.rule.profile !== profile)
    faults.push(`disagree: ${MATCHING} is of the profile ${matching.rule.profile}, ${MANIFEST} says ${profile}`);
  for (const code of counts?.keys() ?? [])
    if (!lists.some((list) => list.code === code)) faults.push(`disagree: ${COUNTS} has counts of ${code}, no list`);
  for (const list of lists) {
    const paths = [metadataPath(list.code), ...probabilityPaths(list.code, named.t)];
    for (const path of paths) if (!known.has(path)) faults.push(`${MANIFEST} names no ${path}`);
    const [metadata = "", ...probabilities] = paths;
    const entries = await read(metadata, (file) => JSON.parse(readFileSync(file, "utf8")) as unknown);
    if (entries !== undefined) faults.push(...checkEntries(entries, metadata, list));
    const own = counts?.get(list.code);
    if (counts !== undefined) faults.push(...checkCounts(own, list));
    for (const path of probabilities) {
      const values = await read(path, (file) => parseNpy(readFileSync(file), file));
      if (values !== undefined) faults.push(...checkProbabilities(values, own, { path, list }));
    }
  }
  return faults;
}

function checkEntries(entries: unknown, path: string, { code, entries: expected, list }: ManifestList): string[] {
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === "string" && entry !== ""))
    return [`unreadable: ${path}: no array of entries`];
  if (entries.length !== expected)
    return [`disagree: ${path} has ${entries.length} entries, ${MANIFEST} says ${expected} of ${code}`];
  const repeated = entries.length - new Set(entries).size;
  if (repeated > 0)
    return [`disagree: ${path} holds ${repeated} entries more than once, so that ids are not its positions`];
  return nameList(entries) === list ? [] : [`disagree: ${path} is another list than ${MANIFEST} names (${list})`];
}

function checkCounts(counts: Float64Array | undefined, { code, entries, total }: ManifestList): string[] {
  if (counts === undefined) return [`disagree: ${COUNTS} has no counts of ${code}`];
  if (counts.length !== entries)
    return [`disagree: ${COUNTS} has ${counts.length} counts of ${code}, ${MANIFEST} says ${entries} entries`];
  const sum = counts.reduce((all, count) => all + count, 0);
  return sum === total ? [] : [`disagree: ${COUNTS} has ${sum} matches of ${code}, ${MANIFEST} says ${total}`];
}

function checkProbabilities(
  values: Float64Array,
  counts: Float64Array | undefined,
  { path, list }: { readonly path: string; readonly list: ManifestList },
): string[] {
  if (values.length !== list.entries)
    return [`disagree: ${path} has ${values.length} probabilities, ${MANIFEST} says ${list.entries} entries`];
  if (counts?.length !== values.length) return [];
  const expected = probabilitiesOf(counts, list.t ?? undefined);
  const wrong = values.findIndex((value, id) => value !== expected[id]);
  return wrong < 0
    ? []
    : [`disagree: ${path} gives entry ${wrong} ${values[wrong]}, its count and t give ${expected[wrong]}`];
}
