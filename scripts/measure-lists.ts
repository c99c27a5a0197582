/**
 * Builds a list for every edition that a folder of real input has something for, and prints entries by source and how
 * much of the Babel-ImageNet labels of the language the list covers, as aligned tables.
 *
 *     node dist/scripts/measure-lists.js DATA [--db FILE] [--threads N]
 *
 * DATA holds the folders wikipedia-xml, wikipedia-text, wordnet, pageviews and
 * captions/babel-imagenet.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { type Edition, type EditionCode, findEdition, getEdition, listEditions } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { UserError } from "../src/errors.ts";
import { type BuildReport, buildEditions } from "../src/pipeline.ts";
import { openDatabase } from "../src/store/database.ts";
import { hasEntries } from "../src/store/entries.ts";

interface EditionFiles {
  readonly dumps: string[];
  readonly texts: string[];
  readonly wordnets: string[];
}

/** Dumps of the folder that do not bear their edition's name. */
const DUMPS: Readonly<Record<string, readonly string[]>> = {
  ltg: ["dumpster-dive/smallwiki-latest-pages-articles.xml.gz"],
  el: ["wikimedia-mwbzutils/sample-pages-articles.xml.bz2"],
  en: ["gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2"],
  zh: ["CyberZHG/zhwiki-test-pages.xml.gz"],
  nl: ["semanticizest/nlwiki-20140927-pages-articles-sample.xml.gz"],
  bg: ["gensim/bgwiki-latest-pages-articles-shortened.xml.bz2"],
};

/** Every file of a folder and its folders. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => join(folder, name));
}

/** What the folder has for each edition. */
function findFiles(data: string): ReadonlyMap<EditionCode, EditionFiles> {
  const found = new Map<EditionCode, EditionFiles>();
  const of = (edition: Edition): EditionFiles => {
    const files = found.get(edition.code) ?? { dumps: [], texts: [], wordnets: [] };
    found.set(edition.code, files);
    return files;
  };
  for (const [code, paths] of Object.entries(DUMPS)) {
    of(getEdition(code)).dumps.push(...paths.map((path) => join(data, "wikipedia-xml", path)));
  }
  for (const name of readdirSync(join(data, "wikipedia-xml/dbpedia-minidumps")).sort()) {
    const edition = findEdition(name.split(".")[0] ?? "");
    if (edition !== undefined) of(edition).dumps.push(join(data, "wikipedia-xml/dbpedia-minidumps", name));
  }
  for (const name of readdirSync(join(data, "wikipedia-text")).sort()) {
    const edition = findEdition(name.split("wiki")[0] ?? "");
    // The cache of wikitext is no extracted text.
    if (edition !== undefined && !name.includes("wikitext")) of(edition).texts.push(join(data, "wikipedia-text", name));
  }
  for (const path of filesUnder(join(data, "wordnet"))) {
    const code = /wn-(?:data|wikt)-([a-z]{3})\./.exec(path)?.[1];
    for (const edition of listEditions()) {
      if (edition.wordnets.some((wordnet) => wordnet === code)) of(edition).wordnets.push(path);
    }
  }
  return found;
}

/** The top views of 2023, which are a table of their own, as `pageview_complete` lines. */
function convertTopViews(data: string, folder: string): string {
  const table = gunzipSync(readFileSync(join(data, "pageviews/topviews-2023-wikipedia.tsv.gz"))).toString("utf8");
  const lines: string[] = [];
  for (const row of table.split("\n").slice(1)) {
    const [project = "", , , views, , title = ""] = row.split("\t");
    if (title !== "")
      lines.push(`${project.replace(/\.org$/, "")} ${title.replaceAll(" ", "_")} null desktop ${views} A1\n`);
  }
  const path = join(folder, "topviews-2023.txt");
  writeFileSync(path, lines.join(""));
  return path;
}

/** Labels of Babel-ImageNet by language code. */
function readLabels(data: string): Readonly<Record<string, readonly string[]>> {
  const path = join(data, "captions/babel-imagenet/babel_imagenet-298.json.gz");
  const labels = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as Record<string, [number[], string[]]>;
  return Object.fromEntries(Object.entries(labels).map(([code, [, words]]) => [code.toLowerCase(), words]));
}

function row(cells: readonly (string | number)[]): string {
  const widths = [14, 7, 9, 8, 7, 8, 8, 8, 7, 8, 12];
  return cells
    .map((cell, index) => {
      const text = typeof cell === "number" ? cell.toLocaleString("en") : cell;
      return index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0);
    })
    .join(" ");
}

const SOURCES = ["number", "wordnet", "unigram", "bigram", "title"];

async function measure(data: string, db: string, threads: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-"));
  const labels = readLabels(data);
  try {
    const pageviews = convertTopViews(data, folder);
    console.log(row(["edition", "texts", "words", "distinct", ...SOURCES, "entries", "ImageNet"]));
    for (const [code, files] of [...findFiles(data)].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const work = buildEditions({
        ...{ db, editions: [getEdition(code)], ...files, pageviews: [pageviews] },
        ...{ profile: "corrected", threads, memory: 1e9 },
      });
      try {
        for await (const report of work) console.log(row(summarize(report, cover(db, report, labels[code]))));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        console.log(`${code.padEnd(14)} ${error.message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Share of the labels that are entries. */
function cover(path: string, { build }: BuildReport, labels: readonly string[] | undefined): string {
  if (labels === undefined) return "";
  const db = openDatabase(path, { readonly: true });
  const words = [...new Set(labels.map(normalize))];
  const found = hasEntries(db, build, words).size;
  db.close();
  return `${found}/${words.length} ${Math.round((100 * found) / words.length)}%`;
}

function summarize({ edition, figures }: BuildReport, covered: string): (string | number)[] {
  const { text, entries } = figures;
  return [
    ...[edition, (text?.articles ?? 0) + (text?.documents ?? 0), text?.tokens ?? 0, text?.types ?? 0],
    ...SOURCES.map((source) => entries[source] ?? 0),
    ...[entries.total ?? 0, covered],
  ];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { db: { type: "string" }, threads: { type: "string" } },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, "wikipedia-xml"))) {
  console.error("give the folder of real input: node dist/scripts/measure-lists.js DATA [--db FILE] [--threads N]");
  process.exitCode = 2;
} else {
  const db = values.db ?? join(mkdtempSync(join(tmpdir(), "worldmeta-lists-")), "lists.sqlite");
  await measure(data, db, Number(values.threads ?? availableParallelism()));
  console.log(`\nlists: ${db}`);
}
