/** Dumps and texts of one edition → its words and pairs, counted in shards and merged. */
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
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
import { runCountShards } from "./run-tasks.ts";

/** Below this many bytes of input a second thread costs more than it gives. */
const BYTES_FOR_THREADS = 1_000_000;
/** Ranges a thread, so that threads end together, and the least compressed bytes of a range that are worth its start. */
const RANGES_A_THREAD = 4;
const RANGE_BYTES = 500_000;
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

/** Lines of a file that a shard left. */
function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Count an edition's text into `directory`, which appears whole or not at all; a second call reads what is there. */
export async function countEdition(options: CountEditionOptions): Promise<EditionCounts> {
  const { edition, directory, memory } = options;
  if (existsSync(join(directory, MANIFEST))) return openCounts(options);

  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  makeFolder(partial);
  try {
    const outputs = await countShards(options, partial);
    const all = <T>(pick: (output: (typeof outputs)[number]) => readonly T[]): T[] => outputs.flatMap(pick);
    const sum = (pick: (output: (typeof outputs)[number]) => number) =>
      outputs.reduce((total, output) => total + pick(output), 0);
    const problems = new Problems();
    for (const output of outputs) problems.merge(output.problems);
    checkFailures({ edition, articles: sum((output) => output.articles), failed: problems.count("E103") });

    const run = mergeGramRuns(
      all((output) => output.runs),
      { target: join(partial, GRAMS), memory: memory / 2 },
    );
    let redirects = 0;
    for (const { redirectFile } of outputs) redirects += countLines(await readFile(redirectFile, "utf8"));
    const figures: CountFigures = {
      pages: sum((output) => output.pages),
      articles: sum((output) => output.articles),
      redirects,
      documents: sum((output) => output.documents),
      tokens: sum((output) => output.tokens),
      types: run.types,
      wikis: [...new Set(all((output) => output.wikis))].sort(),
      problems: problems.list(),
    };
    const name = (path: string) => path.slice(partial.length + 1);
    const manifest: Manifest = {
      figures,
      articleFiles: outputs.map((output) => name(output.articleFile)),
      redirectFiles: outputs.map((output) => name(output.redirectFile)),
    };
    await writeFile(join(partial, MANIFEST), JSON.stringify(manifest));
    await rename(partial, directory);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return openCounts(options);
}

/** The shards of dumps and texts, counted into files in `directory`; outputs in the order of files and places. */
async function countShards(options: CountEditionOptions, directory: string): Promise<CountShardOutput[]> {
  const { edition, profile, dumps, texts, memory, onProgress } = options;
  const sizes = await requireFiles([...dumps, ...texts]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const dumpBytes = sizes.slice(0, dumps.length).reduce((sum, size) => sum + size, 0);
  const rangeBytes = Math.max(options.rangeBytes ?? RANGE_BYTES, dumpBytes / (options.threads * RANGES_A_THREAD));
  const most = Math.min(options.threads, 2 * availableParallelism());
  const threads = total < Math.min(BYTES_FOR_THREADS, rangeBytes) ? 1 : most;

  const files: DumpRange[][] = [];
  for (const [index, path] of dumps.entries()) {
    const file = { path, bytes: sizes[index]! };
    files.push(threads === 1 ? [{ path }] : await planDumpRanges(file, rangeBytes));
  }
  const shares: TextShare[] =
    texts.length === 0 ? [] : Array.from({ length: threads }, (_, index) => ({ paths: texts, index, of: threads }));
  let named = 0;
  const inputOf = (source: DumpRange | TextShare): CountShardInput => ({
    ...{ edition: edition.code, profile, source, name: `shard-${named++}` },
    ...{ memory: Math.floor(memory / threads), directory },
  });
  const stage = `count ${edition.code}`;
  // Every share of the texts reads all of them.
  const onBytes = (bytes: number, { source }: CountShardInput) =>
    onProgress?.({ stage, bytes: "paths" in source ? bytes / source.of : bytes, total });
  const outputs = await runCountShards([...files.flat(), ...shares].map(inputOf), { threads, onBytes });

  // A cut rests on guesses about where pages begin; a file in which one was wrong is counted again in one piece.
  const ofFiles: CountShardOutput[][] = [];
  for (const ranges of files) ofFiles.push(outputs.splice(0, ranges.length));
  const wrong = files.flatMap((ranges, index) => {
    const reports = ofFiles[index]!.flatMap(({ report }) => (report === undefined ? [] : [report]));
    return reports.length === ranges.length && rangesFit(ranges, reports) ? [] : [index];
  });
  for (const index of wrong) {
    for (const output of ofFiles[index]!) await removeFiles(output);
  }
  const again = await runCountShards(
    wrong.map((index) => inputOf({ path: dumps[index]! })),
    { threads, onBytes() {} },
  );
  for (const [at, index] of wrong.entries()) ofFiles[index] = [again[at]!];
  return [...ofFiles.flat(), ...outputs];
}

async function removeFiles({ runs, articleFile, redirectFile }: CountShardOutput): Promise<void> {
  for (const path of [...runs.flatMap(({ words, pairs }) => [words, pairs]), articleFile, redirectFile]) await rm(path);
}

function checkFailures({ edition, articles, failed }: { edition: Edition; articles: number; failed: number }): void {
  if (failed < 100 || failed <= MAX_FAILED_SHARE * (articles + failed)) return;
  throw new UserError(
    `${edition.code}: ${failed} of ${articles + failed} articles could not be extracted; the dump is damaged or of ` +
      "another kind than wikitext",
  );
}
