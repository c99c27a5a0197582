/**
 * Times `worldmeta ngrams` with 1 and 2 threads on English XML of about 50 MB, made by repeating the pages of the English
 * sample under new titles and ids, and prints MB of XML a second.
 *
 *     node dist/scripts/measure-build.js DATA [--megabytes N] [--threads 1,2]
 *
 * DATA holds the folder wikipedia-xml. Compresses with lbzip2, bzip2 or Python, whichever is there.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openInput } from "../src/sources/input.ts";

const SAMPLE = "wikipedia-xml/gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2";
const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const COMPRESSORS: readonly (readonly [command: string, ...args: string[]])[] = [
  ["lbzip2", "-k"],
  ["bzip2", "-k"],
  ["python3", "-c", "import bz2,sys;open(sys.argv[1]+'.bz2','wb').write(bz2.compress(open(sys.argv[1],'rb').read()))"],
];

/** The sample's head and its pages again and again, each time under titles and ids of their own. */
function repeatPages(xml: string, bytes: number): string {
  const start = xml.indexOf("<page>");
  const end = xml.lastIndexOf("</page>") + "</page>\n".length;
  const body = xml.slice(start, end);
  const parts = [xml.slice(0, start)];
  for (let copy = 0, length = 0; length < bytes; copy++) {
    const pages = body
      .replace(
        /<title>([^<]*)<\/title>/g,
        (_, title: string) => `<title>${title}${copy === 0 ? "" : ` ${copy}`}</title>`,
      )
      .replace(
        /(<\/ns>\s*<id>)(\d+)/g,
        (_, before: string, id: string) => `${before}${copy * 100_000_000 + Number(id)}`,
      );
    parts.push(pages);
    length += Buffer.byteLength(pages);
  }
  return `${parts.join("")}${xml.slice(end)}`;
}

function compress(path: string): string {
  for (const [command, ...args] of COMPRESSORS) {
    if (spawnSync(command, [...args, path], { stdio: ["ignore", "ignore", "inherit"] }).status === 0)
      return `${path}.bz2`;
  }
  throw new Error("found none of lbzip2, bzip2 and python3 to compress with");
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { megabytes: { type: "string", default: "50" }, threads: { type: "string", default: "1,2" } },
});
const [data] = positionals;
if (data === undefined) {
  console.error("give the folder of real input: node dist/scripts/measure-build.js DATA");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "measure-build-"));
try {
  const chunks: Uint8Array[] = [];
  for await (const chunk of openInput(join(data, SAMPLE))) chunks.push(chunk);
  const xml = join(folder, "en.xml");
  writeFileSync(xml, repeatPages(Buffer.concat(chunks).toString("utf8"), Number(values.megabytes) * 1e6));
  const megabytes = statSync(xml).size / 1e6;
  const dump = compress(xml);
  console.log(`${megabytes.toFixed(1)} MB of XML, ${(statSync(dump).size / 1e6).toFixed(1)} MB compressed`);
  for (const threads of values.threads.split(",")) {
    const out = join(folder, `out-${threads}`);
    const begin = performance.now();
    const args = [CLI, "ngrams", "--edition", "en", "--dump", dump, "--threads", threads, "--out", out];
    const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) throw new Error(`ngrams ended with status ${status}`);
    const seconds = (performance.now() - begin) / 1000;
    console.log(`${threads} threads: ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(2)} MB of XML a second`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
