/** What goes wrong, as it is told. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { RequestError } from "./operation.ts";
import { Failure } from "./schemas.ts";

/** Titles of failures, by status. */
const FAILURES: Readonly<Record<number, string>> = {
  400: "the request is not as it must be",
  401: "a token is needed",
  403: "not allowed here",
  404: "not there",
  405: "not in this way",
  409: "not as things are now",
  413: "too large",
  415: "of another type than JSON",
  422: "cannot be done",
  431: "too long",
  503: "not now, or not in time",
};

/** What any operation gives that fails. */
export const FAILED = { description: "what is wrong", content: { "application/problem+json": { schema: Failure } } };

type Failed = Error & { readonly statusCode?: number };

/** Answers with a failure, as RFC 9457 says; what is a fault of the program is logged and not told. */
export function sendFailure(error: Failed, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isKnown = error instanceof RequestError;
  const status = isKnown ? error.status : (error.statusCode ?? 500);
  if (status >= 500 && !isKnown) request.log.error({ err: error }, "a fault of worldmeta itself");
  const detail = status >= 500 && !isKnown ? "a fault of worldmeta itself; its log tells more" : error.message;
  if (status === 503) reply.header("retry-after", "1");
  return reply
    .code(status)
    .type("application/problem+json")
    .send(JSON.stringify({ title: FAILURES[status] ?? "failed", status, detail }));
}

/** Refuses what is no request of HTTP, or has too long a head, before there is anything to route. */
export function refuseRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nothing may come into the middle of an answer.
  const { _httpMessage: answer } = socket as Socket & { readonly _httpMessage?: { readonly headersSent: boolean } };
  if (error.code === "ECONNRESET" || !socket.writable || answer?.headersSent) return void socket.destroy();
  const isLong = error.code === "HPE_HEADER_OVERFLOW";
  const status = isLong ? 431 : 400;
  const detail = isLong ? "the path, query and headers are longer than 128 KiB together" : "this is no request of HTTP";
  const body = JSON.stringify({ title: FAILURES[status] ?? "failed", status, detail });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
