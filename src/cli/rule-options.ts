/** Options that say how thresholds are found. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { TAIL_RATIO } from "../curation/rule.ts";
import { parseCount } from "./options.ts";

/** `--tail-ratio`, `--t` and `--anchor`. */
export function addRuleOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--tail-ratio <share>", `share of all matches that the tail is to hold (default: ${TAIL_RATIO})`)
        .argParser(parseShare)
        .conflicts(["t", "anchor"]),
    )
    .addOption(new Option("--t <n>", "one threshold for all groups").argParser(parseCount).conflicts("anchor"))
    .addOption(
      new Option(
        "--anchor <group=t>",
        "a group that keeps its t; the others are solved for its tail's share (of several anchors: of all together)",
      ).argParser(collectAnchor),
    );
}

function parseShare(value: string): number {
  const share = value.trim() === "" ? Number.NaN : Number(value);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError("give a share from 0 to 1, such as 0.06.");
  return share;
}

function collectAnchor(value: string, previous: ReadonlyMap<string, number> | undefined): Map<string, number> {
  const [, group = "", t = ""] = /^(.+)=([^=]*)$/.exec(value) ?? [];
  if (group === "") throw new InvalidArgumentError("name a group and its threshold, such as en=20000.");
  if (previous?.has(group)) throw new InvalidArgumentError(`${group} has a threshold already.`);
  return new Map([...(previous ?? []), [group, parseCount(t)]]);
}
