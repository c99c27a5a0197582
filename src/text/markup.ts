/* Names in wikitext that every wiki understands, for all extractors. */

/** Tags whose content goes with them. */
export const DROPPED_TAGS: readonly string[] = (
  "ref references math chem ce syntaxhighlight source code score timeline hiero gallery imagemap graph templatedata " +
  "inputbox categorytree mapframe maplink charinsert includeonly indicator templatestyles dynamicpagelist section " +
  "labeledsectiontransclusion phonos rss quiz table style script"
).split(" ");
/** Tags that end a line. */
export const BLOCK_TAGS: readonly string[] = (
  "br p div center li ul ol dl dt dd hr h1 h2 h3 h4 h5 h6 blockquote pre poem tr td th caption thead tbody tfoot " +
  "section article aside header footer figure figcaption table"
).split(" ");
/** Tags that go and leave their text where it is; what is neither here nor above is no tag but text. */
export const INLINE_TAGS: readonly string[] = (
  "a abbr acronym b basefont bdi bdo big cite col colgroup data del dfn em font i img input ins kbd link main mark " +
  "meta nobr noinclude nowiki onlyinclude q rb rp rt rtc ruby s samp small span strike strong sub sup time translate " +
  "tt tvar u var wbr languages nomobile mobileonly"
).split(" ");
/** The canonical names, which every wiki understands. */
export const FILE_NAMES: readonly string[] = ["file", "image"];
export const CATEGORY_NAMES: readonly string[] = ["category"];

/** Endings of images' names: a link to such a name is a file even if its namespace has a name that is not known. */
export const IMAGE_ENDINGS: readonly string[] = "jpg jpeg png svg gif tif tiff webp webm ogv".split(" ");

/** Prefixes of interlanguage links that are no edition's code today: former codes and aliases. */
export const LANGUAGE_ALIASES: readonly string[] =
  "nb be-x-old dk cz jp epo minnan zh-cfr zh-cn zh-tw gsw lzh nan yue rup sgs vro nds-nl".split(" ");
