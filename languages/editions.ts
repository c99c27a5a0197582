/**
 * The editions of Wikipedia: `editions.tsv` (one row each) and `namespaces.tsv` (the names of pages that are not
 * articles), read and checked once, when first asked for.
 *
 * Rule of `lid_group`. An edition is its own group, since a group is what a label of language identification reaches
 * and schemes differ in what they can name. It shares the group of another edition only where no identifier can tell
 * the two apart by their writing, so that captions in either carry one label: `simple` is English, `be_tarask` is
 * Belarusian in its classical orthography, `map_bms` is a dialect that every scheme labels Javanese, and
 * `zh_classical` is met in captions as quotations inside Chinese. Varieties that are spelt otherwise than what the
 * label was trained on stay alone: `nds_nl` (Dutch spelling, against the German spelling of `nds`), `roa_tara`
 * (against `nap`), `hyw` (against `hy`).
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  Bcp47Tag,
  Direction,
  Edition,
  EditionCode,
  Evidence,
  LidGroup,
  TokenizerName,
  WordnetCode,
} from "./define.ts";
import { failAt, readRows } from "./rows.ts";

/** Columns of `editions.tsv`, in order. */
export const EDITION_COLUMNS = [
  ...(["code", "database", "domain", "pageview_code", "tag", "name", "autonym", "script", "direction"] as const),
  ...(["tokenizer", "wordnets", "lid_group", "evidence", "closed"] as const),
] as const;
/** Columns of `namespaces.tsv`, in order. */
export const NAMESPACE_COLUMNS = ["code", "main_page", "file", "category", "other"] as const;

/** Names that every edition understands beside its own: MediaWiki's canonical ones and the site's. */
export const CANONICAL_NAMES = {
  file: ["File", "Image"],
  category: ["Category"],
  other: [
    ...["Media", "Special", "Talk", "User", "User talk", "Project", "Project talk", "Wikipedia", "Wikipedia talk"],
    ...["File talk", "Image talk", "MediaWiki", "MediaWiki talk", "Template", "Template talk", "Help", "Help talk"],
    ...["Category talk", "TimedText", "TimedText talk", "Module", "Module talk"],
  ],
} as const;

/** Names of an edition's pages that are not articles, in its own language and in English. */
export interface EditionNames {
  /** Title of the main page; undefined where not known. */
  readonly mainPage: string | undefined;
  /** Names and aliases of namespace 6, that of files and images. */
  readonly file: readonly string[];
  /** Names and aliases of namespace 14, that of categories. */
  readonly category: readonly string[];
  /** Names and aliases of all other namespaces but that of articles. */
  readonly other: readonly string[];
}

/** No edition answers to a code; the message names those that are spelt nearly so. */
export class UnknownEditionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnknownEditionError";
  }
}

const TOKENIZER_NAMES: readonly string[] = [
  "words",
  "zh",
  "ja",
  "th",
  "lo",
  "km",
  "my",
  "bo",
] satisfies readonly TokenizerName[];
const EVIDENCE: readonly string[] = ["verified", "proxy", "default"] satisfies readonly Evidence[];
/** Scripts written from right to left (Unicode Bidi_Class R and AL) that a Wikipedia uses or may come to use. */
const RIGHT_TO_LEFT = new Set(["Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"]);
/** What `identify` prints for captions of no edition; a code of that name would be mistaken for it. */
const RESERVED = new Set(["other", "und"]);

/** Direction in which a script (ISO 15924) is written. */
export function directionOf(script: string): Direction {
  return RIGHT_TO_LEFT.has(script) ? "rtl" : "ltr";
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/**
 * Read the text of `editions.tsv` and check every cell.
 *
 * @param file name of the file, for messages
 * @throws Error that names file, line, column and what to do
 */
export function parseEditions(text: string, file: string): readonly Edition[] {
  const rows = readRows(text, file, EDITION_COLUMNS);
  const seen = new Map<string, number>();
  const editions = rows.map(({ line, cells }): Edition => {
    const check = (column: (typeof EDITION_COLUMNS)[number], ok: boolean, wanted: string) => {
      if (!ok) failAt(file, line, column, `"${cells[column]}" is not ${wanted}; correct the cell`);
    };
    check("code", /^[a-z]{2,}(_[a-z]+)*$/.test(cells.code), "a code of small letters and underscores, e.g. zh_min_nan");
    check("code", !RESERVED.has(cells.code), "free: captions of no edition are filed under this name");
    check("database", /^[a-z_]+wiki$/.test(cells.database), "a database name, e.g. be_x_oldwiki");
    check("domain", /^[a-z-]+(\.[a-z-]+)+$/.test(cells.domain), "a host name, e.g. als.wikipedia.org");
    check("pageview_code", /^[a-z-]+$/.test(cells.pageview_code), "a project code of pageview files, e.g. zh-min-nan");
    check("tag", isLanguageTag(cells.tag), "a BCP 47 language tag, e.g. gsw or nds-NL");
    check("name", cells.name !== "", "an English name");
    check("autonym", cells.autonym !== "", "the language's name for itself");
    check("script", /^[A-Z][a-z]{3}$/.test(cells.script), "an ISO 15924 script code, e.g. Latn");
    const direction = directionOf(cells.script);
    check("direction", cells.direction === direction, `${direction}, as ${cells.script} is written`);
    check("tokenizer", TOKENIZER_NAMES.includes(cells.tokenizer), `one of ${TOKENIZER_NAMES.join(", ")}`);
    check("wordnets", /^([a-z]{3}(,[a-z]{3})*)?$/.test(cells.wordnets), "a list of three-letter codes such as cmn,qcn");
    check("evidence", EVIDENCE.includes(cells.evidence), `one of ${EVIDENCE.join(", ")}`);
    check("closed", cells.closed === "yes" || cells.closed === "no", "yes or no");
    for (const column of ["code", "database", "domain", "pageview_code"] as const) {
      const key = `${column} ${cells[column]}`;
      const earlier = seen.get(key);
      if (earlier !== undefined) {
        failAt(file, line, column, `"${cells[column]}" stands in line ${earlier} already; remove one of the two`);
      }
      seen.set(key, line);
    }
    return {
      code: cells.code as EditionCode,
      database: cells.database,
      domain: cells.domain,
      pageviewCode: cells.pageview_code,
      tag: cells.tag as Bcp47Tag,
      name: cells.name,
      autonym: cells.autonym,
      script: cells.script,
      direction,
      tokenizer: cells.tokenizer as TokenizerName,
      wordnets: (cells.wordnets === "" ? [] : cells.wordnets.split(",")) as WordnetCode[],
      lidGroup: cells.lid_group as LidGroup,
      evidence: cells.evidence as Evidence,
      closed: cells.closed === "yes",
    };
  });
  const groupOf = new Map<string, string>(editions.map((edition) => [edition.code, edition.lidGroup]));
  for (const [index, { lidGroup }] of editions.entries()) {
    if (groupOf.get(lidGroup) === lidGroup) continue;
    const problem = `"${lidGroup}" is not the code of an edition that leads its own group; write such a code`;
    failAt(file, rows[index]?.line ?? 0, "lid_group", problem);
  }
  return editions;
}

/**
 * Read the text of `namespaces.tsv`: the names by edition code, without the canonical ones.
 *
 * @param codes codes of the editions that may have a row
 * @throws Error that names file, line, column and what to do
 */
export function parseNamespaces(
  text: string,
  file: string,
  codes: ReadonlySet<string>,
): ReadonlyMap<string, EditionNames> {
  const names = new Map<string, EditionNames>();
  for (const { line, cells } of readRows(text, file, NAMESPACE_COLUMNS)) {
    if (!codes.has(cells.code)) {
      failAt(file, line, "code", `"${cells.code}" is not in editions.tsv; add it there or remove the line`);
    }
    if (names.has(cells.code)) failAt(file, line, "code", `"${cells.code}" has a line already; remove one of the two`);
    const list = (column: "file" | "category" | "other") => {
      const parts = cells[column] === "" ? [] : cells[column].split("|");
      if (parts.some((part) => part === "" || part !== part.trim())) {
        failAt(file, line, column, "separate the names by single | without spaces around them");
      }
      return parts;
    };
    names.set(cells.code, {
      mainPage: cells.main_page === "" ? undefined : cells.main_page,
      file: list("file"),
      category: list("category"),
      other: list("other"),
    });
  }
  return names;
}

/** Path of a table; the same from the sources and from the compiled modules, which lie one folder deeper. */
export function tablePath(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`languages/${name} was not found: no package.json above this module`);
    folder = parent;
  }
  return join(folder, "languages", name);
}

interface Tables {
  readonly editions: readonly Edition[];
  readonly byName: ReadonlyMap<string, Edition>;
  readonly names: ReadonlyMap<string, EditionNames>;
}

let tables: Tables | undefined;

function loadTables(): Tables {
  if (tables === undefined) {
    const editions = parseEditions(readFileSync(tablePath("editions.tsv"), "utf8"), "languages/editions.tsv");
    const codes = new Set<string>(editions.map((edition) => edition.code));
    const namespaces = readFileSync(tablePath("namespaces.tsv"), "utf8");
    tables = {
      editions,
      byName: indexNames(editions),
      names: parseNamespaces(namespaces, "languages/namespaces.tsv", codes),
    };
  }
  return tables;
}

/** Spelling under which a name is looked up: hyphens and underscores, capitals and small letters are one. */
function foldName(name: string): string {
  return name.trim().toLowerCase().replaceAll("-", "_");
}

function indexNames(editions: readonly Edition[]): ReadonlyMap<string, Edition> {
  const byName = new Map<string, Edition>();
  // From the strongest name to the weakest, since the first to claim a spelling keeps it: `als` is the Alemannic
  // edition and not Tosk Albanian. Of two editions with one tag that of the own code has it already (`en`).
  const namings: ((edition: Edition) => readonly string[])[] = [
    (edition) => [edition.code],
    (edition) => [edition.pageviewCode, edition.domain],
    (edition) => [edition.database, edition.database.replace(/wiki$/, "")],
    (edition) => [edition.tag],
  ];
  for (const naming of namings) {
    for (const edition of editions) {
      for (const name of naming(edition).map(foldName)) if (!byName.has(name)) byName.set(name, edition);
    }
  }
  return byName;
}

/** All editions, open and closed, by code. */
export function listEditions(): readonly Edition[] {
  return loadTables().editions;
}

/**
 * The edition of a name, or undefined.
 *
 * A name is an edition's code, pageview code, domain, database (with or without `wiki`) or BCP 47 tag; capitals do not
 * matter, and hyphens are underscores. Where two editions answer to one name the order given here decides.
 */
export function findEdition(name: string): Edition | undefined {
  return loadTables().byName.get(foldName(name));
}

/** All names that {@link findEdition} knows, in small letters and with underscores. */
export function editionNames(): ReadonlyMap<string, Edition> {
  return loadTables().byName;
}

/**
 * The edition of a name as {@link findEdition} takes it.
 *
 * @throws UnknownEditionError that names the editions spelt nearly so
 */
export function getEdition(name: string): Edition {
  const edition = findEdition(name);
  if (edition !== undefined) return edition;
  // `zh-hant` or `en_US`: the language before the first hyphen.
  const language = findEdition(name.split(/[-_]/)[0] ?? "");
  const alike = nearEditions(name).filter((near) => near !== language);
  const near = (language === undefined ? alike : [...alike, language]).map(
    ({ code, name: english }) => `${code} (${english})`,
  );
  const hint = near.length > 0 ? `near ones: ${near.join(", ")}` : "worldmeta editions lists them all";
  throw new UnknownEditionError(`no Wikipedia edition "${name}"; ${hint}`);
}

/** The editions that share a group of language identification, the one that leads it first; none if there is no such. */
export function editionsOfGroup(group: string): readonly Edition[] {
  const members = listEditions().filter((edition) => edition.lidGroup === group);
  return [...members.filter(({ code }) => code === group), ...members.filter(({ code }) => code !== group)];
}

/** Names of an edition's namespaces and of its main page, the canonical English names included. */
export function namesOf(edition: Pick<Edition, "code">): EditionNames {
  const own = loadTables().names.get(edition.code);
  const withCanonical = (column: "file" | "category" | "other") => [
    ...new Set([...(own?.[column] ?? []), ...CANONICAL_NAMES[column]]),
  ];
  return {
    mainPage: own?.mainPage,
    file: withCanonical("file"),
    category: withCanonical("category"),
    other: withCanonical("other"),
  };
}

/** How many near editions a message names. */
const NEAR_EDITIONS = 5;

/** Editions whose codes, tag, English name or autonym differ from `name` by few letters, the nearest first. */
function nearEditions(name: string): readonly Edition[] {
  const wanted = foldName(name);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const distanceOf = ({ code, tag, name: english, autonym, wordnets }: Edition): number => {
    const spellings = [code, tag, english, autonym, ...wordnets].map(foldName);
    const distance = Math.min(...spellings.map((spelling) => editDistance(wanted, spelling)));
    // The beginning of a name (`germ`) is as near as one wrong letter.
    const begins = wanted.length > 2 && [english, autonym].some((spelling) => foldName(spelling).startsWith(wanted));
    return begins ? Math.min(distance, 1) : distance;
  };
  return listEditions()
    .map((edition) => ({ edition, distance: distanceOf(edition) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || Number(a.edition.closed) - Number(b.edition.closed))
    .slice(0, NEAR_EDITIONS)
    .map(({ edition }) => edition);
}

/** Least number of letters to insert, remove or replace to make one string the other (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of left.entries()) {
    const current = [i + 1];
    for (const [j, other] of right.entries()) {
      const replaced = (previous[j] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (current[j] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
