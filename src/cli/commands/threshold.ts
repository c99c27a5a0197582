import { type Command, Option } from "commander";
import type { CuratedSize } from "../../balancing/curated-size.ts";
import { type GroupThreshold, sayOutOfReach, solveGroups, toThresholdJson } from "../../balancing/threshold.ts";
import { type Figures, toCuratedJson, toFiguresJson } from "../../curation/figures.ts";
import type { PoolSelection } from "../../curation/pool-counts.ts";
import { groupsToRead, policyOf, requireAnchors, type ThresholdRule } from "../../curation/rule.ts";
import { type Comparison, compareThresholds, type SolvedList, setPoolThresholds } from "../../curation/thresholds.ts";
import type { ProfileName } from "../../profile.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { loadCountsGroups } from "../counts-groups.ts";
import { openExisting } from "../current-list.ts";
import { formatFigures, formatKeeping } from "../impact.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addRuleOptions } from "../rule-options.ts";
import { formatCaptions, formatNumber, formatShare, formatTable, NONE } from "../table.ts";

interface ThresholdOptions extends ThresholdRule {
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
  if (options.compare !== undefined) return showComparison(options, options.compare);
  if (options.counts !== undefined) {
    const thresholds = await solveForFile(options, options.counts);
    if (options.json) await printJson(thresholds.map(toThresholdJson));
    else await print(formatThresholds(thresholds.map((threshold) => ({ threshold }))));
    return;
  }
  const db = openExisting(options.db);
  try {
    const { notes, solved } = setPoolThresholds(db, selectionOf(options));
    sayNotes(notes);
    if (options.json) await printJson(solved.map(({ threshold, curated }) => toCuratedJson(threshold, curated)));
    else await print(formatThresholds(solved, { pools: true }));
  } finally {
    closeDatabase(db);
  }
}

async function solveForFile(options: ThresholdOptions, file: string): Promise<GroupThreshold[]> {
  const found = await loadCountsGroups(file, groupsToRead(options.group, options));
  const groups = new Map([...found].map(([group, { counts }]) => [group, counts]));
  requireAnchors(options, groups, file);
  return solveGroups({ groups, policy: policyOf(options), profile: options.profile });
}

async function showComparison(options: ThresholdOptions, t: number): Promise<void> {
  const db = openDatabase(options.db, { readonly: true });
  try {
    const { notes, compared } = compareThresholds(db, selectionOf(options), t);
    sayNotes(notes);
    if (options.json) {
      const sides = ({ before, after }: Comparison) => ({ before: toFiguresJson(before), after: toFiguresJson(after) });
      await printJson(compared.map((one) => ({ group: one.group, ...sides(one), changed: one.changed })));
    } else await print(compared.map((one) => formatComparison(one, options.limit)).join("\n"));
  } finally {
    closeDatabase(db);
  }
}

function selectionOf(options: ThresholdOptions): PoolSelection & ThresholdRule {
  return { ...options, pools: options.pool, groups: options.group };
}

function sayNotes(notes: readonly string[]): void {
  for (const note of notes) say(`note: ${note}`);
}

function formatComparison({ group, before, after, changed }: Comparison, limit: number): string {
  const title = ({ threshold }: Figures) => `t = ${threshold.t ?? NONE}`;
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
      ...[group, t ?? NONE, formatShare(requested, 2), formatShare(achieved, 2)],
      ...(t === undefined ? [entries, zero, NONE, NONE, total] : [entries, zero, head, tail, total]),
      ...(pools ? formatCurated(curated) : []),
    ]),
  );
  const reasons = rows.flatMap(({ threshold: { group, outOfReach } }) =>
    outOfReach === undefined ? [] : [`${group}: ${sayOutOfReach(outOfReach)}.\n`],
  );
  return [table, ...(reasons.length > 0 ? ["\n", ...reasons] : [])].join("");
}

function formatCurated(curated: CuratedSize | undefined): string[] {
  if (curated === undefined) return [NONE, NONE, NONE];
  const { expected, standardError, isExact, share } = curated;
  return [formatCaptions(expected), isExact ? "exact" : formatCaptions(standardError), formatShare(share, 2)];
}
