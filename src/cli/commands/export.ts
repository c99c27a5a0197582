import { basename } from "node:path";
import { Argument, type Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { type CuratorLists, listsOfCounts, listsOfPools } from "../../curation/curator-lists.ts";
import { chooseLists } from "../../curation/lists-to-export.ts";
import { groupsToRead, hasRule, type ThresholdRule } from "../../curation/rule.ts";
import { UsageError } from "../../errors.ts";
import { type ExportedList, exportLists, LIST_FORMATS, type ListFormat } from "../../export/lists.ts";
import type { ListKind } from "../../export/lists-manifest.ts";
import { exportMetaclip, type Manifest, metadataPath } from "../../export/metaclip.ts";
import { hashFile, STANDARD_INPUT } from "../../files.ts";
import { versions } from "../../fingerprint.ts";
import { closeDatabase, type Database, openDatabase } from "../../store/database.ts";
import { loadCountsGroups } from "../counts-groups.ts";
import { type ListOptions, openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addRuleOptions } from "../rule-options.ts";
import { formatBytes, formatCounted, formatTable, NONE } from "../table.ts";

interface ExportOptions extends ListOptions, ThresholdRule {
  readonly out: string;
  readonly edition: readonly string[];
  readonly group: readonly string[];
  readonly pool: readonly string[];
  readonly counts?: string;
  readonly json?: boolean;
}

export function addExportCommand(program: Command): void {
  const command = program
    .command("export")
    .addArgument(
      new Argument(
        "<format>",
        "jsonl: all that is known of each entry; txt: the entries; parquet: tables of all that is known, with a card for " +
          "Hugging Face; metaclip: lists, counts and keep-probabilities for the published curator",
      ).choices([...LIST_FORMATS, "metaclip"]),
    )
    .description(
      "Write lists to files: CODE.jsonl, CODE.txt or CODE.parquet for each edition or group, or a folder for the published " +
        "curator.",
    )
    .requiredOption("--out <dir>", "folder for the files")
    .option(
      "--edition <code...>",
      "editions to export (default: all); with --group, --pool or metaclip their groups",
      collect,
      [],
    )
    .option(
      "--group <group...>",
      "groups to export, with the ids that matching uses (with counts, default: all counted)",
      collect,
      [],
    )
    .option(
      "--pool <name...>",
      "lists of groups, with what pools have counted and keep-probabilities; several add up (metaclip, default: the only one)",
      collect,
      [],
    )
    .option("--counts <file>", "metaclip: counts made elsewhere in place of a pool's, with thresholds solved for them");
  addRuleOptions(command).action(writeLists);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta export txt --out lists",
    "worldmeta export jsonl --out lists --edition ltg --edition el --profile reference",
    "worldmeta export parquet --out tables --group en --group ja",
    "worldmeta export parquet --out tables --pool web",
    "worldmeta export metaclip --out curator --pool web",
    "worldmeta export metaclip --out curator --counts counts.npz --anchor en=20000",
  );
}

async function writeLists(format: ListFormat | "metaclip", options: ExportOptions): Promise<void> {
  if (format === "metaclip") return exportForCurator(options);
  if (options.counts !== undefined || hasRule(options))
    throw new UsageError("--counts and what says thresholds go with export metaclip only");
  const { profile, out: directory, edition: editions, group: groups, pool } = options;
  // The list of a group may have to be made first.
  const db =
    groups.length > 0 && pool.length === 0 ? openExisting(options.db) : openDatabase(options.db, { readonly: true });
  try {
    const { notes, ...chosen } = chooseLists(db, { editions, groups, pools: pool, profile });
    for (const note of notes) say(`note: ${note}`);
    const exported = await exportLists({ ...chosen, format, directory, profile, versions: versions() });
    const { kind } = chosen;
    if (options.json) await printJson(exported.map(({ code, ...file }) => ({ [kind]: code, ...file })));
    else await print(formatExports(exported, kind));
  } finally {
    closeDatabase(db);
  }
}

async function exportForCurator(options: ExportOptions): Promise<void> {
  const { profile, out: directory, counts: file } = options;
  if (file !== undefined && options.pool.length > 0) throw new UsageError("give --pool or --counts, not both");
  if (file === undefined && hasRule(options))
    throw new UsageError("pools have their thresholds already; change them with: worldmeta threshold --pool");
  const groups = [...options.group, ...options.edition.map((code) => getEdition(code).lidGroup)];
  // The list of a group may have to be made before counts of a file can be its.
  const db = file === undefined ? openDatabase(options.db, { readonly: true }) : openExisting(options.db);
  try {
    const { lists, counted, scheme, notes } =
      file === undefined
        ? listsOfPools(db, { pools: options.pool, groups, profile })
        : await listsOfFile(db, file, { ...options, groups });
    for (const note of notes) say(`note: ${note}`);
    const manifest = await exportMetaclip({ lists, directory, profile, versions: versions(), counted, scheme });
    if (options.json) await printJson(manifest);
    else await print(formatManifest(manifest, directory));
  } finally {
    closeDatabase(db);
  }
}

async function listsOfFile(
  db: Database,
  file: string,
  options: ExportOptions & { readonly groups: readonly string[] },
): Promise<CuratorLists> {
  const groups = await loadCountsGroups(file, groupsToRead(options.groups, options));
  const { lists, scheme } = listsOfCounts(db, groups, { ...options, place: file });
  // Wherever the file lies, the manifest knows it by its content.
  const name = file === "-" ? STANDARD_INPUT : `${basename(file)} (SHA-256 ${(await hashFile(file)).sha256})`;
  return { lists, counted: [name], scheme, notes: [] };
}

function formatManifest({ lists, files }: Manifest, directory: string): string {
  const right = (title: string) => ({ title, align: "right" }) as const;
  const table = formatTable(
    [{ title: "group" }, ...["entries", "t", "matches"].map(right), { title: "list" }],
    lists.map(({ group, code, entries, t, total }) => [group, entries, t ?? NONE, total, metadataPath(code)]),
  );
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${table}\n${formatCounted(files.length + 1, "file")}, ${formatBytes(bytes)}, in ${directory}\n`;
}

function formatExports(exported: readonly ExportedList[], kind: ListKind): string {
  return formatTable(
    [{ title: kind }, { title: "entries", align: "right" }, { title: "size", align: "right" }, { title: "file" }],
    exported.map(({ code, entries, bytes, path }) => [code, entries, formatBytes(bytes), path]),
  );
}
