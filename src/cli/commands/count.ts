import { type Command, Option } from "commander";
import { LABEL_SCHEMES, type LabelScheme } from "../../../languages/index.ts";
import { countPool, type FileReport, toFileJson } from "../../engine/count-pool.ts";
import { NO_LABEL } from "../../engine/label.ts";
import type { ProfileName } from "../../profile.ts";
import { closeDatabase } from "../../store/database.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, addWorkOptions } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addMoreFieldOptions, addPoolOptions, addRepeatsOption, fieldsOf, type PoolOptions } from "../pool-options.ts";
import { sayProblems } from "../problem-lines.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";
import { formatSteps } from "../steps.ts";
import { formatCounted, formatNumber, formatShare, formatTable, isolate } from "../table.ts";

interface CountOptions extends PoolOptions {
  readonly db: string;
  readonly name: string;
  readonly scheme?: LabelScheme;
  readonly profile: ProfileName;
  readonly threads: number;
  readonly memory: number;
  readonly json?: boolean;
}

export function addCountCommand(program: Command): void {
  const command = program
    .command("count <pools...>")
    .description(
      "Match captions against the lists of their languages and count, for each entry, the texts that hold it, each text of " +
        "an image once. Stopped, it goes on where it was; a file that the pool has is not counted twice.",
    )
    .requiredOption("--name <name>", "the pool that the files are added to; made if it is not there");
  addPoolOptions(command);
  addRepeatsOption(addMoreFieldOptions(command))
    .addOption(
      new Option(
        "--scheme <name>",
        "what the labels are (default: edition, which takes most codes; worldmeta: those of identify)",
      ).choices(LABEL_SCHEMES),
    )
    .action(count);
  addDbOption(command);
  addProfileOption(command);
  addWorkOptions(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta count pool-000.jsonl.gz pool-001.jsonl.gz --name web",
    "worldmeta count crawl.jsonl.zst --name crawl --identify",
    "worldmeta count captions.tsv --name cc --text-field 1 --url-field 2 --lang en",
    "worldmeta count laion.jsonl.zst --name laion --text-field TEXT --lang-field LANGUAGE --scheme lid.176",
    "worldmeta count CC-MAIN-*.warc.wat.gz --name crawl",
    "zcat alts.tsv.gz | worldmeta count - --name alts --text-field 5 --lang-field 3 --url-field 4",
  );
}

async function count(pools: string[], options: CountOptions): Promise<void> {
  const { db, name, format, scheme, lang, identify, profile, threads, memory } = options;
  const fields = fieldsOf(options);
  const repeats = options.keepRepeats ? "kept" : undefined;
  closeDatabase(openExisting(db));
  const bar = createProgressBar();
  const reports: FileReport[] = [];
  const started = performance.now();
  try {
    await withFiles(pools, (paths, names) =>
      countPool({
        ...{ db, name, paths, fields, format, scheme, lang, identify, repeats, profile, threads, memory, names },
        onProgress: bar.onProgress,
        onFile(report) {
          bar.stop();
          reports.push(report);
          sayFile(report, name);
        },
      }),
    );
  } finally {
    bar.stop();
  }
  if (options.json) await printJson(reports.map(toFileJson));
  else await print(formatCount(reports, (performance.now() - started) / 1000));
}

function sayFile(report: FileReport, pool: string): void {
  const { path, fresh, others, texts, repeats, repeated, labels, problems } = report;
  const dropped = repeats === "dropped" ? `, ${formatCounted(repeated, "repeat")} dropped` : "";
  if (fresh) say(`${path}: the pool ${pool} has counted it already, for the present lists`);
  else say(`${path}: ${formatCounted(texts, "text")}, ${formatCounted(labels.length, "label")}${dropped}`);
  for (const sha256 of others) {
    const advice =
      repeated > 0
        ? "of which this drops what it repeats; to leave it out, count into a new pool"
        : `take it out with: worldmeta pools ${pool} --withdraw ${sha256}`;
    say(`  the pool also counts what ${path} held before; ${advice}`);
  }
  sayProblems(problems);
}

/** How many labels or groups a line names. */
const NAMED = 10;

/** What all files brought together, a row for each group, and what did not come to a list. */
export function formatCount(reports: readonly FileReport[], seconds: number): string {
  const counted = reports.filter(({ fresh }) => !fresh);
  if (counted.length === 0) return "nothing new to count\n";
  const groups = new Map<string, { entries: number; texts: number; matched: number; matches: number }>();
  for (const { group, list, texts, matched, matches } of counted.flatMap((report) => report.groups)) {
    const sum = groups.get(group) ?? { entries: list.entries, texts: 0, matched: 0, matches: 0 };
    sum.texts += texts;
    sum.matched += matched;
    sum.matches += matches;
    groups.set(group, sum);
  }
  const right = (title: string) => ({ title, align: "right" as const });
  const table = formatTable(
    [{ title: "group" }, ...["entries", "texts", "matched", "share", "matches", "a text"].map(right)],
    [...groups]
      .sort(([, a], [, b]) => b.texts - a.texts)
      .map(([group, { entries, texts, matched, matches }]) => [
        ...[group, entries, texts, matched],
        texts > 0 ? formatShare(matched / texts) : "",
        matches,
        texts > 0 ? matches / texts : "",
      ]),
  );
  const sum = (pick: (report: FileReport) => number) => counted.reduce((total, report) => total + pick(report), 0);
  const read = sum(({ texts, repeated }) => texts + repeated);
  const met = sum((report) => report.groups.reduce((total, { texts }) => total + texts, 0));
  const known = sum(({ knownTexts }) => knownTexts);
  const matched = sum((report) => report.groups.reduce((total, group) => total + group.matched, 0));
  const steps = [
    { name: "repeated", gone: sum(({ repeated }) => repeated) },
    ...(known > 0 ? [{ name: "counted before", gone: known }] : []),
    { name: "no list", gone: sum(({ texts }) => texts) - known - met },
    { name: "no match", gone: met - matched },
  ];
  const noText = sum((report) => report.noText);
  const lines = [
    `${formatCounted(
      sum(({ rows }) => rows),
      "row",
    )}, ${formatNumber(noText)} of them without a text; ` +
      `${formatNumber(Math.round(read / seconds))} texts read a second`,
    ...(counted[0]?.repeats === "kept" ? ["texts that repeat an earlier pair of image and text are counted"] : []),
  ];
  const labels = counted.flatMap((report) => report.labels);
  const say = (what: string, those: typeof labels, name: "label" | "group") => {
    const sums = [...sumBy(those, name)].sort(([, a], [, b]) => b - a);
    if (sums.length === 0) return;
    const total = sums.reduce((sum, [, texts]) => sum + texts, 0);
    const named = sums.slice(0, NAMED).map(([one, texts]) => `${isolate(one)} ${formatNumber(texts)}`);
    const more = sums.length > NAMED ? `, and ${sums.length - NAMED} more` : "";
    lines.push(`${formatCounted(total, "text")} ${what}: ${named.join(", ")}${more}`);
  };
  // Labels may be missing in a pool that has some; in some schemes `und` is known.
  const unknown = labels.filter(({ known, label }) => !known || label === NO_LABEL);
  const unmet = labels.filter(({ group }) => !groups.has(group));
  say(`under \`other\` for labels that the scheme does not know (${NO_LABEL}: for none)`, unknown, "label");
  say("met no list, since no edition of their group is built", unmet, "group");
  const became = formatSteps("texts", { all: read, steps, left: "match" });
  return `${groups.size > 0 ? `${table}\n` : ""}${became}\n${lines.join("\n")}\n`;
}

function sumBy(labels: FileReport["labels"], name: "label" | "group"): Map<string, number> {
  const sums = new Map<string, number>();
  for (const one of labels) sums.set(one[name], (sums.get(one[name]) ?? 0) + one.texts);
  return sums;
}
