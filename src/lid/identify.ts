/** What language a text is in. */
import { loadFastText } from "./fasttext.ts";

/** What a text is identified as. */
export interface Identified {
  /** A label of the scheme `worldmeta`; `und` where nothing can be said. */
  readonly label: string;
  /** From 0 to 1. */
  readonly probability: number;
}

/** Tells languages of texts. */
export interface Identifier {
  identify(text: string): Identified;
}

/** Creates an identifier. */
export async function createIdentifier(): Promise<Identifier> {
  const model = loadFastText();
  return { identify: (text) => model.predict(text) };
}
