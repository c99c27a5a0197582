/** Sorted runs lie in `src/runs.ts`, since views of titles use them too. */
export * from "../runs.ts";
