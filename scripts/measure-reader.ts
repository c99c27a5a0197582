/**
 * Measures balancing in a data loader, in Python and here, on lists of up to 500,000 entries.
 *
 *     node dist/scripts/measure-reader.js DATA [--dir DIR] [--lists en,ja,zh] [--rounds 3]
 *
 * DATA holds the folders captions, pageviews, wikipedia-text, wikipedia-xml and wordnet; `matching-inputs.ts` says how the
 * lists and the texts, 100,000 of English, are made of it. With `--dir` they stay there and are used again. The lists are
 * counted on the texts, get their thresholds (6 % tail) and are exported as for the curator; the folder's
 * `worldmeta_reader.py` then decides the texts, one after the other on one thread: `decide` matches them, `keep` is given
 * their matches. Beside them stand `match` alone, pyahocorasick doing just that by the `reference` rule, the only one it
 * can (`published`: with the values that the published code keeps in it), and `decide` of the library here. All that is
 * in Python needs `test/python/setup.sh` to have been run.
 *
 * Each speed is the median of the rounds. The decisions of Python and of the library are compared by their number kept;
 * the script ends with status 1 if these differ.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { getEdition } from "../languages/index.ts";
import { solveGroups } from "../src/balancing/threshold.ts";
import { openBalancer } from "../src/export/balancer.ts";
import { exportMetaclip } from "../src/export/metaclip.ts";
import { nameList } from "../src/list-name.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import type { ProfileName } from "../src/profile.ts";
import { LISTS, type ListName, makeMatchingInputs, readStrings } from "./matching-inputs.ts";
import { findPeer, type PeerName, startPeer } from "./matching-peers.ts";
import { PYTHON_FOLDER } from "./peers.ts";
import { formatRows } from "./table.ts";

const TAIL_RATIO = 0.06;
/** Of the texts that matching is measured on these are a tenth. */
const DIVISOR = 10;

/** Writes a folder with one list, counted on texts. */
async function exportList(
  directory: string,
  {
    list,
    entries,
    texts,
    profile,
  }: {
    readonly list: ListName;
    readonly entries: readonly string[];
    readonly texts: readonly string[];
    readonly profile: ProfileName;
  },
): Promise<void> {
  const counts = new Float64Array(entries.length);
  const matcher = createMatcher(entries, { profile, apostrophes: apostropheRuleOf(getEdition(list)) });
  matcher.matchAll(texts, (_, ids) => {
    for (const id of ids) counts[id]!++;
  });
  const policy = { tailRatio: TAIL_RATIO };
  const [threshold] = solveGroups({ groups: new Map([[list, counts]]), policy, profile });
  await exportMetaclip({
    lists: [{ group: list, code: list, list: nameList(entries), entries, counts, threshold: threshold! }],
    ...{ directory, profile, versions: {}, counted: [] },
  });
}

const PASSES = ["decide", "keep", "match"] as const;
type PassName = (typeof PASSES)[number];

interface Pass {
  readonly seconds: number;
  readonly kept: number;
}

/** The reader in a process of Python. */
interface ReaderProcess {
  readonly loaded: { readonly seconds: number; readonly bytes: number | null };
  time(pass: PassName): Promise<Pass>;
  end(): void;
}

async function startReader(directory: string, group: string, texts: string): Promise<ReaderProcess> {
  const args = [`${PYTHON_FOLDER}time-reader.py`, directory, group, texts];
  const child: ChildProcess = spawn(`${PYTHON_FOLDER}.venv/bin/python`, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("Python has ended");
    return JSON.parse(value);
  };
  return {
    loaded: await answer(),
    time(pass) {
      child.stdin!.write(`${pass}\n`);
      return answer();
    },
    end: () => child.stdin!.end(),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Speeds of one list and profile, by what is measured; whether Python and the library keep as many texts. */
async function measureList(
  list: ListName,
  { data, folder, rounds, profile }: { data: string; folder: string; rounds: number; profile: ProfileName },
) {
  const inputs = await makeMatchingInputs({ list, data, folder, divisor: DIVISOR });
  const input = inputs.cases[0]!;
  const texts = readStrings(input.texts);
  const entries = readStrings(inputs.entries);
  const directory = join(folder, `curator-${list}-${profile}`);
  await exportList(directory, { list, entries, texts, profile });

  const seconds = new Map<string, number[]>();
  const add = (name: string, value: number) => seconds.set(name, [...(seconds.get(name) ?? []), value]);
  const reader = await startReader(directory, list, input.texts);
  const balancer = openBalancer(directory);
  let [python, ours] = [0, 0];
  for (let round = 0; round <= rounds; round++) {
    for (const name of PASSES) {
      const pass = await reader.time(name);
      if (round > 0) add(name, pass.seconds);
      if (name === "decide") python = pass.kept;
    }
    const start = performance.now();
    ours = texts.filter((text, id) => balancer.decide({ id, texts: text, lang: list }).kept).length;
    if (round > 0) add("Node", (performance.now() - start) / 1000);
  }
  reader.end();
  const peers: readonly PeerName[] = profile === "reference" ? ["pyahocorasick", "published"] : [];
  for (const name of peers) {
    const program = findPeer(name);
    if (typeof program === "string") throw new Error(program);
    const peer = await startPeer(name, program, inputs.padded);
    await peer.load(input.texts);
    for (let round = 0; round <= rounds; round++) {
      const pass = await peer.time();
      if (round > 0) add(name, pass.seconds);
    }
    await peer.end();
  }
  const { bytes, seconds: loading } = reader.loaded;
  const speed = (name: string) => {
    const values = seconds.get(name);
    return values === undefined ? "" : grouped(texts.length / median(values));
  };
  const row = [
    ...[`${input.name}, ${profile}`, grouped(entries.length), grouped(texts.length)],
    ...["decide", "keep", "match", "pyahocorasick", "published", "Node"].map(speed),
    ...[loading.toFixed(1), bytes === null ? "" : (bytes / 1e6).toFixed(0)],
  ];
  return { row, kept: { python, ours } };
}

const grouped = (value: number) => Math.round(value).toLocaleString("en");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    lists: { type: "string", default: "en,ja" },
    rounds: { type: "string", default: "3" },
  },
});
const [data] = positionals;
const rounds = Number(values.rounds);
const wanted = LISTS.filter((list) => values.lists.split(",").includes(list));
if (data === undefined || wanted.length === 0 || !(rounds >= 1)) {
  console.error("usage: node dist/scripts/measure-reader.js DATA [--dir DIR] [--lists en,ja,zh] [--rounds 3]");
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-reader-"));
  try {
    const rows: string[][] = [];
    for (const list of wanted) {
      for (const profile of ["reference", "corrected"] as const) {
        const { row, kept } = await measureList(list, { data, folder, rounds, profile });
        rows.push(row);
        if (kept.python === kept.ours) continue;
        console.log(`${list}, ${profile}: Python keeps ${kept.python} texts, the library ${kept.ours}`);
        process.exitCode = 1;
      }
    }
    const python = ["decide()", "keep()", "match()", "pyahocorasick", "published"];
    const titles = ["texts a second", "entries", "texts", ...python, "decide() in Node", "s to load", "MB"];
    console.log(formatRows(titles, rows));
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
