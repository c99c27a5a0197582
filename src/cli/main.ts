#!/usr/bin/env node
/** The command line: `worldmeta COMMAND …`. */
import { CommanderError } from "commander";
import { cleanUpWhenStopped } from "../clean-up.ts";
import { explainError } from "../explain-error.ts";
import { createProgram } from "./program.ts";

/** Run a command line; the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    // Commander has said already what is wrong; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { message, status } = explainError(error);
    process.stderr.write(`worldmeta: ${message}\n`);
    return status;
  }
}

cleanUpWhenStopped();
// A reader that has seen enough (head) closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
