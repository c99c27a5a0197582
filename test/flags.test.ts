import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { getEdition, listEditions } from "../languages/index.ts";
import { normalize } from "../languages/normalize.ts";
import { type Queue, queuesOf } from "../src/curation/queues.ts";
import type { EntryJson } from "../src/entries/entry-json.ts";
import { flagEntries } from "../src/entries/flags.ts";
import { countTellingLetters, createLanguageFinder } from "../src/entries/other-language.ts";
import { holdsPersonalData } from "../src/entries/personal.ts";
import { FLAGS, SET_ASIDE_REASONS, type SetAside, SOURCES } from "../src/entries/types.ts";
import { findVocabulary } from "../src/entries/vocabulary.ts";
import { compareCodePoints } from "../src/order.ts";
import { Problems } from "../src/problems.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { listBuilds, publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { listSetAside } from "../src/store/set-aside.ts";
import { jsonOf, makeFolder, outputOf, runCli } from "./run-cli.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const folder = makeFolder();
const languages = createLanguageFinder();
afterAll(() => {
  languages.dispose();
  rmSync(folder, { recursive: true });
});

/** Flags of texts, as the words of an edition. */
async function flagsOf(code: string, texts: readonly string[], vocabulary?: readonly string[]): Promise<string[][]> {
  const entries = texts.map((text) => ({ text, source: "unigram" as const }));
  const flagged = await flagEntries(entries, { edition: getEdition(code), languages, vocabulary });
  return Array.from(flagged, ({ flags }) => [...flags]);
}

async function foreign(code: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  await languages.find(texts, getEdition(code), (index) => found.push(texts[index]!));
  return found;
}

function holding(code: string, vocabulary: readonly string[], texts: readonly string[]): string[] {
  const found: string[] = [];
  findVocabulary(texts, { edition: getEdition(code), vocabulary }, (index) => found.push(texts[index]!));
  return found;
}

describe("flagEntries()", () => {
  it("gives every entry its flags in the order of their table, and numbers none, whatever the vocabulary", async () => {
    const entries = [
      { id: 0, text: "7", source: "number" as const },
      { id: 1, text: "ж", source: "unigram" as const },
      { id: 2, text: "[[me@example.org]]", source: "title" as const },
      { id: 3, text: "Ж", source: "unigram" as const },
    ];
    const vocabulary = ["7", "Ж"];
    const flagged = await flagEntries(entries, { edition: getEdition("en"), languages, vocabulary });
    const expected = [
      { ...entries[0], flags: [] },
      { ...entries[1], flags: ["script", "single", "vocabulary"] },
      { ...entries[2], flags: ["markup", "personal"] },
      { ...entries[3], flags: ["script", "single", "fold", "vocabulary"] },
    ];
    expect([...flagged]).toEqual(expected);
    expect([...flagged]).toEqual(expected);
  });
});

describe("personal data", () => {
  it.each([
    ...["john.doe@example.com", "a_b+c@mail.example.org", "info@пример.рф", "用户@例子.广告", "(me@example.co.uk)"],
    ...["Schreib an max@müller.de!", "info@example"],
    ...["+49 30 901820", "+44 (0)20 7946 0958", "+1-202-555-0143", "+7 495 123-45-67", "+86 138 0013 8000"],
    ...["+91 98765 43210", "+33.1.23.45.67.89", "+4915112345678", "0049 30 901820", "+९१ ९८७६५ ४३२१०"],
    ...["030/901820-12", "(030) 901 820", "(212) 555-0143", "212-555-0143", "1-800-273-8255", "03-1234-5678"],
    ...["090-1234-5678", "01 23 45 67 89", "020 7946 0958", "139-1234-5678", "٠٢-٢٣٤٥-٦٧٨٩", "電話 03-1234-5678"],
    ...["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555 5555 5555 4444", "378282246310005"],
    ...["3782 822463 10005", "3056 930902 5904", "6011111111111117", "2223003122003222", "४१११ ११११ ११११ ११११"],
    ...["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "NO9386011117947"],
    ...["FR14 2004 1010 0505 0001 3M02 606", "MT84MALT011000012345MTLCAST001S", "IBAN: DE89370400440532013000"],
    ...["127.0.0.1", "192.168.1.1", "http://203.0.113.7/a", "2001:db8::1", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"],
  ])("is seen in %s", (text) => {
    expect(holdsPersonalData(normalize(text))).toBe(true);
  });

  it.each([
    ...["1984", "1914–1918", "2010/11", "1990-91", "2020-01-15", "2020-01-15 12:30", "12.10.2020", "12/10/2020 12:30"],
    ...["01-02-2003", "06.01.2010 19:37", "9-11", "7-7-2005", "20200101123000", "١٩٨٤", "२०२०", "平成31年4月30日"],
    ...["24/7", "3:2", "0-0", "4:33", "12:30:45", "00:00", "5’10”", "1/2", "100%", "10^12", "99 Luftballons", "007"],
    ...["978-3-16-148410-0", "9783161484100", "0-306-40615-2", "ISBN 0-19-852663-6", "0317-8471", "4006381333931"],
    ...["1.2.3.4", "8.8.8.8", "10.0.19041.1", "v10.0.200.1", "4.18.0-305", "300.1.1.1", "256.100.100.100"],
    ...["1 000 000", "+1 000 000", "+20 000 000", "2 000 000 000 000", "1,000,000,000", "3.14159265", "+3.14159265"],
    ...["+40.7127837", "-74.0059413", "6.02214076×10²³", "555 200 1000", "90210", "867-5309", "E=mc²"],
    ...["(15760) 1992 QB1", "(523794) 2015 RR245", "M1911A1", "B-52", "doi:10.1088/0031-9120/30/4/011", "C++", "@home"],
    ...["@", "x@home", "logo@2x.png", "R&B", "std::vector", "DB::CC", "Siam @ night", "a::b"],
    ...["4111 1111 1111 1112", "DE88 3704 0044 0532 0130 00", "GE-12345", "1234567890123456789"],
  ])("is not seen in %s", (text) => {
    expect(holdsPersonalData(normalize(text))).toBe(false);
  });

  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));

  it("is a card's number if its check digit is right", () => {
    fc.assert(
      fc.property(digits(14), fc.constantFrom("", " ", "-"), (rest, separator) => {
        const numbers = Array.from({ length: 10 }, (_, check) => `4${rest}${check}`);
        const printed = numbers.map((number) => number.match(/.{4}/g)!.join(separator));
        // The formula leaves one of ten.
        expect(printed.filter(holdsPersonalData)).toHaveLength(1);
      }),
    );
  });

  it("is an account's number if its check digits are right", () => {
    fc.assert(
      fc.property(fc.constantFrom("DE", "SA", "GB", "BR"), digits(18), (country, account) => {
        const value = BigInt([...`${account}${country}00`].map((character) => Number.parseInt(character, 36)).join(""));
        const check = String(98n - (value % 97n)).padStart(2, "0");
        const wrong = String(Number(check) === 50 ? 51 : 50);
        expect(holdsPersonalData(`${country}${check}${account}`)).toBe(true);
        expect(holdsPersonalData(`${country}${check}${account}`.match(/.{1,4}/g)!.join(" "))).toBe(true);
        expect(holdsPersonalData(`${country}${wrong}${account}`)).toBe(false);
      }),
    );
  });

  it("is told alike in the digits of any script", () => {
    const zeros = ["٠", "۰", "०", "০", "๐", "០", "０", "𝟎", "𝟬"].map((zero) => zero.codePointAt(0)!);
    const text = fc.oneof(
      fc.stringMatching(/^[\d +.()/-]{0,24}$/),
      fc.constantFrom("+49 30 901820", "4111 1111 1111 1111", "192.168.1.1", "2020-01-15"),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...zeros), (text, zero) => {
        const other = text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
        expect(holdsPersonalData(other)).toBe(holdsPersonalData(text));
      }),
    );
  });

  it("is not seen in numbers, decimals, dates, times and ranges of years", () => {
    const part = (min: number, max: number) => fc.integer({ min, max }).map((value) => String(value).padStart(2, "0"));
    const year = fc.integer({ min: 1000, max: 2100 }).map(String);
    const [day, month] = [part(1, 31), part(1, 12)];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeNat().map((value) => String(value % 1e12)),
          fc.maxSafeNat().map((value) => (value % 1e9).toLocaleString("en")),
          fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value.toFixed(6)),
          fc.tuple(day, month, year).map((parts) => parts.join(".")),
          fc.tuple(month, day, year).map((parts) => parts.join("/")),
          fc.tuple(year, month, day).map((parts) => parts.join("-")),
          fc.tuple(part(0, 23), part(0, 59), part(0, 59)).map((parts) => parts.join(":")),
          fc.tuple(year, year).map((years) => years.join("–")),
          fc.tuple(year, year).map((years) => years.join("-")),
        ),
        (text) => !holdsPersonalData(text),
      ),
      { numRuns: 1000 },
    );
  });

  it("takes time that grows with the length alone", () => {
    const hostile = ["a.", "+1 ", "1-", "@a.", "0 ", "1.", "1:", "DE12 ", "(0", "a@"].map((part) => part.repeat(2000));
    const begun = performance.now();
    for (const text of hostile) holdsPersonalData(text);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

describe("a vocabulary", () => {
  it("flags entries that are, or hold as a word, one of its words, capitals or not", () => {
    const texts = ["bomb", "BOMB", "Bomb squad", "(bomb)", "bombastic", "time-bomb", "a bomb, again", "bombs", "bom b"];
    expect(holding("en", ["Bomb"], texts)).toEqual(["bomb", "BOMB", "Bomb squad", "(bomb)", "a bomb, again"]);
    expect(holding("en", ["time bomb", "high-speed"], ["Time Bomb", "bomb time", "High-Speed rail", "speed"])).toEqual([
      "Time Bomb",
      "High-Speed rail",
    ]);
  });

  it("follows the edition's language: its apostrophes and its capitals", () => {
    expect(holding("fr", ["arme"], ["l'arme", "d'armes", "L'ARME"])).toEqual(["l'arme", "L'ARME"]);
    expect(holding("en", ["arme"], ["l'arme"])).toEqual([]);
    expect(holding("tr", ["sık"], ["SIK", "sık", "SİK", "sik"])).toEqual(["SIK", "sık"]);
    expect(holding("el", ["όπλο"], ["ΌΠΛΟ", "όπλο του", "όπλων"])).toEqual(["ΌΠΛΟ", "όπλο του"]);
  });

  it("finds words inside texts without spaces, and in any normal form", () => {
    expect(holding("zh", ["炸弹"], ["炸弹", "定时炸弹装置", "炸 弹", "炸药"])).toEqual(["炸弹", "定时炸弹装置"]);
    expect(holding("ja", ["爆弾", "カメラ"], ["時限爆弾", "新しいカメラとiPhone", "爆発"])).toEqual([
      "時限爆弾",
      "新しいカメラとiPhone",
    ]);
    expect(holding("th", ["ระเบิด"], ["ลูกระเบิดมือ", "ระเบิด", "ระเบียบ"])).toEqual(["ลูกระเบิดมือ", "ระเบิด"]);
    expect(holding("hi", ["बम"], ["बम", "बम विस्फोट", "बमबारी"])).toEqual(["बम", "बम विस्फोट"]);
    expect(holding("vi", ["Ho\u0302\u0300"], ["hồ nước", "HỒ"])).toEqual(["hồ nước", "HỒ"]);
  });

  it("flags, in every edition, an entry that is one of its words", () => {
    const words = ["Wort", "слово", "كلمة", "शब्द", "字词", "คำ", "λέξη", "42", "C++", "AT&T", "İz", "ǅ"];
    for (const { code } of listEditions()) expect(holding(code, words, words), code).toEqual(words);
  });

  it("flags any word that can match, alone and among others", () => {
    const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).map(normalize);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const wanted = words.filter((text) => /[\p{L}\p{N}]/u.test(text));
        const texts = wanted.flatMap((text) => [text, `a ${text} b`]);
        expect(holding("en", words, texts)).toEqual(texts);
      }),
    );
  });
});

describe("words of other languages", () => {
  it("are told in sentences and phrases", async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["so", ["federal government", "discussed various", "bilateral relations"]],
      ["de", ["the cat sleeps on the old chair", "la maison de la culture populaire"]],
      ["ru", ["der schnelle braune fuchs springt", "the government of the united states"]],
      ["ja", ["once upon a time in the west", "война и мир в литературе"]],
      ["ar", ["the history of the roman empire", "история государства российского"]],
      ["el", ["che ora sono adesso", "il était une fois dans la ville"]],
      ["hi", ["government of the people by the people", "le petit prince est parti hier"]],
    ];
    for (const [code, texts] of cases) expect(await foreign(code, texts), code).toEqual(texts);
  });

  it("are not names, nor words of the language itself, nor too short to tell", async () => {
    const names = [
      "Jacques Chirac",
      "Johann Wolfgang von Goethe",
      "New York",
      "São Paulo",
      "Владимир Путин",
      "El Niño",
    ];
    expect(await foreign("en", [...names, "ciao", "und", "le", "the government of the people"])).toEqual([]);
    expect(await foreign("de", ["die Regierung des Landes", "selbstverständlich", "Straßenbahn"])).toEqual([]);
    expect(await foreign("zh", ["中华人民共和国", "北京大学", "美国"])).toEqual([]);
    expect(await foreign("fi", ["itsenäisyysjulistus", "tietokoneohjelma"])).toEqual([]);
  });

  it("are not those of near languages, nor of one that shares the group", async () => {
    const near: readonly (readonly [string, string])[] = [
      ["nn", "regjeringen i landet har vedtatt loven"],
      ["no", "regeringen i landet har vedtaget loven"],
      ["da", "regjeringen i landet har vedtatt loven"],
      ["hr", "влада републике србије је донела одлуку"],
      ["sh", "vlada republike hrvatske je donijela odluku"],
      ["bs", "vlada republike hrvatske donijela je odluku"],
      ["id", "kerajaan negeri telah meluluskan undang-undang"],
      ["ms", "pemerintah negara telah menyetujui undang-undang"],
      ["gl", "o governo da república aprovou ontem a lei"],
      ["pt", "o goberno da república aprobou onte a lei"],
      ["be_tarask", "урад рэспублікі зацвердзіў новы закон"],
      ["simple", "the government of the united states of america"],
    ];
    const wrong: string[] = [];
    for (const [code, text] of near) wrong.push(...(await foreign(code, [text])).map((found) => `${code}: ${found}`));
    // Serbian in Cyrillic is of another script than Croatian.
    expect(wrong.filter((line) => !line.startsWith("hr: влада"))).toEqual([]);
  });

  it("are sought in no edition whose language the identifier lacks, and a finder serves again after it was disposed of", async () => {
    const text = ["the government of the united states of america"];
    expect(await foreign("zh_classical", text)).toEqual(text);
    for (const code of ["cho", "mus", "vls", "ii"]) expect(await foreign(code, text), code).toEqual([]);
    languages.dispose();
    expect(await foreign("fr", text)).toEqual(text);
  });

  it("are told by letters of words without a capital", () => {
    expect(countTellingLetters("Made in Germany")).toBe(2);
    expect(countTellingLetters("l'état c'est moi")).toBe(12);
    expect(countTellingLetters("«Война» и мир")).toBe(4);
    expect(countTellingLetters("12345 67890 …")).toBe(0);
  });

  it("raise their flag beside that of another script", async () => {
    expect(await flagsOf("ja", ["once upon a time in the west"])).toEqual([["script", "language"]]);
  });
});

const WORDNETS = {
  ar: "omw-1.4/arb/wn-data-arb.tab.gz",
  el: "omw-1.4/ell/wn-data-ell.tab.gz",
  es: "omw-1.4/mcr/wn-data-spa.tab.gz",
  fi: "omw-2.0/wikt/wn-wikt-fin.tab.gz",
  fr: "omw-1.4/fra/wn-data-fra.tab.gz",
  ms: "omw-1.4/msa/wn-data-zsm.tab.gz",
  no: "omw-2.0/wikt/wn-wikt-nob.tab.gz",
  pt: "omw-1.4/por/wn-data-por.tab.gz",
  ru: "omw-2.0/wikt/wn-wikt-rus.tab.gz",
  th: "omw-2.0/wikt/wn-wikt-tha.tab.gz",
  zh: "omw-1.4/cow/wn-data-cmn.tab.gz",
} as const;
const paths = Object.values(WORDNETS).map((path) => `wordnet/${path}`);

describe.skipIf(lacksSharedData(...paths))("on real wordnets", () => {
  const lemmasOf = async (code: keyof typeof WORDNETS) => {
    const edition = getEdition(code);
    const path = sharedData(`wordnet/${WORDNETS[code]}`);
    const { lemmas } = await readWordnet(path, { edition, profile: "corrected", problems: new Problems() });
    return lemmas.filter((_, index) => index % 4 === 0);
  };

  it.each(Object.keys(WORDNETS) as (keyof typeof WORDNETS)[])(
    "at most 5 in 1,000 lemmas of %s are flagged in their own list, and none as personal data",
    async (code) => {
      const lemmas = await lemmasOf(code);
      const flags = await flagsOf(code, lemmas);
      expect(flags.filter((own) => own.includes("language")).length / lemmas.length).toBeLessThanOrEqual(0.005);
      expect(lemmas.filter((_, index) => flags[index]!.includes("personal"))).toEqual([]);
    },
  );

  it("many of other languages are flagged", async () => {
    const least = { fr: [0.1, 0.25], el: [0.3, 0.8], es: [0.05, 0.15], th: [0.2, 0.5] } as const;
    for (const [code, [ofAll, ofLong]] of Object.entries(least)) {
      const lemmas = await lemmasOf(code as keyof typeof least);
      const long = lemmas.filter((lemma) => countTellingLetters(lemma) >= 12);
      for (const other of ["fi", "ru", "zh"]) {
        expect((await foreign(other, lemmas)).length / lemmas.length, code).toBeGreaterThan(ofAll);
        expect((await foreign(other, long)).length / long.length, code).toBeGreaterThan(ofLong);
      }
    }
  });
});

const NTREX = {
  ar: "arb",
  de: "deu",
  el: "ell",
  en: "eng-GB",
  hi: "hin",
  ja: "jpn",
  ru: "rus",
  th: "tha",
  vi: "vie",
} as const;
const sentencePath = (code: keyof typeof NTREX) => `lid/ntrex-128/newstest2019-ref.${NTREX[code]}.txt.gz`;
const CODES = Object.keys(NTREX) as (keyof typeof NTREX)[];

describe.skipIf(lacksSharedData(...CODES.map(sentencePath)))("on real sentences", () => {
  it("flags nearly all of other languages, and none of the edition's own", async () => {
    const sentences = (code: keyof typeof NTREX) =>
      gunzipSync(readFileSync(sharedData(sentencePath(code))))
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
    for (const code of CODES) {
      expect(await foreign(code, sentences(code)), code).toEqual([]);
      const others = CODES.filter((other) => other !== code).flatMap(sentences);
      expect((await foreign(code, others)).length / others.length, code).toBeGreaterThan(0.9);
    }
  });
});

describe("listSetAside() and queuesOf()", () => {
  it("page through all candidates of a reason, by text and source, and count them", () => {
    const candidate = fc.record({
      text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }).filter((text) => !text.includes("\0")),
      source: fc.constantFrom(...SOURCES),
      reason: fc.constantFrom(...(Object.keys(SET_ASIDE_REASONS) as SetAside["reason"][])),
    });
    const unique = fc.uniqueArray(candidate, { selector: (value) => JSON.stringify(value), maxLength: 30 });
    const db = openDatabase(join(folder, "pages.sqlite"));
    const facts = { started: "", finished: "", version: "", settings: {}, figures: {}, problems: [], inputs: [] };
    fc.assert(
      fc.property(unique, fc.integer({ min: 1, max: 7 }), (candidates, limit) => {
        const about = { edition: getEdition("en").code, profile: "corrected" as const, fingerprint: "f", ...facts };
        const build = publish(db, about, [], candidates);
        for (const reason of Object.keys(SET_ASIDE_REASONS) as SetAside["reason"][]) {
          const expected = candidates
            .filter((item) => item.reason === reason)
            .sort((a, b) => compareCodePoints(a.text, b.text) || SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source));
          const paged: SetAside[] = [];
          for (;;) {
            const after = paged.at(-1);
            const page = listSetAside(db, build, { reason, limit, ...(after !== undefined && { after }) });
            paged.push(...page);
            if (page.length < limit) break;
          }
          expect(paged).toEqual(expected);
          const queue = queuesOf(db, build).find(({ name }) => name === reason);
          expect(queue).toEqual({
            ...{ name: reason, kind: "set-aside", size: expected.length },
            meaning: SET_ASIDE_REASONS[reason],
          });
        }
      }),
      { numRuns: 60 },
    );
    const names = (kind: Queue["kind"]) =>
      queuesOf(db, 1).flatMap((queue) => (queue.kind === kind ? [queue.name] : []));
    expect(names("flag")).toEqual(Object.keys(FLAGS));
    expect(names("set-aside")).toEqual(Object.keys(SET_ASIDE_REASONS));
    closeDatabase(db);
  });
});

describe("the command line", () => {
  const db = join(folder, "lists.sqlite");
  const wordnet = join(folder, "wn-data-lav.tab");
  const vocabulary = join(folder, "words.txt.gz");
  const lemmas = [
    "ierocis",
    "Ieroču veikals",
    "ierocis rokā",
    "būtne",
    "the history of the roman empire",
    "me@example.org",
  ];
  const lines = [...lemmas, "!", "?!", "…"].map((lemma, at) => `${at + 10_000_000}-n\tlav:lemma\t${lemma}\n`);
  writeFileSync(wordnet, `# Latvian\tlav\thttps://example.org\tCC BY\n${lines.join("")}`);
  writeFileSync(vocabulary, gzipSync("# words to look at\n\nIEROCIS\nnekas\n"));
  const build = (...more: readonly string[]) => runCli(["build", "lv", "--wordnet", wordnet, "--db", db, ...more]);
  const list = (...more: readonly string[]) =>
    jsonOf<EntryJson[]>(["entries", "lv", ...more, "--db", db]).map(({ text }) => text);

  it("flags what holds a word of a vocabulary, and builds anew where the vocabulary is another", () => {
    expect(build().stderr).not.toContain("vocabulary");
    expect(list("--flag", "vocabulary")).toEqual([]);
    const { status, stderr } = build("--vocabulary", vocabulary);
    expect(stderr).not.toMatch(/same inputs|vocabulary/);
    expect(status).toBe(0);
    expect(list("--flag", "vocabulary")).toEqual(["ierocis", "ierocis rokā"]);
    expect(list("--flag", "language")).toEqual(["the history of the roman empire"]);
    expect(list("--flag", "personal")).toEqual(["me@example.org"]);
    expect(build("--vocabulary", vocabulary).stderr).toContain("made from the same inputs");
    const other = join(folder, "other.txt");
    writeFileSync(other, "būtne\n");
    expect(build("--vocabulary", vocabulary, "--vocabulary", other).stderr).not.toContain("same inputs");
    expect(list("--flag", "vocabulary")).toEqual(["ierocis", "ierocis rokā", "būtne"]);
    const piped = runCli(["build", "lv", "--wordnet", wordnet, "--vocabulary", "-", "--db", db], {
      input: "veikals\n",
    });
    expect(piped.status).toBe(0);
    expect(list("--flag", "vocabulary")).toEqual(["Ieroču veikals"]);
  });

  it("counts text once, whatever the vocabulary", () => {
    const text = join(folder, "text.txt");
    writeFileSync(text, "viens divi trīs četri pieci\n".repeat(30));
    const own = join(folder, "text.sqlite");
    const run = (...more: readonly string[]) => runCli(["build", "lv", "--text", text, "--db", own, ...more]);
    const counts = () => {
      const names = readdirSync(`${own}.work`).filter((name) => name.startsWith("counts-"));
      return names.map((name) => [name, statSync(join(`${own}.work`, name)).ctimeMs]);
    };
    expect(run().status).toBe(0);
    const before = counts();
    expect(before).toHaveLength(1);
    expect(run("--vocabulary", vocabulary).status).toBe(0);
    expect(counts()).toEqual(before);
    const store = openDatabase(own, { readonly: true });
    const inputs = listBuilds(store, {}).map((build) => build.inputs.map(({ kind, path }) => [kind, path]));
    closeDatabase(store);
    expect(inputs).toEqual([
      [
        ["text", text],
        ["vocabulary", vocabulary],
      ],
      [["text", text]],
    ]);
  });

  it("lists what was set aside, by reason, source and search, as a table and as JSON", () => {
    const aside = (...more: readonly string[]) => jsonOf<SetAside[]>(["entries", "lv", ...more, "--db", db]);
    expect(aside("--flag", "punctuation")).toEqual([
      { text: "!", source: "wordnet", reason: "punctuation" },
      { text: "?!", source: "wordnet", reason: "punctuation" },
    ]);
    expect(aside("--flag", "punctuation", "--search", "?")).toHaveLength(1);
    expect(aside("--flag", "punctuation", "--limit", "1")).toHaveLength(1);
    expect(aside("--flag", "punctuation", "--source", "title")).toEqual([]);
    expect(aside("--flag", "long")).toEqual([]);
    const table = outputOf(["entries", "lv", "--flag", "punctuation", "--db", db]);
    expect(table).toMatch(/^set aside +source +reason$/m);
    expect(table).toMatch(/^! {2,}wordnet +holds no letter, number or symbol$/m);
    outputOf(["review", "lv", "add", "būtne", "deny", "--reason", "test", "--db", db]);
    expect(build().status).toBe(0);
    expect(aside("--flag", "denied", "--search", "BŪT")).toEqual([
      { text: "būtne", source: "wordnet", reason: "denied" },
    ]);
    expect(runCli(["entries", "lv", "--flag", "nothing", "--db", db]).status).toBe(2);
  });

  it("shows queues in an audit, with examples, and flags in an explanation", () => {
    const table = outputOf(["audit", "lv", "--db", db]);
    expect(table).toMatch(
      /^language +1 +more likely of another language than the edition's +the history of the roman/m,
    );
    expect(table).toMatch(/^personal +1 .*me@example\.org$/m);
    expect(table).toMatch(/^denied +1 +denied by a review +būtne$/m);
    const { flags } = jsonOf<{ flags: Record<string, number> }>(["audit", "lv", "--db", db]);
    expect(Object.keys(flags)).toEqual(Object.keys(FLAGS));
    expect(outputOf(["explain", "lv", "me@example.org", "--db", db])).toContain("personal: looks like personal data");
  });

  it("names vocabularies among a build's inputs and leaves them out of what is exported", () => {
    expect(build("--vocabulary", vocabulary).status).toBe(0);
    expect(outputOf(["audit", "lv", "--db", db])).toMatch(/^vocabulary +.*words\.txt\.gz/m);
    const out = join(folder, "tables");
    outputOf(["export", "parquet", "--out", out, "--db", db]);
    for (const file of ["manifest.json", "README.md"]) {
      const text = readFileSync(join(out, file), "utf8");
      expect(text).toContain("wn-data-lav.tab");
      expect(text).not.toContain("words.txt");
    }
    expect(outputOf(["compare", "lv", "--db", db])).toContain("reference");
    expect(list("--flag", "vocabulary", "--profile", "reference")).toEqual(["ierocis", "ierocis rokā"]);
  });

  it.each([
    ["no word in it", "# nothing\n\n", /^worldmeta: no word in .*wrong\.txt; is it the right file\?\n$/],
    ["other bytes than UTF-8", Buffer.from("b\xfctne\n", "latin1"), /wrong\.txt: line 1 is not UTF-8/],
  ])("refuses a vocabulary with %s", (_, bytes, message) => {
    const wrong = join(folder, "wrong.txt");
    writeFileSync(wrong, bytes);
    const { status, stderr } = build("--vocabulary", wrong);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it("builds nothing from a vocabulary alone", () => {
    const alone = runCli(["build", "lv", "--vocabulary", vocabulary, "--db", db]);
    expect(alone.stderr).toContain("nothing to build from: give --dump, --text, --pageviews or --wordnet");
    expect(alone.status).toBe(2);
    const others = runCli(["build", "lv", "et", "--wordnet", wordnet, "--vocabulary", vocabulary, "--db", db]);
    expect(others.stderr).toContain("nothing to build et from");
  });
});
