import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { Parser } from "htmlparser2";
import { afterAll, describe, expect, it, test } from "vitest";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { inspectPool, MAX_TEXT_BYTES, type PoolReading, type PoolRow, readPoolPieces } from "../src/sources/pool.ts";
import { findBase, resolveAddress } from "../src/sources/web/addresses.ts";
import { findMember, readMembers } from "../src/sources/web/gzip-members.ts";
import { decodeEntities, findHtmlImages } from "../src/sources/web/html-images.ts";
import { createRecordCutter, type WarcRecord } from "../src/sources/web/warc-records.ts";
import { findByParsing, findWatImages } from "../src/sources/web/wat-images.ts";
import { lacksPackages, runPython } from "./python.ts";
import { jsonOf, outputOf, runCli } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { type Link, page, record, response, toMembers, WARCINFO, wat, watJson } from "./web-archives.ts";
import { bzip2, zstd } from "./write-compressed.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-web-"));
afterAll(() => rmSync(folder, { recursive: true }));

let saved = 0;
function save(content: string | Uint8Array, ending = "warc.gz"): string {
  saved += 1;
  const path = join(folder, `${saved}.${ending}`);
  writeFileSync(path, content);
  return path;
}

type How = Partial<Omit<PoolReading, "problems">>;

/** What a file holds, each row with its piece. */
async function read(path: string, how: How = {}) {
  const problems = new Problems();
  const rows: (PoolRow & { readonly piece: number })[] = [];
  for await (const batch of readPoolPieces(path, { fields: {}, ...how, problems })) {
    for (const row of batch.rows) rows.push({ ...row, piece: batch.piece });
  }
  const list = problems.list();
  return { rows, problems: list, counts: Object.fromEntries(list.map(({ code, count }) => [code, count])) };
}

/** Rows as [address, ...texts]. */
const plain = (rows: readonly PoolRow[]) => rows.map(({ url, texts }) => [url, ...texts]);

/** The rows of one page. */
async function readPage(html: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  const { rows, counts } = await read(save(toMembers([WARCINFO, page(html, headers)])));
  return { rows: plain(rows), counts };
}

const at = (path: string) => `http://example.org${path}`;

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain("\n");
  return message.replace(/^\S*\//, "");
}

describe("pages of WARC files", () => {
  it("give a row for each image, with its texts in order and each once", async () => {
    const { rows, counts } = await readPage(`<!DOCTYPE html><title><img src="no.png" alt="in the title"></title>
      <IMG SRC=one.jpg ALT=One><img alt="Two" title="The second" data-image-title="Two" src="/two.jpg" />
      <img src="//cdn.example.com/3.png" title=" a
         tall &amp; &quot;thin&quot;\t tree&nbsp; ">
      <img src='https://example.com/4.gif?a=1&amp;b=2&copy=3' alt="">
      <img src="https://EXAMPLE.com/ä b.gif#top" alt="caf&eacute; &#128512;">
      <img src=../five.jpg alt=five><img src=../five.jpg alt=five>`);
    expect(rows).toEqual([
      [at("/a/one.jpg"), "One"],
      [at("/two.jpg"), "Two", "The second"],
      ["http://cdn.example.com/3.png", 'a tall & "thin" tree\u00A0'],
      ["https://example.com/4.gif?a=1&b=2&copy=3"],
      ["https://example.com/%C3%A4%20b.gif#top", "café 😀"],
      [at("/five.jpg"), "five"],
      [at("/five.jpg"), "five"],
    ]);
    expect(counts).toEqual({});
  });

  it("count images whose address cannot be fetched, and texts that cannot be used", async () => {
    const { rows, counts } = await readPage(
      [
        '<img alt="no address"><img src="" alt="empty"><img src="#top"><img src="http://[broken/x.png" alt="b">',
        '<img src="blob:http://example.org/1" alt="x"><img src="file:///c:/x.png"><img src="data:image/gif;base64,R0" alt="d">',
        `<img src="1" alt="${"x".repeat(MAX_TEXT_BYTES + 1)}"><img src="2" alt="a\0b"><img src="3" alt=" &nbsp; ">`,
      ].join(""),
    );
    expect(rows).toEqual([[at("/a/1")], [at("/a/2")], [at("/a/3")]]);
    expect(counts).toEqual({ E503: 1, W502: 1, W511: 1, W512: 6 });
  });

  it("may have values of any length", async () => {
    const long = "a.".repeat(1 << 19);
    const { rows, counts } = await readPage(
      [
        `<img src="http://${long}/" alt="1"><img src="/${long}" alt="2"><img src="${long}" alt="3"><img srcset="${long}" alt="4">`,
        `<img src=5 alt="${"&amp;".repeat(1 << 18)}"><img src=6 title="${" ".repeat(1 << 20)}x${"\n".repeat(1 << 20)}">`,
        `<img src=7 alt="${"&".repeat(1 << 19)}" title="${"&a".repeat(1 << 19)}">${"<svg>".repeat(1 << 17)}`,
      ].join(""),
    );
    expect(rows).toEqual([[at("/a/5")], [at("/a/6"), "x"], [at("/a/7")]]);
    expect(counts).toEqual({ W502: 3, W512: 4 });
  });

  it("take images that are loaded late from where they are loaded", async () => {
    const { rows, counts } = await readPage(
      [
        '<img src="data:image/gif;base64,R0lGOD" data-src="late.jpg" alt="a"><img data-original="/l.png" alt="b">',
        '<img src=" DATA:,x" data-lazy-src="3.png"><img src="now.jpg" data-src="late.jpg" alt="c">',
        '<img srcset="s.jpg 1x, m.jpg 2x" alt="d"><img srcset=", data:x 1x, y 2x" src="data:,1" alt="none">',
        '<picture><source srcset="p.webp 1x, q.webp 2x"><source srcset=z.webp><img alt="e"></picture>',
        '<picture><source srcset="p.webp"><img src="f.jpg" alt="f"></picture><source srcset="v.webp"><img alt="g">',
      ].join("\n"),
    );
    expect(rows).toEqual([
      [at("/a/late.jpg"), "a"],
      [at("/l.png"), "b"],
      [at("/a/3.png")],
      [at("/a/now.jpg"), "c"],
      [at("/a/s.jpg"), "d"],
      [at("/a/p.webp"), "e"],
      [at("/a/f.jpg"), "f"],
    ]);
    expect(counts).toEqual({ W511: 1, W512: 1 });
  });

  it("leave out what only looks like an image", async () => {
    const { rows } = await readPage(`<script>document.write('<img src="s.png" alt="script">')</script>
      <!-- <img src="c.png" alt="comment"> --><style>/* <img src=x> */</style><textarea><img src="t.png"></textarea>
      <template><img src="{{src}}" alt="{{alt}}"><template><img src=u></template><img src=v></template>
      <svg><title/><image href="s.svg"/><style><img src="1.png" alt="ends the svg"></style></svg>
      <svg><image href="x.png" src="y.png" alt="z"/></svg><noscript><img src="n.png" alt="noscript"></noscript>
      <image src="i.png" alt="image"><frameset><frame src="f.html"></frameset><input type=image src=i2.png alt=input>
      <a href="l.png"><img src="l2.png" alt=linked</a><img src="w.png" alt="two" alt="three"`);
    expect(rows).toEqual([
      [at("/a/1.png"), "ends the svg"],
      [at("/a/n.png"), "noscript"],
      [at("/a/i.png"), "image"],
      [at("/a/l2.png"), "linked</a"],
    ]);
  });

  it("follow the page's base", async () => {
    const base = async (href: string) =>
      (await readPage(`<img src="x.png"><base href="${href}"><base href="/no/">`)).rows;
    expect(await base("/img/")).toEqual([[at("/img/x.png")]]);
    expect(await base("https://cdn.example.com/b/c")).toEqual([["https://cdn.example.com/b/x.png"]]);
    expect(await base("//cdn.example.com")).toEqual([["http://cdn.example.com/x.png"]]);
    for (const none of ["data:,x", "http://[", "mailto:a@b.c"]) expect(await base(none)).toEqual([[at("/a/x.png")]]);
  });

  it("may be XHTML, framesets, resources, of any version, or lack a type", async () => {
    const html = '<img src="x.png" alt="y">';
    const xhtml = `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><![CDATA[<img src="n"/>]]>${html}</html>`;
    const others = [
      page(html, { "Content-Type": "application/json" }),
      page(html, { "Content-Type": "" }),
      record({ type: "resource", contentType: "image/png", block: html }),
      record({ type: "request", block: html }),
      record({ type: "conversion", contentType: "text/html", block: html }),
      record({ type: "revisit", block: response(html) }),
      record({ target: "dns:example.org", contentType: "text/dns", block: "20260101" }),
      record({ type: "metadata", contentType: "application/warc-fields", block: "IMG@/src: x" }),
    ];
    const pages = [
      page(xhtml, { "Content-Type": "application/xhtml+xml; charset=utf-8" }),
      page(`<!DOCTYPE html>${html}`, { "Content-Type": "" }),
      record({ type: "resource", contentType: "text/html; charset=utf-8", block: html }),
      record({ version: "0.17", block: response(html) }),
      record({ version: "1.1", target: "<http://example.org/a/>", block: response(html) }),
      record({
        fields: { "WARC-Target-URI": "\r\n http://example.org/a/", "X-Folded": "a\r\n\tb" },
        block: response(html),
      }),
      Buffer.from(
        record({ block: response(html) })
          .toString("latin1")
          .replaceAll("\r\n", "\n"),
        "latin1",
      ),
    ];
    const { rows, counts } = await read(save(toMembers([...others, ...pages])));
    // The last record is shorter than it says.
    expect(plain(rows).slice(0, 5)).toEqual(Array(5).fill([at("/a/x.png"), "y"]));
    expect(rows).toHaveLength(6);
    expect(counts).toEqual({ E511: 1 });
  });

  it("have addresses relative to nothing where the record has none", async () => {
    const html = '<img src="x.png" alt="y"><img src="http://example.org/1.png"><img src="//example.org/1.png">';
    const { rows, counts, problems } = await read(save(toMembers([record({ target: "", block: response(html) })])));
    expect(plain(rows)).toEqual([[at("/1.png")]]);
    expect(counts).toEqual({ W512: 2 });
    expect(problems[0]!.samples[0]).toMatch(/1?\.warc\.gz: the record at byte 0: "x\.png"$/);
  });
});

describe("charsets", () => {
  const html = (alt: Uint8Array | string, head = "") =>
    Buffer.concat([Buffer.from(`<html><head>${head}</head><img src=x alt="`), Buffer.from(alt), Buffer.from('">')]);
  const textOf = async (page: Uint8Array, contentType = "text/html") => {
    const { rows, counts } = await readPage(page, { "Content-Type": contentType });
    return [rows[0]?.[1], counts];
  };
  const utf16 = (text: string, isBig: boolean) => {
    const bytes = Buffer.from(text, "utf16le");
    return isBig ? bytes.swap16() : bytes;
  };
  const HEX = {
    "windows-1251": ["cff0e8e2e5f2", "Привет"],
    shift_jis: ["93fa967b82cc8eca905e", "日本の写真"],
    gbk: ["d6d0cec4cdbcc6ac", "中文图片"],
    "iso-2022-jp": ["1b2442467c4b5c1b2842", "日本"],
    "euc-jp": ["c6fccbdc", "日本"],
    "euc-kr": ["c7d1b1b9", "한국"],
    big5: ["a4a4a4e5", "中文"],
    "koi8-r": ["f0d2c9d7c5d4", "Привет"],
    "iso-8859-2": ["b6ce", "śÎ"],
    "iso-8859-1": ["93e9949680", "“é”–€"],
  } as const;

  it.each(Object.entries(HEX))("%s is read by header, and by meta", async (label, [hex, text]) => {
    const bytes = Buffer.from(hex, "hex");
    expect(await textOf(html(bytes), `text/html; charset=${label}`)).toEqual([text, {}]);
    expect(await textOf(html(bytes), `text/html;Charset = "${label.toUpperCase()}" ; x=y`)).toEqual([text, {}]);
    const metas = [
      `<meta charset=${label}>`,
      `<META name=x content="charset of it"><meta content="text/html; charset=${label}" http-equiv=Content-Type />`,
      `<!-- <meta charset=utf-8> --><script>${"/* late */".repeat(3000)}</script><meta charset='${label}'>`,
      `<meta charset="none-such"><meta charset=${label}>`,
    ];
    for (const meta of metas) expect(await textOf(html(bytes, meta))).toEqual([text, {}]);
  });

  it("are told by byte order marks above all, and by zeros", async () => {
    const page = '<meta charset="windows-1251"><img src=x alt="Привет – 日本">';
    const bom = "\uFEFF";
    for (const isBig of [false, true]) {
      expect(await textOf(utf16(bom + page, isBig), "text/html; charset=gbk")).toEqual(["Привет – 日本", {}]);
      expect(await textOf(utf16(page, isBig))).toEqual(["Привет – 日本", {}]);
      expect(await textOf(utf16(page, isBig), `text/html; charset=utf-16${isBig ? "be" : "le"}`)).toEqual([
        "Привет – 日本",
        {},
      ]);
    }
    expect(await textOf(Buffer.from(bom + page), "text/html; charset=gbk")).toEqual(["Привет – 日本", {}]);
    // A page in ASCII that says UTF-16 of itself cannot be that.
    expect(await textOf(html("é", "<meta charset=utf-16>"))).toEqual(["é", {}]);
    expect(await textOf(html("é"), "text/html; charset=utf-16")).toEqual(["é", {}]);
    expect(await textOf(html("日本", "").subarray(0), "text/html")).toEqual(["日本", {}]);
    const xml = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?>'),
      html(Buffer.from("cff0", "hex")),
    ]);
    expect(await textOf(xml, "application/xhtml+xml")).toEqual(["Пр", {}]);
  });

  it("that are wrong give way to those that fit; what fits none is counted", async () => {
    const russian = Buffer.from(HEX["windows-1251"][0], "hex");
    expect(await textOf(html(russian, "<meta charset=windows-1251>"), "text/html; charset=utf-8")).toEqual([
      "Привет",
      {},
    ]);
    // As most servers once did for whatever they sent.
    expect(await textOf(html("日本 é", "<meta charset=utf-8>"), "text/html; charset=iso-8859-1")).toEqual([
      "日本 é",
      {},
    ]);
    expect(await textOf(html("日本 é"), "text/html; charset=iso-8859-1")).toEqual(["日本 é", {}]);
    expect(await textOf(html("Привет"), "text/html; charset=windows-1251")).toEqual(["Привет", {}]);
    expect(await textOf(html(russian))).toEqual(["Ïðèâåò", {}]);
    expect(await textOf(html(Buffer.from("41ff42", "hex")), "text/html; charset=utf-8")).toEqual([
      "A\uFFFDB",
      { W103: 1 },
    ]);
    expect(await textOf(html("A\uFFFDB"), "text/html; charset=utf-8")).toEqual(["A\uFFFDB", {}]);
    for (const none of ["x-unknown", "iso-2022-kr", "\u00e9", ""]) {
      expect(await textOf(html("é"), `text/html; charset=${none}`)).toEqual(["é", {}]);
    }
  });
});

describe("bodies", () => {
  const html = `<html><img src="x.png" alt="y">${Array.from({ length: 9000 }, (_, i) => `<p>${i ** 3}</p>`).join("")}`;
  const chunk = (bytes: Buffer, size: number) => {
    const chunks: Buffer[] = [];
    for (let from = 0; from < bytes.length; from += size) {
      const part = bytes.subarray(from, from + size);
      chunks.push(Buffer.from(`${part.length.toString(16)};x=y\r\n`), part, Buffer.from("\r\n"));
    }
    return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
  };
  const bytes = Buffer.from(html);
  const ROW = [[at("/a/x.png"), "y"]];
  const CODINGS: readonly (readonly [coding: string, body: Buffer])[] = [
    ["gzip", gzipSync(bytes)],
    ["x-gzip", gzipSync(bytes)],
    ["deflate", deflateSync(bytes)],
    ["deflate", deflateRawSync(bytes)],
    ["br", brotliCompressSync(bytes)],
    ["identity", bytes],
    ["gzip, br", brotliCompressSync(gzipSync(bytes))],
  ];

  it.each(CODINGS)("in %s are decoded, also in chunks, cut off, or decoded already", async (coding, body) => {
    const headers = { "Content-Encoding": coding };
    const good = { rows: ROW, counts: {} };
    expect(await readPage(body, headers)).toEqual(good);
    expect(await readPage(chunk(body, 7), { ...headers, "Transfer-Encoding": "chunked" })).toEqual(good);
    expect(await readPage(body, { ...headers, "Transfer-Encoding": "chunked" })).toEqual(good);
    expect(await readPage(bytes, headers)).toEqual(good);
    if (!coding.includes(",")) expect(await readPage(body.subarray(0, body.length - 6), headers)).toEqual(good);
  });

  it("that are damaged or no text are counted", async () => {
    const broken = gzipSync(bytes);
    broken.fill(0xff, 12, 40);
    const fault = { rows: [], counts: { E512: 1 } };
    expect(await readPage(broken, { "Content-Encoding": "gzip" })).toEqual(fault);
    expect(await readPage(gzipSync(bytes), { "Content-Encoding": "compress" })).toEqual(fault);
    expect(await readPage(gzipSync(bytes))).toEqual(fault);
    expect(await readPage(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"))).toEqual(fault);
    expect(await readPage("%PDF-1.4\n<img src=x>")).toEqual(fault);
    expect(await readPage(Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 167) % 256)))).toEqual(fault);
    expect(await readPage("", {})).toEqual({ rows: [], counts: {} });
    const chunks = chunk(bytes, 1000);
    chunks.write("zz", chunks.indexOf("\r\n3e8", 2000) + 2);
    expect(await readPage(chunks, { "Transfer-Encoding": "chunked" })).toEqual({ rows: ROW, counts: {} });
  });

  it("that would take too much memory are counted", async () => {
    const bomb = gzipSync(Buffer.alloc(65 << 20, "<p>"));
    expect(await readPage(bomb, { "Content-Encoding": "gzip" })).toEqual({ rows: [], counts: { W513: 1 } });
    const long = Buffer.alloc(65 << 20, "<p>");
    const records = [page(long), page(long, { "Content-Type": "video/mp4" }), page('<img src="x.png" alt="y">')];
    for (const file of [
      toMembers(records, 1),
      Buffer.concat(records),
      gzipSync(Buffer.concat(records), { level: 1 }),
    ]) {
      const { rows, counts } = await read(save(file));
      expect([plain(rows), counts]).toEqual([ROW, { W513: 1 }]);
    }
  });
});

/** Links as the extractor writes them, and as it does not. */
const links = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record(
        {
          path: fc.constant("IMG@/src"),
          alt: fc.oneof(
            fc.string({ unit: "grapheme" }),
            fc.constantFrom('a "b" {c} \\', "&amp;quot; &#39; &eacute;", "a\n\t b", ""),
          ),
          title: fc.string(),
          url: fc.oneof(fc.webUrl(), fc.constantFrom("/a?b=1&amp;c=2", "x y.png", "data:,x", "")),
        },
        { requiredKeys: ["path", "url"] },
      ),
    },
    fc.record({
      path: fc.constantFrom("A@/href", "IMG@/longdesc", "IMG@/data-src"),
      url: fc.webUrl(),
      text: fc.constant('"IMG@/src"'),
    }),
    fc.record({ url: fc.webUrl(), path: fc.constant("IMG@/src"), alt: fc.string() }),
    fc.record({
      path: fc.constant("IMG@/src"),
      url: fc.constantFrom(1, null, ["x"], { a: "b" }),
      alt: fc.constant("c"),
    }),
  ) as fc.Arbitrary<Link>,
);

describe("WAT records", () => {
  it("give the images among their links", async () => {
    const { rows, counts } = await read(
      save(
        toMembers([
          WARCINFO,
          wat([
            { path: "A@/href", url: "/x", text: "link" },
            {
              path: "IMG@/src",
              alt: "Escudo d&#39;armas",
              title: " two\n lines",
              url: "//example.org/i.png?a=1&amp;b=2",
            },
            { path: "IMG@/src", url: "none.png" },
            { path: "IMG@/longdesc", url: "/about.html" },
            { path: "IMG@/data-src", url: "late.png" },
            { path: "INPUT@/src", url: "button.png", alt: "button" },
            { path: "IMG@/src", alt: "placeholder", url: "data:image/gif;base64,R0" },
          ]),
          wat([]),
          wat([{ path: "IMG@/src", alt: "b", url: "b.png" }], { base: "http://cdn.example.org/&amp;/" }),
          record({ type: "metadata", contentType: "application/json", block: "{}" }),
          record({ type: "metadata", contentType: "application/json", block: '{"Envelope":' }),
          record({ type: "metadata", contentType: "application/json", block: '{"a":[{"path":"IMG@/src","alt":"x}' }),
          record({
            type: "metadata",
            target: "",
            contentType: "application/json",
            block: watJson([{ path: "IMG@/src", url: "z" }]),
          }),
        ]),
      ),
    );
    expect(plain(rows)).toEqual([
      [at("/i.png?a=1&b=2"), "Escudo d'armas", "two lines"],
      [at("/a/none.png")],
      [at("/a/late.png")],
      ["http://cdn.example.org/&/b.png", "b"],
      [at("/a/z")],
    ]);
    expect(counts).toEqual({ E512: 2, W511: 1 });
  });

  it("are read as parsing all of them reads them", () => {
    const shapes = fc.constantFrom(
      (json: string) => json,
      (json: string) => JSON.stringify(JSON.parse(json), undefined, 1),
      (json: string) => json.replaceAll("/", "\\/"),
      (json: string) => `${json}\r\n`,
    );
    const options = fc.record({ base: fc.option(fc.webUrl(), { nil: undefined }) }, { requiredKeys: [] });
    fc.assert(
      fc.property(links, options, shapes, (all, { base }, shape) => {
        const json = Buffer.from(shape(watJson(all, base === undefined ? {} : { base })));
        const parsed = findByParsing(json)!;
        expect(parsed.images).toHaveLength(
          all.filter(({ path }) => /^IMG@\/(?:data-)?src$/.test(path as string)).length,
        );
        const { address: _, ...found } = findWatImages(json)!;
        // Where there is no image its base means nothing.
        const { address, base: own, ...rest } = parsed;
        expect(found).toEqual({ ...rest, base: parsed.images.length === 0 ? found.base : own });
        expect(address).toBe("http://example.org/a/page.html");
      }),
    );
  });

  it("cut off anywhere are damaged or lack images, and give no others", () => {
    const json = Buffer.from(
      watJson([
        { path: "IMG@/src", alt: "ä}", url: "b" },
        { path: "A@/href", url: "c" },
      ]),
    );
    for (let length = 0; length < json.length; length += 1) {
      const found = findWatImages(json.subarray(0, length));
      if (found !== undefined) expect([0, 1]).toContain(found.images.length);
      expect(() => findWatImages(Buffer.concat([json.subarray(0, length), Buffer.from("}")]))).not.toThrow();
    }
  });

  it("with bytes that are no UTF-8 are counted", async () => {
    const json = Buffer.from(
      watJson([
        { path: "IMG@/src", alt: "a caf\u00e9", url: "b" },
        { path: "IMG@/src", alt: "c", url: "c" },
      ]),
    );
    json[json.indexOf(0xc3)] = 0xff;
    const { rows, counts } = await read(
      save(record({ type: "metadata", contentType: "application/json", block: json })),
    );
    expect([plain(rows), counts]).toEqual([
      [
        [at("/a/b"), "a caf\uFFFD\uFFFD"],
        [at("/a/c"), "c"],
      ],
      { W103: 1 },
    ]);
  });
});

describe("fast ways", () => {
  it("make the addresses that parsing makes", () => {
    const bases = ["http://example.org/a/b?c/d#e", "https://example.org", "http://user@example.org:8080/x/", "dns:x"];
    const parts = fc.constantFrom(
      ...[
        "http://",
        "https://",
        "HTTP://",
        "//",
        "/",
        "a",
        "b.png",
        ".",
        "..",
        "%2e",
        "%2E",
        "xn--a",
        "1",
        "0x1",
        "é",
        " ",
        "?",
        "#",
      ],
      ...[
        "example.com",
        "ex_ample.com",
        ":80",
        ":",
        "@",
        "\\",
        "'",
        '"',
        "|",
        "^",
        "{",
        "%",
        "%41",
        "&",
        "=",
        "data:",
        "~",
        "\t",
        "-",
      ],
    );
    const address = fc.oneof(
      fc.array(parts, { maxLength: 8 }).map((all) => all.join("")),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string(),
    );
    fc.assert(
      fc.property(address, fc.constantFrom(...bases, undefined), (value, page) => {
        const base = findBase(page, undefined);
        let expected: string | undefined;
        try {
          const url = new URL(value, base.url);
          if (/^https?:$/.test(url.protocol) && !/^\s*(?:#|$)/.test(value)) expected = url.href;
        } catch {
          expected = undefined;
        }
        expect(resolveAddress(value, base)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("decode entities as the tokenizer does", () => {
    const parts = fc.constantFrom(
      ...[
        "&amp;",
        "&",
        "amp;",
        "&quot;",
        "&#39;",
        "&#039;",
        "&#x27;",
        "&lt",
        "&lt;",
        "&copy",
        "&copy=",
        "&copy;",
        "&notit;",
        "&a1=",
      ],
      ...[
        "&Eacute;",
        "&nbsp;",
        "x",
        "=",
        ";",
        " ",
        '"',
        "'",
        ">",
        "<",
        "&#",
        "&#x",
        "&#128512;",
        "&#0;",
        "&apos;",
        "é",
        "&AMP;",
      ],
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 6 }), (all) => {
        const value = all.join("");
        let expected: string | undefined;
        const parser = new Parser({
          onattribute(_, found) {
            expected = found;
          },
        });
        parser.end(`<i a="${value.replaceAll('"', "&#34;")}">`);
        expect(decodeEntities(value)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("find in a page what a parser of the whole finds", () => {
    const parts = fc.constantFrom(
      ...[
        '<img src="a" alt="b">',
        "<IMG ALT='c d' SRC=x/y>",
        "<img alt=&lt;&eacute; src>",
        "<p>",
        "</div>",
        "text & more",
        "<!-- <img src=n> -->",
      ],
      ...[
        "<img\nsrc='q'\n",
        ">",
        '"',
        "<b a='>'>",
        "<script>",
        "</script>",
        "<title>",
        "</title>",
        "<img/src=1/alt=2>",
        "<",
        "<textarea>",
        "</textarea>",
      ],
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (all) => {
        const html = all.join("");
        const found: [string | undefined, string | undefined][] = [];
        const parser = new Parser({
          onopentag(name, { src, alt }) {
            if (name === "img") found.push([src, alt]);
          },
        });
        parser.end(html);
        expect(findHtmlImages(html).images.map(({ address, alt }) => [address, alt])).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Pages whose bytes hardly compress, one record each, with an image each. */
function makePages(count: number, { bytes = 1000, seed = 1 } = {}): Buffer[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return Array.from({ length: count }, (_, index) => {
    const noise = Buffer.alloc(bytes);
    for (let i = 0; i + 4 <= bytes; i += 4) noise.writeUInt32LE(random(), i);
    // No byte that would begin a tag.
    return page(
      Buffer.concat([Buffer.from(`<img src="${index}.png" alt="text ${index}"><p>`), noise.map((byte) => byte | 0x40)]),
    );
  });
}

describe("pieces", () => {
  it("are the same whatever the share", async () => {
    // Three ranges and a bit, where a member spans a whole range.
    const long = record({ type: "resource", contentType: "image/png", block: Buffer.alloc(9 << 20, "x") });
    const noise = record({ type: "resource", contentType: "image/png", block: randomBytes(60_000) });
    const pages = makePages(220, { bytes: 100 });
    const padded = pages.map((each) => Buffer.concat([gzipSync(each), gzipSync(noise, { level: 0 })]));
    const parts = [gzipSync(WARCINFO), ...padded.slice(0, 100), gzipSync(long, { level: 0 }), ...padded.slice(100)];
    const path = save(Buffer.concat(parts));
    const size = readFileSync(path).length;
    const all = await read(path);
    expect(plain(all.rows)).toEqual(pages.map((_, index) => [at(`/a/${index}.png`), `text ${index}`]));
    expect([...new Set(all.rows.map(({ piece }) => piece))]).toEqual([0, 1, 2]);
    for (const of of [2, 3, 7]) {
      const shares = [];
      let bytes = 0;
      for (let index = 0; index < of; index += 1) {
        const onBytes = (count: number) => {
          bytes += count;
        };
        shares.push(await read(path, { share: { index, of }, onBytes }));
      }
      expect(shares.flatMap(({ rows }) => rows).sort((a, b) => a.piece - b.piece)).toEqual(all.rows);
      for (const [index, { rows }] of shares.entries())
        expect(rows.every(({ piece }) => piece % of === index)).toBe(true);
      expect(bytes).toBe(size);
    }
    const without = await read(path, { share: { index: 0, of: 1, without: [0, 2] } });
    expect(without.rows).toEqual(all.rows.filter(({ piece }) => piece === 1));
    const large = await read(path, { share: { index: 0, of: 1, groups: 256 } });
    expect(large.rows).toEqual(all.rows.map((row) => ({ ...row, piece: 0 })));
    // Of a file that cannot be cut a piece is so many bytes of what is in it.
    const bytes = Buffer.concat([...pages.slice(0, 100), long, long, long, long, ...pages.slice(100)]);
    for (const other of [save(bytes, "warc"), save(gzipSync(bytes, { level: 1 }))]) {
      const whole = await read(other);
      expect(plain(whole.rows)).toEqual(plain(all.rows));
      expect(whole.rows.map(({ piece }) => piece)).toEqual(pages.map((_, index) => (index < 100 ? 0 : 1)));
      const [even, odd] = await Promise.all([0, 1].map((index) => read(other, { share: { index, of: 2 } })));
      expect([...even!.rows, ...odd!.rows]).toEqual(whole.rows);
    }
  });

  it("begin at members of the file, not of archives in it", async () => {
    const inner = toMembers(makePages(40, { bytes: 2000, seed: 7 }));
    const records = [
      ...makePages(3),
      record({ type: "resource", contentType: "application/gzip", block: inner }),
      ...makePages(60, { bytes: 5000, seed: 3 }),
    ];
    const members = records.map((each, index) => gzipSync(each, { level: index === 3 ? 0 : 6 }));
    const starts = members.map((_, index) => Buffer.concat(members.slice(0, index)).length);
    const path = save(Buffer.concat(members));
    const handle = await open(path);
    try {
      const file = { handle, size: readFileSync(path).length };
      const from = starts[3]! + 100;
      // Deflate has stored the inner archive as it is.
      expect(await findMember(file, from, false)).toBeLessThan(starts[4]!);
      for (let place = from; place < starts[4]!; place += 5000)
        expect(await findMember(file, place, true)).toBe(starts[4]);
      expect(await findMember(file, file.size, true)).toBe(file.size);
    } finally {
      await handle.close();
    }
  });

  it("joined give every member once, wherever they begin, one by one and in runs", async () => {
    const records = [WARCINFO, ...makePages(200, { bytes: 7000 }), ...makePages(12, { bytes: 90_000 })];
    const path = save(toMembers(records));
    const handle = await open(path);
    try {
      const file = { handle, size: readFileSync(path).length };
      const readRange = async (from: number, to: number, inRuns: boolean) => {
        const chunks: Buffer[] = [];
        const user = {
          ...{ start() {}, end() {} },
          push: (bytes: Buffer) => chunks.push(bytes),
          ...(inRuns && { run: (_: number, bytes: Buffer) => chunks.push(bytes) > 0 }),
          damaged(offset: number) {
            throw new Error(`damaged at ${offset}`);
          },
        };
        for await (const _ of readMembers(file, { from, to }, user));
        return Buffer.concat(chunks);
      };
      const whole = Buffer.concat(records);
      const cuts = fc.array(fc.nat(file.size), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(cuts, fc.boolean(), async (places, inRuns) => {
          const starts = [0];
          for (const place of places.sort((a, b) => a - b)) starts.push(await findMember(file, place, true));
          starts.push(file.size);
          const parts = [];
          for (const [index, to] of starts.slice(1).entries()) parts.push(await readRange(starts[index]!, to, inRuns));
          expect(Buffer.concat(parts).equals(whole)).toBe(true);
        }),
        { numRuns: 15 },
      );
    } finally {
      await handle.close();
    }
  });
});

describe("commands", () => {
  const db = join(folder, "lists.sqlite");
  const list = ["--db", db, "--lang", "en", "--name", "web"];

  it("count and curate web archives, the same on every number of threads", () => {
    const tab = join(folder, "wn-data-eng.tab");
    writeFileSync(
      tab,
      "# Test\teng\thttps://example.org\tCC BY\n00000000-n\teng:lemma\ttext\n00000001-n\teng:lemma\ttext 7\n",
    );
    outputOf(["build", "en", "--wordnet", tab, "--db", db]);
    // More than a range of 8 MiB, and more than a piece of four of them.
    const noise = gzipSync(record({ type: "resource", contentType: "image/png", block: randomBytes(200_000) }), {
      level: 0,
    });
    const pages = [...makePages(200, { bytes: 100 }), page('<img src="none.png"><img src="data:,x" alt="text">')];
    const file = save(Buffer.concat(pages.flatMap((each) => [gzipSync(each), noise])));
    const counted = ["1", "4"].map((threads) => {
      const [report] = jsonOf<{ texts: number; rows: number; problems: unknown; groups: unknown }[]>([
        ...["count", file, ...list.slice(0, 4), "--name", `web${threads}`, "--threads", threads],
      ]);
      const { texts, rows, problems, groups } = report!;
      return { texts, rows, problems, groups };
    });
    expect(counted[0]).toMatchObject({
      ...{ texts: 200, rows: 201, problems: [{ code: "W511", count: 1 }] },
      groups: [{ group: "en", texts: 200, matched: 200, matches: 301 }],
    });
    expect(counted[1]).toEqual(counted[0]);
    outputOf(["threshold", "--pool", "web1", "--t", "20", "--db", db]);
    const parts = ["1", "3"].map((threads) => {
      const out = join(folder, `curated-${threads}`);
      outputOf([
        "curate",
        file,
        ...list.slice(0, 4),
        "--name",
        "web1",
        "--out",
        out,
        "--format",
        "jsonl",
        "--threads",
        threads,
      ]);
      return readdirSync(out)
        .sort()
        .map((name) => [name, readFileSync(join(out, name), "utf8")]);
    });
    expect(parts[1]).toEqual(parts[0]);
    expect(parts[0]!.filter(([name]) => name!.startsWith("part-"))).toHaveLength(2);
    expect(parts[0]![1]![1]).toMatch(/"url":"http:\/\/example\.org\/a\/\d+\.png","text":"text \d+","lang":"en"/);
  });

  it("say what a file without captions is", () => {
    const bare = save(toMembers([WARCINFO, page('<img src="x.png">')]));
    const { status, stderr } = runCli(["count", bare, ...list]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /holds no caption; its pages have 1 image, none with a text \(alt,title,data-image-title\)\n$/,
    );
  });
});

describe("damaged archives", () => {
  const pages = makePages(30, { bytes: 3000 });
  const members = pages.map((each) => gzipSync(each));
  const rowsOf = (indexes: readonly number[]) => indexes.map((index) => [at(`/a/${index}.png`), `text ${index}`]);
  const upTo = (count: number, ...without: number[]) =>
    [...Array(count).keys()].filter((index) => !without.includes(index));
  const placeOf = (index: number) => Buffer.concat(members.slice(0, index)).length;

  async function expectRows(
    file: Uint8Array,
    indexes: readonly number[],
    counts: Record<string, number>,
    ending?: string,
  ) {
    const result = await read(save(file, ending));
    expect(plain(result.rows)).toEqual(rowsOf(indexes));
    expect(result.counts).toEqual(counts);
    return result;
  }

  it("that end too early lose their last record", async () => {
    const whole = Buffer.concat(members);
    const { problems } = await expectRows(whole.subarray(0, placeOf(20) + 500), upTo(20), { E511: 1 });
    expect(problems[0]!.samples[0]).toContain(`the record at byte ${placeOf(20)}`);
    for (const more of [1, 5, 10, 11, 300])
      await expectRows(whole.subarray(0, placeOf(20) + more), upTo(20), { E511: 1 });
    await expectRows(whole.subarray(0, -3), upTo(29), { E511: 1 });
  });

  it("go on at the next member behind damaged data, garbage and gaps", async () => {
    const hit = Buffer.concat(members);
    hit.fill(0, placeOf(7) + 200, placeOf(7) + 260);
    await expectRows(hit, upTo(30, 7), { E511: 1 });
    const crc = Buffer.concat(members);
    crc[placeOf(8) - 8]! ^= 1;
    await expectRows(crc, upTo(30, 7), { E511: 1 });
    const header = Buffer.concat(members);
    header.write("xxxx", placeOf(9));
    await expectRows(header, upTo(30, 9), { E511: 1 });
    const first = Buffer.concat(members);
    first.fill(0xff, 700, 750);
    await expectRows(first, upTo(30, 0), { E511: 1 });
    for (const gap of [
      Buffer.from("\r\n"),
      Buffer.alloc(9),
      Buffer.from([0x1f, 0x8b, 8, 0]),
      Buffer.alloc(70_000, "gap"),
    ]) {
      await expectRows(Buffer.concat([...members.slice(0, 5), gap, ...members.slice(5)]), upTo(30), { E511: 1 });
    }
    await expectRows(Buffer.concat([...members, Buffer.alloc(100_000)]), upTo(30), {});
    await expectRows(Buffer.concat([...members, gzipSync("")]), upTo(30), {});
    await expectRows(Buffer.concat([...members.slice(0, 3), gzipSync("no record"), ...members.slice(3)]), upTo(30), {
      E511: 1,
    });
  });

  it("give only what is sound, wherever a byte is wrong", async () => {
    const whole = Buffer.concat(members.slice(0, 6));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: placeOf(1), max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (place, bits) => {
          const bytes = Buffer.from(whole);
          bytes[place]! ^= bits;
          const { rows, counts } = await read(save(bytes));
          const index = [...Array(6).keys()].findLast((each) => placeOf(each) <= place)!;
          // Time, system and flags of a member's header, and the bits behind its last code, may change without harm.
          const isUnused = place - placeOf(index) < 10 || place === placeOf(index + 1) - 9;
          const isHarmless = rows.length === 6 && isUnused;
          if (!isHarmless) expect([plain(rows), counts]).toEqual([rowsOf(upTo(6, index)), { E511: 1 }]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(["warc", "warc.gz", "warc.zst", "members"])(
    "with wrong lengths and headers go on at the next record: %s",
    async (ending) => {
      const pack = (records: readonly Uint8Array[]) => {
        if (ending === "members") return toMembers(records);
        const all = Buffer.concat(records);
        return ending === "warc.gz" ? gzipSync(all) : ending === "warc.zst" ? zstd(all) : all;
      };
      const withField = (index: number, from: RegExp | string, to: string) => {
        const text = pages[index]!.toString("latin1");
        return Buffer.from(text.replace(from, to), "latin1");
      };
      const wrong = (bytes: Buffer) => pack([...pages.slice(0, 4), bytes, ...pages.slice(5, 10)]);
      const left = upTo(10, 4);
      for (const length of ["17", "3000", "3333", "9999", "99999999999", "-1", "x", "9".repeat(30)]) {
        await expectRows(
          wrong(withField(4, /Content-Length: .*/, `Content-Length: ${length}`)),
          left,
          { E511: 1 },
          ending,
        );
      }
      for (const [from, to] of [
        ["WARC-Type: response", "WARC-Tipe: response"],
        ["Content-Length", "Contents-Length"],
        ["WARC/1.0", "WARX/1.0"],
        ["WARC/1.0", "WARC/one"],
        ["WARC/1.0", "WARC/1.0 and more than a version"],
      ] as const) {
        await expectRows(wrong(withField(4, from, to)), left, { E511: 1 }, ending);
      }
      const cut = pages[4]!.subarray(0, -1500);
      await expectRows(wrong(cut), left, { E511: 1 }, ending);
      await expectRows(pack([...pages.slice(0, 4), cut]), upTo(4), { E511: 1 }, ending);
      await expectRows(pack([...pages.slice(0, 4), pages[4]!.subarray(0, 30)]), upTo(4), { E511: 1 }, ending);
      await expectRows(wrong(Buffer.alloc(200_000, "garbage ")), left, { E511: 1 }, ending);
      await expectRows(wrong(Buffer.from("\r\n\r\n\n")), left, ending === "members" ? {} : {}, ending);
    },
  );

  it("of which much is wrong are still read", async () => {
    const wrong = members.map((each, index) => {
      const bytes = Buffer.from(each);
      if (index % 2 === 1) bytes[bytes.length - 5]! ^= 1;
      return bytes;
    });
    await expectRows(
      Buffer.concat(wrong),
      upTo(30).filter((index) => index % 2 === 0),
      { E511: 15 },
    );
    expect(await messageOf(read(save(Buffer.concat(wrong.slice(1, 2)))))).toContain("damaged gzip data");
    const fake = Buffer.alloc(1 << 20, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]));
    await expectRows(Buffer.concat([...members.slice(0, 3), fake, ...members.slice(3)]), upTo(30), { E511: 1 });
    const starts = Buffer.alloc(1 << 20, "WARC/1.0\r\nx ");
    const { rows, counts } = await read(save(Buffer.concat([...pages, starts]), "warc"));
    expect([plain(rows), Object.keys(counts)]).toEqual([rowsOf(upTo(30)), ["E511"]]);
  });

  it("are cut the same however their bytes come", () => {
    const file = Buffer.concat([
      ...pages.slice(0, 3),
      Buffer.from("garbage"),
      pages[3]!.subarray(0, 900),
      ...pages.slice(4, 8),
    ]);
    const cut = (sizes: readonly number[]) => {
      const found: (readonly [string, number, number])[] = [];
      const cutter = createRecordCutter({
        limit: 2000,
        isWanted: () => true,
        take: ({ type, offset, block }: WarcRecord) => found.push([type, offset, block.length]),
        fault: (fault, offset) => found.push([fault, offset, 0]),
      });
      for (let from = 0, i = 0; from < file.length; i += 1) {
        const to = from + (sizes[i % sizes.length] ?? file.length);
        cutter.push(file.subarray(from, to));
        from = to;
      }
      cutter.end();
      return found;
    };
    for (const limit of [1, 2, 7]) expect(cut([limit])).toEqual(cut([]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (sizes) => {
        expect(cut(sizes)).toEqual(cut([]));
      }),
      { numRuns: 50 },
    );
  });
});

describe("web archives", () => {
  const pages = [WARCINFO, ...makePages(5)];
  const bytes = Buffer.concat(pages);

  it("are told by what they begin with, whatever packs them", async () => {
    const rows = makePages(5).map((_, index) => [at(`/a/${index}.png`), `text ${index}`]);
    const files = [
      bytes,
      gzipSync(bytes),
      toMembers(pages),
      bzip2(bytes),
      zstd(bytes),
      Buffer.concat([Buffer.from("WARC/1.0 "), bytes]),
    ];
    for (const [index, file] of files.entries()) {
      const path = save(file, "pool");
      const { counts, rows: found } = await read(path);
      expect(plain(found)).toEqual(rows);
      expect(counts).toEqual(index === 5 ? { E511: 1 } : {});
      const fields = { text: "alt,title,data-image-title", id: undefined, lang: undefined, url: "src" };
      expect(await inspectPool(path, { fields: {} })).toEqual({ format: "warc", fields });
    }
    expect((await inspectPool(save("WARC/Web Archive\nof the web"), { fields: {} })).format).toBe("txt");
  });

  it("give the texts that are asked for", async () => {
    const html = '<img src=x alt="A" title="T" data-image-title="D"><img src=y title="only">';
    const path = save(toMembers([page(html), wat([{ path: "IMG@/src", title: "T", alt: "A", url: "x" }])]));
    const textsOf = async (text: string) => (await read(path, { fields: { text } })).rows.map(({ texts }) => texts);
    expect(await textsOf("alt")).toEqual([["A"], [], ["A"]]);
    expect(await textsOf("title, ALT,title")).toEqual([["T", "A"], ["only"], ["T", "A"]]);
    expect(await textsOf("data-image-title")).toEqual([["D"], [], []]);
    expect((await inspectPool(path, { fields: { text: "title,alt", url: "src" } })).fields).toMatchObject({
      text: "title,alt",
    });
    expect(await messageOf(inspectPool(path, { fields: { text: "alt,caption" } }))).toMatch(
      /has no field "caption" for the text; texts of a web archive are alt, title, data-image-title: name one or, with commas, several$/,
    );
    expect(await messageOf(inspectPool(path, { fields: { id: "key" } }))).toContain('has no field "key" for the id');
    expect(await messageOf(inspectPool(path, { fields: { lang: "l" } }))).toContain(
      'has no field "l" for the language',
    );
    expect(await messageOf(inspectPool(path, { fields: { url: "href" } }))).toContain(
      'has no field "href" for the address',
    );
  });

  it("that are none, or hold no pages, say so", async () => {
    expect(await messageOf(inspectPool(save("a\nb"), { fields: {}, format: "warc" }))).toContain("is no web archive");
    expect(await messageOf(inspectPool(save(toMembers(pages)), { fields: {}, format: "jsonl" }))).toContain(
      "is of format warc, not jsonl",
    );
    const wet = [WARCINFO, record({ type: "conversion", contentType: "text/plain", block: "text" })];
    for (const file of [toMembers(wet), Buffer.concat(wet), bzip2(Buffer.concat(wet))]) {
      expect(await messageOf(inspectPool(save(file), { fields: {} }))).toMatch(/holds no caption: it is a WET file/);
    }
    expect(await messageOf(inspectPool(save("filedesc://x.arc 0.0.0.0 2008\n1 1 x\n"), { fields: {} }))).toContain(
      "is an ARC file",
    );
    expect((await read(save(toMembers([WARCINFO])))).rows).toEqual([]);
  });
});

describe("real archives", () => {
  const ARCHIVES = ["webarchive/aut/example.warc.gz", "webarchive/whirlwind/whirlwind.warc.gz"] as const;
  const lacksArchives = () => lacksSharedData(...ARCHIVES);

  test.skipIf(lacksArchives())("give the images of their pages", async () => {
    const [example, whirlwind] = await Promise.all(ARCHIVES.map((path) => read(sharedData(path))));
    expect(example!.rows).toHaveLength(858);
    expect(example!.rows.filter(({ texts }) => texts.length > 0)).toHaveLength(666);
    expect([example!.counts, whirlwind!.counts]).toEqual([{}, {}]);
    expect(plain(whirlwind!.rows)).toHaveLength(13);
    expect(plain(whirlwind!.rows)[4]).toEqual([
      "https://upload.wikimedia.org/wikipedia/commons/thumb/0/0a/Escudo_de_Escopete_%28Guadalajara%29.svg/" +
        "70px-Escudo_de_Escopete_%28Guadalajara%29.svg.png",
      "Escudo d'armas",
    ]);
    for (const [path, { rows }] of [
      [ARCHIVES[0], example!],
      [ARCHIVES[1], whirlwind!],
    ] as const) {
      const bytes = gunzipSync(readFileSync(sharedData(path)));
      for (const other of [save(bytes), save(gzipSync(bytes))]) expect((await read(other)).rows).toEqual(rows);
    }
  });

  test.skipIf(lacksArchives() || lacksPackages("warcio"))("have the records that warcio finds in them", () => {
    const program = `
import hashlib, json, sys
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], "rb") as file:
    for record in ArchiveIterator(file, no_record_parse=True):
        block = record.raw_stream.read()
        print(json.dumps([record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), hashlib.sha1(block).hexdigest()]))
`;
    for (const path of [
      ...ARCHIVES,
      "webarchive/whirlwind/whirlwind.warc.wat.gz",
      "webarchive/whirlwind/whirlwind.warc.wet.gz",
    ]) {
      const found: unknown[] = [];
      const cutter = createRecordCutter({
        limit: 1 << 26,
        isWanted: () => true,
        fault: (fault, offset) => found.push([fault, offset]),
        take: ({ type, target, block }) =>
          found.push([type, target ?? null, createHash("sha1").update(block).digest("hex")]),
      });
      cutter.push(gunzipSync(readFileSync(sharedData(path))));
      cutter.end();
      const judged = runPython(program, sharedData(path)).trim().split("\n");
      expect(found).toEqual(judged.map((line) => JSON.parse(line)));
    }
  });
});
