/** Options that several commands share. */
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { PROFILE_NAMES } from "../profile.ts";

const DEFAULT_DB = "db/worldmeta.sqlite";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** A size in bytes such as `512MB` or `2GB`. */
function parseSize(value: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(value.trim());
  const size = match === null ? Number.NaN : Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? Number.NaN);
  if (!(size >= 1e6)) throw new InvalidArgumentError("give a size of at least 1MB, such as 512MB or 2GB.");
  return size;
}

/** A whole number of at least one. */
export function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("give a whole number of at least 1.");
  return count;
}

/** A whole number of at least zero. */
export function parseSeed(value: string): number {
  const seed = value.trim() === "" ? Number.NaN : Number(value);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError("give a whole number of at least 0.");
  return seed;
}

/** Gathers an option that may be given several times, or with several values. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** `--db FILE`. */
export function addDbOption(command: Command): Command {
  return command.option("--db <file>", "database of the lists", DEFAULT_DB);
}

/** `--profile corrected|reference`. */
export function addProfileOption(command: Command): Command {
  return command.addOption(
    new Option("--profile <name>", "rules of the recipe: ours, or as published")
      .choices(PROFILE_NAMES)
      .default("corrected"),
  );
}

/** `--threads N` and `--memory SIZE`. */
export function addWorkOptions(command: Command): Command {
  return command
    .option("--threads <n>", "threads to use", parseCount, availableParallelism())
    .addOption(
      new Option("--memory <size>", "memory for the counting tables, or for lists, of all threads together")
        .argParser(parseSize)
        .default(1e9, "1GB"),
    );
}

/** `--json`. */
export function addJsonOption(command: Command): Command {
  return command.option("--json", "print one JSON document instead of a table");
}

/** Examples below a command's help. */
export function addExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}\n`);
}
