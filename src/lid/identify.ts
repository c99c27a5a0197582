/**
 * Text → the label of its language: lid.176 where it is sure, else lid.176, cld3 and its n-grams weighed against each other, with
 * the script and the length of the text. The rule is told in docs/identify.md; its numbers are in `languages/lid-rule.tsv`
 * and `languages/lid-evidence.tsv`.
 */
import {
  groupOfLabel,
  type LidGroup,
  labelsOfGroup,
  listEditions,
  OTHER,
  scriptsOfGroup,
} from "../../languages/index.ts";
import { type Grounds, loadGrounds } from "./evidence.ts";
import { LABEL_PREFIX, readFastTextModel } from "./fasttext-model.ts";
import type { NgramFit } from "./ngrams.ts";
import { type Advisers, type Heard, loadAdvisers, type Opinions } from "./opinions.ts";
import { hasScript, type Script } from "./scripts.ts";
import { type Candidates, createWeigher, leadOf, listCandidates, swingOfCld3 } from "./weigh.ts";

/** A label of the scheme `worldmeta`, and how probable it is, from 0 to 1; `und` with 0 where nothing can be said. */
export interface Identified {
  readonly label: string;
  readonly probability: number;
}

/** Called with a text's place among those given, its label, and how probable it is. */
export type OnIdentified = (index: number, label: string, probability: number) => void;

export interface Identifier {
  /** The label of a text. */
  identify(text: string): Identified;
  /** Labels texts in order, faster than one by one. */
  identifyAll(texts: readonly string[], onIdentified: OnIdentified): void;
  /** Frees what lies outside JavaScript's memory; the identifier must not be used after it. */
  dispose(): void;
}

/**
 * Who decided: lid.176 alone, the script alone, lid.176 since the text is short or its words or n-grams say so too, lid.176 and
 * n-grams where cld3 could not change which of their labels is taken, or all three, of which cld3 may be the only one that has
 * the label.
 */
export type Decider = "nobody" | "fasttext" | "script" | "short" | "words" | "ngrams" | "two" | "all";

/** An answer, and how it came about. */
export interface Decided extends Identified {
  readonly decider: Decider;
}

/** The label of texts of which nothing can be said. */
export const UNDETERMINED = "und";

const NOTHING: Decided = { label: UNDETERMINED, probability: 0, decider: "nobody" };

/** A word of letters alone, apart from marks around it: a text with one is no code. Most texts begin with one. */
const WORD = /(?:^|[\s"'([{¿¡«„“‘])\p{L}[\p{L}\p{M}'’-]*(?=["')\]}.,;:!?»”’…।۔؟،]*(?:$|\s))/u;
/** What is no language: addresses, names of files, and whatever else holds digits, underscores or at-signs. */
const CODES =
  /\b(?:\w+:\/\/|www\.)\S+|\S+@\S+|\S+\.(?:avif|bmp|gif|html?|ico|jpe?g|jfif|pdf|php|png|svg|tiff?|webp)\b|[A-Za-z_-]*[\d_][\w-]*/gi;
const LETTER = /\p{L}/u;

/** Creates the identifier: lid.176, cld3 and n-grams, 60 MB, in half a second. */
export async function createIdentifier(): Promise<Identifier> {
  const { decide, advisers } = await createDecider(loadGrounds());
  const show = ({ label, probability }: Decided): Identified => ({ label, probability });
  return {
    identify: (text) => show(decide(text, advisers.fasttext.predict(text))),
    identifyAll(texts, onIdentified) {
      advisers.fasttext.predictAll(texts, (index, label, probability) => {
        const decided = decide(texts[index]!, { label, probability });
        onIdentified(index, decided.label, decided.probability);
      });
    },
    dispose: () => advisers.dispose(),
  };
}

/** Every label that an identifier with these grounds can give. */
export function labelsOfIdentifier(grounds: Grounds): ReadonlySet<string> {
  const lid176 = readFastTextModel().labels.map((label) => label.replace(LABEL_PREFIX, ""));
  const weighed = grounds.evidence.map(({ label }) => label);
  return new Set([...lid176, ...weighed, ...labelsByScript().values(), UNDETERMINED]);
}

/**
 * Creates the rule by itself: it decides about a text of which lid.176's answer is known, and says who decided.
 *
 * `swing` is for tests; a program leaves it out.
 */
export async function createDecider(
  grounds: Grounds,
  swing = swingOfCld3(grounds.rule),
): Promise<{ readonly decide: (text: string, first: Identified) => Decided; readonly advisers: Advisers }> {
  const advisers = await loadAdvisers(readFastTextModel());
  return { decide: createRule(grounds, advisers, swing), advisers };
}

/** The labels that a text in a script can have, and what weighs them. */
interface Panel {
  readonly candidates: Candidates;
  /** Rows of labels that texts get of which lid.176 does not say so, too. */
  readonly open: readonly boolean[];
  readonly weigh: ReturnType<typeof createWeigher>;
}

function createRule(grounds: Grounds, advisers: Advisers, swing: number): (text: string, first: Identified) => Decided {
  const { rule } = grounds;
  const panels = new Map<Script, Panel>();
  const panelOf = (script: Script): Panel => {
    const before = panels.get(script);
    if (before !== undefined) return before;
    const candidates = listCandidates(grounds.evidence, script, advisers.fasttext.labels, advisers.ngramLabels);
    const open = candidates.rows.map(({ take }) => take <= 1);
    const panel = { candidates, open, weigh: createWeigher(candidates, rule) };
    panels.set(script, panel);
    return panel;
  };
  const accepts = new Map<string, number>();
  for (const { label, accept } of grounds.evidence) if (accept !== undefined) accepts.set(label, accept);
  // Labels that cld3 alone has are spelt as cld3 does.
  const onlyOfCld3 = new Map(
    grounds.evidence.filter(({ knows }) => knows.size === 1 && knows.has("cld3")).map((row) => [row.label, row]),
  );
  const scriptsOf = new Map(advisers.fasttext.labels.map((label) => [label, scriptsOfLabel(label)] as const));
  const onlyOf = labelsByScript();

  /** What lid.176 alone says, if its label can be written in the text's script. */
  const trust = (text: string, { label, probability }: Identified): Decided | undefined =>
    hasScript(text, scriptsOf.get(label) ?? [])
      ? { label, probability: Math.min(1, probability), decider: "fasttext" }
      : undefined;

  return (text, first) => {
    if (!hasWords(text)) return NOTHING;
    const trusted = trust(text, first);
    if (trusted !== undefined && first.probability >= (accepts.get(first.label) ?? rule.accept)) return trusted;
    const glance = advisers.glance(text);
    if (glance === undefined) return NOTHING;
    const { main, letters } = glance;
    const only = onlyOf.get(main.script);
    if (only !== undefined) return { label: only, probability: main.share, decider: "script" };
    if (trusted !== undefined && letters < rule.letters) return { ...trusted, decider: "short" };
    const panel = panelOf(main.script);
    const lead = (fit: NgramFit) => leadOf(panel.candidates, fit, first.label);
    if (trusted !== undefined && lead(advisers.skim(glance)) >= rule.words) return { ...trusted, decider: "words" };
    const read = advisers.read(glance);
    if (trusted !== undefined && lead(read.ngrams) >= 0) return { ...trusted, decider: "ngrams" };
    const heard = advisers.hear(read);
    const certain = choose(panel, heard, first, trusted, swing);
    if (certain !== undefined) return certain;
    const opinions = advisers.ask(heard);
    const { cld3, cld3Probability } = opinions;
    const row = onlyOfCld3.get(cld3);
    if (row !== undefined && cld3Probability >= row.take && row.scripts.includes(main.script)) {
      return { label: cld3, probability: Math.min(1, cld3Probability), decider: "all" };
    }
    return choose(panel, opinions, first, trusted, 0)!;
  };

  /**
   * The most probable label, or lid.176's where the other is not probable enough to take its place; undefined if scores that
   * differ by less than `swing` from those of what was heard could lead to another.
   */
  function choose(
    { candidates: { rows, places }, open, weigh }: Panel,
    heard: Heard | Opinions,
    first: Identified,
    trusted: Decided | undefined,
    swing: number,
  ): Decided | undefined {
    const scores = weigh(heard);
    const decider = "cld3" in heard ? "all" : "two";
    const own = places.get(first.label) ?? -1;
    const said = places.get(heard.fasttext) ?? -1;
    let [best, second] = [-1, -1];
    for (let at = 0; at < scores.length; at++) {
      if (!open[at] && at !== own && at !== said) scores[at] = Number.NEGATIVE_INFINITY;
      else if (best < 0 || scores[at]! > scores[best]!) [best, second] = [at, best];
      else if (second < 0 || scores[at]! > scores[second]!) second = at;
    }
    if (best < 0) return trusted ?? NOTHING;
    if (second >= 0 && scores[best]! - scores[second]! < swing) return undefined;
    const { label, take } = rows[best]!;
    const ahead = own < 0 ? Number.POSITIVE_INFINITY : scores[best]! - scores[own]!;
    const isTaken = (lead: number) => trusted === undefined || own === best || 1 / (1 + Math.exp(-lead)) >= take;
    if (isTaken(ahead - swing) !== isTaken(ahead + swing)) return undefined;
    let total = 0;
    for (const score of scores) total += Math.exp(score - scores[best]!);
    if (trusted === undefined || isTaken(ahead)) return { label, probability: 1 / total, decider };
    return { ...trusted, probability: own < 0 ? trusted.probability : Math.exp(-ahead) / total, decider };
  }
}

/** True unless a text is digits, marks, emoji, addresses, names of files and codes alone, or empty. */
export function hasWords(text: string): boolean {
  return WORD.test(text) || LETTER.test(text.replace(CODES, " "));
}

function scriptsOfLabel(label: string): readonly string[] {
  const group = groupOfLabel(label, "worldmeta");
  return group === undefined || group === OTHER ? [] : scriptsOfGroup(group);
}

/**
 * Of each script that a single edition is written in the label of that edition.
 *
 * @throws Error if the scheme has no label for it
 */
function labelsByScript(): ReadonlyMap<string, string> {
  const groups = new Map<string, Set<LidGroup>>();
  for (const { lidGroup } of listEditions()) {
    for (const script of scriptsOfGroup(lidGroup)) {
      const names = groups.get(script) ?? new Set();
      groups.set(script, names.add(lidGroup));
    }
  }
  const labels = new Map<string, string>();
  for (const [script, names] of groups) {
    const [group, ...others] = names;
    if (group === undefined || others.length > 0) continue;
    const [label] = labelsOfGroup(group, "worldmeta");
    if (label === undefined) throw new Error(`languages/lid-labels.tsv: no label of worldmeta leads to ${group}`);
    labels.set(script, label);
  }
  return labels;
}
