/**
 * From counts to a threshold: entries with at least t matches are the head, those with fewer the tail, and t is chosen so
 * that the tail holds a wanted share of all matches.
 *
 * Counts are whole numbers of at least 0, by entry id. Their sum is exact below 2^53.
 */
import type { ProfileName } from "../profile.ts";

/** A share of matches as two sums, so that what one group's counts say holds exactly for another's. */
export interface Fraction {
  readonly tail: number;
  readonly total: number;
}

/** The wanted tail's share of all matches, 0 to 1: a number is read as the decimal that it prints as. */
export type TailRatio = number | Fraction;

/** A threshold and the share of all matches that its tail holds. */
export interface Reachable {
  readonly t: number;
  readonly ratio: number;
}

/** Why no threshold comes near the wanted ratio. */
export type OutOfReach =
  | { readonly kind: "no-matches" }
  | {
      /** The published rule (`solveReferenceThreshold`) takes another t than the one that reaches the ratio. */
      readonly kind: "published-rule";
      readonly wanted: number;
      readonly taken: Reachable;
      readonly best: Reachable;
    }
  | {
      /**
       * What stands in the way: all entries with matches have one count; or the entries of the lowest count, of the
       * highest, or of one between them hold too much of all matches together, and go to the tail together.
       */
      readonly kind: "equal-counts" | "lowest-count" | "highest-count" | "one-count";
      readonly wanted: number;
      /** The count that stands in the way, and how many entries have it. */
      readonly count: number;
      readonly entries: number;
      /** The two reachable ratios nearest the wanted one, below and above it. */
      readonly below: Reachable;
      readonly above: Reachable;
    };

/** A solved threshold; without matches there is none. */
export interface Solution {
  readonly t: number | undefined;
  /** The tail's share of all matches. */
  readonly achieved: number | undefined;
  readonly outOfReach?: OutOfReach;
}

/** What a threshold makes of counts. */
export interface ThresholdFigures {
  readonly t: number | undefined;
  /** The tail's share of all matches; absent where nothing matched. */
  readonly achieved: number | undefined;
  /** Numbers of entries: all; without a match; with at least t matches; with fewer, but some. */
  readonly entries: number;
  readonly zero: number;
  readonly head: number;
  readonly tail: number;
  /** Sum of all counts. */
  readonly total: number;
}

/** The wanted ratio counts as reached if the achieved one is no further from it than this share of it. */
const NEAR_ENOUGH = 0.1;

/**
 * The threshold whose tail holds a share of all matches as near `tailRatio` as can be.
 *
 * Candidates are the distinct counts above 0 and the highest count plus one; a tail is the sum of the counts below t.
 * Compared exactly; of two that are equally near, the larger t. Throws `RangeError` for counts that are no whole numbers
 * of at least 0 and for ratios outside 0 to 1.
 */
export function solveThreshold(counts: ArrayLike<number>, { tailRatio }: { readonly tailRatio: TailRatio }): Solution {
  const wanted = toNumber(tailRatio);
  const positive = sortPositive(counts);
  if (positive.length === 0) return { t: undefined, achieved: undefined, outOfReach: { kind: "no-matches" } };
  const { values, starts, tails } = groupEqual(positive);
  const total = tails.at(-1) ?? 0;
  const top = values.length;
  const reachable = (at: number): Reachable => ({
    t: at < top ? (values[at] ?? 0) : (values[top - 1] ?? 0) + 1,
    ratio: (tails[at] ?? 0) / total,
  });

  // Shares are compared as whole numbers: tail / total against numerator / denominator.
  const [numerator, denominator] = toBigFraction(tailRatio);
  const target = numerator * BigInt(total);
  const share = (at: number) => BigInt(tails[at] ?? 0) * denominator;
  // The last candidate whose tail is not above the wanted one; the first one's tail is empty.
  let low = 0;
  for (let high = top; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if (share(middle) <= target) low = middle;
    else high = middle - 1;
  }
  const above = low < top && share(low + 1) - target <= target - share(low);
  const { t, ratio } = reachable(above ? low + 1 : low);
  if (isNear(ratio, wanted)) return { t, achieved: ratio };
  const kind =
    top === 1 ? "equal-counts" : low === 0 ? "lowest-count" : low === top - 1 ? "highest-count" : "one-count";
  return {
    t,
    achieved: ratio,
    outOfReach: {
      kind,
      wanted,
      count: values[low] ?? 0,
      entries: (starts[low + 1] ?? 0) - (starts[low] ?? 0),
      below: reachable(low),
      above: reachable(low + 1),
    },
  };
}

/**
 * The threshold as the published code finds it: counts sorted with zeros, each one's cumulative share including itself;
 * t is the count at the first position whose share is nearest the ratio.
 *
 * It measures a tail by another rule (`tailRatioOf`), so that the two disagree where counts are equal, and t may be 0,
 * which drops every text. Undefined where nothing matched, which the published code does not foresee.
 */
export function solveReferenceThreshold(
  counts: ArrayLike<number>,
  { tailRatio }: { readonly tailRatio: TailRatio },
): number | undefined {
  const wanted = toNumber(tailRatio);
  const positive = sortPositive(counts);
  let total = 0;
  for (const count of positive) total += count;
  if (total === 0) return undefined;
  let t = 0;
  // The shares of all zeros are the same: the first stands for them.
  let nearest = positive.length < counts.length ? wanted : Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const count of positive) {
    sum += count;
    const distance = Math.abs(sum / total - wanted);
    if (distance < nearest) {
      nearest = distance;
      t = count;
    }
  }
  return t;
}

/** The share of all matches that the counts below `t` hold; undefined where nothing matched. */
export function tailRatioOf(counts: ArrayLike<number>, t: number): number | undefined {
  return describeThreshold(counts, t).achieved;
}

/** What threshold `t` makes of counts; without a threshold, the numbers of entries with and without a match. */
export function describeThreshold(counts: ArrayLike<number>, t: number | undefined): ThresholdFigures {
  const { zero, head, tail, tailMatches, total } = splitCounts(counts, t ?? 0);
  const achieved = t === undefined || total === 0 ? undefined : tailMatches / total;
  return { t, achieved, entries: counts.length, zero, head, tail, total };
}

/**
 * An entry's probability of keeping a text that holds it: min(1, t / count), and 1 where the count is 0.
 *
 * As the published code does (it raises counts below t to t). With t = 0, which only its own rule finds, nothing is kept.
 */
export function keepProbability(count: number, t: number): number {
  return t === 0 ? 0 : t / Math.max(t, count);
}

/** `keepProbability` as exports have it: rounded once, from a quotient of doubles to single precision. */
export function singleProbability(count: number, t: number): number {
  return Math.fround(keepProbability(count, t));
}

/** `singleProbability` of each entry. */
export function keepProbabilities(counts: ArrayLike<number>, t: number): Float32Array {
  const probabilities = new Float32Array(counts.length);
  for (let id = 0; id < counts.length; id++) probabilities[id] = keepProbability(counts[id] ?? 0, t);
  return probabilities;
}

/** Why the ratio is out of reach, in one sentence without its full stop. */
export function sayOutOfReach(reason: OutOfReach): string {
  if (reason.kind === "no-matches") return "no entry has a match, so there is nothing to balance";
  if (reason.kind === "published-rule") {
    const { wanted, taken, best } = reason;
    if (taken.t === 0)
      return `the published rule takes t = 0, which drops every text; the tail has ${formatRatio(best.ratio)} with t = ${best.t}`;
    return (
      `the published rule takes t = ${taken.t}, whose tail has ${formatRatio(taken.ratio)} of all matches, not ` +
      `${formatRatio(wanted)}; t = ${best.t} would have ${formatRatio(best.ratio)}`
    );
  }
  const { kind, wanted, count, entries, below, above } = reason;
  const who =
    entries === 1
      ? `the entry with ${formatCount(count)}`
      : `the ${NUMBER.format(entries)} entries with ${formatCount(count)} each`;
  const which: Readonly<Record<typeof kind, string>> = {
    "equal-counts": entries === 1 ? "the only one that matched" : "all that matched",
    "lowest-count": "the lowest count",
    "highest-count": "the highest count",
    "one-count": "the same count",
  };
  return (
    `${who} (${which[kind]}) ${entries === 1 ? "holds" : "hold"} ${formatRatio(above.ratio - below.ratio)} of all matches: ` +
    `the tail has ${formatRatio(below.ratio)} with t = ${below.t}, ${formatRatio(above.ratio)} with t = ${above.t}, ` +
    `and cannot have ${formatRatio(wanted)}`
  );
}

/** How the thresholds of groups are found: one wanted ratio, one threshold, or the ratio of groups whose t is given. */
export type ThresholdPolicy =
  | { readonly tailRatio: number }
  | { readonly t: number }
  | {
      /**
       * Thresholds by group. Such a group keeps its t, and its tail's share of its matches is the ratio for all others; of
       * several anchors, the share that their tails together hold of their matches together.
       */
      readonly anchors: ReadonlyMap<string, number>;
    };

/** A group's threshold. */
export interface GroupThreshold extends ThresholdFigures {
  readonly group: string;
  /** The wanted ratio; absent where t was given. */
  readonly requested: number | undefined;
  readonly outOfReach?: OutOfReach;
}

/** What `solveGroups` solves. */
export interface SolveGroupsOptions {
  /** Each group's counts. */
  readonly groups: ReadonlyMap<string, ArrayLike<number>>;
  readonly policy: ThresholdPolicy;
  /** Whose rule finds t. */
  readonly profile: ProfileName;
}

/**
 * A threshold for each group, in the order given.
 *
 * Throws `RangeError` for an anchor that is no group or has no matches; callers that take anchors from people ask
 * `anchorRatio` first.
 */
export function solveGroups({ groups, policy, profile }: SolveGroupsOptions): GroupThreshold[] {
  const ratio =
    "tailRatio" in policy ? policy.tailRatio : "anchors" in policy ? anchorRatio(groups, policy.anchors) : undefined;
  return [...groups].map(([group, counts]) => {
    const given = "t" in policy ? policy.t : "anchors" in policy ? policy.anchors.get(group) : undefined;
    if (given !== undefined || ratio === undefined)
      return { group, requested: undefined, ...withGivenT(counts, given) };
    const { t, outOfReach } = solve(counts, ratio, profile);
    const figures = describeThreshold(counts, t);
    return { group, requested: toNumber(ratio), ...figures, ...(outOfReach !== undefined && { outOfReach }) };
  });
}

/** A group's threshold in JSON: null stands for what there is none of; `reason` says why a ratio is out of reach. */
export interface ThresholdJson {
  readonly group: string;
  readonly t: number | null;
  readonly requested: number | null;
  readonly achieved: number | null;
  readonly entries: number;
  readonly zero: number;
  readonly head: number;
  readonly tail: number;
  readonly total: number;
  readonly reason?: string;
}

/** A group's threshold as `threshold --json` and exports write it. */
export function toThresholdJson({ group, outOfReach, ...figures }: GroupThreshold): ThresholdJson {
  const { t = null, requested = null, achieved = null, entries, zero, head, tail, total } = figures;
  const reason = outOfReach === undefined ? {} : { reason: sayOutOfReach(outOfReach) };
  return { group, t, requested, achieved, entries, zero, head, tail, total, ...reason };
}

/** The share that the tails of anchored groups hold of their matches. Throws as `solveGroups` does. */
export function anchorRatio(groups: SolveGroupsOptions["groups"], anchors: ReadonlyMap<string, number>): Fraction {
  let tail = 0;
  let total = 0;
  for (const [group, t] of anchors) {
    const counts = groups.get(group);
    if (counts === undefined) throw new RangeError(`no counts of the anchor ${group}`);
    const split = splitCounts(counts, t);
    tail += split.tailMatches;
    total += split.total;
  }
  if (total === 0) throw new RangeError(`no matches of the anchor ${[...anchors.keys()].join(", ")}`);
  return { tail, total };
}

function withGivenT(counts: ArrayLike<number>, t: number | undefined): Omit<GroupThreshold, "group" | "requested"> {
  const figures = describeThreshold(counts, t);
  return figures.total > 0 ? figures : { ...figures, outOfReach: { kind: "no-matches" } };
}

function solve(
  counts: ArrayLike<number>,
  tailRatio: TailRatio,
  profile: ProfileName,
): Pick<Solution, "t" | "outOfReach"> {
  const best = solveThreshold(counts, { tailRatio });
  const t = profile === "reference" ? solveReferenceThreshold(counts, { tailRatio }) : best.t;
  if (t === best.t || t === undefined || best.t === undefined || best.achieved === undefined) return best;
  const wanted = toNumber(tailRatio);
  const taken = { t, ratio: tailRatioOf(counts, t) ?? 0 };
  if (t > 0 && isNear(taken.ratio, wanted)) return { t };
  const published = { kind: "published-rule", wanted, taken, best: { t: best.t, ratio: best.achieved } } as const;
  return { t, outOfReach: t === 0 ? published : (best.outOfReach ?? published) };
}

function isNear(ratio: number, wanted: number): boolean {
  return Math.abs(ratio - wanted) <= wanted * NEAR_ENOUGH;
}

interface Split {
  readonly zero: number;
  readonly head: number;
  readonly tail: number;
  readonly tailMatches: number;
  readonly total: number;
}

function splitCounts(counts: ArrayLike<number>, t: number): Split {
  let zero = 0;
  let head = 0;
  let tailMatches = 0;
  let total = 0;
  for (let id = 0; id < counts.length; id++) {
    const count = requireCount(counts[id]);
    total += count;
    if (count === 0) zero++;
    else if (count >= t) head++;
    else tailMatches += count;
  }
  return { zero, head, tail: counts.length - zero - head, tailMatches, total };
}

function requireCount(count: number | undefined): number {
  if (count === undefined || !Number.isInteger(count) || count < 0) throw new RangeError(`no count: ${count}`);
  return count;
}

function sortPositive(counts: ArrayLike<number>): Float64Array {
  const positive = new Float64Array(counts.length);
  let length = 0;
  for (let id = 0; id < counts.length; id++) {
    const count = requireCount(counts[id]);
    if (count > 0) positive[length++] = count;
  }
  return positive.subarray(0, length).sort();
}

/** Sorted counts by value: the distinct values, where each one's run starts, and the sum of all before it; then the ends. */
function groupEqual(sorted: Float64Array): { values: number[]; starts: number[]; tails: number[] } {
  const values: number[] = [];
  const starts: number[] = [];
  const tails: number[] = [];
  let sum = 0;
  sorted.forEach((count, at) => {
    if (count !== values.at(-1)) {
      values.push(count);
      starts.push(at);
      tails.push(sum);
    }
    sum += count;
  });
  return { values, starts: [...starts, sorted.length], tails: [...tails, sum] };
}

function toNumber(ratio: TailRatio): number {
  const number = typeof ratio === "number" ? ratio : ratio.tail / ratio.total;
  if (!(number >= 0 && number <= 1)) throw new RangeError(`no share between 0 and 1: ${number}`);
  return number;
}

/** A ratio as numerator and denominator; 0.06 is 6/100, not the double next to it. */
function toBigFraction(ratio: TailRatio): readonly [numerator: bigint, denominator: bigint] {
  if (typeof ratio !== "number") return [BigInt(ratio.tail), BigInt(ratio.total)];
  const [digits = "0", exponent = "0"] = String(ratio).split("e");
  const [whole = "0", decimals = ""] = digits.split(".");
  // Shares are at most 1, so that the exponent is never above 0.
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length - Number(exponent))];
}

const NUMBER = new Intl.NumberFormat("en");
const PERCENT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

function formatCount(count: number): string {
  return count === 1 ? "1 match" : `${NUMBER.format(count)} matches`;
}

function formatRatio(ratio: number): string {
  return `${PERCENT.format(ratio * 100)} %`;
}
