/**
 * Compares the extractors `wtf` and `fast` on real dumps: `node dist/scripts/compare-extractors.js DIR [WORDS]`, where DIR
 * holds dumps whose names begin with the edition (`bgwiki-….xml.bz2`, `ta.xml.bz2`), in subfolders too. Prints, per edition,
 * MB of wikitext a second of each, the share of words (by the edition's tokenizer) and of lines in common, each counted as
 * often as it occurs, and the most frequent words that only one has. WORDS, by default 8, says how many of those.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Edition, findEdition, loadTokenizer } from "../languages/index.ts";
import { createArticleReader } from "../src/engine/count-shard.ts";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { isArticle, type Page, readDump, type SiteInfo } from "../src/sources/dump.ts";
import { createExtractor, type ExtractorName } from "../src/text/extractors.ts";

/** Bytes of wikitext of a dump that are compared at most. */
const MAX_BYTES = 12_000_000;
/** Pages that both extractors read before time counts, so that code is compiled. */
const WARM_UP_PAGES = 20;

interface Site {
  readonly info: SiteInfo | undefined;
  readonly pages: Page[];
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
async function readSites(folder: string): Promise<Map<Edition, Site[]>> {
  const sites = new Map<Edition, Site[]>();
  for (const { path, edition: named } of findDumps(folder)) {
    const site = await readSite(path);
    const edition = named ?? findEdition(site.info?.language ?? "");
    if (edition !== undefined && site.pages.length > 0) sites.set(edition, [...(sites.get(edition) ?? []), site]);
  }
  return sites;
}

/** The texts of the pages and the seconds that they took. */
function extractAll(
  sites: readonly Site[],
  edition: Edition,
  name: ExtractorName,
): { texts: string[]; seconds: number } {
  const extractor = createExtractor(name);
  const readers = sites.map(({ info, pages }) => {
    const reader = createArticleReader(edition, extractor, new Problems());
    if (info !== undefined) reader.onSiteInfo(info);
    return { reader, pages };
  });
  for (const { reader, pages } of readers) for (const page of pages.slice(0, WARM_UP_PAGES)) reader.read(page);
  const start = performance.now();
  const texts = readers.flatMap(({ reader, pages }) => pages.map((page) => reader.read(page) ?? ""));
  return { texts, seconds: (performance.now() - start) / 1000 };
}

type Counts = Map<string, number>;

/** Counts what `words` finds in each line. */
function countWords(texts: readonly string[], words: (line: string) => string[]): Counts {
  const counts: Counts = new Map();
  for (const text of texts)
    for (const line of text.split("\n")) for (const word of words(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Words that `a` has more often than `b`, most frequent first, as `word×surplus`. */
function surplus(a: Counts, b: Counts, limit: number): string {
  return [...a]
    .map(([word, count]) => ({ word, count: count - (b.get(word) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((x, y) => y.count - x.count || (x.word < y.word ? -1 : 1))
    .slice(0, limit)
    .map(({ word, count }) => `${word}×${count}`)
    .join(" ");
}

/** Items, each counted as often as it occurs, that both have, as a share of all. */
function shareInCommon(a: Counts, b: Counts): number {
  let common = 0;
  for (const [item, count] of a) common += Math.min(count, b.get(item) ?? 0);
  return (2 * common) / Math.max(1, total(a) + total(b));
}

async function compare(edition: Edition, sites: readonly Site[], limit: number): Promise<void> {
  const texts = sites.flatMap(({ pages }) => pages.map(({ text }) => text ?? ""));
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const wtf = extractAll(sites, edition, "wtf");
  const fast = extractAll(sites, edition, "fast");
  const tokenizer = await loadTokenizer(edition);
  const words = (text: string) => tokenizer.segment(text).flatMap(({ text, word }) => (word ? [text] : []));
  const a = countWords(wtf.texts, words);
  const b = countWords(fast.texts, words);
  const lines = (line: string) => [line];
  const speed = (seconds: number) => (megabytes / seconds).toFixed(1);
  console.log(
    [
      edition.code,
      texts.length,
      megabytes.toFixed(2),
      speed(wtf.seconds),
      speed(fast.seconds),
      total(a),
      total(b),
      `${(100 * shareInCommon(a, b)).toFixed(3)} %`,
      `${(100 * shareInCommon(countWords(wtf.texts, lines), countWords(fast.texts, lines))).toFixed(2)} %`,
    ].join("\t"),
  );
  console.log(`  wtf only: ${surplus(a, b, limit)}\n  fast only: ${surplus(b, a, limit)}`);
}

const [folder, limit = "8"] = process.argv.slice(2);
if (folder === undefined) throw new UserError("usage: node dist/scripts/compare-extractors.js DIR [WORDS]", 2);
console.log("edition\tpages\tMB\twtf MB/s\tfast MB/s\twtf words\tfast words\twords in common\tlines in common");
for (const [edition, sites] of await readSites(folder)) await compare(edition, sites, Number(limit));
