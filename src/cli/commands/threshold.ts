import { parse } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  anchorRatio,
  type GroupThreshold,
  sayOutOfReach,
  solveGroups,
  type ThresholdPolicy,
  toThresholdJson,
} from "../../balancing/threshold.ts";
import { UsageError, UserError } from "../../errors.ts";
import type { ProfileName } from "../../profile.ts";
import { readCountsFile } from "../../sources/counts-file.ts";
import { addExamples, addJsonOption, addProfileOption, collect, parseCount } from "../options.ts";
import { print, printJson } from "../output.ts";
import { withFiles } from "../standard-input.ts";
import { formatTable } from "../table.ts";

interface ThresholdOptions {
  readonly counts?: string;
  readonly group: readonly string[];
  readonly tailRatio: number;
  readonly t?: number;
  readonly anchor: ReadonlyMap<string, number>;
  readonly profile: ProfileName;
  readonly json?: boolean;
}

/** Counts of each group's list, by entry id. */
type Counts = Map<string, Float64Array>;

export function addThresholdCommand(program: Command): void {
  const command = program
    .command("threshold")
    .description("Set each group's threshold t, so that entries with fewer matches hold a wanted share of all matches.")
    .option(
      "--counts <file>",
      "counts made elsewhere: JSON [count, …], {entry: count}, {group: [count, …]}, {group: {entry: count}}, .npy, .npz",
    )
    .option("--group <group...>", "groups to set it for (default: all); the name of counts that have none", collect, [])
    .addOption(
      new Option("--tail-ratio <share>", "share of all matches that the tail is to hold")
        .argParser(parseShare)
        .default(0.06)
        .conflicts(["t", "anchor"]),
    )
    .addOption(new Option("--t <n>", "one threshold for all groups").argParser(parseCount).conflicts("anchor"))
    .addOption(
      new Option(
        "--anchor <group=t>",
        "a group that keeps its t; the others are solved for its tail's share (of several anchors: of all together)",
      )
        .argParser(collectAnchor)
        .default(new Map(), "none"),
    )
    .action(setThresholds);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta threshold --counts counts.npz --anchor en=20000",
    "worldmeta threshold --counts counts.json --group fr --tail-ratio 0.06 --json",
  );
}

function parseShare(value: string): number {
  const share = value.trim() === "" ? Number.NaN : Number(value);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError("give a share from 0 to 1, such as 0.06.");
  return share;
}

function collectAnchor(value: string, previous: ReadonlyMap<string, number>): Map<string, number> {
  const [, group = "", t = ""] = /^(.+)=([^=]*)$/.exec(value) ?? [];
  if (group === "") throw new InvalidArgumentError("name a group and its threshold, such as en=20000.");
  if (previous.has(group)) throw new InvalidArgumentError(`${group} has a threshold already.`);
  return new Map([...previous, [group, parseCount(t)]]);
}

async function setThresholds(options: ThresholdOptions): Promise<void> {
  const policy: ThresholdPolicy =
    options.anchor.size > 0
      ? { anchors: options.anchor }
      : options.t !== undefined
        ? { t: options.t }
        : { tailRatio: options.tailRatio };
  const { counts: file } = options;
  if (file === undefined) throw new UsageError("name the counts: --counts FILE");
  const groups = await withFiles([file], ([path = file], names) =>
    loadCountsFile(path, names.get(path) ?? file, options.group),
  );
  const wanted = pickGroups(groups, { ...options, place: file });
  const thresholds = solveGroups({ groups: wanted, policy, profile: options.profile });
  if (options.json) await printJson(thresholds.map(toThresholdJson));
  else await print(formatThresholds(thresholds));
}

/** The counts of a file; those of a group without a name are the wanted group's, or the file's name is its name. */
async function loadCountsFile(path: string, name: string, wanted: readonly string[]): Promise<Counts> {
  const groups: Counts = new Map();
  for (const { group, counts } of await readCountsFile(path)) {
    if (group === undefined && wanted.length > 1)
      throw new UsageError(`${name} holds the counts of one group; name it alone with --group`);
    groups.set(group ?? wanted[0] ?? parse(name).name.replace(/\.(json|npy)$/, ""), counts);
  }
  return groups;
}

/** The groups that are wanted and those that anchor them, in the order of `groups`; all if none is named. */
function pickGroups(
  groups: Counts,
  { group: wanted, anchor, place }: Pick<ThresholdOptions, "group" | "anchor"> & { readonly place: string },
): Counts {
  for (const group of [...wanted, ...anchor.keys()]) {
    if (groups.has(group)) continue;
    throw new UserError(`${place} has no counts of ${group}; it has those of ${[...groups.keys()].join(", ")}`);
  }
  if (anchor.size > 0) requireMatches(groups, anchor, place);
  return new Map([...groups].filter(([group]) => wanted.length === 0 || wanted.includes(group) || anchor.has(group)));
}

function requireMatches(groups: Counts, anchor: ReadonlyMap<string, number>, place: string): void {
  try {
    anchorRatio(groups, anchor);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${place}: ${error.message}, so its tail has no share; give --tail-ratio instead`);
  }
}

function formatThresholds(thresholds: readonly GroupThreshold[]): string {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const table = formatTable(
    [{ title: "group" }, ...["t", "requested", "achieved", "entries", "zero", "head", "tail", "total"].map(right)],
    thresholds.map(({ group, t, requested, achieved, entries, zero, head, tail, total }) => [
      ...[group, t ?? "–", formatPercent(requested), formatPercent(achieved)],
      ...(t === undefined ? [entries, zero, "–", "–", total] : [entries, zero, head, tail, total]),
    ]),
  );
  const reasons = thresholds.flatMap(({ group, outOfReach }) =>
    outOfReach === undefined ? [] : [`${group}: ${sayOutOfReach(outOfReach)}.\n`],
  );
  return [table, ...(reasons.length > 0 ? ["\n", ...reasons] : [])].join("");
}

function formatPercent(share: number | undefined): string {
  return share === undefined ? "–" : `${(share * 100).toFixed(2)} %`;
}
