import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The compiled command line, as users run it. */
export const MAIN = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));

/** Run `worldmeta` with arguments, to its end. */
export function runCli(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string | Uint8Array } = {},
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", maxBuffer: 1 << 28, ...options });
}

/** Standard output of a run that must succeed. */
export function outputOf(args: readonly string[], options: Parameters<typeof runCli>[1] = {}): string {
  const { status, stdout, stderr } = runCli(args, options);
  if (status !== 0) throw new Error(`worldmeta ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

/** What a run with `--json` prints. */
export function jsonOf<T>(args: readonly string[], options: Parameters<typeof runCli>[1] = {}): T {
  return JSON.parse(outputOf([...args, "--json"], options)) as T;
}

/** A folder of the test's own under the system's temporary folder. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "worldmeta-test-"));
}
