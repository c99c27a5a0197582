import { type Command, Option } from "commander";
import { toEntryJson } from "../../entries/entry-json.ts";
import {
  type Entry,
  FLAGS,
  type Flag,
  SET_ASIDE_REASONS,
  type SetAside,
  type SetAsideReason,
  SOURCES,
  type Source,
} from "../../entries/types.ts";
import { searchEntries } from "../../store/entries.ts";
import { createEntryFinder } from "../../store/entry-finder.ts";
import { listSetAside } from "../../store/set-aside.ts";
import { type CurrentList, type ListOptions, withList } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { formatTable } from "../table.ts";

interface EntriesOptions extends ListOptions {
  readonly source?: Source;
  readonly flag?: Flag | SetAsideReason;
  readonly search?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Rows of a table when no limit is asked for; `--json` prints all. */
const TABLE_ROWS = 50;

export function addEntriesCommand(program: Command): void {
  const command = program
    .command("entries <code>")
    .description("List an edition's entries in the order of their ids.")
    .addOption(new Option("--source <name>", "only those that this source owns").choices(SOURCES))
    .addOption(
      new Option(
        "--flag <name>",
        "only those with this flag; or, of candidates that are no entries, those set aside for it",
      ).choices([...Object.keys(FLAGS), ...Object.keys(SET_ASIDE_REASONS)]),
    )
    .option("--search <text>", "only those that hold this text, in any script, capitals or not")
    .option("--limit <n>", `how many at most (default: ${TABLE_ROWS} in a table, all with --json)`, parseCount)
    .action((code: string, options: EntriesOptions) => withList(code, options, (list) => listEntries(list, options)));
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta entries ltg --source bigram --limit 20",
    "worldmeta entries zh --search 東京",
    "worldmeta entries el --flag script --json",
    "worldmeta entries el --flag unmatchable --source wordnet",
  );
}

/** Prints the entries asked for, or the candidates that were set aside for the reason asked for. */
async function listEntries({ db, build }: CurrentList, options: EntriesOptions): Promise<void> {
  const { flag, json } = options;
  const limit = options.limit ?? (json ? undefined : TABLE_ROWS + 1);
  const { source, search } = options;
  const filter = withoutUndefined({ source, search, limit });
  if (isReason(flag)) {
    const candidates = listSetAside(db, build.id, { ...filter, reason: flag });
    if (json) return printJson(candidates);
    return printRows(candidates, formatSetAside, options);
  }
  const given = { ...withoutUndefined({ source, flag, limit }) };
  const entries =
    search === undefined
      ? searchEntries(db, build.id, given)
      : createEntryFinder(db).find(build.id, { ...given, text: search, limit: limit ?? Number.MAX_SAFE_INTEGER })
          .entries;
  if (json) return printJson(entries.map(toEntryJson));
  return printRows(entries, formatEntries, options);
}

function isReason(flag: EntriesOptions["flag"]): flag is SetAsideReason {
  return flag !== undefined && flag in SET_ASIDE_REASONS;
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}

/** Prints a table; where no limit was asked for, the first rows and a word that there are more. */
async function printRows<T>(
  rows: readonly T[],
  format: (rows: readonly T[]) => string,
  { limit }: EntriesOptions,
): Promise<void> {
  const more = limit === undefined && rows.length > TABLE_ROWS;
  await print(format(more ? rows.slice(0, TABLE_ROWS) : rows));
  if (more) say(`the first ${TABLE_ROWS}; --limit N shows more`);
}

function formatSetAside(candidates: readonly SetAside[]): string {
  return formatTable(
    [{ title: "set aside" }, { title: "source" }, { title: "reason" }],
    candidates.map(({ text, source, reason }) => [text, source, SET_ASIDE_REASONS[reason]]),
  );
}

function formatEntries(entries: readonly Entry[]): string {
  const right = (title: string) => ({ title, align: "right" as const });
  return formatTable(
    [
      ...[right("id"), { title: "entry" }, { title: "source" }, right("count"), right("pair"), right("PMI")],
      ...[right("NPMI"), right("views"), { title: "flags" }],
    ],
    entries.map((entry) => [
      ...[entry.id, entry.text, entry.source, entry.count, entry.pairCount],
      ...[entry.pmi?.toFixed(2), entry.npmi?.toFixed(3), entry.views, entry.flags.join(" ")],
    ]),
  );
}
