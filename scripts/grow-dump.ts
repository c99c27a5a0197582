/** A large English dump from a small one, whose vocabulary grows as that of real text does. */
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { openInput } from "../src/sources/input.ts";
import { decodeEntities } from "../src/text/entities.ts";
import { escapeXml } from "./xml.ts";

/** Words that occur fewer times than this in one copy of the sample are renamed in others. */
const RARE = 20;
/** Distinct words of a text grow with this power of its length (Heaps' law; 0.4 to 0.6 for English). */
const EXPONENT = 0.6;
/** Programs that compress from standard input to standard output, the fastest first. */
const COMPRESSORS: readonly (readonly [command: string, ...args: string[]])[] = [
  ["lbzip2", "-c"],
  ["bzip2", "-c"],
  [
    "python3",
    "-c",
    "import bz2,sys\nc=bz2.BZ2Compressor()\nfor b in iter(lambda:sys.stdin.buffer.read(1<<20),b''):sys.stdout.buffer.write(c.compress(b))\nsys.stdout.buffer.write(c.flush())",
  ],
];

/** Words as they are counted, roughly: for the size of the vocabulary. */
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}'-]*[\p{L}\p{M}\p{N}])?/gu;

/** XML in pieces; a word that may be renamed is a piece of its own, those between are written as they are. */
interface Template {
  readonly head: string;
  readonly tail: string;
  /** Distinct words of a copy for each that is renamed. */
  readonly wordsPerRare: number;
  readonly pages: readonly { readonly title: string; readonly id: number; readonly parts: readonly Part[] }[];
}
type Part = string | { readonly word: string };

export interface GrownDump {
  /** Bytes of XML, uncompressed. */
  readonly bytes: number;
  readonly copies: number;
}

/**
 * Writes `path`, compressed with bzip2: copies of a dump's pages, each under titles and ids of its own, until there are
 * `bytes` of XML.
 *
 * In a copy, words of running text that are rare in one get an ending of letters, of which there are so many that the
 * vocabulary grows as copies^0.6. Titles, targets of links, and what stands in braces and tags stay as they are. In the first
 * copies, each of which can add one variant of a word only, it grows more slowly.
 */
export async function growDump(sample: string, path: string, bytes: number): Promise<GrownDump> {
  const template = await readTemplate(sample);
  const [command, ...args] = findCompressor();
  const compressor = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const partial = `${path}.part`;
  const file = compressor.stdout.pipe(createWriteStream(partial));
  const ended = new Promise<void>((resolve, reject) => {
    compressor.on("error", reject);
    compressor.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
  const input = compressor.stdin;
  const drain = () => new Promise<void>((resolve) => input.once("drain", resolve));
  let written = 0;
  const write = async (text: string) => {
    const chunk = Buffer.from(text);
    written += chunk.length;
    if (!input.write(chunk)) await Promise.race([drain(), ended]);
  };
  let copy = 0;
  /** Forms that each rare word has so far. */
  let variants = 0;
  await write(template.head);
  while (written < bytes) {
    copy++;
    const before = variants;
    variants = Math.min(before + 1, Math.max(1, Math.round(1 + (copy ** EXPONENT - 1) * template.wordsPerRare)));
    const suffix = suffixOf(variants > before ? before : copy % variants);
    for (const { title, id, parts } of template.pages) {
      if (written >= bytes) break;
      const name = copy === 1 ? title : `${title} ${copy}`;
      const text = parts.map((part) => (typeof part === "string" ? part : part.word + suffix)).join("");
      await write(
        `  <page>\n    <title>${name}</title>\n    <ns>0</ns>\n    <id>${id + (copy - 1) * 100_000_000}</id>\n` +
          `    <revision>\n      <id>1</id>\n      <text xml:space="preserve">${text}</text>\n    </revision>\n  </page>\n`,
      );
    }
  }
  await write(template.tail);
  input.end();
  await Promise.all([ended, finished(file)]);
  await rename(partial, path);
  return { bytes: written, copies: copy };
}

/** The ending of a word's nth form; none for the first, 0. */
function suffixOf(form: number): string {
  let number = form;
  if (number === 0) return "";
  let letters = "";
  for (; number > 0; number = Math.floor(number / 20)) letters = "bcdfghjklmnpqrstvwxz"[number % 20] + letters;
  return `q${letters}`;
}

function findCompressor(): readonly [string, ...string[]] {
  const found = COMPRESSORS.find(
    ([command]) => spawnSync(command, ["--help"], { stdio: "ignore" }).error === undefined,
  );
  if (found === undefined) throw new Error("found none of lbzip2, bzip2 and python3 to compress with");
  return found;
}

async function readTemplate(path: string): Promise<Template> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openInput(path)) chunks.push(chunk);
  const xml = Buffer.concat(chunks).toString("utf8");
  const start = xml.indexOf("<page>");
  const end = xml.lastIndexOf("</page>") + "</page>\n".length;
  const texts = [...xml.slice(start, end).matchAll(/<page>[\s\S]*?<\/page>/g)].flatMap(([page]) => {
    const title = /<title>([^<]*)<\/title>/.exec(page)?.[1];
    const id = /<id>(\d+)<\/id>/.exec(page)?.[1];
    const text = /<text[^>]*>([^<]*)<\/text>/.exec(page)?.[1];
    const isArticle = /<ns>0<\/ns>/.test(page) && !/<redirect /.test(page);
    return title === undefined || id === undefined || text === undefined || !isArticle ? [] : [{ title, id, text }];
  });
  const counts = new Map<string, number>();
  const pages = texts.map(({ title, id, text }) => ({ title, id: Number(id), parts: cut(text) }));
  for (const { parts } of pages)
    for (const part of parts) if (typeof part !== "string") counts.set(part.word, (counts.get(part.word) ?? 0) + 1);
  const rare = [...counts.values()].filter((count) => count < RARE).length;
  const all = new Set(texts.flatMap(({ text }) => removeBraces(decodeEntities(text)).match(WORD) ?? []));
  return {
    wordsPerRare: all.size / rare,
    head: xml.slice(0, start).trimEnd().concat("\n"),
    tail: xml.slice(end),
    pages: pages.map((page) => ({ ...page, parts: joinCommon(page.parts, counts) })),
  };
}

/** Brackets and braces, bars, tags, addresses, references to characters, magic words, and words. */
const PIECE =
  /(\{\{|\{\||\[\[?)|(\}\}|\|\}|\]\]?)|(\|)|<!--[\s\S]*?-->|<[^<>]*>|&[#\w]+;|__\w+__|\w+:\/\/\S+|(?<![\p{L}\p{M}\p{N}_])(\p{L}{2,})(?![\p{L}\p{M}\p{N}_])/gu;

/** The text of a page, escaped as in XML, cut at words of letters in running text and in labels of links. */
function cut(escaped: string): Part[] {
  const text = decodeEntities(escaped);
  const parts: Part[] = [];
  /** The brackets that are open, a link's as "|" from its bar on, where its label begins. */
  const open: string[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    const [, opening, closing, bar, word] = match;
    if (opening !== undefined) open.push(opening);
    else if (closing !== undefined) open.pop();
    else if (bar !== undefined && open.at(-1) === "[[") open[open.length - 1] = "|";
    else if (word !== undefined && open.every((bracket) => bracket === "[" || bracket === "|")) {
      parts.push(escapeXml(text.slice(from, match.index)), { word });
      from = match.index + word.length;
    }
  }
  parts.push(escapeXml(text.slice(from)));
  return parts;
}

/** Templates, references and addresses, whose words no list counts, taken out well enough to count the others. */
function removeBraces(text: string): string {
  let left = text.replace(/<ref[^<>]*?\/>|<ref[\s\S]*?<\/ref>|<[^<>]*>|\w+:\/\/\S+/g, " ");
  for (let depth = 0; depth < 6; depth++) left = left.replace(/\{\{[^{}]*\}\}|\[\[[^[\]]*\||\{\|[\s\S]*?\|\}/g, " ");
  return left;
}

/** Words that are not rare become part of the text around them. */
function joinCommon(parts: readonly Part[], counts: ReadonlyMap<string, number>): Part[] {
  const joined: Part[] = [];
  let fixed = "";
  for (const part of parts) {
    if (typeof part === "string") fixed += part;
    else if ((counts.get(part.word) ?? 0) >= RARE) fixed += part.word;
    else {
      joined.push(fixed, part);
      fixed = "";
    }
  }
  return [...joined, fixed];
}
