/**
 * Times the reading of a WAT file beside its decompression, and beside others that read such files.
 *
 *     node dist/scripts/measure-wat.js DATA [--dir DIR] [--megabytes 600] [--rounds 3]
 *
 * DATA is the folder of real data; `wat-inputs.ts` says how the file is made of it. Each side is a process of its own, each
 * first in turn; seconds are medians with all that a process does, by the clock and of all processors together, which stay
 * what they are where others use the machine. `to zlib` is the time of Node's zlib to a side's own in the same round, of the
 * processors: the median, the least and the greatest. With `--dir` the file stays there and is used again.
 *
 * Sides: `gzip -dc`; `zlib`, Node's own decompression of the stream; `rows`, what `count` reads of the file, with one thread
 * and with two; `JSON.parse`, the same rows by parsing every record; warcio and FastWARC of Python, which cut the file into
 * records (`records`), and with `json.loads` of every record (`images`), where they are installed.
 */
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { createGunzip } from "node:zlib";
import { Problems } from "../src/problems.ts";
import { readPool } from "../src/sources/pool.ts";
import { findMember, readMembers } from "../src/sources/web/gzip-members.ts";
import { IMAGE_TEXTS, makeImageRows } from "../src/sources/web/images.ts";
import { createRecordCutter } from "../src/sources/web/warc-records.ts";
import { findByParsing } from "../src/sources/web/wat-images.ts";
import { median } from "./median.ts";
import { lacksPeers, PYTHON_FOLDER } from "./peers.ts";
import { type ProgramRun, runProgram } from "./run-program.ts";
import { formatRows } from "./table.ts";
import { makeWat, type WatFile } from "./wat-inputs.ts";

const SELF = fileURLToPath(import.meta.url);
const REFERENCE = "zlib";

type Side = readonly [name: string, command: string, ...args: string[]];

function listSides(file: string): Side[] {
  const node = (...args: string[]): [string, ...string[]] => [process.execPath, SELF, file, "--side", ...args];
  const sides: Side[] = [
    ["gzip -dc", "gzip", "-dc", file],
    [REFERENCE, ...node("zlib")],
    ["rows, 1 thread", ...node("rows", "--threads", "1")],
    ["rows, 2 threads", ...node("rows", "--threads", "2")],
    ["JSON.parse, 1 thread", ...node("parse")],
  ];
  const lack = lacksPeers();
  if (lack !== undefined) {
    console.error(`without warcio and FastWARC: ${lack}`);
    return sides;
  }
  const python = (mode: string): [string, ...string[]] => [
    `${PYTHON_FOLDER}.venv/bin/python`,
    `${PYTHON_FOLDER}read-archive.py`,
    mode,
    file,
  ];
  return [
    ...sides,
    ["warcio, records", ...python("warcio")],
    ["FastWARC, records", ...python("iterate")],
    ["FastWARC, images", ...python("images")],
  ];
}

async function measure(file: string, { pages, images, bytes, compressed }: WatFile, rounds: number): Promise<void> {
  const sides = listSides(file);
  const runs = new Map<string, ProgramRun[]>(sides.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const at of sides.keys()) {
      const [name, command, ...args] = sides[(at + round) % sides.length]!;
      runs.get(name)!.push(await runProgram(command, args));
    }
  }
  const number = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 0 });
  const megabytes = (value: number) => number(value / 1e6);
  console.log(
    `${number(pages)} pages, ${number(images)} images; ${megabytes(bytes)} MB, ${megabytes(compressed)} MB compressed, ` +
      `${number(compressed / pages)} bytes a page`,
  );
  const reference = runs.get(REFERENCE)!;
  const rows = sides.map(([name]) => {
    const own = runs.get(name)!;
    const seconds = median(own.map((run) => run.seconds));
    const processor = own.map((run) => run.processor ?? Number.NaN);
    const ratios = processor.map((own, round) => (reference[round]!.processor ?? Number.NaN) / own);
    return [
      ...[name, seconds.toFixed(2), megabytes(bytes / seconds), megabytes(compressed / seconds)],
      ...[number(images / seconds), median(processor).toFixed(2), median(ratios).toFixed(2)],
      `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
      Math.max(...own.map(({ peak = 0 }) => peak / 1e6)).toFixed(0),
    ];
  });
  const titles = [
    "",
    "seconds",
    "MB/s",
    "compressed MB/s",
    "images/s",
    "processor s",
    `to ${REFERENCE}`,
    "of the rounds",
  ];
  console.log(formatRows([...titles, "peak MB"], rows));
}

async function decompress(file: string): Promise<number> {
  const stream = createGunzip({ chunkSize: 1 << 18 });
  pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), stream, () => {});
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) bytes += chunk.length;
  return bytes;
}

async function readShare(file: string, index: number, of: number): Promise<number> {
  let rows = 0;
  const options = { fields: {}, share: { index, of }, problems: new Problems() };
  for await (const batch of readPool(file, options)) rows += batch.length;
  return rows;
}

async function readRows(file: string, threads: number): Promise<number> {
  const others = Array.from({ length: threads - 1 }, (_, index) => {
    const worker = new Worker(SELF, { argv: [file, "--side", "share", "--share", `${index + 1}/${threads}`] });
    return new Promise((resolve, reject) => worker.on("error", reject).on("exit", resolve));
  });
  const rows = await readShare(file, 0, threads);
  await Promise.all(others);
  return rows;
}

/** The obvious way: every record parsed, whatever is in it. */
async function parseAll(path: string): Promise<number> {
  let images = 0;
  const problems = new Problems();
  const cutter = createRecordCutter({
    ...{ limit: 1 << 26, isWanted: () => true, fault() {} },
    take({ type, target, block }) {
      const page = type === "metadata" ? findByParsing(block) : undefined;
      if (page === undefined) return;
      images += makeImageRows({ ...page, address: target }, { texts: IMAGE_TEXTS, problems, where: () => "" }).length;
    },
  });
  const { open } = await import("node:fs/promises");
  const handle = await open(path);
  const file = { handle, size: (await handle.stat()).size };
  const user = { ...cutter, damaged() {} };
  for await (const _ of readMembers(file, { from: await findMember(file, 0, false), to: file.size }, user));
  await handle.close();
  return images;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    megabytes: { type: "string", default: "600" },
    rounds: { type: "string", default: "3" },
    side: { type: "string" },
    threads: { type: "string", default: "1" },
    share: { type: "string", default: "0/1" },
  },
});
const [given] = positionals;
if (given === undefined) {
  console.error("usage: node dist/scripts/measure-wat.js DATA [--dir DIR] [--megabytes 600] [--rounds 3]");
  process.exitCode = 2;
} else if (values.side === "zlib") await decompress(given);
else if (values.side === "rows") await readRows(given, Number(values.threads));
else if (values.side === "parse") await parseAll(given);
else if (values.side === "share") {
  const [index = 0, of = 1] = values.share.split("/").map(Number);
  await readShare(given, index, of);
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-wat-"));
  mkdirSync(folder, { recursive: true });
  try {
    const file = join(folder, `${values.megabytes}.warc.wat.gz`);
    const about = `${file}.json`;
    if (!existsSync(about)) {
      const made = makeWat(file, { data: given, bytes: Number(values.megabytes) * 1e6 });
      writeFileSync(about, JSON.stringify(made));
    }
    await measure(file, JSON.parse(readFileSync(about, "utf8")) as WatFile, Number(values.rounds));
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
