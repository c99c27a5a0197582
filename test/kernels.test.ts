import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { getEdition, listEditions, namesOf } from "../languages/index.ts";
import { compileKernels } from "../scripts/build-kernels.ts";
import { startMachine } from "../src/kernels/machine.ts";
import { Problems } from "../src/problems.ts";
import { readDump } from "../src/sources/dump.ts";
import type { ExtractContext, Extractor } from "../src/text/extractor.ts";
import { createFastExtractor } from "../src/text/fast.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const CONTEXT: ExtractContext = {
  title: "Titel",
  fileNames: ["Datei", "Файл", "Bild"],
  categoryNames: ["Kategorie", "Категория"],
};

/** What wikitext is made of, closed or not. */
const FRAGMENTS = (
  "[[ ]] [ ] {{ }} { } {| |} | || |- ! !! -{ }- ; : * # = == === ' '' ''' ''''' <!-- --> <ref> </ref> <ref/> <br> <div> </div> " +
  "<nowiki> </nowiki> <pre> </pre> <poem> </poem> <table> </table> <math> </math> <b> </b> < > </ &amp; &nbsp; &#65; &#x1F600; " +
  "&#150; &foo; & __TOC__ __БЕЗ__ __ http:// https://a.b/c [https://a.b [[File:a|b [[Файл:а [[de:X zh-hans: H| A| ---- a Б 東 。 😀 é"
).split(" ");
const wikitext = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...FRAGMENTS) },
      {
        weight: 3,
        arbitrary: fc.constantFrom("\n", "\n", "\n\n", " ", " ", "\t", "\r\n", "\u00A0", "\u3000", "\uFEFF"),
      },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(""));

/** Milliseconds that 100 kB may take, and what a measurement is allowed beside for the machine's other work. */
const BUDGET = 50;
const ALLOWANCE = 100;

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe("kernels", () => {
  let wasm: Extractor;
  const twin = createFastExtractor(startMachine("twin"));
  beforeAll(async () => {
    wasm = createFastExtractor(startMachine(await compileKernels()));
  });

  it("give the same text compiled and as their source, of lines without white space around them", () => {
    fc.assert(
      fc.property(wikitext, (text) => {
        const lines = wasm.extract(text, CONTEXT);
        expect(twin.extract(text, CONTEXT)).toBe(lines);
        if (lines !== "") for (const line of lines.split("\n")) expect(line).toMatch(/^\S(?:.*\S)?$/s);
      }),
      { numRuns: 20_000 },
    );
  });

  it("give a page the same text whatever came before it", () => {
    fc.assert(
      fc.property(wikitext, wikitext, (before, text) => {
        const expected = wasm.extract(text, CONTEXT);
        wasm.extract(before, CONTEXT);
        wasm.extract("x".repeat(100), { ...CONTEXT, fileNames: ["X"] });
        expect(wasm.extract(text, CONTEXT)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("survive lone surrogates", () => {
    expect(wasm.extract("a \uD800 b \uDC00[[c\uDFFF]]", CONTEXT)).toBe("a \uFFFD b \uFFFDc\uFFFD");
  });

  it("know localised namespaces in any of their usual forms", () => {
    for (const name of ["Файл", "файл", "ФАЙЛ", "_Файл_", " файл "])
      expect(wasm.extract(`a [[${name}:x.jpg|b]] c`, CONTEXT)).toBe("a c");
  });

  it("take l'''amour''' and l'''Amour'' as MediaWiki does", () => {
    expect(wasm.extract("l'''amour''' de\nl'''Amour'' et ''x''", CONTEXT)).toBe("lamour de l'Amour et x");
    expect(wasm.extract("genoemd '''t Stad''", CONTEXT)).toBe("genoemd 't Stad");
    expect(wasm.extract("''a'' ''b ''' ", CONTEXT)).toBe("a b");
  });

  it("keep white space before a link's label", () => {
    expect(wasm.extract("με την[[Α| Β]] [[ :en:C]]", CONTEXT)).toBe("με την Β en:C");
  });

  it("put no white space before an external link's label", () => {
    expect(wasm.extract("由[http://a.b  ACM]和", CONTEXT)).toBe("由ACM和");
  });

  describe("end soon on 2 MB of", () => {
    const MB = 2 << 20;
    const units = [
      "[[",
      "{{",
      "{|",
      "{|\n",
      "<ref",
      "<ref>",
      "<ref name=",
      "''",
      "'''",
      "-{",
      "{{{",
      "{",
      "}",
      "}}",
      "]]",
      "|}",
      "|}\n",
      "[",
      "]",
      "[http://a ",
      "[http://",
      "[[a|",
      "[[a:",
      "[[File:a|",
      "[[File:a|\n",
      "{{a|\n\n",
      "{|\n|\n{{",
      "-{a;",
      "-{zh:a;",
      ";zh",
      "; ",
      "<",
      "</",
      "</ref",
      "<!-",
      "<!--",
      "<a ",
      "<table>",
      "<table ",
      "</table",
      "<nowiki>",
      "<pre><nowiki>",
      "<poem>\n",
      "!",
      "! \n",
      "!!\n",
      "!a [[b\n",
      "&",
      "&#",
      "&a",
      "__",
      "__A",
      "_",
      ":",
      "://",
      "http://",
      "=",
      "=\n",
      "= a\n",
      "\n",
      "\n ",
      " ",
      "\u00A0",
      "*",
      "*\n",
      ";a:b\n",
      ":{|\n",
      "----\n",
      "\r",
      "\uFEFF",
      "\u3000",
      "東",
      "<b>",
      "<br>",
      "<math><ref><nowiki><code><table><gallery>",
      "{{a}}",
      "[[a]]",
      "-{a}-",
      "<!--a-->\n",
    ];
    for (const unit of units) {
      const text = unit.repeat(Math.floor(MB / Buffer.byteLength(unit)));
      it(JSON.stringify(unit), () => {
        const milliseconds = timeOf(() => wasm.extract(text, CONTEXT));
        expect(milliseconds).toBeLessThan((BUDGET * MB) / 1e5 + ALLOWANCE);
      });
    }
    const nested: readonly (readonly [string, string])[] = [
      ["{{", "}}"],
      ["[[", "]]"],
      ["[[a|", "]]"],
      ["{|\n", "|}\n"],
      ["-{", "}-"],
      ["{{[[", "]]}}"],
      ["{|\n{{", "}}\n|}\n"],
      ["<table>", "</table>"],
      ["-{zh:[[a|", "]];x:y}-"],
      ["[http://a [[b|", "]]]"],
      ["<div>", "</div>"],
      ["<poem>\n", "</poem>\n"],
      ["{{{", "}}}"],
      ["{|\n{{", "|}\n"],
    ];
    for (const [open, close] of nested) {
      const count = Math.floor(MB / (open.length + close.length));
      it(`${JSON.stringify(open)} and ${JSON.stringify(close)}, nested`, () => {
        const text = open.repeat(count) + close.repeat(count);
        expect(timeOf(() => wasm.extract(text, CONTEXT))).toBeLessThan((BUDGET * MB) / 1e5 + ALLOWANCE);
      });
    }
    it("fragments in any order", () => {
      let seed = 1;
      for (let round = 0; round < 3; round++) {
        let text = "";
        while (text.length < MB) {
          seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
          text += `${FRAGMENTS[seed % FRAGMENTS.length]}${seed % 5 === 0 ? "\n" : ""}`;
        }
        const milliseconds = timeOf(() => wasm.extract(text, CONTEXT));
        expect(milliseconds).toBeLessThan((BUDGET * Buffer.byteLength(text)) / 1e5 + ALLOWANCE);
        expect(twin.extract(text, CONTEXT)).toBe(wasm.extract(text, CONTEXT));
      }
    });
  });

  const folder = "wikipedia-xml";
  describe.skipIf(lacksSharedData(folder))("on real pages", () => {
    it("give the same text compiled and as their source, within the time", { timeout: 600_000 }, async () => {
      const codes = new Set(listEditions().map(({ code }) => code));
      let pages = 0;
      let slowest = 0;
      for (const entry of readdirSync(sharedData(folder), { recursive: true, withFileTypes: true })) {
        if (!/\.xml(\.(bz2|gz))?$/.test(entry.name)) continue;
        const code = /^([a-z]+)(?:wiki|\.)/.exec(entry.name)?.[1] ?? "en";
        const edition = getEdition(codes.has(code as never) ? code : "en");
        const names = namesOf(edition);
        const context = { title: "", fileNames: [...names.file], categoryNames: [...names.category] };
        try {
          for await (const { text } of readDump([join(entry.parentPath, entry.name)], { problems: new Problems() })) {
            if (text === undefined) continue;
            pages++;
            let lines = "";
            const milliseconds = timeOf(() => {
              lines = wasm.extract(text, context);
            });
            slowest = Math.max(slowest, milliseconds / Math.max(1, Buffer.byteLength(text) / 1e5));
            expect(twin.extract(text, context)).toBe(lines);
          }
        } catch (error) {
          // Broken dumps are among them; the pages before the break count.
          if ((error as Error).name !== "UserError") throw error;
        }
      }
      expect(pages).toBeGreaterThan(1000);
      expect(slowest).toBeLessThan(BUDGET);
    });
  });
});
