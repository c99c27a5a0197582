/**
 * Pages of Parquet columns to rows, some at a time. Levels, plain texts and dictionaries are read here, whose lengths are
 * checked (what hyparquet makes of a damaged length may take all memory), and texts become strings only when their rows are
 * taken: a page of a hundred megabytes, as DuckDB writes them, takes little more than that. The rest is hyparquet's.
 */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { ColumnMetaData, Compressors, PageHeader, SchemaElement, SchemaTree } from "hyparquet";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { compressors as PACKED } from "hyparquet-compressors";
import { decodeJson, decodeText } from "./parquet-texts.ts";

/** Reads the pages of a column in a row group, in their order. */
export interface PageReader {
  /** The rows of a page, some at a time: of each its value or null, or an array of its values where it may have several. */
  read(header: PageHeader, bytes: Uint8Array): Generator<unknown[]>;
  /** The last row, which the next page could have gone on with. */
  end(): unknown[];
}

/** Rows that are given at once. */
const ROWS_AT_ONCE = 1024;

/** What is packed by zlib or Brotli, Node unpacks: several times as fast as JavaScript. */
const COMPRESSORS: Compressors = {
  ...PACKED,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};

/** Gives the next values, so many of them. */
type TakeValues = (count: number) => ArrayLike<unknown>;

/** The values of a page that are there, with their levels. */
interface Page {
  readonly count: number;
  /** Undefined where all are 0, or all the greatest. */
  readonly repetition: Uint32Array | undefined;
  readonly definition: Uint32Array | undefined;
  readonly take: TakeValues;
}

/** @param path the nodes of the schema from the root to the column */
export function createPageReader(chunk: ColumnMetaData, path: readonly SchemaTree[]): PageReader {
  const layers = path.slice(1).map(({ element }) => element.repetition_type);
  const maxRepetition = layers.filter((type) => type === "REPEATED").length;
  // What each level of definition short of the greatest lacks: an optional value, which is null, or the items of a list.
  const lacking = layers.filter((type) => type !== "REQUIRED");
  const levels = { maxRepetition, maxDefinition: lacking.length };
  const column = createColumn(chunk, path);
  let dictionary: ArrayLike<unknown> | undefined;
  let open: unknown[] | undefined;

  const flatRows = function* ({ count, definition, take }: Page): Generator<unknown[]> {
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const to = Math.min(count, from + ROWS_AT_ONCE);
      if (definition === undefined) {
        yield Array.from(take(to - from), column.finish);
        continue;
      }
      let there = 0;
      for (let at = from; at < to; at++) if (definition[at] === levels.maxDefinition) there += 1;
      const values = take(there);
      let next = 0;
      const rows = new Array<unknown>(to - from);
      for (let at = from; at < to; at++)
        rows[at - from] = definition[at] === levels.maxDefinition ? column.finish(values[next++]) : null;
      yield rows;
    }
  };
  const listRows = function* ({ count, repetition, definition, take }: Page): Generator<unknown[]> {
    let rows: unknown[] = [];
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const to = Math.min(count, from + ROWS_AT_ONCE);
      let there = to - from;
      if (definition !== undefined) {
        there = 0;
        for (let at = from; at < to; at++) if (definition[at] === levels.maxDefinition) there += 1;
      }
      const values = take(there);
      let next = 0;
      for (let at = from; at < to; at++) {
        if (open === undefined || (repetition?.[at] ?? 0) === 0) {
          if (open !== undefined) rows.push(open);
          open = [];
        }
        const level = definition?.[at] ?? levels.maxDefinition;
        if (level === levels.maxDefinition) open.push(column.finish(values[next++]));
        else if (lacking[level] === "OPTIONAL") open.push(null);
      }
      yield rows;
      rows = [];
    }
  };

  return {
    *read(header, bytes) {
      if (header.type === "DICTIONARY_PAGE") {
        dictionary = readDictionary(header, { bytes, chunk, column });
        return;
      }
      const page = openPage(header, { bytes, chunk, column, dictionary, levels });
      if (page !== undefined) yield* maxRepetition === 0 ? flatRows(page) : listRows(page);
    },
    end: () => (open === undefined ? [] : [open]),
  };
}

interface Column {
  readonly element: SchemaElement;
  /** True if values come as strings by themselves. */
  readonly isText: boolean;
  decode(bytes: Buffer, from: number, to: number): unknown;
  /** What values of other types mean. */
  convert(values: ReturnType<typeof readPlain>): ArrayLike<unknown>;
  finish(value: unknown): unknown;
}

function createColumn(chunk: ColumnMetaData, path: readonly SchemaTree[]): Column {
  const { element } = path.at(-1)!;
  const isJson = element.converted_type === "JSON" || element.logical_type?.type === "JSON";
  const isWhole = element.converted_type === "DECIMAL" && (element.scale ?? 0) === 0;
  const isText =
    element.type === "BYTE_ARRAY" &&
    (element.converted_type === undefined || ["UTF8", "ENUM", "JSON"].includes(element.converted_type)) &&
    !["GEOMETRY", "GEOGRAPHY", "VARIANT", "BSON"].includes(element.logical_type?.type ?? "");
  const decoder = {
    ...chunk,
    ...{ pathInSchema: chunk.path_in_schema, schemaPath: [...path], parsers: DEFAULT_PARSERS, utf8: false },
    element,
  };
  return {
    ...{ element, isText, decode: isJson ? decodeJson : decodeText },
    // Decimals without a fraction, as Spark has ids beyond 63 bits, would lose digits as numbers of floating point.
    convert: (values) => (isWhole ? values : convert(values, decoder)),
    finish: (value) => (isWhole && value instanceof Uint8Array ? toWholeNumber(value) : (value ?? null)),
  };
}

/** A decimal's bytes, which are two's complement with the greatest first, as a whole number. */
function toWholeNumber(bytes: Uint8Array): bigint {
  let whole = 0n;
  for (const byte of bytes) whole = (whole << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, whole);
}

interface Packed {
  readonly bytes: Uint8Array;
  readonly chunk: ColumnMetaData;
  readonly column: Column;
}

function readDictionary(header: PageHeader, { bytes, chunk, column }: Packed): ArrayLike<unknown> {
  const count = header.dictionary_page_header?.num_values ?? -1;
  const page = decompressPage(bytes, header.uncompressed_page_size, chunk.codec, COMPRESSORS);
  if (count < 0 || count > page.length) throw new Error(`a dictionary of ${count} values in ${page.length} bytes`);
  return readPlainValues(toBuffer(page), { count, column })(count);
}

interface PackedPage extends Packed {
  readonly dictionary: ArrayLike<unknown> | undefined;
  readonly levels: { readonly maxRepetition: number; readonly maxDefinition: number };
}

/** Undefined if the page has no values. */
function openPage(header: PageHeader, { bytes, chunk, column, dictionary, levels }: PackedPage): Page | undefined {
  const first = header.data_page_header;
  const second = header.data_page_header_v2;
  const about = first ?? second;
  if (about === undefined || about.num_values === 0) return undefined;
  const count = about.num_values;
  let page: Buffer;
  let repetition: Uint32Array | undefined;
  let definition: Uint32Array | undefined;
  if (second !== undefined) {
    const { repetition_levels_byte_length: a, definition_levels_byte_length: b, is_compressed = true } = second;
    const packed = bytes.subarray(a + b);
    const length = header.uncompressed_page_size - a - b;
    if (!(a >= 0 && b >= 0 && length >= 0)) throw new Error(`levels of ${a} and ${b} bytes`);
    const all = toBuffer(bytes);
    repetition = readLevels(all.subarray(0, a), { count, max: levels.maxRepetition });
    definition = readLevels(all.subarray(a, a + b), { count, max: levels.maxDefinition });
    const isPacked = is_compressed && length > 0;
    page = toBuffer(isPacked ? decompressPage(packed, length, chunk.codec, COMPRESSORS) : packed);
  } else {
    page = toBuffer(decompressPage(bytes, header.uncompressed_page_size, chunk.codec, COMPRESSORS));
    const next = (max: number) => {
      if (max === 0) return undefined;
      const end = 4 + page.readUInt32LE(0);
      const read = readLevels(page.subarray(4, end), { count, max });
      page = page.subarray(end);
      return read;
    };
    repetition = next(levels.maxRepetition);
    definition = next(levels.maxDefinition);
  }
  let there = count;
  if (definition !== undefined) {
    there = 0;
    for (const level of definition) if (level === levels.maxDefinition) there += 1;
  }
  const take = readValues(page, { encoding: about.encoding, count: there, column, dictionary });
  return { count, repetition, definition, take };
}

function readLevels(bytes: Buffer, { count, max }: { readonly count: number; readonly max: number }) {
  return max === 0 ? undefined : readRuns(bytes, { count, width: 32 - Math.clz32(max) });
}

interface Values {
  readonly count: number;
  readonly column: Column;
}

function readValues(
  page: Buffer,
  {
    encoding,
    dictionary,
    ...values
  }: Values & { readonly encoding: string; readonly dictionary: PackedPage["dictionary"] },
): TakeValues {
  const { count, column } = values;
  const { type, type_length } = column.element;
  if (encoding === "PLAIN") return readPlainValues(page, values);
  if (encoding.endsWith("_DICTIONARY")) {
    if (dictionary === undefined) throw new Error("a dictionary is missing");
    const indexes = count === 0 ? new Uint32Array(0) : readRuns(page.subarray(1), { count, width: page[0] ?? -1 });
    let at = 0;
    return (some) => {
      const from = at;
      at += some;
      return Array.from(indexes.subarray(from, at), (index) => {
        if (index >= dictionary.length) throw new Error(`value ${index} of a dictionary of ${dictionary.length}`);
        return dictionary[index];
      });
    };
  }
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.length), offset: 0 };
  const isBytes = type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY";
  if (encoding === "DELTA_BINARY_PACKED" && (type === "INT32" || type === "INT64")) {
    const numbers = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
    if (count > 0) deltaBinaryUnpack(reader, count, numbers);
    return takeOf(column.convert(numbers));
  }
  if ((encoding === "DELTA_LENGTH_BYTE_ARRAY" || encoding === "DELTA_BYTE_ARRAY") && isBytes) {
    const texts: Uint8Array[] = [];
    if (count > 0) (encoding === "DELTA_BYTE_ARRAY" ? deltaByteArray : deltaLengthByteArray)(reader, count, texts);
    if (!column.isText) return takeOf(column.convert(texts));
    const take = takeOf(texts);
    return (some) => Array.from(take(some) as Uint8Array[], (text) => column.decode(toBuffer(text), 0, text.length));
  }
  if (encoding === "BYTE_STREAM_SPLIT")
    return takeOf(column.convert(byteStreamSplit(reader, count, type!, type_length)));
  throw new Error(`unsupported encoding ${encoding} of ${type}`);
}

function takeOf(values: ArrayLike<unknown>): TakeValues {
  let at = 0;
  return (count) => {
    const from = at;
    at += count;
    return Array.from({ length: count }, (_, index) => values[from + index]);
  };
}

function readPlainValues(page: Buffer, { count, column }: Values): TakeValues {
  if (!column.isText) {
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.length), offset: 0 };
    return takeOf(column.convert(readPlain(reader, column.element.type!, count, column.element.type_length)));
  }
  let at = 0;
  return (some) => {
    const texts = new Array<unknown>(some);
    for (let index = 0; index < some; index++) {
      const from = at + 4;
      at = from + page.readUInt32LE(at);
      if (at > page.length) throw new Error("a text goes beyond its page");
      texts[index] = column.decode(page, from, at);
    }
    return texts;
  };
}

/** Whole numbers as runs of equal ones, and as packed bits, eight at a time (the format's hybrid of RLE and bit packing). */
function readRuns(bytes: Buffer, { count, width }: { readonly count: number; readonly width: number }): Uint32Array {
  if (!(width >= 0 && width <= 32)) throw new Error(`numbers of ${width} bits`);
  const numbers = new Uint32Array(count);
  let at = 0;
  const readByte = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("a page ends too early");
    return byte;
  };
  for (let done = 0; done < count; ) {
    let header = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = readByte();
      header += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80 && shift < 35;
    }
    const length = Math.floor(header / 2);
    if (header % 2 === 0) {
      const to = Math.min(count, done + length);
      let number = 0;
      for (let shift = 0; shift < width; shift += 8) number += readByte() * 2 ** shift;
      numbers.fill(number, done, to);
      if (to === done) throw new Error("a run of no length");
      done = to;
      continue;
    }
    const to = Math.min(count, done + length * 8);
    const end = at + length * width;
    if (length === 0) throw new Error("a run of no length");
    let bits = 0;
    let held = 0;
    for (; done < to && width > 0; done++) {
      // Below 2^39, which a double holds exactly.
      for (; held < width; held += 8) bits += readByte() * 2 ** held;
      const above = Math.floor(bits / 2 ** width);
      numbers[done] = bits - above * 2 ** width;
      bits = above;
      held -= width;
    }
    done = to;
    at = end;
  }
  return numbers;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
