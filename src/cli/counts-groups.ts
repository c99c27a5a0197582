/** Counts of a file by group, for the commands that take `--counts`. */
import { parse } from "node:path";
import { UsageError, UserError } from "../errors.ts";
import { type GroupCounts, readCountsFile } from "../sources/counts-file.ts";
import { withFiles } from "./standard-input.ts";

/**
 * The groups of a file of counts (`-` is standard input), those of `wanted` or all. A group that the file does not name is
 * the wanted one, or has the file's name.
 */
export async function loadCountsGroups(file: string, wanted: readonly string[]): Promise<Map<string, GroupCounts>> {
  return withFiles([file], async ([path = file], names) => {
    const place = names.get(path) ?? file;
    const groups = new Map<string, GroupCounts>();
    for (const counts of await readCountsFile(path)) {
      if (counts.group === undefined && new Set(wanted).size > 1)
        throw new UsageError(`${place} holds the counts of one group; name it alone with --group`);
      groups.set(counts.group ?? wanted[0] ?? nameOf(place), counts);
    }
    const missing = wanted.find((group) => !groups.has(group));
    if (missing !== undefined)
      throw new UserError(`${place} has no counts of ${missing}; it has those of ${[...groups.keys()].join(", ")}`);
    return wanted.length === 0 ? groups : new Map([...groups].filter(([group]) => wanted.includes(group)));
  });
}

/** The file's name without what tells its form: `ltg` of `counts/ltg.json.gz`. */
function nameOf(path: string): string {
  return parse(path)
    .base.replace(/\.(gz|bz2|zst)$/, "")
    .replace(/\.(json|npy)$/, "");
}
