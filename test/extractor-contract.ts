import { describe, expect, it } from "vitest";
import type { ExtractContext, Extractor } from "../src/text/extractor.ts";

/** A German page, so that names of namespaces are localised. */
const CONTEXT: ExtractContext = {
  title: "Titel",
  fileNames: ["Datei", "Bild", "File", "Image"],
  categoryNames: ["Kategorie", "Category"],
};

interface Case {
  readonly name: string;
  readonly wikitext: string;
  readonly lines: readonly string[];
}

/** What every extractor must do, by topic: input and the exact lines of its text. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  blocks: [
    { name: "nothing", wikitext: "", lines: [] },
    { name: "white space only", wikitext: " \n\t\n\n", lines: [] },
    { name: "a paragraph of several lines is one line", wikitext: "One\ntwo\nthree.", lines: ["One two three."] },
    { name: "paragraphs are lines", wikitext: "One.\n\n\n\nTwo.\n", lines: ["One.", "Two."] },
    { name: "CR LF", wikitext: "One\r\ntwo.\r\n\r\nThree.", lines: ["One two.", "Three."] },
    {
      name: "headings of all levels",
      wikitext: "= A =\n== B ==\n===C===\n==== D ====\n===== E =====\n====== F ======",
      lines: ["A", "B", "C", "D", "E", "F"],
    },
    {
      name: "headings between paragraphs",
      wikitext: "Intro.\n== First ==\nText.\n=== Sub ===\nMore.\nLines.\n",
      lines: ["Intro.", "First", "Text.", "Sub", "More. Lines."],
    },
    {
      name: "headings without text below, also of references",
      wikitext: "Text.\n== References ==\n<references />\n== External links ==\n== Einzelnachweise ==",
      lines: ["Text.", "References", "External links", "Einzelnachweise"],
    },
    { name: "a heading with markup", wikitext: "== ''The'' [[A b|B]] =={{-}}", lines: ["The B"] },
    { name: "a heading of a template", wikitext: "A.\n=={{x}}==\nB.", lines: ["A.", "B."] },
    { name: "an equals sign in text", wikitext: "a = b\nE = mc", lines: ["a = b E = mc"] },
    { name: "a rule", wikitext: "One.\n----\nTwo.", lines: ["One.", "Two."] },
    { name: "the title is not repeated", wikitext: "'''Titel''' is a word.", lines: ["Titel is a word."] },
    { name: "no-break and repeated spaces", wikitext: "a\u00A0b   c\td", lines: ["a b c d"] },
    {
      name: "many short sentences stay in order",
      wikitext: 'Dr. A. met St. B. He said: "Hi! Why?" (Yes. No.) Then 3.5 km/h... Yahoo! it was. x',
      lines: ['Dr. A. met St. B. He said: "Hi! Why?" (Yes. No.) Then 3.5 km/h... Yahoo! it was. x'],
    },
    { name: "ideographic full stops", wikitext: "東京。大阪。\n\n日本", lines: ["東京。大阪。", "日本"] },
    { name: "empty brackets of a call", wikitext: "Call f() and g(;) now.", lines: ["Call f() and g(;) now."] },
    { name: "tildes and dashes", wikitext: "a ~ b ~~ c -- d ---- e", lines: ["a ~ b ~~ c -- d ---- e"] },
  ],
  lists: [
    { name: "bullets", wikitext: "* One\n* Two\n*Three", lines: ["One", "Two", "Three"] },
    { name: "short items", wikitext: "* a\n* 1\n* ,\n# b\n# c:d", lines: ["a", "1", ",", "b", "c:d"] },
    { name: "numbers", wikitext: "# One\n# Two, three\n# Four", lines: ["One", "Two, three", "Four"] },
    { name: "nested", wikitext: "* A\n** B\n*** C\n*# D\n*: E", lines: ["A", "B", "C", "D", "E"] },
    { name: "indented", wikitext: ": A\n:: B\n:::C", lines: ["A", "B", "C"] },
    { name: "terms and definitions", wikitext: "; Term\n: Definition", lines: ["Term", "Definition"] },
    {
      name: "term and definition on one line",
      wikitext: "; Term : Definition: more",
      lines: ["Term", "Definition: more"],
    },
    {
      name: "a colon in a link does not end a term",
      wikitext: "; [[Foo: Bar]] [http://example.org/a Site] : Definition",
      lines: ["Foo: Bar Site", "Definition"],
    },
    { name: "between paragraphs", wikitext: "Before:\n* item\nAfter.", lines: ["Before:", "item", "After."] },
    { name: "empty items", wikitext: "* \n*\n* {{x}}\n* a", lines: ["a"] },
    { name: "items with links and bold", wikitext: "* '''A''' ([[b]]), c\n* [[D|d]]: e", lines: ["A (b), c", "d: e"] },
    { name: "items that look like numbers", wikitext: "# [[1990]]\n# 12. May", lines: ["1990", "12. May"] },
  ],
  links: [
    { name: "plain", wikitext: "A [[link]] here.", lines: ["A link here."] },
    { name: "with a label", wikitext: "[[Target page|label]]", lines: ["label"] },
    { name: "with a tail", wikitext: "[[Bus]]ses, [[Греция|Греци]]и", lines: ["Busses, Греции"] },
    { name: "one letter", wikitext: "[[C]] and [[C|see]] and [[C++|cpp]]", lines: ["C and see and cpp"] },
    { name: "with an anchor", wikitext: "[[Page#Part|label]] [[#Part|here]]", lines: ["label here"] },
    {
      name: "title with a colon",
      wikitext: "[[Star Trek: Picard]] [[Q: A Novel]]",
      lines: ["Star Trek: Picard Q: A Novel"],
    },
    { name: "label with dollars", wikitext: "[[US-Dollar|$&]] [[a b|$1]] US$5", lines: ["$& $1 US$5"] },
    { name: "label with brackets and bars", wikitext: "[[Foo bar|[a] b]] [[Foo bar|a|b]]", lines: ["[a] b a|b"] },
    { name: "label with quotes", wikitext: "[[Foo bar|''it'' and '''bold''']]", lines: ["it and bold"] },
    { name: "label over two lines", wikitext: "x [[Foo bar|a\nb]] y", lines: ["x a b y"] },
    { name: "same link twice", wikitext: "[[aa]]s and [[aa]], [[aa]]b", lines: ["aas and aa, aab"] },
    { name: "empty label", wikitext: "[[Foo (bar)|]]", lines: ["Foo (bar)"] },
    {
      name: "abbreviations in links",
      wikitext: "In [[St. Louis]] and [[Dr. No|Dr. No!]] he.",
      lines: ["In St. Louis and Dr. No! he."],
    },
    { name: "unclosed", wikitext: "A [[broken link\n\nB [[ok]].", lines: ["A broken link", "B ok."] },
    { name: "closed without an opening", wikitext: "A broken]] link.", lines: ["A broken link."] },
    {
      name: "category",
      wikitext: "Text.\n[[Kategorie:Stadt]]\n[[Category:City|key]]\n[[ kategorie : X ]]",
      lines: ["Text."],
    },
    {
      name: "link to a category",
      wikitext: "See [[:Kategorie:Stadt]], [[:Category:City|city]].",
      lines: ["See Kategorie:Stadt, city."],
    },
    {
      name: "interlanguage, to a main page, in capitals, with a space",
      wikitext: "Text.\n[[de:]]\n[[DE:Foo]]\n[[de: Foo]]",
      lines: ["Text."],
    },
    { name: "interlanguage", wikitext: "Text.\n[[de:Foo]]\n[[zh-min-nan:Foo]]\n[[be-tarask:Foo]]", lines: ["Text."] },
    {
      name: "link to another language",
      wikitext: "See [[:de:Foo|Foo]] and [[:fr:Bar]].",
      lines: ["See Foo and fr:Bar."],
    },
    { name: "sister projects", wikitext: "A [[wikt:word|word]] of [[s:Text|a text]].", lines: ["A word of a text."] },
    { name: "other namespaces", wikitext: "[[Hilfe:X|help]] [[Media:a.ogg|listen]]", lines: ["help listen"] },
    {
      name: "external with a label",
      wikitext: "[http://example.org/x?a=b The site] [https://e.org it]",
      lines: ["The site it"],
    },
    {
      name: "external label of sentences",
      wikitext: "[http://example.org Mr. A. Who? 2nd ed. 1918.] x",
      lines: ["Mr. A. Who? 2nd ed. 1918. x"],
    },
    { name: "external label with a link", wikitext: "[http://example.org A [[Foo bar|b]] ''c'']", lines: ["A b c"] },
    { name: "external label right behind the address", wikitext: "A [http://e.org'''B'''] c.", lines: ["A B c."] },
    {
      name: "external without protocol",
      wikitext: "[//example.org Site] [ftp://e.org/f file] [mailto:a@b.c mail]",
      lines: ["Site file mail"],
    },
    { name: "external without a label", wikitext: "A [http://example.org] b.", lines: ["A b."] },
    {
      name: "external label that holds an address",
      wikitext:
        "* [http://e.org http://e.org]\n* [http://e.org/?a=b? a] x [http://e.org b: http://e.org/a]\n* [[x#y|http://e.org]] b",
      lines: ["a x b:", "b"],
    },
    { name: "external in double brackets", wikitext: "A [[http://example.org site]].", lines: ["A site."] },
    {
      name: "bare address",
      wikitext: "See http://example.org/a_(b)?x=1#y and https://e.org now.",
      lines: ["See and now."],
    },
    { name: "bare address in angle brackets", wikitext: "See <http://example.org/a>. B", lines: ["See . B"] },
    { name: "bare address before ideographs", wikitext: "見 http://example.org/a。次", lines: ["見 。次"] },
    { name: "brackets that are no link", wikitext: "He [the king] said [1].", lines: ["He [the king] said [1]."] },
  ],
  files: [
    { name: "with caption", wikitext: "[[File:A.jpg|thumb|200px|A caption]]Text.", lines: ["Text."] },
    { name: "localised", wikitext: "[[Datei:A.jpg|mini|hochkant|Ein Bild]]\n[[bild:B.png]]\nText.", lines: ["Text."] },
    {
      name: "with links in the caption",
      wikitext: "[[Datei:A.jpg|mini|A [[b c|d]] and [[e]], [http://x.org f] [[Datei:N.png|20px]] g]] Text.",
      lines: ["Text."],
    },
    { name: "over lines", wikitext: "[[File:A.jpg\n|thumb\n|A caption\nof [[two]] lines]]\nText.", lines: ["Text."] },
    { name: "in a sentence", wikitext: "The flag [[Image:Flag.svg|20px]] is red.", lines: ["The flag is red."] },
    {
      name: "link to a file",
      wikitext: "See [[:File:A.jpg]] or [[:Datei:B.jpg|this]].",
      lines: ["See File:A.jpg or this."],
    },
    { name: "unclosed", wikitext: "A.\n[[File:A.jpg|thumb|A [[b]] caption\nText.", lines: ["A.", "Text."] },
    {
      name: "of a namespace that has another name here",
      wikitext: "[[Figura:A b.JPG|mini|A]] B. [[Figura:A.svg |20px]] [[c:File:A.jpg|this]] [[A.jpg|that]] [[x: a.jpg]]",
      lines: ["B. this that x: a.jpg"],
    },
    {
      name: "gallery",
      wikitext: "A.\n<gallery mode=packed>\nA.jpg|Caption [[x]]\nFile:B.jpg\n</gallery>\nB.",
      lines: ["A.", "B."],
    },
    {
      name: "imagemap",
      wikitext: "A.\n<imagemap>\nFile:A.jpg|x\nrect 0 0 1 1 [[A]]\n</imagemap>\nB.",
      lines: ["A.", "B."],
    },
  ],
  templates: [
    { name: "simple", wikitext: "A {{convert|5|km}} b.", lines: ["A b."] },
    { name: "for an apostrophe", wikitext: "''Iliad''{{'}}s, ''Eagle''{{'s}} {{'|a}}b", lines: ["Iliad's, Eagle's b"] },
    { name: "nested", wikitext: "A {{a|{{b|{{c}}}}|x={{d}}}}b.", lines: ["A b."] },
    { name: "over lines", wikitext: "{{Infobox\n| a = [[b]]\n| c = {{d\n| e }}\n}}\nText.", lines: ["Text."] },
    { name: "ending after a bar", wikitext: "{{Infobox\n| a = b\n|}}\nText.", lines: ["Text."] },
    { name: "parser functions and variables", wikitext: "A {{#if:x|{{{1|y}}}|z}}{{PAGENAME}} b.", lines: ["A b."] },
    { name: "parameters", wikitext: "A {{{1|default}}} b {{a|{{{b}}}}} c.", lines: ["A b c."] },
    { name: "with a table inside", wikitext: "{{x|\n{{{!}}\n{|\n| a\n|}\n}}\nText.", lines: ["Text."] },
    {
      name: "unclosed to the end of its paragraph",
      wikitext: "A.\n\nB {{broken | c = d\n| e = f\n\nText.",
      lines: ["A.", "B", "Text."],
    },
    {
      name: "unclosed around closed ones",
      wikitext: "{{Infobox | a = {{b}}\n| c = {{d|{{e}}}}\n\nText {{f}}end.",
      lines: ["Text end."],
    },
    { name: "unclosed before a heading", wikitext: "A {{broken\n== H ==\nText.", lines: ["A", "H", "Text."] },
    { name: "closed without an opening", wikitext: "A }} b.", lines: ["A b."] },
    { name: "single braces", wikitext: "The set {a, b} is.", lines: ["The set {a, b} is."] },
    { name: "between paragraphs", wikitext: "A.\n{{quote|b}}\n\nC.", lines: ["A.", "C."] },
    { name: "as a link's whole label", wikitext: "A [[Foo bar|{{nowrap|b}}]] c.", lines: ["A c."] },
    { name: "before marks", wikitext: "A {{b}}, c {{d}}. ({{e}}, {{f}})", lines: ["A , c . (, )"] },
    { name: "between quotes", wikitext: "A ''{{b}}''c, '''{{d}}'''e", lines: ["A c, e"] },
  ],
  tables: [
    { name: "simple", wikitext: 'A.\n{| class="x"\n|+ Caption\n! H\n|-\n| a || b\n|}\nB.', lines: ["A.", "B."] },
    { name: "nested", wikitext: "{|\n| a\n{|\n| b\n|}\n| c\n|}\nText.", lines: ["Text."] },
    { name: "indented", wikitext: ":{|\n| a\n|}\nText.", lines: ["Text."] },
    {
      name: "with links, lists and headings inside",
      wikitext: "{|\n|\n* [[a|b]]\n== c ==\n| d\n|}\nText.",
      lines: ["Text."],
    },
    { name: "text after the end", wikitext: "{|\n| a\n|} Text.", lines: ["Text."] },
    { name: "two", wikitext: "{|\n|a\n|}\nBetween.\n{|\n|b\n|}\nAfter.", lines: ["Between.", "After."] },
    { name: "unclosed", wikitext: "A.\n{|\n| a\n| b\n\nText.\n\nMore.", lines: ["A.", "Text.", "More."] },
    { name: "unclosed before a heading", wikitext: "{|\n| a\n== H ==\nText.", lines: ["H", "Text."] },
    { name: "that a template opens", wikitext: "{{start}}\n|-\n| a || b\n|}\nText.", lines: ["Text."] },
    { name: "HTML", wikitext: "A.\n<table><tr><td>b</td></tr></table>\nC.", lines: ["A.", "C."] },
    { name: "HTML nested", wikitext: "<TABLE border=1>a<table>b</table>c</TABLE>Text.", lines: ["Text."] },
  ],
  references: [
    { name: "simple", wikitext: "A<ref>b [[c]]</ref>.", lines: ["A."] },
    {
      name: "named and reused",
      wikitext: 'A<ref name="x">b</ref> c<ref name=x />.<ref name="y" group=\'n\'/>',
      lines: ["A c."],
    },
    { name: "over lines, with templates", wikitext: "A<ref>{{cite\n|title=b}}\n\nc</ref> d.", lines: ["A d."] },
    { name: "in capitals", wikitext: "A<REF>b</REF>.", lines: ["A."] },
    {
      name: "list of references",
      wikitext: "A.\n<references>\n<ref name=a>b</ref>\n</references>\nC.",
      lines: ["A.", "C."],
    },
    { name: "unclosed", wikitext: "A <ref>b\n\nText.", lines: ["A b", "Text."] },
  ],
  tags: [
    {
      name: "inline tags go",
      wikitext: 'H<sub>2</sub>O, <small>a</small> <span style="x">b</span> <u>c</u>',
      lines: ["H2O, a b c"],
    },
    { name: "br ends a line", wikitext: "a<br>b<br />c<BR/>d", lines: ["a", "b", "c", "d"] },
    { name: "br in an item", wikitext: "* a<br>b\n* c", lines: ["a", "b", "c"] },
    {
      name: "block tags end a line",
      wikitext: "a<div class=x>b</div>c<p>d</p><center>e</center>",
      lines: ["a", "b", "c", "d", "e"],
    },
    { name: "HTML lists", wikitext: "<ul><li>a</li><li>b</li></ul>c", lines: ["a", "b", "c"] },
    { name: "blockquote", wikitext: "A.\n<blockquote>B [[c]].</blockquote>\nD.", lines: ["A.", "B c.", "D."] },
    { name: "poem", wikitext: "<poem>\nOne\nTwo [[three]]\n</poem>", lines: ["One", "Two three"] },
    { name: "math", wikitext: "A <math>\\frac{a}{{b}} [[x</math> b <chem>H2O</chem> c.", lines: ["A b c."] },
    {
      name: "code, highlighted source, score, timeline",
      wikitext:
        'A <code>x = {{y</code><syntaxhighlight lang="js">\n[[a]]\n</syntaxhighlight> b<score>c</score><timeline>\nd\n</timeline>.',
      lines: ["A b."],
    },
    { name: "no tag", wikitext: "a < b > c, 1<2, <foo@bar.org>", lines: ["a < b > c, 1<2, <foo@bar.org>"] },
    {
      name: "markup behind what is no tag",
      wikitext: "If i <n then [[a|b]] <b>c</b> <foo [[d]] <bar {{e}}> ''f'' <g [[h]]",
      lines: ["If i <n then b c <foo d <bar > f <g h"],
    },
    { name: "comments", wikitext: "A<!-- b --> c.<!--\n\n== d ==\n-->", lines: ["A c."] },
    { name: "a comment on its own line", wikitext: "A\n<!-- b -->\nc.", lines: ["A c."] },
    { name: "an unclosed comment", wikitext: "A.\n\n<!-- b\nc", lines: ["A."] },
    { name: "comment around markup", wikitext: "A <!-- {{ [[ {| <ref> --> b.", lines: ["A b."] },
    {
      name: "includeonly and noinclude",
      wikitext: "A <includeonly>b</includeonly><noinclude>c</noinclude>.",
      lines: ["A c."],
    },
    {
      name: "magic words",
      wikitext: "__TOC__\nA __NOTOC__b.\n__NOEDITSECTION__ __INHALTSVERZEICHNIS__ __БЕЗ_ОГЛ__",
      lines: ["A b."],
    },
    { name: "no magic word", wikitext: "The __init__ method.", lines: ["The __init__ method."] },
  ],
  nowiki: [
    {
      name: "is literal",
      wikitext: "<nowiki>[[a|b]] {{c}} ''d'' <ref>e</ref> http://example.org __TOC__</nowiki>",
      lines: ["[[a|b]] {{c}} ''d'' <ref>e</ref> http://example.org __TOC__"],
    },
    {
      name: "at the start of a line",
      wikitext: "<nowiki>* a</nowiki>\n\n<nowiki>== b ==</nowiki>",
      lines: ["* a", "== b =="],
    },
    { name: "decodes character references", wikitext: "<nowiki>&lt;b&gt; &amp;lt;</nowiki>", lines: ["<b> &lt;"] },
    { name: "empty", wikitext: "[[Bus]]<nowiki />ses <nowiki></nowiki>a", lines: ["Busses a"] },
    {
      name: "hides braces from templates",
      wikitext: "{{a|<nowiki>}}</nowiki>|b}} c <nowiki>{{</nowiki> d.",
      lines: ["c {{ d."],
    },
    { name: "pre", wikitext: "A\n<pre>\n[[b]]\n* c\n</pre>\nd", lines: ["A", "[[b]]", "* c", "d"] },
  ],
  quotes: [
    { name: "bold and italics", wikitext: "'''a''' ''b'' '''''c''''' ''d '''e'''''", lines: ["a b c d e"] },
    { name: "mixed", wikitext: "'''''a'' b''' '''''c''' d''", lines: ["a b c d"] },
    { name: "apostrophes", wikitext: "L'''a'''b, l''''aikido'''' d'un '90s", lines: ["Lab, l'aikido' d'un '90s"] },
    { name: "unclosed", wikitext: "'''a\n\n''b\n\nc'''", lines: ["a", "b", "c"] },
  ],
  characters: [
    { name: "named", wikitext: "a&nbsp;b &amp; c &ndash; d &eacute; &Omega; &hellip;", lines: ["a b & c – d é Ω …"] },
    { name: "numeric", wikitext: "&#65;&#x42;&#X43; &#8212; &#x1F600; &#150;", lines: ["ABC — 😀 –"] },
    { name: "once only", wikitext: "&amp;lt;br&amp;gt; &amp;amp; &amp;nbsp;", lines: ["&lt;br&gt; &amp; &nbsp;"] },
    {
      name: "decoded markup is text",
      wikitext: "&lt;ref&gt;a &#91;&#91;b&#93;&#93; &#39;&#39;c&#39;&#39; &#123;&#123;d",
      lines: ["<ref>a [[b]] ''c'' {{d"],
    },
    { name: "at the start of a line", wikitext: "&#42; a\n\n&#61;&#61; b &#61;&#61;", lines: ["* a", "== b =="] },
    { name: "unknown ones stay", wikitext: "&foo; AT&T &#xZZ; & x; &#0;", lines: ["&foo; AT&T &#xZZ; & x; &#0;"] },
    { name: "in links", wikitext: "[[Tom &amp; Jerry]] [[A b|c&nbsp;d]]", lines: ["Tom & Jerry c d"] },
    { name: "joiners stay", wikitext: "می\u200Cخواهم &zwnj;x&zwj;", lines: ["می\u200Cخواهم \u200Cx\u200D"] },
  ],
  variants: [
    { name: "the first is kept", wikitext: "A -{zh-hans:计算机; zh-hant:電腦;}- b.", lines: ["A 计算机 b."] },
    { name: "text is kept", wikitext: "A -{text}- b.", lines: ["A text b."] },
    { name: "with flags", wikitext: "-{A|zh-cn:一;zh-tw:二}- -{R|原文}-", lines: ["一 原文"] },
    { name: "hidden rules go", wikitext: "-{H|zh-cn:一;zh-tw:二}-A-{T|zh:题}-.", lines: ["A."] },
    { name: "with a link", wikitext: "-{[[中国|一]]}- -{zh:[[日本|二]];zh-tw:[[三三]]}-", lines: ["一 二"] },
    { name: "around a template", wikitext: "A -{{{a|b}}}- c.", lines: ["A c."] },
    { name: "other scripts", wikitext: "-{sr-ec:Београд; sr-el:Beograd}-", lines: ["Београд"] },
    { name: "unclosed", wikitext: "A -{ b", lines: ["A -{ b"] },
  ],
};

/**
 * The contract suite of an extractor: what `create` gives must pass it.
 *
 * The cases state the requirement of `Extractor`, not what an implementation happens to do.
 */
export function describeExtractor(name: string, create: () => Extractor | Promise<Extractor>): void {
  describe(name, async () => {
    const extractor = await create();
    const extract = (wikitext: string) => extractor.extract(wikitext, CONTEXT);
    for (const [topic, cases] of Object.entries(CASES)) {
      describe(topic, () => {
        for (const { name, wikitext, lines } of cases) {
          it(name, () => expect(extract(wikitext)).toBe(lines.join("\n")));
        }
      });
    }

    it("names itself", () => expect(extractor.id).toMatch(/^[a-z]+-\S+$/));

    it("gives the same text again", () => {
      const page = Object.values(CASES)
        .flat()
        .map(({ wikitext }) => wikitext)
        .join("\n\n");
      expect(extract(page)).toBe(extract(page));
    });

    describe("ends soon", () => {
      const hostile: Readonly<Record<string, string>> = {
        "open braces": "{{".repeat(50_000),
        "open braces in paragraphs": "{{a\n\n".repeat(50_000),
        "open links": "[[a|".repeat(50_000),
        "open files": "[[File:a|".repeat(20_000),
        "open external links": "[http://a.b c ".repeat(20_000),
        "open references": "<ref>".repeat(50_000),
        "open tags of many names": "<math><ref><nowiki><code><table><gallery>".repeat(10_000),
        "open comments": "<!-".repeat(50_000),
        "closed comments in text": "text <!-- a --> ".repeat(50_000),
        "closed tags in text": "text <b>a</b><ref>b</ref> ".repeat(30_000),
        "less-than signs": "<a ".repeat(50_000),
        "open tables": "{|\n".repeat(50_000),
        "closed tables": "{|\n|}\n".repeat(30_000),
        "nested tables": "{|\n".repeat(20_000) + "|}\n".repeat(20_000),
        "nested templates": "{{a|".repeat(30_000) + "}}".repeat(30_000),
        "nested links": "[[a|".repeat(20_000) + "]]".repeat(20_000),
        "open converters": "-{".repeat(50_000),
        "nested converters": "-{".repeat(10_000) + "}-".repeat(10_000),
        quotes: "''a '''b ".repeat(20_000),
        "one long line of links": "[[foo bar|baz]] and ".repeat(20_000),
        "equals signs": "=".repeat(100_000),
        "white space": `a${" ".repeat(100_000)}b${"\n ".repeat(50_000)}c`,
        underscores: "__A".repeat(50_000),
        numbers: "1. ".repeat(50_000),
        ampersands: "&amp".repeat(50_000),
      };
      for (const [name, wikitext] of Object.entries(hostile)) {
        it(name, { timeout: 20_000 }, () => {
          const start = performance.now();
          extract(wikitext);
          // Linear work takes well under a second; quadratic work on these inputs takes minutes.
          expect(performance.now() - start).toBeLessThan(10_000);
        });
      }
    });
  });
}
