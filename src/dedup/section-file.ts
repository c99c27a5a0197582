/** One file that holds sequences of bytes one after the other, then where each of them begins and the last one ends. */
import { closeSync, fsyncSync, openSync, renameSync, statSync } from "node:fs";
import { readAt, writeAll } from "./partitioned-file.ts";

/** Writes sections in the order of their numbers. */
export interface SectionWriter {
  /** Adds bytes to a section, which is none before that of the last call. */
  add(section: number, bytes: Uint8Array): void;
  /** Puts the file in its place; until then it has another name. */
  end(): void;
}

/** Bytes that are written at once. */
const BUFFER_BYTES = 1 << 16;
const OFFSET_BYTES = 8;

/** Creates a file of so many sections. */
export function createSectionFile(path: string, sections: number): SectionWriter {
  const temporary = `${path}.part`;
  const file = openSync(temporary, "w");
  const offsets = new Float64Array(sections + 1);
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let filled = 0;
  let written = 0;
  let current = 0;
  const flush = () => {
    writeAll(file, buffer.subarray(0, filled), temporary);
    filled = 0;
  };
  return {
    add(section, bytes) {
      while (current < section) offsets[++current] = written;
      written += bytes.length;
      if (filled + bytes.length > BUFFER_BYTES) flush();
      if (bytes.length > BUFFER_BYTES) return writeAll(file, bytes, temporary);
      buffer.set(bytes, filled);
      filled += bytes.length;
    },
    end() {
      while (current < sections) offsets[++current] = written;
      flush();
      writeAll(file, new Uint8Array(offsets.buffer), temporary);
      fsyncSync(file);
      closeSync(file);
      renameSync(temporary, path);
    },
  };
}

/** A stretch of bytes of a file. */
export interface Section {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Where a section of a file of so many lies. */
export function findSection(path: string, { section, of }: { readonly section: number; readonly of: number }): Section {
  const at = statSync(path).size - OFFSET_BYTES * (of + 1 - section);
  const bytes = readOnce(path, at, 2 * OFFSET_BYTES);
  const [from, to] = new Float64Array(bytes.buffer, bytes.byteOffset, 2);
  return { path, from: from!, to: to! };
}

/**
 * The bytes of a section, at most so many at a time. The file is open only while it is read, so that hundreds of sections
 * can be read side by side.
 */
export function* readSection({ path, from, to }: Section, size: number): Generator<Buffer> {
  for (let at = from; at < to; at += size) yield readOnce(path, at, Math.min(size, to - at));
}

function readOnce(path: string, from: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    return readAt(file, from, length);
  } finally {
    closeSync(file);
  }
}
