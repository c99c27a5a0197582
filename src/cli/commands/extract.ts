import { type Command, Option } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { createArticleReader, extractWith } from "../../engine/count-shard.ts";
import { startMachine } from "../../kernels/machine.ts";
import { Problems } from "../../problems.ts";
import { isArticle, readDump } from "../../sources/dump.ts";
import { createExtractor, DEFAULT_EXTRACTOR, EXTRACTOR_NAMES, type ExtractorName } from "../../text/extractors.ts";
import { addExamples } from "../options.ts";
import { print, say } from "../output.ts";
import { sayProblems } from "../problem-lines.ts";
import { withFiles } from "../standard-input.ts";

export function addExtractCommand(program: Command): void {
  const command = program
    .command("extract <dumps...>")
    .description("Print the articles of a dump as plain text: JSON lines of id, title and text.")
    .requiredOption("--edition <code>", "edition that the dump is of")
    .addOption(
      new Option("--extractor <name>", "what reads the wikitext").choices(EXTRACTOR_NAMES).default(DEFAULT_EXTRACTOR),
    )
    .action(async (dumps: string[], { edition: code, extractor }: { edition: string; extractor: ExtractorName }) => {
      const edition = getEdition(code);
      const problems = new Problems();
      const machine = startMachine();
      let articles = 0;
      const reader = createArticleReader(edition, extractWith(await createExtractor(extractor)), problems);
      await withFiles(dumps, async (paths) => {
        for await (const page of readDump(paths, { problems, onSiteInfo: reader.onSiteInfo, machine })) {
          if (!isArticle(page)) continue;
          const text = reader.read(page);
          if (text === undefined) continue;
          articles++;
          await print(`${JSON.stringify({ id: page.id, title: page.title, text })}\n`);
        }
      });
      if (articles === 0) say(`no article in ${dumps.join(", ")}`);
      sayProblems(problems.list());
    });
  addExamples(
    command,
    "worldmeta extract dumps/ltgwiki-20260101-pages-articles.xml.bz2 --edition ltg | head -3",
    "bzcat part1.xml.bz2 | worldmeta extract - --edition en > articles.jsonl",
  );
}
