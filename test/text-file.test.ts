import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { Problems } from "../src/problems.ts";
import { readTextFile } from "../src/sources/text-file.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

let saved = 0;
function save(content: string | Uint8Array): string {
  saved += 1;
  const path = join(folder, `${saved}.txt`);
  writeFileSync(path, content);
  return path;
}

async function read(...paths: string[]): Promise<{ documents: string[]; problems: Record<string, number> }> {
  const problems = new Problems();
  const documents: string[] = [];
  for await (const text of readTextFile(paths, { problems })) documents.push(text);
  return { documents, problems: Object.fromEntries(problems.list().map(({ code, count }) => [code, count])) };
}

describe("readTextFile", () => {
  it("reads WikiExtractor's blocks", async () => {
    const text = `<doc id="1" url="https://x.org/?curid=1" title="A &amp; "B"">
A & "B"

First.
A &amp; "B"

R&amp;D &lt;br&gt; 2 &lt; 3, vector&lt;int&gt; aformula_12 codice_3.
</doc>
<doc id="2" url="u" title="Empty">
Empty

</doc>

<doc id="3" url="u" title="C">
Not the title.
Last.</doc>
`;
    const { documents, problems } = await read(save(text), save(gzipSync(text)));
    const expected = ['First.\nA & "B"\nR&D  2 < 3, vector<int> a .', "Not the title.\nLast."];
    expect(documents).toEqual([...expected, ...expected]);
    expect(problems).toEqual({});
  });

  it("reads a block that does not end", async () => {
    expect((await read(save('<doc id="1" title="A">\nA\n\nText'))).documents).toEqual(["Text"]);
  });

  it("reads JSON lines", async () => {
    const rows = [
      { title: "A", text: "A\n\nFirst.\n\nSecond." },
      { title: "B", text: "B is a letter.\r\nMore &lt;b&gt;." },
      { text: "No title." },
      { text: '<doc id="1" title="C" url="u">\nC\n\nIn a block.\n</doc>' },
      { text: "title:\nD\n\nurl:\nhttps://x.org\n\ntext:\nBehind a head." },
      { text: "" },
    ];
    const { documents, problems } = await read(save(rows.map((row) => JSON.stringify(row)).join("\n")));
    expect(documents).toEqual([
      "First.\nSecond.",
      "B is a letter.\nMore .",
      "No title.",
      "In a block.",
      "Behind a head.",
    ]);
    expect(problems).toEqual({});
  });

  it("counts JSON lines that cannot be read", async () => {
    const lines = ['{"text":"a"}', "", '{"text":', "[]", '{"text":1}', '{"other":"b"}', '{"text":"c"}'];
    const { documents, problems } = await read(save(lines.join("\n")));
    expect(documents).toEqual(["a", "c"]);
    expect(problems).toEqual({ E401: 4 });
  });

  it("reads plain text as it is", async () => {
    const { documents } = await read(save("\uFEFFOne &amp; <b>.\r\n\r\nTwo.\r\n"), save("{not JSON}\nx"));
    expect(documents).toEqual(["One &amp; <b>.\nTwo.", "{not JSON}\nx"]);
    expect((await read(save(""))).documents).toEqual([]);
  });

  it("yields long texts in pieces cut at line ends", async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `Line ${i} of a long text that goes on for a while.`);
    const { documents } = await read(save(lines.join("\n")));
    expect(documents.length).toBeGreaterThan(1);
    expect(Math.max(...documents.map(({ length }) => length))).toBeLessThan(1.2 * 2 ** 20);
    expect(documents.join("\n").split("\n")).toEqual(lines);
  });

  it("replaces and counts invalid UTF-8", async () => {
    const { documents, problems } = await read(save(Buffer.from("a\xffb\n", "latin1")));
    expect(documents).toEqual(["a\uFFFDb"]);
    expect(problems).toEqual({ W103: 1 });
    expect((await read(save("a\uFFFDb\n"))).problems).toEqual({});
  });
});

describe("real extracted text", () => {
  const FILES: readonly (readonly [name: string, documents: number])[] = [
    ["arwiki-10k-docs.slice.jsonl.gz", 267],
    ["arzwiki-10k-docs.slice.jsonl.gz", 1720],
    ["dewiki-part-wikiextractor.slice.txt.gz", 888],
    ["enwiki-part1-wikiextractor.slice.txt.gz", 193],
    ["enwiki-part2-wikiextractor.slice.txt.gz", 1585],
    ["jawiki-part-wikiextractor.slice.txt.gz", 292],
    ["kowiki-wikiextractor.slice.txt.gz", 812],
    ["simplewiki-wikiextractor.slice.txt.gz", 2637],
    ["sowiki-2025.slice.jsonl.gz", 1417],
    ["viwiki-wikiextractor.slice.jsonl.gz", 392],
    ["zhwiki-wikiextractor.slice.txt.gz", 2161],
  ];
  const lacks = lacksSharedData(...FILES.map(([name]) => `wikipedia-text/${name}`));

  it.skipIf(lacks).each(FILES)("%s", async (name, count) => {
    const { documents, problems } = await read(sharedData(`wikipedia-text/${name}`));
    expect(documents).toHaveLength(count);
    expect(problems).toEqual({});
    const lines = documents.flatMap((text) => text.split("\n"));
    expect(lines.filter((line) => /<\/?doc\b|&lt;|&amp;lt;|formula_\d|^\s*$/.test(line))).toEqual([]);
  });
});
