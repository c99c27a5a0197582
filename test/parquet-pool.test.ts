import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { createPart } from "../src/export/curated.ts";
import { parquetChunks } from "../src/export/parquet.ts";
import { Problems } from "../src/problems.ts";
import { inspectPool, type PoolReading, type PoolRow, readPoolPieces } from "../src/sources/pool.ts";
import { lacksPackages, runPython } from "./python.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

let saved = 0;
function save(bytes: Uint8Array): string {
  saved += 1;
  const path = join(folder, `${saved}.parquet`);
  writeFileSync(path, bytes);
  return path;
}

type How = Partial<Omit<PoolReading, "problems">>;

/** All rows with their pieces, what was counted, and the bytes that were told. */
async function read(path: string, how: How = {}) {
  const problems = new Problems();
  const rows: PoolRow[] = [];
  const pieces: number[] = [];
  let bytes = 0;
  const onBytes = (count: number) => {
    bytes += count;
  };
  for await (const batch of readPoolPieces(path, { fields: {}, onBytes, ...how, problems })) {
    rows.push(...batch.rows);
    pieces.push(...batch.rows.map(() => batch.piece));
  }
  const counts = Object.fromEntries(problems.list().map(({ code, count }) => [code, count]));
  return { rows, pieces, bytes, counts, problems: problems.list() };
}

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

const textsOf = ({ rows }: { readonly rows: readonly PoolRow[] }) => rows.map(({ texts }) => texts);

const STRING = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** A file of one column of texts, by the schema given, with as many rows a group. */
function writeTexts(texts: readonly unknown[], { rowGroupSize = 100, type = STRING as object } = {}): string {
  const schema = [
    { name: "root", num_children: 1 },
    { name: "text", repetition_type: "OPTIONAL" as const, ...type },
  ];
  const buffer = parquetWriteBuffer({ columnData: [{ name: "text", data: [...texts] }], schema, rowGroupSize });
  return save(new Uint8Array(buffer));
}

describe("Parquet", () => {
  it("is told by its content, and read by the usual names of columns", async () => {
    const columns = [
      { name: "uid", type: "string" },
      { name: "url", type: "string", nullable: true },
      { name: "alt", type: "string", nullable: true },
      { name: "page_url", type: "string" },
    ] as const;
    const values = [
      ["a", "b"],
      ["https://x.org/1.jpg", null],
      ["One", null],
      ["p", "q"],
    ];
    const path = save(Buffer.concat([...parquetChunks({ columns }, [values])]));
    expect(await inspectPool(path, { fields: {} })).toEqual({
      format: "parquet",
      fields: { text: "alt", id: "uid", lang: undefined, url: "url" },
    });
    expect(await read(path)).toMatchObject({
      rows: [
        { id: "a", url: "https://x.org/1.jpg", lang: undefined, texts: ["One"] },
        { id: "b", url: undefined, lang: undefined, texts: [] },
      ],
      bytes: statSync(path).size,
      counts: { W501: 1 },
    });
    expect(await read(path, { format: "parquet", fields: { text: "page_url" } })).toMatchObject({
      rows: [{ texts: ["p"] }, { texts: ["q"] }],
    });
  });

  it("takes a set's own ids before those that img2dataset gives", async () => {
    const column = (name: string) => ({ name, type: "string" }) as const;
    const columns = [column("key"), column("uid"), column("caption")];
    const path = save(Buffer.concat([...parquetChunks({ columns }, [[["000"], ["u"], ["c"]]])]));
    expect((await inspectPool(path, { fields: {} })).fields).toMatchObject({ id: "uid", text: "caption" });
  });

  it("reads curated pairs back", async () => {
    const directory = join(folder, "curated");
    mkdirSync(directory);
    const part = createPart(directory, "part-00000-00000.parquet", "parquet");
    const row = {
      url: "https://x.org/1.jpg",
      text: "A dog",
      lang: "en",
      matches: Uint32Array.of(1, 4),
      probability: 1,
    };
    part.add({ ...row, id: "7", numericId: true });
    part.add({ ...row, id: "b", numericId: false, url: undefined, text: "Ein Hund", lang: "de" });
    const left = part.end(true);
    const { rows } = await read(join(directory, left!.path));
    expect(rows).toEqual([
      { id: "7", url: "https://x.org/1.jpg", lang: "en", texts: ["A dog"] },
      { id: "b", url: undefined, lang: "de", texts: ["Ein Hund"] },
    ]);
  });

  it("has pieces that do not depend on the shares", async () => {
    const property = fc.asyncProperty(
      fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
        of: fc.integer({ min: 1, max: 4 }),
        groups: fc.integer({ min: 1, max: 3 }),
      }),
      async ({ sizes, of, groups }) => {
        let made = 0;
        const batches = sizes.map((size) => [Array.from({ length: size }, () => `caption ${made++}`)]);
        const path = save(Buffer.concat([...parquetChunks({ columns: [{ name: "text", type: "string" }] }, batches)]));
        const whole = await read(path, { share: { index: 0, of: 1, groups } });
        expect(textsOf(whole)).toEqual(Array.from({ length: made }, (_, at) => [`caption ${at}`]));
        const shares = [];
        for (let index = 0; index < of; index++) shares.push(await read(path, { share: { index, of, groups } }));
        const all = shares.flatMap(({ rows, pieces }) => rows.map((row, at) => ({ piece: pieces[at]!, row })));
        const byPiece = all.map((_, at) => at).sort((a, b) => all[a]!.piece - all[b]!.piece || a - b);
        expect(byPiece.map((at) => all[at]!.row)).toEqual(whole.rows);
        expect(byPiece.map((at) => all[at]!.piece)).toEqual(whole.pieces);
        for (const [index, { pieces }] of shares.entries())
          expect(pieces.every((piece) => piece % of === index)).toBe(true);
        expect(shares.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(statSync(path).size);
        // Row groups that are small stand together; pieces are numbered without gaps, and each but the last is large enough.
        const numbers = [...new Set(whole.pieces)];
        expect(numbers).toEqual(numbers.map((_, at) => at));
        for (const number of numbers.slice(0, -1))
          expect(whole.pieces.filter((piece) => piece === number).length).toBeGreaterThanOrEqual(groups * 512);
        // What was done before is not read again.
        const rest = await read(path, { share: { index: 0, of: 1, groups, without: [0] } });
        expect(rest.rows).toEqual(whole.rows.filter((_, at) => whole.pieces[at] !== 0));
        expect(rest.bytes).toBe(statSync(path).size);
        rmSync(path);
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  it("says where faults are", async () => {
    const texts = ["good", null, "  ", "a\0b", "x".repeat(70_000), "good as well"];
    const path = writeTexts(texts, { rowGroupSize: 2 });
    const { rows, counts, problems } = await read(path);
    expect(rows.map(({ texts: found }) => found.length)).toEqual([1, 0, 0, 0, 0, 1]);
    expect(counts).toEqual({ E503: 1, W501: 2, W502: 1 });
    expect(problems.find(({ code }) => code === "E503")?.samples).toEqual([`${path}: row 4`]);
  });

  it("counts bytes that are no UTF-8, and texts that are no strings", async () => {
    const bytes = [Buffer.from("caf\xe9 noir", "latin1"), Buffer.from("\ufffd is meant")];
    const damaged = await read(writeTexts(bytes, { type: { type: "BYTE_ARRAY" } }));
    expect(textsOf(damaged)).toEqual([["caf\ufffd noir"], ["\ufffd is meant"]]);
    expect(damaged.counts).toEqual({ W103: 1 });
    const numbers = await read(writeTexts([1, 2], { type: { type: "INT32" } }));
    expect(numbers).toMatchObject({ counts: { E502: 2 } });
  });

  it("may have no rows", async () => {
    const path = save(Buffer.concat([...parquetChunks({ columns: [{ name: "text", type: "string" }] }, [])]));
    expect(await read(path)).toMatchObject({ rows: [], counts: {}, bytes: statSync(path).size });
  });

  it("that cannot be read is refused in one line", async () => {
    const columns = [{ name: "text", type: "string" }] as const;
    const whole = Buffer.concat([...parquetChunks({ columns }, [[["One", "Two"]]])]);
    expect(await messageOf(read(save(whole), { fields: { text: "caption" } }))).toMatch(
      /has no field "caption" for the text; its columns are text$/,
    );
    expect(await messageOf(read(save(whole), { format: "jsonl" }))).toMatch(/is of format parquet, not jsonl/);
    expect(await messageOf(read(save(Buffer.from("text\n")), { format: "parquet" }))).toMatch(
      /does not begin as a Parquet file/,
    );
    expect(await messageOf(read(save(gzipSync(whole))))).toMatch(/if it is compressed, unpack it first/);
    expect(await messageOf(read(save(whole.subarray(0, -20))))).toMatch(/ends too early/);
    expect(await messageOf(read(save(Buffer.from("PAR1"))))).toMatch(/ends too early/);
    const encrypted = Buffer.from(whole);
    encrypted.write("PARE", encrypted.length - 4, "latin1");
    expect(await messageOf(read(save(encrypted)))).toMatch(/is encrypted/);
    const noFooter = Buffer.from(whole).fill(0xff, whole.length - 40, whole.length - 8);
    expect(await messageOf(read(save(noFooter)))).toMatch(/the footer of the Parquet file is damaged/);
    const noPage = Buffer.from(whole).fill(0xff, 4, 24);
    expect(await messageOf(read(save(noPage)))).toMatch(/damaged Parquet data \(row group 1, column text: /);
    const foreign = parquetWriteBuffer({ columnData: [{ name: "url", data: ["x"], type: "STRING" }] });
    expect(await messageOf(read(save(new Uint8Array(foreign))))).toMatch(/has no field "text".* its columns are url/);
  });

  it("that is damaged anywhere gives one line or rows", async () => {
    const texts = Array.from({ length: 400 }, (_, at) => (at % 7 === 0 ? null : `caption number ${at % 50}`));
    const whole = readFileSync(writeTexts(texts));
    const property = fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      const path = save(bytes);
      await read(path).catch((error) => expect(error).toBeInstanceOf(UserError));
      rmSync(path);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

/** A table with all sorts of columns, written in many ways, and its rows as JSON. */
const WRITE = `
import decimal, json, sys
import duckdb, pyarrow as pa, pyarrow.parquet as pq

folder = sys.argv[1]
rows = []
for i in range(1500):
    cap = None if i % 41 == 0 else [("en", f"hello {i}"), ("fr", None if i % 2 else f"bonjour {i}")][: i % 3]
    rows.append(dict(
        id=(1 << 62) + i if i % 7 else None,
        u=(1 << 64) - 1 - i,
        dec=decimal.Decimal((1 << 64) - i),
        url=None if i % 5 == 0 else f"https://x.org/{i}.jpg",
        lang=["en", "fr", "ja", None][i % 4],
        text=None if i % 11 == 0 else f"caption {i} é日" * (1 + i % 9),
        texts=None if i % 13 == 0 else [None if (i + k) % 17 == 0 else f"t{i}-{k}" for k in range(i % 4)],
        items=None if i % 19 == 0 else [dict(text=None if (i + k) % 23 == 0 else f"s{i}-{k}", n=k) for k in range(i % 3)],
        m=None if i % 29 == 0 else dict(a=None if i % 31 == 0 else dict(b=None if i % 37 == 0 else f"deep {i}"), c=i),
        cap=cap,
    ))
schema = pa.schema([
    ("id", pa.int64()), ("u", pa.uint64()), ("dec", pa.decimal128(20, 0)), ("url", pa.string()),
    ("lang", pa.dictionary(pa.int32(), pa.string())), ("text", pa.large_string()), ("texts", pa.list_(pa.string())),
    ("items", pa.list_(pa.struct([("text", pa.string()), ("n", pa.int32())]))),
    ("m", pa.struct([("a", pa.struct([("b", pa.string())])), ("c", pa.int32())])),
    ("cap", pa.map_(pa.string(), pa.string())),
])
pairs = pa.Table.from_pylist(rows, schema=schema)
for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
    for version in ("1.0", "2.0"):
        for dictionary in (True, False):
            pq.write_table(
                pairs, f"{folder}/arrow-{codec}-{version}-{dictionary}.parquet", compression=codec,
                data_page_version=version, use_dictionary=dictionary, row_group_size=700, data_page_size=2000,
                write_page_index=dictionary, write_page_checksum=dictionary)
pq.write_table(pairs, f"{folder}/arrow-delta.parquet", use_dictionary=False, column_encoding=dict(
    text="DELTA_BYTE_ARRAY", url="DELTA_LENGTH_BYTE_ARRAY", id="DELTA_BINARY_PACKED"))
pq.write_table(pairs, f"{folder}/arrow-not-nested.parquet", use_compliant_nested_type=False)
for codec in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"):
    duckdb.sql(f"copy pairs to '{folder}/duckdb-{codec}.parquet' (format parquet, compression {codec})")
for version in ("v1", "v2"):
    duckdb.sql(f"copy pairs to '{folder}/duckdb-{version}.parquet' (format parquet, parquet_version {version})")
duckdb.sql("set force_mbedtls_unsafe = 'true'")
duckdb.sql("pragma add_parquet_key('k', '0123456789112345')")
duckdb.sql(f"copy pairs to '{folder}/encrypted.pq' (format parquet, encryption_config {{footer_key: 'k'}})")
for row in rows:
    row["dec"] = str(row["dec"])
    row["id"] = row["id"] and str(row["id"])
    row["u"] = str(row["u"])
    row["items"] = row["items"] and [item["text"] for item in row["items"]]
    row["cap"] = None if row["cap"] is None else [value for _, value in row["cap"]]
    row["m"] = row["m"] and row["m"]["a"] and row["m"]["a"]["b"]
    print(json.dumps(row))
`;

describe.skipIf(lacksPackages("pyarrow", "duckdb"))("Parquet of PyArrow and DuckDB", () => {
  const directory = join(folder, "python");
  let rows: readonly Readonly<Record<string, unknown>>[] = [];
  beforeAll(() => {
    mkdirSync(directory);
    const lines = runPython(WRITE, directory).trim().split("\n");
    rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }, 60_000);

  it.each([
    ["text", "text", "id"],
    ["texts", "texts", "u"],
    ["items.text", "items", "dec"],
    ["m.a.b", "m", "id"],
    ["cap.value", "cap", "u"],
    ["texts.list.element", "texts", "id"],
  ])(
    "has the rows that were written: %s",
    async (text, field, id) => {
      const files = readdirSync(directory).filter((name) => name.endsWith(".parquet"));
      expect(files.length).toBe(34);
      for (const name of text.includes(".list.") ? ["arrow-snappy-1.0-True.parquet"] : files) {
        const { rows: found, counts, bytes } = await read(join(directory, name), { fields: { text, id } });
        const values = rows.map((row) => (Array.isArray(row[field]) ? row[field] : [row[field]]) as unknown[]);
        const wanted = rows.map((row, at) => ({
          ...{ id: row[id] ?? undefined, ...(row[id] !== null && { numericId: true }) },
          ...{ url: row.url ?? undefined, lang: row.lang ?? undefined },
          texts: values[at]!.filter((value) => typeof value === "string"),
        }));
        expect(found, name).toEqual(wanted);
        const empty = values.flat().filter((value) => typeof value !== "string").length;
        expect(counts, name).toEqual(empty === 0 ? {} : { W501: empty });
        expect(bytes).toBe(statSync(join(directory, name)).size);
      }
    },
    60_000,
  );

  it("that is encrypted is refused, and so is a list of ids", async () => {
    expect(await messageOf(read(join(directory, "encrypted.pq")))).toMatch(/is encrypted; decrypt it first/);
    const path = join(directory, "arrow-snappy-1.0-True.parquet");
    expect(await messageOf(read(path, { fields: { id: "texts" } }))).toMatch(/the column texts has lists; name one/);
  });
});
