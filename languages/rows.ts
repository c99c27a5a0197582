/** Tables of this folder as rows of cells: one line each, cells separated by tabs, the columns named in the first line. */

export interface Row<Column extends string> {
  /** Number of the line in its file, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** Stops with the place of a faulty cell and what to do about it. */
export function failAt(file: string, line: number, column: string, problem: string): never {
  throw new Error(`${file}, line ${line}, column ${column}: ${problem}`);
}

/**
 * Rows of a table; empty lines are passed over.
 *
 * @param file name of the file, for messages
 * @throws Error that names file, line, column and what to do
 */
export function readRows<Column extends string>(text: string, file: string, columns: readonly Column[]): Row<Column>[] {
  // Spreadsheets put a byte order mark before a table and end its lines with CR LF.
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines[0] !== columns.join("\t")) {
    failAt(file, 1, columns[0] ?? "", `the first line must name the columns, separated by tabs: ${columns.join(" ")}`);
  }
  const rows: Row<Column>[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === "") continue;
    const values = line.split("\t");
    if (values.length !== columns.length) {
      const column = columns[values.length] ?? columns.at(-1) ?? "";
      const wanted = `${columns.length} cells separated by tabs`;
      failAt(
        file,
        index + 1,
        column,
        `the line has ${values.length} cells; make it ${wanted} (an empty cell is allowed)`,
      );
    }
    const cells = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? ""])) as Record<Column, string>;
    for (const column of columns) {
      if (cells[column] !== cells[column].trim()) failAt(file, index + 1, column, "remove the spaces around the cell");
    }
    rows.push({ line: index + 1, cells });
  }
  return rows;
}
