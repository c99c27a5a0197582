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
const LETTER = /\p{L}/gu;

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
  const letters = countMatches(text, LETTER);
  if (letters === 0) return undefined;
  let best: MainScript | undefined;
  let rest = letters;
  const counts = new Map<Script, number>();
  for (const script of SCRIPTS) {
    const count = countMatches(text, PATTERNS.get(script)!);
    if (count === 0) continue;
    counts.set(script, count);
    if (best === undefined || count > best.share * letters) best = { script, share: count / letters };
    rest -= count;
    if (rest <= 0) break;
  }
  const kana = (counts.get("hira") ?? 0) + (counts.get("kana") ?? 0);
  const japanese = kana + (counts.get("hani") ?? 0);
  if (kana > 0 && kana * 8 >= japanese && japanese >= (best?.share ?? 0) * letters) {
    return { script: "hira", share: japanese / letters };
  }
  return best;
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

function countMatches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
