/** Tags by which a client says what it has already (RFC 9110, sections 8.8.3 and 13.1.2). */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/**
 * Gives answers of reading a tag of their bytes, and tells who has them already that nothing has changed.
 */
export function addTags(api: FastifyInstance): void {
  api.addHook("onSend", async ({ method, headers }, reply, payload) => {
    if (method !== "GET" || reply.statusCode !== 200) return payload;
    if (typeof payload !== "string" && !(payload instanceof Buffer)) return payload;
    const tag = `"${createHash("sha1").update(payload).digest("base64url")}"`;
    reply.header("etag", tag);
    if (!isKnown(headers["if-none-match"], tag)) return payload;
    reply.code(304);
    return "";
  });
}

/** True if a header `If-None-Match` has the tag among others, or stands for all. */
export function isKnown(header: string | undefined, tag: string): boolean {
  const tags = header?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  return tags !== undefined && (tags.includes(tag) || tags.includes("*"));
}
