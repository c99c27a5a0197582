import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder of the test file's own, removed at its end. */
export const folder = mkdtempSync(join(tmpdir(), "worldmeta-xml-"));
afterAll(() => rmSync(folder, { recursive: true }));

let saved = 0;

/** Path of a new file with the content given. */
export function save(content: string | Uint8Array): string {
  saved += 1;
  const path = join(folder, `${saved}.xml`);
  writeFileSync(path, content);
  return path;
}
