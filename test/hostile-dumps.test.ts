import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { getEdition } from "../languages/index.ts";
import { tabulateDumps } from "../scripts/dump-table.ts";
import { countEdition } from "../src/engine/count-edition.ts";
import { UserError } from "../src/errors.ts";
import { type Outcome, readCutOutcome, readOutcome } from "./read-outcome.ts";
import { folder, save } from "./save-xml.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { bzip2, zstd } from "./write-compressed.ts";

describe.skipIf(lacksSharedData("wikipedia-xml"))("every real dump", () => {
  it("has the outcome told in test/golden/wikipedia-xml.tsv", async () => {
    const golden = readFileSync(new URL("golden/wikipedia-xml.tsv", import.meta.url), "utf8");
    const hint = "if the change is meant: npm run build && node dist/scripts/update-golden.js ../shared/data";
    expect(await tabulateDumps(sharedData("wikipedia-xml")), hint).toBe(golden);
  });
});

const SITE =
  '<siteinfo><dbname>dewiki</dbname><namespaces><namespace key="1">Diskussion</namespace></namespaces></siteinfo>\n';
const wrap = (pages: string) => `<mediawiki version="0.11">${SITE}${pages}</mediawiki>\n`;
const page = (title: string, text: string) =>
  `<page><title>${title}</title><ns>0</ns><id>5</id><revision><model>wikitext</model>` +
  `<text xml:space="preserve">${text}</text></revision></page>\n`;
const A = page("A", "Ä地😀 &amp; b");
const B = page("B", "zwei");
const XML = wrap(A + page("C", "c\n".repeat(20)) + B);
/** As MediaWiki writes multistream dumps: the head, pages and the end are streams of their own. */
const STREAMS = XML.split(/(?=<page>|<\/mediawiki>)/);

/** Read a file whole and in ranges, which must come to the same. */
async function outcomeOf(content: string | Uint8Array, rangeBytes = 40): Promise<Outcome> {
  const path = save(content);
  const whole = await readOutcome(path);
  const { ranges: _, fits: __, ...cut } = await readCutOutcome(path, rangeBytes);
  expect(cut).toEqual(whole);
  if (whole.error !== undefined) expect(whole.error.startsWith(`${path}: `)).toBe(true);
  return { ...whole, error: whole.error?.slice(path.length + 2) };
}

const FORMATS: readonly (readonly [name: string, content: Buffer])[] = [
  ["plain XML", Buffer.from(XML)],
  ["UTF-16", Buffer.from(`\uFEFF${XML}`, "utf16le")],
  ["gzip", gzipSync(XML)],
  ["gzip of several members", Buffer.concat(STREAMS.map((part) => gzipSync(part)))],
  ["bzip2", bzip2(XML, 200)],
  ["multistream bzip2", Buffer.concat(STREAMS.map((part) => bzip2(part, 200)))],
  ["Zstandard", zstd(XML, 200)],
];

describe("a dump cut short", () => {
  it.each(FORMATS)("as %s is told with its place, or all of it was read", async (_, content) => {
    const whole = await outcomeOf(content);
    expect(whole.error).toBeUndefined();
    expect(whole.pages.map(({ title }) => title)).toEqual(["A", "C", "B"]);
    for (let length = 0; length < content.length; length += 10) {
      const { pages, problems, error } = await outcomeOf(content.subarray(0, length), 60);
      if (error === undefined) expect({ pages, problems, error }).toEqual(whole);
      // A piece of a bzip2 header is a text.
      else if (length > 0) expect(error).toMatch(/(byte|line) \d+.*; |is no XML; |is empty; /);
    }
    const lastByte = await outcomeOf(content.subarray(0, -1));
    if (content[0] !== XML.charCodeAt(0)) expect(lastByte.error).toBeDefined();
  });
});

describe("a damaged dump", () => {
  it("in bzip2 gives its pages or an error, whichever bit is flipped", async () => {
    for (const content of [bzip2(XML, 200), Buffer.concat(STREAMS.map((part) => bzip2(part, 300)))]) {
      const whole = await outcomeOf(content);
      for (let bit = 3; bit < content.length * 8; bit += 37) {
        const flipped = Buffer.from(content);
        flipped[bit >> 3]! ^= 128 >> (bit & 7);
        const outcome = await outcomeOf(flipped, 100);
        // The size of blocks in a stream's header is not needed: a flip there may change nothing.
        if (outcome.error === undefined) expect(outcome).toEqual(whole);
        else expect(outcome.error).toMatch(/bzip2: .* \(byte \d+\); |is no XML; /);
      }
    }
  });

  it("in gzip gives its pages or an error, whichever bit is flipped", async () => {
    const content = gzipSync(XML);
    const whole = await outcomeOf(content);
    for (let bit = 0; bit < content.length * 8; bit += 13) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3]! ^= 128 >> (bit & 7);
      const outcome = await outcomeOf(flipped);
      if (outcome.error === undefined) expect(outcome).toEqual(whole);
      // What was read before the damage shows may be no XML.
      else expect(outcome.error).toMatch(/; (download|give) /);
    }
  });

  const gzip = gzipSync(XML);
  const wrongCrc = Buffer.from(gzip);
  wrongCrc[gzip.length - 6]! ^= 1;
  const ends = "; download or copy the file again";
  it.each<[string, Buffer, string | RegExp | undefined]>([
    ["a block's wrong CRC", bzip2(XML, 200, { blockCrc: true }), `bzip2: damaged: a block does not decode (byte 4)`],
    [
      "a stream's wrong CRC",
      bzip2(XML, 200, { streamCrc: true }),
      /^bzip2: damaged: the stream's checksum is wrong \(/,
    ],
    ["gzip's wrong CRC", wrongCrc, `damaged gzip data (near byte ${gzip.length}: incorrect data check)`],
    ["gzip's cut trailer", gzip.subarray(0, -5), `the gzip data ends too early (near byte ${gzip.length - 5})`],
    ["garbage behind gzip", Buffer.concat([gzip, Buffer.from("garbage")]), /^damaged gzip data \(near byte \d+: /],
    ["zeros behind gzip", Buffer.concat([gzip, Buffer.alloc(512)]), undefined],
    ["garbage behind bzip2", Buffer.concat([bzip2(XML), Buffer.from("garbage")]), undefined],
    [
      "garbage behind Zstandard",
      Buffer.concat([zstd(XML), Buffer.from("garbage")]),
      /^Zstandard: damaged: no frame where one should begin \(byte \d+\)/,
    ],
  ])("with %s", async (_, content, error) => {
    const outcome = await outcomeOf(content);
    if (error === undefined) expect(outcome).toMatchObject({ pages: [{}, {}, {}], problems: [], error: undefined });
    else if (typeof error === "string") expect(outcome.error).toBe(error + ends);
    else expect(outcome.error).toMatch(error);
  });

  it("does not lose the streams behind a wrong header, also where no end of XML tells of it", async () => {
    const [first, second] = [bzip2(A), bzip2(B)];
    for (const [at, byte] of [
      [0, 0x58],
      [2, 0],
      [3, 0x30],
    ] as const) {
      const wrong = Buffer.from(second);
      wrong[at] = byte;
      const { error } = await outcomeOf(Buffer.concat([first, wrong, bzip2(B)]));
      expect(error).toBe(`bzip2: damaged: a stream's header is wrong (byte ${first.length})${ends}`);
    }
  });
});

describe("hostile XML", () => {
  const utf16 = (xml: string) => Buffer.from(`\uFEFF${xml}`, "utf16le");
  /** Titles with the start of their texts, problems by code, and the error. */
  const summary = ({ pages, problems, error }: Outcome) => [
    pages.map(({ title, text }) => `${title}=${text?.slice(0, 12)}`).join(" "),
    problems.map(({ code, count }) => `${code} ${count}`).join(" "),
    ...(error === undefined ? [] : [error]),
  ];
  const BOTH = "A=Ä地😀 & b B=zwei";
  const damaged = (where: string) => `the XML is damaged at ${where}; download or export the file again`;
  const CASES: Readonly<Record<string, readonly [content: string | Buffer, ...expected: string[]]>> = {
    "UTF-16, big-endian": [utf16(wrap(A + B)).swap16(), BOTH, ""],
    "half a surrogate pair in UTF-16": [utf16(wrap(A.replace("😀", "\ud83d") + B)), "A=Ä地\uFFFD & b B=zwei", "W103 1"],
    "a UTF-8 byte order mark before each export": [`\uFEFF${wrap(A)}\uFEFF${wrap(B)}`, BOTH, ""],
    "an XML declaration before each export": [
      `<?xml version="1.0"?>\n${wrap(A)}\uFEFF<?xml version="1.0"?>\n${wrap(B)}`,
      BOTH,
      "",
    ],
    "Latin-1, declared": [
      Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${wrap(page("\xc9", "\xe9"))}`, "latin1"),
      "É=é",
      "",
    ],
    "Latin-1, not declared": [Buffer.from(wrap(page("\xc9", "\xe9")), "latin1"), "\uFFFD=\uFFFD", "W103 2"],
    "no page": [wrap(""), "", ""],
    "an empty element": ["<mediawiki/>", "", ""],
    "site information alone": [SITE, "", ""],
    "attributes of a page": [wrap(A.replace("<page>", `<page xml:space="preserve" foo='1'>`) + B), BOTH, ""],
    "a namespace that is no number": [wrap(A.replace("<ns>0", "<ns>x") + B), BOTH, ""],
    "line ends and tabs in a title": [wrap(page("\n A\tB\r\nC ", "a")), "A B C=a", ""],
    "a title of white space": [wrap(page(" \n", "a") + B), "B=zwei", "E101 1"],
    "a deleted text": [
      wrap(A.replace(/<text.*text>/, '<text deleted="deleted"/>') + B),
      "A=undefined B=zwei",
      "E102 1",
    ],
    "comments between and in elements": [
      wrap(`<!-- <page> -->${A.replace("<ns>", "<!-- - --><ns>")}<!-- x -- y -->${B}`),
      BOTH,
      "W103 1",
    ],
    "entities that XML does not know": [
      wrap(page("A", "&nbsp;&#0;b") + page("B", "&#xD800;") + page("C", "&#x110000;") + page("D", "&#x1F600;&quot;")),
      'A=&nbsp;&#0;b B=&#xD800; C=&#x110000; D=😀"',
      "W103 4",
    ],
    "control characters": [wrap(page("A", "a\0b\x01\x0b\x1f\uFFFE") + B), "A=a\0b\x01\x0b\x1f\uFFFE B=zwei", "W103 5"],
    "a document type with entities": [
      `<!DOCTYPE mediawiki [<!ENTITY a "x">]>${wrap(page("A", "&a; b") + B)}`,
      "A=&a; b B=zwei",
      "W103 1",
    ],
    "elements in a text": [
      wrap(A + page("C", "<b>c</b> d") + B),
      "A=Ä地😀 & b",
      "",
      damaged("line 3 in page 'C' (<b> inside <text>)"),
    ],
    "a page in a page": [
      wrap(`<page><title>C</title>${A}</page>${B}`),
      "",
      "",
      damaged("line 2 in page 'C' (another page begins before its end)"),
    ],
    "a page without end": [
      wrap(A + A.replace("</page>", "") + B),
      "A=Ä地😀 & b",
      "",
      damaged("line 4 in page 'A' (another page begins before its end)"),
    ],
    "a bare < in a text": [
      wrap(A + page("C", "1 < 2") + B),
      "A=Ä地😀 & b",
      "",
      damaged("line 3 in page 'C' (disallowed character in tag name)"),
    ],
    "a bare & in a text": [
      wrap(A + page("C", "x & y") + B + page("D", "&amp;")),
      "A=Ä地😀 & b",
      "",
      damaged("line 5 in page 'C' (disallowed character in entity name)"),
    ],
    "CDATA without end": [
      wrap(A + page("C", "<![CDATA[ c") + B),
      "A=Ä地😀 & b",
      "",
      "the XML ends in the middle of page 'C' (line 6); download or export the file again",
    ],
    "elements without end": [
      wrap(`${A}${"<a>".repeat(1000)}`),
      "A=Ä地😀 & b",
      "",
      damaged("line 3 (elements nested more than 100 deep)"),
    ],
    "another root behind the first": [
      `${wrap(A)}<html></html>`,
      "A=Ä地😀 & b",
      "",
      "is no MediaWiki export: it begins with <html>; give a pages-articles dump",
    ],
    "zeros behind the end": [
      `${wrap(A + B)}\0\0`,
      BOTH,
      "W103 2",
      "is no XML, or has text outside of its elements at line 5; give a MediaWiki XML export",
    ],
    "the end twice": [
      `${wrap(A)}</mediawiki>`,
      "A=Ä地😀 & b",
      "",
      damaged("line 4 (unmatched closing tag: mediawiki)"),
    ],
  };

  it.each(Object.entries(CASES))("%s", async (_, [content, ...expected]) => {
    expect(summary(await outcomeOf(content))).toEqual(expected);
    if (typeof content !== "string") return;
    for (const compressed of [gzipSync(content), bzip2(content, 100), zstd(content, 100)]) {
      expect(summary(await outcomeOf(compressed))).toEqual(expected);
    }
  });

  it.each([
    ["a text", (long: string) => page("C", long)],
    ["a tag", (long: string) => `<page ${long}="">`],
    ["an attribute", (long: string) => `<page a="${long}">`],
    ["a comment", (long: string) => `<!--${long}-->`],
    ["CDATA", (long: string) => page("C", `<![CDATA[${long}]]>`)],
    ["an entity", (long: string) => page("C", `&${long}`)],
  ])("%s without end is refused before it fills the memory", async (_, write) => {
    const path = save(wrap(A + write("x".repeat(3_000_000)) + B));
    for (const { error } of [
      await readOutcome(path, { maxText: 1_000_000 }),
      await readCutOutcome(path, 1_000_000, { maxText: 1_000_000 }),
    ]) {
      expect(error).toMatch(/: a text of more than 1000000 characters up to line \d+.*; is this a wiki's export\?$/);
    }
    expect((await readOutcome(path)).error ?? "").not.toContain("characters");
  });
});

describe("counting a hostile dump in threads", () => {
  let directories = 0;
  async function count(dump: string, threads: number): Promise<unknown> {
    const directory = join(folder, `counts-${directories++}`);
    const options = { edition: getEdition("de"), profile: "corrected" as const, dumps: [dump], texts: [] };
    try {
      const { figures, grams } = await countEdition({ ...options, directory, threads, rangeBytes: 1, memory: 1e8 });
      return { figures, unigrams: [...grams.unigrams()], bigrams: [...grams.bigrams()] };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message;
    }
  }

  const many = Array.from({ length: 60 }, (_, i) => page(`P${i}`, `Text ${i} &foo; und mehr davon.`)).join("");
  it.each([
    ["counted problems", wrap(many)],
    ["pages in a comment", wrap(`${many}<!--${many}-->${many}`)],
    ["several exports", `<?xml version="1.0"?>${wrap(many)}<?xml version="1.0"?>${wrap(many)}`],
    ["elements in a text", wrap(many + page("C", "<b>c</b>") + many)],
    ["a page without end", wrap(many + A.replace("</page>", "") + many)],
    ["its end cut off in bzip2", bzip2(wrap(many), 2000).subarray(0, -40)],
    ["a wrong CRC of its stream", bzip2(wrap(many), 2000, { streamCrc: true })],
    ["a wrong header in its middle", Buffer.concat([bzip2(many), Buffer.from("BZH9"), bzip2(many).subarray(4)])],
  ])("gives the same as without them: %s", async (_, content) => {
    const path = save(content);
    const whole = await count(path, 1);
    expect(await count(path, 2)).toEqual(whole);
  });
});
