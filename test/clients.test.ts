/** Programs that know nothing of ours read what we write: those of docs/clients.md, run as it shows them. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LISTS, MANY, publishLists } from "./lists-fixture.ts";
import { lacksPackages, OFFLINE, runPython, VENV } from "./python.ts";
import { makeFolder, outputOf } from "./run-cli.ts";

const DOCS = readFileSync(fileURLToPath(new URL("../docs/clients.md", import.meta.url)), "utf8");
/** Blocks of a language in the documentation, in order. */
const blocks = (language: string) =>
  [...DOCS.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1]!);
/** The words of a command as a shell splits them. */
const words = (command: string) =>
  [...command.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");

const folder = makeFolder();
const isWithout = lacksPackages("pyarrow", "duckdb", "datasets", "webdataset");
const isWithoutDownloader = isWithout || lacksPackages("img2dataset");

/** What a program prints, run in the folder, with a cache of its own. */
function runHere(program: string): string {
  return runPython(`import os, sys\nos.environ["HF_HOME"] = "cache"\nos.chdir(sys.argv[1])\n${program}`, folder);
}

/** The rows of a query, as DuckDB gives them. */
function query<Row>(sql: string): Row[] {
  return JSON.parse(
    runHere(`import duckdb, json\nresult = duckdb.sql(${JSON.stringify(sql)})
print(json.dumps([dict(zip(result.columns, row)) for row in result.fetchall()]))`),
  ) as Row[];
}

interface Caption {
  readonly id: string | number;
  readonly lang: string;
  readonly texts: readonly string[];
  /** Absent where the row has no URL. */
  readonly image?: string;
}

/** Rows of several scripts, whose pairs stay in part; the last two lead to no image. */
const CAPTIONS: readonly Caption[] = [
  ...Array.from({ length: 60 }, (_, n): Caption => {
    const lang = (["en", "zh", "el", "ar"] as const)[n % 4]!;
    const texts = {
      en: [`w${n} and w${MANY - 1}, by St. Louis`, "nothing that counts", "easy w1"],
      zh: [`${"臺灣"}的𠀋 ${n}`, "新年快樂"],
      el: [`φως «φως» ${n}, 7`],
      ar: [`مكتبة ${n}`],
    };
    return { id: n % 2 === 0 ? `row/${n}` : n, lang, texts: texts[lang], image: `${n}.png` };
  }),
  { id: "no URL", lang: "en", texts: ["w5"] },
  { id: "not for training", lang: "en", texts: ["w6"], image: "noai.png" },
];

/** How gray an image is, so that it is told from others even after it was compressed with loss. */
const grayOf = (n: number) => 4 * n;

/** A PNG of 2 by 3 pixels of one gray. */
function makePng(gray: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const [width, height] = [2, 3];
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 0, 0, 0, 0]);
  const line = Buffer.from([0, gray, gray]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** Serves the images of the captions on this machine. */
function serveImages(): Server {
  return createServer(({ url = "" }, response) => {
    const name = /^\/([^/]+)\.png$/.exec(url)?.[1];
    const robots = name === "noai" ? { "X-Robots-Tag": "noai" } : {};
    response.writeHead(name === undefined ? 404 : 200, { "Content-Type": "image/png", ...robots });
    response.end(name === undefined ? "" : makePng(grayOf(Number(name) || 0)));
  });
}

let server: Server;
beforeAll(async () => {
  if (isWithout) return;
  server = serveImages();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const rows = CAPTIONS.map(({ id, lang, texts, image }) =>
    JSON.stringify({ id, lang, texts, ...(image !== undefined && { url: `http://127.0.0.1:${port}/${image}` }) }),
  );
  writeFileSync(join(folder, "pool.jsonl"), rows.map((row) => `${row}\n`).join(""));
  publishLists(join(folder, "lists.sqlite"));
  const run = (command: string) => outputOf([...words(command).slice(1), "--db", "lists.sqlite"], { cwd: folder });
  run("worldmeta count pool.jsonl --name web");
  run("worldmeta threshold --pool web --t 7");
  const commands = /where these commands were run before:\n\n([\s\S]*?)\n\n\|/.exec(DOCS)![1]!.trim().split("\n");
  expect(commands).toHaveLength(4);
  for (const command of commands) run(command.trim());
  run("worldmeta export parquet --out editions");
  run("worldmeta curate pool.jsonl --name web --out curated-lines --format jsonl");
});
afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

interface Pair {
  readonly id: string;
  readonly url: string | null;
  readonly text: string;
  readonly lang: string;
  readonly matches: readonly number[];
  readonly probability: number;
}

/** Pairs as the curated JSON lines have them. */
function readPairs(): Pair[] {
  return readdirSync(join(folder, "curated-lines"))
    .filter((name) => name.startsWith("part-"))
    .sort()
    .flatMap((name) =>
      readFileSync(join(folder, "curated-lines", name), "utf8")
        .trimEnd()
        .split("\n"),
    )
    .map((line) => {
      const { id, ...pair } = JSON.parse(line) as Pair;
      return { id: String(id), ...pair };
    });
}

describe.skipIf(isWithout)("PyArrow", () => {
  it("reads tables as docs/clients.md shows", () => {
    const [list = "", pairs = ""] = blocks("python");
    expect(runHere(list)).toBe(`float ${MANY + 6} ${MANY + 5} Zoë\n`);
    expect(runHere(pairs)).toBe(`${readPairs().length} list<element: int32 not null> double\n`);
  });

  it("reads the values of JSON lines in tables, null where they are absent, in the same types in every table", () => {
    const program = `
import json
import pyarrow.parquet as parquet

schemas = set()
for code in ["en", "zh", "el", "ar"]:
    table = parquet.read_table(f"tables/{code}.parquet")
    schemas.add(str(table.schema))
    rows = [{name: value for name, value in row.items() if value is not None and not name.endswith("Rank")} for row in table.to_pylist()]
    lines = [json.loads(line) for line in open(f"lists/{code}.jsonl", encoding="utf-8")]
    assert rows == lines, (code, next(pair for pair in zip(rows, lines) if pair[0] != pair[1]))
    assert table["text"].to_pylist() == open(f"lists/{code}.txt", encoding="utf-8").read().split("\\n")[:-1]
    print(code, table.num_rows, max(row["count"] for row in rows if "count" in row))
print(*schemas)
`;
    const [en, zh, el, ar, ...schema] = runHere(program).trimEnd().split("\n");
    expect([en, zh, el, ar]).toEqual([`en ${MANY + 6} 5000000000`, "zh 7 12", "el 3 12", "ar 3 12"]);
    expect(schema).toEqual([
      ...["id: int32 not null", "text: string not null", "edition: string not null", "source: string not null"],
      ...["sources: list<element: string not null> not null", "  child 0, element: string not null"],
      ...[
        "wordnetRank: int32",
        "count: int64",
        "unigramRank: int32",
        "pairCount: int64",
        "pmi: double",
        "npmi: double",
      ],
      ...["bigramRank: int32", "views: int64", "titleRank: int32"],
      ...["flags: list<element: string not null> not null", "  child 0, element: string not null"],
      ...["matches: int64 not null", "probability: float not null"],
    ]);
  });

  it("reads curated pairs: large ids, probabilities to the last bit, null for no URL", () => {
    const program = `
import glob, json
import pyarrow.parquet as parquet

print(json.dumps(parquet.read_table(sorted(glob.glob("curated/*.parquet"))).to_pylist()))
`;
    const pairs = JSON.parse(runHere(program)) as Pair[];
    expect(pairs).toEqual(readPairs());
    expect(Math.max(...pairs.flatMap(({ matches }) => matches))).toBeGreaterThan(65_536);
    expect(pairs.find(({ id }) => id === "no URL")?.url).toBeNull();
    expect(new Set(pairs.map(({ lang }) => lang)).size).toBe(4);
  });
});

describe.skipIf(isWithout)("DuckDB", () => {
  const [draw = "", again = "", lines = ""] = blocks("sql");

  it("draws the pairs that stay again, from seed and id", () => {
    const pairs = readPairs().length;
    expect(query(draw)).toEqual([{ pairs, drawn: pairs }]);
    expect(pairs).toBeGreaterThan(20);
    expect(pairs).toBeLessThan(CAPTIONS.length - 5);
    // Of another seed they are others.
    expect(query<{ drawn: number }>(draw.replace("'0:'", "'1:'"))[0]!.drawn).toBeLessThan(pairs);
  });

  it("computes the probability of pairs again, from those of the entries", () => {
    expect(query(again)).toEqual([{ pairs: readPairs().filter(({ lang }) => lang === "en").length, same: true }]);
  });

  it("finds the columns of JSON lines that few entries have", () => {
    expect(query(lines)).toEqual([{ entries: MANY + 6, views: 9_000_000_000 }]);
  });

  it("finds entries beyond the BMP, by the least and greatest texts that row groups announce", () => {
    const find = (text: string) => query(`SELECT id, probability FROM 'tables/zh.parquet' WHERE text = '${text}'`);
    expect(["臺灣", "𠀋", "ﾊ", "अ़"].map((text) => find(text).length)).toEqual([1, 1, 1, 1]);
  });

  it("reads the tables of all lists at once", () => {
    const sql =
      "SELECT edition, count(*) AS entries, sum(views)::BIGINT AS views FROM 'editions/*.parquet' GROUP BY 1 ORDER BY 1";
    expect(query(sql)).toEqual(
      Object.entries(LISTS).map(([edition, entries]) => {
        const views = entries.reduce((sum, entry) => sum + (entry.views ?? 0), 0);
        return { edition, entries: entries.length, views: views || null };
      }),
    );
  });
});

describe.skipIf(isWithout)("Hugging Face datasets", () => {
  it("loads lists and pairs as docs/clients.md shows", () => {
    expect(runHere(blocks("python")[2]!)).toBe("7 float32 ['id', 'lang', 'matches', 'probability', 'text', 'url']\n");
  });

  it("finds a configuration for each list through the card, which its own parser takes", () => {
    const program = `
import json
from datasets import get_dataset_config_names, load_dataset
from huggingface_hub import DatasetCard, metadata_load

card = DatasetCard.load("tables/README.md")
assert card.data.to_dict() == metadata_load("tables/README.md")
print(json.dumps(card.data.to_dict()))
print(json.dumps([[name, load_dataset("tables", name, split="train").to_list()[-1]] for name in get_dataset_config_names("tables")]))
`;
    const [card, lists] = runHere(program).trimEnd().split("\n");
    expect(JSON.parse(card!)).toEqual({
      ...{ pretty_name: "CLIP metadata for 5 Wikipedia editions", language: ["ar", "el", "en", "zh"] },
      license: ["cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "other"],
      ...{ license_name: "wordnet", license_link: "http://example.org/wn", size_categories: ["10K<n<100K"] },
      tags: ["metaclip", "clip", "metadata", "wikipedia", "image-text"],
      configs: ["ar", "el", "en", "zh"].map((code) => ({ config_name: code, data_files: `${code}.parquet` })),
    });
    expect((JSON.parse(lists!) as [string, { text: string }][]).map(([code, { text }]) => [code, text])).toEqual([
      ...[
        ["ar", "مكتبة"],
        ["el", "φως"],
        ["en", "Zoë"],
        ["zh", "新年快樂"],
      ],
    ]);
  });

  it("loads JSON lines, text, and the parts of pairs", () => {
    const program = `
import json
from datasets import load_dataset

load = lambda kind, files: load_dataset(kind, data_files=files, split="train").to_list()
print(json.dumps([row["text"] for row in load("json", "lists/zh.jsonl")]))
print(json.dumps([row["text"] for row in load("text", "lists/zh.txt")]))
print(len(load("parquet", "curated/*.parquet")), len(load_dataset("curated", split="train")), len(load("text", "curated-lines/*.jsonl")))
`;
    const [jsonl, txt, pairs] = runHere(program).trimEnd().split("\n");
    const texts = LISTS.zh!.map(({ text }) => text);
    expect([JSON.parse(jsonl!), JSON.parse(txt!)]).toEqual([texts, texts]);
    expect(pairs).toBe(Array.from({ length: 3 }, () => readPairs().length).join(" "));
  });

  it("knows the language of every edition", () => {
    const program = `
import csv, json, datasets
known = json.load(open(os.path.join(os.path.dirname(datasets.__file__), "utils/resources/languages.json")))
rows = csv.DictReader(open(${JSON.stringify(fileURLToPath(new URL("../languages/editions.tsv", import.meta.url)))}, encoding="utf-8"), delimiter="\\t", quoting=csv.QUOTE_NONE)
print(*[row["tag"] for row in rows if row["tag"].split("-")[0] not in known])
`;
    // Interslavic has its code since 2024.
    expect(runHere(program)).toBe("isv\n");
  });
});

/** Runs a program of the virtual environment beside the server of images. */
async function runClient([name = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(join(VENV, "bin", name), args, {
    cwd: folder,
    env: OFFLINE,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(complaint);
}

describe.skipIf(isWithoutDownloader)("img2dataset and webdataset", () => {
  it("take curated pairs as they are and bring each with its caption, id and image", { timeout: 120_000 }, async () => {
    await runClient(words(blocks("sh")[0]!));
    const program = `${blocks("python")[3]!}
import cv2, numpy
import pyarrow.parquet as parquet

print("pixels")
for image, about in webdataset.WebDataset(sorted(glob.glob("images/*.tar")), shardshuffle=False).to_tuple("jpg", "json"):
    pixels = cv2.imdecode(numpy.frombuffer(image, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels.shape == (3, 2)
    print(json.dumps([json.loads(about)["id"], round(float(pixels.mean()) / 4) * 4]))
print("failed")
for row in parquet.read_table(glob.glob("images/*.parquet")).to_pylist():
    if row["status"] != "success":
        print(json.dumps([row["id"], row["error_message"]]))
`;
    const [rows, pixels, failed] = runHere(program)
      .split(/^(?:pixels|failed)\n/m)
      .map((part) =>
        part
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as unknown[]),
      );
    const pairs = readPairs();
    const byId = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
    const isLoaded = ({ id }: Pair) => id !== "no URL" && id !== "not for training";
    expect(rows!.sort(byId)).toEqual(
      pairs
        .filter(isLoaded)
        .map(({ id, lang, probability, text }) => [id, lang, probability, text, true])
        .sort(byId),
    );
    const numberOf = (id: string) => CAPTIONS.findIndex((caption) => String(caption.id) === id);
    expect(pixels!.sort(byId)).toEqual(
      pairs
        .filter(isLoaded)
        .map(({ id }) => [id, grayOf(numberOf(id))])
        .sort(byId),
    );
    expect(failed!.map(([id]) => id).sort()).toEqual(["no URL", "not for training"]);
    expect(failed!.find(([id]) => id === "not for training")![1]).toContain("X-Robots-Tag");
  });
});
