/** The extractors in Python that `test/python/setup.sh` installs, run as processes. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeEntities } from "../src/text/entities.ts";

/** Folder with the programs in Python and their virtual environment; this file runs from dist/scripts or scripts. */
export const PYTHON_FOLDER = ["../../test/python/", "../test/python/"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

export type Peer = "wikiextractor" | "mwparserfromhell";
export const PEERS: readonly Peer[] = ["wikiextractor", "mwparserfromhell"];

/** Why the peers cannot run, in one line; undefined if they can. */
export function lacksPeers(): string | undefined {
  if (PYTHON_FOLDER !== undefined && existsSync(`${PYTHON_FOLDER}.venv/stamp`)) return undefined;
  return "WikiExtractor and mwparserfromhell are not installed: run test/python/setup.sh";
}

export interface PeerRun {
  /** From the start of Python to its end. */
  readonly seconds: number;
  /** Texts by the id of their page. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * WikiExtractor on a dump, `.bz2` or not, without expanding templates; its output, of articles, goes to the file `out`.
 *
 * It runs `processes` processes that extract, beside one that reads and one that writes.
 */
export function runWikiExtractor(dump: string, out: string, processes = 1): PeerRun {
  const args = ["-m", "wikiextractor.WikiExtractor", "--json", "--no-templates", "--quiet", "-o", "-"];
  const run = runPython([...args, "--processes", String(processes), dump], { out });
  return { ...run, texts: new Map([...run.texts].map(([id, text]) => [id, decodeEntities(text)])) };
}

/** What mwparserfromhell is told to leave out: prefixes of links, and tags with their content. */
export interface LeftOut {
  readonly prefixes: readonly string[];
  readonly tags: readonly string[];
}

/** mwparserfromhell's `strip_code` on the file `pages` of JSON lines {"id","text"}; its output goes to the file `out`. */
export function runStripCode(pages: string, out: string, leftOut: LeftOut): PeerRun {
  return runPython([`${PYTHON_FOLDER}strip-code.py`, JSON.stringify(leftOut)], { input: pages, out });
}

function runPython(args: readonly string[], { input, out }: { input?: string; out: string }): PeerRun {
  const from = input === undefined ? "ignore" : openSync(input, "r");
  const to = openSync(out, "w");
  const start = performance.now();
  const { status, stderr } = spawnSync(`${PYTHON_FOLDER}.venv/bin/python`, ["-W", "ignore", ...args], {
    stdio: [from, to, "pipe"],
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - start) / 1000;
  closeSync(to);
  if (from !== "ignore") closeSync(from);
  if (status !== 0) throw new Error(`Python failed: ${stderr.toString().trim().split("\n").at(-1)}`);
  const texts = new Map<string, string>();
  for (const line of readFileSync(out, "utf8").split("\n")) {
    if (line === "") continue;
    const { id, text } = JSON.parse(line) as { id: string | number; text: string };
    texts.set(String(id), text);
  }
  return { seconds, texts };
}
