/** Files of captions → counts of a pool: each file against the lists of its languages, in shares, on all threads. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { editionsOfGroup, type LabelScheme, OTHER, otherGroups } from "../../languages/index.ts";
import { mergeDraws } from "../balancing/draw.ts";
import { UsageError, UserError } from "../errors.ts";
import { makeFolder, STANDARD_INPUT } from "../files.ts";
import { fingerprint, RECIPE_VERSION } from "../fingerprint.ts";
import { createListKeeper, type ListKeeper, type Wish } from "../matching/list-keeper.ts";
import { longestBytes } from "../matching/matcher.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import { MAX_TEXT_BYTES } from "../sources/pool.ts";
import { closeDatabase, type Database, openDatabase } from "../store/database.ts";
import { addFileCounts, DRAWN, type ListCounts, SAMPLES } from "../store/file-counts.ts";
import { type GroupList, openGroupList, readGroupEntries } from "../store/group-lists.ts";
import { keyOfPool, lockPool } from "../store/lock.ts";
import { createPool, findPool, type LabelCount, listPoolFiles, listsOfFile, type PoolFile } from "../store/pools.ts";
import {
  type CountPoolInput,
  type CountPoolOutput,
  type ListAbout,
  readCountPoolOutput,
  type ShareCounts,
} from "./count-pool-share.ts";
import {
  hasChanged,
  lookAtPoolFiles,
  NO_LABEL,
  type PoolFileInput,
  type PoolFilesOptions,
  requireLabel,
  requireReadable,
  ruleOf,
  sharesOf,
  threadsFor,
  usefulThreads,
} from "./pool-files.ts";
import { runTasks } from "./run-tasks.ts";

/** What to count, and how its files are read. */
export interface CountPoolOptions extends PoolFilesOptions {
  readonly db: string;
  /** The pool; made if there is none. */
  readonly name: string;
  /** What the labels of the captions' languages mean; that of the pool if not given, `edition` for a new one. */
  readonly scheme?: LabelScheme | undefined;
  readonly profile: ProfileName;
  readonly threads: number;
  /** Bytes of memory for lists. */
  readonly memory: number;
  /** Called with what became of each file, as soon as it is in the database. */
  onFile?(report: FileReport): void;
}

/** Texts of one list, as far as a file holds them. */
export interface GroupReport {
  readonly group: string;
  readonly list: GroupList;
  readonly texts: number;
  readonly matched: number;
  readonly matches: number;
}

/** What became of one file. */
export interface FileReport {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** True if it had been counted for these lists already, so that nothing was done. */
  readonly fresh: boolean;
  /** SHA-256 of other files that the pool has under this path: what the file held earlier, and still counts. */
  readonly others: readonly string[];
  readonly rows: number;
  readonly texts: number;
  readonly labels: readonly LabelCount[];
  /** Lists that were counted now. */
  readonly groups: readonly GroupReport[];
  readonly problems: readonly Problem[];
}

/** What is kept with a file beside its counts. */
interface FileFigures {
  readonly rows: number;
  /** Names how the file was read. */
  readonly reading: string;
}

/** A file that is to be counted. */
interface Job extends PoolFileInput {
  readonly reading: string;
  /** Groups whose texts this file has counted for their present lists. */
  readonly known: readonly string[];
  /** True if the pool has the file as it was read in another way. */
  readonly reread: boolean;
  readonly others: readonly string[];
  readonly directory: string;
  readonly inputs: readonly CountPoolInput[];
  left: number;
}

/**
 * Counts files into a pool. Each file is added whole, in one transaction; one that the pool has already, told by its
 * content, is counted only for lists that are new since; all anew if it is now read in another way (fields, format, label
 * of captions that have none). A count that was stopped goes on from the shares it has finished.
 *
 * @throws UserError if a file is no pool, holds no row or fewer than it has damaged ones, changes while it is read, or was
 * given twice; files before it stay counted
 */
export async function countPool(options: CountPoolOptions): Promise<void> {
  const { name } = options;
  const files = await lookAtPoolFiles(options);
  const db = openDatabase(options.db);
  try {
    const lock = lockPool(options.db, keyOfPool(name));
    try {
      const lists = createLists(db, { scheme: schemeOf(db, options), profile: options.profile });
      const present = findPool(db, name) === undefined ? [] : listPoolFiles(db, name);
      const jobs: Job[] = [];
      for (const file of files) {
        const job = planFile(file, { db, lists, options, present });
        if ("fresh" in job) options.onFile?.(job);
        else jobs.push(job);
      }
      await countFiles(jobs, { db, lists, options });
    } finally {
      lock.release();
    }
  } finally {
    closeDatabase(db);
  }
}

/** The labelling scheme of the pool, or that of the pool to be made. */
function schemeOf(db: Database, { name, scheme, lang }: CountPoolOptions): LabelScheme {
  if (name === "") throw new UsageError("a pool needs a name");
  const settings = findPool(db, name)?.settings as { readonly scheme: LabelScheme } | undefined;
  const own = settings?.scheme ?? scheme ?? "edition";
  if (scheme !== undefined && scheme !== own) {
    throw new UserError(
      `the pool "${name}" is counted by labels of ${own}; count labels of ${scheme} into another one`,
    );
  }
  requireLabel(lang, own);
  return own;
}

/** Lists of groups, each the same throughout a count. */
interface Lists {
  readonly scheme: LabelScheme;
  of(group: string): GroupList | undefined;
  entries(list: GroupList): string[];
}

function createLists(
  db: Database,
  { scheme, profile }: { readonly scheme: LabelScheme; readonly profile: ProfileName },
): Lists {
  const known = new Map<string, GroupList | undefined>();
  return {
    scheme,
    of(group) {
      if (!known.has(group)) {
        const groups = group === OTHER ? otherGroups(scheme) : [group];
        const editions = groups.flatMap((each) => editionsOfGroup(each).map(({ code }) => code));
        const request = { group, editions, profile, ...(group === OTHER && { scheme }) };
        known.set(group, editions.length === 0 ? undefined : openGroupList(db, request));
      }
      return known.get(group);
    },
    entries: (list) => [...readGroupEntries(db, list)],
  };
}

interface Work {
  readonly db: Database;
  readonly lists: Lists;
  readonly options: CountPoolOptions;
}

/** What is to be done with a file, or the report that nothing is. */
function planFile(
  file: PoolFileInput,
  { db, lists, options, present }: Work & { readonly present: readonly PoolFile[] },
): Job | FileReport {
  const { scheme } = lists;
  const { name: pool, fields, format, threads, memory } = options;
  const lang = options.lang ?? NO_LABEL;
  const reading = fingerprint([RECIPE_VERSION, file.layout, lang]);
  const there = present.find(({ sha256 }) => sha256 === file.sha256);
  const figures = there?.figures as FileFigures | undefined;
  const others = present
    .filter(({ path, sha256 }) => path === file.name && path !== STANDARD_INPUT && sha256 !== file.sha256)
    .map(({ sha256 }) => sha256);
  let known: string[] = [];
  if (there !== undefined && figures?.reading === reading) {
    const { labels, lists: counted } = listsOfFile(db, there.id);
    const groups = [...new Set(labels.map(({ group }) => group))];
    known = groups.filter((group) => {
      const list = lists.of(group);
      return list !== undefined && counted.includes(list.id);
    });
    if (groups.every((group) => known.includes(group) || lists.of(group) === undefined)) {
      const { path, sha256, bytes, texts, problems } = there;
      return { path, sha256, bytes, fresh: true, others, rows: figures.rows, texts, labels, groups: [], problems };
    }
  }
  const of = sharesOf(file, { threads, files: options.paths.length });
  const print = fingerprint([file.sha256, reading, scheme, known, options.profile, of]);
  const directory = join(`${options.db}.work`, `pool-${keyOfPool(pool)}-${print.slice(0, 16)}`);
  const inputs = Array.from({ length: of }, (_, index): CountPoolInput => {
    const share = { index, of };
    const output = join(directory, `share-${index}`);
    const { path, name } = file;
    return {
      ...{ path, name, share, fields, format, scheme, lang, known, output },
      ...{ samples: SAMPLES, draw: DRAWN, memory: memory / usefulThreads(threads) },
    };
  });
  const reread = there !== undefined && figures?.reading !== reading;
  return { ...file, reading, known, reread, others, directory, inputs, left: of };
}

async function countFiles(jobs: readonly Job[], { db, lists, options }: Work): Promise<void> {
  let keeper: ListKeeper<ListAbout> | undefined;
  const load = (group: string) => {
    const list = lists.of(group);
    if (list === undefined) return undefined;
    return { entries: lists.entries(list), rule: ruleOf(group, options.profile), about: { name: list.name } };
  };
  const total = jobs.reduce((sum, { bytes }) => sum + bytes, 0);
  const finish = async (job: Job) => {
    const outputs = await Promise.all(job.inputs.map(({ output }) => readCountPoolOutput(output)));
    if (await hasChanged(job)) {
      await rm(job.directory, { recursive: true, force: true });
      throw new UserError(`${job.name} has changed while it was counted; count it again when it is complete`);
    }
    options.onFile?.(addFile(job, outputs as CountPoolOutput[], { db, lists, options }));
    await rm(job.directory, { recursive: true, force: true });
  };
  const todo: { input: CountPoolInput; job: Job }[] = [];
  for (const job of jobs) {
    makeFolder(job.directory);
    for (const input of job.inputs) {
      const before = existsSync(input.output) ? await readCountPoolOutput(input.output) : undefined;
      if (before !== undefined && isOfPresentLists(before, job, lists)) job.left--;
      else todo.push({ input, job });
    }
    if (job.left === 0) await finish(job);
  }
  const jobOf = new Map(todo.map(({ input, job }) => [input, job]));
  const threads = threadsFor(total, { threads: options.threads, tasks: todo.length });
  await runTasks(
    "countPoolShare",
    todo.map(({ input }) => input),
    {
      threads,
      onBytes: (bytes) => options.onProgress?.({ stage: `count ${options.name}`, bytes, total }),
      answer(question, thread) {
        keeper ??= createListKeeper({ memory: options.memory, longest: longestBytes(MAX_TEXT_BYTES), load });
        return keeper.lend(thread, question as Wish);
      },
      async onOutput(_, input) {
        const job = jobOf.get(input)!;
        job.left--;
        if (job.left === 0) await finish(job);
      },
    },
  );
}

/** False if a list has been built, for the first time or anew, since a share was counted. */
function isOfPresentLists({ labels, counts }: CountPoolOutput, { known }: Job, lists: Lists): boolean {
  const listOf = new Map(counts.map(({ group, list }) => [group, list]));
  return labels.every(({ group }) => known.includes(group) || listOf.get(group) === lists.of(group)?.name);
}

/** Adds the shares of a file up and into the database. */
function addFile(
  { name, sha256, bytes, reading, reread, others, layout }: Job,
  outputs: readonly CountPoolOutput[],
  { db, lists, options }: Work,
): FileReport {
  const sum = (pick: (output: CountPoolOutput) => number) => outputs.reduce((total, output) => total + pick(output), 0);
  const rows = sum((output) => output.rows);
  const texts = sum((output) => output.texts);
  const labels = addLabels(outputs);
  const problems = new Problems();
  for (const output of outputs) problems.merge(output.problems);
  requireReadable(name, { rows, texts, problems: problems.list(), layout });
  const groups = [...new Set(outputs.flatMap(({ counts }) => counts.map(({ group }) => group)))].sort();
  const counts = groups.map((group): ListCounts => {
    const list = lists.of(group)!;
    return addShares(
      list,
      outputs.flatMap((output) => output.counts.filter((share) => share.group === group)),
    );
  });
  const figures: FileFigures = { rows, reading };
  const file = { path: name, sha256, bytes, texts, figures, problems: problems.list() };
  const add = db.transaction(() => {
    // Not before, so that a count that fails leaves no pool without files.
    if (findPool(db, options.name) === undefined) {
      createPool(db, { name: options.name, settings: { scheme: lists.scheme } });
    }
    addFileCounts(db, { pool: options.name, file, labels, counts, reread });
  });
  add.immediate();
  return {
    ...{ path: name, sha256, bytes, fresh: false, others, rows, texts, labels, problems: problems.list() },
    groups: counts.map(({ list, texts: met, matched, matches }) => ({
      ...{ group: list.group, list, texts: met, matched, matches },
    })),
  };
}

function addLabels(outputs: readonly CountPoolOutput[]): LabelCount[] {
  const labels = new Map<string, LabelCount>();
  for (const one of outputs.flatMap((output) => output.labels)) {
    const before = labels.get(one.label);
    labels.set(one.label, { ...one, texts: one.texts + (before?.texts ?? 0) });
  }
  return [...labels.values()].sort((a, b) => b.texts - a.texts || (a.label < b.label ? -1 : 1));
}

function addShares(list: GroupList, shares: readonly ShareCounts[]): ListCounts {
  const all = new Uint32Array(list.entries);
  const sum = { texts: 0, matched: 0, matches: 0 };
  for (const { ids, counts, texts, matched, matches } of shares) {
    for (const [index, id] of ids.entries()) all[id] = all[id]! + counts[index]!;
    sum.texts += texts;
    sum.matched += matched;
    sum.matches += matches;
  }
  const ids = Uint32Array.from(all.keys()).filter((id) => all[id]! > 0);
  return {
    ...{ list, ...sum, ids },
    counts: ids.map((id) => all[id]!),
    samples: shares.flatMap(({ samples }) => samples),
    drawn: mergeDraws(
      shares.map(({ drawn }) => drawn),
      { size: DRAWN },
    ),
  };
}
