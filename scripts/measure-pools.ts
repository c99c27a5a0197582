/**
 * Measures the store on a long list, a union of many lists, and files that count every entry.
 *
 *     node dist/scripts/measure-pools.js [--entries 500000] [--editions 150] [--each 30000]
 *
 * Makes a database under the system's temporary folder: English with `--entries` entries, and `--editions` others of
 * `--each` entries, a fifth of them shared by all. Prints the seconds of each step; the last line has the most memory
 * that the process held.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { EditionCode } from "../languages/define.ts";
import { listEditions } from "../languages/editions.ts";
import { type Draw, type DrawnCaption, HASHES, mergeDraws } from "../src/balancing/draw.ts";
import type { Entry } from "../src/entries/types.ts";
import { publish } from "../src/store/builds.ts";
import { openDatabase } from "../src/store/database.ts";
import { addFileCounts, DRAWN, type FileCounts, SAMPLES, withdrawFile } from "../src/store/file-counts.ts";
import { openGroupList, readGroupEntries } from "../src/store/group-lists.ts";
import { readDrawn, readPoolCounts } from "../src/store/pool-counts.ts";
import { createPool } from "../src/store/pools.ts";
import { formatRows } from "./table.ts";

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "500000" },
    editions: { type: "string", default: "150" },
    each: { type: "string", default: "30000" },
  },
});
const entries = Number(values.entries);
const each = Number(values.each);
const folder = mkdtempSync(join(tmpdir(), "worldmeta-measure-"));
const db = openDatabase(join(folder, "worldmeta.sqlite"));
const rows: string[][] = [];

function measure<T>(step: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  rows.push([step, ((performance.now() - start) / 1000).toFixed(2)]);
  return result;
}

function publishList(edition: EditionCode, size: number, textOf: (id: number) => string): void {
  const list = function* (): Generator<Entry> {
    for (let id = 0; id < size; id++) yield { id, text: textOf(id), source: "unigram", unigramRank: id + 1, flags: [] };
  };
  const facts = { fingerprint: "", started: "", finished: "", version: "", settings: {}, figures: {} };
  publish(db, { edition, profile: "corrected", ...facts, problems: [], inputs: [] }, list(), []);
}

function countEntries(list: { readonly id: number }): string {
  let found = 0;
  for (const _ of readGroupEntries(db, list)) found++;
  return found.toLocaleString("en");
}

try {
  const english = "en" as EditionCode;
  const others = listEditions()
    .map(({ code }) => code)
    .filter((code) => code !== english);
  const many = others.slice(0, Number(values.editions));
  measure("publish the long list", () => publishList(english, entries, (id) => `entry ${id} of the list`));
  const group = { group: "en", editions: [english], profile: "corrected" } as const;
  const list = measure("open it", () => openGroupList(db, group))!;
  measure("read it", () => countEntries(list));
  for (const code of many) {
    publishList(code, each, (id) => (id % 5 === 0 ? `shared ${id}` : `${code} word ${(id * 7919) % each}`));
  }
  const other = { group: "other", scheme: "lid.176", editions: many, profile: "corrected" } as const;
  const union = measure("open the union, first", () => openGroupList(db, other))!;
  measure("open the union, again", () => openGroupList(db, other));
  rows.push(["entries of the union", measure("read the union", () => countEntries(union))]);

  createPool(db, { name: "measured", settings: {} });
  const ids = Uint32Array.from({ length: list.entries }, (_, id) => id);
  const counts = ids.map((id) => 1 + Math.floor(1e7 / (1 + id)));
  const matches = counts.reduce((sum, count) => sum + count, 0);
  const hashOf = (text: string) => parseInt(createHash("md5").update(text).digest("hex").slice(0, 13), 16);
  const drawOf = (name: string): Draw => {
    const captions = Array.from({ length: DRAWN }, (_, index): DrawnCaption => {
      const matched = Array.from({ length: 8 }, (_, at) => hashOf(`${name} ${index} ${at}`) % list.entries);
      return { hash: hashOf(`${name} ${index}`), times: 1, ids: Uint32Array.from(new Set(matched)) };
    });
    return mergeDraws([{ below: HASHES, captions }]);
  };
  const fileOf = (name: string, withSamples: boolean): FileCounts => {
    const sha256 = createHash("sha256").update(name).digest("hex");
    const samples = Array.from({ length: withSamples ? SAMPLES * list.entries : 0 }, (_, index) => {
      const hash = hashOf(`${name} ${index}`);
      const entry = Math.floor(index / SAMPLES);
      return {
        entry,
        hash,
        id: String(index),
        text: `A caption of usual length about the entry ${entry}, number ${index}`,
      };
    });
    return {
      pool: "measured",
      file: { path: name, sha256, bytes: 1, texts: DRAWN, figures: {}, problems: [] },
      labels: [],
      counts: [{ list, ids, counts, matches, texts: DRAWN, matched: DRAWN, samples, drawn: drawOf(name) }],
    };
  };
  const second = fileOf("2", false);
  measure("add a file to an empty pool", () => addFileCounts(db, fileOf("1", false)));
  measure("add a second file", () => addFileCounts(db, second));
  measure("count it again", () => addFileCounts(db, second));
  measure("read the sums", () => readPoolCounts(db, { pools: ["measured"], list }));
  measure("read the captions drawn", () => readDrawn(db, { pools: ["measured"], list }));
  measure("withdraw it", () => withdrawFile(db, { pool: "measured", sha256: second.file.sha256 }));
  for (const name of ["3", "4"]) {
    const file = fileOf(name, true);
    measure(`add a file with ${SAMPLES} samples of each entry`, () => addFileCounts(db, file));
  }
  rows.push(["peak MB", Math.round(process.resourceUsage().maxRSS / 1024).toString()]);
  console.log(formatRows(["", "seconds"], rows));
} finally {
  db.close();
  rmSync(folder, { recursive: true });
}
