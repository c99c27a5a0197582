import { existsSync } from "node:fs";
import type { Command } from "commander";
import { lookAtPool, type PoolOverview, type ThresholdList, toPoolJson } from "../../curation/pool-overview.ts";
import { UsageError, UserError } from "../../errors.ts";
import { hashFile } from "../../files.ts";
import { closeDatabase, type Database, openDatabase } from "../../store/database.ts";
import { withdrawFile } from "../../store/file-counts.ts";
import type { PoolList } from "../../store/pool-counts.ts";
import {
  findPoolFile,
  type LabelCount,
  listPoolFiles,
  listPools,
  type Pool,
  type PoolFile,
  poolLabels,
  removePool,
  requirePool,
} from "../../store/pools.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import {
  type Column,
  formatBytes,
  formatCounted,
  formatNumber,
  formatShare,
  formatTable,
  isolate,
  NONE,
} from "../table.ts";

interface PoolsOptions {
  readonly db: string;
  readonly withdraw?: string;
  readonly remove?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** How many thresholds the overview names. */
const THRESHOLDS_SHOWN = 3;
/** How many digits of a SHA-256 a table shows. */
const DIGITS = 12;

export function addPoolsCommand(program: Command): void {
  const command = program
    .command("pools [name]")
    .description("The pools of captions that were counted; one pool's groups, files and unknown labels.")
    .option("--withdraw <file>", "take a file, or the one of this SHA-256, and its counts out of the pool")
    .option("--remove", "remove the pool with its counts, samples and thresholds")
    .option("--limit <n>", "rows of the tables of files and of labels", parseCount, 20)
    .action(async (name: string | undefined, options: PoolsOptions) => {
      const { withdraw, remove, json, limit } = options;
      if (withdraw !== undefined && remove) throw new UsageError("withdraw a file or remove the pool, not both");
      const changes = withdraw !== undefined || remove === true;
      if (changes && name === undefined) throw new UsageError("name the pool, as in: worldmeta pools NAME --remove");
      const db = changes ? openExisting(options.db) : openDatabase(options.db, { readonly: true });
      try {
        if (name === undefined) await showPools(db, json);
        else if (remove) await removeNamed(db, name, json);
        else if (withdraw !== undefined) await withdrawNamed(db, name, withdraw, json);
        else await showPool(db, name, { json, limit });
      } finally {
        closeDatabase(db);
      }
    });
  addDbOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta pools",
    "worldmeta pools alt-texts",
    "worldmeta pools alt-texts --withdraw captions-0007.jsonl.gz",
  );
}

async function showPools(db: Database, json: boolean | undefined): Promise<void> {
  const overviews = listPools(db).map((pool) => lookAtPool(db, pool));
  if (json) await printJson(overviews.map(toPoolJson));
  else if (overviews.length === 0) await print("no pools yet\n");
  else {
    const columns = [...titled("pool"), ...right("files", "texts", "repeats", "matched", "lists"), ...titled("t")];
    const rows = overviews.map(({ pool, lists }) => [
      ...[
        pool.name,
        pool.files,
        pool.texts,
        repeatsOf(pool),
        matchedShare(chosenLists(lists)),
        lists.length,
        thresholdsOf(lists),
      ],
    ]);
    await print(formatTable(columns, rows));
  }
}

async function showPool(
  db: Database,
  name: string,
  { json, limit }: { readonly json: boolean | undefined; readonly limit: number },
): Promise<void> {
  const overview = lookAtPool(db, requirePool(db, name));
  const files = listPoolFiles(db, name);
  const labels = poolLabels(db, [name]);
  if (json) {
    const fileList = files.map(({ id: _, pool: __, ...file }) => file);
    await printJson({ ...toPoolJson(overview), fileList, labels });
  } else await print(formatPool(overview, { files, labels, limit }));
}

async function removeNamed(db: Database, name: string, json: boolean | undefined): Promise<void> {
  const overview = lookAtPool(db, requirePool(db, name));
  removePool(db, name);
  if (json) await printJson(toPoolJson(overview));
  const { files, texts } = overview.pool;
  say(`removed the pool ${name}: ${formatCounted(files, "file")}, ${formatCounted(texts, "text")}`);
}

async function withdrawNamed(db: Database, name: string, wanted: string, json: boolean | undefined): Promise<void> {
  const file = withdrawFile(db, { pool: name, sha256: await hashOf(db, name, wanted) });
  const { id: _, pool: __, ...facts } = file;
  if (json) await printJson(facts);
  say(`withdrew ${file.path} with ${formatCounted(file.texts, "text")} from the pool ${name}`);
}

/** SHA-256 of the file of a pool that a person means: by its SHA-256, its path, or a file on disk of the same content. */
async function hashOf(db: Database, name: string, wanted: string): Promise<string> {
  requirePool(db, name);
  const sha256 = wanted.toLowerCase();
  if (findPoolFile(db, { pool: name, sha256 }) !== undefined) return sha256;
  const ofPath = listPoolFiles(db, name).filter(({ path }) => path === wanted);
  if (ofPath.length === 1) return ofPath[0]!.sha256;
  if (existsSync(wanted)) {
    const found = await hashFile(wanted);
    if (findPoolFile(db, { pool: name, sha256: found.sha256 }) !== undefined) return found.sha256;
  }
  if (ofPath.length > 1) {
    const hashes = ofPath.map((file) => file.sha256).join(", ");
    throw new UserError(
      `the pool ${name} has ${ofPath.length} files of the path ${wanted}; name one by SHA-256: ${hashes}`,
    );
  }
  throw new UserError(`the pool ${name} has no file ${wanted}; see worldmeta pools ${name}`);
}

function titled(...titles: readonly string[]): Column[] {
  return titles.map((title) => ({ title }));
}

function right(...titles: readonly string[]): Column[] {
  return titles.map((title) => ({ title, align: "right" }));
}

/** Of each group's lists one, so that no text counts twice: the current one of the first profile, else the newest. */
function chosenLists(lists: readonly ThresholdList[]): ThresholdList[] {
  const chosen = new Map<string, ThresholdList>();
  for (const counted of lists) {
    const group = nameOf(counted);
    if (!chosen.has(group)) chosen.set(group, counted);
  }
  return [...chosen.values()];
}

function nameOf({ list: { group, scheme } }: PoolList): string {
  return scheme === undefined ? group : `${group} (${scheme})`;
}

function matchedShare(lists: readonly PoolList[]): string {
  const texts = lists.reduce((sum, counted) => sum + counted.texts, 0);
  const matched = lists.reduce((sum, counted) => sum + counted.matched, 0);
  return texts === 0 ? NONE : formatShare(matched / texts);
}

function repeatsOf({ repeats, repeated }: Pool): string {
  return repeats === "kept" ? "kept" : `${formatNumber(repeated)} dropped`;
}

/** The thresholds of a pool's largest groups in short. */
function thresholdsOf(lists: readonly ThresholdList[]): string {
  const known = chosenLists(lists)
    .filter(({ threshold }) => threshold !== undefined)
    .sort((a, b) => b.texts - a.texts);
  if (known.length === 0) return NONE;
  const shown = known.slice(0, THRESHOLDS_SHOWN).map((counted) => `${nameOf(counted)} ${formatThreshold(counted)}`);
  const more = known.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${formatNumber(more)} more` : "");
}

function formatThreshold({ threshold }: ThresholdList): string {
  if (threshold === undefined) return NONE;
  return formatNumber(threshold.t) + (threshold.stale ? " (stale)" : "");
}

/** Groups, files and unknown labels of a pool. */
function formatPool(
  { pool, lists }: PoolOverview,
  {
    files,
    labels,
    limit,
  }: { readonly files: readonly PoolFile[]; readonly labels: readonly LabelCount[]; readonly limit: number },
): string {
  const parts = [
    `${isolate(pool.name)} · ${formatCounted(pool.files, "file")} · ${formatBytes(pool.bytes)} · ${formatCounted(pool.texts, "text")}` +
      ` · repeats ${pool.repeats === "kept" ? "kept" : `dropped: ${formatCounted(pool.repeated, "text")}`}` +
      ` · made ${pool.created}\nsettings ${JSON.stringify(pool.settings)}\n`,
  ];
  if (lists.length + labels.length > 0) parts.push(formatGroups(lists, labels));
  if (files.length > 0) {
    const columns = [
      ...titled("file", "SHA-256"),
      ...right("size", "texts", "repeats", "problems"),
      ...titled("counted"),
    ];
    const rows = files.slice(0, limit).map(({ path, sha256, bytes, texts, figures, problems, added }) => {
      const faults = problems.reduce((sum, { count }) => sum + count, 0);
      const { repeated } = (figures ?? {}) as { readonly repeated?: number };
      return [path, sha256.slice(0, DIGITS), formatBytes(bytes), texts, repeated ?? NONE, faults, added];
    });
    parts.push(formatTable(columns, rows) + rest(files.length, limit));
  }
  const unknown = labels.filter(({ known }) => !known);
  if (unknown.length > 0) {
    const columns = [...titled("unknown label"), ...right("texts", "share"), ...titled("counted under")];
    const rows = unknown.slice(0, limit).map(({ label, texts, group }) => {
      return [label === "" ? "(none)" : label, texts, pool.texts === 0 ? NONE : formatShare(texts / pool.texts), group];
    });
    parts.push(formatTable(columns, rows) + rest(unknown.length, limit));
  }
  return parts.join("\n");
}

function rest(all: number, limit: number): string {
  return all > limit ? `… and ${formatNumber(all - limit)} more; --limit and --json show them\n` : "";
}

/** A row for each list that was counted, and for each group that has texts but no counts, having had no list. */
function formatGroups(lists: readonly ThresholdList[], labels: readonly LabelCount[]): string {
  const columns = [
    ...titled("group", "profile", "list", "state"),
    ...right("entries", "files", "texts", "matched", "matches", "t", "tail"),
  ];
  const rows = lists.map((counted) => {
    const { list, current, files, texts, matches, threshold } = counted;
    return [
      ...[nameOf(counted), list.profile, list.name.slice(0, DIGITS), current ? "current" : "older", list.entries],
      ...[files, texts, matchedShare([counted]), matches, formatThreshold(counted)],
      formatShare(threshold?.achieved),
    ];
  });
  const withList = new Set(lists.map(({ list }) => list.group));
  const without = new Map<string, number>();
  for (const { group, texts } of labels) {
    if (!withList.has(group)) without.set(group, (without.get(group) ?? 0) + texts);
  }
  for (const [group, texts] of [...without].sort(([, a], [, b]) => b - a))
    rows.push([group, NONE, NONE, "no list", NONE, NONE, texts, NONE, NONE, NONE, NONE]);
  return formatTable(columns, rows);
}
