/** A dump's bytes in pieces, each from what looks like a page's tag to the next. */
import type { Segment } from "./input.ts";

/** What a page's tag begins with; white space, `/` or `>` follows. */
export const PAGE_TAG = "<page";
const PAGE_TAG_BYTES = Buffer.from(PAGE_TAG);
const NAME_ENDS = new Set(Buffer.from(" \t\r\n/>"));

/** Bytes of one segment. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** If they begin with what looks like a page's tag: its place in the file. */
  readonly page: string | undefined;
  readonly owned: boolean;
}

/** The bytes of segments, cut before everything that looks like a page's tag, also where two segments meet. */
export async function* cutAtPages(segments: AsyncIterable<Segment>): AsyncGenerator<Piece> {
  // The end of a segment that may begin a tag: at most `<page`.
  let held: { readonly bytes: Uint8Array; readonly place: string; readonly owned: boolean } | undefined;
  for await (const { block, offset, bytes, owned } of segments) {
    const before = held?.bytes.length ?? 0;
    const all = held === undefined ? asBuffer(bytes) : Buffer.concat([held.bytes, bytes]);
    const placeOf = (at: number) => (at < before ? held!.place : `${block}+${offset + at - before}`);
    const ownedAt = (at: number) => (at < before ? held!.owned : owned);
    const pieces: Piece[] = [];
    let start = 0;
    let page: string | undefined;
    const end = all.length - countHeld(all);
    const push = (to: number) => {
      // What was held back and is no tag belongs to the segment before.
      if (start < before && page === undefined && to > before) {
        pieces.push({ bytes: all.subarray(start, before), page, owned: ownedAt(start) });
        start = before;
      }
      if (to > start) pieces.push({ bytes: all.subarray(start, to), page, owned: ownedAt(start) });
      start = to;
    };
    for (let at = all.indexOf(PAGE_TAG); at >= 0 && at < end; at = all.indexOf(PAGE_TAG, at + 1)) {
      if (!NAME_ENDS.has(all[at + PAGE_TAG.length]!)) continue;
      push(at);
      page = placeOf(at);
    }
    push(end);
    const next = end < all.length ? { bytes: all.subarray(end), place: placeOf(end), owned: ownedAt(end) } : undefined;
    yield* pieces;
    held = next;
  }
  if (held !== undefined) yield { bytes: held.bytes, page: undefined, owned: held.owned };
}

/** Number of bytes at the end that may begin a page's tag. */
function countHeld(bytes: Buffer): number {
  const from = bytes.lastIndexOf(0x3c);
  const count = from < 0 ? 0 : bytes.length - from;
  return count <= PAGE_TAG.length && PAGE_TAG_BYTES.subarray(0, count).equals(bytes.subarray(bytes.length - count))
    ? count
    : 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
