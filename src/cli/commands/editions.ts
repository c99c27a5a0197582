import type { Command } from "commander";
import { type Edition, getEdition, listEditions } from "../../../languages/index.ts";
import { addExamples, addJsonOption } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatTable } from "../table.ts";

export function addEditionsCommand(program: Command): void {
  const command = program
    .command("editions [codes...]")
    .description("List the Wikipedia editions and what is known about them.")
    .action(async (codes: string[], { json }: { json?: boolean }) => {
      const editions = codes.length === 0 ? listEditions() : codes.map(getEdition);
      if (json) await printJson(editions);
      else await print(formatEditions(editions));
    });
  addJsonOption(command);
  addExamples(command, "worldmeta editions", "worldmeta editions zh_yue be-tarask gsw", "worldmeta editions ja --json");
}

function formatEditions(editions: readonly Edition[]): string {
  const columns = ["code", "database", "tag", "name", "autonym", "script", "dir", "tokenizer", "wordnets", "group"];
  return formatTable(
    [...columns, "evidence", "state"].map((title) => ({ title })),
    editions.map((edition) => [
      ...[edition.code, edition.database, edition.tag, edition.name, edition.autonym, edition.script],
      ...[edition.direction, edition.tokenizer, edition.wordnets.join(" "), edition.lidGroup, edition.evidence],
      edition.closed ? "closed" : "open",
    ]),
  );
}
