/** Compiles src/kernels to WebAssembly: `node dist/scripts/build-kernels.js` writes dist/src/kernels/*.wasm. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** The doors: each becomes a module of its own. The memory of matching is shared by threads. */
const DOORS = {
  kernels: ["main.ts"],
  // Logarithms are those of JavaScript, as in the twin.
  fasttext: ["fasttext.ts", "--use", "Math=JSMath"],
  "lid-ngrams": ["lid-ngrams.ts"],
  matching: [
    ...["matching.ts", "--enable", "threads", "--importMemory", "--sharedMemory"],
    ...["--initialMemory", "1", "--maximumMemory", "32767"],
  ],
} as const;

/** A module's bytes. memory.wasm.ts takes the place of memory.ts. Throws what the compiler says. */
export async function compileKernels(door: keyof typeof DOORS = "kernels"): Promise<Uint8Array<ArrayBuffer>> {
  const folder = join(projectRoot(), "src/kernels");
  const files = new Map<string, Uint8Array | string>();
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(
    [
      ...DOORS[door],
      "--runtime",
      "stub",
      "--noAssert",
      "-O3",
      "--converge",
      "--enable",
      "simd",
      "--use",
      "abort=",
      "-o",
      "kernels.wasm",
    ],
    {
      stderr,
      stdout: asc.createMemoryStream(),
      readFile(name) {
        const path = join(folder, name === "memory.ts" ? "memory.wasm.ts" : name);
        return existsSync(path) ? readFileSync(path, "utf8") : null;
      },
      writeFile(name, content) {
        files.set(name, content);
      },
      listFiles: () => [],
    },
  );
  const wasm = files.get("kernels.wasm");
  if (error !== null || !(wasm instanceof Uint8Array)) throw new Error(`kernels do not compile: ${stderr.toString()}`);
  return new Uint8Array(wasm);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(projectRoot(), "dist/src/kernels");
  mkdirSync(folder, { recursive: true });
  for (const door of Object.keys(DOORS) as (keyof typeof DOORS)[]) {
    writeFileSync(join(folder, `${door}.wasm`), await compileKernels(door));
  }
}
