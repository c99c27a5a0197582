import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The virtual environment that `test/python/setup.sh` makes. */
export const VENV = fileURLToPath(new URL("python/.venv/", import.meta.url));

/** Python with the packages of `test/python/requirements.txt`. */
export const PYTHON = `${VENV}bin/python`;

/** Settings with which no program looks for the network. */
export const OFFLINE: NodeJS.ProcessEnv = {
  ...process.env,
  HF_HUB_OFFLINE: "1",
  NO_ALBUMENTATIONS_UPDATE: "1",
  WANDB_MODE: "disabled",
};

/** True if any of these Python packages cannot be imported; says so once, so that a skipped test prints its reason. */
export function lacksPackages(...names: readonly string[]): boolean {
  const isThere = (name: string) => spawnSync(PYTHON, ["-c", `import ${name}`], { env: OFFLINE }).status === 0;
  const missing = existsSync(`${VENV}stamp`) ? names.filter((name) => !isThere(name)) : names;
  if (missing.length > 0)
    console.warn(`skipped: not installed in Python: ${missing.join(", ")}; run test/python/setup.sh`);
  return missing.length > 0;
}

/** True if NumPy is not installed; says so once. */
export function lacksNumpy(): boolean {
  return lacksPackages("numpy");
}

/** What a Python program prints; arguments follow it as `sys.argv[1:]`. Throws if it fails. */
export function runPython(program: string, ...args: readonly string[]): string {
  const options = { encoding: "utf8", maxBuffer: 1 << 28, env: OFFLINE } as const;
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", program, ...args], options);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
