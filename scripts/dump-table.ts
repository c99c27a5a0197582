/** What becomes of each dump in a folder, as a table: what `test/golden/wikipedia-xml.tsv` holds. */
import { readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { isArticle, readDump, type SiteInfo } from "../src/sources/dump.ts";

const HEADER = ["file", "wiki told", "export version", "pages", "articles", "redirects", "problems", "outcome"];

/**
 * A line of tab-separated fields for each file below `folder`, by path, below a line of names.
 *
 * A file of several exports tells all their wikis and versions. Articles are those with text. Problems are codes with
 * their counts. The outcome is `ok` or the error as a person sees it, with the base name of the file alone.
 */
export async function tabulateDumps(folder: string): Promise<string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const lines = [HEADER.join("\t")];
  for (const path of paths) lines.push(`${path}\t${(await describeDump(join(folder, path))).join("\t")}`);
  return `${lines.join("\n")}\n`;
}

async function describeDump(path: string): Promise<readonly string[]> {
  const problems = new Problems();
  const sites: SiteInfo[] = [];
  const figures = { pages: 0, articles: 0, redirects: 0 };
  let outcome = "ok";
  try {
    for await (const page of readDump([path], { problems, onSiteInfo: (info) => sites.push(info) })) {
      figures.pages++;
      if (page.namespace === 0 && page.redirect !== undefined) figures.redirects++;
      if (isArticle(page) && page.text !== undefined) figures.articles++;
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    outcome = error.message.replaceAll(path, basename(path));
  }
  const wikis = sites.map(({ database, base, siteName }) => database ?? base ?? siteName ?? "-");
  const versions = sites.map(({ version }) => version ?? "-");
  const counted = problems.list().map(({ code, count }) => `${code} ${count}`);
  return [
    wikis.join(", ") || "-",
    versions.join(", ") || "-",
    ...[figures.pages, figures.articles, figures.redirects].map(String),
    counted.join(", ") || "-",
    outcome,
  ];
}
