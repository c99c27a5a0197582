/** HTML and SVG from templates that escape whatever is put into them. */

/** Markup that is safe to put into other markup. */
export interface Markup {
  readonly markup: string;
}

/** What a template takes: texts and numbers are escaped, markup is not, rows are joined; nothing stands for nothing. */
export type Part = string | number | Markup | undefined | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that neither HTML nor XML may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text as it stands in markup, also in a quoted attribute; what cannot stand there becomes U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"']/g, (mark) => ESCAPES[mark] ?? "");
}

/** Markup of a template. Attributes that take parts stand in double quotes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.map((text, at) => text + (at < parts.length ? show(parts[at]) : "")).join("") };
}

/** Markup that was made elsewhere. */
export function trust(text: string): Markup {
  return { markup: text };
}

function show(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(show).join("");
}
