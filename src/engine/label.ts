/** What labels the texts of a pool have: that of their row, that of all without one, or what the text itself says. */
import { groupOfLabel, type LabelScheme, OTHER } from "../../languages/index.ts";
import { createIdentifier, type Identifier } from "../lid/identify.ts";
import type { TaskContext } from "./task.ts";

/** The scheme whose labels `createIdentifier` gives. */
export const IDENTIFIED: LabelScheme = "worldmeta";
/** Label of texts whose language is not known (ISO 639-2: undetermined); in every scheme they belong to `other`. */
export const NO_LABEL = "und";

/** How texts get their labels. */
export interface Labelling {
  readonly scheme: LabelScheme;
  /** Label of texts whose row has none; where it is not given they are identified. */
  readonly lang?: string | undefined;
  /** True if labels of rows are passed over and all texts are identified. */
  readonly identify: boolean;
}

/** A label and what it means. */
export interface Label {
  readonly label: string;
  readonly group: string;
  /** False if the scheme does not have the label. */
  readonly known: boolean;
}

/** Texts of a row, and the label that it has, if any. */
export interface LabelledRow {
  readonly texts: readonly string[];
  readonly lang: string | undefined;
}

/** Gives texts their labels; the same label is the same object each time. */
export interface Labeller {
  /** Of each row the labels of its texts. The more rows, the faster. */
  labelRows(rows: readonly LabelledRow[]): readonly (readonly Label[])[];
}

/** What the thread keeps its identifier under. */
const IDENTIFIER = "identifier";

/** Creates what labels texts; the identifier stays with the thread from one task to the next. */
export async function createLabeller(
  { scheme, lang, identify }: Labelling,
  { kept }: Pick<TaskContext, "kept">,
): Promise<Labeller> {
  const labels = new Map<string, Label>();
  const toLabel = (label: string): Label => {
    let meaning = labels.get(label);
    if (meaning === undefined) {
      const group = groupOfLabel(label, scheme);
      meaning = { label, group: group ?? OTHER, known: group !== undefined };
      labels.set(label, meaning);
    }
    return meaning;
  };
  if (lang !== undefined) {
    return { labelRows: (rows) => rows.map((row) => row.texts.map(() => toLabel(row.lang ?? lang))) };
  }
  const identifier = (kept.get(IDENTIFIER) as Identifier | undefined) ?? (await createIdentifier());
  kept.set(IDENTIFIER, identifier);
  return {
    labelRows(rows) {
      const given = rows.map((row) => (identify || row.lang === undefined ? undefined : toLabel(row.lang)));
      const asked = rows.flatMap(({ texts }, at) => (given[at] === undefined ? texts : []));
      const answers: Label[] = [];
      identifier.identifyAll(asked, (_, label) => answers.push(toLabel(label)));
      let next = 0;
      return rows.map(({ texts }, at) => texts.map(() => given[at] ?? answers[next++]!));
    },
  };
}
