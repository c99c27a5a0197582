/** What Fastify and the OpenAPI document are told of an operation, and what a request brings. */
import type { FastifyRequest, FastifySchema } from "fastify";
import { FAILED } from "./failures.ts";
import type { AnyOperation } from "./operation.ts";
import { object } from "./schemas.ts";

/** An operation as it is described. */
export type Described = Pick<AnyOperation, "id" | "method" | "url" | "tag" | "summary"> & Partial<AnyOperation>;

/** What Fastify and the OpenAPI document are told of an operation; `content` is what it gives in place of JSON. */
export function schemaOf(
  operation: Described,
  content?: Readonly<Record<string, object>>,
): FastifySchema & Record<string, unknown> {
  const { id, method, tag, summary, description, params, query, body, answer, status = 200 } = operation;
  const isChange = method !== "GET";
  return {
    ...{ operationId: id, tags: [tag], summary },
    ...(description !== undefined && { description }),
    ...(params !== undefined && { params }),
    querystring: query ?? object({}),
    ...(body !== undefined && { body }),
    ...(isChange && { security: [{ token: [] }] }),
    response: {
      ...(!isChange && { 304: { description: "nothing has changed", type: "null" } }),
      [status]: { description: "the answer", content: content ?? { "application/json": { schema: answer ?? {} } } },
      default: FAILED,
    },
  };
}

/** Parameters of a request, and its body. */
export type Input = Readonly<Record<string, unknown>>;

/** What an operation is given of a request. */
export function inputOf(request: FastifyRequest): Input {
  const given = { ...(request.params as Input), ...(request.query as Input) };
  return request.body === undefined || request.body === null ? given : { ...given, body: request.body };
}
