import { type Command, Option } from "commander";
import { LABEL_SCHEMES, type LabelScheme } from "../../../languages/index.ts";
import { countPool, type FileReport } from "../../engine/count-pool.ts";
import type { ProfileName } from "../../profile.ts";
import { POOL_FORMATS, type PoolFormat } from "../../sources/pool.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, addWorkOptions } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { sayProblems } from "../problem-lines.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";
import { formatNumber, formatShare, formatTable } from "../table.ts";

interface CountOptions {
  readonly db: string;
  readonly name: string;
  readonly textField?: string;
  readonly idField?: string;
  readonly langField?: string;
  readonly urlField?: string;
  readonly format?: PoolFormat;
  readonly scheme?: LabelScheme;
  readonly lang?: string;
  readonly profile: ProfileName;
  readonly threads: number;
  readonly memory: number;
  readonly json?: boolean;
}

/** How the rows of a pool are read. */
export function addPoolOptions(command: Command): Command {
  return command
    .option(
      "--text-field <name>",
      "field, or number of the column, of the text or texts (default: text, caption, alt …)",
    )
    .option("--id-field <name>", "that of the id (default: id, key …)")
    .option("--url-field <name>", "that of the image's URL (default: url, image_url …)")
    .addOption(new Option("--format <name>", "format of the files (default: told by content)").choices(POOL_FORMATS));
}

export function addCountCommand(program: Command): void {
  const command = program
    .command("count <pools...>")
    .description(
      "Match captions against the lists of their languages and count, for each entry, the texts that hold it. Stopped, " +
        "it goes on where it was; a file that the pool has is not counted twice.",
    )
    .requiredOption("--name <name>", "the pool that the files are added to; made if it is not there");
  addPoolOptions(command)
    .option("--lang-field <name>", "that of the language's label (default: lang, language …)")
    .addOption(
      new Option("--scheme <name>", "what the labels are (default: edition, which takes most codes)").choices(
        LABEL_SCHEMES,
      ),
    )
    .option("--lang <label>", "label of captions that have none")
    .action(count);
  addDbOption(command);
  addProfileOption(command);
  addWorkOptions(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta count pool-000.jsonl.gz pool-001.jsonl.gz --name web",
    "worldmeta count captions.tsv --name cc --text-field 1 --url-field 2 --lang en",
    "worldmeta count laion.jsonl.zst --name laion --text-field TEXT --lang-field LANGUAGE --scheme lid.176",
    "zcat alts.tsv.gz | worldmeta count - --name alts --text-field 5 --lang-field 3 --url-field 4",
  );
}

async function count(pools: string[], options: CountOptions): Promise<void> {
  const { db, name, format, scheme, lang, profile, threads, memory } = options;
  const fields = { text: options.textField, id: options.idField, lang: options.langField, url: options.urlField };
  const bar = createProgressBar();
  const reports: FileReport[] = [];
  const started = performance.now();
  try {
    await withFiles(pools, (paths, names) =>
      countPool({
        ...{ db, name, paths, fields, format, scheme, lang, profile, threads, memory, names },
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
  if (options.json) await printJson(reports.map(toJson));
  else await print(formatCount(reports, (performance.now() - started) / 1000));
}

function sayFile({ path, fresh, texts, labels, problems }: FileReport, pool: string): void {
  if (fresh) say(`${path}: the pool ${pool} has counted it already, for the present lists`);
  else say(`${path}: ${formatNumber(texts)} texts in ${formatNumber(labels.length)} languages`);
  sayProblems(problems);
}

/** A file's report with what is of use to programs. */
function toJson({ path, sha256, bytes, fresh, rows, texts, labels, groups, problems }: FileReport) {
  return {
    ...{ path, sha256, bytes, fresh, rows, texts, labels, problems },
    groups: groups.map(({ group, list, texts, matched, matches }) => ({
      ...{ group, list: list.name, entries: list.entries, texts, matched, matches },
    })),
  };
}

/** How many labels a line names. */
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
  const texts = counted.reduce((sum, report) => sum + report.texts, 0);
  const lines = [`${formatNumber(texts)} texts, ${formatNumber(Math.round(texts / seconds))} a second`];
  const labels = sumLabels(counted);
  const without = labels.filter(({ group }) => !groups.has(group));
  const say = (what: string, those: typeof labels) => {
    if (those.length === 0) return;
    const sum = those.reduce((total, one) => total + one.texts, 0);
    const named = those.slice(0, NAMED).map((one) => `${one.label} ${formatNumber(one.texts)}`);
    const more = those.length > NAMED ? `, and ${those.length - NAMED} more` : "";
    lines.push(`${formatNumber(sum)} texts ${what}: ${named.join(", ")}${more}`);
  };
  say(
    "have labels that the scheme does not know, and went to `other`",
    labels.filter(({ known }) => !known),
  );
  say("met no list, since their languages are not built yet", without);
  return `${groups.size > 0 ? `${table}\n` : ""}${lines.join("\n")}\n`;
}

function sumLabels(reports: readonly FileReport[]) {
  const labels = new Map<string, { label: string; group: string; known: boolean; texts: number }>();
  for (const one of reports.flatMap((report) => report.labels)) {
    const before = labels.get(one.label);
    labels.set(one.label, { ...one, texts: one.texts + (before?.texts ?? 0) });
  }
  return [...labels.values()].sort((a, b) => b.texts - a.texts);
}
