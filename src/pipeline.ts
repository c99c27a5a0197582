/**
 * The first half of the flow: dumps, pageviews and wordnets of an edition become its list in the store. It reads like the
 * recipe; every step is a stage of its own folder. The second half, from captions to thresholds, begins where the lists
 * are: `engine/count-pool.ts` counts captions against them, `curation/thresholds.ts` sets thresholds from the counts,
 * `export/metaclip.ts` writes both for the curator.
 */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Edition, type EditionCode, findEdition, loadTokenizer, namesOf } from "../languages/index.ts";
import { countEdition, type EditionCounts, UNFINISHED } from "./engine/count-edition.ts";
import { flagEntries } from "./entries/flags.ts";
import { createLanguageFinder, type LanguageFinder } from "./entries/other-language.ts";
import { type Selection, selectEntries } from "./entries/select.ts";
import { joinTitles, type TitleJoin } from "./entries/titles.ts";
import type { SetAside } from "./entries/types.ts";
import { UsageError, UserError } from "./errors.ts";
import { hashFile, makeFolder } from "./files.ts";
import { fingerprint, packageVersion, RECIPE_VERSION } from "./fingerprint.ts";
import { type Problem, Problems } from "./problems.ts";
import { type ProfileName, profileOf } from "./profile.ts";
import type { OnProgress } from "./progress.ts";
import { readViews, type TitleViews } from "./sources/pageviews.ts";
import { readWordList } from "./sources/word-list.ts";
import { readWordnet, type Wordnet } from "./sources/wordnet.ts";
import { type BuildInput, findFresh, publish } from "./store/builds.ts";
import { closeDatabase, type Database, openDatabase } from "./store/database.ts";
import { type Lock, lockEdition, lockPool } from "./store/lock.ts";
import { activeReviews } from "./store/reviews.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "./temporary.ts";
import { createExtractor } from "./text/extractors.ts";

/** What to build, from what, and where to. Any non-empty set of inputs will do. */
export interface BuildOptions {
  readonly db: string;
  readonly editions: readonly Edition[];
  /** Only for a single edition. */
  readonly dumps: readonly string[];
  readonly texts: readonly string[];
  /** For all editions. */
  readonly pageviews: readonly string[];
  /** For the editions whose language they are of; for a single edition, whatever they are of. */
  readonly wordnets: readonly string[];
  /** Lists of words to flag entries by, for all editions; nothing is built from them alone. */
  readonly vocabularies?: readonly string[];
  readonly profile: ProfileName;
  readonly threads: number;
  /** Bytes of memory for counting tables. */
  readonly memory: number;
  /** What to call paths that mean nothing later, such as that of a copy of standard input. */
  readonly names?: ReadonlyMap<string, string>;
  /** Build also what is fresh. */
  readonly force?: boolean;
  /** What finds entries of other languages, for who builds many times and disposes of it; without it one is made and goes. */
  readonly languages?: LanguageFinder;
  readonly onProgress?: OnProgress;
}

/** What became of one edition. */
export interface BuildReport {
  readonly edition: EditionCode;
  readonly build: number;
  /** True if the list in the store was made from the same inputs, so that nothing was done. */
  readonly fresh: boolean;
  readonly figures: BuildFigures;
  readonly problems: readonly Problem[];
  /** Kinds of input that were not given. */
  readonly missing: readonly string[];
}

/** Sizes along the way, kept with the build. */
export interface BuildFigures {
  readonly text: Omit<EditionCounts["figures"], "problems"> | undefined;
  readonly titles: TitleJoin["figures"] | undefined;
  readonly selection: Selection["figures"];
  /** Entries by the source that owns them, and in all. */
  readonly entries: Readonly<Record<string, number>>;
}

interface EditionInputs {
  /** All files that the list and its flags are made from. */
  readonly inputs: readonly BuildInput[];
  readonly wordnets: readonly string[];
}

/** Folder beside the database for locks and counts. */
function workFolder(dbPath: string): string {
  return `${dbPath}.work`;
}

/** Build the lists asked for, one edition after the other; a report for each as soon as it is published. */
export async function* buildEditions(options: BuildOptions): AsyncGenerator<BuildReport> {
  const { editions, pageviews, onProgress } = options;
  if (editions.length === 0) throw new UsageError("name at least one edition, e.g. worldmeta build en …");
  if (editions.length > 1 && options.dumps.length + options.texts.length > 0) {
    throw new UsageError("--dump and --text belong to one edition; name one, and build the others by themselves");
  }
  if ([options.dumps, options.texts, pageviews, options.wordnets].every((paths) => paths.length === 0)) {
    throw new UsageError("nothing to build from: give --dump, --text, --pageviews or --wordnet");
  }
  const inputs = await hashInputs(options);
  const languages = editions.length > 1 ? await readLanguages(options) : undefined;
  for (const edition of editions) {
    if (inputsOf(edition, inputs, languages).inputs.some(isSource)) continue;
    throw new UserError(`nothing to build ${edition.code} from: no wordnet given is of its language`);
  }
  const vocabulary = await readVocabulary(options);
  const db = openDatabase(options.db);
  const finder = options.languages ?? createLanguageFinder();
  let temporary: TemporaryFolder | undefined;
  try {
    const work = workFolder(options.db);
    makeFolder(work);
    temporary = makeTemporaryFolder(work);
    const directory = temporary.path;
    let views: ReadonlyMap<EditionCode, TitleViews> | undefined;
    const readAllViews = async () => {
      const total = inputs.filter(({ kind }) => kind === "pageviews").reduce((sum, { bytes = 0 }) => sum + bytes, 0);
      const onBytes = (bytes: number) => onProgress?.({ stage: "read pageviews", bytes, total });
      views ??= await readViews(pageviews, { editions, directory, memory: options.memory, onBytes });
      return views;
    };
    for (const edition of editions) {
      const lock = lockEdition(options.db, edition.code);
      try {
        const own = inputsOf(edition, inputs, languages);
        yield await buildEdition({ db, work, directory, edition, own, options, vocabulary, finder, readAllViews });
      } finally {
        lock.release();
      }
    }
  } finally {
    if (options.languages === undefined) finder.dispose();
    temporary?.remove();
    closeDatabase(db);
  }
}

interface EditionWork {
  readonly db: Database;
  /** Folder of what is kept between builds, and one that goes with this one. */
  readonly work: string;
  readonly directory: string;
  readonly edition: Edition;
  readonly own: EditionInputs;
  readonly options: BuildOptions;
  readonly vocabulary: ReadonlySet<string>;
  readonly finder: LanguageFinder;
  readonly readAllViews: () => Promise<ReadonlyMap<EditionCode, TitleViews>>;
}

async function buildEdition(job: EditionWork): Promise<BuildReport> {
  const { db, edition, own, options, vocabulary, finder, readAllViews } = job;
  const started = new Date().toISOString();
  const profile = profileOf(options.profile, edition);
  const reviews = activeReviews(db, edition.code);
  const verdicts = [...reviews.values()].map(({ text, verdict }) => [text, verdict]).sort();
  const hashesOf = (...kinds: readonly string[]) =>
    own.inputs.filter(({ kind }) => kinds.includes(kind)).map(({ kind, sha256 }) => [kind, sha256]);
  const tokenizer = (await loadTokenizer(edition)).id;
  const extractor = (await createExtractor()).id;
  const textPrint = fingerprint([
    RECIPE_VERSION,
    options.profile,
    edition,
    namesOf(edition),
    tokenizer,
    extractor,
    hashesOf("dump", "text"),
  ]);
  const buildPrint = fingerprint([textPrint, profile, hashesOf("pageviews", "wordnet", "vocabulary"), verdicts]);

  const found = findFresh(db, edition.code, options.profile, buildPrint);
  if (found !== undefined && options.force !== true) {
    const { id, figures, problems, inputs } = found;
    return {
      ...{ edition: edition.code, build: id, fresh: true, figures: figures as BuildFigures, problems },
      missing: missingKinds(inputs),
    };
  }

  const problems = new Problems();

  // Text → words and pairs.
  const counts = hashesOf("dump", "text").length > 0 ? await countText(job, textPrint) : undefined;
  if (counts !== undefined) {
    problems.merge(counts.figures.problems);
    const { articles, documents, wikis } = counts.figures;
    requireSome(articles, "article", options.dumps);
    requireSome(documents, "text", options.texts);
    for (const wiki of wikis) {
      if (!isWikiOf(edition, wiki)) problems.add("W102", `${wiki} instead of ${edition.database}`);
    }
  }

  // Pageviews → titles, those of articles where there is a dump.
  let titles: TitleJoin | undefined;
  if (options.pageviews.length > 0) {
    const views = (await readAllViews()).get(edition.code)!;
    const directory = join(job.directory, edition.code);
    makeFolder(directory);
    titles = joinTitles({
      ...{ views, problems, directory, memory: options.memory },
      articles: options.dumps.length > 0 ? counts : undefined,
    });
    problems.merge(views.problems);
    if (own.inputs.filter(isSource).every(({ kind }) => kind === "pageviews")) {
      requireSome(titles.size, `view of a page of ${edition.domain}`, options.pageviews);
    }
  }

  // Wordnets → lemmas.
  const wordnets: Wordnet[] = [];
  for (const path of own.wordnets) {
    const wordnet = await readWordnet(path, { edition, profile: options.profile, problems });
    requireSome(wordnet.lemmas.length, "lemma", [path]);
    wordnets.push(wordnet);
  }

  // Candidates → entries.
  const selection = selectEntries({
    edition,
    profile,
    lemmas: wordnets.flatMap(({ lemmas }) => lemmas),
    grams: counts?.grams ?? {
      tokens: 0,
      types: 0,
      unigrams: () => [],
      find: () => [],
      pairs: () => [],
      bigrams: () => [],
    },
    titles: titles?.candidates ?? [],
    allowed: new Set([...reviews.values()].filter(({ verdict }) => verdict === "allow").map(({ text }) => text)),
    denied: new Set([...reviews.values()].filter(({ verdict }) => verdict === "deny").map(({ text }) => text)),
  });
  await rm(join(job.directory, edition.code), { recursive: true, force: true });
  const junk = wordnets.flatMap(({ setAside }) =>
    setAside.map(({ text, reason }): SetAside => ({ text, source: "wordnet", reason })),
  );

  // Entries → what is worth a second look.
  const flagged = await flagEntries(selection.entries, { edition, languages: finder, vocabulary });

  // Entries → store.
  const entries: Record<string, number> = {};
  for (const { source } of selection.entries) entries[source] = (entries[source] ?? 0) + 1;
  entries.total = selection.entries.length;
  const { problems: _, ...text } = counts?.figures ?? { problems: [] };
  const figures: BuildFigures = {
    text: counts === undefined ? undefined : (text as BuildFigures["text"]),
    titles: titles?.figures,
    selection: selection.figures,
    entries,
  };
  const build = publish(
    db,
    {
      edition: edition.code,
      profile: options.profile,
      fingerprint: buildPrint,
      started,
      finished: new Date().toISOString(),
      version: packageVersion(),
      settings: { profile, tokenizer, extractor, recipe: RECIPE_VERSION },
      figures,
      problems: problems.list(),
      inputs: own.inputs.map((input) => ({
        ...withLicence(input, own.wordnets, wordnets),
        path: options.names?.get(input.path) ?? input.path,
      })),
    },
    flagged,
    [...selection.setAside, ...junk],
  );
  return {
    ...{ edition: edition.code, build, fresh: false, figures, problems: problems.list() },
    missing: missingKinds(own.inputs),
  };
}

/**
 * Remove the unfinished counts that stopped builds and counts of pools left, as far as none of their edition or pool is
 * running; returns their number.
 */
export async function removeUnfinishedCounts(dbPath: string): Promise<number> {
  const work = workFolder(dbPath);
  let removed = 0;
  for (const name of existsSync(work) ? await readdir(work) : []) {
    let lock: Lock | undefined;
    try {
      lock = lockOf(dbPath, name);
    } catch {
      continue;
    }
    if (lock === undefined) continue;
    await rm(join(work, name), { recursive: true, force: true }).finally(lock.release);
    removed++;
  }
  return removed;
}

/** The lock of whoever may go on from a folder of unfinished counts; undefined for what is no such folder. */
function lockOf(dbPath: string, folder: string): Lock | undefined {
  const pool = /^pool-([0-9a-f]{16})-(?:repeats-)?[0-9a-f]{16}$/.exec(folder)?.[1];
  if (pool !== undefined) return lockPool(dbPath, pool);
  const code = /^counts-(.+)-[a-z]+-[0-9a-f]{16}\.unfinished$/.exec(folder)?.[1];
  const edition = code === undefined ? undefined : findEdition(code);
  return edition && lockEdition(dbPath, edition.code);
}

/** Counts of an edition's text; those of the last build are kept, so that a review needs no new count. */
async function countText({ work, edition, options }: EditionWork, print: string): Promise<EditionCounts> {
  const name = `counts-${edition.code}-${options.profile}-`;
  const directory = join(work, name + print.slice(0, 16));
  for (const old of await readdir(work)) {
    const isOwn = [directory, directory + UNFINISHED].includes(join(work, old));
    if (old.startsWith(name) && !isOwn) await rm(join(work, old), { recursive: true });
  }
  const { profile, dumps, texts, threads, memory, onProgress } = options;
  return countEdition({ edition, profile, dumps, texts, directory, threads, memory, onProgress });
}

async function hashInputs(options: BuildOptions): Promise<BuildInput[]> {
  const inputs: BuildInput[] = [];
  for (const [kind, paths] of [
    ["dump", options.dumps],
    ["text", options.texts],
    ["pageviews", options.pageviews],
    ["wordnet", options.wordnets],
    ["vocabulary", options.vocabularies ?? []],
  ] as const) {
    for (const path of paths) {
      const input = { kind, path, ...(await hashFile(path)) };
      const same = inputs.find((other) => other.kind === kind && other.sha256 === input.sha256);
      if (same !== undefined) throw new UsageError(`${path} is the same file as ${same.path}; give it once`);
      inputs.push(input);
    }
  }
  return inputs;
}

/** The words of all vocabularies. */
async function readVocabulary({ vocabularies = [] }: BuildOptions): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const path of vocabularies) {
    const words = await readWordList(path);
    requireSome(words.size, "word", [path]);
    for (const word of words) all.add(word);
  }
  return all;
}

/** True of what entries are made from; a vocabulary only says which of them to look at. */
function isSource({ kind }: BuildInput): boolean {
  return kind !== "vocabulary";
}

/** Language codes of wordnet files, by path. */
async function readLanguages(options: BuildOptions): Promise<ReadonlyMap<string, string>> {
  const languages = new Map<string, string>();
  for (const path of options.wordnets) {
    const { language } = await readWordnet(path, {
      ...{ edition: { wordnets: [] }, profile: options.profile, problems: new Problems() },
    });
    languages.set(path, language);
  }
  return languages;
}

/** The inputs that concern one edition: of several editions' wordnets, those of its language. */
function inputsOf(
  edition: Edition,
  inputs: readonly BuildInput[],
  languages: ReadonlyMap<string, string> | undefined,
): EditionInputs {
  const concerns = ({ kind, path }: BuildInput) =>
    kind !== "wordnet" || languages === undefined || edition.wordnets.some((code) => code === languages.get(path));
  const own = inputs.filter(concerns);
  return { inputs: own, wordnets: own.filter(({ kind }) => kind === "wordnet").map(({ path }) => path) };
}

/** A kind of input that was given must bring something: a list made of nothing would take the place of a good one. */
function requireSome(found: number, what: string, paths: readonly string[]): void {
  if (paths.length === 0 || found > 0) return;
  throw new UserError(`no ${what} in ${paths.join(", ")}; is it the right file?`);
}

/** True if what a dump says of its wiki, a database name or else a host, is the edition's. */
function isWikiOf(edition: Edition, wiki: string): boolean {
  return wiki === edition.database || wiki === edition.domain;
}

function withLicence(input: BuildInput, paths: readonly string[], wordnets: readonly Wordnet[]): BuildInput {
  const wordnet = input.kind === "wordnet" ? wordnets[paths.indexOf(input.path)] : undefined;
  if (wordnet === undefined) return input;
  const { name, licence, url } = wordnet;
  return {
    ...input,
    ...(name !== "" && { name }),
    ...(licence !== "" && { licence }),
    ...(url !== "" && { note: url }),
  };
}

function missingKinds(inputs: readonly BuildInput[]): string[] {
  const has = (...kinds: readonly string[]) => inputs.some(({ kind }) => kinds.includes(kind));
  return [
    ...(has("dump", "text") ? [] : ["dump"]),
    ...(has("pageviews") ? [] : ["pageviews"]),
    ...(has("wordnet") ? [] : ["wordnet"]),
  ];
}
