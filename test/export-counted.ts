/** Exports for the curator of lists that no database holds. */
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { editionsOfGroup, type LabelScheme } from "../languages/index.ts";
import { solveGroups } from "../src/balancing/threshold.ts";
import { exportMetaclip } from "../src/export/metaclip.ts";
import { nameList } from "../src/list-name.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import type { ProfileName } from "../src/profile.ts";

/** Lists by group, and how often each entry matched. */
export type CountedLists = Readonly<
  Record<string, { readonly entries: readonly string[]; readonly counts: readonly number[] }>
>;

/** How lists are exported. */
export interface ExportOptions {
  readonly directory: string;
  readonly profile?: ProfileName;
  readonly scheme?: LabelScheme;
  readonly tailRatio?: number;
}

/** Writes lists as `export metaclip` does; the folder. */
export async function exportLists(
  lists: CountedLists,
  { directory, profile = "corrected", scheme, tailRatio = 0.06 }: ExportOptions,
): Promise<string> {
  const groups = new Map(Object.entries(lists).map(([group, { counts }]) => [group, counts]));
  const thresholds = solveGroups({ groups, policy: { tailRatio }, profile });
  await exportMetaclip({
    lists: thresholds.map((threshold) => {
      const { group } = threshold;
      const { entries, counts } = lists[group]!;
      return { group, code: group, list: nameList(entries), entries, counts, threshold };
    }),
    ...{ directory, profile, scheme, versions: {}, counted: [] },
  });
  return directory;
}

/** Counts how many of its group's texts hold each entry of a list, and exports. */
export async function exportCounted(
  lists: ReadonlyMap<string, readonly string[]>,
  { texts, ...options }: ExportOptions & { readonly texts: ReadonlyMap<string, readonly string[]> },
): Promise<string> {
  const { profile = "corrected" } = options;
  const counted = [...lists].map(([group, entries]) => {
    const counts = countMatches(texts.get(group) ?? [], { group, entries, profile });
    return [group, { entries, counts }] as const;
  });
  return exportLists(Object.fromEntries(counted), options);
}

/** How many of a group's texts hold each entry of its list. */
function countMatches(
  texts: readonly string[],
  {
    group,
    entries,
    profile,
  }: { readonly group: string; readonly entries: readonly string[]; readonly profile: ProfileName },
): number[] {
  const [lead] = editionsOfGroup(group);
  const apostrophes = lead === undefined ? undefined : apostropheRuleOf(lead);
  const counts = entries.map(() => 0);
  createMatcher(entries, { profile, apostrophes }).matchAll(texts, (_, ids) => {
    for (const id of ids) counts[id]!++;
  });
  return counts;
}
