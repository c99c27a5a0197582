/**
 * The form in which texts, entries and captions are compared: NFC, without invisible format characters, full-width
 * letters and digits and half-width kana in their usual width, white space as single spaces, which the Ethiopic
 * wordspace is too. Joiners (ZWJ, ZWNJ) and marks stay: they are spelling.
 */

/** Soft hyphen, bidirectional controls, word joiner and invisible operators, byte order mark, interlinear annotation. */
const INVISIBLE = /[\u00AD\u061C\u180E\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB]/g;
/** Full-width ASCII letters and digits; half-width katakana with their voicing marks. */
const WIDTH = /[\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A]+|[\uFF66-\uFF9F]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\u0000-\u0008\u000E-\u001B\u007F-\u0084\u0086-\u009F]/g;
/** White space of Unicode, with the information separators that `str.isspace` counts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the information separators are white space here
const SPACES = /[\s\u001C-\u001F\u0085]+/g;
const SURROGATE = /[\uD800-\uDFFF]/;
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** Two ETHIOPIC WORDSPACEs, as the full stop is often typed. */
const WORDSPACE_STOP = /\u1361(?:\u200B*\u1361)+/g;
const ASCII = /^[\x20-\x7E]*$/;

/**
 * The text in the form that is tokenized: as `normalize`, but line ends stay, since no bigram crosses one, and so does
 * the zero-width space, which marks words in scripts without spaces.
 */
export function normalizeText(text: string): string {
  // NFC last: what stood apart until then may compose.
  // Half a pair, as JSON may hold it, would become U+FFFD wherever it is written as UTF-8.
  const wellFormed = SURROGATE.test(text) ? text.replace(LONE_SURROGATE, "\uFFFD") : text;
  return wellFormed
    .replace(INVISIBLE, "")
    .replace(CONTROL, "")
    .replace(WORDSPACE_STOP, "\u1362")
    .replaceAll("\u1361", " ")
    .replace(WIDTH, (run) => run.normalize("NFKC"))
    .normalize("NFC");
}

/** True of a character that `normalize` takes away. */
export function isRemoved(character: string): boolean {
  return character.replace(INVISIBLE, "").replace(CONTROL, "").replace("\u200B", "") === "";
}

/** True of a character of another width than usual, which `normalize` replaces by what NFKC makes of it. */
export function isOfOtherWidth(character: string): boolean {
  return character.replace(WIDTH, "") === "";
}

/** An entry or a caption in the form that is compared; applying it twice changes nothing. */
export function normalize(text: string): string {
  if (ASCII.test(text) && !text.includes("  ")) return text.trim();
  return normalizeText(text.replaceAll("\u200B", "")).replace(SPACES, " ").trim();
}
