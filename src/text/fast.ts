import { listEditions } from "../../languages/index.ts";
import { CHUNK } from "../kernels/layout.ts";
import { type Machine, type Place, startMachine } from "../kernels/machine.ts";
import { listEntities } from "./entities.ts";
import type { ExtractContext, Extractor } from "./extractor.ts";
import {
  BLOCK_TAGS,
  CATEGORY_NAMES,
  DROPPED_TAGS,
  FILE_NAMES,
  IMAGE_ENDINGS,
  INLINE_TAGS,
  LANGUAGE_ALIASES,
} from "./markup.ts";

/*
 * The host of the kernels: hands them the tables and the pages as UTF-8 and takes the text.
 */

/** Names of the kernels' dictionary by kind (`src/kernels/dictionary.ts`). */
const KIND = { entity: 1, tag: 2, file: 3, category: 4, language: 5, magicWord: 6, protocol: 7, image: 8 } as const;
/** Roles of tags (`src/kernels/tags.ts`). */
const ROLE = { inline: 1, block: 2, dropped: 3, droppedBlock: 4, nowiki: 5, pre: 6, verse: 7 } as const;

const MAGIC_WORDS = (
  "toc notoc forcetoc noeditsection nonewsectionlink nogallery noindex notc nocc notitleconvert nocontentconvert index " +
  "newsectionlink hiddencat expectunusedcategory disambig staticredirect archivedtalk"
).split(" ");
const PROTOCOLS =
  "// http:// https:// ftp:// ftps:// sftp:// irc:// ircs:// gopher:// news:// svn:// git:// mailto:".split(" ");

/** Code points below this have a bit in the table of capitals. */
const CAPITALS_END = 0x10000;
/** After a page that took more memory than this the kernel starts anew, so that memory is given back. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 10;
/** No longer name fits into the dictionary, and none is needed. */
const MAX_NAME_BYTES = 255;

/** An extractor that also works on a page where it lies in the memory of its machine. */
export interface PlaceExtractor extends Extractor {
  /**
   * As `extract`, for wikitext that lies as UTF-8 where the machine's `prepare` made room for a page; tells where its text
   * lies then. Both hold until the machine is used again. The memory that a long page took is not given back: that is for
   * the caller (`release`).
   */
  extractPlace(wikitext: Place, context: ExtractContext): Place;
}

/**
 * Creates the extractor over the kernels of `src/kernels`.
 *
 * It throws if the page has more than 128 MB or memory runs out. Lone surrogates come out as U+FFFD.
 */
export function createFastExtractor(machine: Machine = startMachine()): PlaceExtractor {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const extractPlace = ({ address, length }: Place, context: ExtractContext): Place => {
    defineNames(machine, context);
    const found = machine.kernel.extract(address, length);
    if (found < 0) throw tooLong();
    const from = machine.kernel.textAddress();
    const endsLine = found > 0 && machine.view()[from + found - 1] === LINE_FEED;
    return { address: from, length: endsLine ? found - 1 : found };
  };
  return {
    id: "fast-2",
    extractPlace,
    extract(wikitext, context) {
      // UTF-8 has at most three bytes a unit of UTF-16; most pages have less than two, so measure the large ones.
      const room = wikitext.length < 1 << 20 ? wikitext.length * 3 : Buffer.byteLength(wikitext);
      const address = machine.kernel.prepare(room);
      if (address === 0) throw tooLong();
      try {
        const { written } = encoder.encodeInto(wikitext, machine.view().subarray(address, address + room));
        const place = extractPlace({ address, length: written }, context);
        return decoder.decode(machine.view().subarray(place.address, place.address + place.length));
      } finally {
        if (machine.view().length > MAX_KEPT_BYTES) machine.release();
      }
    },
  };
}

function tooLong(): Error {
  return new Error("the page is too long to be extracted");
}

/** A name of the kernels' dictionary, and its value. */
interface Name {
  readonly kind: number;
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

const NOTHING = new Uint8Array(0);

function toName(kind: number, name: string, value: Uint8Array = NOTHING): Name {
  return { kind, name: Buffer.from(name), value };
}

let fixedNames: readonly Name[] | undefined;

/** The names that are the same for every wiki. */
function listFixedNames(): readonly Name[] {
  if (fixedNames !== undefined) return fixedNames;
  const names: Name[] = [];
  for (const [name, character] of listEntities()) names.push(toName(KIND.entity, name, Buffer.from(character)));
  let number = 0;
  for (const [role, tags] of [
    [ROLE.nowiki, ["nowiki"]],
    [ROLE.pre, ["pre"]],
    [ROLE.verse, ["poem"]],
    [ROLE.droppedBlock, ["table"]],
    [ROLE.dropped, DROPPED_TAGS],
    [ROLE.block, BLOCK_TAGS],
    [ROLE.inline, INLINE_TAGS],
  ] as const) {
    for (const tag of tags) {
      names.push(toName(KIND.tag, tag, Uint8Array.of(role, number)));
      number += 1;
    }
  }
  for (const { pageviewCode } of listEditions()) names.push(toName(KIND.language, pageviewCode));
  for (const code of LANGUAGE_ALIASES) names.push(toName(KIND.language, code));
  for (const word of MAGIC_WORDS) names.push(toName(KIND.magicWord, word));
  for (const ending of IMAGE_ENDINGS) names.push(toName(KIND.image, ending));
  for (const protocol of PROTOCOLS) names.push(toName(KIND.protocol, protocol));
  fixedNames = names;
  return names;
}

/** Hand the kernels the names that extraction goes by, unless they hold just these. */
function defineNames(machine: Machine, context: ExtractContext): void {
  const wanted = JSON.stringify([context.fileNames, context.categoryNames]);
  if (machine.names === wanted) return;
  const { kernel } = machine;
  machine.view().set(listCapitals(), CHUNK);
  kernel.reset();
  const memory = machine.view();
  const define = ({ kind, name, value }: Name) => {
    if (name.length > MAX_NAME_BYTES) return;
    memory.set(name, CHUNK);
    memory.set(value, CHUNK + name.length);
    if (!kernel.define(kind, name.length, value.length)) throw new Error("the tables of the kernels are full");
  };
  for (const name of listFixedNames()) define(name);
  for (const name of [...FILE_NAMES, ...context.fileNames])
    for (const form of formsOf(name)) define(toName(KIND.file, form));
  for (const name of [...CATEGORY_NAMES, ...context.categoryNames])
    for (const form of formsOf(name)) define(toName(KIND.category, form));
  machine.names = wanted;
}

/** A namespace's name as it may be written, as far as ASCII letters in lower case do not say it already. */
function formsOf(name: string): Set<string> {
  const plain = name.replaceAll("_", " ").trim();
  const forms = [plain, plain.toLowerCase(), plain.toUpperCase(), plain.slice(0, 1).toLowerCase() + plain.slice(1)];
  return new Set(forms.map((form) => form.replace(/[A-Z]/g, (letter) => letter.toLowerCase())));
}

let capitals: Uint8Array | undefined;

/** A bit for each code point that is a letter or mark and not lower case. */
function listCapitals(): Uint8Array {
  if (capitals === undefined) {
    capitals = new Uint8Array(CAPITALS_END / 8);
    const pattern = /^(?!\p{Ll})[\p{L}\p{M}]$/u;
    for (let code = 0x41; code < CAPITALS_END; code += 1)
      if (pattern.test(String.fromCharCode(code))) capitals[code >> 3]! |= 1 << (code & 7);
  }
  return capitals;
}
