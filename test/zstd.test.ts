import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
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
