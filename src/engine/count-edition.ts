/** Dumps and texts of one edition → its words and pairs, counted in shards and merged. */
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Edition } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import { makeFolder, requireFiles } from "../files.ts";
import { type GramCounts, openGramCounts } from "../ngrams/gram-counts.ts";
import { mergeGramRuns } from "../ngrams/gram-runs.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import type { OnProgress } from "../progress.ts";
import type { DumpRange } from "../sources/dump.ts";
import { planDumpRanges, rangesFit } from "../sources/dump-ranges.ts";
import type { CountShardInput, CountShardOutput, TextShare } from "./count-shard.ts";
import { runTasks } from "./run-tasks.ts";

/** Below this many bytes of input a second thread costs more than it gives. */
const BYTES_FOR_THREADS = 1_000_000;
/** Ranges a thread, so that threads end together, and the least compressed bytes of a range that are worth its start. */
const RANGES_A_THREAD = 3;
const RANGE_BYTES = 500_000;
/** The most of them, so that no more work is lost when a count is stopped. */
const MOST_RANGE_BYTES = 250_000_000;
/** Bytes of tables that a compressed byte of input fills at most, but for input that is nearly all repetition. */
const TABLE_BYTES_A_BYTE = 100;
/** Share of articles that may fail to be extracted before the whole is called a failure, once there are a hundred. */
const MAX_FAILED_SHARE = 0.05;

interface CountEditionOptions {
  readonly edition: Edition;
  readonly profile: ProfileName;
  readonly dumps: readonly string[];
  readonly texts: readonly string[];
  /** Folder that the counts are left in; if it is there already, it is used as it is. */
  readonly directory: string;
  readonly threads: number;
  /** Bytes of memory for tables. */
  readonly memory: number;
  /** Least compressed bytes of the ranges that dumps are cut into for threads; 500 kB if not given. */
  readonly rangeBytes?: number | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What counting an edition's text found out, besides the counts. */
export interface CountFigures {
  readonly pages: number;
  readonly articles: number;
  readonly redirects: number;
  readonly documents: number;
  readonly tokens: number;
  readonly types: number;
  readonly wikis: readonly string[];
  readonly problems: readonly Problem[];
}

/** The counts of an edition, on disk. */
export interface EditionCounts {
  readonly figures: CountFigures;
  readonly grams: GramCounts;
  /** Files of `id⇥title` and `title⇥target`. */
  readonly articleFiles: readonly string[];
  readonly redirectFiles: readonly string[];
}

interface Manifest {
  readonly figures: CountFigures;
  readonly articleFiles: readonly string[];
  readonly redirectFiles: readonly string[];
}

/** Bytes of words and pairs that are held at least while counts are read; less would mean reading them over and over. */
const LEAST_HELD = 1 << 24;

const MANIFEST = "counts.json";
/** What the folder's name ends in until the count is finished. */
export const UNFINISHED = ".unfinished";
/** Start of the names of the two files of the grams. */
const GRAMS = "grams";

async function openCounts({
  directory,
  memory,
}: Pick<CountEditionOptions, "directory" | "memory">): Promise<EditionCounts> {
  const manifest = JSON.parse(await readFile(join(directory, MANIFEST), "utf8")) as Manifest;
  const here = (name: string) => join(directory, name);
  return {
    figures: manifest.figures,
    grams: openGramCounts(
      { words: here(`${GRAMS}.words`), pairs: here(`${GRAMS}.pairs`), types: manifest.figures.types },
      { tokens: manifest.figures.tokens, memory: Math.max(memory, LEAST_HELD) },
    ),
    articleFiles: manifest.articleFiles.map(here),
    redirectFiles: manifest.redirectFiles.map(here),
  };
}

/**
 * Count an edition's text into `directory`, which appears whole or not at all; a second call reads what is there.
 *
 * Until then the shards that are finished lie in `directory`.unfinished: a call after one that was stopped goes on from
 * them.
 */
export async function countEdition(options: CountEditionOptions): Promise<EditionCounts> {
  const { edition, directory, memory } = options;
  if (existsSync(join(directory, MANIFEST))) return openCounts(options);

  const unfinished = directory + UNFINISHED;
  makeFolder(unfinished);
  try {
    const outputs = await countShards(options, unfinished);
    const all = <T>(pick: (output: (typeof outputs)[number]) => readonly T[]): T[] => outputs.flatMap(pick);
    const sum = (pick: (output: (typeof outputs)[number]) => number) =>
      outputs.reduce((total, output) => total + pick(output), 0);
    const problems = new Problems();
    for (const output of outputs) problems.merge(output.problems);
    checkFailures({ edition, articles: sum((output) => output.articles), failed: problems.count("E103") });

    const run = mergeGramRuns(
      all((output) => output.runs),
      { target: join(unfinished, GRAMS), memory: memory / 2 },
    );
    const figures: CountFigures = {
      pages: sum((output) => output.pages),
      articles: sum((output) => output.articles),
      redirects: sum((output) => output.redirects),
      documents: sum((output) => output.documents),
      tokens: sum((output) => output.tokens),
      types: run.types,
      wikis: [...new Set(all((output) => output.wikis))].sort(),
      problems: problems.list(),
    };
    const manifest: Manifest = {
      figures,
      articleFiles: outputs.map((output) => basename(output.articleFile)),
      redirectFiles: outputs.map((output) => basename(output.redirectFile)),
    };
    for (const { runs, name } of outputs) {
      for (const path of [...runs.flatMap(({ words, pairs }) => [words, pairs]), finishedPath(unfinished, name)]) {
        await rm(path);
      }
    }
    await writeFile(join(unfinished, MANIFEST), JSON.stringify(manifest));
    await rename(unfinished, directory);
  } catch (error) {
    // What is wrong with the input stays wrong; after a full disk, or a fault, the finished shards are of use.
    if (error instanceof UserError) await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return openCounts(options);
}

/** The shards of dumps and texts, counted into files in `directory`; outputs in the order of files and places. */
async function countShards(options: CountEditionOptions, directory: string): Promise<CountShardOutput[]> {
  const { edition, profile, dumps, texts, memory, onProgress } = options;
  const sizes = await requireFiles([...dumps, ...texts]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const dumpBytes = sizes.slice(0, dumps.length).reduce((sum, size) => sum + size, 0);
  const evenly = Math.max(options.rangeBytes ?? RANGE_BYTES, dumpBytes / (options.threads * RANGES_A_THREAD));
  const rangeBytes = Math.min(evenly, MOST_RANGE_BYTES);
  const most = Math.min(options.threads, 2 * availableParallelism());
  const threads = total < Math.min(BYTES_FOR_THREADS, rangeBytes) ? 1 : most;

  // More than what is read can fill would only be taken and given back; most editions are small.
  const tables = Math.floor(Math.min(memory / threads, TABLE_BYTES_A_BYTE * total));
  const inputOf = (source: DumpRange | TextShare, name: string): CountShardInput => ({
    ...{ edition: edition.code, profile, source, name, directory, memory: tables },
  });
  const files: CountShardInput[][] = [];
  for (const [index, path] of dumps.entries()) {
    const ranges =
      threads === 1 && sizes[index]! <= MOST_RANGE_BYTES
        ? [{ path }]
        : await planDumpRanges({ path, bytes: sizes[index]! }, rangeBytes);
    files.push(
      ranges.map((range) => inputOf(range, `dump-${index}-${range.cut?.from ?? 0}-${range.cut?.to ?? "end"}`)),
    );
  }
  const shares = shareTexts(texts, sizes.slice(dumps.length), threads).map((share) =>
    inputOf(share, `texts-${texts.indexOf(share.paths[0]!)}-${share.paths.length}-${share.index}-of-${share.of}`),
  );
  const finished = await takeFinished([...files.flat(), ...shares], directory);
  const stage = `count ${edition.code}`;
  // Several shares of the same texts read all of them.
  const onBytes = (bytes: number, { source }: CountShardInput) =>
    onProgress?.({ stage, bytes: "paths" in source ? bytes / source.of : bytes, total });
  const run = (inputs: readonly CountShardInput[]) =>
    runTasks("countShard", inputs, {
      threads,
      onBytes,
      // The folder may have another name when the count goes on.
      onOutput: (output) =>
        writeFile(finishedPath(directory, output.name), JSON.stringify(renameFiles(output, basename))),
    });
  const left = [...files.flat(), ...shares].filter(({ name }) => !finished.has(name));
  for (const output of await run(left)) finished.set(output.name, output);
  const outputOf = ({ name }: CountShardInput) => finished.get(name)!;

  // A cut rests on guesses about where pages begin; a file in which one was wrong is counted again in one piece.
  const outputs: CountShardOutput[] = [];
  for (const inputs of files) {
    const reports = inputs.flatMap((input) => outputOf(input).report ?? []);
    const ranges = inputs.map(({ source }) => source as DumpRange);
    if (reports.length === ranges.length && rangesFit(ranges, reports)) outputs.push(...inputs.map(outputOf));
    else {
      for (const input of inputs) await removeShard(directory, outputOf(input));
      const [first] = inputs;
      outputs.push(...(await run([inputOf({ path: ranges[0]!.path }, `${first!.name}-again`)])));
    }
  }
  return [...outputs, ...shares.map(outputOf)];
}

/** Text files as work for threads: files that follow each other where there are many, else documents of all of them. */
function shareTexts(paths: readonly string[], sizes: readonly number[], threads: number): TextShare[] {
  if (paths.length === 0) return [];
  if (threads === 1) return [{ paths, index: 0, of: 1 }];
  if (paths.length < threads * RANGES_A_THREAD) {
    return Array.from({ length: threads }, (_, index) => ({ paths, index, of: threads }));
  }
  const evenly = sizes.reduce((sum, size) => sum + size, 0) / (threads * RANGES_A_THREAD);
  const groups: string[][] = [];
  let bytes = 0;
  for (const [index, path] of paths.entries()) {
    if (groups.length === 0 || bytes >= evenly) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(path);
    bytes += sizes[index]!;
  }
  return groups.map((group) => ({ paths: group, index: 0, of: 1 }));
}

/** What tells that a shard is finished: its output. */
function finishedPath(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}

/** Outputs of those shards that an earlier call has finished; what else it left goes. */
async function takeFinished(
  inputs: readonly CountShardInput[],
  directory: string,
): Promise<Map<string, CountShardOutput>> {
  const finished = new Map<string, CountShardOutput>();
  const kept = new Set<string>();
  for (const { name } of inputs) {
    const path = finishedPath(directory, name);
    if (!existsSync(path)) continue;
    let output: CountShardOutput;
    try {
      const written = JSON.parse(await readFile(path, "utf8")) as CountShardOutput;
      output = renameFiles(written, (file) => join(directory, file));
    } catch {
      // Stopped while it was written.
      continue;
    }
    const files = filesOf(output);
    // Stopped while what had been merged, or a failed count, was removed.
    if (!files.every((file) => existsSync(file))) continue;
    finished.set(name, output);
    for (const file of [path, ...files]) kept.add(file);
  }
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (!kept.has(path)) await rm(path, { recursive: true });
  }
  return finished;
}

function filesOf({ runs, articleFile, redirectFile }: CountShardOutput): string[] {
  return [...runs.flatMap(({ words, pairs }) => [words, pairs]), articleFile, redirectFile];
}

/** The output with what `rename` makes of the paths of its files. */
function renameFiles(output: CountShardOutput, rename: (path: string) => string): CountShardOutput {
  return {
    ...output,
    runs: output.runs.map((run) => ({ ...run, words: rename(run.words), pairs: rename(run.pairs) })),
    articleFile: rename(output.articleFile),
    redirectFile: rename(output.redirectFile),
  };
}

async function removeShard(directory: string, output: CountShardOutput): Promise<void> {
  for (const file of [finishedPath(directory, output.name), ...filesOf(output)]) await rm(file);
}

function checkFailures({ edition, articles, failed }: { edition: Edition; articles: number; failed: number }): void {
  if (failed < 100 || failed <= MAX_FAILED_SHARE * (articles + failed)) return;
  throw new UserError(
    `${edition.code}: ${failed} of ${articles + failed} articles could not be extracted; the dump is damaged or of ` +
      "another kind than wikitext",
  );
}
