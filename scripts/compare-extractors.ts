/**
 * Compares the extractor `fast` with others on real dumps.
 *
 *     node dist/scripts/compare-extractors.js DIR [--editions en,el] [--words 8] [--lines 0] [--no-peers]
 *
 * DIR holds dumps whose names begin with the edition (`bgwiki-….xml.bz2`, `ta.xml.bz2`), in subfolders too. The others are
 * `wtf` and, where `test/python/setup.sh` has been run, WikiExtractor and mwparserfromhell's `strip_code`, told to
 * leave out the files, categories, tables and other elements that `fast` leaves out. Prints tables:
 *
 * - of each edition the share of words (by the edition's tokenizer, each counted as often as it occurs) that `fast` has in
 *   common with each of the others, of those of both; and what looks like markup in the text of `fast`, in 1000 lines;
 * - the speeds, where an edition has enough text to tell: MB of wikitext a second on one core. Of `fast` and `wtf` the
 *   extraction alone is timed, after a few pages of warming up; of the Python programs the whole run, from the start of
 *   Python to the last line of output, of which reading the pages is a small part. WikiExtractor gets uncompressed XML and
 *   one process for extraction, beside which its reader and its writer run; templates are not expanded;
 * - the words that `fast` has more or less often than each of the others, the most frequent `--words` of them;
 * - `--lines N`: at most so many lines that only one of `fast` and `wtf` has, and lines with what looks like markup.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Edition, findEdition, listEditions, loadTokenizer, namesOf } from "../languages/index.ts";
import { createArticleReader, extractWith } from "../src/engine/count-shard.ts";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { isArticle, type Page, readDump, type SiteInfo } from "../src/sources/dump.ts";
import { createExtractor, type ExtractorName } from "../src/text/extractors.ts";
import { CATEGORY_NAMES, DROPPED_TAGS, FILE_NAMES, LANGUAGE_ALIASES } from "../src/text/markup.ts";
import { lacksPeers, PEERS, type PeerRun, runStripCode, runWikiExtractor } from "./peers.ts";
import { formatRows } from "./table.ts";
import { escapeXml } from "./xml.ts";

/** Bytes of wikitext of a dump that are compared at most. */
const MAX_BYTES = 12_000_000;
/** Pages that an extractor of ours reads before time counts, so that code is compiled. */
const WARM_UP_PAGES = 20;
/** Bytes of wikitext below which the speed on an edition says nothing. */
const MIN_TIMED_BYTES = 400_000;

/** What looks like markup in plain text; in lines that are formulas or code in the article it may be none. */
const RESIDUE: Readonly<Record<string, RegExp>> = {
  braces: /\{\{|\}\}|-\{|\}-/,
  tables: /\{\||\|\}|\|-|^[|!]/,
  links: /\[\[|\]\]/,
  bars: /\|/,
  tags: /<!--|-->|<\/?[a-z][^<>]*>|\/>/i,
  quotes: /''/,
  headings: /==/,
  lists: /^[*#:;]/,
  addresses: /https?:\/\//i,
  words: /__[A-Z]+__/,
  entities: /&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});/i,
};

type Name = ExtractorName | (typeof PEERS)[number];

interface Site {
  readonly info: SiteInfo | undefined;
  readonly pages: Page[];
}

/** What an extractor made of an edition's pages, in their order. */
interface Outcome {
  readonly texts: readonly string[];
  readonly seconds: number;
}

/** Words or lines, each with how often it occurs. */
type Counts = ReadonlyMap<string, number>;

interface Comparison {
  readonly edition: Edition;
  readonly pages: number;
  readonly bytes: number;
  readonly outcomes: ReadonlyMap<Name, Outcome>;
  readonly words: ReadonlyMap<Name, Counts>;
}

/** The dumps in a folder with the edition that their names tell. */
function findDumps(folder: string): { path: string; edition: Edition | undefined }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => /\.xml(?:\.(?:bz2|gz))?$/.test(name))
    .map(({ name, parentPath }) => {
      const code = /^([a-z_]+?)(?:wiki)?[-.]/.exec(name)?.[1];
      return { path: join(parentPath, name), edition: code === undefined ? undefined : findEdition(code) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The articles of a dump; a broken one gives those before the break. */
async function readSite(path: string): Promise<Site> {
  const pages: Page[] = [];
  let info: SiteInfo | undefined;
  const onSiteInfo = (found: SiteInfo) => {
    info = found;
  };
  let bytes = 0;
  try {
    for await (const page of readDump([path], { problems: new Problems(), onSiteInfo })) {
      if (!isArticle(page) || page.text === undefined) continue;
      bytes += Buffer.byteLength(page.text);
      pages.push(page);
      if (bytes > MAX_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return { info, pages };
}

/** The dumps of a folder by edition: that of their name, else that of the language which they give. */
async function readSites(folder: string, wanted: readonly string[] | undefined): Promise<Map<Edition, Site[]>> {
  const sites = new Map<Edition, Site[]>();
  for (const { path, edition: named } of findDumps(folder)) {
    const site = await readSite(path);
    const edition = named ?? findEdition(site.info?.language ?? "");
    if (edition === undefined || site.pages.length === 0 || wanted?.includes(edition.code) === false) continue;
    sites.set(edition, [...(sites.get(edition) ?? []), site]);
  }
  return sites;
}

/** What one of our extractors makes of the pages. */
async function extractAll(sites: readonly Site[], edition: Edition, name: ExtractorName): Promise<Outcome> {
  const extractor = await createExtractor(name);
  const readers = sites.map(({ info, pages }) => {
    const reader = createArticleReader(edition, extractWith(extractor), new Problems());
    if (info !== undefined) reader.onSiteInfo(info);
    return { reader, pages };
  });
  for (const { reader, pages } of readers) for (const page of pages.slice(0, WARM_UP_PAGES)) reader.read(page);
  const start = performance.now();
  const texts = readers.flatMap(({ reader, pages }) => pages.map((page) => reader.read(page) ?? ""));
  return { texts, seconds: (performance.now() - start) / 1000 };
}

/** The pages as a dump: numbered from 1, without titles, since WikiExtractor leaves out titles with a colon. */
function toXml(texts: readonly string[], edition: Edition): string {
  const { file, category } = namesOf(edition);
  const name = (key: number, names: Iterable<string>) =>
    [...names].map((found) => `      <namespace key="${key}" case="first-letter">${found}</namespace>\n`).join("");
  const namespaces = `${name(6, file)}${name(14, category)}      <namespace key="10">Template</namespace>\n`;
  const pages = texts.map(
    (text, i) =>
      `  <page>\n    <title>${i + 1}</title>\n    <ns>0</ns>\n    <id>${i + 1}</id>\n    <revision>\n      <id>1</id>\n` +
      `      <text xml:space="preserve">${escapeXml(text)}</text>\n    </revision>\n  </page>\n`,
  );
  return `<mediawiki>\n  <siteinfo>\n    <base>http://example.org/wiki/A</base>\n    <namespaces>\n${namespaces}    </namespaces>\n  </siteinfo>\n${pages.join("")}</mediawiki>\n`;
}

function runPeers(texts: readonly string[], edition: Edition): Map<Name, Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "compare-extractors-"));
  const { file, category } = namesOf(edition);
  const languages = listEditions().map(({ pageviewCode }) => pageviewCode);
  const leftOut = {
    prefixes: [FILE_NAMES, CATEGORY_NAMES, [...file], [...category], languages, LANGUAGE_ALIASES].flat(),
    tags: DROPPED_TAGS,
  };
  const inOrder = ({ texts: found, seconds }: PeerRun): Outcome => ({
    texts: texts.map((_, i) => found.get(String(i + 1)) ?? ""),
    seconds,
  });
  try {
    const out = join(folder, "out.jsonl");
    const xml = join(folder, "pages.xml");
    const lines = join(folder, "pages.jsonl");
    writeFileSync(xml, toXml(texts, edition));
    writeFileSync(lines, texts.map((text, i) => `${JSON.stringify({ id: i + 1, text })}\n`).join(""));
    return new Map<Name, Outcome>([
      ["wikiextractor", inOrder(runWikiExtractor(xml, out))],
      ["mwparserfromhell", inOrder(runStripCode(lines, out, leftOut))],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts what `find` finds in each line. */
function countLines(texts: readonly string[], find: (line: string) => string[]): Counts {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const line of text.split("\n")) for (const word of find(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** What `a` has more often than `b`, most frequent first. */
function surplus(a: Counts, b: Counts, limit: number): { item: string; count: number }[] {
  return [...a]
    .map(([item, count]) => ({ item, count: count - (b.get(item) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((x, y) => y.count - x.count || (x.item < y.item ? -1 : 1))
    .slice(0, limit);
}

/** Items that both have, each counted as often as it occurs, as a share of those of both. */
function shareInCommon(a: Counts, b: Counts): string {
  let common = 0;
  for (const [item, count] of a) common += Math.min(count, b.get(item) ?? 0);
  return ((200 * common) / Math.max(1, total(a) + total(b))).toFixed(2);
}

async function compare(edition: Edition, sites: readonly Site[], hasPeers: boolean): Promise<Comparison> {
  const wikitext = sites.flatMap(({ pages }) => pages.map(({ text }) => text ?? ""));
  const outcomes = new Map<Name, Outcome>([
    ["fast", await extractAll(sites, edition, "fast")],
    ["wtf", await extractAll(sites, edition, "wtf")],
    ...(hasPeers ? runPeers(wikitext, edition) : []),
  ]);
  const tokenizer = await loadTokenizer(edition);
  const cut = (line: string) => tokenizer.segment(line).flatMap(({ text, word }) => (word ? [text] : []));
  const words = new Map([...outcomes].map(([name, { texts }]) => [name, countLines(texts, cut)]));
  const bytes = wikitext.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { edition, pages: wikitext.length, bytes, outcomes, words };
}

function linesOf({ outcomes }: Comparison, name: Name): string[] {
  return (outcomes.get(name)?.texts ?? []).flatMap((text) => text.split("\n")).filter((line) => line !== "");
}

function printTables(comparisons: readonly Comparison[], names: readonly Name[]): void {
  const others = names.filter((name) => name !== "fast");
  const rows = comparisons.map((found) => {
    const { edition, pages, bytes, words } = found;
    const lines = linesOf(found, "fast");
    const fast = words.get("fast") ?? new Map();
    const residue = Object.entries(RESIDUE)
      .map(([kind, pattern]) => ({ kind, count: lines.filter((line) => pattern.test(line)).length }))
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${kind} ${((1000 * count) / lines.length).toFixed(2)}`);
    return [
      ...[edition.code, pages, (bytes / 1e6).toFixed(2), total(fast)],
      ...others.map((name) => shareInCommon(fast, words.get(name) ?? new Map())),
      residue.join(", "),
    ];
  });
  console.log("Words in common with fast, %, and what looks like markup in 1000 lines of fast");
  console.log(formatRows(["edition", "pages", "MB", "words", ...others, "like markup"], rows));
  const timed = comparisons.filter(({ bytes }) => bytes >= MIN_TIMED_BYTES);
  console.log("\nMB of wikitext a second");
  console.log(
    formatRows(
      ["edition", "MB", ...names],
      timed.map(({ edition, bytes, outcomes }) => [
        ...[edition.code, (bytes / 1e6).toFixed(2)],
        ...names.map((name) => (bytes / 1e6 / (outcomes.get(name)?.seconds ?? 0)).toFixed(1)),
      ]),
    ),
  );
}

function printWords({ edition, words }: Comparison, names: readonly Name[], limit: number): void {
  const fast = words.get("fast") ?? new Map();
  for (const name of names) {
    const other = words.get(name) ?? new Map();
    for (const [title, found] of [
      ["more", surplus(fast, other, limit)],
      ["less", surplus(other, fast, limit)],
    ] as const) {
      if (name === "fast" || found.length === 0) continue;
      console.log(
        `${edition.code}  ${title} than ${name}: ${found.map(({ item, count }) => `${item}×${count}`).join(" ")}`,
      );
    }
  }
}

function printLines(found: Comparison, limit: number): void {
  const counts = (name: Name) => countLines(found.outcomes.get(name)?.texts ?? [], (line) => [line]);
  const [fast, wtf] = [counts("fast"), counts("wtf")];
  for (const { item } of surplus(fast, wtf, limit)) console.log(`${found.edition.code}  fast only: ${item}`);
  for (const { item } of surplus(wtf, fast, limit)) console.log(`${found.edition.code}  wtf only:  ${item}`);
  for (const [kind, pattern] of Object.entries(RESIDUE))
    for (const line of linesOf(found, "fast")
      .filter((text) => pattern.test(text))
      .slice(0, limit))
      console.log(`${found.edition.code}  ${kind}: ${line}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    editions: { type: "string" },
    words: { type: "string", default: "8" },
    lines: { type: "string", default: "0" },
    "no-peers": { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error("give a folder of dumps: node dist/scripts/compare-extractors.js DIR");
  process.exitCode = 2;
} else {
  const missing = values["no-peers"] ? "without WikiExtractor and mwparserfromhell" : lacksPeers();
  if (missing !== undefined) console.log(missing);
  const names: readonly Name[] = ["fast", "wtf", ...(missing === undefined ? PEERS : [])];
  const comparisons: Comparison[] = [];
  for (const [edition, sites] of await readSites(folder, values.editions?.split(",")))
    comparisons.push(await compare(edition, sites, missing === undefined));
  comparisons.sort((a, b) => b.bytes - a.bytes || (a.edition.code < b.edition.code ? -1 : 1));
  printTables(comparisons, names);
  if (Number(values.words) > 0) console.log("\nWords that fast has more or less often");
  for (const found of comparisons) printWords(found, names, Number(values.words));
  if (Number(values.lines) > 0) console.log("\nLines");
  for (const found of comparisons) printLines(found, Number(values.lines));
}
