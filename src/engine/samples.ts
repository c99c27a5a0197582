/**
 * Captions drawn by hash, the same whatever the order in which they come: a few for each entry, to be read; and some of
 * all, with their matches, from which is told what thresholds would keep.
 */
import { type Draw, HASHES } from "../balancing/draw.ts";

/**
 * Captions drawn for entries, side by side: sample i is the caption `captions[i]`, which holds the entry `entries[i]`. Of a
 * caption that was drawn for several entries there is only one.
 */
export interface Samples {
  /** Ascending; of one entry the captions come by hash. */
  readonly entries: Uint32Array;
  readonly captions: Uint32Array;
  /** Of each caption its hash, from 0 to below 2^53, its id, or else its URL, and its text. */
  readonly hashes: Float64Array;
  readonly ids: readonly string[];
  readonly texts: readonly string[];
}

/** A caption as its pool has it. */
export interface OfferedCaption {
  readonly id: string | undefined;
  readonly url: string | undefined;
  readonly text: string;
}

/** Captions kept of each entry. */
export interface Sampler {
  /** Offers a caption of the hash that `hashCaption` gives it as a sample of the entries that it holds. */
  offer(ids: Uint32Array, hash: number, caption: OfferedCaption): void;
  take(): Samples;
}

/** A caption is kept up to so many units: it is to be read by people. */
const TEXT_UNITS = 300;
const HIGH = 2 ** 21;

/** A caption's hash, by its text and its id, or else its URL; 0 to below 2^53. */
export function hashCaption({ id, url, text }: OfferedCaption): number {
  return hashText(`${id ?? url ?? ""}\n${text}`);
}

/** A hash of text, 0 to below 2^53: two runs of multiplications over UTF-16 units, mixed in the end (as MurmurHash3 does). */
function hashText(text: string): number {
  let a = 0x2545f491;
  let b = 0x6a09e667;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
  a ^= b >>> 16;
  return (a >>> 0) * HIGH + ((b >>> 0) & (HIGH - 1));
}

function cut(text: string): string {
  if (text.length <= TEXT_UNITS) return text;
  return `${text.slice(0, TEXT_UNITS).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/**
 * Creates a sampler of `size` captions, those with the smallest hashes, for each of so many entries. They lie in tables, since
 * as objects, most of which soon make way for others, they took as long as half of all that counting does.
 */
export function createSampler(entries: number, size: number): Sampler {
  // Of each entry the greatest hash kept, in steps of 2^21; most captions are told by it that they come too late.
  const worst = new Uint32Array(entries).fill(0xffffffff);
  // Its block, from 1: `size` hashes, ascending, and whose they are.
  const blockOf = new Uint32Array(entries);
  let blocks = 1;
  let filled = new Uint8Array(1 << 10);
  let hashes = new Float64Array(filled.length * size);
  let owners = new Uint32Array(hashes.length);
  const captions = createKeptCaptions();

  const addBlock = (entry: number): number => {
    if (blocks === filled.length) {
      filled = grow(filled, new Uint8Array(filled.length * 2));
      hashes = grow(hashes, new Float64Array(filled.length * size));
      owners = grow(owners, new Uint32Array(hashes.length));
    }
    blockOf[entry] = blocks;
    return blocks++;
  };
  return {
    offer(ids, hash, caption) {
      const high = Math.floor(hash / HIGH);
      let own = -1;
      for (let index = 0; index < ids.length; index++) {
        const entry = ids[index]!;
        if (high > worst[entry]!) continue;
        const block = blockOf[entry]! || addBlock(entry);
        const first = block * size;
        const count = filled[block]!;
        let at = first + count;
        while (at > first && hashes[at - 1]! > hash) at--;
        if (at === first + size || (at > first && hashes[at - 1] === hash)) continue;
        if (own < 0) own = captions.add(caption, hash);
        let last = first + count;
        if (count === size) captions.release(owners[--last]!);
        else filled[block] = count + 1;
        hashes.copyWithin(at + 1, at, last);
        owners.copyWithin(at + 1, at, last);
        hashes[at] = hash;
        owners[at] = own;
        captions.hold(own);
        if (filled[block] === size) worst[entry] = Math.floor(hashes[first + size - 1]! / HIGH);
      }
    },
    take() {
      const entriesOf: number[] = [];
      const ownersOf: number[] = [];
      for (let entry = 0; entry < entries; entry++) {
        const block = blockOf[entry]!;
        for (let at = 0; at < filled[block]!; at++) {
          entriesOf.push(entry);
          ownersOf.push(owners[block * size + at]!);
        }
      }
      const { numbers, ...kept } = captions.list();
      return {
        ...{ entries: Uint32Array.from(entriesOf), captions: Uint32Array.from(ownersOf, (own) => numbers[own]!) },
        ...kept,
      };
    },
  };
}

/** A caption that holds an entry. */
export interface SampledCaption {
  readonly entry: number;
  /** From 0 to below 2^53. */
  readonly hash: number;
  readonly id: string;
  readonly text: string;
}

/** Of the samples of several shares those with the smallest hashes, `size` of each entry at most; by entry, then by hash. */
export function mergeSamples(shares: readonly Samples[], size: number): SampledCaption[] {
  const next = shares.map(() => 0);
  const merged: SampledCaption[] = [];
  for (;;) {
    let entry = Number.POSITIVE_INFINITY;
    for (const [share, { entries }] of shares.entries()) entry = Math.min(entry, entries[next[share]!] ?? entry);
    if (entry === Number.POSITIVE_INFINITY) return merged;
    const own: SampledCaption[] = [];
    for (const [share, { entries, captions, hashes, ids, texts }] of shares.entries()) {
      while (entries[next[share]!] === entry) {
        const caption = captions[next[share]!]!;
        next[share]!++;
        const hash = hashes[caption]!;
        const sample = { entry, hash, id: ids[caption]!, text: texts[caption]! };
        const at = own.findIndex((other) => other.hash >= hash);
        if (at < 0) own.push(sample);
        else if (own[at]!.hash > hash) own.splice(at, 0, sample);
      }
    }
    for (let at = 0; at < own.length && at < size; at++) merged.push(own[at]!);
  }
}

function grow<T extends Uint8Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Captions that are kept as long as some entry has them; numbers of those that have gone are given again. */
function createKeptCaptions() {
  const ids: string[] = [];
  const texts: string[] = [];
  const hashes: number[] = [];
  const holders: number[] = [];
  const free: number[] = [];
  return {
    add({ id, url, text }: OfferedCaption, hash: number): number {
      const number = free.pop() ?? ids.length;
      ids[number] = id ?? url ?? "";
      texts[number] = cut(text);
      hashes[number] = hash;
      holders[number] = 0;
      return number;
    },
    hold(number: number): void {
      holders[number]!++;
    },
    release(number: number): void {
      if (--holders[number]! > 0) return;
      ids[number] = "";
      texts[number] = "";
      free.push(number);
    },
    /** Those that are kept, and where each number is found among them. */
    list() {
      const kept = [...holders.keys()].filter((number) => holders[number]! > 0);
      const numbers = new Uint32Array(holders.length);
      for (const [at, number] of kept.entries()) numbers[number] = at;
      return {
        numbers,
        hashes: Float64Array.from(kept, (number) => hashes[number]!),
        ids: kept.map((number) => ids[number]!),
        texts: kept.map((number) => texts[number]!),
      };
    },
  };
}

/** Draws captions with their matches: those with the smallest hashes. */
export interface MatchDraw {
  offer(hash: number, ids: Uint32Array): void;
  draw(): Draw;
}

/** Creates a draw of at most `size` captions; those of one hash are kept as one, with their number. */
export function createMatchDraw(size: number): MatchDraw {
  const byHash = new Map<number, { readonly ids: Uint32Array; times: number }>();
  let below = HASHES;
  const shrink = () => {
    const hashes = [...byHash.keys()].sort((a, b) => a - b);
    below = hashes[size] ?? below;
    for (const hash of hashes.slice(size)) byHash.delete(hash);
  };
  return {
    offer(hash, ids) {
      if (hash >= below) return;
      const same = byHash.get(hash);
      if (same !== undefined) {
        same.times++;
        return;
      }
      byHash.set(hash, { ids: ids.slice(), times: 1 });
      if (byHash.size > 2 * size) shrink();
    },
    draw() {
      shrink();
      const captions = [...byHash].map(([hash, { ids, times }]) => ({ hash, times, ids }));
      return { below, captions: captions.sort((a, b) => a.hash - b.hash) };
    },
  };
}
