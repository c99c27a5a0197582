import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const VENV = fileURLToPath(new URL("python/.venv/", import.meta.url));

/** Python with the packages of `test/python/requirements.txt`. */
export const PYTHON = `${VENV}bin/python`;

/** True if Python cannot import all packages named; says so once, so that a skipped test prints its reason. */
export function lacksPackages(...names: readonly string[]): boolean {
  const missing = names.filter(
    (name) => !existsSync(`${VENV}stamp`) || spawnSync(PYTHON, ["-c", `import ${name}`]).status !== 0,
  );
  if (missing.length > 0) {
    console.warn(`skipped: Python has no ${missing.join(", ")}: run test/python/setup.sh`);
  }
  return missing.length > 0;
}

/** True if NumPy is not installed; says so once. */
export function lacksNumpy(): boolean {
  return lacksPackages("numpy");
}

/** What a Python program prints; arguments follow it as `sys.argv[1:]`. Throws if it fails. */
export function runPython(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", program, ...args], {
    ...{ encoding: "utf8", maxBuffer: 1 << 26 },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
