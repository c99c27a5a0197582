/**
 * Times `count` with repeats dropped and kept, and `curate` with both, beside DuckDB on the same rows.
 *
 *     node dist/scripts/measure-dedup.js DATA [--dir DIR] [--rows 1000000,5000000] [--rounds 3] [--threads 2] [--only count,…]
 *
 * DATA is the folder of real data. The list and the captions are those of measure-matching (`matching-inputs.ts` says how they
 * are made); of 1,000,000 captions more rows take one again with another URL. Three rows in ten repeat the URL and the text
 * of an earlier row, one in ten the URL alone; which, is drawn at random of all rows before, so that most are far away. Rows are
 * JSON lines, uncompressed. Commands run as processes, each first in turn, a new pool or folder each time; seconds are
 * medians, with all that a command does. `temporary` is the most that lay in the work folder at once.
 *
 * DuckDB is asked for as many threads and has its own memory limit (80 % of the machine's). `DISTINCT` is how many different
 * pairs there are, the least that can be asked; `row_number` is what `count` needs: which of equal pairs came first. Where
 * DuckDB is not installed (`test/python/setup.sh`), only ours are timed. All must find as many different pairs.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
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
import { requirePool } from "../src/store/pools.ts";
import { makeMatchingInputs, readStrings } from "./matching-inputs.ts";
import { median } from "./median.ts";
import { PYTHON_FOLDER } from "./peers.ts";
import { createRandom } from "./random.ts";
import { type ProgramRun, runProgram } from "./run-program.ts";
import { formatRows } from "./table.ts";

const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const LINES_A_WRITE = 10_000;
const POOL = "measured";
/** Of ten rows, how many repeat a pair, and how many a URL alone. */
const [REPEATED, SHARED] = [3, 1];
/** How often the size of a work folder is looked at. */
const POLL_MILLISECONDS = 100;

const TIMED = [
  "count, kept",
  "count, dropped",
  "curate, kept",
  "curate, dropped",
  "duckdb DISTINCT",
  "duckdb row_number",
] as const;
type Timed = (typeof TIMED)[number];

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

/** Writes the rows; returns how many different pairs there are. */
function writeRows(path: string, texts: readonly string[], count: number): number {
  const random = createRandom();
  const file = openSync(path, "w");
  // Of each row the numbers of its URL and of its text.
  const urls = new Uint32Array(count);
  const captions = new Uint32Array(count);
  const own = new Map<string, number>();
  for (const [index, text] of texts.entries()) if (!own.has(text)) own.set(text, index);
  const pairs = new Set<number>();
  let lines: string[] = [];
  for (let row = 0; row < count; row++) {
    const kind = row === 0 ? 10 : random() % 10;
    const before = random() % Math.max(1, row);
    urls[row] = kind < REPEATED + SHARED ? urls[before]! : row;
    captions[row] = kind < REPEATED ? captions[before]! : row % texts.length;
    pairs.add(urls[row]! * texts.length + own.get(texts[captions[row]!]!)!);
    const url = `https://images.example.org/${String(urls[row]).padStart(9, "0")}.jpg`;
    lines.push(
      `${JSON.stringify({ id: String(row).padStart(9, "0"), url, text: texts[captions[row]!], lang: "en" })}\n`,
    );
    if (lines.length === LINES_A_WRITE || row === count - 1) {
      writeSync(file, lines.join(""));
      lines = [];
    }
  }
  closeSync(file);
  return pairs.size;
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

interface TimedRun extends ProgramRun {
  /** Most bytes that lay in the work folder. */
  readonly temporary: number;
}

/** Runs a program and looks at a work folder meanwhile. */
async function runWatching(folder: string, run: () => Promise<ProgramRun>): Promise<TimedRun> {
  let temporary = 0;
  const timer = setInterval(() => {
    temporary = Math.max(temporary, sizeOf(folder));
  }, POLL_MILLISECONDS);
  try {
    return { ...(await run()), temporary };
  } finally {
    clearInterval(timer);
  }
}

/** What DuckDB is asked; each checks its answer itself, since the output of programs is not read. */
function askDuckdb(
  rows: string,
  kind: "DISTINCT" | "row_number",
  { threads, different }: { threads: number; different: number },
): string {
  const columns = "columns = {url: 'VARCHAR', text: 'VARCHAR'}, format = 'newline_delimited'";
  const table = `read_json('${rows}', ${columns})`;
  const query =
    kind === "DISTINCT"
      ? `SELECT count(*) FROM (SELECT DISTINCT url, text FROM ${table})`
      : `SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY url, text ORDER BY place) AS nth
           FROM (SELECT url, text, row_number() OVER () AS place FROM ${table})) WHERE nth = 1`;
  return `import duckdb
db = duckdb.connect(config={"threads": ${threads}})
found = db.execute("""${query}""").fetchone()[0]
assert found == ${different}, found`;
}

async function hasDuckdb(): Promise<boolean> {
  return runProgram(`${PYTHON_FOLDER}.venv/bin/python`, ["-c", "import duckdb"]).then(
    () => true,
    () => false,
  );
}

interface Options {
  readonly folder: string;
  readonly rounds: number;
  readonly threads: number;
  readonly count: number;
  readonly timed: readonly Timed[];
}

async function measure(texts: readonly string[], { folder, rounds, threads, count, timed }: Options): Promise<void> {
  const rows = join(folder, `rows-${count}.jsonl`);
  const db = join(folder, "worldmeta.sqlite");
  const different = writeRows(rows, texts, count);
  const shared = ["--db", db, "--threads", String(threads)];
  const worldmeta = (...args: readonly string[]) => runProgram(process.execPath, [CLI, ...args]);
  const out = join(folder, "curated");

  const run: Record<string, () => Promise<TimedRun>> = {};
  for (const repeats of ["kept", "dropped"] as const) {
    const option = repeats === "kept" ? ["--keep-repeats"] : [];
    run[`count, ${repeats}`] = async () => {
      const result = await runWatching(`${db}.work`, () =>
        worldmeta("count", rows, "--name", POOL, ...option, ...shared),
      );
      requireDifferent(db, repeats === "kept" ? count : different);
      await worldmeta("pools", POOL, "--remove", "--db", db);
      return result;
    };
    run[`curate, ${repeats}`] = async () => {
      rmSync(out, { recursive: true, force: true });
      const args = ["curate", rows, "--name", `for ${repeats}`, "--out", out, ...option, ...shared];
      const result = await runWatching(join(out, ".unfinished"), () => worldmeta(...args));
      const { figures } = readCuratedManifest(out)!;
      if (repeats === "dropped" && figures.repeatedTexts !== count - different)
        throw new Error(`${figures.repeatedTexts} texts`);
      return result;
    };
  }
  for (const kind of ["DISTINCT", "row_number"] as const) {
    const query = askDuckdb(rows, kind, { threads, different });
    run[`duckdb ${kind}`] = () =>
      runWatching(join(folder, "none"), () => runProgram(`${PYTHON_FOLDER}.venv/bin/python`, ["-c", query]));
  }
  for (const repeats of ["kept", "dropped"]) {
    if (!timed.includes(`curate, ${repeats}` as Timed)) continue;
    await worldmeta(
      "count",
      rows,
      "--name",
      `for ${repeats}`,
      ...(repeats === "kept" ? ["--keep-repeats"] : []),
      ...shared,
    );
    await worldmeta("threshold", "--pool", `for ${repeats}`, "--db", db);
  }
  const runs = timed.map((): TimedRun[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < timed.length; turn++) {
      const at = (round + turn) % timed.length;
      runs[at]!.push(await run[timed[at]!]!());
    }
  }
  for (const repeats of ["kept", "dropped"]) {
    if (timed.includes(`curate, ${repeats}` as Timed))
      await worldmeta("pools", `for ${repeats}`, "--remove", "--db", db);
  }
  rmSync(out, { recursive: true, force: true });
  const size = statSync(rows).size;
  rmSync(rows);

  console.log(
    `${formatNumber(count)} rows of ${megabytes(size)} MB, ${formatNumber(different)} different pairs; ${threads} threads, ` +
      `medians of ${rounds} rounds`,
  );
  const table = timed.map((name, at) => {
    const own = runs[at]!;
    const seconds = median(own.map((one) => one.seconds));
    const temporary = Math.max(...own.map((one) => one.temporary));
    return [
      ...[name, seconds.toFixed(1), formatNumber(Math.round(count / seconds))],
      median(own.map((one) => one.processor ?? Number.NaN)).toFixed(1),
      megabytes(Math.max(...own.map(({ peak = 0 }) => peak))),
      ...(temporary === 0 ? ["", ""] : [megabytes(temporary), (temporary / count).toFixed(1)]),
    ];
  });
  const titles = ["seconds", "rows a second", "processor s", "peak MB", "temporary MB", "bytes a row"];
  console.log(`${formatRows(["", ...titles], table)}\n`);
}

function requireDifferent(db: string, texts: number): void {
  const store = openDatabase(db, { readonly: true });
  try {
    const pool = requirePool(store, POOL);
    if (pool.texts !== texts) throw new Error(`${pool.texts} texts were counted, not ${texts}`);
  } finally {
    closeDatabase(store);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    rows: { type: "string", default: "1000000,5000000" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string" },
    only: { type: "string" },
  },
});
const [data] = positionals;
const rounds = Number(values.rounds);
const sizes = values.rows.split(",").map(Number);
if (data === undefined || !(rounds >= 1) || !sizes.every((size) => size >= 10)) {
  console.error(
    "usage: node dist/scripts/measure-dedup.js DATA [--dir DIR] [--rows 1000000,5000000] [--rounds 3] [--threads 2] [--only NAME,…]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-dedup-"));
  mkdirSync(folder, { recursive: true });
  try {
    const threads = Number(values.threads ?? availableParallelism());
    const peers = await hasDuckdb();
    if (!peers) console.log("DuckDB is not installed: run test/python/setup.sh");
    const wanted = values.only?.split(",");
    const timed = TIMED.filter(
      (name) => (peers || !name.startsWith("duckdb")) && (wanted?.some((part) => name.startsWith(part)) ?? true),
    );
    const inputs = await makeMatchingInputs({ list: "en", data, folder, divisor: 1 });
    const entries = readStrings(inputs.entries);
    if (!existsSync(join(folder, "worldmeta.sqlite"))) publishList(join(folder, "worldmeta.sqlite"), entries);
    const texts = readStrings(inputs.cases[0]!.texts);
    console.log(`${inputs.note}\n${formatNumber(entries.length)} entries\n`);
    for (const count of sizes) await measure(texts, { folder, rounds, threads, count, timed });
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
