import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  directionOf,
  type EditionNames,
  editionsOfGroup,
  findEdition,
  getEdition,
  listEditions,
  namesOf,
  parseEditions,
  parseNamespaces,
  tablePath,
  UnknownEditionError,
} from "../languages/editions.ts";
import { formatEditions, formatNamespaces, LISTS, proposeChanges } from "../scripts/update-editions.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { WORD_FIXTURES } from "./word-fixtures.ts";

/** The editions that the reference implementation of MetaCLIP 2 names in its guide to multilingual metadata. */
const REFERENCE_CODES = `
  ab ace ady af als alt am ami an ang anp ar arc ary arz as ast atj av avk awa ay az azb ba ban bar bat_smg bbc
  bcl be be_tarask bew bg bh bi bjn blk bm bn bo bpy br bs bug bxr ca cbk_zam cdo ce ceb ch chr chy ckb co cr crh
  cs csb cu cv cy da dag de dga din diq dsb dtp dty dv dz ee el eml en eo es et eu ext fa fat ff fi fiu_vro fj fo
  fon fr frp frr fur fy ga gag gan gcr gd gl glk gn gom gor got gpe gu guc gur guw gv ha hak haw he hi hif hr hsb
  ht hu hy hyw ia id ie ig igl ik ilo inh io is it iu ja jam jbo jv ka kaa kab kbd kbp kcg kg ki kk kl km kn ko
  koi krc ks ksh ku kus kv kw ky la lad lb lbe lez lfn lg li lij lld lmo ln lo lt ltg lv mad mai map_bms mdf mg
  mhr mi min mk ml mn mni mnw mr mrj ms mt mwl my myv mzn nah nap nds nds_nl ne new nia nl nn no nov nqo nrm nso
  nv ny oc olo om or os pa pag pam pap pcd pcm pdc pfl pi pih pl pms pnb pnt ps pt pwn qu rm rmy rn ro roa_rup
  roa_tara ru rue rw sa sah sat sc scn sco sd se sg sh shi shn si simple sk skr sl sm smn sn so sq sr srn ss st
  stq su sv sw szl szy ta tay tcy te tet tg th ti tk tl tly tn to tpi tr trv ts tt tum tw ty tyv udm ug uk ur uz
  ve vec vep vi vls vo wa war wo wuu xal xh xmf yi yo za zea zgh zh zh_classical zh_min_nan zh_yue zu
`;

const CLOSED = "aa ak cho cr ho hz ii kj kl kr lrc mh mus na ng pih".split(" ");

/** Databases that do not follow from the language's code, by code or tag. */
const DATABASES = {
  "be-tarask": "be_x_oldwiki",
  gsw: "alswiki",
  lzh: "zh_classicalwiki",
  nan: "zh_min_nanwiki",
  nb: "nowiki",
  rup: "roa_rupwiki",
  sgs: "bat_smgwiki",
  vro: "fiu_vrowiki",
  yue: "zh_yuewiki",
  bho: "bhwiki",
  cbk: "cbk_zamwiki",
  eml: "emlwiki",
  nds_nl: "nds_nlwiki",
  roa_tara: "roa_tarawiki",
  map_bms: "map_bmswiki",
  simple: "simplewiki",
};

/** Which editions the hand-made files of the Open Multilingual WordNet belong to. */
const WORDNETS: Readonly<Record<string, string>> = {
  ...{ als: "sq", arb: "ar", bul: "bg", cmn: "zh", qcn: "zh", dan: "da", ell: "el", eus: "eu", fas: "fa", fin: "fi" },
  ...{ fra: "fr", glg: "gl", heb: "he", hrv: "hr", ind: "id", isl: "is", ita: "it", iwn: "it", jpn: "ja", cat: "ca" },
  ...{ lit: "lt", nld: "nl", nno: "nn", nob: "no", pol: "pl", por: "pt", ron: "ro", slk: "sk", slv: "sl", spa: "es" },
  ...{ swe: "sv", tha: "th", zsm: "ms", eng: "en" },
};

describe("the table of editions", () => {
  const editions = listEditions();
  const codes = editions.map(({ code }) => code);

  it("holds every language edition, by code, each with its own database and host", () => {
    expect(editions).toHaveLength(364);
    expect(codes).toEqual([...codes].sort());
    for (const key of ["code", "database", "domain", "pageviewCode"] as const) {
      expect(new Set(editions.map((edition) => edition[key])).size).toBe(364);
    }
    for (const { domain, pageviewCode } of editions) expect(domain).toBe(`${pageviewCode}.wikipedia.org`);
  });

  it("knows which editions are closed", () => {
    expect(editions.filter(({ closed }) => closed).map(({ code }) => code)).toEqual(CLOSED);
  });

  it("holds all editions of the reference, under its codes", () => {
    const reference = REFERENCE_CODES.trim().split(/\s+/);
    expect(reference).toHaveLength(330);
    expect(reference.filter((code) => findEdition(code)?.code !== code)).toEqual([]);
  });

  it("says databases instead of deriving them", () => {
    for (const [name, database] of Object.entries(DATABASES)) expect(getEdition(name).database).toBe(database);
  });

  it("has a script, a direction that fits it and a tag that Intl takes", () => {
    for (const { script, direction, tag } of editions) {
      expect(script).toMatch(/^[A-Z][a-z]{3}$/);
      expect(direction).toBe(directionOf(script));
      expect(() => Intl.getCanonicalLocales(tag)).not.toThrow();
    }
    const scripts = Object.fromEntries(editions.map(({ code, script }) => [code, script]));
    expect(scripts).toMatchObject({ sr: "Cyrl", ku: "Latn", pnb: "Arab", sd: "Arab", az: "Latn", zh_min_nan: "Latn" });
    expect(scripts).toMatchObject({ hak: "Latn", mni: "Mtei", sat: "Olck", nqo: "Nkoo", zgh: "Tfng", shi: "Latn" });
    expect(editions.filter(({ direction }) => direction === "rtl").map(({ code }) => code)).toEqual(
      "ar arc ary arz azb ckb dv fa glk he ks lrc mzn nqo pnb ps sd skr ug ur yi".split(" "),
    );
  });

  it("gives the languages without spaces their tokenizers", () => {
    const special = editions.filter(({ tokenizer }) => tokenizer !== "words");
    expect(special.map(({ code, tokenizer }) => `${code}:${tokenizer}`)).toEqual(
      "bo:bo dz:bo gan:zh ja:ja km:km lo:lo my:my th:th wuu:zh zh:zh zh_classical:zh zh_yue:zh".split(" "),
    );
  });

  it("gives each wordnet to its language, and Tosk Albanian not to the Alemannic edition", () => {
    for (const [wordnet, code] of Object.entries(WORDNETS)) {
      const owners = editions.filter(({ wordnets }) => (wordnets as readonly string[]).includes(wordnet));
      expect(owners.map((edition) => edition.code)).toEqual(wordnet === "eng" ? ["en", "simple"] : [code]);
    }
    expect(getEdition("als").wordnets).toEqual(["gsw"]);
    expect(getEdition("zh").wordnets.slice(0, 2)).toEqual(["cmn", "qcn"]);
    expect(editions.filter(({ wordnets }) => wordnets.length === 0)).toEqual([]);
  });

  it("lets editions share a group only where one label serves them", () => {
    const shared = editions.filter(({ code, lidGroup }) => (lidGroup as string) !== code);
    expect(Object.fromEntries(shared.map(({ code, lidGroup }) => [code, lidGroup]))).toEqual({
      be_tarask: "be",
      map_bms: "jv",
      simple: "en",
      zh_classical: "zh",
    });
    expect(editionsOfGroup("en").map(({ code }) => code)).toEqual(["en", "simple"]);
    expect(editionsOfGroup("simple")).toEqual([]);
    for (const { lidGroup } of editions) expect(editionsOfGroup(lidGroup)[0]?.code).toBe(lidGroup);
  });
});

describe("finding an edition", () => {
  it("takes code, database, domain and pageview code, whatever their case and hyphens", () => {
    fc.assert(
      fc.property(fc.constantFrom(...listEditions()), fc.boolean(), fc.boolean(), (edition, upper, hyphens) => {
        for (const name of [edition.code, edition.database, edition.domain, edition.pageviewCode]) {
          const cased = upper ? name.toUpperCase() : name;
          expect(findEdition(hyphens ? cased.replaceAll("_", "-") : cased)).toBe(edition);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("takes the tag where no code claims it", () => {
    expect(findEdition("gsw")?.code).toBe("als");
    expect(findEdition("nb")?.code).toBe("no");
    expect(findEdition("en")?.code).toBe("en");
    expect(findEdition("als")?.name).toBe("Alemannic");
    expect(findEdition("be-x-old")?.code).toBe("be_tarask");
    expect(findEdition("nrf")?.code).toBe("nrm");
  });

  it("names the near ones when there is none", () => {
    expect(() => getEdition("german")).toThrow('no Wikipedia edition "german"; near ones: de (German)');
    expect(() => getEdition("zh_yu")).toThrow(/near ones: zh_yue \(Cantonese\)/);
    expect(() => getEdition("enn")).toThrow(/\ben \(English\)/);
    expect(() => getEdition("español")).toThrow(/near ones: es \(Spanish\)/);
    expect(() => getEdition("germ")).toThrow(/\bde \(German\)/);
    expect(() => getEdition("jpn")).toThrow(/near ones: ja \(Japanese\)/);
    expect(() => getEdition("qqqqqqqqqq")).toThrow(/worldmeta editions lists them all/);
    expect(() => getEdition("")).toThrow(UnknownEditionError);
  });
});

describe("names of namespaces", () => {
  it("holds local names, aliases and the canonical ones", () => {
    const german = namesOf(getEdition("de"));
    expect(german.mainPage).toBe("Wikipedia:Hauptseite");
    expect(german.file).toEqual(["Datei", "Bild", "File", "Image"]);
    expect(german.category).toEqual(["Kategorie", "Category"]);
    expect(german.other).toEqual(expect.arrayContaining(["Vorlage", "Benutzerin", "WP", "Template", "Portal"]));
    expect(namesOf(getEdition("en")).mainPage).toBe("Main Page");
    expect(namesOf(getEdition("zh_yue")).category).toEqual(expect.arrayContaining(["分類", "Category"]));
    expect(namesOf(getEdition("ar")).file).toContain("ملف");
  });

  it("falls back to the canonical names where Wikimedia's lists hold nothing", () => {
    expect(namesOf(getEdition("tok"))).toMatchObject({ mainPage: undefined, file: ["File", "Image"] });
  });

  it("knows the main page of all editions but the newest and some closed ones", () => {
    const known = listEditions().filter((edition) => namesOf(edition).mainPage !== undefined);
    expect(known).toHaveLength(328);
  });
});

describe("a table with a fault", () => {
  const [header = "", row = ""] = readFileSync(tablePath("editions.tsv"), "utf8").split("\n");
  const withCell = (column: string, value: string) => {
    const cells = row.split("\t");
    cells[header.split("\t").indexOf(column)] = value;
    return `${header}\n${cells.join("\t")}\n`;
  };

  it("is accepted without one, with CR LF and a byte order mark too", () => {
    expect(parseEditions(`\uFEFF${header}\r\n${row}\r\n`, "t.tsv")).toHaveLength(1);
  });

  it.each([
    ["code", "EN"],
    ["code", "other"],
    ["database", "aa"],
    ["domain", "https://aa.wikipedia.org"],
    ["pageview_code", "aa.m"],
    ["tag", "not_a_tag"],
    ["name", ""],
    ["autonym", ""],
    ["script", "latn"],
    ["direction", "rtl"],
    ["tokenizer", "wordz"],
    ["wordnets", "aar, aa"],
    ["lid_group", "xx"],
    ["evidence", "none"],
    ["closed", "true"],
  ])("says file, line and column of a wrong %s", (column, value) => {
    expect(() => parseEditions(withCell(column, value), "t.tsv")).toThrow(`t.tsv, line 2, column ${column}: `);
  });

  it("says where a cell is missing, stands twice or has spaces around it", () => {
    expect(() => parseEditions(`${header}\n${row.replace(/\t[^\t]*$/, "")}\n`, "t.tsv")).toThrow("has 13 cells");
    expect(() => parseEditions(`${header}\n${row}\n${row}\n`, "t.tsv")).toThrow("line 3, column code: ");
    expect(() => parseEditions(withCell("name", " Afar"), "t.tsv")).toThrow("remove the spaces");
    expect(() => parseEditions("code\n", "t.tsv")).toThrow("line 1, column code: the first line must name the columns");
  });

  it("is noticed among the namespaces too", () => {
    const head = "code\tmain_page\tfile\tcategory\tother\n";
    const codes = new Set(["aa"]);
    expect(parseNamespaces(head, "n.tsv", codes).size).toBe(0);
    expect(() => parseNamespaces(`${head}xx\t\t\t\t\n`, "n.tsv", codes)).toThrow("n.tsv, line 2, column code: ");
    expect(() => parseNamespaces(`${head}aa\t\tA||B\t\t\n`, "n.tsv", codes)).toThrow("column file: ");
    expect(() => parseNamespaces(`${head}aa\t\t\t\t\naa\t\t\t\t\n`, "n.tsv", codes)).toThrow("line 3, column code: ");
  });
});

describe("proposing changes", () => {
  const folder = mkdtempSync(join(tmpdir(), "worldmeta-editions-"));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith(".gz") ? gzipSync(text) : text);
  };
  const editions = listEditions().filter(({ code }) => ["de", "kl", "zh_yue"].includes(code));
  const names: ReadonlyMap<string, EditionNames> = new Map([
    ["de", { mainPage: "Startseite", file: ["Datei"], category: ["Kategorie"], other: ["Vorlage"] }],
  ]);

  beforeAll(() => {
    put(LISTS.open, "# generated\ndewiki\nklwiki\ntddwiki\ntestwiki\nzh_yuewiki\n");
    put(LISTS.closed, "dewiki\n");
    put(LISTS.allowed, ["de", "kl", "zh-yue"].map((code) => `project\t${code}.wikipedia\t2015-10-12\n`).join(""));
    put(LISTS.names, JSON.stringify({ languages: {} }));
    put(LISTS.languages, JSON.stringify({ languages: { tdd: ["tdx"], tdx: ["Tale", ["AS"], "ᥖᥭᥰ"] } }));
    const page = { dbname: "dewiki", hostname: "de.wikipedia.org", language: "de" };
    const file = { ...page, namespace: 6, namespace_localized_name: "Ablage" };
    put(
      LISTS.namespaces,
      JSON.stringify({ ...file, home_page: "https://de.wikipedia.org/wiki/Wikipedia:Haupt_seite" }),
    );
    const xml = '<ns id="0"/><ns id="14" xml:space="preserve">类&amp;別</ns><ns id="10" case="x">$1 模</ns>';
    put(LISTS.siteInfo, tarOf("wikis/zh-yuewiki-configuration.xml", xml));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A tar archive of one small file. */
  function tarOf(name: string, text: string): string {
    const length = Buffer.byteLength(text);
    const size = length.toString(8).padStart(11, "0");
    const header = `${`${name.padEnd(124, "\0")}${size}`.padEnd(156, "\0")}0`.padEnd(512, "\0");
    return `${header}${text}${"\0".repeat(512 - (length % 512))}${"\0".repeat(1024)}`;
  }

  it("proposes a whole row for a new edition, and what was closed, opened and renamed", () => {
    const proposal = proposeChanges(folder, editions, names);
    expect(proposal.editions.map(({ code, closed }) => [code, closed])).toEqual([
      ["de", true],
      ["kl", false],
      ["tdd", false],
      ["zh_yue", false],
    ]);
    const fresh = proposal.editions.find(({ code }) => code === "tdd");
    expect(fresh).toMatchObject({ database: "tddwiki", domain: "tdd.wikipedia.org", script: "Tale", autonym: "ᥖᥭᥰ" });
    expect(fresh).toMatchObject({ tokenizer: "words", wordnets: ["tdd"], lidGroup: "tdd", evidence: "default" });
    expect(proposal.changes).toContainEqual({ code: "de", column: "closed", before: "no", after: "yes" });
    expect(proposal.changes).toContainEqual({ code: "kl", column: "closed", before: "yes", after: "no" });
    expect(proposal.doubts.join("\n")).toContain("tddwiki: tdd.wikipedia is not among");
    expect(() => parseEditions(formatEditions(proposal.editions), "t.tsv")).not.toThrow();
  });

  it("keeps what people decided and adds names to those that are known", () => {
    const proposal = proposeChanges(folder, editions, names);
    const cantonese = editions.find(({ code }) => code === "zh_yue");
    expect(proposal.editions.find(({ code }) => code === "zh_yue")).toMatchObject({
      tokenizer: "zh",
      script: "Hani",
      wordnets: cantonese?.wordnets,
    });
    expect(proposal.names.get("de")).toMatchObject({ mainPage: "Wikipedia:Haupt seite", file: ["Datei", "Ablage"] });
    expect(proposal.names.get("zh_yue")).toMatchObject({ category: ["类&別"], other: [] });
    const again = proposeChanges(folder, proposal.editions, proposal.names);
    expect(again.changes).toEqual([]);
    expect(formatNamespaces(again.names)).toBe(formatNamespaces(proposal.names));
  });

  it("names a list that is missing", () => {
    expect(() => proposeChanges(join(folder, "nowhere"), editions, names)).toThrow(/closed\.dblist is missing/);
  });

  it.skipIf(lacksSharedData("wikis"))("finds nothing to change against Wikimedia's lists", () => {
    const codes = new Set<string>(listEditions().map(({ code }) => code));
    const table = parseNamespaces(readFileSync(tablePath("namespaces.tsv"), "utf8"), "namespaces.tsv", codes);
    const proposal = proposeChanges(sharedData("wikis"), listEditions(), table);
    expect(proposal.changes).toEqual([]);
    expect(proposal.doubts).toEqual([]);
  });
});

describe("evidence", () => {
  it("is verified for just the editions whose words a fixture shows", () => {
    const verified = listEditions().filter(({ evidence }) => evidence === "verified");
    const shown = new Set(WORD_FIXTURES.map(({ code }) => code));
    expect(verified.map(({ code }) => code as string).sort()).toEqual([...shown].sort());
  });
});
