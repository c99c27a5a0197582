import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAIN, makeFolder, outputOf, runCli } from "./run-cli.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const dump = join(folder, "dump.xml");
const brokenDump = join(folder, "broken.xml");
const pageviews = join(folder, "pageviews.gz");
const PAGES = 900;
const pool = join(folder, "pool.jsonl");
const pooled = join(folder, "pooled.sqlite");

beforeAll(() => {
  // Words that differ from page to page, so that the tables spill and runs are merged.
  const page = (i: number) =>
    `<page><title>Lapa ${i}</title><ns>0</ns><id>${i + 1}</id><revision><id>1</id><model>wikitext</model><text>` +
    `${Array.from({ length: 40 }, (_, j) => `Vārds${(i * 7 + j * j) % 9973} un [[Lapa ${j}|cits]] teksts.`).join(" ")}` +
    "</text></revision></page>\n";
  const xml =
    '<mediawiki version="0.11"><siteinfo><dbname>lvwiki</dbname></siteinfo>\n' +
    `${Array.from({ length: PAGES }, (_, i) => page(i)).join("")}</mediawiki>\n`;
  writeFileSync(dump, xml);
  writeFileSync(brokenDump, xml.slice(0, xml.length * 0.9));
  writeFileSync(pageviews, gzipSync(Array.from({ length: PAGES }, (_, i) => `lv Lapa_${i} ${i} 0\n`).join("")));
  const row = (i: number) => JSON.stringify({ id: `c${i}`, text: `Lapa ${(i * 7) % 900}, Lapa ${i % 37}`, lang: "lv" });
  writeFileSync(pool, `${Array.from({ length: 150_000 }, (_, i) => row(i)).join("\n")}\n`);
  outputOf(["build", "lv", "--pageviews", pageviews, "--db", pooled]);
  outputOf(["count", pool, "--name", "web", "--db", pooled]);
  outputOf(["threshold", "--pool", "web", "--t", "200", "--db", pooled]);
});

/** Start the command and end it with a signal after so many milliseconds, or let it end by itself before that. */
function interrupt(
  args: readonly string[],
  { signal, after, input }: { readonly signal: NodeJS.Signals; readonly after: number; readonly input?: string },
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ["pipe", "ignore", "pipe"],
      env: { ...process.env, TMPDIR: join(folder, "tmp") },
    });
    child.stderr.resume();
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill(signal), after);
    child.on("error", reject);
    child.on("exit", (code, ended) => {
      clearTimeout(timer);
      resolve({ code, signal: ended });
    });
  });
}

/** All paths below a folder but those of the database itself. */
function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  return (readdirSync(path, { recursive: true }) as string[])
    .filter((name) => !/\.sqlite(-wal|-shm)?$/.test(name))
    .sort();
}

const isTemporary = (name: string) => /\.tmp|standard-input/.test(name);

interface Command {
  readonly name: string;
  /** The command's arguments with its output in a folder. */
  args(out: string): readonly string[];
  readonly input?: () => string;
  /** What it is to leave, to be compared. */
  result(out: string): unknown;
}

const COMMANDS: readonly Command[] = [
  {
    name: "build",
    args: (out) =>
      `build lv --dump ${dump} --pageviews ${pageviews} --db ${out}/lists.sqlite --threads 2 --memory 1MB`.split(" "),
    result: (out) => outputOf(["entries", "lv", "--json", "--limit", "1000000", "--db", join(out, "lists.sqlite")]),
  },
  {
    name: "ngrams",
    args: (out) => `ngrams --edition lv --dump ${dump} --out ${out}/counts --threads 2 --memory 1MB`.split(" "),
    result: (out) => ["unigrams.tsv", "bigrams.tsv"].map((name) => readFileSync(join(out, "counts", name), "utf8")),
  },
  {
    name: "ngrams of standard input",
    args: (out) => `ngrams --edition lv --dump - --out ${out}/counts --threads 1 --memory 1MB`.split(" "),
    input: () => readFileSync(dump, "utf8"),
    result: (out) => ["unigrams.tsv", "bigrams.tsv"].map((name) => readFileSync(join(out, "counts", name), "utf8")),
  },
  {
    name: "curate",
    args: (out) => `curate ${pool} --name web --db ${pooled} --out ${out}/curated --threads 2`.split(" "),
    result: (out) => readdirSync(join(out, "curated")).map((name) => [name, readFileSync(join(out, "curated", name))]),
  },
];

describe.each(COMMANDS)("$name", ({ name, args, input, result }) => {
  const slug = name.replaceAll(" ", "-");
  const tmp = join(folder, "tmp");
  const whole = join(folder, `${slug}-whole`);
  let duration = 0;
  let expected: unknown;
  let left: readonly string[] = [];
  const given = () => (input === undefined ? {} : { input: input() });

  beforeAll(async () => {
    mkdirSync(tmp, { recursive: true });
    mkdirSync(whole);
    const start = performance.now();
    expect(await interrupt(args(whole), { ...given(), signal: "SIGKILL", after: 60_000 })).toMatchObject({ code: 0 });
    duration = performance.now() - start;
    expected = result(whole);
    left = filesBelow(whole);
  });

  it("leaves nothing temporary when it is done", () => {
    expect([...left, ...filesBelow(tmp)].filter(isTemporary)).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing temporary after %s", async (signal) => {
    const out = join(folder, `${slug}-${signal}`);
    mkdirSync(out);
    for (let run = 0; run < 2; run++) {
      const { code } = await interrupt(args(out), {
        ...given(),
        signal,
        after: duration * (0.3 + 0.5 * Math.random()),
      });
      // It may have been done already, or not have come to listen to signals yet.
      expect([0, signal === "SIGINT" ? 130 : 143, null]).toContain(code);
      expect([...filesBelow(out), ...filesBelow(tmp)].filter(isTemporary)).toEqual([]);
    }
  });

  it("is as if nothing had been when it was killed before, at any moment", async () => {
    const out = join(folder, `${slug}-SIGKILL`);
    mkdirSync(out);
    for (let run = 0; run < 3; run++) {
      await interrupt(args(out), { ...given(), signal: "SIGKILL", after: duration * (0.2 + 0.75 * Math.random()) });
    }
    expect(await interrupt(args(out), { ...given(), signal: "SIGKILL", after: 60_000 })).toMatchObject({ code: 0 });
    expect(result(out)).toEqual(expected);
    expect(filesBelow(out)).toEqual(left);
    expect(filesBelow(tmp).filter(isTemporary)).toEqual([]);
  });
});

describe("what dead processes left", () => {
  it("goes with the next build of any edition; what belongs to a live one or to another machine stays", () => {
    const out = join(folder, "left");
    const work = join(out, "lists.sqlite.work");
    mkdirSync(work, { recursive: true });
    const host = hostname().replace(/[^A-Za-z0-9]+/g, "_");
    const dead = [`.worldmeta-${host}-999999999-1-0123456789ab.tmp`];
    // This process, under its own number but begun at another time, is another one.
    if (existsSync("/proc/self/stat")) dead.push(`.worldmeta-${host}-${process.pid}-1-0123456789ab.tmp`);
    const alive = [
      `.worldmeta-${host}-${process.pid}-0-0123456789ab.tmp`,
      `.worldmeta-elsewhere-999999999-1-0123456789ab.tmp`,
    ];
    for (const name of [...dead, ...alive]) mkdirSync(join(work, name, "inside"), { recursive: true });
    expect(runCli(["build", "lv", "--pageviews", pageviews, "--db", join(out, "lists.sqlite")]).status).toBe(0);
    const names = readdirSync(work);
    expect(names.filter((name) => dead.includes(name))).toEqual([]);
    expect(names.filter((name) => alive.includes(name)).sort()).toEqual(alive.sort());
  });
});

describe("a build that was stopped", () => {
  const argsFor = (db: string) => ["build", "lv", "--dump", dump, "--db", db, "--threads", "2", "--memory", "1MB"];

  const runOf = (path: string) => path.replace(/\.json$/, "-0.words");

  /** Stop a build as soon as it has finished a shard; the path of what tells so. */
  async function stopInMidCount(db: string): Promise<string> {
    for (let attempt = 0; attempt < 10; attempt++) {
      rmSync(`${db}.work`, { recursive: true, force: true });
      const findFinished = () => {
        const left = filesBelow(`${db}.work`);
        // Not one that was merged already, whose runs are being removed.
        return left.find((path) => /\.unfinished\/dump-.*json$/.test(path) && left.includes(runOf(path)));
      };
      const child = spawn(process.execPath, [MAIN, ...argsFor(db)], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      const watch = setInterval(() => findFinished() !== undefined && child.kill("SIGINT"), 5);
      await ended;
      clearInterval(watch);
      const name = findFinished();
      const path = join(`${db}.work`, name ?? "");
      if (name !== undefined && readFileSync(path, "utf8").endsWith("}")) return path;
    }
    throw new Error("no build could be stopped in the middle of counting");
  }

  it("goes on from the shards that it had finished, also when its folder is called otherwise", async () => {
    const db = join(folder, "resumed.sqlite");
    const path = await stopInMidCount(db);
    // What the shard is said to have found shows whether it is counted anew.
    writeFileSync(path, readFileSync(path, "utf8").replace(/"wikis":\[[^\]]*\]/, '"wikis":["resumedwiki"]'));
    const resumed = runCli(argsFor("resumed.sqlite"), { cwd: folder });
    expect(resumed).toMatchObject({ status: 0, stderr: expect.stringContaining("resumedwiki") });
    expect(filesBelow(`${db}.work`).filter((left) => /unfinished|dump-.*json|\d\.(words|pairs)/.test(left))).toEqual(
      [],
    );
  }, 60_000);

  it("counts a shard anew whose files are no longer all there", async () => {
    const db = join(folder, "torn.sqlite");
    const path = await stopInMidCount(db);
    rmSync(runOf(path));
    expect(runCli(argsFor(db))).toMatchObject({ status: 0 });
  }, 60_000);

  it("has its counts removed by prune", () => {
    const db = join(folder, "pruned.sqlite");
    expect(runCli(["build", "lv", "--pageviews", pageviews, "--db", db]).status).toBe(0);
    const left = join(`${db}.work`, "counts-et-corrected-0123456789abcdef.unfinished");
    mkdirSync(left);
    expect(runCli(["prune", "--db", db]).stderr).toContain("removed 1 unfinished count of stopped builds");
    expect(existsSync(left)).toBe(false);
  });
});

describe("an error in the dump", () => {
  it("leaves nothing temporary, and no half-made files", () => {
    const out = join(folder, "error");
    const built = runCli(["build", "lv", "--dump", brokenDump, "--db", join(out, "lists.sqlite"), "--threads", "2"]);
    expect(built.stderr).toContain("ends in the middle of page");
    const counted = runCli(["ngrams", "--edition", "lv", "--dump", brokenDump, "--out", join(out, "counts")]);
    expect(counted.status).toBe(1);
    expect(filesBelow(out).filter((name) => !name.endsWith(".lock"))).toEqual(["counts", "lists.sqlite.work"]);
  });
});
