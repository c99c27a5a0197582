import { basename } from "node:path";
import { Argument, type Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { type CuratorLists, listsOfCounts, listsOfPools } from "../../curation/curator-lists.ts";
import { groupsToRead, hasRule, type ThresholdRule } from "../../curation/rule.ts";
import { UsageError, UserError } from "../../errors.ts";
import { type ExportedList, exportList, LIST_FORMATS, type ListFormat } from "../../export/lists.ts";
import { exportMetaclip, type Manifest, metadataPath } from "../../export/metaclip.ts";
import { hashFile, STANDARD_INPUT } from "../../files.ts";
import { packageVersion, RECIPE_VERSION } from "../../fingerprint.ts";
import { listBuilds } from "../../store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../../store/database.ts";
import { loadCountsGroups } from "../counts-groups.ts";
import { type ListOptions, openExisting, requireBuild } from "../current-list.ts";
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
        "jsonl: all that is known of each entry; txt: the entries; metaclip: lists, counts and keep-probabilities for the " +
          "published curator",
      ).choices([...LIST_FORMATS, "metaclip"]),
    )
    .description(
      "Write lists to files: CODE.jsonl or CODE.txt for each edition, or a folder for the published curator.",
    )
    .requiredOption("--out <dir>", "folder for the files")
    .option("--edition <code...>", "editions to export (default: all); with metaclip their groups", collect, [])
    .option("--group <group...>", "metaclip: groups to export (default: all that were counted)", collect, [])
    .option("--pool <name...>", "metaclip: pools whose counts add up (default: the only one)", collect, [])
    .option("--counts <file>", "metaclip: counts made elsewhere in place of a pool's, with thresholds solved for them");
  addRuleOptions(command).action(exportLists);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta export txt --out lists",
    "worldmeta export jsonl --out lists --edition ltg --edition el --profile reference",
    "worldmeta export metaclip --out curator --pool web",
    "worldmeta export metaclip --out curator --counts counts.npz --anchor en=20000",
  );
}

async function exportLists(format: ListFormat | "metaclip", options: ExportOptions): Promise<void> {
  if (format === "metaclip") return exportForCurator(options);
  const alien = options.counts !== undefined || options.pool.length > 0 || options.group.length > 0 || hasRule(options);
  if (alien) throw new UsageError("--group, --pool, --counts and what says thresholds go with export metaclip only");
  const { profile, out: directory } = options;
  const db = openDatabase(options.db, { readonly: true });
  try {
    const builds =
      options.edition.length > 0
        ? options.edition.map((code) => requireBuild(db, getEdition(code), profile))
        : listBuilds(db, { profile }).filter(({ current }) => current);
    if (builds.length === 0)
      throw new UserError(`${options.db} holds no ${profile} list yet; make one with: worldmeta build`);
    const exported: ExportedList[] = [];
    for (const build of builds.sort((a, b) => (a.edition < b.edition ? -1 : 1))) {
      exported.push(await exportList(db, build, { format, directory }));
    }
    if (options.json) await printJson(exported);
    else await print(formatExports(exported));
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
    const versions = { worldmeta: packageVersion(), recipe: String(RECIPE_VERSION) };
    const manifest = await exportMetaclip({ lists, directory, profile, versions, counted, scheme });
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

function formatExports(exported: readonly ExportedList[]): string {
  return formatTable(
    [{ title: "edition" }, { title: "entries", align: "right" }, { title: "size", align: "right" }, { title: "file" }],
    exported.map(({ edition, entries, bytes, path }) => [edition, entries, formatBytes(bytes), path]),
  );
}
