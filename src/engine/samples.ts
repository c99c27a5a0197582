/** A few captions for each entry, drawn by hash: the same whatever the order in which captions come. */

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
  /** Offers a caption as a sample of the entries that it holds; it is told by its id, or else its URL. */
  offer(ids: Uint32Array, caption: OfferedCaption): void;
  list(): SampledCaption[];
}

type Kept = Omit<SampledCaption, "entry">;

/** A caption is kept up to so many units: it is to be read by people. */
const TEXT_UNITS = 300;
const HIGH = 2 ** 21;

/** A hash of text, 0 to below 2^53: two runs of multiplications over UTF-16 units, mixed in the end (as MurmurHash3 does). */
export function hashText(text: string): number {
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
    offer(ids, { id, url, text }) {
      const name = id ?? url ?? "";
      const hash = hashText(`${name}\n${text}`);
      const high = Math.floor(hash / HIGH);
      let caption: Kept | undefined;
      for (const entry of ids) {
        if (high > worst[entry]!) continue;
        caption ??= { hash, id: name, text: cut(text) };
        const kept = byEntry.get(entry);
        if (kept === undefined) {
          byEntry.set(entry, [caption]);
          continue;
        }
        // The same caption again, or of one hash: the first that came stays, and a merge decides by id.
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
