/** Rows decided by `worldmeta_reader.py`, in a process that stays. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RowDecision } from "../src/export/balancer.ts";
import { PYTHON } from "./python.ts";

/** A decision as both sides write it. */
export type Written = readonly [
  kept: boolean,
  text: string | null,
  matches: readonly number[],
  probability: number,
  reason: string,
  id: string,
  group: string,
  drawn: number | null,
];

/** A decision of ours as Python writes it. */
export function toWritten(decision: RowDecision): Written {
  const { kept, text = null, matches, probability, reason, id, group, drawn = null } = decision;
  // What Python could not encode as UTF-8 it has replaced, as hashing does here.
  return [kept, text, [...matches], probability, reason, id.toWellFormed(), group, drawn];
}

/** What is to be decided. */
export interface RowsJob {
  readonly directory: string;
  readonly seed: number;
  readonly scheme?: string;
  /** Rows as JSON, one a line. */
  readonly rows: Iterable<unknown>;
}

/** A process that decides rows by the copy of the reader at a path. */
export class PythonRows {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  #said = "";

  constructor(reader: string, folder: string) {
    const program = fileURLToPath(new URL("python/decide-rows.py", import.meta.url));
    this.#child = spawn(PYTHON, ["-W", "error", program, reader], { stdio: "pipe" });
    this.#child.stderr?.on("data", (chunk) => {
      this.#said += chunk;
    });
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
    this.#folder = folder;
  }

  async decide({ rows, ...job }: RowsJob): Promise<{ readonly decisions: Written[]; readonly seconds: number }> {
    const input = join(this.#folder, "rows.jsonl");
    const output = join(this.#folder, "decisions.jsonl");
    writeFileSync(input, [...rows].map((row) => `${JSON.stringify(row)}\n`).join(""));
    this.#child.stdin!.write(`${JSON.stringify({ ...job, input, output })}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Python ended: ${this.#said}`);
    const lines = readFileSync(output, "utf8").split("\n").slice(0, -1);
    return {
      decisions: lines.map((line) => JSON.parse(line) as Written),
      seconds: (JSON.parse(value) as { seconds: number }).seconds,
    };
  }

  end(): void {
    this.#child.stdin!.end();
  }
}
