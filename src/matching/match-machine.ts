/**
 * The host's side of the kernels of matching: an instance of them, which belongs to a thread, over a memory, which threads
 * share. Lists and the rooms that threads work in lie in that memory; its owner says where.
 */
import { UserError } from "../errors.ts";
import { CODE_POINTS, LOWER_CASE, MATCHING_END, REFERENCE_POINTS } from "../kernels/layout.ts";
import { findKernels, type KernelSource } from "../kernels/machine.ts";
import * as twin from "../kernels/matching.ts";
import { exchange, reserve, view } from "../kernels/memory.ts";
import { listCodePoints, listLowerCase, listReferencePoints } from "../kernels/tables.ts";

/** As much of it as is used here; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number; maximum: number; shared: boolean }) => WebAssemblyMemory;
};

interface WebAssemblyMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** What `matching.ts` exports. */
export type MatchKernel = typeof twin;

/** Memory of lists and rooms. One of WebAssembly may be posted to threads; the twin's belongs to the thread that made it. */
export type MatchMemory = WebAssemblyMemory | { bytes: Uint8Array<ArrayBuffer> };

/** Kernels over a memory. */
export interface MatchMachine {
  readonly memory: MatchMemory;
  /** Calls `work` with the kernels, which hold nothing of it. */
  run<T>(work: (kernel: MatchKernel) => T): T;
  /** Calls `work` with the kernels; they worked in another room before, or in none, if `isNew`. */
  runIn<T>(room: object, work: (kernel: MatchKernel, isNew: boolean) => T): T;
  /** The memory as it is now; growing replaces it. */
  view(): Buffer;
  /** Makes addresses below `end` usable. Throws if there is no memory. */
  reserve(end: number): void;
}

const PAGE = 65536;
/** Addresses are signed 32-bit integers. */
const MAX_PAGES = 32767;

let tables: readonly (readonly [address: number, table: Uint8Array])[] | undefined;
let compiled: object | undefined;

/** Memory that holds no list yet, but the tables of characters. */
export function createMatchMemory(source: KernelSource = findKernels("matching")): MatchMemory {
  tables ??= [
    [CODE_POINTS, listCodePoints(isForHost)],
    [LOWER_CASE, listLowerCase()],
    [REFERENCE_POINTS, listReferencePoints()],
  ];
  const memory: MatchMemory =
    source === "twin"
      ? { bytes: new Uint8Array(MATCHING_END) }
      : new WebAssembly.Memory({ initial: Math.ceil(MATCHING_END / PAGE), maximum: MAX_PAGES, shared: true });
  const bytes = "bytes" in memory ? memory.bytes : new Uint8Array(memory.buffer);
  for (const [address, table] of tables) bytes.set(table, address);
  if (source !== "twin") weights.set(memory, new ArrayBuffer(MATCHING_END));
  return memory;
}

/**
 * As many bytes as a memory has at least, never touched, so that they take no more than addresses. Garbage is collected
 * sooner where much of it hangs on buffers, but shared memories are not counted among them.
 */
const weights = new WeakMap<MatchMemory, ArrayBuffer>();

/** The zero-width space goes when a caption is normalized; texts keep it (`languages/normalize.ts`). */
function isForHost(point: number): boolean {
  return point === 0x200b;
}

/** Starts kernels over a memory, in the thread that calls. */
export function startMatching(memory: MatchMemory): MatchMachine {
  return "bytes" in memory ? startTwin(memory) : startCompiled(memory);
}

function outOfMemory(): UserError {
  return new UserError(
    "lists and the room that threads match in take more than 2 GB; give less --memory, or fewer --threads",
  );
}

function compiledModule(): object {
  if (compiled !== undefined) return compiled;
  const source = findKernels("matching");
  if (source === "twin") throw new Error("the compiled kernels of matching are missing; run npm run build");
  compiled = new WebAssembly.Module(source);
  return compiled;
}

function startCompiled(memory: WebAssemblyMemory): MatchMachine {
  const instance = new WebAssembly.Instance(compiledModule(), { env: { memory } });
  const kernel = instance.exports as MatchKernel;
  let bytes = Buffer.from(memory.buffer);
  let last: object | undefined;
  const refresh = () => {
    if (bytes.buffer !== (memory.buffer as ArrayBufferLike)) bytes = Buffer.from(memory.buffer);
    return bytes;
  };
  return {
    memory,
    run: (work) => work(kernel),
    runIn(room, work) {
      const isNew = room !== last;
      last = room;
      return work(kernel, isNew);
    },
    view: refresh,
    reserve(end) {
      const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
      if (missing <= 0) return;
      try {
        memory.grow(missing);
      } catch {
        throw outOfMemory();
      }
    },
  };
}

/** The room that the twin works in; its state exists once. */
let twinRoom: object | undefined;

function startTwin(memory: { bytes: Uint8Array<ArrayBuffer> }): MatchMachine {
  let isWithin = false;
  const within = <T>(work: () => T): T => {
    const others = exchange(memory.bytes);
    isWithin = true;
    try {
      return work();
    } finally {
      isWithin = false;
      memory.bytes = exchange(others);
    }
  };
  return {
    memory,
    run: (work) => within(() => work(twin)),
    runIn: (room, work) =>
      within(() => {
        const isNew = room !== twinRoom;
        twinRoom = room;
        return work(twin, isNew);
      }),
    view: () => Buffer.from((isWithin ? view() : memory.bytes).buffer),
    reserve(end) {
      if (!within(() => reserve(end))) throw outOfMemory();
    },
  };
}
