import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { joinTitles, readArticleIndex } from "../src/entries/titles.ts";
import { Problems } from "../src/problems.ts";
import type { TitleViews } from "../src/sources/pageviews.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function views(byTitle: [string, number][], byPage: [number, { title: string; views: number }][] = []): TitleViews {
  return { byTitle: new Map(byTitle), byPage: new Map(byPage) };
}

async function articleIndex(articles: string, redirects: string) {
  const articleFile = join(folder, "articles.tsv");
  const redirectFile = join(folder, "redirects.tsv");
  writeFileSync(articleFile, articles);
  writeFileSync(redirectFile, redirects);
  return readArticleIndex([articleFile], [redirectFile]);
}

describe("joinTitles()", () => {
  it("ranks by views, then code point, when there is no dump to join with", () => {
    const { candidates, figures } = joinTitles(
      views(
        [
          ["Z", 3],
          ["A", 3],
          ["B", 9],
        ],
        [[7, { title: "A", views: 2 }]],
      ),
      undefined,
      new Problems(),
    );
    expect(candidates).toEqual([
      { text: "B", views: 9 },
      { text: "A", views: 5 },
      { text: "Z", views: 3 },
    ]);
    expect(figures.viewed).toBe(3);
  });

  it("keeps articles alone, adds a redirect's views to its article, and tells pages by id where there is one", async () => {
    const index = await articleIndex(
      "1\tRiga\n2\tDaugavpils\n",
      "Dinaburg\tDaugavpils\nDvinsk\tDinaburg\nLoop\tLoop\n",
    );
    const problems = new Problems();
    const { candidates, figures } = joinTitles(
      views(
        [
          ["Riga", 10],
          ["Dinaburg", 4],
          ["Dvinsk", 1],
          ["Loop", 50],
          ["Gone", 90],
        ],
        [
          [1, { title: "Old name of Riga", views: 5 }],
          [77, { title: "Dinaburg", views: 2 }],
          [78, { title: "Nothing", views: 2 }],
        ],
      ),
      index,
      problems,
    );
    expect(candidates).toEqual([
      { text: "Riga", views: 15 },
      { text: "Daugavpils", views: 7 },
    ]);
    expect(problems.list()).toEqual([{ code: "W202", count: 3, samples: ["Nothing", "Loop", "Gone"] }]);
    expect(figures).toEqual({ viewed: 8, articles: 2, redirects: 3, unknown: 3 });
  });

  it("has nothing for an edition without views", () => {
    expect(joinTitles(undefined, undefined, new Problems()).candidates).toEqual([]);
  });
});
