/** What is sent bit by bit: lists as a whole, events of jobs, and files. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { PassThrough, Readable } from "node:stream";
import files from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type TObject, Type } from "typebox";
import { type Described, type Input, inputOf, schemaOf } from "./describe.ts";
import { isKnown } from "./entity-tags.ts";
import { findBelow } from "./jobs/inputs.ts";
import type { JobEvent, RunningJob } from "./jobs/runner.ts";
import { exportFolder, findExport, findJob, type Parts } from "./local.ts";
import { notFound } from "./operation.ts";
import { type EntryLines, FILTERS, LINE_FORMATS, type LineFormat } from "./resources/entries.ts";
import { EditionParams, object, whole } from "./schemas.ts";
import { readReply } from "./threads.ts";

/** Lists as a whole, files, and events of jobs. */
export async function addStreams(api: FastifyInstance, parts: Parts): Promise<void> {
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

  // Each answer names the folder of its export; this one must be there, also where nothing was exported.
  await api.register(files, { root: dirname(parts.exports), serve: false });
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
