/** Pages of MediaWiki XML by a parser of XML: it takes whatever is well-formed and says what is wrong with the rest. */
import { SaxesParser } from "saxes";
import { UserError } from "../errors.ts";
import { foldNamespace } from "../namespace-name.ts";
import type { Problems } from "../problems.ts";
import { createSite, type RawPage, readSite, type SiteInfo, type SiteJson, tellSite, writeSite } from "./page.ts";

/**
 * Longest text between two tags, in UTF-16 units: what is longer is no wiki page, and would exhaust the memory. MediaWiki
 * keeps texts to 2 MiB ($wgMaxArticleSize), where a wiki does not raise that.
 */
export const MAX_TEXT = 1 << 26;

export interface PageParser {
  /** Parse a stretch of XML. */
  write(text: string): void;
  /** The pages completed since the last call. */
  take(): RawPage[];
  /** Throw what was found to be wrong. */
  check(): void;
  /** If what was written last is the name of a page's tag between pages: what stands open around it, as JSON. */
  headAtPage(): string | undefined;
  /**
   * Take over a page that the kernels have read, with the number of its line feeds: the one whose tag was written last,
   * or, if such a page came last and nothing was written since, one of which nothing was written.
   */
  passPage(found: Omit<RawPage, "site">, lines: number): RawPage;
  /** The place reached, for a person; the same however the file is cut. */
  place(): string;
  /** The file has ended: throw if it ended too early or held no export. */
  end(): void;
}

/** Faults of the XML that do not shift its structure. */
const HARMLESS =
  /disallowed character\.|undefined entity|malformed character entity|is disallowed in char data|malformed comment/;
/** What says nothing that is needed, though a fragment has no place for it: of several exports each may have it. */
const IGNORED = /doctype|XML declaration must be at the start/;
/** Elements that hold text alone: another one in them is markup that should have been escaped, and would cut the text. */
const TEXTS: ReadonlySet<string> = new Set(["title", "ns", "text", "model"]);
/** Exports nest six elements at most; damaged or made-up ones must not fill the memory. */
const MAX_DEPTH = 100;

/** What a parser of pages is to know. */
export interface PageParserOptions {
  /** The file's name, for messages. */
  readonly path: string;
  /** What stands open before the first page, as `headAtPage` tells it; "" at the start of a file. */
  readonly head: string;
  /** Where W103 is counted. */
  readonly problems: Problems;
  /** Longest text between two tags, in UTF-16 units; `MAX_TEXT` if not given. */
  readonly maxText?: number | undefined;
  /** Called for each export of the file, before its first page. */
  onSiteInfo?(info: SiteInfo, path: string): void;
}

/** Creates the parser of one file, which throws `UserError` that names it. */
export function createPageParser(options: PageParserOptions): PageParser {
  const { path, head, maxText = MAX_TEXT } = options;
  // A fragment may have several roots: bare pages, or exports written one after the other.
  const parser = new SaxesParser({ fragment: true, xmlns: false as const });
  const stack: string[] = [];
  let pages: RawPage[] = [];
  let failure: UserError | undefined;
  let site = createSite();
  let siteTold = false;
  let page: RawPage | undefined;
  let key = "";
  let text = "";
  let unitsSinceTag = 0;
  let hasStrayText = false;
  /** The element around the page whose tag has just begun, "" if there is none. */
  let rootAtPage: string | undefined;
  let lastTitle: string | undefined;

  const fail = (what: string) => {
    failure ??= new UserError(`${path}: ${what}`);
  };
  const inPage = () => (page?.title === undefined ? "" : ` in page '${page.title.trim()}'`);
  const failAtLine = (reason: string) =>
    fail(`the XML is damaged at line ${parser.line}${inPage()} (${reason}); download or export the file again`);
  const place = () => {
    if (page !== undefined)
      return `${path}: in ${page.title === undefined ? "a page before its title" : `page '${page.title.trim()}'`}`;
    return `${path}: ${lastTitle === undefined ? "before the first page" : `after page '${lastTitle}'`}`;
  };
  const tell = () => {
    if (siteTold) return;
    siteTold = true;
    options.onSiteInfo?.(tellSite(site), path);
  };

  parser.on("error", (error) => {
    // What is found behind a failure depends on where the file is cut.
    if (failure !== undefined || IGNORED.test(error.message)) return;
    if (HARMLESS.test(error.message)) {
      options.problems.add("W103", place());
      return;
    }
    failAtLine(error.message.replace(/^\d+:\d+: /, "").replace(/\.$/, ""));
  });
  parser.on("opentagstart", ({ name }) => {
    const isBetweenPages = stack.length === 0 || (stack.length === 1 && stack[0] === "mediawiki");
    rootAtPage = name === "page" && isBetweenPages ? (stack[0] ?? "") : undefined;
  });
  parser.on("opentag", ({ name, attributes }) => {
    unitsSinceTag = 0;
    if (failure !== undefined) return;
    const parent = stack.at(-1);
    stack.push(name);
    text = "";
    if (parent === undefined) {
      if (name === "mediawiki") {
        site = createSite();
        siteTold = false;
        if (attributes.version !== undefined) site.version = attributes.version;
        if (attributes["xml:lang"] !== undefined) site.language = attributes["xml:lang"];
      } else if (name !== "page" && name !== "siteinfo") {
        fail(`is no MediaWiki export: it begins with <${name}>; give a pages-articles dump`);
      }
    }
    if (stack.length > MAX_DEPTH) failAtLine(`elements nested more than ${MAX_DEPTH} deep`);
    else if (page !== undefined && name === "page") failAtLine("another page begins before its end");
    else if (page !== undefined && TEXTS.has(parent ?? "")) failAtLine(`<${name}> inside <${parent}>`);
    else if (name === "page") {
      tell();
      page = { site };
    } else if (name === "namespace") {
      key = attributes.key ?? "";
    } else if (page !== undefined) {
      if (name === "redirect" && parent === "page") page.redirect = attributes.title ?? "";
      else if (name === "revision") {
        delete page.model;
        delete page.text;
      } else if (name === "text" && parent === "revision") {
        // A deleted text, and one that a dump of stubs leaves out, have no content but would read as empty.
        const absent = attributes.deleted !== undefined || Number(attributes.bytes ?? 0) > 0;
        if (!absent) page.text = "";
      }
    }
  });
  parser.on("text", (data) => {
    if (stack.length === 0) {
      if (/[^\s\uFEFF]/.test(data)) {
        hasStrayText = true;
        fail(`is no XML, or has text outside of its elements at line ${parser.line}; give a MediaWiki XML export`);
      }
    } else text += data;
  });
  parser.on("cdata", (data) => {
    text += data;
  });
  parser.on("closetag", ({ name }) => {
    unitsSinceTag = 0;
    if (failure !== undefined) return;
    stack.pop();
    const parent = stack.at(-1);
    if (name === "page" && page !== undefined) {
      pages.push(page);
      lastTitle = page.title?.trim() ?? "";
      page = undefined;
    } else if (page !== undefined) {
      if (parent === "page") {
        if (name === "title") page.title = text;
        else if (name === "ns") page.namespace = text;
        else if (name === "id") page.id = text;
      } else if (parent === "revision") {
        if (name === "model") page.model = text;
        else if (name === "text" && text !== "") page.text = text;
      }
    } else if (parent === "siteinfo") {
      if (name === "sitename") site.siteName = text;
      else if (name === "dbname") site.database = text;
      else if (name === "base") site.base = text;
    } else if (name === "namespace" && /^-?\d+$/.test(key)) {
      site.namespaces.set(Number(key), text);
      site.numbers.set(foldNamespace(text), Number(key));
    } else if (name === "siteinfo") tell();
    text = "";
  });

  if (head !== "") {
    const { root, site: told } = JSON.parse(head) as { root: string; site: SiteJson };
    if (root !== "") parser.write(`<${root}>`);
    site = readSite(told);
  }

  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    place,
    headAtPage: () =>
      rootAtPage === undefined ? undefined : JSON.stringify({ root: rootAtPage, site: writeSite(site) }),
    write(units) {
      rootAtPage = undefined;
      unitsSinceTag += units.length;
      if (unitsSinceTag > maxText)
        fail(
          `a text of more than ${maxText} characters up to line ${parser.line}${inPage()}; is this a wiki's export?`,
        );
      else parser.write(units);
    },
    passPage(found, lines) {
      parser.line += lines;
      if (page !== undefined) {
        parser.write("</page>");
        pages = [];
      }
      lastTitle = found.title?.trim() ?? "";
      // Spreading would take longer than all the rest.
      const { title, namespace, id, redirect, model, text: wikitext } = found;
      return { title, namespace, id, redirect, model, text: wikitext, site };
    },
    take() {
      const taken = pages;
      pages = [];
      return taken;
    },
    check,
    end() {
      const endsEarly = () => {
        const where =
          page?.title !== undefined
            ? `in the middle of page '${page.title.trim()}'`
            : page !== undefined
              ? "in the middle of a page"
              : `before </${stack[0] ?? "mediawiki"}>`;
        return new UserError(`${path}: the XML ends ${where} (line ${parser.line}); download or export the file again`);
      };
      if (stack.length > 0) throw endsEarly();
      parser.close();
      // Only now the parser tells a tag that is cut off, and text behind the last tag.
      if (failure !== undefined) throw hasStrayText ? failure : endsEarly();
      tell();
    },
  };
}
