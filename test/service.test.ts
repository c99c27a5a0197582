import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getEdition } from "../languages/index.ts";
import { createClient, dataOf, type Entry, type ServiceClient } from "../src/client/index.ts";
import type { EntryJson } from "../src/entries/entry-json.ts";
import { type Service, serve } from "../src/service/serve.ts";
import { describeService } from "../src/service/server.ts";
import { publish } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { BROWSER, browserOptions, lacksBrowser } from "./browser.ts";
import { jsonOf, outputOf, runCli } from "./run-cli.ts";
import { CAPTIONS, LEMMAS, makePlace, type Place, startService, TOKEN } from "./service-fixture.ts";

let place: Place;
let service: Service;
let client: ServiceClient;

beforeAll(async () => {
  place = makePlace();
  const { db, inputs } = place;
  service = await serve({
    db,
    inputs,
    host: "127.0.0.1",
    port: 0,
    token: TOKEN,
    memory: 64e6,
    threads: 2,
    logLevel: "silent",
  });
  client = createClient({ url: service.url, token: TOKEN });
});

afterAll(async () => {
  await service.close();
  rmSync(place.folder, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}) => fetch(service.url + path, init);
const post = (path: string, body: unknown, token = TOKEN) =>
  ask(path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

const edition = (code: string) => ({ path: { code } });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("the OpenAPI document", () => {
  it("is docs/openapi.json, from which the client's types are made (node dist/scripts/update-api.js)", async () => {
    const golden = JSON.parse(readFileSync(new URL("../docs/openapi.json", import.meta.url), "utf8")) as unknown;
    expect(JSON.parse(JSON.stringify(await describeService()))).toEqual(golden);
    expect(await (await ask("/openapi.json")).json()).toEqual(golden);
  });

  it("names an operation for every route, each once, and a type for what it takes", async () => {
    const { paths, openapi } = (await (await ask("/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; summary: string; tags: string[] }>>;
    };
    expect(openapi).toBe("3.1.0");
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(operations.filter(({ summary, tags }) => !summary || tags.length !== 1)).toEqual([]);
  });

  it("has a viewer that takes nothing from elsewhere", async () => {
    const page = await ask("/docs/");
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => /^(?:https?:)?\/\//.test(link))).toEqual([]);
    for (const link of links) expect((await fetch(new URL(link, `${service.url}/docs/`))).status).toBe(200);
  });

  it.skipIf(lacksBrowser())("shows its operations in a browser, which complains of nothing", async () => {
    const options = [...browserOptions(join(place.folder, "profile")), "--virtual-time-budget=10000"];
    const child = spawn(BROWSER!, [...options, `${service.url}/docs/`]);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    expect(await once(child, "close")).toEqual([0, null]);
    expect(output.stderr.split("\n").filter((line) => line.includes(":CONSOLE"))).toEqual([]);
    for (const shown of [
      "worldmeta",
      "/api/editions/{code}/entries",
      "Entries of a list: searched, filtered, sorted",
    ]) {
      expect(output.stdout.replaceAll("\u200b", "")).toContain(shown);
    }
  });
});

describe("access", () => {
  it("lets this machine read, and takes the token for changes", async () => {
    expect((await ask("/api/editions/en")).status).toBe(200);
    const decision = { text: "dog", verdict: "deny", reason: "r", reviewer: "Ana" };
    const refused = await ask("/api/editions/en/reviews", { method: "POST", body: JSON.stringify(decision) });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("Bearer");
    expect((await post("/api/editions/en/reviews", decision, "wrong")).status).toBe(401);
    expect(dataOf(await client.GET("/api/editions/{code}/reviews", { params: edition("en") })).reviews).toEqual([]);
  });

  it("refuses requests that name another machine, which a page of somebody else's could send", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(`${service.url}/api/editions`, { headers: { host: "evil.example" } }, (answer) =>
        resolve(answer.statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it("takes the token for everything where others reach it, but for its health", async () => {
    const { db, inputs } = place;
    const open = { db, inputs, host: "0.0.0.0", port: 0, memory: 64e6, threads: 1, logLevel: "silent", readonly: true };
    await expect(serve(open)).rejects.toThrow(/WORLDMETA_TOKEN/);
    const other = await serve({ ...open, token: TOKEN });
    const url = other.url.replace("0.0.0.0", "127.0.0.1");
    try {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/api/editions`)).status).toBe(401);
      expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
      expect((await fetch(`${url}/docs/`)).status).toBe(200);
      expect((await fetch(`${url}/api/editions`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it("changes nothing when it is for reading only, beside one that may", async () => {
    const { db, inputs } = place;
    const other = await serve({
      db,
      inputs,
      host: "127.0.0.1",
      port: 0,
      memory: 64e6,
      threads: 1,
      logLevel: "silent",
      readonly: true,
    });
    try {
      expect((await fetch(`${other.url}/api/editions/en/entries?q=cat`)).status).toBe(200);
      const refused = await fetch(`${other.url}/api/jobs/1/cancel`, { method: "POST" });
      expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
        403,
        "the service was started for reading only",
      ]);
    } finally {
      await other.close();
    }
    await expect(serve({ db, inputs, host: "127.0.0.1", port: 0, memory: 64e6 })).rejects.toThrow(/another service/);
  });

  it("makes a token that only its owner can read, if none is given, and refuses one that can be guessed", async () => {
    const own = makePlace();
    const options = { ...own, host: "127.0.0.1", port: 0, memory: 64e6, threads: 1, logLevel: "silent" };
    try {
      await expect(serve({ ...options, token: "short" })).rejects.toThrow(/16 characters or more/);
      const made = await serve(options);
      try {
        const file = `${own.db}.work/token`;
        expect([made.tokenFile, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
        const refused = await fetch(`${made.url}/api/jobs/1/cancel`, { method: "POST" });
        const headers = { authorization: `Bearer ${readFileSync(file, "utf8").trim()}` };
        const taken = await fetch(`${made.url}/api/jobs/1/cancel`, { method: "POST", headers });
        expect([refused.status, taken.status]).toEqual([401, 404]);
      } finally {
        await made.close();
      }
    } finally {
      rmSync(own.folder, { recursive: true });
    }
  });

  it("is not begun without a database", () => {
    const { status, stderr } = runCli(["serve", "--db", join(place.folder, "none.sqlite")]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/no database at .*none\.sqlite/)]);
  });
});

describe("failures", () => {
  const failure = async (path: string, init?: RequestInit) => {
    const answer = await ask(path, init);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    const { status, detail } = (await answer.json()) as { status: number; detail: string };
    expect(status).toBe(answer.status);
    return `${status}: ${detail}`;
  };

  it("say in one line what is wrong and what to do", async () => {
    expect(await failure("/api/editions/frr_x")).toMatch(/^404: no Wikipedia edition "frr_x"/);
    expect(await failure("/api/editions/de/entries")).toBe("404: de has no corrected list yet");
    expect(await failure("/api/editions/en/entries?build=99")).toMatch(/^404: en has no build 99/);
    expect(await failure("/api/editions/en/entries?limit=0")).toBe("400: limit in the query must be >= 1");
    expect(await failure("/api/editions/en/entries?limit=1.5")).toMatch(/^400: limit in the query must be/);
    expect(await failure("/api/editions/en/entries?sorce=title")).toMatch(
      /^400: the query does not take sorce; it takes profile, /,
    );
    expect(await failure("/api/editions/en/entries?flag=odd")).toMatch(/^400: flag in the query .*: script, markup/);
    expect(await failure("/api/pools/none")).toBe('404: no pool "none"');
    expect(await failure("/nothing")).toBe("404: nothing is at /nothing; see /docs");
    expect(await failure("/api/editions", { method: "DELETE", headers: { authorization: `Bearer ${TOKEN}` } })).toBe(
      "405: /api/editions takes GET",
    );
    expect(await failure("/api/caption?text=12345")).toMatch(/^422: nothing tells the language/);
    expect(await failure(`/api/identify?text=${"x".repeat(5000)}`)).toMatch(/^400: text in the query/);
    expect(await failure(`/api/identify?text=${"x".repeat(200_000)}`)).toMatch(/^431: /);
    expect(await failure("/api/jobs/7")).toBe("404: no job 7");
    expect(await failure("/api/editions/%zz")).toMatch(/^400: /);
    expect(await failure("/api/jobs/build")).toBe("405: /api/jobs/build takes POST");
  });

  it("do not let a query take longer than it may", async () => {
    const { db, inputs } = place;
    const options = {
      db,
      inputs,
      host: "127.0.0.1",
      port: 0,
      memory: 64e6,
      threads: 1,
      logLevel: "silent",
      readonly: true,
    };
    const hasty = await serve({ ...options, timeLimit: 0.001 });
    try {
      const answer = await fetch(`${hasty.url}/api/editions/en/entries?q=cat`);
      expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
        503,
        expect.stringMatching(/took longer than/),
      ]);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect((await fetch(`${hasty.url}/healthz`)).status).toBe(200);
    } finally {
      await hasty.close();
    }
  });
});

describe("editions and builds", () => {
  it("lists all editions, and what is built", async () => {
    const { editions } = dataOf(await client.GET("/api/editions"));
    expect(editions.length).toBeGreaterThan(360);
    const built = dataOf(await client.GET("/api/editions", { params: { query: { built: true } } })).editions;
    expect(built.map(({ code }) => code).sort()).toEqual(["en", "fr", "ja"]);
    expect(built.find(({ code }) => code === "ja")).toMatchObject({
      autonym: "日本語",
      direction: "ltr",
      lists: [{ profile: "corrected" }],
    });
  });

  it("describes an edition by its list, as audit does", async () => {
    const { list } = dataOf(await client.GET("/api/editions/{code}", { params: edition("en") }));
    const audit = jsonOf<{ sizes: object; flags: Record<string, number> }>(["audit", "en", "--db", place.db]);
    expect(list?.sizes).toEqual(audit.sizes);
    expect(
      Object.fromEntries(list!.queues.filter(({ kind }) => kind === "flag").map(({ name, size }) => [name, size])),
    ).toEqual(audit.flags);
    expect(list?.queues.filter(({ kind }) => kind === "set-aside").find(({ name }) => name === "long")?.size).toBe(1);
    expect(list?.scripts.find(({ script }) => script === "Cyrl")?.entries).toBe(1);
    expect(list?.inputs.map(({ kind }) => kind)).toEqual(["text", "wordnet"]);
    expect(dataOf(await client.GET("/api/editions/{code}", { params: edition("de") })).list).toBeNull();
  });

  it("shows builds with settings and figures", async () => {
    const { builds } = dataOf(await client.GET("/api/editions/{code}/builds", { params: edition("en") }));
    const build = dataOf(await client.GET("/api/builds/{id}", { params: { path: { id: builds[0]!.id } } }));
    expect(build).toMatchObject({ ...builds[0], settings: { tokenizer: expect.any(String) } });
  });

  it("answers 304 where nothing has changed", async () => {
    const first = await ask("/api/editions/en");
    const tag = first.headers.get("etag")!;
    expect(tag).toMatch(/^"/);
    const again = await ask("/api/editions/en", { headers: { "if-none-match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    for (const known of [`"x", W/${tag}`, "*"]) {
      expect((await ask("/api/editions/en", { headers: { "if-none-match": known } })).status).toBe(304);
    }
    expect((await ask("/api/editions/en", { headers: { "if-none-match": '"x"' } })).status).toBe(200);
    expect((await ask("/api/editions/xx", { headers: { "if-none-match": "*" } })).status).toBe(404);
    // Of a list as a whole nothing is read for its head.
    expect((await ask("/api/editions/en/entries.csv", { method: "HEAD" })).status).toBe(405);
  });
});

describe("entries", () => {
  const search = async (code: string, query: Record<string, string | number>) =>
    dataOf(await client.GET("/api/editions/{code}/entries", { params: { path: { code }, query: query as never } }));
  const texts = ({ entries }: { entries: readonly Entry[] }) => entries.map(({ text }) => text);
  const listed = (code: string) => jsonOf<EntryJson[]>(["entries", code, "--db", place.db]);

  it("are found by one character and two, from their beginning, and exactly", async () => {
    expect(texts(await search("ja", { q: "京" }))).toEqual(["東京", "東京都"]);
    expect(texts(await search("ja", { q: "東京" }))).toEqual(["東京", "東京都"]);
    expect(texts(await search("ja", { q: "京", match: "prefix" }))).toEqual([]);
    expect(texts(await search("ja", { q: "東京", match: "exact" }))).toEqual(["東京"]);
    expect(texts(await search("en", { q: "YORK" }))).toContain("new york");
    expect(await search("en", { q: "nothing like it" })).toMatchObject({
      entries: [],
      total: 0,
      exact: true,
      next: null,
    });
  });

  it("are those of the command line, in pages that follow each other", async () => {
    for (const code of ["en", "ja"]) {
      const all = listed(code);
      const paged = await collect(client.entries(code, { limit: 7 }));
      expect(paged).toEqual(all);
      expect(await search(code, { limit: 5 })).toMatchObject({
        total: all.length,
        exact: true,
        entries: all.slice(0, 5),
      });
    }
  });

  it("are filtered by source, script, flag and score, and sorted", async () => {
    const all = listed("en");
    expect((await search("en", { source: "wordnet", limit: 1000 })).entries).toEqual(
      all.filter(({ source }) => source === "wordnet"),
    );
    expect(texts(await search("en", { script: "Cyrl" }))).toEqual(["кот"]);
    expect(texts(await search("en", { flag: "script" }))).toEqual(["кот"]);
    const counted = all.filter(({ count }) => count !== undefined);
    expect((await search("en", { minCount: 30, limit: 1000 })).entries).toEqual(
      counted.filter(({ count }) => count! >= 30),
    );
    const sorted = await search("en", { sort: "count", limit: 1000 });
    expect(sorted.entries.map(({ count }) => count)).toEqual(counted.map(({ count }) => count!).sort((a, b) => b - a));
    const rising = await collect(client.entries("en", { sort: "count", order: "ascending", limit: 2 }));
    expect(rising.map(({ count }) => count)).toEqual(counted.map(({ count }) => count!).sort((a, b) => a - b));
  });

  it("come one by one, too", async () => {
    const { entries } = await search("ja", { q: "猫" });
    const one = await client.GET("/api/editions/{code}/entries/{id}", {
      params: { path: { code: "ja", id: entries[0]!.id } },
    });
    expect(dataOf(one).entry).toEqual(entries[0]);
    expect((await ask("/api/editions/ja/entries/99999")).status).toBe(404);
  });

  it("come all at once as JSON lines and as CSV", async () => {
    const all = listed("en");
    const lines = await (await ask("/api/editions/en/entries.ndjson")).text();
    expect(
      lines
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(all);
    const answer = await ask("/api/editions/en/entries.csv");
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    const { data } = Papa.parse<Record<string, string>>(await answer.text(), { header: true, skipEmptyLines: true });
    expect(data.map(({ text }) => text)).toEqual(all.map(({ text }) => text));
    expect(data.map(({ sources }) => sources)).toEqual(all.map(({ sources }) => sources.join(" ")));
    const few = await (await ask(`/api/editions/ja/entries.ndjson?q=${encodeURIComponent("東京")}`)).text();
    expect(few.trimEnd().split("\n")).toHaveLength(2);
    const again = await ask("/api/editions/en/entries.csv", {
      headers: { "if-none-match": answer.headers.get("etag")! },
    });
    expect(again.status).toBe(304);
  });

  it("are explained as on the command line", async () => {
    for (const text of ["cat", "Кот", "x".repeat(300), "no such thing"]) {
      const explained = dataOf(
        await client.GET("/api/editions/{code}/explain", { params: { path: { code: "en" }, query: { text } } }),
      );
      const { entry, whyNot, first, last, ...same } = explained;
      const said = jsonOf<Record<string, unknown>>(["explain", "en", text, "--db", place.db]);
      expect(said).toMatchObject(same);
      expect((said.entry as { id: number } | undefined)?.id).toBe(entry?.id);
      expect([said.whyNot ?? null, said.first ?? null, said.last ?? null]).toEqual([whyNot, first, last]);
    }
  });

  it("that were set aside are listed by reason", async () => {
    const answer = await client.GET("/api/editions/{code}/set-aside", {
      params: { path: { code: "en" }, query: { reason: "long" } },
    });
    expect(dataOf(answer).setAside).toEqual([{ text: "x".repeat(300), source: "wordnet", reason: "long" }]);
  });
});

describe("captions", () => {
  it("are explained as on the command line", async () => {
    for (const [text, code] of [
      ["東京の猫と新しいカメラ", "ja"],
      ["the cat in paris, St. Louis", "en"],
      ["zzz", "en"],
    ] as const) {
      const found = dataOf(await client.GET("/api/caption", { params: { query: { text, edition: code } } }));
      const said = jsonOf<Record<string, unknown>>(["caption", text, "--edition", code, "--db", place.db]);
      const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
      expect(known).toMatchObject({ ...said, matches: expect.anything() as unknown });
      expect(found.matches.map(({ id }) => id)).toEqual((said.matches as { id: number }[]).map(({ id }) => id));
    }
  });

  it("are told their language", async () => {
    const identified = dataOf(
      await client.GET("/api/identify", { params: { query: { text: "新しいカメラを買いました" } } }),
    );
    expect(identified).toMatchObject({ label: "ja", group: "ja" });
    const found = dataOf(
      await client.GET("/api/caption", { params: { query: { text: "新しいカメラを東京で買いました" } } }),
    );
    expect(found).toMatchObject({ edition: "ja", language: { label: "ja" } });
    expect(found.matches.map(({ entry }) => entry)).toEqual(expect.arrayContaining(["カメラ", "東京", "新しい"]));
  });
});

describe("pools and thresholds", () => {
  it("shows pools, and the counts of entries with samples", async () => {
    const { pools } = dataOf(await client.GET("/api/pools"));
    expect(pools).toMatchObject([{ name: "web", texts: CAPTIONS.length, files: 1 }]);
    const pool = dataOf(await client.GET("/api/pools/{pool}", { params: { path: { pool: "web" } } }));
    expect(pool.labels).toContainEqual({ label: "en", group: "en", known: true, texts: 40 });
    const path = { pool: "web", group: "en" };
    const first = dataOf(
      await client.GET("/api/pools/{pool}/groups/{group}/counts", { params: { path, query: { limit: 2 } } }),
    );
    expect(first.counts.map(({ text, count }) => [text, count])).toEqual([
      ["cat", 40],
      ["paris", 30],
    ]);
    expect(first.counts[0]!.samples.map(({ text }) => text).every((text) => text.includes("cat"))).toBe(true);
    const counted = dataOf(await client.GET("/api/pools/{pool}/groups/{group}/counts", { params: { path } })).counts;
    const rest = (await (await ask(first.next!)).json()) as typeof first;
    expect([...first.counts, ...rest.counts]).toEqual(counted.slice(0, 4));
    const byId = dataOf(
      await client.GET("/api/pools/{pool}/groups/{group}/counts", { params: { path, query: { sort: "id" } } }),
    ).counts;
    expect(byId.map(({ id }) => id)).toEqual(counted.map(({ id }) => id).sort((a, b) => a - b));
    const none = dataOf(
      await client.GET("/api/pools/{pool}/groups/{group}/counts", { params: { path, query: { max: 0, limit: 200 } } }),
    );
    expect(none.counts.length + counted.length).toBe(jsonOf<unknown[]>(["entries", "en", "--db", place.db]).length);
    const one = dataOf(
      await client.GET("/api/pools/{pool}/groups/{group}/count", { params: { path, query: { text: "dog" } } }),
    );
    expect(one.entry).toMatchObject({ text: "dog", count: 10 });
    expect((await ask("/api/pools/web/groups/en/count?text=xyz")).status).toBe(404);
    expect((await ask("/api/pools/web/groups/de/counts")).status).toBe(404);
  });

  it("tells what a threshold would be, for any t and any share, as the command does", async () => {
    for (const [query, words] of [
      [{ t: 20 }, ["--t", "20"]],
      [{ tailRatio: 0.3 }, ["--tail-ratio", "0.3"]],
      [{ anchor: ["en=20"] }, ["--anchor", "en=20"]],
    ] as const) {
      const answer = dataOf(
        await client.GET("/api/what-if", { params: { query: { pool: ["web"], ...query } as never } }),
      );
      const said = jsonOf<object[]>(["threshold", "--pool", "web", ...words, "--db", place.db]);
      expect(answer.thresholds).toMatchObject(said);
    }
    expect((await ask("/api/what-if?t=20&tailRatio=0.1")).status).toBe(400);
  });

  it("sets thresholds, and shows those on record", async () => {
    const set = dataOf(await client.POST("/api/thresholds", { body: { pools: ["web"], groups: ["en"], t: 15 } }));
    expect(set.thresholds).toMatchObject([{ group: "en", t: 15 }]);
    const { thresholds } = dataOf(await client.GET("/api/thresholds", { params: { query: { pool: "web" } } }));
    expect(thresholds.find(({ group }) => group === "en")).toMatchObject({ t: 15, policy: "t 15", stale: false });
    const path = { pool: "web", group: "en" };
    const one = dataOf(
      await client.GET("/api/pools/{pool}/groups/{group}/count", { params: { path, query: { text: "paris" } } }),
    );
    expect(one.entry.probability).toBe(0.5);
  });
});

describe("reviews", () => {
  const path = { code: "fr" };
  const history = async (query: object = {}) =>
    dataOf(await client.GET("/api/editions/{code}/reviews", { params: { path, query: query as never } })).reviews;

  it("are made, listed, taken back, and kept on record", async () => {
    const decision = { text: "chat", verdict: "deny", reason: "a test", reviewer: "Ana" } as const;
    const { review } = dataOf(await client.POST("/api/editions/{code}/reviews", { params: { path }, body: decision }));
    expect(review).toMatchObject({ ...decision, edition: "fr" });
    expect(await history({ holds: true })).toEqual([review]);
    const undo = { path: { ...path, id: review.id } };
    const undone = dataOf(
      await client.POST("/api/editions/{code}/reviews/{id}/undo", { params: undo, body: { reviewer: "Bo" } }),
    ).review;
    expect(undone).toMatchObject({ undoneBy: "Bo", reviewer: "Ana" });
    const twice = await client.POST("/api/editions/{code}/reviews/{id}/undo", {
      params: undo,
      body: { reviewer: "Bo" },
    });
    expect(twice.response.status).toBe(409);
    expect(await history({ text: "chat" })).toEqual([undone]);
    expect(await history({ holds: true })).toEqual([]);
    expect(jsonOf<unknown[]>(["review", "fr", "list", "--db", place.db])).toEqual([undone]);
  });

  it("are made and taken back in bulk: all or none", async () => {
    const decide = (text: string, verdict: "allow" | "deny") => ({ text, verdict, reason: "r" });
    const before = await history();
    const bad = await client.POST("/api/editions/{code}/reviews/bulk", {
      params: { path },
      body: { reviewer: "Ana", decisions: [decide("eau", "deny"), decide("…", "allow")] },
    });
    expect(bad.response.status).toBe(422);
    expect(await history()).toEqual(before);
    const { reviews } = dataOf(
      await client.POST("/api/editions/{code}/reviews/bulk", {
        params: { path },
        body: { reviewer: "Ana", decisions: [decide("eau", "deny"), decide("fenêtre", "allow")] },
      }),
    );
    expect(reviews.map(({ text }) => text)).toEqual(["eau", "fenêtre"]);
    const ids = reviews.map(({ id }) => id);
    const half = await client.POST("/api/editions/{code}/reviews/undo", {
      params: { path },
      body: { reviewer: "Bo", ids: [ids[0]!, 9999] },
    });
    expect(half.response.status).toBe(404);
    expect(await history({ holds: true })).toHaveLength(2);
    dataOf(await client.POST("/api/editions/{code}/reviews/undo", { params: { path }, body: { reviewer: "Bo", ids } }));
    expect(await history({ holds: true })).toEqual([]);
    const pages = dataOf(await client.GET("/api/editions/{code}/reviews", { params: { path, query: { limit: 2 } } }));
    expect(pages.reviews.map(({ id }) => id)).toEqual(ids.toReversed());
    const all = await history();
    const full = await client.GET("/api/editions/{code}/reviews", { params: { path, query: { limit: all.length } } });
    expect(dataOf(full)).toEqual({ reviews: all, next: null });
    expect(((await (await ask(pages.next!)).json()) as typeof pages).reviews).toEqual(before);
  });
});

describe("jobs", () => {
  it("build, and say how far they are; what changed can be asked", async () => {
    const body = { editions: ["fr"], wordnets: ["wn-fra.tab"] };
    writeFileSync(
      join(place.inputs, "wn-fra.tab"),
      readFileSync(join(place.inputs, "wn-fra.tab"), "utf8").replace("homme", "femme"),
    );
    const job = dataOf(await client.POST("/api/jobs/build", { body }));
    expect(job).toMatchObject({ kind: "build", request: body });
    const events = await collect(client.watch(job.id));
    expect(events.at(-1)).toMatchObject({
      kind: "job",
      data: { state: "done", error: null, result: { builds: [{ edition: "fr", fresh: false }] } },
    });
    expect(events.filter(({ kind }) => kind === "report")).toHaveLength(1);
    const diff = dataOf(await client.GET("/api/editions/{code}/diff", { params: edition("fr") }));
    expect(diff).toMatchObject({ added: 1, removed: 1, rows: [{ text: "femme", before: null }] });
    const removed = dataOf(
      await client.GET("/api/editions/{code}/diff", { params: { path: { code: "fr" }, query: { change: "removed" } } }),
    );
    expect(removed.rows.map(({ text }) => text)).toEqual(["homme"]);
    const [said] = jsonOf<{ path: string }[]>(["editions", "fr"]);
    expect(said).toBeDefined();
    const { list } = dataOf(await client.GET("/api/editions/{code}", { params: edition("fr") }));
    expect(list?.inputs.map(({ path }) => path)).toEqual(["wn-fra.tab"]);
  });

  it("count, after which the impact of a build can be asked", async () => {
    const job = dataOf(await client.POST("/api/jobs/count", { body: { pool: "web", files: ["pool.jsonl"] } }));
    expect(await client.finish(job.id)).toMatchObject({ state: "done", result: { files: [{ path: "pool.jsonl" }] } });
    // Of the build before, too: the pool was counted for its list when the database was made, from the same file.
    const impact = dataOf(
      await client.GET("/api/editions/{code}/impact", { params: { path: { code: "fr" }, query: { pool: ["web"] } } }),
    );
    expect(impact.groups).toMatchObject([
      { group: "fr", changes: { removed: 1, added: 1 }, removed: [{ text: "homme", count: 5 }] },
    ]);
    expect(impact.notes).toEqual([]);
  });

  it("export files, whole or in parts", async () => {
    const job = dataOf(await client.POST("/api/jobs/export", { body: { format: "txt", editions: ["ja"] } }));
    expect(await client.finish(job.id)).toMatchObject({ state: "done" });
    const { files } = dataOf(await client.GET("/api/exports/{id}", { params: { path: { id: job.id } } }));
    const text = outputOf(["entries", "ja", "--json", "--db", place.db]);
    const expected = (JSON.parse(text) as EntryJson[]).map((entry) => `${entry.text}\n`).join("");
    const file = files.find(({ path }) => path === "ja.txt")!;
    expect(await (await ask(file.url)).text()).toBe(expected);
    const part = await ask(file.url, { headers: { range: "bytes=2-5" } });
    expect([part.status, await part.text()]).toEqual([206, expected.slice(2, 6)]);
    expect((await ask(`/api/exports/${job.id}/files/..%2f..%2flists.sqlite`)).status).toBe(404);
    expect(dataOf(await client.GET("/api/exports")).exports.map(({ id }) => id)).toEqual([job.id]);
    dataOf(await client.DELETE("/api/exports/{id}", { params: { path: { id: job.id } } }));
    expect(dataOf(await client.GET("/api/exports")).exports).toEqual([]);
    expect((await ask(file.url)).status).toBe(404);
  });

  it("read no file but those of the folder of inputs", async () => {
    expect(dataOf(await client.GET("/api/inputs")).files.map(({ path }) => path)).toEqual([
      "en.txt",
      "pool.jsonl",
      "wn-eng.tab",
      "wn-fra.tab",
      "wn-jpn.tab",
    ]);
    for (const path of ["../secret.txt", join(place.folder, "secret.txt"), "none.txt", ".", "a\0b"]) {
      const answer = await client.POST("/api/jobs/build", { body: { editions: ["en"], texts: [path] } });
      expect(answer.response.status).toBe(422);
    }
  });

  it("fail with the command's own words", async () => {
    const job = dataOf(await client.POST("/api/jobs/build", { body: { editions: ["en", "fr"], texts: ["en.txt"] } }));
    expect(await client.finish(job.id)).toMatchObject({
      state: "failed",
      error: expect.stringMatching(/belong to one edition/),
    });
    const again = await client.POST("/api/jobs/{id}/cancel", { params: { path: { id: job.id } } });
    expect(again.response.status).toBe(409);
  });

  it("are begun again once, whoever asks", async () => {
    const [failed] = dataOf(await client.GET("/api/jobs", { params: { query: { state: "failed" } } })).jobs;
    const path = { id: failed!.id };
    const asked = await Promise.all([1, 2, 3].map(() => client.POST("/api/jobs/{id}/resume", { params: { path } })));
    expect(asked.map(({ response }) => response.status).sort()).toEqual([200, 409, 409]);
    expect((await client.finish(path.id)).state).toBe("failed");
  });

  it("can be looked at by a service that only reads, which hears nothing of them", async () => {
    const { db, inputs } = place;
    const options = { db, inputs, host: "127.0.0.1", port: 0, memory: 64e6, threads: 1, logLevel: "silent" };
    const other = await serve({ ...options, readonly: true });
    try {
      const events = await collect(createClient({ url: other.url }).watch(1));
      expect(events).toMatchObject([{ kind: "job", data: { id: 1, state: "done" } }]);
      await expect(collect(createClient({ url: other.url }).watch(99))).rejects.toThrow("no job 99");
    } finally {
      await other.close();
    }
  });

  it("can be cancelled, and those that wait are not begun", async () => {
    const slow = makeSlowInput();
    const [first, second] = [
      dataOf(await client.POST("/api/jobs/build", { body: slow })),
      dataOf(await client.POST("/api/jobs/export", { body: { format: "txt" } })),
    ];
    const cancelled = dataOf(await client.POST("/api/jobs/{id}/cancel", { params: { path: { id: second.id } } }));
    expect(cancelled).toMatchObject({ state: "cancelled", started: null });
    for await (const event of client.watch(first.id)) if (event.kind === "progress") break;
    const running = dataOf(await client.GET("/api/jobs/{id}", { params: { path: { id: first.id } } }));
    expect(running).toMatchObject({ state: "running", progress: { stage: expect.any(String) } });
    const stopped = dataOf(await client.POST("/api/jobs/{id}/cancel", { params: { path: { id: first.id } } }));
    expect(stopped).toMatchObject({ state: "cancelled", error: "it was cancelled" });
    const { jobs } = dataOf(await client.GET("/api/jobs", { params: { query: { state: "cancelled" } } }));
    expect(jobs.map(({ id }) => id)).toEqual([second.id, first.id]);
  });
});

/** A build that takes long: a dictionary finds the words of some megabytes of Japanese. */
function makeSlowInput(): { editions: string[]; texts: string[] } {
  const sentence = "新しいカメラを買って東京で猫の写真を撮りました。";
  writeFileSync(join(place.inputs, "ja.txt"), Array.from({ length: 100_000 }, (_, n) => `${sentence}${n}\n`).join(""));
  return { editions: ["ja"], texts: ["ja.txt"] };
}

describe("a list that is published while it is read", () => {
  it("is seen whole, either the old one or the new", async () => {
    const db = openDatabase(place.db);
    const size = 3000;
    const code = getEdition("de").code;
    const put = (letter: string) => {
      const about = {
        edition: code,
        profile: "corrected",
        fingerprint: letter,
        version: "0",
        settings: null,
        problems: [],
        inputs: [],
      } as const;
      const time = "2026-01-01T00:00:00.000Z";
      const entries = Array.from({ length: size }, (_, id) => ({
        id,
        text: `${letter}${id}`,
        source: "unigram" as const,
        count: 1,
        flags: [],
      }));
      publish(
        db,
        { ...about, started: time, finished: time, figures: { entries: { unigram: size, total: size } } },
        entries,
        [],
      );
    };
    try {
      put("a");
      let isDone = false;
      const reader = async () => {
        const seen = new Set<string>();
        while (!isDone) {
          const [list, lines] = await Promise.all([
            collect(client.entries("de", { limit: 1000 })),
            ask("/api/editions/de/entries.csv").then((answer) => answer.text()),
          ]);
          expect(list).toHaveLength(size);
          expect(new Set(list.map(({ text }) => text[0])).size).toBe(1);
          expect(
            new Set(
              lines
                .trimEnd()
                .split("\r\n")
                .slice(1)
                .map((line) => line.split(",")[1]![0]),
            ).size,
          ).toBe(1);
          expect(lines.trimEnd().split("\r\n")).toHaveLength(size + 1);
          seen.add(list[0]!.text[0]!);
        }
        return seen;
      };
      const readers = [reader(), reader()];
      for (let round = 0; round < 8; round++) {
        put(round % 2 === 0 ? "b" : "a");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      isDone = true;
      for (const seen of await Promise.all(readers)) expect([...seen].sort()).toEqual(["a", "b"]);
    } finally {
      closeDatabase(db);
    }
  });
});

describe("a service in a process of its own", () => {
  const own: { place: Place | undefined } = { place: undefined };
  const clientOf = (url: string) => createClient({ url, token: TOKEN });

  beforeAll(() => {
    own.place = makePlace();
  });
  afterAll(() => rmSync(own.place!.folder, { recursive: true }));

  it("logs a line of JSON for each request, without tokens", async () => {
    const served = await startService(own.place!, "--log-level", "info");
    await fetch(`${served.url}/api/editions/en`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await served.stop();
    const logged = served.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as object);
    expect(logged).toContainEqual(
      expect.objectContaining({ method: "GET", url: "/api/editions/en", status: 200, ms: expect.any(Number) }),
    );
    expect(served.lines.join("\n")).not.toContain(TOKEN);
  });

  it("says where it is, stops when it is asked to, and lets a request end that runs", async () => {
    const served = await startService(own.place!);
    expect(served.lines.at(-1)).toMatch(/^serving .* \(documentation: http.*\/docs\)/);
    const answer = fetch(`${served.url}/api/editions/en/entries.csv`).then((response) => response.text());
    await new Promise((resolve) => setTimeout(resolve, 20));
    const status = served.stop();
    expect((await answer).trimEnd().split("\r\n").length).toBe(
      jsonOf<unknown[]>(["entries", "en", "--db", own.place!.db]).length + 1,
    );
    expect(await status).toBe(0);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "leaves a running job resumable after %s, and goes on with it",
    async (signal) => {
      const sentence = "新しいカメラを買って東京で猫の写真を撮りました。";
      writeFileSync(
        join(own.place!.inputs, "ja.txt"),
        Array.from({ length: 20_000 }, (_, n) => `${signal}${sentence}${n}\n`).join(""),
      );
      const served = await startService(own.place!);
      const client = clientOf(served.url);
      const job = dataOf(await client.POST("/api/jobs/build", { body: { editions: ["ja"], texts: ["ja.txt"] } }));
      const waiting = dataOf(await client.POST("/api/jobs/export", { body: { format: "txt" } }));
      for await (const event of client.watch(job.id)) if (event.kind === "progress") break;
      const status = await served.stop(signal);
      expect(status).toBe(signal === "SIGTERM" ? 0 : "SIGKILL");

      const next = await startService(own.place!);
      const after = clientOf(next.url);
      try {
        for (const { id } of [job, waiting]) {
          expect(dataOf(await after.GET("/api/jobs/{id}", { params: { path: { id } } })).state).toBe("resumable");
        }
        const resumed = dataOf(await after.POST("/api/jobs/{id}/resume", { params: { path: { id: job.id } } }));
        expect(["queued", "running"]).toContain(resumed.state);
        expect(await after.finish(job.id)).toMatchObject({ state: "done", error: null });
        expect(dataOf(await after.POST("/api/jobs/{id}/cancel", { params: { path: { id: waiting.id } } })).state).toBe(
          "cancelled",
        );
      } finally {
        await next.stop();
      }
    },
  );
});

it("small wordnets have the lemmas that the tests look for", () => {
  expect(LEMMAS.jpn).toContain("東京");
});
