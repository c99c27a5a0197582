/** The HTTP server: routes, access, the OpenAPI document and its viewer. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import createFastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { packageVersion } from "../fingerprint.ts";
import { bearsToken, namesLoopback } from "./access.ts";
import { inputOf, schemaOf } from "./describe.ts";
import { addTags } from "./entity-tags.ts";
import { refuseRequest, sendFailure } from "./failures.ts";
import { LOCAL_OPERATIONS, type Parts } from "./local.ts";
import { notFound, RequestError } from "./operation.ts";
import { OPERATIONS } from "./resources/index.ts";
import { SHAPES } from "./schemas.ts";
import { addStreams } from "./streams.ts";
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
  app.setErrorHandler(sendFailure);
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

/** What pages of the viewer may load: what comes from here. */
const VIEWER_POLICY =
  "default-src 'self'; base-uri 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'";

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
