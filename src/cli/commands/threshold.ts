import { type Command, Option } from "commander";
import { type GroupThreshold, sayOutOfReach, solveGroups, toThresholdJson } from "../../balancing/threshold.ts";
import type { ProfileName } from "../../profile.ts";
import { closeDatabase } from "../../store/database.ts";
import { saveThreshold } from "../../store/pools.ts";
import { loadCountsGroups } from "../counts-groups.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { loadPoolCounts } from "../pool-counts.ts";
import { addRuleOptions, policyOf, type RuleOptions, requireAnchors, sayPolicy } from "../rule-options.ts";
import { formatTable } from "../table.ts";

interface ThresholdOptions extends RuleOptions {
  readonly db: string;
  readonly pool: readonly string[];
  readonly counts?: string;
  readonly group: readonly string[];
  readonly profile: ProfileName;
  readonly json?: boolean;
}

export function addThresholdCommand(program: Command): void {
  const command = program
    .command("threshold")
    .description(
      "Set each group's threshold t, so that entries with fewer matches hold a wanted share of all matches. " +
        "Thresholds of pools are kept in the database.",
    )
    .option("--pool <name...>", "pools whose counts add up (default: the only one)", collect, [])
    .addOption(
      new Option(
        "--counts <file>",
        "counts made elsewhere: JSON [count, …], {entry: count}, {group: [count, …]}, {group: {entry: count}}, .npy, .npz",
      ).conflicts("pool"),
    )
    .option(
      "--group <group...>",
      "groups to set it for (default: all); the name of counts that have none",
      collect,
      [],
    );
  addRuleOptions(command).action(setThresholds);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta threshold --pool web --anchor en=20000",
    "worldmeta threshold --pool web --pool more --group ltg --tail-ratio 0.06 --json",
    "worldmeta threshold --counts counts.npz --t 20000",
  );
}

async function setThresholds(options: ThresholdOptions): Promise<void> {
  const thresholds = options.counts === undefined ? setForPools(options) : await solveForFile(options, options.counts);
  if (options.json) await printJson(thresholds.map(toThresholdJson));
  else await print(formatThresholds(thresholds));
}

/** Groups to read: those wanted and those that anchor them; all if none is wanted. */
function groupsToRead({ group, anchor = new Map() }: ThresholdOptions): string[] {
  return group.length === 0 ? [] : [...new Set([...group, ...anchor.keys()])];
}

async function solveForFile(options: ThresholdOptions, file: string): Promise<GroupThreshold[]> {
  const found = await loadCountsGroups(file, groupsToRead(options));
  const groups = new Map([...found].map(([group, { counts }]) => [group, counts]));
  requireAnchors(options, groups, file);
  return solveGroups({ groups, policy: policyOf(options), profile: options.profile });
}

/** Thresholds for the counts of pools, written down together. */
function setForPools(options: ThresholdOptions): GroupThreshold[] {
  const db = openExisting(options.db);
  try {
    const found = loadPoolCounts(db, { pools: options.pool, groups: groupsToRead(options), profile: options.profile });
    for (const note of found.notes) say(`note: ${note}`);
    const groups = new Map(found.lists.map(({ name, counts }) => [name, counts]));
    requireAnchors(options, groups, `the counts of ${found.pools.join(", ")}`);
    const policy = policyOf(options);
    const thresholds = solveGroups({ groups, policy, profile: options.profile });
    const save = db.transaction(() => {
      for (const [at, { requested, t, achieved, head, tail, zero, total }] of thresholds.entries()) {
        const list = found.lists[at]?.list.id;
        if (t === undefined || list === undefined) continue;
        const figures = { requested, t, achieved, head, tail, zero, total };
        saveThreshold(db, { ...figures, list, pools: found.pools, policy: sayPolicy(policy) });
      }
    });
    save.immediate();
    return thresholds;
  } finally {
    closeDatabase(db);
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
