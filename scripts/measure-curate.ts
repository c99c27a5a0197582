/**
 * Times `curate` beside `count` at the size of a shard: English rows against a list of 500,000 entries.
 *
 *     node dist/scripts/measure-curate.js DATA [--dir DIR] [--rounds 3] [--threads 2] [--t N] [--quick]
 *
 * DATA is the folder of real data. The list and the million captions are those of measure-matching (`matching-inputs.ts` says
 * how they are made), the captions as JSON lines with ids and addresses of images that are made up, uncompressed. Both
 * commands run as processes, each first in turn, a new pool or folder each time. Seconds are medians with all that a command
 * does; those of the processors add the threads up and stay what they are where others use the machine. `to count` is the
 * time of `count` to that of a command in the same round: the median, the least and the greatest. The tail is to have 6 %, or
 * `--t` says which entries are in it: with a small t fewer rows stay to be written. `--quick` takes a tenth of the captions.
 * Repeats are kept: measure-dedup times what dropping them costs. With `--dir` what was made stays there and is used again.
 */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { getEdition } from "../languages/index.ts";
import type { Entry } from "../src/entries/types.ts";
import { readCuratedManifest } from "../src/export/curated.ts";
import { formatNumber } from "../src/numbers.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { makeMatchingInputs, readStrings } from "./matching-inputs.ts";
import { median } from "./median.ts";
import { type ProgramRun, runProgram } from "./run-program.ts";
import { formatRows } from "./table.ts";

const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const QUICK_DIVISOR = 10;
const LINES_A_WRITE = 10_000;
const POOL = "measured";

/** The commands, in the order of the first round. */
const COMMANDS = ["count", "curate, parquet", "curate, jsonl"] as const;

/** Puts the entries into a database as the list of English. */
function publishList(db: string, entries: readonly string[]): void {
  const store = openDatabase(db);
  try {
    const list = entries.map((text, id): Entry => ({ id, text, source: "unigram", unigramRank: id + 1, flags: [] }));
    const facts = { fingerprint: "", started: "", finished: "", version: "", settings: {}, figures: {} };
    publish(
      store,
      { edition: getEdition("en").code, profile: "corrected", ...facts, problems: [], inputs: [] },
      list,
      [],
    );
  } finally {
    closeDatabase(store);
  }
}

function writeRows(path: string, texts: readonly string[]): void {
  const file = openSync(path, "w");
  for (let from = 0; from < texts.length; from += LINES_A_WRITE) {
    const lines = texts.slice(from, from + LINES_A_WRITE).map((text, index) => {
      const id = String(from + index).padStart(9, "0");
      return `${JSON.stringify({ id, url: `https://images.example.org/${id}.jpg`, text, lang: "en" })}\n`;
    });
    writeSync(file, lines.join(""));
  }
  closeSync(file);
}

async function measure(
  data: string,
  options: { folder: string; rounds: number; threads: number; divisor: number; t: string | undefined },
): Promise<void> {
  const { folder, rounds, threads, divisor } = options;
  const inputs = await makeMatchingInputs({ list: "en", data, folder, divisor });
  const db = join(folder, "worldmeta.sqlite");
  const rows = join(folder, `rows-${divisor}.jsonl`);
  const entries = readStrings(inputs.entries);
  if (!existsSync(db)) publishList(db, entries);
  const texts = readStrings(inputs.cases[0]!.texts);
  if (!existsSync(rows)) writeRows(rows, texts);

  const shared = ["--db", db, "--threads", String(threads)];
  const worldmeta = (...args: readonly string[]) => runProgram(process.execPath, [CLI, ...args]);
  await worldmeta("count", rows, "--name", POOL, "--keep-repeats", ...shared);
  const rule = options.t === undefined ? [] : ["--t", options.t];
  await worldmeta("threshold", "--pool", POOL, "--db", db, ...rule);
  const curated = join(folder, "curated");
  const run = {
    async count() {
      const name = `round ${process.hrtime.bigint()}`;
      const result = await worldmeta("count", rows, "--name", name, "--keep-repeats", ...shared);
      await worldmeta("pools", name, "--remove", "--db", db);
      return result;
    },
    async curate(format: string) {
      rmSync(curated, { recursive: true, force: true });
      return worldmeta(
        "curate",
        rows,
        "--name",
        POOL,
        "--out",
        curated,
        "--format",
        format,
        "--keep-repeats",
        ...shared,
      );
    },
  };
  const runs = COMMANDS.map((): ProgramRun[] => []);
  const written = COMMANDS.map(() => 0);
  let kept = 0;
  let t: number | null = null;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < COMMANDS.length; turn++) {
      const at = (round + turn) % COMMANDS.length;
      const [command, format] = COMMANDS[at]!.split(", ");
      const result = await (command === "count" ? run.count() : run.curate(format!));
      runs[at]!.push(result);
      if (command === "count") continue;
      const { files, figures, lists } = readCuratedManifest(curated)!;
      t = lists[0]!.t;
      written[at] = files.reduce((sum, file) => sum + file.bytes, 0);
      kept = figures.kept;
    }
  }
  rmSync(curated, { recursive: true, force: true });

  console.log(inputs.note);
  const megabytes = (bytes: number) => (bytes === 0 ? "" : (bytes / 1e6).toFixed(0));
  console.log(
    `${formatNumber(texts.length)} rows of ${megabytes(statSync(rows).size)} MB, ${formatNumber(entries.length)} entries, ` +
      `t = ${formatNumber(t ?? 0)}, ${formatNumber(kept)} rows stay; ${threads} threads, medians of ${rounds} rounds`,
  );
  const titles = ["seconds", "rows a second", "to count", "of the rounds", "processor s", "to count", "of the rounds"];
  const table = COMMANDS.map((name, at) => {
    const own = runs[at]!;
    const compare = (of: (run: ProgramRun) => number) => {
      const ratios = own.map((run, round) => of(runs[0]![round]!) / of(run));
      const span = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
      return at === 0 ? ["", ""] : [median(ratios).toFixed(2), span];
    };
    const seconds = median(own.map((run) => run.seconds));
    return [
      ...[name, seconds.toFixed(1), formatNumber(Math.round(texts.length / seconds)), ...compare((run) => run.seconds)],
      ...[median(own.map(processorOf)).toFixed(1), ...compare(processorOf)],
      ...[megabytes(written[at]!), megabytes(Math.max(...own.map(({ peak = 0 }) => peak)))],
    ];
  });
  console.log(formatRows(["", ...titles, "MB written", "peak MB"], table));
}

const processorOf = ({ processor }: ProgramRun) => processor ?? Number.NaN;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string" },
    t: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const [data] = positionals;
const rounds = Number(values.rounds);
if (data === undefined || !(rounds >= 1)) {
  console.error(
    "usage: node dist/scripts/measure-curate.js DATA [--dir DIR] [--rounds 3] [--threads 2] [--t N] [--quick]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-curate-"));
  mkdirSync(folder, { recursive: true });
  try {
    const threads = Number(values.threads ?? availableParallelism());
    await measure(data, { folder, rounds, threads, divisor: values.quick ? QUICK_DIVISOR : 1, t: values.t });
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
