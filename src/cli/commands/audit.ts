import type { Command } from "commander";
import { type Queue, queuesOf } from "../../curation/queues.ts";
import { readWordList } from "../../sources/word-list.ts";
import type { Database } from "../../store/database.ts";
import { countBySource, hasEntries, searchEntries } from "../../store/entries.ts";
import { listSetAside } from "../../store/set-aside.ts";
import { type CurrentList, type ListOptions, withList } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addProfileOption } from "../options.ts";
import { print, printJson } from "../output.ts";
import { problemLines } from "../problem-lines.ts";
import { withFiles } from "../standard-input.ts";
import { formatBytes, formatNumber, formatShare, formatTable, isolate } from "../table.ts";

interface AuditOptions extends ListOptions {
  readonly vocabulary?: string;
  readonly json?: boolean;
}

const SAMPLES = 8;
/** Code points of a sample that are shown. */
const SAMPLE_LENGTH = 40;

export function addAuditCommand(program: Command): void {
  const command = program
    .command("audit <code>")
    .description("Sizes, flags and inputs of an edition's list, and how much of a word list it covers.")
    .option("--vocabulary <file>", "word list, one a line, also compressed or -: which share of it are entries")
    .action((code: string, options: AuditOptions) =>
      withList(code, options, async (list) => {
        const report = await audit(list, options.vocabulary);
        if (options.json) {
          const { sizes, queues, coverage } = report;
          const flags = Object.fromEntries(
            queues.filter(({ kind }) => kind === "flag").map(({ name, size }) => [name, size]),
          );
          const { missing: _, ...shares } = coverage ?? { missing: [] };
          await printJson({ sizes, flags, ...(coverage !== undefined && { coverage: shares }) });
        } else await print(formatAudit(list, report));
      }),
    );
  addDbOption(command);
  addProfileOption(command);
  addJsonOption(command);
  addExamples(command, "worldmeta audit ltg", "worldmeta audit ja --vocabulary words.txt --json");
}

interface Audit {
  readonly sizes: Readonly<Record<string, number>>;
  readonly queues: readonly Queue[];
  readonly coverage:
    | { readonly listed: number; readonly total: number; readonly share: number; readonly missing: readonly string[] }
    | undefined;
}

async function audit({ db, build }: CurrentList, vocabulary: string | undefined): Promise<Audit> {
  const sizes = countBySource(db, build.id);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  return {
    sizes: { ...sizes, total },
    queues: queuesOf(db, build.id),
    coverage: vocabulary === undefined ? undefined : await cover({ db, build }, vocabulary),
  };
}

/** How many of the words of a file are entries. */
async function cover({ db, build }: Pick<CurrentList, "db" | "build">, path: string): Promise<Audit["coverage"]> {
  const words = await withFiles([path], ([file]) => readWordList(file!));
  const found = hasEntries(db, build.id, words);
  return {
    listed: found.size,
    total: words.size,
    share: words.size === 0 ? 0 : found.size / words.size,
    missing: [...words].filter((word) => !found.has(word)),
  };
}

function formatAudit({ db, edition, build }: CurrentList, { sizes, queues, coverage }: Audit): string {
  const parts: string[] = [];
  parts.push(
    `${edition.code} · ${edition.name} · ${isolate(edition.autonym)} · ${build.profile} · build ${build.id} of ${build.finished}\n`,
  );
  const total = sizes.total ?? 0;
  parts.push(
    formatTable(
      [{ title: "source" }, { title: "entries", align: "right" }, { title: "share", align: "right" }],
      Object.entries(sizes).map(([source, size]) => [source, size, total === 0 ? "" : formatShare(size / total)]),
    ),
  );
  for (const kind of ["flag", "set-aside"] as const) {
    const waiting = queues.filter((queue) => queue.kind === kind && queue.size > 0);
    if (waiting.length === 0) continue;
    const titles = kind === "flag" ? ["flag", "entries"] : ["set aside", "strings"];
    parts.push(
      formatTable(
        [
          ...[{ title: titles[0]! }, { title: titles[1]!, align: "right" as const }],
          ...[{ title: "meaning" }, { title: "for example" }],
        ],
        waiting.map((queue) => {
          const samples = sample(db, build.id, queue).map(isolate).join(" · ");
          return [queue.name, queue.size, queue.meaning, samples];
        }),
      ),
    );
  }
  if (coverage !== undefined) {
    const missing = coverage.missing.slice(0, SAMPLES).map(isolate).join(" · ");
    parts.push(
      `vocabulary: ${formatNumber(coverage.listed)} of ${formatNumber(coverage.total)} words are entries ` +
        `(${formatShare(coverage.share)})${missing === "" ? "" : `; not: ${missing} …`}\n`,
    );
  }
  parts.push(
    formatTable(
      [{ title: "input" }, { title: "file" }, { title: "size", align: "right" }, { title: "licence" }],
      build.inputs.map(({ kind, path, bytes, licence }) => [kind, path, formatBytes(bytes ?? 0), licence]),
    ),
  );
  if (build.problems.length > 0) parts.push(`${problemLines(build.problems).join("\n")}\n`);
  return parts.join("\n");
}

/** The first texts of a queue, long ones cut. */
function sample(db: Database, build: number, queue: Queue): string[] {
  const rows =
    queue.kind === "flag"
      ? searchEntries(db, build, { flag: queue.name, limit: SAMPLES })
      : listSetAside(db, build, { reason: queue.name, limit: SAMPLES });
  return rows.map(({ text }) => {
    const points = [...text];
    return points.length > SAMPLE_LENGTH ? `${points.slice(0, SAMPLE_LENGTH).join("")}…` : text;
  });
}
