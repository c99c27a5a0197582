/** Names for what a piece of work is made from: the same name, the same result. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./package-folder.ts";

/**
 * Version of what this code computes. It grows with every change that makes another list or other counts from the same
 * input, so that older results are not taken for fresh.
 */
export const RECIPE_VERSION = 3;

/** Version of the package, from its package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")) as { version: string }).version;
}

/** SHA-256, in hexadecimal, of a JSON value; keys count in the order in which they stand. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** What makes a difference to what is exported, by name. */
export function versions(): Readonly<Record<string, string>> {
  return { worldmeta: packageVersion(), recipe: String(RECIPE_VERSION) };
}
