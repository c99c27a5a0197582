import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EntryJson } from "../src/entries/entry-json.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
const db = join(folder, "lists.sqlite");
const dump = join(folder, "dump.xml.gz");
const wordnet = join(folder, "wn-data-lav.tab");
const pageviews = join(folder, "pageviews");

afterAll(() => rmSync(folder, { recursive: true }));

/** A small wiki of one template sentence, so that counts are known. */
function makeDump(articles: Readonly<Record<string, string>>, database = "lvwiki"): string {
  const pages = Object.entries(articles).map(
    ([title, text], index) =>
      `<page><title>${title}</title><ns>0</ns><id>${index + 1}</id><revision><id>${index + 100}</id>` +
      `<model>wikitext</model><format>text/x-wiki</format><text xml:space="preserve">${text}</text></revision></page>`,
  );
  return (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="lv"><siteinfo>' +
    `<dbname>${database}</dbname><base>https://lv.wikipedia.org/wiki/S%C4%81kumlapa</base>` +
    '<namespaces><namespace key="0" case="first-letter" /><namespace key="6" case="first-letter">Attēls</namespace>' +
    `</namespaces></siteinfo>${pages.join("")}</mediawiki>`
  );
}

const RIGA = Array.from({ length: 6 }, () => "Brīvības piemineklis atrodas [[Rīga|Rīgā]].").join("\n\n");

beforeAll(() => {
  writeFileSync(dump, gzipSync(makeDump({ Rīga: RIGA, Daugava: "* upe\n* Latvijas upe" })));
  writeFileSync(wordnet, "# Latvian\tlav\thttps://example.org\tCC BY\n00001740-n\tlav:lemma\tbūtne\n");
  writeFileSync(
    pageviews,
    "lv Rīga 7 0\nlv.m Rīga 5 0\nlv Attēls:Rīga.jpg 90 0\nlv.b Rīga 50 0\nlv Nekas 3 0\nlv Daugava 2 0\n",
  );
});

function build(...more: readonly string[]) {
  return runCli(["build", "lv", "--dump", dump, "--wordnet", wordnet, "--pageviews", pageviews, "--db", db, ...more]);
}

describe("worldmeta build", () => {
  it("builds a list from a dump, pageviews and a wordnet, and leaves nothing else to do a second time", () => {
    const first = build();
    expect(first.stderr.trim()).toBe("W202 viewed title that is no article of the dump, left out: 1, e.g. Nekas");
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/^lv +1 +2 /m);
    const again = build();
    expect(again.status).toBe(0);
    expect(again.stderr).toContain("build 1 was made from the same inputs");
    expect(build("--force").stdout).toMatch(/^lv +2 /m);
  });

  it("keeps every source's scores", () => {
    const entries = jsonOf<EntryJson[]>(["entries", "lv", "--db", db]);
    const of = (text: string) => entries.find((entry) => entry.text === text);
    expect(of("būtne")).toMatchObject({ source: "wordnet", sources: ["wordnet"] });
    expect(of("Rīga")).toMatchObject({ source: "title", views: 12 });
    expect(entries.map(({ text }) => text)).not.toContain("Nekas");
    expect(entries.filter(({ source }) => source === "unigram")).toHaveLength(0); // 10 % of 6 words
    expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => index));
  });

  it("warns of a dump of another wiki and records it", () => {
    const other = join(folder, "other.xml");
    writeFileSync(other, makeDump({ A: "x" }, "frwiki"));
    const { stderr, status } = runCli(["build", "lv", "--dump", other, "--db", join(folder, "other.sqlite")]);
    expect(status).toBe(0);
    expect(stderr).toContain("W102");
    expect(stderr).toContain("frwiki instead of lvwiki");
    expect(outputOf(["audit", "lv", "--db", join(folder, "other.sqlite")])).toContain("frwiki instead of lvwiki");
  });

  it("reads standard input", () => {
    const { status, stdout } = runCli(["build", "lv", "--dump", "-", "--db", join(folder, "stdin.sqlite")], {
      input: readFileSync(dump),
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^lv +1 +2 /m);
    const path = join(folder, "stdin.sqlite");
    expect(outputOf(["audit", "lv", "--db", path])).toMatch(/^dump +standard input/m);
    const compared = runCli(["compare", "lv", "--db", path]);
    expect(compared.status).toBe(1);
    expect(compared.stderr).toContain("cannot be read again (standard input)");
    const nothing = runCli(["build", "lv", "--dump", "-", "--db", path], { input: "" });
    expect(nothing.stderr).toMatch(/^worldmeta: standard input: the file is empty/);
  });

  it("builds several editions from one pageviews file, each with the wordnets of its language", () => {
    const path = join(folder, "several.sqlite");
    writeFileSync(`${pageviews}-two`, "lv Rīga 7 0\net Tallinn 9 0\n");
    const args = ["lv", "et", "--pageviews", `${pageviews}-two`, "--wordnet", wordnet, "--db", path];
    const reports = jsonOf<{ edition: string; figures: { entries: object } }[]>(["build", ...args]);
    expect(reports.map(({ edition, figures }) => [edition, figures.entries])).toEqual([
      ["lv", { number: 100, wordnet: 1, total: 101 }],
      ["et", { number: 100, total: 100 }],
    ]);
  });

  it.each([
    ["a dump without an article", "--dump", makeDump({}), /no article in/],
    ["an empty text", "--text", "", /no text in/],
    ["a wordnet without a lemma", "--wordnet", "%PDF-1.7\n", /no lemma in/],
    ["pageviews of another wiki", "--pageviews", "fr Riga 7 0\n", /no view of a page of lv\.wikipedia\.org in/],
    ["bytes that are no text", "--text", "\xff\xfe\x00\n".repeat(100), /no UTF-8 text/],
  ])("refuses to replace a list by one made of %s", (_, option, content, message) => {
    const path = join(folder, "nothing");
    writeFileSync(path, Buffer.from(content, option === "--text" ? "latin1" : "utf8"));
    const list = () => outputOf(["entries", "lv", "--json", "--db", db]);
    const before = list();
    const { status, stderr } = runCli(["build", "lv", option, path, "--db", db]);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.split("\n").filter((line) => line.startsWith("worldmeta:"))).toHaveLength(1);
    expect(list()).toBe(before);
  });

  it("refuses a wordnet that no edition named takes, and a file given twice", () => {
    const other = runCli(["build", "et", "lt", "--wordnet", wordnet, "--db", db]);
    expect(other.status).toBe(1);
    expect(other.stderr).toContain("nothing to build et from");
    const twice = runCli(["build", "lv", "--dump", dump, "--dump", dump, "--db", db]);
    expect(twice.status).toBe(2);
    expect(twice.stderr).toContain("give it once");
  });

  it("tells the wiki of a dump without a database name by its address", () => {
    const other = join(folder, "old.xml");
    writeFileSync(other, makeDump({ A: "x" }).replace("<dbname>lvwiki</dbname>", "").replace("lv.wiki", "fr.wiki"));
    const { stderr } = runCli(["build", "lv", "--dump", other, "--db", join(folder, "old.sqlite")]);
    expect(stderr).toContain("fr.wikipedia.org instead of lvwiki");
  });

  it("leaves no database entry and no partial file when the dump is damaged", () => {
    const damaged = join(folder, "damaged.xml");
    writeFileSync(damaged, makeDump({ Rīga: RIGA }).slice(0, -80));
    const path = join(folder, "damaged.sqlite");
    const { status, stderr } = runCli(["build", "lv", "--dump", damaged, "--db", path]);
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(damaged);
    expect(runCli(["entries", "lv", "--db", path]).stderr).toContain("no corrected list of lv yet");
    expect(readdirSync(`${path}.work`).filter((name) => name.startsWith("counts"))).toEqual([]);
  });
});

describe("worldmeta explain, review, diff, compare, prune and export", () => {
  it("denies an entry, says so, undoes it, and shows what changed", () => {
    const add = ["review", "lv", "add", "būtne", "deny", "--reason", "too general", "--reviewer", "Anna", "--db", db];
    const { id } = jsonOf<{ id: number }>(add);
    expect(build().status).toBe(0);
    const explained = outputOf(["explain", "lv", "būtne", "--db", db]);
    expect(explained).toContain("denied by a review");
    expect(explained).toContain("too general");
    const diff = jsonOf<Record<string, { text: string }[]>>(["diff", "lv", "--db", db]);
    expect(diff.removed?.map(({ text }) => text)).toEqual(["būtne"]);
    expect(diff.added).toEqual([]);
    expect(diff.changed).toEqual([]);
    outputOf(["review", "lv", "undo", String(id), "--db", db]);
    build();
    expect(jsonOf<EntryJson[]>(["entries", "lv", "--search", "BŪTNE", "--db", db])).toHaveLength(1);
    expect(outputOf(["explain", "lv", "būtne", "--db", db])).toMatch(/review .*undone/);
  });

  it("allows an entry that no source brings, and refuses one that cannot match", () => {
    const allow = (text: string) =>
      runCli(["review", "lv", "add", text, "allow", "--reason", "needed", "--db", db, "--json"]);
    expect(allow("Vecrīga").status).toBe(0);
    const refused = allow("…");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("holds no letter, number or symbol");
    build();
    expect(jsonOf<EntryJson[]>(["entries", "lv", "--source", "review", "--db", db])).toMatchObject([
      { text: "Vecrīga", source: "review" },
    ]);
  });

  it("hands reviews from one database to another", () => {
    const file = join(folder, "reviews.jsonl");
    const other = join(folder, "reviews.sqlite");
    outputOf(["review", "lv", "export", file, "--db", db]);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ text: "Vecrīga", verdict: "allow", reason: "needed" });
    runCli(["review", "lv", "import", file, "--db", other]);
    expect(jsonOf<object[]>(["review", "lv", "list", "--db", other])).toHaveLength(1);
  });

  it("compares the profiles, building the one that is missing", () => {
    const compared = jsonOf<{ sizes: Record<string, Record<string, number>> }>(["compare", "lv", "--db", db]);
    expect(compared.sizes.reference?.wordnet).toBe(1);
    expect(compared.sizes.corrected?.wordnet).toBe(1);
    expect(outputOf(["explain", "lv", "būtne", "--db", db, "--profile", "reference"])).toContain(
      "owner        wordnet",
    );
  });

  it("exports the list as text and as JSON lines, the line number telling the id", () => {
    outputOf(["export", "txt", "--out", join(folder, "out"), "--edition", "lv", "--db", db]);
    outputOf(["export", "jsonl", "--out", join(folder, "out"), "--db", db]);
    const texts = readFileSync(join(folder, "out", "lv.txt"), "utf8")
      .trimEnd()
      .split("\n");
    const rows = readFileSync(join(folder, "out", "lv.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    const entries = rows.map((row) => JSON.parse(row) as EntryJson);
    expect(entries.map(({ text }) => text)).toEqual(texts);
    expect(entries.map(({ id }) => id)).toEqual(texts.map((_, index) => index));
    expect(entries).toEqual(jsonOf<EntryJson[]>(["entries", "lv", "--db", db]));
    expect(readdirSync(join(folder, "out")).sort()).toEqual(["lv.jsonl", "lv.txt"]);
  });

  it("audits a list against a vocabulary", () => {
    const words = join(folder, "words.txt");
    writeFileSync(words, "būtne\r\nRīga\n\nnezināms\nRīga\n");
    const { coverage, sizes } = jsonOf<Record<string, Record<string, number>>>([
      "audit",
      "lv",
      "--vocabulary",
      words,
      "--db",
      db,
    ]);
    expect(coverage).toEqual({ listed: 2, total: 3, share: 2 / 3 });
    expect(sizes?.number).toBe(100);
    const packed = runCli(["audit", "lv", "--vocabulary", "-", "--json", "--db", db], {
      input: gzipSync("\uFEFFbūtne\n"),
    });
    expect((JSON.parse(packed.stdout) as { coverage: object }).coverage).toEqual({ listed: 1, total: 1, share: 1 });
  });

  it("prunes older builds and keeps the lists in use", () => {
    outputOf(["prune", "--keep", "1", "--db", db]);
    expect(jsonOf<EntryJson[]>(["entries", "lv", "--db", db]).length).toBeGreaterThan(100);
    const { status, stderr } = runCli(["diff", "lv", "--db", db]);
    expect(status).toBe(1);
    expect(stderr).toContain("fewer than two");
  });
});

describe("worldmeta extract, tokenize and ngrams", () => {
  it("prints articles alone, as JSON lines", () => {
    const rows = outputOf(["extract", dump, "--edition", "lv"]).trim().split("\n");
    expect(rows.map((row) => JSON.parse(row) as object)).toMatchObject([
      { id: 1, title: "Rīga" },
      { id: 2, title: "Daugava", text: "upe\nLatvijas upe" },
    ]);
  });

  it("cuts lines into segments that concatenate to them", () => {
    const lines = ["新しいカメラとiPhoneを買った。", "", "  a  b ", "\uFEFFa"];
    const all = outputOf(["tokenize", "--edition", "ja"], { input: `${lines.join("\n")}\n` });
    const rows = all
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row) as string[]);
    expect(rows.map((row) => row.join(""))).toEqual(lines);
    const words = outputOf(["tokenize", "--edition", "ja", "--words"], { input: lines[0] ?? "" });
    expect(JSON.parse(words)).toEqual(["新しい", "カメラ", "と", "iPhone", "を", "買っ", "た"]);
  });

  it("counts words and pairs, the most frequent first, then by code point", () => {
    const text = join(folder, "text.txt");
    writeFileSync(text, "b a b a.\na b\n");
    const out = join(folder, "grams");
    runCli(["ngrams", "--edition", "lv", "--text", text, "--out", out]);
    expect(readFileSync(join(out, "unigrams.tsv"), "utf8")).toBe("3\ta\n3\tb\n");
    expect(readFileSync(join(out, "bigrams.tsv"), "utf8")).toBe("2\ta\tb\n2\tb\ta\n");
    expect(readdirSync(out).sort()).toEqual(["bigrams.tsv", "unigrams.tsv"]);
  });
});

describe("wrong use", () => {
  const CASES: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ["an unknown edition", ["build", "ltgg", "--dump", "x"], 2, /no Wikipedia edition "ltgg"; near ones: ltg/],
    ["no input", ["build", "lv"], 2, /nothing to build from/],
    ["no such file", ["build", "lv", "--dump", "missing.xml"], 1, /missing\.xml/],
    ["a folder for a file", ["build", "lv", "--dump", "."], 1, /folder/],
    ["a dump for two editions", ["build", "lv", "et", "--dump", "x"], 2, /belong to one edition/],
    ["an unknown option", ["entries", "lv", "--colour"], 2, /unknown option/],
    ["an unknown command", ["bild"], 2, /unknown command/],
    ["an unknown profile", ["build", "lv", "--profile", "mine"], 2, /corrected, reference/],
    ["a size that is none", ["build", "lv", "--memory", "much"], 2, /512MB/],
    ["no threads", ["build", "lv", "--threads", "0"], 2, /whole number/],
    ["no database", ["entries", "lv", "--db", "none.sqlite"], 1, /no database at none\.sqlite/],
    ["a verdict that is none", ["review", "lv", "add", "x", "maybe", "--reason", "r"], 2, /allow or deny/],
    ["a review without a reason", ["review", "lv", "add", "x", "deny"], 2, /--reason/],
    ["a review that is no number", ["review", "lv", "undo", "x", "--db", db], 2, /whole number/],
    [
      "a file for a folder",
      ["export", "txt", "--out", dump, "--db", db],
      1,
      /file where a folder is needed|not a folder/,
    ],
    ["a folder that cannot be", ["export", "txt", "--out", "/proc/none/x", "--db", db], 1, /\/proc\/none/],
    ["a word list that is not there", ["audit", "lv", "--vocabulary", "none.txt", "--db", db], 1, /none\.txt/],
  ];

  it.each(CASES)("answers %s with a clear message and no stack trace", (_, args, status, message) => {
    const cwd = makeFolder();
    const run = runCli(args, { cwd });
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(join(cwd, "db"))).toBe(false);
    rmSync(cwd, { recursive: true });
  });
});

describe("help", () => {
  const commands = [...outputOf(["--help"]).matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? "");

  it("lists the commands", () => {
    expect(commands).toContain("build");
    expect(commands.length).toBeGreaterThanOrEqual(14);
  });

  it.each(commands.filter((command) => command !== "help"))("of %s shows examples", (command) => {
    expect(outputOf([command, "--help"])).toMatch(/Examples:\n {2}\$ /);
  });
});
