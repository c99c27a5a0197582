import type { Machine } from "../kernels/machine.ts";
import type { Problems } from "../problems.ts";
import type { RangeChecksum } from "./bzip2.ts";
import { createDecoder, createUtf8Decoder, readHead, skipDeclaration } from "./dump-text.ts";
import { openInput, openRange, type Segment } from "./input.ts";
import { finishPage, isArticle, type Page, type RawPage, type SiteInfo } from "./page.ts";
import { createPageParser, MAX_TEXT } from "./page-parser.ts";
import { cutAtPages, PAGE_TAG_BYTES } from "./page-pieces.ts";
import { createPageScan, MAX_SCANNED, type ScannedPage } from "./page-scan.ts";

export type { Page, SiteInfo };
export { isArticle };

/** How to read dumps. */
export interface ReadDumpOptions {
  /**
   * Where faults are counted: E101 (page left out), W103 (replaced characters), and of the pages in namespace 0 that are
   * no redirects E102 (no text) and W101 (another content model).
   */
  readonly problems: Problems;
  /** Longest text between two tags, in UTF-16 units; `MAX_TEXT` if not given. */
  readonly maxText?: number | undefined;
  /** Called once for each file, before its first page. */
  onSiteInfo?(info: SiteInfo, path: string): void;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
  /**
   * Kernels for pages of the usual shape, if there are to be any: the same pages, sooner, each with its `place`. Between
   * pages the machine may be used for anything.
   */
  readonly machine?: Machine;
}

/** Units given to the parser at once, so that few pages wait in memory. */
const PARSE_UNITS = 1 << 16;

/** A part of a dump that is read by itself, as JSON. */
export interface DumpRange {
  readonly path: string;
  /** Undefined for a whole file. */
  readonly cut?: DumpCut;
}

/** Which part of a file: the pages whose tag begins in these compressed bytes. */
export interface DumpCut {
  readonly format: "plain" | "bzip2";
  readonly from: number;
  readonly to: number;
  /** What stands open before the file's first page, as `RangeReport` tells it; "" for the range that begins the file. */
  readonly head: string;
}

/** How a range fits to the ranges around it. */
export interface RangeReport {
  /** Place of the range's first page, if a page begins in it; not told where the range begins the file. */
  readonly first?: string;
  /** Place of the page before which the range ended; undefined if it was read to the end of the file. */
  readonly next?: string;
  /** What stood open there: the element around the pages, and the site information. */
  readonly head?: string;
  readonly checksum?: RangeChecksum;
}

/** How to read a range of a dump. */
export interface ReadDumpRangeOptions extends ReadDumpOptions {
  /** Called when the range has been read. */
  onEnd?(report: RangeReport): void;
}

/**
 * Reads the pages of MediaWiki XML exports (versions 0.3 to 0.11, whole or bare `<page>` elements), compressed or not,
 * several files as one.
 *
 * Of a page's revisions the last one counts, of its slots the main one. Memory is bounded by one page. Throws `UserError`
 * that names the file if it cannot be read, is no MediaWiki export, is not well-formed or ends too early; the pages
 * before that place have been yielded.
 */
export async function* readDump(paths: readonly string[], options: ReadDumpOptions): AsyncGenerator<Page> {
  for (const path of paths) yield* readDumpRange({ path }, options);
}

/**
 * Reads the pages of a file whose tag begins in a range of it, the last one to its end beyond the range; everything else
 * as `readDump`.
 *
 * A range behind the file's start guesses: it takes the first `<page` for one. What it yields is right if its first page
 * is the one before which the range before it ended, with the same head (`rangesFit` says so); else, and where it
 * throws, the file is to be read in one piece. A cut file in another encoding than UTF-8 yields nothing and ends
 * without `next`.
 */
export async function* readDumpRange(range: DumpRange, options: ReadDumpRangeOptions): AsyncGenerator<Page> {
  const { path, cut } = range;
  const { problems, machine } = options;
  const report: { -readonly [Key in keyof RangeReport]: RangeReport[Key] } = {};
  const parser = createPageParser({ ...options, path, head: cut?.head ?? "" });
  const segments = openSegments(range, options, (checksum) => {
    report.checksum = checksum;
  });
  const onReplaced = (count: number) => problems.add("W103", parser.place(), count);
  const begins = cut === undefined || cut.from === 0;
  let decode = createUtf8Decoder(onReplaced);
  // No text of a page is longer than the page.
  const mostScanned = Math.min(MAX_SCANNED, options.maxText ?? MAX_TEXT);
  let scan = machine === undefined ? undefined : createPageScan(machine);
  /** Parse bytes; the pages that end in them. */
  function* parse(bytes: Uint8Array): Generator<Page> {
    for (const text of decode(bytes, false)) {
      for (let at = 0; at < text.length; at += PARSE_UNITS) {
        parser.write(text.slice(at, at + PARSE_UNITS));
        yield* finishPages(parser.take(), path, problems);
        parser.check();
      }
    }
  }
  try {
    let rest: AsyncIterable<Segment> = segments;
    if (begins) {
      const head = await readHead(segments, path);
      if (head.encoding !== "utf-8") {
        if (cut !== undefined) return;
        scan = undefined;
      }
      decode = skipDeclaration(createDecoder(head.encoding, path, onReplaced), head.prefix);
      rest = chain(head.segments, segments);
    }
    let started = begins;
    // Whether the kernels have read a page with all that followed it: then the next tag stands between pages.
    let isBetweenPages = false;
    for await (const pieces of cutAtPages(rest, scan === undefined ? 0 : mostScanned)) {
      for (const piece of pieces) {
        if (!started) {
          if (!piece.owned) return;
          if (piece.page === undefined) continue;
          report.first = piece.page;
          started = true;
        }
        let done = 0;
        if (piece.page !== undefined) {
          if (!piece.owned || (scan !== undefined && !isBetweenPages)) {
            // Whether this is a tag between pages the parser finds out by being given the name and what ends it.
            done = PAGE_TAG_BYTES;
            for (const page of parse(piece.parts[0]!.subarray(0, done))) yield page;
            const head = parser.headAtPage();
            isBetweenPages = head !== undefined;
            if (head !== undefined && !piece.owned) {
              report.next = piece.page;
              report.head = head;
              return;
            }
          }
          const scanned: ScannedPage | undefined = isBetweenPages && piece.owned ? scan?.(piece) : undefined;
          if (scanned !== undefined) {
            const page = finishPage(parser.passPage(scanned.page, scanned.lines), path, problems);
            if (page !== undefined) yield page;
            done = scanned.bytes;
          }
          isBetweenPages = scanned !== undefined && done === piece.length;
        }
        for (const part of piece.parts) {
          const from = Math.min(done, part.length);
          done -= from;
          if (from === part.length) continue;
          isBetweenPages = false;
          for (const page of parse(part.subarray(from))) yield page;
        }
      }
    }
    if (!started) return;
    for (const text of decode(new Uint8Array(0), true)) parser.write(text);
    for (const page of finishPages(parser.take(), path, problems)) yield page;
    parser.end();
  } finally {
    await segments.return(undefined);
    options.onEnd?.(report);
  }
}

function* finishPages(pages: readonly RawPage[], path: string, problems: Problems): Generator<Page> {
  for (const raw of pages) {
    const page = finishPage(raw, path, problems);
    if (page !== undefined) yield page;
  }
}

async function* openSegments(
  { path, cut }: DumpRange,
  options: ReadDumpOptions,
  onChecksum: (checksum: RangeChecksum) => void,
): AsyncGenerator<Segment> {
  if (cut !== undefined) {
    yield* openRange(path, { ...cut, onChecksum, ...(options.onBytes !== undefined && { onBytes: options.onBytes }) });
    return;
  }
  for await (const bytes of openInput(path, options)) yield { block: 0, offset: 0, bytes, owned: true };
}

async function* chain(first: readonly Segment[], rest: AsyncIterable<Segment>): AsyncGenerator<Segment> {
  yield* first;
  yield* rest;
}
