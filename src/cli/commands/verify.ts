import type { Command } from "commander";
import { UserError } from "../../errors.ts";
import { verifyFolder } from "../../export/verify.ts";
import { addExamples, addJsonOption } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatCounted } from "../table.ts";

export function addVerifyCommand(program: Command): void {
  const command = program
    .command("verify <dir>")
    .description(
      "Check a folder that curate, export metaclip or export parquet wrote against its manifest: missing, changed and extra " +
        "files.",
    )
    .action(verify);
  addJsonOption(command);
  addExamples(command, "worldmeta verify curator", "worldmeta verify curator --json");
}

async function verify(directory: string, options: { readonly json?: boolean }): Promise<void> {
  const verification = await verifyFolder(directory);
  const { files, lists, faults } = verification;
  if (options.json) await printJson(verification);
  else if (faults.length > 0) await print(faults.map((fault) => `${fault}\n`).join(""));
  else
    await print(
      `${directory}: ${formatCounted(files, "file")} of ${formatCounted(lists, "list")}, as they were written\n`,
    );
  if (faults.length > 0)
    throw new UserError(
      `${directory} is not as it was written (${formatCounted(faults.length, "fault")}); export it again`,
    );
}
