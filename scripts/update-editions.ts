/**
 * Compares `languages/editions.tsv` and `languages/namespaces.tsv` with Wikimedia's own lists and proposes changes:
 * complete rows for new editions, editions closed or opened again, changed names and hosts, further namespace names.
 *
 *     node dist/scripts/update-editions.js --lists DIR [--write]
 *
 * DIR holds, under the paths of {@link LISTS}: the database lists of operations/mediawiki-config, the pageview
 * allow-list, the namespace map of every wiki, site information per wiki, the language names of the site matrix, and
 * the language-data project's table. What a list does not say comes from CLDR. What people decide is never changed in
 * an existing row: tokenizer, wordnets, lid_group, evidence and script.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import type { Bcp47Tag, Edition, EditionCode, LidGroup, TokenizerName, WordnetCode } from "../languages/define.ts";
import {
  CANONICAL_NAMES,
  directionOf,
  EDITION_COLUMNS,
  type EditionNames,
  NAMESPACE_COLUMNS,
  parseEditions,
  parseNamespaces,
  tablePath,
} from "../languages/editions.ts";

/** Where the lists lie inside the folder given. */
export const LISTS = {
  open: "operations-mediawiki-config/wikipedia.dblist",
  closed: "operations-mediawiki-config/closed.dblist",
  allowed: "pageview-allowlist.tsv.gz",
  namespaces: "wmf_raw_mediawiki_project_namespace_map.json.gz",
  siteInfo: "dbpedia-siteinfo.tar.gz",
  names: "wp2txt/language_metadata.json.gz",
  languages: "language-data/language-data.json.gz",
} as const;

/** Databases of Wikipedia's family that hold no language edition. */
const NO_EDITIONS = new Set(["testwiki", "test2wiki", "tenwiki"]);
/** Codes that do not follow from the database's name. */
const CODES: Readonly<Record<string, string>> = { be_x_oldwiki: "be_tarask" };

const FILE_NAMESPACE = 6;
const CATEGORY_NAMESPACE = 14;

/** What the lists say about one edition. */
interface Listed {
  readonly code: string;
  readonly database: string;
  readonly domain: string;
  readonly pageviewCode: string;
  readonly tag: string;
  readonly closed: boolean;
  readonly name: string | undefined;
  readonly autonym: string | undefined;
  readonly script: string | undefined;
  readonly names: EditionNames;
}

/** One difference between the tables and the lists. */
export interface Change {
  readonly code: string;
  readonly column: string;
  readonly before: string;
  readonly after: string;
}

/** The tables as they would be, and what differs. */
export interface Proposal {
  readonly editions: readonly Edition[];
  readonly names: ReadonlyMap<string, EditionNames>;
  readonly changes: readonly Change[];
  /** What the lists leave open: a person has to look. */
  readonly doubts: readonly string[];
}

/** One line of the namespace map: one namespace of one wiki. */
interface NamespaceLine {
  readonly dbname: string;
  readonly hostname: string;
  readonly language: string;
  readonly home_page: string;
  readonly namespace: number;
  readonly namespace_localized_name: string;
}

type LanguageNames = Readonly<Record<string, { name: string; localname: string; url: string; dbname: string }>>;
/** Script, regions and autonym of a language, or the code that it is an alias of. */
type LanguageData = Readonly<Record<string, readonly [string, readonly string[], string] | readonly [string]>>;

const requireJson = createRequire(import.meta.url);

function readList(folder: string, path: string): Buffer {
  const file = join(folder, path);
  if (!existsSync(file)) throw new Error(`${file} is missing; --lists must name the folder that holds all lists`);
  const bytes = readFileSync(file);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

function readDatabases(folder: string, path: string): string[] {
  const lines = readList(folder, path).toString("utf8").split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

/** Files of a tar archive (POSIX ustar: blocks of 512 bytes, name at 0, size in octal at 124, type at 156). */
function* readTar(archive: Buffer): Generator<{ name: string; content: Buffer }> {
  const field = (start: number, length: number) => {
    const bytes = archive.subarray(start, start + length);
    const end = bytes.indexOf(0);
    return bytes.toString("utf8", 0, end < 0 ? length : end);
  };
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0; ) {
    const size = Number.parseInt(field(offset + 124, 12).trim(), 8);
    const type = field(offset + 156, 1);
    if (type === "0" || type === "") {
      yield { name: field(offset, 100), content: archive.subarray(offset + 512, offset + 512 + size) };
    }
    offset += 512 + Math.ceil(size / 512) * 512;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name] ?? whole;
  });
}

/** Names by namespace number, as they are collected. */
type NamespaceNames = Map<number, Set<string>>;

function addName(names: NamespaceNames, namespace: number, name: string): void {
  const plain = name.replaceAll("_", " ").trim();
  // A few aliases are templates whose `$1` nobody has filled in.
  if (namespace === 0 || plain === "" || plain.includes("$")) return;
  const list = names.get(namespace) ?? new Set();
  names.set(namespace, list.add(plain));
}

/** Namespace names and aliases of one wiki's site information: `<ns id="6" …>File</ns>` in two lists. */
function addSiteInfo(names: NamespaceNames, xml: string): void {
  for (const [, id, name] of xml.matchAll(/<ns [^>]*?\bid="(-?\d+)"[^>]*?>([^<]*)<\/ns>/g)) {
    addName(names, Number(id), decodeEntities(name ?? ""));
  }
}

function arrangeNames(names: NamespaceNames | undefined, mainPage: string | undefined): EditionNames {
  const file: string[] = [];
  const category: string[] = [];
  const other: string[] = [];
  for (const [namespace, list] of [...(names ?? [])].sort(([a], [b]) => a - b)) {
    if (namespace === FILE_NAMESPACE) file.push(...list);
    else if (namespace === CATEGORY_NAMESPACE) category.push(...list);
    else other.push(...list);
  }
  return mergeNames({ mainPage, file, category, other }, undefined);
}

/** Names of both, the first's before the second's, without those that every edition has. */
function mergeNames(first: EditionNames, second: EditionNames | undefined): EditionNames {
  const merge = (column: "file" | "category" | "other") => {
    const canonical = new Set<string>(CANONICAL_NAMES[column]);
    return [...new Set([...first[column], ...(second?.[column] ?? [])])].filter((name) => !canonical.has(name));
  };
  return {
    mainPage: first.mainPage ?? second?.mainPage,
    file: merge("file"),
    category: merge("category"),
    other: merge("other"),
  };
}

function titleOf(homePage: string): string | undefined {
  const title = /\/wiki\/(.+)$/.exec(homePage)?.[1];
  return title === undefined ? undefined : decodeURIComponent(title).replaceAll("_", " ");
}

/** CLDR's names of a language in the language `inLanguage`; empty where CLDR has none. */
function readCldrNames(inLanguage: string): Readonly<Record<string, string>> {
  try {
    const json = requireJson(`cldr-localenames-full/main/${inLanguage}/languages.json`);
    return json.main[inLanguage].localeDisplayNames.languages;
  } catch {
    return {};
  }
}

function findLanguage(languages: LanguageData, tag: string): { script: string; autonym: string } | undefined {
  let entry = languages[tag.toLowerCase()];
  for (let step = 0; entry?.length === 1 && step < 5; step++) entry = languages[entry[0]];
  return entry?.length === 3 ? { script: entry[0], autonym: entry[2] } : undefined;
}

function likelyScript(tag: string): string | undefined {
  const json = requireJson("cldr-core/supplemental/likelySubtags.json");
  const full: string | undefined = json.supplemental.likelySubtags[tag.split("-")[0] ?? tag];
  return full?.split("-")[1];
}

/** The Chinese Wikipedias mix both forms of Han, so that one code serves them all. */
function plainScript(script: string | undefined): string | undefined {
  return script === "Hans" || script === "Hant" ? "Hani" : script;
}

/** Everything that the lists in a folder say, by database; `doubts` receives what they leave open. */
function readLists(folder: string, doubts: string[]): Listed[] {
  const closed = new Set(readDatabases(folder, LISTS.closed));
  const databases = readDatabases(folder, LISTS.open).filter((database) => !NO_EDITIONS.has(database));
  const allowed = new Set(
    readList(folder, LISTS.allowed)
      .toString("utf8")
      .split("\n")
      .map((line) => line.split("\t")[1] ?? ""),
  );
  const languages = JSON.parse(readList(folder, LISTS.languages).toString("utf8")).languages as LanguageData;
  const languageNames = JSON.parse(readList(folder, LISTS.names).toString("utf8")).languages as LanguageNames;
  const matrix = new Map(Object.entries(languageNames).map(([tag, entry]) => [entry.dbname, { tag, ...entry }]));
  const english = readCldrNames("en");

  const namespaceNames = new Map<string, NamespaceNames>();
  const namesOfDatabase = (database: string) => {
    const names = namespaceNames.get(database) ?? new Map();
    namespaceNames.set(database, names);
    return names;
  };
  const wikis = new Map<string, NamespaceLine>();
  for (const line of readList(folder, LISTS.namespaces).toString("utf8").split("\n")) {
    if (line === "") continue;
    const entry = JSON.parse(line) as NamespaceLine;
    wikis.set(entry.dbname, entry);
    addName(namesOfDatabase(entry.dbname), entry.namespace, entry.namespace_localized_name);
  }
  for (const { name, content } of readTar(readList(folder, LISTS.siteInfo))) {
    const wiki = /([^/]+)-configuration\.xml$/.exec(name)?.[1];
    // The archive writes zh-yuewiki where the database is zh_yuewiki.
    if (wiki !== undefined) addSiteInfo(namesOfDatabase(wiki.replaceAll("-", "_")), content.toString("utf8"));
  }

  const listed: Listed[] = [];
  for (const database of databases) {
    const wiki = wikis.get(database);
    const entry = matrix.get(database);
    const derived = `${database.replace(/wiki$/, "").replaceAll("_", "-")}.wikipedia.org`;
    const domain = wiki?.hostname ?? entry?.url.replace(/^https:\/\//, "") ?? derived;
    const pageviewCode = domain.replace(/\..*/, "");
    if (!allowed.has(`${pageviewCode}.wikipedia`)) {
      doubts.push(`${database}: ${pageviewCode}.wikipedia is not among the projects whose views are counted`);
    }
    const tag = wiki?.language ?? entry?.tag ?? pageviewCode;
    const language = findLanguage(languages, tag) ?? findLanguage(languages, pageviewCode);
    listed.push({
      code: CODES[database] ?? database.replace(/wiki$/, ""),
      database,
      domain,
      pageviewCode,
      tag,
      closed: closed.has(database),
      name: entry?.localname ?? english[tag],
      autonym: entry?.name ?? language?.autonym ?? readCldrNames(tag)[tag],
      script: plainScript(language?.script ?? likelyScript(tag)),
      names: arrangeNames(namespaceNames.get(database), wiki && titleOf(wiki.home_page)),
    });
  }
  return listed;
}

const TOKENIZER_OF_SCRIPT: Readonly<Record<string, TokenizerName>> = {
  Hani: "zh",
  Jpan: "ja",
  Thai: "th",
  Laoo: "lo",
  Khmr: "km",
  Tibt: "bo",
};

/**
 * ISO 639-3 codes under which wordnet files name a language: CLDR's three-letter aliases of its two-letter code, or
 * the three-letter code itself. Codes that are another edition's language are left to it (`fat` is no alias of `ak`).
 */
function wordnetCodes(tag: string, taken: ReadonlySet<string>): readonly WordnetCode[] {
  const language = tag.split("-")[0] ?? tag;
  const aliases: Readonly<Record<string, { _replacement: string; _reason: string }>> = requireJson(
    "cldr-core/supplemental/aliases.json",
  ).supplemental.metadata.alias.languageAlias;
  const codes = Object.entries(aliases)
    .filter(([code, { _replacement }]) => code.length === 3 && _replacement === language && !taken.has(code))
    .filter(([, { _reason }]) => _reason === "overlong" || _reason === "macrolanguage")
    .sort(([, a], [, b]) => (a._reason === b._reason ? 0 : a._reason === "overlong" ? -1 : 1))
    .map(([code]) => code);
  return (language.length === 3 ? [...new Set([language, ...codes])] : codes) as WordnetCode[];
}

function proposeRow(listed: Listed, taken: ReadonlySet<string>): Edition {
  const script = listed.script ?? "Latn";
  return {
    code: listed.code as EditionCode,
    database: listed.database,
    domain: listed.domain,
    pageviewCode: listed.pageviewCode,
    tag: listed.tag as Bcp47Tag,
    name: listed.name ?? listed.code,
    autonym: listed.autonym ?? listed.name ?? listed.code,
    script,
    direction: directionOf(script),
    tokenizer: TOKENIZER_OF_SCRIPT[script] ?? "words",
    wordnets: wordnetCodes(listed.tag, taken),
    lidGroup: listed.code as LidGroup,
    evidence: "default",
    closed: listed.closed,
  };
}

function compareCodes(a: { readonly code: string }, b: { readonly code: string }): number {
  return a.code < b.code ? -1 : a.code > b.code ? 1 : 0;
}

/**
 * Compare the tables with the lists in a folder.
 *
 * Names of namespaces are only ever added, since old dumps hold old names.
 *
 * @throws Error that names a missing list
 */
export function proposeChanges(
  folder: string,
  editions: readonly Edition[],
  names: ReadonlyMap<string, EditionNames>,
): Proposal {
  const changes: Change[] = [];
  const doubts: string[] = [];
  const listed = readLists(folder, doubts);
  const known = new Map(editions.map((edition) => [edition.database, edition]));
  const taken = new Set(listed.map(({ tag }) => tag));
  const proposed: Edition[] = [];
  const proposedNames = new Map<string, EditionNames>();
  for (const entry of listed) {
    const row = known.get(entry.database);
    const next: Edition = row === undefined ? proposeRow(entry, taken) : updateRow(row, entry);
    proposed.push(next);
    if (row === undefined) {
      changes.push({
        code: next.code,
        column: "(new row)",
        before: "",
        after: formatEdition(next).replaceAll("\t", " "),
      });
      for (const column of ["name", "autonym", "script"] as const) {
        if (entry[column] === undefined) doubts.push(`${next.code}: no list gives its ${column}; fill it in by hand`);
      }
    } else {
      changes.push(...compareCells(row.code, EDITION_COLUMNS, editionCells(row), editionCells(next)));
    }
    const before = names.get(next.code);
    // The names given by hand or by an earlier list stay, in their place; new ones follow.
    const after = before === undefined ? entry.names : mergeNames({ ...before, mainPage: undefined }, entry.names);
    const merged = { ...after, mainPage: entry.names.mainPage ?? before?.mainPage };
    proposedNames.set(next.code, merged);
    if (before !== undefined) {
      const cells = (value: EditionNames) => namespaceCells(next.code, value);
      changes.push(...compareCells(next.code, NAMESPACE_COLUMNS, cells(before), cells(merged)));
    }
  }
  const databases = new Set(listed.map(({ database }) => database));
  for (const edition of editions) {
    if (databases.has(edition.database)) continue;
    doubts.push(`${edition.code}: ${edition.database} is in no list any more; its row is kept`);
    proposed.push(edition);
    const kept = names.get(edition.code);
    if (kept !== undefined) proposedNames.set(edition.code, kept);
  }
  return { editions: proposed.sort(compareCodes), names: proposedNames, changes, doubts };
}

/** A row with what the lists decide; the columns that people decide stay. */
function updateRow(row: Edition, entry: Listed): Edition {
  return {
    ...row,
    domain: entry.domain,
    pageviewCode: entry.pageviewCode,
    name: entry.name ?? row.name,
    autonym: entry.autonym ?? row.autonym,
    closed: entry.closed,
  };
}

function compareCells(
  code: string,
  columns: readonly string[],
  before: readonly string[],
  after: readonly string[],
): Change[] {
  return columns
    .map((column, index) => ({ code, column, before: before[index] ?? "", after: after[index] ?? "" }))
    .filter((change) => change.before !== change.after);
}

function editionCells(edition: Edition): readonly string[] {
  return [
    ...[edition.code, edition.database, edition.domain, edition.pageviewCode, edition.tag, edition.name],
    ...[edition.autonym, edition.script, edition.direction, edition.tokenizer, edition.wordnets.join(",")],
    ...[edition.lidGroup, edition.evidence, edition.closed ? "yes" : "no"],
  ];
}

function formatEdition(edition: Edition): string {
  return editionCells(edition).join("\t");
}

function namespaceCells(code: string, names: EditionNames): readonly string[] {
  return [code, names.mainPage ?? "", ...[names.file, names.category, names.other].map((list) => list.join("|"))];
}

/** The text of `editions.tsv`, by code. */
export function formatEditions(editions: readonly Edition[]): string {
  const rows = [...editions].sort(compareCodes).map(formatEdition);
  return `${[EDITION_COLUMNS.join("\t"), ...rows].join("\n")}\n`;
}

/** The text of `namespaces.tsv`, by code. */
export function formatNamespaces(names: ReadonlyMap<string, EditionNames>): string {
  const rows = [...names]
    .map(([code, value]) => ({ code, value }))
    .sort(compareCodes)
    .map(({ code, value }) => namespaceCells(code, value).join("\t"));
  return `${[NAMESPACE_COLUMNS.join("\t"), ...rows].join("\n")}\n`;
}

/** Longest cell that the table of changes prints. */
const CELL_WIDTH = 200;

function formatChanges(changes: readonly Change[]): string {
  const cut = (cell: string) => (cell.length > CELL_WIDTH ? `${cell.slice(0, CELL_WIDTH)}…` : cell);
  const rows = changes.map(({ code, column, before, after }) => [code, column, cut(before), cut(after)].join("\t"));
  return ["code\tcolumn\tbefore\tafter", ...rows].join("\n");
}

function main(): void {
  const { values } = parseArgs({ options: { lists: { type: "string" }, write: { type: "boolean", default: false } } });
  if (values.lists === undefined) throw new Error("usage: update-editions --lists DIR [--write]");
  const editionsFile = tablePath("editions.tsv");
  const namespacesFile = tablePath("namespaces.tsv");
  const editions = parseEditions(readFileSync(editionsFile, "utf8"), "languages/editions.tsv");
  const codes = new Set<string>(editions.map(({ code }) => code));
  const names = parseNamespaces(readFileSync(namespacesFile, "utf8"), "languages/namespaces.tsv", codes);
  const proposal = proposeChanges(values.lists, editions, names);
  for (const doubt of proposal.doubts) console.error(doubt);
  if (proposal.changes.length > 0) console.log(formatChanges(proposal.changes));
  if (values.write) {
    writeFileSync(editionsFile, formatEditions(proposal.editions));
    writeFileSync(namespacesFile, formatNamespaces(proposal.names));
  }
  const outcome = values.write ? "written" : "--write applies them";
  console.error(proposal.changes.length === 0 ? "nothing differs" : `${proposal.changes.length} changes; ${outcome}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
