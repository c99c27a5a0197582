/**
 * Text → the label of its language: lid.176 where it is sure, else lid.176, cld3 and franc weighed against each other, with
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
import { type Evidence, evidenceOfScript, type Grounds, loadGrounds } from "./evidence.ts";
import { LABEL_PREFIX, readFastTextModel } from "./fasttext-model.ts";
import { type Advisers, loadAdvisers } from "./opinions.ts";
import { hasScript, type Script } from "./scripts.ts";
import { weigh } from "./weigh.ts";

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

/** Who decided: lid.176 alone, the script alone, lid.176 since the text is short, or all three together. */
export type Decider = "nobody" | "fasttext" | "script" | "short" | "all";

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

/** Creates the identifier: lid.176, cld3 and franc, 60 MB, in about a quarter of a second. */
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

/** Creates the rule by itself: it decides about a text of which lid.176's answer is known, and says who decided. */
export async function createDecider(
  grounds: Grounds,
): Promise<{ readonly decide: (text: string, first: Identified) => Decided; readonly advisers: Advisers }> {
  const advisers = await loadAdvisers(readFastTextModel());
  return { decide: createRule(grounds, advisers), advisers };
}

function createRule(grounds: Grounds, advisers: Advisers): (text: string, first: Identified) => Decided {
  const { rule } = grounds;
  const evidenceOf = new Map<Script, readonly Evidence[]>();
  const accepts = new Map<string, number>();
  for (const { label, accept } of grounds.evidence) if (accept !== undefined) accepts.set(label, accept);
  const scriptsOf = new Map(advisers.fasttext.labels.map((label) => [label, scriptsOfLabel(label)] as const));
  const onlyOf = labelsByScript();

  /** What lid.176 alone says, if its label can be written in the text's script. */
  const trust = (text: string, { label, probability }: Identified): Decided | undefined =>
    hasScript(text, scriptsOf.get(label) ?? [])
      ? { label, probability: Math.min(1, probability), decider: "fasttext" }
      : undefined;

  return (text, first) => {
    if (!WORD.test(text) && !LETTER.test(text.replace(CODES, " "))) return NOTHING;
    const trusted = trust(text, first);
    if (trusted !== undefined && first.probability >= (accepts.get(first.label) ?? rule.accept)) return trusted;
    const opinions = advisers.ask(text);
    if (opinions === undefined) return NOTHING;
    const { main, letters } = opinions;
    const only = onlyOf.get(main.script);
    if (only !== undefined) return { label: only, probability: main.share, decider: "script" };
    if (trusted !== undefined && letters < rule.letters && !DENSE.has(main.script)) {
      return { ...trusted, decider: "short" };
    }
    let candidates = evidenceOf.get(main.script);
    if (candidates === undefined) {
      candidates = evidenceOfScript(grounds, main.script);
      evidenceOf.set(main.script, candidates);
    }
    const open = candidates.filter(
      ({ label, take }) => take <= 1 || label === first.label || label === opinions.fasttext,
    );
    const weighed = weigh(opinions, open, rule);
    for (const { evidence, probability } of weighed) {
      if (evidence.label === first.label && trusted !== undefined) {
        return { label: first.label, probability, decider: "all" };
      }
      if (probability >= evidence.take) return { label: evidence.label, probability, decider: "all" };
    }
    if (trusted !== undefined) return trusted;
    // lid.176's label is not written in this script: the most probable one that is.
    const best = weighed[0];
    return best === undefined ? NOTHING : { label: best.evidence.label, probability: best.probability, decider: "all" };
  };
}

/** Scripts of which a letter says as much as a word does elsewhere. */
const DENSE: ReadonlySet<Script> = new Set(["hani", "hira", "kana"]);

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
