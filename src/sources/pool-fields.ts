/** Which field of a file holds the text, the id, the language and the address. */
import { UserError } from "../errors.ts";
import type { PoolField, PoolFields, PoolHead, PoolLayout } from "./pool-kind.ts";

/**
 * Usual names of each field, in small letters, the default first: those of cc2dataset (`uid`, `url`, `alt`) and img2dataset
 * (`key`, `url`, `caption`), of the metadata of LAION (`SAMPLE_ID`, `URL`, `TEXT`, `LANGUAGE`), DataComp (`uid`, `url`,
 * `text`) and COYO (`id`, `url`, `text`), of Hugging Face's caption sets and of WIT (`image_url`, `language` and two sorts
 * of captions). Names that could as well mean another thing (`title`, `description`, `image`, `name`) are not among them,
 * nor what names the page and not the image (`page_url`), or the image and not the row (`image_id`, which several captions
 * share; `hash`).
 */
const USUAL_NAMES: Readonly<Record<PoolField, readonly string[]>> = {
  text: [
    "text",
    "texts",
    "caption",
    "captions",
    "alt",
    "alts",
    "alt_text",
    "alttext",
    "alt-text",
    "caption_reference_description",
    "caption_alt_text_description",
  ],
  id: ["id", "key", "uid", "uuid", "sample_id"],
  lang: ["lang", "language", "lang_code", "language_code"],
  url: ["url", "image_url", "img_url", "imageurl"],
};

const FIELDS = ["text", "id", "lang", "url"] as const satisfies readonly PoolField[];

/** How many names a message lists. */
const LISTED = 20;

/**
 * Find the fields among the names that a file has.
 *
 * @param has tells whether the file has a field that the user names
 * @throws UserError that lists the names if a field that the user names is not among them, or if there is no text
 */
export function findFields(
  head: PoolHead,
  given: PoolFields,
  { names, has, describe }: { names: readonly string[]; has(name: string): boolean; describe: string },
): PoolLayout["fields"] & { readonly text: string } {
  const found = {} as Record<PoolField, string | undefined>;
  for (const field of FIELDS) {
    const name = given[field];
    if (name !== undefined && !has(name)) {
      throw new UserError(`${head.name}: has no field ${quote(name)} for the ${WORDS[field]}; ${describe}`);
    }
    found[field] = name ?? findUsual(field, names);
  }
  const { text } = found;
  if (text !== undefined) return { ...found, text };
  const candidates = names.filter((name) => USUAL_NAMES.text.includes(name.toLowerCase()));
  const fault =
    candidates.length === 0
      ? `has no field "text", nor another usual name of it; ${describe}`
      : `${listNames(candidates)} may all hold the text`;
  throw new UserError(`${head.name}: ${fault}; name the one that does, e.g. --text-field ${candidates[0] ?? "NAME"}`);
}

const WORDS: Readonly<Record<PoolField, string>> = { text: "text", id: "id", lang: "language", url: "address" };

/** The default name; else that of the usual names, in small or large letters, of which there is just one. */
function findUsual(field: PoolField, names: readonly string[]): string | undefined {
  const [usual] = USUAL_NAMES[field];
  if (usual !== undefined && names.includes(usual)) return usual;
  const others = [...new Set(names)].filter((name) => USUAL_NAMES[field].includes(name.toLowerCase()));
  // img2dataset numbers what it downloads, another time anew; a set's own ids, which it can hand on, stay.
  const own = others.length > 1 && field === "id" ? others.filter((name) => name !== "key") : others;
  return own.length === 1 ? own[0] : undefined;
}

/** Names for a message. */
export function listNames(names: readonly string[]): string {
  const some = names.slice(0, LISTED).map((name) => name.replace(/\s+/g, " "));
  return names.length > LISTED ? `${some.join(", ")} and ${names.length - LISTED} more` : some.join(", ");
}

/** A name or value for a message, quoted. */
export function quote(text: string): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return `"${characters.length > 40 ? `${characters.slice(0, 39).join("")}…` : characters.join("")}"`;
}

/** A column's number as a user gives it, from 1. */
export function isColumnNumber(name: string | undefined): name is string {
  return name !== undefined && /^[1-9]\d{0,3}$/.test(name);
}

/** Longest name of a column, in UTF-16 units. */
const MAX_NAME_UNITS = 64;

/**
 * True if the cells of a first line name columns: one at least has a name that the user gives or a usual one, none is a
 * number or an address, and no two are the same.
 */
export function isHeader(cells: readonly string[], given: PoolFields): boolean {
  const names = cells.map((cell) => cell.trim());
  const wanted = FIELDS.some((field) => {
    const name = given[field];
    if (name !== undefined && names.includes(name)) return true;
    return names.some((cell) => USUAL_NAMES[field].includes(cell.toLowerCase()));
  });
  if (!wanted || new Set(names).size !== names.length) return false;
  return names.every((name) => name.length <= MAX_NAME_UNITS && !/^[-+.\d]+$|:\/\//.test(name));
}
