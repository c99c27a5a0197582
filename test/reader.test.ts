import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupOfLabel, LABEL_SCHEMES, OTHER } from "../languages/index.ts";
import { knownLabels } from "../languages/lid-labels.ts";
import { drawsOf, nameRow } from "../src/balancing/balance.ts";
import { type Balancer, openBalancer } from "../src/export/balancer.ts";
import { Problems } from "../src/problems.ts";
import { takeText } from "../src/sources/pool-kind.ts";
import { makeCaptionLists, readAllCaptions, textsByGroup } from "./caption-lists.ts";
import { type CountedLists, type ExportOptions, exportCounted, exportLists } from "./export-counted.ts";
import { textAndEntries } from "./matching-texts.ts";
import { lacksNumpy, runPython } from "./python.ts";
import { PythonRows, toWritten, type Written } from "./python-rows.ts";
import { makeFolder } from "./run-cli.ts";
import { lacksSharedData } from "./shared-data.ts";

const READER = fileURLToPath(new URL("../src/export/worldmeta_reader.py", import.meta.url));
const folder = makeFolder();
const lacksReader = lacksNumpy();
let python: PythonRows;
beforeAll(() => {
  if (!lacksReader) python = new PythonRows(READER, folder);
});
afterAll(() => {
  python?.end();
  rmSync(folder, { recursive: true });
});

let exports = 0;
/** A folder that `export metaclip` might have written. */
function exportSmall(lists: CountedLists, options: Omit<ExportOptions, "directory"> = {}): Promise<string> {
  return exportLists(lists, { directory: join(folder, `export-${exports++}`), tailRatio: 0.3, ...options });
}

/** Code points that only one of Python and Node knows: their marks and composed forms differ. */
function findUnknownToOne(): ReadonlySet<number> {
  const program = `
import unicodedata
print("".join("01"[unicodedata.category(chr(point)) == "Cn"] for point in range(0x110000)))`;
  const isUnassigned = runPython(program);
  const unknown = new Set<number>();
  for (let point = 0; point < 0x110000; point++) {
    if ((isUnassigned[point] === "1") !== /^\p{Cn}$/u.test(String.fromCodePoint(point))) unknown.add(point);
  }
  return unknown;
}

/** Groups of as many kinds of apostrophes; a label of each. */
const GROUPS = { en: "en-GB", fr: "fr", ca: "cawiki", tr: "tr_Latn", ko: "ko-KR", zh: "zh-Hant-TW", other: "klingon" };
const ids = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "a:b", "\ud800", "😀", "0"),
  fc.nat(),
  fc.constantFrom(0, -7, 2.5, 9007199254740991),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e-5, max: 1e-5 }).filter((number) => !Number.isNaN(number)),
);

/** What may stand in a row where a text should. */
const junk = fc.constantFrom<unknown>(
  null,
  7,
  "",
  " \ufeff\u2003",
  "a\0b",
  "\u200b\u00ad\u2066",
  "\x01\x02 \x7f a\ud800",
  "\ufffd\ufffd a dog",
  " Data:image/png;base64,iVBORw0K",
  `see ${"aB3/".repeat(64)}`,
  "-=".repeat(200),
  ["a"],
  "x".repeat(70_000),
  "é".repeat(32_769),
);

const cases = fc.record({
  group: fc.constantFrom(...(Object.keys(GROUPS) as (keyof typeof GROUPS)[])),
  texts: fc.array(textAndEntries, { minLength: 1, maxLength: 10 }),
  rows: fc.array(
    fc.record({
      picks: fc.array(fc.nat(), { maxLength: 4 }),
      junk: fc.array(junk, { maxLength: 2 }),
      id: fc.option(ids, { nil: undefined }),
      url: fc.option(fc.webUrl(), { nil: undefined }),
      hasList: fc.integer({ min: 0, max: 9 }).map((number) => number > 0),
    }),
    { minLength: 1, maxLength: 30 },
  ),
  counts: fc.array(fc.nat({ max: 30 }), { minLength: 1 }),
  seed: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
});

describe.skipIf(lacksReader)("worldmeta_reader.py", () => {
  const unknown = lacksReader ? new Set<number>() : findUnknownToOne();
  const known = (text: string) => [...text].filter((character) => !unknown.has(character.codePointAt(0)!)).join("");

  it.each(["corrected", "reference"] as const)("matches and decides as the balancer here does, %s", async (profile) => {
    let kept = 0;
    let dropped = 0;
    const compare = fc.asyncProperty(cases, async ({ group, texts, rows, counts, seed }) => {
      const entries = texts.flatMap((one) => one.entries.map(known)).filter((entry) => entry !== "");
      const list = { entries, counts: entries.map((_, id) => 1 + counts[id % counts.length]!) };
      if (entries.length === 0) return;
      const directory = await exportSmall({ [group]: list }, { profile });
      const asked = rows.map(({ picks, junk, hasList, ...row }) => {
        const drawn = picks.map((pick) => known(texts[pick % texts.length]!.text));
        const all = [...drawn, ...junk] as string[];
        const lang = hasList ? GROUPS[group] : "de";
        return { ...row, texts: all, lang: picks.length % 3 === 0 ? all.map((_, at) => (at % 2 ? "de" : lang)) : lang };
      });
      const balancer = openBalancer(directory, { seed });
      const ours = asked.map((row) => balancer.decide(row));
      const matched = asked.map(({ texts, lang }, at) => {
        const { group, id } = ours[at]!;
        const matches = texts.map((text, position) => {
          const taken = takeText(text, new Problems(), () => "");
          const label = typeof lang === "string" ? lang : lang[position];
          return taken !== undefined && label !== "de" && group !== "de" ? [...balancer.match(taken, group)] : [];
        });
        return { id, matches, group };
      });
      const { decisions } = await python.decide({ directory, seed, rows: [...asked, ...matched] });
      rmSync(directory, { recursive: true });
      expect(decisions.slice(0, asked.length)).toEqual(ours.map(toWritten));
      const keeps = matched.map((row) => balancer.keep(row));
      // Texts of several languages have no one group whose ids could be given.
      const isOne = (_: unknown, at: number) => typeof asked[at]!.lang === "string";
      expect(keeps.map(withoutText).filter(isOne)).toEqual(ours.map(withoutText).filter(isOne));
      expect(decisions.slice(asked.length)).toEqual(keeps.map(toWritten));
      for (const decision of ours) {
        if (decision.kept) kept++;
        else dropped++;
      }
    });
    await fc.assert(compare, { numRuns: 80, interruptAfterTimeLimit: 30_000 });
    expect(Math.min(kept, dropped)).toBeGreaterThan(20);
  });
});

function withoutText({ text: _, ...decision }: ReturnType<Balancer["decide"]>): Written {
  return toWritten({ ...decision, text: undefined });
}

describe.skipIf(lacksReader || lacksSharedData("captions"))("all captions of the real input", () => {
  let rows: Awaited<ReturnType<typeof readAllCaptions>>;
  let texts: ReadonlyMap<string, readonly string[]>;
  let entries: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    rows = await readAllCaptions(folder);
    texts = textsByGroup(rows);
    entries = await makeCaptionLists(texts, folder);
  });

  it.each(["corrected", "reference"] as const)(
    "are decided as by the balancer here, %s",
    async (profile) => {
      const directory = await exportCounted(entries, { texts, profile, directory: join(folder, profile) });
      const balancer = openBalancer(directory, { seed: 5 });
      const ours = rows.map((row) => toWritten(balancer.decide(row)));
      const { decisions, seconds } = await python.decide({ directory, seed: 5, rows });
      const wrong = ours.findIndex((decision, at) => JSON.stringify(decision) !== JSON.stringify(decisions[at]));
      expect(decisions[wrong]).toEqual(ours[wrong]);
      expect(decisions.length).toBe(ours.length);

      const count = (reason: string) => number(decisions.filter((decision) => decision[4] === reason).length);
      const matches = decisions.reduce((sum, decision) => sum + decision[2].length, 0);
      console.log(
        `${profile}: ${number(rows.length)} captions in ${texts.size} groups of languages: ${count("kept")} kept, ` +
          `${count("not drawn")} not drawn, ${count("no match")} without a match, ${count("no list")} without a list; ` +
          `${number(matches)} matches, ${number(rows.length / seconds)} captions a second in Python`,
      );
      expect(rows.length).toBeGreaterThan(200_000);
      expect(texts.size).toBeGreaterThan(30);
    },
    120_000,
  );
});

/** Seven rows of all kinds, and what becomes of them with seed 3 by the lists below. */
const SMALL: CountedLists = {
  en: { entries: ["photo", "dog", "two dogs", "a"], counts: [1000, 10, 2, 4000] },
  zh: { entries: ["狗", "照片"], counts: [4, 400] },
  other: { entries: ["foto"], counts: [1] },
};
const SMALL_ROWS = [
  { id: "several", texts: ["nothing here", "a photo", "two dogs", "dog"], lang: "en" },
  { id: 17, texts: "a dog", lang: "eng" },
  { id: "17", texts: ["a dog"], lang: "en-US" },
  { url: "https://example.org/1.jpg", texts: ["一張狗的照片"], lang: "zh-Hant" },
  { id: "empty", texts: [], lang: "en" },
  { id: "blank", texts: ["", " \u3000", "a\0dog"], lang: "en" },
  { id: "unknown", texts: ["foto"], lang: "x-nobody" },
  { id: "none", texts: ["foto"] },
  { id: "german", texts: ["foto"], lang: "de" },
  { id: "languages", texts: ["", "Hund", "狗", "foto", "a dog"], lang: ["en", "de", "zh", null] },
  { id: "second", texts: ["Hund", "nothing", "照"], lang: ["de", "en", "zh"] },
];

describe("openBalancer", () => {
  it("decides rows of all kinds, by drawing with balanceRow", async () => {
    const balancer = openBalancer(await exportSmall(SMALL), { seed: 3 });
    expect(balancer).toMatchObject({ profile: "corrected", scheme: "edition", seed: 3, groups: ["en", "zh", "other"] });
    const decisions = SMALL_ROWS.map((row) => balancer.decide(row));
    expect(decisions.map(({ id, group, reason }) => [id, group, reason])).toEqual([
      ["several", "en", expect.stringMatching(/kept|not drawn/)],
      ["17", "en", "kept"],
      ["17", "en", "kept"],
      [nameRow({ url: "https://example.org/1.jpg", texts: ["一張狗的照片"] }), "zh", "kept"],
      ["empty", "en", "no match"],
      ["blank", "en", "no match"],
      ["unknown", "other", "kept"],
      ["none", "other", "kept"],
      ["german", "de", "no list"],
      ["languages", expect.stringMatching(/zh|other/), "kept"],
      ["second", "en", "no match"],
    ]);
    expect(["狗", "foto"]).toContain(decisions[9]?.text);
    // Of four texts three match; which of them is drawn the id decides.
    const { pick } = drawsOf("several", 3);
    expect(decisions[0]?.drawn).toBe(1 + Math.floor(pick * 3));
    expect(decisions[0]?.text).toBe(SMALL_ROWS[0]?.texts[decisions[0]?.drawn ?? 0]);
    expect([...decisions[1]!.matches]).toEqual([1, 3]);
  });

  it("draws anew with another seed, by the same lists", async () => {
    const lists = { en: { entries: ["a", "b"], counts: [1000, 1] } };
    const balancer = openBalancer(await exportSmall(lists, { tailRatio: 0 }));
    const keptBy = (seed: number) =>
      Array.from({ length: 4000 }, (_, id) => balancer.withSeed(seed).keep({ id, matches: [[0]], group: "en" }).kept);
    const [first, second] = [keptBy(0), keptBy(1)];
    expect(first).not.toEqual(second);
    expect(keptBy(0)).toEqual(first);
    const { probability } = balancer.keep({ id: 1, matches: [[0]], group: "en" });
    const share = first.filter((kept) => kept).length / first.length;
    expect(Math.abs(share - probability)).toBeLessThan(0.01);
  });

  it("asks for what it needs", async () => {
    const directory = await exportSmall(SMALL);
    expect(() => openBalancer(folder)).toThrow("manifest.json is missing or none of ours");
    expect(() => openBalancer(directory, { seed: -1 })).toThrow("a seed is a whole number");
    const balancer = openBalancer(directory);
    expect(() => balancer.match("dog", "fr")).toThrow("no list of fr; there are en, zh, other");
    expect(() => balancer.keep({ id: "", matches: [[1]], group: "en" })).toThrow("keep() needs an id");
    expect(() => balancer.keep({ id: "x", matches: [[4]], group: "en" })).toThrow("no entry 4 in a list of 4");
    rmSync(join(directory, "matching.json"));
    expect(() => openBalancer(directory)).toThrow("matching.json is missing or none of ours");
  });
});

/** What Python prints of values that a program makes of `given`; `reader` is the module in the folder `directory`. */
function askReader(directory: string, program: string, given: unknown = null): unknown {
  const path = join(folder, "given.json");
  writeFileSync(path, JSON.stringify(given));
  const head = `
import json, sys
sys.path.insert(0, sys.argv[1])
import worldmeta_reader as reader
given = json.load(open(sys.argv[2]))
`;
  return JSON.parse(runPython(`${head}${program}`, directory, path));
}

describe.skipIf(lacksReader)("the folder that export metaclip writes, in Python", () => {
  it("decides rows of all kinds as the balancer here does", async () => {
    const directory = await exportSmall(SMALL);
    const balancer = openBalancer(directory, { seed: 3 });
    const { decisions } = await python.decide({ directory, seed: 3, rows: SMALL_ROWS });
    expect(decisions).toEqual(SMALL_ROWS.map((row) => toWritten(balancer.decide(row))));
  });

  it("is found by its own reader, and survives pickling, threads and forks", async () => {
    const directory = await exportSmall(SMALL);
    const expected = Array.from(
      { length: 50 },
      (_, id) => openBalancer(directory, { seed: 3 }).keep({ id, matches: [[3]], group: "en" }).kept,
    );
    const program = `
import multiprocessing, os, pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
balancer = reader.Balancer(seed=3)
def decide(id): return balancer.decide("a", id=id, lang="en").kept
if __name__ == "__main__":
    decide(0)
    size = len(pickle.dumps(balancer))
    results = []
    with ThreadPoolExecutor(4) as pool: results.append(list(pool.map(decide, range(50))))
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool: results.append(list(pool.map(decide, range(50))))
    copy = pickle.loads(pickle.dumps(balancer))
    results.append([copy.decide("a", id=id, lang="en").kept for id in range(50)])
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        results.append([decision.kept for decision in pool.map(balancer.keep, range(50), [[[3]]] * 50, ["en"] * 50)])
    print(json.dumps({"size": size, "results": results}))
`;
    const { size, results } = askReader(directory, program) as { size: number; results: boolean[][] };
    expect(size).toBeLessThan(1000);
    expect(results).toEqual([expected, expected, expected, expected]);
  });

  it("takes the numbers of NumPy for numbers", async () => {
    const program = `
import numpy
balancer = reader.Balancer()
numbers = [numpy.int64(2**60 + 1), numpy.uint8(7), numpy.float64(2.5), numpy.float32(3), numpy.float64("nan")]
print(json.dumps([balancer.decide("a", id=number, lang="en").id for number in numbers]))
`;
    expect(askReader(await exportSmall(SMALL), program)).toEqual([
      ...["1152921504606846977", "7", "2.5", "3"],
      nameRow({ url: undefined, texts: ["a"] }),
    ]);
  });

  it("says in one line what is wrong", async () => {
    const directory = await exportSmall(SMALL);
    const program = `
import pathlib
def complaint(work):
    try: work()
    except Exception as error: return f"{type(error).__name__}: {error}"
balancer = reader.Balancer()
folder = pathlib.Path(sys.argv[1])
complaints = [
    complaint(lambda: reader.Balancer(folder / "metadata")),
    complaint(lambda: reader.Balancer(folder, seed=-1)),
    complaint(lambda: reader.Balancer(folder, seed="1")),
    complaint(lambda: reader.Balancer(folder, scheme="iso")),
    complaint(lambda: balancer.match("dog", "fr")),
    complaint(lambda: balancer.keep(None, [[1]], "en")),
    complaint(lambda: balancer.keep("x", [[4]], "en")),
    complaint(lambda: balancer.keep("x", [[-1]], "en")),
    complaint(lambda: balancer.decide(b"dog", lang="en")),
    complaint(lambda: balancer.decide({"dog", "a"}, lang="en")),
    complaint(lambda: balancer.decide("dog", id=b"1", lang="en")),
    complaint(lambda: balancer.webdataset_filter()({"__key__": "k", "caption": b""})),
    complaint(lambda: reader.BalancedDataset([{"caption": "dog"}], balancer)),
    complaint(lambda: reader.BalancedDataset([{"text": "dog"}], balancer, [])),
]
(folder / "matching.json").write_text('{"format": "worldmeta-matching-9"}')
complaints.append(complaint(lambda: reader.Balancer(folder)))
(folder / "matching.json").write_text("{")
complaints.append(complaint(lambda: reader.Balancer(folder)))
print(json.dumps([text.replace(str(folder), "DIR") for text in complaints]))
`;
    expect(askReader(directory, program)).toEqual([
      "ValueError: DIR/metadata/manifest.json is missing; name the folder that worldmeta export metaclip has written",
      "ValueError: a seed is a whole number from 0 to 2**53 - 1, not -1",
      "ValueError: a seed is a whole number from 0 to 2**53 - 1, not '1'",
      "ValueError: no labelling scheme 'iso'; there are lid.176, iso639-3, nllb, edition, worldmeta",
      "KeyError: 'DIR: no list of fr; there are en, zh, other'",
      "ValueError: keep() needs an id: there are no texts to name the row by",
      "ValueError: no entry 4 in a list of 4",
      "ValueError: no entry -1 in a list of 4",
      "TypeError: texts are strings; decode bytes first",
      "TypeError: texts are drawn by their order, which a set has not; give a list",
      "TypeError: ids, addresses and labels are strings or numbers; decode bytes first",
      "KeyError: \"k has no 'txt'; it has __key__, caption\"",
      "KeyError: \"row 0 has no field 'text'; it has caption\"",
      "ValueError: 0 rows of captions for a dataset of 1",
      "ValueError: DIR/matching.json is not of the format worldmeta-matching-1; take the reader that lies beside it",
      expect.stringMatching(/^ValueError: DIR\/matching.json cannot be read \(.*\); write the folder anew$/),
    ]);
  });

  it("leads labels of every scheme where they lead here", async () => {
    const known = LABEL_SCHEMES.flatMap((scheme) => [...knownLabels(scheme).keys()]);
    const subtag = fc.oneof(
      fc.constantFrom(...["latn", "Hans", "hant", "arab", "cyrl", "jpan", "US", "419", "x", "private", "1996", "cmn"]),
      fc.string({ maxLength: 4 }),
    );
    const made = fc
      .tuple(fc.constantFrom(...known), fc.array(subtag, { maxLength: 3 }), fc.constantFrom("-", "_"))
      .chain(([label, rest, joint]) => {
        const tag = [label, ...rest].join(joint);
        return fc.constantFrom(tag, tag.toUpperCase(), `__label__${tag}`, ` ${tag}\ufeff`, tag.replace("_", " _"));
      });
    const labels = [
      ...new Set([...known, ...fc.sample(made, { numRuns: 5000, seed: 1 }).map((one) => one.toWellFormed())]),
    ];
    for (const scheme of LABEL_SCHEMES) {
      const directory = await exportSmall(SMALL, { scheme });
      const groups = askReader(
        directory,
        "b = reader.Balancer(); print(json.dumps([b.group_of(x) for x in given]))",
        labels,
      );
      expect(groups).toEqual(labels.map((label) => (label === "" ? OTHER : (groupOfLabel(label, scheme) ?? OTHER))));
    }
  });

  it.each(["corrected", "reference"] as const)("takes every character for what it is here, %s", async (profile) => {
    const entries = ["a", "b", "ab", "1", "山", "ב", "a b", "1 山", "é", "山山"];
    const list = { entries, counts: entries.map(() => 5) };
    const directory = await exportSmall({ en: list }, { profile });
    const balancer = openBalancer(directory);
    const unknown = findUnknownToOne();
    const rows: { id: number; texts: string; lang: string }[] = [];
    // From U+20000 on there are Han characters, then nothing but variation selectors, which are read in long ranges.
    for (let point = 1; point < 0x110000; point += point < 0x20000 ? 1 : 0x55) {
      if (unknown.has(point)) continue;
      const c = String.fromCodePoint(point);
      rows.push({ id: point, texts: `a${c}b ${c}a 1${c} e\u0301${c} 山${c}山 ${c}1 ב${c}ב a ${c} b`, lang: "en" });
    }
    const { decisions } = await python.decide({ directory, seed: 0, rows });
    const ours = rows.map((row) => toWritten(balancer.decide(row)));
    const wrong = ours.flatMap((one, at) =>
      JSON.stringify(one) === JSON.stringify(decisions[at]) ? [] : [[rows[at]?.id.toString(16), decisions[at], one]],
    );
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("is a program that any Python from 3.9 on reads, in lines of 100 columns", () => {
    const source = readFileSync(READER, "utf8");
    expect(source.split("\n").filter((line) => line.length > 100 || /\s$/.test(line))).toEqual([]);
    expect(source).toMatch(/^[\x20-\x7e\n]*$/);
    const program = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))
modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
alien = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
public = [n for n in ast.walk(tree) if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and not n.name.startswith("_")]
print(sorted(alien), [node.name for node in public if ast.get_docstring(node) is None])`;
    expect(runPython(program, READER)).toBe("['numpy'] []\n");
  });
});

describe("docs/curator.md, in the data loader", () => {
  const docs = readFileSync(fileURLToPath(new URL("../docs/curator.md", import.meta.url)), "utf8");
  const section = docs.slice(docs.indexOf("## In the data loader"), docs.indexOf("## How many captions to expect"));
  const blocksOf = (language: string) =>
    [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, block]) => (name === language ? [block!] : []));
  const lists = { en: { entries: ["a", "Two", "snow", "dogs", "in the"], counts: [90, 2, 3, 5, 9] } };
  const printed = /^true kept Two dogs in the snow \[ ?1, 2, 3, 4 ?\] 1(\.0)?\n$/i;
  const inFolder = async () => {
    const directory = join(folder, `docs-${exports++}`);
    await exportLists(lists, { directory: join(directory, "curator"), tailRatio: 0.01 });
    return directory;
  };

  it.skipIf(lacksReader)("shows Python that runs", async () => {
    const [first = "", pipeline = "", ...others] = blocksOf("python");
    expect(pipeline).toContain("webdataset_filter(lang=");
    expect(others.length).toBe(3);
    // Stand-ins for PyTorch, and for a dataset of Hugging Face's library.
    const prelude = `
import os, sys, types
os.chdir(sys.argv[1])
torch = types.ModuleType("torch.utils.data")
torch.DataLoader = lambda dataset, batch_size, shuffle: list(dataset)
sys.modules.update({"torch": types.ModuleType("torch"), "torch.utils": types.ModuleType("utils"), "torch.utils.data": torch})
class Dataset(list):
    def select_columns(self, names): return [{name: row[name] for name in names} for row in self]
    def to_iterable_dataset(self): return self
    def filter(self, function): return list(filter(function, self))
dataset = Dataset([{"id": 1, "text": "Two dogs", "lang": "en", "image": b""}])
`;
    const check = "assert decision.reason == 'kept' and list(balanced) == list(stream) == dataset";
    expect(runPython([prelude, first, ...others, check].join("\n"), await inFolder())).toMatch(printed);
  });

  it("shows JavaScript that runs", async () => {
    const [block = ""] = blocksOf("js");
    const library = new URL("../dist/src/index.js", import.meta.url).href;
    const directory = await inFolder();
    const path = join(directory, "example.mjs");
    writeFileSync(path, block.replace('"worldmeta"', JSON.stringify(library)));
    const { stdout, stderr } = spawnSync(process.execPath, [path], { cwd: directory, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.replace("Uint32Array(4) ", "")).toMatch(printed);
  });
});

describe.skipIf(lacksReader)("BalancedDataset", () => {
  it("shows of each epoch what the balancer here keeps, with the texts that were drawn", async () => {
    const lists = { en: { entries: ["a", "b", "c"], counts: [100, 50, 10] } };
    const directory = await exportSmall(lists, { tailRatio: 0 });
    const rows = Array.from({ length: 300 }, (_, id) => ({
      id,
      text: [["a"], ["x", "a", "b"], ["a b", "c", "a"], ["x"]][id % 4],
      lang: id % 5 === 0 ? null : "en",
      image: id * id,
    }));
    const program = `
import pickle
class Rows:  # as a dataset of PyTorch, without an iterator
    def __len__(self): return len(given)
    def __getitem__(self, index): return given[index]
class Images:
    def __len__(self): return len(given)
    def __getitem__(self, index): return given[index]["image"]
balancer = reader.Balancer(seed=2)
balanced = reader.BalancedDataset(Rows(), balancer, default_lang="en")
images = reader.BalancedDataset(Images(), balancer, given, default_lang="en")
copy = pickle.loads(pickle.dumps(reader.BalancedDataset(given, balancer, default_lang="en")))
epochs = []
for epoch in (0, 1, 7):
    for one in (balanced, images, copy): one.set_epoch(epoch)
    assert len(balanced) == len(images) == len(copy) == len(balanced.indices)
    assert [images[at] for at in range(len(images))] == [balanced[at]["image"] for at in range(len(balanced))]
    assert list(copy) == list(balanced)
    epochs.append([balanced.indices.tolist(), list(balanced)])
print(json.dumps(epochs))
`;
    const epochs = askReader(directory, program, rows);
    const expected = [0, 1, 7].map((epoch) => {
      const balancer = openBalancer(directory, { seed: 2 + epoch });
      const kept = rows.flatMap((row, index) => {
        const decision = balancer.decide({ id: row.id, texts: row.text ?? [], lang: "en" });
        return decision.kept ? [{ index, item: { ...row, text: decision.text } }] : [];
      });
      return [kept.map(({ index }) => index), kept.map(({ item }) => item)];
    });
    expect(epochs).toEqual(expected);
    const sizes = expected.map(([indexes]) => indexes!.length);
    expect(Math.min(...sizes)).toBeGreaterThan(10);
    expect(new Set(expected.map(([indexes]) => JSON.stringify(indexes))).size).toBe(3);
  });
});

const number = (value: number) => Math.round(value).toLocaleString("en");
