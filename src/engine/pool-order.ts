/** The order in which files came to a pool, which says whose texts are repeats, and how that is found for a count. */
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fingerprint, RECIPE_VERSION } from "../fingerprint.ts";
import type { Database } from "../store/database.ts";
import { keyOfPool } from "../store/lock.ts";
import { readFilePairs } from "../store/pool-pairs.ts";
import { findPool, listPoolFiles, type PoolFile, type Repeats } from "../store/pools.ts";
import { type FindRepeatsOptions, findRepeats, type OrderedFile } from "./find-repeats.ts";
import type { Labelling } from "./label.ts";
import type { PoolFileInput } from "./pool-files.ts";

/** Which pool of which database. */
export interface PoolPlace {
  readonly db: string;
  readonly name: string;
}

/** How files are read into it. */
type PoolReadOptions = PoolPlace & Pick<FindRepeatsOptions, "fields" | "format" | "threads" | "memory" | "onProgress">;

/** What is kept with a file beside its counts. */
export interface FileFigures {
  readonly rows: number;
  /** Rows without a text; absent in files of earlier versions. */
  readonly noText?: number;
  /** Texts that were not counted; absent where repeats are kept. */
  readonly repeated?: number;
  /** Names how the file was read. */
  readonly reading: string;
}

/** The files of the pool and those that are to come, in the order in which they come. */
export interface PoolOrder {
  readonly files: readonly (PoolFile | PoolFileInput)[];
  /** What is found of repeats is left here, as long as it is of use. */
  readonly repeats: string;
  /** The file as the pool has it. */
  presentOf(file: PoolFileInput): PoolFile | undefined;
  /** A file's place, told by its content. */
  placeOf(file: { readonly sha256: string }): number;
  /** Names the files up to a place and how they are read: the same name, the same repeats in the last of them. */
  printOf(place: number): string;
}

/** Puts the files that were given behind those of the pool that they are not. */
export function orderFiles(
  given: readonly PoolFileInput[],
  { db, labelling, options }: { readonly db: Database; readonly labelling: Labelling; readonly options: PoolPlace },
): PoolOrder {
  const present = findPool(db, options.name) === undefined ? [] : listPoolFiles(db, options.name);
  const presentBySha = new Map(present.map((file) => [file.sha256, file]));
  const givenBySha = new Map(given.map((file) => [file.sha256, file]));
  const files = [...present, ...given.filter(({ sha256 }) => !presentBySha.has(sha256))];
  const places = new Map(files.map(({ sha256 }, place) => [sha256, place]));
  let print = fingerprint([RECIPE_VERSION]);
  const prints = files.map(({ sha256 }) => {
    const again = givenBySha.get(sha256);
    const reading = again === undefined ? figuresOf(presentBySha.get(sha256)!).reading : readingOf(again, labelling);
    print = fingerprint([print, sha256, reading]);
    return print;
  });
  const last = Math.max(...given.map(({ sha256 }) => places.get(sha256)!));
  return {
    files,
    repeats: `${workOf(options)}${REPEATS}${prints[last]!.slice(0, 16)}`,
    presentOf: ({ sha256 }) => presentBySha.get(sha256),
    placeOf: ({ sha256 }) => places.get(sha256)!,
    printOf: (place) => prints[place]!,
  };
}

/** In names of folders of what was found of repeats. */
const REPEATS = "-repeats-";

/**
 * Finds the repeats in the files that are to be counted, which are in the pool's order. What earlier counts have left, and
 * this one does not go on from, goes.
 */
export async function findPoolRepeats(
  jobs: readonly PoolFileInput[],
  order: PoolOrder,
  { db, repeats, options }: { readonly db: Database; readonly repeats: Repeats; readonly options: PoolReadOptions },
): Promise<void> {
  removeFoundRepeats(options, order.repeats);
  const last = jobs.at(-1);
  if (repeats === "kept" || last === undefined) return;
  const jobBySha = new Map(jobs.map((job) => [job.sha256, job]));
  const files = order.files.slice(0, order.placeOf(last) + 1).map((file): OrderedFile => {
    return jobBySha.get(file.sha256) ?? { pairs: () => readFilePairs(db, (file as PoolFile).id) };
  });
  const { fields, format, threads, memory, onProgress } = options;
  await findRepeats({ folder: order.repeats, files, fields, format, images: false, threads, memory, onProgress });
}

/** Removes what was found of repeats in the pool, but for one folder. */
export function removeFoundRepeats(options: PoolPlace, but?: string): void {
  const work = workOf(options);
  for (const name of readdirSync(dirname(work))) {
    const path = join(dirname(work), name);
    if (path.startsWith(`${work}${REPEATS}`) && path !== but) rmSync(path, { recursive: true });
  }
}

export function figuresOf({ figures }: PoolFile): FileFigures {
  return figures as FileFigures;
}

/** Names how a file is read: the same name, the same texts with the same labels. */
export function readingOf({ layout }: PoolFileInput, { lang, identify }: Labelling): string {
  // Without these two no text is identified.
  if (lang !== undefined && !identify) return fingerprint([RECIPE_VERSION, layout, lang]);
  return fingerprint([RECIPE_VERSION, layout, { identify }]);
}

/** What the folders begin with in which a count leaves what it has done. */
export function workOf({ db, name }: PoolPlace): string {
  return join(`${db}.work`, `pool-${keyOfPool(name)}`);
}
