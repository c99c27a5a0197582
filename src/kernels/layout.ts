/* Where things lie in memory. The page comes last, since it has no fixed size: its bytes, its
 * text, its marks. */

/** Class of each byte in running text (`characters.ts`). */
export const TEXT_CLASSES: i32 = 1024;
/** A name while it is looked up. */
export const SCRATCH: i32 = 1536;
export const SCRATCH_BYTES: i32 = 256;
/** For each kind of mark its nearest open one (`marks.ts`). */
export const NEAREST: i32 = 1792;
/** For each tag whether no closing tag of its name is left in the page (`tags.ts`). */
export const SPENT_TAGS: i32 = 2048;
/** Sets of bytes (`characters.ts`): where running text stops, what may begin or end a construct, where a page's text stops. */
export const TEXT_STOPS: i32 = 3072;
export const STRUCTURE: i32 = 3360;
export const PAGE_STOPS: i32 = 3648;
/** A set: a byte for each byte, then two tables of half bytes (`addToSet`). */
export const SET_BYTES: i32 = 288;
export const SET_TABLES: i32 = 256;
/** A bit for each code point below U+10000: letters and marks that are not lower case, of which magic words are made. */
export const CAPITALS: i32 = 4096;
/** The record of a page's fields, its open elements, a tag's attributes (`pages.ts`). */
export const PAGE_RECORD: i32 = 12544;
export const OPEN_ELEMENTS: i32 = 12608;
export const TAG_ATTRIBUTES: i32 = 12992;
/** Dictionary: its table of addresses, then its records (`dictionary.ts`). */
export const DICTIONARY: i32 = 16384;
export const DICTIONARY_SLOTS: i32 = 8192;
export const RECORDS: i32 = 49152;
export const RECORDS_END: i32 = 262144;
/** What each code point is to words, a byte each (`code-points.ts`). */
export const CODE_POINTS: i32 = 262144;
export const CODE_POINTS_BYTES: i32 = 1114112;
/** Lower case of the code points below U+0600, two bytes each (`clitics.ts`). */
export const LOWER_CASE: i32 = 1376256;
export const LOWER_CASE_BYTES: i32 = 3072;
/** Words that lean on another one (`clitics.ts`). */
export const CLITICS: i32 = 1379328;
export const CLITICS_BYTES: i32 = 8192;
/** How often each digit occurs, while pairs are sorted (`pairs.ts`). */
export const DIGITS: i32 = 1387520;
export const DIGITS_BYTES: i32 = 8192;
/** What the host hands over in pieces, names and words that it has cut, and runs on their way out. */
export const CHUNK: i32 = 1395712;
export const CHUNK_BYTES: i32 = 65536;
/** Words that wait to be counted, 64 of 16 bytes each and a number (`waiting.ts`). */
export const WAITING: i32 = 1461248;
/** End of what has a fixed size. The tables of counting follow, where there are any (`counts.ts`), then the page. */
export const FIXED_END: i32 = 1462336;

/** In the memory of matching what each code point is to the published rule (`atoms.ts`); lists and the rest follow. */
export const REFERENCE_POINTS: i32 = 1462336;
export const MATCHING_END: i32 = 2576448;

/** Zeros after the page, so that looking a few bytes ahead needs no check. */
export const SLACK: i32 = 64;

/** Where the page begins. */
let page: i32 = FIXED_END;

export function pageStart(): i32 {
  return page;
}

/** Lets the page begin elsewhere, from the next one on. */
export function movePage(address: i32): void {
  page = address;
}
