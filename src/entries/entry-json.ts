/** Entries as JSON, for `--json` and exports. */
import { type Entry, type Flag, SOURCES, type Source } from "./types.ts";

/** One entry, with what is known of it. */
export interface EntryJson {
  readonly id: number;
  readonly text: string;
  readonly source: Source;
  readonly sources: readonly Source[];
  readonly count?: number;
  readonly pairCount?: number;
  readonly pmi?: number;
  readonly npmi?: number;
  readonly views?: number;
  readonly flags: readonly Flag[];
}

/** The sources that bring an entry, its owner among them, in the order of merging. */
function sourcesOf(entry: Entry): Source[] {
  const ranks: Readonly<Record<Source, number | undefined>> = {
    number: undefined,
    wordnet: entry.wordnetRank,
    unigram: entry.unigramRank,
    bigram: entry.bigramRank,
    title: entry.titleRank,
    review: undefined,
  };
  return SOURCES.filter((source) => source === entry.source || ranks[source] !== undefined);
}

/** The entry under the names that `--json` and JSON lines use; what is not known is absent. */
export function toEntryJson(entry: Entry): EntryJson {
  const { id, text, source, count, pairCount, pmi, npmi, views, flags } = entry;
  const known = Object.entries({ count, pairCount, pmi, npmi, views }).filter(([, value]) => value !== undefined);
  return { id, text, source, sources: sourcesOf(entry), ...Object.fromEntries(known), flags };
}
