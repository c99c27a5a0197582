/** Folders that go when the work is done, also when it is stopped. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const folders = new Set<string>();

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Call `work` with a new folder under `parent`, which is removed afterwards. */
export async function withTemporaryFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(parent, ".worldmeta-"));
  folders.add(folder);
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

/** Remove what is left and end the process when a person or the system stops it; to be called once. */
export function cleanUpWhenStopped(): void {
  process.on("exit", () => {
    for (const folder of folders) removeFolder(folder);
  });
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
}
