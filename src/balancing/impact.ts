/** What another list, or another threshold, changes for the entries of a pool. */
import { keepProbability } from "./threshold.ts";

/** What becomes of the captions that hold an entry. */
export interface Keeping {
  /** Captions that hold it. */
  readonly count: number;
  /** With which it keeps each of them. */
  readonly probability: number;
  /** Captions that it keeps in the mean; other entries may keep the same ones. */
  readonly kept: number;
}

/** An entry with what becomes of its captions. */
export interface KeptEntry extends Keeping {
  readonly text: string;
}

/** An entry of both sides. */
export interface KeepingChange {
  readonly text: string;
  readonly before: Keeping;
  readonly after: Keeping;
}

/** A list with its counts and threshold. */
export interface ImpactSide {
  /** The entries in the order of their ids. */
  readonly texts: Iterable<string>;
  /** By id. */
  readonly counts: ArrayLike<number>;
  /** Undefined where nothing matched: then nothing is thinned out. */
  readonly t: number | undefined;
}

/** The difference of two sides. */
export interface Impact {
  /** Entries whose probability differs: the greatest difference first, then that of captions kept. */
  readonly changed: readonly KeepingChange[];
  /** Entries of one side alone: those that keep most captions first. */
  readonly added: readonly KeptEntry[];
  readonly removed: readonly KeptEntry[];
}

/** What becomes of the captions of an entry with so many, at a threshold. */
export function keepingOf(count: number, t: number | undefined): Keeping {
  if (t === undefined) return { count, probability: 1, kept: count };
  // Not count × probability, which is rounded.
  return { count, probability: keepProbability(count, t), kept: Math.min(count, t) };
}

/** Compares two sides, entry by entry, by text. Holds the texts of `before` in memory. */
export function compareKeeping(before: ImpactSide, after: ImpactSide): Impact {
  const idsBefore = new Map<string, number>();
  for (const text of before.texts) idsBefore.set(text, idsBefore.size);
  const changed: KeepingChange[] = [];
  const added: KeptEntry[] = [];
  let id = 0;
  for (const text of after.texts) {
    const now = keepingOf(after.counts[id++] ?? 0, after.t);
    const old = idsBefore.get(text);
    if (old === undefined) {
      added.push({ text, ...now });
      continue;
    }
    idsBefore.delete(text);
    const then = keepingOf(before.counts[old] ?? 0, before.t);
    if (then.probability !== now.probability) changed.push({ text, before: then, after: now });
  }
  const removed = [...idsBefore].map(([text, old]) => ({ text, ...keepingOf(before.counts[old] ?? 0, before.t) }));
  const difference = ({ before, after }: KeepingChange, of: "probability" | "kept") => Math.abs(after[of] - before[of]);
  changed.sort(
    (a, b) =>
      difference(b, "probability") - difference(a, "probability") || difference(b, "kept") - difference(a, "kept"),
  );
  return { changed, added: sortByKept(added), removed: sortByKept(removed) };
}

/** Entries by the captions that they keep, most first, then by those that hold them. */
export function sortByKept<T extends Keeping>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => b.kept - a.kept || b.count - a.count);
}
