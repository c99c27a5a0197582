/** Chinese, in simplified and traditional characters: jieba's dictionary, and its HMM for words outside it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { CutRun } from "./words.ts";

const require = createRequire(import.meta.url);

function versionIn(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Blocks that hold the characters with a simplified form: Extension A, the unified and the compatibility ideographs. */
const HAN_BLOCKS = [
  [0x3400, 0x9fff],
  [0xf900, 0xfaff],
] as const;

/** The simplified form of each UTF-16 unit; of most, the unit itself. */
function loadSimplified(): Uint16Array {
  const { Converter } = require("opencc-js/t2cn") as typeof import("opencc-js/t2cn");
  const simplify = Converter({ from: "t", to: "cn" });
  const table = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit);
  for (const [first, last] of HAN_BLOCKS) {
    for (let unit = first; unit <= last; unit++) {
      const simple = simplify(String.fromCharCode(unit));
      if (simple.length === 1) table[unit] = simple.charCodeAt(0);
    }
  }
  return table;
}

/**
 * A cutter whose dictionary, which knows mostly simplified words, looks at the simplified form of each character: the
 * form is as long as the text, so that its cuts are cuts of the text. scripts/measure-tokenizers.ts gives the gain on
 * traditional text.
 */
export function loadChineseCut(): { readonly id: string; readonly cutRun: CutRun } {
  const { Jieba } = require("@node-rs/jieba") as typeof import("@node-rs/jieba");
  const { dict } = require("@node-rs/jieba/dict.js") as { dict: Uint8Array };
  const jieba = Jieba.withDict(dict);
  const simplified = loadSimplified();
  const simplify = (run: string): string => {
    const units = Buffer.allocUnsafe(run.length * 2);
    for (let index = 0; index < run.length; index++) {
      units.writeUInt16LE(simplified[run.charCodeAt(index)] ?? 0, index * 2);
    }
    return units.toString("utf16le");
  };
  const jiebaVersion = versionIn(require.resolve("@node-rs/jieba/package.json"));
  // The package does not export its manifest, which lies two folders above this file.
  const openccVersion = versionIn(join(require.resolve("opencc-js/t2cn"), "../../../package.json"));
  return {
    id: `jieba-${jiebaVersion} opencc-${openccVersion}`,
    cutRun: (run) => jieba.cut(simplify(run), true),
  };
}
