import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compileKernels } from "../scripts/build-kernels.ts";
import { type Machine, startMachine } from "../src/kernels/machine.ts";
import { Problems } from "../src/problems.ts";
import { type DumpRange, readDumpRange } from "../src/sources/dump.ts";
import { openInput, type Segment } from "../src/sources/input.ts";
import { cutAtPages, type Piece } from "../src/sources/page-pieces.ts";
import { createPageScan } from "../src/sources/page-scan.ts";
import { createFastExtractor } from "../src/text/fast.ts";
import { save } from "./save-xml.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

/** Everything that reading a range tells, and how many of its pages the kernels have read, as far as they have a text. */
async function read(range: DumpRange, machine?: Machine) {
  const problems = new Problems();
  const pages: unknown[] = [];
  const sites: unknown[] = [];
  let report: unknown;
  let error: unknown;
  let scanned = 0;
  const options = {
    problems,
    ...(machine !== undefined && { machine }),
    onSiteInfo: (info: unknown) => sites.push(info),
    onEnd: (ended: unknown) => {
      report = ended;
    },
  };
  try {
    for await (const page of readDumpRange(range, options)) {
      const { title, namespace, id, redirect, model, place } = page;
      if (place !== undefined) {
        scanned += 1;
        expect(page.text).toBe(
          Buffer.from(machine!.view()).toString("utf8", place.address, place.address + place.length),
        );
      }
      pages.push({ title, namespace, id, redirect, model, text: page.text });
    }
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : thrown;
  }
  return { told: { pages, sites, report, error, problems: problems.list() }, scanned };
}

const SITE =
  "<siteinfo><dbname>dewiki</dbname><base>https://de.wikipedia.org/wiki/A</base>" +
  '<namespaces><namespace key="1">Diskussion</namespace></namespaces></siteinfo>\n';
const wrap = (pages: string, version = "0.11") => `<mediawiki version="${version}">\n${SITE}${pages}</mediawiki>\n`;
const page = (text: string, title = "A", more = "<ns>0</ns>") =>
  `  <page>\n    <title>${title}</title>\n    ${more}\n    <id>5</id>\n    <revision>\n      <id>7</id>\n` +
  `      <model>wikitext</model>\n      <text bytes="9" xml:space="preserve">${text}</text>\n    </revision>\n  </page>\n`;

/** A file in Zstandard frames of a few bytes each, which are read one by one. */
function inFrames(content: Uint8Array, size: number): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    const bytes = content.subarray(at, at + size);
    const header = (bytes.length << 3) | 1;
    const head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length, header & 0xff, (header >> 8) & 0xff, header >> 16];
    frames.push(Buffer.from(head), Buffer.from(bytes));
  }
  return Buffer.concat(frames);
}

const machines: [name: string, machine: Machine][] = [];
beforeAll(async () => {
  machines.push(["compiled", startMachine(await compileKernels())], ["source", startMachine("twin")]);
});

/** Kernels and parser tell the same of the file, read in one piece, in ranges and in small chunks. */
async function expectSame(content: Uint8Array, cuts: readonly number[] = [], chunk = 0): Promise<number> {
  const path = save(content);
  const { size } = statSync(path);
  const ranges: DumpRange[] = [{ path }];
  const places = [...new Set([0, ...cuts.map((cut) => Math.floor(cut * size)), size])].sort((a, b) => a - b);
  const head = JSON.stringify({ root: "mediawiki", site: { namespaces: [], numbers: [] } });
  for (const [index, to] of places.slice(1).entries()) {
    const from = places[index]!;
    ranges.push({ path, cut: { format: "plain", from, to, head: from === 0 ? "" : head } });
  }
  if (chunk > 0) ranges.push({ path: save(inFrames(content, chunk)) });
  let scanned = 0;
  for (const range of ranges) {
    const expected = await read(range);
    for (const [name, machine] of machines) {
      const found = await read(range, machine);
      expect([name, found.told]).toEqual([name, expected.told]);
      scanned = Math.max(scanned, found.scanned);
    }
  }
  return scanned;
}

const usual = fc.constantFrom(
  ..."a|B c|é|地|😀|\uFFFD|\uFEFF|\u00A0| |\n|\t|&lt;|&gt;|&quot;|&amp;|&apos;|&amp;lt;|#|]]".split("|"),
);
const allowed = fc.constantFrom(
  "&#65;",
  "&#x1F600;",
  "&#xe9;",
  "&#9;",
  "&#13;",
  "&#0000065;",
  "&lt;page&gt;",
  "#REDIRECT [[X]]",
  ">",
  "]&amp;]&gt;",
  "<b>x</b>y",
  "<br/>",
  "<title>T</title>",
  '<redirect title="R"/>',
  "<id>6</id>",
  "\u0085\u2028",
  "\u{1FFFF}",
);
const odd = fc.constantFrom(
  "&foo;",
  "&",
  "&;",
  "&#0;",
  "&#1;",
  "&#xD800;",
  "&#xFFFE;",
  "&#x110000;",
  "&#x;",
  "&#X41;",
  "&lt",
  "]]>",
  "\r\n",
  "\r",
  "\u0000",
  "\u0001",
  "\u007F",
  "\uFFFE",
  "\uFFFF",
  "<!-- <page> -->",
  "<!--",
  "<![CDATA[</text> <page>&amp;]]>",
  "<![CDATA[",
  "<?pi <page> ?>",
  "<!DOCTYPE a>",
  "<page>",
  "<page ",
  "</page>",
  "</text>",
  "<text>",
  "<text>x</text>",
  '<a x="1" x="2">',
  "<a x='1'/>",
  '<a x = "1"/>',
  '<a x="&lt;>\t"/>',
  '<a x="<"/>',
  '<a x="1"y="2"/>',
  '<a\n x="1"\n/>',
  "<é/>",
  "<1/>",
  "<",
  "< b>",
  "</>",
  "</ text>",
  "<text",
  "<mediawiki>",
  "</revision>",
);
const text = fc
  .array(fc.oneof({ weight: 40, arbitrary: usual }, { weight: 4, arbitrary: allowed }, { weight: 1, arbitrary: odd }), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
const rarely = (arbitrary: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant("") }, { weight: 1, arbitrary });
const textTag = fc
  .tuple(
    fc.constantFrom(
      "",
      "",
      ' bytes="12" xml:space="preserve"',
      ' bytes="0"',
      ' bytes=""',
      ' bytes="1e3"',
      ' bytes="-1"',
      ' bytes="00"',
      ' deleted="deleted"',
      " deleted",
      ' bytes="1" bytes="2"',
    ),
    text,
    fc.constantFrom("", "", "", "/"),
  )
  .map(([attributes, content, slash]) =>
    slash === "" ? `<text${attributes}>${content}</text>` : `<text${attributes} />`,
  );
const revision = fc
  .tuple(fc.constantFrom("<model>wikitext</model>", "<model>css</model>", "", "<model />"), textTag, rarely(textTag))
  .map(
    ([model, first, slot]) =>
      `<revision><id>7</id>${model}${first}${slot === "" ? "" : `<content><role>x</role>${slot}</content>`}</revision>`,
  );
const somePage = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.constant("<page>") },
      fc.constantFrom("<page >", '<page a="b">', "<page/>", "<page\n>"),
    ),
    fc.oneof(
      fc.constantFrom("<title>Diskussion:A</title>", "<title/>", ""),
      text.map((title) => `<title>${title}</title>`),
    ),
    fc.constantFrom("<ns>0</ns>", "<ns>0</ns>", "<ns> 1 </ns>", "<ns>x</ns>", ""),
    fc.constantFrom("<id>5</id>", "<id>x</id>", "<id>007</id>", ""),
    fc.constantFrom("", "", '<redirect title="B &amp; C" />', "<redirect />", '<redirect title="a&#10;b"></redirect>'),
    fc.array(revision, { maxLength: 3 }),
    rarely(text),
    fc.oneof(
      { weight: 8, arbitrary: fc.constant("</page>\n") },
      fc.constantFrom("</page>", "</page >", "", "</page>\r\n", "</page> x"),
    ),
  )
  .map(([open, title, ns, id, redirect, revisions, more, end]) =>
    [open, title, ns, id, redirect, ...revisions, more, end].join("\n "),
  );
const xml = fc
  .tuple(
    fc.array(somePage, { maxLength: 6 }),
    fc.constantFrom("0.11", "0.3"),
    fc.constantFrom("", "", `${wrap(page("b"), "0.10")}`, "tail", "<!-- <page> -->"),
    fc.constantFrom("", "", '<?xml version="1.0"?>\n', "\uFEFF", '<?xml version="1.0" encoding="windows-1252"?>'),
    fc.boolean(),
  )
  .map(([pages, version, tail, head, isBare]) =>
    isBare ? head + pages.join("") : head + wrap(pages.join(""), version) + tail,
  );
/** Changes of single bytes, as places and values. */
const flips = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { maxLength: 3 }),
  },
);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });

function flip(content: Uint8Array, changes: readonly (readonly [number, number])[]): Buffer {
  const changed = Buffer.from(content);
  for (const [at, value] of changes) changed[Math.floor(at * changed.length)] = value;
  return changed;
}

describe("the kernels read pages as the parser does", () => {
  it("of exports of any shape, cut anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(xml, flips, cuts, fc.integer({ min: 0, max: 40 }), async (content, changes, places, chunk) => {
        await expectSame(flip(Buffer.from(content), changes), places, chunk);
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  it.each([
    ["references", page("&lt;a&gt; &quot;b&quot; &apos;c&apos; &amp;amp; &#228;&#x1F600;", "A &amp; B")],
    ["no text", page("").replace(/<text.*<\/text>/, '<text bytes="5" /><sha1 />')],
    ["other slots", page("a").replace("</text>", "</text><content><role>r</role><text>b</text></content>")],
    ["several revisions", page("a").replace("</revision>", "</revision><revision><text>b</text></revision>")],
    [
      "redirects by wikitext",
      page("\n ＃転送 [[B]]") + page("#REDIRECT [[C]]") + page("#foo") + page("&#35;REDIRECT [[D]]"),
    ],
    ["white space as text", page(" \n\u3000") + page("\u00A0".repeat(100)) + page(`${"\u3000".repeat(21)}a`)],
    ["another space", page("a", "Diskussion:A", "") + page("b", "C:D", "<ns>10</ns>")],
    ["depth", page("b").replace("<revision>", `${"<a>".repeat(28)}${"</a>".repeat(28)}<revision>`)],
  ])("and take what has %s", async (_, pages) => {
    const count = pages.split('xml:space="preserve">').length - 1;
    expect(await expectSame(Buffer.from(wrap(pages, "0.3")), [0.5], 7)).toBe(count);
  });

  it.each([
    ["a comment", page("a<!-- c -->")],
    ["CDATA", page("a<![CDATA[b]]>")],
    ["an instruction", page("a<?b c?>")],
    ["a carriage return", page("a\r\nb")],
    ["a control character", page("a\u0001b")],
    ["no character", page("a\uFFFFb")],
    ["an unknown reference", page("a&nbsp;b")],
    ["]]>", page("a]]>b")],
    ["attributes of the page", page("a").replace("<page>", '<page a="b">')],
    ["another quote", page("a").replaceAll('"', "'")],
    ["an attribute twice", page("a").replace("<ns>", '<ns a="1" a="1">')],
    ["a page in the page", page("<page></page>")],
    ["an element in a text", page("a<b>c</b>d")],
    ["an element in a title", page("a", "x<i/>y")],
    ["too deep elements", page("b").replace("<revision>", `${"<a>".repeat(40)}${"</a>".repeat(40)}<revision>`)],
  ])("and leave %s to the parser", async (_, pages) => {
    expect(await expectSame(Buffer.from(wrap(pages)), [0.5], 7)).toBe(0);
  });

  it("and leave invalid UTF-8 to the parser, naming the page before it", async () => {
    const [before = "", after = ""] = wrap(page("a", "First") + page("x@y") + page("b")).split("@");
    const content = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xe5]), Buffer.from(after)]);
    expect(await expectSame(content, [0.4], 5)).toBe(2);
    const between = Buffer.concat([Buffer.from(wrap(page("a", "First"))), Buffer.from([0xc3])]);
    await expectSame(between, [0.4], 5);
  });

  it("and tell the right line of a fault behind them", async () => {
    const content = wrap(`${page("a\nb")}${page("c").repeat(40)}${page("d", "Last")}`).replace("d</text>", "d</texts>");
    const line = content.slice(0, content.indexOf("</texts>")).split("\n").length;
    await expectSame(Buffer.from(content), [0.3], 100);
    const { told } = await read({ path: save(content) }, machines[0]![1]);
    expect(told.error).toContain(`damaged at line ${line} in page 'Last'`);
  });

  it("up to where the file breaks off", async () => {
    const content = Buffer.from(wrap(page("a") + page("b", "B &amp; C")));
    for (let end = content.length; end > 300; end -= 1) await expectSame(content.subarray(0, end));
  }, 60_000);

  it("and yield the page before the place where a compressed file breaks off", async () => {
    const frames = inFrames(Buffer.from(wrap(page("a") + page("b"))), 255);
    for (const cut of [1, 20, 260, 300]) {
      const path = save(frames.subarray(0, frames.length - cut));
      const expected = await read({ path });
      expect(expected.told.error).toBeDefined();
      for (const [, machine] of machines) expect((await read({ path }, machine)).told).toEqual(expected.told);
    }
  });
});

describe("a scanned page", () => {
  it("refuses to give its text when the next page has been asked for", async () => {
    const [, machine] = machines[0]!;
    const path = save(wrap(page("a") + page("b")));
    const pages = readDumpRange({ path }, { problems: new Problems(), machine });
    const first = (await pages.next()).value!;
    await pages.next();
    expect(() => first.text).toThrow("after the next page");
    await pages.return(undefined);
  });

  it("survives that the machine is used and released between pages", async () => {
    for (const [, machine] of machines) {
      const extractor = createFastExtractor(machine);
      const context = { title: "", fileNames: ["Datei"], categoryNames: [] };
      const path = save(
        wrap(page("a '''b''' &amp; [[Datei:x.png|y]]\r &lt;br&gt; c&#13;").replace("\r", "").repeat(3)),
      );
      const texts: string[] = [];
      let left = 3;
      for await (const { place } of readDumpRange({ path }, { problems: new Problems(), machine })) {
        const found = extractor.extractPlace(place!, { ...context, categoryNames: [String(left)] });
        texts.push(Buffer.from(machine.view()).toString("utf8", found.address, found.address + found.length));
        left -= 1;
        machine.release();
      }
      expect(texts).toEqual(["a b &\nc", "a b &\nc", "a b &\nc"]);
    }
  });

  it("is not read by the kernels if it is too long", () => {
    const scan = createPageScan(machines[0]![1]);
    expect(scan({ parts: [], length: (1 << 27) + 1, page: "0", owned: true })).toBeUndefined();
  });
});

describe("cutAtPages", () => {
  const bytes = fc
    .array(fc.constantFrom("<page>", "<page ", "<page", "<pages>", "<", "a", "<<", "</page>", "e>", "é"), {
      maxLength: 20,
    })
    .map((parts) => Buffer.from(parts.join("")));

  async function cut(content: Buffer, sizes: readonly number[], owned: number, joined: number): Promise<Piece[]> {
    async function* segments(): AsyncGenerator<Segment> {
      let at = 0;
      for (let k = 0; at < content.length; k += 1) {
        const to = Math.min(content.length, at + (sizes[k % sizes.length] ?? content.length));
        const end = at < owned ? Math.min(to, owned) : to;
        yield { block: 0, offset: at, bytes: content.subarray(at, end), owned: at < owned };
        at = end;
      }
    }
    const pieces: Piece[] = [];
    for await (const some of cutAtPages(segments(), joined)) pieces.push(...some);
    return pieces;
  }

  it("gives all bytes in order, and the same pages however they come in", async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.nat(100),
        async (content, sizes, owned) => {
          for (const joined of [0, 10, 1000]) {
            const pieces = await cut(content, sizes, owned, joined);
            expect(Buffer.concat(pieces.flatMap(({ parts }) => parts))).toEqual(content);
            for (const { parts, length } of pieces) expect(Buffer.concat(parts)).toHaveLength(length);
            const found = pieces.filter((piece) => piece.page !== undefined);
            const wanted = [...content.toString("latin1").matchAll(/<page(?=[ \t\r\n/>])/g)].map(({ index }) => index);
            expect(found.map((piece) => [piece.page, piece.owned])).toEqual(
              wanted.map((at) => [`0+${at}`, at < owned]),
            );
            for (const { parts } of found) expect(Buffer.from(parts[0]!).toString("latin1", 0, 6)).toMatch(/^<page./s);
            if (joined === 1000)
              for (const [index, at] of wanted.entries())
                if (at < owned) expect(found[index]!.length).toBe((wanted[index + 1] ?? content.length) - at);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(lacksSharedData("wikipedia-xml"))("on real dumps the kernels", () => {
  /** Files of which the parser reads all pages or some: UTF-16, and one with comments between its elements. */
  const UNUSUAL = new Map([
    ["bgwiki-latest-pages-articles-shortened.xml.bz2", 0],
    ["tinywiki-latest-pages-articles.xml.gz", 6],
  ]);

  it("read every page, as the parser does", { timeout: 300_000 }, async () => {
    let total = 0;
    for (const entry of readdirSync(sharedData("wikipedia-xml"), { recursive: true, withFileTypes: true })) {
      if (!/\.xml(\.(bz2|gz))?$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const expected = await read({ path });
      const texts = (expected.told.pages as { text?: string }[]).filter((found) => found.text !== undefined).length;
      for (const [name, machine] of machines) {
        const found = await read({ path }, machine);
        expect([path, name, found.told]).toEqual([path, name, expected.told]);
        expect([path, found.scanned]).toEqual([path, UNUSUAL.get(entry.name) ?? texts]);
        total += found.scanned;
      }
    }
    expect(total).toBeGreaterThan(10_000);
  });

  it("survive damage as the parser does", async () => {
    const path = sharedData("wikipedia-xml/wikiclean/simplewiki-20161220-id6.xml");
    const chunks: Uint8Array[] = [];
    for await (const chunk of openInput(path)) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    const bare = content.subarray(content.indexOf("<page>"), content.lastIndexOf("</page>") + 8);
    const three = Buffer.concat([bare, bare, bare]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        cuts,
        fc.integer({ min: 0, max: 255 }),
        async (changes, places, chunk) => {
          await expectSame(flip(three, changes), places, chunk < 32 ? 0 : chunk);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it("leave wikitext that is extracted in its place", async () => {
    const path = sharedData("wikipedia-xml/derived-multistream/ltgwiki-pages-articles-multistream.xml.bz2");
    const [, machine] = machines[0]!;
    const inPlace = createFastExtractor(machine);
    const apart = createFastExtractor(startMachine(await compileKernels()));
    const context = { title: "", fileNames: ["Fails"], categoryNames: ["Kategoreja"] };
    let pages = 0;
    for await (const page of readDumpRange({ path }, { problems: new Problems(), machine })) {
      if (page.text === undefined || page.place === undefined) continue;
      const { address, length } = inPlace.extractPlace(page.place, context);
      const found = Buffer.from(machine.view()).toString("utf8", address, address + length);
      expect(found).toBe(apart.extract(page.text, context));
      pages += 1;
    }
    expect(pages).toBe(2004);
  });
});
