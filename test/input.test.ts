import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { type Bzip2Block, Bzip2Error, decompressBzip2 } from "../src/sources/bzip2.ts";
import { type LinesOptions, openInput, readLines } from "../src/sources/input.ts";
import { lacksSharedData, sharedData } from "./shared-data.ts";

const folder = mkdtempSync(join(tmpdir(), "worldmeta-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

function save(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
async function* bytesOf(blocks: AsyncIterable<Bzip2Block>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of blocks) yield bytes;
}

const decompress = (bytes: Uint8Array, size = 65_536) => collect(bytesOf(decompressBzip2(cut(bytes, size))));

/** An empty bzip2 stream: header, end, CRC 0. */
const EMPTY_STREAM = Buffer.from("425a683917724538509000000000", "hex");

/** `bzcat FILE | sha256sum`. */
const KNOWN = {
  "wikipedia-xml/jwktl/enwiktionary-20150224-pages-articles-multistream.xml.bz2":
    "268867689233d566bb5280e905f0ee3df09b2c2dca0e8dc94eef57bf3c21c881",
  "wikipedia-xml/derived-multistream/ltgwiki-pages-articles-multistream.xml.bz2":
    "7de208a4239424c6b94ea9da02a23907430d128fb7c0ad5ed67956645f0485a5",
  "wikipedia-xml/wikimedia-mwbzutils/sample-pages-articles.xml.bz2":
    "3f782c9b6521998910e2ebdab9967b51d38c16055fc3becd24a54537f34a2ccd",
} as const;
const [WIKTIONARY, LTG] = Object.keys(KNOWN) as [string, string];
const lacks = lacksSharedData(...Object.keys(KNOWN));

/** Writes bits, most significant first. */
function createBits() {
  const bits: number[] = [];
  return {
    write(value: number, count: number): void {
      for (let i = count - 1; i >= 0; i -= 1) bits.push(Math.floor(value / 2 ** i) % 2);
    },
    take(): Buffer {
      while (bits.length % 8 !== 0) bits.push(0);
      return Buffer.from(
        Array.from({ length: bits.length / 8 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2)),
      );
    },
  };
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i += 1) crc = (crc << 1) ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
  }
  return ~crc >>> 0;
}

/**
 * A stream of one block whose symbols are the bytes given (2 to 254): 254 byte values are in use, so that all 256 symbols
 * have codes of 8 bits and any bits can be written, a magic number as well.
 */
function writeStream(symbols: readonly number[]): { stream: Buffer; content: Buffer } {
  const order = Array.from({ length: 254 }, (_, i) => i);
  const last = symbols.map((symbol) => {
    const [byte] = order.splice(symbol - 1, 1) as [number];
    order.unshift(byte);
    return byte;
  });
  const sorted = last.map((byte, i) => ({ byte, i })).sort((a, b) => a.byte - b.byte || a.i - b.i);
  const content: number[] = [];
  for (let k = 0, at = sorted[0]!.i; k < last.length; k += 1, at = sorted[at]!.i) content.push(last[at]!);

  const bits = createBits();
  const bytes = Buffer.from(content);
  for (const byte of Buffer.from("BZh1")) bits.write(byte, 8);
  bits.write(0x314159265359, 48);
  bits.write(crc32(bytes), 32);
  bits.write(0, 1 + 24);
  for (let i = 0; i < 16; i += 1) bits.write(1, 1);
  for (let i = 0; i < 256; i += 1) bits.write(i < 254 ? 1 : 0, 1);
  const selectors = Math.ceil((symbols.length + 1) / 50);
  bits.write(2, 3);
  bits.write(selectors, 15);
  bits.write(0, selectors);
  for (let table = 0; table < 2; table += 1) {
    bits.write(8, 5);
    bits.write(0, 256);
  }
  for (const symbol of [...symbols, 255]) bits.write(symbol, 8);
  bits.write(0x177245385090, 48);
  bits.write(crc32(bytes), 32);
  return { stream: bits.take(), content: bytes };
}

describe("decompressBzip2", () => {
  it.skipIf(lacks).each(Object.entries(KNOWN))("gives what bzcat gives: %s", async (path, hash) => {
    expect(sha256(await decompress(readFileSync(sharedData(path))))).toBe(hash);
  });

  it.skipIf(lacks)("does not depend on how the input is cut", async () => {
    const bytes = readFileSync(sharedData(WIKTIONARY));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 100_000 }), async (size) => {
        expect(sha256(await decompress(bytes, size))).toBe(KNOWN[WIKTIONARY as keyof typeof KNOWN]);
      }),
      { numRuns: 5, examples: [[1], [bytes.length]] },
    );
  });

  it("reads empty streams", async () => {
    expect(await decompress(EMPTY_STREAM)).toHaveLength(0);
    expect(await decompress(Buffer.concat([EMPTY_STREAM, EMPTY_STREAM]), 3)).toHaveLength(0);
  });

  it("ignores what follows the last stream", async () => {
    const { stream, content } = writeStream([5, 6, 7]);
    for (const tail of ["x", "BZ", "BZh", "BZx9....", "\n\n\n\n\n\n", "garbage behind the stream"]) {
      expect(await decompress(Buffer.concat([stream, Buffer.from(tail)]), 7)).toEqual(content);
    }
  });

  it("goes on after a magic number that a block holds by chance", async () => {
    const magic = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
    const end = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
    const some = Array.from({ length: 70 }, (_, i) => 2 + ((i * 37) % 250));
    for (const symbols of [
      [...some, ...magic, ...some],
      [...some, ...end, ...some],
      [...magic, ...end, ...magic, ...some],
    ]) {
      const { stream, content } = writeStream(symbols);
      expect(await decompress(stream)).toEqual(content);
      expect(await decompress(Buffer.concat([stream, EMPTY_STREAM, stream]), 11)).toEqual(
        Buffer.concat([content, content]),
      );
    }
  });

  it("tells where the data ends too early", async () => {
    const { stream } = writeStream(Array.from({ length: 100 }, (_, i) => 2 + i));
    for (let length = 4; length < stream.length; length += 13) {
      const result = decompress(stream.subarray(0, length), 10);
      await expect(result).rejects.toThrow(Bzip2Error);
      await expect(result).rejects.toMatchObject({ offset: length, message: expect.stringContaining("too early") });
    }
  });

  it("tells where the data is damaged", async () => {
    const { stream } = writeStream(Array.from({ length: 100 }, (_, i) => 2 + i));
    const inBlock = Buffer.from(stream);
    inBlock[100] = inBlock[100]! ^ 0xff;
    await expect(decompress(inBlock)).rejects.toMatchObject({ offset: 4, message: expect.stringContaining("damaged") });
    const inCrc = Buffer.from(stream);
    inCrc[stream.length - 3] = inCrc[stream.length - 3]! ^ 0x10;
    await expect(decompress(inCrc)).rejects.toThrow("checksum");
    await expect(decompress(Buffer.from("no bzip2 data"))).rejects.toThrow("not bzip2 data");
    await expect(decompress(Buffer.from("BZh9 no bzip2 data"))).rejects.toMatchObject({ offset: 4 });
  });

  it("leaves no handlers on the process", async () => {
    await decompress(EMPTY_STREAM);
    const handlers = process.listeners("unhandledRejection").map(String);
    expect(handlers.filter((handler) => handler.includes("throw reason"))).toEqual([]);
  });

  const command = (() => {
    try {
      execFileSync("bzip2", ["--help"], { stdio: "ignore" });
      return true;
    } catch {
      console.warn("skipped: the bzip2 command is not installed");
      return false;
    }
  })();
  it.skipIf(!command)("reads what bzip2 writes", { timeout: 60_000 }, async () => {
    const run = (level: number, input: Uint8Array) =>
      execFileSync("bzip2", [`-${level}`], { input, maxBuffer: 1 << 28 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 9 })),
          {
            maxLength: 4,
          },
        ),
        async (parts) => {
          const contents = parts.map(([piece, times]) => Buffer.concat(Array.from({ length: times }, () => piece)));
          const streams = contents.map((content, i) => run(parts[i]![2], content));
          if (streams.length === 0) return;
          expect(await decompress(Buffer.concat(streams), 4096)).toEqual(Buffer.concat(contents));
        },
      ),
      { numRuns: 15 },
    );
    const zeros = Buffer.alloc(60_000_000);
    expect(sha256(await decompress(run(9, zeros)))).toBe(sha256(zeros));
  });
});

describe("openInput", () => {
  const text = Buffer.from("Some text.\n".repeat(1000));

  it("tells the compression by content, not by name", async () => {
    expect(await collect(openInput(save("plain.gz", text)))).toEqual(text);
    expect(await collect(openInput(save("gzip.txt", gzipSync(text))))).toEqual(text);
    const { stream, content } = writeStream([9, 8, 7]);
    expect(await collect(openInput(save("bzip2.xml", stream)))).toEqual(content);
  });

  it("reads gzip files of several members", async () => {
    const path = save("members.gz", Buffer.concat([gzipSync(text), gzipSync("more\n"), gzipSync("")]));
    expect((await collect(openInput(path))).toString()).toBe(`${text}more\n`);
  });

  it("reads Zstandard files of several frames, one of them to be skipped", async () => {
    // Two frames with checksums, of "eins\nzwei\n" and "drei\n", with a skippable frame of 4 bytes between them.
    const frames = "KLUv/SQKUQAAZWlucwp6d2VpCuHeRPxQKk0YBAAAAGFiY2QotS/9JAUpAABkcmVpCg5dBiM=";
    const bytes = Buffer.from(frames, "base64");
    expect((await collect(openInput(save("two.txt", bytes)))).toString()).toBe("eins\nzwei\ndrei\n");
    await expect(collect(openInput(save("cut.zst", bytes.subarray(0, 15))))).rejects.toThrow(
      /cut\.zst: Zstandard: .*download/,
    );
  });

  it("reads short and empty files", async () => {
    for (const content of ["", "a", "BZ", "BZh9 is how bzip2 begins", "\x1f"]) {
      expect((await collect(openInput(save("short", content)))).toString()).toBe(content);
    }
    expect(await collect(openInput(save("empty.gz", gzipSync(""))))).toHaveLength(0);
    expect(await collect(openInput(save("empty.bz2", EMPTY_STREAM)))).toHaveLength(0);
  });

  it("tells the compressed bytes read", async () => {
    const bytes = gzipSync(text);
    let read = 0;
    await collect(openInput(save("counted.gz", bytes), { onBytes: (count) => (read += count) }));
    expect(read).toBe(bytes.length);
  });

  it("names the file and the reason of a failure", async () => {
    const bytes = gzipSync(readFileSync(new URL(import.meta.url)));
    const { stream } = writeStream(Array.from({ length: 100 }, (_, i) => 2 + i));
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 200, 220);
    mkdirSync(join(folder, "folder"));
    const cases: readonly [path: string, reason: RegExp][] = [
      [join(folder, "none"), /no such file/],
      [join(folder, "folder"), /is a directory/],
      [save("cut.gz", bytes.subarray(0, 500)), /gzip data ends too early \(near byte 500\)/],
      [save("bad.gz", damaged), /damaged gzip data \(near byte \d+/],
      [save("cut.bz2", stream.subarray(0, 90)), /ends too early \(byte 90\)/],
      [save("x.xz", Buffer.from("fd377a585a000000", "hex")), /xz compression is not supported; convert/],
    ];
    for (const [path, reason] of cases) {
      const result = collect(openInput(path));
      await expect(result, path).rejects.toThrow(UserError);
      await expect(result).rejects.toThrow(reason);
      await expect(result).rejects.toThrow(path);
    }
  });

  it("can be left before the end", async () => {
    for (const path of [
      save("left.gz", gzipSync(text)),
      save("left", text),
      save("left.bz2", writeStream([3]).stream),
    ]) {
      for await (const chunk of openInput(path)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
  });

  it.skipIf(lacks)("reads a multistream dump to the end", async () => {
    const bytes = await collect(openInput(sharedData(LTG)));
    expect(sha256(bytes)).toBe(KNOWN[LTG as keyof typeof KNOWN]);
  });
});

describe("readLines", () => {
  const lines = async (content: Uint8Array | string, options?: LinesOptions): Promise<string[]> => {
    const all: string[] = [];
    for await (const line of readLines(save("lines", content), options)) all.push(Buffer.from(line).toString());
    return all;
  };

  it("cuts at LF and drops a CR before it", async () => {
    expect(await lines("a\nb\r\n\nc\rd\n\r\ne")).toEqual(["a", "b", "", "c\rd", "", "e"]);
    expect(await lines("")).toEqual([]);
    expect(await lines("\n")).toEqual([""]);
    expect(await lines("a\r")).toEqual(["a"]);
  });

  it("drops a byte order mark", async () => expect(await lines("\uFEFFa\n\uFEFFb")).toEqual(["a", "\uFEFFb"]));

  it("joins lines across chunks", async () => {
    const all = Array.from({ length: 200_000 }, (_, i) => `line ${i} ${"x".repeat(i % 50)}`);
    const content = Buffer.from(all.join("\n"));
    expect(await lines(content)).toEqual(all);
    expect(await lines(gzipSync(content))).toEqual(all);
  });

  it("leaves out lines that are too long, and counts them", async () => {
    const long: number[] = [];
    const content = `a\n${"x".repeat(1_000_000)}\nb\n${"y".repeat(1001)}\n${"z".repeat(1000)}\n${"w".repeat(2000)}`;
    const read = await lines(content, { maxLineBytes: 1000, onLongLine: (bytes) => long.push(bytes) });
    expect(read).toEqual(["a", "b", "z".repeat(1000)]);
    expect(long).toEqual([1_000_000, 1001, 2000]);
    await expect(lines(content, { maxLineBytes: 1000 })).rejects.toThrow(/line 2 is longer than 1000 bytes/);
  });
});
