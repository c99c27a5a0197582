import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EditionCode } from "../languages/define.ts";
import { getEdition } from "../languages/index.ts";
import { NO_DRAW } from "../src/balancing/draw.ts";
import { npzChunks } from "../src/export/npy.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../src/store/database.ts";
import { addFileCounts } from "../src/store/file-counts.ts";
import { type GroupList, openGroupList } from "../src/store/group-lists.ts";
import { createPool, findPool } from "../src/store/pools.ts";
import { findThreshold } from "../src/store/thresholds.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

let path = "";
let files = 0;
let db: Database;
beforeEach(() => {
  path = join(folder, `${files++}.sqlite`);
  db = openDatabase(path);
});
afterEach(() => {
  if (db.open) closeDatabase(db);
});

/** Publish a list and open its group's. */
function publishList(code: string, words: readonly string[]): GroupList {
  const { code: edition, lidGroup: group } = getEdition(code);
  publish(
    db,
    {
      ...{ edition, profile: "corrected", fingerprint: "f", version: "0.1.0", settings: {}, figures: {} },
      ...{ started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z", problems: [], inputs: [] },
    },
    words.map((text, id) => ({ id, text, source: "unigram", unigramRank: id + 1, flags: [] })),
    [],
  );
  return openGroupList(db, { group, editions: [edition as EditionCode], profile: "corrected" })!;
}

/** What labels mean in the pools. */
const SCHEMES: Readonly<Record<string, string>> = { web: "nllb", more: "lid.176" };

/** Count a file into a pool. */
function count(pool: string, name: string, counts: readonly (readonly [GroupList, readonly number[]])[]): void {
  if (findPool(db, pool) === undefined) createPool(db, { name: pool, settings: { scheme: SCHEMES[pool] } });
  const sha256 = createHash("sha256").update(name).digest("hex");
  addFileCounts(db, {
    pool,
    file: { path: name, sha256, bytes: 1, texts: 1000, figures: {}, problems: [] },
    labels: [],
    counts: counts.map(([list, dense]) => {
      const ids = [...dense.keys()].filter((id) => dense[id] !== 0);
      const matches = dense.reduce((sum, one) => sum + one, 0);
      const sparse = { ids: Uint32Array.from(ids), counts: Uint32Array.from(ids, (id) => dense[id]!) };
      return { list, texts: 1000, matched: 500, matches, samples: [], drawn: NO_DRAW, ...sparse };
    }),
  });
}

const LTG = ["0", "muosa", "pīns", "Reiga"];
const EL = ["0", "φως", "Αθήνα"];

/** Two lists, counted in two pools. */
function fill(): { readonly ltg: GroupList; readonly el: GroupList } {
  const ltg = publishList("ltg", LTG);
  const el = publishList("el", EL);
  count("web", "a.jsonl", [
    [ltg, [0, 2, 8, 80]],
    [el, [1, 9, 90]],
  ]);
  count("more", "b.jsonl", [[ltg, [0, 2, 8, 0]]]);
  return { ltg, el };
}

const threshold = (...args: readonly string[]) =>
  jsonOf<Record<string, unknown>[]>(["threshold", "--db", path, ...args]).map(({ group, t, requested, achieved }) => [
    ...[group, t, requested, achieved],
  ]);

const complaintOf = (...args: readonly string[]) => {
  const { status, stderr, stdout } = runCli([...args, "--db", path]);
  expect([status === 0, stdout]).toEqual([false, ""]);
  return stderr.replace(/^worldmeta: /, "").trimEnd();
};

describe("worldmeta threshold --pool", () => {
  it("adds up the counts of pools, solves each group and keeps the thresholds", () => {
    const { ltg, el } = fill();
    closeDatabase(db);
    expect(threshold("--pool", "web", "--pool", "more", "--tail-ratio", "0.2")).toEqual([
      ["el", 90, 0.2, 0.1],
      ["ltg", 80, 0.2, 0.2],
    ]);
    expect(threshold("--pool", "web", "--anchor", "el=90", "--group", "ltg")).toEqual([
      ["el", 90, null, 0.1],
      ["ltg", 80, 0.1, 10 / 90],
    ]);
    db = openDatabase(path);
    expect(findThreshold(db, { pools: ["more", "web"], list: ltg })).toMatchObject({
      ...{ t: 80, requested: 0.2, achieved: 0.2, policy: "tail-ratio 0.2", zero: 1, head: 1, tail: 2, total: 100 },
      stale: false,
    });
    expect(findThreshold(db, { pools: ["web"], list: el })).toMatchObject({
      policy: "anchor el=90",
      requested: undefined,
    });
  });

  it("takes an edition for its group, and the only pool there is", () => {
    const en = publishList("simple", ["0", "photo"]);
    count("web", "a.jsonl", [[en, [1, 9]]]);
    closeDatabase(db);
    expect(threshold("--group", "simple")).toEqual([["en", 9, 0.06, 0.1]]);
  });

  it("says which counts are of an older list, and refuses those of two lists", () => {
    const { ltg } = fill();
    const newer = publishList("ltg", [...LTG, "jauns"]);
    count("more", "c.jsonl", [[newer, [0, 1, 1, 1, 1]]]);
    closeDatabase(db);
    expect(runCli(["threshold", "--db", path, "--pool", "web"]).stderr).toBe(
      "note: ltg: its list has changed since pool web was counted; count it again\n",
    );
    expect(complaintOf("threshold", "--pool", "web", "--pool", "more")).toBe(
      "the pools more and web have counted different lists of ltg; count the latter again",
    );
    db = openDatabase(path);
    count("more", "b.jsonl", [[newer, [0, 2, 8, 0, 0]]]);
    count("more", "d.jsonl", [[ltg, [0, 2, 8, 0]]]);
    count("more", "e.jsonl", [[ltg, [0, 2, 8, 0]]]);
    closeDatabase(db);
    expect(runCli(["threshold", "--db", path, "--pool", "more"]).stderr).toBe(
      "note: ltg: 3 files of pool more were counted by an older list, 2 by this; count the others again\n",
    );
  });

  it("names what there is where something is missing", () => {
    expect(complaintOf("threshold")).toBe("there are no pools yet; count one with: worldmeta count");
    createPool(db, { name: "empty", settings: {} });
    expect(complaintOf("threshold")).toContain("the pool empty: no counts of corrected lists");
    fill();
    closeDatabase(db);
    expect(complaintOf("threshold")).toBe("name a pool with --pool; there are empty, more, web");
    expect(complaintOf("threshold", "--pool", "none")).toContain('no pool "none"');
    expect(complaintOf("threshold", "--pool", "web", "--group", "fr")).toBe(
      "the pool web: no counts of fr; there are those of el, ltg",
    );
    expect(complaintOf("threshold", "--pool", "web", "--anchor", "fr=5")).toBe(
      "the counts of web: no counts of the anchor fr, so its tail has no share; give --tail-ratio instead",
    );
    expect(complaintOf("threshold", "--pool", "web", "--counts", "x.json")).toContain("cannot be used with");
  });
});

describe("worldmeta export metaclip", () => {
  const read = (directory: string, file: string) => JSON.parse(readFileSync(join(directory, file), "utf8"));

  it("writes a pool's lists with the thresholds on record, so that verify finds nothing wrong", () => {
    fill();
    closeDatabase(db);
    const directory = join(folder, "pool");
    const args = ["export", "metaclip", "--db", path, "--out", directory, "--pool", "web"];
    expect(complaintOf("export", "metaclip", "--out", directory, "--pool", "web")).toBe(
      "no threshold for the counts of el, ltg as they are now; set it with: worldmeta threshold --pool web",
    );
    threshold("--pool", "web", "--tail-ratio", "0.1");
    expect(outputOf(args).replace(/\d\d\.\d kB/, "…")).toBe(`group  entries   t  matches  list
─────  ───────  ──  ───────  ─────────────────
el           3  90      100  metadata/el.json
ltg          4  80       90  metadata/ltg.json

11 files, …, in ${directory}
`);
    expect(read(directory, "metadata/ltg.json")).toEqual(LTG);
    expect(read(directory, "manifest.json")).toMatchObject({ counted: ["web"], named: { t: 90, code: "el" } });
    expect(outputOf(["verify", directory])).toBe(`${directory}: 10 files of 2 lists, as they were written\n`);
    expect(read(directory, "matching.json")).toMatchObject({ profile: "corrected", scheme: "nllb" });
    const before = readFileSync(join(directory, "manifest.json"));
    outputOf([...args, "--json"]);
    expect(readFileSync(join(directory, "manifest.json"))).toEqual(before);
    outputOf([...args, "--edition", "ltg"]);
    expect(outputOf(["verify", directory])).toBe(`${directory}: 7 files of 1 list, as they were written\n`);
    // Pools whose labels mean different things say nothing of a loader's.
    threshold("--pool", "web", "--pool", "more", "--group", "ltg");
    outputOf([...args, "--pool", "more", "--group", "ltg"]);
    expect(read(directory, "matching.json").scheme).toBe("edition");
  });

  it("asks for new thresholds when the counts have changed", () => {
    const { ltg } = fill();
    closeDatabase(db);
    threshold("--pool", "web");
    db = openDatabase(path);
    count("web", "c.jsonl", [[ltg, [1, 0, 0, 0]]]);
    closeDatabase(db);
    expect(complaintOf("export", "metaclip", "--out", join(folder, "stale"), "--pool", "web")).toMatch(
      /^no threshold for the counts of ltg as they are now/,
    );
  });

  it("writes lists with counts made elsewhere, by id or by entry", () => {
    fill();
    closeDatabase(db);
    const counts = join(folder, "counts.npz");
    writeFileSync(
      counts,
      Buffer.concat([...npzChunks(Object.entries({ ltg: [0, 4, 16, 80], el: [1, 9, 90] }), "int64")]),
    );
    const named = join(folder, "counts.json");
    writeFileSync(named, JSON.stringify({ ltg: { Reiga: 80, pīns: 16, muosa: 4 }, el: { Αθήνα: 90, φως: 9, 0: 1 } }));
    const export_ = (file: string, directory: string) =>
      jsonOf<{ lists: { code: string; t: number; requested: number | null }[]; counted: string[] }>([
        "export",
        "metaclip",
        "--db",
        path,
        "--out",
        join(folder, directory),
        "--counts",
        file,
        "--anchor",
        "ltg=80",
      ]);
    const byId = export_(counts, "by-id");
    expect(byId.lists.map(({ code, t, requested }) => [code, t, requested])).toEqual([
      ["ltg", 80, null],
      ["el", 90, 0.2],
    ]);
    expect(byId.counted).toEqual([expect.stringMatching(/^counts\.npz \(SHA-256 [0-9a-f]{64}\)$/)]);
    expect(export_(named, "by-entry").lists).toEqual(byId.lists);
    for (const directory of ["by-id", "by-entry"]) outputOf(["verify", join(folder, directory)]);
  });

  it("refuses counts of another list", () => {
    fill();
    closeDatabase(db);
    const refused = (counts: unknown, ...args: readonly string[]) => {
      const file = join(folder, "refused.json");
      writeFileSync(file, JSON.stringify(counts));
      return complaintOf("export", "metaclip", "--out", join(folder, "refused"), "--counts", file, ...args).replace(
        file,
        "FILE",
      );
    };
    expect(refused({ ltg: [1, 2] })).toBe(
      "FILE: ltg: 2 counts, and the list has 4 entries; count with the list as it is now",
    );
    expect(refused({ ltg: { muosa: 1, nazkas: 2 } })).toBe(
      'FILE: ltg: 1 entries are not in the list, "nazkas" among them; count with the list as it is now',
    );
    expect(refused({ simple: [1] })).toContain("meet the list of the group en; name the counts en");
    expect(refused({ fr: [1] })).toBe("no corrected list of fr yet; make one with: worldmeta build fr …");
    expect(refused({ other: [1] })).toContain("no list `other`");
    expect(refused({ klingon: [1] })).toContain('no Wikipedia edition "klingon"');
    expect(refused({ ltg: [0, 0, 0, 0] })).toContain("no list has a match");
    expect(refused({ ltg: [1, 2, 3, 4] }, "--pool", "web")).toBe("give --pool or --counts, not both");
  });

  it("keeps its options apart from those of other formats", () => {
    fill();
    closeDatabase(db);
    expect(complaintOf("export", "txt", "--out", folder, "--pool", "web", "--t", "5")).toContain(
      "go with export metaclip only",
    );
    expect(complaintOf("export", "metaclip", "--out", folder, "--pool", "web", "--t", "5")).toContain(
      "worldmeta threshold",
    );
  });
});
