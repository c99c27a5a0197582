import type { Command } from "commander";
import { type Explanation, explainEntry } from "../../curation/explain-entry.ts";
import { type Entry, FLAGS, SET_ASIDE_REASONS } from "../../entries/types.ts";
import { type ListOptions, withList } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatNumber, isolate } from "../table.ts";

interface ExplainOptions extends ListOptions {
  readonly json?: boolean;
}

export function addExplainCommand(program: Command): void {
  const command = program
    .command("explain <code> <entry>")
    .description("Say why a string is, or is not, an entry: sources, scores, ranks, builds and reviews.")
    .action((code: string, entry: string, options: ExplainOptions) =>
      withList(code, options, async (list) => {
        const explanation = explainEntry(list, entry);
        if (options.json) await printJson(explanation);
        else await print(formatExplanation(explanation));
      }),
    );
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(command, "worldmeta explain ltg Latgola", "worldmeta explain en 'St. Louis' --profile reference --json");
}

function formatExplanation(explanation: Explanation): string {
  const { text, edition, profile, build, entry, setAside, canMatch, whyNot, first, last, pools, reviews } = explanation;
  const lines: [string, string][] = [];
  if (entry === undefined) lines.push(["entry", `no: ${absence(explanation)}`]);
  else {
    lines.push(["entry", `${entry.id} of ${edition}, ${profile}, build ${build}`], ["owner", entry.source]);
    for (const line of sourceLines(entry)) lines.push(line);
    for (const flag of entry.flags) lines.push(["flag", `${flag}: ${FLAGS[flag]}`]);
  }
  lines.push(["can match", canMatch ? "yes" : `no: ${SET_ASIDE_REASONS[whyNot ?? "unmatchable"]}`]);
  for (const { source, reason } of setAside) lines.push(["set aside", `from ${source}: ${SET_ASIDE_REASONS[reason]}`]);
  if (first !== undefined) lines.push(["first build", `${first.id}, ${first.finished}`]);
  if (last !== undefined) lines.push(["last build", `${last.id}, ${last.finished}`]);
  for (const { pool, count, texts, samples } of pools) {
    lines.push([`pool ${pool}`, `in ${formatNumber(count)} of ${formatNumber(texts)} captions`]);
    for (const sample of samples) lines.push(["", isolate(sample.text)]);
  }
  for (const review of reviews) {
    const undone = review.undoneTime === undefined ? "" : ` (undone ${review.undoneTime} by ${review.undoneBy})`;
    lines.push([
      "review",
      `${review.id} ${review.verdict} by ${review.reviewer}, ${review.time}: ${review.reason}${undone}`,
    ]);
  }
  return `${isolate(text)}\n${lines.map(([name, value]) => `  ${name.padEnd(12)} ${value}`).join("\n")}\n`;
}

function sourceLines(entry: Entry): [string, string][] {
  const lines: [string, string][] = [];
  const add = (name: string, rank: number | undefined, scores: string) => {
    if (rank !== undefined) lines.push([name, `rank ${formatNumber(rank)}${scores}`]);
  };
  add("wordnet", entry.wordnetRank, "");
  add("unigram", entry.unigramRank, `, ${formatNumber(entry.count ?? 0)} occurrences`);
  add(
    "bigram",
    entry.bigramRank,
    `, ${formatNumber(entry.pairCount ?? 0)} occurrences, PMI ${entry.pmi?.toFixed(2)} bits, NPMI ${entry.npmi?.toFixed(3)}`,
  );
  add("title", entry.titleRank, `, ${formatNumber(entry.views ?? 0)} views`);
  return lines;
}

/** Why the string is no entry. */
function absence({ edition, setAside, whyNot, last, build }: Explanation): string {
  const [first] = setAside;
  if (first !== undefined) return SET_ASIDE_REASONS[first.reason];
  if (whyNot !== undefined) return SET_ASIDE_REASONS[whyNot];
  const before = last !== undefined && last.id !== build ? `; it was one in build ${last.id}` : "";
  return `no source of ${edition} brings it, or it ranks below the source's cap${before}`;
}
