/**
 * Text → how far it is from each language of franc-all, by its lists of trigrams.
 *
 * The numbers are those of `francAll` before it ranks and scales them: over the distinct trigrams of a text the difference
 * between how often each occurs and its place in a language's list, or 300 where it is not in the list (Cavnar and Trenkle
 * 1994, as franc has it). franc looks every trigram up in every language; here one look-up tells all languages that list a
 * trigram.
 */
import { data } from "franc-all/data.js";
import type { Script } from "./scripts.ts";

/** Names of scripts in franc's data, of those in which it knows more than one language. */
const FRANC_SCRIPTS = new Map<Script, string>([
  ["latn", "Latin"],
  ["cyrl", "Cyrillic"],
  ["arab", "Arabic"],
  ["deva", "Devanagari"],
  ["mymr", "Myanmar"],
  ["ethi", "Ethiopic"],
  ["tibt", "Tibetan"],
  ["hebr", "Hebrew"],
  ["cans", "Canadian_Aboriginal"],
]);
/** What a trigram adds that a language does not list. */
export const MOST_DISTANCE = 300;
const LONGEST = 2048;

/** Distances of a text from the languages of its script. */
export interface TrigramDistances {
  /** ISO 639-3, in franc's order. */
  readonly languages: readonly string[];
  /** Of each language, 0 to 300 a trigram: franc's own distance. */
  readonly distances: Float64Array;
  /** Distinct trigrams of the text. */
  readonly trigrams: number;
}

interface Lists {
  readonly languages: readonly string[];
  /** Of each trigram the languages that list it, by number, each followed by the trigram's place in its list. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

const listsOf = new Map<Script, Lists>();

/** Languages that franc tells apart in a script (ISO 639-3); empty where it knows one or none. */
export function trigramLanguages(script: Script): readonly string[] {
  return listsOfScript(script)?.languages ?? [];
}

/** Distances of a text from the languages that franc tells apart in a script; undefined where it knows one or none. */
export function measureTrigrams(text: string, script: Script): TrigramDistances | undefined {
  const lists = listsOfScript(script);
  if (lists === undefined) return undefined;
  const counts = countTrigrams(text.slice(0, LONGEST));
  const distances = new Float64Array(lists.languages.length).fill(MOST_DISTANCE * counts.size);
  for (const [trigram, count] of counts) {
    const places = lists.places.get(trigram);
    if (places === undefined) continue;
    for (let at = 0; at < places.length; at += 2) {
      distances[places[at]!]! += Math.abs(count - places[at + 1]! - 1) - MOST_DISTANCE;
    }
  }
  return { languages: lists.languages, distances, trigrams: counts.size };
}

/** How often each trigram occurs, in UTF-16 units, after franc's own cleaning: signs and digits of ASCII are spaces. */
export function countTrigrams(text: string): ReadonlyMap<string, number> {
  const cleaned = ` ${text
    .replace(/[!-@]+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase()} `;
  const counts = new Map<string, number>();
  for (let at = 0; at + 3 <= cleaned.length; at++) {
    const trigram = cleaned.slice(at, at + 3);
    counts.set(trigram, (counts.get(trigram) ?? 0) + 1);
  }
  return counts;
}

function listsOfScript(script: Script): Lists | undefined {
  const known = listsOf.get(script);
  if (known !== undefined) return known;
  const models = data[FRANC_SCRIPTS.get(script) ?? ""];
  if (models === undefined) return undefined;
  const languages = Object.keys(models);
  const places = new Map<string, number[]>();
  for (const [number, language] of languages.entries()) {
    for (const [place, trigram] of models[language]!.split("|").entries()) {
      const list = places.get(trigram);
      if (list === undefined) places.set(trigram, [number, place]);
      else list.push(number, place);
    }
  }
  const lists = { languages, places };
  listsOf.set(script, lists);
  return lists;
}
