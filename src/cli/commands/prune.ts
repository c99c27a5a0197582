import type { Command } from "commander";
import { removeUnfinishedCounts } from "../../pipeline.ts";
import { pruneBuilds } from "../../store/builds.ts";
import { closeDatabase } from "../../store/database.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { formatCounted, formatTable } from "../table.ts";

export function addPruneCommand(program: Command): void {
  const command = program
    .command("prune")
    .description(
      "Remove older builds, and what stopped builds left; lists that are current or that pools have counts of stay.",
    )
    .option("--keep <n>", "builds to keep of each edition and profile", parseCount, 2)
    .action(async ({ db: path, keep, json }: { db: string; keep: number; json?: boolean }) => {
      const db = openExisting(path);
      try {
        const { removed, counted } = pruneBuilds(db, keep);
        const counts = await removeUnfinishedCounts(path);
        if (counts > 0) say(`removed ${formatCounted(counts, "unfinished count")} of stopped builds`);
        for (const { build, pools } of counted) {
          say(
            `kept build ${build.id} of ${build.edition}, ${build.profile}: there are counts of its list in the pool ` +
              `${pools.join(", ")}; see worldmeta pools ${pools[0]}`,
          );
        }
        if (json) await printJson(removed);
        else if (removed.length === 0) await print("nothing to remove\n");
        else {
          await print(
            formatTable(
              ["build", "edition", "profile", "finished"].map((title) => ({ title })),
              removed.map(({ id, edition, profile, finished }) => [String(id), edition, profile, finished]),
            ),
          );
        }
      } finally {
        closeDatabase(db);
      }
    });
  addDbOption(command);
  addJsonOption(command);
  addExamples(command, "worldmeta prune", "worldmeta prune --keep 1");
}
