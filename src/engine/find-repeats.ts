/**
 * Which texts of a pool repeat an earlier pair of image URL and text: what `count` and `curate` do before they match, where
 * repeats are dropped.
 *
 * Files are read twice. The first pass leaves a hash of each pair with its place, in partitions on disk; each partition is
 * solved by itself; the second pass, that of `count` and `curate`, has the answer beside the rows (`found-repeats.ts`). The answer
 * depends on the files and their order alone.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { recordWords, writeKnownPairs } from "../dedup/pair-list.ts";
import { readPartitionSizes } from "../dedup/partitioned-file.ts";
import { BYTES_A_RECORD, type PairSource, type PairTask } from "../dedup/solve-pairs.ts";
import { makeFolder, writeAtomically } from "../files.ts";
import type { OnProgress } from "../progress.ts";
import type { PoolFields, PoolFormat, PoolLayout } from "../sources/pool.ts";
import { FOUND, type Found } from "./found-repeats.ts";
import type { ListPairsInput } from "./list-pairs.ts";
import { memoryOfThread, type PoolFileInput, sharesOf, threadsFor, usefulThreads } from "./pool-files.ts";
import { runTasks } from "./run-tasks.ts";

/** A file that has a place in a pool's order: one to be read, or one of which is known what pairs it has brought first. */
export type OrderedFile = PoolFileInput | KnownFile;
interface KnownFile {
  /** Hashes of pairs in chunks of whole hashes. */
  pairs(): Iterable<Uint8Array>;
}

/** Where to find repeats, and how. */
export interface FindRepeatsOptions {
  /** A folder for these files in this order, read in this way, and nothing else; one that was begun is gone on with. */
  readonly folder: string;
  readonly files: readonly OrderedFile[];
  readonly fields: PoolFields;
  readonly format?: PoolFormat | undefined;
  /** True if rows that share an image are to be told too. */
  readonly images: boolean;
  /** Groups of rows in a piece, as the second pass has them. */
  readonly groups?: number | undefined;
  /** File of ids and URLs whose rows take no part. */
  readonly exclude?: string | undefined;
  readonly threads: number;
  /** Bytes of memory for tables, of all threads together. */
  readonly memory: number;
  readonly onProgress?: OnProgress | undefined;
  /** For tests; by the size of the files if not given. */
  readonly partitions?: number;
}

/** The file that says which files of the order are read. */
const PLAN = "plan.json";
/** A partition for so many bytes of input, a power of two of them. */
const BYTES_A_PARTITION = 32 << 20;
const MOST_PARTITIONS = 256;
/** Fewer pairs than these are solved before a second thread has started. */
const RECORDS_FOR_THREADS = 4e6;

/** Finds what is repeated and leaves it in the folder; does nothing if it is there. */
export async function findRepeats(options: FindRepeatsOptions): Promise<void> {
  const { folder, files } = options;
  if (await isFound(options)) return;
  const partitions = options.partitions ?? partitionsOf(files);
  const sources = await listSources(options, partitions);
  const records = countRecords(sources, { ...options, partitions });
  const tasks = cutRanges(records, sources, options);
  const todo = tasks.filter(({ repeats, firsts }) => ![repeats, firsts ?? repeats].every(existsSync));
  await runTasks("solvePairs", todo, {
    threads: records.reduce((sum, count) => sum + count, 0) < RECORDS_FOR_THREADS ? 1 : usefulThreads(options.threads),
    onBytes() {},
  });
  const nameOf = (path: string) => path.slice(folder.length + 1);
  const runs = tasks.map(({ repeats, firsts }): Found["runs"][number] => {
    return { repeats: nameOf(repeats), ...(firsts !== undefined && { firsts: nameOf(firsts) }) };
  });
  const found: Found = { files: files.length, runs };
  await writeAtomically(join(folder, FOUND), [JSON.stringify(found)]);
  for (const path of sources.flatMap((source) => ("known" in source ? source.known : source.shares)))
    rmSync(path, { force: true });
}

/**
 * Whether the folder has the answer for all files that are to be read; else what is in it can be gone on with, or is
 * removed.
 */
async function isFound({ folder, files }: FindRepeatsOptions): Promise<boolean> {
  const read = [...files.keys()].filter((file) => !("pairs" in files[file]!));
  const path = join(folder, PLAN);
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as readonly number[]) : [];
  if (existsSync(join(folder, FOUND)) && read.every((file) => before.includes(file))) return true;
  if (before.join() === read.join()) return false;
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  await writeAtomically(path, [JSON.stringify(read)]);
  return false;
}

function partitionsOf(files: readonly OrderedFile[]): number {
  const bytes = files.reduce((sum, file) => sum + ("pairs" in file ? 0 : file.bytes), 0);
  return Math.min(MOST_PARTITIONS, 2 ** Math.ceil(Math.log2(Math.max(1, bytes / BYTES_A_PARTITION))));
}

/** Whether a file read so can have URLs: JSON lines may have fields that the first lines have not. */
function mayHaveUrls({ format, fields }: PoolLayout): boolean {
  return fields.url !== undefined || !["txt", "tsv", "csv"].includes(format);
}

/** Lists the pairs of the files that are read, and of the others what is known. */
async function listSources(options: FindRepeatsOptions, partitions: number): Promise<PairSource[]> {
  const { folder, files, fields, format, images, groups, exclude, threads, onProgress } = options;
  const sources: PairSource[] = [];
  const read = files.filter((file) => !("pairs" in file)).length;
  const todo: { readonly input: ListPairsInput; readonly bytes: number }[] = [];
  for (const [file, input] of files.entries()) {
    if ("pairs" in input) {
      const before = files[file - 1];
      if (before === undefined || !("pairs" in before)) sources.push(leaveKnown(options, { file, partitions }));
    } else if (mayHaveUrls(input.layout)) {
      const of = sharesOf(input, { threads, files: read });
      const shares = Array.from({ length: of }, (_, index) => join(folder, `pairs-${file}-${index}-of-${of}`));
      sources.push({ file, shares });
      for (const [index, output] of shares.entries()) {
        if (readPartitionSizes(output) !== undefined) continue;
        const share = { index, of, ...(groups !== undefined && { groups }) };
        const { path, name } = input;
        todo.push({
          input: { path, name, share, fields, format, exclude, partitions, images, output },
          bytes: input.bytes / of,
        });
      }
    }
  }
  const total = todo.reduce((sum, { bytes }) => sum + bytes, 0);
  await runTasks(
    "listPairs",
    todo.map(({ input }) => input),
    {
      threads: threadsFor(total, { threads, tasks: todo.length }),
      onBytes: (bytes) => onProgress?.({ stage: "find repeats", bytes, total }),
    },
  );
  return sources;
}

/** Leaves what is known of the pairs of a file and those after it, up to the next that is read. */
function leaveKnown(
  { folder, files }: FindRepeatsOptions,
  { file, partitions }: { readonly file: number; readonly partitions: number },
): PairSource {
  const known = join(folder, `known-${file}`);
  const pairs = function* (): Generator<Uint8Array> {
    for (let at = file; at < files.length; at++) {
      const one = files[at]!;
      if (!("pairs" in one)) return;
      yield* one.pairs();
    }
  };
  if (readPartitionSizes(known) === undefined) writeKnownPairs(known, partitions, pairs());
  return { known };
}

/** How many pairs have been listed in each partition. */
function countRecords(
  sources: readonly PairSource[],
  { images, partitions }: { readonly images: boolean; readonly partitions: number },
): number[] {
  const records = Array.from({ length: partitions }, () => 0);
  for (const path of sources.flatMap((source) => ("shares" in source ? source.shares : []))) {
    for (const [partition, bytes] of readPartitionSizes(path)!)
      records[partition]! += bytes / (4 * recordWords(images));
  }
  return records;
}

/** The tasks of all ranges that have pairs, each so small that a thread's share of the memory holds it. */
function cutRanges(
  records: readonly number[],
  sources: readonly PairSource[],
  { folder, files, images, threads, memory }: FindRepeatsOptions,
): PairTask[] {
  const limit = memoryOfThread({ memory, threads });
  return records.flatMap((count, partition): PairTask[] => {
    const parts = Math.ceil((count * BYTES_A_RECORD) / limit);
    return Array.from({ length: parts }, (_, part): PairTask => {
      const name = `${partition}-${part}-of-${parts}`;
      return {
        ...{ sources, range: { partition, of: records.length, part, parts }, images, files: files.length },
        repeats: join(folder, `repeats-${name}`),
        ...(!images && { firsts: join(folder, `firsts-${name}`) }),
      };
    });
  });
}
