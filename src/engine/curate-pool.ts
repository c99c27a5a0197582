/** Files of captions → the pairs that stay: each text against the list of its language, balanced, on all threads. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { toThresholdJson } from "../balancing/threshold.ts";
import { loadRecorded, type RecordedList } from "../curation/curator-lists.ts";
import { readPartitionSizes } from "../dedup/partitioned-file.ts";
import { UserError } from "../errors.ts";
import {
  CURATED_FORMAT,
  type CuratedManifest,
  isPartName,
  type PartFormat,
  readCuratedManifest,
  sumFigures,
} from "../export/curated.ts";
import { TABLE_MANIFEST, toLines } from "../export/folder.ts";
import { probabilitiesOf } from "../export/metaclip.ts";
import { hashFile, makeFolder, requireFiles, writeAtomically } from "../files.ts";
import { fingerprint, RECIPE_VERSION, versions } from "../fingerprint.ts";
import { createListKeeper, type Wish } from "../matching/list-keeper.ts";
import { longestBytes } from "../matching/matcher.ts";
import type { ProfileName } from "../profile.ts";
import { inspectPool, MAX_TEXT_BYTES } from "../sources/pool.ts";
import { closeDatabase, type Database, openDatabase } from "../store/database.ts";
import { type GroupList, readGroupEntries } from "../store/group-lists.ts";
import { lockOutput } from "../store/lock.ts";
import { findPool, type Repeats } from "../store/pools.ts";
import { isTemporaryOf } from "../temporary.ts";
import type { BalancedListAbout, CuratedPiece, CuratePoolInput } from "./curate-pool-share.ts";
import { readExcluded } from "./excluded.ts";
import { findRepeats } from "./find-repeats.ts";
import type { JoinedPartition, JoinImagesInput } from "./join-images.ts";
import type { Labelling } from "./label.ts";
import {
  hasChanged,
  labellingOf,
  lookAtPoolFiles,
  memoryOfThread,
  type PoolFileInput,
  type PoolFilesOptions,
  requireReadable,
  ruleOf,
  sharesOf,
  threadsFor,
  usefulThreads,
} from "./pool-files.ts";
import { runTasks } from "./run-tasks.ts";

/** What to curate, and where to. */
export interface CuratePoolOptions extends PoolFilesOptions {
  readonly db: string;
  /** Names of the pools whose counts and thresholds say what stays; their counts add up. The only one if none is named. */
  readonly pools: readonly string[];
  /** Groups to curate; all that were counted if none is named. */
  readonly groups: readonly string[];
  readonly profile: ProfileName;
  /** A whole number of at least 0; another seed draws other pairs. */
  readonly seed: number;
  /** A file of ids and URLs, one a line, whose rows are left out. */
  readonly exclude?: string | undefined;
  /** Whether texts stay that an earlier row of the same image has, and images have one row for each of theirs; `dropped`. */
  readonly repeats?: Repeats | undefined;
  readonly output: PartFormat;
  readonly directory: string;
  readonly threads: number;
  /** Bytes of memory for lists. */
  readonly memory: number;
}

/** What became of the files. */
export interface CurationReport {
  readonly manifest: CuratedManifest;
  /** True if the folder held just that already, so that nothing was done. */
  readonly fresh: boolean;
  /** What a person should know of the counts, a line each. */
  readonly notes: readonly string[];
}

/** Groups of up to 512 rows in a piece: each piece leaves a part, whatever the threads. */
const GROUPS_A_PIECE = 256;
/** Where parts wait until all are there. */
const UNFINISHED = ".unfinished";
/** In its work: what is found of repeats. */
const REPEATS = "repeats";
/** Images that several rows have are put together in a partition for so many bytes of input, a power of two of them. */
const BYTES_A_PARTITION = 64 << 20;
const MOST_PARTITIONS = 256;
/** What the images of a partition take in memory, times what their rows take on disk, at most. */
const JOINED_IN_MEMORY = 4;

/**
 * Writes the pairs of a pool that stay into a folder, in parts, with a manifest; the same pairs and the same bytes whatever
 * the threads. Parts appear together when all are there. A run that was stopped goes on from the pieces of the files that
 * it had finished; the parts of an earlier run in the folder go.
 *
 * @throws UserError if a list has no threshold, if a file is no pool, changes while it is read or was given twice, or if the
 * folder holds anything else
 */
export async function curatePool(options: CuratePoolOptions): Promise<CurationReport> {
  const { directory, profile, seed, exclude, output, repeats = "dropped" } = options;
  requireOwnFolder(directory);
  const db = openDatabase(options.db, { readonly: true });
  try {
    const recorded = loadRecorded(db, options);
    const { lists, counted, scheme, identify } = recorded;
    const notes = [...recorded.notes, ...noteRepeats(db, counted, repeats)];
    if (scheme === undefined)
      throw new UserError(
        `the pools ${counted.join(", ")} are counted by labels of several schemes; name pools of one`,
      );
    const balanced = balanceLists(lists);
    const excluded = exclude === undefined ? undefined : await lookAtExcluded(exclude);
    const files = await lookAtPoolFiles(options);
    const labelling = labellingOf(files, {
      ...{ scheme, lang: options.lang },
      identify: options.identify ?? (options.lang === undefined && identify),
    });
    const about = {
      ...{ profile, ...labelling, pools: counted, seed, repeats, exclude: excluded },
      inputs: files.map(({ name, sha256, bytes, layout }) => ({ name: basename(name), sha256, bytes, layout })),
      lists: lists.map(({ counted: { list }, threshold }) => ({ ...toThresholdJson(threshold), list: list.name })),
    };
    const print = fingerprint([
      ...[CURATED_FORMAT, RECIPE_VERSION, process.versions.unicode, output],
      ...[profile, labelling, seed, repeats, excluded?.sha256],
      files.map(({ sha256, layout }) => [sha256, layout]),
      [...balanced].map(([group, { list, print }]) => [group, list.name, print]),
    ]);
    const before = readCuratedManifest(directory);
    const unfinished = join(directory, UNFINISHED);
    const folder = join(unfinished, print.slice(0, 16));
    if (before?.print === print && isComplete(directory, before) && !existsSync(folder))
      return { manifest: before, fresh: true, notes };
    makeFolder(unfinished);
    const lock = lockOutput(unfinished, directory);
    try {
      for (const name of readdirSync(unfinished)) {
        if (name !== basename(folder) && !name.startsWith("lock")) rmSync(join(unfinished, name), { recursive: true });
      }
      makeFolder(folder);
      const work: CurationWork = { db, balanced, labelling, folder, repeats, partitions: partitionsOf(files), options };
      await findFileRepeats(files, work);
      const pieces = await curateFiles(files, work);
      const all = [...pieces, ...(await joinPieces(pieces, work))];
      const manifest: CuratedManifest = {
        ...{ format: CURATED_FORMAT, print },
        versions: versions(),
        ...about,
        figures: sumFigures(all.map(({ figures }) => figures)),
        files: all.flatMap(({ part }) => part ?? []),
      };
      await publish(manifest, directory, folder);
      return { manifest, fresh: false, notes };
    } finally {
      lock.release();
      if (!existsSync(folder)) rmSync(unfinished, { recursive: true, force: true });
    }
  } finally {
    closeDatabase(db);
  }
}

/** What to know of pools that have counted other texts than those that stay here. */
function noteRepeats(db: Database, pools: readonly string[], repeats: Repeats): string[] {
  const others = pools.filter((name) => findPool(db, name)!.repeats !== repeats);
  if (others.length === 0) return [];
  const counts = `the counts of ${others.join(", ")} are`;
  return repeats === "dropped"
    ? [`${counts} of all texts, and repeats are dropped here`]
    : [`${counts} without repeats, which are kept here`];
}

/** Refuse a folder with files of others. */
function requireOwnFolder(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw new UserError(`${directory} is a file; name a folder`);
  const names = readdirSync(directory);
  const manifest = readCuratedManifest(directory);
  const parts = new Set(manifest?.files.map(({ path }) => path));
  const foreign = names.find((name) => {
    if (name === TABLE_MANIFEST) return manifest === undefined;
    if (isTemporaryOf(TABLE_MANIFEST, name)) return false;
    // What a manifest names goes when there is a new one: only if it can be a part. Without one, those are parts that a run
    // has left which was stopped while it put them in their places.
    return name !== UNFINISHED && !(isPartName(name) && (parts.has(name) || names.includes(UNFINISHED)));
  });
  if (foreign === undefined) return;
  throw new UserError(`${join(directory, foreign)} is no part of curated pairs; name an empty folder`);
}

function isComplete(directory: string, { files }: CuratedManifest): boolean {
  return files.every(({ path, bytes }) => {
    const file = join(directory, path);
    return existsSync(file) && statSync(file).size === bytes;
  });
}

/** A list with what decides of its captions. */
interface BalancedList {
  readonly list: GroupList;
  readonly probabilities: Float32Array;
  /** SHA-256 of the probabilities. */
  readonly print: string;
}

/** Probabilities by group, in memory that threads share. */
function balanceLists(lists: readonly RecordedList[]): Map<string, BalancedList> {
  const balanced = new Map<string, BalancedList>();
  for (const { counted, threshold } of lists) {
    const { list, counts } = counted;
    const probabilities = new Float32Array(new SharedArrayBuffer(4 * list.entries));
    probabilities.set(probabilitiesOf(counts, threshold.t));
    const print = createHash("sha256").update(probabilities).digest("hex");
    balanced.set(list.group, { list, probabilities, print });
  }
  return balanced;
}

async function lookAtExcluded(path: string): Promise<NonNullable<CuratedManifest["exclude"]>> {
  await requireFiles([path]);
  const { sha256 } = await hashFile(path);
  // Of another encoding, or no text at all, it would leave out nothing.
  await inspectPool(path, { fields: {}, format: "txt" });
  const { size } = await readExcluded(path);
  if (size === 0) throw new UserError(`${path} names no id or URL to leave out; it needs one a line`);
  return { name: basename(path), sha256, lines: size };
}

interface CurationWork {
  readonly db: Database;
  readonly balanced: ReadonlyMap<string, BalancedList>;
  readonly labelling: Labelling;
  readonly folder: string;
  readonly repeats: Repeats;
  /** Into how many partitions rows that share an image are set aside. */
  readonly partitions: number;
  readonly options: CuratePoolOptions;
}

/** By the files alone, since each partition leaves a part. */
function partitionsOf(files: readonly PoolFileInput[]): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return Math.min(MOST_PARTITIONS, 2 ** Math.ceil(Math.log2(Math.max(1, bytes / BYTES_A_PARTITION))));
}

/** Finds which texts are repeats, and which rows share an image. */
async function findFileRepeats(
  files: readonly PoolFileInput[],
  { folder, repeats, options }: CurationWork,
): Promise<void> {
  if (repeats === "kept") return;
  const { fields, format, exclude, threads, memory, onProgress } = options;
  await findRepeats({
    ...{ folder: join(folder, REPEATS), files, fields, format, images: true, groups: GROUPS_A_PIECE, exclude },
    ...{ threads, memory, onProgress },
  });
}

/** Curates the files, each in shares; what became of all pieces, in the order of the files. */
async function curateFiles(
  files: readonly PoolFileInput[],
  { db, balanced, labelling, folder, repeats, partitions, options }: CurationWork,
): Promise<CuratedPiece[]> {
  const { fields, format, threads, memory, seed, exclude, output, profile } = options;
  const pieces = await readLeft<CuratedPiece>(folder, options.directory, /^piece-\d+-\d+\.json$/);
  const todo = files.flatMap((file, at): { input: CuratePoolInput; file: PoolFileInput }[] => {
    const without = pieces.filter((piece) => piece.file === at).map(({ piece }) => piece);
    if (readDone(folder, at) === without.length) return [];
    const of = sharesOf(file, { threads, files: files.length });
    const found = repeats === "kept" ? undefined : { folder: join(folder, REPEATS), file: at, partitions };
    return Array.from({ length: of }, (_, index) => ({
      file,
      input: {
        ...{ path: file.path, name: file.name, file: at, share: { index, of, groups: GROUPS_A_PIECE, without } },
        ...{ fields, format, labelling, seed, exclude, output, folder, repeats: found },
        memory: memory / usefulThreads(threads),
      },
    }));
  });
  const fileOf = new Map(todo.map(({ input, file }) => [input, file]));
  const left = new Map<number, number>();
  for (const { input } of todo) left.set(input.file, input.share.of);
  const load = (group: string) => {
    const found = balanced.get(group);
    if (found === undefined) return undefined;
    const { list, probabilities } = found;
    const about: BalancedListAbout = { probabilities };
    return { entries: [...readGroupEntries(db, list)], rule: ruleOf(group, profile), about };
  };
  const keeper = createListKeeper({ memory, longest: longestBytes(MAX_TEXT_BYTES), load });
  const total = todo.reduce((sum, { input, file }) => sum + file.bytes / input.share.of, 0);
  let refused = false;
  const work = runTasks(
    "curatePoolShare",
    todo.map(({ input }) => input),
    {
      threads: threadsFor(total, { threads, tasks: todo.length }),
      onBytes: (bytes) => options.onProgress?.({ stage: "curate", bytes, total }),
      answer: (question, thread) => keeper.lend(thread, question as Wish),
      async onOutput(output, input) {
        pieces.push(...output);
        left.set(input.file, left.get(input.file)! - 1);
        if (left.get(input.file) !== 0) return;
        const file = fileOf.get(input)!;
        const own = pieces.filter((piece) => piece.file === input.file);
        await requireSound(file, own).catch((error) => {
          refused = true;
          throw error;
        });
        writeFileSync(join(folder, doneName(input.file)), String(own.length));
      },
    },
  );
  await work.finally(() => {
    // No thread writes any more.
    if (refused) rmSync(folder, { recursive: true, force: true });
  });
  return pieces.sort((a, b) => a.file - b.file || a.piece - b.piece);
}

/** Puts the rows together that share an image; what became of these images, by partition. */
async function joinPieces(
  pieces: readonly CuratedPiece[],
  { folder, partitions, options }: CurationWork,
): Promise<JoinedPartition[]> {
  const { directory, threads, memory, seed, exclude, output } = options;
  const asides = pieces.flatMap(({ aside }) => aside ?? []);
  const bytes = new Float64Array(partitions);
  for (const name of asides) {
    for (const [partition, size] of readPartitionSizes(join(folder, name))!) bytes[partition]! += size;
  }
  const done = await readLeft<JoinedPartition>(folder, directory, /^joined-\d+\.json$/);
  const limit = memoryOfThread({ memory, threads });
  const todo = [...bytes.keys()].flatMap((partition): JoinImagesInput[] => {
    if (bytes[partition] === 0 || done.some((one) => one.partition === partition)) return [];
    const parts = Math.ceil((bytes[partition]! * JOINED_IN_MEMORY) / limit);
    return [{ partition, partitions, parts, asides, seed, exclude, output, folder }];
  });
  const total = bytes.reduce((sum, size) => sum + size, 0);
  const joined = await runTasks("joinImages", todo, {
    threads: threadsFor(total, { threads, tasks: todo.length }),
    onBytes() {},
  });
  return [...done, ...joined].sort((a, b) => a.partition - b.partition);
}

/** Refuse a file that has changed or is no pool. */
async function requireSound(file: PoolFileInput, pieces: readonly CuratedPiece[]): Promise<void> {
  if (await hasChanged(file)) {
    throw new UserError(`${file.name} has changed while it was read; curate it again when it is complete`);
  }
  const { rows, noText, problems } = sumFigures(pieces.map(({ figures }) => figures));
  requireReadable(file.name, { rows, texts: rows - noText, problems, layout: file.layout });
}

/** Name of the mark that all pieces of a file are there, which says how many these are. */
function doneName(file: number): string {
  return `file-${file}.done`;
}

/** How many pieces a file has, if all have been there. */
function readDone(folder: string, file: number): number | undefined {
  const path = join(folder, doneName(file));
  return existsSync(path) ? Number(readFileSync(path, "utf8")) : undefined;
}

/** What says what became of some rows, with the files that belong to it. */
type Left = Pick<CuratedPiece, "part" | "aside">;

/** What an earlier run has left of the same work under such names: what has all its files, or its part in its place already. */
async function readLeft<T extends Left>(folder: string, directory: string, names: RegExp): Promise<T[]> {
  const all: T[] = [];
  for (const name of readdirSync(folder)) {
    if (!names.test(name)) continue;
    const left = parseLeft<T>(readFileSync(join(folder, name), "utf8"));
    if (left !== undefined && (await hasFiles(left, { folder, directory }))) all.push(left);
  }
  return all;
}

/** Undefined where a machine has stopped before all was on its disk. */
function parseLeft<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

async function hasFiles(
  { part, aside }: Left,
  { folder, directory }: { readonly folder: string; readonly directory: string },
): Promise<boolean> {
  if (aside !== undefined && readPartitionSizes(join(folder, aside)) === undefined) return false;
  if (part === undefined || existsSync(join(folder, part.path))) return true;
  const placed = join(directory, part.path);
  return existsSync(placed) && (await hashFile(placed)).sha256 === part.sha256;
}

/**
 * Puts parts in their places, between the earlier manifest, which goes first, and the new one: what a manifest stands
 * beside is always whole, and has no part that is not its own.
 */
async function publish(manifest: CuratedManifest, directory: string, folder: string): Promise<void> {
  rmSync(join(directory, TABLE_MANIFEST), { force: true });
  const fresh = new Set(manifest.files.map(({ path }) => path));
  for (const name of readdirSync(directory)) if (isPartName(name) && !fresh.has(name)) rmSync(join(directory, name));
  for (const path of fresh) {
    if (existsSync(join(folder, path))) renameSync(join(folder, path), join(directory, path));
  }
  await writeAtomically(join(directory, TABLE_MANIFEST), [toLines(manifest)]);
  rmSync(folder, { recursive: true, force: true });
}
