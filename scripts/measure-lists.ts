/**
 * Builds a list for every edition that a folder of real input has something for, and prints entries by source and how
 * much of the Babel-ImageNet labels of the language the list covers, as aligned tables.
 *
 *     node dist/scripts/measure-lists.js DATA [--db FILE] [--threads N]
 *
 * DATA holds the folders wikipedia-xml, wikipedia-text, wordnet, pageviews and
 * captions/babel-imagenet.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { getEdition } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { UserError } from "../src/errors.ts";
import { type BuildReport, buildEditions } from "../src/pipeline.ts";
import { openDatabase } from "../src/store/database.ts";
import { hasEntries } from "../src/store/entries.ts";
import { convertTopViews, findEditionFiles } from "./edition-inputs.ts";

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
    for (const [code, files] of [...findEditionFiles(data)].sort(([a], [b]) => (a < b ? -1 : 1))) {
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
