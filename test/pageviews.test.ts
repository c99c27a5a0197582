import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getEdition, listEditions } from "../languages/editions.ts";
import { Problems } from "../src/problems.ts";
import { readViews, type TitleViews, viewsByTitle, viewsOf } from "../src/sources/pageviews.ts";
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

/** Views of one edition, by title, and the problems met; of lines that are given as text or bytes. */
async function read(lines: readonly (string | Uint8Array)[], code = "en") {
  const content = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const problems = new Problems();
  const edition = getEdition(code);
  const views = (await readViews([write("lines", content)], { editions: [edition], problems })).get(edition.code)!;
  return { views, titles: Object.fromEntries(viewsByTitle(views)), problems };
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
    expect(problems.list()).toEqual([]);
  });

  test("no view counts twice in a join with articles", async () => {
    const { views } = await read([
      "en Paris 1 0",
      "en.wikipedia Paris 22989 desktop 4 A4",
      "en.wikipedia City_of_Light 22989 desktop 2 A2",
      "en.wikipedia Paris 7 desktop 8 A8",
    ]);
    expect(viewsOf(views, { id: 22989, title: "Paris" })).toBe(7);
    expect(viewsOf(views, { id: 1, title: "Paris" })).toBe(1);
    expect(viewsOf(views, { id: 7, title: "Paris (Texas)" })).toBe(8);
    expect(viewsOf(views, { id: 1, title: "London" })).toBe(0);
    expect([...views.byPage].map(([id, page]) => [id, page.title, page.views])).toEqual([
      [22989, "Paris", 6],
      [7, "Paris", 8],
    ]);
    expect(Object.fromEntries(viewsByTitle(views))).toEqual({ Paris: 15 });
  });

  test("every edition asked for has an answer, in one pass over files of both formats", async () => {
    const hourly = write("hourly.gz", gzipSync("als A 1 0\nbe-tarask Б 2 0\nzh-min-nan C 3 0\n"));
    const complete = write("complete", "als.wikipedia A 5 desktop 10 A10\nja.wikipedia 猫 null desktop 20 A20\n");
    const editions = ["als", "be_tarask", "zh_min_nan", "ja", "de"].map(getEdition);
    let bytes = 0;
    const views = await readViews([hourly, complete], {
      editions,
      problems: new Problems(),
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
    expect(problems.list()).toEqual([]);
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
    expect(problems.list()).toEqual([]);
  });

  test("of the main page and of other namespaces are left out, in the edition's language and in English", async () => {
    const lines = [
      ...["Wikipedia:Hauptseite", "Spezial:Suche", "Special:Search", "Datei:A.jpg", "File:A.jpg", "Bild:A.jpg"],
      ...["Kategorie:Ort", "Benutzer_Diskussion:X", "benutzer_diskussion:X", "Portal:Bahn"],
    ];
    const { titles, problems } = await read([...lines.map((line) => `de ${line} 1 0`), "de Bahn:_Zug 2 0"], "de");
    expect(titles).toEqual({ "Bahn: Zug": 2 });
    expect(problems.list()).toEqual([]);
    const main = ["af Tuisblad 1 0", "af.m tuisblad 2 0", "af Main_Page 4 0", "af Tuis 8 0"];
    expect((await read(main, "af")).titles).toEqual({ Tuis: 8 });
  });
});

test("lines that cannot be read are counted with their place, and the others survive", async () => {
  const bad = (...bytes: readonly number[]) =>
    Buffer.concat([Buffer.from("en "), Buffer.from(bytes), Buffer.from(" 1 0")]);
  const { titles, problems } = await read([
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
  expect(problems.count("E201")).toBe(9);
  expect(problems.count("W201")).toBe(3);
  expect(problems.list()[0]!.samples[0]).toMatch(/lines, line 2$/);
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
      expect(problems.list()).toEqual([]);
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
    const problems = new Problems();
    const found = await readViews([path], { editions: codes.map(getEdition), problems });
    return { of: (code: string): TitleViews => found.get(getEdition(code).code)!, problems };
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
    expect(problems.list()).toEqual([]);
  });

  test("pageview_complete lines with quoted titles", async () => {
    const { of, problems } = await readReal(sharedData(REAL.complete), ["ar", "aa"]);
    expect(problems.list()).toEqual([]);
    expect(of("aa").byTitle.size + of("aa").byPage.size).toBe(0);
    expect([...of("ar").byPage].map(([id, { title, views }]) => [id, title, views])).toEqual([
      [199256, "!", 7],
      [496583, "!", 5],
      [2482800, "!!", 6],
      [2481200, "!! (توضيح)", 11],
      [2481196, "! (توضيح)", 23],
      [3347002, '"', 32],
      [3371336, '"', 1],
      [7858501, '"W" تشير الى المنتهي', 7],
    ]);
    expect([...of("ar").byTitle]).toEqual([
      [`"Schumer announces 'Maple Tap Act' has passed the Senate at part of Farm Bill"`, 1],
      ['" لفيرجينيا وولف', 1],
      ['"أول مكرر"', 1],
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
    const problems = new Problems();
    const found = await readViews([path], { editions: listEditions(), problems });
    let read = 0;
    for (const [code, views] of found) {
      const { pageviewCode } = getEdition(code);
      const sum = [...viewsByTitle(views)].reduce((total, [, count]) => total + count, 0);
      expect(sum).toBeLessThanOrEqual(totals.get(`${pageviewCode}.wikipedia`) ?? 0);
      read += viewsByTitle(views).size;
    }
    expect(read / rows.length).toBeGreaterThan(0.9);
    expect(problems.count("E201") + problems.count("W201")).toBeLessThan(rows.length / 1000);
    const english = Object.fromEntries(viewsByTitle(found.get(getEdition("en").code)!));
    expect(english["Main Page"]).toBeUndefined();
    expect(english.ChatGPT).toBeGreaterThan(1e6);
  });
});
