import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { type ExplainedCaption, editionOfCaption, explainCaption } from "../../curation/explain-caption.ts";
import type { ThresholdRule } from "../../curation/rule.ts";
import { createIdentifier, type Identified } from "../../lid/identify.ts";
import { closeDatabase } from "../../store/database.ts";
import { type ListOptions, openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect } from "../options.ts";
import { print, printJson } from "../output.ts";
import { addRuleOptions } from "../rule-options.ts";
import { formatTable, isolate } from "../table.ts";

interface CaptionOptions extends ListOptions, ThresholdRule {
  readonly edition?: string;
  readonly pool: readonly string[];
  readonly json?: boolean;
}

export function addCaptionCommand(program: Command): void {
  const command = program
    .command("caption <text>")
    .description("Say what happens to one caption: segments, the entries it matches, and how likely it is to be kept.")
    .option("--edition <code>", "edition of the caption's language (default: what `worldmeta identify` says)")
    .option("--pool <name>", "pool whose counts are taken (several add up; default: the only one)", collect, [])
    .action(async (text: string, options: CaptionOptions) => {
      const db = openExisting(options.db);
      try {
        const identified = options.edition === undefined ? await identify(text) : undefined;
        const edition = identified === undefined ? getEdition(options.edition!) : editionOfCaption(identified);
        const explained = await explainCaption(db, text, { ...options, edition, pools: options.pool, groups: [] });
        if (options.json) await printJson(identified === undefined ? explained : { ...explained, identified });
        else await print(formatCaption(explained, identified));
      } finally {
        closeDatabase(db);
      }
    });
  addRuleOptions(command);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta caption 'a cat sleeps on a chair in Paris'",
    "worldmeta caption '新しいカメラとiPhoneを買った' --edition ja --pool web --tail-ratio 0.06 --json",
  );
}

async function identify(text: string): Promise<Identified> {
  const identifier = await createIdentifier();
  const identified = identifier.identify(text);
  identifier.dispose();
  return identified;
}

function formatCaption(explained: ExplainedCaption, identified: Identified | undefined): string {
  const { text, normalized, edition, group, profile, list, segments, matches, pools, t, policy, keepProbability } =
    explained;
  const lines: [string, string][] = [
    ["caption", show(text)],
    ...(normalized === text ? [] : [["normalized", show(normalized)] as [string, string]]),
    ...(identified === undefined
      ? []
      : [
          ["language", `${identified.label}, with probability ${identified.probability.toFixed(4)}`] as [
            string,
            string,
          ],
        ]),
    ["list", `${group}${edition === group ? "" : ` (for ${edition})`}, ${profile}, ${list.slice(0, 12)}`],
    ["segments", segments.map(show).join(" | ")],
  ];
  if (keepProbability === undefined) {
    lines.push([
      "balance",
      pools.length > 0 ? "no threshold: nothing in the pool matches the list" : "no counts; name a pool with --pool",
    ]);
  } else {
    const how = policy === `t ${t}` ? "" : ` (${policy})`;
    lines.push(["balance", `t = ${t}${how} by the counts of ${pools.join(", ")}`]);
    lines.push([
      "kept",
      matches.length === 0 ? "never: it matches nothing" : `with probability ${formatProbability(keepProbability)}`,
    ]);
  }
  const head = lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join("\n");
  if (matches.length === 0) return `${head}\n${keepProbability === undefined ? "matches nothing\n" : ""}`;
  const right = (title: string) => ({ title, align: "right" as const });
  const scores = [
    ...(pools.length > 0 ? [right("count")] : []),
    ...(keepProbability === undefined ? [] : [right("probability")]),
  ];
  const table = formatTable(
    [right("id"), { title: "entry" }, ...scores],
    matches.map(({ id, entry, count, probability }) => [
      ...[id, entry],
      ...(count === undefined ? [] : [count]),
      ...(probability === undefined ? [] : [formatProbability(probability)]),
    ]),
  );
  return `${head}\n\n${table}`;
}

/** Text in one line: what would end it is written as in JSON. */
function show(text: string): string {
  return isolate(text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => JSON.stringify(control).slice(1, -1)));
}

function formatProbability(probability: number): string {
  return probability >= 0.001 || probability === 0 ? probability.toFixed(4) : probability.toExponential(2);
}
