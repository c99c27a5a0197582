/** Cuts dumps into ranges that can be read at the same time, and tells whether what was read fits together. */
import { Problems } from "../problems.ts";
import { checksumsAgree } from "./bzip2.ts";
import { type DumpCut, type DumpRange, type RangeReport, readDumpRange } from "./dump.ts";
import { findFormat } from "./input.ts";

/** A file to cut. */
export interface DumpFile {
  readonly path: string;
  /** Its size in compressed bytes. */
  readonly bytes: number;
}

/**
 * Cuts a dump into ranges of about `rangeBytes` compressed bytes, in order; bzip2 and plain XML in UTF-8 can be cut, of
 * everything else the one range is the whole file.
 *
 * Reads the file as far as its first page. Throws `UserError` as `readDump` does for what is wrong up to there.
 */
export async function planDumpRanges({ path, bytes }: DumpFile, rangeBytes: number): Promise<DumpRange[]> {
  const whole: DumpRange[] = [{ path }];
  const count = Math.ceil(bytes / Math.max(1, rangeBytes));
  if (count < 2) return whole;
  const format = await findFormat(path);
  if (format !== "plain" && format !== "bzip2") return whole;
  const head = await readDumpHead(path, format);
  if (head === undefined) return whole;
  const placeOf = (index: number) => Math.floor((bytes * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    path,
    cut: { format, from: placeOf(index), to: placeOf(index + 1), head: index === 0 ? "" : head },
  }));
}

/** What stands open before the first page; undefined if there is none or the file cannot be cut. */
async function readDumpHead(path: string, format: DumpCut["format"]): Promise<string | undefined> {
  let head: string | undefined;
  // An empty range ends before the first page.
  const pages = readDumpRange(
    { path, cut: { format, from: 0, to: 0, head: "" } },
    {
      problems: new Problems(),
      onEnd: (report) => {
        head = report.head;
      },
    },
  );
  await pages.next();
  return head;
}

/**
 * Whether ranges, told in order, are all of a file: each began where the one before it ended, under the same head, the
 * last ended with the file, and the checksums of streams that they share are right.
 */
export function rangesFit(ranges: readonly DumpRange[], reports: readonly RangeReport[]): boolean {
  const head = ranges.at(-1)?.cut?.head;
  if (head === undefined) return true;
  let expected: string | undefined;
  for (const [index, { first, next, head: reached }] of reports.entries()) {
    if (index > 0) {
      // In this range no page begins: the one before it has read on beyond it.
      if (first === undefined) continue;
      if (first !== expected) return false;
    }
    if (next !== undefined && reached !== head) return false;
    expected = next;
  }
  if (expected !== undefined) return false;
  const checksums = reports.flatMap(({ checksum }) => (checksum === undefined ? [] : [checksum]));
  return checksumsAgree(checksums);
}
