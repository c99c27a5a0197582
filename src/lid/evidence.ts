/**
 * What each language's texts get for answers, from `languages/lid-evidence.tsv` and `languages/lid-rule.tsv`, which
 * `scripts/fit-identifier.ts` writes: the grounds by which the identifier weighs three opinions against each other.
 */
import { readFileSync } from "node:fs";
import { readRows, tablePath } from "../../languages/index.ts";

/** Who gives an opinion. */
export const OPINIONS = ["fasttext", "cld3", "ngrams"] as const;
export type Opinion = (typeof OPINIONS)[number];

export const EVIDENCE_COLUMNS = [
  ...(["label", "scripts", "knows", "prior", "accept", "take", "texts"] as const),
  ...(["fasttext", "cld3"] as const),
] as const;
export const RULE_COLUMNS = ["name", "value", "meaning"] as const;

/** Names of the numbers of the rule, in the order of `lid-rule.tsv`. */
export const RULE_NAMES = [
  ...(["fasttext", "cld3", "score", "score_unknown", "ngrams", "cld3_unknown", "prior"] as const),
  ...(["words", "letters", "accept"] as const),
] as const;

/**
 * The numbers of the rule.
 *
 * `fasttext` and `cld3` weigh the logarithms of how often a language's texts get an answer, `score` that of lid.176's own
 * probability, `ngrams` how much worse the n-grams fit than those of the language that they fit best; `score_unknown` is what a
 * language has in place of the probability where lid.176 does not know it, `cld3_unknown` what is added where cld3 does not. `prior` weighs the logarithm of the prior. Where whole words fit lid.176's label at least
 * by `words` better than any other, it stands. Below `letters` letters there is no second opinion. `accept` is the least probability of lid.176
 * that decides for labels without one of their own.
 */
export type Rule = Readonly<Record<(typeof RULE_NAMES)[number], number>>;

/** How often a language's texts got an answer, by how sure who gave it was: see {@link binOf}. */
export type AnswerCounts = ReadonlyMap<string, readonly number[]>;

/** What is known of a label: a row of `lid-evidence.tsv`. */
export interface Evidence {
  /** A label of the scheme `worldmeta`. */
  readonly label: string;
  /** Scripts of its texts, ISO 15924 in small letters. */
  readonly scripts: readonly string[];
  /** Who has a label for the language. */
  readonly knows: ReadonlySet<Opinion>;
  /** How often its edition is read, as a share of all; above 0. */
  readonly prior: number;
  /** lid.176's answer stands from this probability on; above 1 if it never does unasked. Undefined: no text got it. */
  readonly accept: number | undefined;
  /**
   * It takes the place of lid.176's label where it is so probable, of the two; above 1 if never. Of a label that cld3 alone
   * has, cld3's least probability.
   */
  readonly take: number;
  /** Texts that the counts are of; none for labels that cld3 alone has. */
  readonly texts: number;
  readonly fasttext: AnswerCounts;
  readonly cld3: AnswerCounts;
}

/** All grounds of the rule. */
export interface Grounds {
  readonly rule: Rule;
  readonly evidence: readonly Evidence[];
}

/** Lower bounds of the bins of probabilities above the first one, which begins at 0. */
export const BINS = {
  fasttext: [0.4, 0.7, 0.9, 0.98],
  cld3: [0.4, 0.7, 0.9, 0.97, 0.995, 0.9995],
} as const;

/** Number of the bin that a probability falls into. */
export function binOf(probability: number, bins: readonly number[]): number {
  let bin = 0;
  while (bin < bins.length && probability >= bins[bin]!) bin++;
  return bin;
}

/** Reads the tables of this package. Throws an Error that names file, line and column if they are damaged. */
export function loadGrounds(): Grounds {
  const read = (name: string) => readFileSync(tablePath(name), "utf8");
  return parseGrounds(read("lid-evidence.tsv"), read("lid-rule.tsv"));
}

/** Reads the text of the two tables. */
export function parseGrounds(evidence: string, rule: string): Grounds {
  const numbers = new Map<string, number>(
    readRows(rule, "languages/lid-rule.tsv", RULE_COLUMNS).map(({ cells }) => [cells.name, Number(cells.value)]),
  );
  const missing = RULE_NAMES.find((name) => !Number.isFinite(numbers.get(name)));
  if (missing !== undefined) throw new Error(`languages/lid-rule.tsv has no number "${missing}"; fit the rule again`);
  return {
    rule: Object.fromEntries(numbers) as Rule,
    evidence: readRows(evidence, "languages/lid-evidence.tsv", EVIDENCE_COLUMNS).map(({ cells }) => ({
      label: cells.label,
      scripts: cells.scripts.split(" "),
      knows: new Set(cells.knows.split(" ") as Opinion[]),
      prior: Number(cells.prior),
      accept: cells.accept === "" ? undefined : Number(cells.accept),
      take: Number(cells.take),
      texts: Number(cells.texts),
      fasttext: parseCounts(cells.fasttext),
      cld3: parseCounts(cells.cld3),
    })),
  };
}

/** Writes the rows of `lid-evidence.tsv`. */
export function formatEvidence(evidence: readonly Evidence[]): string {
  const round = (value: number) => String(Number(value.toPrecision(4)));
  const lines = evidence.map((row) =>
    [
      row.label,
      row.scripts.join(" "),
      OPINIONS.filter((opinion) => row.knows.has(opinion)).join(" "),
      round(row.prior),
      row.accept === undefined ? "" : round(row.accept),
      round(row.take),
      row.texts,
      formatCounts(row.fasttext),
      formatCounts(row.cld3),
    ].join("\t"),
  );
  return `${[EVIDENCE_COLUMNS.join("\t"), ...lines].join("\n")}\n`;
}

/** `sw=3,1,0,0,2 en=1,0,0,0,0`. */
function parseCounts(cell: string): AnswerCounts {
  const counts = new Map<string, readonly number[]>();
  for (const item of cell.split(" ")) {
    const [answer, numbers] = item.split("=");
    if (answer !== undefined && numbers !== undefined) counts.set(answer, numbers.split(",").map(Number));
  }
  return counts;
}

function formatCounts(counts: AnswerCounts): string {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return [...counts]
    .sort(([a, x], [b, y]) => sum(y) - sum(x) || (a < b ? -1 : 1))
    .map(([answer, numbers]) => `${answer}=${numbers.join(",")}`)
    .join(" ");
}
