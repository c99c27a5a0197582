import { join } from "node:path";
import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { countEdition } from "../../engine/count-edition.ts";
import { UsageError, UserError } from "../../errors.ts";
import { makeFolder, requireFiles, writeAllAtomically } from "../../files.ts";
import type { ProfileName } from "../../profile.ts";
import type { Tally } from "../../runs.ts";
import { withTemporaryFolder } from "../../temporary.ts";
import { addExamples, addProfileOption, addWorkOptions, collect } from "../options.ts";
import { say } from "../output.ts";
import { sayProblems } from "../problem-lines.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";
import { formatNumber } from "../table.ts";

interface NgramsOptions {
  readonly edition: string;
  readonly dump: readonly string[];
  readonly text: readonly string[];
  readonly out: string;
  readonly profile: ProfileName;
  readonly threads: number;
  readonly memory: number;
}

export function addNgramsCommand(program: Command): void {
  const command = program
    .command("ngrams")
    .description("Count all words and pairs of words of an edition's text into unigrams.tsv and bigrams.tsv.")
    .requiredOption("--edition <code>", "edition that the text is of")
    .option("--dump <file>", "dump, also compressed or - (may be given several times)", collect, [])
    .option("--text <file>", "extracted text: WikiExtractor output, JSON lines or plain", collect, [])
    .requiredOption("--out <dir>", "folder for the two files")
    .action(countNgrams);
  addProfileOption(command);
  addWorkOptions(command);
  addExamples(
    command,
    "worldmeta ngrams --edition ltg --dump dumps/ltgwiki-20260101-pages-articles.xml.bz2 --out counts/ltg",
    "worldmeta ngrams --edition ja --text articles.jsonl --out counts/ja && head counts/ja/bigrams.tsv",
  );
}

async function countNgrams(options: NgramsOptions): Promise<void> {
  const edition = getEdition(options.edition);
  if (options.dump.length + options.text.length === 0) throw new UsageError("nothing to count: give --dump or --text");
  const bar = createProgressBar();
  await withFiles([...options.dump, ...options.text], async (paths) => {
    await requireFiles(paths);
    makeFolder(options.out);
    await withTemporaryFolder(options.out, async (work) => {
      const { profile, memory, threads } = options;
      const { grams, figures } = await countEdition({
        ...{ edition, profile, threads, memory, directory: join(work, "counts"), onProgress: bar.onProgress },
        dumps: paths.slice(0, options.dump.length),
        texts: paths.slice(options.dump.length),
      });
      if (figures.articles + figures.documents === 0) {
        throw new UserError(`no text in ${paths.join(", ")}; is it the right file?`);
      }
      await writeAllAtomically([
        { path: join(options.out, "unigrams.tsv"), chunks: toLines(grams.unigrams()) },
        { path: join(options.out, "bigrams.tsv"), chunks: toLines(grams.bigrams()) },
      ]);
      bar.stop();
      say(
        `${edition.code}: ${formatNumber(figures.tokens)} words, ${formatNumber(figures.types)} of them distinct, ` +
          `in ${formatNumber(figures.articles + figures.documents)} texts → ${options.out}`,
      );
      sayProblems(figures.problems);
    });
  }).finally(bar.stop);
}

/** `count⇥word` and `count⇥word⇥word`. */
function* toLines(tallies: Iterable<Tally>): Generator<string> {
  for (const { key, count } of tallies) yield `${count}\t${key}\n`;
}
