/**
 * Measures the memory of a build whose text has many distinct pairs of words: words drawn at random, so that nearly every
 * pair is a new one.
 *
 *     node dist/scripts/measure-memory.js [--words 60] [--memory 200MB,1GB] [--threads 2]
 *
 * `--words` are millions. Prints seconds, distinct pairs and the most memory that the whole process held (Linux alone
 * tells), for each size of `--memory`.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PairReader } from "../src/ngrams/gram-runs.ts";
import { createRandom } from "./random.ts";
import { formatRows } from "./table.ts";

const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const VOCABULARY = 300_000;
const WORDS_A_LINE = 20;
const LINES_A_WRITE = 5000;
const POLL_MILLISECONDS = 50;

function writeText(path: string, words: number): void {
  const file = openSync(path, "w");
  const random = createRandom();
  for (let written = 0; written < words; ) {
    let text = "";
    for (let line = 0; line < LINES_A_WRITE && written < words; line++, written += WORDS_A_LINE) {
      for (let word = 0; word < WORDS_A_LINE; word++) text += `w${(random() % VOCABULARY).toString(36)} `;
      text += "\n";
    }
    writeSync(file, text);
  }
  closeSync(file);
}

/** Runs a build; its seconds and the most bytes that it held. */
async function build(args: readonly string[]): Promise<{ seconds: number; peak: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [CLI, "build", "en", ...args], { stdio: ["ignore", "ignore", "ignore"] });
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }, POLL_MILLISECONDS);
  const status = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (status !== 0) throw new Error(`build ended with status ${status}`);
  return { seconds: (performance.now() - start) / 1000, peak };
}

function countPairs(db: string): number {
  const counts = readdirSync(`${db}.work`).find((name) => name.startsWith("counts-"));
  const reader = new PairReader(join(`${db}.work`, counts ?? "", "grams.pairs"));
  let pairs = 0;
  while (reader.next()) pairs++;
  reader.close();
  return pairs;
}

const { values } = parseArgs({
  options: {
    words: { type: "string", default: "60" },
    memory: { type: "string", default: "200MB,1GB" },
    threads: { type: "string", default: "2" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "measure-memory-"));
try {
  const text = join(folder, "text.txt");
  writeText(text, Number(values.words) * 1e6);
  const rows = [];
  for (const memory of values.memory.split(",")) {
    const db = join(folder, `${memory}.sqlite`);
    const { seconds, peak } = await build([
      ...["--text", text, "--db", db, "--memory", memory, "--threads", values.threads],
    ]);
    rows.push([`--memory ${memory}`, seconds.toFixed(1), countPairs(db).toLocaleString("en"), Math.round(peak / 1e6)]);
    rmSync(`${db}.work`, { recursive: true });
  }
  console.log(
    formatRows(
      [`${values.words} million words, ${values.threads} threads`, "seconds", "distinct pairs", "peak MB"],
      rows,
    ),
  );
} finally {
  rmSync(folder, { recursive: true });
}
