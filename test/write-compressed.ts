/** Compressed files for tests, written without the commands that other systems may lack. */

const MAGIC = 0x314159265359;
const END = 0x177245385090;

/** Writes bits, most significant first. */
class BitWriter {
  readonly #bits: number[] = [];
  write(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i -= 1) this.#bits.push(Math.floor(value / 2 ** i) % 2);
  }
  take(): Buffer {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    const bytes = Buffer.alloc(this.#bits.length / 8);
    for (const [i, bit] of this.#bits.entries()) bytes[i >> 3]! |= bit << (7 - (i & 7));
    return bytes;
  }
}

/** The checksum of bzip2: CRC-32 with the highest bit first. */
export function crcOfBzip2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i += 1) crc = (crc << 1) ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
  }
  return ~crc >>> 0;
}

/** Four equal bytes and how many more of them follow. */
function shortenRuns(bytes: Uint8Array): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let length = 1;
    while (length < 259 && bytes[at + length] === bytes[at]) length += 1;
    for (let i = 0; i < Math.min(length, 4); i += 1) out.push(bytes[at]!);
    if (length >= 4) out.push(length - 4);
    at += length;
  }
  return out;
}

/** Wrong checksums to write. */
interface Bzip2Faults {
  readonly blockCrc?: boolean;
  readonly streamCrc?: boolean;
}

/** One bzip2 stream of blocks of so many bytes; its codes are all 9 bits long, its sort is the plainest. */
export function bzip2(content: Uint8Array | string, blockBytes = 100_000, faults: Bzip2Faults = {}): Buffer {
  const bytes = Buffer.from(content);
  const bits = new BitWriter();
  for (const byte of Buffer.from("BZh9")) bits.write(byte, 8);
  let streamCrc = 0;
  for (let from = 0; from < bytes.length; from += blockBytes) {
    const block = bytes.subarray(from, from + blockBytes);
    const crc = crcOfBzip2(block) ^ (faults.blockCrc ? 1 : 0);
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
    writeBlock(bits, shortenRuns(block), crc >>> 0);
  }
  bits.write(END, 48);
  bits.write((streamCrc ^ (faults.streamCrc ? 1 : 0)) >>> 0, 32);
  return bits.take();
}

function writeBlock(bits: BitWriter, data: readonly number[], crc: number): void {
  const length = data.length;
  const order = Array.from(data, (_, i) => i).sort((a, b) => {
    for (let i = 0; i < length; i += 1) {
      const difference = data[(a + i) % length]! - data[(b + i) % length]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  const used = [...new Set(data)].sort((a, b) => a - b);
  bits.write(MAGIC, 48);
  bits.write(crc, 32);
  bits.write(0, 1);
  bits.write(order.indexOf(0), 24);
  const isUsed = (byte: number) => (used.includes(byte) ? 1 : 0);
  for (let group = 0; group < 16; group += 1) {
    bits.write(used.some((byte) => byte >> 4 === group) ? 1 : 0, 1);
  }
  for (let group = 0; group < 16; group += 1) {
    if (!used.some((byte) => byte >> 4 === group)) continue;
    for (let i = 0; i < 16; i += 1) bits.write(isUsed(16 * group + i), 1);
  }

  // Move to front; runs of zeros as numbers in the digits 1 and 2.
  const recent = [...used];
  const symbols: number[] = [];
  let zeros = 0;
  const endZeros = () => {
    for (; zeros > 0; zeros = (zeros - 1) >> 1) symbols.push((zeros & 1) === 1 ? 0 : 1);
  };
  for (const start of order) {
    const byte = data[(start + length - 1) % length]!;
    const place = recent.indexOf(byte);
    if (place === 0) {
      zeros += 1;
      continue;
    }
    endZeros();
    recent.splice(place, 1);
    recent.unshift(byte);
    symbols.push(place + 1);
  }
  endZeros();
  const last = used.length + 1;
  symbols.push(last);

  const selectors = Math.ceil(symbols.length / 50);
  bits.write(2, 3);
  bits.write(selectors, 15);
  bits.write(0, selectors);
  for (let table = 0; table < 2; table += 1) {
    bits.write(9, 5);
    bits.write(0, last + 1);
  }
  for (const symbol of symbols) bits.write(symbol, 9);
}

/** A Zstandard frame of uncompressed blocks, without a checksum (RFC 8878, section 3.1.1). */
export function zstd(content: Uint8Array | string, blockBytes = 1000): Buffer {
  const bytes = Buffer.from(content);
  // No content size, no checksum; a window of 1 MiB.
  const parts = [Buffer.from("28b52ffd0050", "hex")];
  for (let from = 0; from === 0 || from < bytes.length; from += blockBytes) {
    const block = bytes.subarray(from, from + blockBytes);
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (from + blockBytes >= bytes.length ? 1 : 0), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
