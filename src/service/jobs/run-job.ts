/** Does the work of a job, as the command of its name does. */
import { getEdition } from "../../../languages/index.ts";
import { listsOfPools } from "../../curation/curator-lists.ts";
import { chooseLists } from "../../curation/lists-to-export.ts";
import { countPool, toFileJson } from "../../engine/count-pool.ts";
import { UserError } from "../../errors.ts";
import { exportLists } from "../../export/lists.ts";
import { exportMetaclip } from "../../export/metaclip.ts";
import { versions } from "../../fingerprint.ts";
import { type BuildReport, buildEditions } from "../../pipeline.ts";
import type { OnProgress } from "../../progress.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import { findBelow } from "./inputs.ts";
import type { JobRequest } from "./requests.ts";

/** Where and with what a job works. */
export interface JobPlace {
  readonly db: string;
  /** Folder of inputs, which paths of a request are relative to. */
  readonly inputs: string;
  /** Folder for the files of an export. */
  readonly out: string;
  readonly threads: number;
  /** Bytes, for counting tables or lists. */
  readonly memory: number;
}

/** Does a job to its end; `onReport` is called as soon as a part of the result is there, which the answer has all of. */
export async function runJob(
  job: JobRequest,
  place: JobPlace,
  { onProgress, onReport }: { readonly onProgress: OnProgress; onReport(report: unknown): void },
): Promise<unknown> {
  switch (job.kind) {
    case "build":
      return { builds: await build(job.request, place, onProgress, onReport) };
    case "count":
      return { files: await count(job.request, place, onProgress, onReport) };
    case "export":
      return writeExport(job.request, place);
  }
}

type Request<Kind extends JobRequest["kind"]> = Extract<JobRequest, { readonly kind: Kind }>["request"];

/** Paths on disk, and what the database is to call them: as they were given. Asked again, since files may have changed. */
function createPaths({ inputs }: JobPlace) {
  const names = new Map<string, string>();
  const toPaths = (files: readonly string[] = []) =>
    Promise.all(
      files.map(async (file) => {
        const path = await findBelow(inputs, file);
        if (path === undefined) throw new UserError(`no file ${file} in the folder of inputs`);
        names.set(path, file);
        return path;
      }),
    );
  return { names, toPaths };
}

async function build(
  request: Request<"build">,
  place: JobPlace,
  onProgress: OnProgress,
  onReport: (report: BuildReport) => void,
): Promise<BuildReport[]> {
  const { names, toPaths } = createPaths(place);
  const { db, threads, memory } = place;
  const work = buildEditions({
    ...{ db, threads, memory, names, onProgress },
    editions: request.editions.map(getEdition),
    dumps: await toPaths(request.dumps),
    texts: await toPaths(request.texts),
    pageviews: await toPaths(request.pageviews),
    wordnets: await toPaths(request.wordnets),
    vocabularies: await toPaths(request.vocabularies),
    profile: request.profile ?? "corrected",
    force: request.force ?? false,
  });
  const reports: BuildReport[] = [];
  for await (const report of work) {
    reports.push(report);
    onReport(report);
  }
  return reports;
}

async function count(
  request: Request<"count">,
  place: JobPlace,
  onProgress: OnProgress,
  onReport: (report: unknown) => void,
): Promise<unknown[]> {
  const { names, toPaths } = createPaths(place);
  const { db, threads, memory } = place;
  const { textField, idField, langField, urlField, format, scheme, lang, identify, keepRepeats } = request;
  const reports: unknown[] = [];
  await countPool({
    ...{ db, threads, memory, names, onProgress, name: request.pool, paths: await toPaths(request.files) },
    ...{ format, scheme, lang, identify, repeats: keepRepeats ? "kept" : undefined },
    fields: { text: textField, id: idField, lang: langField, url: urlField },
    profile: request.profile ?? "corrected",
    onFile(report) {
      reports.push(toFileJson(report));
      onReport(reports.at(-1));
    },
  });
  return reports;
}

async function writeExport(request: Request<"export">, { db: path, out: directory }: JobPlace): Promise<unknown> {
  const { format, editions = [], groups = [], pools = [], profile = "corrected" } = request;
  // The list of a group may have to be made first.
  const db = openDatabase(path);
  try {
    if (format === "metaclip") {
      const named = [...groups, ...editions.map((code) => getEdition(code).lidGroup)];
      const { lists, counted, scheme, notes } = listsOfPools(db, { pools, groups: named, profile });
      const { files } = await exportMetaclip({ lists, directory, profile, versions: versions(), counted, scheme });
      return { files: files.length + 1, notes };
    }
    const { notes, ...chosen } = chooseLists(db, { editions, groups, pools, profile });
    const exported = await exportLists({ ...chosen, format, directory, profile, versions: versions() });
    return { lists: exported.map(({ code, entries, bytes }) => ({ code, entries, bytes })), notes };
  } finally {
    closeDatabase(db);
  }
}
