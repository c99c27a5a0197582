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

/**
 * A table as the bytes of a Parquet file, compressed with Snappy. Each batch becomes a row group, of which one is in memory
 * at a time; a table may have none.
 */
export function* parquetChunks(
  { columns, metadata = {} }: ParquetOptions,
  batches: Iterable<ParquetValues>,
): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const schema = [{ name: "root", num_children: columns.length }, ...columns.flatMap(toElements)];
  const kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  // Without a version: the same table gives the same bytes.
  const parquet = new ParquetWriter({ writer, schema, kvMetadata, createdBy: "worldmeta" });
  const take = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  for (const values of batches) {
    const rows = values[0]?.length ?? 0;
    if (rows === 0) continue;
    parquet.write({ columnData: columns.map(({ name }, at) => ({ name, data: values[at]! })), rowGroupSize: rows });
    yield take();
  }
  parquet.finish();
  yield take();
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
