import { Argument, type Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { UserError } from "../../errors.ts";
import { type ExportedList, exportList, LIST_FORMATS, type ListFormat } from "../../export/lists.ts";
import { listBuilds } from "../../store/builds.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { type ListOptions, requireBuild } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatBytes, formatTable } from "../table.ts";

interface ExportOptions extends ListOptions {
  readonly out: string;
  readonly edition: readonly string[];
  readonly json?: boolean;
}

export function addExportCommand(program: Command): void {
  const command = program
    .command("export")
    .addArgument(
      new Argument("<format>", "jsonl: all that is known of each entry; txt: the entries").choices(LIST_FORMATS),
    )
    .description("Write lists to files, one an edition: CODE.jsonl or CODE.txt.")
    .requiredOption("--out <dir>", "folder for the files")
    .option("--edition <code...>", "editions to export (default: all that are built)", collect, [])
    .action(exportLists);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta export txt --out lists",
    "worldmeta export jsonl --out lists --edition ltg --edition el --profile reference",
  );
}

async function exportLists(format: ListFormat, options: ExportOptions): Promise<void> {
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

function formatExports(exported: readonly ExportedList[]): string {
  return formatTable(
    [{ title: "edition" }, { title: "entries", align: "right" }, { title: "size", align: "right" }, { title: "file" }],
    exported.map(({ edition, entries, bytes, path }) => [edition, entries, formatBytes(bytes), path]),
  );
}
