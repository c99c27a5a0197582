import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getEdition } from "../languages/index.ts";
import { countEdition } from "../src/engine/count-edition.ts";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { type DumpRange, type Page, type RangeReport, readDump, readDumpRange } from "../src/sources/dump.ts";
import { planDumpRanges, rangesFit } from "../src/sources/dump-ranges.ts";
import { openInput } from "../src/sources/input.ts";
import { folder, save } from "./save-xml.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

interface Result {
  readonly pages: readonly Page[];
  readonly problems: unknown;
}

async function readWhole(path: string): Promise<Result> {
  const problems = new Problems();
  const pages: Page[] = [];
  for await (const page of readDump([path], { problems })) pages.push(page);
  return { pages, problems: problems.list() };
}

interface RangesResult extends Result {
  readonly fits: boolean;
  /** Compressed bytes told. */
  readonly bytes: number;
}

async function readRanges(ranges: readonly DumpRange[]): Promise<RangesResult> {
  const problems = new Problems();
  const pages: Page[] = [];
  const reports: RangeReport[] = [];
  let bytes = 0;
  for (const range of ranges) {
    const own = new Problems();
    const options = {
      problems: own,
      onBytes: (count: number) => {
        bytes += count;
      },
      onEnd: (report: RangeReport) => reports.push(JSON.parse(JSON.stringify(report)) as RangeReport),
    };
    for await (const page of readDumpRange(JSON.parse(JSON.stringify(range)) as DumpRange, options)) pages.push(page);
    problems.merge(own.list());
  }
  return { pages, problems: problems.list(), fits: rangesFit(ranges, reports), bytes };
}

/** The file's ranges, cut at other places. */
async function planAt(path: string, cuts: readonly number[]): Promise<DumpRange[]> {
  const { size } = statSync(path);
  const [range] = (await planDumpRanges({ path, bytes: size }, size / 2)).slice(-1);
  if (range?.cut === undefined) return [{ path }];
  const { head, format } = range.cut;
  const places = [...new Set([0, ...cuts.map((cut) => Math.floor(cut * size)), size])].sort((a, b) => a - b);
  return places.slice(1).map((to, index) => {
    const from = places[index]!;
    return { path, cut: { format, from, to, head: from === 0 ? "" : head } };
  });
}

const someCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

/** Whatever is cut where gives what the file gives in one piece. */
async function expectSame(path: string, runs = 4): Promise<void> {
  const whole = await readWhole(path);
  const { size } = statSync(path);
  await fc.assert(
    fc.asyncProperty(someCuts, async (cuts) => {
      const { bytes, ...result } = await readRanges(await planAt(path, cuts));
      expect(result.pages.map(({ title }) => title)).toEqual(whole.pages.map(({ title }) => title));
      expect(result).toEqual({ ...whole, fits: true });
      expect(bytes).toBe(size);
    }),
    { numRuns: runs },
  );
}

const SITE = `<siteinfo><dbname>dewiki</dbname><namespaces><namespace key="1">Diskussion</namespace></namespaces></siteinfo>`;
const page = (title: string, text: string) =>
  `<page><title>${title}</title><id>5</id><revision><text xml:space="preserve">${text}</text></revision></page>\n`;
const wrap = (pages: string) => `<mediawiki version="0.3">${SITE}${pages}</mediawiki>\n`;
const numbered = (count: number, text = "text") =>
  Array.from({ length: count }, (_, i) => page(`${i % 3 === 0 ? "Diskussion:" : ""}P${i}`, `${text} ${i}`)).join("");

const REAL = [
  "derived-multistream/ltgwiki-pages-articles-multistream.xml.bz2",
  "gensim/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.xml.bz2",
  "wikimedia-mwbzutils/sample-pages-articles.xml.bz2",
  "gensim/bgwiki-latest-pages-articles-shortened.xml.bz2",
  "wikiclean/cawiki-test.xml",
  "CyberZHG/zhwiki-test-pages.xml.gz",
  "dbpedia-minidumps/ur.xml.bz2",
].map((path) => `wikipedia-xml/${path}`);
const lacks = lacksSharedData(...REAL);

describe.skipIf(lacks)("ranges of real dumps give the pages of the whole", () => {
  it.each(REAL)("%s", (path) => expectSame(sharedData(path)), 60_000);

  it("plain XML made of them", async () => {
    for (const path of REAL.slice(0, 4)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of openInput(sharedData(path))) chunks.push(chunk);
      await expectSame(save(Buffer.concat(chunks)));
    }
  }, 60_000);

  it.each(REAL.slice(0, 2))(
    "%s cut short or damaged",
    async (path) => {
      const content = readFileSync(sharedData(path));
      const broken = [content.subarray(0, content.length * 0.7), Buffer.from(content), Buffer.from(content)];
      broken[1]![Math.floor(content.length * 0.6)]! ^= 0x10;
      // The checksum of the last stream.
      broken[2]![content.length - 3]! ^= 0x10;
      for (const bytes of broken) {
        const file = save(bytes);
        await expect(readWhole(file)).rejects.toThrow(UserError);
        const ranges = await planAt(file, [0.3, 0.5, 0.8]);
        expect(ranges).toHaveLength(4);
        const result = await readRanges(ranges).catch((error: unknown) => error);
        if (!(result instanceof UserError)) expect(result).toMatchObject({ fits: false });
      }
    },
    60_000,
  );
});

describe("ranges", () => {
  it("are cut where the format allows it", async () => {
    const xml = wrap(numbered(50));
    const plan = async (content: string | Uint8Array) => {
      const path = save(content);
      return (await planDumpRanges({ path, bytes: statSync(path).size }, 100)).length;
    };
    expect(await plan(xml)).toBe(Math.ceil(xml.length / 100));
    expect(await plan(gzipSync(xml))).toBe(1);
    expect(await plan(Buffer.from(`\uFEFF${xml}`, "utf16le"))).toBe(1);
    expect(await plan(`<?xml version="1.0" encoding="windows-1252"?>${xml}`)).toBe(1);
    expect(await plan(wrap(""))).toBe(1);
    await expect(plan(`<html>${"x".repeat(500)}</html>`)).rejects.toThrow("is no MediaWiki export");
  });

  it("give the pages of the whole, however small they are", async () => {
    const invalid = Buffer.from(wrap(numbered(20, "a\x00\xffb &amp;foo; &foo;\n<![CDATA[ c ]]>")), "latin1");
    const files = [
      wrap(numbered(30, "é地😀 &lt;page&gt; <!-- c -->")),
      `<?xml version="1.0" encoding="utf-8"?>\r\n${wrap(numbered(30)).replaceAll("\n", "\r\n")}`,
      `\uFEFF  ${numbered(30)}`,
      wrap(numbered(30).replaceAll("<page>", '<page id="a">').replace("<page ", "<pages/><page\n")),
      wrap(`${numbered(3)}${page("", "untitled")}${page("Long", "long ".repeat(2000))}${numbered(3)}`),
      invalid,
    ];
    for (const file of files) await expectSame(save(file), 60);
  });

  it.each([
    ["CDATA", `<![CDATA[${page("X", "x").repeat(40)}]]>`],
    ["a comment", `<!--${page("X", "x").repeat(40)}-->`],
  ])("are told not to fit where %s holds what looks like a page", async (_, text) => {
    const path = save(wrap(page("A", text) + page("B", "b")));
    const ranges = await planAt(path, [0.5]);
    const result = await readRanges(ranges).catch((error: unknown) => error);
    if (!(result instanceof UserError)) expect(result).toMatchObject({ fits: false });
  });

  it("are told not to fit where one export follows another", async () => {
    const other = wrap(numbered(10)).replace("Diskussion<", "Talk<");
    const result = await readRanges(await planAt(save(wrap(numbered(10)) + other), [0.7]));
    expect(result.fits).toBe(false);
  });
});

describe("countEdition", () => {
  let directories = 0;
  async function count(dump: string, threads: number, rangeBytes = 1) {
    const directory = join(folder, `counts-${directories++}`);
    const options = { edition: getEdition("de"), profile: "corrected" as const, dumps: [dump], texts: [] };
    const { figures, grams } = await countEdition({ ...options, directory, threads, rangeBytes, memory: 1e8 });
    return { figures, unigrams: [...grams.unigrams()], bigrams: [...grams.bigrams()] };
  }

  it("counts the same in one piece and in ranges, also where a cut was guessed wrongly", async () => {
    const filler = numbered(3000, "Ein längerer Text mit &foo; und mehr.");
    const hidden = `<![CDATA[${page("X", "verborgen").repeat(9000)}]]>`;
    const files = [wrap(filler), wrap(filler + page("H", hidden)), wrap(filler) + wrap(filler)];
    for (const file of files) {
      const path = save(file);
      const whole = await count(path, 1);
      expect(whole.figures.pages).toBeGreaterThan(2999);
      expect(await count(path, 2)).toEqual(whole);
      expect(await count(path, 3)).toEqual(whole);
    }
  }, 60_000);

  it("counts the same beside another count in the same process", async () => {
    const paths = [save(wrap(numbered(2000, "Ein Text."))), save(wrap(numbered(1500, "Un autre texte.")))];
    const alone = [await count(paths[0]!, 1), await count(paths[1]!, 1)];
    expect(await Promise.all(paths.map((path) => count(path, 1)))).toEqual(alone);
  });

  it.skipIf(lacks)(
    "counts real dumps the same in one piece and in ranges",
    async () => {
      for (const path of REAL.slice(0, 1)) {
        const whole = await count(sharedData(path), 1);
        expect(whole.figures.pages).toBeGreaterThan(100);
        expect(await count(sharedData(path), 2, 100_000)).toEqual(whole);
      }
    },
    60_000,
  );

  it("counts text files the same, few or many, whatever the threads", async () => {
    const paths = Array.from({ length: 30 }, (_, index) => {
      const path = join(folder, `text-${index}.txt`);
      const text = `Ein Satz mit Wort${index % 7} und mehr.\n`.repeat(1 + ((index * 13) % 11));
      writeFileSync(path, index % 3 === 0 ? `<doc id="1" url="" title="T">\n${text}</doc>\n`.repeat(2) : text);
      return path;
    });
    for (const texts of [paths, paths.slice(0, 3)]) {
      const results = [];
      for (const threads of [1, 2, 3]) {
        const directory = join(folder, `counts-${directories++}`);
        const options = { edition: getEdition("de"), profile: "corrected" as const, dumps: [], texts };
        const { figures, grams } = await countEdition({ ...options, directory, threads, rangeBytes: 1, memory: 1e7 });
        results.push({ figures, unigrams: [...grams.unigrams()], bigrams: [...grams.bigrams()] });
      }
      expect(results[0]!.figures.documents).toBe(texts.length + texts.length / 3);
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }
  });

  it("tells what is wrong with a file as if it had not been cut", async () => {
    const xml = wrap(numbered(9000));
    const files = [
      xml.slice(0, xml.length * 0.6),
      xml.slice(0, -13),
      `${xml}text behind`,
      xml.replace("<title>P7001", "<titel>P7001"),
    ];
    for (const file of files) {
      const path = save(file);
      const whole = await count(path, 1).catch((error: unknown) => error);
      const cut = await count(path, 2).catch((error: unknown) => error);
      expect(whole).toBeInstanceOf(UserError);
      expect(cut).toBeInstanceOf(UserError);
      expect((cut as Error).message).toBe((whole as Error).message);
    }
  }, 60_000);
});
