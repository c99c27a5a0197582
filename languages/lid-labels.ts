/**
 * What labels of language identification mean: `lid-labels.tsv`, one row per label, one column per labelling scheme,
 * read and checked once, when first asked for.
 *
 * A cell names the LID group that the label means in that scheme, or `other` where the label belongs to the scheme but
 * no edition writes that language in that script. It is empty where the scheme does not have the label. A column per
 * scheme is needed because schemes disagree: `als` is Alemannic in lid.176 and Tosk Albanian in ISO 639-3.
 *
 * The schemes:
 * - `lid.176`: the 176 labels of fastText's model of that name, most of them codes of the Wikipedia editions
 *   that it was trained on.
 * - `iso639-3`: codes of three letters; also the bibliographic and a few collective codes of ISO 639-2, and codes that
 *   were withdrawn. A script or region may follow (`srp-Latn`, `eng-GB`).
 * - `nllb`: labels of FLORES-200 and the NLLB models (`zho_Hans`), and the names that FLORES+ has given to them since.
 * - `edition`: whatever `findEdition` knows (code, pageview code, domain, database, BCP 47 tag), so that `editions.tsv`
 *   decides and a new edition needs no row here; further any BCP 47 tag (`pt-BR`, `zh-Hant-TW`), where a language of
 *   three letters is looked up as ISO 639-3. Two-letter codes (ISO 639-1) belong to this scheme.
 * - `worldmeta`: what `src/lid/identify.ts` answers: lid.176's label where lid.176 has one for the language, else the
 *   code of ISO 639-3, else that of the edition (`nds_nl`).
 *
 * The rules by which the cells were filled:
 * - A code goes to the edition of that language; a macrolanguage's code to the edition that is written in its standard
 *   or is its only one; a member's code to the member's own edition, else to that of the macrolanguage where both are
 *   written alike. Where that is not plain the row's note says why.
 * - Script decides where language does not, since a caption can only match a list in its own script: Serbo-Croatian in
 *   Latin is `sh`, in Cyrillic `sr`. A label in a script that no edition of the language uses (`ace_Arab`, `mni_Beng`)
 *   is `other`, not the list of some other language in that script: chance matches would distort its counts.
 * - Where a label is known to be a misnomer it goes where its texts belong: `kon_Latn`, `tzm_Tfng` and `aka_Latn` by the
 *   changelog of FLORES+ (2.0), `sat_Beng` by the makers of FLORES-200, who confirmed that all their Santali is Ol Chiki.
 */
import { readFileSync } from "node:fs";
import type { LidGroup } from "./define.ts";
import { editionNames, findEdition, listEditions, tablePath } from "./editions.ts";
import { failAt, readRows } from "./rows.ts";

/** Sets of labels that captions may carry, each a column of `lid-labels.tsv`. */
export const LABEL_SCHEMES = ["lid.176", "iso639-3", "nllb", "edition", "worldmeta"] as const;
export type LabelScheme = (typeof LABEL_SCHEMES)[number];

/** Name of the list for captions whose label reaches no group. */
export const OTHER = "other";
export type Other = typeof OTHER;

/** Columns of `lid-labels.tsv`, in order. */
export const LABEL_COLUMNS = ["label", ...LABEL_SCHEMES, "note"] as const;

/** A label as the table writes it, and what it means. */
export interface Meaning {
  readonly label: string;
  readonly group: LidGroup | Other;
}

/** Of each scheme what its labels mean, by folded label. */
export type LabelTable = Readonly<Record<LabelScheme, ReadonlyMap<string, Meaning>>>;

/** What a label looks like in each scheme, and an example. */
const FORMS: Readonly<Record<LabelScheme, readonly [RegExp, string]>> = {
  "lid.176": [/^[a-z]{2,3}$/, "two or three small letters, e.g. yue"],
  "iso639-3": [/^[a-z]{3}(_[A-Z][a-z]{3})?$/, "three small letters, perhaps with a script, e.g. zul or srp_Latn"],
  nllb: [/^[a-z]{3}_[A-Z][a-z]{3}$/, "three small letters and a script, e.g. zho_Hans"],
  edition: [/^[a-z]{2,}(_[A-Za-z]+)*$/, "letters and underscores, e.g. zh_min_nan or sr_Latn"],
  worldmeta: [
    /^[a-z]{2,3}(_[A-Za-z]+)*$/,
    "two or three small letters, perhaps with what else tells the language, e.g. yue or nds_nl",
  ],
};

/** Spelling under which a label is looked up: fastText's prefix is dropped, `-` is `_`, capitals do not matter. */
function foldLabel(label: string): string {
  return label
    .trim()
    .replace(/^__label__/, "")
    .toLowerCase()
    .replaceAll("-", "_");
}

/**
 * Read the text of `lid-labels.tsv` and check every cell.
 *
 * @param file name of the file, for messages
 * @throws Error that names file, line, column and what to do
 */
export function parseLabels(text: string, file: string): LabelTable {
  const groupOf = new Map<string, string>(listEditions().map(({ code, lidGroup }) => [code, lidGroup]));
  const table = {
    "lid.176": new Map<string, Meaning>(),
    "iso639-3": new Map<string, Meaning>(),
    nllb: new Map<string, Meaning>(),
    edition: new Map<string, Meaning>(),
    worldmeta: new Map<string, Meaning>(),
  } satisfies LabelTable;
  const seen = new Map<string, number>();
  for (const { line, cells } of readRows(text, file, LABEL_COLUMNS)) {
    const { label } = cells;
    const folded = foldLabel(label);
    if (!/^[A-Za-z]+(_[A-Za-z]+)*$/.test(label)) {
      failAt(file, line, "label", `"${label}" is not a label; write letters and underscores, e.g. zho_Hans`);
    }
    const earlier = seen.get(folded);
    if (earlier !== undefined) {
      failAt(file, line, "label", `"${label}" stands in line ${earlier} already; join the two lines`);
    }
    seen.set(folded, line);
    if (LABEL_SCHEMES.every((scheme) => cells[scheme] === "")) {
      failAt(file, line, LABEL_SCHEMES[0], `no scheme has "${label}"; fill a cell or remove the line`);
    }
    for (const scheme of LABEL_SCHEMES) {
      const cell = cells[scheme];
      if (cell === "") continue;
      const [form, wanted] = FORMS[scheme];
      if (!form.test(label)) {
        failAt(file, line, scheme, `"${label}" is not spelt as labels of ${scheme} are (${wanted}); empty the cell`);
      }
      if (cell !== OTHER && groupOf.get(cell) !== cell) {
        const leader = groupOf.get(cell);
        const advice = leader === undefined ? `write the code of an edition or ${OTHER}` : `write ${leader}, its group`;
        failAt(file, line, scheme, `"${cell}" is not the code of an edition that leads its own group; ${advice}`);
      }
      const known = scheme === "edition" ? findEdition(label)?.lidGroup : undefined;
      if (known !== undefined && known !== cell) {
        const problem = `"${cell}" contradicts editions.tsv, where "${label}" is of the group ${known}; write ${known}`;
        failAt(file, line, scheme, problem);
      }
      table[scheme].set(folded, { label, group: cell as LidGroup | Other });
    }
  }
  return table;
}

interface Loaded {
  readonly labels: LabelTable;
  /** Of each scheme the labels that reach a group. */
  readonly reaching: Readonly<Record<LabelScheme, ReadonlyMap<LidGroup, readonly string[]>>>;
  /** Of each group, in the order of editions.tsv, the script of its list (ISO 15924). */
  readonly scripts: ReadonlyMap<LidGroup, string>;
}

let loaded: Loaded | undefined;

function load(): Loaded {
  if (loaded !== undefined) return loaded;
  const table = parseLabels(readFileSync(tablePath("lid-labels.tsv"), "utf8"), "languages/lid-labels.tsv");
  const iso = new Map(table["iso639-3"]);
  const edition = new Map(table.edition);
  for (const { code, tag, lidGroup } of listEditions()) {
    edition.set(foldLabel(code), { label: code, group: lidGroup });
    // A language subtag of three letters is the ISO 639-3 code (RFC 5646, 2.2.1): a new edition needs no row for it.
    if (/^[a-z]{3}$/.test(tag) && !iso.has(tag)) iso.set(tag, { label: tag, group: lidGroup });
  }
  const labels = { ...table, "iso639-3": iso, edition };
  const leaders = listEditions().filter(({ code, lidGroup }) => (code as string) === lidGroup);
  loaded = {
    labels,
    reaching: {
      "lid.176": labelsByGroup(labels["lid.176"]),
      "iso639-3": labelsByGroup(labels["iso639-3"]),
      nllb: labelsByGroup(labels.nllb),
      edition: labelsByGroup(labels.edition),
      worldmeta: labelsByGroup(labels.worldmeta),
    },
    scripts: new Map(leaders.map(({ lidGroup, script }) => [lidGroup, script])),
  };
  return loaded;
}

function labelsByGroup(meanings: ReadonlyMap<string, Meaning>): ReadonlyMap<LidGroup, readonly string[]> {
  const labels = new Map<LidGroup, string[]>();
  for (const { label, group } of meanings.values()) {
    if (group === OTHER) continue;
    const list = labels.get(group);
    if (list === undefined) labels.set(group, [label]);
    else list.push(label);
  }
  for (const list of labels.values()) list.sort();
  return labels;
}

/** Names of scripts, in small letters, for what lists of a script are written in as well (ISO 15924). */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  Hani: ["hans", "hant", "hanb"],
  Jpan: ["hani", "hira", "kana", "hrkt"],
  Kore: ["hang"],
};

/**
 * What a label means under a scheme: the group whose list its captions are matched against, {@link OTHER} where the
 * table says that there is none, or undefined where it does not know the label.
 *
 * Labels are folded: `__label__` before them is dropped, hyphens are underscores, capitals do not matter. Under
 * `iso639-3` and `edition` a script, region and variants may follow as in BCP 47; a script that the edition is not
 * written in makes the label `other`, unless the table has a row for the two together (`srp_Latn`).
 */
export function groupOfLabel(label: string, scheme: LabelScheme): LidGroup | Other | undefined {
  const folded = foldLabel(label);
  if (scheme === "iso639-3" || scheme === "edition") return groupOfTag(folded.split("_"), scheme);
  return load().labels[scheme].get(folded)?.group;
}

/** Groups that some label of the scheme reaches, in the order of `editions.tsv`. */
export function groupsNamed(scheme: LabelScheme): readonly LidGroup[] {
  const { reaching, scripts } = load();
  return [...scripts.keys()].filter((group) => reaching[scheme].has(group));
}

/** Groups that no label of the scheme reaches, in the order of `editions.tsv`; their lists are the scheme's `other`. */
export function otherGroups(scheme: LabelScheme): readonly LidGroup[] {
  const { reaching, scripts } = load();
  return [...scripts.keys()].filter((group) => !reaching[scheme].has(group));
}

/** Labels of the scheme that reach a group, as the table writes them, in the order of their letters. */
export function labelsOfGroup(group: LidGroup, scheme: LabelScheme): readonly string[] {
  return load().reaching[scheme].get(group) ?? [];
}

/**
 * Every label that a scheme knows by itself, in the spelling under which it is looked up, with what it means. Under
 * `edition` a name that is not among them is looked up as one of `iso639-3`.
 */
export function knownLabels(scheme: LabelScheme): ReadonlyMap<string, LidGroup | Other> {
  const names =
    scheme === "edition" ? [...editionNames()].map(([name, { lidGroup }]) => [name, lidGroup] as const) : [];
  const labels = [...load().labels[scheme]].map(([label, { group }]) => [label, group] as const);
  return new Map<string, LidGroup | Other>([...names, ...labels]);
}

/** Scripts, in small letters, that a tag may name after a label of the group (ISO 15924). */
export function scriptsOfGroup(group: LidGroup): readonly string[] {
  const script = load().scripts.get(group);
  return script === undefined ? [] : [script.toLowerCase(), ...(FITTING[script] ?? [])];
}

/** The longest beginning of a tag that is known decides, if what follows it may follow a language. */
function groupOfTag(subtags: readonly string[], scheme: "iso639-3" | "edition"): LidGroup | Other | undefined {
  for (let length = subtags.length; length > 0; length--) {
    const group = groupOfName(subtags.slice(0, length).join("_"), scheme);
    if (group === undefined) continue;
    const rest = subtags.slice(length);
    // `zh-cmn-Hans`: an extended language is the language itself (RFC 5646, 2.2.2).
    if (length === 1 && /^[a-z]{3}$/.test(rest[0] ?? "")) return groupOfTag(rest, scheme);
    if (!mayFollow(rest)) return undefined;
    const script = /^[a-z]{4}$/.test(rest[0] ?? "") ? rest[0] : undefined;
    if (group === OTHER || script === undefined) return group;
    return scriptsOfGroup(group).includes(script) ? group : OTHER;
  }
  return undefined;
}

function groupOfName(name: string, scheme: "iso639-3" | "edition"): LidGroup | Other | undefined {
  const { labels } = load();
  const iso = labels["iso639-3"].get(name)?.group;
  if (scheme === "iso639-3") return iso;
  return labels.edition.get(name)?.group ?? editionNames().get(name)?.lidGroup ?? iso;
}

/** Whether subtags may follow a language (RFC 5646, 2.1): a script, a region, variants, extensions, in this order. */
function mayFollow(subtags: readonly string[]): boolean {
  const order = [/^[a-z]{4}$/, /^([a-z]{2}|\d{3})$/, /^([a-z0-9]{5,8}|\d[a-z0-9]{3})$/];
  let stage = 0;
  for (const subtag of subtags) {
    // A single letter or digit begins an extension or private use, whose subtags say nothing about the language.
    if (/^[a-z0-9]$/.test(subtag)) return true;
    while (stage < order.length && order[stage]?.test(subtag) !== true) stage++;
    if (stage === order.length) return false;
    // One script and one region; variants may be several.
    if (stage < 2) stage++;
  }
  return true;
}
