import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type ArticleFiles, joinTitles } from "../src/entries/titles.ts";
import { compareCodePoints } from "../src/order.ts";
import { Problems } from "../src/problems.ts";
import type { TitleViews, ViewedTitle } from "../src/sources/pageviews.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = readonly [title: string, views: number, page?: number];

/** Views as `readViews` gives them: titles without a page by title, then pages by their ids as texts. */
function viewsOf(rows: readonly Row[]): TitleViews {
  const sorted = rows
    .map(([title, views, page]): ViewedTitle => ({ page, title, views }))
    .sort((a, b) => (`${a.page ?? ""}\t${a.title}` < `${b.page ?? ""}\t${b.title}` ? -1 : 1));
  return { rows: () => sorted, problems: [] };
}

let joins = 0;

/** Join rows with articles `[id, title]` and redirects, each a file. */
function joinRows(
  rows: readonly Row[],
  articles?: readonly (readonly [id: number | "", title: string])[],
  redirects: readonly (readonly [title: string, target: string])[] = [],
  memory = 1e8,
) {
  const directory = join(folder, String(joins++));
  mkdirSync(directory);
  const write = (name: string, lines: readonly (readonly unknown[])[]) => {
    const path = join(directory, name);
    writeFileSync(path, lines.map((line) => `${line.join("\t")}\n`).join(""));
    return [path];
  };
  const files: ArticleFiles | undefined = articles && {
    articleFiles: write("a.tsv", articles),
    redirectFiles: write("r.tsv", redirects),
  };
  const problems = new Problems();
  const { candidates, size, figures } = joinTitles({
    views: viewsOf(rows),
    articles: files,
    problems,
    directory,
    memory,
  });
  expect([...candidates]).toHaveLength(size);
  return { candidates: [...candidates], figures, problems: problems.list() };
}

describe("joinTitles()", () => {
  it("ranks by views, then code point, when there is no dump to join with", () => {
    const { candidates, figures } = joinRows([
      ["Z", 3],
      ["A", 3],
      ["B", 9],
      ["A", 2, 7],
      ["\u{1F600}", 3],
      ["\uFF21", 3],
    ]);
    expect(candidates).toEqual([
      { text: "B", views: 9 },
      { text: "A", views: 5 },
      { text: "Z", views: 3 },
      { text: "\uFF21", views: 3 },
      { text: "\u{1F600}", views: 3 },
    ]);
    expect(figures.viewed).toBe(5);
  });

  it("keeps articles alone, adds a redirect's views to its article, and tells pages by id where there is one", () => {
    const { candidates, figures, problems } = joinRows(
      [
        ["Riga", 10],
        ["Dinaburg", 4],
        ["Dvinsk", 1],
        ["Loop", 50],
        ["Gone", 90],
        ["Old name of Riga", 5, 1],
        ["Dinaburg", 2, 77],
        ["Nothing", 2, 78],
      ],
      [
        [1, "Riga"],
        [2, "Daugavpils"],
        ["", "A title\0 that cannot be"],
      ],
      [
        ["Dinaburg", "Daugavpils"],
        ["Dvinsk", "Dinaburg"],
        ["Loop", "Loop"],
      ],
    );
    expect(candidates).toEqual([
      { text: "Riga", views: 15 },
      { text: "Daugavpils", views: 7 },
    ]);
    expect(problems).toEqual([{ code: "W202", count: 3, samples: ["Gone", "Loop", "Nothing"] }]);
    expect(figures).toEqual({ viewed: 8, articles: 2, redirects: 3, unknown: 3 });
  });

  it("names the most viewed of the titles without an article", () => {
    const rows = Array.from({ length: 40 }, (_, i): Row => [`T${i}`, (i * 7) % 40]);
    const { problems } = joinRows(rows, [[1, "Riga"]]);
    expect(problems).toEqual([{ code: "W202", count: 40, samples: ["T17", "T34", "T11", "T28", "T5"] }]);
  });

  it("has nothing for an edition without views", () => {
    expect(joinRows([]).candidates).toEqual([]);
    expect(joinRows([], [[1, "Riga"]]).candidates).toEqual([]);
  });

  it("gives what tables in memory give, however little memory there is", () => {
    const title = fc.constantFrom("A", "B", "A B", "A-B", "Ä", "地", "\u{1F600}", "\uFF21", "a", "Z", "AA", "A!");
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.uniqueArray(
            fc.tuple(title, fc.integer({ min: 1, max: 9 }), fc.option(fc.nat(15), { nil: undefined })),
            {
              selector: ([name, , page]) => (page === undefined ? name : page),
              maxLength: 20,
            },
          ),
          articles: fc.uniqueArray(fc.tuple(fc.nat(15), title), { selector: ([, name]) => name, maxLength: 6 }),
          redirects: fc.uniqueArray(fc.tuple(title, title), { selector: ([name]) => name, maxLength: 10 }),
          memory: fc.integer({ min: 1, max: 3000 }),
        }),
        ({ rows, articles, redirects, memory }) => {
          const distinct = articles.filter(([id], i) => articles.findIndex(([other]) => other === id) === i);
          const { candidates, figures } = joinRows(rows as Row[], distinct, redirects, memory);
          expect({ candidates, figures }).toEqual(joinInMemory(rows as Row[], distinct, redirects));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The same join with tables in memory, as plain as can be. */
function joinInMemory(
  rows: readonly Row[],
  articles: readonly (readonly [id: number, title: string])[],
  redirects: readonly (readonly [title: string, target: string])[],
) {
  const titleOfId = new Map(articles);
  const titles = new Set(articles.map(([, title]) => title));
  const targets = new Map(redirects);
  const resolve = (title: string) => {
    let at: string | undefined = title;
    for (let hops = 0; at !== undefined && hops <= 4; hops++) {
      if (titles.has(at)) return at;
      at = targets.get(at);
    }
    return undefined;
  };
  const figures = { viewed: 0, articles: 0, redirects: 0, unknown: 0 };
  const joined = new Map<string, number>();
  for (const [title, views, page] of rows) {
    const byId = page === undefined ? undefined : titleOfId.get(page);
    const article = byId ?? resolve(title);
    figures.viewed++;
    if (article === undefined) figures.unknown++;
    else if (byId !== undefined || article === title) figures.articles++;
    else figures.redirects++;
    if (article !== undefined) joined.set(article, (joined.get(article) ?? 0) + views);
  }
  const candidates = [...joined]
    .map(([text, views]) => ({ text, views }))
    .sort((a, b) => b.views - a.views || compareCodePoints(a.text, b.text));
  return { candidates, figures };
}
