/** Lists as files: a text file of entries, or JSON lines with everything known of each. */
import { join } from "node:path";
import { toEntryJson } from "../entries/entry-json.ts";
import { writeAtomically } from "../files.ts";
import type { Build } from "../store/builds.ts";
import type { Database } from "../store/database.ts";
import { readEntries } from "../store/entries.ts";

export const LIST_FORMATS = ["jsonl", "txt"] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** A file that an export wrote. */
export interface ExportedList {
  readonly edition: string;
  readonly path: string;
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Write one build's list to `CODE.jsonl` or `CODE.txt`, in the order of the ids: the line number is the id plus one.
 *
 * The same list gives the same bytes.
 */
export async function exportList(
  db: Database,
  build: Build,
  { format, directory }: { readonly format: ListFormat; readonly directory: string },
): Promise<ExportedList> {
  const path = join(directory, `${build.edition}.${format}`);
  let entries = 0;
  function* lines(): Generator<string> {
    for (const entry of readEntries(db, build.id)) {
      entries++;
      yield format === "txt" ? `${entry.text}\n` : `${JSON.stringify(toEntryJson(entry))}\n`;
    }
  }
  const bytes = await writeAtomically(path, lines());
  return { edition: build.edition, path, entries, bytes };
}
