import { statSync } from "node:fs";
import { UserError } from "../src/errors.ts";
import { type Problem, Problems } from "../src/problems.ts";
import { type Page, type RangeReport, type ReadDumpOptions, readDump, readDumpRange } from "../src/sources/dump.ts";
import { planDumpRanges, rangesFit } from "../src/sources/dump-ranges.ts";

/** What reading a dump comes to. */
export interface Outcome {
  readonly pages: readonly Page[];
  readonly problems: readonly Problem[];
  /** The message of the error that ended it. */
  readonly error: string | undefined;
}

type Options = Pick<ReadDumpOptions, "maxText">;

/** Read a dump in one piece. Only a `UserError` is an outcome; any other is thrown. */
export async function readOutcome(path: string, more: Options = {}): Promise<Outcome> {
  const problems = new Problems();
  const pages: Page[] = [];
  let error: string | undefined;
  try {
    for await (const page of readDump([path], { ...more, problems })) pages.push(page);
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    error = thrown.message;
  }
  return { pages, problems: problems.list(), error };
}

/** Read a dump as threads do: in ranges, and in one piece where these do not fit or one of them cannot be read. */
export async function readCutOutcome(
  path: string,
  rangeBytes: number,
  more: Options = {},
): Promise<Outcome & { readonly ranges: number; readonly fits: boolean }> {
  let ranges = 0;
  const whole = async () => ({ ...(await readOutcome(path, more)), ranges, fits: false });
  try {
    const planned = await planDumpRanges({ path, bytes: statSync(path).size }, rangeBytes);
    ranges = planned.length;
    const problems = new Problems();
    const pages: Page[] = [];
    const reports: RangeReport[] = [];
    for (const range of planned) {
      const own = new Problems();
      const options = { ...more, problems: own, onEnd: (report: RangeReport) => reports.push(report) };
      for await (const page of readDumpRange(range, options)) pages.push(page);
      problems.merge(own.list());
    }
    if (!rangesFit(planned, reports)) return await whole();
    return { pages, problems: problems.list(), error: undefined, ranges, fits: true };
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    return await whole();
  }
}
