/** A small database with inputs beside it, as a service is given them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MAIN, makeFolder, outputOf } from "./run-cli.ts";

/** Lemmas of small wordnets, by language code of Open Multilingual WordNet. */
export const LEMMAS = {
  eng: ["cat", "dog", "paris", "new york", "St. Louis", "blue shirt", "man", "iPhone", "<br>", "Кот", "x".repeat(300)],
  jpn: ["カメラ", "新しい", "東京", "東京都", "猫", "写真", "iPhone"],
  fra: ["chat", "homme", "eau", "œil", "Chat"],
} as const;

/** Captions of a pool. */
export const CAPTIONS = [
  ...Array.from({ length: 40 }, (_, n) => ({
    id: `en-${n}`,
    lang: "en",
    text: n % 4 === 0 ? "a cat and a dog" : "the cat in paris",
  })),
  ...Array.from({ length: 10 }, (_, n) => ({ id: `ja-${n}`, lang: "ja", text: "東京の猫と新しいカメラ" })),
  ...Array.from({ length: 5 }, (_, n) => ({ id: `fr-${n}`, lang: "fr", text: "le chat de l’homme" })),
];

/** Sentences from which words and pairs come; each line is a document. */
const SENTENCES = ["the cat and the dog in new york", "a blue shirt in paris", "the man and the cat"];

/** Where things are. */
export interface Place {
  readonly folder: string;
  readonly db: string;
  readonly inputs: string;
}

/** Makes a folder with inputs, and a database with lists of three editions and a counted pool. */
export function makePlace(): Place {
  const folder = makeFolder();
  const inputs = join(folder, "inputs");
  const db = join(folder, "lists.sqlite");
  mkdirSync(inputs);
  for (const [code, lemmas] of Object.entries(LEMMAS)) {
    const lines = lemmas.map((lemma, n) => `${String(n).padStart(8, "0")}-n\t${code}:lemma\t${lemma}`);
    writeFileSync(
      join(inputs, `wn-${code}.tab`),
      `# Test\t${code}\thttps://example.org\tCC BY 4.0\n${lines.join("\n")}\n`,
    );
  }
  writeFileSync(join(inputs, "en.txt"), `${Array.from({ length: 60 }, (_, n) => SENTENCES[n % 3]).join("\n")}\n`);
  writeFileSync(join(inputs, "pool.jsonl"), `${CAPTIONS.map((row) => JSON.stringify(row)).join("\n")}\n`);
  writeFileSync(join(folder, "secret.txt"), "not to be read\n");
  const wordnet = (code: string) => ["--wordnet", join(inputs, `wn-${code}.tab`)];
  outputOf(["build", "en", ...wordnet("eng"), "--text", join(inputs, "en.txt"), "--db", db]);
  outputOf(["build", "ja", ...wordnet("jpn"), "--db", db]);
  outputOf(["build", "fr", ...wordnet("fra"), "--db", db]);
  outputOf(["count", join(inputs, "pool.jsonl"), "--name", "web", "--db", db]);
  return { folder, db, inputs };
}

/** A service in a process of its own, as users start it. */
export interface Served {
  readonly url: string;
  /** Lines on standard error. */
  readonly lines: readonly string[];
  /** Sends a signal, and waits for the end; gives the exit status or the signal. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** The token of services that `startService` starts. */
export const TOKEN = "token-of-the-tests";

/** Starts `worldmeta serve` on a free port, and waits until it answers. */
export async function startService({ db, inputs }: Place, ...options: readonly string[]): Promise<Served> {
  const level = options.includes("--log-level") ? [] : ["--log-level", "warn"];
  const words = ["serve", "--db", db, "--inputs", inputs, "--port", "0", ...level, ...options];
  const child = spawn(process.execPath, [MAIN, ...words], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, WORLDMETA_TOKEN: TOKEN },
  });
  const lines: string[] = [];
  const ended = once(child, "exit").then(([code, signal]) => (signal ?? code) as number | string);
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const found = /^serving .* at (http:\S+) /.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then((status) => reject(new Error(`the service ended with ${status}: ${lines.join("\n")}`)));
  });
  return {
    ...{ url, lines },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}
