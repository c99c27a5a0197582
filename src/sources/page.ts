/** What a page is, and the rules by which what its XML says becomes one. */
import type { Place } from "../kernels/machine.ts";
import { foldNamespace } from "../namespace-name.ts";
import type { Problems } from "../problems.ts";

/** What a dump says about its wiki; exports differ in how much they say. */
export interface SiteInfo {
  /** Version of the export format, e.g. `0.11`. */
  readonly version?: string;
  /** Database name, e.g. `ltgwiki`; not before export 0.9. */
  readonly database?: string;
  readonly siteName?: string;
  /** Address of the main page. */
  readonly base?: string;
  /** `xml:lang` of the export. */
  readonly language?: string;
  /** Title of the main page, from `base`. */
  readonly mainPage?: string;
  /** Names of the namespaces by number; empty if the dump has no site information. */
  readonly namespaces: ReadonlyMap<number, string>;
}

/** One page of a dump, with the text of its last revision. */
export interface Page {
  readonly title: string;
  readonly namespace: number;
  readonly id: number | undefined;
  /** Title of the page that this one redirects to, "" if it is not told; undefined if this is no redirect. */
  readonly redirect: string | undefined;
  /** Content model, e.g. `wikitext`; undefined in exports that do not tell it. */
  readonly model: string | undefined;
  /**
   * Wikitext; undefined if there is none: a deleted revision, or a dump of stubs. If the page has a `place` as well, the
   * text is made from it when it is first asked for, which must be before the next page is.
   */
  readonly text: string | undefined;
  /**
   * Where the wikitext lies, as UTF-8, in the memory of the machine that read the page; undefined if it has no text or was
   * not read by one. Holds until the next page is asked for or the machine is used.
   */
  readonly place?: Place;
}

/** Whether a page is an article: namespace 0, no redirect, wikitext (or no model told); its text may be undefined. */
export function isArticle(page: Page): boolean {
  return page.namespace === 0 && page.redirect === undefined && (page.model ?? "wikitext") === "wikitext";
}

/** A page as the XML gives it. */
export interface RawPage {
  title?: string | undefined;
  namespace?: string | undefined;
  id?: string | undefined;
  redirect?: string | undefined;
  model?: string | undefined;
  text?: string | ScannedText | undefined;
  site: Site;
}

/** A text that lies in the memory of a machine. */
export interface ScannedText {
  /** True if it is known to begin with something else than white space or the sign of a redirect. */
  readonly startsPlainly: boolean;
  read(): string;
  place(): Place;
}

/** The site information of a file, while it is read. */
export interface Site {
  version?: string;
  database?: string;
  siteName?: string;
  base?: string;
  language?: string;
  readonly namespaces: Map<number, string>;
  /** Numbers of the namespaces by folded name. */
  readonly numbers: Map<string, number>;
}

export function createSite(): Site {
  return { namespaces: new Map(), numbers: new Map() };
}

/** A site's information as JSON. */
export type SiteJson = Omit<Site, "namespaces" | "numbers"> & {
  readonly namespaces: readonly (readonly [number, string])[];
  readonly numbers: readonly (readonly [string, number])[];
};

export function writeSite({ namespaces, numbers, ...rest }: Site): SiteJson {
  return { ...rest, namespaces: [...namespaces], numbers: [...numbers] };
}

export function readSite(json: SiteJson): Site {
  return { ...json, namespaces: new Map(json.namespaces), numbers: new Map(json.numbers) };
}

export function tellSite(site: Site): SiteInfo {
  const { numbers: _, ...told } = site;
  const mainPage = told.base === undefined ? undefined : readMainPage(told.base);
  return mainPage === undefined ? told : { ...told, mainPage };
}

/** The title in a page's address, e.g. `Main Page` of `https://en.wikipedia.org/wiki/Main_Page`. */
function readMainPage(base: string): string | undefined {
  const name =
    /[?&]title=([^&#]+)/.exec(base)?.[1] ?? /^\w*:?\/\/[^/]+\/(?:.*?index\.php\/|[^/]+\/)?([^?#]+)$/.exec(base)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name).replaceAll("_", " ");
  } catch {
    return undefined;
  }
}

/** Complete a page and count what is wrong with it; undefined for a page without a title. */
export function finishPage(raw: RawPage, path: string, problems: Problems): Page | undefined {
  // Line ends and tabs, which no title has, part titles in the files that counting leaves.
  const title = raw.title?.trim().replace(/[\t\n]+/g, " ") ?? "";
  const id = raw.id === undefined || !/^\d+$/.test(raw.id.trim()) ? undefined : Number(raw.id);
  if (title === "") {
    problems.add("E101", `${path}: ${id === undefined ? "a page without id" : `page with id ${id}`}`);
    return undefined;
  }
  const fields = {
    title,
    namespace: readNamespace(raw, title),
    id,
    redirect: readRedirect(raw),
    model: raw.model?.trim(),
  };
  const page = typeof raw.text === "object" ? new ScannedPage(fields, raw.text) : { ...fields, text: raw.text };
  if (page.namespace === 0 && page.redirect === undefined) {
    if (!isArticle(page)) problems.add("W101", `${path}: ${title} (${page.model})`);
    else if (isBlank(raw.text)) problems.add("E102", `${path}: ${title}`);
  }
  return page;
}

/** A page whose text is made when it is asked for. A class, since an object with getters of its own takes 3 µs to make. */
class ScannedPage implements Page {
  readonly title: string;
  readonly namespace: number;
  readonly id: number | undefined;
  readonly redirect: string | undefined;
  readonly model: string | undefined;
  readonly #text: ScannedText;

  constructor({ title, namespace, id, redirect, model }: Omit<Page, "text" | "place">, text: ScannedText) {
    this.title = title;
    this.namespace = namespace;
    this.id = id;
    this.redirect = redirect;
    this.model = model;
    this.#text = text;
  }

  get text(): string {
    return this.#text.read();
  }

  get place(): Place {
    return this.#text.place();
  }
}

function isBlank(text: RawPage["text"]): boolean {
  if (typeof text === "object") return !text.startsPlainly && text.read().trim() === "";
  return text === undefined || text.trim() === "";
}

/** The namespace told, or for exports that tell none the one that the site information gives for the title's prefix. */
function readNamespace(raw: RawPage, title: string): number {
  const told = raw.namespace?.trim();
  if (told !== undefined && /^-?\d+$/.test(told)) return Number(told);
  const colon = title.indexOf(":");
  return colon < 0 ? 0 : (raw.site.numbers.get(foldNamespace(title.slice(0, colon))) ?? 0);
}

/**
 * `#WORD [[Target]]` at the start of a text, as MediaWiki reads a redirect: the word follows the sign at once, a colon may
 * follow the word. A list item has white space after its sign or more than one word before its link.
 */
const REDIRECT = /^\s*[#＃](\p{L}[\p{L}\p{M}\p{N}_\-\u200c]*)[ \t]*:?[ \t]*\[\[([^\]|\n]+)[^\n]*(\n\s*#)?/u;

/** The target told by the export, or by the wikitext where the export tells none. */
function readRedirect(raw: RawPage): string | undefined {
  if (raw.redirect !== undefined && raw.redirect !== "") return raw.redirect.trim().replace(/[\t\n]+/g, " ");
  const { text, site } = raw;
  if (text === undefined || (typeof text === "object" && text.startsPlainly)) return raw.redirect;
  return readRedirectText(typeof text === "object" ? text.read() : text, site.version) ?? raw.redirect;
}

function readRedirectText(text: string, version: string | undefined): string | undefined {
  const match = REDIRECT.exec(text);
  if (match === null) return undefined;
  const [, word = "", link = "", nextItem] = match;
  if (!/^redirect$/i.test(word)) {
    // Since 0.4 the export tells redirects itself, so that another word begins a list; a list goes on with its next item.
    if (version !== undefined && Number(version.split(".")[1]) >= 4) return undefined;
    if (nextItem !== undefined) return undefined;
  }
  return link.replace(/^\s*:/, "").replace(/#.*$/, "").replaceAll("_", " ").trim();
}
