/** What the two profiles make of the same captions: how many only one of them matches, why, and captions that show it. */
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { NO_CLITICS } from "../languages/boundary.ts";
import { editionsOfGroup } from "../languages/index.ts";
import { hashCaption } from "../src/engine/samples.ts";
import { createMatcher, type Matcher } from "../src/matching/matcher.ts";
import { formatNumber } from "../src/numbers.ts";
import type { ProfileName } from "../src/profile.ts";
import type { Database } from "../src/store/database.ts";
import { type GroupList, readGroupEntries } from "../src/store/group-lists.ts";
import {
  CAPTION_SCRIPTS,
  type CaptionScript,
  createDraw,
  type Draw,
  differByRule,
  NAME_KINDS,
  type NameKind,
  nameKindOf,
  pairLists,
  REASONS,
  type Reason,
  scriptOf,
  whyCorrectedAlone,
  whyReferenceAlone,
} from "./caption-differences.ts";
import { formatRows } from "./table.ts";

/** What the papers name as captions that no English list may match. */
const REJECTS = [
  ...["control_14ct", "cudd2008", "product-img", "Skirmisher-Main-440x412", "A4omote"],
  ...["How-to-Find-the-Finest-Electric-Car-Companies", "hanukkah-party-facebook-event-cover-template"],
  ...["johnny_cash_chili_dog (2)", "8533 GOLDEN RIDGE COURT"],
];

/** A group's list in memory, ready to match. */
export interface OpenList {
  readonly entries: readonly string[];
  readonly matcher: Matcher;
}

export function openList(db: Database, list: GroupList): OpenList {
  const entries = [...readGroupEntries(db, list)];
  const [lead] = editionsOfGroup(list.group);
  const apostrophes = lead === undefined ? undefined : apostropheRuleOf(lead);
  return { entries, matcher: createMatcher(entries, { profile: list.profile, apostrophes }) };
}

/** A drawn caption with the entries that are of interest. */
interface Sample {
  readonly group: string;
  readonly text: string;
  readonly entries: readonly string[];
}

export type Side = "first" | "second";
export const SIDES = { first: "reference", second: "corrected" } as const satisfies Record<Side, ProfileName>;

/** What is drawn of one script and profile. */
interface SideDraws {
  /** Captions that this profile alone matches. */
  readonly captions: Draw<Sample>;
  /** Those of them in which an entry matched that the other's list has as well. */
  shared: number;
  /** Captions in which it alone finds an entry that both lists hold, by the reason of the first such entry. */
  readonly byRule: ReadonlyMap<Reason, Draw<Sample>>;
  /** How often it does, by reason. */
  readonly reasons: Map<Reason, number>;
}

export interface Draws {
  readonly sides: ReadonlyMap<CaptionScript, Readonly<Record<Side, SideDraws>>>;
  readonly names: ReadonlyMap<NameKind, { captions: number; reference: number; readonly corrected: Draw<Sample> }>;
  readonly scripts: Map<CaptionScript, number>;
}

export function createDraws(size: number): Draws {
  const side = (): SideDraws => ({
    ...{ captions: createDraw(size), shared: 0, reasons: new Map() },
    byRule: new Map(REASONS.map((reason) => [reason, createDraw(size)])),
  });
  return {
    sides: new Map(CAPTION_SCRIPTS.map((script) => [script, { first: side(), second: side() }])),
    names: new Map(NAME_KINDS.map((kind) => [kind, { captions: 0, reference: 0, corrected: createDraw(size) }])),
    scripts: new Map(),
  };
}

/** Captions of a group that only one profile matches, and those that each does. */
export interface Comparison {
  readonly matched: Record<Side, number>;
  readonly only: Record<Side, number>;
}

/** Matches a group's captions against both lists and draws where they differ. */
export function compareGroup(
  texts: readonly string[],
  { group, lists, draws }: { readonly group: string; readonly lists: Record<Side, OpenList>; readonly draws: Draws },
): Comparison {
  const pair = pairLists(lists.first.entries, lists.second.entries);
  const found = { first: matchAll(lists.first.matcher, texts), second: matchAll(lists.second.matcher, texts) };
  const [lead] = editionsOfGroup(group);
  const apostrophes = lead === undefined ? NO_CLITICS : apostropheRuleOf(lead);
  const matched = { first: 0, second: 0 };
  const only = { first: 0, second: 0 };
  for (const [index, text] of texts.entries()) {
    const matches = { first: found.first[index]!, second: found.second[index]! };
    const hash = hashCaption({ name: "", text });
    const script = scriptOf(text);
    draws.scripts.set(script, (draws.scripts.get(script) ?? 0) + 1);
    const sides = draws.sides.get(script)!;
    const byRule = differByRule(pair, matches);
    for (const side of ["first", "second"] as const) {
      const { entries } = lists[side];
      const others = side === "first" ? pair.toSecond : pair.toFirst;
      if (matches[side].length > 0) matched[side]++;
      const byReason = new Map<Reason, string[]>();
      for (const id of byRule[side]) {
        const entry = entries[id]!;
        const reason = side === "first" ? whyReferenceAlone(entry) : whyCorrectedAlone(text, entry, apostrophes);
        byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
      }
      for (const [reason, found] of byReason) {
        sides[side].reasons.set(reason, (sides[side].reasons.get(reason) ?? 0) + found.length);
        sides[side].byRule.get(reason)!.offer(hash, () => ({ group, text, entries: found }));
      }
      if (matches[side].length === 0 || matches[side === "first" ? "second" : "first"].length > 0) continue;
      only[side]++;
      if (byRule[side].length > 0) sides[side].shared++;
      sides[side].captions.offer(hash, () => ({ group, text, entries: nameAll(matches[side], lists[side], others) }));
    }
    const kind = nameKindOf(text);
    const names = kind && draws.names.get(kind);
    if (names === undefined) continue;
    names.captions++;
    if (matches.first.length > 0) names.reference++;
    if (matches.second.length > 0) {
      names.corrected.offer(hash, () => ({
        group,
        text,
        entries: nameAll(matches.second, lists.second, pair.toFirst),
      }));
    }
  }
  return { matched, only };
}

/** Entries by their ids; those that `others` does not find in the other list bear a `*`. */
function nameAll(ids: Uint32Array, { entries }: OpenList, others: Int32Array): string[] {
  return [...ids].map((id) => `${entries[id]}${others[id]! < 0 ? "*" : ""}`);
}

function matchAll(matcher: Matcher, texts: readonly string[]): Uint32Array[] {
  const found: Uint32Array[] = [];
  matcher.matchAll(texts, (index, ids) => {
    found[index] = ids.slice().sort();
  });
  return found;
}

function printSamples(title: string, samples: readonly Sample[]): void {
  if (samples.length === 0) return;
  console.log(`\n${title}`);
  for (const { group, text, entries } of samples) {
    console.log(`  ${group}: ${text.replace(/\s+/g, " ")}\n      → ${entries.join(" · ")}`);
  }
}

/** How often the rules alone make a difference, by script and by what stands beside the entry. */
export function printReasons({ sides, scripts }: Draws): void {
  const rows = [...sides].flatMap(([script, bySide]) =>
    (["first", "second"] as const).flatMap((side) => {
      const { reasons } = bySide[side];
      if (reasons.size === 0) return [];
      const cells = REASONS.map((reason) => formatNumber(reasons.get(reason) ?? 0));
      return [[`${script}, ${SIDES[side]} alone`, formatNumber(scripts.get(script) ?? 0), ...cells]];
    }),
  );
  console.log("\nmatches of entries of both lists that only one rule finds, by what stands beside");
  console.log(formatRows(["", "captions", ...REASONS], rows));
}

export function printDraws({ sides, names, scripts }: Draws): void {
  for (const [script, bySide] of sides) {
    for (const side of ["first", "second"] as const) {
      const { captions, shared, byRule } = bySide[side];
      const of = `of ${formatNumber(scripts.get(script) ?? 0)} captions`;
      printSamples(
        `${script}: ${SIDES[side]} alone matches ${formatNumber(captions.offered)} ${of}, ` +
          `${formatNumber(shared)} by an entry of both lists`,
        captions.list(),
      );
      for (const [reason, found] of byRule) {
        printSamples(
          `${script}: ${SIDES[side]} alone finds entries of both lists, ${reason}: in ${formatNumber(found.offered)} ${of}`,
          found.list(),
        );
      }
    }
  }
  for (const [kind, { corrected }] of names) {
    printSamples(`${kind}: corrected matches ${formatNumber(corrected.offered)}`, corrected.list());
  }
}

/** Says which of the captions that no English list may match are matched all the same. */
export function printRejects(lists: Record<Side, OpenList>): void {
  for (const side of ["first", "second"] as const) {
    const { entries, matcher } = lists[side];
    const found = REJECTS.flatMap((text) => {
      const ids = [...matcher.match(text)];
      return ids.length === 0 ? [] : [`${text} → ${ids.map((id) => entries[id]).join(" · ")}`];
    });
    console.log(`${SIDES[side]}: matched of the papers' ${REJECTS.length} rejects: ${found.join("; ") || "none"}`);
  }
}
