/** Answers that are given again as long as the database has not changed. */
import type { Database } from "../store/database.ts";

/** Keeps answers, as bytes of JSON. */
export interface Answers {
  /** The answer that is kept for a question, if it still holds. */
  recall(question: string): Uint8Array | undefined;
  /** Keeps an answer to the question that `recall` was asked last. */
  keep(question: string, answer: Uint8Array): void;
}

/** Bytes that an answer takes beside its own. */
const OVERHEAD = 400;

/** Creates a store of answers of at most `most` bytes; those that were not asked for the longest time go first. */
export function createAnswers(db: Database, most: number): Answers {
  // It changes when another connection has changed the database; a thread that reads changes nothing itself.
  const version = db.prepare<[], number>("PRAGMA data_version").pluck();
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  let seen: number | undefined;
  const sizeOf = (question: string, answer: Uint8Array) => 2 * question.length + answer.byteLength + OVERHEAD;
  const forget = (question: string, answer: Uint8Array): void => {
    kept.delete(question);
    bytes -= sizeOf(question, answer);
  };
  return {
    recall(question) {
      const now = version.get();
      if (now !== seen) {
        kept.clear();
        bytes = 0;
        seen = now;
      }
      const answer = kept.get(question);
      if (answer !== undefined) {
        kept.delete(question);
        kept.set(question, answer);
      }
      return answer;
    },
    keep(question, answer) {
      // A few large ones would drive out all others.
      if (answer.byteLength > most / 8) return;
      const before = kept.get(question);
      if (before !== undefined) forget(question, before);
      kept.set(question, answer);
      bytes += sizeOf(question, answer);
      for (const [oldest, one] of kept) {
        if (bytes <= most) break;
        forget(oldest, one);
      }
    },
  };
}
