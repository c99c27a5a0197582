import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { solveGroups } from "../src/balancing/threshold.ts";
import { UserError } from "../src/errors.ts";
import { listFiles } from "../src/export/folder.ts";
import { exportMetaclip, type MetaclipList } from "../src/export/metaclip.ts";
import { npyChunks, npzChunks } from "../src/export/npy.ts";
import { verifyFolder } from "../src/export/verify.ts";
import { nameList } from "../src/list-name.ts";
import { lacksNumpy, runPython } from "./python.ts";
import { makeFolder, runCli } from "./run-cli.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  en: ["0", "photo", "St. Louis", 'a "quote"', "of"],
  zh_min_nan: ["臺灣", "Tâi-oân", "𠀋"],
  other: ["x", "y"],
};
const COUNTS: Readonly<Record<string, readonly number[]>> = {
  en: [0, 40, 4, 6, 50],
  zh_min_nan: [9, 1, 90],
  other: [0, 0],
};

function listsOf(codes: readonly string[], changes: Partial<MetaclipList> = {}): MetaclipList[] {
  const groups = new Map(codes.map((code) => [code, COUNTS[code] ?? []]));
  const policy = groups.has("en") ? { anchors: new Map([["en", 40]]) } : { tailRatio: 0.1 };
  return solveGroups({ groups, policy, profile: "corrected" }).map((threshold) => {
    const { group } = threshold;
    const entries = ENTRIES[group] ?? [];
    return { group, code: group, list: nameList(entries), entries, counts: COUNTS[group] ?? [], threshold, ...changes };
  });
}

const write = (directory: string, lists: readonly MetaclipList[]) =>
  exportMetaclip({ lists, directory, profile: "corrected", versions: { worldmeta: "0.1.0" }, counted: ["web"] });

const npy = (values: readonly number[]) => Buffer.concat([...npyChunks(values, "float32")]);

const whole = join(folder, "whole");
beforeAll(() => write(whole, listsOf(["en", "zh_min_nan", "other"])));

let copies = 0;
/** A copy of the whole folder that may be damaged. */
function copy(): string {
  const path = join(folder, `copy-${copies++}`);
  cpSync(whole, path, { recursive: true });
  return path;
}

const faultsOf = async (directory: string) => (await verifyFolder(directory)).faults;

describe("exportMetaclip", () => {
  it("writes the files of the published curator, named by English's threshold, and no others", () => {
    expect(listFiles(whole)).toEqual([
      ...["counts.npz", "index_json/per_lang_prob/40_en.npy", "index_json/per_lang_prob/40_other.npy"],
      ...["index_json/per_lang_prob/40_zh_min_nan.npy", "index_json/per_lang_t/40_en.npy"],
      ...["index_json/per_lang_t/40_other.npy", "index_json/per_lang_t/40_zh_min_nan.npy", "manifest.json"],
      ...["matching.json", "metadata/en.json", "metadata/other.json", "metadata/zh_min_nan.json", "thresholds.json"],
      "worldmeta_reader.py",
    ]);
  });

  it("writes entries in the order of their ids, in ASCII", () => {
    for (const [code, entries] of Object.entries(ENTRIES)) {
      const text = readFileSync(join(whole, `metadata/${code}.json`), "latin1");
      expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      expect(JSON.parse(text)).toEqual(entries);
    }
  });

  it("writes the same probabilities under both names", () => {
    for (const [code, probabilities] of Object.entries({
      en: [1, 1, 1, 1, 0.8],
      zh_min_nan: [1, 1, 1],
      other: [1, 1],
    })) {
      for (const name of ["per_lang_prob", "per_lang_t"])
        expect(readFileSync(join(whole, `index_json/${name}/40_${code}.npy`))).toEqual(npy(probabilities));
    }
  });

  it("says of each file its size, hash and reader, and of each list its name and figures", () => {
    const manifest = JSON.parse(readFileSync(join(whole, "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({
      ...{ format: "worldmeta-metaclip-1", profile: "corrected", versions: { worldmeta: "0.1.0" }, counted: ["web"] },
      named: { t: 40, code: "en" },
    });
    expect(manifest.lists).toEqual(JSON.parse(readFileSync(join(whole, "thresholds.json"), "utf8")));
    expect(manifest.lists[1]).toEqual({
      ...{ code: "zh_min_nan", list: nameList(ENTRIES.zh_min_nan ?? []), group: "zh_min_nan", t: 90, requested: 0.1 },
      ...{ achieved: 0.1, entries: 3, zero: 0, head: 1, tail: 2, total: 100 },
    });
    expect(manifest.lists[2]).toMatchObject({ code: "other", t: null, reason: expect.stringContaining("no entry") });
    expect(manifest.files.find(({ path }: { path: string }) => path === "index_json/per_lang_t/40_en.npy")).toEqual({
      ...{ path: "index_json/per_lang_t/40_en.npy", bytes: 148, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ...{ code: "en", stage: "stage 3 (curate)" },
    });
  });

  it("writes the reader for data loaders, and in ASCII what it needs", () => {
    const source = fileURLToPath(new URL("../src/export/worldmeta_reader.py", import.meta.url));
    expect(readFileSync(join(whole, "worldmeta_reader.py"))).toEqual(readFileSync(source));
    const text = readFileSync(join(whole, "matching.json"), "latin1");
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text.length).toBeLessThan(60_000);
    expect(JSON.parse(text)).toMatchObject({
      ...{ format: "worldmeta-matching-1", profile: "corrected", scheme: "edition" },
      apostrophes: { en: { proclitics: "", enclitics: "s", quotes: false } },
      labels: { nllb: { zh: expect.stringContaining("zho_hans") } },
    });
  });

  it("gives the same bytes for the same lists", async () => {
    const again = join(folder, "again");
    await write(again, listsOf(["en", "zh_min_nan", "other"]));
    for (const path of listFiles(whole))
      expect(readFileSync(join(again, path))).toEqual(readFileSync(join(whole, path)));
  });

  it("takes the place of an earlier export, files that it no longer has included", async () => {
    const path = copy();
    await write(path, listsOf(["zh_min_nan"]));
    expect(listFiles(path)).toEqual([
      ...["counts.npz", "index_json/per_lang_prob/90_zh_min_nan.npy", "index_json/per_lang_t/90_zh_min_nan.npy"],
      ...["manifest.json", "matching.json", "metadata/zh_min_nan.json", "thresholds.json", "worldmeta_reader.py"],
    ]);
    expect(await faultsOf(path)).toEqual([]);
  });

  it("takes what Python leaves of an imported module for no file", async () => {
    const path = copy();
    mkdirSync(join(path, "__pycache__"));
    writeFileSync(join(path, "__pycache__/worldmeta_reader.cpython-311.pyc"), "");
    await write(path, listsOf(["en"]));
    expect(await faultsOf(path)).toEqual([]);
  });

  it("touches no folder that holds anything else", async () => {
    const path = copy();
    writeFileSync(join(path, "metadata/en.pkl"), "");
    await expect(write(path, listsOf(["en"]))).rejects.toThrow("metadata/en.pkl is no file of an earlier run");
    expect(listFiles(path).length).toBe(15);
  });

  it("writes nothing if a list and its counts disagree", async () => {
    const path = join(folder, "none");
    const [en] = listsOf(["en"]);
    const [other] = listsOf(["other"], { entries: ["x"] });
    await expect(write(path, [en!, other!])).rejects.toThrow("the list other has 1 entries and 2 counts");
    expect(existsSync(path) ? listFiles(path) : []).toEqual([]);
    await expect(write(path, listsOf(["other"]))).rejects.toThrow("no list has a match");
    await expect(write(path, [en!, en!])).rejects.toThrow("two lists are named en");
    await expect(write(path, listsOf(["en"], { code: "../en" }))).rejects.toThrow('cannot be named "../en"');
    await expect(write(path, listsOf(["en"], { entries: ["", "a", "b", "c", "d"] }))).rejects.toThrow("an empty entry");
    expect(existsSync(path) ? listFiles(path) : []).toEqual([]);
  });
});

describe("verifyFolder", () => {
  it("finds nothing wrong with what was written", async () => {
    expect(await verifyFolder(whole)).toEqual({ files: 13, lists: 3, faults: [] });
  });

  it("finds files that are missing, changed or extra", async () => {
    const path = copy();
    rmSync(join(path, "counts.npz"));
    appendFileSync(join(path, "index_json/per_lang_t/40_en.npy"), "x");
    const metadata = join(path, "metadata/en.json");
    writeFileSync(metadata, readFileSync(metadata, "utf8").replace("photo", "image"));
    writeFileSync(join(path, "notes.txt"), "");
    expect(await faultsOf(path)).toEqual([
      expect.stringMatching(/^changed: metadata\/en.json has other content \(SHA-256 [0-9a-f]{64}\)$/),
      "changed: index_json/per_lang_t/40_en.npy has 149 bytes, not 148",
      "missing: counts.npz",
      "extra: notes.txt",
      `disagree: metadata/en.json is another list than manifest.json names (${nameList(ENTRIES.en ?? [])})`,
      expect.stringMatching(
        /^unreadable: index_json\/per_lang_t\/40_en.npy: damaged \.npy: 5 numbers are announced, more/,
      ),
    ]);
  });

  it("finds lists whose files disagree, also where the manifest was made to fit them", async () => {
    const faultsWith = async (file: string, content: string | Uint8Array) => {
      const path = copy();
      writeFileSync(join(path, file), content);
      return (await faultsOf(path)).filter((fault) => !fault.startsWith("changed: "));
    };
    expect(await faultsWith("metadata/other.json", '["x", "y", "z"]')).toEqual([
      "disagree: metadata/other.json has 3 entries, manifest.json says 2 of other",
    ]);
    expect(await faultsWith("metadata/other.json", '["x", "x"]')).toEqual([
      "disagree: metadata/other.json holds 1 entries more than once, so that ids are not its positions",
    ]);
    expect(await faultsWith("metadata/other.json", "{}")).toEqual([
      "unreadable: metadata/other.json: no array of entries",
    ]);
    expect(await faultsWith("matching.json", '{"format": "worldmeta-matching-2"}')).toEqual([
      "unreadable: matching.json: none of ours",
    ]);
    const matching = readFileSync(join(whole, "matching.json"), "utf8");
    expect(await faultsWith("matching.json", matching.replace('"corrected"', '"reference"'))).toEqual([
      "disagree: matching.json is of the profile reference, manifest.json says corrected",
    ]);
    expect(await faultsWith("thresholds.json", "[]")).toEqual([
      "disagree: thresholds.json and manifest.json on the lists' figures",
    ]);
    const npz = (counts: Readonly<Record<string, readonly number[]>>) =>
      Buffer.concat([...npzChunks(Object.entries(counts), "uint64")]);
    expect(await faultsWith("counts.npz", npz({ ...COUNTS, other: [0], fr: [1] }))).toEqual([
      "disagree: counts.npz has counts of fr, no list",
      "disagree: counts.npz has 1 counts of other, manifest.json says 2 entries",
    ]);
    expect(await faultsWith("counts.npz", npz({ en: COUNTS.en ?? [], zh_min_nan: [9, 1, 91] }))).toEqual([
      "disagree: counts.npz has 101 matches of zh_min_nan, manifest.json says 100",
      "disagree: index_json/per_lang_prob/40_zh_min_nan.npy gives entry 2 1, its count and t give 0.9890109896659851",
      "disagree: index_json/per_lang_t/40_zh_min_nan.npy gives entry 2 1, its count and t give 0.9890109896659851",
      "disagree: counts.npz has no counts of other",
    ]);
    expect(await faultsWith("index_json/per_lang_t/40_other.npy", npy([1]))).toEqual([
      "disagree: index_json/per_lang_t/40_other.npy has 1 probabilities, manifest.json says 2 entries",
    ]);
  });

  it("reads no file outside the folder", async () => {
    const path = copy();
    const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8"));
    manifest.files[0].path = "../whole/metadata/en.json";
    writeFileSync(join(path, "manifest.json"), JSON.stringify(manifest));
    expect(await faultsOf(path)).toEqual([
      "manifest.json names ../whole/metadata/en.json, outside it",
      "extra: metadata/en.json",
      "manifest.json names no metadata/en.json",
    ]);
  });

  it("asks for a folder with a manifest", async () => {
    await expect(verifyFolder(join(folder, "nowhere"))).rejects.toThrow(UserError);
    const path = join(folder, "empty");
    mkdirSync(path);
    await expect(verifyFolder(path)).rejects.toThrow("it has no manifest.json");
    writeFileSync(join(path, "manifest.json"), '{"format": "something"}');
    await expect(verifyFolder(path)).rejects.toThrow("manifest.json is none of ours");
    await expect(verifyFolder(join(path, "manifest.json"))).rejects.toThrow("is a file");
  });
});

describe("worldmeta verify", () => {
  it("ends with 0 and a line, or with 1 and a line for each fault", () => {
    expect(runCli(["verify", whole])).toMatchObject({
      ...{ status: 0, stderr: "", stdout: `${whole}: 13 files of 3 lists, as they were written\n` },
    });
    const path = copy();
    rmSync(join(path, "thresholds.json"));
    writeFileSync(join(path, "extra"), "");
    expect(runCli(["verify", path])).toMatchObject({
      ...{ status: 1, stdout: "missing: thresholds.json\nextra: extra\n" },
      stderr: `worldmeta: ${path} is not as it was written (2 faults); export it again\n`,
    });
    const { status, stdout } = runCli(["verify", path, "--json"]);
    expect([status, JSON.parse(stdout)]).toEqual([
      1,
      { files: 13, lists: 3, faults: ["missing: thresholds.json", "extra: extra"] },
    ]);
    expect(runCli(["verify", join(folder, "nowhere")])).toMatchObject({ status: 1, stdout: "" });
  });
});

describe.skipIf(lacksNumpy())("NumPy", () => {
  it("loads the folder as docs/curator.md shows", () => {
    const docs = readFileSync(fileURLToPath(new URL("../docs/curator.md", import.meta.url)), "utf8");
    const program = /```python\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";
    expect(runPython(`import os, sys\nos.chdir(sys.argv[1])\n${program}`, whole)).toBe(
      `en 40 5 100 float32 0.800000011920929
zh_min_nan 90 3 100 float32 1.0
other None 2 0 float32 1.0
`,
    );
  });
});
