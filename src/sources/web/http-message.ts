/** HTTP responses as web archives hold them: header and body, with what was done to the body for the way undone. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** A response. */
export interface HttpResponse {
  /** Values by name in small letters; of a name that stands more than once the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it was sent. */
  readonly body: Buffer;
}

/** Splits a response; undefined if the bytes are none. */
export function readHttpResponse(bytes: Buffer): HttpResponse | undefined {
  if (bytes.toString("latin1", 0, 5).toUpperCase() !== "HTTP/") return undefined;
  let body = bytes.length;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] !== LF) continue;
    body = next + 1;
    break;
  }
  const headers = new Map<string, string>();
  const lines = bytes
    .toString("latin1", 0, body)
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/);
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: bytes.subarray(body) };
}

const LF = 0x0a;
const CR = 0x0d;

/** Why a body cannot be had: its coding is unknown or damaged, or it is longer than allowed. */
export type BodyFault = "damaged" | "long";

/**
 * Undoes chunks and compression (gzip, deflate, br) as the header names them. Archives often hold a body of which that has
 * been undone already while the header stands as it was: a body that is not as the header says, but looks like a page, is
 * taken as it is. Of a body that ends too early what there is of it is given.
 *
 * @param limit longest body in bytes
 */
export function decodeBody({ headers, body }: HttpResponse, limit: number): Buffer | BodyFault {
  let bytes = body;
  if (/\bchunked\b/i.test(headers.get("transfer-encoding") ?? "")) bytes = joinChunks(bytes) ?? bytes;
  const codings = (headers.get("content-encoding") ?? "").toLowerCase().split(",");
  for (const coding of codings.reverse()) {
    const undone = decompress(bytes, coding.trim(), limit);
    const isNothing = undone === "damaged" || (undone.length === 0 && bytes.length > 0);
    if (isNothing && looksLikePage(bytes)) break;
    if (isNothing || undone === "long") return isNothing ? "damaged" : "long";
    bytes = undone;
  }
  return bytes;
}

function looksLikePage(bytes: Buffer): boolean {
  return bytes
    .toString("latin1", 0, 64)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .startsWith("<");
}

/** The content of chunks (RFC 9112, section 7.1); undefined if the body has none. */
function joinChunks(body: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(LF, at);
    const size =
      end < 0 || end - at > MAX_SIZE_LINE
        ? undefined
        : /^\s*([\da-f]+)\s*(?:;|$)/i.exec(body.toString("latin1", at, end))?.[1];
    // Of a body that is damaged further on, what came before.
    if (size === undefined || size.length > 12) return chunks.length === 0 ? undefined : Buffer.concat(chunks);
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    chunks.push(body.subarray(end + 1, end + 1 + length));
    at = end + 1 + length;
    if (body[at] === CR) at += 1;
    if (body[at] === LF) at += 1;
  }
  return Buffer.concat(chunks);
}

const MAX_SIZE_LINE = 1024;

function decompress(bytes: Buffer, coding: string, limit: number): Buffer | BodyFault {
  const options = { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    switch (coding) {
      case "":
      case "identity":
        return bytes;
      case "gzip":
      case "x-gzip":
        return gunzipSync(bytes, options);
      case "deflate":
        // Many servers leave out the header of zlib (RFC 9110, section 8.4.1.2).
        return isZlib(bytes) ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
      case "br":
        return brotliDecompressSync(bytes, { maxOutputLength: limit, finishFlush: constants.BROTLI_OPERATION_FLUSH });
      default:
        return "damaged";
    }
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? "long" : "damaged";
  }
}

function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}
