/** The commands, put together. */
import { Command, Help, type Option } from "commander";
import { packageVersion } from "../fingerprint.ts";
import { addAuditCommand } from "./commands/audit.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addCaptionCommand } from "./commands/caption.ts";
import { addCompareCommand } from "./commands/compare.ts";
import { addCountCommand } from "./commands/count.ts";
import { addCurateCommand } from "./commands/curate.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDiffCommand } from "./commands/diff.ts";
import { addEditionsCommand } from "./commands/editions.ts";
import { addEntriesCommand } from "./commands/entries.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addExportCommand } from "./commands/export.ts";
import { addExtractCommand } from "./commands/extract.ts";
import { addIdentifyCommand } from "./commands/identify.ts";
import { addMatchCommand } from "./commands/match.ts";
import { addNgramsCommand } from "./commands/ngrams.ts";
import { addPoolsCommand } from "./commands/pools.ts";
import { addPruneCommand } from "./commands/prune.ts";
import { addReportCommand } from "./commands/report.ts";
import { addReviewCommand } from "./commands/review.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addThresholdCommand } from "./commands/threshold.ts";
import { addTokenizeCommand } from "./commands/tokenize.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { addExamples } from "./options.ts";

/** What Commander has to say of wrong use, as one line. */
function sayError(message: string, write: (text: string) => void): void {
  const said = message
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ");
  write(`worldmeta: ${said}; worldmeta COMMAND --help shows examples\n`);
}

/** What Commander says of an option; that one which gathers values has none at first is no news. */
function describeOption(this: Help, option: Option): string {
  return Help.prototype.optionDescription.call(this, option).replace(" (default: [])", "");
}

/** The command line as an object, for help, docs and tests. */
export function createProgram(): Command {
  const program = new Command("worldmeta")
    .description("Build, audit and export MetaCLIP-style metadata for every Wikipedia edition.")
    .version(packageVersion())
    .configureOutput({ outputError: sayError })
    .configureHelp({ optionDescription: describeOption })
    .exitOverride();
  const add = [
    ...[addDemoCommand, addBuildCommand, addEntriesCommand, addExplainCommand, addAuditCommand, addReviewCommand],
    ...[addDiffCommand, addCompareCommand, addExportCommand, addPoolsCommand, addPruneCommand, addEditionsCommand],
    ...[addCountCommand, addMatchCommand, addCaptionCommand, addThresholdCommand, addCurateCommand, addReportCommand],
    ...[addServeCommand, addVerifyCommand, addIdentifyCommand, addExtractCommand, addTokenizeCommand, addNgramsCommand],
  ];
  for (const addCommand of add) addCommand(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ outputError: sayError });
  addExamples(program, "worldmeta demo", "worldmeta build ltg --dump ltgwiki.xml.bz2", "worldmeta explain ltg Latgola");
  return program;
}
