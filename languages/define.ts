/** The shapes that everything under `languages/` shares; nothing here knows about dumps, stores or commands. */

/** Code of a Wikipedia edition in this project: the database name without `wiki`, e.g. `en`, `zh_min_nan`, `be_tarask`. */
export type EditionCode = string & { readonly __brand: "EditionCode" };
/** BCP 47 language tag, e.g. `gsw`, `sr-Cyrl`. */
export type Bcp47Tag = string & { readonly __brand: "Bcp47Tag" };
/** Language code of an Open Multilingual WordNet file, e.g. `cmn`, `als` (Tosk Albanian). */
export type WordnetCode = string & { readonly __brand: "WordnetCode" };
/** Name of the set of editions that one label of language identification reaches. */
export type LidGroup = string & { readonly __brand: "LidGroup" };

export type Direction = "ltr" | "rtl";
/** How far an edition's row is backed: own fixtures, those of a close relative, or the defaults alone. */
export type Evidence = "verified" | "proxy" | "default";
/** Names of the tokenizers; `words` is the default for scripts that use spaces. */
export type TokenizerName = "words" | "zh" | "ja" | "th" | "lo" | "km" | "my" | "bo";

/** One Wikipedia language edition: a row of `editions.tsv`. */
export interface Edition {
  readonly code: EditionCode;
  /** Database name, e.g. `be_x_oldwiki`. */
  readonly database: string;
  /** Host name, e.g. `be-tarask.wikipedia.org`. */
  readonly domain: string;
  /** Project code in pageview files, e.g. `be-tarask`. */
  readonly pageviewCode: string;
  readonly tag: Bcp47Tag;
  readonly name: string;
  readonly autonym: string;
  /** ISO 15924 code of the main script, e.g. `Cyrl`. */
  readonly script: string;
  readonly direction: Direction;
  readonly tokenizer: TokenizerName;
  readonly wordnets: readonly WordnetCode[];
  readonly lidGroup: LidGroup;
  readonly evidence: Evidence;
  readonly closed: boolean;
}

/** A stretch of text as a tokenizer cuts it; the segments of a text concatenate to the text. */
export interface Segment {
  readonly text: string;
  /** True if the segment is a word: it holds a letter or a number and would match, as an entry, where it stands. */
  readonly word: boolean;
}

/** Cuts text into segments. */
export interface Tokenizer {
  /** Name and version of what decides the cuts; part of a build's fingerprint. */
  readonly id: string;
  /** Segments of `text`, in order; their texts concatenate to `text`. */
  segment(text: string): Segment[];
}
