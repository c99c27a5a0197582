/** Images of an HTML page. */
import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { IMAGE_TEXTS, type ImagePage, type PageImage } from "./images.ts";

/** Where a page may have the address of an image that a script loads late, when it comes into view. */
const LATE_ADDRESSES = ["data-src", "data-original", "data-lazy-src"] as const;
const SETS = ["srcset", "data-srcset"] as const;

/** What is read of tags; everything else is passed over without making strings of it. */
const TAGS: ReadonlySet<string> = new Set(["img", "image", "base", "source"]);
const ATTRIBUTES: ReadonlySet<string> = new Set(["href", "src", ...LATE_ADDRESSES, ...SETS, ...IMAGE_TEXTS]);

/** Tags that end SVG wherever they stand (HTML, section 13.2.6.5). */
const NEVER_SVG: ReadonlySet<string> = new Set(
  (
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr " +
    "ol p pre ruby s small span strong strike sub sup table tt u ul var"
  ).split(" "),
);

/**
 * Finds the images of a page: `<img>` with its address or, where it has none or one that only holds a place (`data:`), with
 * that from which a script loads it, else the first of `srcset`, else the first of a `<source>` of the same `<picture>`.
 * Those in `<noscript>` count; those in `<template>`, comments and scripts do not. Tags and attributes are told apart as
 * HTML's tokenizer does, so that nesting, which pages get wrong, means little; `<image>` is `<img>` outside of SVG. The
 * first `<base href>` counts, wherever it stands.
 */
export function findHtmlImages(html: string): Pick<ImagePage, "base" | "images"> {
  const images: PageImage[] = [];
  let base: string | undefined;
  let templates = 0;
  let svgs = 0;
  /** Within `<picture>`, what its sources offer. */
  let isPicture = false;
  let offered: string | undefined;

  readTags(html, {
    isForeign: () => svgs > 0,
    open(name, attributes, isClosed) {
      if (NEVER_SVG.has(name)) svgs = 0;
      switch (name) {
        case "img":
        case "image":
          if (templates === 0 && svgs === 0) images.push(toImage(attributes, offered));
          break;
        case "base":
          base ??= attributes.href;
          break;
        case "source":
          if (isPicture) offered ??= firstOfSets(attributes);
          break;
        case "picture":
          isPicture = true;
          offered = undefined;
          break;
        case "template":
          if (svgs === 0) templates += 1;
          break;
        case "svg":
          if (!isClosed) svgs += 1;
      }
    },
    close(name) {
      if (name === "template") templates = Math.max(0, templates - 1);
      else if (name === "svg") svgs = Math.max(0, svgs - 1);
      else if (name === "picture") {
        isPicture = false;
        offered = undefined;
      }
    },
  });
  return { base, images };
}

/** Values by name, in small letters; of a name that stands twice the first. */
type Attributes = Readonly<Record<string, string | undefined>>;

interface TagUser {
  /** True if text and tags are those of SVG, where a script or a style is a tag like others. */
  isForeign(): boolean;
  open(name: string, attributes: Attributes, isClosed: boolean): void;
  close(name: string): void;
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});

/**
 * Reads tags, with entities in their values decoded.
 *
 * @param isDecoded true if the tokenizer is to decode them: it then takes twice as long, looking for them in text as well
 */
function readTags(html: string, user: TagUser, isDecoded = false): void {
  let tag = "";
  let attributes: Record<string, string | undefined> | undefined;
  let attribute: string | undefined;
  let value = "";
  const endTag = (isClosed: boolean) => user.open(tag, attributes ?? NO_ATTRIBUTES, isClosed);
  const callbacks: TokenizerCallbacks = {
    ...NOTHING,
    isInForeignContext: user.isForeign,
    onopentagname(start, end) {
      tag = html.slice(start, end).toLowerCase();
      attributes = TAGS.has(tag) ? {} : undefined;
    },
    onattribname(start, end) {
      if (attributes === undefined) return;
      const name = html.slice(start, end).toLowerCase();
      attribute = ATTRIBUTES.has(name) && attributes[name] === undefined ? name : undefined;
      value = "";
    },
    onattribdata(start, end) {
      if (attribute !== undefined) value += html.slice(start, end);
    },
    onattribentity(codePoint) {
      if (attribute !== undefined) value += String.fromCodePoint(codePoint);
    },
    onattribend() {
      if (attribute !== undefined) attributes![attribute] = isDecoded ? value : decodeEntities(value);
      attribute = undefined;
    },
    onopentagend: () => endTag(false),
    onselfclosingtag: () => endTag(true),
    onclosetag: (start, end) => user.close(html.slice(start, end).toLowerCase()),
  };
  const tokenizer = new Tokenizer({ decodeEntities: isDecoded }, callbacks);
  tokenizer.write(html);
  tokenizer.end();
}

const nothing = () => {};
const NOTHING: TokenizerCallbacks = {
  ...{ onattribdata: nothing, onattribentity: nothing, onattribend: nothing, onattribname: nothing, oncdata: nothing },
  ...{ onclosetag: nothing, oncomment: nothing, ondeclaration: nothing, onend: nothing, onopentagend: nothing },
  ...{ onopentagname: nothing, onprocessinginstruction: nothing, onselfclosingtag: nothing, ontext: nothing },
  ontextentity: nothing,
};

function toImage(attributes: Attributes, offered: string | undefined): PageImage {
  const { alt, title, "data-image-title": imageTitle } = attributes;
  return { address: findAddress(attributes, offered), alt, title, "data-image-title": imageTitle };
}

function findAddress(attributes: Attributes, offered: string | undefined): string | undefined {
  const { src } = attributes;
  if (isAddress(src)) return src;
  return LATE_ADDRESSES.map((name) => attributes[name]).find(isAddress) ?? firstOfSets(attributes) ?? offered ?? src;
}

function isAddress(value: string | undefined): value is string {
  return value !== undefined && !/^\s*(?:data:|about:|javascript:|#|$)/i.test(value);
}

/** Of a longer `srcset` the beginning. */
const MAX_SET_UNITS = 16_384;

/** The first address that a `srcset` offers: what stands before white space, without commas at its end. */
function firstOfSets(attributes: Attributes): string | undefined {
  for (const name of SETS) {
    const address = /[^\s,]\S*/.exec(attributes[name]?.slice(0, MAX_SET_UNITS) ?? "")?.[0].replace(/,+$/, "");
    if (isAddress(address)) return address;
  }
  return undefined;
}

/** An attribute's value with its entities decoded, by HTML's rule for attributes. */
export function decodeEntities(value: string): string {
  if (!value.includes("&")) return value;
  // What most pages have takes no tokenizer: a few names, and parameters of addresses (`&width=100`), which are none.
  if (!RARE_ENTITY.test(value)) return value.replace(USUAL_ENTITY, (_, name: string) => USUAL_ENTITIES[name]!);
  let decoded = value;
  const open = (_: string, { alt }: Attributes) => {
    decoded = alt ?? value;
  };
  readTags(`<img alt="${value.replaceAll('"', "&quot;")}">`, { isForeign: () => false, open, close: nothing }, true);
  return decoded;
}

const USUAL_ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: "&", quot: '"', lt: "<", gt: ">", apos: "'", nbsp: "\u00A0", "#39": "'", "#039": "'", "#34": '"' },
};
const USUAL_NAMES = Object.keys(USUAL_ENTITIES).join("|");
const USUAL_ENTITY = new RegExp(`&(${USUAL_NAMES});`, "g");
const RARE_ENTITY = new RegExp(`&(?!(?:${USUAL_NAMES});|[A-Za-z][A-Za-z0-9]*=)(?:#[\\dXx]|[A-Za-z])`);
