/**
 * One-dimensional arrays of numbers as NumPy writes them.
 *
 * The format is that of NumPy's `numpy.lib.format`, versions 1.0 to 3.0: six bytes of magic, two of version, the length of
 * the header (2 bytes, from version 2.0 on 4, little-endian), a Python dictionary with `descr`, `fortran_order` and
 * `shape`, then the numbers.
 */
import { UserError } from "../errors.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY

/** True if the bytes begin as a `.npy` file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte);
}

type ReadNumber = (view: DataView, offset: number, littleEndian: boolean) => number;

/** How to read a number, by kind and size in bytes as in `descr`. */
const READERS: Readonly<Record<string, ReadNumber>> = {
  i1: (view, offset) => view.getInt8(offset),
  u1: (view, offset) => view.getUint8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  u2: (view, offset, little) => view.getUint16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  i8: (view, offset, little) => Number(view.getBigInt64(offset, little)),
  u8: (view, offset, little) => Number(view.getBigUint64(offset, little)),
  f2: (view, offset, little) => halfToNumber(view.getUint16(offset, little)),
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
};

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. (Node 20 reads none.) */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size =
    exponent === 0x1f
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/**
 * The numbers of a `.npy` file of one dimension, of integers or floats of any size up to 8 bytes and either byte order.
 *
 * Whole numbers are exact up to 2^53. `name` is the file in messages. Throws `UserError` for anything else.
 */
export function parseNpy(bytes: Uint8Array, name: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 0;
  const headerAt = version === 1 ? 10 : 12;
  if (!isNpy(bytes)) throw new UserError(`${name}: no .npy array; write it with numpy.save`);
  if (version < 1 || version > 3 || bytes.length < headerAt)
    throw damaged(name, "the header is cut off or of no known version");
  const dataAt = headerAt + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataAt > bytes.length) throw damaged(name, "the header is cut off");
  const header = new TextDecoder("utf-8").decode(bytes.subarray(headerAt, dataAt));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (shape === undefined) throw damaged(name, "the header tells no shape");
  const [, order = "", type = ""] = /^([<>|=])([a-z]\d+)$/.exec(descr ?? "") ?? [];
  const read = READERS[type];
  if (read === undefined) throw new UserError(`${name}: ${sayType(descr)}; save whole numbers: array.astype("int64")`);
  const lengths = shape
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const [length = 0] = lengths;
  if (lengths.length !== 1)
    throw new UserError(`${name}: an array of ${lengths.length} dimensions; counts have one: save array.ravel()`);
  const size = Number(type.slice(1));
  const present = bytes.length - dataAt;
  if (!Number.isSafeInteger(length) || present < length * size)
    throw damaged(name, `${length} numbers are announced, ${Math.floor(present / size)} are there`);
  if (present > length * size) throw damaged(name, `${length} numbers are announced, more is there`);
  const numbers = new Float64Array(length);
  for (let at = 0; at < length; at++) numbers[at] = read(view, dataAt + at * size, order !== ">");
  return numbers;
}

function sayType(descr: string | undefined): string {
  if (descr === undefined) return "an array of records";
  return descr.endsWith("O")
    ? "an array of Python objects (pickled), which is never read"
    : `an array of type ${descr}`;
}

function damaged(name: string, what: string): UserError {
  return new UserError(`${name}: damaged .npy: ${what}; write or copy it again`);
}
