/** What an extractor must know beside the wikitext. */
export interface ExtractContext {
  readonly title: string;
  /** Names and aliases of the file namespace, localised and canonical, e.g. `File`, `Image`, `Datei`, `Bild`. */
  readonly fileNames: readonly string[];
  /** Names and aliases of the category namespace, localised and canonical. */
  readonly categoryNames: readonly string[];
}

/** Turns a page's wikitext into plain text. */
export interface Extractor {
  /** Name and version of what decides the text; part of a build's fingerprint. */
  readonly id: string;
  /**
   * The text of a page as a reader sees it, without what is no running text.
   *
   * Each paragraph, heading, list item, term and definition is one line; there are no blank lines. Kept are the labels
   * of links, what `nowiki` protects, and the text inside HTML tags, where `<br>` and block tags end a line. Left out are
   * templates, parser functions, tables, references, files with their captions, categories, interlanguage links,
   * comments, galleries, formulas, code, magic words, quotes that mark bold and italics, and bare addresses. Character
   * references are decoded once. Of a language converter's variants the first is kept. The title is not added.
   *
   * Throws if the page cannot be extracted; the caller counts it.
   */
  extract(wikitext: string, context: ExtractContext): string;
}
