import type { Command } from "commander";
import {
  type Edition,
  getEdition,
  LABEL_SCHEMES,
  type LabelScheme,
  type LidGroup,
  labelsOfGroup,
  listEditions,
} from "../../../languages/index.ts";
import { addExamples, addJsonOption } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatTable } from "../table.ts";

export function addEditionsCommand(program: Command): void {
  const command = program
    .command("editions [codes...]")
    .description(
      "List the Wikipedia editions, what is known about them, and which labels reach the groups of those named.",
    )
    .action(async (codes: string[], { json }: { json?: boolean }) => {
      const editions = codes.length === 0 ? listEditions() : codes.map(getEdition);
      if (json) await printJson(editions.map((edition) => ({ ...edition, labels: labelsOf(edition.lidGroup) })));
      else await print(formatEditions(editions) + (codes.length === 0 ? "" : `\n${formatLabels(editions)}`));
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

/** Of each scheme the labels of language identification that reach a group. */
function labelsOf(group: LidGroup): Record<LabelScheme, readonly string[]> {
  const labels = LABEL_SCHEMES.map((scheme) => [scheme, labelsOfGroup(group, scheme)]);
  return Object.fromEntries(labels);
}

function formatLabels(editions: readonly Edition[]): string {
  const groups = [...new Set(editions.map(({ lidGroup }) => lidGroup))];
  return formatTable(
    ["group", ...LABEL_SCHEMES].map((title) => ({ title })),
    // Captions with labels that reach no group meet the list `other`.
    groups.map((group) => [group, ...LABEL_SCHEMES.map((scheme) => labelsOfGroup(group, scheme).join(" ") || "other")]),
  );
}
