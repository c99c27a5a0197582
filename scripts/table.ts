/** Tables of the measuring scripts. */
import stringWidth from "string-width";

/** The rows as aligned lines under their titles: the first column to the left, the others to the right. */
export function formatRows(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [titles, ...rows.map((row) => row.map(String))];
  const widths = titles.map((_, column) => Math.max(...texts.map((row) => stringWidth(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    titles
      .map((_, column) => {
        const text = row[column] ?? "";
        const padding = " ".repeat((widths[column] ?? 0) - stringWidth(text));
        return column === 0 ? text + padding : padding + text;
      })
      .join("  ")
      .trimEnd();
  return texts.map(line).join("\n");
}
