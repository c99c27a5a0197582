/**
 * Views of titles from Wikimedia's pageview files: hourly (`en.m Paris 12 0`) and pageview_complete, daily or monthly
 * (`en.wikipedia Paris 22989 desktop 42 A1B41`).
 */
import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import type { Edition, EditionCode } from "../../languages/define.ts";
import { namesOf } from "../../languages/editions.ts";
import { foldNamespace } from "../namespace-name.ts";
import { type Problem, Problems } from "../problems.ts";
import { compactRuns, heapBytes, mergeRuns, type Tally, writeRun } from "../runs.ts";
import { readLineGroups } from "./input.ts";

/** Views of a title, or of a page under one of its titles. */
export interface ViewedTitle {
  /** Page id, where the lines name one. */
  readonly page: number | undefined;
  /** As the article writes it: with spaces, first letter raised. Of a page the one that it was viewed under most. */
  readonly title: string;
  readonly views: number;
}

/** Views of one edition's titles, on disk. Every view is in one row only. */
export interface TitleViews {
  /** Titles of lines that name no page, by UTF-16 units, then pages in the order of their ids as texts. */
  rows(): Iterable<ViewedTitle>;
  /** Problems of the edition's own lines, and those of lines that do not tell their edition. */
  readonly problems: readonly Problem[];
}

/** How to read pageview files. */
export interface ViewsOptions {
  /** The editions whose views are wanted; lines of all other projects are passed over. */
  readonly editions: readonly Edition[];
  /** Folder for the views, which lie there for as long as they are read; the caller removes it. */
  readonly directory: string;
  /** Bytes of memory for tables; what does not fit goes to disk as sorted runs, an edition a file. */
  readonly memory: number;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

type Format = "hourly" | "complete";

/** Where the views of one edition go, and what is known of its titles. */
interface EditionTally {
  readonly edition: Edition;
  /** Views by `id⇥title`, `⇥title` where no page is named; what is full goes to `runs`. */
  views: Map<string, number>;
  readonly runs: string[];
  readonly problems: Problems;
  /** Names of all namespaces but that of articles, as `foldNamespace` writes them. */
  readonly namespaces: ReadonlySet<string>;
  /** Titles of the main page, in small letters. */
  readonly mainPages: ReadonlySet<string>;
}

/** What a key takes with the garbage, the growth of its table and the sorting, measured in multiples of the key's own. */
const BYTES_A_KEY = 2.5;
/** A table stays well below the 2^24 keys at which a `Map` throws. */
const MAX_KEYS = 8_000_000;

interface Target {
  readonly format: Format;
  readonly tally: EditionTally;
}

/**
 * Reads the views of the editions' articles from pageview files in one pass; mobile and desktop are summed. Each line
 * tells its format by its project code, so that files of both may be given together.
 *
 * Titles are given as MediaWiki writes them: percent-encoding undone, NFC, spaces for underscores, first letter raised.
 * Left out are the main page, pages outside the namespace of articles, and `-` (no title). Lines that cannot be read or
 * whose title no page can have are counted under E201, titles that are not valid UTF-8 under W201: for the edition whose
 * line it is, for all of them where the line does not tell.
 *
 * Memory is bounded by `memory`, whatever the number of titles and editions; when the pass has ended all views are on
 * disk.
 *
 * @returns views for every edition asked for, also for those without any
 * @throws UserError if a file cannot be read
 */
export async function readViews(
  paths: readonly string[],
  { editions, directory, memory, onBytes }: ViewsOptions,
): Promise<Map<EditionCode, TitleViews>> {
  const shared = new Problems();
  let held = 0;
  const tallies = new Map(editions.map((edition) => [edition.code, makeTally(edition)]));
  // Exact codes only: `en.b` is Wikibooks, `en.m.voy` Wikivoyage, `commons.m` Commons; `en.m` is mobile Wikipedia.
  const targets = new Map<string, Target>();
  for (const tally of tallies.values()) {
    const { pageviewCode } = tally.edition;
    targets.set(pageviewCode, { format: "hourly", tally });
    targets.set(`${pageviewCode}.m`, { format: "hourly", tally });
    targets.set(`${pageviewCode}.wikipedia`, { format: "complete", tally });
  }

  // Files are sorted by project, and most lines are of projects that are not wanted: the code of the line before,
  // with its space, decides most of them by comparing a few bytes.
  let prefix: Uint8Array = new Uint8Array(0);
  let target: Target | undefined;
  for (const path of paths) {
    let number = 0;
    const options = {
      onLongLine: (bytes: number) => shared.add("E201", `${path}: a line of ${bytes} bytes`),
      ...(onBytes && { onBytes }),
    };
    for await (const lines of readLineGroups(path, options)) {
      for (const line of lines) {
        number += 1;
        if (line.length === 0) continue;
        if (prefix.length === 0 || !startsWith(line, prefix)) {
          const space = line.indexOf(SPACE);
          if (space < 0) {
            shared.add("E201", `${path}, line ${number}`);
            continue;
          }
          prefix = line.slice(0, space + 1);
          target = targets.get(Buffer.from(line.buffer, line.byteOffset, space).toString("latin1"));
        }
        if (target === undefined) continue;
        const found = countLine(line.subarray(prefix.length), target);
        if (typeof found === "string") target.tally.problems.add(found, `${path}, line ${number}`);
        else held += found;
        if (held < memory && target.tally.views.size < MAX_KEYS) continue;
        for (const tally of tallies.values()) spill(tally, directory);
        held = 0;
      }
    }
  }
  for (const tally of tallies.values()) spill(tally, directory);
  return new Map([...tallies].map(([code, tally]) => [code, openViews(tally, shared)]));
}

/** Write what a tally holds to disk. */
function spill(tally: EditionTally, directory: string): void {
  const { edition, views, runs } = tally;
  if (views.size === 0) return;
  const path = join(directory, `views-${edition.code}-${runs.length}.run`);
  // Without a function to compare by, keys sort by UTF-16 units, as `byKey` does, and several times as fast.
  const keys = [...views.keys()].sort();
  writeRun(
    path,
    (function* () {
      for (const key of keys) yield { key, count: views.get(key)! };
    })(),
  );
  runs.push(path);
  tally.views = new Map();
}

function openViews({ runs, problems }: EditionTally, shared: Problems): TitleViews {
  const all = new Problems();
  all.merge(problems.list());
  all.merge(shared.list());
  let compacted: readonly string[] | undefined;
  return {
    problems: all.list(),
    *rows() {
      compacted ??= compactRuns(runs);
      yield* joinPages(mergeRuns(compacted));
    },
  };
}

/** Rows of `id⇥title`, a page's side by side, as one for each page. Of two titles viewed as often the first one counts. */
function* joinPages(tallies: Iterable<Tally>): Generator<ViewedTitle> {
  let page: { id: string; title: string; views: number; most: number } | undefined;
  for (const { key, count } of tallies) {
    const tab = key.indexOf("\t");
    const id = key.slice(0, tab);
    const title = key.slice(tab + 1);
    if (id === "") {
      yield { page: undefined, title, views: count };
      continue;
    }
    if (page?.id !== id) {
      if (page !== undefined) yield { page: Number(page.id), title: page.title, views: page.views };
      page = { id, title, views: count, most: count };
      continue;
    }
    page.views += count;
    if (count > page.most) {
      page.most = count;
      page.title = title;
    }
  }
  if (page !== undefined) yield { page: Number(page.id), title: page.title, views: page.views };
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function startsWith(line: Uint8Array, prefix: Uint8Array): boolean {
  if (line.length < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (line[index] !== prefix[index]) return false;
  return true;
}

/** MediaWiki's own name of the main page; where an edition uses another one, this leads to it. */
const MAIN_PAGE = "Main Page";

function makeTally(edition: Edition): EditionTally {
  const { mainPage, file, category, other } = namesOf(edition);
  return {
    edition,
    views: new Map(),
    runs: [],
    problems: new Problems(),
    namespaces: new Set([...file, ...category, ...other].map(foldNamespace)),
    mainPages: new Set([mainPage ?? MAIN_PAGE, MAIN_PAGE].map((title) => title.toLowerCase())),
  };
}

/** Adds the views of a line, given without its project code; tells the bytes that takes, or what is wrong with it. */
function countLine(line: Uint8Array, { format, tally }: Target): "E201" | "W201" | number {
  const split = splitTitle(line);
  if (split === undefined) return "E201";
  const { views, page } = format === "hourly" ? readHourly(split.fields) : readComplete(split.fields);
  if (views === undefined) return "E201";
  if (!isUtf8(split.title)) return "W201";
  const raw = Buffer.from(split.title.buffer, split.title.byteOffset, split.title.length).toString("utf8");
  if (raw === "-") return 0;
  const decoded = decodePercent(raw);
  if (decoded === undefined) return "W201";
  const title = raiseFirstLetter(decoded.normalize("NFC").replace(SPACES, " ").trim(), tally.edition);
  if (title === "" || IMPOSSIBLE.test(title)) return "E201";
  const colon = title.indexOf(":");
  if (colon > 0 && tally.namespaces.has(foldNamespace(title.slice(0, colon)))) return 0;
  // In other case it is a redirect to the main page, made for those who type it.
  if (tally.mainPages.has(title.toLowerCase())) return 0;

  const key = `${page ?? ""}\t${title}`;
  const known = tally.views.get(key);
  tally.views.set(key, (known ?? 0) + views);
  return known === undefined ? BYTES_A_KEY * heapBytes(key) : 0;
}

/**
 * The title, without quoting, and the fields behind it. A quoted title writes a quotation mark as `\"` or `""`. One that
 * begins with a quotation mark but ends nowhere as a quoted one must is taken as it stands.
 */
function splitTitle(line: Uint8Array): { readonly title: Uint8Array; readonly fields: readonly string[] } | undefined {
  if (line[0] === QUOTE) {
    const title = new Uint8Array(line.length);
    let length = 0;
    for (let index = 1; index < line.length; index++) {
      const byte = line[index]!;
      const next = line[index + 1];
      if (byte === QUOTE && next === SPACE) {
        return { title: title.subarray(0, length), fields: readFields(line, index + 2) };
      }
      const escaped = byte === BACKSLASH ? next === QUOTE || next === BACKSLASH : byte === QUOTE && next === QUOTE;
      if (escaped) index += 1;
      title[length] = line[index]!;
      length += 1;
    }
  }
  const space = line.indexOf(SPACE);
  return space < 0 ? undefined : { title: line.subarray(0, space), fields: readFields(line, space + 1) };
}

function readFields(line: Uint8Array, from: number): readonly string[] {
  return Buffer.from(line.buffer, line.byteOffset + from, line.length - from)
    .toString("latin1")
    .split(" ");
}

const DIGITS = /^\d{1,15}$/;

interface Counted {
  /** Undefined if the line does not have the fields of its format. */
  readonly views: number | undefined;
  readonly page?: number;
}

/** `count bytes`. */
function readHourly(fields: readonly string[]): Counted {
  const [count = "", bytes = ""] = fields;
  const fits = fields.length === 2 && DIGITS.test(count) && DIGITS.test(bytes);
  return { views: fits ? Number(count) : undefined };
}

/** `id|null access total [hourly]`. */
function readComplete(fields: readonly string[]): Counted {
  const [page = "", access = "", total = ""] = fields;
  const fits = (fields.length === 3 || fields.length === 4) && /^[a-z-]+$/.test(access) && DIGITS.test(total);
  if (!fits) return { views: undefined };
  if (page === "null" || page === "" || page === "0") return { views: Number(total) };
  return DIGITS.test(page) ? { views: Number(total), page: Number(page) } : { views: undefined };
}

/** Underscores and white space; MediaWiki takes a run of them as one space. */
const SPACES = /[_\s]+/g;
/** Characters, and percent-encoding, that MediaWiki allows in no title (Manual:Page title), and the replacement mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what is not allowed
const IMPOSSIBLE = /[#<>[\]{|}\u0000-\u001F\u007F\uFFFD]|%[0-9A-Fa-f]{2}/;

/** The title without percent-encoding, or undefined if the bytes that it stands for are not valid UTF-8. */
function decodePercent(title: string): string | undefined {
  if (!title.includes("%")) return title;
  try {
    return title.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Wikipedias with `$wgCapitalLinks` off, in Wikimedia's namespace map of 2023 ("case_setting": "case-sensitive"). */
const CASE_SENSITIVE: ReadonlySet<string> = new Set(["jbo", "pwn", "szy", "tay"]);
/** Languages whose `i` is raised to `İ` (MediaWiki's LanguageTr, LanguageAz, LanguageKaa). */
const DOTTED_I: ReadonlySet<string> = new Set(["tr", "az", "kaa"]);

/**
 * The title with its first letter raised as MediaWiki does: to one code point, or not at all (`ß`, `ŉ` stay). Georgian
 * letters stay as well: their capitals (Mtavruli, Unicode 11) are not used to begin words.
 */
function raiseFirstLetter(title: string, edition: Pick<Edition, "code">): string {
  const unit = title.charCodeAt(0);
  if (Number.isNaN(unit) || unit < 0x61 || CASE_SENSITIVE.has(edition.code)) return title;
  if (unit === 0x69 && DOTTED_I.has(edition.code)) return `İ${title.slice(1)}`;
  if (unit <= 0x7a) return title.charAt(0).toUpperCase() + title.slice(1);
  if (unit >= 0x10d0 && unit <= 0x10ff) return title;
  const first = String.fromCodePoint(title.codePointAt(0)!);
  const raised = first.toUpperCase();
  return raised === first || [...raised].length !== 1 ? title : raised + title.slice(first.length);
}
