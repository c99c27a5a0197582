/** Arrays of numbers as NumPy reads them: `.npy` (format version 1.0) and `.npz`. The same numbers give the same bytes. */
import { Zip, ZipDeflate } from "fflate";

/** What an array's numbers are; `uint64` and `int64` are exact up to 2^53. */
export type NpyType = "int64" | "uint64" | "float32" | "float64";

interface TypeWriter {
  /** As in the header: little-endian, kind, size in bytes. */
  readonly descr: string;
  readonly size: number;
  write(view: DataView, offset: number, value: number): void;
}

const TYPES: Readonly<Record<NpyType, TypeWriter>> = {
  int64: { descr: "<i8", size: 8, write: (view, offset, value) => view.setBigInt64(offset, BigInt(value), true) },
  uint64: { descr: "<u8", size: 8, write: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true) },
  float32: { descr: "<f4", size: 4, write: (view, offset, value) => view.setFloat32(offset, value, true) },
  float64: { descr: "<f8", size: 8, write: (view, offset, value) => view.setFloat64(offset, value, true) },
};

/** Where the numbers begin is a multiple of this, as NumPy writes it, so that they can be mapped into memory. */
const ALIGNMENT = 64;
/** Magic, version and length of the header's text. */
const PREFIX_BYTES = 10;
/** Numbers in a piece. */
const PIECE = 1 << 15;

/**
 * The bytes of a `.npy` file of one dimension, in pieces.
 *
 * Throws `RangeError` if an integer type is asked for and a value is no whole number.
 */
export function* npyChunks(values: ArrayLike<number>, type: NpyType): Generator<Uint8Array> {
  const { descr, size, write } = TYPES[type];
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${values.length},), }`;
  const bytes = Math.ceil((PREFIX_BYTES + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = Buffer.from(`\x93NUMPY\x01\x00..${dictionary.padEnd(bytes - PREFIX_BYTES - 1)}\n`, "latin1");
  header.writeUInt16LE(bytes - PREFIX_BYTES, 8);
  yield header;
  for (let from = 0; from < values.length; from += PIECE) {
    const length = Math.min(PIECE, values.length - from);
    const view = new DataView(new ArrayBuffer(length * size));
    for (let at = 0; at < length; at++) write(view, at * size, values[from + at] ?? 0);
    yield new Uint8Array(view.buffer);
  }
}

/** A zip file's sizes and places have 32 bits. */
const MAX_ZIP_BYTES = 2 ** 32 - 1;
/**
 * The bytes of an `.npz` file, in pieces: array NAME as member `NAME.npy`, deflated, in the order given.
 *
 * Throws `RangeError` where the file would need 4 GiB or more, or 65,536 arrays.
 */
export function* npzChunks(
  arrays: Iterable<readonly [name: string, values: ArrayLike<number>]>,
  type: NpyType,
): Generator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let bytes = 0;
  let members = 0;
  // The earliest date of a zip file. fflate writes a date by the local clock, so that it is the same everywhere.
  const date = new Date(1980, 0, 1);
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
    bytes += chunk.length;
  });
  function* take(): Generator<Uint8Array> {
    if (bytes > MAX_ZIP_BYTES || members >= 2 ** 16) throw new RangeError("more than an .npz file can hold");
    yield* ready;
    ready = [];
  }
  for (const [name, values] of arrays) {
    const member = new ZipDeflate(`${name}.npy`, { level: 6 });
    member.mtime = date;
    zip.add(member);
    members++;
    let size = 0;
    for (const chunk of npyChunks(values, type)) {
      size += chunk.length;
      if (size > MAX_ZIP_BYTES) throw new RangeError(`${name}: more than a member of an .npz file can hold`);
      member.push(chunk);
      yield* take();
    }
    member.push(new Uint8Array(0), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
