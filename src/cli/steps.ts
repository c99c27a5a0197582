/** What is left of captions after each step, beside what the papers tell. */
import { formatShare, formatTable } from "./table.ts";

/** How many a step takes away, of rows or texts. */
export interface Step {
  readonly name: string;
  readonly gone: number;
}

/**
 * What goes at steps that the papers give shares of, for English: matching drops about half of the pairs of image and text,
 * balancing 77 % of what is left (MetaCLIP 1, section 3.3, and MetaCLIP 2).
 */
const PUBLISHED: Readonly<Record<string, string>> = { "no match": "~ 50 %", "not drawn": "~ 77 %" };

/** A table of steps: how many of `all` go at each, as a share of all and of those that were left before it, and what is left. */
export function formatSteps(
  unit: "rows" | "texts",
  { all, steps, left }: { readonly all: number; readonly steps: readonly Step[]; readonly left: string },
): string {
  const right = (name: string) => ({ title: name, align: "right" as const });
  let before = all;
  const lines = steps.map(({ name, gone }) => {
    const cells = [name, gone, formatShare(of(gone, all)), formatShare(of(gone, before)), PUBLISHED[name]];
    before -= gone;
    return cells;
  });
  return formatTable(
    [{ title: `what became of ${unit}` }, right(unit), right("of all"), right("of those left"), right("published")],
    [["read", all], ...lines, [left, before, formatShare(of(before, all))]],
  );
}

function of(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
