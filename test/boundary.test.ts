import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { type ApostropheRule, classOf, digitsStandAlone, isBoundary, NO_CLITICS } from "../languages/boundary.ts";
import { CLASS } from "../languages/boundary-classes.ts";
import type { EditionCode } from "../languages/define.ts";
import { UNICODE_VERSION } from "../languages/unicode-tables.ts";
import { matchesCorrected } from "../src/matching/rules.ts";
import { wildText } from "./tokenizer-contract.ts";

const ruleOf = (code: string): ApostropheRule => apostropheRuleOf({ code: code as EditionCode });
const matches = (caption: string, entry: string, code = "en") => matchesCorrected(caption, entry, ruleOf(code));

describe("what matches", () => {
  it.each([
    ["(Paris)", "Paris", "en"],
    ['"Paris"', "Paris", "en"],
    ["[Paris]", "Paris", "en"],
    ["“Paris”", "Paris", "en"],
    ["Paris,France", "Paris", "en"],
    ["Paris,France", "France", "en"],
    ["Paris’s streets", "Paris", "en"],
    ["Paris's streets", "Paris", "en"],
    ["Paris–London", "London", "en"],
    ["wait…Paris", "Paris", "en"],
    ["¿Paris?", "Paris", "es"],
    ["¡Paris!", "Paris", "es"],
    ["arch in St. Louis", "St. Louis", "en"],
    ["arch in St. Louis, Missouri", "St. Louis", "en"],
    ["the Yahoo! office", "Yahoo!", "en"],
    ["Washington, D.C. at night", "Washington, D.C.", "en"],
    ["«париж»", "париж", "ru"],
    ["„париж“", "париж", "bg"],
    ["باريس، فرنسا", "باريس", "ar"],
    ["باريس؟", "باريس", "ar"],
    ["यह है।", "है", "hi"],
    ["አዲስ፣ አበባ።", "አበባ", "am"],
    ["vue de l'église", "église", "fr"],
    ["vue de l’église", "église", "fr"],
    ["dell'uomo", "uomo", "it"],
    ["qu'elle", "elle", "fr"],
    ["a high-speed train", "high-speed", "en"],
    ["新しいカメラとiPhoneを買った", "カメラ", "ja"],
    ["新しいカメラとiPhoneを買った", "iPhone", "ja"],
    ["買iPhone15", "iPhone15", "zh"],
    ["འཛིན་Gjorge Ivanovཡིས", "Gjorge", "bo"],
    ["འཛིན་Gjorge Ivanovཡིས", "Gjorge Ivanov", "bo"],
    ["བོད་ཡིག་གི", "བོད་ཡིག", "bo"],
    ["seen in 2010", "2010", "en"],
    ["2010, Paris", "2010", "en"],
    ["in 2010.", "2010", "en"],
    ["col·legi gran", "col·legi", "ca"],
    ['רמטכ"ל צה"ל', 'צה"ל', "he"],
    ["o‘zbek tili", "o‘zbek", "uz"],
    ["‘법’을 보다", "법", "ko"],
    ["c'hoazh", "c'hoazh", "br"],
  ])("%s holds %s (%s)", (caption, entry, code) => {
    expect(matches(caption, entry, code)).toBe(true);
  });

  it.each([
    ["concatenate", "cat", "en"],
    ["cat-like", "cat", "en"],
    ["cat_food", "cat", "en"],
    ["cat/dog", "dog", "en"],
    ["cat@home", "cat", "en"],
    ["#cat", "cat", "en"],
    ["R&D", "R", "en"],
    ["Cat", "cat", "en"],
    ["a high-speed train", "high", "en"],
    ["a high-speed train", "speed", "en"],
    ["don't", "don", "en"],
    ["don't", "t", "en"],
    ["o'zbek", "zbek", "uz"],
    ["п'ять", "ять", "uk"],
    ["c'hoazh", "hoazh", "br"],
    ["aujourd'hui", "hui", "fr"],
    ["col·legi", "legi", "ca"],
    ['צה"ל', "צה", "he"],
    ["है", "ह", "hi"],
    ["cafe\u0301s", "cafe", "fr"],
    ["12.10.2020", "12", "en"],
    ["12.10.2020", "10", "en"],
    ["12.10.2020", "2020", "en"],
    ["(2)", "2", "en"],
    ["3.5", "3", "en"],
    ["3.5", "5", "en"],
    ["2010年", "2010", "ja"],
    ["v2", "2", "en"],
    ["2x4", "2", "en"],
    ["10:30", "30", "en"],
    ["5%", "5", "en"],
    ["#1", "1", "en"],
    ["٢٠١٠،٣", "٢٠١٠", "ar"],
    ["440x412", "440", "en"],
  ])("%s does not hold %s (%s)", (caption, entry, code) => {
    expect(matches(caption, entry, code)).toBe(false);
  });
});

describe("the filter against slugs and file names (MetaCLIP, Table 11)", () => {
  const WORDS =
    "control cudd product img image Skirmisher Main A mote How to Find the Finest Electric Car Companies hanukkah party " +
    "facebook event cover template johnny cash chili dog Golden Ridge Court golden ridge court ct x a";
  const entries = [
    ...WORDS.split(" "),
    ...Array.from({ length: 100 }, (_, digit) => String(digit)),
    "440",
    "412",
    "2008",
  ];

  it.each([
    "control_14ct",
    "cudd2008",
    "product-img",
    "Skirmisher-Main-440x412",
    "A4omote",
    "How-to-Find-the-Finest-Electric-Car-Companies",
    "hanukkah-party-facebook-event-cover-template",
    "johnny_cash_chili_dog (2)",
    "8533 GOLDEN RIDGE COURT",
  ])("%s matches nothing", (caption) => {
    expect(entries.filter((entry) => matches(caption, entry))).toEqual([]);
  });
});

describe("digitsStandAlone", () => {
  it.each([
    ["2", 0, 1, true],
    ["a 2", 2, 3, true],
    ["2.", 0, 1, true],
    ["2, a", 0, 1, true],
    ["2) a", 0, 1, true],
    ["2' a", 0, 1, true],
    ["2.)", 0, 1, false],
    ["(2 a", 1, 2, false],
    ["2-a", 0, 1, false],
    ["2% a", 0, 1, false],
  ] as const)("%s", (text, start, end, expected) => {
    expect(digitsStandAlone(text, start, end)).toBe(expected);
  });
});

/** The classes as the rule's words give them, asked of this Node's own Unicode data. */
const NO_SPACE_LETTER =
  /[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Yiii}\p{scx=Nshu}\p{scx=Tang}\p{scx=Kits}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Java}\p{scx=Bali}\p{scx=Tale}\p{scx=Talu}\p{scx=Lana}\p{scx=Tavt}\p{scx=Ahom}]/u;

function slowClassOf(character: string): number {
  if (/^['‘’＇]/u.test(character)) return CLASS.apostrophe;
  if (character === '"') return CLASS.doubleQuote;
  if (/^[\u00b7\u0387]/u.test(character)) return CLASS.middleDot;
  if (/^\p{White_Space}/u.test(character)) return CLASS.space;
  if (
    /^[\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Quotation_Mark}\p{Terminal_Punctuation}¿¡…–—―\u055d\u0f0b\u0f0c\u200b]/u.test(
      character,
    )
  ) {
    return CLASS.separator;
  }
  if (/^[\p{M}\u200c\u200d]/u.test(character)) return CLASS.extender;
  if (/^\p{Nd}/u.test(character)) return CLASS.digit;
  if (!/^[\p{L}\p{N}]/u.test(character)) return CLASS.sign;
  if (/^\p{scx=Hebr}/u.test(character)) return CLASS.hebrewLetter;
  return NO_SPACE_LETTER.test(character) ? CLASS.noSpaceLetter : CLASS.letter;
}

interface Cluster {
  readonly text: string;
  readonly value: number;
}

/** Text as characters with their combining marks; marks that nothing carries stand like white space. */
function clustersOf(text: string): Cluster[] {
  const clusters: Cluster[] = [];
  let carries = false;
  let isLone = false;
  for (const character of text) {
    const value = slowClassOf(character);
    const last = clusters.at(-1);
    if (value === CLASS.extender && last !== undefined && (carries || isLone)) {
      clusters[clusters.length - 1] = { text: last.text + character, value: last.value };
      continue;
    }
    isLone = value === CLASS.extender;
    carries = !isLone && value !== CLASS.space;
    clusters.push({ text: character, value: isLone ? CLASS.space : value });
  }
  return clusters;
}

const isLetter = (cluster: Cluster | undefined): boolean =>
  cluster !== undefined && (cluster.value === CLASS.letter || cluster.value === CLASS.hebrewLetter);

function runOfLetters(clusters: readonly Cluster[]): string {
  const end = clusters.findIndex((cluster) => !isLetter(cluster));
  return clusters
    .slice(0, end < 0 ? clusters.length : end)
    .map((cluster) => cluster.text)
    .join("");
}

/** Sides of the mark `clusters[at]` on which a boundary lies. */
function sidesOf(clusters: readonly Cluster[], at: number, rule: ApostropheRule): readonly ("before" | "after")[] {
  const both = ["before", "after"] as const;
  const [left, mark, right] = [clusters[at - 1], clusters[at], clusters[at + 1]];
  const isBetween =
    mark?.value === CLASS.doubleQuote
      ? left?.value === CLASS.hebrewLetter && right?.value === CLASS.hebrewLetter
      : isLetter(left) && isLetter(right);
  if (!isBetween) return both;
  if (mark?.value !== CLASS.apostrophe) return [];
  if (rule.isQuote) return both;
  // Marks on the apostrophe itself keep the letters from being the clitic's.
  const following = mark.text.slice(1) + runOfLetters(clusters.slice(at + 1));
  if (rule.enclitics.has(following.toLowerCase())) return ["before"];
  const preceding = [...runOfLetters(clusters.slice(0, at).reverse().map(reverseCluster))].reverse().join("");
  return rule.proclitics.has(preceding.toLowerCase()) ? ["after"] : [];
}

const reverseCluster = (cluster: Cluster): Cluster => ({ ...cluster, text: [...cluster.text].reverse().join("") });

/** All boundaries of a text, read off the rule's words. */
function slowBoundaries(text: string, rule: ApostropheRule): number[] {
  const clusters = clustersOf(text);
  const isMark = (value: number) =>
    value === CLASS.apostrophe || value === CLASS.doubleQuote || value === CLASS.middleDot;
  const found = [0];
  let index = 0;
  for (const [at, cluster] of clusters.entries()) {
    index += cluster.text.length;
    const next = clusters[at + 1];
    if (next === undefined) break;
    const values = [cluster.value, next.value];
    const isCut =
      [CLASS.space, CLASS.separator, CLASS.noSpaceLetter].some((value) => values.includes(value)) ||
      (isMark(next.value) && sidesOf(clusters, at + 1, rule).includes("before")) ||
      (isMark(cluster.value) && sidesOf(clusters, at, rule).includes("after"));
    if (isCut) found.push(index);
  }
  return text === "" ? found : [...found, text.length];
}

function fastBoundaries(text: string, rule: ApostropheRule): number[] {
  const found: number[] = [];
  for (let index = 0; index <= text.length; index++) if (isBoundary(text, index, rule)) found.push(index);
  return found;
}

const isSameUnicode = process.versions.unicode === UNICODE_VERSION;

describe("isBoundary", () => {
  it("has the classes of this Node's Unicode data", () => {
    const differences: string[] = [];
    for (let point = 0; point < 0x110000; point++) {
      const character = String.fromCodePoint(point);
      if (!/^[\p{Assigned}]/u.test(character)) continue;
      if (classOf(point) !== slowClassOf(character)) differences.push(point.toString(16));
    }
    // Another version of Unicode corrects the scripts of a few characters.
    expect(differences.slice(0, isSameUnicode ? differences.length : Math.max(0, differences.length - 200))).toEqual(
      [],
    );
  });

  const isKnown = (character: string) => classOf(character.codePointAt(0) ?? 0) === slowClassOf(character);
  const known = wildText.map((text) => [...text].filter(isKnown).join(""));

  it.each(["", "en", "fr", "it", "ca", "oc", "cy", "tr", "ko", "he"])("equals its slow twin (%s)", (code) => {
    const rule = code === "" ? NO_CLITICS : ruleOf(code);
    fc.assert(
      fc.property(known, (text) => {
        expect(fastBoundaries(text, rule)).toEqual(slowBoundaries(text, rule));
      }),
      { numRuns: 1000 },
    );
  });

  it("equals its slow twin around apostrophes", () => {
    const pieces = [
      "'",
      "’",
      "‘",
      "s",
      "l",
      "L",
      "dell",
      "n",
      "aş",
      "in",
      "a",
      "\u0301",
      "\u200d",
      " ",
      "1",
      "漢",
      "א",
      '"',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => parts.join(""));
    for (const code of ["en", "fr", "it", "ca", "cy", "tr", "ko"]) {
      const rule = ruleOf(code);
      fc.assert(
        fc.property(text, (sample) => {
          expect(fastBoundaries(sample, rule)).toEqual(slowBoundaries(sample, rule));
        }),
        { numRuns: 1000 },
      );
    }
  });
});
