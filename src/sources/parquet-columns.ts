/**
 * Columns of Parquet files, page by page. hyparquet reads a footer; which pages are read, and that no more than one of each
 * column is in memory, is said here: its `parquetRead` holds all pages of a row group, which may be the file.
 */
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import {
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaTree,
} from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { UserError } from "../errors.ts";
import { createPageReader } from "./parquet-pages.ts";

/** A column of values, which may stand within lists, maps and structs. */
export interface ParquetLeaf {
  /** Names from the outermost inwards with dots between, without those that only make a list or a map: `texts`, `a.b`. */
  readonly name: string;
  /** The same with all names: `texts.list.element`. */
  readonly fullName: string;
  /** True if a row may hold several values. */
  readonly repeated: boolean;
  readonly path: readonly SchemaTree[];
}

/** Rows that lie together in a file, column by column. */
export interface ParquetGroup {
  readonly rows: number;
  /** Bytes of all its columns, as they are packed. */
  readonly bytes: number;
}

/** A file that is open. */
export interface ParquetFile {
  /** Of the whole file. */
  readonly bytes: number;
  readonly leaves: readonly ParquetLeaf[];
  readonly groups: readonly ParquetGroup[];
  /**
   * Reads the values of a column in a row group, some at a time, one for each row: null where there is none, an
   * array of all that stand in the row where the column is `repeated`. Whole numbers are numbers or, of 64 bits, BigInt;
   * texts are strings, or `DamagedText` where bytes are no UTF-8.
   *
   * Throws `UserError` if the data is damaged or encrypted, or packed or encoded in a way that is not read.
   */
  read(group: number, leaf: ParquetLeaf): AsyncGenerator<readonly unknown[]>;
  close(): Promise<void>;
}

const MAGIC = "PAR1";
/** Of a file whose footer is encrypted. */
const ENCRYPTED = "PARE";
const SAVED = "download or copy the file again";

/**
 * Opens a Parquet file by its footer. Throws `UserError` for one that is cut off, damaged, encrypted or none.
 *
 * @param name what messages call it
 */
export async function openParquet(path: string, name: string): Promise<ParquetFile> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const slice = (from: number, to = size) => readBytes(handle, from, to);
    const [head, tail] = [await slice(0, Math.min(4, size)), await slice(Math.max(0, size - 4))].map(toLatin);
    if (head === ENCRYPTED || tail === ENCRYPTED) throw new UserError(`${name}: is encrypted; decrypt it first`);
    if (head !== MAGIC)
      throw new UserError(`${name}: does not begin as a Parquet file does; if it is compressed, unpack it first`);
    if (tail !== MAGIC || size < 12) throw new UserError(`${name}: the Parquet file ends too early; ${SAVED}`);
    const file = { byteLength: size, slice: async (from: number, to?: number) => (await slice(from, to)).buffer };
    try {
      const metadata = await parquetMetadataAsync(file, { geoparquet: false });
      return openColumns({ handle, size, name, metadata });
    } catch (error) {
      const { message } = error as Error;
      throw new UserError(`${name}: the footer of the Parquet file is damaged (${message}); ${SAVED}`);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function openColumns({ handle, size, name, metadata }: OpenFile): ParquetFile {
  const leaves = listLeaves(parquetSchema(metadata));
  const groups = metadata.row_groups.map(({ num_rows, columns }) => ({
    rows: Number(num_rows),
    bytes: columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0), 0),
  }));
  return {
    ...{ bytes: size, leaves, groups },
    async *read(group, leaf) {
      try {
        let rows = 0;
        for await (const values of readRows({ handle, size, chunk: findChunk(metadata, { group, leaf }), leaf })) {
          rows += values.length;
          yield values;
        }
        if (rows !== groups[group]!.rows) throw new Error(`${rows} rows where there should be ${groups[group]!.rows}`);
      } catch (error) {
        // Of damaged bytes anything may come, as a length that no array can have.
        if (!(error instanceof Error)) throw error;
        const place = `row group ${group + 1}, column ${leaf.name}`;
        if (error instanceof UserError) throw new UserError(`${name}: ${error.message} (${place})`);
        throw /unsupported/.test(error.message)
          ? new UserError(`${name}: ${error.message} (${place}); write it anew, e.g. with PyArrow`)
          : new UserError(`${name}: damaged Parquet data (${place}: ${error.message}); ${SAVED}`);
      }
    },
    close: () => handle.close(),
  };
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly name: string;
  readonly metadata: FileMetaData;
}

function toLatin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

async function readBytes(handle: FileHandle, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Math.max(0, to - from));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) throw new Error(`the file ends before byte ${to}`);
    length += bytesRead;
  }
  return bytes;
}

/** The columns that have values, in the order of the file. */
function listLeaves(root: SchemaTree): ParquetLeaf[] {
  const leaves: ParquetLeaf[] = [];
  const visit = (node: SchemaTree, names: readonly string[], path: readonly SchemaTree[]) => {
    if (node.children.length > 0) {
      for (const child of node.children) {
        visit(child, isStructural(child, path) ? names : [...names, child.element.name], [...path, child]);
      }
      return;
    }
    const fullName = node.path.join(".");
    const repeated = path.some(({ element }) => element.repetition_type === "REPEATED");
    leaves.push({ name: names.join("."), fullName, repeated, path });
  };
  visit(root, [], [root]);
  return leaves;
}

/**
 * True if a node is there only to make a list or a map of what it stands in: the repeated node in one, and in a list the
 * only child of that (the format's rules for `LIST` and `MAP`, also as older writers have them).
 */
function isStructural(node: SchemaTree, path: readonly SchemaTree[]): boolean {
  const [parent, grandparent] = [path.at(-1)!, path.at(-2)];
  const makes = (what: "LIST" | "MAP", { element }: SchemaTree) =>
    element.logical_type?.type === what || element.converted_type === what;
  if (node.element.repetition_type === "REPEATED") return makes("LIST", parent) || makes("MAP", parent);
  const isOnly = parent.element.repetition_type === "REPEATED" && parent.children.length === 1;
  return isOnly && grandparent !== undefined && makes("LIST", grandparent);
}

function findChunk(
  metadata: FileMetaData,
  { group, leaf }: { readonly group: number; readonly leaf: ParquetLeaf },
): ColumnMetaData {
  const { columns } = metadata.row_groups[group]!;
  const column = columns.find(({ meta_data }) => meta_data?.path_in_schema.join(".") === leaf.fullName);
  // Of a column that is encrypted with a key of its own not even its name can be read.
  const isEncrypted = ({ crypto_metadata }: (typeof columns)[number]) => crypto_metadata !== undefined;
  if (column === undefined ? columns.some(isEncrypted) : isEncrypted(column))
    throw new UserError("the column is encrypted; decrypt it first");
  if (column?.meta_data === undefined) throw new Error("the column is not there");
  if (column.file_path !== undefined && column.file_path !== "")
    throw new UserError(`the column is in another file, ${column.file_path}; give files that have all columns`);
  return column.meta_data;
}

interface Chunk {
  readonly handle: FileHandle;
  readonly size: number;
  readonly chunk: ColumnMetaData;
  readonly leaf: ParquetLeaf;
}

async function* readRows({ handle, size, chunk, leaf }: Chunk): AsyncGenerator<readonly unknown[]> {
  // A dictionary stands before the pages, whether the file says so or not.
  const offsets = [chunk.data_page_offset, chunk.dictionary_page_offset ?? 0n].filter((offset) => offset > 0n);
  const pages = createPages({ handle, size, from: Number(offsets.reduce((a, b) => (a < b ? a : b))) });
  const reader = createPageReader(chunk, leaf.path);
  for (let left = Number(chunk.num_values); left > 0; ) {
    const { header, bytes } = await pages.next();
    const values = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
    // As many are made room for, also where it is damage that says so.
    if (!(values >= 0 && values <= left)) throw new Error(`a page of ${values} values where ${left} are left`);
    yield* reader.read(header, bytes);
    left -= values;
  }
  yield reader.end();
}

/** What is read of a file at once; pages are a megabyte by default in most writers, and far less where columns are short. */
const READ_BYTES = 1 << 18;
/** Longest page; a length beyond is no length. */
const MAX_PAGE_BYTES = 1 << 30;
const MAX_HEADER_BYTES = 16 << 20;

/** The pages of a column one after the other, each by its header and its bytes. */
function createPages({
  handle,
  size,
  from,
}: {
  readonly handle: FileHandle;
  readonly size: number;
  readonly from: number;
}) {
  let window = new Uint8Array(0);
  let at = 0;
  let end = from;
  /** Have so many bytes in the window, or what the file has. */
  const fill = async (bytes: number) => {
    if (window.length - at >= bytes) return;
    const rest = window.subarray(at);
    const to = Math.min(size, end + Math.max(bytes - rest.length, READ_BYTES));
    const more = await readBytes(handle, end, to);
    end = to;
    window = new Uint8Array(rest.length + more.length);
    window.set(rest);
    window.set(more, rest.length);
    at = 0;
  };
  const readHeader = async () => {
    for (let bytes = READ_BYTES / 4; ; bytes *= 4) {
      await fill(bytes);
      const reader = { view: new DataView(window.buffer, at), offset: 0 };
      try {
        const header = parquetHeader(reader);
        at += reader.offset;
        return header;
      } catch (error) {
        // It holds the least and the greatest value, which may be long.
        if (window.length - at < bytes || bytes > MAX_HEADER_BYTES) throw error;
      }
    }
  };
  return {
    async next() {
      const header = await readHeader();
      const { compressed_page_size: length, uncompressed_page_size: unpacked, crc } = header;
      if (!(length >= 0 && length <= MAX_PAGE_BYTES && unpacked >= 0 && unpacked <= MAX_PAGE_BYTES))
        throw new Error(`a page of ${length} bytes`);
      await fill(length);
      const bytes = window.subarray(at, at + length);
      if (bytes.length < length) throw new Error("the file ends in a page");
      at += length;
      if (crc !== undefined && crc32(bytes) !== crc >>> 0) throw new Error("the checksum of a page is wrong");
      return { header, bytes };
    },
  };
}
