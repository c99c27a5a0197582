import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of real input that lies beside the checkout; absent elsewhere. */
const ROOT = fileURLToPath(new URL("../../shared/data/", import.meta.url));

/** Path of a file of real input. */
export function sharedData(path: string): string {
  return ROOT + path;
}

/** True if the real input named is absent; says so once, so that a skipped test prints its reason. */
export function lacksSharedData(...paths: readonly string[]): boolean {
  const missing = paths.filter((path) => !existsSync(sharedData(path)));
  if (missing.length > 0) console.warn(`skipped: real input is absent: ${missing.join(", ")}`);
  return missing.length > 0;
}
