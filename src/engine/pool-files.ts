/** Files of captions, as `count` and `curate` take them: looked at first, then read in shares on all threads. */
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import { editionsOfGroup, groupOfLabel, type LabelScheme } from "../../languages/index.ts";
import { UsageError, UserError } from "../errors.ts";
import { hashFile, requireFiles } from "../files.ts";
import type { ListRule } from "../matching/compile-list.ts";
import { formatCounted } from "../numbers.ts";
import type { Problem } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import type { OnProgress } from "../progress.ts";
import { inspectPool, type PoolFields, type PoolFormat, type PoolLayout } from "../sources/pool.ts";
import { IDENTIFIED, type Labelling, NO_LABEL } from "./label.ts";

/** Which files, and how they are read. */
export interface PoolFilesOptions {
  readonly paths: readonly string[];
  readonly fields: PoolFields;
  /** Told by the content if not given. */
  readonly format?: PoolFormat | undefined;
  /** Label of the captions that have none; without it they are identified, or every file must have a field of labels. */
  readonly lang?: string | undefined;
  /** True to identify all captions, whatever labels the files have. */
  readonly identify?: boolean | undefined;
  /** What to call paths that mean nothing later. */
  readonly names?: ReadonlyMap<string, string> | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A file as it was given. */
export interface PoolFileInput {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Size and time of the last change before it was read. */
  readonly state: string;
  readonly layout: PoolLayout;
}

/** Memory in which tables and the like are held at least. */
const LEAST_MEMORY = 16 << 20;
/** Below this many bytes of a file a second thread costs more than it gives. */
const BYTES_FOR_THREADS = 2_000_000;

async function stateOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
}

/** True if a file has been written to since it was looked at. */
export async function hasChanged({ path, state }: PoolFileInput): Promise<boolean> {
  return (await stateOf(path)) !== state;
}

/**
 * Hashes the files and tells how each is read.
 *
 * @throws UserError if there is none, or if one is no pool or was given twice
 */
export async function lookAtPoolFiles(options: PoolFilesOptions): Promise<PoolFileInput[]> {
  const { paths, names, fields, format } = options;
  if (paths.length === 0) throw new UsageError("name at least one file of captions");
  const files = new Map<string, PoolFileInput>();
  const total = (await requireFiles(paths)).reduce((sum, bytes) => sum + bytes, 0);
  const onBytes = (bytes: number) => options.onProgress?.({ stage: "look at files", bytes, total });
  for (const path of paths) {
    const state = await stateOf(path);
    const { sha256, bytes } = await hashFile(path, onBytes);
    const name = names?.get(path) ?? path;
    const same = files.get(sha256);
    if (same !== undefined) throw new UsageError(`${name} is the same file as ${same.name}; give it once`);
    const layout = await inspectPool(path, { fields, format, names });
    files.set(sha256, { path, name, sha256, bytes, state, layout });
  }
  return [...files.values()];
}

/** Whether texts of these files can have labels only by being identified. */
export function haveNoLabels(files: readonly PoolFileInput[], { lang }: PoolFilesOptions): boolean {
  return lang === undefined && files.every(({ layout }) => layout.fields.lang === undefined);
}

/**
 * How the texts of these files get their labels under a scheme.
 *
 * @throws UsageError if the scheme does not know the label of captions that have none, if they are to be identified under
 * another scheme than that of the identifier's labels, or if there a file says nothing of languages
 */
export function labellingOf(
  files: readonly PoolFileInput[],
  { scheme, lang, identify = false }: Pick<PoolFilesOptions, "lang" | "identify"> & { readonly scheme: LabelScheme },
): Labelling {
  if (lang !== undefined && groupOfLabel(lang, scheme) === undefined) {
    throw new UsageError(`"${lang}" is no label of ${scheme}; name another with --lang LABEL`);
  }
  if (scheme === IDENTIFIED) return { scheme, lang, identify };
  if (identify) {
    throw new UsageError(
      `languages that are identified have labels of ${IDENTIFIED}, and the pool is counted by labels of ${scheme}; count ` +
        "into another pool",
    );
  }
  const silent = files.find(({ layout }) => layout.fields.lang === undefined);
  if (silent !== undefined && lang === undefined) {
    throw new UsageError(
      `${silent.name} has no field for the language of its captions; name it with --lang-field F, give the language of all ` +
        "with --lang LABEL, or have the languages of all files identified, in a pool of its own, with --identify",
    );
  }
  return { scheme, lang: lang ?? NO_LABEL, identify };
}

/** By what rule the list of a group matches: apostrophes are those of the language of the edition that leads it. */
export function ruleOf(group: string, profile: ProfileName): ListRule {
  const [lead] = editionsOfGroup(group);
  return { profile, apostrophes: lead === undefined ? undefined : apostropheRuleOf(lead) };
}

/** Of the threads asked for, those that have a use. */
export function usefulThreads(threads: number): number {
  return Math.min(threads, 2 * availableParallelism());
}

/** Of the memory that all threads have, a thread's own: as much as makes no piece of work absurdly small, at least. */
export function memoryOfThread({ memory, threads }: { readonly memory: number; readonly threads: number }): number {
  return Math.max(memory / usefulThreads(threads), LEAST_MEMORY);
}

/** Into how many shares a file is cut, so that all threads have work. */
export function sharesOf(
  { bytes }: PoolFileInput,
  { threads, files }: { readonly threads: number; readonly files: number },
): number {
  const most = usefulThreads(threads);
  return bytes < BYTES_FOR_THREADS || files >= 2 * most ? 1 : most;
}

/** How many threads so many tasks, which read so many bytes together, are worth. */
export function threadsFor(
  bytes: number,
  { threads, tasks }: { readonly threads: number; readonly tasks: number },
): number {
  return bytes < BYTES_FOR_THREADS ? 1 : Math.min(threads, tasks);
}

/** Refuse a file that was read and turned out to be no pool: without a caption, or with more damaged rows than others. */
export function requireReadable(
  name: string,
  {
    rows,
    texts,
    problems,
    layout,
  }: {
    readonly rows: number;
    readonly texts: number;
    readonly problems: readonly Problem[];
    readonly layout: PoolLayout;
  },
): void {
  if (texts === 0) {
    const hint =
      layout.format === "warc"
        ? `its pages have ${formatCounted(rows, "image")}, none with a text (${layout.fields.text})`
        : "is it the right file, and the right --text-field?";
    throw new UserError(`${name} holds no caption; ${hint}`);
  }
  const unread = problems.find(({ code }) => code === "E501");
  if (unread === undefined || unread.count <= rows) return;
  throw new UserError(
    `${name}: ${unread.count} rows cannot be read, ${rows} can (e.g. ${unread.samples[0]}); is it what --format and the ` +
      "options of fields say?",
  );
}
