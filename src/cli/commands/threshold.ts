import { type Command, Option } from "commander";
import type { CuratedSize } from "../../balancing/curated-size.ts";
import { compareKeeping, type KeepingChange } from "../../balancing/impact.ts";
import { type GroupThreshold, sayOutOfReach, solveGroups, toThresholdJson } from "../../balancing/threshold.ts";
import type { ProfileName } from "../../profile.ts";
import { closeDatabase, type Database, openDatabase } from "../../store/database.ts";
import { readGroupEntries } from "../../store/group-lists.ts";
import { saveThreshold } from "../../store/pools.ts";
import { loadCountsGroups } from "../counts-groups.ts";
import { openExisting } from "../current-list.ts";
import {
  curatedSizeOf,
  type Figures,
  formatFigures,
  formatKeeping,
  formatPercent,
  toCuratedJson,
  toFiguresJson,
} from "../impact.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { loadPoolCounts, type PooledList } from "../pool-counts.ts";
import { addRuleOptions, policyOf, type RuleOptions, requireAnchors, sayPolicy } from "../rule-options.ts";
import { formatCaptions, formatNumber, formatTable } from "../table.ts";

interface ThresholdOptions extends RuleOptions {
  readonly db: string;
  readonly pool: readonly string[];
  readonly counts?: string;
  readonly group: readonly string[];
  readonly compare?: number;
  readonly limit: number;
  readonly profile: ProfileName;
  readonly json?: boolean;
}

export function addThresholdCommand(program: Command): void {
  const command = program
    .command("threshold")
    .description(
      "Set each group's threshold t, so that entries with fewer matches hold a wanted share of all matches. " +
        "Thresholds of pools are kept in the database, and it is told how many captions a curator is to expect.",
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
  addRuleOptions(command)
    .addOption(
      new Option("--compare <n>", "say what this t would change for the groups' pools, and set nothing")
        .argParser(parseCount)
        .conflicts("counts"),
    )
    .option("--limit <n>", "with --compare, rows of the table of each group's entries", parseCount, 20)
    .action(setThresholds);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta threshold --pool web --anchor en=20000",
    "worldmeta threshold --pool web --pool more --group ltg --tail-ratio 0.06 --json",
    "worldmeta threshold --pool web --group en --t 20000 --compare 40000",
    "worldmeta threshold --counts counts.npz --t 20000",
  );
}

async function setThresholds(options: ThresholdOptions): Promise<void> {
  if (options.compare !== undefined) return compareThresholds(options, options.compare);
  if (options.counts !== undefined) {
    const thresholds = await solveForFile(options, options.counts);
    if (options.json) await printJson(thresholds.map(toThresholdJson));
    else await print(formatThresholds(thresholds.map((threshold) => ({ threshold }))));
    return;
  }
  const found = setForPools(options);
  if (options.json) await printJson(found.map(({ threshold, curated }) => toCuratedJson(threshold, curated)));
  else await print(formatThresholds(found, { pools: true }));
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

/** A list of pools with its threshold. */
interface SolvedList {
  readonly pooled: PooledList;
  readonly threshold: GroupThreshold;
  readonly curated: CuratedSize | undefined;
}

function solveForPools(db: Database, options: ThresholdOptions): { pools: readonly string[]; solved: SolvedList[] } {
  const { pool, profile } = options;
  const { pools, lists, notes } = loadPoolCounts(db, { pools: pool, groups: groupsToRead(options), profile });
  for (const note of notes) say(`note: ${note}`);
  const groups = new Map(lists.map(({ name, counts }) => [name, counts]));
  requireAnchors(options, groups, `the counts of ${pools.join(", ")}`);
  const thresholds = solveGroups({ groups, policy: policyOf(options), profile });
  const solved = lists.map((pooled, at): SolvedList => {
    const threshold = thresholds[at]!;
    return { pooled, threshold, curated: curatedSizeOf(db, pooled, threshold.t) };
  });
  return { pools, solved };
}

/** Thresholds for the counts of pools, written down together. */
function setForPools(options: ThresholdOptions): SolvedList[] {
  const db = openExisting(options.db);
  try {
    const { pools, solved } = solveForPools(db, options);
    const policy = sayPolicy(policyOf(options));
    const save = db.transaction(() => {
      for (const { pooled, threshold } of solved) {
        const { requested, t, achieved, head, tail, zero, total } = threshold;
        if (t === undefined) continue;
        const figures = { requested, t, achieved, head, tail, zero, total };
        saveThreshold(db, { ...figures, list: pooled.list.id, pools, policy });
      }
    });
    save.immediate();
    return solved;
  } finally {
    closeDatabase(db);
  }
}

/** What another t changes for a group. */
interface Comparison {
  readonly group: string;
  readonly before: Figures;
  readonly after: Figures;
  readonly changed: readonly KeepingChange[];
}

async function compareThresholds(options: ThresholdOptions, t: number): Promise<void> {
  const db = openDatabase(options.db, { readonly: true });
  try {
    const { solved } = solveForPools(db, options);
    const compared: Comparison[] = solved.map(({ pooled, threshold, curated }) => {
      const { name, list, counts, ...sums } = pooled;
      const groups = new Map([[name, counts]]);
      const [other] = solveGroups({ groups, policy: { t }, profile: options.profile });
      const texts = { [Symbol.iterator]: () => readGroupEntries(db, list)[Symbol.iterator]() };
      return {
        group: name,
        before: { ...sums, threshold, curated },
        after: { ...sums, threshold: other!, curated: curatedSizeOf(db, pooled, t) },
        changed: compareKeeping({ texts, counts, t: threshold.t }, { texts, counts, t }).changed,
      };
    });
    if (options.json) {
      const sides = ({ before, after }: Comparison) => ({ before: toFiguresJson(before), after: toFiguresJson(after) });
      await printJson(compared.map((one) => ({ group: one.group, ...sides(one), changed: one.changed })));
    } else await print(compared.map((one) => formatComparison(one, options.limit)).join("\n"));
  } finally {
    closeDatabase(db);
  }
}

function formatComparison({ group, before, after, changed }: Comparison, limit: number): string {
  const title = ({ threshold }: Figures) => `t = ${threshold.t ?? "–"}`;
  const entries = formatKeeping({ changed }, limit);
  return [
    `${group}: the probabilities of ${formatNumber(changed.length)} entries change\n`,
    formatFigures([title(before), title(after)], before, after),
    ...(entries === "" ? [] : [entries]),
  ].join("\n");
}

type Shown = Pick<SolvedList, "threshold"> & Partial<Pick<SolvedList, "curated">>;

function formatThresholds(rows: readonly Shown[], { pools = false }: { readonly pools?: boolean } = {}): string {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const titles = ["t", "requested", "achieved", "entries", "zero", "head", "tail", "total"];
  const table = formatTable(
    [{ title: "group" }, ...[...titles, ...(pools ? ["curated", "±", "share"] : [])].map(right)],
    rows.map(({ threshold: { group, t, requested, achieved, entries, zero, head, tail, total }, curated }) => [
      ...[group, t ?? "–", formatPercent(requested), formatPercent(achieved)],
      ...(t === undefined ? [entries, zero, "–", "–", total] : [entries, zero, head, tail, total]),
      ...(pools ? formatCurated(curated) : []),
    ]),
  );
  const reasons = rows.flatMap(({ threshold: { group, outOfReach } }) =>
    outOfReach === undefined ? [] : [`${group}: ${sayOutOfReach(outOfReach)}.\n`],
  );
  return [table, ...(reasons.length > 0 ? ["\n", ...reasons] : [])].join("");
}

function formatCurated(curated: CuratedSize | undefined): string[] {
  if (curated === undefined) return ["–", "–", "–"];
  const { expected, standardError, isExact, share } = curated;
  return [formatCaptions(expected), isExact ? "exact" : formatCaptions(standardError), formatPercent(share)];
}
