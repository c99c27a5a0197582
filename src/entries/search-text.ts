/** What a search compares: texts in which capitals, small letters and the ways to write one letter are one. */

/**
 * The text as a search sees it: capitals, small letters, the two forms of the Greek sigma and the two ways to write a letter
 * with marks are one.
 */
export function foldForSearch(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  // Marks may meet again after a capital has become small: J with a caron has no letter of its own, ǰ has.
  return text.toWellFormed().normalize("NFC").toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

const PLAIN = /^[\0-\x7F]*$/;
