import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import Papa from "papaparse";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EditionCode } from "../languages/define.ts";
import { getEdition } from "../languages/index.ts";
import { estimateCuratedSize } from "../src/balancing/curated-size.ts";
import { type Draw, HASHES } from "../src/balancing/draw.ts";
import { keepProbability, tailRatioOf } from "../src/balancing/threshold.ts";
import type { Source } from "../src/entries/types.ts";
import { SOURCES } from "../src/entries/types.ts";
import { logTicks } from "../src/report/charts.ts";
import { CUMULATIVE_TOLERANCE, type CumulativePoint, cumulativeCurve, placeOfRank } from "../src/report/cumulative.ts";
import { describeTop, sumBySource, topIds } from "../src/report/group-tables.ts";
import { escapeText, markup, trust } from "../src/report/markup.ts";
import { toCsv } from "../src/report/report-data.ts";
import { showShare } from "../src/report/show.ts";
import { COUNT_STEPS, EVEN_STEPS, sizeCurve } from "../src/report/size-curve.ts";
import { thinPoints } from "../src/report/thin.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "../src/store/database.ts";
import { addFileCounts } from "../src/store/file-counts.ts";
import { type GroupList, openGroupList, readGroupSources } from "../src/store/group-lists.ts";
import { createPool, findPool } from "../src/store/pools.ts";
import { BROWSER, browserOptions, lacksBrowser } from "./browser.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

/** Counts as pools have them: many zeros, many equal, few large. */
const counts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.nat(5) },
    { weight: 2, arbitrary: fc.nat(400) },
    { weight: 1, arbitrary: fc.nat(5_000_000) },
  ),
  { minLength: 1, maxLength: 300 },
);
const threshold = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6_000_000 }));

/** The cumulative sums by their definition, for each rank from the highest to 1. */
function sumPlainly(counts: readonly number[], t: number | undefined): CumulativePoint[] {
  const sorted = [...counts].sort((a, b) => a - b);
  return sorted.map((count, at) => {
    const rarer = sorted.slice(0, at + 1);
    return {
      ...{ rank: sorted.length - at, count },
      matches: rarer.reduce((sum, one) => sum + one, 0),
      balanced: rarer.reduce((sum, one) => sum + (t === undefined ? one : Math.min(one, t)), 0),
    };
  });
}

/** The height at `x` of the line through points with ascending `x`. */
function interpolate(points: readonly (readonly [x: number, y: number])[], x: number): number {
  const at = points.findIndex(([right]) => right >= x);
  const [x1, y1] = points[at]!;
  const [x0, y0] = points[Math.max(0, at - 1)]!;
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

describe("thinPoints", () => {
  it("passes every point of rising curves within the tolerance, with as few points as it says", () => {
    const rises = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000)), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(rises, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (steps, tolerance) => {
        let x = 0;
        let y = 0;
        const total = steps.reduce((sum, [, rise]) => sum + rise, 0) || 1;
        const points = steps.map(([width, rise]) => {
          x += width;
          y += rise;
          return [x, y / total] as const;
        });
        const kept = thinPoints(points, { x: ([x]) => x, ys: [([, y]) => y], tolerance });
        expect(kept[0]).toBe(points[0]);
        expect(kept.at(-1)).toBe(points.at(-1));
        for (const [x, y] of points) expect(Math.abs(interpolate(kept, x) - y)).toBeLessThanOrEqual(tolerance + 1e-9);
        expect(kept.length).toBeLessThanOrEqual(2 / tolerance + 2);
      }),
    );
  });

  it("keeps what must stay, and nothing of nothing", () => {
    const line = Array.from({ length: 50 }, (_, x) => x);
    const thin = (isKept?: (x: number) => boolean) =>
      thinPoints(line, { x: (x) => x, ys: [(x) => x / 50], tolerance: 0.01, ...(isKept && { isKept }) });
    expect(thin()).toEqual([0, 49]);
    expect(thin((x) => x === 7)).toEqual([0, 7, 49]);
    expect(thinPoints([], { x: () => 0, ys: [], tolerance: 1 })).toEqual([]);
    expect(thinPoints([5], { x: () => 0, ys: [], tolerance: 1 })).toEqual([5]);
  });
});

describe("cumulativeCurve", () => {
  it("has the sums of a plain computation at its points, and near them everywhere else", () => {
    fc.assert(
      fc.property(counts, fc.option(threshold, { nil: undefined }), (counts, t) => {
        const plain = sumPlainly(counts, t);
        const curve = cumulativeCurve(counts, t);
        const byRank = new Map(plain.map((point) => [point.rank, point]));
        for (const point of curve) expect(point).toEqual(byRank.get(point.rank));
        expect(curve[0]!.rank).toBe(counts.length);
        expect(curve.at(-1)).toEqual(plain.at(-1));
        const place = (rank: number) => placeOfRank(rank, counts.length);
        for (const key of ["matches", "balanced"] as const) {
          const end = plain.at(-1)![key];
          const line = curve.map((point) => [place(point.rank), point[key]] as const);
          for (const point of plain) {
            const drawn = interpolate(line, place(point.rank));
            expect(Math.abs(drawn - point[key])).toBeLessThanOrEqual(CUMULATIVE_TOLERANCE * Math.max(1, end) + 1e-6);
          }
        }
      }),
    );
  });

  it("keeps the entries between which t lies", () => {
    const many = Array.from({ length: 5000 }, (_, rank) => Math.floor(1e6 / (rank + 1)));
    const head = many.filter((count) => count >= 1234).length;
    const curve = cumulativeCurve(many, 1234);
    expect(curve.map(({ rank }) => rank)).toEqual(expect.arrayContaining([head, head + 1]));
    expect(curve.length).toBeLessThan(200);
  });
});

describe("sizeCurve", () => {
  const input = counts.chain((counts) => {
    const ids = fc.uniqueArray(fc.nat(counts.length - 1), { minLength: 1, maxLength: 5 });
    return fc.record({
      counts: fc.constant(counts),
      captions: fc.array(fc.tuple(ids, fc.integer({ min: 1, max: 3 })), { minLength: 2, maxLength: 20 }),
      t: fc.option(threshold, { nil: undefined }),
    });
  });

  it("tells at each point what the tail and the size are there, from all counts", () => {
    fc.assert(
      fc.property(input, ({ counts, captions, t }) => {
        const drawn = captions.map(([ids, times], hash) => ({ hash, times, ids: Uint32Array.from(ids) }));
        const draw: Draw = { below: HASHES / 4, captions: drawn };
        const points = sizeCurve({ counts, draw, matched: 5000, t });
        const most = Math.max(...counts);
        if (most === 0) {
          expect(points).toEqual([]);
          return;
        }
        for (const { t, tailRatio, curated } of points) {
          expect(tailRatio).toBe(tailRatioOf(counts, t));
          expect(curated).toEqual(estimateCuratedSize({ draw, counts, t, matched: 5000 }));
        }
        const places = points.map(({ t }) => t);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        expect([places[0], places.at(-1)]).toEqual([1, Math.max(most, t ?? 1)]);
        if (t !== undefined) expect(places).toContain(t);
        expect(places.length).toBeLessThanOrEqual(2 * COUNT_STEPS + EVEN_STEPS + 3);
      }),
      { numRuns: 50 },
    );
  });

  it("draws the stairs of the tail's share where they are, or a step of the axis too early", () => {
    const long = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(long, (counts) => {
        const draw: Draw = { below: 0, captions: [] };
        const points = sizeCurve({ counts, draw, matched: 1, t: undefined });
        const most = Math.max(...counts);
        for (const count of counts) {
          // Behind a count the share rises; what is drawn there is the share at the next point, which is not far.
          const next = points.find(({ t }) => t > count);
          if (next === undefined) continue;
          const last = counts.filter((one) => one < next.t).reduce((max, one) => Math.max(max, one), count);
          expect(Math.log(last / count) / Math.log(most)).toBeLessThanOrEqual(1 / COUNT_STEPS + 1e-9);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("tables", () => {
  it("sum over sources as a plain computation does", () => {
    const rows = fc.array(fc.tuple(fc.nat(9), fc.constantFrom(...SOURCES)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), (rows, t) => {
        const counts = rows.map(([count]) => count);
        const found = sumBySource(counts, { sources: rows.map(([, source]) => source), t });
        const names = SOURCES.filter((source) => rows.some(([, one]) => one === source));
        expect(found.map(({ source }) => source)).toEqual([...names, "all"]);
        for (const row of found) {
          const own = rows
            .filter(([, source]) => row.source === "all" || source === row.source)
            .map(([count]) => count);
          const head = own.filter((count) => t !== undefined && count > 0 && count >= t);
          const sum = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
          expect(row).toEqual({
            ...{ source: row.source, entries: own.length, zero: own.filter((count) => count === 0).length },
            ...{ head: head.length, headMatches: sum(head), matches: sum(own) },
          });
        }
      }),
    );
  });

  it("name the entries with most matches, of equal ones those with the smaller ids", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 20 }), threshold, (counts, size, t) => {
        const ids = topIds(counts, size);
        const plain = counts
          .map((count, id) => ({ count, id }))
          .filter(({ count }) => count > 0)
          .sort((a, b) => b.count - a.count || a.id - b.id)
          .slice(0, size);
        expect(ids).toEqual(plain.map(({ id }) => id));
        const entries = new Map(ids.map((id) => [id, { text: `e${id}`, source: "unigram" as Source }]));
        for (const top of describeTop(counts, { ids, entries, texts: 1e7, t })) {
          const count = counts[top.id]!;
          expect(top).toMatchObject({ text: `e${top.id}`, count, share: count / 1e7, kept: Math.min(count, t) });
          expect(top.probability).toBe(keepProbability(count, t));
        }
      }),
    );
  });

  it("show shares that are small as such", () => {
    const shown = [0, 1e-7, 0.0004, 0.0574, 0.0996, 0.5, 0.9999, 1].map((share) =>
      showShare(share).replaceAll("\u00a0", " "),
    );
    expect(shown).toEqual(["0 %", "< 0.01 %", "0.04 %", "5.74 %", "10.0 %", "50.0 %", "99.99 %", "100 %"]);
    expect(showShare(1, 0)).toBe("–");
  });

  it("are CSV that reads back", () => {
    const row = fc.record({ text: fc.string({ unit: "binary" }), n: fc.nat(), none: fc.constant(undefined) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const { data } = Papa.parse<string[]>(toCsv(rows), { newline: "\n" });
        expect(data.slice(0, -1)).toEqual([["text", "n", "none"], ...rows.map(({ text, n }) => [text, String(n), ""])]);
      }),
    );
  });

  it("have powers of ten on axes of logarithms, and more on short ones", () => {
    expect(logTicks(1, 120_000_000)).toEqual([1, 100, 1e4, 1e6, 1e8]);
    expect(logTicks(1, 500_000)).toEqual([1, 10, 100, 1e3, 1e4, 1e5]);
    expect(logTicks(1, 30)).toEqual([1, 2, 5, 10, 20]);
  });
});

describe("markup", () => {
  it("escapes whatever is text, in elements and in attributes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { document } = parseHTML(`<body>${markup`<p title="${text}">${[text, 1]}</p>`.markup}</body>`);
        const shown = text.replace(/\r\n?/g, "\n");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what HTML may not hold
        const expected = shown.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, "\ufffd");
        const paragraph = document.querySelector("p")!;
        expect(document.querySelectorAll("*").length).toBe(document.querySelectorAll("html,head,body,p").length);
        expect(paragraph.textContent.replace(/\r\n?/g, "\n")).toBe(`${expected}1`);
        expect(paragraph.getAttribute("title").replace(/\r\n?/g, "\n")).toBe(expected);
      }),
    );
  });

  it("lets through what is markup, and drops what is nothing", () => {
    expect(markup`<b>${trust("<i>")}${undefined}${[1, "&"]}</b>`.markup).toBe("<b><i>1&amp;</b>");
    expect(escapeText("a\u0000\ud800b")).toBe("a\ufffd\ufffdb");
  });
});

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function publishList(
  db: Database,
  code: string,
  words: readonly (readonly [text: string, source: Source])[],
): GroupList {
  const { code: edition, lidGroup: group } = getEdition(code);
  publish(
    db,
    {
      ...{ edition, profile: "corrected", fingerprint: "f", version: "0.1.0", settings: {}, figures: {} },
      ...{ started: "2026-01-01T00:00:00.000Z", finished: "2026-01-01T00:01:00.000Z", problems: [], inputs: [] },
    },
    words.map(([text, source], id) => ({ id, text, source, unigramRank: id + 1, flags: [] })),
    [],
  );
  return openGroupList(db, { group, editions: [edition as EditionCode], profile: "corrected" })!;
}

/** Counts a file of captions, each the ids of the entries that it holds. */
function count(
  db: Database,
  {
    pool,
    name,
    list,
    captions,
  }: { pool: string; name: string; list: GroupList; captions: readonly (readonly number[])[] },
): void {
  // The first drops repeats, the other keeps them.
  const repeats = pool === WEB ? { repeats: "dropped" } : {};
  if (findPool(db, pool) === undefined) createPool(db, { name: pool, settings: repeats });
  const dense = new Map<number, number>();
  for (const id of captions.flat()) dense.set(id, (dense.get(id) ?? 0) + 1);
  const ids = [...dense.keys()].sort((a, b) => a - b);
  const matched = captions.filter((caption) => caption.length > 0);
  const drawn = matched.map((caption, at) => ({ hash: at * 1000, times: 1, ids: Uint32Array.from(caption).sort() }));
  const counts = {
    ...{ list, texts: captions.length, matched: matched.length, matches: captions.flat().length, samples: [] },
    ...{ ids: Uint32Array.from(ids), counts: Uint32Array.from(ids, (id) => dense.get(id)!) },
    drawn: { below: HASHES, captions: drawn },
  };
  const sha256 = createHash("sha256").update(name).digest("hex");
  const figures = pool === WEB && name === "a" ? { repeated: 7 } : {};
  const file = { path: name, sha256, bytes: 1, texts: captions.length, figures, problems: [] };
  addFileCounts(db, { pool, file, labels: [], counts: [counts] });
}

const HOSTILE = [
  ...['<script>alert("1")</script>', "</table>&amp;", `"' onload=x`, "שלום עולם", "العربية", "\u0301á", "\u202eabc"],
  ...["ไทย", "日本語", "हिन्दी", "a\tb\nc", "\u0007", "=1+1", "plain"],
] as const;
const WEB = 'web <b>"ويب"</b>';

/** A database of two lists and two pools; in one of them the entries are as bad as can be. */
function fill(path: string): void {
  const db = openDatabase(path);
  const en = publishList(
    db,
    "en",
    HOSTILE.map((text, at) => [text, at < 4 ? "wordnet" : "unigram"] as const),
  );
  const ltg = publishList(db, "ltg", [
    ["0", "number"],
    ["muosa", "unigram"],
    ["pīns", "bigram"],
    ["Reiga", "title"],
  ]);
  const th = publishList(db, "th", [["ไทย", "wordnet"]]);
  const captions = Array.from({ length: 60 }, (_, row) =>
    HOSTILE.map((_, id) => id).filter((id) => row % (id + 1) === 0),
  );
  count(db, { pool: WEB, name: "a", list: en, captions });
  count(db, { pool: "more", name: "b", list: en, captions: captions.slice(0, 20) });
  // In both pools: counts once in their sum.
  for (const pool of [WEB, "more"]) count(db, { pool, name: "c", list: en, captions: captions.slice(0, 9) });
  count(db, { pool: WEB, name: "d", list: ltg, captions: [[1, 2], [2], [2, 3], []] });
  count(db, { pool: WEB, name: "e", list: th, captions: [[], []] });
  closeDatabase(db);
}

function readAll(directory: string): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name), "utf8")]),
  );
}

const complaintOf = (...args: readonly string[]) => {
  const { status, stderr, stdout } = runCli(["report", ...args]);
  expect(stdout).toBe("");
  expect(stderr.trimEnd()).not.toContain("\n");
  return [status, stderr.trimEnd().replace(/^worldmeta: /, "")];
};

describe("worldmeta report", () => {
  const db = join(folder, "db.sqlite");
  const out = join(folder, "report");
  const both = ["--db", db, "--pool", WEB, "--pool", "more"];
  let files: ReadonlyMap<string, string> = new Map();
  let written: { files: { path: string; bytes: number }[]; groups: Record<string, unknown>[] };
  beforeAll(() => {
    fill(db);
    written = jsonOf(["report", ...both, "--out", out, "--tail-ratio", "0.2"]);
    files = readAll(out);
  });

  it("says what it wrote", () => {
    expect(written.files.map(({ path }) => path)).toEqual([...files.keys()].filter((path) => path !== "manifest.json"));
    for (const { path, bytes } of written.files) expect(Buffer.byteLength(files.get(path)!)).toBe(bytes);
    expect([...files.keys()]).toEqual([
      ...["cumulative.csv", "cumulative.json", "cumulative.svg"],
      ...["en-cumulative.csv", "en-cumulative.svg", "en-pools.csv", "en-size.csv", "en-size.svg", "en-sources.csv"],
      ...["en-top.csv", "en.html", "en.json", "groups.csv", "groups.json", "index.html"],
      ...["ltg-cumulative.csv", "ltg-cumulative.svg", "ltg-size.csv", "ltg-size.svg", "ltg-sources.csv"],
      ...["ltg-top.csv", "ltg.html", "ltg.json", "manifest.json", "th-sources.csv", "th.html", "th.json"],
    ]);
    expect(outputOf(["report", ...both, "--out", join(folder, "said"), "ltg"])).toContain("ltg    ");
  });

  it("writes the same bytes again, without a date, and none of an earlier report stays", () => {
    outputOf(["report", "ltg", ...both, "--out", out]);
    expect(readdirSync(out)).not.toContain("en.html");
    outputOf(["report", ...both, "--out", out, "--tail-ratio", "0.2"]);
    expect(readAll(out)).toEqual(files);
    for (const content of files.values()) expect(content).not.toMatch(/\b20\d\d-\d\d|:\d\d:\d\d/);
  });

  it("says of each pool what it did with repeats", () => {
    const repeats = [
      { pool: WEB, repeats: "dropped", repeated: 7 },
      { pool: "more", repeats: "kept", repeated: 0 },
    ];
    expect(written).toMatchObject({ repeats });
    expect(JSON.parse(files.get("en.json")!)).toMatchObject({ repeats });
    const { document } = parseHTML(files.get("index.html")!);
    const said = [...document.querySelectorAll("p")].map((p) => p.textContent).find((text) => /^Repeats/.test(text!))!;
    expect(said).toMatch(
      /: 7 of [\d,]+ captions repeated an earlier pair of image and text and were dropped; “more”: captions /,
    );
  });

  it("tells what `threshold` tells, and its tables sum up to that", () => {
    const told = jsonOf<Record<string, number | null>[]>(["threshold", ...both, "--tail-ratio", "0.2"]);
    const groups = JSON.parse(files.get("groups.json")!) as Record<string, number | null>[];
    expect(groups.map(({ group }) => group)).toEqual(["en", "ltg", "th"]);
    for (const [at, one] of told.entries()) {
      const { total, ...figures } = one;
      const { matches, reason, ...row } = groups[at]!;
      expect({ ...row, reason }).toMatchObject({ ...figures, reason: one.reason ?? null });
      expect(matches).toBe(total);
      const page = JSON.parse(files.get(`${row.group}.json`)!);
      const rows = (page.bySource as Record<string, number>[]).slice(0, -1);
      const sum = (key: string) => rows.reduce((sum, row) => sum + row[key]!, 0);
      expect([sum("entries"), sum("zero"), sum("matches")]).toEqual([one.entries, one.zero, total]);
      if (one.t !== null) expect([sum("head"), sum("headMatches") / total!]).toEqual([one.head, 1 - one.achieved!]);
      if (total === 0) continue;
      const last = page.cumulative.filter(({ pool }: { pool: string | null }) => pool === null).at(-1);
      expect([last.rank, last.matches]).toEqual([1, total]);
      const chosen = page.size.find(({ t }: { t: number }) => t === one.t);
      expect([chosen.tailRatio, chosen.curated, chosen.curatedError]).toEqual([
        ...[one.achieved, one.curated, one.curatedError],
      ]);
    }
  });

  it("adds up pools, a file that is in several once, and shows each", () => {
    const { byPool, matches, cumulative, cautions } = JSON.parse(files.get("en.json")!);
    const [web, more] = byPool;
    expect([web.pool, web.files, more.pool, more.files]).toEqual([WEB, 2, "more", 2]);
    expect(web.matches + more.matches).toBeGreaterThan(matches);
    expect(cautions).toContain("Some files are in several of the pools; in the sum they count once.");
    for (const { pool, matches } of byPool) {
      const own = cumulative.filter((point: { pool: string | null }) => point.pool === pool);
      expect([own[0].rank, own.at(-1).matches]).toEqual([HOSTILE.length, matches]);
    }
  });

  it("shows entries as they are, kept apart from the page and from each other", () => {
    const { document } = parseHTML(files.get("en.html")!);
    const entries = [...document.querySelectorAll("th.entry bdi")];
    expect(entries.map((entry) => entry.textContent).sort()).toEqual(
      HOSTILE.map((text) => text.replace("\u0007", "\ufffd")).sort(),
    );
    for (const entry of entries) {
      expect([entry.getAttribute("dir"), entry.getAttribute("lang")]).toEqual(["auto", "en"]);
      expect(entry.getAttribute("class") === "mark").toBe(/^\p{M}/u.test(entry.textContent));
    }
    expect(document.querySelectorAll("script").length).toBe(0);
    expect(document.querySelector("html")!.getAttribute("lang")).toBe("en");
    const top = Papa.parse<Record<string, string>>(files.get("en-top.csv")!, {
      header: true,
      skipEmptyLines: true,
      newline: "\n",
    });
    expect(top.data.map(({ text }) => text).sort()).toEqual([...HOSTILE].sort());
  });

  it("has titles, headers and descriptions for those who do not see", () => {
    for (const [name, content] of files) {
      if (!name.endsWith(".html")) continue;
      const { document } = parseHTML(content);
      for (const svg of document.querySelectorAll("svg")) {
        expect(svg.getAttribute("role")).toBe("img");
        for (const part of ["title", "desc"]) expect(svg.querySelector(part)!.textContent.length).toBeGreaterThan(10);
      }
      for (const table of document.querySelectorAll("table")) {
        const columns = table.querySelectorAll("thead th[scope=col]").length;
        for (const row of table.querySelectorAll("tbody tr")) {
          expect([row.querySelectorAll("th[scope=row]").length, row.children.length]).toEqual([1, columns]);
        }
      }
      expect(document.querySelectorAll("h1").length).toBe(1);
    }
  });

  it("links to nothing but its own files, and every link leads somewhere", () => {
    const linked = new Set<string>();
    for (const [name, content] of files) {
      if (!name.endsWith(".html") && !name.endsWith(".svg")) continue;
      for (const url of content.matchAll(/\bhttps?:[^\s"'<]*/g)) expect(url[0]).toBe("http://www.w3.org/2000/svg");
      for (const link of parseHTML(content).document.querySelectorAll("a[href]")) {
        const href = decodeURI(link.getAttribute("href")!);
        expect([...files.keys()]).toContain(href);
        linked.add(href);
      }
    }
    const unlinked = [...files.keys()].filter((name) => !linked.has(name));
    expect(unlinked).toEqual(["manifest.json"]);
  });

  it("has charts that are XML and stand alone", () => {
    const charts = [...files].filter(([name]) => name.endsWith(".svg"));
    expect(charts.length).toBe(5);
    for (const [, content] of charts) {
      const parser = new SaxesParser({ xmlns: true });
      let root: Record<string, unknown> | undefined;
      parser.on("error", (error) => {
        throw error;
      });
      parser.on("opentag", (tag) => {
        root ??= {
          uri: tag.uri,
          ...Object.fromEntries(Object.values(tag.attributes).map(({ name, value }) => [name, value])),
        };
      });
      parser.write(content).close();
      expect(root).toMatchObject({ uri: "http://www.w3.org/2000/svg", width: "640", role: "img" });
      expect(root!.viewBox).toBe(`0 0 640 ${root!.height}`);
      expect(content).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it("takes the threshold on record, and says so where it has to solve one", () => {
    const other = join(folder, "other.sqlite");
    fill(other);
    const report = (...args: readonly string[]) => {
      const { stderr, stdout, status } = runCli([
        ...["report", "--db", other, "--pool", WEB, "--out", join(folder, "recorded"), "--json", ...args],
      ]);
      expect(status).toBe(0);
      const { groups } = JSON.parse(stdout) as { groups: Record<string, unknown>[] };
      return {
        stderr,
        groups: groups.map(({ group, t, requested, origin, policy }) => [group, t, requested, origin, policy]),
      };
    };
    const solved = report("en", "ltg");
    expect(solved.groups).toMatchObject([
      ["en", expect.any(Number), 0.06, "missing", "tail-ratio 0.06"],
      ["ltg", expect.any(Number), 0.06, "missing", "tail-ratio 0.06"],
    ]);
    expect(solved.stderr).toBe(
      "note: no threshold on record for the counts of en, ltg as they are now: solved by tail-ratio 0.06 for this report; " +
        `keep it with: worldmeta threshold --pool '${WEB}'\n`,
    );
    outputOf(["threshold", "--db", other, "--pool", WEB, "--t", "5", "--group", "en"]);
    outputOf(["threshold", "--db", other, "--pool", WEB, "--tail-ratio", "0.9", "--group", "ltg"]);
    const recorded = report();
    expect(recorded.groups).toMatchObject([
      ["en", 5, null, "record", "t 5"],
      ["ltg", expect.any(Number), 0.9, "record", "tail-ratio 0.9"],
      ["th", null, 0.06, "missing", "tail-ratio 0.06"],
    ]);
    expect(recorded.stderr).toBe("");
    // As a threshold set now would, one on record says why its ratio is out of reach.
    const [, ltg] = jsonOf<{ reason?: string }[]>(["threshold", "--db", other, "--pool", WEB, "--tail-ratio", "0.9"]);
    expect(JSON.parse(readFileSync(join(folder, "recorded", "ltg.json"), "utf8")).reason).toBe(ltg!.reason);
    const database = openDatabase(other);
    const list = openGroupList(database, { group: "ltg", editions: ["ltg" as EditionCode], profile: "corrected" })!;
    count(database, { pool: WEB, name: "f", list, captions: [[3]] });
    closeDatabase(database);
    expect(report().groups[1]).toMatchObject(["ltg", expect.any(Number), 0.06, "stale", "tail-ratio 0.06"]);
    expect(report("ltg", "--anchor", "en=7").groups).toMatchObject([
      ["en", 7, null, "rule", "anchor en=7"],
      ["ltg", expect.any(Number), expect.any(Number), "rule", "anchor en=7"],
    ]);
  });

  it("says in one line what cannot be done, and leaves alone what is not its own", () => {
    const to = ["--out", join(folder, "none")];
    expect(complaintOf("--db", db)).toEqual([2, expect.stringContaining("--out")]);
    expect(complaintOf("--db", db, ...to)).toEqual([2, `name a pool with --pool; there are more, ${WEB}`]);
    expect(complaintOf("--db", db, ...to, "--pool", "none")).toEqual([1, expect.stringContaining('no pool "none"')]);
    expect(complaintOf("fr", "--db", db, ...to, "--pool", "more")).toEqual([
      ...[1, "the pool more: no counts of fr; there are those of en"],
    ]);
    expect(complaintOf("xx-none", "--db", db, ...to, "--pool", "more")).toEqual([
      2,
      expect.stringContaining("xx-none"),
    ]);
    expect(complaintOf("--db", db, ...to, "--pool", "more", "--profile", "reference")[1]).toContain(
      "no counts of reference",
    );
    expect(complaintOf(...both, ...to, "--anchor", "th=5")).toEqual([
      1,
      expect.stringContaining("no matches of the anchor th"),
    ]);
    expect(complaintOf(...both, ...to, "--t", "5", "--tail-ratio", "0.1")[0]).toBe(2);
    expect(complaintOf("--db", join(folder, "no.sqlite"), ...to)[0]).toBe(1);
    const file = join(folder, "file");
    writeFileSync(file, "mine");
    expect(complaintOf(...both, "--out", file)).toEqual([1, `${file} is a file; name a folder`]);
    for (const [name, content] of [
      ["index.html", "mine"],
      ["manifest.json", '{"format":"another"}'],
      ["manifest.json", "{"],
    ]) {
      const foreign = join(folder, `foreign-${name}-${content!.length}`);
      mkdirSync(foreign);
      writeFileSync(join(foreign, name!), content!);
      expect(complaintOf(...both, "--out", foreign)).toEqual([
        ...[1, `${join(foreign, name!)} is no file of an earlier run; name an empty folder`],
      ]);
      expect(readAll(foreign)).toEqual(new Map([[name, content]]));
    }
    writeFileSync(join(out, "notes.txt"), "mine");
    expect(complaintOf(...both, "--out", out)[1]).toBe(
      `${join(out, "notes.txt")} is no file of an earlier run; name an empty folder`,
    );
    rmSync(join(out, "notes.txt"));
  });

  it("knows the source of each entry, also of a list of several editions", () => {
    const database = openDatabase(join(folder, "union.sqlite"));
    publishList(database, "en", [
      ["7", "number"],
      ["cat", "unigram"],
      ["dog", "unigram"],
    ]);
    publishList(database, "simple", [
      ["7", "number"],
      ["dog", "wordnet"],
      ["owl", "title"],
    ]);
    const editions = ["en", "simple"] as EditionCode[];
    const list = openGroupList(database, { group: "en", editions, profile: "corrected" })!;
    expect([...readGroupSources(database, list)]).toEqual(["number", "wordnet", "unigram", "title"]);
    closeDatabase(database);
  });
});

describe.skipIf(lacksBrowser())("a browser", () => {
  const db = join(folder, "browser.sqlite");
  const out = join(folder, "browser");
  beforeAll(() => {
    fill(db);
    outputOf(["report", "--db", db, "--pool", WEB, "--pool", "more", "--out", out]);
  });

  /** What a page is in the browser, and what the browser complains of; nothing leaves the machine. */
  const open = (path: string) => {
    const { status, stdout, stderr } = spawnSync(
      BROWSER!,
      [...browserOptions(join(folder, "profile")), pathToFileURL(path).href],
      { encoding: "utf8", timeout: 60_000 },
    );
    expect(status).toBe(0);
    return { dom: stdout, complaints: stderr.split("\n").filter((line) => line.includes(":CONSOLE")) };
  };

  it("would not let a page ask for anything, and says so", () => {
    const page = join(folder, "asking.html");
    const asking = '<main><img src="https://example.invalid/x.png"><script src="x.js"></script>';
    writeFileSync(page, readFileSync(join(out, "index.html"), "utf8").replace("<main>", asking));
    const { complaints } = open(page);
    expect(complaints.length).toBe(2);
    for (const complaint of complaints) expect(complaint).toContain("Content Security Policy");
  });

  it("opens the pages from files, without a word of complaint", () => {
    for (const page of ["index.html", "en.html", "th.html", "en-size.svg"]) {
      const { dom, complaints } = open(join(out, page));
      expect(complaints).toEqual([]);
      expect(dom).toContain(page === "th.html" ? "Thai (th)" : "English (en)");
    }
  });
});
