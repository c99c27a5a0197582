import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { npyChunks, npzChunks } from "../src/export/npy.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function save(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const GROUPS = { en: [0, 4, 6, 40, 50], fr: [1, 9, 90], lv: [0, 0] };
const JSON_FILE = save("groups.json", JSON.stringify(GROUPS));

const threshold = (...args: readonly string[]) => jsonOf<Record<string, unknown>[]>(["threshold", ...args]);
const complaintOf = (...args: readonly string[]) => {
  const { status, stderr, stdout } = runCli(["threshold", ...args]);
  expect(stdout).toBe("");
  expect(stderr.trimEnd()).not.toContain("\n");
  return [status, stderr.trimEnd()];
};

describe("worldmeta threshold --counts", () => {
  const expected = [
    { group: "en", t: 40, requested: 0.1, achieved: 0.1, entries: 5, zero: 1, head: 2, tail: 2, total: 100 },
    { group: "fr", t: 90, requested: 0.1, achieved: 0.1, entries: 3, zero: 0, head: 1, tail: 2, total: 100 },
    {
      ...{ group: "lv", t: null, requested: 0.1, achieved: null, entries: 2, zero: 2, head: 0, tail: 0, total: 0 },
      reason: "no entry has a match, so there is nothing to balance",
    },
  ];

  it("prints the figures of each group, whatever form its counts have", () => {
    const objects = Object.fromEntries(
      Object.entries(GROUPS).map(([group, counts]) => [
        group,
        Object.fromEntries(counts.map((n, at) => [`word ${at}`, n])),
      ]),
    );
    const npz = Buffer.concat([...npzChunks(Object.entries(GROUPS), "uint64")]);
    for (const file of [JSON_FILE, save("entries.json", JSON.stringify(objects)), save("counts.npz", npz)])
      expect(threshold("--counts", file, "--tail-ratio", "0.1")).toEqual(expected);
  });

  it("names an unnamed group by --group or by the file", () => {
    const npy = save("ltg.npy", Buffer.concat([...npyChunks(GROUPS.en, "int64")]));
    expect(threshold("--counts", npy, "--tail-ratio", "0.1")).toEqual([{ ...expected[0], group: "ltg" }]);
    expect(threshold("--counts", npy, "--tail-ratio", "0.1", "--group", "en")).toEqual([expected[0]]);
    expect(complaintOf("--counts", npy, "--group", "en", "fr")).toEqual([
      ...[2, `worldmeta: ${npy} holds the counts of one group; name it alone with --group`],
    ]);
  });

  it("takes 6 % if no ratio is given, and adds a reason where it is out of reach", () => {
    const file = save("one.json", "[0, 0, 0, 1000]");
    expect(threshold("--counts", file)).toEqual([
      {
        ...{ group: "one", t: 1000, requested: 0.06, achieved: 0, entries: 4, zero: 3, head: 1, tail: 0, total: 1000 },
        reason:
          "the entry with 1,000 matches (the only one that matched) holds 100 % of all matches: the tail has 0 % with " +
          "t = 1000, 100 % with t = 1001, and cannot have 6 %",
      },
    ]);
    expect(threshold("--counts", file, "--profile", "reference")).toMatchObject([{ t: 0, achieved: 0 }]);
  });

  it("keeps an anchor's t and gives its tail's share to the others, also if only they are asked for", () => {
    const anchored = [{ ...expected[0], requested: null }, expected[1]];
    expect(threshold("--counts", JSON_FILE, "--anchor", "en=40", "--group", "fr")).toEqual(anchored);
    expect(threshold("--counts", JSON_FILE, "--anchor", "en=40")).toEqual([...anchored, expected[2]]);
  });

  it("gives one t to all groups", () => {
    expect(threshold("--counts", JSON_FILE, "--t", "9", "--group", "en", "--group", "fr")).toMatchObject([
      { group: "en", t: 9, requested: null, achieved: 0.1 },
      { group: "fr", t: 9, requested: null, achieved: 0.01 },
    ]);
  });

  it("prints a table with the reasons below", () => {
    expect(outputOf(["threshold", "--counts", "-", "--tail-ratio", "0.1"], { input: JSON.stringify(GROUPS) })).toBe(
      `group   t  requested  achieved  entries  zero  head  tail  total
─────  ──  ─────────  ────────  ───────  ────  ────  ────  ─────
en     40    10.00 %   10.00 %        5     1     2     2    100
fr     90    10.00 %   10.00 %        3     0     1     2    100
lv      –    10.00 %         –        2     2     –     –      0

lv: no entry has a match, so there is nothing to balance.
`,
    );
  });

  it("says in one line what cannot be done", () => {
    expect(complaintOf("--counts", JSON_FILE, "--group", "de")).toEqual([
      ...[1, `worldmeta: ${JSON_FILE} has no counts of de; it has those of en, fr, lv`],
    ]);
    expect(complaintOf("--counts", JSON_FILE, "--anchor", "lv=5")).toEqual([
      1,
      `worldmeta: ${JSON_FILE}: no matches of the anchor lv, so its tail has no share; give --tail-ratio instead`,
    ]);
    expect(complaintOf("--counts", JSON_FILE, "--anchor", "en")[1]).toContain("such as en=20000");
    expect(complaintOf("--counts", JSON_FILE, "--anchor", "en=5", "--anchor", "en=6")[1]).toContain(
      "threshold already",
    );
    for (const bad of ["6%", "-0.1", "1.1", ""])
      expect(complaintOf("--counts", JSON_FILE, `--tail-ratio=${bad}`)).toEqual([
        2,
        expect.stringContaining("a share from 0 to 1"),
      ]);
    for (const bad of ["0", "1.5", "many"]) expect(complaintOf("--counts", JSON_FILE, "--t", bad)[0]).toBe(2);
    expect(complaintOf("--counts", JSON_FILE, "--t", "5", "--tail-ratio", "0.1")[0]).toBe(2);
    expect(complaintOf("--counts", join(folder, "none"))).toEqual([
      1,
      `worldmeta: no such file: ${join(folder, "none")}`,
    ]);
    expect(complaintOf("--db", join(folder, "none"))).toEqual([1, expect.stringContaining(join(folder, "none"))]);
  });
});
