/** Starts the kernels of fastText or of n-grams: an instance with its memory, as WebAssembly or as the same source in TypeScript. */
import type { KernelSource } from "../kernels/machine.ts";
import { exchange } from "../kernels/memory.ts";

/** As much of it as is used here; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What any of these kernels exports. */
interface Kernel {
  reserve(end: number): boolean;
}

/** Kernels and their memory, which does not grow any more. */
export interface LidMachine<K extends Kernel> {
  readonly memory: Buffer<ArrayBuffer>;
  run(work: (kernel: K) => void): void;
}

/** Starts kernels with a memory of so many bytes. */
export function startLidMachine<K extends Kernel>(source: KernelSource, twin: K, bytes: number): LidMachine<K> {
  if (source === "twin") return startTwin(twin, bytes);
  // Kernels of fastText take logarithms.
  const imports = { env: { "Math.log": Math.log } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(source), imports);
  const kernel = exports as K & { readonly memory: { readonly buffer: ArrayBuffer } };
  if (!kernel.reserve(bytes)) throw new Error("there is no memory for telling languages");
  return { memory: Buffer.from(kernel.memory.buffer), run: (work) => work(kernel) };
}

/** The twin's memory exists once, so it is lent to each. */
function startTwin<K extends Kernel>(twin: K, length: number): LidMachine<K> {
  const bytes = new Uint8Array(length);
  return {
    memory: Buffer.from(bytes.buffer),
    run(work) {
      const others = exchange(bytes);
      try {
        work(twin);
      } finally {
        exchange(others);
      }
    },
  };
}
