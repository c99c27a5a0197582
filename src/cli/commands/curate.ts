import { type Command, Option } from "commander";
import { type CurationReport, curatePool } from "../../engine/curate-pool.ts";
import { sayFew } from "../../errors.ts";
import { type CuratedManifest, PART_FORMATS, type PartFormat } from "../../export/curated.ts";
import type { ProfileName } from "../../profile.ts";
import type { PoolFormat } from "../../sources/pool.ts";
import {
  addDbOption,
  addExamples,
  addJsonOption,
  addProfileOption,
  addWorkOptions,
  collect,
  parseSeed,
} from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addMoreFieldOptions, addPoolOptions, addRepeatsOption, fieldsOf, type PoolOptions } from "../pool-options.ts";
import { sayProblems } from "../problem-lines.ts";
import { createProgressBar } from "../progress-bar.ts";
import { withFiles } from "../standard-input.ts";
import { formatSteps } from "../steps.ts";
import { formatBytes, formatCaptions, formatCounted, formatNumber, formatShare, formatTable, NONE } from "../table.ts";

interface CurateOptions extends Omit<PoolOptions, "format"> {
  readonly db: string;
  readonly name: readonly string[];
  readonly group: readonly string[];
  readonly out: string;
  readonly seed: number;
  readonly exclude?: string;
  readonly format: PartFormat;
  readonly inputFormat?: PoolFormat;
  readonly profile: ProfileName;
  readonly threads: number;
  readonly memory: number;
  readonly json?: boolean;
}

export function addCurateCommand(program: Command): void {
  const command = program
    .command("curate <pools...>")
    .description(
      "Match captions, draw one of each image's texts that match, keep it with the probability that its entries give it, and " +
        "write what stays. Rows of one URL are one image, told by the first of them. The same pairs stay whatever the threads; " +
        "stopped, it goes on where it was.",
    )
    .requiredOption("--name <name...>", "pools whose counts and thresholds say what stays")
    .requiredOption("--out <dir>", "folder for the parts and their manifest")
    .option("--seed <n>", "another one draws other pairs", parseSeed, 0)
    .option("--exclude <file>", "ids and URLs to leave out, one a line, such as images of a benchmark")
    .addOption(new Option("--format <name>", "format of the parts").choices(PART_FORMATS).default("parquet"))
    .option("--group <group...>", "groups to curate (default: all that the pools have counted)", collect, []);
  addPoolOptions(command, "--input-format");
  addRepeatsOption(addMoreFieldOptions(command)).action(curate);
  addDbOption(command);
  addProfileOption(command);
  addWorkOptions(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta curate pool-*.jsonl.gz --name web --out curated",
    "worldmeta curate pool-*.jsonl.gz --name web --out curated --seed 1 --exclude benchmark-urls.txt --format jsonl",
    "worldmeta curate captions.tsv --name cc --out curated --text-field 1 --url-field 2 --lang en",
    "worldmeta curate CC-MAIN-*.warc.wat.gz --name crawl --out curated --text-field alt",
  );
}

async function curate(pools: string[], options: CurateOptions): Promise<void> {
  const { db, name, group, out, seed, exclude, format, inputFormat, lang, identify, profile, threads, memory } =
    options;
  const bar = createProgressBar();
  const started = performance.now();
  let report: CurationReport;
  try {
    report = await withFiles(pools, (paths, names) =>
      curatePool({
        ...{ db, pools: name, groups: group, paths, names, fields: fieldsOf(options), format: inputFormat },
        ...{ lang, identify, repeats: options.keepRepeats ? "kept" : "dropped" },
        ...{ profile, seed, exclude, output: format, directory: out, threads, memory, onProgress: bar.onProgress },
      }),
    );
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  const { manifest, fresh, notes } = report;
  for (const note of notes) say(`note: ${note}`);
  sayProblems(manifest.figures.problems);
  if (fresh) say(`${out} holds these pairs already`);
  if (options.json) await printJson(manifest);
  else await print(formatCuration(manifest, { out, seconds: fresh ? undefined : seconds }));
}

/** What became of the rows, step by step. */
export function formatRowSteps(figures: CuratedManifest["figures"]): string {
  const { rows: all, excluded, noText, repeated, noList, groups } = figures;
  const sum = (pick: (group: (typeof groups)[number]) => number) => groups.reduce((total, one) => total + pick(one), 0);
  const missing = Object.values(noList).reduce((total, count) => total + count, 0);
  const steps = [
    { name: "excluded", gone: excluded },
    { name: "no text", gone: noText },
    { name: "repeated", gone: repeated },
    { name: "no list", gone: missing },
    { name: "no match", gone: sum(({ noMatch }) => noMatch) },
    { name: "not drawn", gone: sum(({ notDrawn }) => notDrawn) },
  ];
  return formatSteps("rows", { all, steps, left: "kept" });
}

/** What became of the rows, step by step and by group. */
function formatCuration(
  { figures, files, lists, repeats }: CuratedManifest,
  { out, seconds }: { readonly out: string; readonly seconds: number | undefined },
): string {
  const right = (title: string) => ({ title, align: "right" as const });
  const { rows, noList, kept, groups } = figures;
  const thresholds = new Map(lists.map(({ group, t }) => [group, t]));
  const byGroup = formatTable(
    [{ title: "group" }, ...["t", "rows", "match", "share", "kept", "of these", "expected", "±"].map(right)],
    [...groups]
      .sort((a, b) => b.rows - a.rows)
      .map((group) => {
        const match = group.rows - group.noMatch;
        return [
          ...[group.group, thresholds.get(group.group) ?? NONE, group.rows, match, formatShare(of(match, group.rows))],
          ...[group.kept, formatShare(of(group.kept, match))],
          ...[formatCaptions(group.expected), formatCaptions(Math.sqrt(group.variance))],
        ];
      }),
  );
  const unmet = Object.entries(noList).map(([group, count]) => `${group} ${formatNumber(count)}`);
  const bytes = files.reduce((total, file) => total + file.bytes, 0);
  const rate = seconds === undefined ? "" : `, ${formatNumber(Math.round(rows / seconds))} rows a second`;
  return [
    formatRowSteps(figures),
    repeats === "kept" ? "\nrows and texts that repeat earlier ones of their image were kept\n" : sayRepeats(figures),
    ...(groups.length > 0 ? [`\n${byGroup}`] : []),
    ...(unmet.length > 0 ? [`\nwithout a list that was counted and is to be curated: ${sayFew(unmet)}\n`] : []),
    `\n${formatCounted(kept, "pair")} in ${formatCounted(files.length, "part")}, ${formatBytes(bytes)}, in ${out}${rate}\n`,
  ].join("");
}

function sayRepeats({ repeatedTexts, joined }: CuratedManifest["figures"]): string {
  const texts = `${formatCounted(repeatedTexts, "text")} repeated an earlier one of the same image and ${repeatedTexts === 1 ? "was" : "were"} dropped`;
  const rows = `the texts of ${formatCounted(joined, "row")} joined the first row of ${joined === 1 ? "its" : "their"} image`;
  return `\n${texts}; ${rows}\n`;
}

function of(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
