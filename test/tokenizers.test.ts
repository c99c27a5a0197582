import { describe, expect, it } from "vitest";
import type { EditionCode, TokenizerName } from "../languages/define.ts";
import { loadTokenizer } from "../languages/tokenizers.ts";
import { describeTokenizer } from "./tokenizer-contract.ts";

const edition = (code: string, tokenizer: TokenizerName = "words") => ({ code: code as EditionCode, tokenizer });

for (const code of ["en", "fr", "he", "ko", "tr", "shn"]) describeTokenizer(edition(code));
for (const code of ["zh", "ja", "th", "lo", "km", "my", "bo"] as const) describeTokenizer(edition(code, code));

async function wordsOf(code: string, tokenizer: TokenizerName, text: string): Promise<string> {
  const { segment } = await loadTokenizer(edition(code, tokenizer));
  return segment(text)
    .filter(({ word }) => word)
    .map((part) => part.text)
    .join("|");
}

describe("words of", () => {
  it.each([
    ["en", "words", "Sainsbury's don't sell high-speed Yahoo! (2)", "Sainsbury|'s|don't|sell|high-speed|Yahoo"],
    ["fr", "words", "L’homme d'aujourd'hui, quelqu'un", "L’|homme|d'|aujourd'hui|quelqu'un"],
    ["it", "words", "nell'uomo c'è un po' d’acqua", "nell'|uomo|c'|è|un|po|d’|acqua"],
    ["ca", "words", "l'hora n'hi ha; deixa'm el col·legi", "l'|hora|n'|hi|ha|deixa|'m|el|col·legi"],
    ["cy", "words", "mae'r gath a'i chwaer", "mae|'r|gath|a|'i|chwaer"],
    ["ga", "words", "D'fhág sé; b'fhéidir", "D'|fhág|sé|b'|fhéidir"],
    ["gd", "words", "dh'fhàg iad", "dh'|fhàg|iad"],
    ["br", "words", "n'eo ket c'hoazh", "n'|eo|ket|c'hoazh"],
    ["tr", "words", "Ankara'da ABD’nin Kur'an", "Ankara|'da|ABD|’nin|Kur'an"],
    ["uz", "words", "o‘zbek oʻzbek o'zbek", "o‘zbek|oʻzbek|o'zbek"],
    ["ko", "words", "‘특검법’을 보다", "특검법|을|보다"],
    ["he", "words", 'צה"ל ג\'ינס "שלום"', "צה\"ל|ג'ינס|שלום"],
    ["fa", "words", "می\u200cشود، است", "می\u200cشود|است"],
    ["hi", "words", "यह हिन्दी है।", "यह|हिन्दी|है"],
    ["ko", "words", "서울(漢城)은", "서울|漢城|은"],
    ["shn", "words", "မိူင်းတႆး", "မိူင်း|တႆး"],
    ["mnw", "words", "တအ်ဂှ်ပေါ်သတ္တ", "တအ်|ဂှ်|ပေါ်|သတ္တ"],
    ["bo", "bo", "བོད་ཡིག་གི།", "བོད|ཡིག|གི"],
    ["bo", "bo", "འཛིན་Gjorge Ivanovཡིས", "འཛིན|Gjorge|Ivanov|ཡིས"],
    ["th", "th", "ภาษาไทย", "ภาษา|ไทย"],
    ["km", "km", "ខ្ញុំស្រឡាញ់ភាសាខ្មែរ", "ខ្ញុំ|ស្រឡាញ់|ភាសាខ្មែរ"],
    ["zh", "zh", "我們喜歡臺灣大學", "我們|喜歡|臺灣大學"],
    ["zh", "zh", "我们喜欢台湾大学", "我们|喜欢|台湾大学"],
    ["ja", "ja", "新しいカメラとiPhoneを買った。", "新しい|カメラ|と|iPhone|を|買っ|た"],
  ] as const)("%s (%s): %s", async (code, tokenizer, text, expected) => {
    expect(await wordsOf(code, tokenizer, text)).toBe(expected);
  });
});

describe("long runs without a space", () => {
  it.each([
    ["th", "ภาษาไทยเป็นภาษา"],
    ["ja", "新しいカメラを買った"],
    ["zh", "我们喜欢北京大学"],
  ] as const)("take time in proportion to their length and keep marks on their letters (%s)", async (code, phrase) => {
    const { segment } = await loadTokenizer(edition(code, code));
    const text = phrase.repeat(Math.ceil(50_000 / phrase.length));
    const start = performance.now();
    const segments = segment(text).map((part) => part.text);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(segments.join("")).toBe(text);
    expect(segments.filter((part) => /^\p{M}/u.test(part))).toEqual([]);
  });
});
