/** The scripts that a text's letters are of. */

/** Scripts that the codes of ISO 15924 for writings in several scripts mean. */
export const COMPOSITE_SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  Hans: ["Hani", "Bopo"],
  Hant: ["Hani", "Bopo"],
  Hrkt: ["Hira", "Kana"],
  Jpan: ["Hani", "Hira", "Kana"],
  Kore: ["Hang", "Hani"],
};

/** ISO 15924 codes of Unicode's scripts, frequent ones first; `Zyyy` and `Zinh` (letters of several) are none. */
const CODES = (
  "Latn Cyrl Hani Arab Hira Kana Hang Deva Grek Hebr Thai Beng Taml Telu Knda Mlym Gujr Guru Orya Sinh Armn Geor Ethi " +
  "Khmr Laoo Mymr Tibt Thaa Cans Cher Olck Tfng Nkoo Syrc Goth Mtei Sylo Yiii Tale Bopo Adlm Aghb Ahom Armi Avst Bali " +
  "Bamu Bass Batk Berf Bhks Brah Brai Bugi Buhd Cakm Cari Cham Chrs Copt Cpmn Cprt Diak Dogr Dsrt Dupl Egyp Elba Elym " +
  "Gara Glag Gong Gonm Gran Gukh Hano Hatr Hluw Hmng Hmnp Hung Ital Java Kali Kawi Khar Khoj Kits Krai Kthi Lana Lepc " +
  "Limb Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Modi Mong Mroo Mult Nagm Nand Narb Nbat " +
  "Newa Nshu Ogam Onao Orkh Orya Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb " +
  "Saur Sgnw Shaw Shrd Sidd Sidt Sind Sogd Sogo Sora Soyo Sund Sunu Tagb Takr Talu Tang Tavt Tayo Tglg Tirh Tnsa Todr " +
  "Tols Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Zanb"
).split(" ");

/**
 * The scripts of a text's letters as ISO 15924 codes, in the order in which they first occur; letters that belong to
 * several scripts, as ー does, count for none.
 */
export function scriptsOf(text: string): string[] {
  if (ASCII.test(text)) return ASCII_LETTER.test(text) ? ["Latn"] : [];
  const found: string[] = [];
  let last = NO_SCRIPT;
  for (let at = 0; at < text.length; at++) {
    const codePoint = text.codePointAt(at)!;
    if (codePoint > 0xffff) at++;
    const kind = kindOf(codePoint);
    if (kind === NO_SCRIPT || kind === last) continue;
    last = kind;
    const script = CODES[kind - FIRST_SCRIPT]!;
    if (!found.includes(script)) found.push(script);
  }
  return found;
}

const ASCII = /^[\0-\x7F]*$/;
const ASCII_LETTER = /[a-z]/i;
const LETTER = /\p{L}/u;

const NO_SCRIPT = 1;
const FIRST_SCRIPT = 2;
/** Of each code point its kind, once it was asked for; 0 before. */
let kinds: Uint8Array | undefined;
let patterns: (RegExp | undefined)[] | undefined;

function kindOf(codePoint: number): number {
  kinds ??= new Uint8Array(0x110000);
  if (kinds[codePoint] === 0) kinds[codePoint] = classify(String.fromCodePoint(codePoint));
  return kinds[codePoint]!;
}

function classify(character: string): number {
  if (!LETTER.test(character)) return NO_SCRIPT;
  patterns ??= CODES.map(patternOf);
  const script = patterns.findIndex((pattern) => pattern?.test(character));
  return script < 0 ? NO_SCRIPT : FIRST_SCRIPT + script;
}

/** Undefined for a script that this version of Node does not know. */
function patternOf(code: string): RegExp | undefined {
  try {
    return new RegExp(`\\p{Script=${code}}`, "u");
  } catch {
    return undefined;
  }
}
