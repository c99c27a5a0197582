import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createXxh64 } from "../src/sources/xxhash.ts";
import { decompressZstd, ZstdError } from "../src/sources/zstd.ts";
import { zstd } from "./write-compressed.ts";

async function decompress(bytes: Uint8Array, size = bytes.length): Promise<Buffer> {
  async function* cut() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }
  const all: Uint8Array[] = [];
  for await (const block of decompressZstd(cut())) all.push(block);
  return Buffer.concat(all);
}

/** The same hash with numbers of 64 bits, and all of its 64 bits computed from a text in one piece. */
function xxh64(bytes: Buffer): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const u = (value: bigint) => BigInt.asUintN(64, value);
  const rotate = (value: bigint, bits: bigint) => u((value << bits) | (value >> (64n - bits)));
  const round = (lane: bigint, word: bigint) => u(rotate(u(lane + word * p2), 31n) * p1);
  let at = 0;
  let hash: bigint = p5;
  if (bytes.length >= 32) {
    let lanes = [u(p1 + p2), p2, 0n, u(-p1)];
    for (; at + 32 <= bytes.length; at += 32) {
      lanes = lanes.map((lane, i) => round(lane, bytes.readBigUInt64LE(at + 8 * i)));
    }
    hash = u(lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i]!), 0n));
    for (const lane of lanes) hash = u((hash ^ round(0n, lane)) * p1 + p4);
  }
  hash = u(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) hash = u(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * p1 + p4);
  for (; at + 4 <= bytes.length; at += 4) {
    hash = u(rotate(hash ^ u(BigInt(bytes.readUInt32LE(at)) * p1), 23n) * p2 + p3);
  }
  for (; at < bytes.length; at++) hash = u(rotate(hash ^ u(BigInt(bytes[at]!) * p5), 11n) * p1);
  hash = u((hash ^ (hash >> 33n)) * p2);
  hash = u((hash ^ (hash >> 29n)) * p3);
  return hash ^ (hash >> 32n);
}

describe("createXxh64", () => {
  it("is XXH64, however the bytes are cut", () => {
    expect(xxh64(Buffer.from(""))).toBe(0xef46db3751d8e999n);
    expect(xxh64(Buffer.from("abc"))).toBe(0x44bc2cf5ad770999n);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 5 }), (pieces) => {
        const hash = createXxh64();
        for (const piece of pieces) hash.update(piece);
        expect(BigInt(hash.low())).toBe(xxh64(Buffer.concat(pieces)) & 0xffffffffn);
      }),
      { numRuns: 500 },
    );
  });
});

describe("decompressZstd", () => {
  const text = Buffer.from(Array.from({ length: 400 }, (_, i) => `Zeile ${i * i} von Text\n`).join(""));
  // A skippable frame, empty and not.
  const skipped = [Buffer.from("502a4d1800000000", "hex"), Buffer.from("5f2a4d1803000000616263", "hex")];

  it("reads frames and passes over those to be skipped, however the input is cut", async () => {
    const all = Buffer.concat([skipped[0]!, zstd(text, 700), skipped[1]!, zstd(""), zstd("x"), skipped[0]!]);
    for (const size of [1, 2, 7, 1000, all.length]) {
      expect(await decompress(all, size)).toEqual(Buffer.concat([text, Buffer.from("x")]));
    }
    expect(await decompress(new Uint8Array(0), 1)).toHaveLength(0);
  });

  it("tells where the data ends too early", async () => {
    const frame = zstd(text, 700);
    for (let length = 1; length < frame.length; length += 97) {
      await expect(decompress(frame.subarray(0, length), 50)).rejects.toMatchObject({
        name: "ZstdError",
        offset: length,
        message: "the data ends too early",
      });
    }
  });

  it("tells where no frame begins", async () => {
    const frame = zstd(text);
    await expect(decompress(Buffer.concat([frame, Buffer.alloc(9)]))).rejects.toMatchObject({ offset: frame.length });
  });

  it("gives no memory to whatever a header asks for", async () => {
    for (const header of ["28b52ffd00ff", "28b52ffdf0ffffffffffffff7f", "28b52ffda0ffffffff"]) {
      const frame = Buffer.concat([Buffer.from(header, "hex"), Buffer.from("010000", "hex")]);
      await expect(decompress(frame)).rejects.toThrow(/needs \d+ bytes of memory, more than 134217728/);
    }
  });

  const command = (() => {
    try {
      execFileSync("zstd", ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      console.warn("skipped: the zstd command is not installed");
      return false;
    }
  })();
  it.skipIf(!command)("reads what zstd writes, and gives an error for whichever bit is flipped", async () => {
    const write = (input: Uint8Array, ...args: string[]) =>
      execFileSync("zstd", ["-c", ...args], { input, maxBuffer: 1 << 28 });
    const random = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 7919) >> 7));
    const zeros = Buffer.alloc(300_000);
    for (const args of [["-1"], ["-19"], ["--no-check"], ["--long=27"]]) {
      for (const content of [text, random, zeros, Buffer.alloc(0), Buffer.from("a")]) {
        expect(await decompress(write(content, ...args), 1013)).toEqual(content);
      }
    }
    const frame = write(text, "-3");
    for (let bit = 0; bit < frame.length * 8; bit += 23) {
      const flipped = Buffer.from(frame);
      flipped[bit >> 3]! ^= 128 >> (bit & 7);
      const outcome = await decompress(flipped).catch((error: unknown) => error);
      if (!(outcome instanceof ZstdError)) expect(outcome).toEqual(text);
    }
  });
});
