/**
 * The rule by which captions meet lists, as a file: what `worldmeta_reader.py` needs to match as the matchers here do, and
 * to know which list a label leads to.
 */
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import { classOf } from "../../languages/boundary.ts";
import { CLASS } from "../../languages/boundary-classes.ts";
import { editionsOfGroup, LABEL_SCHEMES, type LabelScheme, listEditions } from "../../languages/index.ts";
import { knownLabels, scriptsOfGroup } from "../../languages/lid-labels.ts";
import { isOfOtherWidth, isRemoved } from "../../languages/normalize.ts";
import { UNICODE_VERSION } from "../../languages/unicode-tables.ts";
import type { ListRule } from "../matching/compile-list.ts";
import type { ProfileName } from "../profile.ts";
import { BECOME_SPACES, matchesWithoutSpace, PARTED_MARKS } from "../reference-text.ts";

/** What marks the file as ours. */
export const MATCHING_FORMAT = "worldmeta-matching-1";
export const MATCHING = "matching.json";

/** `matching.json`, as far as more than the reader in Python needs it. */
export interface MatchingRule {
  readonly format: typeof MATCHING_FORMAT;
  readonly profile: ProfileName;
  /** What the labels of the captions that were counted mean. */
  readonly scheme: LabelScheme;
  /** Of groups whose language has one; not for `reference`. */
  readonly apostrophes?: Readonly<Record<string, ApostropheJson>>;
}

/** Where an apostrophe between letters parts words; clitics with a space between. */
interface ApostropheJson {
  readonly proclitics: string;
  readonly enclitics: string;
  readonly quotes: boolean;
}

/** What the file says. */
export interface MatchingRuleInput {
  readonly profile: ProfileName;
  readonly scheme: LabelScheme;
  /** Groups of the lists that are matched. */
  readonly groups: readonly string[];
}

/** Describes the rule: an object for `matching.json`. Sets of characters are ranges of code points in hexadecimal. */
export function describeMatching({ profile, scheme, groups }: MatchingRuleInput): MatchingRule {
  const rule = { format: MATCHING_FORMAT, profile, scheme } as const;
  return profile === "reference"
    ? { ...rule, ...describeReference(), ...describeLabels() }
    : { ...rule, ...describeCorrected(groups), ...describeLabels() };
}

function describeReference() {
  const { wide = [] } = toRanges(0x110000, (point) =>
    matchesWithoutSpace(String.fromCodePoint(point)) ? "wide" : undefined,
  );
  return { published: { wide, parted: PARTED_MARKS, spaces: BECOME_SPACES } };
}

function describeCorrected(groups: readonly string[]) {
  const apostrophes: Record<string, ApostropheJson> = {};
  for (const group of groups) {
    const [lead] = editionsOfGroup(group);
    if (lead === undefined) continue;
    const { proclitics, enclitics, isQuote = false } = apostropheRuleOf(lead);
    if (proclitics.size + enclitics.size === 0 && !isQuote) continue;
    const words = { proclitics: [...proclitics].join(" "), enclitics: [...enclitics].join(" ") };
    apostrophes[group] = { ...words, quotes: isQuote };
  }
  const names = new Map<number, string>(Object.entries(CLASS).map(([name, value]) => [value, name]));
  // What no range names is a sign.
  names.delete(CLASS.sign);
  return {
    apostrophes,
    // Beyond the first 65,536 characters there is nothing to be removed or replaced.
    normalize: toRanges(0x10000, (point) => {
      const character = String.fromCodePoint(point);
      if (isRemoved(character)) return "removed";
      return isOfOtherWidth(character) ? "width" : undefined;
    }),
    unicode: UNICODE_VERSION,
    classes: toRanges(0x110000, (point) => names.get(classOf(point))),
  };
}

/** Of each scheme and group the labels that lead to it; of each script the groups that a label with it may lead to. */
function describeLabels() {
  const labels = LABEL_SCHEMES.map((scheme) => {
    const byGroup = new Map<string, string[]>();
    for (const [label, group] of [...knownLabels(scheme)].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const list = byGroup.get(group);
      if (list === undefined) byGroup.set(group, [label]);
      else list.push(label);
    }
    const sorted = [...byGroup].sort(([a], [b]) => (a < b ? -1 : 1));
    return [scheme, Object.fromEntries(sorted.map(([group, list]) => [group, list.join(" ")]))] as const;
  });
  const fitting = new Map<string, string[]>();
  for (const group of [...new Set(listEditions().map(({ lidGroup }) => lidGroup))].sort()) {
    for (const script of scriptsOfGroup(group)) fitting.set(script, [...(fitting.get(script) ?? []), group]);
  }
  const scripts = [...fitting]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([script, groups]) => [script, groups.join(" ")]);
  return { labels: Object.fromEntries(labels), scripts: Object.fromEntries(scripts) };
}

/** Characters in one line of ranges. */
const LINE = 96;

/** By name the ranges of the code points below `end` that have it, in lines of moderate length. */
function toRanges(end: number, nameOf: (point: number) => string | undefined): Record<string, string[]> {
  const lines: Record<string, string[]> = {};
  let from = 0;
  let name = nameOf(0);
  for (let point = 1; point <= end; point++) {
    const next = point < end ? nameOf(point) : undefined;
    if (next === name && point < end) continue;
    if (name !== undefined) lines[name] = addRange(lines[name] ?? [], from, point - 1);
    from = point;
    name = next;
  }
  return lines;
}

function addRange(lines: string[], from: number, last: number): string[] {
  const range = from === last ? toHex(from) : `${toHex(from)}-${toHex(last)}`;
  const line = lines.at(-1);
  if (line === undefined || line.length + range.length >= LINE) lines.push(range);
  else lines[lines.length - 1] = `${line} ${range}`;
  return lines;
}

function toHex(point: number): string {
  return point.toString(16).toUpperCase().padStart(4, "0");
}

/** The content of `matching.json`; undefined if it is none of ours. */
export function parseMatching(text: string): MatchingRule | undefined {
  let value: Partial<MatchingRule> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isOurs =
    value?.format === MATCHING_FORMAT &&
    (value.profile === "reference" || (value.profile === "corrected" && typeof value.apostrophes === "object")) &&
    LABEL_SCHEMES.some((scheme) => scheme === value.scheme);
  return isOurs ? (value as MatchingRule) : undefined;
}

/** By what rule the list of a group matches, as the file says. */
export function ruleOf({ profile, apostrophes }: MatchingRule, group: string): ListRule {
  const own = apostrophes?.[group];
  if (own === undefined) return { profile };
  const split = (words: string) => new Set(words === "" ? [] : words.split(" "));
  const { proclitics, enclitics, quotes } = own;
  return { profile, apostrophes: { proclitics: split(proclitics), enclitics: split(enclitics), isQuote: quotes } };
}
