/** Text → the script that most of its letters belong to. */

/** Scripts that an edition is written in, ISO 15924 in small letters, with their names in Unicode; frequent ones first. */
const SCRIPT_NAMES = {
  latn: "Latin",
  cyrl: "Cyrillic",
  hani: "Han",
  arab: "Arabic",
  hira: "Hiragana",
  kana: "Katakana",
  hang: "Hangul",
  deva: "Devanagari",
  grek: "Greek",
  hebr: "Hebrew",
  thai: "Thai",
  beng: "Bengali",
  taml: "Tamil",
  telu: "Telugu",
  knda: "Kannada",
  mlym: "Malayalam",
  gujr: "Gujarati",
  guru: "Gurmukhi",
  orya: "Oriya",
  sinh: "Sinhala",
  armn: "Armenian",
  geor: "Georgian",
  ethi: "Ethiopic",
  khmr: "Khmer",
  laoo: "Lao",
  mymr: "Myanmar",
  tibt: "Tibetan",
  thaa: "Thaana",
  cans: "Canadian_Aboriginal",
  cher: "Cherokee",
  olck: "Ol_Chiki",
  tfng: "Tifinagh",
  nkoo: "Nko",
  syrc: "Syriac",
  goth: "Gothic",
  mtei: "Meetei_Mayek",
  sylo: "Syloti_Nagri",
  yiii: "Yi",
  tale: "Tai_Le",
} as const;

export type Script = keyof typeof SCRIPT_NAMES;

const SCRIPTS = Object.keys(SCRIPT_NAMES) as readonly Script[];
const PATTERNS = new Map<string, RegExp>(
  SCRIPTS.map((script) => [script, new RegExp(`(?=\\p{L})\\p{Script=${SCRIPT_NAMES[script]}}`, "gu")]),
);
const LETTER = /\p{L}/u;

/** A script, and its share of a text's letters in (0, 1]. */
export interface MainScript {
  readonly script: Script;
  readonly share: number;
}

/**
 * The script of most letters of a text, undefined if it has no letter of a script that an edition is written in.
 *
 * Kana makes a text Japanese whatever the number of Chinese characters beside it: `hira` and `kana` go before `hani` where
 * they are an eighth of the letters of the three.
 */
export function mainScriptOf(text: string): MainScript | undefined {
  if (ASCII.test(text)) return LATIN_LETTER.test(text) ? ONLY_LATIN : undefined;
  const counts = new Int32Array(SCRIPTS.length);
  let letters = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length;
    const kind = isPair ? classify(text.slice(at, at + 2)) : kindOf(unit);
    if (isPair) at++;
    if (kind === NO_LETTER) continue;
    letters++;
    if (kind < OTHER_SCRIPT) counts[kind - FIRST_SCRIPT]!++;
  }
  let most = 0;
  for (let script = 1; script < counts.length; script++) if (counts[script]! > counts[most]!) most = script;
  if (counts[most] === 0) return undefined;
  const kana = counts[HIRAGANA]! + counts[KATAKANA]!;
  const japanese = kana + counts[HAN]!;
  return kana > 0 && kana * 8 >= japanese && japanese >= counts[most]!
    ? { script: "hira", share: japanese / letters }
    : { script: SCRIPTS[most]!, share: counts[most]! / letters };
}

/** Texts of ASCII without controls but line feeds. */
export const ASCII = /^[\n -~]*$/;
const LATIN_LETTER = /[a-z]/i;
const ONLY_LATIN: MainScript = { script: "latn", share: 1 };

/** Of each UTF-16 unit what {@link classify} says, once it was asked. */
const kinds = new Uint8Array(0x10000);
const NO_LETTER = 1;
const FIRST_SCRIPT = 2;
const OTHER_SCRIPT = FIRST_SCRIPT + SCRIPTS.length;
const [HAN, HIRAGANA, KATAKANA] = [SCRIPTS.indexOf("hani"), SCRIPTS.indexOf("hira"), SCRIPTS.indexOf("kana")] as const;

function kindOf(unit: number): number {
  if (kinds[unit] === 0) kinds[unit] = classify(String.fromCharCode(unit));
  return kinds[unit]!;
}

/** Tells of a character whether it is a letter, and of which script. */
function classify(character: string): number {
  if (!LETTER.test(character)) return NO_LETTER;
  const script = SCRIPTS.findIndex((name) => hasScript(character, [name]));
  return script < 0 ? OTHER_SCRIPT : FIRST_SCRIPT + script;
}

/** True if the text has a letter of one of these scripts (ISO 15924 in small letters; unknown ones are passed over). */
export function hasScript(text: string, scripts: readonly string[]): boolean {
  return scripts.some((script) => {
    const pattern = PATTERNS.get(script);
    if (pattern === undefined) return false;
    pattern.lastIndex = 0;
    return pattern.test(text);
  });
}
