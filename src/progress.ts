/** How far a piece of long work has come; whoever runs it decides how to show it. */
export interface ProgressEvent {
  /** What is being done, e.g. `count ltg`. */
  readonly stage: string;
  /** Bytes of input done since the last event. */
  readonly bytes: number;
  /** Bytes of input in all. */
  readonly total: number;
}

export type OnProgress = (event: ProgressEvent) => void;
