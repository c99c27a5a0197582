import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/cli/program.ts";
import { makeFolder, runCli } from "./run-cli.ts";

const README = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

interface Example {
  readonly command: string;
  readonly output: string;
}

/** Commands and what they print, from the README's `console` blocks: `$ worldmeta …`, then standard output. */
const examples: readonly Example[] = [...README.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...lines] = part.split("\n");
      return { command, output: lines.join("\n").trim() };
    }),
);

/** The words of a command as a shell splits them, single quotes alone being used. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** A pattern of the output shown: `…` stands for anything, also for several lines. */
function pattern(output: string): RegExp {
  const escaped = output.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[\\s\\S]*?")}$`);
}

describe("the README", () => {
  const folder = makeFolder();
  beforeAll(() => {
    expect(runCli(["demo"], { cwd: folder }).status).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("shows commands", () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  it.each(examples)("shows what `$command` prints", ({ command, output }) => {
    const [program, ...args] = words(command);
    expect(program).toBe("worldmeta");
    const { stdout, status, stderr } = runCli(args, { cwd: folder });
    expect(stderr.split("\n").filter((line) => line.startsWith("worldmeta:"))).toEqual([]);
    expect(status).toBe(0);
    expect(stdout.trim()).toMatch(pattern(output));
  });

  it("shows a demo that can be run again over its own output, says what was done before, and names commands that run", () => {
    const { status, stdout } = runCli(["demo"], { cwd: folder });
    expect(status).toBe(0);
    expect(stdout).toMatch(/editions, (?:all|\d+) built before/);
    expect(stdout).toContain("captions of 2 files in the pool demo, counted before");
    expect(stdout).toMatch(/pairs in 2 parts, there before/);
    const commands = [...stdout.matchAll(/^ {2}worldmeta (.*)$/gm)].map(([, command = ""]) => command);
    const whole = commands.filter((command) => !command.includes("…"));
    expect(whole.length).toBeGreaterThan(5);
    for (const command of whole)
      expect(runCli(words(command), { cwd: folder }).stderr, command).not.toMatch(/^worldmeta:/m);
  });

  it("names every command", () => {
    const commands = createProgram().commands.map((command) => command.name());
    expect(commands.filter((name) => !README.includes(`\`${name}\``))).toEqual([]);
  });
});
