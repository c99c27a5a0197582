/** Images of web pages as rows of a pool, whoever found them: their addresses made absolute, their texts in order. */
import type { Problems } from "../../problems.ts";
import { type PoolRow, takeText } from "../pool-kind.ts";
import { findBase, resolveAddress } from "./addresses.ts";

/** Attributes of an image that may hold its text, in the order in which a row has them. */
export const IMAGE_TEXTS = ["alt", "title", "data-image-title"] as const;
export type ImageText = (typeof IMAGE_TEXTS)[number];

/** An image as a page has it, entities decoded: its address and texts, undefined for what it has not. */
export type PageImage = Readonly<Record<"address" | ImageText, string | undefined>>;

/** The images of a page, in its order. */
export interface ImagePage {
  /** The page's own address; undefined if it is not known. */
  readonly address: string | undefined;
  /** What the page says that addresses in it are relative to; undefined if it says nothing. */
  readonly base: string | undefined;
  readonly images: readonly PageImage[];
  /** False if the page has bytes that mean nothing in its encoding; these are U+FFFD in texts. */
  readonly isExact: boolean;
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
 * that cannot be fetched: none, broken, relative to nothing, not HTTP (W512). Neither gives a row. Texts with characters
 * that could not be decoded are counted (W103).
 */
export function makeImageRows(page: ImagePage, { texts: names, problems, where }: ImageRowOptions): PoolRow[] {
  const base = findBase(page.address, page.base);
  const rows: PoolRow[] = [];
  const bad: (string | undefined)[] = [];
  let data = 0;
  let doubtful = 0;
  for (const image of page.images) {
    const { address } = image;
    if (address !== undefined && DATA.test(address)) {
      data += 1;
      continue;
    }
    const url = address === undefined ? undefined : resolveAddress(address, base);
    if (url === undefined) {
      bad.push(address);
      continue;
    }
    const texts: string[] = [];
    for (const name of names) {
      const value = image[name];
      if (value === undefined || value === "") continue;
      const text = collapseSpace(value);
      if (!/\S/.test(text) || texts.includes(text)) continue;
      const taken = takeText(text, problems, where);
      if (taken === undefined) continue;
      if (!page.isExact && taken.includes("\uFFFD")) doubtful += 1;
      texts.push(taken);
    }
    rows.push({ id: undefined, url, lang: undefined, texts });
  }
  if (data > 0) problems.add("W511", where(), data);
  if (bad.length > 0) problems.add("W512", `${where()}: ${showAddress(bad[0])}`, bad.length);
  if (doubtful > 0) problems.add("W103", where(), doubtful);
  return rows;
}

const DATA = /^\s*data:/i;
const MAX_SHOWN = 80;

function showAddress(address: string | undefined): string {
  if (address === undefined) return "no address";
  return `"${address.length > MAX_SHOWN ? `${address.slice(0, MAX_SHOWN)}…` : address}"`;
}

function collapseSpace(text: string): string {
  if (!UNEVEN.test(text)) return text;
  const even = text.replace(/[\t\n\f\r ]+/g, " ");
  const from = even.startsWith(" ") ? 1 : 0;
  return even.slice(from, Math.max(from, even.endsWith(" ") ? even.length - 1 : even.length));
}

/** White space that is not one space between others. */
const UNEVEN = /[\t\n\f\r]|^ | $| {2}/;
