/** What makes an entry worth a second look; computed at build time, shown by audits, never a reason to leave it out. */
import type { Edition } from "../../languages/define.ts";
import type { LanguageFinder } from "./other-language.ts";
import { holdsPersonalData } from "./personal.ts";
import { COMPOSITE_SCRIPTS } from "./scripts.ts";
import { type Entry, FLAGS, type Flag } from "./types.ts";
import { findVocabulary } from "./vocabulary.ts";

/** Scripts that the writing of an edition may use beside those of its code. */
const WRITINGS: Readonly<Record<string, readonly string[]>> = { ...COMPOSITE_SCRIPTS, Hani: ["Hani", "Bopo"] };

const MARKUP =
  /[<>{}[\]|]|''|__|\*\*|[a-z]=$|[a-z]=["'\d]|&#?\w+;|\bhttps?:|\bwww\.|\.(?:jpe?g|png|svg|gif|ogg|pdf|html?|php)$/i;

/** What stays of a text when case, marks of alphabets (not of Indic scripts, where they spell) and width are folded. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06ED]/g, "")
    .toLowerCase()
    .normalize("NFC");
}

/** What flags are told by beside the entries themselves. */
export interface FlagOptions {
  readonly edition: Edition;
  readonly languages: LanguageFinder;
  /** Words that the user wants to look at; none if not given. */
  readonly vocabulary?: Iterable<string> | undefined;
}

const FLAG_NAMES = Object.keys(FLAGS) as Flag[];
const BITS = Object.fromEntries(FLAG_NAMES.map((flag, index) => [flag, 1 << index])) as Readonly<Record<Flag, number>>;

/** Raises a flag of the text in a place. */
type Raise = (index: number, flag: Flag) => void;

/**
 * Flags the entries of one edition's list, in the order of the list; numbers are never flagged. What comes back may be read
 * several times.
 */
export async function flagEntries<T extends Pick<Entry, "text" | "source">>(
  entries: readonly T[],
  { edition, languages, vocabulary = [] }: FlagOptions,
): Promise<Iterable<T & Pick<Entry, "flags">>> {
  const raised = new Uint8Array(entries.length);
  const raise: Raise = (index, flag) => {
    raised[index]! |= BITS[flag];
  };
  const texts = entries.map(({ text, source }) => (source === "number" ? "" : text));
  flagCharacters(texts, edition, raise);
  await languages.find(texts, edition, (index) => raise(index, "language"));
  findVocabulary(texts, { edition, vocabulary }, (index) => raise(index, "vocabulary"));
  const flagsOf = Array.from({ length: 1 << FLAG_NAMES.length }, (_, bits) =>
    FLAG_NAMES.filter((flag) => (bits & BITS[flag]) !== 0),
  );
  return {
    *[Symbol.iterator]() {
      for (const [index, entry] of entries.entries()) yield { ...entry, flags: flagsOf[raised[index]!]! };
    },
  };
}

/** The flags that characters tell; an empty text has none. */
function flagCharacters(texts: readonly string[], edition: Pick<Edition, "script">, raise: Raise): void {
  const scripts = WRITINGS[edition.script] ?? [edition.script];
  const own = new RegExp(`[${scripts.map((script) => `\\p{scx=${script}}`).join("")}]`, "u");
  const seen = new Set<string>();
  for (const [index, text] of texts.entries()) {
    if (text === "") continue;
    if (/\p{L}/u.test(text) && !own.test(text)) raise(index, "script");
    if (MARKUP.test(text)) raise(index, "markup");
    if ([...text].length === 1) raise(index, "single");
    const folded = fold(text);
    if (seen.has(folded)) raise(index, "fold");
    seen.add(folded);
    if (holdsPersonalData(text)) raise(index, "personal");
  }
}
