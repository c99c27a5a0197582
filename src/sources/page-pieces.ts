/** A dump's bytes in pieces, each from what looks like a page's tag to the next. */
import type { Segment } from "./input.ts";

const TAG = "<page";
const TAG_BYTES = Buffer.from(TAG);
/** White space, `/` or `>`: what follows the name of a page's tag. */
const NAME_ENDS = new Set(Buffer.from(" \t\r\n/>"));

/** Number of bytes by which a page's tag is told: its name and what ends the name. */
export const PAGE_TAG_BYTES = TAG.length + 1;

/** A stretch of bytes. */
export interface Piece {
  /** The bytes; those by which a page's tag is told are not divided. */
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  /** If they begin with what looks like a page's tag: its place in the file. */
  readonly page: string | undefined;
  /** Whether the first of them belongs to the range. */
  readonly owned: boolean;
}

/** A piece that goes on. */
interface OpenPiece {
  readonly parts: Uint8Array[];
  length: number;
  readonly page: string | undefined;
  readonly owned: boolean;
}

/** The end of a segment that may begin a tag. */
interface Held {
  readonly bytes: Uint8Array;
  readonly place: string;
  readonly owned: boolean;
}

/**
 * Cuts the bytes of segments before everything that looks like a page's tag, also where segments meet; yields the pieces
 * of one segment at a time.
 *
 * A segment's end ends a piece too, unless the piece is one of the range's pages and has no more than `joined` bytes so
 * far: its parts wait for its end. If reading fails, what waits is yielded before the error is thrown. The pieces are
 * views of the segments.
 */
export async function* cutAtPages(segments: AsyncIterable<Segment>, joined: number): AsyncGenerator<readonly Piece[]> {
  let open: OpenPiece | undefined;
  let held: Held | undefined;
  let ready: Piece[] = [];
  const close = () => {
    if (open !== undefined) ready.push(open);
    open = undefined;
  };
  const add = (bytes: Uint8Array, owned: boolean) => {
    if (bytes.length === 0) return;
    open ??= { parts: [], length: 0, page: undefined, owned };
    open.parts.push(bytes);
    open.length += bytes.length;
  };
  const begin = (page: string, owned: boolean) => {
    close();
    open = { parts: [], length: 0, page, owned };
  };
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };

  try {
    for await (const { block, offset, bytes, owned } of segments) {
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // Views of a plain array are made four times as fast as those of a buffer.
      const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const placeOf = (at: number) => `${block}+${offset + at}`;
      let start = 0;
      if (held !== undefined) {
        const seam = Buffer.concat([held.bytes, all.subarray(0, PAGE_TAG_BYTES - held.bytes.length)]);
        if (seam.length < PAGE_TAG_BYTES && TAG_BYTES.subarray(0, seam.length).equals(seam)) {
          held = { ...held, bytes: seam };
          continue;
        }
        const isTag = TAG_BYTES.equals(seam.subarray(0, TAG.length)) && endsName(seam[TAG.length]);
        if (isTag) begin(held.place, held.owned);
        // What was held back and is no tag belongs to the segment before.
        add(isTag ? seam : held.bytes, held.owned);
        if (isTag) start = seam.length - held.bytes.length;
        held = undefined;
      }
      const end = all.length - countHeld(all, start);
      for (let at = all.indexOf(TAG_BYTES, start); at >= 0 && at < end; at = all.indexOf(TAG_BYTES, at + 1)) {
        if (!endsName(all[at + TAG.length])) continue;
        add(plain.subarray(start, at), owned);
        begin(placeOf(at), owned);
        start = at;
      }
      add(plain.subarray(start, end), owned);
      if (end < all.length) held = { bytes: plain.subarray(end), place: placeOf(end), owned };
      if (open !== undefined && !(open.page !== undefined && open.owned && open.length <= joined)) close();
      if (ready.length > 0) yield take();
    }
  } catch (error) {
    close();
    yield take();
    throw error;
  }
  if (held !== undefined) add(held.bytes, held.owned);
  close();
  yield take();
}

function endsName(byte: number | undefined): boolean {
  return byte !== undefined && NAME_ENDS.has(byte);
}

/** Number of bytes at the end, from `start` on, that may begin a page's tag. */
function countHeld(bytes: Buffer, start: number): number {
  const from = bytes.lastIndexOf(0x3c);
  const count = from < start ? 0 : bytes.length - from;
  return count <= TAG.length && TAG_BYTES.subarray(0, count).equals(bytes.subarray(bytes.length - count)) ? count : 0;
}
