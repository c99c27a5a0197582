/** Matchers in Python and Rust that ours is compared with, as processes that answer commands. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startLinePeer } from "./line-peer.ts";
import { PYTHON_FOLDER } from "./peers.ts";

/** Folder of the crate; this file runs from dist/scripts or scripts. */
const CRATE = ["../../scripts/peers/daachorse/", "./peers/daachorse/"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

export interface Pass {
  readonly seconds: number;
  /** Ids found, each once a text. */
  readonly matches: number;
}

/** A matcher with a list, and texts that it can be timed on. */
export interface Side {
  readonly name: string;
  /** Memory of the list; undefined where the system does not tell. */
  readonly bytes: number | undefined;
  /** Seconds it took to make the list ready. */
  readonly built: number;
  /** Take the texts of a file of strings in place of those before. */
  load(path: string): Promise<void>;
  /** Match all texts once. */
  time(): Promise<Pass>;
  /** Write of each text the number of its ids and the ids, ascending, as 32-bit numbers. */
  write(path: string): Promise<void>;
  end(): Promise<void>;
}

/** `published` is pyahocorasick as the published code uses it, with pairs of id and entry as values. */
export const PEERS = ["pyahocorasick", "published", "daachorse"] as const;
export type PeerName = (typeof PEERS)[number];

/** A program and the arguments before the file of entries. */
export type Program = readonly [command: string, ...args: string[]];

/** The program of a peer, compiled if need be; else, in one line, why it cannot run. */
export function findPeer(name: PeerName): Program | string {
  if (name === "daachorse") return compileCrate();
  const program = findPython();
  return name === "published" && typeof program !== "string" ? [...program, "--pairs"] : program;
}

function findPython(): Program | string {
  const python = `${PYTHON_FOLDER}.venv/bin/python`;
  const { status } = spawnSync(python, ["-c", "import ahocorasick"], { stdio: "ignore" });
  if (status !== 0) return "without pyahocorasick: it is not installed; run test/python/setup.sh";
  return [python, `${PYTHON_FOLDER}match-texts.py`];
}

function compileCrate(): Program | string {
  const { error, status, stderr } = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], { cwd: CRATE });
  if (error !== undefined) return "without daachorse: there is no cargo to compile it";
  const said = stderr.toString().trim().split("\n")[0];
  return status === 0 ? [`${CRATE}target/release/match-texts`] : `without daachorse: it does not compile: ${said}`;
}

/** Starts a peer with a file of padded entries; resolves when it can match. */
export async function startPeer(name: PeerName, [command, ...args]: Program, padded: string): Promise<Side> {
  const peer = startLinePeer<{ seconds: number; matches: number; bytes: number | null }>(name, [
    command,
    ...args,
    padded,
  ]);
  const { seconds: built, bytes } = await peer.answer();
  return {
    ...{ name, built, bytes: bytes ?? undefined },
    async load(path) {
      await peer.ask(`load\t${path}`);
    },
    time: () => peer.ask("time"),
    async write(path) {
      await peer.ask(`write\t${path}`);
    },
    end: peer.end,
  };
}
