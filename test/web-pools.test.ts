import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { Parser } from "htmlparser2";
import { afterAll, describe, expect, it, test } from "vitest";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { findMember, readMembers } from "../src/sources/gzip-members.ts";
import { decodeEntities, findHtmlImages } from "../src/sources/html-images.ts";
import { inspectPool, MAX_TEXT_BYTES, type PoolReading, type PoolRow, readPoolPieces } from "../src/sources/pool.ts";
import { createRecordCutter, type WarcRecord } from "../src/sources/warc-records.ts";
import { findByParsing, findWatImages } from "../src/sources/wat-images.ts";
import { findBase, resolveAddress } from "../src/sources/web-addresses.ts";
import { lacksPackages, PYTHON, runPython } from "./python.ts";
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
    for (const file of [toMembers(records), Buffer.concat(records), gzipSync(Buffer.concat(records))]) {
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
        { path: "IMG@/src", alt: "b\u00e9", url: "b" },
        { path: "IMG@/src", alt: "c", url: "c" },
      ]),
    );
    json[json.indexOf(0xc3)] = 0xff;
    const { rows, counts } = await read(
      save(record({ type: "metadata", contentType: "application/json", block: json })),
    );
    expect([plain(rows), counts]).toEqual([
      [
        [at("/a/b"), "b\uFFFD\uFFFD"],
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
