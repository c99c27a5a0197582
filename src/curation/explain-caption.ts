/** What happens to one caption on its way through matching and balancing. */
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import {
  type Edition,
  editionsOfGroup,
  getEdition,
  groupOfLabel,
  loadTokenizer,
  OTHER,
} from "../../languages/index.ts";
import { normalize } from "../../languages/normalize.ts";
import { keepAny } from "../balancing/balance.ts";
import { singleProbability, solveGroups } from "../balancing/threshold.ts";
import { UserError } from "../errors.ts";
import { type Identified, UNDETERMINED } from "../lid/identify.ts";
import { createMatcher } from "../matching/matcher.ts";
import { type MatchRule, possibleEntries } from "../matching/rules.ts";
import type { ProfileName } from "../profile.ts";
import type { Database } from "../store/database.ts";
import { createGroupLookup, type GroupList, readGroupEntries } from "../store/group-lists.ts";
import { listsOfPool } from "../store/pool-counts.ts";
import { listPools } from "../store/pools.ts";
import { findThreshold } from "../store/thresholds.ts";
import { requireGroupList } from "./group-list.ts";
import { loadPoolCounts, type PoolSelection } from "./pool-counts.ts";
import { hasRule, policyOf, requireAnchors, sayPolicy, type ThresholdRule } from "./rule.ts";

/** An entry that a caption matches; without counts, or a threshold, it has no count or probability. */
export interface MatchedEntry {
  readonly id: number;
  readonly entry: string;
  readonly count: number | undefined;
  readonly probability: number | undefined;
}

/** A caption, explained. */
export interface ExplainedCaption {
  readonly text: string;
  readonly normalized: string;
  readonly edition: string;
  readonly group: string;
  readonly profile: ProfileName;
  /** Name of the list. */
  readonly list: string;
  readonly segments: readonly string[];
  readonly matches: readonly MatchedEntry[];
  /** Names of the pools whose counts were taken. */
  readonly pools: readonly string[];
  readonly t: number | undefined;
  /** How t was chosen. */
  readonly policy: string | undefined;
  readonly keepProbability: number | undefined;
}

/** What is asked of a caption: its language, and whose counts and thresholds to take. */
export type CaptionQuestion = PoolSelection &
  ThresholdRule & {
    readonly edition: Edition;
    /** In place of `loadPoolCounts`, for who keeps counts. */
    readonly loadCounts?: typeof loadPoolCounts;
  };

/**
 * The edition that leads the group of what a caption was identified as.
 *
 * @throws UserError if there is none
 */
export function editionOfCaption({ label }: Identified): Edition {
  const group = groupOfLabel(label, "worldmeta");
  if (group !== undefined && group !== OTHER) return getEdition(group);
  const why =
    label === UNDETERMINED ? "nothing tells the language of the caption" : `no edition has the label ${label}`;
  throw new UserError(`${why}; name the language with --edition CODE`, 2);
}

/**
 * Explains a caption by the present list of its edition's group, and by the counts of the pools named, or of the only one.
 *
 * @throws UserError if there is no list, or the pools have no counts of it
 */
export async function explainCaption(db: Database, text: string, question: CaptionQuestion): Promise<ExplainedCaption> {
  const { edition } = question;
  const list = requireGroupList(db, edition.lidGroup, question.profile);
  const balance = findBalance(db, list, question);
  const [lead = edition] = editionsOfGroup(list.group);
  const { profile } = list;
  const matches = findMatches(db, list, text, { profile, apostrophes: apostropheRuleOf(lead) });
  const probabilityOf =
    balance?.t === undefined ? undefined : (id: number) => singleProbability(balance.counts[id]!, balance.t!);
  const tokenizer = await loadTokenizer(edition);
  return {
    text,
    normalized: normalize(text),
    edition: edition.code,
    group: list.group,
    profile,
    list: list.name,
    segments: tokenizer.segment(text).map((segment) => segment.text),
    matches: matches.map(({ id, entry }) => ({
      ...{ id, entry, count: balance?.counts[id], probability: probabilityOf?.(id) },
    })),
    pools: balance?.pools ?? [],
    t: balance?.t,
    policy: balance?.policy,
    keepProbability:
      probabilityOf &&
      keepAny(
        matches.map(({ id }) => id),
        probabilityOf,
      ),
  };
}

/** UTF-16 units of the longest entry that a build takes. */
const LONGEST_ENTRY = 2 * 256;
/** From so many units on, even what repeats itself takes long to go through. */
const LONG_TEXT = 2048;
/** So many strings are looked up in any list; of a list that is longer, a third of its entries. */
const FEW_LOOKUPS = 10_000;

interface Match {
  readonly id: number;
  readonly entry: string;
}

/** The entries of a list that a text matches, by id. */
function findMatches(db: Database, list: GroupList, text: string, rule: MatchRule): Match[] {
  if (text.length > LONG_TEXT) return matchAgainstAll(db, list, text, rule);
  const idOf = createGroupLookup(db, list);
  const found: Match[] = [];
  // To look a string up takes as long as to read and compile three entries; when the list could have been read by now, it is.
  let left = Math.max(FEW_LOOKUPS, list.entries / 3);
  for (const entry of possibleEntries(text, rule, LONGEST_ENTRY)) {
    if (--left < 0) return matchAgainstAll(db, list, text, rule);
    const id = idOf(entry);
    if (id !== undefined) found.push({ id, entry });
  }
  return found.sort((a, b) => a.id - b.id);
}

/** The same by reading the list, for texts in which more is possible than the list holds: long, or without spaces. */
function matchAgainstAll(db: Database, list: GroupList, text: string, rule: MatchRule): Match[] {
  const entries = [...readGroupEntries(db, list)];
  return [...createMatcher(entries, rule).match(text)].map((id) => ({ id, entry: entries[id]! }));
}

/** Counts of a list and the threshold that goes with them. */
interface Balance {
  readonly pools: readonly string[];
  readonly counts: Float64Array;
  readonly t: number | undefined;
  readonly policy: string;
}

/** Undefined if no pool is asked for, and none or more than one is there, or the only one has not counted the list. */
function findBalance(
  db: Database,
  list: GroupList,
  { loadCounts = loadPoolCounts, ...options }: CaptionQuestion,
): Balance | undefined {
  const asked = options.pools.length > 0 || hasRule(options);
  const [only, ...more] = listPools(db);
  if (!asked) {
    if (only === undefined || more.length > 0) return undefined;
    if (listsOfPool(db, only.name).every((counted) => counted.list.id !== list.id)) return undefined;
  }
  const groups = [list.group, ...(options.anchor?.keys() ?? [])];
  const found = loadCounts(db, { pools: options.pools, groups: [...new Set(groups)], profile: options.profile });
  const own = found.lists.find((counted) => counted.list.group === list.group);
  if (own === undefined) return undefined;
  if (own.list.id !== list.id) {
    const command = `worldmeta count … --name ${found.pools[0]}`;
    throw new UserError(
      `the list of ${list.group} has changed since its captions were counted; count them again: ${command}`,
    );
  }
  const { pools } = found;
  const onRecord = hasRule(options) ? undefined : findThreshold(db, { pools, list });
  if (onRecord !== undefined && !onRecord.stale) {
    return { pools, counts: own.counts, t: onRecord.t, policy: onRecord.policy };
  }
  const byGroup = new Map(found.lists.map(({ name, counts }) => [name, counts]));
  requireAnchors(options, byGroup, `the counts of ${pools.join(", ")}`);
  const policy = policyOf(options);
  const solved = solveGroups({ groups: byGroup, policy, profile: options.profile });
  return {
    ...{ pools, counts: own.counts, policy: sayPolicy(policy) },
    t: solved.find(({ group }) => group === own.name)?.t,
  };
}
