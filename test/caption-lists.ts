/** Real captions, and modest lists for them, made of what the folder of real input has. */
import { readFileSync } from "node:fs";
import { editionsOfGroup, groupOfLabel, OTHER } from "../languages/index.ts";
import { findCaptions, NO_LABEL } from "../scripts/caption-files.ts";
import { convertTopViews, type EditionFiles, findEditionFiles } from "../scripts/edition-inputs.ts";
import { Problems } from "../src/problems.ts";
import { type PoolRow, readPool } from "../src/sources/pool.ts";
import { readWordnet } from "../src/sources/wordnet.ts";
import { sharedData } from "./shared-data.ts";

/** Most entries that a list has of each source. */
const MOST = 10_000;

/** Every caption of the folder, with its label. */
export async function readAllCaptions(folder: string): Promise<(PoolRow & { readonly lang: string })[]> {
  const captions: (PoolRow & { readonly lang: string })[] = [];
  for (const { paths, fields, format, lang } of findCaptions(sharedData("."), folder)) {
    for (const path of paths) {
      for await (const rows of readPool(path, { fields, format, problems: new Problems() })) {
        for (const row of rows) captions.push({ ...row, lang: row.lang ?? lang ?? NO_LABEL });
      }
    }
  }
  return captions;
}

/** By group the texts that lead to it. */
export function textsByGroup(rows: readonly PoolRow[]): ReadonlyMap<string, readonly string[]> {
  const byGroup = new Map<string, string[]>();
  for (const { lang, texts } of rows) {
    const group = groupOfLabel(lang ?? NO_LABEL, "edition") ?? OTHER;
    const known = byGroup.get(group);
    if (known === undefined) byGroup.set(group, [...texts]);
    else known.push(...texts);
  }
  return byGroup;
}

/**
 * A list for each group: numbers, lemmas of its wordnets, titles of its most viewed pages, and what is frequent in some of
 * its captions: words, pairs of words, and for scripts without spaces pieces of up to three letters.
 */
export async function makeCaptionLists(
  byGroup: ReadonlyMap<string, readonly string[]>,
  folder: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = findEditionFiles(sharedData("."));
  const titles = readTitles(convertTopViews(sharedData("."), folder));
  const lists = new Map<string, string[]>();
  for (const [group, texts] of byGroup) {
    const entries = new Set(Array.from({ length: 100 }, (_, number) => String(number)));
    for (const edition of editionsOfGroup(group)) {
      const { wordnets = [] }: Partial<EditionFiles> = files.get(edition.code) ?? {};
      const problems = new Problems();
      for (const path of wordnets.slice(0, 1)) {
        const { lemmas } = await readWordnet(path, { edition, profile: "corrected", problems });
        const step = Math.ceil(lemmas.length / MOST);
        for (const [at, lemma] of lemmas.entries()) if (at % step === 0) entries.add(lemma);
      }
      for (const title of (titles.get(edition.pageviewCode) ?? []).slice(0, MOST)) entries.add(title);
    }
    for (const gram of frequentGrams(texts)) entries.add(gram);
    lists.set(group, [...entries]);
  }
  return lists;
}

function readTitles(path: string): ReadonlyMap<string, readonly string[]> {
  const titles = new Map<string, string[]>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [project = "", title = ""] = line.split(" ");
    const code = project.replace(/\.wikipedia$/, "");
    const known = titles.get(code) ?? [];
    if (known.length === 0) titles.set(code, known);
    known.push(title.replaceAll("_", " "));
  }
  return titles;
}

function frequentGrams(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  const add = (gram: string) => counts.set(gram, (counts.get(gram) ?? 0) + 1);
  for (const text of texts.filter((_, index) => index % 5 === 0)) {
    const words = text.split(/[\s,.:;!?()]+/).filter((word) => word !== "");
    for (const [at, word] of words.entries()) {
      add(word);
      if (at > 0) add(`${words[at - 1]} ${word}`);
    }
    for (const [run] of text.matchAll(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu)) {
      const letters = [...run];
      for (const length of [1, 2, 3]) {
        for (let at = 0; at + length <= letters.length; at++) add(letters.slice(at, at + length).join(""));
      }
    }
  }
  const frequent = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return frequent.slice(0, MOST).map(([gram]) => gram);
}
