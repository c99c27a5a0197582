/** Pairs that `worldmeta curate` writes of real captions, beside what `worldmeta_reader.py` decides of the same rows. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { editionsOfGroup } from "../languages/index.ts";
import type { CuratedRow } from "../src/export/curated.ts";
import type { ProfileName } from "../src/profile.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { makeCaptionLists, readAllCaptions, textsByGroup } from "./caption-lists.ts";
import { lacksNumpy } from "./python.ts";
import { PythonRows } from "./python-rows.ts";
import { makeFolder, outputOf } from "./run-cli.ts";
import { lacksSharedData } from "./shared-data.ts";

/** Of so many captions one is taken. */
const STEP = 10;
const SEEDS = [0, 1, Number.MAX_SAFE_INTEGER];
/** What stands among the texts of some rows. */
const JUNK = [null, 7, "", " \ufeff\u2003", "a\0b", ["a"], "x".repeat(70_000), "a \ud800 photo", "\u0085"];
/** Ids of numbers in all ways in which JSON may write them, and strings that look like others. */
const IDS = [0, -7, 2.5, 1e16, 1.2345678901234568e20, 1e21, 1e-7, 1.5e-9, "17", "a:b", "", "😀", "\ud800", " x "];

describe.skipIf(lacksNumpy() || lacksSharedData("captions"))("worldmeta curate and worldmeta_reader.py", () => {
  const folder = makeFolder();
  const db = join(folder, "lists.sqlite");
  const pool = join(folder, "pool.jsonl");
  let rows: Readonly<Record<string, unknown>>[];
  beforeAll(async () => {
    const captions = await readAllCaptions(folder);
    rows = makeRows(captions.filter((_, at) => at % STEP === 0));
    writeFileSync(pool, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const lists = await makeCaptionLists(textsByGroup(captions), folder);
    const database = openDatabase(db);
    for (const profile of ["corrected", "reference"] as const) {
      for (const [group, entries] of lists) publishList(database, { group, entries, profile });
    }
    closeDatabase(database);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(["corrected", "reference"] as const)(
    "keep the same rows with the same texts, matches and probabilities, %s",
    async (profile) => {
      const at = (...args: readonly string[]) => outputOf([...args, "--db", db, "--profile", profile]);
      at("count", pool, "--name", profile, "--keep-repeats");
      at("threshold", "--pool", profile);
      const directory = join(folder, `curator-${profile}`);
      at("export", "metaclip", "--pool", profile, "--out", directory);
      const python = new PythonRows(join(directory, "worldmeta_reader.py"), folder);
      for (const seed of SEEDS) {
        const out = join(folder, `curated-${profile}-${seed}`);
        // The reader decides row by row: it knows nothing of other rows of the same image.
        at(
          "curate",
          pool,
          "--name",
          profile,
          "--keep-repeats",
          "--out",
          out,
          "--seed",
          String(seed),
          "--format",
          "jsonl",
        );
        const { decisions } = await python.decide({
          ...{ directory, seed },
          rows: rows.map(({ text, texts = text, ...row }) => ({ ...row, texts })),
        });
        const kept = decisions.filter(([isKept]) => isKept);
        const pairs = readLines(out);
        const wrong = pairs.findIndex((pair, at) => JSON.stringify(pair) !== JSON.stringify(toPair(kept[at])));
        expect(toPair(kept[wrong])).toEqual(pairs[wrong]);
        expect(pairs.length).toBe(kept.length);
        const drawn = decisions.filter(([, , , , reason]) => reason === "not drawn").length;
        console.log(`${profile}, seed ${seed}: of ${rows.length} rows ${kept.length} kept, ${drawn} not drawn`);
        expect(Math.min(kept.length, drawn)).toBeGreaterThan(500);
      }
      python.end();
    },
    120_000,
  );
});

/** Captions as rows of one text or several, by one name or the other, with and without ids and addresses. */
function makeRows(captions: Awaited<ReturnType<typeof readAllCaptions>>): Readonly<Record<string, unknown>>[] {
  const made: Readonly<Record<string, unknown>>[] = [];
  for (let at = 0; at < captions.length; ) {
    const number = made.length;
    const { lang, url, id } = captions[at]!;
    const size = number % 3 === 0 ? 1 + ((number / 3) % 5) : 1;
    const texts: unknown[] = captions.slice(at, at + size).flatMap((row) => (row.lang === lang ? row.texts : []));
    at += size;
    if (number % 7 === 0) texts.splice(number % 2, 0, JUNK[(number / 7) % JUNK.length]);
    const ids = [
      { id: `r${number}` },
      { id: number },
      {},
      { id: IDS[number % IDS.length] },
      id === undefined ? {} : { id },
    ];
    made.push({
      ...ids[number % ids.length],
      ...(url !== undefined && { url }),
      ...{ lang, ...(texts.length === 1 ? { text: texts[0] } : { texts }) },
    });
  }
  return made;
}

function publishList(
  db: ReturnType<typeof openDatabase>,
  {
    group,
    entries,
    profile,
  }: { readonly group: string; readonly entries: readonly string[]; readonly profile: ProfileName },
): void {
  const [lead] = editionsOfGroup(group);
  if (lead === undefined) return;
  const time = "2026-01-01T00:00:00.000Z";
  const about = { edition: lead.code, profile, fingerprint: `${profile} ${lead.code}`, version: "0.1.0" } as const;
  publish(
    db,
    { ...about, started: time, finished: time, inputs: [], settings: {}, figures: {}, problems: [] },
    entries.map((text, id) => ({ id, text, source: "title" as const, views: 1, titleRank: id + 1, flags: [] })),
    [],
  );
}

type CuratedLine = Pick<CuratedRow, "text" | "probability"> & {
  readonly id: string | number;
  readonly matches: readonly number[];
};
type Pair = readonly [id: string, text: string, matches: readonly number[], probability: number];

function readLines(directory: string): Pair[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n").slice(0, -1))
    .map((line): Pair => {
      const { id, text, matches, probability } = JSON.parse(line) as CuratedLine;
      // What is half a character is U+FFFD where it is hashed, and in Python.
      return [String(id).toWellFormed(), text, matches, probability];
    });
}

function toPair(decision: Awaited<ReturnType<PythonRows["decide"]>>["decisions"][number] | undefined): unknown {
  if (decision === undefined) return undefined;
  const [, text, matches, probability, , id] = decision;
  return [id, text, matches, probability];
}
