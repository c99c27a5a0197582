/** What can be asked for over HTTP: each operation says its place, what it takes and gives, and how it is answered. */
import type { Static, TObject, TSchema } from "typebox";
import type { Context } from "./context.ts";

/** Nothing at all. */
export type NoProperties = TObject<Record<never, never>>;

/** Parameters of a path and of a query as one object, the body under `body`. */
export type InputOf<P extends TObject, Q extends TObject, B extends TSchema> = Static<P> &
  Static<Q> & { readonly body: Static<B> };

/** One operation, answered in JSON by a thread that has the database open. */
export interface Operation<
  P extends TObject = TObject,
  Q extends TObject = TObject,
  B extends TSchema = TSchema,
  A extends TSchema = TSchema,
> {
  /** Its `operationId` in the OpenAPI document. */
  readonly id: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Parameters as `:name`. */
  readonly url: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  /** Status of an answer; 200 if not given. */
  readonly status?: 200 | 201;
  /** Reads, or if the method is not GET changes, the database. */
  run(context: Context, input: InputOf<P, Q, B>): Static<A> | Promise<Static<A>>;
}

/** An operation whose types are known to nobody but itself: what it takes is checked against its schemas. */
export type AnyOperation = Omit<Operation, "run"> & {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  run(context: Context, input: any): unknown;
};

/** Makes an operation, its input and answer typed by its schemas. */
export function define<
  A extends TSchema,
  P extends TObject = NoProperties,
  Q extends TObject = NoProperties,
  B extends TSchema = TSchema,
>(operation: Operation<P, Q, B, A>): AnyOperation {
  return operation;
}

/** Makes an operation that the service asks of its own threads; nobody can ask for it over HTTP. */
export function internal<I>(id: string, run: (context: Context, input: I) => unknown): AnyOperation {
  return { id, method: "GET", url: "", tag: "", summary: "", answer: {}, run };
}

/** A request that cannot be answered as it is. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}

/** What is asked for is not there. */
export function notFound(message: string): RequestError {
  return new RequestError(404, message);
}
