/** What is in Parquet files, as far as checking them needs. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";

/** Rows of a file, as its footer says. Throws if the file cannot be read. */
export async function countParquetRows(path: string): Promise<number> {
  return Number((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows);
}

/** The values of a column, row group by row group. Throws if the file cannot be read or has no such column. */
export async function* readParquetColumn(path: string, name: string): AsyncGenerator<unknown> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    for (const row of await parquetReadObjects({ file, metadata, columns: [name], rowStart, rowEnd })) yield row[name];
    rowStart = rowEnd;
  }
}
