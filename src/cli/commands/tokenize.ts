import type { Command } from "commander";
import { getEdition, loadTokenizer } from "../../../languages/index.ts";
import { readLines } from "../../sources/input.ts";
import { addExamples } from "../options.ts";
import { print } from "../output.ts";
import { withFiles } from "../standard-input.ts";

export function addTokenizeCommand(program: Command): void {
  const command = program
    .command("tokenize [file]")
    .description("Cut each line of a text into segments: a JSON array a line; the segments concatenate to the line.")
    .requiredOption("--edition <code>", "edition whose tokenizer to use")
    .option("--words", "only the segments that are words")
    .action(async (file: string | undefined, { edition, words }: { edition: string; words?: boolean }) => {
      const tokenizer = await loadTokenizer(getEdition(edition));
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      await withFiles([file ?? "-"], async ([path]) => {
        for await (const line of readLines(path!)) {
          const segments = tokenizer.segment(decoder.decode(line));
          const kept = words ? segments.filter(({ word }) => word) : segments;
          await print(`${JSON.stringify(kept.map(({ text }) => text))}\n`);
        }
      });
    });
  addExamples(
    command,
    "echo '新しいカメラとiPhoneを買った' | worldmeta tokenize --edition ja",
    "worldmeta tokenize --edition th captions.txt --words",
  );
}
