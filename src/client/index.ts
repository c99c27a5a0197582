/** A client of the service (`worldmeta serve`), typed from its OpenAPI document; it runs in Node and in browsers. */
import createFetchClient, { type Client } from "openapi-fetch";
import type { components, operations, paths } from "./api.ts";

export type { components, operations, paths } from "./api.ts";

/** An entry as the service gives it. */
export type Entry = components["schemas"]["Entry"];
/** A job as the service gives it. */
export type Job = components["schemas"]["Job"];

/** Which service, and how to reach it. */
export interface ClientOptions {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** What changes take, and at other addresses than this machine's own everything. */
  readonly token?: string;
  /** In place of the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** What happens to a job. */
export type JobEvent =
  | { readonly kind: "job"; readonly data: Job }
  | { readonly kind: "progress"; readonly data: NonNullable<Job["progress"]> }
  | { readonly kind: "report"; readonly data: unknown };

/** Asks a service. `GET`, `POST` and `DELETE` take a path of the document and answer `{data, error, response}`. */
export interface ServiceClient extends Client<paths> {
  /** All entries that meet a query, page after page. Throws `ServiceError`. */
  entries(code: string, query?: operations["searchEntries"]["parameters"]["query"]): AsyncGenerator<Entry>;
  /** What happens to a job, from what it is now to its end. Throws `ServiceError`. */
  watch(job: number): AsyncGenerator<JobEvent>;
  /** A job when it has ended. Throws `ServiceError`. */
  finish(job: number): Promise<Job>;
}

/** The service has refused something. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
  }
}

/** The data of an answer; throws a `ServiceError` if there is none. */
export function dataOf<T>({
  data,
  error,
  response,
}: {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}): T {
  if (data !== undefined && error === undefined) return data;
  const { detail = response.statusText } = (error ?? {}) as { readonly detail?: string };
  throw new ServiceError(response.status, detail);
}

/** Milliseconds between questions whether a job has ended, where no event tells. */
const PAUSE = 200;

/** Creates a client of a service. */
export function createClient({ url, token, fetch: send = (request) => fetch(request) }: ClientOptions): ServiceClient {
  const baseUrl = url.replace(/\/$/, "");
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const client = createFetchClient<paths>({ baseUrl, headers, fetch: send });

  async function* entries(
    code: string,
    query: operations["searchEntries"]["parameters"]["query"] = {},
  ): AsyncGenerator<Entry> {
    let page = dataOf(await client.GET("/api/editions/{code}/entries", { params: { path: { code }, query } }));
    while (true) {
      yield* page.entries;
      if (page.next === null) return;
      const response = await send(new Request(baseUrl + page.next, { headers }));
      const answer = (await response.json().catch(() => ({}))) as typeof page;
      page = dataOf<typeof page>(response.ok ? { data: answer, response } : { error: answer, response });
    }
  }

  async function* watch(id: number): AsyncGenerator<JobEvent> {
    const { response, error } = await client.GET("/api/jobs/{id}/events", {
      params: { path: { id } },
      parseAs: "stream",
    });
    const body = dataOf({ data: response.ok ? response.body : undefined, error, response });
    if (body) yield* readEvents(body as ReadableStream<Uint8Array>);
  }

  async function finish(id: number): Promise<Job> {
    while (true) {
      const job = dataOf(await client.GET("/api/jobs/{id}", { params: { path: { id } } }));
      if (job.state !== "queued" && job.state !== "running") return job;
      // Nothing of it is of use but its end, and that a service which hears nothing of the job ends the stream at once.
      for await (const _ of watch(id));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  return Object.assign(client, { entries, watch, finish });
}

/** Server-sent events (HTML Living Standard, section 9.2) as the service writes them: one line of data each. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<JobEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const [kind, data] = [field("event"), field("data")];
        if (kind !== undefined && data !== undefined) yield { kind, data: JSON.parse(data) } as JobEvent;
      }
    }
  } finally {
    await reader.cancel();
  }
}
