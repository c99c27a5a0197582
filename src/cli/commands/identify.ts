import { statSync } from "node:fs";
import type { Command } from "commander";
import { groupOfLabel } from "../../../languages/index.ts";
import { requireFiles } from "../../files.ts";
import { createIdentifier, UNDETERMINED } from "../../lid/identify.ts";
import { readLineGroups } from "../../sources/input.ts";
import { addExamples } from "../options.ts";
import { print } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";

/** Below so many bytes a file takes no time to speak of. */
const PROGRESS_FROM_BYTES = 1 << 22;

export function addIdentifyCommand(program: Command): void {
  const command = program
    .command("identify [file]")
    .description(
      "Tell the language of each line of a text: the LID group whose list its captions meet (the code of an edition, `other` " +
        "where no edition is written in the language, `und` where nothing can be said), the label, and how probable it is " +
        "(0 to 1), parted by tabs.",
    )
    .action(identify);
  addExamples(
    command,
    "echo 'Zonke izinhlelo zihlelekile' | worldmeta identify",
    "worldmeta identify captions.txt.gz | cut -f1 | sort | uniq -c | sort -rn",
  );
}

async function identify(file: string | undefined): Promise<void> {
  await withFiles([file ?? "-"], async ([path = ""]) => {
    await requireFiles([path]);
    const identifier = await createIdentifier();
    const total = statSync(path).size;
    const bar = total < PROGRESS_FROM_BYTES ? undefined : createProgressBar();
    const decoder = new TextDecoder();
    try {
      const onBytes = (bytes: number) => bar?.onProgress({ stage: "identified", bytes, total });
      for await (const lines of readLineGroups(path, { onBytes })) {
        const texts = lines.map((line) => decoder.decode(line));
        const out: string[] = [];
        identifier.identifyAll(texts, (_, label, probability) => {
          const group = label === UNDETERMINED ? UNDETERMINED : groupOfLabel(label, "worldmeta");
          out.push(`${group}\t${label}\t${probability.toFixed(4)}\n`);
        });
        await print(out.join(""));
      }
    } finally {
      bar?.stop();
      identifier.dispose();
    }
  });
}
