import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { padEntry, readStrings, writeStrings } from "../scripts/matching-inputs.ts";
import { findPeer, type Program, startPeer } from "../scripts/matching-peers.ts";
import { matchesReference } from "../src/matching/rules.ts";

const ENTRIES = [
  ...["dog", "hot dog", "hot", "St. Louis", "St . Louis", "C++", "U.S.", "cats", "Cats", "'s", "`", "!", "-", "4"],
  ...["日本", "日本語", "本", "カメラ", "カ", "。", "メ", "ไทย", "été", "😀", "naïve café", "a\u00A0b", "no\tmatch"],
];
const TEXTS = [
  ...["", " ", "dog", "hotdog hot-dog hot  dog", "hot dog hot dog", "A hot dog, cats!", "St. Louis's Cats; dog?dog"],
  ...["\u001C dog \u0085", "\u00A0dog\u3000", "dog\ncats\thot\rdog", "C++ in the U.S. -", "`dog`", "no\tmatch 4 - 4"],
  ...["日本語のカメラ。", "カメラ 日本", "ภาษาไทย", "un été naïve café 😀", "😀😀 été", "a\u00A0b", "dog\u2028cats"],
];

const PYTHON = ["pyahocorasick", "published"] as const;
const missing = findPeer("pyahocorasick");
if (typeof missing === "string") console.log(`skipped: ${missing}`);

describe("files of strings", () => {
  it("give back what was written", () => {
    const folder = mkdtempSync(join(tmpdir(), "strings-"));
    try {
      const path = join(folder, "texts");
      writeStrings(path, TEXTS);
      expect(readStrings(path)).toEqual(TEXTS);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(typeof missing === "string").each(PYTHON)("%s", (name) => {
  it("finds by the reference rule", async () => {
    const folder = mkdtempSync(join(tmpdir(), "peers-"));
    try {
      const [padded, texts, out] = ["padded", "texts", "out"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeStrings(padded, ENTRIES.map(padEntry));
      writeStrings(texts, TEXTS);
      const peer = await startPeer(name, findPeer(name) as Program, padded);
      await peer.load(texts);
      await peer.write(out);
      const { matches } = await peer.time();
      await peer.end();

      const expected = TEXTS.map((text) => ENTRIES.flatMap((entry, id) => (matchesReference(text, entry) ? [id] : [])));
      const bytes = readFileSync(out);
      const found = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index));
      expect(found).toEqual(expected.flatMap((ids) => [ids.length, ...ids]));
      expect(matches).toBe(expected.flat().length);
      expect(matches).toBeGreaterThan(30);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
