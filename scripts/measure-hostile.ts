/**
 * Measures how long the extractor `fast` takes for pages made to be slow, and for real ones.
 *
 *     node dist/scripts/measure-hostile.js [DATA] [--megabytes 2] [--rounds 40] [--seed 1] [--worst 10]
 *
 * Prints the worst pages, in milliseconds per 100 kB, the least of three times so that what else the machine does counts
 * little: of wikitext of `--megabytes` each that repeats or nests one construct; of `--rounds` random mixtures of what wikitext is made of; and, with DATA, which holds
 * the folder wikipedia-xml, of every page there, where those below 10 kB count as 10 kB. Ends with status 1 if one takes more
 * than 50 ms.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { findEdition, getEdition, namesOf } from "../languages/index.ts";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { readDump } from "../src/sources/dump.ts";
import type { ExtractContext } from "../src/text/extractor.ts";
import { createFastExtractor } from "../src/text/fast.ts";
import { formatRows } from "./table.ts";

/** Milliseconds that 100 kB may take. */
const BUDGET = 50;
/** Times that a page is timed, unless it takes so many milliseconds. */
const REPEATS = 3;
const LONG = 2000;
/** Pages count as having at least so many bytes: what is the same for each page says nothing of its text. */
const MIN_BYTES = 10_000;

const CONTEXT: ExtractContext = { title: "Title", fileNames: ["File", "Image"], categoryNames: ["Category"] };

/** Repeated alone: what opens, closes, or begins a line. */
const REPEATED = [
  ..."[[ ]] [ ] {{ }} { } {{{ }}} {| |} {|\n |}\n | || |- |-\n ! !! !\n -{ }- -{a; -{zh:a; ;zh ; : # * = == ===\n = =\n".split(
    " ",
  ),
  ..."' '' ''' ''''' ''a '''b ''''a < </ <! <!- <!-- --> <!--> <a <div <ref <ref> <ref/> <ref></ref> <ref>a".split(" "),
  ..."</ref </ref> <br> <b></b> <nowiki> <nowiki/> <pre> <pre><nowiki> <poem>\n <table> </table <math> <gallery>".split(
    " ",
  ),
  ..."& &a &amp &amp; &# &#1 &#x __ __A __TOC__ _ http:// http://a [http:// [http://a [// [//a :// //".split(" "),
  ..."\n \n\n \r \r\n \t \u00A0 \u3000 \uFEFF ---- ----\n :{|\n *\n ** :*#; ;a:b\n {|\n| {|\n|-\n {|\n|\n{{ {{a|\n\n".split(
    " ",
  ),
  ..."[[a| [[a: [[File: [[File:a| [[File:a|b\n [[:a [[de: [[a.jpg| [[a:b.jpg| {{' {{'}} {{'s}} [[a]] {{a}} -{a}-".split(
    " ",
  ),
  ..."!a\n !!a\n |a\n !|\n <!--a-->\n 東 𝒳 \u0000 x .jpg|".split(" "),
  ...[
    " ",
    "\n ",
    " \n",
    "! ",
    "! \n",
    "; ",
    "<a ",
    "<ref name=",
    "<div <div ",
    "[http://a ",
    "[http://a b ",
    "== a ==\n",
    "= a\n",
  ],
  ...[
    "<!-- a --> ",
    "text ",
    "a\n\n",
    "!a [[b\n",
    "!a {{b\n",
    "= {{a}}\n",
    "<math><ref><nowiki><code><table><gallery>",
  ],
];

/** Nested: so many of the first, then as many of the second. */
const NESTED: readonly (readonly [open: string, close: string])[] = [
  ["{{", "}}"],
  ["{{{", "}}}"],
  ["{{a|", "}}"],
  ["[[", "]]"],
  ["[[a|", "]]"],
  ["[[File:a|thumb|", "]]"],
  ["[[a:b.jpg|", "]]"],
  ["{|\n", "|}\n"],
  ["{|\n|-\n|\n", "|}\n"],
  ["{|\n|-\n", ""],
  [":{|\n", "|}\n"],
  ["-{", "}-"],
  ["-{zh:", ";b:c}-"],
  ["-{zh:[[a|", "]];x:y}-"],
  ["-{{{", "}}}-"],
  ["{{[[", "]]}}"],
  ["[[{{", "]]}}"],
  ["{|\n{{", "}}\n|}\n"],
  ["{|\n{{", "|}\n"],
  ["{{\n{|\n", "|}\n"],
  ["[http://a [[b|", "]]]"],
  ["[http://a ", "]"],
  ["[[", ":b.jpg|]]"],
  ["[[a:", " .jpg|]]"],
  ["{{\n", "}}"],
  ["<div>", "</div>"],
  ["<table>", "</table>"],
  ["<ref>", "</ref>"],
  ["<nowiki>", "</nowiki>"],
  ["<poem>\n", "</poem>\n"],
  ["<!--", "-->"],
  ["''[[a|", "]]'''"],
  ["*", "\n*"],
];

/** The same with something behind that each end might look at. */
const TRAILED: readonly (readonly [open: string, close: string, rest: string])[] = [
  ["{{\n", "}}", "*"],
  ["{{\n", "}}", " "],
  ["[[de:\n", "]]", "*"],
  ["[[File:a|\n", "]]", " "],
  ["{|\n", "|}", "*"],
  ["{|\n", "\n|}", " "],
  ["-{\n", "}-", " "],
  ["[[a|", "]]", " "],
  ["<ref>", "</ref>", "*"],
  ["<poem>", "</poem>", "\n"],
  ["''[[a|", "]]''", "'"],
  ["[[ ", "|]]", " "],
];

const TOKENS = [
  ..."[[ ]] [ ] {{ }} {{{ }}} { } {| |} | || |- |+ ! !! -{ }- ; : * # = == === ' '' ''' ''''' <!-- --> < > </ <br>".split(
    " ",
  ),
  ..."<ref> </ref> <ref/> <div> </div> <nowiki> </nowiki> <pre> </pre> <poem> </poem> <table> </table> <math> </math>".split(
    " ",
  ),
  ..."&amp; &#65; &foo; & __TOC__ __ http:// https://a.b [https://a.b [[File:a| [[de:x| ---- zh: H| a B 東".split(" "),
  ..."\n \n\n \t \u00A0".split(" "),
  ...[" ", "\n ", "\r\n", "\n|-\n", "\n{|\n", "\n|}\n", "\n* "],
];

interface Timing {
  readonly name: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

const extractor = createFastExtractor();

function time(name: string, text: string, context: ExtractContext = CONTEXT): Timing {
  let milliseconds = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    extractor.extract(text, context);
    milliseconds = Math.min(milliseconds, performance.now() - start);
    if (milliseconds > LONG) break;
  }
  return { name, bytes: Buffer.byteLength(text), milliseconds };
}

function per100kB({ bytes, milliseconds }: Timing): number {
  return (milliseconds * 1e5) / Math.max(bytes, MIN_BYTES);
}

function* timeConstructs(bytes: number): Generator<Timing> {
  for (const unit of new Set(REPEATED))
    yield time(`${JSON.stringify(unit)}, repeated`, unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))));
  for (const [open, close] of NESTED) {
    const count = Math.ceil(bytes / Buffer.byteLength(open + close));
    yield time(`${JSON.stringify(open)} … ${JSON.stringify(close)}, nested`, open.repeat(count) + close.repeat(count));
  }
  for (const [open, close, rest] of TRAILED) {
    const count = Math.ceil(bytes / Buffer.byteLength(open + close + rest));
    const text = open.repeat(count) + close.repeat(count) + rest.repeat(count);
    yield time(`${[open, close, rest].map((part) => JSON.stringify(part)).join(" … ")}`, text);
  }
}

/** Mixtures: a few tokens at random, so that each keeps the others open, in patterns that come again and again. */
function* timeMixtures(bytes: number, rounds: number, seed: number): Generator<Timing> {
  const token = fc.constantFrom(...TOKENS);
  const mixture = fc.oneof(
    fc.array(token, { minLength: 2, maxLength: 12 }),
    fc.array(token, { minLength: 1000, maxLength: 4000 }),
    fc
      .subarray(TOKENS, { minLength: 2, maxLength: 6 })
      .chain((few) => fc.array(fc.constantFrom(...few), { minLength: 500, maxLength: 2000 })),
  );
  for (const [round, tokens] of fc.sample(mixture, { numRuns: rounds, seed }).entries()) {
    const unit = tokens.join("");
    const shown = JSON.stringify(unit.length > 40 ? `${unit.slice(0, 40)}…` : unit);
    yield time(`mixture ${round + 1}: ${shown}`, unit.repeat(Math.ceil(bytes / Buffer.byteLength(unit))));
  }
}

async function* timePages(folder: string): AsyncGenerator<Timing> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!/\.xml(\.(bz2|gz))?$/.test(entry.name)) continue;
    const edition = findEdition(/^([a-z_]+?)(?:wiki)?[-.]/.exec(entry.name)?.[1] ?? "") ?? getEdition("en");
    const { file, category } = namesOf(edition);
    const context = { title: "", fileNames: [...file], categoryNames: [...category] };
    // A dump's first page pays for its namespaces.
    time("", "", context);
    try {
      for await (const { title, text } of readDump([join(entry.parentPath, entry.name)], { problems: new Problems() }))
        if (text !== undefined) yield time(`${entry.name}: ${title}`, text, context);
    } catch (error) {
      // Broken dumps are among them; the pages before the break count.
      if (!(error instanceof UserError)) throw error;
    }
  }
}

function report(title: string, timings: readonly Timing[], limit: number): void {
  const worst = [...timings].sort((a, b) => per100kB(b) - per100kB(a)).slice(0, limit);
  const bytes = timings.reduce((sum, timing) => sum + timing.bytes, 0);
  const milliseconds = timings.reduce((sum, timing) => sum + timing.milliseconds, 0);
  const mean = (milliseconds / (bytes / 1e5)).toFixed(2);
  console.log(`${title}: ${timings.length} pages, ${(bytes / 1e6).toFixed(1)} MB, ${mean} ms per 100 kB on average`);
  const rows = worst.map((timing) => [timing.name, timing.bytes, per100kB(timing).toFixed(2)]);
  console.log(`${formatRows(["worst", "bytes", "ms per 100 kB"], rows)}\n`);
  if (worst[0] !== undefined && per100kB(worst[0]) > BUDGET) {
    console.log(`over the limit of ${BUDGET} ms per 100 kB`);
    process.exitCode = 1;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: "string", default: "2" },
    rounds: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    worst: { type: "string", default: "10" },
  },
});
const [data] = positionals;
const bytes = Number(values.megabytes) * 1e6;
const limit = Number(values.worst);
for (let round = 0; round < 20; round++) time("warm-up", TOKENS.join("").repeat(1000));
report("One construct", [...timeConstructs(bytes)], limit);
report("Mixtures", [...timeMixtures(bytes, Number(values.rounds), Number(values.seed))], limit);
if (data !== undefined) {
  const timings: Timing[] = [];
  for await (const timing of timePages(join(data, "wikipedia-xml"))) timings.push(timing);
  report("Real pages", timings, limit);
}
