/** A dump's bytes as text: which encoding they are in, and decoding that counts what is not valid. */
import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { UserError } from "../errors.ts";
import type { Segment } from "./input.ts";

/** Bytes looked at to tell the encoding, and longest XML declaration. */
const HEAD_BYTES = 256;
const MAX_DECLARATION = 4096;

/** Bytes to text; what a call gives is to be parsed before the next is asked for. */
export type Decode = (bytes: Uint8Array, last: boolean) => Iterable<string>;

/** What the first bytes of a file tell. */
interface Head {
  /** The segments read. */
  readonly segments: readonly Segment[];
  readonly encoding: string;
  /** Number of UTF-16 units of byte order mark, white space and XML declaration. */
  readonly prefix: number;
}

/** Read as far as it takes to tell whether this is XML. */
export async function readHead(source: AsyncGenerator<Segment>, path: string): Promise<Head> {
  const segments: Segment[] = [];
  for (;;) {
    const next = await source.next();
    if (next.done !== true) segments.push(next.value);
    const last = next.done === true;
    const bytes = Buffer.concat(segments.map((segment) => segment.bytes));
    if (bytes.length < HEAD_BYTES && !last) continue;
    const encoding = detectEncoding(bytes);
    const start = createTextDecoder(encoding, path).decode(bytes, { stream: !last });
    const body = start.replace(/^\uFEFF?\s*/, "");
    const declared = body.startsWith("<?xml");
    if (!last && (body.length < 5 || (declared && !body.includes("?>") && body.length < MAX_DECLARATION))) continue;
    if (body === "") throw new UserError(`${path}: the file is empty; give a MediaWiki XML export`);
    if (!body.startsWith("<")) throw new UserError(`${path}: is no XML; give a MediaWiki XML export`);
    const prefix = start.length - body.length + (/^<\?xml[^>]*\?>/.exec(body)?.[0].length ?? 0);
    return { segments, encoding, prefix };
  }
}

/** Leave out the first units but for the line ends, which keep the number of lines right. */
export function skipDeclaration(decode: Decode, units: number): Decode {
  let left = units;
  return function* (bytes, last) {
    for (const text of decode(bytes, last)) {
      if (left === 0) yield text;
      else {
        const skipped = text.slice(0, left);
        left -= skipped.length;
        yield skipped.replace(/[^\n]/g, "") + text.slice(skipped.length);
      }
    }
  };
}

/** The encoding that the first bytes tell: a byte order mark, zero bytes beside `<`, or the XML declaration. */
function detectEncoding(head: Uint8Array): string {
  const [a, b] = head;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0x3c && b === 0) return "utf-16le";
  if (a === 0 && b === 0x3c) return "utf-16be";
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)/.exec(
    Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1"),
  )?.[1];
  // Bytes that read as ASCII so far are no UTF-16, whatever the declaration says.
  return declared === undefined || /^(utf-?16|ucs-?2|iso-10646)/i.test(declared) ? "utf-8" : declared.toLowerCase();
}

function createTextDecoder(encoding: string, path: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true });
  } catch {
    throw new UserError(`${path}: the encoding '${encoding}' is not known; convert the file to UTF-8`);
  }
}

export function createDecoder(encoding: string, path: string, onReplaced: (count: number) => void): Decode {
  const decoder = createTextDecoder(encoding, path);
  if (decoder.encoding === "utf-8") return createUtf8Decoder(onReplaced);
  return function* (bytes, last) {
    // In these encodings U+FFFD cannot be told from what it replaces; nobody writes it on purpose.
    const text = decoder.decode(bytes, { stream: !last });
    let from = 0;
    for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) {
      yield text.slice(from, at);
      onReplaced(1);
      from = at;
    }
    yield text.slice(from);
  };
}

/** Tells `onReplaced` of invalid bytes when the text before their tag or line has been taken. */
export function createUtf8Decoder(onReplaced: (count: number) => void): Decode {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // Each chunk is cut at the end of a character, so that it can be checked by itself.
  let rest: Uint8Array = new Uint8Array(0);
  return function* (chunk, last) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = last ? bytes.length : findCharacterEnd(bytes);
    const whole = bytes.subarray(0, end);
    rest = bytes.slice(end);
    if (isUtf8(whole)) {
      yield decoder.decode(whole);
      return;
    }
    let valid = 0;
    for (let from = 0; from < whole.length; ) {
      const to = findMarkEnd(whole, from);
      const piece = whole.subarray(from, to);
      if (!isUtf8(piece)) {
        if (from > valid) yield decoder.decode(whole.subarray(valid, from));
        const text = decoder.decode(piece);
        const replaced = countReplacements(text) - countReplacementBytes(piece);
        if (replaced > 0) onReplaced(replaced);
        yield text;
        valid = to;
      }
      from = to;
    }
    if (valid < whole.length) yield decoder.decode(whole.subarray(valid));
  };
}

const LF = 0x0a;
const LESS = 0x3c;
const GREATER = 0x3e;

/** End of the stretch at `from` that neither a tag nor a line divides: so it lies within one page, wherever it is cut. */
function findMarkEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === LF || byte === GREATER) return at + 1;
    if (byte === LESS && at > from) return at;
  }
  return bytes.length;
}

/** Where the last character that may be incomplete begins. */
function findCharacterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function countReplacements(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) count += 1;
  return count;
}

/** How often the bytes hold U+FFFD itself, which is no fault. */
function countReplacementBytes(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = buffer.indexOf("\uFFFD"); at >= 0; at = buffer.indexOf("\uFFFD", at + 3)) count += 1;
  return count;
}
