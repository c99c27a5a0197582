/** Tables as Parquet files, row group by row group. */
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";

/** What a column holds. */
export type ParquetType = "string" | "int32" | "int64" | "float" | "double" | "int32s" | "strings";

/** A column of a table. */
export interface ParquetColumn {
  readonly name: string;
  /** `int32s` and `strings` are lists. */
  readonly type: ParquetType;
  /** True if rows may have none (null). */
  readonly nullable?: boolean;
}

/** Rows as their columns' values, in the order of the columns; of `int64` as BigInt, where there is none null. */
export type ParquetValues = readonly unknown[][];

/** How a table is written. */
export interface ParquetOptions {
  readonly columns: readonly ParquetColumn[];
  /** What the file says of itself beside its rows. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const ELEMENTS: Readonly<Record<ParquetType, Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  strings: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  int32: { type: "INT32" },
  int32s: { type: "INT32" },
  int64: { type: "INT64" },
  float: { type: "FLOAT" },
  double: { type: "DOUBLE" },
};

/** A table that is written as it grows. */
export interface ParquetTable {
  /** Adds rows, at least one, as a row group; gives the bytes to append to the file. */
  add(values: ParquetValues): Uint8Array;
  /** Gives the last bytes. */
  end(): Uint8Array;
}

/** Starts a table, compressed with Snappy; of it one row group is in memory at a time. The same rows give the same bytes. */
export function createParquetTable({ columns, metadata = {} }: ParquetOptions): ParquetTable {
  const writer = new ByteWriter();
  const schema = [{ name: "root", num_children: columns.length }, ...columns.flatMap(toElements)];
  const kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const parquet = new ParquetWriter({ writer, schema, kvMetadata, createdBy: "worldmeta" });
  const take = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    add(values) {
      const rowGroupSize = values[0]!.length;
      parquet.write({ columnData: columns.map(({ name }, at) => ({ name, data: values[at]! })), rowGroupSize });
      return take();
    },
    end() {
      parquet.finish();
      return take();
    },
  };
}

/** A table as the bytes of a file, a row group for each batch; batches without rows are left out. */
export function* parquetChunks(options: ParquetOptions, batches: Iterable<ParquetValues>): Generator<Uint8Array> {
  const table = createParquetTable(options);
  for (const values of batches) if ((values[0]?.length ?? 0) > 0) yield table.add(values);
  yield table.end();
}

function toElements({ name, type, nullable = false }: ParquetColumn): SchemaElement[] {
  const element = ELEMENTS[type];
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  if (type !== "int32s" && type !== "strings") return [{ name, ...element, repetition_type }];
  return [
    { name, converted_type: "LIST", repetition_type, num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", ...element, repetition_type: "REQUIRED" },
  ];
}
