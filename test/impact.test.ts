import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareKeeping, type Keeping, keepingOf } from "../src/balancing/impact.ts";
import { keepProbability } from "../src/balancing/threshold.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

describe("two lists with their counts and thresholds", () => {
  const side = fc.record({
    entries: fc.uniqueArray(fc.tuple(fc.constantFrom(..."abcdefgh"), fc.nat(50)), { selector: ([text]) => text }),
    t: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  });
  const sideOf = ({ entries, t }: { entries: [string, number][]; t: number | undefined }) => ({
    ...{ texts: entries.map(([text]) => text), counts: entries.map(([, count]) => count), t },
  });

  it("differ by what each entry's counts and threshold say", () => {
    fc.assert(
      fc.property(side, side, (one, two) => {
        const { changed, added, removed } = compareKeeping(sideOf(one), sideOf(two));
        const [before, after] = [new Map(one.entries), new Map(two.entries)];
        const missing = (from: Map<string, number>, to: Map<string, number>) =>
          [...from.keys()].filter((text) => !to.has(text)).sort();
        expect(added.map(({ text }) => text).sort()).toEqual(missing(after, before));
        expect(removed.map(({ text }) => text).sort()).toEqual(missing(before, after));
        const probability = (count: number, t: number | undefined) => (t === undefined ? 1 : keepProbability(count, t));
        const differing = [...after].filter(
          ([text, count]) => before.has(text) && probability(before.get(text)!, one.t) !== probability(count, two.t),
        );
        expect(changed.map(({ text }) => text).sort()).toEqual(differing.map(([text]) => text).sort());
        for (const { text, before: from, after: to } of changed) {
          expect(from).toEqual(keepingOf(before.get(text)!, one.t));
          expect(to).toEqual(keepingOf(after.get(text)!, two.t));
        }
        const distances = changed.map(({ before, after }) => Math.abs(after.probability - before.probability));
        expect(distances).toEqual([...distances].sort((a, b) => b - a));
        for (const entries of [added, removed]) {
          expect(entries.map(({ kept }) => kept)).toEqual(entries.map(({ kept }) => kept).sort((a, b) => b - a));
        }
      }),
    );
  });

  it("keep count × probability captions of an entry, all of them where there is no threshold", () => {
    expect(keepingOf(40, 10)).toEqual({ count: 40, probability: 0.25, kept: 10 });
    expect(keepingOf(4, 10)).toEqual({ count: 4, probability: 1, kept: 4 });
    expect(keepingOf(0, 10)).toEqual({ count: 0, probability: 1, kept: 0 });
    expect(keepingOf(40, undefined)).toEqual({ count: 40, probability: 1, kept: 40 });
    expect(keepingOf(40, 0)).toEqual({ count: 40, probability: 0, kept: 0 });
  });
});

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

interface Side {
  readonly list: string;
  readonly t: number;
  readonly entries: number;
  readonly texts: number;
  readonly matched: number;
  readonly matches: number;
  readonly curated: number;
  readonly curatedError: number;
}
interface ImpactJson {
  readonly group: string;
  readonly scheme?: string;
  readonly before: Side | null;
  readonly after: Side | null;
  readonly changed: readonly { text: string; before: Keeping; after: Keeping }[];
  readonly added: readonly ({ text: string } & Keeping)[];
  readonly removed: readonly ({ text: string } & Keeping)[];
}

describe("worldmeta diff --pool and threshold --compare", () => {
  const db = join(folder, "lists.sqlite");
  const run = (...args: string[]) => runCli([...args, "--db", db]);
  const output = (...args: string[]) => outputOf([...args, "--db", db]).replaceAll(/ +/g, " ");
  const impactOf = (code: string, ...args: string[]) =>
    jsonOf<{ impact: ImpactJson[] }>(["diff", code, ...args, "--db", db]).impact;

  function build(edition: string, language: string, lemmas: readonly string[]): void {
    const tab = join(folder, `wn-data-${language}.tab`);
    const lines = lemmas.map((lemma, index) => `${String(index).padStart(8, "0")}-n\t${language}:lemma\t${lemma}`);
    writeFileSync(tab, `# Test\t${language}\thttps://example.org\tCC BY\n${lines.join("\n")}\n`);
    outputOf(["build", edition, "--wordnet", tab, "--db", db]);
  }
  const pool = (name: string, rows: readonly (readonly [lang: string, text: string])[]) => {
    const path = join(folder, `${name}.jsonl`);
    const lines = rows.map(([lang, text], index) => JSON.stringify({ id: `${name}-${index}`, lang, text }));
    writeFileSync(path, `${lines.join("\n")}\n`);
    return path;
  };
  const repeat = (times: number, lang: string, text: string) =>
    Array.from({ length: times }, () => [lang, text] as const);

  let zu = "";
  let en = "";
  beforeAll(() => {
    // Counts: inja 10, ikati 6, umuntu 2.
    zu = pool("zu", [
      ...repeat(6, "zu", "inja"),
      ...repeat(4, "zu", "inja ikati"),
      ...repeat(2, "zu", "umuntu ikati"),
      ...repeat(3, "zu", "umfana"),
      ...repeat(1, "zu", "?"),
    ]);
    en = pool("en", [...repeat(3, "en", "cat"), ...repeat(2, "en", "cat dog"), ...repeat(1, "en", "fox")]);
    build("zu", "zul", ["inja", "ikati", "umuntu", "ilanga"]);
    output("count", zu, "--name", "zulu");
    build("zu", "zul", ["inja", "umuntu", "umfana", "inyanga"]);
  }, 30_000);

  it("says in one line what is not counted yet, and gives what can be given", () => {
    const { stdout, stderr, status } = run("diff", "zu", "--pool", "zulu", "--t", "4");
    expect(status).toBe(0);
    expect(stderr).toBe(
      "note: pool zulu was not counted against the list of zu with build 2; count it, with the options of its first " +
        `count: worldmeta count ${zu} --name zulu\n`,
    );
    const shown = stdout.replaceAll(/ +/g, " ");
    expect(shown).toContain("zu in pool zulu: 2 removed, 1 with matches\n");
    expect(shown).toContain("\nmatched 12 –\n");
    expect(shown).toContain("\nremoved ikati 6 0.667 4\n");
    expect(impactOf("zu", "--pool", "zulu", "--t", "4")).toMatchObject([
      {
        group: "zu",
        before: { t: 4, texts: 16, matched: 12, matches: 18 },
        after: null,
        changed: [],
        added: [],
        removed: [
          { text: "ikati", count: 6, probability: 4 / 6, kept: 4 },
          { text: "ilanga", count: 0, probability: 1, kept: 0 },
        ],
      },
    ]);
  });

  it("tells figures of both builds and what becomes of entries", () => {
    output("count", zu, "--name", "zulu");
    const shown = output("diff", "zu", "--pool", "zulu", "--t", "4");
    expect(shown).toContain("build 1 → build 2: 2 added, 2 removed");
    expect(shown).toContain(
      "zu in pool zulu: 0 probabilities changed; 2 entries added, 1 with matches; 2 removed, 1 with matches\n",
    );
    for (const line of [
      " build 1 build 2 change",
      "captions 16 16 0",
      "matched 12 15 +3",
      "matches 18 15 -3",
      "t 4 4 0",
      "achieved 11.11 % 33.33 %",
      "head 2 1 -1",
      "tail 1 2 +1",
      "added umfana 3 1 3",
      "removed ikati 6 0.667 4",
    ]) {
      expect(shown).toContain(`\n${line}\n`);
    }
    const [impact] = impactOf("zu", "--pool", "zulu", "--t", "4");
    // By hand, with probabilities in single precision: 6 × 0.4 + 4 × (1 − 0.6 × ⅓) + 2 × 1, and 10 × 0.4 + 2 + 3.
    expect(impact?.before).toMatchObject({ curated: expect.closeTo(7.6, 6), curatedError: 0 });
    expect(impact?.after).toMatchObject({ curated: expect.closeTo(9, 6), curatedError: 0 });
    expect(shown).toContain("\ncurated 7.6 exact 9 exact +1.4\n");
    expect(impact?.added.map(({ text, kept }) => [text, kept])).toEqual([
      ["umfana", 3],
      ["inyanga", 0],
    ]);
  });

  it("solves each side by the rule given, as threshold does, and sets nothing", () => {
    const before = output("pools", "--json");
    const [impact] = impactOf("zu", "1", "2", "--pool", "zulu", "--tail-ratio", "0.4");
    expect(output("pools", "--json")).toBe(before);
    const set = jsonOf<object[]>(["threshold", "--pool", "zulu", "--tail-ratio", "0.4", "--db", db]);
    expect(impact?.after).toMatchObject(set[0]!);
    expect(impact?.before?.t).toBe(10);
    expect(impact?.changed).toEqual([]);
    expect(impactOf("zu", "--pool", "zulu", "--anchor", "zu=2")[0]).toMatchObject({
      ...{ before: { t: 2, requested: null }, after: { t: 2 }, changed: [] },
    });
    const [turned] = impactOf("zu", "2", "1", "--pool", "zulu", "--t", "4");
    expect(turned).toMatchObject({ before: { matches: 15 }, after: { matches: 18 } });
    expect(turned?.added.map(({ text }) => text)).toEqual(["ikati", "ilanga"]);
  });

  it("says that a pool has no such captions, and what else does not go", () => {
    output("count", en, "--name", "english");
    const alone = run("diff", "zu", "--pool", "english");
    expect(alone.stderr).toBe("note: pool english has no captions of zu\n");
    expect(alone.stdout).not.toContain("pool english");
    const both = run("diff", "zu", "--pool", "zulu", "english");
    expect(both.stderr).toBe("note: pool english has no captions of zu\n");
    expect(both.stdout).toContain("zu in pool zulu: ");
    expect(run("diff", "zu", "--pool", "none").stderr).toBe('worldmeta: no pool "none"; there are: english, zulu\n');
    expect(run("diff", "zu", "--t", "4")).toMatchObject({
      ...{ status: 2, stderr: "worldmeta: --tail-ratio, --t and --anchor go with --pool only\n" },
    });
    const anchor = run("diff", "zu", "--pool", "zulu", "--anchor", "en=3");
    expect([anchor.status, anchor.stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(anchor.stderr).toContain("no counts of en");
  });

  it("compares the lists of a group of several editions", () => {
    build("en", "eng", ["cat"]);
    build("simple", "eng", ["dog"]);
    output("count", en, "--name", "english");
    build("simple", "eng", ["cat", "fox"]);
    output("count", en, "--name", "english");
    const [impact, ...more] = impactOf("simple", "--pool", "english", "--t", "2");
    expect(more).toEqual([]);
    expect(impact).toMatchObject({
      group: "en",
      before: { matched: 5, matches: 7, curated: expect.closeTo(3 * 0.4 + 2, 6) },
      after: { matched: 6, matches: 6, curated: expect.closeTo(5 * 0.4 + 1, 6) },
      changed: [],
    });
    expect(impact?.added.map(({ text, count }) => [text, count])).toEqual([["fox", 1]]);
    expect(impact?.removed.map(({ text, count }) => [text, count])).toEqual([["dog", 2]]);
  });

  it("compares the lists `other` of a scheme that cannot name the language", () => {
    const rows = [...repeat(2, "zu", "inja"), ...repeat(1, "qqq", "inyanga")];
    output("count", pool("lid", rows), "--name", "lid", "--scheme", "lid.176");
    build("zu", "zul", ["inja", "umuntu", "umfana"]);
    const { stderr } = run("diff", "zu", "--pool", "lid");
    expect(stderr).toMatch(
      /^note: pool lid was not counted against the list of other \(lid\.176\) with build \d+; count/,
    );
    output("count", join(folder, "lid.jsonl"), "--name", "lid");
    const [impact] = impactOf("zu", "--pool", "lid", "--t", "1");
    expect(impact).toMatchObject({ group: "other", scheme: "lid.176", before: { matches: 3 }, after: { matches: 2 } });
    expect(impact?.removed.map(({ text, count }) => [text, count])).toEqual([["inyanga", 1]]);
  });

  it("says so where a build brings the same list again", () => {
    output("count", zu, "--name", "zulu");
    outputOf(["build", "zu", "--wordnet", join(folder, "wn-data-zul.tab"), "--force", "--db", db]);
    output("count", zu, "--name", "zulu");
    const { stdout, stderr } = run("diff", "zu", "--pool", "zulu");
    expect(stderr).toBe("");
    expect(stdout).toContain("zu in pool zulu: both builds give the same list\n");
  });

  it("tells what another threshold changes, and sets nothing", () => {
    const path = join(folder, "compare.sqlite");
    outputOf(["build", "zu", "--wordnet", join(folder, "wn-data-zul.tab"), "--db", path]);
    outputOf(["count", zu, "--name", "zulu", "--db", path]);
    const shown = outputOf(["threshold", "--pool", "zulu", "--t", "2", "--compare", "5", "--db", path]);
    for (const line of [
      "zu: the probabilities of 2 entries change",
      " t = 2 t = 5 change",
      "t 2 5 +3",
      "achieved 0.00 % 33.33 %",
      "curated 6 exact 10 exact +4",
      "umfana 3 0.667 → 1 2 → 3",
      "inja 10 0.2 → 0.5 2 → 5",
    ]) {
      expect(`\n${shown.replaceAll(/ +/g, " ")}`).toContain(`\n${line}\n`);
    }
    const compared = jsonOf<object[]>(["threshold", "--pool", "zulu", "--t", "2", "--compare", "5", "--db", path]);
    expect(compared).toMatchObject([
      {
        ...{ group: "zu", before: { t: 2, curated: expect.closeTo(6, 6), matched: 15 }, after: { t: 5, curated: 10 } },
        changed: [{ text: "umfana" }, { text: "inja" }],
      },
    ]);
    expect(
      jsonOf<{ lists: { threshold?: object }[] }[]>(["pools", "--db", path])[0]?.lists[0]?.threshold,
    ).toBeUndefined();
    const bad = runCli(["threshold", "--counts", "x.json", "--compare", "5", "--db", path]);
    expect([bad.status, bad.stderr.trim().split("\n").length]).toEqual([2, 1]);
  });

  it("thresholds of pools tell the expected curated size", () => {
    const shown = outputOf(["threshold", "--pool", "zulu", "--t", "5", "--db", join(folder, "compare.sqlite")]);
    expect(shown.split("\n")[0]).toMatch(/total +curated +± +share$/);
    expect(shown.split("\n")[2]).toMatch(/ 10 +exact +66\.67 %$/);
  });
});
