/** What makes an entry worth a second look; computed at build time, shown by audits, never a reason to leave it out. */
import type { Edition } from "../../languages/define.ts";
import { COMPOSITE_SCRIPTS } from "./scripts.ts";
import type { Flag } from "./types.ts";

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

/** A function that flags the entries of one edition's list, to be called in the order of the list. */
export function createFlagger(edition: Pick<Edition, "script">): (text: string) => Flag[] {
  const scripts = WRITINGS[edition.script] ?? [edition.script];
  const own = new RegExp(`[${scripts.map((script) => `\\p{scx=${script}}`).join("")}]`, "u");
  const seen = new Set<string>();
  return (text) => {
    const flags: Flag[] = [];
    if (/\p{L}/u.test(text) && !own.test(text)) flags.push("script");
    if (MARKUP.test(text)) flags.push("markup");
    if ([...text].length === 1) flags.push("single");
    const folded = fold(text);
    if (seen.has(folded)) flags.push("fold");
    seen.add(folded);
    return flags;
  };
}
