import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import Papa from "papaparse";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { inspectPool, MAX_TEXT_BYTES, type PoolReading, type PoolRow, readPool } from "../src/sources/pool.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { bzip2, zstd } from "./write-compressed.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-pool-"));
afterAll(() => rmSync(folder, { recursive: true }));

let saved = 0;
function save(content: string | Uint8Array, ending = "pool"): string {
  saved += 1;
  const path = join(folder, `${saved}.${ending}`);
  writeFileSync(path, content);
  return path;
}

type How = Partial<Omit<PoolReading, "problems">>;

async function read(path: string, how: How = {}) {
  const problems = new Problems();
  const rows: PoolRow[] = [];
  for await (const batch of readPool(path, { fields: {}, ...how, problems })) rows.push(...batch);
  return { rows, problems: problems.list(), counts: countsOf(problems) };
}

const countsOf = (problems: Problems) => Object.fromEntries(problems.list().map(({ code, count }) => [code, count]));

/** What all shares read and count together. */
async function readShares(path: string, of: number, how: How = {}) {
  const problems = new Problems();
  const rows: PoolRow[][] = [];
  for (let index = 0; index < of; index += 1) {
    const share = await read(path, { ...how, share: { index, of } });
    rows.push(share.rows);
    problems.merge(share.problems);
  }
  return { rows, counts: countsOf(problems) };
}

const row = (texts: readonly string[], { id, url, lang, ...rest }: Partial<PoolRow> = {}): PoolRow => ({
  ...{ id, url, lang, texts },
  ...rest,
});

const textsOf = (rows: readonly PoolRow[]) => rows.map(({ texts }) => texts.join(" | "));

async function messageOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain("\n");
  return message.replace(/^\S*\//, "");
}

describe("JSON lines", () => {
  it("give id, language, address and one text or several", async () => {
    const path = save(
      [
        '{"id":"a","text":"One","lang":"en","url":"https://x.org/1.jpg"}',
        "",
        '{"id":7,"texts":["Two","Three"]}\r',
        '  {"text":"No id"}',
        '{"id":"","lang":null,"text":"Empty id"}',
      ].join("\n"),
    );
    expect(await read(path)).toEqual({
      rows: [
        row(["One"], { id: "a", lang: "en", url: "https://x.org/1.jpg" }),
        row(["Two", "Three"], { id: "7", numericId: true }),
        row(["No id"]),
        row(["Empty id"]),
      ],
      problems: [],
      counts: {},
    });
  });

  it("keep ids of 64 bits as they are written", async () => {
    const lines = ['{"other":1,"id": 9007199254740993,"text":"a"}', '{"id":1.5,"text":"b"}', '{"id":1e3,"text":"c"}'];
    expect((await read(save(lines.join("\n")))).rows.map(({ id }) => id)).toEqual(["9007199254740993", "1.5", "1000"]);
    // What has a point or an exponent is a number of floating point, whose digits every program writes by one rule.
    const floats = ["123456789012345678.0", "1e21", "0.10", "1e-7"].map((id) => `{"id":${id},"text":"x"}`);
    const digits = ["123456789012345680", "1e+21", "0.1", "1e-7"];
    expect((await read(save(floats.join("\n")))).rows.map(({ id }) => id)).toEqual(digits);
    const infinite = await read(save('{"id":1e999,"text":"x"}'));
    expect(infinite).toMatchObject({ rows: [row(["x"])], counts: { W503: 1 } });
    const nested = '{"a":{"k$":-9223372036854775807},"text":"x"}';
    expect((await read(save(nested), { fields: { id: "a.k$" } })).rows[0]?.id).toBe("-9223372036854775807");
  });

  it("are read by paths", async () => {
    const path = save('{"m":{"x":[{"t":"deep"}],"l":"de"},"a.b":"flat","a":{"b":"nested"}}');
    expect((await read(path, { fields: { text: "m.x.0.t", lang: "m.l" } })).rows).toEqual([
      row(["deep"], { lang: "de" }),
    ]);
    expect((await read(path, { fields: { text: "a.b" } })).rows).toEqual([row(["flat"])]);
    expect(await messageOf(read(path, { fields: { text: "constructor.name" } }))).toContain(
      'no field "constructor.name"',
    );
  });

  it("count what cannot be read, and go on", async () => {
    const path = save(
      [
        '{"text":"good","id":1}',
        '{"text":',
        "[1]",
        "plain",
        '{"text":12}',
        '{"text":["a",null,"","b",3,"c"],"id":{}}',
        '{"id":"no text"}',
        '{"text":" \\n\\u00a0\\u3000"}',
        '{"text":"a\\u0000b"}',
        '{"text":"half \\ud83d."}',
        JSON.stringify({ text: "x".repeat(MAX_TEXT_BYTES) }),
        JSON.stringify({ text: "é".repeat(MAX_TEXT_BYTES / 2 + 1) }),
      ].join("\n"),
    );
    const { rows, counts, problems } = await read(path);
    expect(rows.map(({ texts }) => texts.map((text) => text.slice(0, 8)))).toEqual([
      ["good"],
      [],
      ["a", "b", "c"],
      [],
      [],
      [],
      ["half \uFFFD."],
      ["xxxxxxxx"],
      [],
    ]);
    expect(counts).toEqual({ E501: 3, E502: 2, E503: 1, W103: 1, W501: 4, W502: 1, W503: 1 });
    expect(problems[0]?.samples).toEqual([2, 3, 4].map((line) => `${path}: line ${line}`));
  });

  it("leave out what is no text", async () => {
    const base64 = "aGVsbG8gd29ybGQh/9j+".repeat(13);
    const texts = {
      E503: ["\u0001\u0002 ab", "\ud800\ufffd\u009fabc", "a\u0000"],
      E504: [`data:image/gif;base64,${base64}`, " DATA:text/plain,x", `see ${base64}`, "0f".repeat(128)],
      W501: ["", "\u200b\u200d \ufeff", "\u00ad\u3164\u034f"],
      taken: [
        "a\u0001b\ufffdcd",
        "Ã© and â€™",
        "data: what we know",
        "a‌b",
        "=-".repeat(300),
        "a".repeat(300),
        `${"word ".repeat(80)}https://x.org/${"a1/".repeat(60)}`,
        "字".repeat(300),
      ],
    };
    const all = Object.values(texts).flat();
    const path = save(all.map((text) => JSON.stringify({ text })).join("\n"));
    const { rows, counts } = await read(path);
    expect(textsOf(rows).filter((text) => text !== "")).toEqual(texts.taken);
    expect(counts).toEqual({ E503: 3, E504: 4, W501: 3 });
    const csv = save(`id,text\n1,${base64}\n2,\u200b\n`, "csv");
    expect((await read(csv)).counts).toEqual({ E504: 1, W501: 1 });
    expect((await read(save(`one\n${base64}\n\x01\x02\n`))).counts).toEqual({ E503: 1, E504: 1 });
  });

  it("look for fields beyond a first row that lacks them, or is damaged", async () => {
    const path = save('{"id":"1"\n{"id":"2"}\n{"id":"3","Caption":"c","LANGUAGE":"en"}');
    expect((await read(path)).rows).toEqual([row([], { id: "2" }), row(["c"], { id: "3", lang: "en" })]);
  });
});

describe("fields", () => {
  it("have usual names, of which just one may be there", async () => {
    const rows = async (line: object) => (await read(save(JSON.stringify(line)))).rows;
    const [url, lang, id] = ["u", "en", "1"];
    expect(await rows({ URL: url, TEXT: "t", LANGUAGE: lang, SAMPLE_ID: 1 })).toEqual([
      row(["t"], { url, lang, id, numericId: true }),
    ]);
    expect(await rows({ key: id, caption: "t", url })).toEqual([row(["t"], { url, id })]);
    expect(await rows({ text: "t", caption: "c" })).toEqual([row(["t"])]);
    // Two that may be the id: neither is, but img2dataset's own number gives way.
    expect(await rows({ key: "k", uid: "u", text: "t" })).toEqual([row(["t"], { id: "u" })]);
    expect(await rows({ uuid: "k", uid: "u", text: "t" })).toEqual([row(["t"])]);
    expect(await messageOf(rows({ alt: "a", caption: "c", id }))).toMatch(
      /: alt, caption may all hold the text; name the one/,
    );
  });

  it("that are missing are told with those that are there", async () => {
    const json = save('{"a":{"b":1},"c":"x"}', "json");
    expect(await messageOf(read(json))).toMatch(
      /^\d+\.json: has no field "text".*the first lines have a\.b, c; name the one/,
    );
    expect(await messageOf(read(json, { fields: { text: "c", lang: "d" } }))).toMatch(
      /has no field "d" for the language; the first lines have a\.b, c$/,
    );
    const named = save("id,foo\n1,x\n");
    expect(await messageOf(read(named))).toMatch(/has no field "text".*; its columns are id, foo; name the one/);
    const unnamed = save("A cat\thttps://x.org\n");
    expect(await messageOf(read(unnamed))).toMatch(
      /; its columns begin with 1 "A cat", 2 "https:\/\/x\.org"; name the column.* by its number, e\.g\. --text-field 1$/,
    );
    expect(await messageOf(read(unnamed, { fields: { text: "3" } }))).toMatch(/no field "3" for the text; its columns/);
    expect(await messageOf(read(save("A cat\n"), { fields: { lang: "lang" } }))).toMatch(
      /no field "lang": it is plain text, a caption a line, which begins "A cat"$/,
    );
    const names = new Map([[json, "standard input"]]);
    expect(await messageOf(read(json, { names }))).toMatch(/^standard input: has no field/);
  });
});

describe("tables", () => {
  it("of tabs take quotes as they stand, and need as many columns as the first line", async () => {
    const path = save(
      'id\ttext\tlang\n1\t"Ace" shoes\tde\r\n2\t"quoted ""twice"""\t\n\n3\ttwo\tmany\tcolumns\n4\tfew\n\t\t\n5\tlast, "\ten',
    );
    const { rows, counts } = await read(path);
    expect(rows).toEqual([
      row(['"Ace" shoes'], { id: "1", lang: "de" }),
      row(['"quoted ""twice"""'], { id: "2" }),
      row([]),
      row(['last, "'], { id: "5", lang: "en" }),
    ]);
    expect(counts).toEqual({ E501: 2, W501: 1 });
  });

  it("are read by column numbers, with names or without", async () => {
    const fields = { text: "2", url: "1" };
    const expected = [row(["A cat"], { url: "https://x.org/1" }), row(["text"], { url: "https://x.org/2" })];
    for (const part of ["\t", ","]) {
      const lines = ["https://x.org/1", "A cat", "https://x.org/2", "text"];
      const body = `${lines.slice(0, 2).join(part)}\n${lines.slice(2).join(part)}\n`;
      expect((await read(save(body), { fields })).rows).toEqual(expected);
      expect((await read(save(`url${part}whatever\n${body}`), { fields })).rows).toEqual(expected);
    }
  });

  it("of commas, semicolons or, as csv, tabs take quotes as RFC 4180 does", async () => {
    const expected = [row(['a, b; c\td\n"e"\n\nf'], { id: "1" }), row(["plain"], { id: "2" })];
    for (const part of [",", ";", "\t"]) {
      const path = save(
        `"id"${part}text\r\n1${part}"a, b; c\td\r\n""e""\r\n\r\nf"\r\n2${part} plain`.replace(" plain", "plain"),
      );
      expect((await read(path, { format: "csv" })).rows).toEqual(expected);
      if (part !== "\t") expect((await read(path)).rows).toEqual(expected);
    }
  });

  it("lose only the rows whose quotes are damaged", async () => {
    const lines = [
      "url,text,lang",
      'u1,"Ace" shoes,en',
      "u2,fine,en",
      'u3,"open quote,en',
      'u4,"in order",en',
      'u5,"never closed',
      "u6,fine,en",
      'u7,12" pizza,en',
      'u8,"over\ntwo lines",en',
      'u9,"open at the end,en',
      "u10,fine,en",
    ];
    const { rows, counts } = await read(save(lines.join("\n")));
    const urls = rows.map(({ url }) => url);
    expect(urls).toEqual(expect.arrayContaining(["u2", "u4", "u6", "u7", "u8", "u10"]));
    expect(rows.find(({ url }) => url === "u7")?.texts).toEqual(['12" pizza']);
    expect(rows.find(({ url }) => url === "u8")?.texts).toEqual(["over\ntwo lines"]);
    expect(urls.length + (counts.E501 ?? 0)).toBe(10);
  });

  it("survive a quote that opens every row and closes none", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i},"text ${i}`);
    const { rows, counts } = await read(save(`id,text\n${lines.join("\n")}\n`));
    expect(rows).toHaveLength(5000);
    expect(rows[77]).toEqual(row(["text 77"], { id: "77" }));
    expect(counts).toEqual({});
  });

  it("may have names over several lines", async () => {
    const path = save('id,text,"a note\non it"\n1,one,"x\ny"\n');
    expect((await read(path)).rows).toEqual([row(["one"], { id: "1" })]);
  });
});

describe("the format", () => {
  const formatOf = async (content: string, ending?: string, fields = {}) =>
    (await inspectPool(save(content, ending), { fields })).format;

  it("is told by the content", async () => {
    expect(await formatOf('\n{"text":"a"}', "csv")).toBe("jsonl");
    expect(await formatOf("url\tcaption\n", "csv")).toBe("tsv");
    expect(await formatOf("url,caption\n", "txt")).toBe("csv");
    expect(await formatOf("A man, a plan, a canal\n")).toBe("txt");
    expect(await formatOf("text\nA word is the first line.\n", "txt")).toBe("txt");
    expect(await formatOf("{not JSON}\n", "jsonl")).toBe("txt");
    expect(await formatOf("[1] A footnote\n")).toBe("txt");
    expect(await formatOf("")).toBe("txt");
  });

  it("is told by the name where the content leaves it open", async () => {
    expect(await formatOf("caption\nA cat\n", "CSV.gz")).toBe("csv");
    expect(await formatOf("caption\nA cat\n", "tsv")).toBe("tsv");
    expect(await formatOf("A man, a plan\n", "csv", { text: "1" })).toBe("csv");
    expect(await formatOf("A man, a plan\n", "txt", { text: "2" })).toBe("csv");
  });

  it("can be given", async () => {
    const path = save("text,lang\nA cat,en\n", "csv");
    expect(textsOf((await read(path, { format: "txt" })).rows)).toEqual(["text,lang", "A cat,en"]);
    expect(textsOf((await read(save("[\n"), { format: "txt" })).rows)).toEqual(["["]);
  });

  it("of other files is said", async () => {
    expect(await messageOf(read(save('[\n{"text":"a"}]')))).toMatch(/is one JSON document; write one object a line/);
    expect(await messageOf(read(save('[{"text":"a"},{"text":"b"}]')))).toMatch(/is one JSON document/);
    expect(await messageOf(read(save('{\n"text":"a"}')))).toMatch(/is one JSON document/);
    expect(await messageOf(read(save('{"text":"cut o')))).toMatch(
      /none of its first lines is a JSON object; it begins/,
    );
    expect(await messageOf(read(save("PAR1\x15\x04\n")))).toMatch(/the Parquet file ends too early/);
    expect(await messageOf(read(save(Buffer.from("\uFEFFA cat\n", "utf16le"))))).toMatch(/is UTF-16 text; convert it/);
    expect(await messageOf(read(save(Buffer.from("é\n".repeat(30), "latin1"))))).toMatch(
      /is no UTF-8 text \(30 of the/,
    );
    expect(await messageOf(read(join(folder, "none")))).toMatch(/no such file/);
    expect(await messageOf(read(folder))).toMatch(/is a directory/);
  });
});

describe("any file", () => {
  it("may be empty or blank", async () => {
    for (const format of [undefined, "jsonl", "tsv", "csv", "txt"] as const) {
      expect(await read(save(""), { format })).toEqual({ rows: [], problems: [], counts: {} });
    }
    expect((await read(save("text,lang\n"))).rows).toEqual([]);
    expect((await read(save("\n \n"), { format: "csv" })).rows).toEqual([]);
    expect(await read(save("one\n\n"))).toMatchObject({ rows: [row(["one"]), row([])], counts: { W501: 1 } });
  });

  it("is told by its content to be compressed", async () => {
    const text = "\uFEFFid,text\r\n1,A cat\r\n2,Ein Hund\r\n";
    for (const bytes of [Buffer.from(text), gzipSync(text), bzip2(text), zstd(text)]) {
      expect((await read(save(bytes, "data"))).rows).toEqual([
        row(["A cat"], { id: "1" }),
        row(["Ein Hund"], { id: "2" }),
      ]);
    }
  });

  it("keeps and counts bytes that are not UTF-8, and leaves out NUL", async () => {
    const bytes = Buffer.from("caf\xe9\nfine \0 not\nlast\n", "latin1");
    expect(await read(save(bytes))).toMatchObject({
      rows: [row(["caf\uFFFD"]), row([]), row(["last"])],
      counts: { W103: 1, E503: 1 },
    });
    expect((await read(save("U+FFFD itself: \uFFFD\n"))).counts).toEqual({});
  });

  it("may have lines too long to hold", async () => {
    const path = save(`id,text\n1,a\n2,${"x".repeat(17 << 20)}\n3,c\n4\n`);
    for (const of of [1, 3]) {
      const { rows, counts } = await readShares(path, of);
      expect(rows.flat()).toEqual([row(["a"], { id: "1" }), row(["c"], { id: "3" })]);
      expect(counts).toEqual({ E501: 2 });
    }
    expect((await read(path)).problems[0]?.samples).toEqual([
      `${path}: line 3, which is longer than 16 MiB`,
      `${path}: line 5`,
    ]);
  });

  it("tells each of its bytes once, whatever the shares", async () => {
    const content = Array.from({ length: 300_000 }, (_, i) => `caption number ${i}`).join("\n");
    const path = save(content);
    for (const of of [1, 3]) {
      let bytes = 0;
      for (let index = 0; index < of; index += 1) {
        await read(path, { share: { index, of }, onBytes: (count) => (bytes += count) });
      }
      expect(bytes).toBe(content.length);
    }
  });
});

describe("properties", () => {
  /** Texts with all that formats trip over. */
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      '""',
      ",",
      ";",
      "\t",
      "\n",
      "\r\n",
      "'",
      "\\",
      "{",
      "}",
      " ",
      "é",
      "猫",
      "😀",
      "\u2028",
      "text",
    ),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  );
  const anyText = fc.array(piece, { maxLength: 8 }).map((pieces) => `x${pieces.join("").replaceAll("\0", "")}`);
  const cell = anyText.map((text) => text.replace(/\r\n?/g, "\n"));
  const flat = anyText.map((text) => text.replace(/[\t\r\n]/g, " "));
  const lineEnd = fc.constantFrom("\n", "\r\n");
  const start = fc.constantFrom("", "\uFEFF");
  const rowsOf = (text: fc.Arbitrary<string>) =>
    fc.array(fc.record({ id: text, text, lang: fc.constantFrom("", "en", "日本") }), { maxLength: 40 });
  const expected = (rows: readonly { id: string; text: string; lang: string }[]) =>
    rows.map(({ id, text, lang }) => row([text], { id, lang: lang || undefined }));

  it("any rows come back from JSON lines", () =>
    fc.assert(
      fc.asyncProperty(rowsOf(anyText), lineEnd, start, async (rows, end, bom) => {
        const path = save(bom + rows.map((each) => JSON.stringify(each) + end).join(""));
        expect(await read(path, { format: "jsonl" })).toEqual({ rows: expected(rows), problems: [], counts: {} });
      }),
    ));

  it("any rows come back from CSV, with any delimiter and quotes where needed or everywhere", () =>
    fc.assert(
      fc.asyncProperty(
        rowsOf(cell),
        lineEnd,
        start,
        fc.constantFrom(",", ";", "\t"),
        fc.boolean(),
        async (rows, newline, bom, delimiter, quotes) => {
          const table = Papa.unparse({ fields: ["id", "text", "lang"], data: rows }, { newline, delimiter, quotes });
          const { rows: found, counts } = await read(save(bom + table + newline), { format: "csv" });
          expect(found).toEqual(expected(rows));
          expect(counts).toEqual({});
        },
      ),
    ));

  it("any rows come back from TSV and from plain text", () =>
    fc.assert(
      fc.asyncProperty(rowsOf(flat), lineEnd, start, async (rows, end, bom) => {
        const table = [["id", "text", "lang"], ...rows.map(({ id, text, lang }) => [id, text, lang])];
        const tsv = save(bom + table.map((cells) => cells.join("\t") + end).join(""));
        expect(await read(tsv)).toEqual({ rows: expected(rows), problems: [], counts: {} });
        const txt = save(bom + rows.map(({ text }) => text + end).join(""));
        expect((await read(txt, { format: "txt" })).rows).toEqual(rows.map(({ text }) => row([text])));
      }),
    ));

  it("shares give the rows of one reader, each once, of any bytes", () => {
    const junk = fc.oneof(
      { weight: 4, arbitrary: piece },
      { weight: 2, arbitrary: fc.constantFrom("\n", '\n"', '",', '"\n', "\n{", '\n{"text":"a"}\n', "\r") },
    );
    const contents = fc.array(junk, { maxLength: 60 }).map((pieces) => pieces.join(""));
    return fc.assert(
      fc.asyncProperty(
        contents,
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom("jsonl" as const, "tsv" as const, "csv" as const, "txt" as const),
        fc.integer({ min: 1, max: 5 }),
        async (content, times, format, of) => {
          const head = { jsonl: '{"text":"a"}\n', tsv: "id\ttext\n", csv: "id,text\n", txt: "" }[format];
          const path = save(head + `${content}\n`.repeat(times));
          const whole = await read(path, { format });
          const shares = await readShares(path, of, { format });
          expect(shares.counts).toEqual(whole.counts);
          expect(sorted(shares.rows.flat())).toEqual(sorted(whole.rows));
          rmSync(path);
        },
      ),
      { numRuns: 60 },
    );
  });

  const sorted = (rows: readonly PoolRow[]) => rows.map((each) => JSON.stringify(each)).sort();

  it("shares of many rows are near equal and in order", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => (i % 7 === 0 ? `${i},"a ""${i}""\nb"` : `${i},plain`));
    const path = save(gzipSync(`id,text\r\n${lines.join("\r\n")}\r\n`));
    const { rows } = await readShares(path, 3);
    for (const share of rows) {
      const ids = share.map(({ id }) => Number(id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(Math.abs(ids.length - 20_000 / 3)).toBeLessThan(513);
    }
    const ids = rows.flat().map(({ id }) => Number(id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  });
});

describe("real captions", () => {
  const FILES = {
    "conceptual-captions/Validation_GCC-1.1.0-Validation.tsv.gz": { fields: { text: "1", url: "2" }, rows: 15_833 },
    // Two texts that were GBK and are mostly U+FFFD, and one of a zero-width space alone.
    "web-alts/alts.tsv.gz": { fields: { text: "5", lang: "3", url: "4" }, rows: 32_785, left: { E503: 2, W501: 1 } },
    "iglue-wit/test_ar.jsonl.gz": { fields: {}, rows: 890 },
    "iglue-wit/test_ja.jsonl.gz": { fields: { id: "wit_ix" }, rows: 1000 },
    "iglue-wit/val_en.jsonl.gz": { fields: {}, rows: 4632 },
    "multi30k/train.de.gz": { fields: {}, rows: 29_000 },
    "multi30k/val.cs.gz": { fields: {}, rows: 1014 },
    "flickr8k-cn/flickr8kzhc.caption.txt.gz": { fields: {}, rows: 40_455 },
  } as const;
  const entries = Object.entries(FILES);
  const lacks = lacksSharedData(...entries.map(([name]) => `captions/${name}`));

  it.skipIf(lacks).each(entries)("%s", async (name, file) => {
    const { fields, rows: count } = file;
    const left: Readonly<Record<string, number>> = "left" in file ? file.left : {};
    const path = sharedData(`captions/${name}`);
    const { rows, counts } = await read(path, { fields });
    expect(counts).toEqual(left);
    expect(rows).toHaveLength(count);
    const without = Object.values(left).reduce((sum, some) => sum + some, 0);
    expect(rows.filter(({ texts }) => texts.length === 1)).toHaveLength(count - without);
    const { format } = await inspectPool(path, { fields });
    if (format !== "jsonl") {
      const { readFileSync } = await import("node:fs");
      const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");
      const column = "text" in fields ? Number(fields.text) - 1 : undefined;
      const texts = lines.map((line) => (column === undefined ? line : line.split("\t")[column]!));
      const taken = textsOf(rows);
      expect(texts.filter((text, at) => text !== taken[at])).toHaveLength(without);
    }
    expect((await readShares(path, 2, { fields })).rows.flat()).toHaveLength(count);
  });

  it.skipIf(lacks)("are asked for their columns", async () => {
    const path = sharedData("captions/conceptual-captions/Validation_GCC-1.1.0-Validation.tsv.gz");
    expect(await messageOf(read(path))).toMatch(new RegExp(`^${basename(path)}: .*1 "author : a life in photography`));
  });

  it.skipIf(lacksSharedData("captions/babel-imagenet"))("in one JSON document are refused", async () => {
    const path = sharedData("captions/babel-imagenet/babel_imagenet-298.json.gz");
    expect(await messageOf(read(path))).toMatch(/is one JSON document/);
  });
});
