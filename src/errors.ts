/** Bad use or bad input that a person can mend: shown as one line, without a stack trace. */
export class UserError extends Error {
  /** Exit status: 1 the work failed, 2 the command was used wrongly. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "UserError";
    this.exitCode = exitCode;
  }
}

/** The command was used wrongly (exit status 2). */
export class UsageError extends UserError {
  constructor(message: string) {
    super(message, 2);
    this.name = "UsageError";
  }
}

/** A word as a shell takes it, for commands that messages name. */
export function quoteWord(word: string): string {
  return /^[\w.,:@%+/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A few of many names. */
export function sayFew(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
