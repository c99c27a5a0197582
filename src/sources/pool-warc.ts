/** Pools as web archives: the images of the pages of WARC and WAT files. */
import { open } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { Problems } from "../problems.ts";
import { explainReadError, findFormat, openInput } from "./input.ts";
import { quote } from "./pool-fields.ts";
import type {
  OpenPool,
  PoolBatch,
  PoolFields,
  PoolHead,
  PoolKind,
  PoolRow,
  PoolShare,
  RowsOptions,
} from "./pool-kind.ts";
import { type FirstMember, findMember, type GzipFile, readFirstMember, readMembers } from "./web/gzip-members.ts";
import { decodePage } from "./web/html-charset.ts";
import { findHtmlImages } from "./web/html-images.ts";
import { decodeBody, type HttpResponse, readHttpResponse } from "./web/http-message.ts";
import { IMAGE_TEXTS, type ImageText, makeImageRows } from "./web/images.ts";
import { createRecordCutter, type RecordCutter, type RecordFault, type WarcRecord } from "./web/warc-records.ts";
import { findByParsing, findWatImages } from "./web/wat-images.ts";

/**
 * Web archives: WARC 0.17 to 1.1, with pages (records `response` and `resource`), or what was extracted from pages (WAT,
 * records `metadata`); compressed or not. A row is an image of a page: an `<img>` with an address that can be fetched. Its
 * texts are the values of `alt`, `title` and `data-image-title`, without those that say the same, or of those of them that
 * `--text-field` names, in that order. There is no id and no language. Other records mean nothing.
 *
 * Of a gzip file with a member for each record, as such files are, each share reads only its own pieces: ranges of
 * `RANGE_BYTES` compressed bytes, with the records whose members begin in them. Others are decompressed whole by every
 * share; of these a piece is the records that begin in `PLAIN_BYTES` decompressed bytes. `PoolShare.groups` says how many
 * of these ranges make a piece, but no more than `MAX_GROUPS`, so that the threads share a file.
 */
export const WARC: PoolKind = {
  format: "warc",
  matches: ({ magic }) => START.test(magic),
  open: openArchive,
};

const START = /^WARC\/\d/;
const RANGE_BYTES = 8 << 20;
const PLAIN_BYTES = 32 << 20;
const MAX_GROUPS = 4;
/** Longest page, and longest block of a record. */
const MAX_PAGE_BYTES = 64 << 20;
/** Rows that are given at once. */
const BATCH_ROWS = 512;

async function openArchive(head: PoolHead, given: PoolFields): Promise<OpenPool> {
  const texts = findTexts(head, given);
  if (!START.test(head.magic)) throw new UserError(`${head.name}: is no web archive: it does not begin "WARC/1.0"`);
  const isGzip = (await findFormat(head.path)) === "gzip";
  const isCut = isGzip && (await isOfMembers(head.path));
  const reading: Reading = { path: head.path, name: head.name, isCut };
  if ((await findFirstType(reading)) === "conversion") {
    throw new UserError(
      `${head.name} holds no caption: it is a WET file, which has the text of pages without their images; take the WARC or ` +
        "WAT file of the same pages",
    );
  }
  return {
    fields: { text: texts.join(","), id: undefined, lang: undefined, url: "src" },
    read: (options) => readRows(reading, texts, options),
  };
}

/** A file, and how it is read. */
interface Reading {
  readonly path: string;
  readonly name: string;
  /** True if it is gzip with a member for each record. */
  readonly isCut: boolean;
}

async function openFile(path: string): Promise<GzipFile> {
  const handle = await open(path).catch((error) => {
    throw explainReadError(error, path);
  });
  return { handle, size: (await handle.stat()).size };
}

/** Compressed bytes of a file's beginning that tell how it is cut into members: more where the first record is long. */
const HEAD_BYTES = [1 << 20, 8 << 20, 64 << 20] as const;

/** True if the first member holds one record and nothing else: then each record has its own, as the standard advises. */
async function isOfMembers(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    for (const length of HEAD_BYTES) {
      const first = await readFirstMember(file, length);
      if (first === undefined) return (await findMember(file, 1, true)) < file.size;
      const records = listRecords(first);
      if (first.isWhole) return records.length === 1;
      if (records.length > 0) return false;
    }
    return false;
  } catch (error) {
    throw explainReadError(error, path);
  } finally {
    await file.handle.close();
  }
}

/** Types of the records that are whole. */
function listRecords({ content, isWhole }: FirstMember): string[] {
  const types: string[] = [];
  const take = ({ type }: WarcRecord) => types.push(type);
  const cutter = createRecordCutter({ limit: MAX_PAGE_BYTES, isWanted: () => true, fault() {}, take });
  cutter.push(content);
  if (isWhole) cutter.end();
  return types;
}

/** The type of the first record that is none about the file; undefined if that is not among the first ones. */
async function findFirstType(reading: Reading): Promise<string | undefined> {
  const problems = new Problems();
  const types: string[] = [];
  const share = { index: 0, of: 1 };
  const take = ({ type }: WarcRecord) => {
    if (type !== "warcinfo") types.push(type);
  };
  const records = readRecords(reading, { share, problems }, { take, fault() {} });
  let steps = 0;
  for await (const _ of records) {
    steps += 1;
    if (types.length > 0 || steps === MAX_STEPS) break;
  }
  return types[0];
}

/** Steps of reading in which the first record that tells a file's kind must come. */
const MAX_STEPS = 8;

/** The attributes that texts are taken from. */
function findTexts({ name }: PoolHead, given: PoolFields): readonly ImageText[] {
  const { text, url = "src" } = given;
  const other = (["id", "lang"] as const).find((field) => given[field] !== undefined);
  if (other !== undefined || url !== "src") {
    const [field, wanted] = other === undefined ? ["address", url] : [other === "id" ? "id" : "language", given[other]];
    throw new UserError(
      `${name}: has no field ${quote(wanted ?? "")} for the ${field}; a web archive has images with their addresses (src) and texts`,
    );
  }
  if (text === undefined) return IMAGE_TEXTS;
  const names = [...new Set(text.split(",").map((each) => each.trim().toLowerCase()))];
  const wrong = names.find((each) => !isImageText(each));
  if (wrong !== undefined) {
    throw new UserError(
      `${name}: has no field ${quote(wrong)} for the text; texts of a web archive are ${IMAGE_TEXTS.join(", ")}: name one ` +
        "or, with commas, several",
    );
  }
  return names.filter(isImageText);
}

function isImageText(name: string): name is ImageText {
  return (IMAGE_TEXTS as readonly string[]).includes(name);
}

/** Takes what a share reads; `piece` is the number of the piece that it belongs to. */
interface PieceUser {
  take(record: WarcRecord, piece: number): void;
  fault(fault: RecordFault, offset: number, piece: number): void;
}

/** Reads the records of a share's pieces; gives control, and nothing else, whenever some have been taken. */
function readRecords(reading: Reading, options: RowsOptions, user: PieceUser): AsyncGenerator<void> {
  return reading.isCut ? readOwnMembers(reading, options, user) : readStream(reading, options, user);
}

function ownsPiece({ index, of, without }: PoolShare): (piece: number) => boolean {
  const left = new Set(without);
  return (piece) => piece % of === index && !left.has(piece);
}

function groupsOf({ groups = 1 }: PoolShare): number {
  return Math.min(groups, MAX_GROUPS);
}

/** Pieces of a file with a member for each record. */
async function* readOwnMembers(
  { path }: Reading,
  { share, onBytes }: RowsOptions,
  user: PieceUser,
): AsyncGenerator<void> {
  const pieceBytes = RANGE_BYTES * groupsOf(share);
  const isOwn = ownsPiece(share);
  let piece = 0;
  const fault = (what: RecordFault, offset: number) => user.fault(what, offset, piece);
  const take = (record: WarcRecord) => user.take(record, piece);
  const cutter = createRecordCutter({ limit: MAX_PAGE_BYTES, take, isWanted, fault });
  const members = {
    ...cutter,
    run(offset: number, bytes: Buffer) {
      const records = cutRun(offset, bytes);
      records?.forEach(take);
      return records !== undefined;
    },
    damaged(offset: number) {
      cutter.start(offset);
      fault("damaged", offset);
    },
  };
  const file = await openFile(path);
  try {
    const starts = new Map([[0, 0]]);
    /** Where the members of a piece begin: the same for whoever asks. */
    const startOf = async (number: number) => {
      const start = starts.get(number) ?? (await findMember(file, number * pieceBytes, true));
      starts.clear();
      starts.set(number, start);
      return start;
    };
    for (; piece * pieceBytes < file.size; piece += 1) {
      if (!isOwn(piece)) continue;
      const from = await startOf(piece);
      const to = await startOf(piece + 1);
      const end = Math.min(file.size, (piece + 1) * pieceBytes);
      let told = piece * pieceBytes;
      for await (const place of readMembers(file, { from, to }, members)) {
        const now = Math.max(told, Math.min(place, end));
        onBytes?.(now - told);
        told = now;
        yield;
      }
      onBytes?.(end - told);
    }
  } catch (error) {
    throw explainReadError(error, path);
  } finally {
    await file.handle.close();
  }
}

/** The records of members that were decompressed together; undefined if anything is wrong with them. */
function cutRun(offset: number, bytes: Buffer): readonly WarcRecord[] | undefined {
  const records: WarcRecord[] = [];
  let isSound = true;
  const cutter = createRecordCutter({
    limit: MAX_PAGE_BYTES,
    isWanted: () => true,
    take: (record) => records.push(record),
    fault() {
      isSound = false;
    },
  });
  cutter.start(offset);
  cutter.push(bytes);
  cutter.end();
  return isSound ? records : undefined;
}

/** Pieces of a file that has to be decompressed from its beginning. */
async function* readStream({ path }: Reading, { share, onBytes }: RowsOptions, user: PieceUser): AsyncGenerator<void> {
  const pieceBytes = PLAIN_BYTES * groupsOf(share);
  const isOwn = ownsPiece(share);
  const pieceOf = (offset: number) => Math.floor(offset / pieceBytes);
  const cutter: RecordCutter = createRecordCutter({
    limit: MAX_PAGE_BYTES,
    isWanted,
    take(record) {
      const piece = pieceOf(record.offset);
      if (isOwn(piece)) user.take(record, piece);
    },
    fault(what, offset) {
      const piece = pieceOf(offset);
      if (isOwn(piece)) user.fault(what, offset, piece);
    },
  });
  let chunks = 0;
  const options = {
    onBytes(count: number) {
      if (chunks++ % share.of === share.index) onBytes?.(count);
    },
  };
  for await (const chunk of openInput(path, options)) {
    cutter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    yield;
  }
  cutter.end();
  yield;
}

type Batch = PoolBatch & { readonly problems: Problems };

async function* readRows(
  reading: Reading,
  texts: readonly ImageText[],
  options: RowsOptions,
): AsyncGenerator<PoolBatch> {
  const { name } = reading;
  let ready: Batch[] = [];
  const batchOf = (piece: number): Batch => {
    const last = ready.at(-1);
    if (last?.piece === piece && last.rows.length < BATCH_ROWS) return last;
    const batch = { piece, rows: [], problems: new Problems() };
    ready.push(batch);
    return batch;
  };
  const records = readRecords(reading, options, {
    take(record, piece) {
      const { rows, problems } = batchOf(piece);
      const where = () => `${name}: ${record.target ?? `the record at byte ${record.offset}`}`;
      for (const row of readImages(record, { texts, problems, where })) rows.push(row);
    },
    fault(fault, offset, piece) {
      batchOf(piece).problems.add(fault === "long" ? "W513" : "E511", `${name}: the record at byte ${offset}`);
    },
  });
  for await (const _ of records) {
    for (const { piece, rows, problems } of ready) {
      // Told before the rows, so that whoever takes them knows of which piece the faults are.
      options.problems.merge(problems.list());
      yield { piece, rows };
    }
    ready = [];
  }
}

const HTML_TYPES: ReadonlySet<string> = new Set([
  "text/html",
  "application/xhtml+xml",
  "application/vnd.wap.xhtml+xml",
]);

function mediaTypeOf(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** The response that a record holds: its own, or one made of the block that a record holds as it is. */
function readResponse({ type, contentType, block }: WarcRecord): HttpResponse | undefined {
  if (type === "response") return readHttpResponse(block);
  return type === "resource" ? { headers: new Map([["content-type", contentType]]), body: block } : undefined;
}

function isWat({ type, contentType }: WarcRecord): boolean {
  return type === "metadata" && contentType.startsWith("application/json");
}

function isHtml({ headers, body }: HttpResponse): boolean {
  const contentType = headers.get("content-type") ?? "";
  return contentType === ""
    ? PAGE_START.test(body.toString("latin1", 0, 512))
    : HTML_TYPES.has(mediaTypeOf(contentType));
}

/** How a page begins of which nobody says what it is. */
const PAGE_START = /^(?:\xef\xbb\xbf)?\s*(?:<!--[^>]*-->\s*)?<(?:!doctype html|html|head|body)\b/i;

function isWanted(record: WarcRecord): boolean {
  if (isWat(record)) return true;
  const response = readResponse(record);
  return response !== undefined && isHtml(response);
}

interface PageReading {
  readonly texts: readonly ImageText[];
  readonly problems: Problems;
  where(): string;
}

/** The images of the page that a record holds, or tells of; none if it holds no page. Faults are counted. */
function readImages(record: WarcRecord, reading: PageReading): readonly PoolRow[] {
  if (isWat(record)) return readWat(record, reading);
  const response = readResponse(record);
  return response !== undefined && isHtml(response) ? readHtml(record.target, response, reading) : NO_ROWS;
}

const NO_ROWS: readonly PoolRow[] = [];

function readWat({ target, block }: WarcRecord, reading: PageReading): readonly PoolRow[] {
  const page = target === undefined ? findByParsing(block) : findWatImages(block);
  if (page === undefined) reading.problems.add("E512", reading.where());
  if (page === undefined || page.images.length === 0) return NO_ROWS;
  return makeImageRows({ ...page, address: target ?? page.address }, reading);
}

function readHtml(target: string | undefined, response: HttpResponse, reading: PageReading): readonly PoolRow[] {
  const { problems, where } = reading;
  const body = decodeBody(response, MAX_PAGE_BYTES);
  if (body === "damaged" || body === "long") {
    problems.add(body === "long" ? "W513" : "E512", where());
    return NO_ROWS;
  }
  const label = /;\s*charset\s*=\s*["']?([^\s"';,]+)/i.exec(response.headers.get("content-type") ?? "")?.[1];
  const { text, isExact } = decodePage(body, label);
  if (isBinary(text)) {
    problems.add("E512", where());
    return NO_ROWS;
  }
  return makeImageRows({ ...findHtmlImages(text), address: target, isExact }, reading);
}

/** What files begin with that are sent as pages and are none: pictures, PDF, archives. */
const BINARY_STARTS = [
  "%PDF-",
  "GIF87a",
  "GIF89a",
  "PK\u0003\u0004",
  "\u001F\u008B\u0008",
  "\u2030PNG",
  "\uFFFDPNG",
] as const;
const BEGINNING_UNITS = 1024;
/** A page may have some stray control characters; of anything else, more than one of so many is one. */
const LEAST_CONTROLS = 32;

function isBinary(text: string): boolean {
  const start = text.slice(0, BEGINNING_UNITS);
  let controls = 0;
  for (let i = 0; i < start.length; i += 1) if (isControl(start.charCodeAt(i))) controls += 1;
  return controls * LEAST_CONTROLS > start.length || BINARY_STARTS.some((magic) => start.startsWith(magic));
}

/** Other than white space and escape, with which some encodings change their alphabet. */
function isControl(unit: number): boolean {
  return unit === 0xfffd || unit === 0x7f || (unit < 0x20 && !(unit >= 0x09 && unit <= 0x0d) && unit !== 0x1b);
}
