/** Views of titles → ranked title candidates. */
import { join } from "node:path";
import type { Problems } from "../problems.ts";
import {
  addEqualKeys,
  byCount,
  byKey,
  createTallySorter,
  readRun,
  readRunLines,
  sortTallies,
  type Tally,
  writeRun,
} from "../runs.ts";
import type { TitleViews } from "../sources/pageviews.ts";
import type { TitleCandidate } from "./select.ts";

/** The files that counting a dump leaves: `id⇥title` of articles and `title⇥target` of redirects. */
export interface ArticleFiles {
  readonly articleFiles: readonly string[];
  readonly redirectFiles: readonly string[];
}

/** How to join the views of an edition with its articles. */
export interface JoinTitlesOptions {
  readonly views: TitleViews;
  /** The articles of the edition's dump; undefined where there is none. */
  readonly articles: ArticleFiles | undefined;
  /** Where viewed titles are counted that are no article (W202), the most viewed as samples. */
  readonly problems: Problems;
  /** Folder for sorted runs, in which the candidates lie for as long as they are read; the caller removes it. */
  readonly directory: string;
  /** Bytes of memory for sorting. */
  readonly memory: number;
}

/** How the views of an edition met the dump's articles. */
export interface TitleJoin {
  /** By views, largest first, then code point; may be read several times. */
  readonly candidates: Iterable<TitleCandidate>;
  /** Number of candidates. */
  readonly size: number;
  /** Titles or pages with views, those among them that are articles, that redirect to one, and that the dump lacks. */
  readonly figures: {
    readonly viewed: number;
    readonly articles: number;
    readonly redirects: number;
    readonly unknown: number;
  };
}

/** A redirect may lead to another one; MediaWiki mends such chains, so a longer one than this is a loop. */
const MAX_REDIRECTS = 4;
/** Sorters that are in use at a time, and what sorting takes, garbage included, in multiples of what a sorter counts. */
const SORTERS = 3;
const SORTING = 2.5;
/** Viewed titles without an article that are named. */
const SAMPLES = 5;

/**
 * Rank the viewed titles. Where the dump's articles are known, views are joined with them, by page id or by title, views
 * of a redirect count for its article, and what is no article is left out.
 *
 * Views, articles and redirects are sorted through runs on disk and read side by side, redirects once for each hop: so
 * memory is bounded by `memory`, and no table has more keys than a `Map` can.
 */
export function joinTitles({ views, articles, problems, directory, memory }: JoinTitlesOptions): TitleJoin {
  const figures = { viewed: 0, articles: 0, redirects: 0, unknown: 0 };
  const share = memory / (SORTERS * SORTING);
  const sorter = (name: string) => createTallySorter(byKey, { directory, name, memory: share });
  const joined = sorter("joined");
  const unknown: Tally[] = [];
  const leaveOut = (title: string, count: number) => {
    figures.unknown++;
    if (unknown.length === SAMPLES && count <= unknown[SAMPLES - 1]!.count) return;
    unknown.push({ key: title, count });
    unknown.sort(byCount).splice(SAMPLES);
  };

  if (articles === undefined) {
    for (const { title, views: count } of views.rows()) joined.add({ key: title, count });
  } else {
    const files = sortArticles(articles, { directory, memory: share });
    let hop = sorter("hop-0");
    const ids = openCursor(files.byId);
    for (const { page, title, views: count } of views.rows()) {
      figures.viewed++;
      // A page id of no article may be a redirect's, whose title tells; a renamed article is told by its id alone.
      const article = page === undefined ? undefined : ids.find(String(page));
      if (article === undefined) {
        hop.add({ key: `${title}\t${page ?? ""}\t${title}`, count });
      } else {
        figures.articles++;
        joined.add({ key: article, count });
      }
    }
    ids.close();
    // Rows are `title reached⇥page⇥title viewed`, in the order of the titles reached.
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const next = sorter(`hop-${hops + 1}`);
      const titles = openCursor(files.titles);
      const redirects = openCursor(files.redirects);
      let left = 0;
      for (const { key, count } of hop.sorted()) {
        const tab = key.indexOf("\t");
        const at = key.slice(0, tab);
        const rest = key.slice(tab + 1);
        const viewed = rest.slice(rest.indexOf("\t") + 1);
        if (titles.find(at) !== undefined) {
          if (at === viewed) figures.articles++;
          else figures.redirects++;
          joined.add({ key: at, count });
          continue;
        }
        const target = hops < MAX_REDIRECTS ? redirects.find(at) : undefined;
        if (target === undefined) {
          leaveOut(viewed, count);
        } else {
          next.add({ key: `${target}\t${rest}`, count });
          left++;
        }
      }
      titles.close();
      redirects.close();
      if (left === 0) break;
      hop = next;
    }
  }

  const path = join(directory, "titles.run");
  const ranking = { directory, name: "ranked", memory: share };
  let size = 0;
  writeRun(
    path,
    (function* () {
      for (const tally of sortTallies(addEqualKeys(joined.sorted()), byCount, ranking)) {
        size++;
        yield tally;
      }
    })(),
  );
  if (articles === undefined) figures.viewed = size;
  if (figures.unknown > 0) problems.add("W202", unknown[0]!.key, figures.unknown);
  for (const { key } of unknown.slice(1)) problems.add("W202", key, 0);
  return { candidates: { [Symbol.iterator]: () => readCandidates(path) }, size, figures };
}

function* readCandidates(path: string): Generator<TitleCandidate> {
  for (const { key, count } of readRun(path)) yield { text: key, views: count };
}

interface SortedArticles {
  /** Runs of keys `id⇥title`, `title⇥` and `title⇥target`. */
  readonly byId: string;
  readonly titles: string;
  readonly redirects: string;
}

/** No title has characters below the tab that parts fields; keys with them would sort otherwise than their first fields. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSORTABLE = /[\u0000-\u0008]/;

function sortArticles(
  { articleFiles, redirectFiles }: ArticleFiles,
  { directory, memory }: { readonly directory: string; readonly memory: number },
): SortedArticles {
  const write = (name: string, keys: Iterable<string>): string => {
    const path = join(directory, `${name}.run`);
    const tallies = (function* () {
      for (const key of keys) if (!UNSORTABLE.test(key)) yield { key, count: 1 };
    })();
    writeRun(path, sortTallies(tallies, byKey, { directory, name, memory }));
    return path;
  };
  return {
    byId: write(
      "ids",
      (function* () {
        for (const path of articleFiles) {
          for (const line of readRunLines(path)) if (!line.startsWith("\t")) yield line;
        }
      })(),
    ),
    titles: write(
      "titles-of-articles",
      (function* () {
        for (const path of articleFiles) {
          for (const line of readRunLines(path)) yield `${line.slice(line.indexOf("\t") + 1)}\t`;
        }
      })(),
    ),
    redirects: write(
      "redirects",
      (function* () {
        for (const path of redirectFiles) yield* readRunLines(path);
      })(),
    ),
  };
}

/** Looks up first fields in a run of two, asked for in their order. */
interface Cursor {
  /** The second field beside the first one given, of several the first; undefined if there is none. */
  find(first: string): string | undefined;
  close(): void;
}

function openCursor(path: string): Cursor {
  const run = readRun(path);
  let ended = false;
  let first: string | undefined;
  let second = "";
  /** Go to the next first field. */
  const step = () => {
    for (;;) {
      const next = run.next();
      if (next.done === true) {
        ended = true;
        first = undefined;
        return;
      }
      const { key } = next.value;
      const tab = key.indexOf("\t");
      const field = key.slice(0, tab);
      if (field === first) continue;
      first = field;
      second = key.slice(tab + 1);
      return;
    }
  };
  step();
  return {
    find(wanted) {
      while (!ended && first! < wanted) step();
      return first === wanted ? second : undefined;
    },
    close: () => void run.return(undefined),
  };
}
