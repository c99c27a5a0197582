import type { Command } from "commander";
import { normalize } from "../../../languages/normalize.ts";
import { FLAGS, type Flag, SET_ASIDE_REASONS, type SetAsideReason } from "../../entries/types.ts";
import { readLines } from "../../sources/input.ts";
import { countByFlag, countBySource, countSetAside, hasEntries, searchEntries } from "../../store/entries.ts";
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

export function addAuditCommand(program: Command): void {
  const command = program
    .command("audit <code>")
    .description("Sizes, flags and inputs of an edition's list, and how much of a word list it covers.")
    .option("--vocabulary <file>", "word list, one a line, also compressed or -: which share of it are entries")
    .action((code: string, options: AuditOptions) =>
      withList(code, options, async (list) => {
        const report = await audit(list, options.vocabulary);
        if (options.json) {
          const { sizes, flags, coverage } = report;
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
  readonly flags: Readonly<Record<Flag, number>>;
  readonly setAside: Readonly<Partial<Record<SetAsideReason, number>>>;
  readonly coverage:
    | { readonly listed: number; readonly total: number; readonly share: number; readonly missing: readonly string[] }
    | undefined;
}

async function audit({ db, build }: CurrentList, vocabulary: string | undefined): Promise<Audit> {
  const sizes = countBySource(db, build.id);
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  return {
    sizes: { ...sizes, total },
    flags: countByFlag(db, build.id),
    setAside: countSetAside(db, build.id),
    coverage: vocabulary === undefined ? undefined : await cover({ db, build }, vocabulary),
  };
}

/** How many of the words of a file are entries. */
async function cover({ db, build }: Pick<CurrentList, "db" | "build">, path: string): Promise<Audit["coverage"]> {
  const words = new Set<string>();
  const decoder = new TextDecoder();
  await withFiles([path], async ([file]) => {
    for await (const line of readLines(file!)) words.add(normalize(decoder.decode(line)));
  });
  words.delete("");
  const found = hasEntries(db, build.id, words);
  return {
    listed: found.size,
    total: words.size,
    share: words.size === 0 ? 0 : found.size / words.size,
    missing: [...words].filter((word) => !found.has(word)),
  };
}

function formatAudit({ db, edition, build }: CurrentList, { sizes, flags, setAside, coverage }: Audit): string {
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
  const flagged = (Object.keys(FLAGS) as Flag[]).filter((flag) => flags[flag] > 0);
  if (flagged.length > 0) {
    parts.push(
      formatTable(
        [{ title: "flag" }, { title: "entries", align: "right" }, { title: "meaning" }, { title: "for example" }],
        flagged.map((flag) => {
          const samples = searchEntries(db, build.id, { flag, limit: SAMPLES });
          return [flag, flags[flag], FLAGS[flag], samples.map(({ text }) => isolate(text)).join(" · ")];
        }),
      ),
    );
  }
  const aside = Object.entries(setAside) as [SetAsideReason, number][];
  if (aside.length > 0) {
    parts.push(
      formatTable(
        [{ title: "set aside" }, { title: "strings", align: "right" }, { title: "meaning" }],
        aside.map(([reason, size]) => [reason, size, SET_ASIDE_REASONS[reason]]),
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
