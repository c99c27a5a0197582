/** What a task has beside its input: its owner, whom it can tell and ask, and what the thread keeps for the next task. */
export interface TaskContext {
  /** Tells the number of compressed bytes each time some were read. */
  onBytes(bytes: number): void;
  /** Asks the owner, who may know what no task does: what the database holds, who else works. */
  ask(question: unknown): Promise<unknown>;
  readonly kept: Map<string, unknown>;
}
