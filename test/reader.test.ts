import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupOfLabel, LABEL_SCHEMES, type LabelScheme, listEditions } from "../languages/index.ts";
import { knownLabels } from "../languages/lid-labels.ts";
import { solveGroups } from "../src/balancing/threshold.ts";
import { type Balancer, openBalancer } from "../src/export/balancer.ts";
import { exportMetaclip } from "../src/export/metaclip.ts";
import { nameList } from "../src/list-name.ts";
import type { ProfileName } from "../src/profile.ts";
import { countMatches, makeCaptionLists, readAllCaptions, textsByGroup } from "./caption-lists.ts";
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

/** Lists by group, and how often each entry matched. */
type Lists = Readonly<Record<string, { readonly entries: readonly string[]; readonly counts: readonly number[] }>>;

interface ExportOptions {
  readonly profile?: ProfileName;
  readonly scheme?: LabelScheme;
  readonly tailRatio?: number;
}

let exports = 0;
/** Writes lists as `export metaclip` does; the folder. */
async function exportLists(
  lists: Lists,
  { profile = "corrected", scheme, tailRatio = 0.3 }: ExportOptions = {},
): Promise<string> {
  const directory = join(folder, `export-${exports++}`);
  const groups = new Map(Object.entries(lists).map(([group, { counts }]) => [group, counts]));
  const thresholds = solveGroups({ groups, policy: { tailRatio }, profile });
  await exportMetaclip({
    lists: thresholds.map((threshold) => {
      const { group } = threshold;
      const { entries, counts } = lists[group]!;
      return { group, code: group, list: nameList(entries), entries, counts, threshold };
    }),
    ...{ directory, profile, scheme, versions: {}, counted: [] },
  });
  return directory;
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
);

/** What may stand in a row where a text should. */
const junk = fc.constantFrom<unknown>(
  null,
  7,
  "",
  " \ufeff\u2003",
  "a\0b",
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
      const directory = await exportLists({ [group]: list }, { profile });
      const asked = rows.map(({ picks, junk, hasList, ...row }) => {
        const drawn = picks.map((pick) => known(texts[pick % texts.length]!.text));
        return { ...row, texts: [...drawn, ...junk] as string[], lang: hasList ? GROUPS[group] : "de" };
      });
      const balancer = openBalancer(directory, { seed });
      const ours = asked.map((row) => balancer.decide(row));
      const matched = asked.map(({ texts }, at) => {
        const { group, id } = ours[at]!;
        const matches = texts.map((text) => {
          const isText = typeof text === "string" && !text.includes("\0") && Buffer.byteLength(text) <= 65536;
          return isText && /\S/.test(text) && group !== "de" ? [...balancer.match(text, group)] : [];
        });
        return { id, matches, group };
      });
      const { decisions } = await python.decide({ directory, seed, rows: [...asked, ...matched] });
      rmSync(directory, { recursive: true });
      expect(decisions.slice(0, asked.length)).toEqual(ours.map(toWritten));
      const keeps = matched.map((row) => balancer.keep(row));
      expect(keeps.map(withoutText)).toEqual(ours.map(withoutText));
      expect(decisions.slice(asked.length)).toEqual(keeps.map(toWritten));
      for (const decision of ours) {
        if (decision.kept) kept++;
        else dropped++;
      }
    });
    await fc.assert(compare, { numRuns: 120, interruptAfterTimeLimit: 30_000 });
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
      const lists: Record<string, { entries: readonly string[]; counts: readonly number[] }> = {};
      for (const [group, list] of entries) {
        const counts = countMatches(texts.get(group) ?? [], { group, entries: list, profile });
        lists[group] = { entries: list, counts };
      }
      const directory = await exportLists(lists, { profile, tailRatio: 0.06 });
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

const number = (value: number) => Math.round(value).toLocaleString("en");
