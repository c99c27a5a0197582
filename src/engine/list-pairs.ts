/** The tasks that find repeats: one lists the pairs of one share of a pool's file, one solves a range of all lists. */
import { createPairHasher } from "../dedup/pair-hash.ts";
import { createPairLister, createPlaces } from "../dedup/pair-list.ts";
import { type PairTask, solvePairs as solveRange } from "../dedup/solve-pairs.ts";
import { UserError } from "../errors.ts";
import { Problems } from "../problems.ts";
import { type PoolFields, type PoolFormat, type PoolShare, readPoolPieces } from "../sources/pool.ts";
import { excludedOf, isExcluded } from "./excluded.ts";
import type { TaskContext } from "./task.ts";

/** What one share is, as JSON. */
export interface ListPairsInput {
  readonly path: string;
  /** What to call the file in messages. */
  readonly name: string;
  readonly share: PoolShare;
  readonly fields: PoolFields;
  readonly format?: PoolFormat | undefined;
  /** File of ids and URLs whose rows have no pairs. */
  readonly exclude?: string | undefined;
  readonly partitions: number;
  /** True if images are to be told too. */
  readonly images: boolean;
  /** The file to leave. */
  readonly output: string;
}

/**
 * Reads one share and leaves a list of its pairs. What is wrong with the file is told when it is read again, after the files
 * before it: of one that is damaged the pairs before the damage are listed.
 */
export async function listPairs(input: ListPairsInput, context: TaskContext): Promise<void> {
  const { path, name, share, fields, format, partitions, images, output } = input;
  const excluded = await excludedOf(input.exclude, context);
  const lister = createPairLister(output, { hasher: await createPairHasher(), partitions, images });
  const placeOf = createPlaces();
  const { onBytes } = context;
  const options = { fields, format, share, problems: new Problems(), onBytes, names: new Map([[path, name]]) };
  try {
    for await (const { piece, rows } of readPoolPieces(path, options)) {
      for (const row of rows) {
        const place = placeOf({ piece, texts: row.texts });
        if (excluded === undefined || !isExcluded(row, excluded)) lister.add(place, row);
      }
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  lister.end();
}

/** Solves one range and leaves what is repeated in it. */
export async function solvePairs(input: PairTask): Promise<void> {
  solveRange(input);
}
