/** Problems of the data, for people. */
import { PROBLEM_CODES, type Problem } from "../problems.ts";
import { say } from "./output.ts";
import { formatNumber, isolate } from "./table.ts";

/** One line for each kind of problem, with a sample. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(({ code, count, samples }) => {
    const sample = samples[0] === undefined || samples[0] === "" ? "" : `, e.g. ${isolate(samples[0].slice(0, 100))}`;
    return `${code} ${PROBLEM_CODES[code]}: ${formatNumber(count)}${sample}`;
  });
}

/** Say them on standard error. */
export function sayProblems(problems: readonly Problem[]): void {
  for (const line of problemLines(problems)) say(`  ${line}`);
}
