import type { Command } from "commander";
import { apostropheRuleOf } from "../../../languages/apostrophes.ts";
import { type Edition, editionsOfGroup, getEdition, loadTokenizer } from "../../../languages/index.ts";
import { normalize } from "../../../languages/normalize.ts";
import { keepProbabilities, solveGroups } from "../../balancing/threshold.ts";
import { UserError } from "../../errors.ts";
import { createMatcher } from "../../matching/matcher.ts";
import { closeDatabase, type Database } from "../../store/database.ts";
import { type GroupList, openGroupList, readGroupEntries } from "../../store/group-lists.ts";
import { findThreshold, listPools } from "../../store/pools.ts";
import { type ListOptions, openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption, collect } from "../options.ts";
import { print, printJson } from "../output.ts";
import { loadPoolCounts } from "../pool-counts.ts";
import { addRuleOptions, hasRule, policyOf, type RuleOptions, requireAnchors, sayPolicy } from "../rule-options.ts";
import { formatTable, isolate } from "../table.ts";

interface CaptionOptions extends ListOptions, RuleOptions {
  readonly edition: string;
  readonly pool: readonly string[];
  readonly json?: boolean;
}

export function addCaptionCommand(program: Command): void {
  const command = program
    .command("caption <text>")
    .description("Say what happens to one caption: segments, the entries it matches, and how likely it is to be kept.")
    .requiredOption("--edition <code>", "edition of the caption's language")
    .option("--pool <name>", "pool whose counts are taken (several add up; default: the only one)", collect, [])
    .action(async (text: string, options: CaptionOptions) => {
      const explained = await explainCaption(text, options);
      if (options.json) await printJson(explained);
      else await print(formatCaption(explained));
    });
  addRuleOptions(command);
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(
    command,
    "worldmeta caption 'a cat in Paris' --edition en",
    "worldmeta caption '新しいカメラとiPhoneを買った' --edition ja --pool web --tail-ratio 0.06 --json",
  );
}

/** Counts of a list and the threshold that goes with them. */
interface Balance {
  readonly pools: readonly string[];
  readonly counts: Float64Array;
  readonly t: number | undefined;
  readonly policy: string;
}

async function explainCaption(text: string, options: CaptionOptions) {
  const edition = getEdition(options.edition);
  const db = openExisting(options.db);
  try {
    const list = requireList(db, edition, options);
    const balance = findBalance(db, list, options);
    const entries = [...readGroupEntries(db, list)];
    const [lead = edition] = editionsOfGroup(list.group);
    const { profile } = list;
    const matched = [...createMatcher(entries, { profile, apostrophes: apostropheRuleOf(lead) }).match(text)];
    const counts = balance && matched.map((id) => balance.counts[id]!);
    const probabilities = balance?.t === undefined ? undefined : keepProbabilities(counts!, balance.t);
    const tokenizer = await loadTokenizer(edition);
    return {
      text,
      normalized: normalize(text),
      edition: edition.code,
      group: list.group,
      profile,
      list: list.name,
      segments: tokenizer.segment(text).map((segment) => segment.text),
      matches: matched.map((id, index) => ({
        ...{ id, entry: entries[id]!, count: counts?.[index], probability: probabilities?.[index] },
      })),
      pools: balance?.pools ?? [],
      t: balance?.t,
      policy: balance?.policy,
      // Algorithm 1 of MetaCLIP: a text stays as soon as one of its entries draws success.
      keepProbability: probabilities && 1 - probabilities.reduce((none, one) => none * (1 - one), 1),
    };
  } finally {
    closeDatabase(db);
  }
}

type ExplainedCaption = Awaited<ReturnType<typeof explainCaption>>;

function requireList(db: Database, edition: Edition, { profile }: CaptionOptions): GroupList {
  const group = edition.lidGroup;
  const editions = editionsOfGroup(group).map(({ code }) => code);
  const list = openGroupList(db, { group, editions, profile });
  if (list !== undefined) return list;
  throw new UserError(`no ${profile} list of ${group} yet; make one with: worldmeta build ${group}`);
}

/** Undefined if no pool is asked for and none, or more than one, is there. */
function findBalance(db: Database, list: GroupList, options: CaptionOptions): Balance | undefined {
  const asked = options.pool.length > 0 || hasRule(options);
  const only = listPools(db);
  if (!asked && only.length !== 1) return undefined;
  const groups = [list.group, ...(options.anchor?.keys() ?? [])];
  const found = loadPoolCounts(db, { pools: options.pool, groups: [...new Set(groups)], profile: options.profile });
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

function formatCaption(explained: ExplainedCaption): string {
  const { text, normalized, edition, group, profile, list, segments, matches, pools, t, policy, keepProbability } =
    explained;
  const lines: [string, string][] = [
    ["caption", isolate(text)],
    ...(normalized === text ? [] : [["normalized", isolate(normalized)] as [string, string]]),
    ["list", `${group}${edition === group ? "" : ` (for ${edition})`}, ${profile}, ${list.slice(0, 12)}`],
    ["segments", segments.map((segment) => isolate(segment)).join(" | ")],
  ];
  if (keepProbability === undefined) {
    lines.push([
      "balance",
      pools.length > 0 ? "no threshold: nothing in the pool matches the list" : "no counts; name a pool with --pool",
    ]);
  } else {
    lines.push(["balance", `t = ${t} (${policy}) by the counts of ${pools.join(", ")}`]);
    lines.push([
      "kept",
      matches.length === 0 ? "never: it matches nothing" : `with probability ${formatProbability(keepProbability)}`,
    ]);
  }
  const head = lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join("\n");
  if (matches.length === 0) return `${head}\n${keepProbability === undefined ? "matches nothing\n" : ""}`;
  const right = (title: string) => ({ title, align: "right" as const });
  const scores = [
    ...(pools.length > 0 ? [right("count")] : []),
    ...(keepProbability === undefined ? [] : [right("probability")]),
  ];
  const table = formatTable(
    [right("id"), { title: "entry" }, ...scores],
    matches.map(({ id, entry, count, probability }) => [
      ...[id, entry],
      ...(count === undefined ? [] : [count]),
      ...(probability === undefined ? [] : [formatProbability(probability)]),
    ]),
  );
  return `${head}\n\n${table}`;
}

function formatProbability(probability: number): string {
  return probability >= 0.001 || probability === 0 ? probability.toFixed(4) : probability.toExponential(2);
}
