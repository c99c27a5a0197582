import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { toEntryJson } from "../../entries/entry-json.ts";
import type { Entry } from "../../entries/types.ts";
import { UsageError, UserError } from "../../errors.ts";
import { type Build, findBuild, listBuilds } from "../../store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../../store/database.ts";
import { type BuildDiff, diffBuilds } from "../../store/diff.ts";
import type { ListOptions } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, parseCount } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatNumber, formatTable } from "../table.ts";

interface DiffOptions extends ListOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export function addDiffCommand(program: Command): void {
  const command = program
    .command("diff <code> [builds...]")
    .description("What changed between two builds of an edition; the last two if none are named.")
    .option("--limit <n>", "rows of the table for each kind of change", parseCount, 20)
    .action(async (code: string, ids: string[], options: DiffOptions) => {
      const db = openDatabase(options.db, { readonly: true });
      try {
        const [older, newer] = pickBuilds(db, code, ids, options);
        const diff = diffBuilds(db, older.id, newer.id);
        if (options.json) await printJson(toDiffJson(diff));
        else await print(formatDiff(diff, `build ${older.id} → build ${newer.id}`, options.limit));
      } finally {
        closeDatabase(db);
      }
    });
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(command, "worldmeta diff ltg", "worldmeta diff ltg 3 7 --json");
}

function pickBuilds(db: Database, code: string, ids: readonly string[], options: DiffOptions): [Build, Build] {
  const edition = getEdition(code);
  if (ids.length === 0) {
    const [newer, older] = listBuilds(db, { edition: edition.code, profile: options.profile });
    if (newer === undefined || older === undefined) {
      throw new UserError(
        `fewer than two ${options.profile} builds of ${edition.code} are kept; there is nothing to compare`,
      );
    }
    return [older, newer];
  }
  if (ids.length !== 2) throw new UsageError("name two builds, the older one first, or none for the last two");
  const [older, newer] = ids.map((id) => {
    if (!/^\d+$/.test(id)) throw new UsageError(`a build is named by its number, not "${id}"`);
    const build = findBuild(db, Number(id));
    if (build?.edition === edition.code) return build;
    const kept = listBuilds(db, { edition: edition.code }).map((kept) => kept.id);
    throw new UserError(`no build ${id} of ${edition.code}; kept are: ${kept.join(", ") || "none"}`);
  });
  return [older!, newer!];
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
