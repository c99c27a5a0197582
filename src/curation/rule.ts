/** How thresholds are to be found, as people say it. */
import { anchorRatio, type ThresholdPolicy } from "../balancing/threshold.ts";
import { UserError } from "../errors.ts";

/** The tail's share of all matches that the papers work with, about 6 %. */
export const TAIL_RATIO = 0.06;

/** At most one of these is given. */
export interface ThresholdRule {
  readonly tailRatio?: number;
  readonly t?: number;
  readonly anchor?: ReadonlyMap<string, number>;
}

/** True if a person has said how thresholds are found. */
export function hasRule({ tailRatio, t, anchor }: ThresholdRule): boolean {
  return tailRatio !== undefined || t !== undefined || anchor !== undefined;
}

/** How thresholds are found. */
export function policyOf({ tailRatio = TAIL_RATIO, t, anchor }: ThresholdRule): ThresholdPolicy {
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
  { anchor }: ThresholdRule,
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

/** Groups whose counts are needed: those wanted and those that anchor them; none stands for all. */
export function groupsToRead(wanted: readonly string[], { anchor }: ThresholdRule): string[] {
  return wanted.length === 0 ? [] : [...new Set([...wanted, ...(anchor?.keys() ?? [])])];
}
