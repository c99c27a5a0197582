import type { Problems } from "../problems.ts";
import type { RangeChecksum } from "./bzip2.ts";
import { createDecoder, createUtf8Decoder, readHead, skipDeclaration } from "./dump-text.ts";
import { openInput, openRange, type Segment } from "./input.ts";
import { finishPage, isArticle, type Page, type SiteInfo } from "./page.ts";
import { createPageParser } from "./page-parser.ts";
import { cutAtPages, PAGE_TAG } from "./page-pieces.ts";

export type { Page, SiteInfo };
export { isArticle };

/** How to read dumps. */
export interface ReadDumpOptions {
  /**
   * Where faults are counted: E101 (page left out), W103 (replaced characters), and of the pages in namespace 0 that are
   * no redirects E102 (no text) and W101 (another content model).
   */
  readonly problems: Problems;
  /** Called once for each file, before its first page. */
  onSiteInfo?(info: SiteInfo, path: string): void;
  /** Called with the number of compressed bytes each time some were read, for progress. */
  onBytes?(count: number): void;
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
  const { problems } = options;
  const report: { -readonly [Key in keyof RangeReport]: RangeReport[Key] } = {};
  const parser = createPageParser({ ...options, path, head: cut?.head ?? "" });
  const segments = openSegments(range, options, (checksum) => {
    report.checksum = checksum;
  });
  const begins = cut === undefined || cut.from === 0;
  let decode = begins ? undefined : createUtf8Decoder((count) => problems.add("W103", parser.place(), count));
  try {
    let rest: AsyncIterable<Segment> = segments;
    if (begins) {
      const head = await readHead(segments, path);
      if (cut !== undefined && head.encoding !== "utf-8") return;
      decode = skipDeclaration(
        createDecoder(head.encoding, path, (count) => problems.add("W103", parser.place(), count)),
        head.prefix,
      );
      rest = chain(head.segments, segments);
    }
    let started = begins;
    for await (const { bytes, page, owned } of cutAtPages(rest)) {
      if (!started) {
        if (!owned) break;
        if (page === undefined) continue;
        report.first = page;
        started = true;
      }
      let from = 0;
      if (page !== undefined && !owned) {
        // Whether this is a tag between pages the parser finds out by being given the name and what ends it.
        from = PAGE_TAG.length + 1;
        for (const text of decode!(bytes.subarray(0, from), false)) parser.write(text);
        parser.check();
        const head = parser.headAtPage();
        if (head !== undefined) {
          report.next = page;
          report.head = head;
          return;
        }
      }
      for (const text of decode!(bytes.subarray(from), false)) {
        for (let at = 0; at < text.length; at += PARSE_UNITS) {
          parser.write(text.slice(at, at + PARSE_UNITS));
          for (const raw of parser.take()) {
            const finished = finishPage(raw, path, problems);
            if (finished !== undefined) yield finished;
          }
          parser.check();
        }
      }
    }
    if (!started) return;
    for (const text of decode!(new Uint8Array(0), true)) parser.write(text);
    for (const raw of parser.take()) {
      const finished = finishPage(raw, path, problems);
      if (finished !== undefined) yield finished;
    }
    parser.end();
  } finally {
    await segments.return(undefined);
    options.onEnd?.(report);
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
