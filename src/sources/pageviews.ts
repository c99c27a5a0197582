/**
 * Views of titles from Wikimedia's pageview files: hourly (`en.m Paris 12 0`) and pageview_complete, daily or monthly
 * (`en.wikipedia Paris 22989 desktop 42 A1B41`).
 */
import { isUtf8 } from "node:buffer";
import type { Edition, EditionCode } from "../../languages/define.ts";
import { namesOf } from "../../languages/editions.ts";
import { foldNamespace } from "../namespace-name.ts";
import type { Problems } from "../problems.ts";
import { readLineGroups } from "./input.ts";

/** What of a map is read; it may hold more keys than one `Map` of JavaScript can (2^24). */
export interface ViewMap<Key, Value> extends Iterable<readonly [Key, Value]> {
  readonly size: number;
  get(key: Key): Value | undefined;
}

/** Views of one page, whatever titles it was viewed under. */
export interface PageViews {
  /** The title under which it was viewed most in one line; a redirect's title may win over the article's. */
  readonly title: string;
  readonly views: number;
}

/**
 * Views of one edition's titles. Every view is in one of the two maps only, so that the views of an article are the sum
 * of both: see `viewsOf`.
 */
export interface TitleViews {
  /** Views from lines that name no page, by title as the article writes it: with spaces, first letter raised. */
  readonly byTitle: ViewMap<string, number>;
  /** Views from lines that name a page, by page id. */
  readonly byPage: ViewMap<number, PageViews>;
}

/** Views of an article: those of its page and those of its title. */
export function viewsOf(views: TitleViews, article: { readonly id: number; readonly title: string }): number {
  return (views.byPage.get(article.id)?.views ?? 0) + (views.byTitle.get(article.title) ?? 0);
}

/** All views by title, for want of articles to join them with: a page's views count for its title. */
export function viewsByTitle(views: TitleViews): ViewMap<string, number> {
  const all = new LargeMap<string, number>();
  for (const [title, count] of views.byTitle) all.set(title, count);
  for (const [, page] of views.byPage) all.set(page.title, (all.get(page.title) ?? 0) + page.views);
  return all;
}

/** One `Map` throws at 2^24 keys; English has more viewed titles in a month. */
const KEYS_PER_MAP = 1 << 23;

class LargeMap<Key, Value> implements ViewMap<Key, Value> {
  #maps: Map<Key, Value>[] = [new Map()];

  get size(): number {
    return this.#maps.reduce((sum, map) => sum + map.size, 0);
  }

  get(key: Key): Value | undefined {
    for (const map of this.#maps) {
      const value = map.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(key: Key, value: Value): void {
    const last = this.#maps[this.#maps.length - 1]!;
    const holder = this.#maps.length === 1 ? last : (this.#maps.find((map) => map.has(key)) ?? last);
    if (holder === last && last.size >= KEYS_PER_MAP && !last.has(key)) this.#maps.push(new Map([[key, value]]));
    else holder.set(key, value);
  }

  *[Symbol.iterator](): Generator<readonly [Key, Value]> {
    for (const map of this.#maps) yield* map;
  }
}

/** How to read pageview files. */
export interface ViewsOptions {
  /** The editions whose views are wanted; lines of all other projects are passed over. */
  readonly editions: readonly Edition[];
  readonly problems: Problems;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
}

type Format = "hourly" | "complete";

/** Where the views of one edition go, and what is known of its titles. */
interface Tally {
  readonly edition: Edition;
  readonly byTitle: LargeMap<string, number>;
  readonly byPage: LargeMap<number, { title: string; views: number; most: number }>;
  /** Names of all namespaces but that of articles, as `foldNamespace` writes them. */
  readonly namespaces: ReadonlySet<string>;
  /** Titles of the main page, in small letters. */
  readonly mainPages: ReadonlySet<string>;
}

interface Target {
  readonly format: Format;
  readonly tally: Tally;
}

/**
 * Reads the views of the editions' articles from pageview files in one pass; mobile and desktop are summed. Each line
 * tells its format by its project code, so that files of both may be given together.
 *
 * Titles are given as MediaWiki writes them: percent-encoding undone, NFC, spaces for underscores, first letter raised.
 * Left out are the main page, pages outside the namespace of articles, and `-` (no title). Lines that cannot be read or
 * whose title no page can have are counted under E201, titles that are not valid UTF-8 under W201.
 *
 * @returns views for every edition asked for, also for those without any
 * @throws UserError if a file cannot be read
 */
export async function readViews(
  paths: readonly string[],
  { editions, problems, onBytes }: ViewsOptions,
): Promise<Map<EditionCode, TitleViews>> {
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
      onLongLine: (bytes: number) => problems.add("E201", `${path}: a line of ${bytes} bytes`),
      ...(onBytes && { onBytes }),
    };
    for await (const lines of readLineGroups(path, options)) {
      for (const line of lines) {
        number += 1;
        if (line.length === 0) continue;
        if (prefix.length === 0 || !startsWith(line, prefix)) {
          const space = line.indexOf(SPACE);
          if (space < 0) {
            problems.add("E201", `${path}, line ${number}`);
            continue;
          }
          prefix = line.slice(0, space + 1);
          target = targets.get(Buffer.from(line.buffer, line.byteOffset, space).toString("latin1"));
        }
        if (target === undefined) continue;
        const problem = countLine(line.subarray(prefix.length), target);
        if (problem !== undefined) problems.add(problem, `${path}, line ${number}`);
      }
    }
  }
  return tallies;
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

function makeTally(edition: Edition): Tally {
  const { mainPage, file, category, other } = namesOf(edition);
  return {
    edition,
    byTitle: new LargeMap(),
    byPage: new LargeMap(),
    namespaces: new Set([...file, ...category, ...other].map(foldNamespace)),
    mainPages: new Set([mainPage ?? MAIN_PAGE, MAIN_PAGE].map((title) => title.toLowerCase())),
  };
}

/** Adds the views of a line, given without its project code; tells what is wrong with it. */
function countLine(line: Uint8Array, { format, tally }: Target): "E201" | "W201" | undefined {
  const split = splitTitle(line);
  if (split === undefined) return "E201";
  const { views, page } = format === "hourly" ? readHourly(split.fields) : readComplete(split.fields);
  if (views === undefined) return "E201";
  if (!isUtf8(split.title)) return "W201";
  const raw = Buffer.from(split.title.buffer, split.title.byteOffset, split.title.length).toString("utf8");
  if (raw === "-") return undefined;
  const decoded = decodePercent(raw);
  if (decoded === undefined) return "W201";
  const title = raiseFirstLetter(decoded.normalize("NFC").replace(SPACES, " ").trim(), tally.edition);
  if (title === "" || IMPOSSIBLE.test(title)) return "E201";
  const colon = title.indexOf(":");
  if (colon > 0 && tally.namespaces.has(foldNamespace(title.slice(0, colon)))) return undefined;
  // In other case it is a redirect to the main page, made for those who type it.
  if (tally.mainPages.has(title.toLowerCase())) return undefined;

  if (page === undefined) {
    tally.byTitle.set(title, (tally.byTitle.get(title) ?? 0) + views);
    return undefined;
  }
  const known = tally.byPage.get(page);
  if (known === undefined) {
    tally.byPage.set(page, { title, views, most: views });
    return undefined;
  }
  known.views += views;
  if (views > known.most) {
    known.most = views;
    known.title = title;
  }
  return undefined;
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

/** Namespaces are known in any case and with underscores or spaces. */

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
