/**
 * Faults of the data that are counted and survived. A code starting with E means that something was left out because it
 * could not be read; W means that something was read but is doubtful.
 */
export const PROBLEM_CODES = {
  E101: "page without a title",
  E102: "page without text (deleted or empty revision)",
  E103: "page whose wikitext could not be extracted",
  W101: "page of another content model, left out",
  W102: "dump of another wiki than the one asked for",
  W103: "characters that are not valid in their encoding, or in XML",
  E201: "pageview line that could not be read",
  W201: "viewed title that is not valid UTF-8",
  W202: "viewed title that is no article of the dump, left out",
  E301: "wordnet line that could not be read",
  W301: "wordnet of another language than the edition's",
  W302: "lemma that was repaired",
  E302: "lemma that was left out as junk",
  E401: "text line that could not be read",
  E501: "pool row that could not be read",
  E502: "text of a pool row that is no string",
  E503: "text of a pool row that is binary (NUL, or mostly control or replacement characters), left out",
  E504: "text of a pool row that is data (a data: address, or base64), left out",
  E511: "part of a web archive that could not be read, left out",
  E512: "page of a web archive that could not be read, left out",
  W501: "empty text of a pool row (nothing that can be seen), left out",
  W502: "text of a pool row longer than 64 KiB, left out",
  W503: "id, language or address of a pool row that is no text, left out",
  W511: "image of a web page whose address holds the image itself (`data:`), left out",
  W512: "image of a web page with no address, or none that can be fetched, left out",
  W513: "page of a web archive longer than 64 MiB, left out",
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** How many samples of one problem are kept. */
const SAMPLES = 5;

/** One kind of problem: how often it was met and where the first few were. */
export interface Problem {
  readonly code: ProblemCode;
  readonly count: number;
  readonly samples: readonly string[];
}

/** Counts problems by code and keeps the first few samples of each. */
export class Problems {
  readonly #byCode = new Map<ProblemCode, { count: number; samples: string[] }>();

  /** Count one problem; `where` names the place so that a person can find it. */
  add(code: ProblemCode, where: string, count = 1): void {
    const entry = this.#byCode.get(code) ?? { count: 0, samples: [] };
    entry.count += count;
    if (entry.samples.length < SAMPLES && !entry.samples.includes(where)) entry.samples.push(where);
    this.#byCode.set(code, entry);
  }

  /** Add what another collector has counted. */
  merge(problems: readonly Problem[]): void {
    for (const { code, count, samples } of problems) {
      const [first = "", ...rest] = samples;
      this.add(code, first, count);
      for (const sample of rest) this.add(code, sample, 0);
    }
  }

  /** All problems, which are then forgotten. */
  take(): Problem[] {
    const problems = this.list();
    this.#byCode.clear();
    return problems;
  }

  /** How often `code` was met. */
  count(code: ProblemCode): number {
    return this.#byCode.get(code)?.count ?? 0;
  }

  /** All problems, by code. */
  list(): Problem[] {
    return [...this.#byCode]
      .map(([code, { count, samples }]) => ({ code, count, samples }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}
