/**
 * Online balancing: rows decided one by one as a data loader meets them, by the folder that `exportMetaclip` wrote.
 * `worldmeta_reader.py`, which lies in that folder, is its twin in Python and decides the same.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { groupOfLabel, LABEL_SCHEMES, type LabelScheme, OTHER } from "../../languages/index.ts";
import { balanceRow, nameRow } from "../balancing/balance.ts";
import { UserError } from "../errors.ts";
import { createMatcher, type Matcher } from "../matching/matcher.ts";
import { Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import { parseNpy } from "../sources/npy.ts";
import { takeText, toLabel } from "../sources/pool-kind.ts";
import { MANIFEST } from "./folder.ts";
import { MATCHING, parseMatching, ruleOf } from "./matching-rule.ts";
import { type ManifestList, metadataPath, probabilityPaths, readManifest } from "./metaclip.ts";

/** An image with its captions. */
export interface CaptionRow {
  /** Names the image, and no other; a row without one is named by its URL and texts. A number stands for its digits. */
  readonly id?: string | number | bigint | null | undefined;
  readonly url?: string | null | undefined;
  /** One text, or several of the same image. */
  readonly texts: string | readonly string[];
  /** Label of the texts' language, or those of each; texts without one meet the list `other`. */
  readonly lang?: string | null | readonly (string | null | undefined)[] | undefined;
}

/** What became of a row. */
export interface RowDecision {
  readonly kept: boolean;
  /** The text that was drawn of those that match; undefined if none does, or if only ids were given. */
  readonly text: string | undefined;
  /** Its position among the texts given. */
  readonly drawn: number | undefined;
  /** Ids of the entries that it matches, ascending. */
  readonly matches: Uint32Array;
  /** With which it stays; 0 if nothing matches. */
  readonly probability: number;
  /** `no list`: the folder has none of the group. */
  readonly reason: "kept" | "not drawn" | "no match" | "no list";
  /** What the draws were made from. */
  readonly id: string;
  /** Whose list the text drawn has met, or else the first text that could meet one, or the first. */
  readonly group: string;
}

/** How rows are decided. */
export interface BalancerOptions {
  /** A whole number of at least 0; the same gives the same decisions, another one other draws. 0 if not given. */
  readonly seed?: number | undefined;
  /** What labels mean; if not given, what those meant that the lists were counted by. */
  readonly scheme?: LabelScheme | undefined;
  /** Where texts and labels that cannot be used are counted. */
  readonly problems?: Problems | undefined;
}

/** Matches whose texts are not at hand. */
export interface MatchedIds {
  readonly id: string | number | bigint;
  /** Of each text of the image the ids of its entries, each once. */
  readonly matches: readonly ArrayLike<number>[];
  readonly group: string;
}

/** Decides rows; lists are loaded when their group first occurs. */
export interface Balancer {
  readonly profile: ProfileName;
  readonly scheme: LabelScheme;
  readonly seed: number;
  /** Groups whose lists the folder has. */
  readonly groups: readonly string[];
  /** Matches a row's texts, draws one of those that match, and decides whether it stays. */
  decide(row: CaptionRow): RowDecision;
  /** The same for matches that are known already. Throws `RangeError` for ids that the list does not have. */
  keep(row: MatchedIds): RowDecision;
  /** Ids of the entries that a text matches, ascending. Throws `UserError` if there is no list of the group. */
  match(text: string, group: string): Uint32Array;
  /** The same lists, which both share, with another seed. */
  withSeed(seed: number): Balancer;
}

/** A list in memory. */
interface OpenList {
  readonly matcher: Matcher;
  readonly probabilities: Float64Array;
}

/** A text, as far as it is at hand, with the list of its group and what it matches there. */
interface GroupText {
  readonly group: string;
  readonly list: OpenList | undefined;
  readonly position: number;
  readonly text?: string;
  readonly matches?: Uint32Array | undefined;
}

/**
 * Opens a folder that `exportMetaclip` wrote.
 *
 * Throws `UserError` if it is none, or if its files do not belong together; `verifyFolder` checks every byte of it.
 */
export function openBalancer(directory: string, options: BalancerOptions = {}): Balancer {
  const { problems = new Problems() } = options;
  const manifest = readManifest(directory);
  if (manifest === undefined) throw notOurs(directory, MANIFEST);
  const rule = readMatching(directory);
  const { profile } = rule;
  const { scheme = rule.scheme } = options;
  if (!LABEL_SCHEMES.includes(scheme))
    throw new UserError(`no labelling scheme "${scheme}"; there are ${LABEL_SCHEMES.join(", ")}`);
  const records = new Map(manifest.lists.map((record) => [record.group, record]));
  const lists = new Map<string, OpenList>();

  const load = (record: ManifestList): OpenList => {
    const read = (path: string) => readFileSync(join(directory, path));
    const [, path = ""] = probabilityPaths(record.code, manifest.named.t);
    const entries = JSON.parse(read(metadataPath(record.code)).toString("utf8")) as string[];
    const probabilities = parseNpy(read(path), path);
    if (entries.length !== record.entries || probabilities.length !== record.entries)
      throw new UserError(`${directory}: files of different exports; see: worldmeta verify ${directory}`);
    return { matcher: createMatcher(entries, ruleOf(rule, record.group)), probabilities };
  };
  const listOf = (group: string): OpenList | undefined => {
    const record = records.get(group);
    if (record === undefined) return undefined;
    const list = lists.get(group) ?? load(record);
    lists.set(group, list);
    return list;
  };
  const labelOf = (value: unknown) => (typeof value === "bigint" ? String(value) : toLabel(value, problems, () => ""));

  const withSeed = (seed: number): Balancer => {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new UserError(`a seed is a whole number of at least 0, not ${seed}`);
    const draw = (id: string, texts: readonly GroupText[]): RowDecision => {
      const found = texts.flatMap(({ list, matches, ...text }) =>
        list === undefined || matches === undefined || matches.length === 0 ? [] : [{ ...text, list, matches }],
      );
      if (found.length === 0) {
        const listed = texts.find(({ list }) => list !== undefined);
        const reason = listed === undefined ? "no list" : "no match";
        const { group } = listed ?? texts[0] ?? { group: OTHER };
        const none = { text: undefined, drawn: undefined, matches: new Uint32Array(0), probability: 0 };
        return { kept: false, ...none, reason, id, group };
      }
      const { drawn, probability, isKept } = balanceRow({
        ...{ id, seed, matches: found.map(({ matches }) => matches) },
        probabilitiesOf: (text) => found[text]!.list.probabilities,
      });
      const { text, position, matches, group } = found[drawn]!;
      const reason = isKept ? "kept" : "not drawn";
      return { kept: isKept, text, drawn: position, matches, probability, reason, id, group };
    };
    return {
      ...{ profile, scheme, seed, groups: [...records.keys()], withSeed },
      decide({ id, url, texts, lang }) {
        const usable = (typeof texts === "string" ? [texts] : texts).flatMap((value, position) => {
          const text = takeText(value, problems, () => labelOf(id) ?? "");
          return text === undefined ? [] : [{ text, position }];
        });
        const name = labelOf(id) ?? nameRow({ url: labelOf(url), texts: usable.map(({ text }) => text) });
        const groupAt = (position: number) => {
          const label = labelOf(Array.isArray(lang) ? lang[position] : lang);
          return (label === undefined ? undefined : groupOfLabel(label, scheme)) ?? OTHER;
        };
        const met = usable.map(({ text, position }) => {
          const group = groupAt(position);
          const list = listOf(group);
          return { group, list, text, position, matches: list?.matcher.match(text) };
        });
        return draw(name, met.length > 0 ? met : [{ group: groupAt(0), list: listOf(groupAt(0)), position: 0 }]);
      },
      keep({ id, matches, group }) {
        const name = labelOf(id);
        if (name === undefined) throw new UserError("keep() needs an id: there are no texts to name the row by");
        const list = listOf(group);
        const met = matches.map((ids, position) => ({
          ...{ group, list, position, matches: list && sortIds(ids, list.probabilities.length) },
        }));
        return draw(name, met.length > 0 ? met : [{ group, list, position: 0 }]);
      },
      match(text, group) {
        const list = listOf(group);
        if (list !== undefined) return list.matcher.match(text);
        throw new UserError(`${directory}: no list of ${group}; there are ${[...records.keys()].join(", ")}`);
      },
    };
  };
  return withSeed(options.seed ?? 0);
}

function readMatching(directory: string) {
  let text: string;
  try {
    text = readFileSync(join(directory, MATCHING), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw notOurs(directory, MATCHING);
    throw error;
  }
  const rule = parseMatching(text);
  if (rule === undefined) throw notOurs(directory, MATCHING);
  return rule;
}

function notOurs(directory: string, file: string): UserError {
  return new UserError(`${join(directory, file)} is missing or none of ours; write it with: worldmeta export metaclip`);
}

function sortIds(ids: ArrayLike<number>, entries: number): Uint32Array {
  const wrong = Array.from(ids).find((id) => !Number.isInteger(id) || id < 0 || id >= entries);
  if (wrong !== undefined) throw new RangeError(`no entry ${wrong} in a list of ${entries}`);
  return Uint32Array.from(ids).sort();
}
