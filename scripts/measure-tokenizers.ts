/**
 * Measures the tokenizers against texts segmented by hand: `node dist/scripts/measure-tokenizers.js DIR`, where DIR holds
 * the gold sets under the names below; sets that are absent are left out. Prints, per set, the F1 of the words (spans of
 * characters; punctuation counts, white space does not) and the speed of our tokenizer and of `Intl.Segmenter`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { EditionCode, TokenizerName } from "../languages/define.ts";
import { loadTokenizer } from "../languages/tokenizers.ts";

/** One sentence and the ends of its words; white space in between belongs to none. */
interface Sentence {
  readonly text: string;
  readonly words: readonly Span[];
}

/** A stretch of a text as `start-end`, in UTF-16 units. */
type Span = string;

interface GoldSet {
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly tokenizer: TokenizerName;
  readonly read: (content: string) => Sentence[];
}

const GOLD: readonly GoldSet[] = [
  { name: "UD Chinese GSD (traditional)", path: "ud/UD_Chinese-GSD/zh_gsd-ud-dev.conllu.gz", ...use("zh", readConllu) },
  { name: "UD Chinese GSDSimp", path: "ud/UD_Chinese-GSDSimp/zh_gsdsimp-ud-dev.conllu.gz", ...use("zh", readConllu) },
  { name: "UD Cantonese HK", path: "ud/UD_Cantonese-HK/yue_hk-ud-test.conllu.gz", ...use("zh", readConllu) },
  { name: "SIGHAN pku", path: "sighan-icwb2/gold/pku_test_gold.utf8.gz", ...use("zh", readSpaced) },
  { name: "UD Japanese GSD", path: "ud/UD_Japanese-GSD/ja_gsd-ud-dev.conllu.gz", ...use("ja", readConllu) },
  { name: "UD Thai TUD", path: "ud/UD_Thai-TUD/th_tud-ud-dev.conllu.gz", ...use("th", readConllu) },
  { name: "Burmese myPOS", path: "burmese-myPOS/otest.nopipe.word-pos.txt.gz", ...use("my", readTagged) },
  { name: "Khmer khPOS", path: "khmer-khPOS/OPEN-TEST.word-pos.txt.gz", ...use("km", readTagged) },
];

function use(tokenizer: Exclude<TokenizerName, "words">, read: GoldSet["read"]) {
  return { code: tokenizer, tokenizer, read };
}

/** Spans of `words` in `text`, which holds them in order with nothing but white space between them. */
function locate(text: string, words: readonly string[]): Sentence {
  let at = 0;
  const spans = words.map((word) => {
    const start = text.indexOf(word, at);
    if (start < 0 || text.slice(at, start).trim() !== "") throw new Error(`gold word ${word} is not in: ${text}`);
    at = start + word.length;
    return `${start}-${at}`;
  });
  return { text, words: spans };
}

/** CoNLL-U: the text of each sentence and its tokens; a multiword token counts as the one that is written. */
function readConllu(content: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of content.split(/\n\n+/)) {
    const text = /^# text = (.*)$/m.exec(block)?.[1];
    if (text === undefined) continue;
    const words: string[] = [];
    let covered = 0;
    for (const line of block.split("\n")) {
      const [, first = "", last, form = ""] = /^(\d+)(?:-(\d+))?\t([^\t]+)/.exec(line) ?? [];
      if (first === "" || Number(first) <= covered) continue;
      words.push(form);
      covered = Number(last ?? first);
    }
    sentences.push(locate(text, words));
  }
  return sentences;
}

/** A sentence a line, its words with white space between them that the text does not have. */
function readSpaced(content: string): Sentence[] {
  return content
    .split("\n")
    .map((line) => line.split(/\s+/).filter((word) => word !== ""))
    .map((words) => locate(words.join(""), words));
}

/** As `readSpaced`, each word followed by / and its tag; ~ ^ and _ join the parts of compounds and are not written. */
function readTagged(content: string): Sentence[] {
  const untagged = content.replace(/\/[a-zA-Z0-9*"]+(?=\s|$)/gm, "");
  return readSpaced(untagged.replace(/[~^_]/g, ""));
}

type Cut = (text: string) => readonly string[];

/** Spans of the segments that are not white space. */
function spansOf(segments: readonly string[]): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const segment of segments) {
    const end = start + segment.length;
    if (segment.trim() !== "") spans.push(`${start}-${end}`);
    start = end;
  }
  return spans;
}

/** F1 of the spans of a set. */
function scoreOf(sentences: readonly Sentence[], cut: Cut): number {
  let common = 0;
  let both = 0;
  for (const { text, words } of sentences) {
    const gold = new Set(words);
    const found = spansOf(cut(text));
    common += found.filter((span) => gold.has(span)).length;
    both += found.length + gold.size;
  }
  return (2 * common) / both;
}

/** Megabytes of UTF-8 a second, the best of three passes. */
function speedOf(sentences: readonly Sentence[], cut: Cut): number {
  const bytes = sentences.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const passes = Array.from({ length: 3 }, () => {
    const start = performance.now();
    for (const { text } of sentences) cut(text);
    return performance.now() - start;
  });
  return bytes / 1000 / Math.min(...passes);
}

async function measure(set: GoldSet, folder: string): Promise<string[]> {
  const sentences = set.read(gunzipSync(readFileSync(join(folder, set.path))).toString("utf8"));
  const tokenizer = await loadTokenizer({ code: set.code as EditionCode, tokenizer: set.tokenizer });
  const segmenter = new Intl.Segmenter(set.code, { granularity: "word" });
  const ours: Cut = (text) => tokenizer.segment(text).map((segment) => segment.text);
  const icu: Cut = (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);
  const figures = [ours, icu].flatMap((cut) => [
    scoreOf(sentences, cut).toFixed(3),
    speedOf(sentences, cut).toFixed(1),
  ]);
  const words = sentences.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return [set.name, String(sentences.length), String(words), ...figures];
}

/** Lines of a table whose first column is text and whose others are numbers. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join("  "));
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node dist/scripts/measure-tokenizers.js DIR (the folder of the gold sets)");
  process.exitCode = 2;
} else {
  const rows = [["set", "sentences", "words", "F1", "MB/s", "F1 Intl", "MB/s Intl"]];
  for (const set of GOLD) {
    if (existsSync(join(folder, set.path))) rows.push(await measure(set, folder));
    else console.error(`absent: ${set.path}`);
  }
  for (const line of align(rows)) console.log(line);
}
