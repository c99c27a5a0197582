/** All operations that threads answer. */
import type { AnyOperation } from "../operation.ts";
import { CAPTION_OPERATIONS } from "./captions.ts";
import { DIFF_OPERATIONS } from "./diffs.ts";
import { EDITION_OPERATIONS } from "./editions.ts";
import { ENTRY_OPERATIONS } from "./entries.ts";
import { JOB_OPERATIONS } from "./jobs.ts";
import { POOL_OPERATIONS } from "./pools.ts";
import { REVIEW_OPERATIONS } from "./reviews.ts";
import { THRESHOLD_OPERATIONS } from "./thresholds.ts";

const ALL = [
  ...[...EDITION_OPERATIONS, ...ENTRY_OPERATIONS, ...DIFF_OPERATIONS, ...CAPTION_OPERATIONS],
  ...[...POOL_OPERATIONS, ...THRESHOLD_OPERATIONS, ...REVIEW_OPERATIONS, ...JOB_OPERATIONS],
];

/** Operations by id. */
export const OPERATIONS: ReadonlyMap<string, AnyOperation> = new Map(ALL.map((operation) => [operation.id, operation]));
