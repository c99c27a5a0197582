import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WordnetCode } from "../languages/define.ts";
import { Problems } from "../src/problems.ts";
import type { ProfileName } from "../src/profile.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worldmeta-wordnet-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function readFile(path: string, language: string, profile: ProfileName = "corrected") {
  const problems = new Problems();
  const edition = { wordnets: [language as WordnetCode] };
  return { ...(await readWordnet(path, { edition, profile, problems })), problems };
}

/** Reads lines `TYPE⇥LEMMA` of a wordnet; each line is a synset of its own. */
async function read(language: string, lines: readonly string[], profile: ProfileName = "corrected") {
  const path = join(folder, "wn.tab");
  const rows = lines.map((line, index) => `${String(index).padStart(8, "0")}-n\t${line}`);
  writeFileSync(path, [`# Name\t${language}\thttp://x/\tCC BY 3.0 `, ...rows, ""].join("\n"));
  return readFile(path, language, profile);
}

/** What becomes of lemmas. */
async function mend(language: string, ...lemmas: readonly string[]) {
  const wordnet = await read(
    language,
    lemmas.map((lemma) => `${language}:lemma\t${lemma}`),
  );
  return wordnet.lemmas;
}

describe("the format", () => {
  test("the first line names the wordnet and its licence", async () => {
    const { name, language, url, licence, lemmas, problems } = await read("nld", ["nld:lemma\thond", "lemma\tkat"]);
    expect({ name, language, url, licence }).toEqual({
      name: "Name",
      language: "nld",
      url: "http://x/",
      licence: "CC BY 3.0",
    });
    expect(lemmas).toEqual(["hond", "kat"]);
    expect(problems.list()).toEqual([]);
  });

  test("every type of line has its place", async () => {
    const { lemmas, problems } = await read("arb", [
      "arb:lemma\tكتاب",
      "arb:lemma:root\tكتب",
      "arb:lemma:brokenplural\tكتبة",
      "arb:lemma:brokenPlural\tأكتاب",
      "arb:def\t0\tتعريف",
      "arb:exe\t0\tمثال",
      "arb:freq\t12",
      "arb:lemma\t",
      "nonsense",
      "arb:lemma\tكتاب",
    ]);
    expect(lemmas).toEqual(["كتاب", "كتبة", "أكتاب"]);
    expect(problems.list().map(({ code, count }) => [code, count])).toEqual([["E301", 3]]);
    expect(problems.list()[0]!.samples[0]).toMatch(/wn\.tab, line 8$/);
  });

  test("a first line that is missing, empty lines and comments do no harm", async () => {
    const path = join(folder, "bare.gz");
    writeFileSync(path, gzipSync("00000001-n\tfin:lemma\tkissa\r\n\n# note\n00000002-n\tfin:lemma\tiso_koira\n"));
    const { name, licence, language, lemmas, problems } = await readFile(path, "fin");
    expect({ name, licence, language, lemmas }).toEqual({
      name: "",
      licence: "",
      language: "fin",
      lemmas: ["kissa", "iso koira"],
    });
    expect(problems.list()).toEqual([]);
  });

  test("a wordnet of another language is told, and read", async () => {
    const path = join(folder, "other.tab");
    writeFileSync(path, "# Albanet\tals\tu\tl\n00000001-n\tals:lemma\tqen\n");
    const { lemmas, problems } = await readFile(path, "deu");
    expect(lemmas).toEqual(["qen"]);
    expect(problems.list()).toEqual([{ code: "W301", count: 1, samples: [`${path} (als)`] }]);
  });

  test("reference takes lemmas as they stand", async () => {
    const lines = ["cmn:lemma\tH形状+的", "cmn:lemma\t+", "cmn:lemma\ta_b"];
    const { lemmas, setAside, repaired, problems } = await read("cmn", lines, "reference");
    expect(lemmas).toEqual(["H形状+的", "+", "a b"]);
    expect(setAside).toEqual([]);
    expect(repaired).toBe(0);
    expect(problems.list()).toEqual([]);
  });
});

test("English synsets have a name: their first lemma, small; reference cuts it at a full stop", async () => {
  const path = join(folder, "eng.tab");
  const rows = ["1-n\tSt._Petersburg", "1-n\tLeningrad", "2-n\tDog", "2-n\thound", "3-n\t.22_caliber", "4-v\tdog"];
  writeFileSync(path, rows.map((row) => `${row.replace("\t", "\teng:lemma\t")}\n`).join(""));
  expect((await readFile(path, "eng")).lemmas).toEqual(["st. petersburg", "dog", ".22 caliber"]);
  expect((await readFile(path, "eng", "reference")).lemmas).toEqual(["st", "dog"]);
});

describe("what is mended", () => {
  test.each([
    ["cmn", "H形状+的", ["H形状的"]],
    ["cmn", "有声有色 +的", ["有声有色的"]],
    ["cmn", "篮[箱]的量", ["篮的量"]],
    ["cmn", "侵占者;", ["侵占者"]],
    ["cmn", "集中，聚集", ["集中", "聚集"]],
    ["cmn", "奥斯汀，简", ["奥斯汀"]],
    ["slv", "!?pes", ["pes"]],
    ["slk", "tráviť (potravu)", ["tráviť"]],
    ["slk", "dať do (pre)nájmu", ["dať do nájmu", "dať do prenájmu"]],
    ["slk", "dieťa\u009d", ["dieťa"]],
    ["nld", "giraf(fe)", ["giraf", "giraffe"]],
    ["nld", "(arbeids)verzuim", ["verzuim", "arbeidsverzuim"]],
    ["nld", "hyper(a)emie", ["hyperemie", "hyperaemie"]],
    ["nld", "mousseren (het)", ["mousseren"]],
    ["nld", "[[het]] [[hof]] [[maken]]", ["het hof maken"]],
    ["nld", "([[arme]]) [[luis]]", ["luis"]],
    ["nld", "eind goed, al goed", ["eind goed, al goed"]],
    ["spa", "aplastar(se)", ["aplastar", "aplastarse"]],
    ["spa", "Georgia O`Keeffe", ["Georgia O'Keeffe"]],
    ["por", "cauteloso(a)", ["cauteloso"]],
    ["por", "exposição (saúde)", ["exposição"]],
    ["por", "metafÃ\u00adsico", ["metafísico"]],
    ["por", "capital{{m}}", ["capital"]],
    ["ell", "Φι(ν)λανδός", ["Φιλανδός", "Φινλανδός"]],
    ["ell", "κοιμάμαι(με)", ["κοιμάμαι"]],
    ["ell", "παχαίνω,χοντραίνω", ["παχαίνω", "χοντραίνω"]],
    ["ell", "ιατρική διαστήματος*", ["ιατρική διαστήματος"]],
    ["ell", "΄Ινσμπρουκ", ["Ίνσμπρουκ"]],
    ["ell", '"γατάκι"', ["γατάκι"]],
    ["als", "fije , pe , spango", ["fije", "pe", "spango"]],
    ["isl", '"föðurafi; móðurafi"', ["föðurafi", "móðurafi"]],
    ["isl", "(túttur)", ["túttur"]],
    ["dan", "gå ''til", ["gå til"]],
    ["nob", "gjenstand~sområde", ["gjenstandsområde"]],
    ["fra", "man\u009cuvre", ["manœuvre"]],
    ["fra", "c&amp;#339;lacanthe", ["cœlacanthe"]],
    ["fra", "fr&amp;eacute;n&amp;eacute;sie", ["frénésie"]],
    ["fra", "log&lt;sub&gt;10&lt;/sub&gt;", ["log10"]],
    ["fra", "Milan &lt;!--gender?--&gt;", ["Milan"]],
    ["fra", "Bahamas ''f pl''", ["Bahamas"]],
    ["fra", "Antioche#Histoire", ["Antioche"]],
    ["fra", "guide_d%27onde", ["guide d'onde"]],
    ["fra", "cour|cours", ["cour"]],
    ["fra", "bégonia|it=begonia|nl=begonia", ["bégonia"]],
    ["fra", "carnivora|fr:carnivore", ["carnivora", "carnivore"]],
    ["fra", "fr|code source|m", ["code source"]],
    ["fra", "« guerre sale »", ["guerre sale"]],
    ["fra", "serpe ; serpette", ["serpe", "serpette"]],
    ["fra", "l´élimination", ["l'élimination"]],
    ["fra", "grèbe à cou noir|", ["grèbe à cou noir"]],
    ["jpn", "化学～", ["化学"]],
    ["jpn", "…のファスナーを締める", ["のファスナーを締める"]],
    ["khm", "ភាសា\u200Bមន", ["ភាសាមន"]],
    ["kur", "تازه\u200C", ["تازه"]],
    ["deu", "Prä\u00ADfixa\u00ADtion ", ["Präfixation"]],
    ["zsm", "Jena, Jerman", ["Jena, Jerman"]],
    ["cat", "al·lusiu", ["al·lusiu"]],
    ["xxx", "C++", ["C++"]],
    ["xxx", "'s lands wijs, 's lands eer", ["'s lands wijs, 's lands eer"]],
    ["xxx", "St. Louis", ["St. Louis"]],
    ["xxx", "R&B", ["R&B"]],
    ["xxx", "Yahoo!", ["Yahoo!"]],
  ])("%s: %s", async (language, lemma, forms) => {
    expect(await mend(language, lemma)).toEqual(forms);
  });

  test.each([
    ["fra", "+"],
    ["fra", "="],
    ["fra", "((bailleur)) m"],
    ["fra", "Portail:Lingerie"],
    ["fra", "2005)"],
    ["ita", "GAP!"],
    ["ita", "PSEUDOGAP!"],
    ["por", "começ-$$$-capaz"],
    ["por", "P\uFFFDtria-m\uFFFDe"],
    ["arb", "جد?يد"],
    ["cmn", "鲈形科\uE85B"],
  ])("%s: %s is junk", async (language, lemma) => {
    const { lemmas, setAside, problems } = await read(language, [`lemma\t${lemma}`, `lemma\t${lemma}`, "lemma\tgood"]);
    expect(lemmas).toEqual(["good"]);
    expect(setAside).toEqual([{ text: lemma, reason: "junk" }]);
    expect(problems.list().map(({ code, count }) => [code, count])).toEqual([["E302", 1]]);
  });

  test("repairs are counted, and duplicates that they make are not kept", async () => {
    const { lemmas, repaired, problems } = await read("ell", ["lemma\tφύλλο", 'lemma\t"φύλλο"', "lemma\ta_b"]);
    expect(lemmas).toEqual(["φύλλο", "a b"]);
    expect(repaired).toBe(1);
    expect(problems.count("W302")).toBe(1);
  });
});

describe("marks that captions leave out", () => {
  test.each([
    ["heb", "שָׁלוֹם", "שלום"],
    ["heb", "בֵּית־סֵפֶר", "בית־ספר"],
    ["arb", "شِرِّير", "شرير"],
    ["arb", "كِتَابٌ", "كتاب"],
    ["arb", "قام بـِ", "قام ب"],
    ["urd", "دلّی", "دلی"],
  ])("%s: %s is also %s", async (language, marked, bare) => {
    const { lemmas, unmarked, repaired } = await read(language, [`lemma\t${marked}`]);
    expect(lemmas).toEqual([marked.normalize("NFC"), bare]);
    expect(unmarked).toBe(1);
    expect(repaired).toBe(0);
  });

  test("marks that make another letter stay", async () => {
    expect(await mend("arb", "آب", "ا\u0653ب", "مؤمن")).toEqual(["آب", "مؤمن"]);
    expect(await mend("kur", "تۆوی")).toEqual(["تۆوی"]);
  });
});

const REAL = "wordnet/omw-1.4/fra/wn-data-fra.tab.gz";
const ENGLISH = "wordnet/derived/wn-data-eng.from-pwn30.tab.gz";

describe.skipIf(lacksSharedData(REAL, ENGLISH))("real wordnets", { timeout: 60_000 }, () => {
  test("English has the 86,554 synset names of MetaCLIP, 86,654 with the digits", async () => {
    const { lemmas } = await readFile(sharedData(ENGLISH), "eng", "reference");
    expect(lemmas.length).toBe(86_554);
    expect(new Set([...lemmas, ...Array.from({ length: 100 }, (_, number) => String(number))]).size).toBe(86_654);
    expect(lemmas).toContain("st");
    const corrected = await readFile(sharedData(ENGLISH), "eng");
    expect(corrected.lemmas.length).toBe(86_571);
    expect(corrected.lemmas).toContain("st. petersburg");
  });

  // Lemmas in `reference`: distinct strings, underscores as spaces, nothing mended.
  test.each([
    ["als/wn-data-als", "als", 5988, "CC BY 3.0"],
    ["arb/wn-data-arb", "arb", 19_098, "CC BY SA 3.0"],
    ["cow/wn-data-cmn", "cmn", 61_533, "wordnet"],
    ["dan/wn-data-dan", "dan", 4468, "wordnet"],
    ["ell/wn-data-ell", "ell", 18_229, "Apache 2.0"],
    ["fra/wn-data-fra", "fra", 55_351, "CeCILL-C"],
    ["isl/wn-data-isl", "isl", 11_556, "CC BY 3.0"],
    ["ita/wn-data-ita", "ita", 41_855, "CC BY 3.0"],
    ["mcr/wn-data-spa", "spa", 36_681, "CC BY 3.0"],
    ["msa/wn-data-zsm", "zsm", 33_932, "MIT"],
    ["nld/wn-data-nld", "nld", 43_077, "CC BY SA 4.0"],
    ["nor/wn-data-nob", "nob", 4186, "wordnet"],
    ["por/wn-data-por", "por", 54_071, "CC BY-SA"],
    ["slk/wn-data-slk", "slk", 29_150, "CC BY SA 3.0"],
  ])("%s", async (name, language, count, licence) => {
    const path = sharedData(`wordnet/omw-1.4/${name}.tab.gz`);
    const reference = await readFile(path, language, "reference");
    expect(reference.lemmas.length).toBe(count);
    expect(reference).toMatchObject({ language, licence });
    const corrected = await readFile(path, language);
    expect(corrected.problems.count("W301")).toBe(0);
    expect(corrected.setAside.length).toBeLessThan(20);
    expect(corrected.lemmas.filter((lemma) => /[()[\]{}<>|]|^\s|\s$| {2}|_|''/.test(lemma))).toEqual([]);
  });

  test("Arabic has 17,785 lemmas beside its broken plurals, and each marked one also without marks", async () => {
    const path = sharedData("wordnet/omw-1.4/arb/wn-data-arb.tab.gz");
    const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
    const lemmasOnly = join(folder, "arb.tab");
    writeFileSync(lemmasOnly, lines.filter((line) => !/brokenplural/i.test(line)).join("\n"));
    expect((await readFile(lemmasOnly, "arb", "reference")).lemmas.length).toBe(17_785);
    const { lemmas, unmarked } = await readFile(path, "arb");
    const all = new Set(lemmas);
    const marks = /[\u064B-\u0652\u0640]/g;
    expect(lemmas.filter((lemma) => !all.has(lemma.replace(marks, "").replace(/ {2,}/g, " ").trim()))).toEqual([]);
    expect(unmarked).toBeGreaterThan(10_000);
  });

  test("13,720 Chinese lemmas lose their plus signs", async () => {
    const path = sharedData("wordnet/omw-1.4/cow/wn-data-cmn.tab.gz");
    const reference = await readFile(path, "cmn", "reference");
    expect(reference.lemmas.filter((lemma) => lemma.includes("+")).length).toBe(13_720);
    const { lemmas, repaired } = await readFile(path, "cmn");
    expect(lemmas.filter((lemma) => lemma.includes("+"))).toEqual([]);
    expect(repaired).toBeGreaterThanOrEqual(13_720);
  });

  test("the language is that of the lines where the first line names another", async () => {
    const { language, problems } = await readFile(sharedData("wordnet/omw-2.0/wikt/wn-wikt-arb.tab.gz"), "arb");
    expect(language).toBe("arb");
    expect(problems.count("W301")).toBe(0);
  });
});
