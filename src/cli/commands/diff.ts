import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import type { KeptEntry } from "../../balancing/impact.ts";
import { type GroupImpact, loadBuildImpact, sayGroup, toImpactJson } from "../../curation/build-impact.ts";
import { pickBuilds } from "../../curation/current-build.ts";
import { hasRule, type ThresholdRule } from "../../curation/rule.ts";
import { toEntryJson } from "../../entries/entry-json.ts";
import type { Entry } from "../../entries/types.ts";
import { UsageError } from "../../errors.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { type BuildDiff, diffBuilds } from "../../store/diff.ts";
import type { ListOptions } from "../current-list.ts";
import { formatFigures, formatKeeping } from "../impact.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addRuleOptions } from "../rule-options.ts";
import { formatNumber, formatTable } from "../table.ts";

interface DiffOptions extends ListOptions, ThresholdRule {
  readonly limit: number;
  readonly pool: readonly string[];
  readonly json?: boolean;
}

export function addDiffCommand(program: Command): void {
  const command = program
    .command("diff <code> [builds...]")
    .description(
      "What changed between two builds of an edition, the last two if none are named; and what that changes for pools.",
    )
    .option("--limit <n>", "rows of the tables for each kind of change", parseCount, 20)
    .option(
      "--pool <name...>",
      "pools whose counts add up: also say what changes for them, at thresholds as `worldmeta threshold` would set them",
      collect,
      [],
    );
  addRuleOptions(command);
  command.action(async (code: string, ids: string[], options: DiffOptions) => {
    const db = openDatabase(options.db, { readonly: true });
    try {
      const [older, newer] = pickBuilds(db, getEdition(code), options.profile, numbersOf(ids));
      if (options.pool.length === 0 && hasRule(options)) {
        throw new UsageError("--tail-ratio, --t and --anchor go with --pool only");
      }
      const diff = diffBuilds(db, older.id, newer.id);
      const found =
        options.pool.length === 0
          ? undefined
          : loadBuildImpact(db, { ...options, pools: options.pool, older, newer, diff: () => diff });
      for (const note of found?.notes ?? []) say(`note: ${note}`);
      if (options.json) {
        await printJson({ ...toDiffJson(diff), ...(found && { impact: found.groups.map(toImpactJson) }) });
      } else {
        await print(formatDiff(diff, `build ${older.id} → build ${newer.id}`, options.limit));
        const titles = [`build ${older.id}`, `build ${newer.id}`] as const;
        for (const group of found?.groups ?? []) await print(`\n${formatImpact(group, titles, options.limit)}`);
      }
    } finally {
      closeDatabase(db);
    }
  });
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta diff ltg",
    "worldmeta diff ltg 3 7 --json",
    "worldmeta diff en --pool web",
    "worldmeta diff ltg --pool web --anchor en=20000",
  );
}

function numbersOf(ids: readonly string[]): [number, number] | undefined {
  if (ids.length === 0) return undefined;
  if (ids.length !== 2) throw new UsageError("name two builds, the older one first, or none for the last two");
  const [older, newer] = ids.map((id) => {
    if (!/^\d+$/.test(id)) throw new UsageError(`a build is named by its number, not "${id}"`);
    return Number(id);
  });
  return [older!, newer!];
}

function formatImpact(
  { group, scheme, before, after, ...impact }: GroupImpact,
  titles: readonly [string, string],
  limit: number,
): string {
  const { changed, added, removed } = impact;
  const pools = before?.pools ?? after?.pools ?? [];
  const of = `${sayGroup({ group, scheme })} in ${pools.length === 1 ? "pool" : "pools"} ${pools.join(", ")}`;
  if (before !== undefined && before.list.id === after?.list.id) return `${of}: both builds give the same list\n`;
  const both = before !== undefined && after !== undefined;
  const numbers = [
    ...(both ? [`${formatNumber(changed.length)} probabilities changed`] : []),
    ...(after ? [`${formatNumber(added.length)} entries added${sayMatched(added)}`] : []),
    ...(before ? [`${formatNumber(removed.length)} removed${sayMatched(removed)}`] : []),
  ];
  const entries = formatKeeping(impact, limit);
  return [
    `${of}: ${numbers.join("; ")}\n`,
    formatFigures(titles, before, after),
    ...(entries === "" ? [] : [entries]),
  ].join("\n");
}

function sayMatched(entries: readonly KeptEntry[]): string {
  if (entries.length === 0) return "";
  return `, ${formatNumber(entries.filter(({ count }) => count > 0).length)} with matches`;
}

/** The difference with entries under the names of `--json`. */
export function toDiffJson({ added, removed, changed }: BuildDiff) {
  return {
    added: added.map(toEntryJson),
    removed: removed.map(toEntryJson),
    changed: changed.map(({ text, fields, before, after }) => ({
      ...{ text, fields, before: toEntryJson(before), after: toEntryJson(after) },
    })),
  };
}

/** The difference as a count and a table of at most `limit` rows for each kind of change. */
export function formatDiff({ added, removed, changed }: BuildDiff, title: string, limit: number): string {
  const rows: string[][] = [];
  const sample = (kind: string, entries: readonly Entry[]) => {
    for (const { text, source, flags } of entries.slice(0, limit)) rows.push([kind, text, source, flags.join(" ")]);
  };
  sample("added", added);
  sample("removed", removed);
  for (const { text, fields, before, after } of changed.slice(0, limit)) {
    const what = fields.map((field) => `${field} ${show(before[field])} → ${show(after[field])}`).join(", ");
    rows.push(["changed", text, after.source, what]);
  }
  const head =
    `${title}: ${formatNumber(added.length)} added, ${formatNumber(removed.length)} removed, ` +
    `${formatNumber(changed.length)} changed\n`;
  if (rows.length === 0) return head;
  return `${head}\n${formatTable(
    ["change", "entry", "source", "what"].map((title) => ({ title })),
    rows,
  )}`;
}

function show(value: unknown): string {
  if (typeof value === "number") return formatNumber(value);
  return Array.isArray(value) ? value.join(" ") || "–" : String(value ?? "–");
}
