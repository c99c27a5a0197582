import { join } from "node:path";
import type { Command } from "commander";
import { getEdition, listEditions } from "../../../languages/index.ts";
import { type BuildReport, buildEditions } from "../../pipeline.ts";
import { addExamples } from "../options.ts";
import { print, say } from "../output.ts";
import { problemLines } from "../problem-lines.ts";
import { formatReports } from "./build.ts";

export function addDemoCommand(program: Command): void {
  const command = program
    .command("demo")
    .description("Run the main job offline on the little text that npm packages carry, for every edition that it has.")
    .option("--out <dir>", "folder for the inputs and the database", "worldmeta-demo")
    .action(demo);
  addExamples(command, "worldmeta demo", "worldmeta demo --out /tmp/demo");
}

async function demo({ out }: { out: string }): Promise<void> {
  // The script comes with the sources; it needs the development packages that hold the texts.
  const { makeDemoInputs } = await import("../../../scripts/make-demo-inputs.ts");
  const started = Date.now();
  const db = join(out, "worldmeta.sqlite");
  say(`making dumps, a wordnet and pageviews under ${join(out, "inputs")} …`);
  const inputs = await makeDemoInputs({ directory: join(out, "inputs"), editions: listEditions() });
  say(`building ${inputs.editions.length} editions into ${db} …`);
  const reports: BuildReport[] = [];
  let said = Date.now();
  for (const { edition, dump, wordnets } of inputs.editions) {
    const work = buildEditions({
      ...{ db, editions: [getEdition(edition)], dumps: [dump], texts: [], wordnets },
      ...{ pageviews: [inputs.pageviews.complete], profile: "corrected", threads: 1, memory: 1e8 },
    });
    for await (const report of work) {
      reports.push(report);
      for (const line of problemLines(report.problems)) say(`  ${edition}: ${line}`);
    }
    if (Date.now() - said < 5_000) continue;
    said = Date.now();
    say(`  ${reports.length} of ${inputs.editions.length}, now ${edition}`);
  }
  await print(formatReports(reports));
  const seconds = Math.round((Date.now() - started) / 1000);
  await print(`
${reports.length} editions in ${seconds} s. These lists are tiny: each comes from one text, the Universal Declaration of
Human Rights, and views that were made up for the demo; only the English wordnet is real. They show how the parts work
together, not what a language's metadata looks like. ${inputs.without.length} editions have no text in the package.

Where to look next:
  worldmeta entries th --db ${db}
  worldmeta explain en freedom --db ${db}
  worldmeta audit ar --db ${db}
  worldmeta export txt --out ${join(out, "lists")} --db ${db}
  worldmeta build CODE --dump … --pageviews … --wordnet …      with real dumps: see dumps/README.md
`);
}
