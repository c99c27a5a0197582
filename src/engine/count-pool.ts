/** Files of captions → counts of a pool: each file against the lists of its languages, in shares, on all threads. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { editionsOfGroup, type LabelScheme, OTHER, otherGroups } from "../../languages/index.ts";
import { mergeDraws } from "../balancing/draw.ts";
import { UsageError, UserError } from "../errors.ts";
import { makeFolder, STANDARD_INPUT } from "../files.ts";
import { fingerprint } from "../fingerprint.ts";
import { createListKeeper, type ListKeeper, type Wish } from "../matching/list-keeper.ts";
import { longestBytes } from "../matching/matcher.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import { MAX_TEXT_BYTES } from "../sources/pool.ts";
import { closeDatabase, type Database, openDatabase } from "../store/database.ts";
import { addFileCounts, DRAWN, type ListCounts, requireLast, SAMPLES } from "../store/file-counts.ts";
import { type GroupList, openGroupList, readGroupEntries } from "../store/group-lists.ts";
import { keyOfPool, lockPool } from "../store/lock.ts";
import { createPool, findPool, type LabelCount, listsOfFile, type Repeats } from "../store/pools.ts";
import {
  type CountPoolInput,
  type CountPoolOutput,
  type ListAbout,
  readCountPoolOutput,
  type ShareCounts,
} from "./count-pool-share.ts";
import { type RepeatsOfFile, readFirsts } from "./found-repeats.ts";
import { IDENTIFIED, type Labelling } from "./label.ts";
import {
  hasChanged,
  haveNoLabels,
  labellingOf,
  lookAtPoolFiles,
  type PoolFileInput,
  type PoolFilesOptions,
  requireReadable,
  ruleOf,
  sharesOf,
  threadsFor,
  usefulThreads,
} from "./pool-files.ts";
import {
  type FileFigures,
  figuresOf,
  findPoolRepeats,
  orderFiles,
  type PoolOrder,
  readingOf,
  removeFoundRepeats,
  workOf,
} from "./pool-order.ts";
import { runTasks } from "./run-tasks.ts";
import { mergeSamples } from "./samples.ts";

/** What to count, and how its files are read. */
export interface CountPoolOptions extends PoolFilesOptions {
  readonly db: string;
  /** The pool; made if there is none. */
  readonly name: string;
  /**
   * What the labels of the captions' languages mean; if not given that of the pool; for a new one that of the identifier where
   * captions can only be identified, or else `edition`.
   */
  readonly scheme?: LabelScheme | undefined;
  readonly profile: ProfileName;
  readonly threads: number;
  /** Bytes of memory for lists. */
  readonly memory: number;
  /**
   * Whether texts are counted that repeat an earlier pair of image URL and text of the pool; as the pool has it if not given,
   * `dropped` for a new one.
   */
  readonly repeats?: Repeats | undefined;
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
  /** Rows without a text that can be read; a row of a web archive is an image, and most have none. */
  readonly noText: number;
  /** Texts that were counted. */
  readonly texts: number;
  readonly repeats: Repeats;
  /** Texts that were not, as repeats. */
  readonly repeated: number;
  readonly labels: readonly LabelCount[];
  /** Lists that were counted now. */
  readonly groups: readonly GroupReport[];
  /** Texts whose lists had been counted before. */
  readonly knownTexts: number;
  readonly problems: readonly Problem[];
}

/** A file's report in JSON, with what is of use to programs. */
export function toFileJson({ groups, ...report }: FileReport) {
  return {
    ...report,
    groups: groups.map(({ group, list, texts, matched, matches }) => ({
      ...{ group, list: list.name, entries: list.entries, texts, matched, matches },
    })),
  };
}

/** A file that is to be counted. */
interface Job extends PoolFileInput {
  readonly reading: string;
  /** What was found of repeats in it; undefined if they are kept. */
  readonly repeats: RepeatsOfFile | undefined;
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
 * of captions that have none). Where repeats are dropped, the order in which files came to the pool decides which of equal
 * pairs is counted. A count that was stopped goes on from the shares it has finished.
 *
 * @throws UserError if a file is no pool, holds no row or fewer than it has damaged ones, changes while it is read, or was
 * given twice; files before it stay counted; or if it is to be read in another way, and later files have dropped repeats
 */
export async function countPool(options: CountPoolOptions): Promise<void> {
  const { name } = options;
  const files = await lookAtPoolFiles(options);
  const db = openDatabase(options.db);
  try {
    const lock = lockPool(options.db, keyOfPool(name));
    try {
      const labelling = labellingOfPool(db, files, options);
      const lists = createLists(db, { scheme: labelling.scheme, profile: options.profile });
      const work = { db, lists, labelling, options, repeats: repeatsOf(db, options) };
      const order = orderFiles(files, work);
      const jobs: Job[] = [];
      for (const file of files) {
        const job = planFile(file, order, work);
        if ("fresh" in job) options.onFile?.(job);
        else jobs.push(job);
      }
      jobs.sort((a, b) => order.placeOf(a) - order.placeOf(b));
      await findPoolRepeats(jobs, order, work);
      await countFiles(jobs, work);
      removeFoundRepeats(options);
    } finally {
      lock.release();
    }
  } finally {
    closeDatabase(db);
  }
}

/** How the pool's files get their labels, or those of the pool to be made; as before where nothing else is asked for. */
function labellingOfPool(db: Database, files: readonly PoolFileInput[], options: CountPoolOptions): Labelling {
  const { name, scheme, lang } = options;
  if (name === "") throw new UsageError("a pool needs a name");
  const settings = findPool(db, name)?.settings as Partial<Labelling> | null | undefined;
  const identify = options.identify ?? (lang === undefined && settings?.identify === true);
  const usual = identify || haveNoLabels(files, options) ? IDENTIFIED : "edition";
  const own = settings?.scheme ?? scheme ?? usual;
  if (scheme !== undefined && scheme !== own) {
    throw new UserError(
      `the pool "${name}" is counted by labels of ${own}; count labels of ${scheme} into another one`,
    );
  }
  return labellingOf(files, { scheme: own, lang, identify });
}

/** What the pool does with repeats, or the pool to be made. */
function repeatsOf(db: Database, { name, repeats }: CountPoolOptions): Repeats {
  const own = findPool(db, name)?.repeats ?? repeats ?? "dropped";
  if (repeats === undefined || repeats === own) return own;
  throw new UserError(
    own === "dropped"
      ? `the pool "${name}" drops repeats; count files whose repeats are to be kept into another one`
      : `the pool "${name}" keeps repeats; count files whose repeats are to be dropped into another one`,
  );
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
  readonly labelling: Labelling;
  readonly repeats: Repeats;
  readonly options: CountPoolOptions;
}

/** What is to be done with a file, or the report that nothing is. */
function planFile(file: PoolFileInput, order: PoolOrder, work: Work): Job | FileReport {
  const { db, lists, labelling, repeats, options } = work;
  const reading = readingOf(file, labelling);
  const there = order.presentOf(file);
  const others = order.files.flatMap((other) =>
    "pool" in other && other.path === file.name && other.path !== STANDARD_INPUT && other.sha256 !== file.sha256
      ? [other.sha256]
      : [],
  );
  const reread = there !== undefined && figuresOf(there).reading !== reading;
  let known: string[] = [];
  if (reread) requireLast(db, { name: options.name, repeats }, there);
  else if (there !== undefined) {
    const { labels, lists: counted } = listsOfFile(db, there.id);
    const groups = [...new Set(labels.map(({ group }) => group))];
    known = groups.filter((group) => {
      const list = lists.of(group);
      return list !== undefined && counted.includes(list.id);
    });
    if (groups.every((group) => known.includes(group) || lists.of(group) === undefined)) {
      const { path, sha256, bytes, texts, problems } = there;
      const { rows, noText = 0, repeated = 0 } = figuresOf(there);
      return {
        ...{ path, sha256, bytes, fresh: true, others, rows, noText, texts, repeats, repeated, labels, groups: [] },
        ...{ knownTexts: texts, problems },
      };
    }
  }
  return { ...file, reading, known, reread, others, ...planShares(file, known, order, work) };
}

/** The shares that a file is counted in, and where they leave what they find. */
function planShares(
  file: PoolFileInput,
  known: readonly string[],
  order: PoolOrder,
  { lists, labelling, repeats, options }: Work,
): Pick<Job, "repeats" | "directory" | "inputs" | "left"> {
  const { fields, format, threads, memory, profile } = options;
  const of = sharesOf(file, { threads, files: options.paths.length });
  const place = order.placeOf(file);
  const found = repeats === "kept" ? undefined : { folder: order.repeats, file: place };
  const about = [file.sha256, readingOf(file, labelling), repeats, found && order.printOf(place)];
  const print = fingerprint([...about, lists.scheme, known, profile, of]);
  const directory = `${workOf(options)}-${print.slice(0, 16)}`;
  const inputs = Array.from({ length: of }, (_, index): CountPoolInput => {
    const share = { index, of };
    const output = join(directory, `share-${index}`);
    const { path, name } = file;
    return {
      ...{ path, name, share, fields, format, labelling, known, repeats: found, output },
      ...{ samples: SAMPLES, draw: DRAWN, memory: memory / usefulThreads(threads) },
    };
  });
  return { repeats: found, directory, inputs, left: of };
}

/** Counts the files; each goes into the database when it is counted and all before it are there. */
async function countFiles(jobs: readonly Job[], work: Work): Promise<void> {
  const { lists, options } = work;
  let keeper: ListKeeper<ListAbout> | undefined;
  const load = (group: string) => {
    const list = lists.of(group);
    if (list === undefined) return undefined;
    return { entries: lists.entries(list), rule: ruleOf(group, options.profile), about: { name: list.name } };
  };
  const total = jobs.reduce((sum, { bytes }) => sum + bytes, 0);
  let finished = 0;
  const finishReady = async () => {
    for (let job = jobs[finished]; job?.left === 0; job = jobs[++finished]) await finish(job, work);
  };
  // One file after the other, though shares end at any time.
  let finishing = Promise.resolve();
  const todo: { input: CountPoolInput; job: Job }[] = [];
  for (const job of jobs) {
    makeFolder(job.directory);
    for (const input of job.inputs) {
      const before = existsSync(input.output) ? await readCountPoolOutput(input.output) : undefined;
      if (before !== undefined && isOfPresentLists(before, job, lists)) job.left--;
      else todo.push({ input, job });
    }
  }
  await finishReady();
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
        jobOf.get(input)!.left--;
        finishing = finishing.then(finishReady);
        await finishing;
      },
    },
  );
}

/** Puts a file that was counted into the database; what was found in one that is refused goes. */
async function finish(job: Job, work: Work): Promise<void> {
  try {
    const outputs = await Promise.all(job.inputs.map(({ output }) => readCountPoolOutput(output)));
    if (await hasChanged(job)) {
      throw new UserError(`${job.name} has changed while it was counted; count it again when it is complete`);
    }
    work.options.onFile?.(addFile(job, outputs as CountPoolOutput[], work));
  } catch (error) {
    if (error instanceof UserError) {
      for (const folder of [job.directory, job.repeats?.folder]) {
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      }
    }
    throw error;
  }
  await rm(job.directory, { recursive: true, force: true });
}

/** False if a list has been built, for the first time or anew, since a share was counted. */
function isOfPresentLists({ labels, counts }: CountPoolOutput, { known }: Job, lists: Lists): boolean {
  const listOf = new Map(counts.map(({ group, list }) => [group, list]));
  return labels.every(({ group }) => known.includes(group) || listOf.get(group) === lists.of(group)?.name);
}

/** Adds the shares of a file up and into the database. */
function addFile(
  { name, sha256, bytes, reading, repeats: found, known, reread, others, layout }: Job,
  outputs: readonly CountPoolOutput[],
  { db, lists, labelling, repeats, options }: Work,
): FileReport {
  const sum = (pick: (output: CountPoolOutput) => number) => outputs.reduce((total, output) => total + pick(output), 0);
  const rows = sum((output) => output.rows);
  const texts = sum((output) => output.texts);
  const noText = sum((output) => output.noText);
  const repeated = sum((output) => output.repeated);
  const labels = addLabels(outputs);
  const problems = new Problems();
  for (const output of outputs) problems.merge(output.problems);
  requireReadable(name, { rows, texts: texts + repeated, problems: problems.list(), layout });
  const groups = [...new Set(outputs.flatMap(({ counts }) => counts.map(({ group }) => group)))].sort();
  const counts = groups.map((group): ListCounts => {
    const list = lists.of(group)!;
    return addShares(
      list,
      outputs.flatMap((output) => output.counts.filter((share) => share.group === group)),
    );
  });
  const figures: FileFigures = { rows, noText, ...(found !== undefined && { repeated }), reading };
  const file = { path: name, sha256, bytes, texts, figures, problems: problems.list() };
  const add = db.transaction(() => {
    // Not before, so that a count that fails leaves no pool without files.
    if (findPool(db, options.name) === undefined) {
      createPool(db, { name: options.name, settings: { scheme: lists.scheme, identify: labelling.identify, repeats } });
    }
    const pairs = found === undefined ? undefined : readFirsts(found);
    addFileCounts(db, { pool: options.name, file, labels, counts, reread, ...(pairs && { pairs }) });
  });
  add.immediate();
  return {
    ...{ path: name, sha256, bytes, fresh: false, others, rows, noText, texts, repeats, repeated, labels },
    problems: problems.list(),
    knownTexts: labels.reduce((total, label) => total + (known.includes(label.group) ? label.texts : 0), 0),
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
    samples: mergeSamples(
      shares.map(({ samples }) => samples),
      SAMPLES,
    ),
    drawn: mergeDraws(
      shares.map(({ drawn }) => drawn),
      { size: DRAWN },
    ),
  };
}
