/**
 * Measures matching beside pyahocorasick and Rust's daachorse, on lists of 500,000 entries.
 *
 *     node dist/scripts/measure-matching.js DATA [--dir DIR] [--lists en,ja,zh] [--rounds 3] [--quick]
 *       [--published]
 *
 * DATA holds the folders captions, pageviews, wikipedia-text, wikipedia-xml and wordnet. With `--dir` the lists and texts
 * made of it stay there and are used again; `matching-inputs.ts` says how they are made. `--quick` takes a tenth of the
 * texts. pyahocorasick is there once `test/python/setup.sh` has been run, daachorse where there is cargo, which compiles
 * it for the processor in general; what is missing is said and left out. pyahocorasick keeps ids alone, the fastest way to
 * use it; `--published` adds a column for the way of the published code, which keeps pairs of id and entry.
 *
 * All match by the `reference` rule, since it asks for substrings alone, which any Aho–Corasick finds: entries padded
 * beforehand, texts spaced while time counts. First each side writes the ids of every text, which also warms it up, and
 * the files are compared byte by byte; the script ends with status 1 if they differ. Then come the rounds, in which all
 * sides match all texts, one after the other, each on one thread, and another one begins each time. Of each side is
 * timed: from the texts in memory (strings of JavaScript, of Python, UTF-8 in Rust), through spacing and matching, to the
 * distinct ids of each text, which are counted; not reading files. The speeds are medians of the rounds; each ratio is
 * that of the medians, with the least and the greatest of a round. Our own speed by the `corrected` rule, normalization
 * of texts included, stands beside.
 *
 * Memory is what a side holds for a list: of ours and of daachorse the bytes of their tables, of pyahocorasick the
 * resident memory of the process after building less that before.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { getEdition } from "../languages/index.ts";
import { createMatcher } from "../src/matching/matcher.ts";
import { LISTS, type ListName, type MatchingInputs, makeMatchingInputs, readStrings } from "./matching-inputs.ts";
import { findPeer, PEERS, type PeerName, type Program, type Side, startPeer } from "./matching-peers.ts";
import { median } from "./median.ts";
import { formatRows } from "./table.ts";

const OURS = "ours";
const CORRECTED = "corrected";
const QUICK_DIVISOR = 10;
/** Numbers that are written to a file at a time. */
const BUFFER = 1 << 20;

/** What a side did on a case: seconds of each round, and matches. */
interface Outcome {
  readonly seconds: number[];
  matches: number;
}

interface CaseOutcome {
  readonly name: string;
  readonly texts: number;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Of each peer how its ids differ from ours; undefined if they do not. */
  readonly differences: ReadonlyMap<string, string | undefined>;
}

interface ListOutcome {
  readonly list: ListName;
  readonly entries: number;
  readonly sides: readonly Side[];
  readonly cases: readonly CaseOutcome[];
}

function startOurs(name: string, list: ListName, entries: readonly string[]): Side {
  const rule = name === CORRECTED ? CORRECTED : "reference";
  const start = performance.now();
  const matcher = createMatcher(entries, { profile: rule, apostrophes: apostropheRuleOf(getEdition(list)) });
  const built = (performance.now() - start) / 1000;
  let texts: readonly string[] = [];
  return {
    ...{ name, built, bytes: matcher.bytes },
    async load(path) {
      texts = readStrings(path);
    },
    async time() {
      let matches = 0;
      const from = performance.now();
      matcher.matchAll(texts, (_, ids) => {
        matches += ids.length;
      });
      return { seconds: (performance.now() - from) / 1000, matches };
    },
    async write(path) {
      const file = openSync(path, "w");
      const numbers = new Uint32Array(BUFFER);
      let used = 0;
      const flush = () => {
        writeSync(file, new Uint8Array(numbers.buffer, 0, used * 4));
        used = 0;
      };
      matcher.matchAll(texts, (_, ids) => {
        if (used + 1 + ids.length > BUFFER) flush();
        numbers[used] = ids.length;
        numbers.set(ids.slice().sort(), used + 1);
        used += 1 + ids.length;
      });
      flush();
      closeSync(file);
    },
    async end() {},
  };
}

/** What the sides write and how it differs from what the first of them does. */
async function compareIds(sides: readonly Side[], folder: string): Promise<Map<string, string | undefined>> {
  const differences = new Map<string, string | undefined>();
  let expected: Buffer | undefined;
  for (const side of sides) {
    const path = join(folder, `ids-${side.name}`);
    await side.write(path);
    const found = readFileSync(path);
    rmSync(path);
    if (expected === undefined) expected = found;
    else differences.set(side.name, found.equals(expected) ? undefined : describeDifference(expected, found));
  }
  return differences;
}

/** The first text of which two files have other ids, and how many there are. */
function describeDifference(expected: Buffer, found: Buffer): string {
  const [a, b] = [splitIds(expected), splitIds(found)];
  let first = -1;
  let different = 0;
  for (let text = 0; text < Math.max(a.length, b.length); text++) {
    if (a[text] === b[text]) continue;
    if (first < 0) first = text;
    different += 1;
  }
  return `${different} texts differ; the first is number ${first}: ours ${a[first]}, theirs ${b[first]}`;
}

function splitIds(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    texts.push(Array.from({ length: size }, (_, index) => bytes.readUInt32LE(at + 4 * (index + 1))).join(" "));
    at += 4 * (size + 1);
  }
  return texts;
}

/** Times all sides on one file of texts, after comparing what they find by the same rule. */
async function measureCase(
  { name, texts }: { readonly name: string; readonly texts: string },
  { sides, rounds, folder }: { sides: readonly Side[]; rounds: number; folder: string },
): Promise<CaseOutcome> {
  for (const side of sides) await side.load(texts);
  const isOther = ({ name: side }: Side) => side === CORRECTED;
  const differences = await compareIds(
    sides.filter((side) => !isOther(side)),
    folder,
  );
  for (const side of sides.filter(isOther)) await side.time();
  const outcomes = new Map<string, Outcome>(sides.map((side) => [side.name, { seconds: [], matches: 0 }]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const side = sides[(round + turn) % sides.length]!;
      const { seconds, matches } = await side.time();
      const outcome = outcomes.get(side.name)!;
      outcome.seconds.push(seconds);
      outcome.matches = matches;
    }
  }
  return { name, texts: readStrings(texts).length, outcomes, differences };
}

async function measureList(
  inputs: MatchingInputs,
  { programs, rounds, folder }: { programs: ReadonlyMap<PeerName, Program>; rounds: number; folder: string },
): Promise<ListOutcome> {
  const { list } = inputs;
  const entries = readStrings(inputs.entries);
  const sides: Side[] = [startOurs(OURS, list, entries)];
  for (const [name, program] of programs) sides.push(await startPeer(name, program, inputs.padded));
  sides.push(startOurs(CORRECTED, list, entries));
  const cases: CaseOutcome[] = [];
  for (const input of inputs.cases) cases.push(await measureCase(input, { sides, rounds, folder }));
  for (const side of sides) await side.end();
  return { list, entries: entries.length, sides, cases };
}

/** How many times as fast ours is as a peer: of the medians, and the least and the greatest of a round. */
function compareSpeeds(ours: Outcome, peer: Outcome): string {
  const each = peer.seconds.map((seconds, round) => seconds / ours.seconds[round]!);
  const ratio = median(peer.seconds) / median(ours.seconds);
  return `${ratio.toFixed(2)} × (${Math.min(...each).toFixed(2)}–${Math.max(...each).toFixed(2)})`;
}

function printTables(lists: readonly ListOutcome[], peers: readonly PeerName[]): void {
  const grouped = (value: number) => Math.round(value).toLocaleString("en");
  const titles = ["texts a second", "entries", "texts", "matches a text", OURS];
  for (const peer of peers) titles.push(peer, "ours to it");
  const rows = lists.flatMap(({ entries, cases }) =>
    cases.map(({ name, texts, outcomes }) => {
      const speed = (side: string) => grouped(texts / median(outcomes.get(side)!.seconds));
      const ours = outcomes.get(OURS)!;
      return [
        ...[name, grouped(entries), grouped(texts), (ours.matches / texts).toFixed(1), speed(OURS)],
        ...peers.flatMap((peer) => [speed(peer), compareSpeeds(ours, outcomes.get(peer)!)]),
        ...[speed(CORRECTED), (outcomes.get(CORRECTED)!.matches / texts).toFixed(1)],
      ];
    }),
  );
  console.log(formatRows([...titles, CORRECTED, "matches a text"], rows));
  const memory = lists.map(({ list, entries, sides }) => {
    const of = (name: string) => sides.find((side) => side.name === name)!;
    const megabytes = ({ bytes }: Side) => (bytes === undefined ? "" : (bytes / 1e6).toFixed(1));
    const share = (bytes: number | undefined) =>
      bytes === undefined ? "" : `÷ ${(bytes / of(OURS).bytes!).toFixed(1)}`;
    return [
      ...[list, grouped(entries), megabytes(of(OURS))],
      ...peers.flatMap((peer) => [megabytes(of(peer)), share(of(peer).bytes)]),
      megabytes(of(CORRECTED)),
      sides.map(({ built }) => built.toFixed(1)).join(", "),
    ];
  });
  const columns = ["MB", "entries", OURS, ...peers.flatMap((peer) => [peer, "ours to it"]), CORRECTED];
  console.log(`\n${formatRows([...columns, "seconds to build"], memory)}`);
}

/** Prints of each case whether the ids are the same; true if they all are. */
function printDifferences(lists: readonly ListOutcome[]): boolean {
  let compared = 0;
  let isSame = true;
  for (const { name, texts, differences } of lists.flatMap(({ cases }) => cases)) {
    for (const [peer, difference] of differences) {
      compared += texts;
      if (difference === undefined) continue;
      isSame = false;
      console.log(`IDS DIFFER from ${peer} on ${name}: ${difference}`);
    }
  }
  if (isSame) console.log(`The ids are the same on all texts (${compared.toLocaleString("en")} comparisons).`);
  return isSame;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    lists: { type: "string", default: LISTS.join() },
    rounds: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
    published: { type: "boolean", default: false },
  },
});
const [data] = positionals;
const rounds = Number(values.rounds);
const wanted = LISTS.filter((list) => values.lists.split(",").includes(list));
if (data === undefined || wanted.length === 0 || !(rounds >= 1)) {
  console.error(
    "usage: node dist/scripts/measure-matching.js DATA [--dir DIR] [--lists en,ja,zh] [--rounds 3] [--quick]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-matching-"));
  try {
    const programs = new Map<PeerName, Program>();
    for (const name of PEERS) {
      if (name === "published" && !values.published) continue;
      const found = findPeer(name);
      if (typeof found === "string") console.log(found);
      else programs.set(name, found);
    }
    const lists: ListOutcome[] = [];
    for (const list of wanted) {
      const inputs = await makeMatchingInputs({ list, data, folder, divisor: values.quick ? QUICK_DIVISOR : 1 });
      console.log(inputs.note);
      lists.push(await measureList(inputs, { programs, rounds, folder }));
    }
    console.log();
    printTables(lists, [...programs.keys()]);
    console.log();
    if (programs.size > 0 && !printDifferences(lists)) process.exitCode = 1;
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
