/**
 * Measures the way from a dump to a finished list on one file: a large English dump, grown from the English sample so that
 * its vocabulary grows too (`grow-dump.ts`).
 *
 *     node dist/scripts/measure-build.js DATA [--megabytes 200] [--parts decompress,build,same,peers]
 *       [--runs 2:1GB,1:1GB,4:1GB,2:200MB,2:2GB] [--peer-megabytes 20] [--dir DIR]
 *
 * DATA holds the folder wikipedia-xml. `--runs` are threads and memory of each build. With `--dir` the dump and what was
 * made stay there, and the dump is used again. Prints one table: seconds, MB of XML a second, that as a share of the
 * decompressor in the first line, and the most memory that the whole process held (Linux alone tells).
 *
 * - decompress: `lbzip2 -dc` with two threads, or `bzip2 -dc` where lbzip2 is missing; and our own, on one;
 * - build: `worldmeta build en`, from the start of Node to the published list, once for each of `--runs`;
 * - same: `worldmeta export jsonl` and `worldmeta ngrams` of each run; ends with status 1 if their bytes differ;
 * - peers: WikiExtractor on a smaller dump of the same kind, with two processes that extract; it makes text, no list.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openInput } from "../src/sources/input.ts";
import { type GrownDump, growDump } from "./grow-dump.ts";
import { lacksPeers, runWikiExtractor } from "./peers.ts";
import { runProgram } from "./run-program.ts";
import { formatRows } from "./table.ts";

const SAMPLE = "wikipedia-xml/gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2";
const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const PARTS = ["decompress", "build", "same", "peers"];
const PEER_PROCESSES = 2;

interface Row {
  readonly what: string;
  /** Megabytes of XML that were read. */
  readonly megabytes: number;
  readonly seconds: number;
  /** In bytes; undefined where the system does not tell. */
  readonly peak?: number | undefined;
}

/** A dump and its size, kept beside it. */
async function prepareDump(data: string, folder: string, megabytes: number): Promise<GrownDump & { path: string }> {
  const path = join(folder, `en-${megabytes}.xml.bz2`);
  const note = `${path}.json`;
  if (!existsSync(path) || !existsSync(note))
    writeFileSync(note, JSON.stringify(await growDump(join(data, SAMPLE), path, megabytes * 1e6)));
  return { path, ...(JSON.parse(readFileSync(note, "utf8")) as GrownDump) };
}

const worldmeta = (...args: readonly string[]) => runProgram(process.execPath, [CLI, ...args]);

async function measureDecompression(dump: string, megabytes: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [command, ...args] of [
    ["lbzip2", "-n", "2", "-dc"],
    ["bzip2", "-dc"],
  ] as const) {
    if (spawnSync(command, ["--help"], { stdio: "ignore" }).error !== undefined) continue;
    const threads = command === "lbzip2" ? ", 2 threads" : ", 1 thread";
    rows.push({ what: `${command} -dc${threads}`, megabytes, ...(await runProgram(command, [...args, dump])) });
  }
  const start = performance.now();
  for await (const _ of openInput(dump));
  rows.push({ what: "our bzip2, 1 thread", megabytes, seconds: (performance.now() - start) / 1000 });
  return rows;
}

/** SHA-256 of the files of a folder, by name. */
function hashFiles(folder: string): [name: string, hash: string][] {
  return readdirSync(folder)
    .sort()
    .map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]);
}

/** Builds with threads and memory; with `isChecked`, also what it exports and counts, hashed. */
async function measureBuild(
  run: string,
  { dump, folder, megabytes, isChecked }: { dump: string; folder: string; megabytes: number; isChecked: boolean },
): Promise<{ rows: Row[]; hashes: string }> {
  const [threads = "", memory = ""] = run.split(":");
  const own = join(folder, `run-${threads}-${memory}`);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  const db = join(own, "lists.sqlite");
  const options = ["--dump", dump, "--threads", threads, "--memory", memory];
  const name = `${threads} ${threads === "1" ? "thread" : "threads"}, ${memory}`;
  const rows = [
    { what: `worldmeta build, ${name}`, megabytes, ...(await worldmeta("build", "en", "--db", db, ...options)) },
  ];
  let hashes = "";
  if (isChecked) {
    const [lists, counts] = [join(own, "lists"), join(own, "counts")];
    await worldmeta("export", "jsonl", "--db", db, "--out", lists);
    const measured = await worldmeta("ngrams", "--edition", "en", "--out", counts, ...options);
    rows.push({ what: `worldmeta ngrams, ${name}`, megabytes, ...measured });
    hashes = JSON.stringify([hashFiles(lists), hashFiles(counts)]);
    const words = readFileSync(join(counts, "unigrams.tsv")).reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
    console.log(`${name}: ${words.toLocaleString("en")} distinct words`);
  }
  return { rows, hashes };
}

async function measurePeers(data: string, folder: string, megabytes: number): Promise<Row[]> {
  const missing = lacksPeers();
  if (missing !== undefined) {
    console.log(missing);
    return [];
  }
  const { path, bytes } = await prepareDump(data, folder, megabytes);
  const { seconds } = runWikiExtractor(path, join(folder, "wikiextractor.jsonl"), PEER_PROCESSES);
  const what = `WikiExtractor, ${PEER_PROCESSES} processes, ${megabytes} MB of XML`;
  return [{ what, megabytes: bytes / 1e6, seconds }];
}

function printRows(rows: readonly Row[]): void {
  const speed = ({ megabytes, seconds }: Row) => megabytes / seconds;
  const [first] = rows;
  if (first === undefined) return;
  console.log(
    formatRows(
      ["", "seconds", "XML MB/s", `of ${first.what}`, "peak MB"],
      rows.map((row) => [
        ...[row.what, row.seconds.toFixed(1), speed(row).toFixed(1), (speed(row) / speed(first)).toFixed(3)],
        row.peak === undefined ? "" : Math.round(row.peak / 1e6),
      ]),
    ),
  );
}

async function main(data: string): Promise<void> {
  const parts = values.parts.split(",");
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`--parts: no part ${unknown}; there are ${PARTS.join(", ")}`);
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-build-"));
  mkdirSync(folder, { recursive: true });
  try {
    const { path, bytes, copies } = await prepareDump(data, folder, Number(values.megabytes));
    const megabytes = bytes / 1e6;
    const compressed = (statSync(path).size / 1e6).toFixed(1);
    console.log(`${megabytes.toFixed(1)} MB of XML in ${copies} copies of the sample, ${compressed} MB compressed`);
    const rows: Row[] = [];
    if (parts.includes("decompress")) rows.push(...(await measureDecompression(path, megabytes)));
    const hashes = new Set<string>();
    if (parts.includes("build") || parts.includes("same")) {
      for (const run of values.runs.split(",")) {
        const isChecked = parts.includes("same");
        const measured = await measureBuild(run, { dump: path, folder, megabytes, isChecked });
        rows.push(...measured.rows);
        hashes.add(measured.hashes);
      }
    }
    if (parts.includes("peers")) rows.push(...(await measurePeers(data, folder, Number(values["peer-megabytes"]))));
    printRows(rows);
    if (parts.includes("same")) {
      const isSame = hashes.size === 1;
      console.log(isSame ? "lists and counts: the same bytes in all runs" : "lists or counts DIFFER between runs");
      if (!isSame) process.exitCode = 1;
    }
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: "string", default: "200" },
    parts: { type: "string", default: PARTS.join(",") },
    runs: { type: "string", default: "2:1GB,1:1GB,4:1GB,2:200MB,2:2GB" },
    "peer-megabytes": { type: "string", default: "20" },
    dir: { type: "string" },
  },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, SAMPLE))) {
  console.error("give the folder of real input: node dist/scripts/measure-build.js DATA");
  process.exitCode = 2;
} else await main(data);
