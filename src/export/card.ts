/** The card of a folder of tables: `README.md`, with the front matter from which Hugging Face finds the tables. */
import { getEdition } from "../../languages/index.ts";
import { SOURCES } from "../entries/types.ts";
import { formatCounted, formatNumber } from "../numbers.ts";
import type { InputKind } from "../store/builds.ts";
import type { DescribedColumn, ListsManifest, ManifestInput, ManifestList } from "./lists-manifest.ts";

export const CARD = "README.md";

type About = Omit<ListsManifest, "files">;

/** The licence of what Wikimedia publishes, whose files state none; wordnets say theirs. */
const LICENCES: Readonly<Record<Exclude<InputKind, "wordnet" | "vocabulary">, string>> = {
  dump: "CC BY-SA 4.0",
  text: "CC BY-SA 4.0",
  pageviews: "CC0 1.0",
};

/** Licences of wordnets, and their like, that the Hub has a word for; it refuses a card with any other. */
const HUB_LICENCES: ReadonlySet<string> = new Set([
  ...["mit", "apache-2.0", "odc-by", "odbl", "pddl", "gfdl", "lgpl", "lgpl-2.1", "lgpl-3.0", "lgpl-lr"],
  ...["gpl", "gpl-2.0", "gpl-3.0", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0"],
  ...["cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0"],
  ...["cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"],
]);

/** Rows, in the steps by which the Hub sorts datasets. */
const SIZES: readonly (readonly [below: number, name: string])[] = [
  [1e3, "n<1K"],
  [1e4, "1K<n<10K"],
  [1e5, "10K<n<100K"],
  [1e6, "100K<n<1M"],
  [1e7, "1M<n<10M"],
  [1e8, "10M<n<100M"],
  [1e9, "100M<n<1B"],
];

/** The card of tables of such columns. The same tables give the same card: it holds no date but those of its inputs. */
export function cardOf(about: About, columns: readonly DescribedColumn[]): string {
  const { lists, pools } = about;
  const title = titleOf(about);
  return [
    frontMatter(about, title),
    `# ${title}\n`,
    introduce(about),
    `## Loading\n\n${load(lists)}`,
    `## Lists\n\n${formatLists(about)}`,
    `## Columns\n\n${formatColumns(columns)}`,
    ...(pools.length > 0 ? [`## Pools and thresholds\n\n${formatThresholds(about)}`] : []),
    `## How the lists were made\n\n${formatMaking(about)}`,
    `## Licences\n\n${formatLicences(about)}`,
  ].join("\n");
}

function titleOf({ lists }: About): string {
  const editions = [...new Set(lists.flatMap((list) => list.editions))];
  const [only = ""] = editions;
  return editions.length === 1
    ? `CLIP metadata for ${nameOf(only)}`
    : `CLIP metadata for ${editions.length} Wikipedia editions`;
}

function nameOf(edition: string): string {
  return getEdition(edition).name;
}

/** YAML whose every string is quoted, since it takes the Norwegian `no` for a truth value. */
function frontMatter({ lists, inputs }: About, title: string): string {
  const tags = [...new Set(lists.flatMap(({ editions }) => editions.map((code) => getEdition(code).tag as string)))];
  const languages = [...new Set(tags.map((tag) => tag.split("-")[0]!))].sort();
  const details = tags.filter((tag) => tag.includes("-")).sort();
  const licences = [...new Set(inputs.map((input) => licenceIdOf(licenceOf(input))))].sort();
  const other = inputs.filter((input) => licenceIdOf(licenceOf(input)) === "other");
  const entries = lists.reduce((sum, list) => sum + list.entries, 0);
  const size = SIZES.find(([below]) => entries < below)?.[1] ?? "1B<n<10B";
  const strings = (key: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${key}:`, ...values.map((value) => `- ${JSON.stringify(value)}`)];
  return [
    "---",
    `pretty_name: ${JSON.stringify(title)}`,
    ...strings("language", languages),
    ...strings("language_details", details),
    ...strings("license", licences),
    ...otherLicence(other),
    ...strings("size_categories", [size]),
    ...strings("tags", ["metaclip", "clip", "metadata", "wikipedia", "image-text"]),
    "configs:",
    ...lists.flatMap(({ code }) => [
      `- config_name: ${JSON.stringify(code)}`,
      `  data_files: ${JSON.stringify(`${code}.parquet`)}`,
    ]),
    "---\n",
  ].join("\n");
}

/** Licences that the Hub has no word for: their names, and the address of the first. */
function otherLicence(inputs: readonly ManifestInput[]): string[] {
  if (inputs.length === 0) return [];
  const names = [...new Set(inputs.map((input) => wordsOf(licenceOf(input)!) || "other"))];
  const link = inputs.find(({ note }) => note !== undefined && /^https?:\/\//.test(note))?.note;
  return [
    `license_name: ${JSON.stringify(names.sort().join("-and-"))}`,
    ...(link === undefined ? [] : [`license_link: ${JSON.stringify(link)}`]),
  ];
}

function licenceOf({ kind, licence }: ManifestInput): string | undefined {
  return licence ?? (kind === "wordnet" || kind === "vocabulary" ? undefined : LICENCES[kind]);
}

/** What the Hub calls a licence as wordnets write it, such as `CC BY SA 3.0` or `Apache 2.0`. */
function licenceIdOf(licence: string | undefined): string {
  if (licence === undefined) return "unknown";
  const words = wordsOf(licence);
  if (HUB_LICENCES.has(words)) return words;
  if (/^cc0\b/.test(words)) return "cc0-1.0";
  if (/^cc-by\b/.test(words)) return "cc";
  if (/^apache\b.*2/.test(words)) return "apache-2.0";
  return /^odc-by\b/.test(words) ? "odc-by" : "other";
}

/** In small letters and digits, with hyphens and full stops between. */
function wordsOf(licence: string): string {
  return licence
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
}

function introduce({ lists, kind, pools }: About): string {
  const entries = formatCounted(
    lists.reduce((sum, list) => sum + list.entries, 0),
    "row",
  );
  return `Lists of entries (words, phrases and titles), against which image captions are matched to choose and balance training data
for CLIP-style models, as [MetaCLIP](https://github.com/facebookresearch/MetaCLIP) does. Entries come from Wikipedia's text
and its most viewed articles, and from wordnets. Here: ${formatCounted(lists.length, "list")}, ${entries}.

${
  kind === "edition"
    ? "Each list is of one Wikipedia edition; ids are its own."
    : "Each list is of a group: all editions whose captions one label of language identification stands for, with the ids that\nmatching uses."
} An id is a position, so that ids, counts and probabilities of one list
belong together; the list's SHA-256, over its entries with a line feed after each, names it.${
    pools.length > 0 ? " Rows say what pools of captions\nhold of each entry." : ""
  }
`;
}

function load([first]: readonly ManifestList[]): string {
  const code = first?.code ?? "CODE";
  return `Each list is a configuration of its own, named by its code:

    from datasets import load_dataset

    entries = load_dataset("FOLDER", "${code}", split="train")

or, in DuckDB, \`SELECT * FROM '${code}.parquet' ORDER BY id\`.
`;
}

function formatLists({ lists, kind }: About): string {
  const right = ["entries", ...SOURCES];
  return formatRows(
    [kind, "Wikipedia", ...right.map((title) => ({ title })), "SHA-256 of the list"],
    lists.map(({ code, editions, entries, sources, list }) => [
      `\`${code}\``,
      editions.length > 3 ? formatCounted(editions.length, "edition") : editions.map(nameOf).join(", "),
      ...[entries, ...SOURCES.map((source) => sources[source])].map(formatNumber),
      `\`${list}\``,
    ]),
  );
}

function formatColumns(columns: readonly DescribedColumn[]): string {
  const types = { string: "string", strings: "list of strings", float: "float32", double: "float64" } as const;
  const rows = columns.map(({ name, type, nullable, meaning }) => [
    `\`${name}\``,
    `${types[type as keyof typeof types] ?? type}${nullable ? ", or null" : ""}`,
    meaning,
  ]);
  return `${formatRows(["column", "type", "meaning"], rows)}
What a source would say of an entry that it does not bring is null.
`;
}

function formatThresholds({ lists, kind, pools }: About): string {
  const share = (value: number | null | undefined) => (value == null ? "–" : `${(value * 100).toFixed(2)} %`);
  const figure = (value: number | null | undefined) => (value == null ? "–" : formatNumber(value));
  const rows = lists.map(({ code, t, requested, achieved, head, tail, zero, total }) => [
    ...[`\`${code}\``, figure(t), share(requested), share(achieved)],
    ...[head, tail, zero, total].map(figure),
  ]);
  const titles = ["t", "tail's share wanted", "reached", "head", "tail", "without a match", "matches"];
  return `Matches are counted in ${pools.map((pool) => `\`${pool}\``).join(", ")}. Entries with fewer than t matches are the tail; where a share of
all matches is wanted of it, t comes nearest to that. A caption is kept with probability 1 − Π (1 − p) over the entries
that it holds.

${formatRows([kind, ...titles.map((title) => ({ title }))], rows)}`;
}

function formatMaking({ profile, versions, inputs }: About): string {
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = inputs.map((input) => [
    ...[input.kind, input.name ?? "", `\`${input.file}\``, dateOf(input.file) ?? ""],
    input.bytes === undefined ? "" : formatNumber(input.bytes),
    input.sha256 === undefined ? "" : `\`${input.sha256}\``,
    input.licence ?? "",
    input.editions.length > 5 ? formatCounted(input.editions.length, "edition") : input.editions.join(", "),
  ]);
  return `By ${made.join(", ")}, profile \`${profile}\`, from these files; \`manifest.json\` has the same for programs, and \`worldmeta verify\`
checks the folder against it.

${formatRows(["input", "name", "file", "date", { title: "bytes" }, "SHA-256", "licence stated", "editions"], rows)}`;
}

/** The date in a file's name, as Wikimedia writes it: `20260101`, `2026-01-01`, or `202601` for a month. */
function dateOf(file: string): string | undefined {
  const [, year, month, day] = /(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12]\d|3[01]))?(?!\d)/.exec(file) ?? [];
  return year && [year, month, day].filter((part) => part !== undefined).join("-");
}

function formatLicences({ inputs }: About): string {
  const has = (...kinds: readonly InputKind[]) => inputs.some(({ kind }) => kinds.includes(kind));
  const wordnets = inputs
    .filter(({ kind }) => kind === "wordnet")
    .map((input) => {
      const link = input.note === undefined ? "" : ` (<${input.note}>)`;
      return `- ${input.name ?? input.file}${link}: ${input.licence ?? "its file states none"}, for entries and ranks of the source \`wordnet\`.\n`;
    });
  return [
    "A list carries the licences of what it was made from:\n\n",
    ...(has("dump", "text")
      ? [
          `- Wikipedia's text: ${LICENCES.dump}, for entries and counts of the sources \`unigram\`, \`bigram\` and \`title\`. Dumps and extracted text do not state it: see to it that they are Wikipedia's.\n`,
        ]
      : []),
    ...(has("pageviews")
      ? [
          `- Wikimedia's pageviews: ${LICENCES.pageviews}, for \`views\` and the rank of titles; files do not state it either.\n`,
        ]
      : []),
    ...new Set(wordnets),
  ].join("");
}

/** A table; columns of numbers, given as `{ title }`, are set to the right. */
function formatRows(
  titles: readonly (string | { readonly title: string })[],
  rows: readonly (readonly string[])[],
): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`;
  return [
    line(titles.map((title) => (typeof title === "string" ? title : title.title))),
    line(titles.map((title) => (typeof title === "string" ? "---" : "---:"))),
    ...rows.map(line),
  ].join("");
}
