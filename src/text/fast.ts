import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { listEditions } from "../../languages/index.ts";
import * as twin from "../kernels/extract.ts";
import { release, view } from "../kernels/memory.ts";
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
 * The host of the kernels: hands them the tables and the pages as UTF-8 and takes the text. The kernels run as WebAssembly,
 * or, where the compiled module is missing, as the same source in TypeScript, ten times slower.
 */

/** As much of it as is used here; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What src/kernels/extract.ts exports. */
interface Kernel {
  prepare(length: number): number;
  reset(): void;
  define(kind: number, nameLength: number, valueLength: number): boolean | number;
  extract(length: number): number;
  textAddress(): number;
}

/** A kernel with its memory. */
interface Machine {
  readonly kernel: Kernel;
  /** Its memory as it is now; growing replaces it. */
  view(): Uint8Array<ArrayBuffer>;
}

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

/** How `createFastExtractor` runs the kernels. */
export interface FastExtractorOptions {
  /** Compiled kernels, or `twin` for their source; by default the compiled ones if they are there. */
  readonly kernels?: Uint8Array<ArrayBuffer> | "twin";
}

/**
 * Creates the extractor over the kernels of `src/kernels`.
 *
 * `extract` throws if the page has more than 128 MB or memory runs out. Lone surrogates come out as U+FFFD.
 */
export function createFastExtractor({ kernels = findKernels() }: FastExtractorOptions = {}): Extractor {
  const compiled = kernels === "twin" ? undefined : new WebAssembly.Module(kernels);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let machine: Machine | undefined;
  let names = "";

  const start = (context: ExtractContext): Machine => {
    const wanted = JSON.stringify([context.fileNames, context.categoryNames]);
    const isOwn = compiled !== undefined || twinOwner === decoder;
    if (machine !== undefined && names === wanted && isOwn) return machine;
    machine ??= compiled === undefined ? { kernel: twin, view } : startModule(compiled);
    if (compiled === undefined) twinOwner = decoder;
    defineNames(machine, context, encoder);
    names = wanted;
    return machine;
  };

  return {
    id: "fast-2",
    extract(wikitext, context) {
      const { kernel, view } = start(context);
      // UTF-8 has at most three bytes a unit of UTF-16; most pages have less than two, so measure the large ones.
      const room = wikitext.length < 1 << 20 ? wikitext.length * 3 : Buffer.byteLength(wikitext);
      const address = kernel.prepare(room);
      const length =
        address === 0
          ? -1
          : kernel.extract(encoder.encodeInto(wikitext, view().subarray(address, address + room)).written);
      const memory = view();
      const from = kernel.textAddress();
      const text = length < 0 ? "" : decoder.decode(memory.subarray(from, from + length));
      if (memory.length > MAX_KEPT_BYTES) {
        machine = undefined;
        if (compiled === undefined) release();
      }
      if (length < 0) throw new Error("the page is too long to be extracted");
      return text.endsWith("\n") ? text.slice(0, -1) : text;
    },
  };
}

/** Of the extractors over the twin, whose memory there is once only, the one whose names it holds. */
let twinOwner: object | undefined;

function findKernels(): Uint8Array<ArrayBuffer> | "twin" {
  const beside = ["../kernels/extract.wasm", "../../dist/src/kernels/extract.wasm"];
  const path = beside.map((name) => fileURLToPath(new URL(name, import.meta.url))).find((name) => existsSync(name));
  return path === undefined ? "twin" : new Uint8Array(readFileSync(path));
}

function startModule(module: object): Machine {
  const exports = new WebAssembly.Instance(module, {}).exports as Kernel & {
    readonly memory: { readonly buffer: ArrayBuffer };
  };
  let bytes = new Uint8Array(exports.memory.buffer);
  return {
    kernel: exports,
    view() {
      if (bytes.buffer !== exports.memory.buffer) bytes = new Uint8Array(exports.memory.buffer);
      return bytes;
    },
  };
}

function defineNames(
  { kernel, view }: Machine,
  context: ExtractContext,
  encoder: InstanceType<typeof TextEncoder>,
): void {
  const address = kernel.prepare(CAPITALS_END);
  view().set(listCapitals(), address);
  kernel.reset();
  const define = (kind: number, name: string, value: Uint8Array = new Uint8Array(0)) => {
    const bytes = encoder.encode(name);
    if (bytes.length > 255) return;
    const memory = view();
    memory.set(bytes, address);
    memory.set(value, address + bytes.length);
    if (!kernel.define(kind, bytes.length, value.length)) throw new Error("the tables of the kernels are full");
  };
  for (const [name, character] of listEntities()) define(KIND.entity, name, encoder.encode(character));
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
      define(KIND.tag, tag, Uint8Array.of(role, number));
      number += 1;
    }
  }
  for (const name of [...FILE_NAMES, ...context.fileNames]) for (const form of formsOf(name)) define(KIND.file, form);
  for (const name of [...CATEGORY_NAMES, ...context.categoryNames])
    for (const form of formsOf(name)) define(KIND.category, form);
  for (const { pageviewCode } of listEditions()) define(KIND.language, pageviewCode);
  for (const code of LANGUAGE_ALIASES) define(KIND.language, code);
  for (const word of MAGIC_WORDS) define(KIND.magicWord, word);
  for (const ending of IMAGE_ENDINGS) define(KIND.image, ending);
  for (const protocol of PROTOCOLS) define(KIND.protocol, protocol);
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
