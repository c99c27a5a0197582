/** Pools as Parquet files. */
import { UserError } from "../errors.ts";
import type { Problems } from "../problems.ts";
import type { ParquetFile, ParquetLeaf } from "./parquet-columns.ts";
import { DamagedText } from "./parquet-texts.ts";
import { findFields, listNames } from "./pool-fields.ts";
import {
  makeRow,
  type OpenPool,
  type PoolBatch,
  type PoolField,
  type PoolFields,
  type PoolHead,
  type PoolKind,
  type PoolRow,
  type RowsOptions,
} from "./pool-kind.ts";

/**
 * Parquet. A field is named by its column or by the path to it through structs, lists and maps (`a.b`, `texts`,
 * `texts.text`, `captions.value`); the texts of a row are all that its column holds there, in their order. Only the columns of the
 * fields are read, page by page.
 *
 * A piece is a row group: rows cannot be read from the middle of one without what stands before them. Row groups that follow
 * one another and are smaller than `PoolShare.groups` groups of 512 rows are one piece together, as many as it takes to
 * reach that number of rows; a larger one is a piece of its own, however large.
 */
export const PARQUET: PoolKind = { format: "parquet", matches: ({ magic }) => /^PAR[1E]/.test(magic), open };

/** Rows that are given at once. */
const BATCH_ROWS = 512;

async function open(head: PoolHead, given: PoolFields): Promise<OpenPool> {
  // The decompressors take a tenth of a second to load, in each thread.
  const { openParquet } = await import("./parquet-columns.ts");
  const file = await openParquet(head.path, head.name);
  await file.close();
  const fields = findLeaves(head, { given, leaves: file.leaves });
  return {
    fields,
    async *read(options) {
      const opened = await openParquet(head.path, head.name);
      try {
        yield* readPieces(opened, { ...options, name: head.name, fields });
      } finally {
        await opened.close();
      }
    },
  };
}

type LeafNames = Readonly<Record<PoolField, string | undefined>> & { readonly text: string };

function findLeaves(
  head: PoolHead,
  { given, leaves }: { readonly given: PoolFields; readonly leaves: readonly ParquetLeaf[] },
): LeafNames {
  const names = leaves.map(({ name }) => name);
  const found = findFields(head, given, {
    names,
    has: (name) => leafOf(leaves, name) !== undefined,
    describe: `its columns are ${listNames(names)}`,
  });
  const single = (field: PoolField) => {
    const name = found[field];
    if (name === undefined || leafOf(leaves, name)?.repeated !== true) return name;
    if (given[field] === undefined) return undefined;
    throw new UserError(`${head.name}: the column ${name} has lists; name one that has one ${WORDS[field]} a row`);
  };
  return { text: found.text, id: single("id"), lang: single("lang"), url: single("url") };
}

const WORDS: Readonly<Record<PoolField, string>> = { text: "text", id: "id", lang: "language", url: "address" };

function leafOf(leaves: readonly ParquetLeaf[], name: string): ParquetLeaf | undefined {
  return leaves.find((leaf) => leaf.name === name) ?? leaves.find((leaf) => leaf.fullName === name);
}

/** The number of the piece that each row group belongs to. */
function listPieces({ groups }: ParquetFile, rowsAPiece: number): number[] {
  let piece = 0;
  let rows = 0;
  return groups.map((group) => {
    if (rows >= rowsAPiece) {
      piece += 1;
      rows = 0;
    }
    rows += group.rows;
    return piece;
  });
}

interface Reading extends RowsOptions {
  readonly name: string;
  readonly fields: LeafNames;
}

async function* readPieces(
  file: ParquetFile,
  { name, fields, share, problems, onBytes }: Reading,
): AsyncGenerator<PoolBatch> {
  const pieces = listPieces(file, (share.groups ?? 1) * BATCH_ROWS);
  const without = new Set(share.without);
  // A row group is told as its part of the whole file, by what its columns take, so that all shares tell all of it.
  const packed = file.groups.reduce((sum, { bytes }) => sum + bytes, 0);
  let told = 0;
  const tellTo = (sum: number) => {
    const to = packed === 0 ? file.bytes : Math.floor((sum / packed) * file.bytes);
    if (to > told) onBytes?.(to - told);
    told = to;
  };
  if (packed === 0 && share.index === 0) tellTo(0);

  let row = 0;
  let bytes = 0;
  for (const [at, group] of file.groups.entries()) {
    const piece = pieces[at]!;
    if (piece % share.of === share.index) {
      told = packed === 0 ? 0 : Math.floor((bytes / packed) * file.bytes);
      let done = 0;
      const batches = without.has(piece) ? [] : readGroup(file, { group: at, fields });
      for await (const { count, text, id, url, lang } of batches) {
        const rows: PoolRow[] = [];
        for (let index = 0; index < count; index++) {
          const number = row + done + index + 1;
          const where = () => `${name}: row ${number}`;
          const take = (value: unknown) => takeValue(value, problems, where);
          const own = cellOf(id, index);
          const raw = {
            id: take(own),
            numericId: typeof own === "number" || typeof own === "bigint",
            url: take(cellOf(url, index)),
            lang: take(cellOf(lang, index)),
            text: take(cellOf(text, index)),
          };
          rows.push(makeRow(raw, problems, where));
        }
        done += count;
        tellTo(bytes + (group.bytes * done) / group.rows);
        yield { piece, rows };
      }
      tellTo(bytes + group.bytes);
    }
    row += group.rows;
    bytes += group.bytes;
  }
}

function takeValue(value: unknown, problems: Problems, where: () => string): unknown {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map((item) => takeValue(item, problems, where));
  if (!(value instanceof DamagedText)) return value;
  problems.add("W103", where());
  return value.text;
}

/** A column that is being read: the rows of a page, and the first that was not given yet. */
interface Cursor {
  readonly pages: AsyncGenerator<readonly unknown[]>;
  values: readonly unknown[];
  at: number;
}

function cellOf(cursor: Cursor | undefined, index: number): unknown {
  return cursor?.values[cursor.at + index];
}

type Cursors = Readonly<Record<PoolField, Cursor | undefined>>;

/** The rows of a row group, `count` at a time from where the cursors stand. */
async function* readGroup(
  file: ParquetFile,
  { group, fields }: { readonly group: number; readonly fields: LeafNames },
): AsyncGenerator<Cursors & { readonly count: number }> {
  const openCursor = (field: PoolField): Cursor | undefined => {
    const name = fields[field];
    const leaf = name === undefined ? undefined : leafOf(file.leaves, name);
    return leaf && { pages: file.read(group, leaf), values: [], at: 0 };
  };
  const cursors = { text: openCursor("text"), id: openCursor("id"), lang: openCursor("lang"), url: openCursor("url") };
  const open = Object.values(cursors).filter((cursor) => cursor !== undefined);
  try {
    for (let left = file.groups[group]!.rows; left > 0; ) {
      let count = Math.min(left, BATCH_ROWS);
      for (const cursor of open) {
        while (cursor.at === cursor.values.length) {
          const { value } = await cursor.pages.next();
          cursor.values = value;
          cursor.at = 0;
        }
        count = Math.min(count, cursor.values.length - cursor.at);
      }
      yield { ...cursors, count };
      for (const cursor of open) cursor.at += count;
      left -= count;
    }
  } finally {
    for (const { pages } of open) await pages.return(undefined);
  }
}
