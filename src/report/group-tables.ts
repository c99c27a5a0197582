/** A list's counts as the tables of the MetaCLIP paper show them (Xu et al., "Demystifying CLIP Data", Tables 2 and 3). */
import { keepProbability } from "../balancing/threshold.ts";
import { SOURCES, type Source } from "../entries/types.ts";

/** What the entries of a source hold. */
export interface SourceRow {
  readonly source: Source | "all";
  readonly entries: number;
  /** Entries without a match. */
  readonly zero: number;
  /** Entries with at least t matches, and what they hold together. Without a threshold there are none. */
  readonly head: number;
  readonly headMatches: number;
  /** Sum of the counts of all. */
  readonly matches: number;
}

/** Sums over the entries of each source that there is, in the order of merging, and over all. */
export function sumBySource(
  counts: ArrayLike<number>,
  { sources, t }: { readonly sources: Iterable<Source>; readonly t: number | undefined },
): SourceRow[] {
  const empty = () => ({ entries: 0, zero: 0, head: 0, headMatches: 0, matches: 0 });
  const rows = new Map<Source | "all", ReturnType<typeof empty>>();
  for (const source of SOURCES) rows.set(source, empty());
  const all = empty();
  let id = 0;
  for (const source of sources) {
    const count = counts[id++] ?? 0;
    for (const row of [rows.get(source)!, all]) {
      row.entries++;
      row.matches += count;
      if (count === 0) row.zero++;
      else if (t !== undefined && count >= t) {
        row.head++;
        row.headMatches += count;
      }
    }
  }
  return [...rows, ["all", all] as const]
    .filter(([source, { entries }]) => source === "all" || entries > 0)
    .map(([source, row]) => ({ source, ...row }));
}

/** An entry with many matches. */
export interface TopEntry {
  /** From 1, the entry with most matches. */
  readonly rank: number;
  readonly id: number;
  readonly text: string;
  readonly source: Source;
  readonly count: number;
  /** Texts that hold it, of all that met the list. */
  readonly share: number;
  /** With which it keeps a text that holds it; absent without a threshold. */
  readonly probability: number | undefined;
  /** Texts that it keeps by itself, in the mean: min(count, t). */
  readonly kept: number | undefined;
}

/** The ids of the entries with most matches: most matches first, then by id; of entries without a match none. */
export function topIds(counts: ArrayLike<number>, size: number): number[] {
  const least = Float64Array.from(counts).sort().at(-size) ?? 1;
  const ids: number[] = [];
  for (let id = 0; id < counts.length; id++) if (counts[id]! >= Math.max(1, least)) ids.push(id);
  return ids.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, size);
}

/** What is known of the entries with most matches. */
export function describeTop(
  counts: ArrayLike<number>,
  {
    ids,
    entries,
    texts,
    t,
  }: {
    readonly ids: readonly number[];
    readonly entries: ReadonlyMap<number, { readonly text: string; readonly source: Source }>;
    readonly texts: number;
    readonly t: number | undefined;
  },
): TopEntry[] {
  return ids.map((id, at) => {
    const count = counts[id]!;
    return {
      ...{ rank: at + 1, id, ...entries.get(id)!, count, share: count / texts },
      probability: t === undefined ? undefined : keepProbability(count, t),
      kept: t === undefined ? undefined : Math.min(count, t),
    };
  });
}
