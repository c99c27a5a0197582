/** Options that say how thresholds are found. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { anchorRatio, type ThresholdPolicy } from "../balancing/threshold.ts";
import { UserError } from "../errors.ts";
import { parseCount } from "./options.ts";

/** The tail's share of all matches that the papers work with, about 6 %. */
const TAIL_RATIO = 0.06;

/** At most one of these is given. */
export interface RuleOptions {
  readonly tailRatio?: number;
  readonly t?: number;
  readonly anchor?: ReadonlyMap<string, number>;
}

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

/** True if a person has said how thresholds are found. */
export function hasRule({ tailRatio, t, anchor }: RuleOptions): boolean {
  return tailRatio !== undefined || t !== undefined || anchor !== undefined;
}

/** How thresholds are found. */
export function policyOf({ tailRatio = TAIL_RATIO, t, anchor }: RuleOptions): ThresholdPolicy {
  if (anchor !== undefined) return { anchors: anchor };
  return t === undefined ? { tailRatio } : { t };
}

/** The policy in a few words, as it was given. */
export function sayPolicy(policy: ThresholdPolicy): string {
  if ("anchors" in policy) return [...policy.anchors].map(([group, t]) => `anchor ${group}=${t}`).join(", ");
  return "t" in policy ? `t ${policy.t}` : `tail-ratio ${policy.tailRatio}`;
}

/** Refuse anchors that have no matches in `groups`, of which `place` tells where they come from. */
export function requireAnchors(
  { anchor }: RuleOptions,
  groups: ReadonlyMap<string, ArrayLike<number>>,
  place: string,
): void {
  if (anchor === undefined) return;
  try {
    anchorRatio(groups, anchor);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${place}: ${error.message}, so its tail has no share; give --tail-ratio instead`);
  }
}
