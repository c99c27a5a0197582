import Bzip2 from "@foxglove/wasm-bz2";

/** Bzip2 data that cannot be decompressed; `offset` is the place in the compressed bytes, from 0. */
export class Bzip2Error extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "Bzip2Error";
    this.offset = offset;
  }
}

/** The 48 bits that begin a block, and those that end a stream, as two numbers of 24 bits. */
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
const MAGIC_BITS = 48;
const CRC_BITS = 32;

/**
 * A block holds at most 900,000 symbols of at most 20 bits each, and its tables; no block is longer than this, so a
 * magic number that does not come within this many bytes will not come.
 */
const MAX_BLOCK_BYTES = 4 << 20;
/** Sizes tried for a block's output: run-length coding lets 900,000 bytes stand for up to 259/5 as many. */
const OUTPUT_SIZES = [2 << 20, 12 << 20, 48 << 20] as const;
/** How the library says that the output did not fit. */
const OUTPUT_FULL = /failed: -8\b/;

/**
 * Bytes from one look to the next when magic numbers are sought. The two bytes looked at lie inside a magic number, which
 * began up to 31 bits before, at one look at least.
 */
const STRIDE = 4;
/** A bit for each pair of bytes that stands at one of the places 0 to 31 in a magic number: few, so that it stays cached. */
const CANDIDATES = createCandidates();

function createCandidates(): Uint8Array {
  const table = new Uint8Array(1 << 13);
  for (const [high, low] of [BLOCK_MAGIC, END_MAGIC]) {
    const magic = (BigInt(high) << 24n) | BigInt(low);
    for (let place = 0; place < 8 * STRIDE; place += 1) {
      const pair = Number((magic >> BigInt(MAGIC_BITS - 16 - place)) & 0xffffn);
      table[pair >> 3]! |= 1 << (pair & 7);
    }
  }
  return table;
}

/** The library's one instance: its memory only grows, and its calls do not overlap. */
let library: Promise<Bzip2> | undefined;

/** Load the library and take back the process-wide error handlers that loading it installs. */
function loadLibrary(): Promise<Bzip2> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as "exit")));
  const loading = Bzip2.init();
  for (const [i, event] of events.entries()) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before[i]!.has(listener)) process.removeListener(event, listener);
    }
  }
  return loading;
}

/** Window on the compressed bytes: grows at the end, is released at the front; places are counted from the input's start. */
interface Window {
  bytes: Uint8Array;
  /** Place of the first byte of `bytes`. */
  start: number;
  /** Number of bytes in use. */
  length: number;
  /** True when the input has ended. */
  ended: boolean;
}

/** A block's bytes; `bit` is the place of its magic number in the compressed bits, from 0. */
export interface Bzip2Block {
  readonly bit: number;
  readonly bytes: Uint8Array;
}

/**
 * What the blocks that begin in a range add to the checksums of streams, so that the checksum of a stream can be checked
 * that several readers share.
 */
export interface RangeChecksum {
  /** Of the stream in whose middle the range begins: number of blocks, and their checksum by themselves. */
  readonly blocks: number;
  readonly crc: number;
  /** What that stream's end says, if its last block begins in the range. */
  readonly stored?: number;
  /** If so: the checksum of the blocks of the stream that is open where the range ends. */
  readonly rest: number;
}

/** Which part of the data to decompress. */
export interface Bzip2Range {
  /** Place in the compressed bytes of the first chunk; blocks are looked for from there on. 0 if not given. */
  readonly from?: number;
  /** Called with the checksum of the blocks that begin before the byte `to`, once they have been read. */
  readonly to?: number;
  onChecksum?(checksum: RangeChecksum): void;
}

/** Streams are read as if their header allowed blocks of any size; what a block needs, it tells. */
const LARGEST_LEVEL = 0x39;

/**
 * Decompresses bzip2 data of one stream or several, block by block.
 *
 * Yields one block at a time (mostly 0.9 MB, at most 48 MB); holds one block and one chunk in memory. Checks every
 * block's CRC, and that of every stream whose start it has seen. What follows the last stream and holds no block is
 * ignored, as bzip2 does. With `from` above 0 it begins at the first block whose magic number is found from there on and
 * before `to`; blocks behind `to` are yielded as well for as long as the caller asks. Throws `Bzip2Error` where the data
 * is no bzip2 data, is damaged or ends early.
 *
 * A block has no length: it is cut out between two magic numbers, which lie at any bit, and is handed to the library as
 * a stream of its own. The same 48 bits may occur inside a block by chance; the cut block then does not decode, and it
 * is tried again up to the magic number that follows.
 */
export async function* decompressBzip2(
  chunks: AsyncIterable<Uint8Array>,
  range: Bzip2Range = {},
): AsyncGenerator<Bzip2Block> {
  const { from = 0, to = Number.POSITIVE_INFINITY } = range;
  library ??= loadLibrary();
  const decoder = await library;
  const source = chunks[Symbol.asyncIterator]();
  const window: Window = { bytes: new Uint8Array(1 << 20), start: from, length: 0, ended: false };
  const checksum = createRangeChecksum(range);
  try {
    let offset = from;
    const first = from === 0 ? undefined : await findFirstBlock(window, source, { from, to });
    if (from > 0 && first === undefined) {
      checksum.finish();
      return;
    }
    for (let streams = 0; ; streams += 1) {
      const isWhole = streams > 0 || first === undefined;
      if (isWhole) {
        await fill(window, source, offset, 4);
        if (!hasHeader(window, offset)) {
          if (streams === 0) throw new Bzip2Error("not bzip2 data", offset);
          checksum.finish();
          await readTrailer(window, source, offset);
          return;
        }
      }
      let bit = isWhole ? (offset + 4) * 8 : first;
      let crc = 0;
      for (;;) {
        await fill(window, source, Math.floor(bit / 8), 12);
        const magic = readMagic(window, bit);
        if (magic === "end") break;
        if (magic === undefined) {
          const place = Math.floor(bit / 8);
          if (window.ended && window.start + window.length - place < 12) throw endsEarly(window);
          throw new Bzip2Error("damaged: no block where one should begin", place);
        }
        if (bit >= to * 8) checksum.finish();
        const blockCrc = readBits(window, bit + MAGIC_BITS, CRC_BITS);
        let end = bit + MAGIC_BITS + CRC_BITS;
        let block: Uint8Array | undefined;
        let tries = 0;
        while (block === undefined) {
          const next = findMagic(window, end);
          if (next === undefined) {
            if (window.ended && tries === 0) throw endsEarly(window);
            const searched = (window.start + window.length) * 8 - MAGIC_BITS - 8;
            if (window.ended || searched - bit > MAX_BLOCK_BYTES * 8) throw doesNotDecode(bit);
            end = Math.max(end, searched);
            await grow(window, source, Math.floor(bit / 8));
            continue;
          }
          block = decompressBlock(decoder, wrapBlock(window, { bit, end: next, level: LARGEST_LEVEL, crc: blockCrc }));
          tries += 1;
          if (block === undefined && next - bit > MAX_BLOCK_BYTES * 8) throw doesNotDecode(bit);
          end = block === undefined ? next + 1 : next;
        }
        crc = addBlock(crc, blockCrc);
        checksum.add(blockCrc);
        const found: Bzip2Block = { bit, bytes: block };
        bit = end;
        yield found;
      }
      if ((window.start + window.length) * 8 < bit + MAGIC_BITS + CRC_BITS) throw endsEarly(window);
      const stored = readBits(window, bit + MAGIC_BITS, CRC_BITS);
      if (isWhole && stored !== crc) {
        throw new Bzip2Error("damaged: the stream's checksum is wrong", Math.floor(bit / 8));
      }
      checksum.endStream(stored);
      offset = Math.ceil((bit + MAGIC_BITS + CRC_BITS) / 8);
    }
  } finally {
    await source.return?.();
  }
}

/** A checksum turned left by so many bits. */
function rotate(crc: number, bits: number): number {
  const by = bits % 32;
  return by === 0 ? crc : ((crc << by) | (crc >>> (32 - by))) >>> 0;
}

/** A stream's CRC is that of the blocks, each rotated in by one bit. */
function addBlock(crc: number, blockCrc: number): number {
  return (rotate(crc, 1) ^ blockCrc) >>> 0;
}

interface ChecksumCollector {
  add(blockCrc: number): void;
  endStream(stored: number): void;
  /** No more of the range's blocks will come; tells the checksum the first time. */
  finish(): void;
}

function createRangeChecksum({ onChecksum }: Bzip2Range): ChecksumCollector {
  let lead: { readonly blocks: number; readonly crc: number; readonly stored: number } | undefined;
  let blocks = 0;
  let crc = 0;
  let finished = false;
  return {
    add(blockCrc) {
      if (finished) return;
      blocks += 1;
      crc = addBlock(crc, blockCrc);
    },
    endStream(stored) {
      if (finished) return;
      lead ??= { blocks, crc, stored };
      blocks = 0;
      crc = 0;
    },
    finish() {
      if (finished) return;
      finished = true;
      onChecksum?.(lead === undefined ? { blocks, crc, rest: 0 } : { ...lead, rest: crc });
    },
  };
}

/** Whether the checksums of all ranges of a file, in order, agree with what its streams say. */
export function checksumsAgree(ranges: readonly RangeChecksum[]): boolean {
  let open = 0;
  for (const { blocks, crc, stored, rest } of ranges) {
    open = (rotate(open, blocks) ^ crc) >>> 0;
    if (stored === undefined) continue;
    if (stored !== open) return false;
    open = rest;
  }
  return true;
}

/** Place of the first block that begins from the byte `from` on and before the byte `to`. */
async function findFirstBlock(
  window: Window,
  source: AsyncIterator<Uint8Array>,
  { from, to }: { from: number; to: number },
): Promise<number | undefined> {
  let at = from * 8;
  for (;;) {
    const bit = findMagic(window, at);
    if (bit !== undefined) {
      if (bit >= to * 8) return undefined;
      if (readMagic(window, bit) === "block") return bit;
      at = bit + 1;
      continue;
    }
    at = Math.max(at, (window.start + window.length) * 8 - MAGIC_BITS - 8);
    if (window.ended || at >= to * 8) return undefined;
    await grow(window, source, Math.floor(at / 8));
  }
}

/**
 * Read what lies behind the last stream to the end, so that it counts as consumed. A block in it belongs to a stream
 * whose header is damaged: to ignore that would lose the rest of the data without a word.
 */
async function readTrailer(window: Window, source: AsyncIterator<Uint8Array>, offset: number): Promise<void> {
  let at = offset * 8;
  for (;;) {
    for (let bit = findMagic(window, at); bit !== undefined; bit = findMagic(window, bit + 1)) {
      if (readMagic(window, bit) === "block") throw new Bzip2Error("damaged: a stream's header is wrong", offset);
    }
    if (window.ended) return;
    at = Math.max(at, (window.start + window.length) * 8 - MAGIC_BITS - 8);
    await grow(window, source, Math.floor(at / 8));
  }
}

function endsEarly(window: Window): Bzip2Error {
  return new Bzip2Error("the data ends too early", window.start + window.length);
}

function doesNotDecode(bit: number): Bzip2Error {
  return new Bzip2Error("damaged: a block does not decode", Math.floor(bit / 8));
}

/** Read one more chunk into the window and release what lies before the place `keep`. */
async function grow(window: Window, source: AsyncIterator<Uint8Array>, keep: number): Promise<void> {
  const next = await source.next();
  if (next.done === true) {
    window.ended = true;
    return;
  }
  const chunk = next.value;
  if (window.length + chunk.length > window.bytes.length) {
    const drop = keep - window.start;
    const rest = window.length - drop;
    const target =
      rest + chunk.length > window.bytes.length / 2 ? new Uint8Array(2 * (rest + chunk.length)) : window.bytes;
    target.set(window.bytes.subarray(drop, window.length));
    window.bytes = target;
    window.start = keep;
    window.length = rest;
  }
  window.bytes.set(chunk, window.length);
  window.length += chunk.length;
}

/** Read until `count` bytes from the place `offset` on are there, or the input has ended. */
async function fill(window: Window, source: AsyncIterator<Uint8Array>, offset: number, count: number): Promise<void> {
  while (!window.ended && window.start + window.length < offset + count) {
    await grow(window, source, Math.min(offset, window.start + window.length));
  }
}

/** Whether a stream's header stands at the place: `BZh1` to `BZh9`. */
function hasHeader(window: Window, offset: number): boolean {
  const at = offset - window.start;
  if (window.length - at < 4) return false;
  const [b, z, h, level] = window.bytes.subarray(at, at + 4);
  return b === 0x42 && z === 0x5a && h === 0x68 && level! >= 0x31 && level! <= 0x39;
}

/** Up to 32 bits from the place `bit` on; bits behind the end of the window read as 0. */
function readBits(window: Window, bit: number, count: number): number {
  const at = Math.floor(bit / 8) - window.start;
  const { bytes, length } = window;
  let value = 0;
  for (let i = 0; i < 5; i += 1) value = value * 256 + (at + i < length ? bytes[at + i]! : 0);
  return Math.floor(value / 2 ** (40 - (bit % 8) - count)) % 2 ** count;
}

/** Which magic number stands at the place `bit`. */
function readMagic(window: Window, bit: number): "block" | "end" | undefined {
  if ((window.start + window.length) * 8 < bit + MAGIC_BITS) return undefined;
  const high = readBits(window, bit, 24);
  const low = readBits(window, bit + 24, 24);
  if (high === BLOCK_MAGIC[0] && low === BLOCK_MAGIC[1]) return "block";
  if (high === END_MAGIC[0] && low === END_MAGIC[1]) return "end";
  return undefined;
}

/** Place of the first magic number that begins at the place `from` or later and lies within the window. */
function findMagic(window: Window, from: number): number | undefined {
  const { bytes, start, length } = window;
  for (let i = Math.max(0, Math.ceil(from / 8) - start); i + 1 < length; i += STRIDE) {
    const pair = (bytes[i]! << 8) | bytes[i + 1]!;
    if ((CANDIDATES[pair >> 3]! & (1 << (pair & 7))) === 0) continue;
    // The further inside the number, the earlier it begins.
    for (let place = 8 * STRIDE - 1; place >= 0; place -= 1) {
      const bit = (start + i) * 8 - place;
      if (bit >= from && bit >= start * 8 && readMagic(window, bit) !== undefined) return bit;
    }
  }
  return undefined;
}

/** The bits of one block (from `bit` to `end`) as a stream of one block. */
function wrapBlock(window: Window, block: { bit: number; end: number; level: number; crc: number }): Uint8Array {
  const bits = block.end - block.bit;
  const target = new Uint8Array(4 + Math.ceil((bits + MAGIC_BITS + CRC_BITS) / 8));
  target.set([0x42, 0x5a, 0x68, block.level]);
  const { bytes } = window;
  const shift = block.bit % 8;
  const whole = Math.ceil(bits / 8);
  const from = Math.floor(block.bit / 8) - window.start;
  // Four bytes at a time, as long as the byte behind them is there, too.
  const source = new DataView(bytes.buffer, bytes.byteOffset, window.length);
  const words = new DataView(target.buffer);
  let i = 0;
  for (; i + 4 <= whole && from + i + 4 < window.length; i += 4) {
    words.setUint32(4 + i, (source.getUint32(from + i) << shift) | (source.getUint8(from + i + 4) >>> (8 - shift)));
  }
  for (; i < whole; i += 1) target[4 + i] = (bytes[from + i]! << shift) | ((bytes[from + i + 1] ?? 0) >>> (8 - shift));
  // Clear what belongs to the next block, then write the end of the stream at that bit.
  const used = bits % 8;
  if (used > 0) target[3 + whole] = target[3 + whole]! & (0xff00 >>> used);
  let bit = 32 + bits;
  for (const [value, count] of [
    [END_MAGIC[0], 24],
    [END_MAGIC[1], 24],
    [block.crc, CRC_BITS],
  ] as const) {
    for (let i = count - 1; i >= 0; i -= 1, bit += 1) {
      if (((value >>> i) & 1) === 1) target[bit >>> 3] = target[bit >>> 3]! | (0x80 >>> (bit & 7));
    }
  }
  return target;
}

/** The bytes of a stream of one block, or undefined if it does not decode. */
function decompressBlock(decoder: Bzip2, stream: Uint8Array): Uint8Array | undefined {
  for (const size of OUTPUT_SIZES) {
    try {
      return decoder.decompress(stream, size);
    } catch (error) {
      if (!(error instanceof Error) || !OUTPUT_FULL.test(error.message)) return undefined;
    }
  }
  return undefined;
}
