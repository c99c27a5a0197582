/**
 * Writes docs/openapi.json, what `worldmeta serve` says of itself at /openapi.json, and from it src/client/api.ts, the types of
 * the client. openapi-typescript does the latter with the TypeScript 5 that it is made for, which npm fetches for the
 * purpose.
 *
 *     node dist/scripts/update-api.js
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../src/package-folder.ts";
import { describeService } from "../src/service/server.ts";

const PACKAGES = ["openapi-typescript@7.13.0", "typescript@5.9.3"];

const folder = packageFolder();
const document = join(folder, "docs/openapi.json");
const types = join(folder, "src/client/api.ts");
writeFileSync(document, `${JSON.stringify(await describeService(), undefined, 2)}\n`);
const run = (program: string, ...words: readonly string[]) => {
  const { status } = spawnSync(program, words, { stdio: "inherit", cwd: folder });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${status}`);
};
run("npx", "--yes", ...PACKAGES.flatMap((name) => ["-p", name]), "openapi-typescript", document, "-o", types);
run("npx", "biome", "check", "--write", document, types);
