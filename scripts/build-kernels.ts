/** Compiles src/kernels to WebAssembly: `node dist/scripts/build-kernels.js` writes dist/src/kernels/kernels.wasm. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** The module's bytes. memory.wasm.ts takes the place of memory.ts. Throws what the compiler says. */
export async function compileKernels(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = join(projectRoot(), "src/kernels");
  const files = new Map<string, Uint8Array | string>();
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(
    [
      "main.ts",
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
  const target = join(projectRoot(), "dist/src/kernels/kernels.wasm");
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, await compileKernels());
}
