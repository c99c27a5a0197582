/** Pools as tables: TSV and CSV, with a line of names or without. */
import Papa from "papaparse";
import { UserError } from "../errors.ts";
import { findFields, isColumnNumber, isHeader, listNames, quote } from "./pool-fields.ts";
import {
  decodeLine,
  emptyPool,
  MAX_TEXT_BYTES,
  makeRow,
  type OpenPool,
  type PoolFields,
  type PoolHead,
  type PoolKind,
} from "./pool-kind.ts";
import { type RowCutter, readOwnRows, type TakeRow } from "./pool-lines.ts";

/**
 * Columns parted by tabs. Quotes mean nothing, and a line end always ends a row: tables of captions are written as they
 * stand (Conceptual Captions, alt attributes: `"Ace" Plateau-Sneakers` begins with a quote that quotes only a word), and
 * reading their quotes as CSV's would swallow rows up to the next quote, or strip what belongs to the text. A table that a
 * CSV writer wrote with tabs is read with its quotes as format `csv`.
 */
export const TSV: PoolKind = {
  format: "tsv",
  matches({ plainName, firstLine = "" }, given) {
    return firstLine.includes("\t") || (plainName.endsWith(".tsv") && isHeader([firstLine], given));
  },
  open: (head, given) => openTable(head, given, { delimiter: "\t", quotes: false }),
};

/**
 * Columns parted by commas, or by what parts the names of the first line (semicolon, tab); quotes as RFC 4180 has them. A
 * text with commas looks much like it, so that a file is CSV only if its first line names columns, if it is named `.csv`,
 * or if the user names a column by its number.
 */
export const CSV: PoolKind = {
  format: "csv",
  matches({ plainName, firstLine = "" }, given) {
    const delimiter = findDelimiter(firstLine, given);
    const cells = splitLine(firstLine, delimiter);
    if (cells.length > 1 && isHeader(cells, given)) return true;
    if (plainName.endsWith(".csv")) return cells.length > 1 || isHeader(cells, given);
    return cells.length > 1 && isColumnNumber(given.text);
  },
  open: (head, given) =>
    openTable(head, given, { delimiter: findDelimiter(head.firstLine ?? "", given), quotes: true }),
};

const DELIMITERS = [",", ";", "\t"] as const;

function findDelimiter(line: string, given: PoolFields): string {
  const naming = DELIMITERS.filter((delimiter) => isHeader(splitLine(line, delimiter), given));
  // Of one name alone every delimiter makes a header.
  const candidates = naming.length > 0 ? naming : DELIMITERS;
  return candidates.find((delimiter) => splitLine(line, delimiter).length > 1) ?? ",";
}

interface TableFormat {
  readonly delimiter: string;
  /** True if fields may be quoted. */
  readonly quotes: boolean;
}

function openTable(head: PoolHead, given: PoolFields, { delimiter, quotes }: TableFormat): OpenPool {
  if (head.firstLine === undefined) return emptyPool(given);
  const firstCells = quotes ? firstRow(head, delimiter) : head.firstLine.split(delimiter);
  const hasHeader = isHeader(firstCells, given);
  const names = hasHeader ? firstCells.map((cell) => cell.trim()) : [];
  const columns = firstCells.length;
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    return index < 0 && isColumnNumber(name) ? Number(name) - 1 : index;
  };
  if (!hasHeader && given.text === undefined) throw unnamed(head, firstCells);
  const fields = findFields(head, given, {
    names: names.filter((name) => name !== ""),
    has: (name) => indexOf(name) >= 0 && indexOf(name) < columns,
    describe: hasHeader ? `its columns are ${listNames(names)}` : describeColumns(firstCells),
  });
  const place = (name: string | undefined) => (name === undefined ? -1 : indexOf(name));
  const [text, id, lang, url] = [place(fields.text), place(fields.id), place(fields.lang), place(fields.url)];
  const headerLine = hasHeader ? head.lines.indexOf(head.firstLine) + 1 : 0;

  return {
    fields,
    async *read(options) {
      const { problems } = options;
      const cutter = quotes ? createRowCutter(delimiter, columns) : undefined;
      for await (const group of readOwnRows(head, options, cutter)) {
        const decoded: DecodedRow[] = [];
        for (const range of group.rows) {
          const { line, whole } = range;
          const where = () => `${head.name}: line ${line}`;
          const row = decodeLine(range, problems, where);
          if (line !== headerLine && (/\S/.test(row) || row.includes(delimiter)))
            decoded.push({ text: row, whole, where });
        }
        const table = quotes ? parseRows(decoded, delimiter) : decoded.map((row) => row.text.split(delimiter));
        const rows = [];
        for (const [index, { where }] of decoded.entries()) {
          const cells = table[index]!;
          // A row with more or fewer columns may have any of them in another's place.
          if (cells.length !== columns) problems.add("E501", where());
          else {
            const raw = { id: cells[id], url: cells[url], lang: cells[lang], text: cells[text] };
            rows.push(makeRow(raw, problems, where));
          }
        }
        yield { piece: group.piece, rows };
      }
    },
  };
}

function unnamed(head: PoolHead, cells: readonly string[]): UserError {
  return new UserError(
    `${head.name}: the first line has no column named "text", nor another usual name of it; ${describeColumns(cells)}; ` +
      `name the column that holds the text by its number, e.g. --text-field 1`,
  );
}

function describeColumns(cells: readonly string[]): string {
  return `its columns begin with ${listNames(cells.map((cell, index) => `${index + 1} ${quote(cell)}`))}`;
}

interface DecodedRow {
  readonly text: string;
  readonly whole: boolean;
  where(): string;
}

/** Rows to cells, all in one go where their quotes allow it. */
function parseRows(rows: readonly DecodedRow[], delimiter: string): readonly string[][] {
  if (rows.every(({ whole }) => whole)) {
    const table = parse(`${rows.map(({ text }) => text).join("\n")}\n`, delimiter).data;
    // An empty row follows the last line end.
    if (table.length === rows.length + 1) return table;
  }
  return rows.map(({ text, whole }) => parse(whole ? `${text}\n` : text, delimiter).data[0] ?? []);
}

function parse(text: string, delimiter: string): Papa.ParseResult<string[]> {
  return Papa.parse<string[]>(text, { delimiter, newline: "\n", quoteChar: '"' });
}

/** The cells of a line. */
function splitLine(line: string, delimiter: string): readonly string[] {
  return parse(`${line}\n`, delimiter).data[0] ?? [];
}

/** The cells of the first row, which may have several lines. */
function firstRow(head: PoolHead, delimiter: string): readonly string[] {
  const cutter = createRowCutter(delimiter, undefined);
  let first: string | undefined;
  const take: TakeRow = (bytes) => {
    const text = Buffer.from(bytes).toString();
    if (/\S/.test(text)) first ??= text;
  };
  for (const [index, line] of head.lines.entries()) cutter.add(Buffer.from(line), index + 1, take);
  cutter.end(take);
  return splitLine(first ?? "", delimiter);
}

const QUOTE = 0x22;
/**
 * Longest row of several lines: four texts of the greatest length. As each line that opens a quote may be read so many
 * times, the number of lines is bounded as well: a table whose every row opens a quote and none closes it is still read at
 * some ten thousand rows a second.
 */
const MAX_QUOTED_BYTES = 4 * MAX_TEXT_BYTES;
const MAX_QUOTED_LINES = 1000;

interface Line {
  readonly bytes: Uint8Array;
  readonly number: number;
}

/**
 * Puts lines to rows: a line end within quotes ends no row. Only delimiters and quotes are looked at, so that rows of other
 * shares cost little.
 *
 * A quote that opens a field and closes nowhere would swallow rows up to the next quote that happens to fit. So a row of
 * several lines is taken only if its quotes are in order and it has as many columns as it should; else its first line is
 * a row by itself, with its quotes open, and reading goes on at its second line.
 */
function createRowCutter(delimiter: string, columns: number | undefined): RowCutter {
  let quotes = startRow(delimiter.charCodeAt(0));
  let pending: Line[] = [];
  let pendingBytes = 0;
  const start = () => {
    quotes = startRow(delimiter.charCodeAt(0));
    pending = [];
    pendingBytes = 0;
  };
  /** Give the first of the pending lines by itself; the others are to be read again. */
  const giveUp = (take: TakeRow): Line[] => {
    const [first, ...rest] = pending;
    start();
    if (first !== undefined) take(first.bytes, first.number, false);
    return rest;
  };
  const read = (lines: readonly Line[], take: TakeRow) => {
    // The next line is the last one of the stack.
    const stack = [...lines].reverse();
    for (let line = stack.pop(); line !== undefined; line = stack.pop()) {
      readQuotes(quotes, line.bytes);
      pending.push(line);
      pendingBytes += line.bytes.length + 1;
      const fits = pending.length === 1 || (quotes.inOrder && (columns ?? quotes.columns) === quotes.columns);
      const isLong = pendingBytes > MAX_QUOTED_BYTES || pending.length > MAX_QUOTED_LINES;
      if (quotes.open ? isLong : !fits) stack.push(...giveUp(take).reverse());
      else if (!quotes.open) {
        take(joinLines(pending), pending[0]!.number, true);
        start();
      }
    }
  };
  return {
    mark: QUOTE,
    isOpen: () => pending.length > 0,
    add: (bytes, number, take) => read([{ bytes, number }], take),
    end(take) {
      while (pending.length > 0) read(giveUp(take), take);
    },
  };
}

function joinLines(lines: readonly Line[]): Uint8Array {
  if (lines.length === 1) return lines[0]!.bytes;
  return Buffer.concat(lines.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [LINE_END, bytes])));
}

const LINE_END = Buffer.from("\n");

/** What the quotes of a row say so far. */
interface RowQuotes {
  readonly delimiter: number;
  /** True if a quoted field is open. */
  open: boolean;
  /** Columns begun. */
  columns: number;
  /** True if every quote within a quoted field ends it or is doubled. */
  inOrder: boolean;
}

function startRow(delimiter: number): RowQuotes {
  return { delimiter, open: false, columns: 1, inOrder: true };
}

/**
 * Goes on with a row's next line, by papaparse's rules: a quote opens a field if the field begins with it, and closes one if
 * nothing but white space stands between it and a delimiter or line end; two of them are one that means itself.
 */
function readQuotes(quotes: RowQuotes, line: Uint8Array): void {
  const { delimiter } = quotes;
  let at = 0;
  while (at < line.length) {
    if (!quotes.open) {
      if (line[at] === QUOTE) {
        quotes.open = true;
        at += 1;
        continue;
      }
      const next = line.indexOf(delimiter, at);
      if (next < 0) return;
      quotes.columns += 1;
      at = next + 1;
      continue;
    }
    const quote = line.indexOf(QUOTE, at);
    if (quote < 0) return;
    if (line[quote + 1] === QUOTE) {
      at = quote + 2;
      continue;
    }
    let end = quote + 1;
    while (end < line.length && line[end] !== delimiter && isSpace(line[end]!)) end += 1;
    if (end < line.length && line[end] !== delimiter) {
      quotes.inOrder = false;
      at = end;
      continue;
    }
    quotes.open = false;
    if (end < line.length) quotes.columns += 1;
    at = end + 1;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
