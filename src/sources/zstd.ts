/** Zstandard (RFC 8878): the library decodes blocks, but tells neither where a frame ends nor checks its checksum. */
import { Decompress } from "fzstd";
import loadXxhash, { type XXHashAPI } from "xxhash-wasm";

/** Zstandard data that cannot be decompressed; `offset` is the place in the compressed bytes, from 0. */
export class ZstdError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "ZstdError";
    this.offset = offset;
  }
}

const FRAME_MAGIC = 0xfd2fb528;
/** The first of 16 magic numbers of frames to be passed over. */
const SKIPPABLE_MAGIC = 0x184d2a50;

/** Largest window that is given memory, as with the zstd command unless it is told to take more. */
const MAX_WINDOW = 2 ** 27;

/** A frame that is being read. */
interface Frame {
  /** Decode the next bytes. */
  push(bytes: Uint8Array, last: boolean): readonly Uint8Array[];
  readonly hasChecksum: boolean;
  /** Checksum of what has been decoded: the lower half of its XXH64. */
  checksum(): number;
}

function openFrame({ create64 }: XXHashAPI, hasChecksum: boolean): Frame {
  let decoded: Uint8Array[] = [];
  const hash = create64();
  const decoder = new Decompress((bytes) => {
    if (bytes.length === 0) return;
    if (hasChecksum) hash.update(bytes);
    // The decoder goes on writing where it wrote; what leaves here must stay.
    decoded.push(bytes.slice());
  });
  return {
    hasChecksum,
    checksum: () => Number(BigInt.asUintN(32, hash.digest())),
    push(bytes, last) {
      decoded = [];
      decoder.push(bytes, last);
      return decoded;
    },
  };
}

type State = "magic" | "header" | "block" | "body" | "checksum" | "length" | "skipped";

/**
 * Decompresses Zstandard data of one frame or several, block by block; frames to be skipped are. Checks the checksums of
 * frames that have one. Throws `ZstdError` where the data is no Zstandard data, is damaged or ends early.
 */
export async function* decompressZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const xxhash = await loadXxhash();
  // Set in functions, so that the compiler must not think that it knows it.
  let state = "magic" as State;
  /** Bytes of a field of `wanted` bytes that have come, or number of bytes of a block or skipped frame that are to come. */
  let field: number[] = [];
  let wanted = 4;
  let left = 0;
  let frame = openFrame(xxhash, false);
  let isLast = false;
  let start = 0;
  let offset = 0;

  const expect = (next: State, count: number) => {
    state = next;
    field = [];
    wanted = count;
  };
  const push = (bytes: Uint8Array, last = false): readonly Uint8Array[] => {
    try {
      return frame.push(bytes, last);
    } catch (error) {
      throw new ZstdError(error instanceof Error ? error.message : String(error), start);
    }
  };
  const endFrame = (): readonly Uint8Array[] => {
    expect("magic", 4);
    return push(new Uint8Array(0), true);
  };
  const afterBody = (): readonly Uint8Array[] => {
    if (!isLast) expect("block", 3);
    else if (frame.hasChecksum) expect("checksum", 4);
    else return endFrame();
    return [];
  };
  const number = () => readNumber(field);

  /** What follows from a field that is there. */
  const takeField = (): readonly Uint8Array[] => {
    const bytes = Uint8Array.from(field);
    switch (state) {
      case "magic": {
        start = offset - 4;
        const magic = number();
        if (magic >= SKIPPABLE_MAGIC && magic < SKIPPABLE_MAGIC + 16) expect("length", 4);
        else if (magic === FRAME_MAGIC) {
          // With the descriptor, which tells how long the rest is.
          state = "header";
          wanted = 5;
        } else throw new ZstdError("damaged: no frame where one should begin", start);
        return [];
      }
      case "length":
        left = number();
        state = "skipped";
        if (left === 0) expect("magic", 4);
        return [];
      case "header": {
        const descriptor = field[4]!;
        const isSingleSegment = (descriptor & 0x20) !== 0;
        const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
        const length = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + sizeBytes;
        if (field.length < length) {
          wanted = length;
          return [];
        }
        const windowLog = 10 + (field[5]! >> 3);
        const window = isSingleSegment
          ? readNumber(field.slice(length - sizeBytes))
          : 2 ** windowLog + 2 ** (windowLog - 3) * (field[5]! & 7);
        if (window > MAX_WINDOW) {
          throw new ZstdError(`the frame needs ${window} bytes of memory, more than ${MAX_WINDOW}`, start);
        }
        frame = openFrame(xxhash, (descriptor & 4) !== 0);
        expect("block", 3);
        return push(bytes);
      }
      case "block": {
        start = offset - 3;
        const head = number();
        isLast = (head & 1) === 1;
        const isRepeated = ((head >> 1) & 3) === 1;
        left = isRepeated ? 1 : head >> 3;
        state = "body";
        const decoded = push(bytes);
        return left === 0 ? [...decoded, ...afterBody()] : decoded;
      }
      case "checksum": {
        const stored = number();
        const decoded = [...push(bytes), ...endFrame()];
        if (stored !== frame.checksum()) {
          throw new ZstdError("damaged: the frame's checksum is wrong", offset - 4);
        }
        return decoded;
      }
      default:
        return [];
    }
  };

  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (state === "body" || state === "skipped") {
        const count = Math.min(left, chunk.length - at);
        left -= count;
        offset += count;
        if (state === "body") yield* push(chunk.subarray(at, at + count));
        at += count;
        if (left > 0) continue;
        if (state === "body") yield* afterBody();
        else expect("magic", 4);
        continue;
      }
      field.push(chunk[at]!);
      at += 1;
      offset += 1;
      if (field.length === wanted) yield* takeField();
    }
  }
  if (state !== "magic" || field.length > 0) throw new ZstdError("the data ends too early", offset);
}

function readNumber(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
