import { type Command, Option } from "commander";
import { toEntryJson } from "../../entries/entry-json.ts";
import { type Entry, FLAGS, type Flag, SOURCES, type Source } from "../../entries/types.ts";
import { searchEntries } from "../../store/entries.ts";
import { createEntryFinder } from "../../store/entry-finder.ts";
import { type ListOptions, withList } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { formatTable } from "../table.ts";

interface EntriesOptions extends ListOptions {
  readonly source?: Source;
  readonly flag?: Flag;
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
    .addOption(new Option("--flag <name>", "only those with this flag").choices(Object.keys(FLAGS)))
    .option("--search <text>", "only those that hold this text, in any script, capitals or not")
    .option("--limit <n>", `how many at most (default: ${TABLE_ROWS} in a table, all with --json)`, parseCount)
    .action((code: string, options: EntriesOptions) =>
      withList(code, options, async ({ db, build }) => {
        const { source, flag, search, json } = options;
        const limit = options.limit ?? (json ? undefined : TABLE_ROWS + 1);
        const filter = { source, flag, search, limit };
        const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
        const entries =
          search === undefined
            ? searchEntries(db, build.id, given)
            : createEntryFinder(db).find(build.id, { ...given, text: search, limit: limit ?? Number.MAX_SAFE_INTEGER })
                .entries;
        if (json) return printJson(entries.map(toEntryJson));
        const more = options.limit === undefined && entries.length > TABLE_ROWS;
        await print(formatEntries(more ? entries.slice(0, TABLE_ROWS) : entries));
        if (more) say(`the first ${TABLE_ROWS}; --limit N shows more`);
      }),
    );
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta entries ltg --source bigram --limit 20",
    "worldmeta entries zh --search 東京",
    "worldmeta entries el --flag script --json",
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
