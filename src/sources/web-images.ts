/** Images of web pages as rows of a pool, whoever found them: their addresses made absolute, their texts in order. */
import type { Problems } from "../problems.ts";
import { makeRow, type PoolRow } from "./pool-kind.ts";

/** Attributes of an image that may hold its text, in the order in which a row has them. */
export const IMAGE_TEXTS = ["alt", "title", "data-image-title"] as const;
export type ImageText = (typeof IMAGE_TEXTS)[number];

/** An image as a page has it, with entities decoded. */
export interface PageImage {
  /** Its address as it stands; undefined if it has none. */
  readonly address: string | undefined;
  /** Values of the attributes that may hold its text. */
  readonly texts: Readonly<Partial<Record<ImageText, string | undefined>>>;
}

/** The images of a page, in its order. */
export interface ImagePage {
  /** The page's own address; undefined if it is not known. */
  readonly address: string | undefined;
  /** What the page says that addresses in it are relative to; undefined if it says nothing. */
  readonly base: string | undefined;
  readonly images: readonly PageImage[];
}

/** How to make rows. */
export interface ImageRowOptions {
  /** The attributes to take texts from, in this order. */
  readonly texts: readonly ImageText[];
  readonly problems: Problems;
  /** What messages call the page. */
  where(): string;
}

/**
 * Makes a row of each image: its URL, and its texts without those that say the same. White space is collapsed as HTML does:
 * runs of space, tab, line feed, form feed and carriage return become one space, none at the ends; a no-break space stays.
 * An image without a text gives a row without texts.
 *
 * Images whose content stands in the address itself (`data:`) are counted (W511), and so are those with another address
 * that cannot be fetched: none, broken, relative to nothing, not HTTP (W512). Neither gives a row.
 */
export function makeImageRows(page: ImagePage, { texts, problems, where }: ImageRowOptions): PoolRow[] {
  const base = findBase(page);
  const rows: PoolRow[] = [];
  for (const { address, texts: values } of page.images) {
    const url = resolveAddress(address, base);
    if (url === undefined) {
      const isData = address !== undefined && DATA.test(address);
      problems.add(isData ? "W511" : "W512", `${where()}: ${isData ? "data:" : showAddress(address)}`);
      continue;
    }
    const found: string[] = [];
    for (const name of texts) {
      const value = values[name];
      if (value === undefined || value === "") continue;
      const text = collapseSpace(value);
      if (/\S/.test(text) && !found.includes(text)) found.push(text);
    }
    rows.push(makeRow({ url, text: found }, problems, where));
  }
  return rows;
}

const DATA = /^\s*data:/i;
const MAX_SHOWN = 80;

function showAddress(address: string | undefined): string {
  if (address === undefined) return "no address";
  return `"${address.length > MAX_SHOWN ? `${address.slice(0, MAX_SHOWN)}…` : address}"`;
}

function collapseSpace(text: string): string {
  const trimmed = text.replace(/[\t\n\f\r ]+/g, " ");
  const from = trimmed.startsWith(" ") ? 1 : 0;
  const to = trimmed.endsWith(" ") ? trimmed.length - 1 : trimmed.length;
  return trimmed.slice(from, Math.max(from, to));
}

/** What addresses are relative to: what the page says, if it is an address, else the page. */
function findBase({ address, base }: ImagePage): URL | undefined {
  const page = parseAddress(address, undefined);
  return base === undefined ? page : (parseAddress(base, page) ?? page);
}

/** An image's address as an absolute URL of HTTP; undefined if it is none. */
function resolveAddress(address: string | undefined, base: URL | undefined): string | undefined {
  // Such an address is the page's own.
  if (address === undefined || /^\s*(?:#|$)/.test(address)) return undefined;
  return parseAddress(address, base)?.href;
}

/** WHATWG URL. */
function parseAddress(address: string | undefined, base: URL | undefined): URL | undefined {
  if (address === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(address, base);
  } catch {
    return undefined;
  }
  return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
}
