/**
 * Measures the service with 5 million entries in six editions: how long answers take with 50 requests in flight, and whether
 * its memory grows over 10,000 of them. Prints aligned tables; exit status 1 if an answer fails.
 *
 *     node dist/scripts/measure-service.js DATA [--entries 5000000] [--requests 10000] [--in-flight 50] [--db FILE]
 *
 * DATA holds the folders wikipedia-text, wordnet and lid. With --db the database is kept there, and used again. The service runs as users
 * start it, in a process of its own; who asks is this process, on the same cores. Searches for rare words are each for another
 * word, which at most ten entries hold, those for two letters mostly for others; 東京, `de` and editions
 * come again and again, and the service gives such answers from memory as long as the database does not change.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { packageFolder } from "../src/package-folder.ts";
import { listBuilds } from "../src/store/builds.ts";
import { closeDatabase, openDatabase } from "../src/store/database.ts";
import { createEntryFinder } from "../src/store/entry-finder.ts";
import { createRandom } from "./random.ts";
import { makeSearchDatabase } from "./search-inputs.ts";
import { formatRows } from "./table.ts";

/** One kind of request: its name, and the path of each next one. */
interface Kind {
  readonly name: string;
  path(): string;
}

/** Of Latin and Cyrillic script. */
const LETTERS = [..."abcdefghijklmnopqrstuvwxyzабвгдежзиклмнопрстуфхцчшыья"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    entries: { type: "string", default: "5000000" },
    requests: { type: "string", default: "10000" },
    "in-flight": { type: "string", default: "50" },
    db: { type: "string" },
  },
});
const [data] = positionals;
if (data === undefined) throw new Error("name the folder of data");
const folder = mkdtempSync(join(tmpdir(), "worldmeta-measure-"));
const db = values.db ?? join(folder, "lists.sqlite");
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

if (!existsSync(db)) {
  console.error(`making ${values.entries} entries …`);
  await makeSearchDatabase(db, { entries: Number(values.entries), data });
}
const kinds = makeKinds();
const service = await startService();
const agent = new Agent({ keepAlive: true, maxSockets: Number(values["in-flight"]) });
try {
  await measure();
} finally {
  agent.destroy();
  service.stop();
}

function makeKinds(): Kind[] {
  const store = openDatabase(db, { readonly: true });
  const builds = listBuilds(store).filter(({ current }) => current);
  const sizes = builds.map(({ id, edition }) => {
    const size = store.prepare<[number], number>("SELECT max(id) + 1 FROM entry WHERE build = ?").pluck().get(id) ?? 0;
    return { id, edition, size };
  });
  console.log(`${sizes.map(({ edition, size }) => `${edition} ${size.toLocaleString("en")}`).join(", ")} entries`);
  const random = createRandom();
  const text = store.prepare<[number, number], string>("SELECT text FROM entry WHERE build = ? AND id = ?").pluck();
  const pick = <T>(items: readonly T[]): T => items[random() % items.length]!;
  // Words from anywhere in the lists of Latin and Cyrillic script that at most ten entries hold.
  const spaced = sizes.filter(({ edition }) => ["en", "de", "ru"].includes(edition));
  const finder = createEntryFinder(store);
  const rare: string[] = [];
  while (rare.length < Number(values.requests) / 5) {
    const list = pick(spaced);
    const word = pick(text.get(list.id, random() % list.size)!.split(" "));
    const { total } = finder.find(list.id, { text: word, limit: 1 });
    if ([...word].length >= 4 && total <= 10) rare.push(search(list.edition, word));
  }
  closeDatabase(store);
  let next = 0;
  const ids = () => {
    const list = pick(sizes);
    return `/api/editions/${list.edition}/entries/${random() % list.size}`;
  };
  return [
    { name: "search 東京 (ja)", path: () => search("ja", "東京") },
    { name: "search de (en)", path: () => search("en", "de") },
    { name: "search a rare word", path: () => rare[next++ % rare.length]! },
    { name: "search two letters", path: () => search(pick(spaced).edition, pick(LETTERS) + pick(LETTERS)) },
    { name: "entry", path: ids },
    { name: "edition", path: () => `/api/editions/${pick(sizes).edition}` },
  ];
}

function search(edition: string, q: string): string {
  return `/api/editions/${edition}/entries?${new URLSearchParams({ q })}`;
}

async function startService(): Promise<{ readonly url: string; readonly pid: number; stop(): void }> {
  const main = join(packageFolder(), "dist/src/cli/main.js");
  const words = [main, "serve", "--db", db, "--port", "0", "--log-level", "warn", "--read-only"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = /^serving .* at (http:\S+) /.exec(line)?.[1];
      if (found !== undefined) resolve(found);
      else console.error(line);
    });
    child.once("exit", (status) => reject(new Error(`the service ended with ${status}`)));
  });
  return { url, pid: child.pid!, stop: () => child.kill() };
}

/** Milliseconds until an answer is read. */
function ask(path: string): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get(service.url + path, { agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
      answer.resume().once("end", () => resolve(performance.now() - start));
    }).once("error", reject);
  });
}

/** Megabytes that the service holds. */
function memory(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${service.pid}/status`, "utf8"))?.[1]) / 1000;
}

async function measure(): Promise<void> {
  const first = await Promise.all(kinds.map(async ({ name, path }) => [name, await ask(path())] as const));
  const total = Number(values.requests);
  const times = new Map(kinds.map(({ name }) => [name, [] as number[]]));
  const sizes: (readonly [number, number])[] = [[0, memory()]];
  let begun = 0;
  let done = 0;
  const worker = async () => {
    while (begun < total) {
      const { name, path } = kinds[begun++ % kinds.length]!;
      times.get(name)!.push(await ask(path()));
      if (++done % (total / 10) === 0) sizes.push([done, memory()]);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: Number(values["in-flight"]) }, worker));
  const seconds = (performance.now() - start) / 1000;
  const all = [...times.values()].flat();
  const rows = [...times, ["all", all] as const].map(([name, list]) => {
    const sorted = [...list].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
    const cold = first.find(([kind]) => kind === name)?.[1].toFixed(1) ?? "";
    return [name, String(list.length), cold, at(0.5), at(0.99), at(1)];
  });
  console.log(formatRows(["request", "times", "first, ms", "median, ms", "p99, ms", "longest, ms"], rows));
  console.log(
    `\n${Math.round(total / seconds).toLocaleString("en")} answers a second, ${values["in-flight"]} in flight\n`,
  );
  const grown = sizes.map(([after, megabytes]) => [after.toLocaleString("en"), megabytes.toFixed(0)]);
  console.log(formatRows(["after requests", "memory, MB"], grown));
}
