import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSampler, hashCaption, mergeSamples } from "../src/engine/samples.ts";

const ENTRIES = 12;
const SIZE = 3;

const captions = fc.uniqueArray(
  fc.record({
    name: fc.string({ maxLength: 2 }),
    text: fc.string({ maxLength: 400 }),
    ids: fc.uniqueArray(fc.nat(ENTRIES - 1), { maxLength: 6 }),
  }),
  { selector: ({ name, text }) => `${name}\n${text}`, maxLength: 60 },
);

describe("samples of entries", () => {
  it("are the captions with the smallest hashes, however they come and are shared", () => {
    const property = fc.property(captions, fc.integer({ min: 1, max: 4 }), (all, of) => {
      const samplers = Array.from({ length: of }, () => createSampler(ENTRIES, SIZE));
      for (const [index, { ids, ...caption }] of all.entries()) {
        samplers[index % of]!.offer(Uint32Array.from(ids), hashCaption(caption), caption);
      }
      const plain = Array.from({ length: ENTRIES }, (_, entry) =>
        all
          .filter(({ ids }) => ids.includes(entry))
          .map((caption) => ({ entry, hash: hashCaption(caption), id: caption.name, text: caption.text.slice(0, 300) }))
          .sort((a, b) => a.hash - b.hash)
          .slice(0, SIZE),
      ).flat();
      const merged = mergeSamples(
        samplers.map((sampler) => sampler.take()),
        SIZE,
      );
      expect(merged.map(({ text, ...sample }) => ({ ...sample, text: text.slice(0, 300) }))).toEqual(plain);
      for (const sampler of samplers) {
        const { captions: numbers, texts } = sampler.take();
        expect(new Set(numbers).size).toBe(texts.length);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("are told once where a caption comes again", () => {
    const sampler = createSampler(1, SIZE);
    const caption = { name: "a", text: "b" };
    for (let time = 0; time < 5; time++) sampler.offer(Uint32Array.of(0), hashCaption(caption), caption);
    expect(mergeSamples([sampler.take(), sampler.take()], SIZE)).toEqual([
      { entry: 0, hash: hashCaption(caption), id: "a", text: "b" },
    ]);
  });
});
