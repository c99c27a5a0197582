import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { isArticle, type Page, readDump, type SiteInfo } from "../src/sources/dump.ts";
import { folder, save } from "./save-xml.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

interface Result {
  readonly pages: Page[];
  readonly sites: SiteInfo[];
  readonly problems: Record<string, number>;
  readonly samples: readonly string[];
  readonly error: unknown;
}

async function read(...paths: string[]): Promise<Result> {
  const problems = new Problems();
  const pages: Page[] = [];
  const sites: SiteInfo[] = [];
  let error: unknown;
  try {
    for await (const page of readDump(paths, { problems, onSiteInfo: (info) => sites.push(info) })) pages.push(page);
  } catch (thrown) {
    error = thrown;
  }
  const list = problems.list();
  return {
    pages,
    sites,
    problems: Object.fromEntries(list.map(({ code, count }) => [code, count])),
    samples: list.flatMap(({ samples }) => samples),
    error,
  };
}

const SITE = `<siteinfo><sitename>Wikipedia</sitename><dbname>dewiki</dbname>
<base>https://de.wikipedia.org/wiki/Wikipedia:Hauptseite</base><namespaces>
<namespace key="-1" case="first-letter">Spezial</namespace><namespace key="0" case="first-letter" />
<namespace key="1" case="first-letter">Diskussion</namespace>
<namespace key="3" case="first-letter">Benutzer Diskussion</namespace></namespaces></siteinfo>`;
const wrap = (pages: string, version = "0.11") =>
  `<mediawiki version="${version}" xml:lang="de">${SITE}${pages}</mediawiki>\n`;
const revision = (text: string, id = 7) =>
  `<revision><id>${id}</id><contributor><id>8</id></contributor>${text}</revision>`;
const page = (title: string, text: string, more = "<ns>0</ns>") =>
  `<page><title>${title}</title>${more}<id>5</id>${revision(`<model>wikitext</model><text xml:space="preserve">${text}</text>`)}</page>`;
const old = (title: string, text: string) => page(title, text, "");

describe("readDump", () => {
  it("reads the site information", async () => {
    const { sites } = await read(save(wrap("")));
    expect(sites).toHaveLength(1);
    expect(sites[0]).toMatchObject({
      version: "0.11",
      language: "de",
      siteName: "Wikipedia",
      database: "dewiki",
      base: "https://de.wikipedia.org/wiki/Wikipedia:Hauptseite",
      mainPage: "Wikipedia:Hauptseite",
    });
    expect([...sites[0]!.namespaces]).toEqual([
      [-1, "Spezial"],
      [0, ""],
      [1, "Diskussion"],
      [3, "Benutzer Diskussion"],
    ]);
  });

  it.each([
    ["https://ltg.wikipedia.org/wiki/Suoku_pus%C5%82apa", "Suoku pusłapa"],
    ["http://localhost/wikidata/index.php/Wikidata:Main_Page", "Wikidata:Main Page"],
    ["http://x.org/w/index.php?title=Main_Page&amp;a=b", "Main Page"],
    ["https://x.org/wiki/A/B", "A/B"],
    ["https://x.org/wiki/%E9", undefined],
  ])("reads the main page's title from %s", async (base, title) => {
    const { sites } = await read(save(`<mediawiki><siteinfo><base>${base}</base></siteinfo></mediawiki>`));
    expect(sites[0]!.mainPage).toBe(title);
  });

  it("reads a page", async () => {
    const { pages, problems } = await read(save(wrap(page("A &amp; B", "a &lt;b&gt;\n&amp;amp; <![CDATA[<c>]]>"))));
    expect(pages).toEqual([
      {
        title: "A & B",
        namespace: 0,
        id: 5,
        redirect: undefined,
        model: "wikitext",
        text: "a <b>\n&amp; <c>",
      },
    ]);
    expect(problems).toEqual({});
    expect(pages.every(isArticle)).toBe(true);
  });

  it("takes the last revision, and of its slots the main one", async () => {
    const slots = `<model>wikitext</model><text>main</text><content><role>data</role><model>json</model><text>{}</text></content>`;
    const history = `<page><title>A</title><ns>0</ns><id>1</id>${revision("<model>css</model><text>old</text>")}${revision(slots, 9)}</page>`;
    const deleted = `<page><title>B</title><ns>0</ns><id>2</id>${revision("<text>old</text>")}${revision('<text deleted="deleted" />')}</page>`;
    const { pages, problems } = await read(save(wrap(history + deleted)));
    expect(pages.map(({ id, model, text }) => [id, model, text])).toEqual([
      [1, "wikitext", "main"],
      [2, undefined, undefined],
    ]);
    expect(problems).toEqual({ E102: 1 });
  });

  it("tells texts that are empty from those that are left out", async () => {
    const texts = [
      '<text bytes="0" />',
      '<text bytes="12" id="3" />',
      '<text deleted="deleted" />',
      "<text></text>",
      "",
    ];
    const { pages, problems } = await read(
      save(
        wrap(texts.map((text, i) => `<page><title>${i}</title><ns>0</ns><id>1</id>${revision(text)}</page>`).join("")),
      ),
    );
    expect(pages.map(({ text }) => text)).toEqual(["", undefined, undefined, "", undefined]);
    expect(problems).toEqual({ E102: 5 });
  });

  it("counts pages without a title and of other models", async () => {
    const untitled = `<page><ns>0</ns><id>4</id>${revision("<text>a</text>")}</page>`;
    const other = `<page><title>Q1</title><ns>0</ns><id>4</id>${revision("<model>wikibase-item</model><text>{}</text>")}</page>`;
    const { pages, problems, samples } = await read(
      save(wrap(untitled + other + page("A", "a") + page("T:B", "b", "<ns>1</ns>"))),
    );
    expect(pages.map(({ title }) => title)).toEqual(["Q1", "A", "T:B"]);
    expect(pages.map(isArticle)).toEqual([false, true, false]);
    expect(problems).toEqual({ E101: 1, W101: 1 });
    expect(samples).toEqual([
      expect.stringMatching(/: page with id 4$/),
      expect.stringMatching(/Q1 \(wikibase-item\)$/),
    ]);
  });

  it("tells namespaces without <ns> by the site's own names, never by a bare colon", async () => {
    const titles = [
      "Diskussion:A",
      "diskussion:A",
      "Benutzer_Diskussion:A",
      "benutzer Diskussion:A",
      "Talk:A",
      "Star Trek: Picard",
      "A",
    ];
    const { pages } = await read(save(wrap(titles.map((title) => old(title, "a")).join(""), "0.3")));
    expect(pages.map(({ namespace }) => namespace)).toEqual([1, 1, 3, 3, 0, 0, 0]);
  });

  it("takes redirects from the export", async () => {
    const { pages } = await read(
      save(
        wrap(
          page("A", "#WEITERLEITUNG [[B]]", '<ns>0</ns><redirect title="B" />') +
            page("C", "c", "<ns>0</ns><redirect />"),
        ),
      ),
    );
    expect(pages.map(({ redirect }) => redirect)).toEqual(["B", ""]);
    expect(pages.some(isArticle)).toBe(false);
  });

  it("takes redirects from the wikitext where the export has none", async () => {
    const texts: readonly [text: string, target: string | undefined][] = [
      ["#REDIRECT [[Target page]]", "Target page"],
      ["\n #redirect: [[Target_page#Part|label]] text", "Target page"],
      ["#ПЕРЕНАПРАВЛЕНИЕ [[Цель]]", "Цель"],
      ["#תפנית[[יעד]]", "יעד"],
      ["#重定向 [[目标]]\n[[Category:A]]", "目标"],
      ["＃転送 [[目標]]", "目標"],
      ["#เปลี่ยนทาง [[เป้า]]", "เป้า"],
      ["#REDIRECT [[:Category:A]]", "Category:A"],
      ["# One [[link]]", undefined],
      ["#One two [[link]]", undefined],
      ["#One [[link]]\n#Two [[link]]", undefined],
      ["#1 [[link]]", undefined],
      ["Text\n#REDIRECT [[A]]", undefined],
      ["#REDIRECT", undefined],
    ];
    const { pages } = await read(save(wrap(texts.map(([text], i) => old(`P${i}`, text)).join(""), "0.3")));
    expect(pages.map(({ redirect }) => redirect)).toEqual(texts.map(([, target]) => target));
    const { pages: recent } = await read(save(wrap(page("A", "#Wort [[link]]") + page("B", "#REDIRECT [[C]]"))));
    expect(recent.map(({ redirect }) => redirect)).toEqual([undefined, "C"]);
  });

  it("reads bare pages, and exports one after the other", async () => {
    const bare = await read(save(`  ${page("A", "a")}\n${page("B", "b")}\n`));
    expect(bare.error).toBeUndefined();
    expect(bare.pages.map(({ title }) => title)).toEqual(["A", "B"]);
    const double = await read(save(wrap(page("A", "a")) + wrap(page("B", "b"), "0.10")));
    expect(double.pages.map(({ title }) => title)).toEqual(["A", "B"]);
    expect(double.sites.map(({ version }) => version)).toEqual(["0.11", "0.10"]);
  });

  it("reads several files as one", async () => {
    const { pages, sites } = await read(
      save(wrap(page("A", "a") + page("B", "b"))),
      save(gzipSync(wrap(page("C", "c")))),
    );
    expect(pages.map(({ title }) => title)).toEqual(["A", "B", "C"]);
    expect(sites).toHaveLength(2);
  });

  it("reads other encodings", async () => {
    const xml = wrap(page("Žemė 地球", "žodis 😀"));
    const declared = (name: string) => `<?xml version="1.0" encoding="${name}"?>\n${xml}`;
    const swap = (bytes: Buffer) => Buffer.from(bytes).swap16();
    const files: readonly (string | Buffer)[] = [
      xml,
      `\uFEFF${xml}`,
      declared("UTF-8"),
      `\uFEFF${declared("utf-8")}`,
      declared("UTF-16"),
      Buffer.from(`\uFEFF${declared("UTF-16")}`, "utf16le"),
      Buffer.from(xml, "utf16le"),
      swap(Buffer.from(`\uFEFF${xml}`, "utf16le")),
      swap(Buffer.from(declared("UTF-16"), "utf16le")),
    ];
    for (const [i, file] of files.entries()) {
      const { pages, error, problems } = await read(save(file));
      expect([i, error, problems]).toEqual([i, undefined, {}]);
      expect(pages).toMatchObject([{ title: "Žemė 地球", text: "žodis 😀" }]);
    }
    const latin = Buffer.from(
      `<?xml version="1.0" encoding="windows-1252"?>${wrap(page("Caf\xe9", "\x93a\x94"))}`,
      "latin1",
    );
    expect((await read(save(latin))).pages).toMatchObject([{ title: "Café", text: "“a”" }]);
    const unknown = await read(save(`<?xml version="1.0" encoding="klingon"?>${xml}`));
    expect(unknown.error).toMatchObject({ message: expect.stringMatching(/encoding 'klingon' is not known/) });
  });

  it("replaces and counts invalid UTF-8, but not U+FFFD itself", async () => {
    const [before, after] = wrap(page("A", "x\uFFFDy@z")).split("@") as [string, string];
    const { pages, problems } = await read(
      save(Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc3]), Buffer.from(after)])),
    );
    expect(pages[0]!.text).toBe("x\uFFFDy\uFFFD\uFFFDz");
    expect(problems).toEqual({ W103: 2 });
  });

  it("keeps characters whole across chunks", async () => {
    const text = "aé地😀".repeat(200_000);
    for (const shift of ["", "x", "xx", "xxx"]) {
      const { pages, problems } = await read(save(wrap(page("A", shift + text))));
      expect(pages[0]!.text === shift + text).toBe(true);
      expect(problems).toEqual({});
    }
  });

  it("survives characters that XML does not allow", async () => {
    const { pages, problems, error } = await read(save(wrap(page("A", "a\u0001b &foo; ]]> c") + page("B", "b"))));
    expect(error).toBeUndefined();
    expect(pages.map(({ title }) => title)).toEqual(["A", "B"]);
    expect(problems.W103).toBe(3);
  });

  it("yields the pages before the end of a truncated file", async () => {
    const xml = wrap(page("A", "a") + page("B &amp; C", "some longer text"));
    const ends: readonly (readonly [at: string, reason: RegExp])[] = [
      ["longer", /ends in the middle of page 'B & C' \(line 5\)/],
      ["</text></revision></page></media", /ends in the middle of page 'B & C'/],
      ["B &amp;", /ends in the middle of a page/],
      ["</mediawiki>", /ends before <\/mediawiki>/],
    ];
    for (const [at, reason] of ends) {
      const path = save(xml.slice(0, xml.lastIndexOf(at)));
      const { pages, error } = await read(path);
      expect(pages[0]?.title).toBe("A");
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(reason);
      expect((error as Error).message).toContain(path);
    }
  });

  it("says what is wrong with a file that is no export", async () => {
    const files: readonly (readonly [content: string, reason: RegExp])[] = [
      ["", /is empty/],
      ["  \n ", /is empty/],
      ["Just text, no markup.", /is no XML/],
      ['{"text":"a"}\n', /is no XML/],
      ["<html><body>Not found</body></html>", /no MediaWiki export: it begins with <html>/],
      ["<!DOCTYPE html>\n<html></html>", /no MediaWiki export: it begins with <html>/],
      [wrap(page("A", "a").replace("</text>", "</texts>")), /damaged at line 5 in page 'A'/],
      [`${wrap(page("A", "a"))}text behind`, /is no XML/],
    ];
    for (const [content, reason] of files) {
      const { error } = await read(save(content));
      expect(error, content.slice(0, 40)).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(reason);
    }
    expect((await read(join(folder, "none"))).error).toMatchObject({
      message: expect.stringContaining("no such file"),
    });
  });
});

describe("real dumps", () => {
  /** Pages, articles and problems of each. */
  const FILES: readonly (readonly [path: string, pages: number, articles: number, problems: Record<string, number>])[] =
    [
      ["dumpster-dive/smallwiki-latest-pages-articles.xml.gz", 2004, 903, {}],
      ["derived-multistream/ltgwiki-pages-articles-multistream.xml.bz2", 2004, 903, {}],
      ["wikimedia-mwbzutils/sample-pages-articles.xml.bz2", 2040, 1310, {}],
      ["gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2", 206, 106, {}],
      ["gensim/bgwiki-latest-pages-articles-shortened.xml.bz2", 3, 1, {}],
      ["gensim/enwiki-table-markup.xml.bz2", 5, 5, {}],
      ["jwktl/enwiktionary-20150224-pages-articles-multistream.xml.bz2", 300, 274, {}],
      ["CyberZHG/zhwiki-test-pages.xml.gz", 33, 23, {}],
      ["CyberZHG/zhwiki-broken-1.xml.gz", 2, 0, { E101: 1 }],
      ["CyberZHG/zhwiki-broken-2.xml.gz", 3, 1, {}],
      ["CyberZHG/zhwiki-broken-3.xml.gz", 3, 1, { E102: 1 }],
      ["CyberZHG/zhwiki-broken-4.xml", 3, 1, { E102: 1 }],
      ["semanticizest/nlwiki-20140927-pages-articles-sample.xml.gz", 21, 19, {}],
      ["wikiclean/cawiki-test.xml", 1, 1, {}],
      ["wikiclean/article-stubs.xml.bz2", 5, 5, { E102: 5 }],
      ["wikimedia-refinery/simplewiki.Sample.xml.gz", 2, 0, {}],
      ["wikimedia-operations-dumps/pages-articles-sample1.xml.bz2", 8, 0, { W101: 2 }],
      ["dbpedia-minidumps/ur.xml.bz2", 4, 4, {}],
      ["dbpedia-minidumps/si.xml.bz2", 1, 0, {}],
      ["dbpedia-minidumps/wikidata.org.xml.bz2", 0, 0, {}],
    ];
  const lacks = lacksSharedData(...FILES.map(([path]) => `wikipedia-xml/${path}`));

  it.skipIf(lacks).each(FILES)("%s", async (path, pages, articles, problems) => {
    const result = await read(sharedData(`wikipedia-xml/${path}`));
    expect(result.error).toBeUndefined();
    expect([result.pages.length, result.pages.filter(isArticle).length]).toEqual([pages, articles]);
    expect(result.problems).toEqual(problems);
  });

  it.skipIf(lacks)("the same pages from gzip and from multistream bzip2", async () => {
    const one = await read(sharedData(`wikipedia-xml/${FILES[0]![0]}`));
    const other = await read(sharedData(`wikipedia-xml/${FILES[1]![0]}`));
    expect(one.pages).toEqual(other.pages);
    expect(one.sites[0]).toMatchObject({
      database: "ltgwiki",
      version: "0.10",
      language: "ltg",
      mainPage: "Suoku puslopa",
    });
  });

  it.skipIf(lacks)("a UTF-16 dump", async () => {
    const { pages, sites } = await read(
      sharedData("wikipedia-xml/gensim/bgwiki-latest-pages-articles-shortened.xml.bz2"),
    );
    expect(sites[0]).toMatchObject({ language: "bg", mainPage: "Начална страница" });
    expect(pages.filter(isArticle).every(({ title, text }) => /\p{Script=Cyrillic}/u.test(title + text))).toBe(true);
  });
});
