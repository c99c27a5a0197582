/** What a folder of real input has to build the lists of editions from. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Edition, type EditionCode, findEdition, getEdition, listEditions } from "../languages/index.ts";

/** Paths of an edition's dumps, extracted texts and wordnets. */
export interface EditionFiles {
  readonly dumps: readonly string[];
  readonly texts: readonly string[];
  readonly wordnets: readonly string[];
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

/** What the folders wikipedia-xml, wikipedia-text and wordnet of `data` have for each edition. */
export function findEditionFiles(data: string): ReadonlyMap<EditionCode, EditionFiles> {
  const found = new Map<EditionCode, { dumps: string[]; texts: string[]; wordnets: string[] }>();
  const of = (edition: Edition) => {
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

/** Writes the top views of 2023, which are a table of their own, as `pageview_complete` lines; the path. */
export function convertTopViews(data: string, folder: string): string {
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
