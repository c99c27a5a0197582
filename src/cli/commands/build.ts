import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { type BuildOptions, type BuildReport, buildEditions } from "../../pipeline.ts";
import type { ProfileName } from "../../profile.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, addWorkOptions, collect } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { sayProblems } from "../problem-lines.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";
import { formatTable } from "../table.ts";

interface BuildCommandOptions {
  readonly dump: readonly string[];
  readonly text: readonly string[];
  readonly pageviews: readonly string[];
  readonly wordnet: readonly string[];
  readonly vocabulary: readonly string[];
  readonly db: string;
  readonly profile: ProfileName;
  readonly threads: number;
  readonly memory: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addBuildCommand(program: Command): void {
  const command = program
    .command("build <codes...>")
    .description(
      "Build the lists of editions from dumps, pageviews and wordnets; any of them will do. Stopped, it goes on where it was.",
    )
    .option("--dump <file>", "dump of the edition, also compressed or - (may be given several times)", collect, [])
    .option("--text <file>", "extracted text: WikiExtractor output, JSON lines or plain", collect, [])
    .option("--pageviews <file>", "hourly or pageview_complete file; shared by all editions named", collect, [])
    .option("--wordnet <file>", "OMW tab file of the edition's language", collect, [])
    .option(
      "--vocabulary <file>",
      "words, one a line: entries that hold one are flagged; shared by all editions named",
      collect,
      [],
    )
    .option("--force", "build also where the inputs are those of the last build")
    .action(build);
  addDbOption(command);
  addProfileOption(command);
  addWorkOptions(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta build ltg --dump dumps/ltgwiki-20260101-pages-articles.xml.bz2",
    "worldmeta build el --dump dumps/elwiki.xml.bz2 --pageviews pageviews-202601-user.bz2 --wordnet wn-data-ell.tab",
    "worldmeta build fr it pt --pageviews pageviews-202601-user.bz2 --wordnet wn-data-fra.tab --wordnet wn-data-ita.tab",
    "worldmeta build fi --text fiwiki.jsonl.zst --vocabulary words-to-check.txt",
    "bzcat dumps/part*.bz2 | worldmeta build en --dump - --profile reference",
  );
}

async function build(codes: string[], options: BuildCommandOptions): Promise<void> {
  const editions = [...new Set(codes.map(getEdition))];
  const lists = [options.dump, options.text, options.pageviews, options.wordnet, options.vocabulary];
  const bar = createProgressBar();
  const reports: BuildReport[] = [];
  try {
    await withFiles(lists.flat(), async (paths, names) => {
      const take = (count: number) => paths.splice(0, count);
      const [dumps = [], texts = [], pageviews = [], wordnets = [], vocabularies = []] = lists.map((list) =>
        take(list.length),
      );
      const { db, profile, threads, memory, force } = options;
      const work: BuildOptions = {
        ...{ db, editions, dumps, texts, pageviews, wordnets, vocabularies },
        ...{ profile, threads, memory, names, force: force ?? false, onProgress: bar.onProgress },
      };
      for await (const report of buildEditions(work)) {
        bar.stop();
        reports.push(report);
        sayReport(report);
      }
    });
  } finally {
    bar.stop();
  }
  if (options.json) await printJson(reports);
  else await print(formatReports(reports));
}

function sayReport({ edition, build, fresh, problems, missing }: BuildReport): void {
  const state = fresh ? `build ${build} was made from the same inputs; nothing to do (--force builds it again)` : "";
  const lacks = missing.length > 0 ? `without ${missing.join(", ")}` : "";
  const notes = [state, lacks].filter((note) => note !== "");
  if (notes.length > 0) say(`${edition}: ${notes.join("; ")}`);
  sayProblems(problems);
}

/** A row for each edition: what went in, and the entries that each source brought. */
export function formatReports(reports: readonly BuildReport[]): string {
  const right = (title: string) => ({ title, align: "right" as const });
  return formatTable(
    [
      { title: "edition" },
      ...["build", "texts", "words", "distinct", "number", "wordnet", "unigram", "bigram", "title", "review"].map(
        right,
      ),
      right("entries"),
    ],
    reports.map(({ edition, build, figures }) => [
      edition,
      build,
      figures.text && figures.text.articles + figures.text.documents,
      figures.text?.tokens,
      figures.text?.types,
      ...["number", "wordnet", "unigram", "bigram", "title", "review"].map((source) => figures.entries[source] ?? 0),
      figures.entries.total ?? 0,
    ]),
  );
}
