import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const VENV = fileURLToPath(new URL("python/.venv/", import.meta.url));

/** True if NumPy is not installed; says so once, so that a skipped test prints its reason. */
export function lacksNumpy(): boolean {
  if (existsSync(`${VENV}stamp`) && spawnSync(`${VENV}bin/python`, ["-c", "import numpy"]).status === 0) return false;
  console.warn("skipped: NumPy is not installed: run test/python/setup.sh");
  return true;
}

/** What a Python program prints; arguments follow it as `sys.argv[1:]`. Throws if it fails. */
export function runPython(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(`${VENV}bin/python`, ["-c", program, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
