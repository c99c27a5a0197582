/**
 * Writes the golden files of tests anew: `node dist/scripts/update-golden.js DATA`, where DATA holds the folder
 * wikipedia-xml. Look at what has changed (`git diff test/golden`) before it is committed.
 */
import { join } from "node:path";
import { UserError } from "../src/errors.ts";
import { writeAtomically } from "../src/files.ts";
import { packageFolder } from "../src/package-folder.ts";
import { tabulateDumps } from "./dump-table.ts";

const [data] = process.argv.slice(2);
if (data === undefined) throw new UserError("usage: node dist/scripts/update-golden.js DATA", 2);
await writeAtomically(join(packageFolder(), "test/golden/wikipedia-xml.tsv"), [
  await tabulateDumps(join(data, "wikipedia-xml")),
]);
