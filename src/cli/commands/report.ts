import { join } from "node:path";
import type { Command } from "commander";
import type { ThresholdRule } from "../../curation/rule.ts";
import { quoteWord, sayFew } from "../../errors.ts";
import { packageVersion } from "../../fingerprint.ts";
import { type ProfileName, profileOption } from "../../profile.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { addRuleOptions } from "../rule-options.ts";
import { formatBytes, formatCounted, formatTable } from "../table.ts";

interface ReportCommandOptions extends ThresholdRule {
  readonly out: string;
  readonly pool: readonly string[];
  readonly top: number;
  readonly db: string;
  readonly profile: ProfileName;
  readonly json?: boolean;
}

export function addReportCommand(program: Command): void {
  const command = program
    .command("report [groups...]")
    .description(
      "Write tables, curves and pages of what pools counted: entries without a match and above t, the most frequent " +
        "ones, matches from tail to head, the curated size by t. Pages open in a browser without a server; charts and " +
        "data lie beside them. Thresholds are those on record if no rule is given.",
    )
    .requiredOption("--out <dir>", "folder for the report; what an earlier one left there goes")
    .option(
      "--pool <name>",
      "a pool; may be given several times, then their counts add up (default: the only one)",
      collect,
      [],
    )
    .option("--top <n>", "entries in the table of those with most matches", parseCount, 50);
  addRuleOptions(command).action(writePages);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta report --out report",
    "worldmeta report en ja --pool web --pool more --out report --anchor en=20000",
  );
}

async function writePages(groups: string[], options: ReportCommandOptions): Promise<void> {
  // Here, since drawing takes a moment to load, which other commands need not wait for.
  const [{ loadReport }, { writeReport }, { toGroupRow }] = await Promise.all([
    import("../../report/load-report.ts"),
    import("../../report/write-report.ts"),
    import("../../report/report-data.ts"),
  ]);
  const { out: directory, pool, profile } = options;
  const db = openDatabase(options.db, { readonly: true });
  try {
    const report = loadReport(db, { ...options, pools: pool, groups });
    for (const note of report.notes) say(`note: ${note}`);
    const solved = report.groups.filter(
      ({ origin, matches }) => matches > 0 && (origin.kind === "missing" || origin.kind === "stale"),
    );
    if (solved.length > 0) {
      const names = sayFew(solved.map(({ group }) => group));
      const pools = report.pools.map((name) => ` --pool ${quoteWord(name)}`).join("");
      say(
        `note: no threshold on record for the counts of ${names} as they are now: solved by ${solved[0]!.origin.policy} for this ` +
          `report; keep it with: worldmeta threshold${pools}${profileOption(profile)}`,
      );
    }
    const files = await writeReport(report, { directory, version: packageVersion() });
    if (options.json) {
      const { pools, repeats } = report;
      await printJson({ directory, profile, pools, repeats, groups: report.groups.map(toGroupRow), files });
      return;
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const pages = report.groups.map(({ group, stem }) => [group, join(directory, `${stem}.html`)]);
    const table = formatTable(
      [{ title: "group" }, { title: "page" }],
      [...pages, ["all", join(directory, "index.html")]],
    );
    await print(`${table}\n${formatCounted(files.length, "file")}, ${formatBytes(bytes)}, in ${directory}\n`);
  } finally {
    closeDatabase(db);
  }
}
