import { join } from "node:path";
import type { Command } from "commander";
import { listEditions } from "../../../languages/index.ts";
import { quoteWord } from "../../errors.ts";
import {
  buildLists,
  countCaptions,
  curateCaptions,
  exportForCurator,
  exportTables,
  formatThresholds,
  largest,
  type Place,
  POOL,
  sayBuilt,
  sayCounted,
  setThresholds,
  writePages,
} from "../demo-steps.ts";
import { addExamples } from "../options.ts";
import { print, say } from "../output.ts";
import { formatReports } from "./build.ts";
import { formatRowSteps } from "./curate.ts";

export function addDemoCommand(program: Command): void {
  const command = program
    .command("demo")
    .description(
      "Run the whole flow offline on the little text that npm packages carry: the lists of every edition that it has, " +
        "captions counted against them, thresholds, the pairs that stay, exports, a report. Run again, it does what is not done yet.",
    )
    .option("--out <dir>", "folder for the inputs, the database and what is exported", "worldmeta-demo")
    .action(demo);
  addExamples(command, "worldmeta demo", "worldmeta demo --out /tmp/demo");
}

async function demo({ out }: { out: string }): Promise<void> {
  // The script comes with the sources; it needs the development packages that hold the texts.
  const { makeDemoInputs } = await import("../../../scripts/make-demo-inputs.ts");
  const started = Date.now();
  const place: Place = { out, db: join(out, "worldmeta.sqlite") };
  say(`making dumps, a wordnet, pageviews and captions under ${join(out, "inputs")} …`);
  const inputs = await makeDemoInputs({ directory: join(out, "inputs"), editions: listEditions() });
  const built = await buildLists(place, inputs);
  await print(`${formatReports(built)}\n`);
  const captions = [inputs.captions.declarations, inputs.captions.glosses];
  const counted = await countCaptions(place, captions);
  const solved = setThresholds(place);
  await print(formatThresholds(solved));
  const curated = await curateCaptions(place, captions);
  await print(`\n${formatRowSteps(curated.manifest.figures)}`);
  const exported = await exportForCurator(place);
  const tables = await exportTables(place, largest(solved));
  const pages = await writePages(place, largest(solved));
  const seconds = Math.round((Date.now() - started) / 1000);
  const at = (name: string) => quoteWord(join(out, name));
  const db = quoteWord(place.db);
  await print(`
${sayBuilt(built, seconds)} ${inputs.without.length} editions have no text in the package.
${sayCounted(counted)}
${curated.sentence}
${exported}
${tables}
${pages}

The lists are tiny: each comes from one text, the Universal Declaration of Human Rights, and views that were made up for
the demo; only the English wordnet is real. The captions are that text's own sentences, with WordNet's definitions and
examples for English, and the addresses of their images are made up. They show how the parts work together, not what a
language's metadata looks like, nor what alt-texts of the Web are.

Where to look next:
  worldmeta entries th --db ${db}
  worldmeta explain en freedom --db ${db}
  worldmeta audit ar --db ${db}
  worldmeta caption 'a free and equal education' --edition en --pool ${POOL} --db ${db}
  worldmeta threshold --pool ${POOL} --group en --compare 20 --db ${db}
  worldmeta curate ${captions.map(quoteWord).join(" ")} --name ${POOL} --seed 1 --format jsonl --out ${at("seed-1")} --db ${db}
  worldmeta report ar ja th --pool ${POOL} --out ${at("report-more")} --db ${db}
  worldmeta export txt --out ${at("lists")} --db ${db}
  worldmeta build CODE --dump … --pageviews … --wordnet …      with real dumps: see dumps/README.md
`);
}
