/** What the pages of a report are put together from. */
import { type Markup, markup, type Part, trust } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** A column of a table. */
export interface PageColumn {
  readonly title: Part;
  /** Numbers stand at the end of their cell. */
  readonly kind?: "number" | "text" | "entry";
}

/** A page. */
export interface Page {
  readonly title: string;
  readonly nav?: Part;
  readonly body: Part;
  readonly version: string;
}

/** A page as a file. */
export function toPage({ title, nav, body, version }: Page): string {
  return markup`<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="worldmeta ${version}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${trust(PAGE_STYLE)}
</style>
</head>
<body>
${nav === undefined ? undefined : markup`<nav aria-label="Pages">${nav}</nav>\n`}<main>
${body}
</main>
<footer>Written by worldmeta ${version}. Matches: texts that hold an entry, summed over entries. Head: entries with at least t matches; tail: with fewer, but some.</footer>
</body>
</html>
`.markup;
}

/** Cells in rows; the first of each row names it. */
export interface PageTable {
  readonly name: string;
  readonly caption?: Part;
  readonly columns: readonly PageColumn[];
  readonly rows: readonly (readonly Part[])[];
  /** True if the last row sums up the others. */
  readonly hasSum?: boolean;
}

/** A table that scrolls on its own where it is too wide. */
export function toTable({ name, caption, columns, rows, hasSum = false }: PageTable): Markup {
  const kind = (at: number) => columns[at]?.kind ?? "number";
  const row = (cells: readonly Part[], at: number) =>
    markup`<tr${hasSum && at === rows.length - 1 ? trust(' class="sum"') : undefined}>${cells.map((cell, column) =>
      column === 0
        ? markup`<th scope="row" class="${kind(column)}">${cell}</th>`
        : markup`<td class="${kind(column)}">${cell}</td>`,
    )}</tr>\n`;
  return markup`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
<table>
${caption === undefined ? undefined : markup`<caption><span>${caption}</span></caption>\n`}<thead><tr>${columns.map(
    ({ title }, at) => markup`<th scope="col" class="${kind(at)}">${title}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(row)}</tbody>
</table>
</div>
`;
}

/** A chart with what it shows and the files of its data. */
export function toFigure({
  chart,
  caption,
  files,
}: {
  readonly chart: Markup;
  readonly caption: Part;
  readonly files: readonly string[];
}): Markup {
  return markup`<figure>
<div class="scroll">${chart}</div>
<figcaption>${caption} ${toFileLinks(files)}</figcaption>
</figure>
`;
}

/** Links to files beside the page. */
export function toFileLinks(files: readonly string[]): Markup {
  const kindOf = (file: string) => file.slice(file.lastIndexOf(".") + 1).toUpperCase();
  const links = files.map((file, at) => [
    at > 0 ? " · " : "",
    markup`<a href="${encodeURI(file)}">${kindOf(file)}</a>`,
  ]);
  return markup`<span class="files">${links}</span>`;
}

/** Figures with their names, and a remark below. */
export function toFigures(figures: readonly (readonly [name: string, value: Part, remark?: Part])[]): Markup {
  return markup`<dl class="figures">
${figures.map(
  ([name, value, remark]) =>
    markup`<div><dt>${name}</dt><dd>${value}${remark === undefined ? undefined : markup` <small>${remark}</small>`}</dd></div>\n`,
)}</dl>
`;
}

/** What to be careful about. */
export function toCautions(cautions: readonly string[]): Markup | undefined {
  if (cautions.length === 0) return undefined;
  return markup`<div class="caution" role="note">${cautions.map((caution) => markup`<p>${keepTogether(caution)}</p>`)}</div>\n`;
}

/** A sentence whose percentages and equations stay in one line. */
export function keepTogether(text: string): string {
  return text.replace(/(?<=\d) (?=%)|(?<=\bt) (?==)|(?<==) (?=\d)/g, "\u00a0");
}

/** Text of whatever language and direction, kept apart from the line that it stands in. */
export function toBdi(text: string, tag: string | undefined): Markup {
  const lang = tag === undefined ? undefined : markup` lang="${tag}"`;
  // A mark without a letter before it would join what stands before the cell's text.
  const mark = /^\p{M}/u.test(text) ? trust(' class="mark"') : undefined;
  return markup`<bdi dir="auto"${lang}${mark}>${text}</bdi>`;
}
