import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getEdition, listEditions } from "../languages/editions.ts";
import type { Problem } from "../src/problems.ts";
import { readViews, type TitleViews, type ViewsOptions } from "../src/sources/pageviews.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-views-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

let passes = 0;

/** Read into a folder of the pass's own. */
function readAll(paths: readonly string[], options: Pick<ViewsOptions, "editions"> & Partial<ViewsOptions>) {
  const directory = join(folder, `pass-${passes++}`);
  mkdirSync(directory);
  return readViews(paths, { directory, memory: 1e8, ...options });
}

/** All views by title: a page's count for its title. */
function viewsByTitle({ rows }: TitleViews): Map<string, number> {
  const all = new Map<string, number>();
  for (const { title, views } of rows()) all.set(title, (all.get(title) ?? 0) + views);
  return all;
}

const countOf = ({ problems }: TitleViews, code: Problem["code"]) =>
  problems.find((problem) => problem.code === code)?.count ?? 0;

/** Views of one edition, by title, and the problems met; of lines that are given as text or bytes. */
async function read(lines: readonly (string | Uint8Array)[], code = "en", memory = 1e8) {
  const content = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const edition = getEdition(code);
  const views = (await readAll([write("lines", content)], { editions: [edition], memory })).get(edition.code)!;
  return { views, titles: Object.fromEntries(viewsByTitle(views)), problems: views.problems };
}

describe("which lines count", () => {
  test("only those of the edition, mobile and desktop together", async () => {
    const { titles, problems } = await read([
      "commons.m Paris 100 0",
      "en Paris 1 0",
      "en.b Paris 100 0",
      "en.m Paris 2 0",
      "en.m.voy Paris 100 0",
      "en.wikipedia Paris null desktop 4 A4",
      "en.wikipedia Paris 22989 mobile-web 8 A8",
      "en.wiktionary Paris 22989 desktop 100 A100",
      "eng Paris 100 0",
      '"" Paris 100 0',
      "",
      "simple Paris 100 0",
    ]);
    expect(titles).toEqual({ Paris: 15 });
    expect(problems).toEqual([]);
  });

  test("no view counts twice in a join with articles", async () => {
    const { views } = await read([
      "en Paris 1 0",
      "en.wikipedia Paris 22989 desktop 4 A4",
      "en.wikipedia City_of_Light 22989 desktop 2 A2",
      "en.wikipedia Paris 7 desktop 8 A8",
    ]);
    expect([...views.rows()]).toEqual([
      { page: undefined, title: "Paris", views: 1 },
      { page: 22989, title: "Paris", views: 6 },
      { page: 7, title: "Paris", views: 8 },
    ]);
    expect(Object.fromEntries(viewsByTitle(views))).toEqual({ Paris: 15 });
  });

  test("every edition asked for has an answer, in one pass over files of both formats", async () => {
    const hourly = write("hourly.gz", gzipSync("als A 1 0\nbe-tarask Б 2 0\nzh-min-nan C 3 0\n"));
    const complete = write("complete", "als.wikipedia A 5 desktop 10 A10\nja.wikipedia 猫 null desktop 20 A20\n");
    const editions = ["als", "be_tarask", "zh_min_nan", "ja", "de"].map(getEdition);
    let bytes = 0;
    const views = await readAll([hourly, complete], {
      editions,
      onBytes: (count) => {
        bytes += count;
      },
    });
    const titles = [...views].map(([code, found]) => [code, [...viewsByTitle(found)]]);
    expect(titles).toEqual([
      ["als", [["A", 11]]],
      ["be_tarask", [["Б", 2]]],
      ["zh_min_nan", [["C", 3]]],
      ["ja", [["猫", 20]]],
      ["de", []],
    ]);
    expect(bytes).toBe(readFileSync(hourly).length + readFileSync(complete).length);
  });
});

describe("titles", () => {
  test("are written as MediaWiki writes them", async () => {
    const { titles, problems } = await read([
      "en foo_bar 1 0",
      "en Foo__bar_ 2 0",
      "en %D0%91%D0%BE%D1%80%D0%B8%D1%81 4 0",
      "en Борис 8 0",
      "en 100%_(song) 16 0",
      "en - 32 0",
      "en Stranger_Things:_The_First_Shadow 64 0",
      "en e\u0301lan 128 0",
    ]);
    expect(titles).toEqual({
      "Foo bar": 3,
      Борис: 12,
      "100% (song)": 16,
      "Stranger Things: The First Shadow": 64,
      Élan: 128,
    });
    expect(problems).toEqual([]);
  });

  test.each([
    ["de", "ßabc", "ßabc"],
    ["af", "ŉabc", "ŉabc"],
    ["ka", "თბილისი", "თბილისი"],
    ["tr", "istanbul", "İstanbul"],
    ["en", "istanbul", "Istanbul"],
    ["jbo", "lojban", "lojban"],
    ["el", "αθήνα", "Αθήνα"],
    ["ff", "𞤢𞤣", "𞤀𞤣"],
    ["ja", "ａｂ", "Ａｂ"],
  ])("in %s, %s is %s", async (code, line, title) => {
    const { pageviewCode } = getEdition(code);
    expect((await read([`${pageviewCode} ${line} 1 0`], code)).titles).toEqual({ [title]: 1 });
  });

  test("in quotation marks, with either way of writing one inside", async () => {
    const { titles, problems } = await read([
      'en.wikipedia "\\"Heroes\\"" 5 desktop 1 A1',
      'en "a ""quoted"" word" 2 0',
      'en.wikipedia "back\\\\slash" null desktop 4 A4',
      'en Brian_"Head"_Welch 8 0',
      'en "Weird_Al"_Yankovic 16 0',
      'en "half 32 0',
    ]);
    expect(titles).toEqual({
      '"Heroes"': 1,
      'A "quoted" word': 2,
      "Back\\slash": 4,
      'Brian "Head" Welch': 8,
      '"Weird Al" Yankovic': 16,
      '"half': 32,
    });
    expect(problems).toEqual([]);
  });

  test("of the main page and of other namespaces are left out, in the edition's language and in English", async () => {
    const lines = [
      ...["Wikipedia:Hauptseite", "Spezial:Suche", "Special:Search", "Datei:A.jpg", "File:A.jpg", "Bild:A.jpg"],
      ...["Kategorie:Ort", "Benutzer_Diskussion:X", "benutzer_diskussion:X", "Portal:Bahn"],
    ];
    const { titles, problems } = await read([...lines.map((line) => `de ${line} 1 0`), "de Bahn:_Zug 2 0"], "de");
    expect(titles).toEqual({ "Bahn: Zug": 2 });
    expect(problems).toEqual([]);
    const main = ["af Tuisblad 1 0", "af.m tuisblad 2 0", "af Main_Page 4 0", "af Tuis 8 0"];
    expect((await read(main, "af")).titles).toEqual({ Tuis: 8 });
  });
});

test("lines that cannot be read are counted with their place, and the others survive", async () => {
  const bad = (...bytes: readonly number[]) =>
    Buffer.concat([Buffer.from("en "), Buffer.from(bytes), Buffer.from(" 1 0")]);
  const { titles, views, problems } = await read([
    "en Good 1 0",
    "en",
    "en Title",
    "en Title many 0",
    "en Title 1",
    "en.wikipedia Title x desktop 1 A1",
    "en.wikipedia Title 5 desktop",
    "en  1 0",
    'en Map"],["Mop 1 0',
    "en %253Cb 1 0",
    bad(0xff, 0xfe),
    bad(0xc3),
    "en Karl_der_Gro%C3 1 0",
    "en Gut 2 0",
  ]);
  expect(titles).toEqual({ Good: 1, Gut: 2 });
  expect(countOf(views, "E201")).toBe(9);
  expect(countOf(views, "W201")).toBe(3);
  expect(problems[0]!.samples).toContainEqual(expect.stringMatching(/lines, line 3$/));
});

test("each edition has the problems of its own lines, and those of lines that do not tell theirs", async () => {
  const lines = ["en A 1 0", "en B x 0", "de B x 0", "de C y 0", "nothing", "fr.b D z 0", "fr E 1 0"].join("\n");
  const views = await readAll([write("several", lines)], { editions: ["en", "de", "fr"].map(getEdition) });
  expect([...views].map(([code, found]) => [code, countOf(found, "E201")])).toEqual([
    ["en", 2],
    ["de", 3],
    ["fr", 1],
  ]);
});

test("views are the same however little memory there is, and add up as in one table", async () => {
  const title = fc.constantFrom("A", "B", "A B", "Ä", "地", "\u{1F600}", "\uFF21", '"q"', "A\u0300b");
  const row = fc.record({
    code: fc.constantFrom("en", "de", "fr.b"),
    title,
    page: fc.option(fc.integer({ min: 1, max: 12 })),
    views: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 1500 }), async (rows, memory) => {
      const editions = ["en", "de"].map(getEdition);
      const lines = rows.map((each) =>
        each.page === null
          ? `${each.code}.m ${each.title.replaceAll(" ", "_")} ${each.views} 0`
          : `${each.code}.wikipedia ${each.title.replaceAll(" ", "_")} ${each.page} desktop ${each.views} A1`,
      );
      const path = write("rows", lines.join("\n"));
      const bounded = await readAll([path], { editions, memory });
      for (const [code, found] of await readAll([path], { editions })) {
        expect([...bounded.get(code)!.rows()]).toEqual([...found.rows()]);
        const own = rows.filter((each) => each.code === code);
        const byTitle = new Map<string, number>();
        const byPage = new Map<number, Map<string, number>>();
        for (const { page, title: written, views } of own) {
          const name = written === '"q"' ? "Q" : written.normalize("NFC");
          const titles = page === null ? byTitle : (byPage.get(page) ?? new Map<string, number>());
          titles.set(name, (titles.get(name) ?? 0) + views);
          if (page !== null) byPage.set(page, titles);
        }
        const naive = [
          ...[...byTitle].map(([name, views]) => ({ page: undefined, title: name, views })),
          ...[...byPage].map(([page, titles]) => ({
            page,
            title: [...titles].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]![0],
            views: [...titles.values()].reduce((sum, views) => sum + views, 0),
          })),
        ];
        expect(new Set(found.rows())).toEqual(new Set(naive));
      }
    }),
    { numRuns: 60 },
  );
});

test("any title written as pageview_complete writes it is read back", async () => {
  const title = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .map((text) =>
      `A${text}`
        .normalize("NFC")
        .replace(/[\s_]+/g, " ")
        .trim(),
    )
    .filter((text) => !/[#<>[\]{|}%:\p{Cc}\uFFFD]/u.test(text));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(title, { minLength: 1, maxLength: 20 }), async (all) => {
      const lines = all.map((text, index) => {
        const written = text.replaceAll(" ", "_");
        const quoted = written.includes('"') ? `"${written.replace(/["\\]/g, "\\$&")}"` : written;
        return `en.wikipedia ${quoted} ${index % 2 ? index : "null"} desktop ${index + 1} A1`;
      });
      const { titles, problems } = await read(lines);
      expect(problems).toEqual([]);
      expect(titles).toEqual(Object.fromEntries(all.map((text, index) => [text, index + 1])));
    }),
    { numRuns: 30 },
  );
});

const REAL = {
  hourly: "pageviews/hourly-sample.txt",
  complete: "pageviews/pageview-complete-ar-lines.txt",
  top: "pageviews/topviews-2023-wikipedia.tsv.gz",
};

describe.skipIf(lacksSharedData(...Object.values(REAL)))("real files", () => {
  async function readReal(path: string, codes: readonly string[]) {
    const found = await readAll([path], { editions: codes.map(getEdition) });
    return {
      of: (code: string): TitleViews => found.get(getEdition(code).code)!,
      problems: [...found.values()].flatMap(({ problems }) => problems),
    };
  }

  test("an hourly file", async () => {
    const { of, problems } = await readReal(sharedData(REAL.hourly), ["af", "ab", "ace", "aa"]);
    const afrikaans = Object.fromEntries(viewsByTitle(of("af")));
    expect(afrikaans.Tuisblad).toBeUndefined();
    expect(
      Object.keys(afrikaans).filter((title) => /^(Spesiaal|Special|Lêer|Kategorie|Bespreking):/.test(title)),
    ).toEqual([]);
    expect(Object.keys(afrikaans).length).toBeGreaterThan(1000);
    const abkhaz = Object.fromEntries(viewsByTitle(of("ab")));
    expect(abkhaz).toMatchObject({ Адгьыл: 1, Авикипедиа: 1 });
    expect(Object.keys(abkhaz).filter((title) => title.includes(":"))).toEqual([]);
    expect([...viewsByTitle(of("aa"))]).toEqual([["Wikipedia", 1]]);
    expect(problems).toEqual([]);
  });

  test("pageview_complete lines with quoted titles", async () => {
    const { of, problems } = await readReal(sharedData(REAL.complete), ["ar", "aa"]);
    expect(problems).toEqual([]);
    expect([...of("aa").rows()]).toEqual([]);
    const rows = [...of("ar").rows()].map(({ page, title, views }) => [page, title, views]);
    expect(rows).toEqual([
      [undefined, '" لفيرجينيا وولف', 1],
      [undefined, `"Schumer announces 'Maple Tap Act' has passed the Senate at part of Farm Bill"`, 1],
      [undefined, '"أول مكرر"', 1],
      [199256, "!", 7],
      [2481196, "! (توضيح)", 23],
      [2481200, "!! (توضيح)", 11],
      [2482800, "!!", 6],
      [3347002, '"', 32],
      [3371336, '"', 1],
      [496583, "!", 5],
      [7858501, '"W" تشير الى المنتهي', 7],
    ]);
  });

  test("the most viewed pages of 2023 in every edition", async () => {
    const rows = gunzipSync(readFileSync(sharedData(REAL.top)))
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .slice(1);
    const totals = new Map<string, number>();
    const lines = rows.map((row) => {
      const [project = "", , , views = "", , article = ""] = row.split("\t");
      totals.set(project, (totals.get(project) ?? 0) + Number(views));
      const title = article.replaceAll(" ", "_");
      const quoted = title.includes('"') ? `"${title.replace(/["\\]/g, "\\$&")}"` : title;
      return `${project} ${quoted} null desktop ${views} A1`;
    });
    const path = write("top.gz", gzipSync(`${lines.join("\n")}\n`));
    const found = await readAll([path], { editions: listEditions() });
    let read = 0;
    let bad = 0;
    for (const [code, views] of found) {
      const { pageviewCode } = getEdition(code);
      const sum = [...viewsByTitle(views)].reduce((total, [, count]) => total + count, 0);
      expect(sum).toBeLessThanOrEqual(totals.get(`${pageviewCode}.wikipedia`) ?? 0);
      read += viewsByTitle(views).size;
      bad += countOf(views, "E201") + countOf(views, "W201");
    }
    expect(read / rows.length).toBeGreaterThan(0.9);
    expect(bad).toBeLessThan(rows.length / 1000);
    const english = Object.fromEntries(viewsByTitle(found.get(getEdition("en").code)!));
    expect(english["Main Page"]).toBeUndefined();
    expect(english.ChatGPT).toBeGreaterThan(1e6);
  });
});
