/** The task that reads one part of an edition's text and leaves sorted runs of its words and pairs. */
import { join } from "node:path";
import { apostropheRuleOf } from "../../languages/apostrophes.ts";
import { type Edition, getEdition, loadTokenizer, namesOf } from "../../languages/index.ts";
import { UserError } from "../errors.ts";
import { type Machine, type Place, startMachine } from "../kernels/machine.ts";
import { createGramCounter } from "../ngrams/counter.ts";
import type { GramRun } from "../ngrams/gram-runs.ts";
import { createCutter } from "../ngrams/grams.ts";
import { createReferenceCutter } from "../ngrams/reference-grams.ts";
import { type Problem, Problems } from "../problems.ts";
import type { ProfileName } from "../profile.ts";
import { createLineFile } from "../runs.ts";
import {
  type DumpRange,
  isArticle,
  type Page,
  type RangeReport,
  readDump,
  readDumpRange,
  type SiteInfo,
} from "../sources/dump.ts";
import { type RawText, readRawText, readTextFile } from "../sources/text-file.ts";
import type { ExtractContext, Extractor } from "../text/extractor.ts";
import { createFastExtractor, type PlaceExtractor } from "../text/fast.ts";
import type { TaskContext } from "./task.ts";

/** Text files, of which a shard takes every `of`-th document from the `index`-th on. */
export interface TextShare {
  readonly paths: readonly string[];
  readonly index: number;
  readonly of: number;
}

/** What one shard is, as JSON. */
export interface CountShardInput {
  readonly edition: string;
  readonly profile: ProfileName;
  /** What to read: a range of a dump, or a share of text files. */
  readonly source: DumpRange | TextShare;
  /** Start of the names of the files left; distinct for each shard. */
  readonly name: string;
  /** Bytes of memory for tables. */
  readonly memory: number;
  /** Folder for what the task leaves. */
  readonly directory: string;
}

/** What one shard held. */
export interface CountShardOutput {
  readonly name: string;
  readonly runs: readonly GramRun[];
  /** Files of `id⇥title` and `title⇥target`. */
  readonly articleFile: string;
  readonly redirectFile: string;
  /** Pages of any kind, articles and redirects among them, documents of text files, words. */
  readonly pages: number;
  readonly articles: number;
  readonly redirects: number;
  readonly documents: number;
  readonly tokens: number;
  /** What the dumps call their wikis: database names, or hosts where an export tells no database. */
  readonly wikis: readonly string[];
  readonly problems: readonly Problem[];
  /** How a range fits to those around it; undefined if it could not be read by itself, though its file can. */
  readonly report: RangeReport | undefined;
}

/** Reads the plain text of articles. */
export interface ArticleReader<T> {
  /** Take over the names that the dump itself gives its namespaces. */
  onSiteInfo(info: SiteInfo): void;
  /** The text of an article; undefined if it has none or, as a counted problem, if it cannot be extracted. */
  read(page: Page): T | undefined;
}

const FILE = 6;
const CATEGORY = 14;

/** A reader of articles for one edition; pages that `extract` throws at are counted in `problems` (E103). */
export function createArticleReader<T>(
  edition: Edition,
  extract: (page: Page, context: ExtractContext) => T | undefined,
  problems: Problems,
): ArticleReader<T> {
  const fileNames = [...namesOf(edition).file];
  const categoryNames = [...namesOf(edition).category];
  return {
    onSiteInfo({ namespaces }) {
      const add = (names: string[], name: string | undefined) => {
        if (name !== undefined && !names.includes(name)) names.push(name);
      };
      add(fileNames, namespaces.get(FILE));
      add(categoryNames, namespaces.get(CATEGORY));
    },
    read(page) {
      try {
        return extract(page, { title: page.title, fileNames, categoryNames });
      } catch (error) {
        problems.add("E103", `${page.title}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
  };
}

/** For `createArticleReader`: texts as strings, by any extractor. */
export function extractWith(extractor: Extractor) {
  return ({ text }: Page, context: ExtractContext): string | undefined =>
    text === undefined ? undefined : extractor.extract(text, context);
}

/** For `createArticleReader`: texts where they lie in the extractor's machine, as far as pages do. */
function extractInPlace(extractor: PlaceExtractor) {
  const extract = extractWith(extractor);
  return (page: Page, context: ExtractContext): Place | string | undefined =>
    page.place === undefined ? extract(page, context) : extractor.extractPlace(page.place, context);
}

/** Kernels of this thread that no shard is being counted in; their memory stays from one shard to the next. */
let idle: Machine | undefined;

/** Memory of kernels that is worth keeping: it takes longer to start others. */
const KEPT_BYTES = 1 << 26;

/** Give back what memory the kernels of this thread hold between shards, if it is much. */
export function releaseKernels(): void {
  if (idle !== undefined && idle.view().length > KEPT_BYTES) idle.release();
}

/** Read, extract, tokenize and count one shard. */
export async function countShard(
  input: CountShardInput,
  { onBytes }: Pick<TaskContext, "onBytes">,
): Promise<CountShardOutput> {
  const { name, source, directory, memory } = input;
  const edition = getEdition(input.edition);
  const problems = new Problems();
  const articleFile = join(directory, `${name}-articles.tsv`);
  const redirectFile = join(directory, `${name}-redirects.tsv`);
  const tokenizer = await loadTokenizer(edition);
  const isReference = input.profile === "reference";
  // Another count may be going on in this thread. What a failed one used is not taken again.
  const kernels = idle ?? startMachine();
  idle = undefined;
  const counter = createGramCounter({
    machine: kernels,
    cutter: isReference ? createReferenceCutter(edition, tokenizer) : createCutter(tokenizer),
    apostrophes: isReference ? undefined : apostropheRuleOf(edition),
    ...{ directory, name, memory },
  });
  const wikis = new Set<string>();
  const figures = { pages: 0, articles: 0, redirects: 0, documents: 0 };
  const articles = createLineFile(articleFile);
  const redirects = createLineFile(redirectFile);
  let report: RangeReport | undefined;

  const countRange = async (range: DumpRange) => {
    const reader = createArticleReader(edition, extractInPlace(createFastExtractor(kernels)), problems);
    const onSiteInfo = (info: SiteInfo) => {
      reader.onSiteInfo(info);
      const wiki = info.database ?? hostOf(info.base);
      if (wiki !== undefined) wikis.add(wiki);
    };
    let ended: RangeReport | undefined;
    const onEnd = (found: RangeReport) => {
      ended = found;
    };
    for await (const page of readDumpRange(range, { problems, machine: kernels, onSiteInfo, onBytes, onEnd })) {
      figures.pages++;
      if (page.namespace === 0 && page.redirect !== undefined) {
        figures.redirects++;
        redirects.write(asLine(`${page.title}\t${page.redirect}`));
      }
      if (!isArticle(page)) continue;
      articles.write(asLine(`${page.id ?? ""}\t${page.title}`));
      const text = reader.read(page);
      if (text === undefined) continue;
      figures.articles++;
      counter.begin();
      if (typeof text === "string") counter.add(text);
      else counter.addPlace(text);
    }
    report = ended;
  };
  const countTexts = async ({ paths, index, of }: TextShare) => {
    // Each share reads all documents and so meets the same problems; the first one alone counts them.
    const options = { problems: index === 0 ? problems : new Problems(), onBytes };
    // The published code goes by files, in which one document runs on into the next.
    const texts =
      input.profile === "reference" ? readRawText(paths, options) : asDocuments(readTextFile(paths, options));
    let document = -1;
    for await (const { begins, text } of texts) {
      if (begins) document++;
      if (document % of !== index) continue;
      if (begins) {
        figures.documents++;
        counter.begin();
      }
      counter.add(text);
    }
  };

  let isCounted = false;
  try {
    try {
      if ("paths" in source) await countTexts(source);
      else await countRange(source);
    } catch (error) {
      if (!(error instanceof UserError) || "paths" in source || source.cut === undefined) throw error;
      await requireWhole(source.path);
    }
    isCounted = true;
  } finally {
    if (!isCounted) counter.abandon();
    articles.close();
    redirects.close();
  }
  const counts = counter.finish();
  idle = kernels;
  return {
    name,
    ...counts,
    ...figures,
    articleFile,
    redirectFile,
    wikis: [...wikis].sort(),
    problems: problems.list(),
    report,
  };
}

function asLine(text: string): string {
  return text.replaceAll("\n", " ");
}

/** Read a file in one piece, so that what is wrong with it is told as if it had not been cut. */
async function requireWhole(path: string): Promise<void> {
  const pages = readDump([path], { problems: new Problems() });
  while ((await pages.next()).done !== true);
}

async function* asDocuments(texts: AsyncIterable<string>): AsyncGenerator<RawText> {
  for await (const text of texts) yield { begins: true, text };
}

/** The host of an address; exports up to 0.8 tell nothing else of their wiki. */
function hostOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;
}
