/** Views of titles → ranked title candidates. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { compareCodePoints } from "../order.ts";
import type { Problems } from "../problems.ts";
import { type TitleViews, viewsByTitle } from "../sources/pageviews.ts";
import type { TitleCandidate } from "./select.ts";

/** The articles of a dump, and where its redirects lead. */
export interface ArticleIndex {
  readonly titleOfId: ReadonlyMap<number, string>;
  readonly titles: ReadonlySet<string>;
  readonly redirects: ReadonlyMap<string, string>;
}

/** How the views of an edition met the dump's articles. */
export interface TitleJoin {
  readonly candidates: readonly TitleCandidate[];
  /** Titles or pages with views, those among them that are articles, that redirect to one, and that the dump lacks. */
  readonly figures: {
    readonly viewed: number;
    readonly articles: number;
    readonly redirects: number;
    readonly unknown: number;
  };
}

async function* readPairs(paths: readonly string[]): AsyncGenerator<[string, string]> {
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path, "utf8") })) {
      const tab = line.indexOf("\t");
      yield [line.slice(0, tab), line.slice(tab + 1)];
    }
  }
}

/** Read the files of `id⇥title` and `title⇥target` that counting a dump leaves. */
export async function readArticleIndex(
  articleFiles: readonly string[],
  redirectFiles: readonly string[],
): Promise<ArticleIndex> {
  const titleOfId = new Map<number, string>();
  const titles = new Set<string>();
  for await (const [id, title] of readPairs(articleFiles)) {
    titles.add(title);
    if (id !== "") titleOfId.set(Number(id), title);
  }
  const redirects = new Map<string, string>();
  for await (const [title, target] of readPairs(redirectFiles)) redirects.set(title, target);
  return { titleOfId, titles, redirects };
}

/** A redirect may lead to another one; MediaWiki mends such chains, so a longer one than this is a loop. */
const MAX_REDIRECTS = 4;

/** The article that a title is, or leads to. */
function resolve(title: string, { titles, redirects }: ArticleIndex): string | undefined {
  let at = title;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    if (titles.has(at)) return at;
    const target = redirects.get(at);
    if (target === undefined) return undefined;
    at = target;
  }
  return undefined;
}

/**
 * Rank the viewed titles. Where the dump's articles are known, views are joined with them, by page id or by title, views
 * of a redirect count for its article, and what is no article is left out.
 */
export function joinTitles(
  views: TitleViews | undefined,
  index: ArticleIndex | undefined,
  problems: Problems,
): TitleJoin {
  const figures = { viewed: 0, articles: 0, redirects: 0, unknown: 0 };
  if (views === undefined) return { candidates: [], figures };
  if (index === undefined) {
    const candidates = Array.from(viewsByTitle(views), ([text, count]) => ({ text, views: count }));
    return { candidates: rankTitles(candidates), figures: { ...figures, viewed: candidates.length } };
  }
  const joined = new Map<string, number>();
  const add = (title: string | undefined, viewed: string, count: number) => {
    figures.viewed++;
    if (title === undefined) {
      figures.unknown++;
      problems.add("W202", viewed);
    } else {
      if (title === viewed) figures.articles++;
      else figures.redirects++;
      joined.set(title, (joined.get(title) ?? 0) + count);
    }
  };
  for (const [id, { title, views: count }] of views.byPage) {
    const article = index.titleOfId.get(id);
    // A page id of no article may be a redirect's, whose title tells; a renamed article is told by its id alone.
    if (article !== undefined) add(article, article, count);
    else add(resolve(title, index), title, count);
  }
  for (const [title, count] of views.byTitle) add(resolve(title, index), title, count);
  return { candidates: rankTitles(Array.from(joined, ([text, count]) => ({ text, views: count }))), figures };
}

function rankTitles(candidates: TitleCandidate[]): TitleCandidate[] {
  return candidates.sort((a, b) => b.views - a.views || compareCodePoints(a.text, b.text));
}
