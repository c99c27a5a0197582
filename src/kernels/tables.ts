/** What the host hands to the kernels about characters: the tables of `languages/` as bytes. */
import { type ApostropheRule, classOf } from "../../languages/boundary.ts";
import { FORM_RUNS } from "../../languages/unicode-tables.ts";
import { BECOME_SPACES, isPythonSpace, matchesWithoutSpace, PARTED_MARKS } from "../reference-text.ts";
import {
  REFERENCE_OTHER,
  REFERENCE_PARTED,
  REFERENCE_SPACE,
  REFERENCE_STRIPPED,
  REFERENCE_TEXT_SPACE,
  REFERENCE_WIDE,
} from "./atoms.ts";
import { ENCLITIC, PROCLITIC } from "./clitics.ts";
import { FOR_HOST } from "./code-points.ts";
import { CLITICS_BYTES, CODE_POINTS_BYTES, LOWER_CASE_BYTES } from "./layout.ts";

/** For each code point its class and form (`code-points.ts`); those of which `isForHost` holds are always for the host. */
export function listCodePoints(isForHost: (point: number) => boolean): Uint8Array {
  const table = new Uint8Array(CODE_POINTS_BYTES);
  let point = 0;
  for (const [, length = "", bits = ""] of FORM_RUNS.matchAll(/([0-9a-z]+)([A-Z])/g)) {
    const end = point + Number.parseInt(length, 36);
    table.fill((bits.charCodeAt(0) - 65) << 4, point, end);
    point = end;
  }
  for (point = 0; point < table.length; point++) {
    table[point] = table[point]! | classOf(point) | (isForHost(point) ? FOR_HOST : 0);
  }
  return table;
}

/** Lower case, where it is a single unit, of the code points that clitics are made of (`clitics.ts`). */
export function listLowerCase(): Uint8Array {
  const table = new Uint8Array(LOWER_CASE_BYTES);
  for (let point = 0; point < table.length / 2; point++) {
    const lower = String.fromCharCode(point).toLowerCase();
    const unit = lower.length === 1 && lower.charCodeAt(0) < table.length / 2 ? lower.charCodeAt(0) : point;
    table[2 * point] = unit & 255;
    table[2 * point + 1] = unit >> 8;
  }
  return table;
}

/** The list of an edition's clitics (`clitics.ts`). */
export function listClitics({ proclitics, enclitics }: ApostropheRule): Uint8Array {
  const bytes: number[] = [];
  for (const [kind, words] of [
    [PROCLITIC, proclitics],
    [ENCLITIC, enclitics],
  ] as const) {
    for (const word of words) {
      const utf8 = Buffer.from(word);
      bytes.push(kind, utf8.length, ...utf8);
    }
  }
  if (bytes.length >= CLITICS_BYTES) throw new Error("too many clitics for the table of the kernels");
  return Uint8Array.from({ length: CLITICS_BYTES }, (_, index) => bytes[index] ?? 0);
}

/** The published rule knows no character from here on. */
const REFERENCE_END = 0x30000;

/** For each code point its class under the published rule of matching (`atoms.ts`). */
export function listReferencePoints(): Uint8Array {
  const table = new Uint8Array(CODE_POINTS_BYTES).fill(REFERENCE_OTHER);
  for (let point = 0; point < REFERENCE_END; point++) {
    const character = String.fromCodePoint(point);
    let value: number = REFERENCE_OTHER;
    if (character === " ") value = REFERENCE_SPACE;
    else if (BECOME_SPACES.includes(character)) value = REFERENCE_TEXT_SPACE;
    else if (PARTED_MARKS.includes(character)) value = REFERENCE_PARTED;
    else if (matchesWithoutSpace(character)) value = REFERENCE_WIDE;
    table[point] = value | (isPythonSpace(character) ? REFERENCE_STRIPPED : 0);
  }
  return table;
}
