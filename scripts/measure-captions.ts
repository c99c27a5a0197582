/**
 * Takes the captions of a folder of real input the whole way in both profiles: builds the lists of their languages from
 * what the folder has, counts, sets thresholds (6 % tail), exports for the published curator and verifies the export. Then
 * shows captions that only one of the two profiles matches.
 *
 *     node dist/scripts/measure-captions.js DATA [--languages en,de,…] [--samples 0] [--dir DIR] [--threads N]
 *
 * DATA holds the folders captions, wikipedia-xml, wikipedia-text, wordnet and pageviews. `--languages` are LID groups;
 * all that captions name if not given. With `--dir` the database and the exports stay there, and what is built and counted
 * is not built and counted again. Ends with status 1 if an export is not as it was written, or if the counts of a pool
 * are not those of the matchers in this process.
 *
 * `--samples N` shows, drawn by hash and N of each kind: by script and profile the captions that it alone matches, with the
 * entries (`*`: not in the other's list); those in which it alone finds an entry that both lists hold, by what stands
 * beside the entry; and file names, slugs, dates and sizes that `corrected` matches. Captions without a language, and
 * of languages that nothing can be built for, meet no list; their number is told.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { apostropheRuleOf } from "../languages/apostrophes.ts";
import { NO_CLITICS } from "../languages/boundary.ts";
import { editionsOfGroup, groupOfLabel, OTHER } from "../languages/index.ts";
import { type GroupThreshold, solveGroups } from "../src/balancing/threshold.ts";
import { countPool, type FileReport } from "../src/engine/count-pool.ts";
import { hashCaption } from "../src/engine/samples.ts";
import { UserError } from "../src/errors.ts";
import { exportMetaclip } from "../src/export/metaclip.ts";
import { verifyFolder } from "../src/export/verify.ts";
import { packageVersion, RECIPE_VERSION } from "../src/fingerprint.ts";
import { createMatcher, type Matcher } from "../src/matching/matcher.ts";
import { buildEditions } from "../src/pipeline.ts";
import { Problems } from "../src/problems.ts";
import type { ProfileName } from "../src/profile.ts";
import { readPool } from "../src/sources/pool.ts";
import { closeDatabase, type Database, openDatabase } from "../src/store/database.ts";
import { type GroupList, readGroupEntries } from "../src/store/group-lists.ts";
import { listsOfPool, type PoolList, readPoolCounts } from "../src/store/pool-counts.ts";
import { saveThreshold } from "../src/store/thresholds.ts";
import {
  CAPTION_SCRIPTS,
  type CaptionScript,
  createDraw,
  type Draw,
  differByRule,
  NAME_KINDS,
  type NameKind,
  nameKindOf,
  pairLists,
  REASONS,
  type Reason,
  scriptOf,
  whyCorrectedAlone,
  whyReferenceAlone,
} from "./caption-differences.ts";
import { type CaptionFile, findCaptions, NO_LABEL } from "./caption-files.ts";
import { convertTopViews, type EditionFiles, findEditionFiles } from "./edition-inputs.ts";
import { formatRows } from "./table.ts";

const PROFILES = ["reference", "corrected"] as const satisfies readonly ProfileName[];
const POOL = "captions";
const TAIL_RATIO = 0.06;
const MEMORY = 1e9;
/** What the papers name as captions that no English list may match. */
const REJECTS = [
  ...["control_14ct", "cudd2008", "product-img", "Skirmisher-Main-440x412", "A4omote"],
  ...["How-to-Find-the-Finest-Electric-Car-Companies", "hanukkah-party-facebook-event-cover-template"],
  ...["johnny_cash_chili_dog (2)"],
];

/** The captions of each group, or label of none. */
async function readCaptions(files: readonly CaptionFile[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const byGroup = new Map<string, string[]>();
  for (const { path, fields, format, lang } of files) {
    for await (const rows of readPool(path, { fields, format, problems: new Problems() })) {
      for (const row of rows) {
        const label = row.lang ?? lang ?? NO_LABEL;
        const group = groupOfLabel(label, "edition") ?? OTHER;
        const texts = byGroup.get(group);
        if (texts === undefined) byGroup.set(group, [...row.texts]);
        else texts.push(...row.texts);
      }
    }
  }
  return byGroup;
}

const NUMBER = new Intl.NumberFormat("en");
const number = (value: number) => NUMBER.format(value);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

interface BuildContext {
  readonly db: string;
  readonly files: ReadonlyMap<string, EditionFiles>;
  readonly pageviews: string;
  readonly threads: number;
}

/** Builds the lists of a group in both profiles; why there is none, if nothing could be built. */
async function buildGroup(group: string, { db, files, pageviews, threads }: BuildContext): Promise<string | undefined> {
  const reasons: string[] = [];
  let built = 0;
  for (const edition of editionsOfGroup(group)) {
    const own = files.get(edition.code) ?? { dumps: [], texts: [], wordnets: [] };
    try {
      for (const profile of PROFILES) {
        const sources = { ...own, pageviews: [pageviews] };
        for await (const _ of buildEditions({
          ...{ db, editions: [edition], ...sources, profile, threads, memory: MEMORY },
        }));
      }
      built++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reasons.push(`${edition.code}: ${error.message}`);
    }
  }
  return built > 0 ? undefined : reasons.join("; ") || "no edition";
}

/** Counts all files into the pool; captions and seconds of those that were not counted before. */
async function countAll(
  files: readonly CaptionFile[],
  { db, profile, threads }: { readonly db: string; readonly profile: ProfileName; readonly threads: number },
): Promise<{ texts: number; seconds: number; reports: FileReport[] }> {
  const reports: FileReport[] = [];
  const started = performance.now();
  for (const { path, name, fields, format, lang } of files) {
    await countPool({
      ...{ db, name: POOL, paths: [path], fields, format, scheme: "edition", lang: lang ?? NO_LABEL, profile, threads },
      ...{ memory: MEMORY, names: new Map([[path, name]]), onFile: (report) => reports.push(report) },
    });
  }
  const texts = reports.reduce((sum, report) => sum + (report.fresh ? 0 : report.texts), 0);
  return { texts, seconds: (performance.now() - started) / 1000, reports };
}

/** The current list of each group that was counted. */
function currentLists(db: Database, profile: ProfileName): ReadonlyMap<string, PoolList> {
  const lists = listsOfPool(db, POOL).filter(({ list, current }) => current && list.profile === profile);
  return new Map(lists.map((counted) => [counted.list.group, counted]));
}

/** A group's list in memory, ready to match. */
interface OpenList {
  readonly entries: readonly string[];
  readonly matcher: Matcher;
}

function openList(db: Database, list: GroupList): OpenList {
  const entries = [...readGroupEntries(db, list)];
  const [lead] = editionsOfGroup(list.group);
  const apostrophes = lead === undefined ? undefined : apostropheRuleOf(lead);
  return { entries, matcher: createMatcher(entries, { profile: list.profile, apostrophes }) };
}

/** A drawn caption with the entries that are of interest. */
interface Sample {
  readonly group: string;
  readonly text: string;
  readonly entries: readonly string[];
}

type Side = "first" | "second";
const SIDES = { first: "reference", second: "corrected" } as const satisfies Record<Side, ProfileName>;

/** What is drawn of one script and profile. */
interface SideDraws {
  /** Captions that this profile alone matches. */
  readonly captions: Draw<Sample>;
  /** Those of them in which an entry matched that the other's list has as well. */
  shared: number;
  /** Captions in which it alone finds an entry that both lists hold, by the reason of the first such entry. */
  readonly byRule: ReadonlyMap<Reason, Draw<Sample>>;
  /** How often it does, by reason. */
  readonly reasons: Map<Reason, number>;
}

interface Draws {
  readonly sides: ReadonlyMap<CaptionScript, Readonly<Record<Side, SideDraws>>>;
  readonly names: ReadonlyMap<NameKind, { captions: number; reference: number; readonly corrected: Draw<Sample> }>;
  readonly scripts: Map<CaptionScript, number>;
}

function createDraws(size: number): Draws {
  const side = (): SideDraws => ({
    ...{ captions: createDraw(size), shared: 0, reasons: new Map() },
    byRule: new Map(REASONS.map((reason) => [reason, createDraw(size)])),
  });
  return {
    sides: new Map(CAPTION_SCRIPTS.map((script) => [script, { first: side(), second: side() }])),
    names: new Map(NAME_KINDS.map((kind) => [kind, { captions: 0, reference: 0, corrected: createDraw(size) }])),
    scripts: new Map(),
  };
}

/** Captions of a group that only one profile matches, and those that each does. */
interface Comparison {
  readonly matched: Record<Side, number>;
  readonly only: Record<Side, number>;
}

/** Matches a group's captions against both lists and draws where they differ. */
function compareGroup(
  texts: readonly string[],
  { group, lists, draws }: { readonly group: string; readonly lists: Record<Side, OpenList>; readonly draws: Draws },
): Comparison {
  const pair = pairLists(lists.first.entries, lists.second.entries);
  const found = { first: matchAll(lists.first.matcher, texts), second: matchAll(lists.second.matcher, texts) };
  const [lead] = editionsOfGroup(group);
  const apostrophes = lead === undefined ? NO_CLITICS : apostropheRuleOf(lead);
  const matched = { first: 0, second: 0 };
  const only = { first: 0, second: 0 };
  for (const [index, text] of texts.entries()) {
    const matches = { first: found.first[index]!, second: found.second[index]! };
    const hash = hashCaption({ id: undefined, url: undefined, text });
    const script = scriptOf(text);
    draws.scripts.set(script, (draws.scripts.get(script) ?? 0) + 1);
    const sides = draws.sides.get(script)!;
    const byRule = differByRule(pair, matches);
    for (const side of ["first", "second"] as const) {
      const { entries } = lists[side];
      const others = side === "first" ? pair.toSecond : pair.toFirst;
      if (matches[side].length > 0) matched[side]++;
      const byReason = new Map<Reason, string[]>();
      for (const id of byRule[side]) {
        const entry = entries[id]!;
        const reason = side === "first" ? whyReferenceAlone(entry) : whyCorrectedAlone(text, entry, apostrophes);
        byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
      }
      for (const [reason, found] of byReason) {
        sides[side].reasons.set(reason, (sides[side].reasons.get(reason) ?? 0) + found.length);
        sides[side].byRule.get(reason)!.offer(hash, () => ({ group, text, entries: found }));
      }
      if (matches[side].length === 0 || matches[side === "first" ? "second" : "first"].length > 0) continue;
      only[side]++;
      if (byRule[side].length > 0) sides[side].shared++;
      sides[side].captions.offer(hash, () => ({ group, text, entries: nameAll(matches[side], lists[side], others) }));
    }
    const kind = nameKindOf(text);
    const names = kind && draws.names.get(kind);
    if (names === undefined) continue;
    names.captions++;
    if (matches.first.length > 0) names.reference++;
    if (matches.second.length > 0) {
      names.corrected.offer(hash, () => ({
        group,
        text,
        entries: nameAll(matches.second, lists.second, pair.toFirst),
      }));
    }
  }
  return { matched, only };
}

/** Entries by their ids; those that `others` does not find in the other list bear a `*`. */
function nameAll(ids: Uint32Array, { entries }: OpenList, others: Int32Array): string[] {
  return [...ids].map((id) => `${entries[id]}${others[id]! < 0 ? "*" : ""}`);
}

function matchAll(matcher: Matcher, texts: readonly string[]): Uint32Array[] {
  const found: Uint32Array[] = [];
  matcher.matchAll(texts, (index, ids) => {
    found[index] = ids.slice().sort();
  });
  return found;
}

/** Why a ratio is out of reach, in a word. */
function sayReach({ outOfReach }: GroupThreshold): string {
  return outOfReach?.kind.replaceAll("-", " ") ?? "";
}

/** Thresholds of all lists, kept in the database. */
function setThresholds(
  db: Database,
  counted: ReadonlyMap<string, PoolList>,
  profile: ProfileName,
): { readonly thresholds: readonly GroupThreshold[]; readonly counts: ReadonlyMap<string, Float64Array> } {
  const counts = new Map(
    [...counted].map(([group, { list }]) => [group, readPoolCounts(db, { pools: [POOL], list }).counts]),
  );
  const thresholds = solveGroups({ groups: counts, policy: { tailRatio: TAIL_RATIO }, profile });
  for (const { group, t, requested, achieved, head, tail, zero, total } of thresholds) {
    if (t === undefined) continue;
    const list = counted.get(group)!.list.id;
    const figures = { requested, t, achieved, head, tail, zero, total };
    saveThreshold(db, { ...figures, list, pools: [POOL], policy: `tail-ratio ${TAIL_RATIO}` });
  }
  return { thresholds, counts };
}

/** Exports a profile's lists and verifies what was written; true if nothing is wrong. */
async function exportAll(
  db: Database,
  directory: string,
  { profile, counted }: { readonly profile: ProfileName; readonly counted: ReadonlyMap<string, PoolList> },
): Promise<{ thresholds: readonly GroupThreshold[]; isRight: boolean }> {
  const { thresholds, counts } = setThresholds(db, counted, profile);
  await exportMetaclip({
    lists: thresholds.map((threshold) => {
      const { group } = threshold;
      const { list } = counted.get(group)!;
      const entries = readGroupEntries(db, list);
      return { group, code: group, list: list.name, entries, counts: counts.get(group)!, threshold };
    }),
    ...{ directory, profile, counted: [POOL] },
    versions: { worldmeta: packageVersion(), recipe: String(RECIPE_VERSION) },
  });
  const { files, lists, faults } = await verifyFolder(directory);
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const bytes = names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const found = faults.length === 0 ? "verify finds nothing wrong" : `verify finds: ${faults.join("; ")}`;
  console.log(`${profile}: ${basename(directory)}: ${files} files of ${lists} lists, ${number(bytes)} bytes; ${found}`);
  return { thresholds, isRight: faults.length === 0 };
}

function printSamples(title: string, samples: readonly Sample[]): void {
  if (samples.length === 0) return;
  console.log(`\n${title}`);
  for (const { group, text, entries } of samples) {
    console.log(`  ${group}: ${text.replace(/\s+/g, " ")}\n      → ${entries.join(" · ")}`);
  }
}

/** How often the rules alone make a difference, by script and by what stands beside the entry. */
function printReasons({ sides, scripts }: Draws): void {
  const rows = [...sides].flatMap(([script, bySide]) =>
    (["first", "second"] as const).flatMap((side) => {
      const { reasons } = bySide[side];
      if (reasons.size === 0) return [];
      const cells = REASONS.map((reason) => number(reasons.get(reason) ?? 0));
      return [[`${script}, ${SIDES[side]} alone`, number(scripts.get(script) ?? 0), ...cells]];
    }),
  );
  console.log("\nmatches of entries of both lists that only one rule finds, by what stands beside");
  console.log(formatRows(["", "captions", ...REASONS], rows));
}

function printDraws({ sides, names, scripts }: Draws): void {
  for (const [script, bySide] of sides) {
    for (const side of ["first", "second"] as const) {
      const { captions, shared, byRule } = bySide[side];
      const of = `of ${number(scripts.get(script) ?? 0)} captions`;
      printSamples(
        `${script}: ${SIDES[side]} alone matches ${number(captions.offered)} ${of}, ` +
          `${number(shared)} by an entry of both lists`,
        captions.list(),
      );
      for (const [reason, found] of byRule) {
        printSamples(
          `${script}: ${SIDES[side]} alone finds entries of both lists, ${reason}: in ${number(found.offered)} ${of}`,
          found.list(),
        );
      }
    }
  }
  for (const [kind, { corrected }] of names) {
    printSamples(`${kind}: corrected matches ${number(corrected.offered)}`, corrected.list());
  }
}

interface RunOptions {
  readonly data: string;
  readonly folder: string;
  readonly languages: readonly string[] | undefined;
  readonly samples: number;
  readonly threads: number;
}

async function measure({ data, folder, languages, samples, threads }: RunOptions): Promise<boolean> {
  const db = join(folder, "captions.sqlite");
  const isWanted = (group: string) => languages === undefined || languages.includes(group);
  const captionFiles = findCaptions(data, folder).filter(
    ({ lang }) => lang === undefined || isWanted(groupOfLabel(lang, "edition") ?? OTHER),
  );
  const captions = await readCaptions(captionFiles);
  const groups = [...captions.keys()].filter((group) => group !== OTHER && isWanted(group)).sort();

  const context = { db, files: findEditionFiles(data), pageviews: convertTopViews(data, folder), threads };
  const started = performance.now();
  for (const group of groups) {
    const reason = await buildGroup(group, context);
    if (reason !== undefined) console.log(`no list of ${group}: ${reason}`);
  }
  console.log(`lists of ${groups.length} languages in ${((performance.now() - started) / 1000).toFixed(1)} s`);

  for (const profile of PROFILES) {
    const { texts, seconds } = await countAll(captionFiles, { db, profile, threads });
    if (texts === 0) console.log(`${profile}: all captions were counted before`);
    else
      console.log(
        `${profile}: ${number(texts)} captions counted in ${seconds.toFixed(1)} s, ` +
          `${number(Math.round(texts / seconds))} a second (with reading, compiling of lists and the database)`,
      );
  }

  const store = openDatabase(db);
  try {
    const counted = { first: currentLists(store, SIDES.first), second: currentLists(store, SIDES.second) };
    const thresholds = new Map<Side, ReadonlyMap<string, GroupThreshold>>();
    let isRight = true;
    for (const side of ["first", "second"] as const) {
      const profile = SIDES[side];
      const exported = await exportAll(store, join(folder, `export-${profile}`), { profile, counted: counted[side] });
      thresholds.set(side, new Map(exported.thresholds.map((threshold) => [threshold.group, threshold])));
      isRight &&= exported.isRight;
    }

    const draws = createDraws(samples);
    const matching: (string | number)[][] = [];
    const balance: (string | number)[][] = [];
    const sum = { captions: 0, first: 0, second: 0, onlyFirst: 0, onlySecond: 0 };
    const byCaptions = [...counted.second].sort(([, a], [, b]) => b.texts - a.texts);
    for (const [group, second] of byCaptions) {
      const first = counted.first.get(group);
      const texts = captions.get(group) ?? [];
      if (first === undefined) continue;
      const lists = { first: openList(store, first.list), second: openList(store, second.list) };
      const { matched, only } = compareGroup(texts, { group, lists, draws });
      if (group === "en") printRejects(lists);
      if (matched.first !== first.matched || matched.second !== second.matched || second.texts !== texts.length) {
        console.log(
          `${group}: the pool has ${first.matched} and ${second.matched} matched of ${second.texts} captions, `,
        );
        console.log(`    the matchers here ${matched.first} and ${matched.second} of ${texts.length}`);
        isRight = false;
      }
      sum.captions += texts.length;
      sum.first += matched.first;
      sum.second += matched.second;
      sum.onlyFirst += only.first;
      sum.onlySecond += only.second;
      matching.push([
        ...[group, number(texts.length), number(first.list.entries), number(second.list.entries)],
        ...[percent(matched.first / texts.length), percent(matched.second / texts.length)],
        ...[number(only.first), number(only.second)],
        ...[(first.matches / texts.length).toFixed(2), (second.matches / texts.length).toFixed(2)],
      ]);
      balance.push([
        group,
        ...describe(thresholds.get("first")?.get(group)),
        ...describe(thresholds.get("second")?.get(group)),
      ]);
    }
    matching.push([
      ...["all", number(sum.captions), "", "", percent(sum.first / sum.captions), percent(sum.second / sum.captions)],
      ...[number(sum.onlyFirst), number(sum.onlySecond), "", ""],
    ]);
    console.log("\nr: reference, c: corrected");
    console.log(
      formatRows(
        [
          ...["", "captions", "entries r", "entries c", "matched r", "matched c", "only r", "only c"],
          ...["a text r", "a text c"],
        ],
        matching,
      ),
    );
    console.log(`\nthresholds for a tail of ${TAIL_RATIO * 100} %`);
    const titles = ["t", "achieved", "head", "tail", "out of reach"];
    console.log(
      formatRows(["", ...titles.map((title) => `${title} r`), ...titles.map((title) => `${title} c`)], balance),
    );

    const without = [...captions].filter(([group]) => isWanted(group) && !counted.second.has(group));
    const named = without.map(([group, texts]) => `${group} ${number(texts.length)}`).join(", ");
    if (without.length > 0) console.log(`\nno list for the captions of: ${named}`);

    printReasons(draws);
    console.log("\nfile names, slugs, dates and sizes");
    console.log(
      formatRows(
        ["", "captions", "matched r", "matched c"],
        [...draws.names].map(([kind, { captions: met, reference, corrected }]) => [
          ...[kind, number(met), number(reference), number(corrected.offered)],
        ]),
      ),
    );
    if (samples > 0) printDraws(draws);
    return isRight;
  } finally {
    closeDatabase(store);
  }
}

function describe(threshold: GroupThreshold | undefined): string[] {
  if (threshold === undefined) return ["", "", "", "", ""];
  const { t, achieved, head, tail } = threshold;
  const share = achieved === undefined ? "–" : `${(achieved * 100).toFixed(2)} %`;
  if (t === undefined) return ["–", share, "–", "–", sayReach(threshold)];
  return [number(t), share, number(head), number(tail), sayReach(threshold)];
}

/** Says which of the captions that no English list may match are matched all the same. */
function printRejects(lists: Record<Side, OpenList>): void {
  for (const side of ["first", "second"] as const) {
    const { entries, matcher } = lists[side];
    const found = REJECTS.flatMap((text) => {
      const ids = [...matcher.match(text)];
      return ids.length === 0 ? [] : [`${text} → ${ids.map((id) => entries[id]).join(" · ")}`];
    });
    console.log(`${SIDES[side]}: matched of the papers' ${REJECTS.length} rejects: ${found.join("; ") || "none"}`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    samples: { type: "string", default: "0" },
    languages: { type: "string" },
    threads: { type: "string" },
  },
});
const [data] = positionals;
if (data === undefined || !existsSync(join(data, "captions"))) {
  console.error(
    "give the folder of real input: node dist/scripts/measure-captions.js DATA [--languages L,…] [--samples N] [--dir DIR]",
  );
  process.exitCode = 2;
} else {
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "measure-captions-"));
  mkdirSync(folder, { recursive: true });
  try {
    const isRight = await measure({
      ...{ data, folder, languages: values.languages?.split(","), samples: Number(values.samples) },
      threads: Number(values.threads ?? availableParallelism()),
    });
    if (!isRight) process.exitCode = 1;
  } finally {
    if (values.dir === undefined) rmSync(folder, { recursive: true });
  }
}
