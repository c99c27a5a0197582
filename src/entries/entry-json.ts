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
function sourcesOf({ source, wordnetRank, unigramRank, bigramRank, titleRank }: Entry): Source[] {
  const sources: Source[] = [];
  for (const each of SOURCES) {
    const isThere =
      each === source ||
      (each === "wordnet" && wordnetRank !== undefined) ||
      (each === "unigram" && unigramRank !== undefined) ||
      (each === "bigram" && bigramRank !== undefined) ||
      (each === "title" && titleRank !== undefined);
    if (isThere) sources.push(each);
  }
  return sources;
}

/** The entry under the names that `--json` and JSON lines use; what is not known is absent. */
export function toEntryJson(entry: Entry): EntryJson {
  const { id, text, source, count, pairCount, pmi, npmi, views, flags } = entry;
  const json: { -readonly [Key in keyof EntryJson]?: EntryJson[Key] } = { id, text, source, sources: sourcesOf(entry) };
  if (count !== undefined) json.count = count;
  if (pairCount !== undefined) json.pairCount = pairCount;
  if (pmi !== undefined) json.pmi = pmi;
  if (npmi !== undefined) json.npmi = npmi;
  if (views !== undefined) json.views = views;
  json.flags = flags;
  return json as EntryJson;
}
