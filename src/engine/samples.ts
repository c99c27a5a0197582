/**
 * Captions drawn by hash, the same whatever the order in which they come: a few for each entry, to be read; and some of
 * all, with their matches, from which is told what thresholds would keep.
 */
import { type Draw, HASHES } from "../balancing/draw.ts";

/** A caption that holds an entry. */
export interface SampledCaption {
  readonly entry: number;
  /** From 0 to below 2^53. */
  readonly hash: number;
  readonly id: string;
  readonly text: string;
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
  list(): SampledCaption[];
}

type Kept = Omit<SampledCaption, "entry">;

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

/** Creates a sampler of `size` captions, those with the smallest hashes, for each of so many entries. */
export function createSampler(entries: number, size: number): Sampler {
  // Of each entry the greatest hash kept, in steps of 2^21; most captions are told by it that they come too late.
  const worst = new Uint32Array(entries).fill(0xffffffff);
  const byEntry = new Map<number, Kept[]>();
  return {
    offer(ids, hash, { id, url, text }) {
      const high = Math.floor(hash / HIGH);
      let caption: Kept | undefined;
      for (const entry of ids) {
        if (high > worst[entry]!) continue;
        caption ??= { hash, id: id ?? url ?? "", text: cut(text) };
        const kept = byEntry.get(entry);
        if (kept === undefined) {
          byEntry.set(entry, [caption]);
          continue;
        }
        if (kept.some((other) => other.hash === hash)) continue;
        kept.push(caption);
        kept.sort((a, b) => a.hash - b.hash);
        if (kept.length > size) kept.pop();
        if (kept.length === size) worst[entry] = Math.floor(kept.at(-1)!.hash / HIGH);
      }
    },
    list: () =>
      [...byEntry]
        .sort(([a], [b]) => a - b)
        .flatMap(([entry, captions]) => captions.map((caption) => ({ entry, ...caption }))),
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
