import { spawnSync } from "node:child_process";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { growDump } from "../scripts/grow-dump.ts";
import { Problems } from "../src/problems.ts";
import { isArticle, type Page, readDump } from "../src/sources/dump.ts";
import { makeFolder } from "./run-cli.ts";

const TEXT =
  "The ''quaint'' [[Target page|label]] of [[Plain]] {{box|param=word}} &lt;ref name=&quot;x&quot;&gt;see&lt;/ref&gt; R&amp;amp;D " +
  `[http://example.org/path site] x2 AT&amp;T\n{| class=a\n| cell\n|}\n${"common ".repeat(30)}`;
const SAMPLE = `<mediawiki>
  <siteinfo><dbname>enwiki</dbname></siteinfo>
  <page><title>First</title><ns>0</ns><id>7</id><revision><id>1</id><text>${TEXT}</text></revision></page>
  <page><title>Talk:First</title><ns>1</ns><id>8</id><revision><id>2</id><text>no article</text></revision></page>
</mediawiki>
`;

const lacksCompressor = ["lbzip2", "bzip2", "python3"].every(
  (command) => spawnSync(command, ["--help"], { stdio: "ignore" }).error !== undefined,
);
if (lacksCompressor) console.warn("skipped: found none of lbzip2, bzip2 and python3 to compress with");

describe.skipIf(lacksCompressor)("a grown dump", () => {
  const folder = makeFolder();
  afterAll(() => rmSync(folder, { recursive: true }));

  const grow = async (name: string, bytes: number) => {
    const sample = join(folder, "sample.xml");
    const path = join(folder, name);
    writeFileSync(sample, SAMPLE);
    const grown = await growDump(sample, path, bytes);
    const pages: Page[] = [];
    for await (const page of readDump([path], { problems: new Problems() })) pages.push(page);
    return { ...grown, pages, path };
  };

  it("holds articles of titles and ids of their own, as many as were asked for", async () => {
    const { pages, bytes, copies } = await grow("a.xml.bz2", 20_000);
    expect(bytes).toBeGreaterThanOrEqual(20_000);
    expect(pages).toHaveLength(copies);
    expect(pages.every(isArticle)).toBe(true);
    expect(new Set(pages.map(({ title }) => title)).size).toBe(copies);
    expect(new Set(pages.map(({ id }) => id)).size).toBe(copies);
  });

  it("renames rare words of running text only", async () => {
    const { pages, copies } = await grow("b.xml.bz2", 20_000);
    const first = pages[0]?.text ?? "";
    for (const { text = "" } of pages) {
      expect(text.replace(/(?<=[a-zA-Z])q[b-z]+/g, "")).toBe(first);
      for (const kept of [
        "[[Target page|",
        "[[Plain]]",
        "{{box|param=word}}",
        '<ref name="x">',
        "&amp;",
        "http://example.org/path ",
        "x2",
        "| cell\n",
        "common common",
      ])
        expect(text).toContain(kept);
    }
    const forms = (word: RegExp) => new Set(pages.map(({ text = "" }) => word.exec(text)?.[0])).size;
    expect(forms(/\w+(?=\]\] of)/)).toBe(forms(/\w+(?='')/));
    expect(forms(/\w+(?='')/)).toBeGreaterThanOrEqual(Math.floor(copies ** 0.6));
  });

  it("is the same each time", async () => {
    const [a, b] = [await grow("c.xml.bz2", 5000), await grow("d.xml.bz2", 5000)];
    expect(a.pages).toEqual(b.pages);
    expect(statSync(a.path).size).toBe(statSync(b.path).size);
  });
});
