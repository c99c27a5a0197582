/**
 * The host's side of the kernels: one instance of them with its memory, as WebAssembly or, where the compiled module is
 * missing, as the same source in TypeScript, ten times slower.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as twin from "./main.ts";
import { release, view } from "./memory.ts";

/** As much of it as is used here; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What `main.ts` exports. */
export type Kernel = typeof twin;

/** Where bytes lie in a machine's memory. */
export interface Place {
  readonly address: number;
  readonly length: number;
}

/**
 * Kernels and their memory. Several users may share one, one after the other. All of the twin's machines are the same
 * one, since its memory exists once.
 */
export interface Machine {
  readonly kernel: Kernel;
  /** The memory as it is now; growing replaces it. */
  view(): Uint8Array<ArrayBuffer>;
  /** Tells which names and tables the kernels hold, in the words of whoever put them there; "" at first. */
  names: string;
  /** True while the memory holds counts, so that it must not be given back. */
  isCounting: boolean;
  /** Give all memory back, names and tables with it; does nothing while the machine counts. */
  release(): void;
}

/** Compiled kernels, or `twin` for their source. */
export type KernelSource = Uint8Array<ArrayBuffer> | "twin";

const twinMachine: Machine = {
  kernel: twin,
  view,
  names: "",
  isCounting: false,
  release() {
    if (twinMachine.isCounting) return;
    release();
    twinMachine.names = "";
  },
};

/** Start kernels: by default the compiled ones if they are there. */
export function startMachine(source: KernelSource = findKernels("kernels")): Machine {
  if (source === "twin") return twinMachine;
  const module = new WebAssembly.Module(source);
  let instance: { readonly kernel: Kernel; readonly memory: { readonly buffer: ArrayBuffer } } | undefined;
  let bytes = new Uint8Array(0);
  const start = () => {
    const exports = new WebAssembly.Instance(module, {}).exports as Kernel & {
      readonly memory: { buffer: ArrayBuffer };
    };
    instance = { kernel: exports, memory: exports.memory };
    return instance;
  };
  const machine: Machine = {
    get kernel() {
      return (instance ?? start()).kernel;
    },
    view() {
      const { memory } = instance ?? start();
      if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
      return bytes;
    },
    names: "",
    isCounting: false,
    release() {
      if (machine.isCounting) return;
      instance = undefined;
      bytes = new Uint8Array(0);
      machine.names = "";
    },
  };
  return machine;
}

/** The compiled module of a door, where it is there. */
export function findKernels(door: "kernels" | "matching" | "fasttext" | "lid-ngrams"): KernelSource {
  const beside = [`./${door}.wasm`, `../../dist/src/kernels/${door}.wasm`];
  const path = beside.map((name) => fileURLToPath(new URL(name, import.meta.url))).find((name) => existsSync(name));
  return path === undefined ? "twin" : new Uint8Array(readFileSync(path));
}
