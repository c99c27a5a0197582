/** Dumps and texts of one edition → its words and pairs, counted in shards and merged. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Edition } from "../../languages/index.ts";
import type { GramCounts } from "../entries/candidates.ts";
import { UserError } from "../errors.ts";
import { makeFolder, requireFiles } from "../files.ts";
import { byCount, mergeRuns, readRun, sortTallies, writeRun } from "../ngrams/runs.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import type { OnProgress } from "../progress.ts";
import { runCountShards } from "./run-tasks.ts";

/** Bytes of input that a thread must have to be worth its start. */
const BYTES_A_THREAD = 750_000;
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

const MANIFEST = "counts.json";
const UNIGRAMS = "unigrams.run";
const BIGRAMS = "bigrams.run";

async function openCounts(directory: string): Promise<EditionCounts> {
  const manifest = JSON.parse(await readFile(join(directory, MANIFEST), "utf8")) as Manifest;
  const here = (name: string) => join(directory, name);
  return {
    figures: manifest.figures,
    grams: {
      tokens: manifest.figures.tokens,
      types: manifest.figures.types,
      unigrams: () => readRun(here(UNIGRAMS)),
      bigrams: () => readRun(here(BIGRAMS)),
    },
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
  const { edition, profile, dumps, texts, directory, memory } = options;
  if (existsSync(join(directory, MANIFEST))) return openCounts(directory);

  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  makeFolder(partial);
  try {
    const bytes = (await requireFiles([...dumps, ...texts])).reduce((sum, size) => sum + size, 0);
    // Every shard reads all the input and takes its part of the pages: more of them than processors would only read.
    const shards = Math.max(1, Math.min(options.threads, availableParallelism(), Math.floor(bytes / BYTES_A_THREAD)));
    const inputs = Array.from({ length: shards }, (_, index) => ({
      ...{ edition: edition.code, profile, dumps, texts, index, of: shards },
      ...{ memory: Math.floor(memory / shards), directory: partial },
    }));
    const outputs = await runCountShards(inputs, (done) =>
      options.onProgress?.({ stage: `count ${edition.code}`, bytes: done / shards, total: bytes }),
    );

    const all = <T>(pick: (output: (typeof outputs)[number]) => readonly T[]): T[] => outputs.flatMap(pick);
    const sum = (pick: (output: (typeof outputs)[number]) => number) =>
      outputs.reduce((total, output) => total + pick(output), 0);
    const problems = new Problems();
    for (const output of outputs) problems.merge(output.problems);
    checkFailures({ edition, articles: sum((output) => output.articles), failed: problems.count("E103") });

    const sorting = join(partial, "sorting");
    await mkdir(sorting);
    const sorted = sortTallies(mergeRuns(all((output) => output.unigrams)), byCount, {
      directory: sorting,
      name: "unigrams",
      memory,
    });
    let types = 0;
    writeRun(
      join(partial, UNIGRAMS),
      (function* () {
        for (const tally of sorted) {
          types++;
          yield tally;
        }
      })(),
    );
    await rm(sorting, { recursive: true });
    writeRun(join(partial, BIGRAMS), mergeRuns(all((output) => output.bigrams)));
    for (const name of await readdir(partial)) {
      if (name.startsWith("shard-") && name.includes(".run")) await rm(join(partial, name));
    }
    let redirects = 0;
    for (const { redirectFile } of outputs) redirects += countLines(await readFile(redirectFile, "utf8"));
    const figures: CountFigures = {
      pages: sum((output) => output.pages),
      articles: sum((output) => output.articles),
      redirects,
      documents: sum((output) => output.documents),
      tokens: sum((output) => output.tokens),
      types,
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
  return openCounts(directory);
}

function checkFailures({ edition, articles, failed }: { edition: Edition; articles: number; failed: number }): void {
  if (failed < 100 || failed <= MAX_FAILED_SHARE * (articles + failed)) return;
  throw new UserError(
    `${edition.code}: ${failed} of ${articles + failed} articles could not be extracted; the dump is damaged or of ` +
      "another kind than wikitext",
  );
}
