/** The HTTP server: routes, access, the OpenAPI document and its viewer. */
import { createHash } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PassThrough, Readable } from "node:stream";
import files from "@fastify/static";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import createFastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
  LogController,
} from "fastify";
import { type TObject, Type } from "typebox";
import { packageVersion } from "../fingerprint.ts";
import { bearsToken, namesLoopback } from "./access.ts";
import { findBelow } from "./jobs/inputs.ts";
import type { JobEvent, RunningJob } from "./jobs/runner.ts";
import { exportFolder, findExport, findJob, LOCAL_OPERATIONS, type Parts } from "./local.ts";
import { type AnyOperation, notFound, RequestError } from "./operation.ts";
import { type EntryLines, FILTERS, LINE_FORMATS, type LineFormat } from "./resources/entries.ts";
import { OPERATIONS } from "./resources/index.ts";
import { EditionParams, Failure, object, SHAPES, whole } from "./schemas.ts";
import { readReply } from "./threads.ts";
import { compileValidator } from "./validation.ts";

/** What a server is made of. */
export interface ServerOptions extends Parts {
  /** Undefined if nothing may be changed. */
  readonly token: string | undefined;
  /** True if only this machine reaches it: then reading takes no token. */
  readonly isLoopback: boolean;
  /** Least level of what is logged, one JSON object a line on standard error. */
  readonly logLevel: string;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** True for what anybody may ask. */
    readonly isOpen?: boolean;
  }
}

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
const FAILED = { description: "what is wrong", content: { "application/problem+json": { schema: Failure } } };

type Described = Pick<AnyOperation, "id" | "method" | "url" | "tag" | "summary"> & Partial<AnyOperation>;

/** What Fastify and the OpenAPI document are told of an operation; `content` is what it gives in place of JSON. */
function schemaOf(
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

const TAGS = [
  { name: "editions", description: "Wikipedia editions and the builds of their lists" },
  { name: "entries", description: "The entries of a list" },
  { name: "differences", description: "What changed between builds" },
  { name: "captions", description: "What happens to a caption" },
  { name: "pools", description: "Pools of captions and their counts" },
  { name: "thresholds", description: "The count from which on captions of an entry are thinned out" },
  { name: "reviews", description: "Decisions about entries" },
  { name: "jobs", description: "Work that takes longer" },
  { name: "exports", description: "Files for curators" },
  { name: "service", description: "The service itself" },
];

/** A server, and what closes it. */
export interface Server {
  readonly app: FastifyInstance;
  /** Lets requests that run end; takes no others. */
  close(): Promise<void>;
}

/** The server, not yet listening. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { isLoopback, logLevel } = options;
  const app = createFastify({
    logger: { level: logLevel, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: true }),
    ...{ forceCloseConnections: "idle", bodyLimit: 16 << 20, return503OnClosing: true },
    // A text of LONGEST_TEXT in a query takes up to 9 bytes a character.
    http: { maxHeaderSize: 128 << 10 },
    routerOptions: { maxParamLength: 4096 },
    clientErrorHandler: refuseRequest,
    // Of what has no route, since its path cannot be read.
    frameworkErrors: sendFailure,
    // A list would be read as a whole for its head.
    exposeHeadRoutes: false,
  });
  app.setValidatorCompiler(compileValidator);
  // Threads give JSON that is as the schemas say; what this thread gives is small.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  for (const [id, shape] of SHAPES) app.addSchema({ ...shape, $id: id });
  const close = createCloser(app);
  guard(app, options);
  refuseOthers(app);
  explainFailures(app);
  logRequests(app);

  await app.register(swagger, {
    refResolver: { buildLocalReference: ({ $id }, _, __, number) => String($id ?? `shape${number}`) },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "worldmeta",
        version: packageVersion(),
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
        description:
          "Metadata for CLIP-style training, for every Wikipedia edition: lists of entries, counts of captions, thresholds, reviews, and the work behind them." +
          " Changes take a token, as does everything where the service is reached from other machines.",
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "the token that the service was started with" },
        },
      },
      ...(!isLoopback && { security: [{ token: [] }] }),
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: VIEWER_POLICY,
    uiConfig: { docExpansion: "list", tryItOutEnabled: true },
  });
  await app.register(async (api) => {
    addTags(api);
    addOperations(api, options);
    const open = { schema: { hide: true }, config: { isOpen: true } };
    api.get("/openapi.json", open, () => app.swagger());
    api.get("/", open, (_, reply) => reply.redirect("/docs"));
  });
  await app.register(async (api) => {
    await addStreams(api, options);
  });
  return { app, close };
}

/** The OpenAPI document of the service, as one gives it that this machine alone reaches. */
export async function describeService(): Promise<object> {
  const nothing = undefined as never;
  const { app } = await createServer({
    ...{ threads: nothing, jobs: undefined, inputs: ".", exports: process.cwd(), started: 0 },
    ...{ token: undefined, isLoopback: true, logLevel: "silent" },
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

/** Lets in who may: everybody on this machine may read, who bears the token may change. */
function guard(app: FastifyInstance, { token, isLoopback }: ServerOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    // A browser sends no token with the address of a page.
    if (request.routeOptions.config.isOpen || request.routeOptions.url?.startsWith("/docs")) return;
    if (isLoopback && !namesLoopback(request.headers.host)) {
      throw new RequestError(403, "this service is for this machine only; ask for it as localhost");
    }
    const isChange = request.method !== "GET" && request.method !== "HEAD";
    if (!isChange && isLoopback) return;
    if (token === undefined) throw new RequestError(403, "the service was started for reading only");
    if (bearsToken(request.headers.authorization, token)) return;
    reply.header("www-authenticate", 'Bearer realm="worldmeta"');
    throw new RequestError(401, "this takes the service's token, as in: Authorization: Bearer TOKEN");
  });
}

/** Says of paths that are not there that they are not, and of others which methods they take. */
function refuseOthers(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    const parts = url.split(/(:\w+(?:\([^)]*\))?|\*$)/).map((part) => {
      const [, , allowed] = /^(:\w+)\(([^)]*)\)$/.exec(part) ?? [];
      if (part === "*") return ".*";
      return part.startsWith(":") ? (allowed ?? "[^/]+") : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    });
    routes.push({ pattern: new RegExp(`^${parts.join("")}$`), methods: [method].flat() });
  });
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    const path = request.url.split("?")[0]!;
    const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods));
    if (methods.size === 0) throw notFound(`nothing is at ${path}; see /docs`);
    const allowed = [...methods].sort().join(", ");
    reply.header("allow", allowed);
    throw new RequestError(405, `${path} takes ${allowed}`);
  };
  app.setNotFoundHandler(refuse);
  // Before a body is looked for, which some methods must have.
  app.addHook("onRequest", async (request, reply) => {
    if (request.is404) await refuse(request, reply);
  });
}

/** Refuses what is no request of HTTP, or has too long a head, before there is anything to route. */
function refuseRequest(error: NodeJS.ErrnoException, socket: Socket): void {
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

/** Failures as RFC 9457 says; what is a fault of the program is logged and not told. */
function explainFailures(app: FastifyInstance): void {
  app.setErrorHandler(sendFailure);
}

type Failed = Error & { readonly statusCode?: number };

function sendFailure(error: Failed, request: FastifyRequest, reply: FastifyReply): FastifyReply {
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

/** What pages of the viewer may load: what comes from here. */
const VIEWER_POLICY =
  "default-src 'self'; base-uri 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'";

/**
 * Gives answers of reading a tag of their bytes, and tells who has them already that nothing has changed (RFC 9110, sections
 * 8.8.3 and 13.1.2).
 */
function addTags(api: FastifyInstance): void {
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
function isKnown(header: string | undefined, tag: string): boolean {
  const tags = header?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  return tags !== undefined && (tags.includes(tag) || tags.includes("*"));
}

/** Milliseconds that requests have to end when the server closes. */
const PATIENCE = 30_000;

/**
 * What closes a server when all that it was asked is answered. Connections on which nothing is asked are cut off: a client
 * that has opened one for later would else hold up the end by a minute.
 */
function createCloser(app: FastifyInstance): () => Promise<void> {
  let asked = 0;
  app.addHook("onRequest", async (_, { raw }) => {
    asked++;
    // Also where the client has gone in the middle, of which the hook onResponse is not told.
    raw.once("close", () => {
      asked--;
    });
  });
  return async () => {
    const patience = Date.now() + PATIENCE;
    const cut = setInterval(() => {
      // Somebody may have stopped reading what he is sent.
      if (asked === 0 || Date.now() > patience) app.server.closeAllConnections();
    }, 20);
    try {
      await app.close();
    } finally {
      clearInterval(cut);
    }
  };
}

/** One line for each request, when it has ended. */
function logRequests(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    const { raw } = reply;
    raw.once("close", () => {
      const { method, url } = request;
      const about = { method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 };
      request.log.info(raw.writableFinished ? about : { ...about, isGone: true }, "answered");
    });
  });
}

type Input = Readonly<Record<string, unknown>>;

function inputOf(request: FastifyRequest): Input {
  const given = { ...(request.params as Input), ...(request.query as Input) };
  return request.body === undefined || request.body === null ? given : { ...given, body: request.body };
}

function addOperations(api: FastifyInstance, parts: ServerOptions): void {
  const { threads } = parts;
  for (const operation of OPERATIONS.values()) {
    const { id, method, url } = operation;
    if (url === "") continue;
    api.route({
      ...{ method, url, schema: schemaOf(operation) },
      async handler(request, reply) {
        const input = inputOf(request);
        const { status, body } = method === "GET" ? await threads.read(id, input) : await threads.write(id, input);
        return reply.code(status).type("application/json; charset=utf-8").send(Buffer.from(body.buffer));
      },
    });
  }
  for (const operation of LOCAL_OPERATIONS) {
    const { method, url, status = 200 } = operation;
    api.route({
      ...{ method, url, schema: schemaOf(operation), config: { isOpen: url === "/healthz" } },
      handler: async (request, reply) => reply.code(status).send(await operation.handle(parts, inputOf(request))),
    });
  }
}

/** Lists as a whole, files, and events of jobs. */
async function addStreams(api: FastifyInstance, parts: ServerOptions): Promise<void> {
  const textual = { schema: Type.String() };
  for (const format of Object.keys(LINE_FORMATS) as LineFormat[]) {
    const [type = ""] = LINE_FORMATS[format].split(";");
    const { sort: _, order: __, ...filters } = FILTERS;
    const operation: Described = {
      ...{
        id: `streamEntries${format === "csv" ? "Csv" : "Ndjson"}`,
        method: "GET",
        url: `/api/editions/:code/entries.${format}`,
      },
      ...{
        tag: "entries",
        summary: `All entries of a list, or those that meet conditions, as ${format === "csv" ? "CSV" : "JSON lines"}`,
      },
      ...{ params: EditionParams as TObject, query: object(filters) as TObject },
    };
    api.get(operation.url, { schema: schemaOf(operation, { [type]: textual }) }, (request, reply) =>
      sendLines(parts, format, request, reply),
    );
  }

  const events: Described = {
    ...{ id: "watchJob", method: "GET", url: "/api/jobs/:id(\\d+)/events", tag: "jobs" },
    summary: "What happens to a job, as server-sent events",
    description:
      "`job`: the job, first as it is; `progress`: how far it has come; `report`: a part of its result. The stream ends with the job.",
    params: object({ id: whole("number of the job") }) as TObject,
  };
  const streams = new Set<PassThrough>();
  api.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });
  api.get(events.url, { schema: schemaOf(events, { "text/event-stream": textual }) }, async (request, reply) => {
    const { id } = request.params as { readonly id: number };
    const stream = new PassThrough();
    streams.add(stream);
    const unwatch = watchJob(parts, id, stream);
    stream.once("close", () => {
      streams.delete(stream);
      unwatch();
    });
    try {
      const job = await findJob(parts, id);
      unwatch.begin(job);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return reply.type("text/event-stream; charset=utf-8").header("cache-control", "no-store").send(stream);
  });

  await api.register(files, { root: parts.exports, serve: false });
  const file: Described = {
    ...{ id: "getExportFile", method: "GET", url: "/api/exports/:id(\\d+)/files/*", tag: "exports" },
    summary: "A file of an export; parts of it, too, by the header Range",
    params: Type.Object({
      id: whole("number of the export"),
      "*": Type.String({ description: "path of the file" }),
    }) as TObject,
  };
  const anyFile = { "application/octet-stream": { schema: { type: "string", format: "binary" } } };
  const partly = {
    206: { description: "a part", content: anyFile },
    416: { description: "no such part", type: "null" },
  };
  const { response, ...schema } = schemaOf(file, anyFile);
  const withParts = { ...schema, response: { ...(response as object), ...partly } };
  api.get(file.url, { schema: withParts, exposeHeadRoute: true }, async (request, reply) => {
    const { id, "*": path } = request.params as { readonly id: number; readonly "*": string };
    await findExport(parts, id);
    const folder = exportFolder(parts.exports, id);
    if ((await findBelow(folder, path)) === undefined) throw notFound(`export ${id} has no file ${path}`);
    return reply.type("application/octet-stream").sendFile(path, folder, { contentType: false });
  });
}

/** Ends of jobs: nothing more happens to one that is in them, until it is begun again. */
const ENDS: ReadonlySet<string> = new Set(["resumable", "done", "failed", "cancelled"]);
/** A line is sent this often, in milliseconds, so that nobody in between takes the connection for dead. */
const HEARTBEAT = 15_000;

/**
 * Writes what happens to a job to a stream: the job as it is when `begin` is called with it, and what has happened since it is
 * watched. The stream ends when nothing more can happen, or be heard of. Stops when it is called itself.
 */
function watchJob({ jobs }: Parts, id: number, stream: PassThrough): { (): void; begin(job: RunningJob): void } {
  let early: JobEvent[] | undefined = [];
  const send = (event: JobEvent): void => {
    if (early !== undefined) return void early.push(event);
    if (stream.writableEnded || (event.kind === "progress" && stream.writableNeedDrain)) return;
    const data = event.kind === "job" ? event.job : event.kind === "progress" ? event.progress : event.report;
    stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`);
    // Of jobs of another service nothing is heard.
    if (event.kind === "job" && (ENDS.has(event.job.state) || jobs === undefined)) stop();
  };
  const unwatch = jobs?.watch(id, send);
  const heart = setInterval(() => {
    if (!stream.writableEnded && !stream.writableNeedDrain) stream.write(": still here\n\n");
  }, HEARTBEAT);
  const stop = (): void => {
    clearInterval(heart);
    unwatch?.();
    stream.end();
  };
  return Object.assign(stop, {
    begin(job: RunningJob) {
      const events = early ?? [];
      early = undefined;
      send({ kind: "job", job });
      for (const event of events) send(event);
    },
  });
}

/** Sends a list as lines; builds never change, so that the tag is known before the list is read. */
async function sendLines(
  parts: Parts,
  format: LineFormat,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { threads } = parts;
  const input = inputOf(request);
  const read = async (changes: Input): Promise<EntryLines> => {
    return readReply<EntryLines>(await threads.read("readLines", { ...input, format, ...changes }));
  };
  const first = await read({});
  const about = JSON.stringify([first.build, first.fingerprint, format, input]);
  const tag = `"${createHash("sha256").update(about).digest("base64url")}"`;
  reply.header("etag", tag).type(LINE_FORMATS[format]);
  if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
  async function* lines(): AsyncGenerator<string> {
    let page = first;
    yield page.lines;
    while (page.next !== null) {
      page = await read({ build: first.build, after: page.next });
      // A list that is pruned meanwhile must not look whole: the connection breaks off.
      yield page.lines;
    }
  }
  return reply.send(Readable.from(lines(), { objectMode: false }));
}
